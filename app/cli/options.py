"""Query parameters as options of a command: the same names, ranges and sentences as in a URL.

Asks nothing itself.

The types of queries, and numba with them, are imported when the command is run: other commands
start without them.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, get_args
from urllib.parse import quote

import click
import msgspec

from app import settings
from app.cli.commands import Command
from geodata.errors import Said

if TYPE_CHECKING:
    from app.request.queries import BatchQuery, CoverageQuery
    from geodata.pipeline.edits import Decide
    from geodata.store.stops import Paved

T = TypeVar("T", bound=msgspec.Struct)

#: A table has no refusals in another language.
_LEFT_OUT: Final = frozenset({"lang"})
DATASET: Final = click.option(
    "--dataset",
    metavar="NAME",
    help="Which dataset  [default: the one NUANFENG_DATASET names, else demo]",
)
LON: Final = click.option(
    "--lon", metavar="COLUMN", help="The column of longitudes  [default: the geometry, else lon]"
)
LAT: Final = click.option(
    "--lat", metavar="COLUMN", help="The column of latitudes  [default: the geometry, else lat]"
)
POINTS_DATUM: Final = click.option(
    "--datum",
    default="wgs84",
    show_default=True,
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="Of the points.",
)
WEIGHT: Final = click.option(
    "--weight",
    metavar="COLUMN",
    help="How much each point stands for  [default: the column weight, else 1 each]",
)
NETWORK: Final = click.option(
    "--network",
    metavar="NAME",
    help=(
        "The road network that minutes are those of  [default: the one NUANFENG_NETWORK names, if"
        " any]"
    ),
)

EDITED: Final = click.option(
    "--edited",
    type=click.Choice(["keep", "list"]),
    help=(
        "Where the list has other words for what was edited by hand: keep what was edited, or take"
        " the list's  [default: publish nothing, and say where]"
    ),
)


ENCODING: Final = click.option(
    "--encoding",
    metavar="NAME",
    help=(
        "The encoding of text tables, GeoJSON and shapefiles, e.g. gbk: no other is tried "
        " [default: found out]"
    ),
)
SHEETS: Final = click.option(
    "--sheet",
    "sheets",
    metavar="NAME",
    multiple=True,
    help="Only this sheet or layer, even if hidden; may be repeated  [default: all visible ones"
    " that list places]",
)
HIDDEN: Final = click.option(
    "--hidden", is_flag=True, help="Take hidden and struck-out rows of sheets, too."
)
CRS: Final = click.option(
    "--crs",
    metavar="EPSG:…",
    help="The CRS of a layer that states none and is not in degrees, e.g. EPSG:4547.",
)


_NEW_CITY: Final = click.option(
    "--city",
    "name",
    metavar="NAME",
    help="The city of a new dataset, e.g. 武汉市  [default: where its places lie]",
)
_CITY_OF_EXTRACT: Final = click.option(
    "--city",
    "name",
    metavar="NAME",
    help=(
        "Which city of the extract: its name, e.g. 武汉市, or the number of its relation "
        " [default: the one that fits the extract, else all of it]"
    ),
)
_CITY: Final = (
    click.option(
        "--country",
        metavar="XX",
        help="Its country by ISO 3166, e.g. CN  [default: where its places lie]",
    ),
    click.option(
        "--timezone",
        metavar="ZONE",
        help="Its time zone, e.g. Asia/Shanghai  [default: where its places lie]",
    ),
    click.option(
        "--language",
        metavar="TAG",
        help="The language of its names, e.g. zh-CN  [default: the country's]",
    ),
    click.option(
        "--area-code",
        "area_codes",
        multiple=True,
        metavar="CODE",
        help="Before its telephone numbers, e.g. 027  [default: by the name of a Chinese city]",
    ),
)


_Described = Callable[[Callable[..., None]], Callable[..., None]]


def output(endings: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`-o FILE`, which a command cannot do without and gets as `target`; `endings` says in English
    what it may be.
    """
    return click.option(
        "-o",
        "--output",
        "target",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=endings,
    )


