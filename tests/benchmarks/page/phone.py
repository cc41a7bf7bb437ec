"""One visit of an emulated phone: a Pixel's screen, a processor four times slower, slow 4G.

Compares nothing.

The network and the processor are slowed by Chromium itself (DevTools protocol), so that each
request waits one round trip and all share one line. Times are the page's own clock, from the moment
its address was asked for."""

import json
import math
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Page, sync_playwright

DEVICE: Final = "Pixel 7"
CPU_SLOWDOWN: Final = 4
#: Slow 4G as Lighthouse has it: 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.
DOWN_BYTES_S: Final = 1_600_000 / 8
UP_BYTES_S: Final = 750_000 / 8
ROUND_TRIP_MS: Final = 150
#: 白石洲, an urban village in Nanshan where many riders live.
HERE: Final = {"longitude": 113.9645, "latitude": 22.5405, "accuracy": 35}
#: A page is quiet when no frame came late and nothing was fetched for so long.
_QUIET_MS: Final = 2_000
_LOOK_MS: Final = 250
#: A finger draws the map so often, in so many steps of so long.
_PANS: Final = 6
_PAN_STEPS: Final = 24
_PAN_STEP_MS: Final = 16
_COUNT: Final = """(() => {
  window.panned = { count: 0, began: performance.now() };
  const next = () => (panned.count++, requestAnimationFrame(next));
  requestAnimationFrame(next);
})()"""

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: Looks once a frame, as an eye does. The rider goes to the map as soon as there is a list to go
#: from.
_WATCH: Final = """(({ list, flip, marker }) => {
  const seen = (window.seen = { paint_ms: null, list_ms: null, markers_ms: null, blocked_ms: 0, refused: [] });
  const visible = (selector) => document.querySelector(selector)?.checkVisibility();
  const each = (type, note) =>
    new PerformanceObserver((told) => told.getEntries().forEach(note)).observe({ type, buffered: true });
  each("paint", ({ name, startTime }) => name === "first-contentful-paint" && (seen.paint_ms = startTime));
  each("longtask", ({ duration }) => (seen.blocked_ms += Math.max(0, duration - 50)));
  addEventListener("securitypolicyviolation", (event) => seen.refused.push(event.violatedDirective));
  const look = () => {
    if (list && seen.list_ms === null && visible(list)) {
      seen.list_ms = performance.now();
      document.querySelector(flip).click();
    }
    if (seen.markers_ms === null && visible(marker)) seen.markers_ms = performance.now();
    if (seen.markers_ms === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


@dataclass(frozen=True, slots=True)
class Looks:
    """How a page shows its list, the way from it to the map, and a marker: CSS selectors, None
    where it has none.
    """

    marker: str
    list: str | None = None
    flip: str | None = None


OURS: Final = Looks("#map .pin", "#list li.card[data-id]", "#flip")
FOLIUM: Final = Looks(".leaflet-marker-pane > *")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one visit cost, or the middle of several. Bytes go over the wire, headers included."""

    transfer_bytes: float
    """Until the first marker stood."""
    paint_s: float
    list_s: float
    """Where there is no list, until the first marker: nothing can be used before."""
    markers_s: float
    blocked_s: float
    """The parts over 50 ms of all long tasks until the page is quiet."""
    heap_bytes: float
    """The JavaScript heap once the page is quiet and its garbage collected."""
    asked: frozenset[str]
    """Every address that was asked for anything."""
    complaints: frozenset[str]
    """Warnings and errors on the console, and exceptions."""
    refused: frozenset[str]
    """Directives of the page's policy that something broke."""
    host: str
    list_bytes: float = 0.0
    """Until the list stood."""
    pan_fps: float = 0.0
    """Frames a second while a finger draws the map about; 0 where it was not drawn."""

    @property
    def floor_s(self) -> float:
        """What the network alone takes until the list: two round trips, and its bytes."""
        return 2 * ROUND_TRIP_MS / 1e3 + self.list_bytes / DOWN_BYTES_S

    @property
    def foreign(self) -> frozenset[str]:
        """The hosts asked beside the page's own."""
        return frozenset(urlsplit(url).netloc for url in self.asked) - {self.host}


def middle(visits: Sequence[Figures]) -> Figures:
    """The median of each number; what must not happen is there if it happened once."""
    return Figures(
        **{
            one.name: _joined([getattr(visit, one.name) for visit in visits])
            for one in fields(Figures)
        }
    )


def _joined(values: list[Any]) -> Any:
    if isinstance(values[0], frozenset):
        return frozenset().union(*values)
    return values[0] if isinstance(values[0], str) else median(values)


@dataclass(frozen=True, slots=True)
class Phone:
    """Debian's Chromium in the guise of DEVICE."""

    browser: Browser
    device: Mapping[str, Any]

    @classmethod
    @contextmanager
    def on(cls) -> Iterator["Phone"]:
        """Until the block ends.

        Raises SystemExit with what to install where there is no Chromium.
        """
        path = shutil.which("chromium")
        if path is None:
            raise SystemExit("there is no chromium here; apt-get install chromium fonts-noto-cjk")
        with sync_playwright() as playwright:
            device = {
                name: is_
                for name, is_ in playwright.devices[DEVICE].items()
                if name != "default_browser_type"
            }
            with playwright.chromium.launch(
                executable_path=path, headless=True, args=_FLAGS
            ) as browser:
                yield cls(browser, device)

    def visit(self, address: str, looks: Looks, patience_s: float) -> Figures | None:
        """A first visit with an empty cache; None where no marker was painted after so long."""
        here = {"geolocation": HERE, "permissions": ["geolocation"], "locale": "zh-CN"}
        with self.browser.new_context(**self.device, **here) as context:
            page = context.new_page()
            line, wire, complaints = context.new_cdp_session(page), _Wire(), _complaints(page)
            _slow(line)
            wire.listen(line)
            page.add_init_script(f"{_WATCH}({json.dumps(asdict(looks))})")
            page.goto(address, wait_until="commit")
            if not _painted(page, line, patience_s):
                return None
            _settle(page, line, wire)
            figures = _figures(page, line, wire, frozenset(complaints))
            return replace(figures, pan_fps=_pan(page, line)) if looks.list else figures


