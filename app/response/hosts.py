"""Which hosts a server answers under. Load balancers and `nuanfeng run` itself ask how it is by
address, so that is answered under any.
"""

from collections.abc import Collection
from typing import Final

from flask import Flask, request
from werkzeug.exceptions import SecurityError
from werkzeug.sansio.utils import host_is_trusted

#: Where the app keeps it.
_OWN_NAME: Final = "OWN_NAME"
#: Whether the process is alive and ready: nothing in the reply depends on the host.
_UNDER_ANY: Final = frozenset({"/healthz", "/readyz", "/metrics"})


def answer_only(app: Flask, trusted: Collection[str]) -> None:
    """Refuse, as 400, what is asked of other hosts than these; of none of them: answer any.

    Flask's own TRUSTED_HOSTS knows no exception.
    """

    def check() -> None:
        host = request.headers.get("Host", "")
        if request.path not in _UNDER_ANY and not host_is_trusted(host.lower(), trusted):
            raise SecurityError

    app.config[_OWN_NAME] = next(iter(trusted), "localhost").removeprefix(".")
    if trusted:
        app.before_request(check)


def own_name(app: Flask) -> str:
    """A host that the app answers under."""
    return str(app.config[_OWN_NAME])
