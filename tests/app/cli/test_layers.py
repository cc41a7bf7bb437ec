"""`nuanfeng import --layer` and `nuanfeng layers`: offices send their own lists, and who sent what
is known.
"""

import json
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.pipeline import recipes
from geodata.pipeline.published import real_places, stored
from geodata.store.files import Dataset

FAULTS = Path(__file__).parents[2] / "data" / "faults"
OPTIONS = ["--dataset", "mine", "--kind", "warm_bee_station", "--datum", "wgs84"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUANFENG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NUANFENG_DATASET", "mine")
    return tmp_path / "home"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)], terminal_width=200)


def published(file: Path, *options: str) -> Result:
    ended = run("import", file, *OPTIONS, *options, "--publish")
    assert ended.exit_code == 0, ended.output
    return ended


def stations(path: Path, *names: str, ids: bool = False) -> Path:
    """A list of stations, each at the point that its name's first sign gives."""
    lines = ["编号,名称,经度,纬度"]
    for name in names:
        step = "甲乙丙丁戊己庚辛".index(name[0])
        lines.append(
            f"{f'id-{step * 37 + 5}k' if ids else ''},{name},{113.90 + step * 0.005:.4f},22.535"
        )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def names(home: Path) -> set[str]:
    places = real_places(stored(home, "mine"))
    return set() if places is None else {*places["name"]}


def said(*arguments: str) -> list[dict[str, object]]:
    ended = run(*arguments, "--json")
    assert ended.exit_code == 0, ended.output
    found: list[dict[str, object]] = json.loads(ended.output)
    return found


def test_offices_send_their_lists_and_who_sent_what_is_told(tmp_path: Path, home: Path) -> None:
    published(stations(tmp_path / "a.csv", "甲站", "乙站"))
    published(stations(tmp_path / "b.csv", "丙站"), "--layer", "粤海街道")
    again = published(stations(tmp_path / "c.csv", "丙站", "丁站"), "--layer", "粤海街道")
    assert "2 places of other layers stay" in again.output
    assert names(home) == {"甲站", "乙站", "丙站", "丁站"}
    listed = said("layers", "list")
    assert [(each["layer"], each["label"], each["places"]) for each in listed] == [
        ("main", "main", 2),
        ("yue-hai-jie-dao", "粤海街道", 2),
    ]
    assert list(listed[1]["files"]) == ["c.csv"]  # type: ignore[call-overload]  # a reply in JSON
    told = said("layers", "history")
    assert [(each["label"], each["rows"], each["places"]) for each in told] == [
        ("粤海街道", 2, 2),
        ("粤海街道", 1, 1),
        ("main", 2, 2),
    ]
    assert len({each["by"] for each in told}) == 1
    assert len(said("layers", "history", "粤海街道")) == 2


def test_a_layer_is_dropped_and_comes_back(tmp_path: Path, home: Path) -> None:
    published(stations(tmp_path / "a.csv", "甲站"))
    published(stations(tmp_path / "b.csv", "乙站"), "--layer", "粤海街道")
    before = Dataset(home, "mine").pointer().version
    dropped = run("layers", "drop", "粤海街道")
    assert dropped.exit_code == 0, dropped.output
    assert "Layer 粤海街道 dropped" in dropped.output
    assert names(home) == {"甲站"}
    assert [place.name for place in Dataset(home, "mine").load().former] == ["乙站"]
    back = run("layers", "rollback", "粤海街道")
    assert back.exit_code == 0, back.output
    assert Dataset(home, "mine").pointer().version == before
    assert [each["did"] for each in said("layers", "history")] == [
        "went back",
        "dropped",
        "imported",
        "imported",
    ]
    unknown = run("layers", "drop", "nobody")
    assert unknown.exit_code == 1
    assert "there is no layer 'nobody'; there are main, yue-hai-jie-dao" in unknown.output
    assert run("layers", "drop", "main").exit_code == 0
    last = run("layers", "drop", "粤海街道")
    assert last.exit_code == 1
    assert "the only layer" in last.output


