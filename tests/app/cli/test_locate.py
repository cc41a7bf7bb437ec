"""`nuanfeng locate`, `import-addresses` and `import --locate --pins`: a table of addresses becomes
places with a radius, and the rest waits for a person.
"""

import csv
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from app.cli import geocoding
from app.cli.main import cli
from app.factory import create_app
from app.settings import Settings
from geodata.pipeline import published
from geodata.sources.read import read
from geodata.space.coordinates import from_wgs84, geodesic_m
from geodata.vocabulary import Position

HEADINGS = ["站点编号", "名称", "地址", "街道", "纬度", "经度", "联系电话"]
EXIT = (113.9615207, 22.5432165)  # 白石洲 A口
ROWS = [
    ["bee-a", "甲站", "南山区沙河街道白石洲地铁站A口", "沙河街道", "", "", ""],
    ["bee-b", "乙站", "南山区腾讯大厦", "粤海街道", "", "", ""],
    ["bee-c", "丙站", "南山区南头街道中山南街30号", "南头街道", "", "", ""],
    ["bee-d", "丁站", "南山区科苑路1号", "粤海街道", "22.5380", "113.9451", ""],
    ["bee-e", "戊站", "福田区白石洲地铁站A口", "", "", "", ""],
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Path:
    """A home with an address book for dataset mine."""
    folder = tmp_path_factory.mktemp("home")
    extract = real_data / "roads" / "nanshan_futian.osm"
    done = run(folder, "import-addresses", str(extract), "--dataset", "mine")
    assert done.exit_code == 0, done.output
    assert "address book mine" in done.output
    return folder


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, [*arguments], env={"NUANFENG_HOME": str(home), "LANG": "en_US.UTF-8"}
    )


def table(path: Path, rows: list[list[str]] = ROWS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADINGS, *rows])
    return path


def cells(path: Path) -> list[dict[str, str]]:
    (made,) = read(path)
    return [dict(zip(made.columns, row, strict=True)) for row in made.rows]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_table_gets_points_and_keeps_its_columns(home: Path, tmp_path: Path, suffix: str) -> None:
    source, target = table(tmp_path / "驿站.csv"), tmp_path / f"with_points{suffix}"
    done = run(home, "locate", str(source), "--dataset", "mine", "-o", str(target))
    assert done.exit_code == 0, done.output
    rows = cells(target)
    assert [row["名称"] for row in rows] == [row[1] for row in ROWS]
    assert list(rows[0])[: len(HEADINGS)] == HEADINGS
    assert {"candidate", "rung", "radius_m", "lon", "lat", "evidence"} <= rows[0].keys()
    first = rows[0]
    assert (first["rung"], first["radius_m"]) == ("place", "50")
    assert geodesic_m(float(first["lon"]), float(first["lat"]), *EXIT) < 5
    assert rows[4]["rung"] == "not_found"
    assert rows[4]["lon"] == ""
    assert rows[4]["evidence"]
    assert "the place itself" in done.output


