"""Lists come in by a command and go out by one; wishes become demand for siting."""

import csv
import io
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from app.cli.main import cli
from app.cli.voice import EXPORTED, now, prepare, voiced
from app.db import reports as stored
from app.settings import Settings
from app.voice.demo import _one
from geodata.analysis import demand
from geodata.snapshot.overlay import ReportType

BAD = "名称,电话,区\n=HYPERLINK(1),0755-12345678,南山\n坏,没有号码,南山\n"


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listed")
    (folder / "datasets").symlink_to(demo_home / "datasets")
    prepare(Settings(folder, "demo"))
    return folder


def run(home: Path, *words: str, lang: str = "en") -> Result:
    return CliRunner().invoke(cli, [*words, "--lang", lang], env={"NUANFENG_HOME": str(home)})


def test_an_import_says_what_it_refuses_and_writes_nothing_then(home: Path, tmp_path: Path) -> None:
    table, back = tmp_path / "黄页.csv", tmp_path / "back.xlsx"
    table.write_text(BAD, encoding="gbk")
    refused = run(home, "contacts", "import", str(table), "--refused", str(back))
    assert (refused.exit_code, "Nothing was written" in refused.output) == (1, True)
    (sheet,) = CalamineWorkbook.from_path(back).sheet_names
    cells = CalamineWorkbook.from_path(back).get_sheet_by_name(sheet).to_python()
    assert (cells[1][0], cells[1][2], len(cells)) == ("3", "坏", 2)
    chinese = run(home, "contacts", "import", str(table), lang="zh")
    assert "什么都没写入" in chinese.output
    taken = run(home, "contacts", "import", str(table), "--skip-refused", "--by", "工会")
    assert (taken.exit_code, "1 added" in taken.output) == (0, True)
    again = run(home, "contacts", "import", str(table), "--skip-refused")
    assert "1 as before" in again.output
    listed = json.loads(run(home, "contacts", "list", "--json").stdout)
    (mine,) = [each for each in listed if not each["synthetic"]]
    assert (mine["name"], mine["district"]) == ("=HYPERLINK(1)", "南山区")
    gone = run(home, "contacts", "remove", mine["id"])
    assert gone.exit_code == 0
    assert run(home, "contacts", "remove", mine["id"]).exit_code == 1


def test_a_check_writes_nothing_and_most_are_not_removed_by_a_slip(
    home: Path, tmp_path: Path
) -> None:
    table = tmp_path / "events.csv"
    table.write_text("活动,开始时间,地点\n甲,2099-12-05 14:00-16:00,会堂\n", encoding="utf-8")
    before = run(home, "events", "list", "--json").stdout
    assert run(home, "events", "import", str(table), "--check").exit_code == 0
    slip = run(home, "events", "import", str(table), "--replace")
    assert (slip.exit_code, "--force" in slip.output) == (1, True)
    assert run(home, "events", "list", "--json").stdout == before


def test_a_list_comes_in_before_a_server_was_ever_started(demo_home: Path, tmp_path: Path) -> None:
    (tmp_path / "datasets").symlink_to(demo_home / "datasets")
    table = tmp_path / "benefits.csv"
    table.write_text("福利,对象\n意外险,骑手\n", encoding="utf-8")
    assert run(tmp_path, "benefits", "import", str(table)).exit_code == 0
    assert "意外险" in run(tmp_path, "benefits", "list").output


def test_a_huge_or_missing_file_is_refused_in_a_sentence(home: Path, tmp_path: Path) -> None:
    for name in ("nothing.csv", "nothing.docx"):
        ended = run(home, "benefits", "import", str(tmp_path / name))
        assert (ended.exit_code, name in ended.output) == (1, True)
        assert "Traceback" not in ended.output


def test_wishes_are_ended_and_exported_as_demand_for_siting(home: Path, tmp_path: Path) -> None:
    told = json.loads(run(home, "wishes", "list", "--json").stdout)["cells"]
    cell = next(each for each in told if each["state"] == "open")
    out = tmp_path / "wishes.parquet"
    assert run(home, "wishes", "export", "-o", str(out)).exit_code == 0
    points = demand.read(out)
    assert cell["cell"] in {*points["cell"]}
    assert points["weight"].min() >= 3
    assert points["need_water"].dropna().min() >= 3
    assert "note" not in points.columns
    plan = tmp_path / "plan.csv"
    sited = run(
        home, "site", str(out), "--p", "2", "--reach-m", "1000", "--no-existing", "-o", str(plan)
    )
    assert sited.exit_code == 0, sited.output
    assert len(plan.read_text(encoding="utf-8-sig").splitlines()) == 3
    ended = run(home, "wishes", "end", cell["cell"], "--as", "built", "--reason", "=1+1 开了")
    assert ended.exit_code == 0
    run(home, "wishes", "export", "-o", str(tmp_path / "wishes.csv"))
    text = (tmp_path / "wishes.csv").read_text(encoding="utf-8-sig")
    assert cell["cell"] not in {row["cell"] for row in csv.DictReader(io.StringIO(text))}
    assert run(home, "wishes", "end", cell["cell"], "--as", "kept", "--reason", "x").exit_code == 1
    assert run(home, "wishes", "end", "ws1000", "--as", "built", "--reason", "x").exit_code == 1
    assert run(home, "wishes", "export", "-o", str(tmp_path / "wishes.txt")).exit_code == 1


def test_exports_name_an_office_from_five_on_and_hold_no_text_and_no_hash(
    home: Path, tmp_path: Path
) -> None:
    for name in ("reports", "letters"):
        for suffix in ("csv", "parquet"):
            out = tmp_path / f"{name}.{suffix}"
            assert run(home, name, "export", "-o", str(out)).exit_code == 0
        rows = pq.read_table(out).to_pylist()
        assert len(rows) >= 400
        text = (tmp_path / f"{name}.csv").read_text(encoding="utf-8-sig")
        table = list(csv.DictReader(io.StringIO(text)))
        assert [row["street"] for row in table] == [row["street"] for row in rows]
        for street in {row["street"] for row in rows} - {""}:
            assert sum(row["street"] == street for row in rows) >= 5
        assert not {"note", "text", "reporter", "key", "receipt", "by"} & {*rows[0]}
        assert {row["synthetic"] for row in table} == {"true"}
    assert tuple(pq.read_table(tmp_path / "reports.parquet").column_names) == EXPORTED
    listed = {row["listed"] for row in pq.read_table(tmp_path / "reports.parquet").to_pylist()}
    assert listed <= {"open", "closed", "unknown"}
    assert "open" in listed


def test_an_office_of_four_reports_is_not_named(demo_home: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_home / "datasets", tmp_path / "datasets")
    prepare(Settings(tmp_path, "demo"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUANFENG_HOME", str(tmp_path))
        with voiced("demo") as (_, held):
            report = _one("st-00412", ReportType.CLOSED, now() - timedelta(days=1), 0)
            held.database.write(lambda connection: stored.add(connection, report))
    out = tmp_path / "r.parquet"
    run(tmp_path, "reports", "export", "-o", str(out), "--days", "2")
    assert {row["street"] for row in pq.read_table(out).to_pylist()} == {""}