@dataclass(eq=False)
class _Wire:
    """What went over the slowed line."""

    asked: list[str] = field(default_factory=list)
    began_s: float | None = None
    """When the page itself was asked for, on the line's clock."""
    came: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """By request: when bytes came, and how many."""

    def listen(self, line: CDPSession) -> None:
        line.on("Network.requestWillBeSent", self._asked)
        line.on(
            "Network.responseReceived",
            lambda told: self._came(told, told["response"]["encodedDataLength"]),
        )
        line.on("Network.dataReceived", lambda told: self._came(told, told["encodedDataLength"]))
        line.on("Network.loadingFinished", self._finished)

    def _asked(self, told: dict[str, Any]) -> None:
        if told["request"]["url"].startswith("http"):
            self.asked.append(told["request"]["url"])
            self.began_s = told["timestamp"] if self.began_s is None else self.began_s

    def _came(self, told: dict[str, Any], size: float) -> None:
        self.came.setdefault(told["requestId"], []).append((told["timestamp"], size))

    def _finished(self, told: dict[str, Any]) -> None:
        """The total is known at the end; what was not told before came last."""
        known = sum(size for _, size in self.came.get(told["requestId"], ()))
        self._came(told, told["encodedDataLength"] - known)

    def bytes_until(self, page_s: float) -> float:
        """Bytes that had come by then on the page's own clock, which starts when it is
        asked for.
        """
        last_s = (self.began_s or 0.0) + page_s
        return sum(size for pieces in self.came.values() for at_s, size in pieces if at_s <= last_s)


def _slow(line: CDPSession) -> None:
    line.send("Network.enable")
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    speed = {
        "latency": ROUND_TRIP_MS,
        "downloadThroughput": DOWN_BYTES_S,
        "uploadThroughput": UP_BYTES_S,
    }
    line.send("Network.emulateNetworkConditions", {"offline": False, **speed})


def _complaints(page: Page) -> list[str]:
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda fault: said.append(str(fault)))
    return said


def _told(line: CDPSession, expression: str) -> Any:
    """A value of the page, asked bare: Playwright itself would load up to 330 kB of scripts into
    the page.
    """
    return line.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})[
        "result"
    ].get("value")


def _painted(page: Page, line: CDPSession, patience_s: float) -> bool:
    """Whether a marker came in time."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if _told(line, "seen.paint_ms !== null && seen.markers_ms !== null"):
            return True
        page.wait_for_timeout(_LOOK_MS)
    return False


def _settle(page: Page, line: CDPSession, wire: _Wire) -> None:
    """Until nothing was fetched and nothing blocked for _QUIET_MS."""
    before = None
    while before != (
        now := (len(wire.asked), wire.bytes_until(math.inf), _told(line, "seen.blocked_ms"))
    ):
        before = now
        page.wait_for_timeout(_QUIET_MS)


def _pan(page: Page, line: CDPSession) -> float:
    """Draw the map to and fro by a finger, and count the frames meanwhile."""
    _told(line, _COUNT)
    box = json.loads(
        _told(line, "JSON.stringify(document.querySelector('#map').getBoundingClientRect())")
    )
    y = box["y"] + box["height"] / 2
    for turn in range(_PANS):
        there, back = (0.8, 0.2) if turn % 2 else (0.2, 0.8)
        _touch(line, "touchStart", box["width"] * there, y)
        for part in range(_PAN_STEPS):
            share = there + (back - there) * (part + 1) / _PAN_STEPS
            _touch(line, "touchMove", box["width"] * share, y)
            page.wait_for_timeout(_PAN_STEP_MS)
        line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    return float(_told(line, "panned.count / ((performance.now() - panned.began) / 1e3)"))


def _touch(line: CDPSession, kind: str, x: float, y: float) -> None:
    line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})


def _heap_bytes(line: CDPSession) -> float:
    line.send("HeapProfiler.enable")
    line.send("HeapProfiler.collectGarbage")
    return float(line.send("Runtime.getHeapUsage")["usedSize"])


def _figures(page: Page, line: CDPSession, wire: _Wire, complaints: frozenset[str]) -> Figures:
    seen = _told(line, "seen")
    markers_s = seen["markers_ms"] / 1e3
    return Figures(
        transfer_bytes=wire.bytes_until(markers_s),
        list_bytes=wire.bytes_until((seen["list_ms"] or seen["markers_ms"]) / 1e3),
        paint_s=seen["paint_ms"] / 1e3,
        list_s=(seen["list_ms"] or seen["markers_ms"]) / 1e3,
        markers_s=markers_s,
        blocked_s=seen["blocked_ms"] / 1e3,
        heap_bytes=_heap_bytes(line),
        asked=frozenset(wire.asked),
        complaints=complaints,
        refused=frozenset(seen["refused"]),
        host=urlsplit(page.url).netloc,
    )
