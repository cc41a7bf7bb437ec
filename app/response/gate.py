"""What is refused before any view: a request that says no host, and addresses with `//` or a zero
byte.
"""

from typing import Final

from flask import Request
from werkzeug.exceptions import NotFound

from app.response.problems import NoHost

_SCHEMES: Final = frozenset({"http", "https"})
#: What the server calls HTTP/1.0, the only version that need not say a host.
_WITHOUT_HOST: Final = frozenset({"HTTP/1", "HTTP/1.0"})


def check(asked: Request) -> None:
    """Let a request pass.

    Raises NoHost, so that no link is made of what a client made up, and NotFound.

    PostgreSQL keeps and compares no text with a zero byte, so it names nothing.

    werkzeug would answer `//` and the empty path by a redirect to an address that has the query in
    it, and with it a position.
    """
    path = asked.environ["PATH_INFO"]
    if "//" in path or "\0" in path or not path.startswith("/"):
        raise NotFound
    if not asked.host:  # none, or one that is none, such as two joined by a comma
        _name_ourselves(asked)
    scheme = asked.environ["wsgi.url_scheme"]
    if scheme not in _SCHEMES:
        raise NoHost(
            "X-Forwarded-Proto is “{scheme}”; it can be http or https.", scheme=scheme[:40]
        )


def _name_ourselves(asked: Request) -> None:
    environ = asked.environ
    stated = environ.get("HTTP_HOST", "")
    if stated or environ["SERVER_PROTOCOL"] not in _WITHOUT_HOST:
        raise NoHost(
            "The header Host is “{host}”; send one, once, such as localhost:8000.", host=stated[:60]
        )
    name, port = environ["SERVER_NAME"], environ["SERVER_PORT"]
    asked.host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
