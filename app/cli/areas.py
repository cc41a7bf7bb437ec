"""`nuanfeng import-areas`: outlines are read, reported on and, if asked, published."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import terminal
from app.cli.calendar import warn_after
from app.cli.commands import Command
from app.cli.options import CRS, ENCODING, HIDDEN, describes_city
from geodata.errors import NoDataset, NuanfengError, Said
from geodata.sources.measure import measure

if TYPE_CHECKING:
    from geodata.pipeline.published import StoredTables
    from geodata.pipeline.redraw import AreaReport, AreasChecked
    from geodata.sources.areas.layers import AreasDeclared
    from geodata.sources.city_facts import CityStated

_EPILOG: Final = (
    "Examples:  nuanfeng import-areas 行政区.geojson --dataset mine --datum wgs84  |  the same with"
    " --publish  |  nuanfeng import-areas zones.zip --dataset mine --level zone --map TAZID=name"
    " --licence MIT --publish"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What stands on the command line, by the names of its options."""

    file: Path
    dataset: str
    datum: str | None
    crs: str | None
    level: str | None
    maps: Sequence[str]
    words: Sequence[str]
    layer: str | None
    encoding: str | None
    hidden: bool
    licence: str
    source: str | None
    report: Path | None
    as_json: bool
    skip_refused: bool
    force: bool
    publish: bool
    city: "CityStated"


@click.command("import-areas", cls=Command, epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--dataset", required=True, metavar="NAME", help="The dataset whose outlines they are to be."
)
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="The datum of the outlines; needed where the file states no CRS.",
)
@CRS
@ENCODING
@HIDDEN
@click.option(
    "--level",
    type=click.Choice(["district", "street", "zone"]),
    help="What the areas are  [default: a column says it, or their names do]",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="HEADING=FIELD",
    help="What a column means: name, level, name_en, code, also (other names) or district.",
)
@click.option(
    "--word",
    "words",
    multiple=True,
    metavar="WORD=NAME",
    help="What a name means, e.g. 江汉片区=江汉区.",
)
@click.option("--layer", help="Which layer of a file with several.")
@click.option(
    "--licence",
    default="licence not stated",
    show_default=True,
    help="The licence of the outlines.",
)
@click.option("--source", help="Whose outlines they are  [default: the file's name]")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="X.json",
    help="Write the whole report as JSON.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the whole report as JSON instead of tables."
)
@click.option("--skip-refused", is_flag=True, help="Publish without the refused areas.")
@click.option("--force", is_flag=True, help="Publish against the evidence on the datum.")
@click.option(
    "--publish", is_flag=True, help="Publish, whole or not at all. Without it: only the report."
)
@describes_city
@terminal.in_sentences
def import_areas(**given: Any) -> None:
    """Read outlines of districts, street offices or zones (geojson, gpkg, shp or its zip, parquet;
    csv or xlsx with a column wkt) and report.

    With --publish they become the outlines of the dataset, in a new version with the same places: a
    place's district and street office are found anew where its source had not named them. What is
    not imported stays as it was, and is drawn to fit.
    """
    asked = _Asked(**given)
    measure(asked.file)  # before any library of geometry is imported: a bomb is refused in no time
    declared = _declared(asked)
    held = _stored(settings.read().home, asked.dataset)
    checked = _checked(asked, declared, held)
    found = _report(checked, asked.dataset)
    if asked.as_json:
        click.echo(_body(found))
    else:
        _print(found)
    if asked.report:
        terminal.write(asked.report, _body(found))
    _refuse_against_evidence(checked, force=asked.force)
    if not asked.publish:
        terminal.warn("Nothing was published: this was the report. Add --publish to publish.")
        sys.exit(1 if checked.rejects and not asked.skip_refused else 0)
    with terminal.told_once(checked.rejects):
        _publish(checked, held, skip_refused=asked.skip_refused)


def _declared(asked: _Asked) -> "AreasDeclared":
    from geodata.sources.areas.layers import AreasDeclared
    from geodata.sources.areas.names import Level
    from geodata.space.coordinates import Datum

    return AreasDeclared(
        Datum(asked.datum) if asked.datum else None,
        Level(asked.level) if asked.level else None,
        terminal.pairs_of(asked.maps, "--map"),
        terminal.pairs_of(asked.words, "--word"),
    )


def _stored(home: Path, dataset: str) -> "StoredTables":
    from geodata.pipeline import published

    held = published.stored(home, dataset)
    if held is None:
        raise NoDataset(
            "there is no dataset {dataset!r} yet; import its places first", dataset=dataset
        )
    return held


