"""Answers as bytes: stored pieces of places spliced with what the question adds. Builds no dicts per place."""

from datetime import date
from functools import lru_cache

import msgspec

from app.params import NearestQuery
from geodata.board import Board
from geodata.navigate import AMAP_MODE, APPLE_MODE, links
from geodata.records import navigate_head, navigate_middle, navigate_tail
from geodata.search import Answer, Hit
from geodata.snapshot import Snapshot
from geodata.tiles import Tile
from geodata.traits import kind_of, services_of
from geodata.vocabulary import Mode

#: Until a question can name a mode, links lead those who walk.
_APPLE = APPLE_MODE[Mode.WALK].encode()
_AMAP = AMAP_MODE[Mode.WALK].encode()


def nearest(snapshot: Snapshot, query: NearestQuery, answer: Answer) -> bytes:
    """A FeatureCollection, as API.md has it."""
    board = answer.board
    today = board.at.toordinal()
    features = b",".join([_feature(snapshot, query, hit, board, today) for hit in answer.hits])
    head = (
        f'{{"type":"FeatureCollection","numberReturned":{len(answer.hits)},"more":{"true" if answer.more else "false"},'
        f'"dataVersion":"{snapshot.version}","synthetic":{"true" if snapshot.about.synthetic else "false"},'
        f'"timeStamp":"{board.at.isoformat()}","query":'
    )
    return b"".join((head.encode(), msgspec.json.encode(query), b',"features":[', features, b"]}"))


def _feature(snapshot: Snapshot, query: NearestQuery, hit: Hit, board: Board, today: int) -> bytes:
    row, metres, bearing = hit
    head, middle, tail, _ = snapshot.record(row)
    own = b',"distance_m":%.3f,"distance_kind":"geodesic","bearing_deg":%d,' % (metres, round(bearing) % 360)
    state = board.member(snapshot.hours_row(row)) + _verified(int(snapshot.verified[row]), today)
    if not middle:
        return head + _to_line(snapshot, row, query) + own + state
    return b"".join((head, _APPLE, middle, _AMAP, tail, own, state))


def _to_line(snapshot: Snapshot, row: int, query: NearestQuery) -> bytes:
    """A street is entered at the spot nearest to the asker."""
    lon, lat = snapshot.index.foot(row, query.lon, query.lat)
    name = msgspec.json.decode(snapshot.record(row).head + b"}}")["properties"]["name"]
    way = links(lon, lat, name, "")
    spot = b',"nearest_point":[%.6f,%.6f]' % (lon, lat)
    return b"".join((spot, navigate_head(way), _APPLE, navigate_middle(way), _AMAP, navigate_tail(way)))


@lru_cache(maxsize=4096)
def _verified(day: int, today: int) -> bytes:
    """When a place was last checked, and how long ago; the end of a feature."""
    if not day:
        return b',"verified":{"at":null,"age_days":null}}}'
    return b',"verified":{"at":"%s","age_days":%d}}}' % (date.fromordinal(day).isoformat().encode(), today - day)


def place(snapshot: Snapshot, row: int) -> bytes:
    """One place alone: all that is stored, with provenance and the data version."""
    record = snapshot.record(row)
    body = record.head
    if record.middle:
        body = b"".join((record.head, _APPLE, record.middle, _AMAP, record.tail))
    about = f',"dataVersion":"{snapshot.version}","synthetic":{"true" if snapshot.about.synthetic else "false"}}}'
    return b"".join((body, record.provenance, b"}", about.encode()))


def tile(snapshot: Snapshot, found: Tile) -> bytes:
    """Clusters (lon, lat, places, open, unknown) and places (id, lon, lat, kind, services, hours row) as arrays."""
    words, links = snapshot.index.words, snapshot.index.links
    clusters = [[round(c.lon, 6), round(c.lat, 6), c.places, c.open, c.unknown] for c in found.clusters]
    places = [
        [
            snapshot.id_of(row),
            *(round(degrees, 6) for degrees in snapshot.lonlat[row].tolist()),
            kind_of(int(words[row, 1])),
            services_of(int(words[row, 0])),
            int(links[row, 1]),
        ]
        for row in found.rows
    ]
    return msgspec.json.encode({"c": clusters, "p": places})


def ready(snapshot: Snapshot, today: date) -> bytes:
    """What stands behind the answers."""
    about = snapshot.about
    return msgspec.json.encode(
        {
            "status": "ready",
            "dataset": about.dataset,
            "title": about.title,
            "synthetic": about.synthetic,
            "dataVersion": snapshot.version,
            "dataDate": about.data_date,
            "dataAgeDays": (today - date.fromisoformat(about.data_date)).days,
            "places": len(snapshot),
            "counts": about.counts,
            "area": about.area,
            "licence": about.licence,
            "source": about.source,
            "calendarKnownUntil": snapshot.known_until.isoformat(),
        }
    )
