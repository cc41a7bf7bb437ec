"""A client of the whole app over the demo city, and the same city with streets under a
part of it.
"""

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api.contract import openapi
from app.factory import create_app
from app.request import queries
from app.settings import Settings
from app.voice import looks
from app.voice.setting_up import make_ready, voice_of
from geodata.store.files import Dataset, RoadNetwork
from geodata.travel import network, osm
from tests import town
from tests.patience import PATIENCE_S

#: A made-up grid of streets, 1.8 km wide, laid over the demo city's Baishizhou.
CORNER = (113.956, 22.532)


def publish(home: Path, folder: Path, seed: int = 3) -> None:
    """The grid as the network of that name."""
    roads = osm.read(town.random_town(seed).write(folder / "grid.osm", CORNER), lambda _: None)
    made = network.build(roads, "grid", lambda _: None)
    RoadNetwork(home, "grid").publish(made.version, made.about, made.to_arrays(), {})


class Reading(FlaskClient):
    """Reads each reply to its end, so that no test holds a seat of the server for the others."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        """As Flask's."""
        return super().open(*args, buffered=buffered, **kwargs)


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """A question waits for what was just written however busy the machine is; how long it waits
    for a slow database is tested by tests/app/voice/test_slow.py.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(looks, "PATIENCE_S", PATIENCE_S)
        yield


@pytest.fixture(scope="session")
def client(demo_home: Path) -> FlaskClient:
    """With a database of what people say, and a demo's letters in it."""
    speak(demo_home)
    app = create_app(Settings(demo_home, "demo"))
    app.test_client_class = Reading
    return app.test_client()


def speak(home: Path) -> None:
    """Give the demo city of a home its database of what people say."""
    voice = voice_of(Settings(home, "demo"))
    make_ready(voice, Dataset(home, "demo").load(), "demo", queries.now())
    voice.database.close()


@pytest.fixture(scope="session")
def home_on_roads(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city and the grid."""
    copied = tmp_path_factory.mktemp("with-roads")
    shutil.copytree(demo_home / "datasets", copied / "datasets")
    publish(copied, copied)
    speak(copied)
    return copied


@pytest.fixture(scope="session")
def on_roads(home_on_roads: Path) -> FlaskClient:
    """A client of the app over both."""
    return create_app(Settings(home_on_roads, "demo", "grid")).test_client()


def example(client: FlaskClient, operation: openapi.Operation) -> str:
    """The address that the description gives as an example of an operation."""
    page = client.get("/docs").text
    section = page[page.index(f'<section class="read" id="{operation.name}">') :]
    found = re.search(r"curl '(.*?)'", html.unescape(section))
    assert found
    return found[1].removeprefix("http://localhost")
