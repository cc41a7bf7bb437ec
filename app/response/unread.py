"""What the other side sends is read to its end, whatever was answered and however early.

A server closes a connection of which something was not read, and says so to nobody: who sends the
head first and the body right after loses the reply, or finds a pipe broken at the next request,
which a proxy makes a 502.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import Semaphore
from typing import IO, TYPE_CHECKING, Final, cast

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import LimitedStream

from app.response.connections import AWAITED
from app.response.limits import MOST_BODY_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Bodies that are read out at once by a process, each in a thread of the server's. Of others the
#: connection is closed.
MOST_READING_OUT: Final = 64
#: A body of so many bytes comes with its head or right after: it is read before the reply is sent.
_AT_HAND_BYTES: Final = 4_096
_PIECE_BYTES: Final = 65_536


class ReadOut:
    """A WSGI application around others."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner, self._reading = inner, Semaphore(MOST_READING_OUT)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer; of a request with a body, read what nobody read."""
        most = _stated_bytes(environ)
        if not most:
            return self._inner(environ, start_response)
        sent = environ["wsgi.input"] = _ending(environ, most)
        reply = self._inner(environ, start_response)
        if not self._reading.acquire(blocking=False):
            return reply
        if most > _AT_HAND_BYTES or not isinstance(reply, list | tuple):
            return _Reply(reply, sent, self._reading)
        try:
            _read(sent)
        finally:
            self._reading.release()
        return reply


class _Reply:
    """A reply; and then, in the same thread, the rest of what is being sent."""

    def __init__(self, reply: Iterable[bytes], sent: IO[bytes], reading: Semaphore) -> None:
        self._reply, self._sent, self._reading = reply, sent, reading

    def __iter__(self) -> Iterator[bytes]:
        yield from self._reply
        _read(self._sent)

    def close(self) -> None:
        """The server calls this once, whatever happens (PEP 3333)."""
        self._reading.release()
        getattr(self._reply, "close", lambda: None)()


def _stated_bytes(environ: "WSGIEnvironment") -> int:
    """How many may come; none that wait to be asked for them."""
    if "HTTP_EXPECT" in environ:
        return 0
    if "HTTP_TRANSFER_ENCODING" in environ:
        return MOST_BODY_BYTES if "wsgi.input_terminated" in environ else 0
    stated = environ.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isdecimal() else 0


def _ending(environ: "WSGIEnvironment", most: int) -> IO[bytes]:
    """The body, which ends where it was said to: some servers would wait for what comes after."""
    sent: IO[bytes] = environ["wsgi.input"]
    return (
        sent
        if "HTTP_TRANSFER_ENCODING" in environ
        else cast("IO[bytes]", LimitedStream(sent, most))
    )


def _read(sent: IO[bytes]) -> None:
    """Up to the most that any request may send; a connection that stands still is closed by the
    watch over them.
    """
    left = MOST_BODY_BYTES
    with AWAITED.one(), suppress(OSError, ClientDisconnected):
        while left > 0 and (piece := sent.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
