"""What riders say, over a database of each kind: one suite over both."""

from pathlib import Path

import pytest

from app.db.database import Database
from app.voice.keys import KeyRing
from app.voice.posting import Limits, Voice
from tests.app.db.conftest import bare, database

__all__ = ["bare", "database"]


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


@pytest.fixture
def voice(database: Database, keys: KeyRing) -> Voice:
    return Voice(database, keys, Limits())
