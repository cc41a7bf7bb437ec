"""`nuanfeng reports list | export` and `nuanfeng voice prepare | downgrade`: what riders say, and
the database that it stands in.
"""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, output
from app.cli.tables import offices_of_many, write_table
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
    "street",
    "type",
    "seen_at",
    "received_at",
    "expires_at",
    "hour",
    "listed",
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


@reports.command(
    epilog=(
        "Examples:  nuanfeng reports export -o reports.csv --days 90  |"
        "  nuanfeng reports export -o reports.parquet"
    )
)
@output("A .csv or .parquet file.")
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
    """Write reports as a table: place, type and times, and what its hours said; without notes and
    without who sent them.
    """
    from app.db import reports as stored

    with opened(dataset) as (held, database), database.reading() as connection:
        since = datetime.now(UTC) - timedelta(days=days)
        rows = stored.every(connection, since)
        made = export_rows(held.load(), rows)
    write_table(target, EXPORTED, made)
    terminal.tell("{count:,} reports are in {file}.", count=len(rows), file=target)


def export_rows(snapshot: "Snapshot", rows: "Sequence[dict[str, Any]]") -> "list[dict[str, Any]]":
    """Reports as EXPORTED has them; all words in them are ours. A street office is named from five
    reports on.
    """
    from app.voice.demo import is_made_up
    from app.voice.live_reports import stamp

    streets = [_street(snapshot, row["place"]) for row in rows]
    named = offices_of_many(streets)
    return [
        {
            **{name: stamp(row[name]) for name in ("seen_at", "received_at", "expires_at")},
            "id": row["id"],
            "place": row["place"],
            "kind": _kind(snapshot, row["place"]),
            "street": street if street in named else "",
            "type": row["type"],
            "hour": snapshot.zone.local(row["seen_at"]).hour,
            "listed": _listed(snapshot, row["place"], row["seen_at"]),
            "present": bool(row["has_ticket"]),
            "became": row["became"] or "",
            "synthetic": is_made_up(row["reporter"]),
        }
        for row, street in zip(rows, streets, strict=True)
    ]


def _row(snapshot: "Snapshot", place: str) -> int | None:
    """The row of a place; None where it is no longer there."""
    from geodata.errors import NoSuchPlace

    try:
        return snapshot.row_of(place)
    except NoSuchPlace:
        return None


def _kind(snapshot: "Snapshot", place: str) -> str:
    from geodata.traits import kind_of

    row = _row(snapshot, place)
    return "" if row is None else str(kind_of(int(snapshot.index.words[row, 1])))


def _street(snapshot: "Snapshot", place: str) -> str:
    row = _row(snapshot, place)
    at = -1 if row is None else int(snapshot.streets.of[row])
    return snapshot.streets.names.tolist()[at].decode() if at >= 0 else ""


def _listed(snapshot: "Snapshot", place: str, at: datetime) -> str:
    """What the hours of a place say of an instant: open, closed or unknown."""
    from geodata.hours.timeline import State

    row = _row(snapshot, place)
    if row is None:
        return ""
    state = snapshot.hours_by_minute.at(at).state(snapshot.hours_row(row))
    if state in (State.OPEN, State.CLOSING_SOON):
        return "open"
    return "unknown" if state is State.UNKNOWN else "closed"


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
    from app.desk.desk import heads_of, keep
    from app.voice.key_copies import is_copied
    from app.voice.setting_up import make_ready, voice_of

    held, snapshot = voice_of(chosen), dataset_of(chosen).load()
    try:
        make_ready(held, snapshot, chosen.dataset, now())
        for name in keep(held.database, heads_of(chosen.home, chosen.dataset), now()):
            terminal.warn("The account {name} was idle for a year, and is closed.", name=name)
    finally:
        held.database.close()
    if not snapshot.about.synthetic and not is_copied(held.keys):
        terminal.warn(
            "There is no copy of the newest keys: if this disk is lost nobody can read the letters."
            " Make one: nuanfeng keys export FILE"
        )


def prepare_new(chosen: settings.Settings) -> None:
    """Prepare a database that no server has been started upon yet. Raises as `prepare` does."""
    from app.db import migrate

    database = _addressed(chosen)
    try:
        is_new = not database.is_made or migrate.revision(database) is None
    finally:
        database.close()
    if is_new:
        prepare(chosen)


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
    held = _addressed(chosen)
    _require_made(held, chosen.dataset)
    return held


def _addressed(chosen: settings.Settings) -> "Database":
    from app.db.database import Database, address

    return Database(address(chosen.home, chosen.dataset, chosen.voice_url or chosen.database_url))


def _require_made(database: "Database", dataset: str) -> None:
    if not database.is_made:
        raise BadQuestion(
            "nobody has said anything of {dataset} yet; the first nuanfeng run makes the database"
            " for it, or: nuanfeng voice prepare --dataset {dataset}",
            dataset=dataset,
        )