def test_the_evidence_speaks_chinese_to_an_office(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "o.csv"
    source = str(table(tmp_path / "a.csv"))
    run(home, "locate", source, "--dataset", "mine", "-o", str(target))
    assert "中山南街" in cells(target)[2]["evidence"]
    assert "is not known" not in cells(target)[2]["evidence"]


def test_a_table_without_addresses_is_refused_with_the_way_on(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "b.csv"
    source.write_text("名称,电话\n甲,1\n乙,2\n", encoding="utf-8")
    done = run(home, "locate", str(source), "--dataset", "mine", "-o", str(tmp_path / "o.csv"))
    assert done.exit_code == 1
    assert "--map HEADING=address" in done.output


def test_import_names_the_way_on_for_addresses_without_coordinates(
    home: Path, tmp_path: Path
) -> None:
    source = tmp_path / "x12.csv"
    source.write_text("名称,地址\n甲站,南山区腾讯大厦\n", encoding="utf-8")
    done = run(home, "import", str(source), "--dataset", "mine", "--kind", "warm_bee_station")
    assert done.exit_code == 1
    assert "--locate" in done.output


def test_import_publishes_what_is_found_and_the_rest_waits_for_pins(
    home: Path, tmp_path: Path
) -> None:
    """Located rows, a row with coordinates in GCJ-02, and pins put by hand, through two imports."""
    x, y = (float(each) for each in from_wgs84(113.9451, 22.5380, "gcj02"))
    mixed = [*ROWS[:3], [*ROWS[3][:4], f"{y:.6f}", f"{x:.6f}", ""], ROWS[4]]
    source, waiting = table(tmp_path / "l.csv", mixed), tmp_path / "waiting.xlsx"
    common = (
        "--dataset",
        "mine",
        "--kind",
        "warm_bee_station",
        "--datum",
        "gcj02",
        "--locate",
        "--waiting",
        str(waiting),
        "--publish",
    )
    done = run(home, "import", str(source), *common)
    assert done.exit_code == 0, done.output
    assert "2 rows wait" in done.output
    held = published.stored(home, "mine")
    assert held is not None
    places = held.places().set_index("id")
    assert sorted(places.index) == ["bee-a", "bee-b", "bee-d"]
    assert places.loc["bee-a", "position"] == Position.LOCATED
    assert places.loc["bee-a", "radius_m"] == 50
    assert geodesic_m(places.loc["bee-a"].geometry.x, places.loc["bee-a"].geometry.y, *EXIT) < 1
    stated = places.loc["bee-d"]
    assert stated["position"] == Position.STATED
    assert geodesic_m(stated.geometry.x, stated.geometry.y, 113.9451, 22.5380) < 1

    client = create_app(Settings(home=home, dataset="mine")).test_client()
    for typed in ("丙站", "bingzhan", "bing zhan", "bz"):
        found = client.get("/api/v1/search", query_string={"q": typed}).get_json()
        held = [(each["name"], each["street"]) for each in found["waiting"]]
        assert held == [("丙站", "南头街道")], typed
        assert "丙站" not in [each["properties"]["name"] for each in found["features"]]
    offices = client.get("/?street=&lang=zh-CN").get_data(as_text=True)
    code = re.search(r'street=(\w+)[^"]*">南头街道', offices)
    assert code
    office = client.get(f"/?street={code[1]}&lang=zh-CN").get_data(as_text=True)
    assert "丙站" in office
    assert "尚未标在地图上" in office

    listed = cells(waiting)
    assert [(row["row"], row["id"]) for row in listed] == [("4", "bee-c"), ("6", "bee-e")]
    assert all(row["map"].startswith("https://") for row in listed)
    pins = tmp_path / "pins.csv"
    pins.write_text("row,lon,lat,datum\n4,113.9217,22.5433,wgs84\n6,,,\n", encoding="utf-8")
    done = run(home, "import", str(source), *common, "--pins", str(pins))
    assert done.exit_code == 0, done.output
    held = published.stored(home, "mine")
    assert held is not None
    pinned = held.places().set_index("id").loc["bee-c"]
    assert pinned["position"] == Position.STATED
    assert geodesic_m(pinned.geometry.x, pinned.geometry.y, 113.9217, 22.5433) < 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("row,lon,lat\n4,113.92,22.54\n", "datum is missing"),
        ("row,lon,lat,datum\n44,113.9217,22.5433,wgs84\n", "fits 0 rows"),
        ("row,lon,lat,datum\n4,east,22.5433,wgs84\n", "decimal degrees"),
        ("id,lon,lat,datum\nbee-z,113.9217,22.5433,wgs84\n", "bee-z"),
    ],
)
def test_pins_that_fit_nothing_are_refused(
    home: Path, tmp_path: Path, body: str, reason: str
) -> None:
    pins = tmp_path / "pins.csv"
    pins.write_text(body, encoding="utf-8")
    done = run(
        home,
        "import",
        str(table(tmp_path / "l.csv")),
        "--dataset",
        "mine",
        "--datum",
        "gcj02",
        "--kind",
        "warm_bee_station",
        "--pins",
        str(pins),
    )
    assert done.exit_code == 1
    assert reason in done.output


