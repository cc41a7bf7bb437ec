"""A client of the whole app over the demo city."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.settings import Settings


@pytest.fixture(scope="session")
def client(demo_home: Path) -> FlaskClient:
    return create_app(Settings(demo_home, "demo")).test_client()
