"""How many requests a process works on at once; the next is told to come back.

A request is worked on until the last byte of its reply is sent. Each kind has a budget of its own,
so that what is dear, or waits for a database, never takes the seats of what is cheap. Cheap ones
wait for a turn before they take a seat: they are the last to be told to come back.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from enum import StrEnum
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Flask

from app.response.problems import Busy, answer
from app.response.turns import (
    COMPUTING,
    MOST_ANSWERING,
    MOST_WAITING_S,
    QuickTurn,
    QuickTurns,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Answered however busy the process is: a process that is busy is alive, and its data are there.
_EXEMPT: Final = frozenset({"/healthz", "/readyz", "/metrics"})

#: Set in the environment of what a request asks itself before it answers: it has its turn.
WITHIN: Final = "nuanfeng.within"


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
_STORED_BELOW: Final = (
    "/desk",
    "/letters",
    "/api/v1/letters",
    "/photos/",
    "/notices/",
    "/n/",
)
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_AT_ONCE: Final = nullcontext()
#: Refusals that are kept ready: one costs a twentieth of making it, and they are many when they
#: are needed.
_MOST_KEPT: Final = 512
_LONGEST_KEPT: Final = 400
#: Of a worker; beyond as many each is told to come back a second later, and so on.
REFUSED_A_SECOND: Final = 100
MOST_RETRY_AFTER_S: Final = 5


def kind_of(method: str, path: str) -> RequestKind:
    """The kind of a request by its method and its path."""
    if path in _DEAR or path.startswith(_DEAR_BELOW):
        return RequestKind.DEAR
    if method not in _READS or path.startswith(_STORED_BELOW):
        return RequestKind.STORED
    return RequestKind.CHEAP


def seats(most: int, kind: RequestKind) -> int:
    """How many requests of a kind one process works on at once, of `most` in all."""
    return max(1, most // BUDGETS[kind])


class _Refusal(NamedTuple):
    """As it is sent."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class RefusalRate:
    """How many were refused within a second, and when the next is told to come back: the later, the
    more they are, so that those who are answered are not slowed down by those who are not.
    """

    def __init__(self) -> None:
        self._second, self._now, self._before = 0, 0, 0

    def after_s(self, at_s: float) -> int:
        """Seconds for one who is refused now."""
        second = int(at_s)
        if second != self._second:
            self._before = self._now if second == self._second + 1 else 0
            self._second, self._now = second, 0
        self._now += 1
        many = max(self._now, self._before) // REFUSED_A_SECOND
        return min(1 + many, MOST_RETRY_AFTER_S)


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
        self._refusals: dict[tuple[str, ...], _Refusal] = {}
        self._recent = RefusalRate()
        self._quick = QuickTurns(MOST_ANSWERING)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Let one in if there is room for its kind; else 503 and Retry-After."""
        path = environ["PATH_INFO"]
        if path in _EXEMPT or WITHIN in environ:
            return self._inner(environ, start_response)
        kind = kind_of(environ["REQUEST_METHOD"], path)
        if kind is not RequestKind.CHEAP:
            computed = kind is RequestKind.DEAR and not path.startswith(_FILES)
            return self._let_in(environ, start_response, kind, computed=computed)
        turn = self._quick.take()
        if turn is QuickTurn.REFUSED:
            return self._refuse(environ, start_response)
        began = time.monotonic()
        try:
            return self._let_in(environ, start_response, kind, computed=False)
        finally:
            if turn is QuickTurn.TAKEN:
                self._quick.give(time.monotonic() - began)

    def _let_in(
        self,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        kind: RequestKind,
        *,
        computed: bool,
    ) -> Iterable[bytes]:
        too_long = computed and COMPUTING.expected_s > MOST_WAITING_S
        with self._counting:
            inside = self._inside_by_kind[kind]
            full = too_long or self._inside == self._most or inside == self._budgets[kind]
            self._inside += not full
            self._inside_by_kind[kind] += not full
        if full:
            return self._refuse(environ, start_response)

        try:
            # One with a body takes its turn once that is there (api/routes).
            with COMPUTING if computed and environ["REQUEST_METHOD"] in _READS else _AT_ONCE:
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
        query, seconds = environ["QUERY_STRING"], self._recent.after_s(time.monotonic())
        key = (
            str(seconds),
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            query if "lang" in query else "",
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        )
        refusal = self._refusals.get(key)
        if refusal is None:
            refusal = self._refusal(environ, seconds)
            self._keep(key, refusal)
        start_response(refusal.status, refusal.headers)
        return [refusal.body]

    def _refusal(self, environ: "WSGIEnvironment", seconds: int) -> _Refusal:
        with self._app.request_context(environ):
            made = answer(Busy(seconds))
        pieces, status, headers = made.get_wsgi_response(environ)
        return _Refusal(status, headers, b"".join(pieces))

    def _keep(self, key: tuple[str, ...], refusal: _Refusal) -> None:
        """For the next who asks alike. What is long or strange is not kept."""
        if sum(map(len, key)) > _LONGEST_KEPT:
            return
        with self._counting:
            if len(self._refusals) >= _MOST_KEPT:
                self._refusals.clear()
            self._refusals[key] = refusal