def test_what_was_located_too_coarsely_is_never_published_at_its_point(
    home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "o.csv"
    source = str(table(tmp_path / "a.csv"))
    run(home, "locate", source, "--dataset", "mine", "-o", str(target))
    only = tmp_path / "again.csv"
    rows = cells(target)
    with only.open("w", encoding="utf-8", newline="") as out:
        kept = [name for name in rows[0] if name not in ("纬度", "经度")]
        csv.writer(out).writerows(
            [kept, *([row[name] for name in kept] for row in rows if row["lon"])]
        )
    done = run(home, "import", str(only), "--dataset", "again", "--kind", "warm_bee_station")
    assert "coarser than 150 m is no point" in " ".join(done.output.split())


# --- services by the owner's key ---


class _Service(BaseHTTPRequestHandler):
    """Replies of our own making, in the forms of the three services."""

    asked: list[str]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.asked.append(self.path)
        given = {name: values[0] for name, values in parse_qs(url.query).items()}
        body = json.dumps(_REPLIES[url.path](given), ensure_ascii=False).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of a test."""


#: 南头古城, in the datum of each service.
TRUTH = (113.9217, 22.5433)


def _amap(given: dict[str, str]) -> object:
    if given["key"] != "good-key":
        return {"status": "0", "info": "INVALID_USER_KEY"}
    x, y = from_wgs84(*TRUTH, "gcj02")
    exact = "中山南街" in given["address"]
    district = "福田区" if "福田" in given["address"] else "南山区"
    found = {
        "location": f"{x:.6f},{y:.6f}",
        "level": "门牌号" if exact else "道路",
        "district": district,
        "city": "深圳市",
        "street": [],
    }
    return {"status": "1", "geocodes": [found]}


def _baidu(given: dict[str, str]) -> object:
    x, y = from_wgs84(*TRUTH, "bd09")
    exact = "中山南街" in given["address"]
    found = {
        "location": {"lng": float(x), "lat": float(y)},
        "precise": int(exact),
        "confidence": 90 if exact else 30,
        "comprehension": 100,
        "level": "门址",
    }
    return {"status": 0, "result": found}


def _tianditu(given: dict[str, str]) -> object:
    exact = "中山南街" in json.loads(given["ds"])["keyWord"]
    found = {
        "lon": str(TRUTH[0]),
        "lat": str(TRUTH[1]),
        "score": 100,
        "level": "门址" if exact else "道路",
    }
    return {"status": "0", "msg": "ok", "location": found}


_REPLIES = {"/v3/geocode/geo": _amap, "/geocoding/v3/": _baidu, "/geocoder": _tianditu}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    monkeypatch.setattr(geocoding, "PER_SECOND", 1e6)
    _Service.asked = []
    with HTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", _Service.asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("provider", ["amap", "baidu", "tianditu"])
def test_a_service_is_asked_only_for_what_is_coarse_and_once(
    home: Path, tmp_path: Path, service: tuple[str, list[str]], provider: str
) -> None:
    url, asked = service
    key, target = tmp_path / "key", tmp_path / "o.csv"
    key.write_text("good-key\n", encoding="utf-8")
    source = str(table(tmp_path / "a.csv"))
    arguments = (
        "locate",
        source,
        "--dataset",
        "mine",
        "-o",
        str(target),
        "--provider",
        provider,
        "--key-file",
        str(key),
        "--provider-url",
        url,
    )
    done = run(home, *arguments)
    assert done.exit_code == 0, done.output
    assert "Sends 3 addresses" in " ".join(done.output.split())
    assert len(asked) == 3
    row = cells(target)[2]
    assert row["rung"] == "house_number"
    assert row["datum"] == "wgs84"
    assert geodesic_m(float(row["lon"]), float(row["lat"]), *TRUTH) < 2
    assert provider in row["evidence"]
    assert cells(target)[3]["rung"] != "house_number"  # 道路: refused by its level
    run(home, *arguments)
    assert len(asked) == 3, "replies are kept"
    assert "good-key" not in (home / "cache" / "geocoding" / f"{provider}.jsonl").read_text()


def test_an_answer_in_another_district_is_refused(
    home: Path, tmp_path: Path, service: tuple[str, list[str]]
) -> None:
    url, _ = service
    key, target = tmp_path / "key", tmp_path / "o.csv"
    key.write_text("good-key", encoding="utf-8")
    rows = [["bee-x", "己站", "福田区中山南街31号", "", "", "", ""]]
    source = str(table(tmp_path / "a.csv", rows))
    done = run(
        home,
        "locate",
        source,
        "--dataset",
        "mine",
        "-o",
        str(target),
        "--provider",
        "amap",
        "--key-file",
        str(key),
        "--provider-url",
        url,
    )
    assert done.exit_code == 0, done.output
    assert cells(target)[0]["lon"] == ""


def test_a_refused_key_is_a_sentence_and_nothing_is_sent_without_the_option(
    home: Path, tmp_path: Path, service: tuple[str, list[str]]
) -> None:
    url, asked = service
    key, target = tmp_path / "key", tmp_path / "o.csv"
    key.write_text("bad-key", encoding="utf-8")
    rows = [["bee-y", "庚站", "南山区中山南街32号", "", "", "", ""]]
    source = str(table(tmp_path / "a.csv", rows))
    common = ("locate", source, "--dataset", "mine", "-o", str(target))
    run(home, *common)
    assert asked == []
    done = run(home, *common, "--provider", "amap", "--key-file", str(key), "--provider-url", url)
    assert done.exit_code == 1
    assert "INVALID_USER_KEY" in done.output
