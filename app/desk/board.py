"""The board: how good the data is by street office, and how long letters take; each number leads to
the list that it counts.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import msgspec
import numpy as np
from flask import Response, request
from numpy.typing import NDArray

from app.desk import letter_pages, report_pages
from app.desk.board_figures import AnswerFigures, begin_coverage, coverage, letter_figures
from app.desk.letter_list import ListedLetter
from app.desk.page import page
from app.desk.paging import paged
from app.desk.roles import Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.pages.city import City, city
from app.words import Language, say
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot
from geodata.space.service_area import Outline

#: What nobody has looked at for longer is no longer trusted.
STALE_DAYS: Final = 180
#: Places of a page, a line each.
_LINES: Final = 100


class DataFault(StrEnum):
    """What a place lacks."""

    STALE = "stale"
    """Not verified for half a year, or never."""
    NO_HOURS = "no_hours"
    NO_PHONE = "no_phone"
    OUTSIDE = "outside"
    """Its point lies outside of the outline of the street office that it names."""


class _Told(msgspec.Struct):
    phones: list[str] = []


class _Place(msgspec.Struct):
    properties: _Told


_decode: Final = msgspec.json.Decoder(_Place).decode


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A street office's numbers."""

    street: str
    places: int
    faults: Mapping[DataFault, int]
    reports: int
    letters: int
    """That wait for us."""
    figures: AnswerFigures


def add(views: Views) -> None:
    """Add the board, and the lists that its numbers lead to."""

    @views.add("/desk/board", Verb.SEE, ViewReach.LIST)
    def board(asked: DeskRequest) -> Response:
        lines = _lines(asked)
        whole = BoardLine(
            "",
            sum(line.places for line in lines),
            {fault: sum(line.faults[fault] for line in lines) for fault in DataFault},
            sum(line.reports for line in lines),
            sum(line.letters for line in lines),
            letter_figures(asked, letter_pages.visible(asked)),
        )
        told: dict[str, Any] = {"faults": fault_texts(asked.language), "coverage": coverage(asked)}
        return page(asked, "board.html", lines=lines, whole=whole, **told)

    @views.add("/desk/board/coverage", Verb.EDIT, ViewReach.LIST, post=True)
    def work_out(asked: DeskRequest) -> Response:
        begin_coverage(asked)
        return sent_on("/desk/board")

    @views.add("/desk/board/places", Verb.SEE, ViewReach.LIST)
    def places(asked: DeskRequest) -> Response:
        return page(asked, "board_places.html", **_places(asked))


def fault_texts(language: Language) -> dict[str, str]:
    """What places lack, in words."""
    return {
        DataFault.STALE: say(language, "Not verified for {days} days", days=STALE_DAYS),
        DataFault.NO_HOURS: say(language, "Hours unknown"),
        DataFault.NO_PHONE: say(language, "No phone"),
        DataFault.OUTSIDE: say(language, "Outside of its street office"),
    }


def faulty(found: City, fault: DataFault, today: date) -> NDArray[np.bool_]:
    """Which rows have a fault, shape (n,)."""
    snapshot = found.snapshot
    if fault is DataFault.STALE:
        return np.asarray(snapshot.records.checked < today.toordinal() - STALE_DAYS)
    if fault is DataFault.NO_HOURS:
        return np.asarray(snapshot.index.links[: len(snapshot), 1] == 0)
    if fault is DataFault.NO_PHONE:
        return _without_phone(snapshot)
    return snapshot.memo.get(_outside, (), lambda: _outside(snapshot, found), most=1)


@memoized(most=1)
def _without_phone(snapshot: Snapshot) -> NDArray[np.bool_]:
    """Read from the records once a version."""
    plain = snapshot.records.plain
    return np.array(
        [not _decode(plain(row)).properties.phones for row in range(len(snapshot))], np.bool_
    )


def _outside(snapshot: Snapshot, found: City) -> NDArray[np.bool_]:
    """Worked out once a version. A place of a street office without an outline lies outside of
    none.
    """
    outside = np.zeros(len(snapshot), np.bool_)
    rings_of = dict(
        zip((office.name for office in found.ground.offices), found.ground.outlines, strict=True)
    )
    for at, name in enumerate(snapshot.streets.names.tolist()):
        rings = rings_of.get(name.decode())
        rows = np.flatnonzero(snapshot.streets.of == at)
        if rings and len(rows):
            xy = np.array([spot for ring in rings for spot in ring], np.float64)
            starts = np.cumsum([0, *(len(ring) for ring in rings)]).astype(np.int32)
            outside[rows] = ~Outline(name.decode(), xy, starts).holds_each(snapshot.lonlat[rows])
    return outside


def _lines(asked: DeskRequest) -> list[BoardLine]:
    """A line for each street office of the operator's part of the city, the worst first."""
    found, today = city(asked.desk.live), asked.desk.today(asked.now)
    snapshot, divisions = found.snapshot, asked.desk.divisions()
    of, many = snapshot.streets.of, len(snapshot.streets.names)
    known = of >= 0
    counts = {
        fault: np.bincount(of[known & faulty(found, fault, today)], minlength=many)
        for fault in DataFault
    }
    places = np.bincount(of[known], minlength=many)
    reports = Counter(each.where.street for each in report_pages.visible(asked))
    letters: dict[str, list[ListedLetter]] = {}
    for each in letter_pages.visible(asked):
        letters.setdefault(each.stored.street, []).append(each)
    lines = [
        BoardLine(
            name.decode(),
            int(places[at]),
            {fault: int(counts[fault][at]) for fault in DataFault},
            reports[name.decode()],
            sum(each.waits(asked.now) for each in letters.get(name.decode(), ())),
            letter_figures(asked, letters.get(name.decode(), [])),
        )
        for at, name in enumerate(snapshot.streets.names.tolist())
        if asked.sees(divisions.of_street(name.decode()))
    ]
    return sorted(lines, key=lambda line: (-sum(line.faults.values()), line.street))


def _places(asked: DeskRequest) -> dict[str, Any]:
    """The places of a street office that a number of the board counts."""
    stated = request.args.get("fault", "")
    fault = DataFault(stated) if stated in {*DataFault} else DataFault.STALE
    street = request.args.get("street", "")
    asked.require(asked.desk.divisions().of_street(street))
    found, snapshot = city(asked.desk.live), asked.desk.snapshot()
    here = np.arange(len(snapshot), dtype=np.int64)
    rows = here[
        faulty(found, fault, asked.desk.today(asked.now)) & snapshot.streets.named(street, here)
    ]
    checked, here_paged = snapshot.records.checked, paged(rows.tolist(), _LINES)
    listed = [
        (
            snapshot.id_of(row),
            snapshot.name_of(row),
            date.fromordinal(int(checked[row])) if checked[row] else None,
        )
        for row in here_paged.shown
    ]
    return {
        "places": listed,
        "paged": here_paged,
        "street": street,
        "fault_text": fault_texts(asked.language)[fault],
    }
