"""How many requests a process works on at once; the next is told to come back.

A request is worked on until the last byte of its reply is sent.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from flask import Flask

from app.response.problems import Busy, answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Answered however busy the process is: a process that is busy is alive, and its data are there.
_EXEMPT: Final = frozenset({"/healthz", "/readyz"})


class _OnItsWay:
    """A reply that is written while it is sent; its seat is given back once, at the end of it or
    when it is closed before, because the client is gone.
    """

    def __init__(self, reply: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._reply, self._pieces = reply, iter(reply)
        self._leave: Callable[[], None] | None = leave

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:  # the end, too
            self._stand_up()
            raise

    def close(self) -> None:
        """The server calls this whatever happens (PEP 3333)."""
        try:
            getattr(self._reply, "close", lambda: None)()
        finally:
            self._stand_up()

    def _stand_up(self) -> None:
        leave, self._leave = self._leave, None
        if leave:
            leave()


class Limit:
    """A WSGI application in front of an app's own."""

    def __init__(self, app: Flask, inner: "WSGIApplication", most: int) -> None:
        self._app, self._inner, self._most = app, inner, most
        self._room = BoundedSemaphore(most)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Let one in if there is room; else 503 and Retry-After."""
        if environ["PATH_INFO"] in _EXEMPT:
            return self._inner(environ, start_response)
        if not self._room.acquire(blocking=False):
            return self._refuse(environ, start_response)
        try:
            reply = self._inner(environ, start_response)
            if not isinstance(reply, list | tuple):  # those are whole, and need no thread any more
                return _OnItsWay(reply, self._room.release)
        except BaseException:
            self._room.release()
            raise
        self._room.release()
        return reply

    def _refuse(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        with self._app.request_context(environ):
            refusal = answer(
                Busy(
                    "{count} requests are being answered already; ask again in a second",
                    count=self._most,
                )
            )
        return refusal(environ, start_response)
