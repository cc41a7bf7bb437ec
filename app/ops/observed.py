"""Every request has an id, is counted and is told in one line of the log.

The line has no query, no address and no path: of the path it says which rule it matched, with
names where the values stood.
"""

import logging
import re
import time
from collections.abc import Iterable
from random import getrandbits
from typing import TYPE_CHECKING, Any, Final

from flask import Flask

from app.ops.counters import MOST_PROBLEMS, MOST_ROUTES, Counters
from app.response.problems import PROBLEM, ROUTE, slugs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: What another program may name a request by. No dot: a position is no id.
_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
#: The route of what was answered before, or without, looking for a rule.
UNROUTED: Final = "unrouted"
#: Where what is counted can be read; its view comes last, for it needs the counters.
METRICS: Final = "/metrics"
#: Methods that a line names; every other is told as one.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
_OTHER: Final = "other"

_log = logging.getLogger("nuanfeng.request")


def counters_of(app: Flask) -> Counters:
    """The counters of an app whose views are all there."""
    routes = sorted({METRICS, *(rule.rule for rule in app.url_map.iter_rules())})
    return Counters([UNROUTED, *routes][: MOST_ROUTES - 1], slugs()[: MOST_PROBLEMS - 1])


class Observed:
    """A WSGI application around all others."""

    def __init__(self, inner: "WSGIApplication", counters: Counters) -> None:
        self._inner, self._counters = inner, counters

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer, and tell of it once the reply has begun."""
        began = time.perf_counter()
        stated = environ.get("HTTP_X_REQUEST_ID", "")
        # No secret: of the system's randomness, as secrets takes it, one costs six times as much.
        request_id = stated if _ID.fullmatch(stated) else f"{getrandbits(64):016x}"
        named = ("X-Request-Id", request_id)
        status = 500

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, [*headers, named], *exc_info)

        try:
            return self._inner(environ, start)
        finally:
            took_s = time.perf_counter() - began
            route, problem = environ.get(ROUTE) or UNROUTED, environ.get(PROBLEM, "")
            self._counters.count(route, status, took_s, problem)
            if _log.isEnabledFor(logging.INFO):
                method = environ["REQUEST_METHOD"]
                said = {
                    "request_id": request_id,
                    "method": method if method in _METHODS else _OTHER,
                    "route": route,
                    "status": status,
                    "ms": round(took_s * 1000, 2),
                    "problem": problem,
                }
                _log.info("request", extra=said)
