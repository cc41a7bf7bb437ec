"""What earlier programs stored: opened, and answered as it was then, or refused with the way on."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import shapely

from app.db import copies, migrate
from app.db.database import Database, address
from geodata.errors import DamagedDataset
from geodata.ground.archive import write as write_tiles
from geodata.ground.ground import Built, GroundAbout
from geodata.sources.locate.book import AddressBook, AddressBookAbout, BookEntry, Sort
from geodata.store.addresses import AddressBooks
from geodata.store.files import BaseMapStore, Dataset, RoadNetwork
from geodata.store.postgis import SharedDataset, prepare
from geodata.store.versions import short_digest
from tests import postgres, stored_formats
from tests.stored_formats import COMMAND, NAME, STAMPS, Archive

Store = Dataset | RoadNetwork | BaseMapStore | AddressBooks
#: What leads on out of a format that this program does not read.
WAY_ON = re.compile("build or import anew|`nuanfeng [a-z]+")


def archives(kind: str) -> list[Archive]:
    return [archive for archive in stored_formats.kept() if archive.kind == kind]


def each(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("archive", archives(kind), ids=lambda archive: archive.stem)


def opens(archive: Archive, reads: int, load: Callable[[], object]) -> bool:
    """Whether it can be loaded. A format of another number may be refused, with the way on."""
    if archive.format == reads:
        load()
        return True
    try:
        load()
    except DamagedDataset as fault:
        refusal = fault
    else:
        return True
    refuses_with_the_way_on(refusal, archive.format)
    return False


def refuses_with_the_way_on(refusal: BaseException, number: int) -> None:
    assert f"format {number}" in str(refusal)
    assert WAY_ON.search(str(refusal)), f"no way on: {refusal}"


def same(told: dict[str, Any], kept: dict[str, Any]) -> None:
    """Every text alike, every number to a millionth.

    The area of a polygon to a hundredth: it is drawn between the points of a grid.
    """
    assert told.keys() == kept.keys()
    for asked, answer in kept.items():
        found = told[asked].items()
        assert {name: near(each, answer.get(name), name) for name, each in found} == answer, asked


def near(value: Any, kept: Any, name: str) -> Any:
    """What was kept, where a number is as good as that."""
    numbers = isinstance(value, float) and isinstance(kept, float)
    within = 1e-2 if name.endswith("area_m2") else 1e-6
    return kept if numbers and math.isclose(value, kept, rel_tol=within) else value


@pytest.mark.parametrize("stem", stored_formats.of_today())
def test_every_format_that_this_program_writes_is_kept(stem: str) -> None:
    there = [archive.stem for archive in stored_formats.kept()]
    assert stem in there, f"a new format wants its archive: `{COMMAND}` writes {stem}"


@each("dataset")
def test_a_stored_dataset_answers_as_it_did_or_is_refused(archive: Archive, tmp_path: Path) -> None:
    dataset = Dataset(archive.unpack(tmp_path), NAME)
    if opens(archive, Dataset.format, dataset.load):
        assert dataset.verify() == dataset.manifest(dataset.pointer())
        same(stored_formats.of_a_dataset(tmp_path, dataset, dataset.rollback), archive.answers)
    else:
        leads_on(dataset)


@each("network")
def test_a_stored_network_answers_as_it_did_or_is_refused(archive: Archive, tmp_path: Path) -> None:
    network = RoadNetwork(archive.unpack(tmp_path), NAME)
    if opens(archive, RoadNetwork.format, network.load):
        assert network.verify() == network.manifest(network.pointer())
        stored_formats.publish_city_on_roads(tmp_path)
        told = stored_formats.of_a_network(tmp_path)
        same(stored_formats.of_the_roads(told), stored_formats.of_the_roads(archive.answers))
    else:
        leads_on(network)


@each("shared")
def test_a_stored_database_answers_as_it_did_or_is_refused(
    archive: Archive, postgres_server: str, tmp_path: Path
) -> None:
    here = Dataset(tmp_path / "here", NAME)
    with postgres.database(postgres_server, "stored") as url:
        archive.restore(url)
        prepare(url)  # what `nuanfeng shared prepare` does
        shared = SharedDataset(url, NAME)

        def go_back() -> None:
            shared.rollback()
            shared.pull(here)

        if opens(archive, Dataset.format, lambda: shared.pull(here)):
            assert shared.verify() == here.verify()
            same(stored_formats.of_a_dataset(here.home, shared, go_back), archive.answers)
        else:
            leads_on(here)
            shared.push(here, force=True)
            assert shared.pull(Dataset(tmp_path / "there", NAME)) == here.pointer()


@each("voice")
def test_what_people_said_is_brought_forward_and_is_all_there(
    archive: Archive, database_url: str, tmp_path: Path
) -> None:
    held = archive.restore_file(tmp_path / "voice.db")
    file, server = Database(f"sqlite:///{held}"), Database(address(tmp_path, NAME, database_url))
    migrate.upgrade(
        file, NAME, synthetic=True, now=STAMPS[1].at
    )  # what `nuanfeng voice prepare` does
    assert migrate.revision(file) == migrate.REVISION
    assert migrate.differences(file) == []
    kept = archive.answers["rows"]
    assert {name: count for name, count in copies.counts(held).items() if count} == {
        name: count for name, count in kept.items() if count
    }
    told = copies.restore(held, server, STAMPS[1].at, replace=False)
    assert sum(told.values()) == sum(kept.values()) > 0
    assert migrate.differences(server) == []
    file.close()
    server.close()


@pytest.mark.parametrize("step", [-1, 1], ids=["older", "newer"])
@pytest.mark.parametrize("kind", [Dataset, RoadNetwork, BaseMapStore, AddressBooks])
def test_another_format_is_refused_with_the_way_on_and_the_way_is_open(
    kind: type[Any], step: int, tmp_path: Path
) -> None:
    PUBLISHED[kind](tmp_path)
    store = kind(tmp_path, NAME)
    for which in ("CURRENT", "PREVIOUS"):
        with suppress(FileNotFoundError):
            renumber(store, which, kind.format + step)
    for attempt in (store.load, store.verify):
        with pytest.raises(DamagedDataset) as refused:
            attempt()
        refuses_with_the_way_on(refused.value, kind.format + step)
    leads_on(store)


def renumber(store: Store, which: str, number: int) -> None:
    """The version that a pointer names gets another format's number, and checksums that fit."""
    version, *_ = (store.folder / which).read_text("ascii").split()
    path = store.folder / "versions" / version / "manifest.json"
    body = json.dumps({**json.loads(path.read_bytes()), "format": number}).encode()
    path.write_bytes(body)
    words = f"{version} {hashlib.sha256(body).hexdigest()}"
    (store.folder / which).write_text(f"{words} {short_digest(words)}\n", "ascii")


