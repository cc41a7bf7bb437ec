"""A report as a file: page, PDF, workbook or map, by its ending, whole or not at all."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.cli.report import chromium
from app.cli.report.drawing import CURVE_HEIGHT, CURVE_WIDTH, MAP_WIDTH, curve_lines, map_drawing
from app.cli.report.figures import FigureCell, FigureTable, Wording
from app.pages.labels import labels
from app.words import Language, say
from geodata.coverage.near import Within
from geodata.sources.areas.names import Level
from geodata.vocabulary import Need

#: Room for the title above and the legend below the map, in its units.
_ABOVE, _BELOW = 96, 150


@dataclass(frozen=True, slots=True)
class ReportText:
    """All that stands in a report besides its tables."""

    wording: Wording
    at: datetime
    within: Within
    reach: str
    """How far, as a text."""
    demand: str
    """What the demand counts."""
    synthetic: bool
    caveats: tuple[str, ...]
    sources: tuple[str, ...]
    version: str

    @property
    def language(self) -> Language:
        """Of every text."""
        return self.wording.language

    @property
    def asked(self) -> str:
        """The needs that the shares are of; of any place where none are asked."""
        needs: tuple[Need, ...] = self.within.filter.needs
        named = [labels(self.language)["needs"][need] for need in needs]
        return "、".join(named) if named else say(self.language, "any place of the programme")

    @property
    def tiles(self) -> tuple[tuple[str, FigureCell], ...]:
        """The figures that stand out: how much demand, served, at most, none near."""
        rows = self.wording.summary.rows
        return tuple((rows[at][0].text, rows[at][1]) for at in (0, 1, 2, 5))

    @property
    def headline(self) -> str:
        """The sentence that the report begins with."""
        served = self.wording.report.served
        open_, most = (cell.text for _, cell in self.tiles[1:3])
        values: dict[str, object] = {
            "at": self.wording.moment(self.at),
            "share": open_,
            "reach": self.reach,
            "asked": self.asked,
        }
        if served.unknown:
            return say(
                self.language,
                "{at}: {share} of the demand has a place known to be open within {reach}"
                " ({asked}); at most {most} if every place of unknown hours were open.",
                **values,
                most=most,
            )
        return say(
            self.language,
            "{at}: {share} of the demand has a place known to be open within {reach} ({asked}).",
            **values,
        )


def written(text: ReportText, target: Path) -> bytes:
    """The bytes of a report by the ending of `target`, one of WRITERS. Raises NoPrinter."""
    return WRITERS[target.suffix.lower()](text)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("app"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters["css"] = _css
    return made


def _css(text: str) -> str:
    """A text inside the quotes of a style sheet: whatever is no letter or digit is escaped."""
    return "".join(each if each.isalnum() else f"\\{ord(each):x} " for each in text)


def _shown(name: str, text: ReportText) -> str:
    report = text.wording.report
    names = [
        each.name if text.language is Language.CHINESE else each.name_en
        for each in report.neighbours
    ]
    return (
        _templates()
        .get_template(name)
        .render(
            text=text,
            wording=text.wording,
            report=report,
            is_district=report.area.level is Level.DISTRICT,
            map=map_drawing(report, names),
            width=MAP_WIDTH,
            above=_ABOVE,
            below=_BELOW,
            curves=curve_lines(report.curves),
            curve_size=(CURVE_WIDTH, CURVE_HEIGHT),
            say=partial(say, text.language),
            lang=text.language.value,
        )
    )


def _page(text: ReportText) -> bytes:
    return _shown("report/page.html", text).encode()


def _pdf(text: ReportText) -> bytes:
    return chromium.pdf_of(_shown("report/page.html", text))


def _svg(text: ReportText) -> bytes:
    return _shown("report/map.html", text).strip().encode()


def _png(text: ReportText) -> bytes:
    drawn = _shown("report/map.html", text).strip()
    names = [each.name for each in text.wording.report.neighbours]
    height = map_drawing(text.wording.report, names).height + _ABOVE + _BELOW
    page = (
        '<!doctype html><meta charset="utf-8"><style>body{margin:0}svg{display:block;width:1000px}'
        f"</style>{drawn}"
    )
    return chromium.png_of(page, round(MAP_WIDTH), round(height))


def _workbook(text: ReportText) -> bytes:
    """A sheet a table, the texts last; the synthetic say so on every sheet."""
    out = io.BytesIO()
    wording = text.wording
    with xlsxwriter.Workbook(
        out, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    ) as book:
        looks = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "heading": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "note": book.add_format({"italic": True, "font_color": "#555555"}),
            "warning": book.add_format({"bold": True, "font_color": "#a4243b"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        for table in wording.tables:
            _sheet(book, looks, table, text)
        last = book.add_worksheet(say(text.language, "Sources"))
        last.set_column(0, 0, 110)
        for row, line in enumerate((text.headline, *text.caveats, *text.sources)):
            last.write_string(row, 0, line, looks["wrap"])
    return out.getvalue()


def _sheet(book: Any, looks: Mapping[str, Any], table: FigureTable, text: ReportText) -> None:
    sheet = book.add_worksheet(table.sheet)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, f"{text.wording.name} · {table.title}", looks["title"])
    sheet.write_string(1, 0, f"{text.wording.moment(text.at)} · {table.note}", looks["note"])
    if text.synthetic:
        sheet.write_string(2, 0, synthetic_sentence(text.language), looks["warning"])
    for column, heading in enumerate(table.headings):
        sheet.write_string(3, column, heading, looks["heading"])
        cells = [row[column].text for row in table.rows]
        widest = max((len(each.encode("gbk", "replace")) for each in cells), default=0)
        sheet.set_column(column, column, min(max(widest + 2, 12), 60))
    sheet.freeze_panes(4, 1)
    for at, row in enumerate(table.rows, 4):
        for column, cell in enumerate(row):
            if isinstance(cell.value, str):
                sheet.write_string(at, column, cell.value)
            else:
                shown = book.add_format({"num_format": cell.format})
                sheet.write_number(at, column, cell.value, shown)


def synthetic_sentence(language: Language) -> str:
    """What every page says of a made-up dataset."""
    return say(language, "Synthetic data: these places and this demand do not exist.")


#: What makes a report of a kind, by the end of the file's name.
WRITERS: Final[Mapping[str, Callable[[ReportText], bytes]]] = {
    ".html": _page,
    ".pdf": _pdf,
    ".xlsx": _workbook,
    ".svg": _svg,
    ".png": _png,
}
