"""The city for a phone that has lost the network: columns instead of rows, each value once.

Up to MOST_WHOLE places a pack is the whole dataset. Above that there is one for each geohash of
ZONE letters, with the ZONE_PLACES nearest to the middle of its cell, and it says how far it is
complete.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, Final

import msgspec
import numpy as np

from app.api.contract import place_shapes
from app.maps import outlines
from geodata.errors import BadQuestion
from geodata.hours.calendar import Calendar
from geodata.hours.timeline import HoursTable
from geodata.search import cells
from geodata.snapshot.records import END, STORED_MODE
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import MAX_REACH_M
from geodata.vocabulary import SERVES, Audience, Service

MOST_WHOLE: Final = 20_000
#: Letters of a geohash: some 4.5 km by 4.9 km. One of 4 letters with its neighbours would be a
#: whole city.
ZONE: Final = 5
#: As many as the demo city has: 120 kB.
ZONE_PLACES: Final = 4_000
#: Where roads meet, as many as weigh 15 kB.
MOST_JUNCTIONS: Final = 1_000
#: Places are stored to seven decimals, mostly given in six; as whole numbers their differences are
#: short.
_MOST_DECIMALS: Final = 7
#: Characters after this one are neither letters nor digits that pinyin is typed with.
_LAST_OF_ASCII: Final = 127
#: The 3,755 characters that every input method offers first (GB 2312, level 1): one that is typed
#: for another of the same sound is mostly one of them.
_USUAL: Final = np.array(
    [
        ord(bytes((row, cell)).decode("gb2312", "ignore") or "\0")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
    ],
    np.uint16,
)
_ORDINAL_1970: Final = 719_163  # date(1970, 1, 1).toordinal()

#: A version's blob by name, as `Dataset.blob` has it.
Blob = Callable[[str], bytes]


def pointer(snapshot: Snapshot, root: str = "") -> bytes:
    """What a phone asks first: which version there is, and where its pack is, all mounted under
    a path.
    """
    name = "" if _is_whole(snapshot) else "/{zone}"
    return msgspec.json.encode(
        {
            **_about(snapshot),
            "places": len(snapshot),
            "url": f"{root}/api/v1/pack/{snapshot.version}{name}.json",
        }
    )


def whole(snapshot: Snapshot, blob: Blob) -> bytes:
    """The pack of a whole dataset. Raises BadQuestion for a large one."""
    if not _is_whole(snapshot):
        raise BadQuestion(
            "{places} places are too many for one pack; ask for a geohash of {letters} letters:"
            " {url}",
            places=len(snapshot),
            letters=ZONE,
            url=f"/api/v1/pack/{snapshot.version}/ws105.json",
        )
    return _pack(snapshot, blob, list(range(len(snapshot))), None)


def around(snapshot: Snapshot, blob: Blob, geohash: str) -> bytes:
    """The pack of a geohash of ZONE letters. Raises BadQuestion for another."""
    if len(geohash) != ZONE:
        raise BadQuestion(
            "“{geohash}” is not a geohash of {letters} letters.", geohash=geohash[:12], letters=ZONE
        )
    lon, lat = cells.decode(geohash).middle
    rows, reached = snapshot.index.nearest(lon, lat, ZONE_PLACES, MAX_REACH_M, None, None)
    metres = float(reached[-1, 0]) if len(rows) == ZONE_PLACES else float(MAX_REACH_M)
    return _pack(snapshot, blob, sorted(rows.tolist()), {"lon": lon, "lat": lat, "metres": metres})


def _is_whole(snapshot: Snapshot) -> bool:
    return len(snapshot) <= MOST_WHOLE


def _about(snapshot: Snapshot) -> dict[str, Any]:
    about = snapshot.about
    return {
        "dataVersion": snapshot.version,
        "synthetic": about.synthetic,
        "dataDate": about.data_date,
        "licence": about.licence,
        "source": about.source,
        "outlines": about.outlines,
    }


def _pack(
    snapshot: Snapshot, blob: Blob, rows: Sequence[int], covers: Mapping[str, float] | None
) -> bytes:
    features = snapshot.records.open_features(rows, STORED_MODE)
    places = [_decode(feature + END) for feature, _, _ in features]
    hours_rows = [hours_row for _, hours_row, _ in features]
    is_point = ~np.array([snapshot.is_line(row) for row in rows], bool)
    lonlat = np.rint(snapshot.lonlat[rows] * 10**_MOST_DECIMALS).astype(np.int64)
    # Where a line is, its course says.
    decimals = _MOST_DECIMALS - (0 if (lonlat[is_point] % 10).any() else 1)
    lonlat //= 10 ** (_MOST_DECIMALS - decimals)
    lon, lat = np.diff(lonlat, axis=0, prepend=np.zeros((1, 2), np.int64)).T.tolist()
    return msgspec.json.encode(
        {
            **_about(snapshot),
            "calendarKnownUntil": snapshot.known_until.isoformat(),
            "timezone": snapshot.zone.name,
            "covers": covers,
            "ids": [place.id for place in places],
            "steps": 10**decimals,
            "lon": lon,
            "lat": lat,
            "lines": {
                at: place.geometry.coordinates
                for at, place in enumerate(places)
                if snapshot.is_line(rows[at])
            },
            "properties": _columns(places),
            "services": [snapshot.services(row) for row in rows],
            "audiences": list(Audience),
            "serves": [[service, SERVES[service]] for service in Service],
            "verified": [day and day - _ORDINAL_1970 for _, _, day in features],
            "hours": _shared(zip(_renumbered(hours_rows), map(_text, places), strict=True)),
            "table": _table(snapshot.hours_by_minute.table, sorted(set(hours_rows))),
            "calendar": _calendar(snapshot.hours_by_minute.calendar),
            "spots": _spots(snapshot, covers),
            "writing": _writing(snapshot, rows),
            "ground": msgspec.Raw(
                outlines.outlines_json(outlines.read(blob("drawn.geojson"), blob("landmarks.json")))
            ),
        }
    )


class _Spot(msgspec.Struct):
    name: str
    name_en: str | None
    kind: str
    district: str | None
    code: str | None
    sort: str | None


class _SpotFeature(msgspec.Struct):
    properties: _Spot


def _spots(snapshot: Snapshot, covers: Mapping[str, float] | None) -> list[dict[str, Any]]:
    """All spots as search answers with them; of junctions the most important MOST_JUNCTIONS within
    reach.
    """
    every = [_spot(snapshot, row) for row in range(len(snapshot.spots))]
    junctions = [each for each in every if each.get("sort") == "junction"]
    if covers is not None and junctions:
        lonlat = np.array([(each["lon"], each["lat"]) for each in junctions])
        metres = geodesic_m(covers["lon"], covers["lat"], *lonlat.T)
        junctions = list(compress(junctions, metres <= covers["metres"]))
    others = [each for each in every if each.get("sort") != "junction"]
    return [*others, *junctions[:MOST_JUNCTIONS]]


def _spot(snapshot: Snapshot, row: int) -> dict[str, Any]:
    """A district, street office or landmark as search answers with it, without what is not said."""
    about = msgspec.json.decode(snapshot.spots.feature(row) + b"}}", type=_SpotFeature).properties
    lon, lat = snapshot.spots.lonlat[row].tolist()
    said = {name: value for name, value in msgspec.structs.asdict(about).items() if value}
    return {**said, "lon": lon, "lat": lat}


def _writing(snapshot: Snapshot, rows: Sequence[int]) -> dict[str, Any]:
    """How the characters of these places and of all spots are read, and those that sound alike.

    By sound the characters that are commonly, and those that are rarely read so; and pairs of a
    character that is written otherwise and the plain one, as `Names` folds it.
    """
    names, spots = snapshot.names, len(snapshot.spots)
    texts = np.concatenate([np.arange(spots), np.asarray(rows, np.int64) + spots])
    spans = [names.codes[names.cuts[row] : names.cuts[row + 1]] for row in texts.tolist()]
    used = np.unique(np.concatenate([*spans, np.empty(0, np.uint16)]))
    used = used[used > _LAST_OF_ASCII]
    known = np.union1d(used, _USUAL)
    sounds = names.sounds.astype(str).tolist()
    common: dict[str, list[str]] = {}
    rare: dict[str, list[str]] = {}
    for code in known.tolist():
        first, last = names.starts[code : code + 2].tolist()
        for at, number in enumerate(names.readings[first:last].tolist()):
            table = common if at < names.common[code] else rare
            table.setdefault(sounds[number], []).append(chr(code))
    others = np.flatnonzero(np.isin(names.plain, used) & (names.plain != np.arange(65536)))
    pairs = [chr(point) + chr(names.plain[point]) for point in others.tolist()]
    return {
        "plain": "".join(pairs),
        "common": {sound: "".join(held) for sound, held in common.items()},
        "rare": {sound: "".join(held) for sound, held in rare.items()},
    }


class _Geometry(msgspec.Struct):
    coordinates: list[Any]


class _Place(msgspec.Struct):
    id: str
    geometry: _Geometry
    properties: place_shapes.PlaceProperties


_decode: Final = msgspec.json.Decoder(_Place).decode


#: Members of a place that differ from one to the next; what many have in common is written once.
_PLAIN: Final = ("name", "name_en", "address", "phones", "capacity")
_SHARED: Final = (
    "kind",
    "district",
    "street",
    "access",
    "zones",
    "operator",
    "offers",
    "type",
    "fee",
    "wheelchair",
    "level",
    "maybe",
    "position",
    "radius_m",
    "layer",
    "source",
    "licence",
)


def _columns(places: Sequence[_Place]) -> dict[str, Any]:
    """What /api/v1/places says of each, by the same names."""
    columns = {
        name: [getattr(place.properties, name) for place in places] for name in (*_PLAIN, *_SHARED)
    }
    return {
        name: _shared(column) if name in _SHARED else column for name, column in columns.items()
    }


def _text(place: _Place) -> str | None:
    """Opening hours for a reader: as published, else as understood."""
    return place.properties.opening_hours_text or place.properties.opening_hours


def _shared(values: Iterable[Any]) -> dict[str, Any]:
    """Each value once, and for every row which it is, unless all have the same."""
    numbers: dict[bytes, int] = {}
    rows = [numbers.setdefault(msgspec.json.encode(value), len(numbers)) for value in values]
    found = [msgspec.Raw(value) for value in numbers]
    return {"values": found, "rows": rows if len(found) > 1 else []}


def _renumbered(numbers: Sequence[int]) -> Sequence[int]:
    """Each number by its place among those that occur."""
    found: list[int] = np.unique(numbers, return_inverse=True)[1].tolist()
    return found


def _table(table: HoursTable, rows: Sequence[int]) -> dict[str, Any]:
    """Opening hours as geodata.hours.table has them.

    A row is its week, whether it never closes, and dated weeks.
    """
    weeks: dict[Hashable, int] = {}
    plans: dict[Hashable, int] = {}

    def plan(number: int) -> int:
        each = slice(*table.plan_offsets[number : number + 2].tolist())
        intervals = zip(
            *(part[each].tolist() for part in (table.starts, table.ends, table.states)), strict=True
        )
        return plans.setdefault(tuple(intervals), len(plans))

    def week(number: int) -> int:
        return weeks.setdefault(tuple(map(plan, table.weeks[number].tolist())), len(weeks))

    def dated(span: int) -> list[Any]:
        yearly = bool(table.span_yearly[span])
        ends = (
            int(days[span]) - (0 if yearly else _ORDINAL_1970)
            for days in (table.span_first, table.span_last)
        )
        return [*ends, yearly, week(int(table.span_weeks[span]))]

    described = [
        [
            week(int(table.row_weeks[row])),
            bool(table.always[row]),
            [dated(span) for span in range(*table.span_offsets[row : row + 2].tolist())],
        ]
        for row in rows
    ]
    return {"rows": described, "weeks": list(weeks), "plans": list(plans)}


def _calendar(calendar: Calendar) -> dict[str, Any]:
    kinds = "".join(map(str, calendar.kinds.tolist()))
    return {"first": calendar.first.toordinal() - _ORDINAL_1970, "kinds": kinds}
