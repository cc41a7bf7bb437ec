"""Who sent which layer is known on every machine of a shared database, whoever goes back."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.main import cli


class Machine:
    """A home of its own, over one database."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.told = home, {"NUANFENG_DATABASE_URL": url, "NUANFENG_DATASET": "mine"}

    def run(self, *arguments: str | Path) -> str:
        told = {**os.environ, **self.told, "NUANFENG_HOME": str(self.home)}
        ended = CliRunner(env=told).invoke(cli, [*map(str, arguments)], terminal_width=200)
        assert ended.exit_code == 0, ended.output
        return ended.output

    def send(self, layer: str, *names: str) -> None:
        lines = [f"{name},{113.90 + 0.005 * ord(name[0]) % 0.2:.4f},22.5351" for name in names]
        path = self.home.parent / f"{layer}.csv"
        path.write_text("\n".join(["名称,经度,纬度", *lines]), encoding="utf-8")
        kind = ("--kind", "warm_bee_station", "--datum", "wgs84", "--force", "--publish")
        self.run("import", path, "--dataset", "mine", "--layer", layer, *kind)

    def history(self) -> list[tuple[str, str, str]]:
        found = json.loads(self.run("layers", "history", "--json"))
        return [(each["layer"], each["did"], each["version"]) for each in found]

    def layers(self) -> dict[str, int]:
        found = json.loads(self.run("layers", "list", "--json"))
        return {each["layer"]: each["places"] for each in found}


@pytest.fixture
def machines(database_url: str, tmp_path: Path) -> tuple[Machine, Machine]:
    here, there = tmp_path / "here", tmp_path / "there"
    return Machine(here / "home", database_url), Machine(there / "home", database_url)


def test_history_follows_layers_through_push_pull_rollback_and_drop(
    machines: tuple[Machine, Machine],
) -> None:
    here, there = machines
    for each in machines:
        each.home.mkdir(parents=True)
    steps = (
        lambda one: one.send("yuehai", "甲站", "乙站"),
        lambda one: one.send("shahe", "丙站", "丁站", "戊站"),
        lambda one: one.send("yuehai", "甲站"),
        lambda one: one.run("layers", "rollback", "yuehai"),
        lambda one: one.run("layers", "drop", "shahe"),
        lambda one: one.run("layers", "rollback", "shahe"),
        lambda one: one.send("yuehai", "己站"),
    )
    for number, step in enumerate(steps):
        one, other = (here, there) if number % 2 == 0 else (there, here)
        step(one)
        one.run("push")
        other.run("pull")
        assert len(one.history()) == number + 1
        assert other.history() == one.history(), number
        assert other.layers() == one.layers(), number
    assert [did for _, did, _ in here.history()] == [
        "imported", "went back", "dropped", "went back", "imported", "imported", "imported",
    ]  # fmt: skip
    assert here.layers() == {"shahe": 3, "yuehai": 1}
    here.run("shared", "rollback")
    for each in machines:
        each.run("pull")
        assert len(each.history()) == len(steps)
    assert here.layers() == there.layers() == {"shahe": 3, "yuehai": 2}
