"""`nuanfeng import`: tables of real places are read, reported on and, if asked, published."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app import settings
from app.cli import terminal
from app.cli.versions import kept_text
from geodata.errors import BadTable, NuanfengError, PublishRefused, UnreadableFile
from geodata.sources.measure import measure
from geodata.vocabulary import Audience, Door, Kind, Service

if TYPE_CHECKING:
    from geodata.pipeline.recipes import Checked, StoredTables
    from geodata.snapshot.demand import Demand
    from geodata.sources.grid import RawTable
    from geodata.sources.report import ImportReport
    from geodata.sources.table import Declared

#: More of the published places than this gone is a wrong file, or a reason to say so.
MOST_GONE: Final = 0.5
_EPILOG: Final = (
    "Examples:  nuanfeng import 驿站.xlsx --dataset mine --datum gcj02 --kind warm_bee_station  | "
    " the same with --publish  |  nuanfeng import stations.csv --dataset ev --kind"
    " friendly_merchant --service ev_charge --datum gcj02 --map station_id=id --name-template"
    " '充电站 {station_id}' --publish"
)


class Remembered(msgspec.Struct, frozen=True):
    """What was declared when a dataset was last imported: headings and words that need not be told
    again.
    """

    columns: dict[str, str] = {}
    words: dict[str, str] = {}


def _words(members: type[Kind] | type[Service] | type[Audience] | type[Door]) -> click.Choice[str]:
    return click.Choice([word.value for word in members])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What stands on the command line, by the names of its options."""

    files: Sequence[Path]
    dataset: str
    datum: str | None
    kind: str | None
    services: Sequence[str]
    audience: Sequence[str]
    door: str
    maps: Sequence[str]
    words: Sequence[str]
    sheet: str | None
    name_template: str | None
    title: str | None
    licence: str
    source: str | None
    demand: Path | None
    demand_weight: str | None
    demand_datum: str
    demand_title: str | None
    report: Path | None
    refused: Path | None
    skip_refused: bool
    force: bool
    publish: bool


@click.command("import", epilog=_EPILOG)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--dataset", required=True, metavar="NAME", help="The dataset to publish to.")
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="The datum of lon and lat; needed where the file states none.",
)
@click.option("--kind", type=_words(Kind), help="The kind of every row; else a column says it.")
@click.option(
    "--service",
    "services",
    multiple=True,
    type=_words(Service),
    help="A service of rows that name none.",
)
@click.option(
    "--audience",
    multiple=True,
    type=_words(Audience),
    help="Who is welcome in rows that do not say.",
)
@click.option(
    "--door",
    default=Door.UNKNOWN.value,
    type=_words(Door),
    help="How one gets in where rows do not say.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="HEADING=FIELD",
    help="What a column means, e.g. 名称=name.",
)
@click.option(
    "--word",
    "words",
    multiple=True,
    metavar="WORD=SERVICE",
    help="What a word means, e.g. 充电=phone_charge.",
)
@click.option(
    "--sheet", help="Only this sheet or layer, even if hidden  [default: all that are visible]"
)
@click.option("--name-template", help="Makes names from columns, e.g. '充电站 {station_id}'.")
@click.option("--title", help="The dataset's title on the page  [default: its name]")
@click.option("--licence", default="not stated", show_default=True, help="The licence of the data.")
@click.option("--source", help="Where the data comes from  [default: the files' names]")
@click.option(
    "--demand",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "Points that /coverage takes shares of, as `nuanfeng coverage` reads them  [default: those"
        " published before]"
    ),
)
@click.option(
    "--demand-weight",
    metavar="COLUMN",
    help="How much each of these points stands for  [default: 1]",
)
@click.option(
    "--demand-datum",
    default="wgs84",
    show_default=True,
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="Of these.",
)
@click.option(
    "--demand-title", metavar="TEXT", help="What these points are  [default: the file's name]"
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="X.json",
    help="Write the whole report as JSON.",
)
@click.option(
    "--refused",
    type=click.Path(path_type=Path),
    metavar="X.xlsx",
    help="Write the refused rows, to send back.",
)
@click.option("--skip-refused", is_flag=True, help="Publish without the refused rows.")
@click.option(
    "--force",
    is_flag=True,
    help="Publish against the evidence on the datum, or with most places gone.",
)
@click.option(
    "--publish", is_flag=True, help="Publish, whole or not at all. Without it: only the report."
)
@terminal.in_sentences
def import_(**given: Any) -> None:
    """Read tables of real places (csv, xlsx, xls, geojson, gpkg, shp, parquet) and report.

    With --publish, publish.

    Together the files become one version of the dataset. Columns are taken by their headings and by
    --map; what is mapped is remembered for the dataset. If a single row is refused nothing is
    published, unless --skip-refused.
    """
    asked = _Asked(**given)
    for file in asked.files:
        measure(file)  # before any library of tables is imported: a bomb is refused in no time
    home = settings.read().home
    known = _remembered(home, asked.dataset)
    stated = terminal.pairs_of(asked.maps, "--map")
    told = Remembered(
        known.columns | stated, known.words | terminal.pairs_of(asked.words, "--word")
    )
    tables = _read(asked.files, asked.sheet, told)
    declared = _declared(asked, told)
    held = _held(home, asked.dataset)
    checked = _checked(tables, declared, stated, held)
    demand = _demand(asked, asked.demand, checked) if asked.demand else _before(held, checked)
    found = _report(checked, tables, asked.dataset)
    _print(found)
    _write(asked, found, tables, checked)
    _refuse_against_evidence(checked, force=asked.force)
    if not asked.publish:
        terminal.out.print("Nothing was published: this was the report. Add --publish to publish.")
        sys.exit(1 if checked.rejects and not asked.skip_refused else 0)
    _refuse_if_most_are_gone(checked, force=asked.force)
    tables.clear()  # the text and the story of 200,000 rows are 400 MB, and freezing needs room
    del found
    rejects = () if asked.skip_refused else checked.rejects
    _publish(asked, replace(checked, repairs=(), notes=(), rejects=rejects), home, held, demand)
    _remember(home, asked.dataset, told)


