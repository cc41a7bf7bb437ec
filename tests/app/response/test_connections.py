"""Connections on which nothing moves are closed, others are not: real sockets, and a clock of
our own.
"""

import fcntl
import gc
import select
import socket
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.response import connections
from app.response.connections import GIVEN_UP_AFTER_S, QUIET_S, Awaited, Watch

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux says how far a connection is"
)

#: What has not moved for so long is where it stays: the kernel tells of what it took within 40 ms.
STILL_S = 0.05


class Pair:
    """A connection of this process to itself: the server's end and the client's."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.client = socket.socket()
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.client.connect(self.listener.getsockname())
        self.server, _ = self.listener.accept()
        self.server.setblocking(False)
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fill(self) -> None:
        """Send until no more can be sent and what is sent lies still: the client does not read."""
        room = select.poll()
        room.register(self.server, select.POLLOUT)
        before = -1
        while (waiting := self._waiting()) != before:
            before = waiting
            with suppress(BlockingIOError):
                while True:
                    self.server.send(b"x" * 65_536)
            room.poll(STILL_S * 1000)

    def _waiting(self) -> int:
        """Bytes that the client's end has not taken yet."""
        told = fcntl.ioctl(self.server, termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", told)[0])

    def read(self, size: int) -> None:
        """Of what waits for the client so many bytes, whole."""
        while size:
            size -= len(self.client.recv(min(size, 4_096)))

    def arrives(self, sent: bytes) -> None:
        """The client sends, and the server has got it."""
        self.client.sendall(sent)
        left = len(sent)
        self.server.setblocking(True)
        while left:
            left -= len(self.server.recv(left))

    @property
    def open(self) -> bool:
        """Whether the server can still send."""
        try:
            self.server.send(b"")
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def close(self) -> None:
        for end in (self.client, self.server, self.listener):
            end.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def looks(watch: Watch, *instants: float) -> int:
    return sum(watch.look(instant) for instant in instants)


def test_a_reader_who_stops_reading_is_closed_after_half_a_minute(pair: Pair) -> None:
    watch = Watch()
    pair.fill()
    assert looks(watch, 0, 5, 29) == 0
    assert pair.open
    assert looks(watch, 31) == 1
    assert not pair.open


def test_a_reader_who_reads_too_little_is_closed_after_a_minute(pair: Pair) -> None:
    watch = Watch()
    pair.fill()
    for instant in range(0, 60, 10):
        assert watch.look(instant) == 0
        pair.read(4_096)
    assert watch.look(60) + watch.look(61) == 1
    assert not pair.open


def test_a_reader_who_keeps_reading_is_left_alone(pair: Pair) -> None:
    watch = Watch()
    for instant in range(0, 300, 10):
        pair.fill()
        assert watch.look(instant) == 0
        pair.read(1_000_000)
    assert pair.open


def test_a_connection_that_waits_for_its_answer_is_left_alone_for_two_minutes(pair: Pair) -> None:
    watch = Watch()
    pair.arrives(b"GET / HTTP/1.1\r\n\r\n")
    assert looks(watch, 0, 30, 60, QUIET_S - 1) == 0
    pair.server.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    pair.read(len(b"HTTP/1.1 200 OK\r\n\r\n"))
    assert looks(watch, QUIET_S, QUIET_S + 30, 2 * QUIET_S - 1) == 0
    assert looks(watch, 2 * QUIET_S) == 1


def test_a_body_that_trickles_in_is_closed_and_one_that_flows_is_not(pair: Pair) -> None:
    watch, other = Watch(), Pair()
    for instant in range(0, int(QUIET_S), 10):
        assert watch.look(instant) == 0
        pair.arrives(b"x")
        other.arrives(b"x" * 20_000)
    assert watch.look(QUIET_S) == 1
    assert (pair.open, other.open) == (False, True)
    other.close()


def test_while_a_body_is_awaited_a_connection_without_a_byte_is_closed_after_half_a_minute(
    pair: Pair,
) -> None:
    watch, other = Watch(), Pair()
    for instant in range(0, 30, 10):
        assert watch.look(instant, body_awaited=True) == 0
        other.arrives(b"x" * 10_000)
    assert watch.look(30, body_awaited=True) == 1
    assert (pair.open, other.open) == (False, True)
    other.close()


def test_a_body_counts_as_awaited_for_as_long_as_it_is_read() -> None:
    awaited = Awaited()
    began = time.monotonic()
    assert awaited.longest_s(began + 100) == 0
    with awaited.one():
        first = time.monotonic()
        with awaited.one():
            assert awaited.longest_s(began + 100) <= 100
        assert 99.9 < awaited.longest_s(first + 100) < 100.1 + first - began
    assert awaited.longest_s(began + 100) == 0


def test_what_this_process_opened_itself_is_none_of_its_business(pair: Pair) -> None:
    watch = Watch()
    pair.listener.close()  # then no end came in through a listening socket
    pair.fill()
    assert looks(watch, 0, 31, 62, QUIET_S, 2 * QUIET_S) == 0
    assert pair.open


def test_who_is_told_to_end_before_it_has_looked_closes_what_came_in(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine may leave no time for a look before the server listens no more."""
    monkeypatch.setattr(connections, "_EXPECTED", set[int]())
    port = pair.listener.getsockname()[1]
    pair.listener.close()
    assert Watch().end(GIVEN_UP_AFTER_S, body_awaited=True) == 0  # it cannot know
    assert pair.open
    connections.expect(port)
    with socket.create_server(("127.0.0.1", 0)):  # of something else, which listens on
        assert Watch().end(GIVEN_UP_AFTER_S, body_awaited=True) == 1
    assert not pair.open


def test_no_look_leaves_a_file_open(pair: Pair) -> None:
    watch, opened = Watch(), Path("/proc/self/fd")
    watch.look(0)
    gc.collect()  # what tests before this one left open is closed now, not meanwhile
    before = len(list(opened.iterdir()))
    for instant in range(20):
        watch.look(instant)
    assert len(list(opened.iterdir())) == before
