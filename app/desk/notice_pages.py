"""Notices at the desk: drawn, looked at with all that lies inside, published, renewed, cancelled.

They close places for everybody, so only publishers of the whole city write them.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np
from flask import Response
from msgspec import UNSET
from numpy.typing import NDArray

from app.db import notices as stored
from app.db.database import Connection
from app.desk import areas
from app.desk.charts import chart, drawn_ground
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.place_edits import point_of
from app.desk.point_evidence import spot
from app.desk.roles import Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.pages.notice_pages import state_text
from app.request.notices import NoticePost, read_cancel, read_notice
from app.request.spelling import count
from app.response.refusals import NoticeMoved
from app.voice import notice_posts
from app.voice.notices import Notice, NoticeVersion, fold
from app.words import Language, say
from geodata.errors import BadValue, NuanfengError
from geodata.hours.zone import TimeZone
from geodata.snapshot.zones import ZoneEffect
from geodata.space.service_area import Outline

#: How JSON fails that is none, that nests too deep, or whose numbers are too large for degrees.
_UNREADABLE: Final = (msgspec.DecodeError, RecursionError, OverflowError)
#: Places inside that are named before publishing.
_SHOWN: Final = 30
#: How long a notice runs that is renewed.
_RENEWED: Final = timedelta(days=1)
_TEXTS: Final = ("headline", "description", "instruction")
_COUNTS: Final = ("people", "buildings", "estates")
_MOST_COUNT: Final = 99_999_999


def add(views: Views) -> None:
    """Add the notices' views."""

    @views.add("/desk/notices", Verb.SEE, ViewReach.LIST)
    def listed(asked: DeskRequest) -> Response:
        return page(asked, "notices.html", **_list_values(asked))

    @views.add("/desk/notices/new", Verb.PUBLISH, ViewReach.CITY)
    def new(asked: DeskRequest) -> Response:
        return page(asked, "notice_form.html", **_form_values(asked, {"effect": "closed"}))

    @views.add("/desk/notices/<notice_id>/renew", Verb.PUBLISH, ViewReach.CITY)
    def renew(asked: DeskRequest, notice_id: str) -> Response:
        with asked.desk.database.reading() as connection:
            found = notice_posts.notice(connection, notice_id)
        return page(asked, "notice_form.html", **_form_values(asked, _fields_of(asked, found)))

    @views.add("/desk/notices/preview", Verb.PUBLISH, ViewReach.CITY, post=True)
    def preview(asked: DeskRequest) -> Response:
        fields = asked.fields.to_dict()
        if asked.field("add"):
            return _with_area(asked, fields)
        try:
            post = _post(asked)
            notice_posts.require_sound(post, asked.now, asked.desk.snapshot().outline)
        except NuanfengError as fault:
            return refused(asked, "notice_form.html", fault, **_form_values(asked, fields))
        values = _form_values(asked, fields)
        if asked.field("back"):
            return page(asked, "notice_form.html", **values)
        return page(asked, "notice_preview.html", **(values | _inside(asked, post)))

    @views.add("/desk/notices/publish", Verb.PUBLISH, ViewReach.CITY, post=True)
    def publish(asked: DeskRequest) -> Response:
        fields = asked.fields.to_dict()
        try:
            notice = _publish(asked, _post(asked))
        except NuanfengError as fault:
            return refused(asked, "notice_form.html", fault, **_form_values(asked, fields))
        asked.desk.hurry()
        return sent_on(f"/desk/notices?done={notice.id}")

    _add_cancel(views)


def _add_cancel(views: Views) -> None:
    @views.add("/desk/notices/<notice_id>/cancel", Verb.PUBLISH, ViewReach.CITY, post=True)
    def cancel(asked: DeskRequest, notice_id: str) -> Response:
        def unit(connection: Connection) -> None:
            post = read_cancel(msgspec.json.encode({"references": notice_id}))
            notice_posts.cancel(connection, post, asked.operator.name, asked.now)
            asked.note(connection, "cancel", f"notice {notice_id}")

        try:
            asked.desk.database.write(unit)
        except NuanfengError as fault:
            return refused(asked, "notices.html", fault, **_list_values(asked))
        asked.desk.hurry()
        return sent_on("/desk/notices")