def _write(
    asked: _Asked, found: "ImportReport", tables: Sequence["RawTable"], checked: "Checked"
) -> None:
    """The files that were asked for: the whole report, and the refused rows to send back."""
    if asked.report:
        from geodata.sources.report import as_json

        terminal.write(asked.report, as_json(found))
    if asked.refused and checked.rejects:
        from geodata.sources import refused

        refused.write(asked.refused, tables, checked.rejects)


def _demand(asked: _Asked, path: Path, checked: "Checked") -> "Demand":
    from geodata.analysis.files import demand_of
    from geodata.sources.points import Source
    from geodata.space.coordinates import Datum

    points = Source(path, datum=Datum(asked.demand_datum), weight=asked.demand_weight)
    return demand_of(points, asked.demand_title or path.name, checked.outlines)


def _before(held: "StoredTables | None", checked: "Checked") -> "Demand | None":
    """The demand of the version before: new places do not change who asks.

    None where there is none.
    """
    return held.demand(checked.outlines) if held else None


def _read(files: Sequence[Path], sheet: str | None, told: Remembered) -> list["RawTable"]:
    from geodata.sources.read import read

    tables: list[RawTable] = []
    with terminal.progress("reading", len(files)) as heard:
        for done, file in enumerate(files, 1):
            tables += read(file, sheet, told.columns)
            heard(done)
    return tables


def _declared(asked: _Asked, told: Remembered) -> "Declared":
    from geodata.sources.table import Declared
    from geodata.space.coordinates import Datum

    unknown = sorted(set(told.words.values()) - set(map(str, Service)))
    if unknown:
        raise BadTable(
            f"--word names no service: {', '.join(unknown)}; services are {', '.join(Service)}"
        )
    return Declared(
        Datum(asked.datum) if asked.datum else None,
        Kind(asked.kind) if asked.kind else None,
        tuple(map(Service, asked.services)),
        tuple(map(Audience, asked.audience)),
        Door(asked.door),
        told.columns,
        asked.name_template,
        {word: Service(service) for word, service in told.words.items()},
    )


def _held(home: Path, dataset: str) -> "StoredTables | None":
    """What is published now; ids, evidence and outlines come from it, and only after it may the
    import be published.
    """
    from geodata.pipeline import recipes

    return recipes.stored(home, dataset)


def _checked(
    tables: Sequence["RawTable"],
    declared: "Declared",
    stated: Mapping[str, str],
    held: "StoredTables | None",
) -> "Checked":
    """Remembered headings hold where a table has them; those stated now must be in each."""
    from geodata.pipeline import recipes
    from geodata.sources.table import places_from

    reads = []
    with terminal.progress("checking", len(tables)) as heard:
        for done, table in enumerate(tables, 1):
            mine = {
                heading: name
                for heading, name in declared.columns.items()
                if heading in {*table.columns, *stated}
            }
            reads.append(places_from(table, replace(declared, columns=mine)))
            heard(done)
        return recipes.check(
            *reads, published=recipes.real_places(held), drawn=recipes.drawn_outlines(held)
        )


def _report(checked: "Checked", tables: Sequence["RawTable"], dataset: str) -> "ImportReport":
    from geodata.sources.report import ImportReport, number_of
    from geodata.sources.table import NoteKind

    return ImportReport(
        dataset,
        {table.file: table.sha256 for table in tables},
        checked.rows,
        len(checked.places),
        len(checked.rejects),
        len(checked.repairs),
        int(checked.places["opening_hours"].notna().sum()),
        number_of(checked.notes, NoteKind.HOURS_NOT_UNDERSTOOD),
        checked.unused,
        checked.left_out,
        checked.evidence,
        checked.changes,
        checked.rejects,
        checked.repairs,
        checked.notes,
    )


