"""`nuanfeng audit`: whether what was done at the desk stands as it was written, and as a table."""

import csv
import io
from pathlib import Path

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, output
from app.cli.voice import voiced
from geodata.errors import BadValue


@click.group(cls=Group)
def audit() -> None:
    """What was done at the desk: a chain in which no entry is changed or lost unseen."""


@audit.command(epilog="Example:  nuanfeng audit verify")
@DATASET
@terminal.in_sentences
def verify(dataset: str | None) -> None:
    """Check the chain from its beginning, and against the digests kept apart from it, one a day."""
    from app.db import audit as stored
    from app.desk.audit import faults, read_heads
    from app.desk.desk import heads_of

    with voiced(dataset) as (chosen, held), held.database.reading() as connection:
        heads = heads_of(chosen.home, chosen.dataset)
        found = list(faults(connection, heads))
        last = stored.last(connection)
    for fault in found[: terminal.SHOWN]:
        terminal.warn("entry {number}: {why}", number=fault.number, why=fault.why)
    if found:
        raise BadValue(
            "The audit is not as it was written: {count:,} entries are wrong or missing.",
            count=len(found),
        )
    terminal.tell(
        "The audit is whole: {count:,} entries, {days:,} days’ digests in {file}.",
        count=last.number if last else 0,
        days=len(list(read_heads(heads))),
        file=heads,
    )


@audit.command(
    epilog=(
        "Examples:  nuanfeng audit export -o audit.csv  |  nuanfeng audit export -o audit.jsonl"
    )
)
@output("A .csv or .jsonl file.")
@DATASET
@terminal.in_sentences
def export(target: Path, dataset: str | None) -> None:
    """Write all entries into FILE, with their digests, so that others can check the chain."""
    from app.db import audit as stored
    from app.db.audit import AuditEntry
    from geodata.sources.formula import guarded

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        entries = list(stored.every(connection))
    if target.suffix == ".jsonl":
        body = b"".join(msgspec.json.encode(each._asdict()) + b"\n" for each in entries)
    elif target.suffix == ".csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(AuditEntry._fields)
        for each in entries:
            writer.writerow(guarded(v) if isinstance(v, str) else v for v in each)
        body = text.getvalue().encode("utf-8-sig")
    else:
        raise BadValue("{file} is neither a .csv nor a .jsonl file", file=target.name)
    terminal.write(target, body)
    terminal.tell("{count:,} entries are in {file}.", count=len(entries), file=target)
