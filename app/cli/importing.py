"""An import: tables are read, checked beside what is published, reported on, and published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app import settings
from app.cli import apart, terminal
from app.cli.calendar import warn_after
from app.cli.import_memory import Remembered, remember, remembered
from app.cli.import_report import (
    refuse_if_most_are_gone,
    refuse_if_most_are_renamed,
    refuse_if_renumbered,
)
from app.cli.options import edited_by
from app.cli.placing import Placement, place_rows, waiting_places
from app.cli.versions import kept_text
from geodata.errors import BadTable, Overtaken
from geodata.sources.measure import measure
from geodata.sources.numbering import Ids, Per
from geodata.space.datum import Datum
from geodata.vocabulary import Audience, Door, Kind, Service

if TYPE_CHECKING:
    from geodata.pipeline.edits import Decide
    from geodata.pipeline.published import StoredTables
    from geodata.pipeline.recipes import Beside, Checked
    from geodata.snapshot.demand import Demand
    from geodata.sources.city_facts import CityStated
    from geodata.sources.file_options import FileOptions
    from geodata.sources.grid import RawTable
    from geodata.sources.report import ImportReport
    from geodata.sources.table import Declared, Read
    from geodata.store.sent import Sent
    from geodata.store.versions import Pointer

#: How often an import is laid over what others published meanwhile, before it is refused.
_MOST_OVERTAKEN: Final = 5
#: Rows of a table that tell which city a new dataset is of.
_SAMPLE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAsked:
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
    kind_words: Sequence[str]
    options: "FileOptions"
    name_template: str | None
    layer: str
    move_from: Sequence[str]
    ids: str | None
    ids_per: str | None
    renamed: Sequence[str]
    renumbered: bool
    new_names: bool
    title: str | None
    licence: str | None
    source: str | None
    locate: bool
    pins: Path | None
    waiting: Path | None
    demand: Path | None
    demand_weight: str | None
    demand_datum: str
    demand_title: str | None
    report: Path | None
    refused: Path | None
    skip_refused: bool
    force: bool
    edited: str | None
    publish: bool
    only: frozenset[str] | None = None
    """The ids of the places that are taken of the files; None: all."""
    by: str = ""
    """Who publishes it; empty: who runs this."""
    decide: "Decide | None" = None
    """What somebody said of each field that they and the files changed, instead of `edited`."""
    city: "CityStated"


@dataclass(slots=True)
class Examined:
    """What an import would do: nothing is published yet. `publish` lets go of most of it."""

    asked: ImportAsked
    told: Remembered
    """What was declared of headings and words, now and before."""
    held: "StoredTables | None"
    """The version that the tables were checked beside."""
    placed: Placement
    checked: "Checked"
    demand: "Demand | None"
    report: "ImportReport"


def examine(stated: ImportAsked) -> Examined:
    """Read the files, and check them beside what is published.

    Raises UnreadableFile, BadTable and BadValue.
    """
    asked = stated
    for file in asked.files:
        require_sane(file)  # before a library of tables is imported: bombs are refused at once
    home = settings.read().home
    held = _held(home, asked.dataset)
    beside = _beside(asked, held)
    known = remembered(home, asked.dataset, beside.layer.name)
    mapped = terminal.pairs_of(asked.maps, "--map")
    told = Remembered(
        known.columns | mapped,
        known.words | terminal.pairs_of(asked.words, "--word"),
        known.kind_words | terminal.pairs_of(asked.kind_words, "--kind-word"),
        Ids(asked.ids) if asked.ids else known.ids,
        Per(asked.ids_per) if asked.ids_per else None if asked.ids else known.ids_per,
    )
    placed = place_rows(
        asked.dataset,
        _of_layer(_read(asked, told), beside, held),
        asked.pins,
        told.columns,
        looks_up=asked.locate,
    )
    asked = _with_terms(asked, _about(placed.tables))
    declared = _declared(asked, told)
    beside = _in_city(asked, placed, declared, mapped, beside)
    declared = _dialled(declared, beside)
    checked = replace(_checked(placed, declared, mapped, beside), waiting=waiting_places(placed))
    demand = _demand(asked, asked.demand, checked) if asked.demand else _before(held, checked)
    found = _report(checked, placed, asked.dataset, declared)
    return Examined(asked, told, held, placed, checked, demand, found)


def require_plausible(seen: Examined) -> None:
    """Raises PublishRefused where it looks like another list than the one before."""
    asked, checked = seen.asked, seen.checked
    refuse_if_renumbered(checked, insists=asked.renumbered)
    refuse_if_most_are_renamed(checked, insists=asked.new_names or bool(asked.renamed))
    refuse_if_most_are_gone(checked, force=asked.force)


def publish(seen: Examined) -> "Pointer":
    """Publish what was examined, and remember what was declared.

    The story of the import is let go of: the text and the notes of 200,000 rows are 400 MB, and
    freezing needs room. Raises PublishRefused, and BadTable for refused rows.
    """
    from geodata.pipeline import relayered

    asked, checked, held, demand = seen.asked, seen.checked, seen.held, seen.demand
    entry = _entry(asked, checked, seen.report)
    rejects = () if asked.skip_refused else checked.rejects
    seen.placed.tables.clear()
    checked = replace(checked, repairs=(), notes=(), rejects=rejects)
    if asked.only is not None:
        checked = relayered.in_part(checked, held, asked.only)
    told = seen.told
    del seen.placed, seen.checked, seen.report
    with terminal.told_once(rejects):
        pointer = _publish(asked, checked, held, demand, entry)
    remember(settings.read().home, asked.dataset, checked.layer.name, told)
    return pointer


def require_sane(file: Path) -> None:
    """By its size and, of Parquet, by what its footer says that it unpacks to."""
    measure(file)
    if file.suffix.lower() == ".parquet":
        from geodata.sources.geoparquet import require_table

        require_table(file)


def _in_city(
    asked: ImportAsked,
    placed: Placement,
    declared: "Declared",
    stated: Mapping[str, str],
    beside: "Beside",
) -> "Beside":
    """Beside the dataset's city; of a new dataset beside the one that its first rows tell of."""
    from geodata.pipeline.new_city import new_city, restated_outlines

    if beside.drawn is not None:
        return replace(beside, drawn=restated_outlines(beside.drawn, asked.city))
    reads = [
        _read_places(
            replace(table, rows=table.rows[:_SAMPLE], numbers=table.numbers[:_SAMPLE]),
            declared,
            stated,
            is_ours=at in placed.with_our_points,
        )
        for at, table in enumerate(placed.tables)
    ]
    found = new_city([read.places for read in reads], asked.title or asked.dataset, asked.city)
    for each in found.told:
        terminal.tell("{said}.", said=each)
    return replace(beside, drawn=found.outlines)


