"""`nuanfeng backup` and `nuanfeng restore`: what a server holds in one file, and the way back."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Command
from app.cli.options import DATASET
from app.cli.voice import now, voiced

if TYPE_CHECKING:
    from app.settings import Settings

_FILE: Final = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command(cls=Command, epilog="Example:  nuanfeng backup nuanfeng-2026-11-30.tar")
@_FILE
@DATASET
@terminal.in_sentences
def backup(file: Path, dataset: str | None) -> None:
    """Write what people said, the current dataset, network and base map, and the holidays into
    FILE, while servers run.

    No key is in it: `nuanfeng keys export` makes a copy of those.
    """
    from app.ops import backup as copies
    from app.voice.key_copies import is_copied
    from geodata.store.files import BaseMapStore, Dataset, RoadNetwork

    with voiced(dataset) as (chosen, held):
        name, network = chosen.dataset, chosen.network or chosen.dataset
        stores = (
            Dataset(chosen.home, name),
            RoadNetwork(chosen.home, network),
            BaseMapStore(chosen.home, name),
        )
        made = copies.save(file, held.database, stores, now())
        copied = is_copied(held.keys)
    terminal.tell(
        "{file} holds {rows:,} rows of what people said, and {stores}.",
        file=file,
        rows=sum(made.rows.values()),
        stores=", ".join(f"{each.room}/{each.name} {each.version}" for each in made.stores),
    )
    if not copied:
        terminal.warn(
            "There is no copy of the newest keys: without them nobody can read the letters of this"
            " backup. Make one: nuanfeng keys export FILE"
        )


@click.command(cls=Command, epilog="Example:  nuanfeng restore nuanfeng-2026-11-30.tar")
@_FILE
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="Throw away what people said that stands in the database now.",
)
@click.option("--said-only", is_flag=True, help="Put back what people said, and nothing else.")
@terminal.in_sentences
def restore(file: Path, *, replacing: bool, said_only: bool) -> None:
    """Put a backup into this home and its database, a file or PostgreSQL, whichever it came from.

    Stop the servers first, and start them afterwards.
    """
    from app.db.database import Database, address
    from app.ops import backup as copies

    with copies.opened(file) as held:
        chosen = replace(settings.read(), dataset=held.manifest.dataset)
        stated = chosen.voice_url or chosen.database_url
        database = Database(address(chosen.home, chosen.dataset, stated))
        try:
            done = held.restore(
                chosen.home, database, now(), replace=replacing, said_only=said_only
            )
        finally:
            database.close()
    terminal.tell(
        "Restored {dataset} as of {made_at}: {rows:,} rows, {stores} versions, {years} years of"
        " holidays.",
        dataset=done.dataset,
        made_at=f"{done.made_at:%Y-%m-%d %H:%M} UTC",
        rows=sum(done.rows.values()),
        stores=len(done.stores),
        years=done.years,
    )
    _say_keys(chosen, done.rows)


def _say_keys(chosen: "Settings", rows: Mapping[str, int]) -> None:
    """Letters whose keys are not here can be read by nobody, and no server starts."""
    from app.voice import letter_box
    from app.voice.keys import NoKey

    if not rows.get("letter"):
        return
    with voiced(chosen.dataset) as (_, held), held.database.reading() as connection:
        try:
            letter_box.require_keys(connection, held.keys)
        except NoKey:
            terminal.warn(
                "The keys of these letters are not here: put them back before a server starts, by"
                " nuanfeng keys import FILE"
            )
