"""Notices as pages without scripts: the list of them, and each as a sheet to print: what holds,
until when, who is inside, and the nearest open places outside.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, request

from app.live.current import Live
from app.pages import rendering, street_list
from app.pages.city import City, city
from app.pages.place import Alternative
from app.request import queries
from app.voice.cap import effect_text, level_text
from app.voice.live_notices import NoticesNow
from app.voice.live_voice import LiveVoice
from app.voice.notice_routes import known
from app.voice.notices import Notice, NoticeState
from app.voice.posting import Voice
from app.words import Language, distance_text, say
from geodata.errors import OutsideArea
from geodata.search import reported
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question
from geodata.snapshot.snapshot import Snapshot
from geodata.snapshot.zones import Ring

#: Places that are offered outside an area, and how far away they may be.
_OFFERED: Final = 8
_WITHIN_M: Final = 10_000.0
#: The picture of an area, in its own units; so much is left free along its edges.
_WIDTH: Final = 340
_HEIGHT: Final = 240
_FREE: Final = 18


def blueprint(live: Live, voice: Voice, said: LiveVoice) -> Blueprint:
    """`/notices` and `/n/{id}`."""
    pages = Blueprint("notice_pages", __name__)

    @pages.get("/notices")
    def notices() -> Response:
        rendering.asked(queries.NoQuery)
        return _list(city(live), said.notices.at(queries.now()))

    @pages.get("/n/<notice_id>")
    def notice(notice_id: str) -> Response:
        rendering.asked(queries.NoQuery)
        found = known(voice, said, notice_id)
        return _sheet(city(live), found, said.notices.at(queries.now()))

    return pages


@dataclass(frozen=True, slots=True)
class NoticePicture:
    """An area and the places offered beside it, north up, in a box of `width` x `height`."""

    width: int
    height: int
    paths: tuple[str, ...]
    """Of each polygon, as SVG's path data."""
    spots: tuple[tuple[float, float], ...]
    """x and y of each place."""


def _list(found: City, now: NoticesNow) -> Response:
    language, at = rendering.language(), queries.now()
    told = [_told(each, found, at, language) for each in (*now.notices, *now.cancelled)]
    told.sort(key=lambda each: _ORDER.index(each["state"]))
    states = "".join(each["state"][0] for each in told)
    cancelled = "".join(each.latest.identifier for each in now.cancelled)
    return rendering.page(
        "notices.html",
        (found.snapshot.version, now.revision, states, rendering.digest(cancelled)),
        notices=told,
        **rendering.other_language(),
        **rendering.about(found),
    )


_ORDER: Final = (
    NoticeState.IN_FORCE,
    NoticeState.TO_COME,
    NoticeState.OVER,
    NoticeState.CANCELLED,
)


def _sheet(found: City, notice: Notice, now: NoticesNow) -> Response:
    language, snapshot = rendering.language(), found.snapshot
    at, body = snapshot.zone.local(queries.now()), notice.body
    nearby = _nearby(snapshot, notice, now, at, language)
    told = _told(notice, found, at, language)
    depends_on = (
        snapshot.version,
        notice.latest.identifier,
        told["state"],
        now.revision,
        f"{at:%Y%m%d%H%M}",
        rendering.digest(request.root_url),
    )
    return rendering.page(
        "notice.html",
        depends_on,
        notice=told,
        inside=[
            (name, f"{count:,}")
            for name, count in (
                (say(language, "people"), body.people),
                (say(language, "buildings"), body.buildings),
                (say(language, "estates"), body.estates),
            )
            if count is not None
        ],
        levels=[
            (level_text(level, language), f"{snapshot.zone.local(since):%Y-%m-%d %H:%M}")
            for level, since in notice.levels
        ],
        nearby=nearby,
        is_offered=notice.id in now.outside,
        picture=_picture(body.polygons, [each.where for each in nearby]),
        url=f"{request.root_url}n/{notice.id}",
        **rendering.other_language(),
        **rendering.about(found),
    )