def leads_on(store: Store) -> None:
    """What is built or imported anew is published over what could not be read, and loads."""
    PUBLISHED[type(store)](store.home)
    assert store.load()
    assert store.verify() == store.manifest(store.pointer())


def publish_ground(home: Path) -> None:
    """A base map of one tile."""
    home.mkdir(exist_ok=True)
    file, bounds = home / "one.pmtiles", (114.0, 22.0, 114.1, 22.1)
    write_tiles(file, [((8, 209, 111), b"a tile")], bounds, {})
    body = file.read_bytes()
    about = GroundAbout(
        ground=NAME,
        file="made.osm.pbf",
        sha256=hashlib.sha256(body).hexdigest(),
        data_timestamp=None,
        licence="none: it is made up",
        bounds=bounds,
        zooms=(8, 8),
        tiles=1,
        bytes=len(body),
        largest_tile=len(body),
        things={},
        is_coast_closed=True,
        tool="by hand",
    )
    BaseMapStore(home, NAME).publish_built(Built("0123456789abcdef", about, body))


def publish_book(home: Path) -> None:
    """An address book of one road."""
    road = BookEntry(Sort.ROAD, "花山路", shapely.LineString([(114.0, 22.0), (114.1, 22.0)]))
    about = AddressBookAbout(NAME, "made.osm.pbf", "none: it is made up", "2026-11-20")
    AddressBooks(home, NAME).publish_book(AddressBook((road,)), about)


PUBLISHED: Final[Mapping[type, Callable[[Path], object]]] = {
    Dataset: stored_formats.publish_cities,
    RoadNetwork: stored_formats.publish_network,
    BaseMapStore: publish_ground,
    AddressBooks: publish_book,
}
