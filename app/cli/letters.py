"""`nuanfeng letters`: letters are read, given to who answers, answered, refused and handed over."""

import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, output
from app.cli.tables import offices_of_many, write_table
from app.cli.voice import BY, dataset_of, now, voiced, who
from geodata.errors import BadValue, Said

if TYPE_CHECKING:
    from app.db.letters import StoredLetter
    from app.settings import Settings
    from app.voice.letter_box import Reply
    from app.voice.letters import Course, Happening

#: What an export says of a letter: no text, no receipt.
EXPORTED: Final = (
    "category",
    "street",
    "received_at",
    "due_on",
    "first_answer_at",
    "state",
    "since",
    "ended_at",
    "reopened",
    "waited_days",
    "synthetic",
)
_ALL: Final = datetime.fromtimestamp(0).astimezone()


@click.group(cls=Group)
def letters() -> None:
    """Letters to the letter box: read and answer them, before there is a desk."""


@letters.command(
    "list", epilog="Examples:  nuanfeng letters list --open  |  nuanfeng letters list --json"
)
@click.option("--open", "only_open", is_flag=True, help="Only those that wait for us.")
@click.option("--street", metavar="NAME", help="Only those to this street office.")
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def list_(only_open: bool, street: str | None, dataset: str | None, *, as_json: bool) -> None:  # noqa: FBT001  # a flag of the command line
    """List letters, those whose answer is due first on top; texts are not shown."""
    at = now()
    chosen, found = _letters(dataset)
    due = _due_of(chosen)
    told = [_told(row, course, at, due) for row, course in found]
    told = [each for each in told if street is None or each["street"] == street]
    if only_open:
        told = [each for each in told if each["state"] in ("received", "assigned", "reopened")]
    told.sort(key=lambda each: (each["due_on"], each["id"]))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=1))
        return
    if not told:
        terminal.tell("There are no letters.")
    headings = (
        Said("id"),
        Said("due"),
        Said("state"),
        Said("about"),
        Said("street"),
        Said("received"),
    )
    names = ("id", "due_on", "state", "category", "street", "received_at")
    lines = [[each[name][:16] for name in names] for each in told]
    terminal.rows(Said("letters of {dataset}", dataset=chosen.dataset), headings, lines)


@letters.command(epilog="Example:  nuanfeng letters show 3f9a2c1d77aa")
@click.argument("letter_id", metavar="ID")
@DATASET
@terminal.in_sentences
def show(letter_id: str, dataset: str | None) -> None:
    """Show a letter with its text, and what happened to it. Whoever sees it, knows it."""
    from app.db import letters as stored
    from app.response.refusals import NoSuchLetter
    from app.voice import letter_box

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        row = stored.of_id(connection, letter_id)
        if row is None:
            raise NoSuchLetter
        letter = letter_box.opened(connection, held.keys, row)
    text = letter.written
    terminal.pairs(
        {
            Said("id"): row.id,
            Said("about"): row.category,
            Said("street"): row.street,
            Said("place"): row.place,
            Said("received"): row.received_at.isoformat(timespec="minutes"),
            Said("state"): str(letter.course.at(now()).state),
            Said("text"): text.text if text else Said("gone"),
            Said("where"): text.where if text else "",
            Said("pin"): text.pin if text else "",
            Said("contact"): text.contact if text else "",
        }
    )
    for each in letter.told:
        said = (
            " / ".join(filter(None, (each.reply.text, each.reply.elsewhere))) if each.reply else ""
        )
        terminal.pairs({f"{each.at:%Y-%m-%d %H:%M} {each.kind}": f"{each.by}  {said}".rstrip()})


@letters.command(
    epilog="Example:  nuanfeng letters assign 3f9a2c1d77aa --to 粤海街道 --until 2026-12-07"
)
@click.argument("letter_id", metavar="ID")
@click.option("--to", required=True, metavar="NAME", help="Who is to answer.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="By which day  [default: when an answer is due]",
)
@BY
@DATASET
@terminal.in_sentences
def assign(
    letter_id: str, to: str, until: datetime | None, by: str | None, dataset: str | None
) -> None:
    """Give a letter to who is to answer it."""
    from app.voice.letter_box import assigned
    from app.voice.letters import Happening

    with voiced(dataset) as (chosen, _):
        today = dataset_of(chosen).load().zone.local(now()).date()
    details = assigned(to, until.date() if until else None, today)
    _happen(dataset, letter_id, Happening.ASSIGNED, by, None, details)


@letters.command(
    epilog=(
        "Examples:  nuanfeng letters answer 3f9a2c1d77aa 明天派人来修  |"
        "  nuanfeng letters answer 3f9a2c1d77aa - < answer.txt"
    )
)
@click.argument("letter_id", metavar="ID")
@click.argument("text")
@BY
@DATASET
@terminal.in_sentences
def answer(letter_id: str, text: str, by: str | None, dataset: str | None) -> None:
    """Answer a letter with TEXT; `-` reads it from the standard input.

    Only who wrote the letter ends it as solved.
    """
    from app.voice.letter_box import Reply
    from app.voice.letters import Happening

    _happen(dataset, letter_id, Happening.ANSWERED, by, Reply(_text(text)))


