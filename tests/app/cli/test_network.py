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
from geodata.travel.approach import trace
from geodata.travel.snap import snap
from geodata.vocabulary import Mode
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


def trips(home: Path, slower: float, count: int) -> Path:
    """Trips on foot through the town, so much slower than its roads tell."""
    graph = RoadNetwork(home, "town").load().graphs[Mode.WALK]
    rng, lines = np.random.default_rng(4), ["from_lon,from_lat,to_lon,to_lat,start,seconds,mode"]
    while len(lines) <= count:
        here, there = (town.degrees(*rng.uniform(0, 1_000, 2)) for _ in range(2))
        spots = (snap(graph, np.array([point])) for point in (here, there))
        if (way := trace(graph, *spots)) and way.seconds.sum() > 60:
            seconds = slower * way.seconds.sum() + way.off_s
            lines.append(
                f"{here[0]},{here[1]},{there[0]},{there[1]},2026-11-02 8:00,{seconds},walk"
            )
    path = home / "trips.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_network_is_fitted_to_trips_and_says_so(tmp_path: Path) -> None:
    build(tmp_path, 3)
    before = RoadNetwork(tmp_path, "town").pointer().version
    done = nuanfeng(tmp_path, "calibrate", "town", str(trips(tmp_path, 1.4, 80)))
    assert done.exit_code == 0, done.stderr
    assert "Fitted to 64" in done.stdout
    assert "on 16 trips held back" in done.stdout
    after = RoadNetwork(tmp_path, "town").pointer().version
    assert after != before
    assert after in done.stdout
    told = json.loads(nuanfeng(tmp_path, "info", "--network", "town", "--json").stdout)
    assert told["calibration"]["modes"]["walk"]["factors"]["slow"] == pytest.approx(1.4, rel=0.05)
    told_in = {
        language: nuanfeng(tmp_path, "--lang", language, "info", "--network", "town").stdout
        for language in ("en", "zh")
    }
    assert "every byte verified" in told_in["en"]
    assert "paces fitted to 80 trips of 2026-11-02 to 2026-11-02" in " ".join(told_in["en"].split())
    for words in ("已逐字节核对", "步行", "校准", "80 次出行"):
        assert words in told_in["zh"], words
    for key in ("data_timestamp", "unheeded_turns", "road_km", "held_back"):
        assert key not in told_in["en"] + told_in["zh"]
    again = nuanfeng(tmp_path, "calibrate", "town", str(tmp_path / "trips.csv"))
    assert again.exit_code == 1
    assert "calibrated already" in again.stderr
    nuanfeng(tmp_path, "rollback", "--network", "town")
    assert RoadNetwork(tmp_path, "town").pointer().version == before
    nuanfeng(tmp_path, "rollback", "--network", "town", after)
    renewed = build(tmp_path, 4)
    assert "Network town was calibrated: paces fitted to 80 trips" in renewed.stdout
    assert "was calibrated" not in build(tmp_path, 3).stdout


def test_a_network_that_cannot_be_read_is_built_anew(tmp_path: Path) -> None:
    build(tmp_path, 3)
    for manifest in (tmp_path / "networks").rglob("manifest.json"):
        manifest.write_bytes(b'{"format": 1}')
    renewed = build(tmp_path, 4)
    assert renewed.exit_code == 0, renewed.stderr
    assert "Whether network town was calibrated cannot be read" in renewed.stderr


def test_too_few_trips_are_refused_in_a_sentence_and_nothing_is_published(tmp_path: Path) -> None:
    build(tmp_path, 3)
    before = RoadNetwork(tmp_path, "town").pointer().version
    refused = nuanfeng(tmp_path, "calibrate", "town", str(trips(tmp_path, 1.4, 20)))
    assert refused.exit_code == 1
    assert "fewer than 50 trips" in refused.stdout
    assert "Nothing was published" in refused.stderr
    assert RoadNetwork(tmp_path, "town").pointer().version == before
