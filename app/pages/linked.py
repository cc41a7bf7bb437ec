"""Links of templates stand under the path that all is mounted under, without a word in them.

A template says href="/letters"; before it is compiled, that becomes href="{{ root() }}/letters".
"""

import re
from typing import Final

from flask import Flask
from jinja2 import Environment
from jinja2.ext import Extension

from app.response.mount import root

#: A path of ours in an attribute; two slashes would be another host.
_OURS: Final = re.compile(r'(?<=[ \n])((?:href|src|action|formaction)=")/(?!/)')


class Mounting(Extension):
    """Jinja's hook on the text of a template."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["root"] = root

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  # jinja's signature
        """The text with each path of ours under the root."""
        return _OURS.sub(r"\1{{ root() }}/", source)


def install(app: Flask) -> None:
    """Have all templates of an app do so."""
    app.jinja_env.add_extension(Mounting)