def _print(found: "ImportReport") -> None:
    from geodata.sources.report import as_table, by_kind

    moves = found.changes
    terminal.pairs(
        {
            "rows read": f"{found.rows:,}",
            "taken": f"{found.taken:,}",
            "refused": f"{found.refused:,}",
            "cells mended": f"{found.repaired:,}",
            "opening hours": (
                f"{found.hours_read:,} read, {found.hours_not_understood:,} not understood"
            ),
            "against the published": (
                f"{len(moves.added):,} new, {len(moves.kept):,} kept, "
                f"{len(moves.moved):,} of them moved, {len(moves.gone):,} gone"
            ),
        }
    )
    if found.unused_columns:
        terminal.out.print(
            f"columns not used (declare them with --map): {', '.join(found.unused_columns)}",
            markup=False,
        )
    terminal.rows("left out", ("what",), [(text,) for text in found.left_out])
    headings = (
        "datum",
        "on the city's land",
        "from the landmark of its name",
        "from the published",
        "in the area it names",
        "",
    )
    terminal.rows("the coordinates, read under each datum", headings, as_table(found.evidence))
    terminal.rows(
        "mended", ("how", "cells"), [(how, f"{count:,}") for how, count in by_kind(found.repairs)]
    )
    terminal.rows(
        "look at",
        ("what", "cells"),
        [(about, f"{count:,}") for about, count in by_kind(found.notes)],
    )
    lines = [
        (note.source, str(note.row), note.column, note.value, note.about) for note in found.notes
    ]
    terminal.rows("of these", ("file", "row", "column", "value", "what"), lines)
    terminal.rejects(found.rejects)


def _refuse_against_evidence(checked: "Checked", *, force: bool) -> None:
    if checked.evidence.against and not force:
        raise NuanfengError(
            f"the datum cannot be right: {checked.evidence.against}. "
            f"Declare --datum {checked.evidence.fits}, or add --force if you know better"
        )


def _refuse_if_most_are_gone(checked: "Checked", *, force: bool) -> None:
    changes = checked.changes
    before = len(changes.kept) + len(changes.gone)
    if before and len(changes.gone) > MOST_GONE * before and not force:
        raise PublishRefused(
            f"{len(changes.gone):,} of {before:,} published places are not in these files; nothing"
            " was published. Is it the right file? Add --force if they are gone"
        )


def _publish(
    asked: _Asked,
    checked: "Checked",
    home: Path,
    held: "StoredTables | None",
    demand: "Demand | None",
) -> None:
    from geodata.pipeline import recipes
    from geodata.store.files import Dataset, Seen

    with terminal.progress("freezing", len(checked.places)) as heard:
        today = datetime.now().astimezone().date()
        title = asked.title or asked.dataset
        source = asked.source or ", ".join(file.name for file in asked.files)
        frozen = recipes.imported(
            checked, asked.dataset, title, asked.licence, source, today, heard, demand
        )
    stored = Dataset(home, asked.dataset)
    seen = Seen(held.pointer if held else None)
    pointer = stored.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs, seen=seen)
    total = sum(frozen.about.counts.values())
    terminal.out.print(
        f"Published {total:,} places as version {pointer.version} of dataset {asked.dataset}."
    )
    if demand:
        terminal.out.print(
            f"Shares are taken of {len(demand):,} points: {demand.summary.title}.", markup=False
        )
    terminal.out.print(kept_text(stored), markup=False)


def _memory(home: Path, dataset: str) -> Path:
    from geodata.store.files import Dataset

    return Dataset(home, dataset).folder / "import.json"


def _remembered(home: Path, dataset: str) -> Remembered:
    path = _memory(home, dataset)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Remembered)
    except FileNotFoundError:
        return Remembered()
    except (OSError, msgspec.DecodeError) as fault:
        raise UnreadableFile(
            f"{path} cannot be read: {fault}; delete it, and state --map and --word anew"
        ) from None


def _remember(home: Path, dataset: str, told: Remembered) -> None:
    """Beside the versions: what one person found out the next need not."""
    path = _memory(home, dataset)
    body = msgspec.json.format(msgspec.json.encode(told), indent=1)
    aside = path.with_suffix(f".{hashlib.sha256(body).hexdigest()[:8]}")
    try:
        aside.write_bytes(body)
        aside.replace(path)
    except OSError as fault:
        terminal.err.print(
            f"published, but what --map said could not be kept: {fault.strerror}", markup=False
        )