def _with_area(asked: DeskRequest, fields: dict[str, str]) -> Response:
    """The form with one more area in it: a circle, or a street office."""
    try:
        rings = rings_of(asked.field("polygons")) + _added(asked)
    except NuanfengError as fault:
        return refused(asked, "notice_form.html", fault, **_form_values(asked, fields))
    shape = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    fields = fields | {"polygons": msgspec.json.encode(shape).decode()}
    return page(asked, "notice_form.html", **_form_values(asked, fields))


def _added(asked: DeskRequest) -> list[list[list[float]]]:
    """The rings of the area that is added. Raises BadValue."""
    if asked.field("add") == "street":
        return areas.of_office(drawn_ground(asked), asked.field("street"))
    lon, lat = spot(point_of(asked.field("circle_at"), asked.desk.snapshot()))
    return [areas.circle(lon, lat, _count(asked.field("circle_m")))]


def rings_of(text: str) -> list[list[list[float]]]:
    """The rings of a GeoJSON of polygons, or of a bare list of rings. Raises BadValue."""
    try:
        found = msgspec.json.decode(text or "[]")
        return [_closed(ring) for ring in _rings(found)]
    except (*_UNREADABLE, KeyError, TypeError, IndexError, ValueError):
        raise BadValue(
            "The area is no GeoJSON of polygons without holes: draw it on the map, or paste a"
            " Polygon, a MultiPolygon, or a Feature with one."
        ) from None


def _rings(found: Any) -> list[list[list[float]]]:
    if isinstance(found, list):
        return list(found)
    kind = found["type"]
    if kind == "FeatureCollection":
        return [ring for each in found["features"] for ring in _rings(each)]
    if kind == "Feature":
        return _rings(found["geometry"])
    if kind == "Polygon":
        (ring,) = found["coordinates"]
        return [ring]
    return [ring for (ring,) in found["coordinates"]]


def _closed(ring: list[list[float]]) -> list[list[float]]:
    """Its first corner again at its end, as GeoJSON has it; heights are left out."""
    corners = [[float(x), float(y)] for x, y, *_ in ring]
    return corners if corners[0] == corners[-1] else [*corners, corners[0]]


def _post(asked: DeskRequest) -> NoticePost:
    """What the form says. Raises BadValue, BadParameters."""
    zone = asked.desk.snapshot().zone
    told: dict[str, Any] = {
        "effect": asked.field("effect"),
        "polygons": rings_of(asked.field("polygons")),
        "expires": _instant(zone, asked.field("expires")),
        **{
            language: {name: asked.field(f"{language}_{name}") for name in _TEXTS}
            for language in ("zh", "en")
        },
    }
    if asked.field("onset"):
        told["onset"] = _instant(zone, asked.field("onset"))
    for name in ("level", "references"):
        if asked.field(name):
            told[name] = asked.field(name)
    for name in _COUNTS:
        if asked.field(name):
            told[name] = _count(asked.field(name))
    return read_notice(msgspec.json.encode(told))


def _instant(zone: TimeZone, text: str) -> str:
    """What a field of date and time says, on the city's clocks. Raises BadValue."""
    try:
        at = datetime.fromisoformat(text)
        return zone.at_clock(at.date(), at.time()).isoformat()
    except (ValueError, OverflowError):
        raise BadValue(
            "{value} is no date and time; write it such as 2026-12-07T18:00.", value=text[:30]
        ) from None


def _count(text: str) -> int:
    number = count(text, _MOST_COUNT)
    if number is None:
        raise BadValue("{value} is no whole number.", value=text[:20])
    return number


def _publish(asked: DeskRequest, post: NoticePost) -> Notice:
    area, by = asked.desk.snapshot().outline, asked.operator.name
    verb = notice_posts.publish if post.facts.references is UNSET else notice_posts.update

    def unit(connection: Connection) -> Notice:
        if post.facts.references is not UNSET:
            _require_latest(connection, post.facts.references, asked.field("upon"))
        found = verb(connection, post, by, asked.now, area)
        asked.note(connection, "publish", f"notice {found.id}", "effect", "", found.body.effect)
        return found

    return asked.desk.database.write(unit)


