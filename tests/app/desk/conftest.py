"""A desk over the demo city: one for all tests that leave it as it is, and new ones."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.desk import passwords
from tests.app.desk.desk_town import DeskTown, town_at


@pytest.fixture(scope="session")
def town(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> DeskTown:
    """For tests that add to it only."""
    return town_at(demo_home, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def own_town(demo_home: Path, tmp_path: Path) -> DeskTown:
    """For a test that must know all accounts."""
    return town_at(demo_home, tmp_path)


@pytest.fixture
def own_hasher() -> str:
    """What stands for nobody's password: as it is, before a test makes hashing cheap."""
    return _AS_IT_IS


_AS_IT_IS = passwords._NOBODYS


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash takes 64 MiB and a good part of a second, which is its point and no test's."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(passwords, "_NOBODYS", cheap.hash("nobody's"))
