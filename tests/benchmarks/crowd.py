"""Many clients at once over kept connections, as phones behave: each asks again when it is
answered, and after Retry-After when it is refused. They come one after the other within a second.

One thread over epoll, so that the clients cost little of the processors that they share with the
server. An answer has come when the kernel has its last bytes (SO_TIMESTAMPNS): a crowd that is slow
to read makes no server slow. Linux only.
"""

import heapq
import re
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

_STARTED_OVER_S: Final = 1.0
_LENGTH: Final = re.compile(rb"content-length: ?(\d+)", re.IGNORECASE)
_RETRY: Final = re.compile(rb"retry-after: ?(\d+)", re.IGNORECASE)
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"
#: asm-generic/socket.h: the kernel tells when what is read came in, seconds and nanoseconds.
_SO_TIMESTAMPNS: Final = 35
_CAME: Final = struct.Struct("qq")
_TOLD: Final = socket.CMSG_SPACE(_CAME.size)


@dataclass(slots=True)
class Counted:
    """What a crowd met: seconds of each answer by its status, and what was no answer."""

    took_s: dict[int, list[float]] = field(default_factory=dict)
    broken: int = 0

    def per_s(self, over_s: float) -> float:
        """Answers with 200 in a second."""
        return len(self.took_s.get(200, ())) / over_s

    def p99_s(self, status: int) -> float:
        """Seconds within which 99 % of the answers with a status came; 0 of none."""
        ordered = sorted(self.took_s.get(status, ()))
        return ordered[int(len(ordered) * 0.99)] if ordered else 0.0


class _Client:
    """A connection, and what it asks in turn."""

    def __init__(self, port: int, requests: Sequence[bytes], first: int, told: Counted) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.told = told
        self._requests, self._next = requests, first
        self._got, self._began = b"", 0.0

    def ask(self) -> None:
        """The next question."""
        self._began, self._got = time.time(), b""  # the kernel's clock
        self.socket.sendall(self._requests[self._next % len(self._requests)])
        self._next += 1

    def reads(self, *, counted: bool) -> float | None:
        """After how many seconds to ask again; None: the answer is not whole yet.

        Raises OSError where the connection broke.
        """
        piece, told, _, _ = self.socket.recvmsg(262_144, _TOLD)
        if not piece:
            raise ConnectionResetError
        self._got += piece
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return None
        length = _LENGTH.search(self._got, 0, head)
        if (
            len(self._got) < head + 4 + int(length[1])
            if length
            else (not self._got.endswith(_LAST_CHUNK))
        ):
            return None
        if counted:
            took_s = _came_s(told) - self._began
            self.told.took_s.setdefault(int(self._got[9:12]), []).append(took_s)
        retry = _RETRY.search(self._got, 0, head)
        return float(retry[1]) if retry else 0.0


def _came_s(told: list[tuple[int, int, bytes]]) -> float:
    """When the last of what was read came in, Unix seconds."""
    for level, kind, data in told:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = _CAME.unpack(data)
            return float(seconds + nanoseconds / 1e9)
    return time.time()


def asked(path: str, posted: bytes = b"") -> bytes:
    """The bytes of a request."""
    head = f"{'POST' if posted else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if posted:
        head += f"Content-Type: application/json\r\nContent-Length: {len(posted)}\r\n"
    return head.encode() + b"\r\n" + posted


def crowd(port: int, clients: int, requests: Sequence[bytes], for_s: float) -> Counted:
    """So many clients ask a server of this machine in turn; counted for so long, once all came."""
    return crowds(port, [(clients, requests)], for_s)[0]


def crowds(port: int, groups: Sequence[tuple[int, Sequence[bytes]]], for_s: float) -> list[Counted]:
    """The same of several crowds beside each other."""
    told = [Counted() for _ in groups]
    came = time.monotonic()
    waiting: list[tuple[float, int]] = []
    by_number: dict[int, _Client] = {}
    poll = select.epoll()
    for counted, (clients, requests) in zip(told, groups, strict=True):
        for number in range(clients):
            client = _Client(port, requests, number * len(requests) // clients, counted)
            by_number[client.socket.fileno()] = client
            poll.register(client.socket, select.EPOLLIN)
            waiting.append((came + number / clients * _STARTED_OVER_S, client.socket.fileno()))
    heapq.heapify(waiting)
    begins, ends = came + _STARTED_OVER_S, came + _STARTED_OVER_S + for_s
    while (now := time.monotonic()) < ends:
        while waiting and waiting[0][0] <= now:
            by_number[heapq.heappop(waiting)[1]].ask()
        until = min(ends, waiting[0][0] if waiting else ends)
        for number, _ in poll.poll(max(0.0, until - now)):
            client = by_number[number]
            try:
                again_s = client.reads(counted=now >= begins)
            except OSError:
                client.told.broken += 1
                poll.unregister(number)
                continue
            if again_s:
                heapq.heappush(waiting, (time.monotonic() + again_s, number))
            elif again_s is not None:
                client.ask()
    poll.close()
    for client in by_number.values():
        client.socket.close()
    return told
