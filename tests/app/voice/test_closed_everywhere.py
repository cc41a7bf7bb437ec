"""A place that a notice closes is told as open by no answer and offered by none: a table of all
that is served, of which each either lists places under the notices or says why it need not.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pygeohash
import pytest
import shapely
from flask.testing import FlaskClient

from app.cli.voice import prepare
from app.factory import create_app
from app.request.notices import read_notice
from app.settings import Settings
from app.voice import notice_posts
from app.voice.setting_up import voice_of
from geodata.store.files import Dataset
from tests.app.voice.notice_town import box, post

CLOSED: Final = box(113.9645, 22.5405, 0.01)
#: Answers that list places by whether they are open, or offer some.
UNDER_NOTICES: Final = frozenset(
    {
        "/",
        "/api/v1/along",
        "/api/v1/nearest",
        "/api/v1/nearest/batch",
        "/api/v1/nearest/cell/<geohash>",
        "/n/<notice_id>",
        "/p/<place_id>",
        "/tiles/<version>/<z>/<x>/<y>.json",
    }
)
#: What names places and yet tells of none whether it is open, and why that is right.
_RECORD: Final = "what is stored of places, whatever the hour; nothing says that one is open"
_PHONE: Final = "kept for when there is no network; the phone lays what it heard last over it"
_BY_HOUR: Final = "who is served at any hour of a week; nuanfeng coverage --live is for now"
_NAMED: Final = "the place that was asked for by its id, and no other"
NAMES_PLACES: Final = {
    "/api/v1/coverage": _BY_HOUR,
    "/api/v1/isochrone": "where one gets to, not what is there",
    "/api/v1/pack": _PHONE,
    "/api/v1/pack/<version>.json": _PHONE,
    "/api/v1/pack/<version>/<zone>.json": _PHONE,
    "/api/v1/places/<place_id>": _NAMED,
    "/api/v1/reports": "what riders say, beside the notices' revision",
    "/api/v1/search": _RECORD,
    "/api/v1/ways/<geohash>/<place_id>": _NAMED,
    "/coverage": _BY_HOUR,
    "/data/<name>": _RECORD,
    "/ogc/collections/<name>/items": _RECORD,
    "/ogc/collections/<name>/items/<feature_id>": _RECORD,
    "/p/<place_id>/plate": _NAMED,
    "/plates": "plates to print, of all places of an office",
}
#: What names none.
NO_PLACES: Final = re.compile(
    r"/(api/v1/(benefits|contacts|events|notices|letters.*|wishes|plates|directory/.*)|desk/.*"
    r"|api/v1/(reports/<report_id>|places/<place_id>/reports)|areas/.*|benefits|contacts.*|docs"
    r"|events.*|favicon.svg|ground/.*|healthz|letters.*|limits|manifest.webmanifest|metrics"
    r"|notices.*|ogc|ogc/(api|collections|conformance)|ogc/collections/<name>(/queryables)?"
    r"|openapi.json|photos/.*|privacy|readyz|roads/.*|robots.txt|static/.*|sw.js|wishes)"
)


@pytest.fixture(scope="module")
def client(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    home = tmp_path_factory.mktemp("closed")
    shutil.copytree(demo_home / "datasets", home / "datasets")
    chosen, now = Settings(home, "demo"), datetime.now(UTC)
    prepare(chosen)
    voice, outline = voice_of(chosen), Dataset(home, "demo").load().outline
    stated = read_notice(msgspec.json.encode(post(now, polygons=[CLOSED])))
    voice.database.write(lambda held: notice_posts.publish(held, stated, "op", now, outline))
    voice.database.close()
    with create_app(Settings(home, "demo")).test_client() as asked:
        yield asked


@dataclass(frozen=True)
class Zone:
    """The area that a notice closes."""

    notice: str

    area: shapely.Geometry
    inside: frozenset[str]
    """The places in it."""

    @property
    def middle(self) -> str:
        return f"lon={self.area.centroid.x:.6f}&lat={self.area.centroid.y:.6f}"


@pytest.fixture(scope="module")
def zone(client: FlaskClient, demo_home: Path) -> Zone:
    told = client.get("/api/v1/notices").json["features"]
    (notice,) = (each["id"] for each in told if not each["id"].startswith("demo-"))
    area = shapely.Polygon(CLOSED)
    snapshot = Dataset(demo_home, "demo").load()
    held = shapely.contains_xy(area, snapshot.lonlat[:, 0], snapshot.lonlat[:, 1])
    inside = frozenset(snapshot.id_of(row) for row in held.nonzero()[0].tolist())
    assert len(inside) > 5
    return Zone(notice, area, inside)


def ids(features: list[dict[str, Any]]) -> set[str]:
    return {each["id"] for each in features}


def nearest(client: FlaskClient, zone: Zone) -> set[str]:
    return ids(client.get(f"/api/v1/nearest?{zone.middle}&open=now&k=50").json["features"])


def batch(client: FlaskClient, zone: Zone) -> set[str]:
    point = [[zone.area.centroid.x, zone.area.centroid.y]]
    told = client.post("/api/v1/nearest/batch?open=now&k=20", json=point)
    return {place for row in told.json["ids"] for place in row}


def along(client: FlaskClient, zone: Zone) -> set[str]:
    west, south, east, north = zone.area.bounds
    ends = f"from={west:.5f},{south:.5f}&to={east:.5f},{north:.5f}"
    told = client.get(f"/api/v1/along?{ends}&open=now&k=50")
    return ids(told.json["features"])


def cell(client: FlaskClient, zone: Zone) -> set[str]:
    geohash = pygeohash.encode(zone.area.centroid.y, zone.area.centroid.x, 6)
    revision = client.get("/api/v1/reports").json["notices"]
    now = datetime.now(UTC)
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    asked = f"open=now&k=10&at={quarter:%Y-%m-%dT%H:%M:%SZ}&notices={revision}"
    told = client.get(f"/api/v1/nearest/cell/{geohash}?{asked}")
    assert told.status_code == 200
    return {*re.findall(r'"([a-z]+-\d{3,})"', told.text)}


def place_page(client: FlaskClient, zone: Zone) -> set[str]:
    here = min(zone.inside)
    page = client.get(f"/p/{here}?lang=en").text
    assert "Closed by a notice until" in page
    return {*re.findall(r'href="/p/([^/"?]+)\?', page)} - {here}


def supply_sheet(client: FlaskClient, zone: Zone) -> set[str]:
    return {*re.findall(r'href="/p/([^/"?]+)\?', client.get(f"/n/{zone.notice}?lang=en").text)}


@pytest.mark.parametrize("offered", [nearest, batch, along, cell, place_page, supply_sheet])
def test_no_answer_offers_a_place_that_a_notice_closes(
    client: FlaskClient, zone: Zone, offered: Callable[[FlaskClient, Zone], set[str]]
) -> None:
    found = offered(client, zone)
    assert found
    assert found & zone.inside == set()


def test_every_answer_lists_places_under_the_notices_or_says_why_not(client: FlaskClient) -> None:
    rules = {
        str(rule)
        for rule in client.application.url_map.iter_rules()
        if not NO_PLACES.fullmatch(str(rule))
    }
    assert rules == UNDER_NOTICES | NAMES_PLACES.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/places/{place}",
        "/api/v1/search?q=驿站",
        "/ogc/collections/warm_bee_station/items?limit=50",
        "/ogc/collections/warm_bee_station/items/{place}",
    ],
)
def test_what_is_stored_of_a_place_says_of_none_that_it_is_open(
    client: FlaskClient, zone: Zone, path: str
) -> None:
    place = min(each for each in zone.inside if each.startswith("st-"))
    told = client.get(path.format(place=place))
    assert told.status_code == 200
    features = told.json.get("features", [told.json])
    assert features
    assert all("open" not in each["properties"] for each in features)
