"""An old Chromium with one page, driven by the DevTools protocol of its day.

Playwright's own scripts in the page are of today's syntax and do not run there.
"""

import base64
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import websocket

from tests.browser.old.unpack import folder

#: How long anything may take; other work on the machine is no fault of the page.
PATIENCE_S: Final = 60
#: Not in one process, as these packages were made to run: there Chromium 88 hangs at its start now
#: and then.
_FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
]


class OldPage:
    """One page of an old Chromium."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._session: str | None = None
        self._last = 0
        self.said: list[str] = []
        """Warnings and errors on the console, and exceptions."""
        self._answers: dict[str, str] = {}
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method and wait for its answer; what happens meanwhile is taken note of."""
        self._last += 1
        number = self._last
        call = {"id": number, "method": method, "params": params}
        self._socket.send(
            json.dumps(call | ({"sessionId": self._session} if self._session else {}))
        )
        while True:
            told = json.loads(self._socket.recv())
            if told.get("id") == number:
                assert "error" not in told, f"{method}: {told['error']}"
                return dict(told["result"])
            self._heard(told.get("method", ""), told.get("params", {}))

    def _heard(self, event: str, about: dict[str, Any]) -> None:
        if event == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.said.append(details.get("exception", {}).get("description") or details["text"])
        elif event == "Log.entryAdded" and about["entry"]["level"] in ("warning", "error"):
            self.said.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")
        elif event == "Runtime.consoleAPICalled" and about["type"] in ("warning", "error"):
            self.said.append(
                " ".join(str(one.get("description", one.get("value"))) for one in about["args"])
            )
        elif event == "Fetch.requestPaused":
            self._answer(about["requestId"], about["request"]["url"])

    def _answer(self, request: str, url: str) -> None:
        body = next(text for piece, text in self._answers.items() if piece in url)
        self._last += 1
        params = {
            "requestId": request,
            "responseCode": 200 if body else 404,
            "responseHeaders": [{"name": "Content-Type", "value": "text/javascript"}],
            "body": base64.b64encode(body.encode()).decode(),
        }
        call = {
            "id": self._last,
            "method": "Fetch.fulfillRequest",
            "params": params,
            "sessionId": self._session,
        }
        self._socket.send(json.dumps(call))

    def answer(self, piece: str, body: str) -> None:
        """Answer requests whose address holds `piece` with this script, or an empty one
        with 404.
        """
        self._answers[piece] = body
        self.send("Fetch.enable", patterns=[{"urlPattern": f"*{one}*"} for one in self._answers])

    def evaluate(self, expression: str) -> Any:
        """What an expression comes to in the page, as JSON has it."""
        found = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        ends = time.monotonic() + PATIENCE_S
        while not self.evaluate(condition):
            assert time.monotonic() < ends, (
                f"not within {PATIENCE_S} s: {condition}; the page said {self.said}"
            )
            time.sleep(0.05)

    def tap(self, selector: str) -> None:
        """Click in the middle of the first element of a selector, once it lies still and nothing
        covers it.
        """
        middle = f"""(() => {{
          const found = document.querySelector({json.dumps(selector)});
          if (!found) return null;
          found.scrollIntoView({{ block: "center", inline: "center" }});
          const {{ left, top, width, height }} = found.getBoundingClientRect();
          const [x, y] = [left + width / 2, top + height / 2];
          const hit = document.elementFromPoint(x, y);
          return hit && (found.contains(hit) || hit.contains(found)) ? {{ x, y }} : null;
        }})()"""
        self.wait(f"{middle} !== null")
        spot = self.evaluate(middle)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **spot)

    def picture(self) -> bytes:
        """What the page looks like, as PNG."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])


_LISTENS: Final = re.compile(r"DevTools listening on (ws://\S+)")


@contextmanager
def opened(version: int) -> Iterator[OldPage]:
    """A page of a Chromium of its own, which ends with it."""
    program = folder(version) / "chromium"
    environ = {**os.environ, "LD_LIBRARY_PATH": str(program.parent / "lib")}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # Into a file: nobody reads a pipe to its end, and a full one would stop the browser.
        log = Path(profile) / "log"
        command = [str(program), *_FLAGS, f"--user-data-dir={profile}"]
        with (
            log.open("w") as heard,
            subprocess.Popen(
                command, env=environ, stdout=heard, stderr=heard, start_new_session=True
            ) as run,
        ):
            try:
                address = _address(run, log)
                socket = websocket.create_connection(
                    address, timeout=PATIENCE_S, suppress_origin=True
                )
                with closing(socket):
                    yield OldPage(socket)
            finally:
                os.killpg(run.pid, signal.SIGKILL)  # with its children: they are of its session


def _address(run: subprocess.Popen[bytes], log: Path) -> str:
    ends = time.monotonic() + PATIENCE_S
    while True:
        found = _LISTENS.search(log.read_text(errors="replace"))
        if found:
            return found[1]
        assert run.poll() is None, f"it ended: {log.read_text(errors='replace')}"
        assert time.monotonic() < ends, f"it does not listen: {log.read_text(errors='replace')}"
        time.sleep(0.02)
