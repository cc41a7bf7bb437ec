"""`nuanfeng wishes`: where riders wish for places, what becomes of it, and a file for siting."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, output
from app.cli.tables import write_table
from app.cli.voice import BY, now, voiced, who
from geodata.errors import BadValue, Said
from geodata.vocabulary import Mode, Need

if TYPE_CHECKING:
    from app.voice.wishes import CellWishes

#: Letters of a reason.
_MOST_REASON: Final = 2_000
_ENDS: Final = ("kept", "built", "refused")


@click.group(cls=Group)
def wishes() -> None:
    """Where riders wish for a place, counted by area; from three wishes on."""


@wishes.command("list", epilog="Examples:  nuanfeng wishes list  |  nuanfeng wishes list --json")
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def list_(dataset: str | None, *, as_json: bool) -> None:
    """List the areas where three or more wish for a place, most wished first."""
    from app.voice.wishes import public, rounds_of, told

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        cells = told(rounds_of(connection).values())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(public(cells)), indent=1))
        return
    if not cells:
        terminal.tell("Nowhere do three wish for a place.")
    headings = (Said("area"), Said("wishes"), Said("for"), Said("state"), Said("reason"))
    lines = [
        (
            each.cell,
            f"{each.count:,}",
            " ".join(f"{need}:{count}" for need, count in each.needs.most_common()),
            str(each.state),
            each.reason[:60],
        )
        for each in cells
    ]
    terminal.rows(Said("{count:,} areas", count=len(cells)), headings, lines)


@wishes.command(epilog="Example:  nuanfeng wishes notes ws105r")
@click.argument("cell")
@DATASET
@terminal.in_sentences
def notes(cell: str, dataset: str | None) -> None:
    """Show the notes of an area's wishes. Whoever sees them, knows them."""
    from app.db import wishes as stored
    from app.voice import sealing

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        found = stored.notes(connection, [cell])
        said = [(f"{at:%Y-%m-%d}", sealing.unseal(held.keys, note, at)) for _, at, note in found]
    if not said:
        terminal.tell("There are no notes.")
    terminal.rows(Said("{count:,} notes", count=len(said)), (Said("day"), Said("note")), said)


@wishes.command(
    epilog=(
        "Examples:  nuanfeng wishes end ws105r --as built --reason 新驿站开放  |"
        "  nuanfeng wishes end ws105r --as refused --reason 附近已有两处"
    )
)
@click.argument("cell")
@click.option(
    "--as",
    "state",
    required=True,
    type=click.Choice(_ENDS),
    help="kept: for later, more may be wished; built or refused: wishes begin anew.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why, which is told to all.")
@BY
@DATASET
@terminal.in_sentences
def end(cell: str, state: str, reason: str, by: str | None, dataset: str | None) -> None:
    """Say what becomes of the wishes of an area, and why."""
    from app.voice import wishes as verbs
    from app.voice.wishes import WishState

    why = " ".join(reason.split())
    if not 0 < len(why) <= _MOST_REASON:
        raise BadValue(
            "the text has {length:,} characters; it may have 1 to {most:,}",
            length=len(why),
            most=_MOST_REASON,
        )
    with voiced(dataset) as (_, held):
        at = now()
        after = held.database.write(
            lambda connection: verbs.end(connection, cell, WishState(state), why, who(by), at)
        )
    terminal.tell(
        "{count:,} wishes of {cell} are {state}.", count=after.count, cell=cell, state=state
    )


@wishes.command(
    epilog=(
        "Examples:  nuanfeng wishes export -o wishes.parquet  |"
        "  nuanfeng site wishes.parquet --p 3 --reach-m 1000 -o sites.geojson"
    )
)
@output("A .csv or .parquet file.")
@DATASET
@terminal.in_sentences
def export(target: Path, dataset: str | None) -> None:
    """Write wishes that are neither built nor refused as demand for `nuanfeng site`.

    A point for each area of three or more wishes, which are its weight; no notes, and nothing of
    who wished.
    """
    from app.voice.wishes import rounds_of, waiting

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        cells = waiting(rounds_of(connection).values())
    write_table(target, COLUMNS, [row(each) for each in cells])
    terminal.tell("Wishes of {count:,} areas are in {file}.", count=len(cells), file=target)


#: What an export says of an area.
COLUMNS: Final = (
    "cell",
    "lon",
    "lat",
    "weight",
    *(f"need_{need}" for need in Need),
    *(f"mode_{mode}" for mode in Mode),
    "night",
    "state",
    "synthetic",
)
#: Hours of the day that count as night.
_NIGHT: Final = (22, 23, 0, 1, 2, 3, 4, 5)


def row(wished: "CellWishes") -> dict[str, Any]:
    """An area as a point of demand; a figure of fewer than three is empty."""
    from app.voice.wishes import FEWEST
    from geodata.search.cells import decode

    def figure(count: int) -> int | None:
        return count if count >= FEWEST else None

    lon, lat = decode(wished.cell).middle
    return {
        "cell": wished.cell,
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "weight": wished.count,
        **{f"need_{need}": figure(wished.needs[need]) for need in Need},
        **{f"mode_{mode}": figure(wished.modes[mode]) for mode in Mode},
        "night": figure(sum(wished.hours[hour] for hour in _NIGHT)),
        "state": str(wished.state),
        "synthetic": wished.made_up == wished.count,
    }
