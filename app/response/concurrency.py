"""How many requests a process works on at once; the next is told to come back. Knows no data."""

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Final

from flask import Flask

from app.response.problems import Busy, answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Answered however busy the process is: a process that is busy is alive.
_EXEMPT: Final = "/healthz"


class Limit:
    """A WSGI application in front of an app's own."""

    def __init__(self, app: Flask, inner: "WSGIApplication", most: int) -> None:
        self._app, self._inner, self._most = app, inner, most
        #: A third of what a semaphore costs, which can also wait.
        self._counting, self._inside = Lock(), 0

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Let one in if there is room; else 503 and Retry-After."""
        if environ["PATH_INFO"] == _EXEMPT:
            return self._inner(environ, start_response)
        with self._counting:
            full = self._inside == self._most
            self._inside += not full
        if full:
            return self._refuse(environ, start_response)
        try:
            return self._inner(environ, start_response)
        finally:
            with self._counting:
                self._inside -= 1

    def _refuse(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        with self._app.request_context(environ):
            refusal = answer(
                Busy(
                    "{most} requests are being answered already; ask again in a second.",
                    most=self._most,
                )
            )
        return refusal(environ, start_response)
