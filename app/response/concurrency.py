"""How many requests a process works on at once; the next is told to come back.

A request is worked on until the last byte of its reply is sent. Each kind has a budget of its own,
so that what is dear, or waits for a database, never takes the seats of what is cheap.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from enum import StrEnum
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from flask import Flask, Response

from app.response.problems import Busy, answer
from app.response.turns import COMPUTING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Answered however busy the process is: a process that is busy is alive, and its data are there.
_EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestKind(StrEnum):
    """What a request costs the process that answers it."""

    CHEAP = "cheap"
    """Answered in a millisecond or two from what lies in memory."""
    DEAR = "dear"
    """Computed for this one asker, or sent for long."""
    STORED = "stored"
    """Written to, or read from, a database, which may be slow."""


#: Of NUANFENG_MAX_CONCURRENT each kind may hold one in so many; a kind always has one seat.
BUDGETS: Final[Mapping[RequestKind, int]] = {
    RequestKind.CHEAP: 1,
    RequestKind.DEAR: 2,
    RequestKind.STORED: 4,
}
_DEAR: Final = frozenset(
    {
        "/api/v1/along",
        "/api/v1/coverage",
        "/api/v1/isochrone",
        "/api/v1/nearest/batch",
        "/api/v1/search",
        "/coverage",
        "/plates",
    }
)
#: Sent from files, which another process makes: nothing is computed here.
_FILES: Final = "/data/"
_DEAR_BELOW: Final = (_FILES, "/ogc/collections/")
_STORED_BELOW: Final = ("/desk", "/letters")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_AT_ONCE: Final = nullcontext()
#: Refusals that are kept ready: one costs a twentieth of making it, and they are many when they
#: are needed.
_MOST_KEPT: Final = 512
_LONGEST_KEPT: Final = 400


def kind_of(method: str, path: str) -> RequestKind:
    """The kind of a request by its method and its path."""
    if path in _DEAR or path.startswith(_DEAR_BELOW):
        return RequestKind.DEAR
    if method not in _READS or path.startswith(_STORED_BELOW):
        return RequestKind.STORED
    return RequestKind.CHEAP


def _takes_turn(kind: RequestKind, method: str, path: str) -> bool:
    """Whether a request is computed when its turn comes. One with a body takes its turn once that
    is there (api/routes).
    """
    return kind is RequestKind.DEAR and method in _READS and not path.startswith(_FILES)


def seats(most: int, kind: RequestKind) -> int:
    """How many requests of a kind one process works on at once, of `most` in all."""
    return max(1, most // BUDGETS[kind])


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
        self._budgets = {kind: seats(most, kind) for kind in RequestKind}
        #: A third of what a semaphore costs, which can also wait.
        self._counting, self._inside = Lock(), 0
        self._inside_by_kind = dict.fromkeys(RequestKind, 0)
        self._refusals: dict[tuple[str, ...], Response] = {}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Let one in if there is room for its kind; else 503 and Retry-After."""
        path = environ["PATH_INFO"]
        if path in _EXEMPT:
            return self._inner(environ, start_response)
        kind = kind_of(environ["REQUEST_METHOD"], path)
        with self._counting:
            inside = self._inside_by_kind[kind]
            full = self._inside == self._most or inside == self._budgets[kind]
            self._inside += not full
            self._inside_by_kind[kind] += not full
        if full:
            return self._refuse(environ, start_response)

        try:
            with COMPUTING if _takes_turn(kind, environ["REQUEST_METHOD"], path) else _AT_ONCE:
                reply = self._inner(environ, start_response)
            if not isinstance(reply, list | tuple):  # those are whole, and need no thread any more
                return _OnItsWay(reply, partial(self._leave, kind))
        except BaseException:
            self._leave(kind)
            raise
        self._leave(kind)
        return reply

    def _leave(self, kind: RequestKind) -> None:
        with self._counting:
            self._inside -= 1
            self._inside_by_kind[kind] -= 1

    def _refuse(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        key = (
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            query if "lang" in query else "",
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        )
        refusal = self._refusals.get(key)
        if refusal is None:
            with self._app.request_context(environ):
                refusal = answer(
                    Busy("Too many ask at this moment; ask again in {seconds} s.", seconds=1)
                )
            self._keep(key, refusal)
        return refusal(environ, start_response)

    def _keep(self, key: tuple[str, ...], refusal: Response) -> None:
        """For the next who asks alike. What is long or strange is not kept."""
        if sum(map(len, key)) > _LONGEST_KEPT:
            return
        with self._counting:
            if len(self._refusals) >= _MOST_KEPT:
                self._refusals.clear()
            self._refusals[key] = refusal
