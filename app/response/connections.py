"""Closes connections that no longer move: nobody holds a thread or memory by not reading, or by not
sending what was announced.

The server itself waits for ever for both, and a read of it cannot be given up. Only the kernel
knows how far each connection is, and only Linux says it (TCP_INFO): elsewhere nothing is closed
here, and a proxy in front must do it.
"""

import os
import select
import signal
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.response.limits import DRAINED_WITHIN_S
from app.response.pace import STILL_S, TransferPace

#: Between two looks at all connections of a process: 70 µs a connection (measured 2026-11-29).
_LOOK_EVERY_S: Final = 5.0
#: A connection that was sent nothing for so long, while too little came in, is closed: no answer
#: takes as long. Between two requests the server itself closes it after 30 s.
QUIET_S: Final = 120.0
#: The same of a process that has just begun, and of one that is told to end.
_BEGINNING_LOOK_EVERY_S: Final = 0.1
_ENDING_LOOK_EVERY_S: Final = 1.0
#: So long after that a body that is still awaited is given up, and later whatever is under way: a
#: worker ends by itself before its parent kills it.
GIVEN_UP_AFTER_S: Final = DRAINED_WITHIN_S - 5
_ENDED_AFTER_S: Final = DRAINED_WITHIN_S - 2
#: Of the kernel's struct tcp_info (include/uapi/linux/tcp.h): unacknowledged segments; bytes
#: acknowledged and received; bytes not yet sent.
_TCP_INFO: Final = struct.Struct("=24xI92xQQ8xI")
_OPEN_FILES: Final = Path("/proc/self/fd")
#: Where workers that are forked from this process will listen.
_EXPECTED: Final[set[int]] = set()


def expect(port: int) -> None:
    """Tell watches that begin in workers forked from now on where connections will come in. One
    that is not told learns it by looking, and may be told to end before it has looked.
    """
    _EXPECTED.add(port)


class Awaited:
    """The bodies that requests of this process are reading, and since when."""

    def __init__(self) -> None:
        self._since: dict[object, float] = {}

    @contextmanager
    def one(self) -> Iterator[None]:
        """While this lasts, a body is awaited."""
        mark = object()
        self._since[mark] = time.monotonic()
        try:
            yield
        finally:
            del self._since[mark]

    def longest_s(self, at_s: float) -> float:
        """For how long the first of them has been awaited; 0 where there is none."""
        return at_s - min(list(self._since.values()), default=at_s)


