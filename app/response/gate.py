"""What is refused before any view: a request that says no host, and addresses with `//`."""

from typing import Final

from flask import Flask, request
from werkzeug.exceptions import NotFound

from app.response.problems import NoHost

_SCHEMES: Final = frozenset({"http", "https"})
#: What the server calls HTTP/1.0, the only version that need not say a host.
_WITHOUT_HOST: Final = frozenset({"HTTP/1", "HTTP/1.0"})


def install(app: Flask) -> None:
    """Ask the gate before each request."""
    app.before_request(_pass)


def _pass() -> None:
    """Raises NoHost, so that no link is made of what a client made up, and NotFound.

    werkzeug would answer `//` and the empty path by a redirect to an address that has the query in
    it, and with it a position.
    """
    path = request.environ["PATH_INFO"]
    if "//" in path or not path.startswith("/"):
        raise NotFound
    if not request.host:  # none, or one that is none, such as two joined by a comma
        _name_ourselves()
    if request.scheme not in _SCHEMES:
        raise NoHost(
            "X-Forwarded-Proto is “{stated}”; it can be http or https", stated=request.scheme[:40]
        )


def _name_ourselves() -> None:
    environ = request.environ
    stated = environ.get("HTTP_HOST", "")
    if stated or environ["SERVER_PROTOCOL"] not in _WITHOUT_HOST:
        raise NoHost(
            "the header Host is “{stated}”; send one, once, such as localhost:8000",
            stated=stated[:60],
        )
    name, port = environ["SERVER_NAME"], environ["SERVER_PORT"]
    request.host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
