"""`python -m tests.stored_formats`: a small dataset, network, shared database and database of what
people say, as stored today.

Each goes into tests/data/formats/ as an archive named by its kind and the number of its format,
beside a JSON file of what it answered on the day it was written. What is there already is never
written again: an archive is kept for ever, and whoever raises a format's number adds one.
"""

import io
import json
import lzma
import re
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from flask.testing import FlaskClient

from app.db import copies, migrate
from app.factory import create_app
from app.settings import Settings
from app.voice.setting_up import make_ready, voice_of
from geodata.pipeline.freeze import Frozen, Layers, freeze
from geodata.places import areas
from geodata.places.table import validate
from geodata.snapshot.demand import Demand, DemandSummary, Office
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84
from geodata.store.files import Dataset, RoadNetwork
from geodata.store.history import Stamp
from geodata.store.postgis import REVISION, SharedDataset, prepare
from geodata.travel import network, osm
from tests import makers, postgres, town

FOLDER: Final = Path(__file__).parent / "data" / "formats"
COMMAND: Final = "python -m tests.stored_formats"
#: What datasets and networks are called in every archive.
NAME: Final = "made"
#: Who published the versions in the archives, and when.
STAMPS: Final = (
    Stamp(datetime(2026, 11, 10, 1, tzinfo=UTC), "editor@example"),
    Stamp(datetime(2026, 11, 20, 1, tzinfo=UTC), "editor@example"),
)
GONE: Final = "merchant-1"
#: xz, because two versions share most of their bytes, and gzip looks back no further than 32 kB.
SMALLEST: Final = 9 | lzma.PRESET_EXTREME

_FAR: Final = "max_distance_m=50000"
_NIGHT: Final = "at=2026-11-18T02:00:00%2B08:00"
#: What a dataset is asked: by distance, hours and filters; a street; text; a place, one that is
#: gone, and one that never was; a point outside the area; and the demand.
OF_A_DATASET: Final = (
    f"/api/v1/nearest?lon=114.05&lat=22.54&k=12&{_FAR}&{_NIGHT}",
    f"/api/v1/nearest?lon=114.05&lat=22.54&k=12&{_FAR}&open=now&include_unknown=false&{_NIGHT}",
    f"/api/v1/nearest?lon=114.2&lat=22.65&k=8&{_FAR}&kinds=warm_bee_street&{_NIGHT}",
    f"/api/v1/nearest?lon=114.2&lat=22.65&k=8&{_FAR}&needs=water&audience=rider&{_NIGHT}",
    f"/api/v1/nearest?lon=0&lat=22.65&{_NIGHT}",
    "/api/v1/search?q=莲花&k=5",
    "/api/v1/search?q=lhyz&k=5",
    "/api/v1/search?q=futian&k=5",
    "/api/v1/places/station-1",
    f"/api/v1/places/{GONE}",
    "/api/v1/places/nobody",
    f"/api/v1/coverage?reach_m=5000&by=street&{_NIGHT}",
)
#: What the version before is asked, once one went back to it.
OF_THE_VERSION_BEFORE: Final = (
    "/api/v1/places/station-1",
    f"/api/v1/places/{GONE}",
    OF_A_DATASET[0],
)
_MIDDLE: Final = "lon=114.0565&lat=22.546"
#: What a network is asked, with places beside it that today's code freezes.
OF_A_NETWORK: Final = tuple(
    f"/api/v1/{question}&mode={mode}"
    for mode in ("walk", "ride", "drive")
    for question in (
        f"nearest?{_MIDDLE}&k=12&by=time&max_distance_m=5000&{_NIGHT}",
        f"isochrone?{_MIDDLE}&minutes=3",
    )
)


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of the folder, such as dataset-6.tar.xz or shared-6-0001.sql.xz."""

    path: Path

    @property
    def stem(self) -> str:
        return self.path.name.partition(".")[0]

    @property
    def kind(self) -> str:
        return self.stem.split("-")[0]

    @property
    def format(self) -> int:
        """The number of the format that its manifests carry."""
        return int(self.stem.split("-")[1])

    @property
    def answers(self) -> dict[str, Any]:
        """What it answered on the day it was written (`of_a_dataset`, `of_a_network`)."""
        told: dict[str, Any] = json.loads((FOLDER / f"{self.stem}.json").read_text("utf-8"))
        return told

    def unpack(self, home: Path) -> Path:
        """A home folder with what is in it."""
        with tarfile.open(self.path, "r:xz") as tar:
            tar.extractall(home, filter="data")
        return home

    def restore(self, url: str) -> None:
        """Run it on an empty database of PostgreSQL."""
        with lzma.open(self.path) as dump:
            _client("psql", url, "-q", "-X", "-v", "ON_ERROR_STOP=1", given=dump.read())

    def restore_file(self, path: Path) -> Path:
        """The file of SQLite that it was."""
        with (
            lzma.open(self.path, "rt", encoding="utf-8") as dump,
            closing(sqlite3.connect(path)) as to,
        ):
            to.executescript(dump.read())
        return path


def kept() -> list[Archive]:
    """Every archive of the folder."""
    return [Archive(path) for path in sorted(FOLDER.glob("*.xz"))]


def of_today() -> tuple[str, ...]:
    """How today's archives are called, by kind and format; a database by its schema's step too."""
    return (
        f"dataset-{Dataset.format}",
        f"network-{RoadNetwork.format}",
        f"shared-{Dataset.format}-{REVISION}",
        f"voice-{migrate.REVISION}",
    )


def of_a_dataset(
    home: Path,
    store: Dataset | SharedDataset,
    go_back: Callable[[], object],
) -> dict[str, Any]:
    """Who published what; what the current version under a home answers, and what the one before.

    `go_back` makes the one before the current one under that home.
    """
    told = {"versions": _versions(store), **_answers(home, OF_A_DATASET)}
    go_back()
    before = _answers(home, OF_THE_VERSION_BEFORE)
    return {**told, **{f"after going back, {asked}": answer for asked, answer in before.items()}}


def of_a_network(home: Path) -> dict[str, Any]:
    """Who published it, and what is answered over it about `publish_city_on_roads`."""
    versions = _versions(RoadNetwork(home, NAME))
    return {"versions": versions, **_answers(home, OF_A_NETWORK, roads=True)}


def of_the_roads(answers: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a network has a part in: the places beside it are frozen by today's code, which may say
    more of them, and serve other needs by them, than on the day its archive was written.
    """
    ours = ("/access/", "/needs/")
    return {
        asked: {
            name: value for name, value in answer.items() if not any(own in name for own in ours)
        }
        for asked, answer in answers.items()
    }


