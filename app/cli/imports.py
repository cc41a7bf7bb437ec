"""`nuanfeng import`: tables of real places are read, reported on and, if asked, published."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app import settings
from app.cli import apart, terminal
from app.cli.calendar import warn_after
from app.cli.commands import Command
from app.cli.import_memory import Remembered, remember, remembered
from app.cli.import_report import (
    print_report,
    refuse_against_evidence,
    refuse_if_most_are_gone,
    refuse_if_most_are_renamed,
    refuse_if_renumbered,
)
from app.cli.options import HIDDEN, describes_city, opens_files
from app.cli.placing import Placement, place_rows, tell_placed, waiting_places
from app.cli.versions import kept_text
from app.words import translated
from geodata.errors import (
    BadTable,
    Overtaken,
)
from geodata.sources.measure import measure
from geodata.sources.numbering import Ids, Per
from geodata.space.datum import Datum
from geodata.vocabulary import MAIN_LAYER, Audience, Door, Kind, Service

if TYPE_CHECKING:
    from geodata.pipeline.published import StoredTables
    from geodata.pipeline.recipes import Beside, Checked
    from geodata.snapshot.demand import Demand
    from geodata.sources.city_facts import CityStated
    from geodata.sources.file_options import FileOptions
    from geodata.sources.grid import RawTable
    from geodata.sources.report import ImportReport
    from geodata.sources.table import Declared, Read
    from geodata.store.sent import Sent

#: How often an import is laid over what others published meanwhile, before it is refused.
_MOST_OVERTAKEN: Final = 5
#: Rows of a table that tell which city a new dataset is of.
_SAMPLE: Final = 2_000
_EPILOG: Final = (
    "Examples:  nuanfeng import 驿站.xlsx --dataset mine --datum gcj02 --kind warm_bee_station  | "
    " the same with --publish  |  nuanfeng import stations.csv --dataset ev --kind"
    " friendly_merchant --service ev_charge --datum gcj02 --map station_id=id --name-template"
    " '充电站 {station_id}' --publish"
)


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
    publish: bool
    city: "CityStated"


@click.command("import", cls=Command, epilog=_EPILOG)
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
    "--kind-word",
    "kind_words",
    multiple=True,
    metavar="WORD=KIND",
    help="What a word of a column of kinds means, e.g. 工会驿站=warm_bee_station.",
)
@opens_files
@HIDDEN
@click.option("--name-template", help="Makes names from columns, e.g. '充电站 {station_id}'.")
@click.option(
    "--layer",
    default=MAIN_LAYER,
    show_default=True,
    metavar="NAME",
    help="Whose list it is, e.g. minquan or 民权街道: only the places of this layer are replaced.",
)
@click.option(
    "--move-from",
    multiple=True,
    metavar="LAYER",
    help="Places of that layer that these files hold, too, move to this one with their ids.",
)
@click.option(
    "--ids",
    type=click.Choice(list(map(str, Ids))),
    help=(
        "What the column of ids holds: the places' own ids, or running numbers of the list, which"
        " are no ids  [default: what it looks like]"
    ),
)
@click.option(
    "--ids-per",
    type=click.Choice(list(map(str, Per))),
    help="Ids begin anew in each district or street office: an id is made of both.",
)
@click.option(
    "--renamed",
    multiple=True,
    metavar="OLD=NEW",
    help=(
        "A published place and what it is called now, each by id or name: it keeps its id; or all,"
        " for all that the report lists as perhaps renamed."
    ),
)
@click.option(
    "--new-names",
    is_flag=True,
    help="Publish though most of the ids that stay would stand under another name.",
)
@click.option(
    "--renumbered",
    is_flag=True,
    help="Publish though many ids would mean another place elsewhere than their plates say.",
)
@click.option(
    "--locate",
    is_flag=True,
    help=(
        "Look up rows without coordinates by their address: up to 150 m they are published with"
        " their radius, coarser ones wait in a list."
    ),
)
@click.option(
    "--pins",
    type=click.Path(path_type=Path),
    metavar="X.csv",
    help="Points put by hand: columns row or id, lon, lat and datum.",
)
@click.option(
    "--waiting",
    type=click.Path(path_type=Path),
    metavar="X.xlsx",
    help=(
        "Where the list of rows that wait is written; filled in, it is a file for --pins  [default:"
        " DATASET.waiting.xlsx beside the report]"
    ),
)
@click.option("--title", help="The dataset's title on the page  [default: as before, or its name]")
@click.option(
    "--licence",
    help="The licence of the data  [default: what an export of ours states, else: not stated]",
)
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
    help="How much each of these points stands for  [default: the column weight, else 1 each]",
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
@describes_city
@terminal.in_sentences
def import_(**given: Any) -> None:
    """Read tables of real places (csv, xlsx, xls, geojson, gpkg, shp, parquet) and report.

    With --publish, publish.

    Together the files become one layer of the dataset; other layers stay as they are. Columns are
    taken by their headings and by --map; what is mapped is remembered for the layer. If a single
    row is refused nothing is published, unless --skip-refused.
    """
    asked = _Asked(**given)
    for file in asked.files:
        require_sane(file)  # before a library of tables is imported: bombs are refused at once
    home = settings.read().home
    held = _held(home, asked.dataset)
    beside = _beside(asked, held)
    known = remembered(home, asked.dataset, beside.layer.name)
    stated = terminal.pairs_of(asked.maps, "--map")
    told = Remembered(
        known.columns | stated,
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
    tables = placed.tables
    asked = _with_terms(asked, _about(tables))
    declared = _declared(asked, told)
    beside = _in_city(asked, placed, declared, stated, beside)
    declared = _dialled(declared, beside)
    checked = replace(_checked(placed, declared, stated, beside), waiting=waiting_places(placed))
    demand = _demand(asked, asked.demand, checked) if asked.demand else _before(held, checked)
    found = _report(checked, placed, asked.dataset, declared)
    print_report(found)
    _write(asked, found, tables, checked)
    beside_report = asked.report.parent if asked.report else Path()
    tell_placed(placed, asked.waiting or beside_report / f"{asked.dataset}.waiting.xlsx", held)
    refuse_against_evidence(checked, force=asked.force)
    if not asked.publish:
        terminal.tell("Nothing was published: this was the report. Add --publish to publish.")
        sys.exit(1 if checked.rejects and not asked.skip_refused else 0)
    refuse_if_renumbered(checked, insists=asked.renumbered)
    refuse_if_most_are_renamed(checked, insists=asked.new_names or bool(asked.renamed))
    refuse_if_most_are_gone(checked, force=asked.force)
    entry = _entry(checked, found)
    layer = beside.layer.name
    rejects = () if asked.skip_refused else checked.rejects
    tables.clear()  # the text and the story of 200,000 rows are 400 MB, and freezing needs room
    del found, beside, placed
    checked = replace(checked, repairs=(), notes=(), rejects=rejects)
    with terminal.told_once(rejects):
        _publish(asked, checked, held, demand, entry)
    remember(home, asked.dataset, layer, told)


def require_sane(file: Path) -> None:
    """By its size and, of Parquet, by what its footer says that it unpacks to."""
    measure(file)
    if file.suffix.lower() == ".parquet":
        from geodata.sources.geoparquet import require_table

        require_table(file)


def _in_city(
    asked: _Asked,
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


def _beside(asked: _Asked, held: "StoredTables | None") -> "Beside":
    from geodata.pipeline import published, recipes
    from geodata.pipeline.layers import known_layer, layer_name

    known = held.about.layers if held else ()
    return recipes.Beside(
        published.real_places(held),
        published.drawn_outlines(held),
        layer_name(asked.layer, known),
        asked.renamed,
        [known_layer(each, known).name for each in asked.move_from],
    )


def _entry(checked: "Checked", found: "ImportReport") -> "Sent":
    from geodata.store.history import Stamp
    from geodata.store.sent import Did, Sent

    return Sent(
        *Stamp.now(),
        layer=checked.layer.name,
        label=checked.layer.label,
        did=Did.IMPORTED,
        version="",
        rows=found.rows,
        places=len(checked.places),
        files=found.files,
    )


def _write(
    asked: _Asked, found: "ImportReport", tables: Sequence["RawTable"], checked: "Checked"
) -> None:
    """The files that were asked for: the whole report, and the refused rows to send back."""
    if asked.report:
        from geodata.sources.report import as_json

        terminal.write(asked.report, as_json(found, terminal.spoken))
    if asked.refused and checked.rejects:
        from geodata.sources import refused

        language = terminal.language_of_files()
        refused.write(
            asked.refused, tables, checked.rejects, lambda text: translated(language, text)
        )


def _demand(asked: _Asked, path: Path, checked: "Checked") -> "Demand":
    from geodata.analysis.files import demand_of
    from geodata.sources.points import Source

    points = Source(path, datum=Datum(asked.demand_datum), weight=asked.demand_weight)
    return demand_of(points, asked.demand_title or path.name, checked.outlines, apart.tell)


def _before(held: "StoredTables | None", checked: "Checked") -> "Demand | None":
    """The demand of the version before: new places do not change who asks.

    None where there is none.
    """
    return held.demand(checked.outlines) if held else None


def _read(asked: _Asked, told: Remembered) -> list["RawTable"]:
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


def _with_terms(asked: _Asked, about: Mapping[str, Any]) -> _Asked:
    """Source and licence as an export of ours states them, where a person says nothing."""
    return replace(
        asked,
        licence=asked.licence or about.get("licence") or "not stated",
        source=asked.source or about.get("attribution"),
    )


def _declared(asked: _Asked, told: Remembered) -> "Declared":
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
    asked: _Asked,
    checked: "Checked",
    held: "StoredTables | None",
    demand: "Demand | None",
    entry: "Sent",
) -> None:
    """Laid over what others published of other layers meanwhile."""
    for left in reversed(range(_MOST_OVERTAKEN)):
        try:
            _publish_once(asked, checked, held, demand, entry)
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
        else:
            return


def _laid_over(
    checked: "Checked", held: "StoredTables | None", now: "StoredTables | None"
) -> "Checked | None":
    from geodata.pipeline import recipes

    return recipes.laid_over(checked, held, now) if now else None


def _publish_once(
    asked: _Asked,
    checked: "Checked",
    held: "StoredTables | None",
    demand: "Demand | None",
    entry: "Sent",
) -> None:
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