def _require_latest(connection: Connection, notice_id: str, upon: str) -> None:
    """Raise NoticeMoved where a form was made of another version than the one that holds."""
    latest = notice_posts.notice(connection, notice_id).latest.identifier
    if upon != latest:
        raise NoticeMoved(upon, latest)


def _inside(asked: DeskRequest, post: NoticePost) -> dict[str, Any]:
    """Which places lie inside, before it is published."""
    snapshot = asked.desk.snapshot()
    rows = np.flatnonzero(_held(post, snapshot.lonlat)).tolist()
    demand = snapshot.demand
    asks = float(demand.weight[_held(post, demand.lonlat)].sum()) if len(demand) else 0.0
    touched = Counter(
        snapshot.streets.names[at].decode() for at in snapshot.streets.of[rows].tolist() if at >= 0
    )
    return {
        "inside": len(rows),
        "touched": touched.most_common(),
        "share": 100 * asks / float(demand.weight.sum()) if asks else 0.0,
        "chart": chart(asked, rings=post.polygons),
        "places": [(snapshot.id_of(row), snapshot.name_of(row)) for row in rows[:_SHOWN]],
        "notice": post,
        "expires": snapshot.zone.local(post.facts.expires),
    }


def _held(post: NoticePost, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of these points lie inside."""
    held = np.zeros(len(lonlat), np.bool_)
    for ring in post.polygons:
        xy = np.array(ring, np.float64)
        held |= Outline("", xy, np.array([0, len(xy)], np.int32)).holds_each(lonlat)
    return held


def _list_values(asked: DeskRequest) -> dict[str, Any]:
    with asked.desk.database.reading() as connection:
        found = fold(map(NoticeVersion.of, stored.versions(connection)))
    newest = sorted(found, key=lambda each: each.latest.sent, reverse=True)
    here = paged(newest, _SHOWN)
    told = [(each, each.state(asked.now)) for each in here.shown]
    return {
        "paged": here,
        "notices": [(each, state, state_text(state, asked.language)) for each, state in told],
        "effects": effect_texts(asked.language),
    }


def _form_values(asked: DeskRequest, fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fields": fields,
        "effects": effect_texts(asked.language),
        "chart": chart(asked),
        "streets": [office.name for office in drawn_ground(asked).offices],
    }


def _fields_of(asked: DeskRequest, notice: Notice) -> dict[str, str]:
    """A notice as the form has it, to be renewed for a day."""
    body, zone = notice.body, asked.desk.snapshot().zone
    runs_on = max(asked.now, notice.latest.expires) + _RENEWED
    texts = {
        f"{language}_{name}": getattr(text, name)
        for language, text in (("zh", body.zh), ("en", body.en))
        for name in _TEXTS
    }
    counts = {name: str(value) for name in _COUNTS if (value := getattr(body, name)) is not None}
    shape = {"type": "MultiPolygon", "coordinates": [[ring] for ring in body.polygons]}
    return {
        "references": notice.id,
        "upon": notice.latest.identifier,
        "effect": str(body.effect),
        "level": str(body.level or ""),
        "expires": f"{zone.local(runs_on):%Y-%m-%dT%H:%M}",
        "onset": f"{zone.local(notice.latest.onset):%Y-%m-%dT%H:%M}",
        "polygons": msgspec.json.encode(shape).decode(),
        **texts,
        **counts,
    }


def effect_texts(language: Language) -> dict[str, str]:
    """What a notice does to the places inside, in words."""
    return {
        ZoneEffect.CLOSED: say(language, "Places inside are closed"),
        ZoneEffect.LIMITED: say(language, "Entry is limited"),
        ZoneEffect.DETOUR: say(language, "Ride around it"),
        ZoneEffect.SUPPLIES: say(language, "Supplies are handed out"),
        ZoneEffect.INFO: say(language, "For information"),
    }
