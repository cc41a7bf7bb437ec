"""What is no longer served leaves the memory, whatever was asked of it."""

import gc
import shutil
import weakref
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.request import queries
from app.settings import Settings
from app.voice.setting_up import make_ready, voice_of
from geodata.pipeline import recipes
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset, RoadNetwork
from geodata.travel.graph import Graph
from tests.app.conftest import publish

HERE = "lon=113.9645&lat=22.5405"
#: Everything that works something out of a version or of a network.
ASKS = (
    "/",
    "/?street=",
    "/?street=440305003",
    "/plates?street=440305003&confirm=true",
    "/coverage",
    "/coverage?minutes=10",
    "/areas/{version}.json",
    "/roads/{network}.json",
    "/ogc/collections",
    "/ogc/collections/districts/items",
    "/ogc/collections/friendly_merchant/items?bbox=113.9,22.5,114.1,22.6",
    "/ogc/collections/warm_bee_street/items?limit=5",
    f"/api/v1/nearest?{HERE}&open=now",
    f"/api/v1/nearest?{HERE}&by=time&open=at_arrival",
    f"/api/v1/isochrone?{HERE}&minutes=10",
    "/api/v1/along?from=113.9645,22.5405&to=113.97,22.545&by=time",
    "/api/v1/nearest/cell/ws101r?at=2026-11-21T02:15:00%2B08:00&mode=ride&by=time",
    "/api/v1/search?q=%E7%99%BD%E7%9F%B3%E6%B4%B2",
    "/api/v1/coverage?reach_m=500",
    "/api/v1/coverage?minutes=10&by=street",
    "/api/v1/pack",
    "/api/v1/pack/{version}.json",
    "/tiles/{version}/14/13378/7138.json?at=2026-11-21T02:15:00%2B08:00",
    "/readyz",
)


KINDS = (Snapshot, RoadAccess, Graph)


def alive() -> dict[type, list[Any]]:
    """All objects of these kinds in this process, in one look."""
    gc.collect()
    found: dict[type, list[Any]] = {kind: [] for kind in KINDS}
    for each in gc.get_objects():
        if type(each) in found:
            found[type(each)].append(each)
    return found


def ask_all(client: FlaskClient) -> None:
    ready = client.get("/readyz").json
    assert ready is not None
    for path in ASKS:
        url = path.format(version=ready["dataVersion"], network=ready["network"]["version"])
        assert client.get(url).status_code == 200, url
    features = client.get("/ogc/collections/warm_bee_street/items").json["features"]
    for feature in features:
        assert client.get(f"/p/{feature['id']}").status_code == 200


def test_an_old_version_leaves_nothing_behind(
    home_on_roads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for looking in ("current", "roads"):
        monkeypatch.setattr(f"app.live.{looking}.LOOK_EVERY_S", 0.0)
    shutil.copytree(home_on_roads, tmp_path / "home")
    chosen = Settings(tmp_path / "home", "demo", "grid")
    dataset, voice = Dataset(chosen.home, "demo"), voice_of(chosen)
    make_ready(voice, dataset.load(), "demo", queries.now())
    voice.database.close()
    others = {id(each) for kind in alive().values() for each in kind}
    copies = 0

    def held() -> tuple[set[str], set[str], int]:
        """Versions of the dataset and of joined networks in memory, and how many graphs."""
        nonlocal copies
        ours = {
            kind: [each for each in found if id(each) not in others]
            for kind, found in alive().items()
        }
        copies = len(ours[Snapshot])
        versions = {snapshot.version for snapshot in ours[Snapshot]}
        return versions, {each.network.version for each in ours[RoadAccess]}, len(ours[Graph])

    client = create_app(chosen).test_client()
    ask_all(client)
    first, joins, graphs = held()
    assert (len(first), len(joins)) == (1, 1)
    assert copies > 1, "what riders say is laid over copies"
    assert graphs >= 1

    publish(tmp_path / "home", tmp_path, seed=4)
    ask_all(client)
    network = RoadNetwork(chosen.home, "grid").pointer().version
    assert joins != {network}
    assert held() == (first, {network}, graphs), "the network before"

    other = recipes.demo("demo", seed=7)
    dataset.publish(other.version, other.about, other.arrays, other.blobs)
    ask_all(client)
    assert held()[0] == first | {other.version}, "the version before is still served for a while"
    monkeypatch.setattr("app.live.current.time.monotonic", lambda: 1e12)
    ask_all(client)
    assert held() == ({other.version}, {network}, graphs)


def test_a_network_goes_with_the_last_who_hold_it(home_on_roads: Path) -> None:
    network = RoadNetwork(home_on_roads, "grid").load()
    gone = weakref.ref(next(iter(network.graphs.values())).heads)
    assert gone() is not None
    del network
    gc.collect()
    assert gone() is None
