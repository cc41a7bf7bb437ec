"""A verification round: the places of a street office that nobody has looked at for longest near
one, in walking order, ticked at the door by plate or by hand.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import numpy as np
from flask import Response, request

from app.db import reports as plates_revoked
from app.db import rounds as stored
from app.db.database import Connection
from app.db.rounds import StoredRound
from app.desk.board import STALE_DAYS, DataFault, faulty
from app.desk.charts import Mark, chart
from app.desk.page import page, refused
from app.desk.place_edits import edits_of
from app.desk.place_texts import Known, known, published
from app.desk.places import required_place, where_of_place, write_edits
from app.desk.roles import Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.desk.walking import Walk, walk
from app.pages.city import city
from app.response.refusals import DeskRefusal
from app.voice import plates
from app.words import say
from geodata.errors import BadValue, NoSuchPlace, NuanfengError
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.vocabulary import Mode

#: Places of a round: an afternoon on foot.
MOST: Final = 15
_TOKEN: Final = re.compile(r"(?:.*#k=)?([\w.~%-]{1,60})", re.DOTALL | re.ASCII)


class RoundStop(NamedTuple):
    """A place of a round."""

    held: Known
    row: int
    leg_min: int | None
    """Minutes on foot from the one before; None: it is the first."""
    is_done: bool
    """Whether somebody stood at its door since the round began."""


def add(views: Views) -> None:
    """Add the round and its ticks."""

    @views.add("/desk/round", Verb.EDIT, ViewReach.LIST)
    def one(asked: DeskRequest) -> Response:
        return page(asked, "round.html", **_values(asked, request.args.get("street", "")))

    @views.add("/desk/round", Verb.EDIT, ViewReach.LIST, post=True)
    def begin(asked: DeskRequest) -> Response:
        _begin(asked)
        return sent_on("/desk/round")

    @views.add("/desk/round/end", Verb.EDIT, ViewReach.LIST, post=True)
    def end(asked: DeskRequest) -> Response:
        def unit(connection: Connection) -> None:
            stored.end(connection, asked.operator.name, asked.now)
            asked.note(connection, "end", f"round {asked.operator.name}")

        asked.desk.database.write(unit)
        return sent_on("/desk/round")

    @views.add(
        "/desk/places/<place>/tick", Verb.EDIT, ViewReach.THING, post=True, where=where_of_place
    )
    def tick(asked: DeskRequest, place: str) -> Response:
        street = asked.field("street")
        try:
            _tick(asked, place)
        except NuanfengError as fault:
            return refused(asked, "round.html", fault, **_values(asked, street))
        if _walked(asked, street) is not None:
            return sent_on("/desk/round")
        start = asked.field("start")
        address = f"/desk/round?street={quote(street)}&start={quote(start)}"
        return sent_on(address)


def _begin(asked: DeskRequest) -> None:
    """Keep the list that is shown, so that it is the same tomorrow. Raises DeskRefusal."""
    street, start = asked.field("street"), asked.field("start")
    asked.require(asked.desk.divisions().of_street(street) if street else None)
    stops, _ = _stops(asked, street, start)
    if not stops:
        raise DeskRefusal("Nothing is chosen; tick places, or publish all.")
    places = [each.held.id for each in stops]
    made = StoredRound(secrets.token_hex(6), asked.operator.name, street, places, asked.now)

    def unit(connection: Connection) -> None:
        stored.begin(connection, made)
        asked.note(connection, "begin", f"round {made.id}", "street", "", street)

    asked.desk.database.write(unit)


def _walked(asked: DeskRequest, street: str) -> StoredRound | None:
    """The round that the operator walks, if it is of this street office, or of whichever."""
    with asked.desk.database.reading() as connection:
        held = stored.walked(connection, asked.operator.name)
    if held is None or street not in ("", held.street):
        return None
    return held if asked.sees(asked.desk.divisions().of_street(held.street)) else None


def _tick(asked: DeskRequest, place: str) -> None:
    """Write that somebody stood at the door today. Raises BadValue and DeskRefusal."""
    by_plate = asked.field("act") == "plate"
    if by_plate:
        _require_plate(asked, place)
    with asked.desk.database.reading() as connection:
        held = required_place(asked, connection, place)
    if held.is_osm:
        raise DeskRefusal("These places are OpenStreetMap's; mend them there.")
    today, by = asked.desk.today(asked.now).isoformat(), asked.operator.name
    said = {"verified_at": today, "verified_by": by}
    changed = [
        (field, held.texts.get(field), text)
        for field, text in said.items()
        if held.texts.get(field) != text
    ]
    language = asked.language
    reason = say(language, "By the plate") if by_plate else say(language, "By hand, at the door")
    made = edits_of(held, changed, by, asked.now)
    write_edits(asked, [each._replace(reason=reason) for each in made])


def _require_plate(asked: DeskRequest, place: str) -> None:
    """Raise BadValue where no plate of ours that still holds says this."""
    found = _TOKEN.fullmatch(asked.field("plate"))
    number = plates.key_number(asked.desk.keys, place, found[1]) if found else None
    with asked.desk.database.reading() as connection:
        revoked = plates_revoked.revoked_keys(connection, place)
    if number is None or number in revoked:
        raise BadValue(
            "This is not what the plate of this place says. Scan it, and copy the whole address; or"
            " tick by hand."
        )


def _values(asked: DeskRequest, street: str) -> dict[str, Any]:
    divisions, snapshot = asked.desk.divisions(), asked.desk.snapshot()
    streets = [each for each in divisions.streets if asked.sees(divisions.of_street(each))]
    walked = _walked(asked, street)
    chosen = walked.street if walked else street or (streets[0] if len(streets) == 1 else "")
    if chosen:
        asked.require(divisions.of_street(chosen) if chosen in streets else None)
    start = asked.field("start") or request.args.get("start", "")[:40]
    stops, way = _stops(asked, chosen, start, walked) if chosen else ([], None)
    marks = [
        Mark(lon, lat, how, text, None, each.held.id)
        for at, each in enumerate(stops, start=1)
        for lon, lat in [snapshot.lonlat[each.row].tolist()]
        for how in ["added" if each.is_done else "changed"]
        for text in [f"{at}. {each.held.texts.get('name') or each.held.id}"]
    ]
    return {
        "streets": streets,
        "street": chosen,
        "walked": walked,
        "start": stops[0].held.id if stops else "",
        "stops": stops,
        "done": sum(each.is_done for each in stops),
        "minutes": round(sum(way.legs_s) / 60) if way else 0,
        "by_road": bool(way and way.by_road),
        "chart": chart(asked, marks),
        "days": STALE_DAYS,
    }


def _stops(
    asked: DeskRequest, street: str, start: str, walked: StoredRound | None = None
) -> tuple[list[RoundStop], Walk | None]:
    """The places of a round in walking order: of one that was begun those that it began with, for
    as long as it takes; else what it would begin with today.
    """
    found, snapshot = city(asked.desk.live), asked.desk.snapshot()
    since = asked.desk.today(asked.now)
    if walked is not None:
        since = asked.desk.today(walked.begun_at)
        rows = [row for row in map(_row_of(snapshot), walked.places) if row is not None]
    else:
        here = np.arange(len(snapshot), dtype=np.int64)
        stale = faulty(found, DataFault.STALE, since) & snapshot.streets.named(street, here)
        rows = _near(asked, np.flatnonzero(stale).tolist(), start)
    if not rows:
        return [], None
    roads = asked.desk.live.roads.under(snapshot)
    graph = roads.network.graphs.get(Mode.WALK) if roads else None
    way = walk(snapshot.lonlat[rows], graph, as_they_stand=walked is not None)
    legs = (None, *(max(1, round(each / 60)) for each in way.legs_s))
    with asked.desk.database.reading() as connection:
        held = [_known(asked, connection, rows[at]) for at in way.order]
    stops = [
        RoundStop(each, rows[at], leg, (each.texts.get("verified_at") or "") >= since.isoformat())
        for each, at, leg in zip(held, way.order, legs, strict=True)
        if each is not None
    ]
    return stops, way


def _row_of(snapshot: Snapshot) -> Callable[[str], int | None]:
    def row(place_id: str) -> int | None:
        """None: it was taken off the list since then."""
        try:
            return snapshot.row_of(place_id)
        except NoSuchPlace:
            return None

    return row


def _near(asked: DeskRequest, rows: Sequence[int], start: str) -> list[int]:
    """Where one begins, by default at what was looked at longest ago, and what lies nearest to it;
    not those of OpenStreetMap, which are mended there.
    """
    snapshot = asked.desk.snapshot()
    checked = snapshot.records.checked
    left = sorted(rows, key=lambda row: (int(checked[row]), row))
    begins = next((row for row in left if snapshot.id_of(row) == start), None)
    chosen: list[int] = []
    while left and len(chosen) < MOST:
        if chosen or begins is not None:
            lon, lat = snapshot.lonlat[chosen[0] if chosen else begins]
            spots = snapshot.lonlat[left]
            away = geodesic_m(lon, lat, spots[:, 0], spots[:, 1])
            left = [left[at] for at in np.argsort(away, kind="stable").tolist()]
        row = left.pop(0)
        there = published(snapshot, snapshot.id_of(row))
        if there and not there.is_osm:
            chosen.append(row)
    return chosen


def _known(asked: DeskRequest, connection: Connection, row: int) -> Known | None:
    snapshot = asked.desk.snapshot()
    return known(snapshot, asked.desk.divisions(), connection, snapshot.id_of(row))
