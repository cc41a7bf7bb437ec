"""The page's own modules, run outside a page."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.store.stops import place
from geodata.travel import network, osm
from geodata.vocabulary import Mode
from tests import makers

HERE = Path(__file__).parent
MODULES = HERE.parent.parent / "app" / "static" / "js"


@pytest.fixture(scope="session")
def on_the_phone() -> Callable[[str, str, Any], Any]:
    """Hand JSON to a script here that uses a module of the page, by Node as npm's package brings
    it.
    """
    beside = Path(sys.executable).parent / "node"
    node = str(beside) if beside.exists() else shutil.which("node")
    if node is None:
        pytest.skip("there is no node beside this Python; `make test` installs it")

    def run(script: str, module: str, given: Any) -> Any:
        answer = subprocess.run(
            [node, str(HERE / script), str(MODULES / module)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return run


@pytest.fixture(scope="session")
def real_roads(real_data: Path) -> tuple[Snapshot, RoadAccess]:
    """Roads that people drew, with places that nobody opened."""
    made = network.build(
        osm.read(real_data / "roads" / "nanshan_futian.osm", lambda _: None), "real", lambda _: None
    )
    west, south, east, north = made.about.bounds
    table = makers.random_city(400, 0, 5)
    spots = shapely.points(np.random.default_rng(5).uniform((west, south), (east, north), (400, 2)))
    outline = shapely.box(west, south, east, north).buffer(0.1)
    snapshot = makers.frozen(
        table.set_geometry(gpd.GeoSeries(spots, crs=table.crs)), outline=outline
    ).snapshot()
    return snapshot, RoadAccess.under(
        snapshot, made, {mode: place(snapshot, made, mode) for mode in Mode}
    )
