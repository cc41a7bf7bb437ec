"""Road networks from the command line: built, listed, gone back to, and nothing left behind by who
gives up.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.store.files import RoadNetwork, networks
from tests import town


def nuanfeng(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["network", *arguments], env={"NUANFENG_HOME": str(home), "COLUMNS": "200"}
    )


def build(home: Path, seed: int) -> Result:
    extract = town.random_town(seed).write(home / f"town-{seed}.osm")
    return nuanfeng(home, "build", str(extract), "--network", "town")


def test_a_build_says_what_was_read_and_published(tmp_path: Path) -> None:
    built = build(tmp_path, 1)
    assert built.exit_code == 0, built.stderr
    assert "roads with" in built.stdout
    assert RoadNetwork(tmp_path, "town").pointer().version in built.stdout


def test_versions_are_listed_and_one_goes_back_and_forward(tmp_path: Path) -> None:
    store, made = RoadNetwork(tmp_path, "town"), []
    for seed in (1, 2):
        build(tmp_path, seed)
        made.append(store.pointer().version)
    listed = nuanfeng(tmp_path, "versions", "--network", "town").stdout
    newest, oldest = (line for line in listed.splitlines() if ".osm" in line)
    assert [made[1] in newest, "town-2.osm" in newest, "km" in newest, "current" in newest] == [
        True
    ] * 4
    assert [made[0] in oldest, "town-1.osm" in oldest, "previous" in oldest] == [True] * 3
    told = json.loads(nuanfeng(tmp_path, "versions", "--network", "town", "--json").stdout)
    assert [each["version"] for each in told] == made[::-1]
    assert told[0]["road_km"] > 0
    for arguments, expected in (((), made[0]), ((made[1][:6],), made[1])):
        assert expected in nuanfeng(tmp_path, "rollback", *arguments, "--network", "town").stdout
        assert store.pointer().version == expected


def test_who_names_no_network_is_told_which_there_are(tmp_path: Path) -> None:
    build(tmp_path, 1)
    refused = nuanfeng(tmp_path, "versions")
    assert refused.exit_code == 1
    assert "there are: town" in refused.stderr
    assert "no network 'other'" in nuanfeng(tmp_path, "rollback", "--network", "other").stderr


def test_who_gives_up_while_it_is_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def given_up(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", given_up)
    assert build(tmp_path, 1).exit_code == 1
    assert networks(tmp_path) == ()
    assert [path.name for path in (tmp_path / "networks").rglob("*") if path.is_file()] == [".lock"]
    monkeypatch.undo()
    assert build(tmp_path, 1).exit_code == 0
