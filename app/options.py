"""Query parameters as options of a command: the same names, ranges and sentences as in a URL. Asks nothing itself.

The types of queries, and numba with them, are imported when the command is run: other commands start without them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import quote

import click

if TYPE_CHECKING:
    from app.params import BatchQuery

#: A table has no refusals in another language.
_LEFT_OUT: Final = frozenset({"lang"})


class AsksInBulk(click.Command):
    """A command that also has an option for every parameter of a batch, e.g. --max-distance-m; values come as text."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The filters, then its own options."""
        from app import params

        filters = [_option(name, hint) for name, hint in params.fields(params.BatchQuery).items()]
        return [*(option for option in filters if option.name not in _LEFT_OUT), *super().get_params(ctx)]


def query_of(stated: Mapping[str, str | None]) -> "BatchQuery":
    """The options that were given, as a query. Raises BadParameters, as a URL would."""
    from app import params

    given = {name: value for name, value in stated.items() if value is not None}
    return params.parse("&".join(f"{name}={quote(value)}" for name, value in given.items()), params.BatchQuery)


def _option(name: str, hint: Any) -> click.Option:
    plain, meta = get_args(hint)[:2]
    metavar = {int: "NUMBER", float: "NUMBER", bool: "true|false"}.get(plain, "TEXT")
    return click.Option([f"--{name.replace('_', '-')}", name], metavar=metavar, help=meta.description)