def city(*, before: bool = False) -> Frozen:
    """Some fifty made-up places with streets, hours, outlines and a demand.

    The version `before` had one place more, and one by another name.
    """
    made = [makers.three_places(), makers.random_city(44, 4, 6)]
    raw = gpd.GeoDataFrame(pd.concat(made, ignore_index=True))
    for column in ("phones", "services", "audience"):
        raw[column] = [value if isinstance(value, list) else [] for value in raw[column]]
    raw = raw.astype({"capacity": "Int64"})
    offices = _offices()
    middles = raw.geometry.representative_point()
    found = areas.locate(middles.x, middles.y, offices, grid=SHENZHEN.grid)
    raw["district"] = [offices["district"][at] if at >= 0 else None for at in found]
    raw["street"] = [offices["street"][at] if at >= 0 else None for at in found]
    if before:
        raw.loc[raw["id"] == "station-1", "name"] = "旧驿站"
    else:
        raw = gpd.GeoDataFrame(raw[raw["id"] != GONE].reset_index(drop=True))
    table, rejects = validate(raw)
    if rejects:
        raise AssertionError(f"a maker made bad rows: {rejects[:3]}")
    port = {"name": "福田口岸", "name_en": "Futian Port", "kind": "port"}
    return freeze(
        table,
        makers.about(dataset=NAME),
        makers.calendar(),
        makers.OUTLINE,
        layers=Layers(offices, areas.dissolve_districts(offices)),
        landmarks=[{**port, "lon": 114.07, "lat": 22.51}],
        demand=_crowd(offices),
    )