def test_one_layer_goes_back_and_what_differs_and_is_exported_is_told_by_layer(
    tmp_path: Path, home: Path
) -> None:
    published(stations(tmp_path / "a.csv", "甲站"), "--layer", "a")
    published(stations(tmp_path / "b.csv", "乙站"), "--layer", "b")
    published(stations(tmp_path / "c.csv", "甲站", "丙站"), "--layer", "a")
    published(stations(tmp_path / "d.csv", "乙站", "丁站"), "--layer", "b")
    once = run("layers", "rollback", "a")
    assert once.exit_code == 0, once.output
    assert names(home) == {"甲站", "乙站", "丁站"}
    found = json.loads(run("diff", "--layer", "a", "--json").output)
    assert [(each["name"], each["how"], each["layer"]) for each in found["places"]] == [
        ("丙站", "removed", "a")
    ]
    assert json.loads(run("diff", "--layer", "b", "--json").output)["places"] == []
    made = run("export", "places.csv", "--layer", "b")
    assert made.exit_code == 0, made.output
    (path,) = home.rglob("places.csv")
    assert path.read_text("utf-8-sig").count("站,") >= 2
    assert "甲站" not in path.read_text("utf-8-sig")


def test_refused_rows_are_told_once(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("名称,经度,纬度\n甲站,113.95,22.53\n乙站,xyz,22.53\n", encoding="utf-8")
    refused = run("import", file, *OPTIONS, "--publish")
    assert refused.exit_code == 1
    assert refused.output.count("xyz") == 1
    assert refused.output.count("1 refused") == 1
    assert "nothing was published" in " ".join(refused.stderr.split())


def test_the_report_says_which_datum_was_read_and_how_that_is_known(
    tmp_path: Path, home: Path
) -> None:
    file, report = stations(tmp_path / "a.csv", "甲站"), tmp_path / "report.json"
    told = run("--lang", "en", "import", file, *OPTIONS, "--report", str(report))
    assert "wgs84 (declared with --datum)" in told.output
    read = {"source": "a.csv", "datum": "wgs84", "known_from": "declared"}
    assert json.loads(report.read_bytes())["datums"] == [read]
    headed = tmp_path / "b.csv"
    headed.write_text("名称,经度(GCJ-02),纬度(GCJ-02)\n乙站,113.95,22.53\n", encoding="utf-8")
    undeclared = OPTIONS[:-2]
    assert "gcj02 (文件已写明)" in run("--lang", "zh", "import", headed, *undeclared).output
    published(file)
    assert run("export", "places.csv").exit_code == 0
    (export,) = home.rglob("places.csv")
    again = run("--lang", "en", "import", export, "--dataset", "other")
    assert "wgs84 (an export of ours states it)" in again.output


def test_a_list_whose_names_are_others_stops_until_somebody_insists(
    tmp_path: Path, home: Path
) -> None:
    published(stations(tmp_path / "a.csv", "甲站", "乙站", "丙站", "丁站", ids=True))
    before = Dataset(home, "mine").pointer()
    other = tmp_path / "b.csv"
    stations(other, "甲公厕", "乙公厕", "丙公厕", "丁站", ids=True)
    stopped = run("--lang", "en", "import", other, *OPTIONS, "--publish")
    assert stopped.exit_code == 1
    for word in ("3 of 4 ids", "站 became ", "--new-names", "ids that stay, under another"):
        assert word in " ".join(stopped.output.split()), word
    assert Dataset(home, "mine").pointer() == before
    few = stations(tmp_path / "c.csv", "甲公厕", "乙公厕", "丙站", "丁站", ids=True)
    published(few)
    published(other, "--new-names")
    assert names(home) == {"甲公厕", "乙公厕", "丙公厕", "丁站"}


def test_running_numbers_with_a_hidden_row_are_no_ids(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编号", "名称", "经度", "纬度"])
        for row, sign in enumerate("甲乙丙丁戊己", start=1):
            sheet.write_row(row, 0, [f"{row:03}", f"{sign}站", 113.90 + row * 0.005, 22.535])
        sheet.set_row(3, None, None, {"hidden": True})
    published(file)
    places = real_places(stored(home, "mine"))
    assert places is not None
    assert len(places) == 5
    assert all(each.startswith("st-") for each in places["id"])


def test_a_list_numbered_anew_stops_until_somebody_insists(tmp_path: Path, home: Path) -> None:
    published(FAULTS / "seq_a.csv", "--ids", "own")
    before = Dataset(home, "mine").pointer()
    stopped = run("import", FAULTS / "seq_b.csv", *OPTIONS, "--publish")
    assert stopped.exit_code == 1
    for word in ("115 of 119 ids", "005: 测试驿站丣5 became", "--ids running", "--renumbered"):
        assert word in " ".join(stopped.output.split()), word
    assert "测试驿站亅19" in stopped.output
    assert Dataset(home, "mine").pointer() == before
    published(FAULTS / "seq_b.csv", "--ids", "running")
    places = real_places(stored(home, "mine"))
    assert places is not None
    assert dict(zip(places["name"], places["id"], strict=True))["测试驿站个6"] == "006"
    published(FAULTS / "seq_a.csv", "--ids", "own", "--renumbered")


def test_renamed_stations_are_kept_by_what_the_messages_say_alone(home: Path) -> None:
    published(FAULTS / "x18_a.csv")
    before = stored(home, "mine")
    assert before is not None
    ids = {*before.places()["id"]}
    stopped = run("import", FAULTS / "x18_b.csv", *OPTIONS, "--publish")
    assert stopped.exit_code == 1
    assert "6 of them may have been renamed: --renamed all" in " ".join(stopped.output.split())
    assert "perhaps renamed" in stopped.output
    published(FAULTS / "x18_b.csv", "--renamed", "all")
    after = stored(home, "mine")
    assert after is not None
    assert {*after.places()["id"]} == ids


def test_two_imports_of_different_layers_at_once_lose_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(stations(tmp_path / "a.csv", "甲站"), "--layer", "a")
    freeze = recipes.imported
    quick = stations(tmp_path / "c.csv", "丙站")

    def meanwhile(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(recipes, "imported", freeze)
        published(quick, "--layer", "c")
        return freeze(*arguments, **named)  # type: ignore[arg-type]  # a stand-in

    monkeypatch.setattr(recipes, "imported", meanwhile)
    slow = published(stations(tmp_path / "b.csv", "乙站"), "--layer", "b")
    assert "Another layer was published meanwhile" in slow.output
    assert names(home) == {"甲站", "乙站", "丙站"}
    assert [each["layer"] for each in said("layers", "history")] == ["b", "c", "a"]


def test_the_report_says_whose_list_it_is(tmp_path: Path, home: Path) -> None:
    published(stations(tmp_path / "a.csv", "甲站", "乙站", ids=True))
    report = tmp_path / "report.json"
    mixed = stations(tmp_path / "b.csv", "乙站", "丙站", ids=True)
    refused = run("import", mixed, *OPTIONS, "--layer", "b", "--report", report)
    assert refused.exit_code == 1
    told = json.loads(report.read_text("utf-8"))
    assert (told["layer"], told["elsewhere"], told["refused"]) == ("b", 2, 1)
    assert "the layer main has this id, for 乙站" in told["rejects"][0]["reason"]
    assert told["evidence"]["fits"] is None
    moved = published(mixed, "--layer", "b", "--move-from", "main")
    assert "Published 3 places" in moved.output
    assert {each["layer"]: each["places"] for each in said("layers", "list")} == {"main": 1, "b": 2}