@letters.command(
    epilog="Example:  nuanfeng letters refuse 3f9a2c1d77aa --why 不在本市 --elsewhere 东莞12345"
)
@click.argument("letter_id", metavar="ID")
@click.option(
    "--why", required=True, metavar="TEXT", help="The reason, which is told to who wrote."
)
@click.option("--elsewhere", default="", metavar="TEXT", help="Who else can help.")
@BY
@DATASET
@terminal.in_sentences
def refuse(letter_id: str, why: str, elsewhere: str, by: str | None, dataset: str | None) -> None:
    """Refuse a letter, with the reason and with who else can help."""
    from app.voice.letter_box import Reply
    from app.voice.letters import Happening

    _happen(dataset, letter_id, Happening.REFUSED, by, Reply(_text(why), elsewhere))


@letters.command(
    "hand-over",
    epilog="Example:  nuanfeng letters hand-over 3f9a2c1d77aa --reference 12345-2026-118",
)
@click.argument("letter_id", metavar="ID")
@click.option("--reference", required=True, metavar="TEXT", help="Under which it is found there.")
@click.option("--text", default="", metavar="TEXT", help="What is told besides.")
@BY
@DATASET
@terminal.in_sentences
def hand_over(
    letter_id: str, reference: str, text: str, by: str | None, dataset: str | None
) -> None:
    """Say that a letter was handed over to the hotline 12345, and under which reference."""
    from app.voice.letter_box import Reply
    from app.voice.letters import Happening

    _happen(dataset, letter_id, Happening.HANDED_OVER, by, Reply(text, reference))


@letters.command(
    epilog=(
        "Examples:  nuanfeng letters export -o letters.csv  |"
        "  nuanfeng letters export -o letters.parquet"
    )
)
@output("A .csv or .parquet file.")
@DATASET
@terminal.in_sentences
def export(target: Path, dataset: str | None) -> None:
    """Write letters into a file for research: dates and subjects, no text, no receipt.

    A street office is named from five letters on.
    """
    from app.db.letters import DEMO

    at = now()
    chosen, found = _letters(dataset)
    named = offices_of_many(row.street for row, _ in found)
    due = _due_of(chosen)
    rows = [_told(row, course, at, due) for row, course in found]
    for each in rows:
        each["street"] = each["street"] if each["street"] in named else ""
        each["synthetic"] = each["id"].startswith(DEMO)
    write_table(target, EXPORTED, rows)
    terminal.tell("{count:,} letters are in {file}.", count=len(rows), file=target)


def _text(stated: str) -> str:
    """TEXT, or what the standard input holds. Raises BadValue where that is none, or too long."""
    from app.request.letters import MOST_TEXT

    text = (sys.stdin.read() if stated == "-" else stated).strip()
    if not 0 < len(text) <= MOST_TEXT:
        raise BadValue(
            "the text has {length:,} characters; it may have 1 to {most:,}",
            length=len(text),
            most=MOST_TEXT,
        )
    return text


def _happen(
    dataset: str | None,
    letter_id: str,
    kind: "Happening",
    by: str | None,
    reply: "Reply | None",
    details: dict[str, Any] | None = None,
) -> None:
    from app.voice import letter_box
    from app.voice.letters import LetterEvent

    event = LetterEvent(kind, now())
    with voiced(dataset) as (_, held):
        after = held.database.write(
            lambda connection: letter_box.happen(
                connection, held.keys, letter_id, event, who(by), reply, details
            )
        )
    terminal.tell("Letter {id} is {state}.", id=letter_id, state=after.state)


def _letters(dataset: str | None) -> "tuple[Settings, list[tuple[StoredLetter, Course]]]":
    from app.db import letters as stored
    from app.db.letters import ReadUntil
    from app.voice.letter_box import standing

    with voiced(dataset) as (chosen, held), held.database.reading() as connection:
        found = stored.since(connection, ReadUntil(), _ALL)
    return chosen, list(standing(found.letters, found.happened))


def _due_of(chosen: "Settings") -> "Callable[[StoredLetter], date]":
    """How the day is found by which a letter should be answered."""
    from app.voice.letter_routes import due_of

    snapshot = dataset_of(chosen).load()
    return lambda row: due_of(snapshot, row)


def _told(
    row: "StoredLetter", course: "Course", at: datetime, due: "Callable[[StoredLetter], date]"
) -> dict[str, Any]:
    here = course.at(at)

    def stamp(when: datetime | None) -> str:
        return when.isoformat(timespec="seconds") if when else ""

    return {
        "id": row.id,
        "category": row.category,
        "street": row.street,
        "place": row.place,
        "received_at": stamp(row.received_at),
        "due_on": due(row).isoformat(),
        "first_answer_at": stamp(here.first_answer_at),
        "state": str(here.state),
        "since": stamp(here.since),
        "ended_at": stamp(here.ended_at),
        "reopened": here.reopened,
        "waited_days": round(((here.ended_at or at) - row.received_at) / timedelta(days=1), 3),
    }