def _checked(asked: _Asked, declared: "AreasDeclared", held: "StoredTables") -> "AreasChecked":
    from geodata.pipeline.new_city import restated_outlines
    from geodata.pipeline.redraw import check_areas
    from geodata.sources.areas.layers import read_areas
    from geodata.sources.file_options import FileOptions

    credit = f"{asked.source or asked.file.name} ({asked.licence})"
    layers = (asked.layer,) if asked.layer else ()
    options = FileOptions(layers, asked.hidden, asked.encoding, asked.crs)
    known = restated_outlines(held.outlines(), asked.city)
    layer = read_areas(asked.file, declared, known.names, options)
    known.city.require_datum(layer.datum)
    return check_areas(layer, held, credit, asked.city)


def _report(checked: "AreasChecked", dataset: str) -> "AreaReport":
    from geodata.pipeline.redraw import area_report

    return area_report(checked, dataset)


def _body(found: "AreaReport") -> bytes:
    from geodata.sources.report import as_json

    return as_json(found, terminal.spoken)


def _print(found: "AreaReport") -> None:
    from geodata.sources.report import areas_as_table, by_kind

    terminal.pairs(
        {
            Said("rows read"): f"{found.rows:,}",
            Said("taken"): (Said("{taken}", taken=_taken(found)) if found.taken else Said("none")),
            Said("refused"): f"{found.refused:,}",
            Said("mended"): f"{len(found.repairs):,}",
            Said("places"): (
                Said(
                    (
                        "{anew:,} districts and street offices follow anew from the "
                        "outlines; {disagree:,} that a source named disagree with them, "
                        "and stay"
                    ),
                    anew=found.names_recomputed,
                    disagree=found.names_that_disagree,
                )
            ),
            **({Said("read"): Said("{said}", said=found.said)} if found.said else {}),
        }
    )
    if found.unused_columns:
        terminal.tell("columns not used: {unused_columns}", unused_columns=[*found.unused_columns])
    headings = (
        Said("datum"),
        Said("city's land left out"),
        Said("street offices inside"),
        Said("places inside"),
        Said("differs from before"),
        "",
    )
    terminal.rows(
        Said("the outlines, read under each datum"), headings, areas_as_table(found.evidence)
    )
    terminal.rows(
        Said("mended"),
        (Said("how"), Said("rows")),
        [(how, f"{count:,}") for how, count in by_kind(found.repairs)],
    )
    mended = [
        (str(each.row), each.column, each.before, each.after, each.how) for each in found.repairs
    ]
    terminal.rows(
        Said("of these"),
        (Said("row"), Said("column"), Said("was"), Said("is"), Said("how")),
        mended,
    )
    told = [(str(note.row), note.value, note.about) for note in found.notes]
    terminal.rows(Said("look at"), (Said("row"), Said("area"), Said("what")), told)
    disagree = [
        (note.source, str(note.row), note.column, note.value, note.about)
        for note in found.disagreements
    ]
    terminal.rows(
        Said("places whose source says otherwise"),
        (Said("file"), Said("row"), Said("column"), Said("value"), Said("what")),
        disagree,
    )
    terminal.rejects(found.rejects)


def _taken(found: "AreaReport") -> list[Said]:
    return [
        Said("{count:,} of level {level}", count=count, level=level)
        for level, count in found.taken.items()
    ]


def _refuse_against_evidence(checked: "AreasChecked", *, force: bool) -> None:
    if checked.evidence.against and not force:
        raise NuanfengError(
            (
                "the datum cannot be {datum}: {against}. Declare --datum {fits}, or add "
                "--force if you know better"
            ),
            datum=checked.layer.datum,
            against=checked.evidence.against,
            fits=checked.evidence.fits,
        )


def _publish(checked: "AreasChecked", held: "StoredTables", *, skip_refused: bool) -> None:
    from dataclasses import replace

    from geodata.pipeline.redraw import redrawn
    from geodata.store.calendar import HomeCalendar
    from geodata.store.files import Seen

    kept = replace(checked, rejects=()) if skip_refused else checked
    with terminal.progress("freezing", len(kept.places)) as heard:
        calendar = HomeCalendar(held.dataset.home).calendar
        frozen = redrawn(kept, held, heard, calendar)
    store = held.dataset
    pointer = store.publish(
        frozen.version, frozen.about, frozen.arrays, frozen.blobs, seen=Seen(held.pointer)
    )
    terminal.tell(
        "Published {count:,} outlines as version {version} of dataset {dataset}.",
        count=len(kept.areas),
        version=pointer.version,
        dataset=store.name,
    )
    warn_after(store.home, store.name, frozen.about.city)
