"""Everything under a path of a host that others share: `/nuanfeng/` of a city's portal.

The path is stated, or a trusted proxy says it. A request may come with it or without it: a proxy
may take it off.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import has_request_context, request

from app.settings import is_prefix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SEE: Final = "308 Permanent Redirect"


def root() -> str:
    """What stands before every path of ours in a reply: such as /nuanfeng, or nothing."""
    return request.script_root if has_request_context() else ""


class Mounted:
    """A WSGI application around others; `stated` is the path, empty where proxies may say it."""

    def __init__(self, inner: "WSGIApplication", stated: str) -> None:
        self._inner, self._stated = inner, stated

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Take the path off, and remember it for links."""
        prefix = self._stated or environ.get("SCRIPT_NAME", "").rstrip("/")
        # A proxy that says something else is none that knows us: nothing of it stands in a link.
        prefix = environ["SCRIPT_NAME"] = prefix if is_prefix(prefix) else ""
        path = environ["PATH_INFO"]
        if prefix and path == prefix:
            query = environ.get("QUERY_STRING", "")
            to = f"{prefix}/?{query}" if query else f"{prefix}/"
            start_response(_SEE, [("Location", to), ("Content-Length", "0")])
            return []
        if prefix and path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :]
        return self._inner(environ, start_response)
