"""Granian with one worker, asked over two kept connections, and what its worker costs: CPU seconds
and private memory.

Linux only. The load is bounded: two requests are under way at most, and every reply must be 200.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: The same for every application: one worker, one thread for views.
SETTINGS: Final = (
    "--workers",
    "1",
    "--blocking-threads",
    "1",
    "--no-ws",
    "--no-log",
    "--http",
    "1",
)
_START_S: Final = 300.0
#: A worker that is told to end before it answers may not hear it.
_END_S: Final = 30.0
_CONNECTIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its port and the process of its worker."""

    port: int
    worker: int

    def cpu_s(self) -> float:
        """CPU seconds of the worker so far: Linux keeps a clock per process (man 3
        clock_getcpuclockid).
        """
        return time.clock_gettime((~self.worker << 3) | 2)

    def get(self, path: str, posted: bytes = b"") -> bytes:
        """One reply."""
        with _connected(self.port) as (connection, _):
            _send(connection, path, posted)
            return _body(connection)

    def ask(self, paths: Sequence[str], posted: bytes = b"") -> float:
        """CPU seconds of the worker per request, over all paths in turn.

        `posted` is JSON sent to each, if any.
        """
        with _connected(self.port) as connections:
            before = self.cpu_s()
            for first in range(0, len(paths), _CONNECTIONS):
                under_way = list(
                    zip(connections, paths[first : first + _CONNECTIONS], strict=False)
                )
                for connection, path in under_way:
                    _send(connection, path, posted)
                for connection, _ in under_way:
                    _body(connection)
            return (self.cpu_s() - before) / len(paths)


def _send(connection: http.client.HTTPConnection, path: str, posted: bytes) -> None:
    """Without the `Accept-Encoding: identity` that http.client adds by itself."""
    connection.putrequest("POST" if posted else "GET", path, skip_accept_encoding=True)
    if posted:
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(posted)))
    connection.endheaders(posted or None)


def _body(connection: http.client.HTTPConnection) -> bytes:
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"a benchmark request was answered {response.status}: {body[:300]!r}")
    return body


@contextmanager
def _connected(port: int) -> Iterator[tuple[http.client.HTTPConnection, ...]]:
    connections = tuple(
        http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(_CONNECTIONS)
    )
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


@contextmanager
def serve(target: str, interface: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """`module:factory` under granian until the block ends."""
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        interface,
        "--factory",
        "--port",
        str(port),
        *SETTINGS,
        target,
    ]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            _await(server, port)
            yield Served(port, _child_of(server.pid))
        finally:
            workers = children_of(server.pid)
            server.terminate()
            try:
                server.wait(_END_S)
            except subprocess.TimeoutExpired:
                for each in (*workers, server.pid):
                    with suppress(ProcessLookupError):
                        os.kill(each, signal.SIGKILL)


def serve_all(
    stack: ExitStack, applications: Mapping[str, tuple[str, str]], environment: Mapping[str, str]
) -> dict[str, Served]:
    """Several of them, by name: (target, interface)."""
    return {
        name: stack.enter_context(serve(target, interface, environment))
        for name, (target, interface) in applications.items()
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(server: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server on port {port} did not start")


def _child_of(parent: int) -> int:
    """The worker: granian's youngest child.

    The other is multiprocessing's resource tracker, which starts first.
    """
    return max(children_of(parent))


def children_of(parent: int) -> list[int]:
    """The processes that a process started and that still run."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _parent(entry) == parent
    ]


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def private_mb(process: int) -> float:
    """Memory that would be free if this process ended, MB (Linux, smaps_rollup)."""
    return _rolled_up_mb(process, "Private_")


def own_mb(process: int) -> float:
    """The same without what it maps of files and has not written to, which the system drops when it
    needs room.
    """
    return _rolled_up_mb(process, "Private_Dirty")


def shared_mb(process: int) -> float:
    """Its memory, what it shares divided by those who share it, MB."""
    return _rolled_up_mb(process, "Pss:")


def _rolled_up_mb(process: int, begins: str) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # ended meanwhile, or ended and not yet waited for
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(begins)) / 1024


def most_mb(process: int | str = "self") -> float:
    """The most memory that a process has held since it began its program, MB.

    0 of one that has ended (Linux).

    Of this program only: ru_maxrss of a process that was started begins with what its parent held.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
