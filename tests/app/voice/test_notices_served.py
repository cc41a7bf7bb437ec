"""The whole application: the demo's notices, their pages and links, and what operators type."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from app.cli.main import cli
from app.cli.voice import prepare
from app.factory import create_app
from app.settings import Settings
from tests.app.voice.notice_town import box, post, told

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("notices")
    shutil.copytree(demo_home / "datasets", made / "datasets")
    prepare(Settings(made, "demo"))
    return made


@pytest.fixture
def client(home: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(home, "demo")).test_client() as asked:
        yield asked


def run(home: Path, *words: str, fails: bool = False) -> str:
    told = CliRunner().invoke(cli, [*words, "--lang", "en"], env={"NUANFENG_HOME": str(home)})
    assert (told.exit_code != 0) is fails, told.output
    return told.output


def written(home: Path, **stated: Any) -> str:
    path = home / "notice.json"
    path.write_text(json.dumps(post(datetime.now(UTC), **stated)), encoding="utf-8")
    return str(path)


def notices(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/api/v1/notices?lang=en").json
    return {each["id"]: each["properties"] for each in found["features"]}


def test_a_demo_has_three_notices_of_which_one_runs(home: Path, client: FlaskClient) -> None:
    prepare(Settings(home, "demo"))
    found, now = notices(client), datetime.now(UTC)
    assert found.keys() == {"demo-control", "demo-race"}
    running = [each for each in found.values() if datetime.fromisoformat(each["onset"]) <= now]
    assert [each["id"] for each in running] == ["demo-control"]
    assert [each["level"] for each in running[0]["levels"]] == ["sealed", "controlled"]
    assert all("made-up data" in each["headline"] for each in found.values())
    assert client.get("/n/demo-food").status_code == 200
    assert b"<status>Test</status>" in client.get("/notices/demo-control.cap").data


def test_a_closed_place_of_the_demo_is_closed_on_all_its_pages(client: FlaskClient) -> None:
    area = client.get("/api/v1/notices").json["features"][0]["geometry"]["coordinates"][0][0]
    lon = sum(x for x, _ in area[:-1]) / len(area[:-1])
    lat = sum(y for _, y in area[:-1]) / len(area[:-1])
    near = client.get(f"/api/v1/nearest?lon={lon}&lat={lat}&k=1").json["features"][0]
    opening = near["properties"]["open"]
    assert (opening["state"], opening["notice"]) == ("closed", "demo-control")
    page = client.get(f"/p/{near['id']}?lang=en").text
    assert "/n/demo-control?lang=en" in page
    assert "Closed by a notice until" in page
    sheet = client.get("/n/demo-control?lang=en").text
    assert f"/p/{near['id']}?" not in sheet
    assert sheet.count("/p/") == 8
    assert "24,900" in sheet
    assert '<svg class="area"' in sheet


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_pages_need_no_script(client: FlaskClient, language: str) -> None:
    listed = client.get(f"/notices?lang={language}")
    sheet = client.get(f"/n/demo-control?lang={language}")
    for page in (listed, sheet):
        assert page.status_code == 200
        assert page.headers["Content-Language"] == language
        assert "<script" not in page.text
        held = {"If-None-Match": page.headers["ETag"]}
        assert client.get(page.request.full_path, headers=held).status_code == 304
    assert "/n/demo-race" in listed.text
    assert client.get("/n/n-nothing").status_code == 404


def test_a_notices_life_by_commands(home: Path, client: FlaskClient) -> None:
    square = box(113.9645, 22.5405)
    text = {**told(SCRIPT), "description": SCRIPT, "instruction": SCRIPT, "area": SCRIPT}
    said = run(
        home,
        "notices",
        "publish",
        written(home, identifier="n-life", polygons=[square], en=text, zh=text, level="sealed"),
    )
    assert "n-life" in said
    assert "In force" in said
    near = "/api/v1/nearest?lon=113.9645&lat=22.5405&k=5&open=now"
    client = create_app(Settings(home, "demo")).test_client()
    first = client.get(near).json["features"][0]["properties"]["distance_m"]
    assert first > 300
    for path in ("/n/n-life", "/notices"):
        page = client.get(path).text
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
    run(home, "notices", "update", written(home, references="n-life", effect="supplies"))
    assert "controlled" not in run(home, "notices", "show", "n-life")
    assert "n-life" in run(home, "notices", "list")
    (home / "end.json").write_text('{"references": "n-life"}', encoding="utf-8")
    run(home, "notices", "cancel", str(home / "end.json"))
    assert "n-life" not in run(home, "notices", "list")
    assert "n-life" in run(home, "notices", "list", "--all")
    client = create_app(Settings(home, "demo")).test_client()
    assert client.get(near).json["features"][0]["properties"]["distance_m"] < 300
    cancelled = client.get("/n/n-life?lang=en").text
    assert "Cancelled" in cancelled
    refused = run(home, "notices", "cancel", str(home / "end.json"), fails=True)
    assert "was cancelled" in refused


def test_what_is_wrong_with_a_file_is_said(home: Path) -> None:
    refused = run(home, "notices", "publish", written(home, effect="shut", polygons=[]), fails=True)
    assert "effect" in refused
    (home / "no.json").write_bytes(b"\xff\xfe")
    assert "JSON" in run(home, "notices", "publish", str(home / "no.json"), fails=True)


def test_coverage_and_sites_take_into_account_what_is_so_now(home: Path) -> None:
    points = home / "points.csv"
    points.write_text("lon,lat\n113.9645,22.5405\n113.9640,22.5400\n", encoding="utf-8")
    wide = box(113.9645, 22.5405, 0.02)
    closed = home / "closed.json"
    feature = {
        "geometry": {"type": "MultiPolygon", "coordinates": [[wide]]},
        "properties": {
            "id": "n-wide",
            "effect": "closed",
            "onset": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
            "expires": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        },
    }
    closed.write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    asked = ("coverage", str(points), "--reach-m", "800", "--each", "-o", str(home / "each.csv"))
    run(home, *asked)
    before = (home / "each.csv").read_text(encoding="utf-8-sig")
    said = run(home, *asked, "--live", str(closed))
    assert "closed by notices" in said
    after = (home / "each.csv").read_text(encoding="utf-8-sig")
    assert "open" in before
    assert after.count("closed") > before.count("closed")
    reports = home / "reports.csv"
    run(home, "reports", "export", "-o", str(reports))
    assert "places reported on" in run(home, *asked, f"--live={reports}", "--live")
    for wrong in (points, home / "nothing.csv"):
        run(home, *asked, f"--live={wrong}", fails=True)
    run(home, *asked[:4], "-o", str(home / "w.csv"), "--hourly", "true", "--live", fails=True)
    plan = ("site", str(points), "--p", "1", "--reach-m", "800", "-o", str(home / "plan.csv"))
    assert "places reported on, 0 closed" not in run(home, *plan, f"--live={closed}")