def publish_city_on_roads(home: Path) -> None:
    """Today's version of places strewn over the town that network archives hold."""
    table, rejects = validate(town.random_places(3, 30, 1_200))
    if rejects:
        raise AssertionError(f"a maker made bad rows: {rejects[:3]}")
    frozen = freeze(table, makers.about(dataset=NAME), makers.calendar(), makers.OUTLINE)
    Dataset(home, NAME).publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)


def publish_network(home: Path) -> None:
    """A made-up town's streets."""
    with tempfile.TemporaryDirectory() as folder:
        roads = osm.read(town.random_town(3, 8).write(Path(folder) / "town.osm"), lambda _: None)
    made = network.build(roads, NAME, lambda _: None)
    RoadNetwork(home, NAME).publish(made.version, made.about, made.to_arrays(), {}, STAMPS[0])


def publish_cities(home: Path, each: Callable[[Dataset], object] = lambda _: None) -> None:
    """Both versions of the city, one after the other; `each` is called when one was published."""
    dataset = Dataset(home, NAME)
    for frozen, stamp in zip((city(before=True), city()), STAMPS, strict=True):
        dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs, stamp)
        each(dataset)


def _offices() -> gpd.GeoDataFrame:
    """Three street offices, which tile the made cities' rectangle."""
    west, south, east, north = makers.WEST, makers.SOUTH, makers.EAST, makers.NORTH
    named = {
        "code": ["440304002", "440304008", "440305001"],
        "district": ["福田区", "福田区", "南山区"],
        "district_en": ["Futian", "Futian", "Nanshan"],
        "street": ["福田街道", "莲花街道", "南头街道"],
        "name_en": ["Futian", "Lianhua", "Nantou"],
        "confidence": ["high", "high", "low"],
        "approximate": [False, False, True],
    }
    shapes = [
        shapely.box(114.0, south, east, 22.6),
        shapely.box(114.0, 22.6, east, north),
        shapely.box(west, south, 114.0, north),
    ]
    return gpd.GeoDataFrame(named, geometry=shapes, crs=WGS84)


def _crowd(offices: gpd.GeoDataFrame) -> Demand:
    spots = makers.random_city(200, 0, 9).geometry
    columns = ("code", "street", "name_en", "district", "district_en")
    rows = zip(*(offices[name] for name in columns), strict=True)
    told = DemandSummary("虚构订单", "synthetic orders", tuple(Office(*row) for row in rows))
    found = areas.locate(spots.x, spots.y, offices, grid=SHENZHEN.grid)
    lonlat = shapely.get_coordinates(spots.to_numpy())
    return Demand.build(lonlat, (found + 2.0) / 2, found, told)


def _versions(store: Dataset | RoadNetwork | SharedDataset) -> dict[str, Any]:
    told = [
        {
            "version": each.version,
            "at": each.receipt and each.receipt.at.astimezone(UTC).isoformat(),
            "by": each.receipt and each.receipt.by,
            "pointed": each.pointed,
        }
        for each in store.versions()
    ]
    return dict(_leaves(told, ""))


def _answers(home: Path, questions: tuple[str, ...], *, roads: bool = False) -> dict[str, Any]:
    """By question the status and, name by name, what a person would read of the reply."""
    client = create_app(Settings(home, NAME, NAME if roads else None)).test_client()
    return {question: _answer(client, question) for question in questions}


#: What is kept of a reply, by its names in the API; links into map apps and estimates are not.
_OF_A_REPLY: Final = (
    "numberReturned",
    "numberMatched",
    "more",
    "how",
    "synthetic",
    "gone",
    "demand",
    "areas",
)
_OF_A_PLACE: Final = (
    "kind",
    "name",
    "name_en",
    "code",
    "district",
    "street",
    "opening_hours",
    "opening_hours_text",
    "services",
    "needs",
    "access",
    "capacity",
    "distance_m",
    "bearing_deg",
    "open",
    "network_distance_m",
    "snapped_m",
    "minutes",
)