def _dialled(declared: "Declared", beside: "Beside") -> "Declared":
    """Telephone numbers as the city's people write them."""
    from geodata.sources.repairs import Dialling

    if beside.drawn is None:
        return declared
    city = beside.drawn.city
    return replace(declared, dialling=Dialling(city.country, city.area_codes))


def _beside(asked: ImportAsked, held: "StoredTables | None") -> "Beside":
    from geodata.pipeline import published, recipes
    from geodata.pipeline.layers import known_layer, layer_name

    known = held.about.layers if held else ()
    return recipes.Beside(
        published.real_places(held),
        published.drawn_outlines(held),
        layer_name(asked.layer, known),
        asked.renamed,
        [known_layer(each, known).name for each in asked.move_from],
        held.edits() if held else {},
        asked.decide or edited_by(asked.edited),
    )


def _entry(asked: ImportAsked, checked: "Checked", found: "ImportReport") -> "Sent":
    from geodata.store.history import Stamp
    from geodata.store.sent import Did, Sent

    now = Stamp.now()
    return Sent(
        now.at,
        asked.by or now.by,
        layer=checked.layer.name,
        label=checked.layer.label,
        did=Did.IMPORTED,
        version="",
        rows=found.rows,
        places=len(checked.places),
        files=found.files,
    )


