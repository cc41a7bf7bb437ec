"""Answers as bytes: stored pieces of places spliced with what the question adds.

Builds no dicts per place.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec

from app.api import reported_reply
from app.api.isochrone_reply import Shape
from app.request.queries import AlongQuery, IsochroneQuery, NearestQuery, SearchQuery
from geodata.estimate import Eta, eta, etas
from geodata.hours.minute import MinuteHours
from geodata.search import lookup
from geodata.search.along import Stop, Stops, Trip
from geodata.search.filter import Open, Order
from geodata.search.lookup import Match, Matches
from geodata.search.nearest import Answer, ByRoad, Question, Relaxed
from geodata.search.tiles import Tile
from geodata.snapshot.map_links import links
from geodata.snapshot.overlay import Laid
from geodata.snapshot.records import END, STORED_MODE, navigate
from geodata.snapshot.snapshot import Snapshot
from geodata.traits import kind_of
from geodata.travel.network import ENGINE, NetworkAbout
from geodata.vocabulary import Mode


def nearest(
    snapshot: Snapshot,
    query: NearestQuery,
    question: Question,
    answer: Answer,
    network: NetworkAbout | None = None,
    laid: Laid | None = None,
) -> bytes:
    """A FeatureCollection; `network` is what times by road come from, `laid` what riders say.

    Every byte of a record is copied once.
    """
    pieces = [
        _head(snapshot, len(answer.rows), answer.minute_hours, more=answer.more),
        msgspec.json.encode(query),
    ]
    if query.widen:
        pieces += [b',"relaxed":', _relaxed(answer.relaxed)]
    if question.by is Order.TIME:
        off_m = None if answer.by_road is None else answer.by_road.asker_off_m
        pieces += [b',"network":', msgspec.json.encode(network_used(network, off_m))]
    pieces.append(b',"features":[')
    _add_features(pieces, snapshot, question, answer, laid)
    pieces.append(b"]}")
    return b"".join(pieces)


def along(
    snapshot: Snapshot,
    query: AlongQuery,
    trip: Trip,
    found: Stops,
    network: NetworkAbout | None = None,
    laid: Laid | None = None,
) -> bytes:
    """A FeatureCollection of what lies on the way; `network` is what times by road come from,
    `laid` what riders say.
    """
    pieces = [
        _head(snapshot, len(found.stops), found.minute_hours, more=found.more),
        msgspec.json.encode(query),
    ]
    if trip.by is Order.TIME:
        pieces += [b',"network":', msgspec.json.encode(network_used(network, found.off_m))]
    pieces.append(b',"features":[')
    _add_stops(pieces, snapshot, trip, found, laid)
    pieces.append(b"]}")
    return b"".join(pieces)


def _boolean(value: bool) -> str:  # noqa: FBT001  # JSON's word for it
    return "true" if value else "false"


def _head(snapshot: Snapshot, count: int, minute_hours: MinuteHours, *, more: bool) -> bytes:
    return (
        f'{{"type":"FeatureCollection","numberReturned":{count},"more":{_boolean(more)},'
        f'"dataVersion":"{snapshot.version}","synthetic":{_boolean(snapshot.about.synthetic)},'
        f'"timeStamp":"{minute_hours.stamp}","query":'
    ).encode()


def _add_stops(
    pieces: list[bytes], snapshot: Snapshot, trip: Trip, found: Stops, laid: Laid | None
) -> None:
    minute_hours, verified = found.minute_hours, _verified_by(found.minute_hours.at.toordinal())
    told = snapshot.records.open_features([stop.row for stop in found.stops], trip.mode)
    separator = b""
    for stop, (record, hours_row, day) in zip(found.stops, told, strict=True):
        own = _on_the_way(stop)
        there = minute_hours.on_arrival(hours_row, trip.at, stop.way)
        state = b'%s,"at_arrival":"%s"}' % (
            minute_hours.member(hours_row)[:-1],
            there.word.encode(),
        )
        state, checked = reported_reply.members(laid, stop.row, state, day)
        way = _to_line(snapshot, stop.row, stop.entry, trip.mode) if stop.entry else b""
        pieces += (separator, record, way, own, state, verified[checked])
        separator = b","


def _on_the_way(stop: Stop) -> bytes:
    """What a stop adds: by road, of what no road leads to, or estimated. + 0.5 and %d round half
    up.
    """
    where = (stop.detour_m, stop.along_m, stop.distance_m)
    way = (stop.way.eta_s + 0.5, stop.way.least_s + 0.5, stop.way.most_s + 0.5)
    if stop.detour_s is None:
        return _ON_THE_WAY % (*where, *way)
    if math.isnan(stop.detour_s):
        return _ON_THE_WAY_CUT_OFF % where
    if stop.detour_range_s is not None:
        least, most = stop.detour_range_s
        told = (stop.detour_s + 0.5, least + 0.5, most + 0.5, most + 0.5)
        return _ON_THE_WAY_BEYOND % (*where, *told, *way)
    detour_s = stop.detour_s + 0.5
    return _ON_THE_WAY_BY_ROAD % (*where, detour_s, detour_s, stop.way.eta_s + 0.5)


def _relaxed(steps: Sequence[Relaxed]) -> bytes:
    return msgspec.json.encode(
        [{"rule": step.rule, "from": step.before, "to": step.after} for step in steps]
    )


def network_used(about: NetworkAbout | None, snapped_m: float | None) -> dict[str, Any] | None:
    """What times by road come from; None where they are estimates: there is no network, or the
    asker is off it.
    """
    if about is None or snapped_m is None:
        return None
    return {**provenance(about), "snapped_m": round(snapped_m, 1)}


def provenance(about: NetworkAbout) -> dict[str, Any]:
    """What engine and data times by road come from."""
    return {
        "name": about.network,
        "engine": ENGINE,
        "dataTimestamp": about.data_timestamp,
        "licence": about.licence,
        "calibration": about.calibration and str(about.calibration),
    }


def _add_features(
    pieces: list[bytes],
    snapshot: Snapshot,
    question: Question,
    answer: Answer,
    laid: Laid | None,
) -> None:
    """Of each hit the stored record, and what the question adds; a comma between two."""
    minute_hours, verified = answer.minute_hours, _verified_by(answer.minute_hours.at.toordinal())
    arriving, first_line = question.filter.open is Open.AT_ARRIVAL, snapshot.first_line
    told = snapshot.records.open_features(answer.rows, question.mode)
    ways = (
        _estimated(answer, question.mode)
        if answer.by_road is None
        else _by_road(answer, answer.by_road, question.mode)
    )
    separator = b""
    for row, (own, way_s), (record, hours_row, day) in zip(answer.rows, ways, told, strict=True):
        state = minute_hours.member(hours_row)
        if arriving:
            there = minute_hours.on_arrival(hours_row, question.at, Eta(*way_s))
            state = b'%s,"at_arrival":"%s"}' % (state[:-1], there.word.encode())
        state, checked = reported_reply.members(laid, row, state, day)
        way = b""
        if row >= first_line:
            way = _to_line(
                snapshot, row, snapshot.index.foot(row, question.lon, question.lat), question.mode
            )
        pieces += (separator, record, way, own, state, verified[checked])
        separator = b","


#: How long a way takes, seconds: expected, least, most, as `Eta` has them.
_Way = tuple[float, float, float]


def _estimated(answer: Answer, mode: Mode) -> Iterator[tuple[bytes, _Way]]:
    """What every hit adds, and how long the way takes, from the straight line."""
    ways = etas(answer.metres, mode)
    for metres, bearing, way in zip(answer.metres, answer.bearings, ways, strict=True):
        expected, least, most = way
        # + 0.5 and %d round half up, at a third of what round() or %.0f cost
        yield _OWN % (metres, expected + 0.5, least + 0.5, most + 0.5, _whole(bearing)), way


def _by_road(answer: Answer, by_road: ByRoad, mode: Mode) -> Iterator[tuple[bytes, _Way]]:
    """The same by road, or estimated where the extract does not reach.

    What cannot be reached comes with nulls; it is never asked for its state on arrival.
    """
    reached = zip(
        answer.metres,
        answer.bearings,
        by_road.seconds,
        by_road.metres,
        by_road.rank_s,
        by_road.off_m,
        strict=True,
    )
    for metres, bearing, seconds, road_m, rank_s, off_m in reached:
        if math.isnan(rank_s):
            yield _OWN_CUT_OFF % (metres, _whole(bearing)), (seconds, seconds, seconds)
        elif math.isnan(seconds):
            way = expected, least, most = eta(metres, mode)
            told = (expected + 0.5, least + 0.5, most + 0.5, most + 0.5)
            yield _OWN_BEYOND % (metres, *told, _whole(bearing)), way
        else:
            whole_s = seconds + 0.5
            own = _OWN_BY_ROAD % (metres, road_m, whole_s, whole_s, off_m, _whole(bearing))
            yield own, (seconds, seconds, seconds)


def _whole(bearing: float) -> float:
    """A bearing to be cut to a whole degree, 0 … 359."""
    return bearing + 0.5 if bearing < 359.5 else 0


#: What every hit adds.
_OWN: Final = (
    b',"distance_m":%.3f,"distance_kind":"geodesic","eta_s":%d,"eta_range_s":[%d,%d],"eta_kind":"estimate",'
    b'"bearing_deg":%d,'
)
_OWN_BY_ROAD: Final = (
    b',"distance_m":%.3f,"distance_kind":"geodesic","network_distance_m":%.1f,"eta_s":%d,"eta_range_s":null,'
    b'"eta_rank_s":%d,"eta_kind":"network","snapped_m":%.1f,"bearing_deg":%d,'
)
_OWN_BEYOND: Final = (
    b',"distance_m":%.3f,"distance_kind":"geodesic","network_distance_m":null,"eta_s":%d,"eta_range_s":[%d,%d],'
    b'"eta_rank_s":%d,"eta_kind":"estimate","snapped_m":null,"bearing_deg":%d,'
)
_OWN_CUT_OFF: Final = (
    b',"distance_m":%.3f,"distance_kind":"geodesic","network_distance_m":null,"eta_s":null,"eta_range_s":null,'
    b'"eta_rank_s":null,"eta_kind":"network","snapped_m":null,"bearing_deg":%d,'
)


def isochrone(
    query: IsochroneQuery, shapes: Sequence[Shape], network: dict[str, Any] | None
) -> bytes:
    """A FeatureCollection of one MultiPolygon per limit, in the order asked."""
    kind = "estimate" if network is None else "network"
    said = {"mode": query.mode, "direction": query.direction, "eta_kind": kind}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            "properties": {"minutes": minutes, **said, **more},
        }
        for minutes, (polygons, more) in zip(query.minutes, shapes, strict=True)
    ]
    return msgspec.json.encode(
        {"type": "FeatureCollection", "query": query, "network": network, "features": features}
    )


#: What every stop on the way adds.
_ON_THE_WAY: Final = (
    b',"detour_m":%.3f,"detour_kind":"geodesic","along_m":%.1f,"distance_m":%.3f,"distance_kind":"geodesic","eta_s":%d,'
    b'"eta_range_s":[%d,%d],"eta_kind":"estimate",'
)
_ON_THE_WAY_BY_ROAD: Final = (
    b',"detour_m":%.3f,"detour_kind":"network","along_m":%.1f,"distance_m":%.3f,"distance_kind":"geodesic",'
    b'"detour_s":%d,"detour_range_s":null,"detour_rank_s":%d,"eta_s":%d,"eta_range_s":null,"eta_kind":"network",'
)
_ON_THE_WAY_BEYOND: Final = (
    b',"detour_m":%.3f,"detour_kind":"estimate","along_m":%.1f,"distance_m":%.3f,"distance_kind":"geodesic",'
    b'"detour_s":%d,"detour_range_s":[%d,%d],"detour_rank_s":%d,"eta_s":%d,"eta_range_s":[%d,%d],"eta_kind":"estimate",'
)
_ON_THE_WAY_CUT_OFF: Final = (
    b',"detour_m":%.3f,"detour_kind":"network","along_m":%.1f,"distance_m":%.3f,"distance_kind":"geodesic",'
    b'"detour_s":null,"detour_range_s":null,"detour_rank_s":null,"eta_s":null,"eta_range_s":null,"eta_kind":"network",'
)


def _to_line(snapshot: Snapshot, row: int, entry: tuple[float, float], mode: Mode) -> bytes:
    """A street is entered at the spot that suits the asker best."""
    spot = b',"nearest_point":[%.6f,%.6f]' % entry
    return spot + navigate(
        links(*entry, snapshot.name_of(row), "", shifted=snapshot.about.city.shifted), mode
    )


class _Verified(dict[int, bytes]):
    """By the day when a place was last checked: when that was, and how long ago; the end of a
    feature.
    """

    def __init__(self, today: int) -> None:
        super().__init__({0: b',"verified":{"at":null,"age_days":null}' + END})
        self._today = today

    def __missing__(self, day: int) -> bytes:
        said = (date.fromordinal(day).isoformat().encode(), self._today - day)
        self[day] = b',"verified":{"at":"%s","age_days":%d}' % said + END
        return self[day]


@lru_cache(maxsize=16)
def _verified_by(today: int) -> _Verified:
    return _Verified(today)


#: What is said of a place without a point.
_OF_WAITING: Final = ("name", "address", "district", "street")


def found(snapshot: Snapshot, query: SearchQuery, answer: Matches) -> bytes:
    """A FeatureCollection of places and spots, the best fit first.

    Says nothing that the time of asking changes.
    """
    head = (
        f'{{"type":"FeatureCollection","numberMatched":{answer.matched},"numberReturned":{len(answer.hits)},'
        f'"dataVersion":"{snapshot.version}","synthetic":{_boolean(snapshot.about.synthetic)},'
        f'"how":"{answer.how}","query":'
    )
    features = b",".join(_found(snapshot, hit) for hit in answer.hits)
    waiting = msgspec.json.encode(
        [
            {name: getattr(each, name) for name in _OF_WAITING}
            for each in lookup.waiting(snapshot, query.q)
        ]
    )
    return b"".join(
        (
            head.encode(),
            msgspec.json.encode(query),
            b',"features":[',
            features,
            b'],"waiting":',
            waiting,
            b"}",
        )
    )


def _found(snapshot: Snapshot, hit: Match) -> bytes:
    if hit.is_spot:
        told = snapshot.spots.feature(hit.row)
    else:
        ((told, _, _),) = snapshot.records.open_features([hit.row], STORED_MODE)
    return told + (
        b"}}"
        if hit.distance_m is None
        else b',"distance_m":%.3f,"distance_kind":"geodesic"}}' % hit.distance_m
    )


def place(snapshot: Snapshot, row: int) -> bytes:
    """One place alone: all that is stored, with provenance and the data version."""
    about = (
        f',"dataVersion":"{snapshot.version}","synthetic":{_boolean(snapshot.about.synthetic)}}}'
    )
    return snapshot.records.whole(row)[:-1] + about.encode()


def tile(snapshot: Snapshot, found: Tile, z: int) -> bytes:
    """Clusters (lon, lat, places, open, unknown) and places (id, lon, lat, kind, services, hours
    row) as arrays.

    A cluster stands nowhere in particular: its degrees have as many decimals as the zoom can show.
    """
    words, links = snapshot.index.words, snapshot.index.links
    decimals = math.ceil(math.log10(256 * 2**z / 360))
    clusters = [
        [round(c.lon, decimals), round(c.lat, decimals), c.places, c.open, c.unknown]
        for c in found.clusters
    ]
    places = [
        [
            snapshot.id_of(row),
            *(round(degrees, 6) for degrees in snapshot.lonlat[row].tolist()),
            kind_of(int(words[row, 1])),
            snapshot.services(row),
            int(links[row, 1]),
        ]
        for row in found.rows
    ]
    return msgspec.json.encode({"c": clusters, "p": places})