AWAITED: Final = Awaited()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a connection is: bytes that the other side has acknowledged and sent, and whether
    some of ours are still on their way to it.
    """

    acknowledged: int
    received: int
    sending: bool


class _Connection:
    """What is remembered of a connection between two looks."""

    def __init__(self, at_s: float, first: Progress) -> None:
        self._sent_s, self._acknowledged = at_s, first.acknowledged
        self._sending = TransferPace(at_s, first.acknowledged) if first.sending else None
        self._receiving = TransferPace(at_s, first.received)

    def is_stuck(self, at_s: float, now: Progress, quiet_s: float) -> bool:
        """Whether it should be closed; `quiet_s`: for how long it may be sent nothing."""
        self._receiving.saw(at_s, now.received)
        if now.acknowledged != self._acknowledged:
            self._sent_s, self._acknowledged = at_s, now.acknowledged
        if not now.sending:
            self._sending = None
            return at_s - self._sent_s >= quiet_s and self._receiving.too_slow
        if self._sending is None:
            self._sending = TransferPace(at_s, now.acknowledged)
        self._sending.saw(at_s, now.acknowledged)
        return self._sending.too_slow


class Watch:
    """Over the connections that came in through any listening socket of this process."""

    def __init__(self) -> None:
        self._known: dict[int, _Connection] = {}
        self._ports = set(_EXPECTED)

    def start(self) -> None:
        """Look from now on, in a thread that ends with the process; from its main thread."""
        if sys.platform == "linux":
            told, tells = os.pipe()
            os.set_blocking(tells, False)
            signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
            threading.Thread(
                target=self._run, args=(told,), name="connections", daemon=True
            ).start()

    def _run(self, told: int) -> None:
        """`told`: where each signal's number comes in."""
        signalled = select.poll()  # unlike select, it knows files beyond the 1,024th
        signalled.register(told, select.POLLIN)
        ending_s: float | None = None
        while True:
            after_s = _LOOK_EVERY_S if ending_s is None else _ENDING_LOOK_EVERY_S
            if not self._ports:  # first it learns where it listens
                after_s = _BEGINNING_LOOK_EVERY_S
            signals = os.read(told, 64) if signalled.poll(after_s * 1000) else b""
            now = time.monotonic()
            if ending_s is None and {*signals} & {signal.SIGTERM, signal.SIGINT}:
                ending_s = now
            if ending_s is not None:
                self.end(now - ending_s, body_awaited=AWAITED.longest_s(now) > 0)
            elif not signals:
                self.look(now, body_awaited=AWAITED.longest_s(now) >= STILL_S)

    def end(self, ending_for_s: float, *, body_awaited: bool) -> int:
        """Close what a worker that is told to end would wait for; how many were closed."""
        if ending_for_s < (GIVEN_UP_AFTER_S if body_awaited else _ENDED_AFTER_S):
            return 0
        ended = 0
        for _, connection in self._incoming():
            with connection:
                if ending_for_s >= _ENDED_AFTER_S or not _progress(connection).sending:
                    _close(connection)
                    ended += 1
        return ended

    def look(self, at_s: float, *, body_awaited: bool = False) -> int:
        """Close what is stuck; how many were closed.

        `body_awaited`: a request has been reading its body for STILL_S or longer. Which connection
        it came by the server does not say, but only one that is as quiet can be it; an answer that
        takes as long is lost meanwhile.
        """
        quiet_s = STILL_S if body_awaited else QUIET_S
        known, self._known = self._known, {}
        stuck = 0
        for inode, connection in self._incoming():
            with connection:
                now = _progress(connection)
                remembered = known.get(inode)
                if remembered is None:
                    self._known[inode] = _Connection(at_s, now)
                elif remembered.is_stuck(at_s, now, quiet_s):
                    _close(connection)
                    stuck += 1
                else:
                    self._known[inode] = remembered
        return stuck

    def _incoming(self) -> Iterator[tuple[int, socket.socket]]:
        """The inode of each connection, which names it for its life, and a handle of our own."""
        opened = [found for path in _OPEN_FILES.iterdir() if (found := _opened(int(path.name)))]
        # Who is told to end listens no more; its connections came in where it did before.
        listening = {port for _, one in opened if (port := _listens_on(one)) is not None}
        self._ports |= listening
        for inode, one in opened:
            if _listens_on(one) is None and _port(one) in self._ports:
                yield inode, one
            else:
                one.close()


def _opened(number: int) -> tuple[int, socket.socket] | None:
    """A TCP socket by its number; None for anything else, and for what was closed meanwhile."""
    try:
        ours = os.dup(number)
    except OSError:
        return None
    status = os.fstat(ours)
    if not stat.S_ISSOCK(status.st_mode):
        os.close(ours)
        return None
    one = socket.socket(fileno=ours)
    if one.type == socket.SOCK_STREAM and one.family in (socket.AF_INET, socket.AF_INET6):
        return status.st_ino, one
    one.close()
    return None


def _listens_on(one: socket.socket) -> int | None:
    accepts = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    return _port(one) if accepts else None


def _port(one: socket.socket) -> int:
    port: int = one.getsockname()[1]
    return port


def _progress(connection: socket.socket) -> Progress:
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    unacknowledged, acknowledged, received, unsent = _TCP_INFO.unpack(told)
    return Progress(acknowledged, received, sending=bool(unacknowledged or unsent))


def _close(connection: socket.socket) -> None:
    """At once and for both sides: what was not read is thrown away."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it closed by itself meanwhile