def _demand(asked: ImportAsked, path: Path, checked: "Checked") -> "Demand":
    from geodata.analysis.files import demand_of
    from geodata.sources.points import Source

    points = Source(path, datum=Datum(asked.demand_datum), weight=asked.demand_weight)
    return demand_of(points, asked.demand_title or path.name, checked.outlines, apart.tell)


def _before(held: "StoredTables | None", checked: "Checked") -> "Demand | None":
    """The demand of the version before: new places do not change who asks.

    None where there is none.
    """
    return held.demand(checked.outlines) if held else None


def _read(asked: ImportAsked, told: Remembered) -> list["RawTable"]:
    from geodata.sources.read import read

    tables: list[RawTable] = []
    with terminal.progress("reading", len(asked.files)) as heard:
        for done, file in enumerate(asked.files, 1):
            tables += read(file, asked.options, told.columns)
            heard(done)
    return tables


def _of_layer(
    tables: Sequence["RawTable"], beside: "Beside", held: "StoredTables | None"
) -> list["RawTable"]:
    """Exports of ours hold all layers of a dataset: each of them goes back to its own."""
    from geodata.sources.own import of_layer

    layers = {each.name for each in held.about.layers} if held else set()
    others = layers - {beside.layer.name, *beside.move_from}
    return [of_layer(table, beside.layer.name, others) for table in tables]


def _about(tables: Sequence["RawTable"]) -> Mapping[str, Any]:
    """What all tables say of their dataset, if they are exports of ours that say the same.

    Raises BadTable for made-up places: nobody may take them for real ones.
    """
    from geodata.sources.own import about_of

    told = [about_of(table) for table in tables]
    for table, about in zip(tables, told, strict=True):
        if about.get("synthetic"):
            raise BadTable(
                (
                    "{file} is an export of synthetic places: they do not exist, and are not "
                    "imported as real ones. Make a demo city with `nuanfeng build`"
                ),
                file=table.file,
            )
    return told[0] if all(about == told[0] for about in told) else {}


def _with_terms(asked: ImportAsked, about: Mapping[str, Any]) -> ImportAsked:
    """Source and licence as an export of ours states them, where a person says nothing."""
    return replace(
        asked,
        licence=asked.licence or about.get("licence") or "not stated",
        source=asked.source or about.get("attribution"),
    )


def _declared(asked: ImportAsked, told: Remembered) -> "Declared":
    from geodata.sources.table import Declared

    unknown = sorted(set(told.words.values()) - set(map(str, Service)))
    if unknown:
        raise BadTable(
            "--word names no service: {unknown}; services are {services}",
            unknown=[*unknown],
            services=[*Service],
        )
    unknown = sorted(set(told.kind_words.values()) - set(map(str, Kind)))
    if unknown:
        raise BadTable(
            "--kind-word names no kind: {unknown}; kinds are {kinds}",
            unknown=[*unknown],
            kinds=[*Kind],
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
        {word: Kind(kind) for word, kind in told.kind_words.items()},
        told.ids,
        told.ids_per,
    )


def _held(home: Path, dataset: str) -> "StoredTables | None":
    """What is published now; ids, evidence and outlines come from it, and only after it may the
    import be published.
    """
    from geodata.pipeline import published

    return published.stored(home, dataset)


def _checked(
    placed: "Placement",
    declared: "Declared",
    stated: Mapping[str, str],
    beside: "Beside",
) -> "Checked":
    """Remembered headings hold where a table has them; those stated now must be in each.

    Whether ids only count rows is seen on whole tables, before rows were divided by their points.
    """
    from geodata.pipeline import recipes
    from geodata.sources.table import numbered_through

    of_file: dict[str, list[RawTable]] = {}
    for table in placed.whole:
        of_file.setdefault(table.sha256, []).append(table)
    counted = {sha for sha, sheets in of_file.items() if numbered_through(sheets, declared)}
    reads = []
    with terminal.progress("checking", len(placed.tables)) as heard:
        for at, table in enumerate(placed.tables):
            running = table.sha256 in counted
            told = replace(declared, ids=Ids.RUNNING) if running else declared
            is_ours = at in placed.with_our_points
            reads.append(_read_places(table, told, stated, is_ours=is_ours))
            heard(at + 1)
        return recipes.check(*reads, beside=beside)