def _describes(which: _Described) -> _Described:
    """Gives a command the options that say what city a dataset is of, and hands them to it as
    `city`; `which` is the one that names it.
    """

    def describes(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def asked(*args: Any, **given: Any) -> None:
            from geodata.sources.city_facts import CityStated

            said = {each.name: given.pop(each.name) for each in fields(CityStated)}
            command(*args, city=CityStated(**said), **given)

        run: Callable[..., None] = asked
        for option in reversed((which, *_CITY)):
            run = option(run)
        return run

    return describes


#: Of a command that reads tables or outlines.
describes_city: Final = _describes(_NEW_CITY)
#: Of a command that reads an extract, which holds cities of which one is wanted.
describes_city_of_extract: Final = _describes(_CITY_OF_EXTRACT)


def opens_files(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command that reads files the options --sheet, --encoding and --crs, and hands them to
    it as `options`, with HIDDEN where it has that.
    """

    @wraps(command)
    def run(*args: Any, **given: Any) -> None:
        from geodata.sources.file_options import FileOptions

        said = {
            each.name: given.pop(each.name) for each in fields(FileOptions) if each.name in given
        }
        command(*args, options=FileOptions(**said), **given)

    for option in (SHEETS, ENCODING, CRS):
        run = option(run)
    return run


class _Asks(Command):
    """A command that also has an option for every parameter of a query, e.g. --max-distance-m.

    Values come as text.
    """

    query: ClassVar[str]
    """The query's name in app.request.queries."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The filters, then its own options, which go before filters of their name."""
        from app.request import parsing, queries

        filters = [
            _option(name, hint)
            for name, hint in parsing.fields(getattr(queries, self.query)).items()
        ]
        own = super().get_params(ctx)
        taken = _LEFT_OUT | {option.name for option in own}
        return [*(option for option in filters if option.name not in taken), *own]


class AsksInBulk(_Asks):
    """A command with the parameters of a batch."""

    query = "BatchQuery"


class AsksCoverage(_Asks):
    """A command with the parameters of coverage."""

    query = "CoverageQuery"


def query_of(stated: Mapping[str, str | None]) -> "BatchQuery":
    """The options that were given, as a batch's query. Raises BadParameters, as a URL would."""
    from app.request import queries

    return _parsed(stated, queries.BatchQuery)


def coverage_of(stated: Mapping[str, str | None]) -> "CoverageQuery":
    """The same for coverage."""
    from app.request import queries

    return _parsed(stated, queries.CoverageQuery)


def paved_of(network: str | None, minutes: float | None) -> "Paved | None":
    """The network that minutes are those of, by the option NETWORK or the settings.

    None: there are none, or metres.

    Raises NoDataset, and UsageError for a network without minutes.
    """
    from geodata.store.files import RoadNetwork
    from geodata.store.stops import Paved

    if minutes is None:
        if network:
            raise click.UsageError(Said("--network goes with --minutes: metres are straight."))
        return None
    chosen = settings.read()
    named = network or chosen.network
    return Paved.of(RoadNetwork(chosen.home.absolute(), named)) if named else None


def _parsed(stated: Mapping[str, str | None], into: type[T]) -> T:
    from app.request import parsing

    given = {name: value for name, value in stated.items() if value is not None}
    return parsing.parse("&".join(f"{name}={quote(value)}" for name, value in given.items()), into)


def _option(name: str, hint: Any) -> click.Option:
    plain, meta = get_args(hint)[:2]
    metavar = {int: "NUMBER", float: "NUMBER", bool: "true|false"}.get(plain, "TEXT")
    return click.Option(
        [f"--{name.replace('_', '-')}", name], metavar=metavar, help=meta.description
    )


def edited_by(stated: str | None) -> "Decide":
    """What EDITED states, for each field that a person and a list both changed."""
    kept = None if stated is None else stated == "keep"
    return lambda _contradiction: kept
