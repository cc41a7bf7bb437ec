"""`nuanfeng ground …`, and the demo city's streets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.sources.demo import streets
from geodata.store.files import grounds


@pytest.fixture
def extract() -> Iterator[Path]:
    with streets.extract() as path:
        yield path


def run(home: Path, *words: str) -> Result:
    environ = {"NUANFENG_HOME": str(home), "NUANFENG_DATASET": "town"}
    return CliRunner().invoke(cli, ["--lang", "en", *words], env=environ)


def test_a_base_map_is_built_told_listed_and_rolled_back(tmp_path: Path, extract: Path) -> None:
    built = run(tmp_path, "ground", "build", str(extract), "--ground", "town")
    assert built.exit_code == 0, built.output
    assert "Published" in built.output
    assert "© OpenStreetMap contributors, ODbL 1.0" in built.output
    assert grounds(tmp_path) == ("town",)
    told = run(tmp_path, "ground", "info", "--json")
    assert '"verified": true' in told.output
    assert run(tmp_path, "ground", "versions").exit_code == 0
    back = run(tmp_path, "ground", "rollback")
    assert back.exit_code == 1
    assert "no whole version to go back to" in back.output + back.stderr


def test_what_is_no_extract_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(b"no extract")
    built = run(tmp_path, "ground", "build", str(path), "--ground", "town")
    assert built.exit_code == 1
    assert "cannot be read" in built.output + built.stderr
    assert grounds(tmp_path) == ()


def test_a_name_that_is_no_name_is_a_sentence(tmp_path: Path, extract: Path) -> None:
    built = run(tmp_path, "ground", "build", str(extract), "--ground", "../town")
    assert built.exit_code == 1
    assert "ground name" in built.output + built.stderr
