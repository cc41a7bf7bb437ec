"""`nuanfeng plates print | revoke`: signed plates, as a file to print, and their end.

Sent to nobody: a page that anybody could ask for would prove nothing.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, output
from app.cli.voice import BY, chosen_of, database_of, dataset_of, now, voiced, who
from geodata.errors import BadQuestion

if TYPE_CHECKING:
    from geodata.snapshot.snapshot import Snapshot


@click.group(cls=Group)
def plates() -> None:
    """Plates at doors that prove one stood there."""


@plates.command(
    "print",
    epilog=(
        "Examples:  nuanfeng plates print --origin https://map.example.org -o plates.html st-00412"
        "  |  nuanfeng plates print --all --origin https://map.example.org -o plates.html"
    ),
)
@click.argument("places", nargs=-1, metavar="[ID]...")
@click.option("--all", "everywhere", is_flag=True, help="Of all places.")
@click.option("--origin", required=True, metavar="URL", help="The address that people know.")
@output("An HTML file to print, four plates to a sheet of A4.")
@DATASET
@terminal.in_sentences
def print_(
    places: Sequence[str], origin: str, target: Path, dataset: str | None, *, everywhere: bool
) -> None:
    """Make signed plates: who scans one proves that they stood there, for a quarter of an hour.

    The same place and the same key give the same plate, however often it is printed. Signed plates
    are for doors: the plate that anybody can print from a place's page proves nothing.
    """
    if bool(places) is everywhere:
        raise BadQuestion("name the places, or take --all; not both")
    if not origin.startswith(("https://", "http://")):
        raise BadQuestion(
            "--origin is {origin!r}; it takes an address with https://", origin=origin
        )
    chosen = chosen_of(dataset)
    snapshot = dataset_of(chosen).load()
    rows = snapshot.by_id.tolist() if everywhere else [snapshot.row_of(each) for each in places]
    terminal.write(target, sheet(chosen, snapshot, rows, f"{origin.rstrip('/')}/"))
    terminal.tell("{count:,} plates are in {file}.", count=len(rows), file=target)


@plates.command(
    epilog="Example:  nuanfeng plates revoke st-00412  # then: nuanfeng plates print … st-00412"
)
@click.argument("places", nargs=-1, required=True, metavar="ID...")
@BY
@DATASET
@terminal.in_sentences
def revoke(places: Sequence[str], by: str | None, dataset: str | None) -> None:
    """End the plates of places that were stolen or photographed: who scans one proves nothing.

    The next plate printed of such a place is signed by a new key, and proves again.
    """
    from app.db import reports as stored
    from app.voice.plates import newest

    with voiced(dataset) as (chosen, held):
        snapshot = dataset_of(chosen).load()
        known = [snapshot.id_of(snapshot.row_of(each)) for each in places]
        numbers = range(1, newest(held.keys) + 1)
        ended = held.database.write(
            lambda connection: stored.revoke_plates(connection, known, numbers, now(), who(by))
        )
    if ended:
        terminal.tell("The plates of {count:,} places prove nothing any more.", count=len(known))
    else:
        terminal.tell("These plates had ended before; nothing changed.")


def sheet(
    chosen: settings.Settings, snapshot: "Snapshot", rows: Sequence[int], origin: str
) -> bytes:
    """The plates of rows, signed, as an HTML file with its style in it.

    `origin` is the address that people know, and ends in a slash.
    """
    from flask import g, render_template
    from markupsafe import Markup

    from app.db import reports as stored
    from app.factory import create_app
    from app.pages import plate
    from app.pages.assets import assets
    from app.pages.queries import Paper
    from app.voice import plates as signed
    from app.voice.keys import KeyRing

    keys, database = KeyRing(chosen.keys or chosen.home / "keys"), database_of(chosen)
    printed = []
    with closing(database), database.reading() as connection:
        for row in rows:
            place = snapshot.id_of(row)
            token = signed.token(keys, place, stored.revoked_keys(connection, place))
            printed.append(plate.plate(snapshot, row, origin, token))
    style = "".join(assets().text(f"css/{name}.css") for name in ("page", "plain"))
    with create_app(chosen).test_request_context(base_url=origin):
        g.left_out = ()
        html = render_template(
            "signed_plates.html",
            plates=printed,
            paper=Paper.A4,
            total=len(printed),
            style=Markup(style),  # noqa: S704  # our own files
            sprite=Markup(assets().text("icons.svg")),  # noqa: S704  # our own file
            synthetic=snapshot.about.synthetic,
        )
    return html.encode()