def _answer(client: FlaskClient, question: str) -> dict[str, Any]:
    reply = client.get(question)
    body = json.loads(reply.get_data())
    told = {name: body[name] for name in _OF_A_REPLY if name in body}
    told["status"] = reply.status_code
    if "features" in body:
        told["features"] = [_feature(feature) for feature in body["features"]]
    elif "geometry" in body:
        told["feature"] = _feature(body)
    return dict(_leaves(told, ""))


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = feature["properties"]
    told = {name: properties[name] for name in _OF_A_PLACE if name in properties}
    if properties.get("eta_kind") == "network" and "eta_s" in properties:
        told["eta_s"] = properties["eta_s"]
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        told["area_m2"] = float(areas.to_metric(shape, SHENZHEN.grid).area)
    else:
        told["coordinates"] = feature["geometry"]["coordinates"]
    return {"id": feature.get("id"), **told}


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every number and text of a reply by the names that lead to it."""
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in named:
            yield from _leaves(each, f"{where}/{name}")
    else:
        yield where, value


def _client(program: str, url: str, *arguments: str, given: bytes = b"") -> bytes:
    folder = postgres.programs()
    if folder is None:
        raise SystemExit(postgres.MISSING)
    command = [folder / program, *arguments, url]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"{program} failed: {done.stderr.decode()}")
    return done.stdout


def _packed(home: Path) -> bytes:
    """A home folder as a tar.xz that says nothing of when and by whom it was packed."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if entry.name.endswith(".lock"):
            return None
        entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
        return entry

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", preset=SMALLEST) as tar:
        for room in (Dataset.room, RoadNetwork.room):
            if (home / room).exists():
                tar.add(home / room, room, filter=plain)
    return packed.getvalue()


def _dumped(folder: Path) -> bytes:
    """What a shared database holds once both versions of the city were pushed into it, as SQL."""
    programs = postgres.programs()
    if programs is None:
        raise SystemExit(postgres.MISSING)
    with postgres.cluster(programs) as server, postgres.database(server, "city") as url:
        prepare(url)
        publish_cities(folder, SharedDataset(url, NAME).push)
        only = ("--schema=nuanfeng", "--extension=*", "--no-owner", "--no-privileges")
        dump = _client("pg_dump", url, *only)
    # A key of that day alone, which a psql from before it does not know.
    plain = re.sub(rb"^\\(un)?restrict .*\n", b"", dump, flags=re.MULTILINE)
    return lzma.compress(plain, preset=SMALLEST)


def _dataset(folder: Path) -> tuple[bytes, dict[str, Any]]:
    publish_cities(folder)
    return _packed(folder), _of_cities(folder)


def _network(folder: Path) -> tuple[bytes, dict[str, Any]]:
    publish_network(folder)
    packed = _packed(folder)
    publish_city_on_roads(folder)
    return packed, of_a_network(folder)


def _shared(folder: Path) -> tuple[bytes, dict[str, Any]]:
    return _dumped(folder), _of_cities(folder)


def _voice(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """What a synthetic city begins with, as SQL; and how many rows there are of each table."""
    publish_cities(folder)
    voice = voice_of(Settings(folder, NAME))
    make_ready(voice, Dataset(folder, NAME).load(), NAME, STAMPS[1].at)
    voice.database.close()
    held = folder / "voice" / f"{NAME}.db"
    with closing(sqlite3.connect(held)) as connection:
        dump = "\n".join(connection.iterdump())
    return lzma.compress(dump.encode(), preset=SMALLEST), {"rows": copies.counts(held)}


def _of_cities(folder: Path) -> dict[str, Any]:
    dataset = Dataset(folder, NAME)
    return of_a_dataset(folder, dataset, dataset.rollback)


def main() -> None:
    """Write what is missing of today's archives, and say what was written."""
    FOLDER.mkdir(exist_ok=True)
    there = {archive.stem for archive in kept()}
    makers_of_today = ((_dataset, "tar"), (_network, "tar"), (_shared, "sql"), (_voice, "sql"))
    for stem, (make, ending) in zip(of_today(), makers_of_today, strict=True):
        if stem in there:
            print(f"{stem} is there already and stays as it is")  # noqa: T201
            continue
        with tempfile.TemporaryDirectory() as folder:
            packed, answers = make(Path(folder))
        told = json.dumps(answers, ensure_ascii=False, indent=0, sort_keys=True)
        (FOLDER / f"{stem}.json").write_text(f"{told}\n", "utf-8")
        (FOLDER / f"{stem}.{ending}.xz").write_bytes(packed)
        print(f"{stem} is written")  # noqa: T201


if __name__ == "__main__":
    main()