def _read_places(
    table: "RawTable", declared: "Declared", stated: Mapping[str, str], *, is_ours: bool
) -> "Read":
    """Rows whose points are ours are in WGS-84, whatever the others are in; columns that were
    declared as positions are not in them.
    """
    from geodata.sources.table import places_from

    there = {*table.columns} if is_ours else {*table.columns, *stated}
    mine = {heading: name for heading, name in declared.columns.items() if heading in there}
    datum = Datum.WGS84 if is_ours else declared.datum
    return places_from(table, replace(declared, columns=mine, datum=datum))


def _report(
    checked: "Checked", placed: Placement, dataset: str, declared: "Declared"
) -> "ImportReport":
    from geodata.sources.cells import NoteKind
    from geodata.sources.report import ImportReport, datum_read, number_of, word_counts

    tables = placed.tables
    own = (table for at, table in enumerate(tables) if at not in placed.with_our_points)
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
        word_counts(checked.notes),
        checked.layer.name,
        0 if checked.elsewhere is None else len(checked.elsewhere),
        tuple(filter(None, (datum_read(table, declared) for table in own))),
    )


def _publish(
    asked: ImportAsked,
    checked: "Checked",
    held: "StoredTables | None",
    demand: "Demand | None",
    entry: "Sent",
) -> "Pointer":
    """Laid over what others published of other layers meanwhile."""
    for left in reversed(range(_MOST_OVERTAKEN)):
        try:
            return _publish_once(asked, checked, held, demand, entry)
        except Overtaken:
            now = _held(settings.read().home, asked.dataset)
            again = _laid_over(checked, held, now) if left else None
            if now is None or again is None:
                raise
            checked, held = again, now
            terminal.warn(
                "Another layer was published meanwhile; laid over version {version}.",
                version=now.pointer.version,
            )
            demand = demand if asked.demand else _before(held, checked)
    raise AssertionError("the last of so many tries raises")


def _laid_over(
    checked: "Checked", held: "StoredTables | None", now: "StoredTables | None"
) -> "Checked | None":
    from geodata.pipeline import recipes

    return recipes.laid_over(checked, held, now) if now else None


def _publish_once(
    asked: ImportAsked,
    checked: "Checked",
    held: "StoredTables | None",
    demand: "Demand | None",
    entry: "Sent",
) -> "Pointer":
    from geodata.pipeline import recipes
    from geodata.store.calendar import HomeCalendar
    from geodata.store.files import Dataset, Seen
    from geodata.store.history import Stamp

    with terminal.progress("freezing", len(checked.places)) as heard:
        today = datetime.now().astimezone().date()
        source = asked.source or ", ".join(file.name for file in asked.files)
        home = settings.read().home
        calendar = HomeCalendar(home).calendar
        frozen = recipes.imported(
            checked,
            asked.dataset,
            asked.title or "",
            asked.licence or "",
            source,
            today,
            heard,
            demand,
            held,
            calendar,
        )
    stored = Dataset(home, asked.dataset)
    seen = Seen(held.pointer if held else None)
    parts = (frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    now = msgspec.structs.replace(entry, at=Stamp.now().at)
    pointer = stored.publish_layer(*parts, seen, now)
    total = sum(frozen.about.counts.values())
    terminal.tell(
        "Published {total:,} places as version {version} of dataset {dataset}.",
        total=total,
        version=pointer.version,
        dataset=asked.dataset,
    )
    if demand:
        terminal.tell(
            "Shares are taken of {count:,} points: {title}.",
            count=len(demand),
            title=demand.summary.title,
        )
    terminal.tell(kept_text(stored))
    warn_after(home, stored.name, frozen.about.city)
    return pointer
