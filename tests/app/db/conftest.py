"""A database of what people say, once as a file and once in PostgreSQL: one suite over both."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.db import migrate
from app.db.database import Database, address

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Without tables yet."""
    stated = None
    if request.param == "postgresql":
        stated = request.getfixturevalue("database_url")
    database = Database(address(tmp_path, "demo", stated))
    yield database
    database.close()


@pytest.fixture
def database(bare: Database) -> Database:
    """With the tables of this program."""
    migrate.upgrade(bare, "demo", synthetic=True, now=NOW)
    return bare
