"""`nuanfeng reports list | export` and `nuanfeng voice prepare | downgrade`: what riders say, and
the database that it stands in.
"""

import csv
import getpass
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET
from geodata.errors import BadQuestion, Said

if TYPE_CHECKING:
    from app.db.database import Database
    from app.voice.posting import Voice
    from geodata.snapshot.snapshot import Snapshot
    from geodata.store.files import Dataset

BY: Final = click.option(
    "--by", metavar="NAME", help="Who does it, as is written down  [default: who is signed in]"
)
#: What an export says of a report: no text, and nothing of who sent it.
EXPORTED: Final = (
    "id",
    "place",
    "kind",
    "type",
    "seen_at",
    "received_at",
    "expires_at",
    "present",
    "became",
    "synthetic",
)


@click.group(cls=Group)
def reports() -> None:
    """What riders report of places: what lives now, and all of it as a table."""


@reports.command(
    "list", epilog="Examples:  nuanfeng reports list  |  nuanfeng reports list --dataset mine"
)
@DATASET
@terminal.in_sentences
def list_(dataset: str | None) -> None:
    """List what is said of places now: of each type how many say so, since when and until when."""
    from app.voice.live_reports import LiveReports, stamp

    with opened(dataset) as (held, database):
        snapshot, now = held.load(), datetime.now(UTC)
        overlay = LiveReports(database).overlay(now, snapshot.zone)
        lines = [
            (place, str(each.type), str(each.riders), stamp(each.since), stamp(each.expires))
            for place, said in sorted(overlay.places.items())
            for each in said.said
        ]
    headings = (Said("place"), Said("type"), Said("riders"), Said("since"), Said("until"))
    terminal.rows(Said("{count:,} reports live", count=len(lines)), headings, lines)
    if not lines:
        terminal.tell("Nothing is reported at the moment.")


@reports.command(epilog="Example:  nuanfeng reports export -o reports.csv --days 90")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A CSV file.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3_660),
    default=90,
    show_default=True,
    help="Those received within so many days.",
)
@DATASET
@terminal.in_sentences
def export(target: Path, days: int, dataset: str | None) -> None:
    """Write reports as a table: place, type and times, without notes and without who sent them."""
    from app.db import reports as stored

    with opened(dataset) as (held, database), database.reading() as connection:
        since = datetime.now(UTC) - timedelta(days=days)
        rows = stored.every(connection, since)
        body = table(held.load(), rows)
    terminal.write(target, body)
    terminal.tell("{count:,} reports are in {file}.", count=len(rows), file=target)


def table(snapshot: "Snapshot", rows: "Sequence[dict[str, object]]") -> bytes:
    """Reports as CSV, in UTF-8; all words in it are ours, so that no cell is a formula."""
    from app.voice.demo import is_made_up
    from app.voice.live_reports import stamp

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(EXPORTED)
    for row in rows:
        times = [stamp(row[name]) for name in ("seen_at", "received_at", "expires_at")]  # type: ignore[arg-type]  # of the table
        place = str(row["place"])
        kind = _kind(snapshot, place)
        present = str(bool(row["has_ticket"])).lower()
        made_up = str(is_made_up(str(row["reporter"]))).lower()
        became = row["became"] or ""
        writer.writerow([row["id"], place, kind, row["type"], *times, present, became, made_up])
    return text.getvalue().encode()


def _kind(snapshot: "Snapshot", place: str) -> str:
    """The kind of a place; empty where it is no longer there."""
    from geodata.errors import NoSuchPlace
    from geodata.traits import kind_of

    try:
        return str(kind_of(int(snapshot.index.words[snapshot.row_of(place), 1])))
    except NoSuchPlace:
        return ""


@click.group(cls=Group)
def voice() -> None:
    """The database of what people say: its tables, and the way back."""


@voice.command("prepare", epilog="Example:  nuanfeng voice prepare --dataset mine")
@DATASET
@terminal.in_sentences
def prepare_(dataset: str | None) -> None:
    """Bring the database to this program's tables; `nuanfeng run` does it at each start.

    A file is copied beside itself before its tables change.
    """
    chosen = chosen_of(dataset)
    prepare(chosen)
    terminal.tell("The database of what people say of {name} is ready.", name=chosen.dataset)


@voice.command(epilog="Example:  nuanfeng voice downgrade 0001 --dataset mine")
@click.argument("step")
@DATASET
@terminal.in_sentences
def downgrade(step: str, dataset: str | None) -> None:
    """Bring the database back to an older step, before an older program is installed again."""
    from app.db import migrate

    with opened(dataset) as (_, database):
        migrate.downgrade(database, step)
    terminal.tell("The database of what people say is at step {step}.", step=step)


def prepare(chosen: settings.Settings) -> None:
    """Bring the database of what people say to this program's tables, and give a synthetic dataset
    its made-up content; done once, before workers start.

    Raises NewerVoice, OtherVoice, VoiceAway, and NoKey where letters could not be opened.
    """
    from app.voice.key_copies import is_copied
    from app.voice.setting_up import make_ready, voice_of

    held, snapshot = voice_of(chosen), dataset_of(chosen).load()
    try:
        make_ready(held, snapshot, chosen.dataset, now())
    finally:
        held.database.close()
    if not snapshot.about.synthetic and not is_copied(held.keys):
        terminal.warn(
            "There is no copy of the newest keys: if this disk is lost nobody can read the letters."
            " Make one: nuanfeng keys export FILE"
        )


def now() -> datetime:
    """The time at which a command does what it does, in UTC."""
    return datetime.now(UTC)


def who(by: str | None) -> str:
    """Who does it: as stated, else who is signed in."""
    return (by or getpass.getuser())[:80]


@contextmanager
def voiced(dataset: str | None) -> "Iterator[tuple[settings.Settings, Voice]]":
    """The settings, and what people say of a dataset, closed at the end."""
    from app.voice.setting_up import voice_of

    chosen = chosen_of(dataset)
    held = voice_of(chosen)
    _require_made(held.database, chosen.dataset)
    try:
        yield chosen, held
    finally:
        held.database.close()


@contextmanager
def opened(dataset: str | None) -> "Iterator[tuple[Dataset, Database]]":
    """A dataset, and the database of what people say of it, closed at the end."""
    chosen = chosen_of(dataset)
    database = database_of(chosen)
    try:
        yield dataset_of(chosen), database
    finally:
        database.close()


def chosen_of(dataset: str | None) -> settings.Settings:
    """The settings, with the dataset that a command names."""
    stated = settings.read()
    return replace(stated, dataset=dataset or stated.dataset)


def dataset_of(chosen: settings.Settings) -> "Dataset":
    """The dataset that settings name."""
    from geodata.store.files import Dataset

    return Dataset(chosen.home, chosen.dataset)


def database_of(chosen: settings.Settings) -> "Database":
    """The database that settings name. Raises BadQuestion where none was made."""
    from app.db.database import Database, address

    held = Database(address(chosen.home, chosen.dataset, chosen.voice_url or chosen.database_url))
    _require_made(held, chosen.dataset)
    return held


def _require_made(database: "Database", dataset: str) -> None:
    if not database.is_made:
        raise BadQuestion(
            "nobody has said anything of {dataset} yet; the first nuanfeng run makes the database"
            " for it, or: nuanfeng voice prepare --dataset {dataset}",
            dataset=dataset,
        )
