"""The history of a dataset from the command line: listed, compared, gone back in,
verified, pruned.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.store.files import CURRENT, Dataset
from geodata.store.history import Stamp
from tests import makers


@pytest.fixture
def stored(tmp_path: Path) -> Dataset:
    """Three versions: three places, then one renamed, then one gone."""
    raw, renamed = (
        makers.three_places(),
        makers.three_places(name=["新驿站", "福田面馆", "中心一条街"]),
    )
    dataset = Dataset(tmp_path, "made")
    for number, table in enumerate((raw, renamed, renamed.iloc[:2])):
        found = makers.frozen(table)
        stamp = Stamp(makers.DAY.replace(minute=number), f"person {number}")
        dataset.publish(found.version, found.about, found.arrays, found.blobs, stamp)
    return dataset


def nuanfeng(dataset: Dataset, *arguments: str) -> Result:
    environment = {"NUANFENG_HOME": str(dataset.home), "NUANFENG_DATASET": "made", "COLUMNS": "200"}
    return CliRunner().invoke(cli, arguments, env=environment)


def names(dataset: Dataset) -> list[str]:
    return [each.version for each in dataset.versions()]


def test_versions_are_listed_with_who_when_and_that_they_are_synthetic(stored: Dataset) -> None:
    found = nuanfeng(stored, "versions")
    assert found.exit_code == 0
    lines = [line for line in found.stdout.splitlines() if "person" in line]
    assert [name in line for name, line in zip(names(stored), lines, strict=True)] == [
        True,
        True,
        True,
    ]
    assert ["2 synthetic" in lines[0], "current" in lines[0], "previous" in lines[1]] == [
        True,
        True,
        True,
    ]
    assert "3 versions kept" in found.stdout
    assert "of more than 10 the oldest go" in found.stdout
    told = json.loads(nuanfeng(stored, "versions", "--json").stdout)
    assert [(each["version"], each["pointed"], each["places"]) for each in told] == [
        (name, pointed, places)
        for name, pointed, places in zip(
            names(stored), ("current", "previous", None), (2, 3, 3), strict=True
        )
    ]
    assert told[0]["at"] == "2026-11-18T15:02:00+08:00"


def test_the_difference_of_the_last_two_versions_is_the_default(stored: Dataset) -> None:
    told = json.loads(nuanfeng(stored, "diff", "--json").stdout)
    assert (told["before"], told["after"]) == (names(stored)[1], names(stored)[0])
    assert [(place["id"], place["how"]) for place in told["places"]] == [("street-1", "removed")]
    shown = nuanfeng(stored, "diff", names(stored)[2][:6], "current").stdout
    assert "(synthetic)" in shown
    assert "莲花驿站" in shown
    assert "新驿站" in shown


def test_differences_can_be_written(stored: Dataset, tmp_path: Path) -> None:
    for name in ("x.xlsx", "x.geojson"):
        assert nuanfeng(stored, "diff", "-o", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).stat().st_size > 0
    refused = nuanfeng(stored, "diff", "-o", str(tmp_path / "x.pdf"))
    assert refused.exit_code == 1
    assert "Name it .xlsx or .geojson" in refused.stderr


def test_one_goes_back_and_forward(stored: Dataset) -> None:
    newest, middle, oldest = names(stored)
    for arguments, expected in (((), middle), ((), oldest), ((newest[:5],), newest)):
        found = nuanfeng(stored, "rollback", *arguments)
        assert found.exit_code == 0
        assert expected in found.stdout
        assert stored.pointer().version == expected
    refused = nuanfeng(stored, "rollback", "zzzz")
    assert refused.exit_code == 1
    assert newest in refused.stderr


def test_nobody_goes_back_from_a_version_that_is_no_longer_current(stored: Dataset) -> None:
    newest, middle, oldest = names(stored)
    refused = nuanfeng(stored, "rollback", "--instead-of", middle)
    assert refused.exit_code == 1
    assert (
        f"was at version {middle} when this work began and is at version {newest} now"
        in refused.stderr
    )
    assert stored.pointer().version == newest
    assert nuanfeng(stored, "rollback", oldest, "--instead-of", newest[:6]).exit_code == 0
    assert stored.pointer().version == oldest


def test_verify_says_which_version_is_damaged_and_exits_so(stored: Dataset) -> None:
    assert nuanfeng(stored, "verify").exit_code == 0
    middle = names(stored)[1]
    path = stored.folder / "versions" / middle / "records.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    found = nuanfeng(stored, "verify")
    assert found.exit_code == 1
    assert [line.endswith("  whole") for line in found.stdout.splitlines()] == [True, False, True]
    assert "records.bin is missing or does not fit its checksum" in found.stdout
    assert nuanfeng(stored, "verify", "current").exit_code == 0
    assert nuanfeng(stored, "verify", middle[:8]).exit_code == 1


def test_the_way_out_of_a_torn_pointer_is_the_command_that_the_message_names(
    stored: Dataset,
) -> None:
    expected = names(stored)[1]
    (stored.folder / CURRENT).write_bytes(b"torn")
    for command in ("info", "verify", "diff"):
        refused = nuanfeng(stored, command)
        assert refused.exit_code == 1
        assert "nuanfeng rollback --dataset made" in refused.stderr
    assert nuanfeng(stored, "rollback", "--dataset", "made").exit_code == 0
    assert stored.pointer().version == expected
    assert nuanfeng(stored, "verify").exit_code == 0


def test_pruning_says_what_went(stored: Dataset) -> None:
    newest, middle, oldest = names(stored)
    found = nuanfeng(stored, "prune", "--keep", "2")
    assert found.exit_code == 0
    assert f"removed {oldest}" in found.stdout
    assert "MB freed. 2 versions kept" in found.stdout
    assert names(stored) == [newest, middle]
    assert nuanfeng(stored, "prune", "--keep", "0").exit_code == 2


def test_without_a_dataset_each_says_so(tmp_path: Path) -> None:
    for command in (["versions"], ["diff"], ["rollback"], ["verify"], ["prune", "--keep", "1"]):
        found = nuanfeng(Dataset(tmp_path, "none"), *command)
        assert found.exit_code == 1
        assert "there is no dataset 'made'" in found.stderr
