"""`nuanfeng contacts | events | benefits`: the directory beside the places: its tables come in
through the door that places come in by.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, opens_files
from app.cli.voice import BY, chosen_of, dataset_of, now, prepare_new, voiced, who
from geodata.errors import PublishRefused, Said
from geodata.places.directory import EntryKind, Event

if TYPE_CHECKING:
    from geodata.places.directory import Entry
    from geodata.snapshot.snapshot import Snapshot
    from geodata.sources.directory import DirectoryRead, TableCity
    from geodata.sources.file_options import FileOptions

#: More of what is listed than this gone is a wrong file, or a reason to say so.
MOST_GONE = 0.5


def _group(listing: EntryKind, about: str) -> click.Group:
    """The commands of one sort of entry."""
    group = Group(name=f"{listing}s", help=about)
    for add in (_add_import, _add_list, _add_remove):
        add(group, listing)
    return group


def _add_import(group: click.Group, listing: EntryKind) -> None:
    name = group.name

    @group.command(
        "import",
        epilog=(
            f"Examples:  nuanfeng {name} import {name}.xlsx  |"
            f"  nuanfeng {name} import {name}.csv --replace --by 工会"
        ),
        help=(
            "Read a table (csv, xlsx, …) into the directory: new entries are added and changed ones"
            " replaced, each by its id, else by its name. A row that cannot be an entry is refused"
            " with the reason; then nothing is written, unless --skip-refused."
        ),
    )
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option(
        "--map",
        "maps",
        multiple=True,
        metavar="HEADING=FIELD",
        help="What a column means, e.g. 名称=name.",
    )
    @click.option(
        "--datum",
        type=click.Choice(["wgs84", "gcj02", "bd09"]),
        help="The datum of lon and lat; needed where the file states none.",
    )
    @click.option("--replace", is_flag=True, help="Remove what is listed and not in the file.")
    @click.option("--skip-refused", is_flag=True, help="Write without the refused rows.")
    @click.option("--force", is_flag=True, help="Also with most of what is listed gone.")
    @click.option("--check", is_flag=True, help="Write nothing: only the report.")
    @click.option(
        "--refused",
        type=click.Path(path_type=Path),
        metavar="X.xlsx",
        help="Write the refused rows, to send back.",
    )
    @opens_files
    @BY
    @DATASET
    @terminal.in_sentences
    def import_(
        file: Path,
        maps: Sequence[str],
        datum: str | None,
        refused: Path | None,
        by: str | None,
        dataset: str | None,
        options: "FileOptions",
        **told: bool,
    ) -> None:
        from app.cli.importing import require_sane

        require_sane(file)  # before a library of tables is imported
        columns = terminal.pairs_of(maps, "--map")
        read = _read(file, listing, dataset, datum, columns, options)
        _report(read)
        if refused and read.rejects:
            from geodata.sources import refused as workbook

            workbook.write(refused, read.tables, read.rejects, terminal.spoken)
        if read.rejects and not told["skip_refused"]:
            terminal.tell(
                "Nothing was written: rows were refused. Mend them, or take --skip-refused."
            )
            sys.exit(1)
        if not told["check"]:
            _write(read, listing, by, dataset, replace=told["replace"], force=told["force"])


def _add_list(group: click.Group, listing: EntryKind) -> None:
    @group.command("list", epilog=f"Example:  nuanfeng {group.name} list --json", help="List them.")
    @DATASET
    @click.option("--json", "as_json", is_flag=True, help="As JSON.")
    @terminal.in_sentences
    def list_(dataset: str | None, *, as_json: bool) -> None:
        found = _listed(listing, dataset)
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
            return
        if not found:
            terminal.tell("Nothing is listed.")
        lines = [(each.id, each.name, each.district, _what(each)) for each in found]
        headings = (Said("id"), Said("name"), Said("district"), Said("what"))
        terminal.rows(Said("{count:,} listed", count=len(found)), headings, lines)


def _add_remove(group: click.Group, listing: EntryKind) -> None:
    @group.command(
        "remove",
        epilog=f"Example:  nuanfeng {group.name} remove {listing[0]}-1a2b3c4d5e",
        help="Take an entry out of the directory; what it said stays in the database.",
    )
    @click.argument("entry_id", metavar="ID")
    @BY
    @DATASET
    @terminal.in_sentences
    def remove(entry_id: str, by: str | None, dataset: str | None) -> None:
        from app.voice import directory

        with voiced(dataset) as (_, held):
            at = now()
            held.database.write(
                lambda connection: directory.remove(connection, listing, entry_id, who(by), at)
            )
        terminal.tell("{id} is no longer listed.", id=entry_id)


def _read(
    file: Path,
    listing: EntryKind,
    dataset: str | None,
    datum: str | None,
    columns: dict[str, str],
    options: "FileOptions",
) -> "DirectoryRead":
    from geodata.sources.directory import read_directory
    from geodata.space.coordinates import Datum

    around = surroundings(dataset_of(chosen_of(dataset)).load())
    return read_directory(file, listing, around, Datum(datum) if datum else None, columns, options)


def surroundings(snapshot: "Snapshot") -> "TableCity":
    """What need not be said in a table for this dataset."""
    from geodata.sources.directory import TableCity

    return TableCity(
        snapshot.about.city,
        snapshot.zone,
        snapshot.outline,
        tuple(name.decode() for name in snapshot.districts.names.tolist()),
    )


def _report(read: "DirectoryRead") -> None:
    from geodata.sources.report import by_kind

    terminal.pairs(
        {
            Said("rows read"): f"{len(read.entries) + len(read.rejects):,}",
            Said("taken"): f"{len(read.entries):,}",
            Said("refused"): f"{len(read.rejects):,}",
            Said("cells mended"): f"{len(read.repairs):,}",
        }
    )
    if read.unused_columns:
        terminal.tell(
            "columns not used (declare them with --map): {unused_columns}",
            unused_columns=[*read.unused_columns],
        )
    headings = (Said("what"), Said("cells"))
    for title, told in ((Said("mended"), read.repairs), (Said("to look at"), read.notes)):
        lines = [(what, f"{count:,}") for what, count in by_kind(told)]
        terminal.rows(title, headings, lines)
    if read.rejects:
        terminal.rejects(read.rejects)


def _write(
    read: "DirectoryRead",
    listing: EntryKind,
    by: str | None,
    dataset: str | None,
    *,
    replace: bool,
    force: bool,
) -> None:
    from app.voice import directory

    prepare_new(chosen_of(dataset))
    with voiced(dataset) as (_, held):
        at = now()
        with held.database.reading() as connection:
            there = [each for each in directory.entries(connection) if _is(each, listing)]
        wanted = {each.id for each in read.entries}
        gone = sum(each.id not in wanted for each in there)
        if replace and gone > MOST_GONE * len(there) and not force:
            raise PublishRefused(
                "{gone:,} of {there:,} entries would be gone; take --force if that is meant",
                gone=gone,
                there=len(there),
            )
        told = held.database.write(
            lambda connection: directory.put(
                connection, listing, read.entries, who(by), at, replace=replace
            )
        )
    terminal.tell(
        "{added:,} added, {changed:,} changed, {kept:,} as before, {removed:,} removed.",
        **told._asdict(),
    )


def _listed(listing: EntryKind, dataset: str | None) -> "list[Entry]":
    from app.voice import directory

    with voiced(dataset) as (_, held), held.database.reading() as connection:
        return [each for each in directory.entries(connection) if _is(each, listing)]


def _is(entry: "Entry", listing: EntryKind) -> bool:
    from geodata.places.directory import ENTRIES

    return isinstance(entry, ENTRIES[listing])


def _what(entry: "Entry") -> str:
    """What a line of the list says of an entry: its number, its beginning, or its end."""
    from geodata.places.directory import Contact

    if isinstance(entry, Contact):
        return entry.number
    if isinstance(entry, Event):
        return entry.start.isoformat(timespec="minutes")
    return entry.until.isoformat() if entry.until else ""


contacts = _group(
    EntryKind.CONTACT, "The yellow pages (手机黄页): whom riders and drivers can call."
)
events = _group(EntryKind.EVENT, "Events for riders and drivers: days, talks, meetings, courses.")
benefits = _group(EntryKind.BENEFIT, "What riders and drivers are entitled to, and until when.")
