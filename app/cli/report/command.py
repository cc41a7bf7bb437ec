"""The command: finds the area, asks for its figures, and writes them."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Command
from app.cli.options import DATASET, NETWORK, coverage_of, output, paved_of
from geodata.errors import NoDataset
from geodata.hours.zone import TimeZone
from geodata.vocabulary import Mode

if TYPE_CHECKING:
    from app.cli.report.files import ReportText
    from app.words import Language
    from geodata.analysis.report import AreaFigures
    from geodata.coverage.near import Within
    from geodata.pipeline.published import StoredTables
    from geodata.store.stops import Paved

#: The hour that is judged where none is named: when riders have least.
_NIGHT: Final = time(2)


@click.command(
    cls=Command,
    epilog=(
        "Examples:  nuanfeng report 粤海街道 -o report.pdf  |  nuanfeng report nanshan-qu --needs"
        " water --reach-m 800 -o report.xlsx  |  nuanfeng report 440305007 --minutes 10 --mode ride"
        " --network shenzhen --lang en -o report.html  |  nuanfeng report 南山区 -o map.svg"
    ),
)
@click.argument("area")
@output("A report as .html, .pdf or .xlsx; its map as .svg or .png.")
@click.option("--needs", metavar="NEEDS", help="What a place has to serve, such as water,rest.")
@click.option(
    "--reach-m", metavar="NUMBER", help="How far anyone goes, straight metres  [default: 500]"
)
@click.option(
    "--minutes", metavar="NUMBER", help="Instead of --reach-m: how far anyone goes by --mode."
)
@click.option(
    "--mode",
    default=Mode.WALK.value,
    show_default=True,
    type=click.Choice([mode.value for mode in Mode]),
    help="With --minutes: how people travel.",
)
@click.option("--at", metavar="TIME", help="The instant that is judged  [default: the coming 2:00]")
@click.option(
    "--p",
    default=3,
    show_default=True,
    type=click.IntRange(1, 20),
    help="How many next sites to look for.",
)
@click.option(
    "--lang",
    default="zh",
    show_default=True,
    type=click.Choice(["zh", "en"]),
    help="The language of the report.",
)
@DATASET
@NETWORK
@terminal.in_sentences
def report(area: str, target: Path, p: int, lang: str, **asked: Any) -> None:
    """Write a report on AREA, a street office or district: a map, the day's curve, needs, gaps, the
    best next sites, sources and caveats.

    AREA is an official name, an alias, a code or pinyin. A PDF and a PNG need Chromium; any browser
    prints the page on A4.
    """
    from app.cli.report import files
    from app.words import Language
    from geodata.analysis.tables import replaced, require_ending

    require_ending(target, tuple(files.WRITERS))
    language = Language.CHINESE if lang == "zh" else Language.ENGLISH
    text = _text(area, language, p, asked)
    body = files.written(text, target)
    with replaced(target) as part:
        part.write_bytes(body)
    terminal.out.print(text.headline, markup=False)
    if text.synthetic:
        terminal.out.print(files.synthetic_sentence(language), markup=False)
    terminal.out.print(f"{target}", markup=False)


def _text(area: str, language: "Language", p: int, asked: dict[str, Any]) -> "ReportText":
    from app.cli.report.figures import Wording
    from app.cli.report.files import ReportText
    from app.pages.coverage import reach_text
    from app.request.queries import now
    from app.words import Language

    names = ("needs", "reach_m", "minutes", "mode", "at")
    query = coverage_of({name: asked[name] for name in names})
    within = query.within()
    held = _held(asked["dataset"])
    zone = held.dataset.load(held.pointer).zone
    at = query.instant(now(), zone) if asked["at"] else _coming_night(now(), zone)
    paved = paved_of(asked["network"], within.minutes)
    found = _found(area, held, within, at, p, paved)
    wording = Wording(found, language)
    demand = held.dataset.load(held.pointer).demand.summary
    return ReportText(
        wording=wording,
        at=at,
        within=within,
        reach=reach_text(within, language),
        demand=demand.title if language is Language.CHINESE else demand.title_en,
        synthetic=held.about.synthetic,
        caveats=_caveats(held, found, within, paved, language),
        sources=_sources(held, demand.title, demand.title_en, language),
        version=held.pointer.version,
    )


def _held(dataset: str | None) -> "StoredTables":
    from geodata.pipeline.published import stored

    chosen = settings.read()
    name = dataset or chosen.dataset
    held = stored(chosen.home.absolute(), name)
    if held is None:
        raise NoDataset("there is no dataset {name!r} in {home}", name=name, home=chosen.home)
    return held


def _found(
    area: str,
    held: "StoredTables",
    within: "Within",
    at: datetime,
    p: int,
    paved: "Paved | None",
) -> "AreaFigures":
    try:
        from geodata.analysis import report as analysis
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            f"the report needs {missing.name}; in the project's folder: pip install '.[analysis]'"
        ) from None
    snapshot, outlines = held.dataset.load(held.pointer), held.outlines()
    chosen = analysis.area_named(outlines, area)
    roads = paved.under(snapshot, [within.mode]) if paved else None
    return analysis.area_report(
        snapshot,
        held.places(),
        outlines,
        held.landmarks(),
        chosen,
        within,
        at,
        p=p,
        roads=roads,
    )


def _coming_night(now: datetime, zone: TimeZone) -> datetime:
    """The next time it is 2:00."""
    today = zone.local(now).date()
    nights = (zone.at_clock(today + timedelta(days=day), _NIGHT) for day in (0, 1))
    return next(night for night in nights if night > now)


def _caveats(
    held: "StoredTables",
    found: "AreaFigures",
    within: "Within",
    paved: "Paved | None",
    language: "Language",
) -> tuple[str, ...]:
    from app.pages.coverage import counted_text
    from app.words import say

    snapshot = held.dataset.load(held.pointer)
    lines = [
        say(
            language,
            "Served means that at least one matching place within reach is known to be open."
            " Unknown hours are never counted as open: the share “at most” says what they could"
            " add.",
        ),
        counted_text(within, paved.about() if paved else None, language),
        say(
            language,
            "The demand is a set of points that each stand for what was counted around them; a"
            " point is served or not as a whole, so shares are about (约) as fine as the points.",
        ),
        say(
            language,
            "Places beyond the border of the area serve its demand too, as they do for people.",
        ),
        say(
            language,
            "Holidays and worked weekends are known until {day}; later days are judged by their"
            " weekday.",
            day=snapshot.known_until.isoformat(),
        ),
    ]
    if found.area.approximate:
        lines.append(
            say(language, "The outline of the area is approximate: it is drawn, not surveyed.")
        )
    return tuple(lines)


def _sources(
    held: "StoredTables", demand: str, demand_en: str, language: "Language"
) -> tuple[str, ...]:
    from app.words import Language, say

    about = held.about
    chinese = language is Language.CHINESE
    lines = [
        say(
            language,
            "Places: {title}, data of {date}, {source}, licence {licence}; version {version}.",
            title=about.title if chinese else about.title_en,
            date=about.data_date,
            source=about.source,
            licence=about.licence,
            version=held.pointer.version[:12],
        ),
        say(language, "Demand: {title}.", title=demand if chinese else demand_en),
    ]
    if about.outlines:
        lines.append(say(language, "Outlines: {credit}.", credit=about.outlines))
    return tuple(lines)
