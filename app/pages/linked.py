"""Links of templates stand under the path that all is mounted under, without a word in them.

A template says href="/letters"; before it is compiled, that becomes href="{{ root() }}/letters". A
link that is worked out, href="{{ link }}", becomes href="{{ mounted(link) }}".
"""

import re
from typing import Any, Final

from flask import Flask
from jinja2 import Environment
from jinja2.ext import Extension

from app.response.mount import root

#: A path of ours in an attribute; two slashes would be another host.
_OURS: Final = re.compile(r'(?<=[ \n])((?:href|src|action|formaction)=")/(?!/)')
_WORKED_OUT: Final = re.compile(r'(?<=[ \n])((?:href|src|action|formaction)=")\{\{ (.+?) \}\}')


def mounted(link: Any) -> Any:
    """A path of ours under the root; what stands there already, or is none, as it is."""
    here = root()
    is_ours = isinstance(link, str) and link.startswith("/") and not link.startswith("//")
    return f"{here}{link}" if here and is_ours and not link.startswith(f"{here}/") else link


class Mounting(Extension):
    """Jinja's hook on the text of a template."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals |= {"root": root, "mounted": mounted}

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  # jinja's signature
        """The text with each path of ours under the root."""
        worked_out = _WORKED_OUT.sub(r"\1{{ mounted(\2) }}", source)
        return _OURS.sub(r"\1{{ root() }}/", worked_out)


def install(app: Flask) -> None:
    """Have all templates of an app do so."""
    app.jinja_env.add_extension(Mounting)