def _told(notice: Notice, found: City, at: datetime, language: Language) -> dict[str, Any]:
    """What both pages say of a notice."""
    latest, zone = notice.latest, found.snapshot.zone
    text, level = notice.body.text(language), notice.body.level

    def local(instant: datetime) -> str:
        return f"{zone.local(instant):%Y-%m-%d %H:%M}"

    return {
        "id": notice.id,
        "cap": f"/notices/{latest.identifier}.cap",
        "state": str(notice.state(at)),
        "state_text": state_text(notice.state(at), language),
        "effect": effect_text(notice.body.effect, language),
        "level": level_text(level, language) if level else "",
        "onset": local(latest.onset),
        "expires": local(latest.expires),
        "sent": local(latest.sent),
        "version": len(notice.versions),
        "headline": text.headline,
        "description": text.description,
        "instruction": text.instruction,
        "area": text.area,
    }


def state_text(state: NoticeState, language: Language) -> str:
    """Where a notice stands, in words."""
    return {
        NoticeState.TO_COME: say(language, "To come"),
        NoticeState.IN_FORCE: say(language, "In force"),
        NoticeState.OVER: say(language, "Over"),
        NoticeState.CANCELLED: say(language, "Cancelled"),
    }[state]


@dataclass(frozen=True, slots=True)
class OutsidePlace:
    """An open place outside an area, and where it stands (WGS-84 degrees)."""

    near: Alternative
    where: tuple[float, float]


def _nearby(
    snapshot: Snapshot, notice: Notice, now: NoticesNow, at: datetime, language: Language
) -> list[OutsidePlace]:
    """The open places nearest to the middle of an area and outside it; none of what is over."""
    overlay = now.outside.get(notice.id)
    if overlay is None:
        return []
    laid = overlay.over(snapshot, at)
    asked = Question(*_middle(notice.body.polygons), at, _OFFERED, _WITHIN_M, Filter(open=Open.NOW))
    try:
        answer = reported.nearest(snapshot, laid, asked)
    except OutsideArea:
        return []
    under = laid.judged if laid else snapshot
    entries = street_list.entries(under, answer.rows, at, language)
    return [
        OutsidePlace(
            Alternative(entry, distance_text(metres)), tuple(snapshot.lonlat[row].tolist())
        )
        for entry, metres, row in zip(entries, answer.metres, answer.rows, strict=True)
    ]


def _middle(polygons: Sequence[Ring]) -> tuple[float, float]:
    """The middle of the box about all polygons."""
    lons = [lon for ring in polygons for lon, _ in ring]
    lats = [lat for ring in polygons for _, lat in ring]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def _picture(
    polygons: Sequence[Ring], places: Sequence[tuple[float, float]]
) -> NoticePicture | None:
    """An area and places, on a plane on which a metre is as long in all directions."""
    if not polygons:
        return None
    shrink = math.cos(math.radians(_middle(polygons)[1]))
    points = [(lon * shrink, -lat) for ring in (*polygons, places) for lon, lat in ring]
    left, top = (min(point[axis] for point in points) for axis in (0, 1))
    right, bottom = (max(point[axis] for point in points) for axis in (0, 1))
    scale = min(
        (_WIDTH - 2 * _FREE) / max(right - left, 1e-9),
        (_HEIGHT - 2 * _FREE) / max(bottom - top, 1e-9),
    )
    shift_x = (_WIDTH - scale * (right - left)) / 2
    shift_y = (_HEIGHT - scale * (bottom - top)) / 2

    def drawn(lon: float, lat: float) -> tuple[float, float]:
        x = (lon * shrink - left) * scale + shift_x
        return round(x, 1), round((-lat - top) * scale + shift_y, 1)

    paths = tuple(
        "M" + "L".join(f"{x:g} {y:g}" for x, y in (drawn(*point) for point in ring)) + "Z"
        for ring in polygons
    )
    return NoticePicture(_WIDTH, _HEIGHT, paths, tuple(drawn(*point) for point in places))
