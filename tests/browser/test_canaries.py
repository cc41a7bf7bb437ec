"""Where a rider stands, what they type and where they come from is in no byte that is written: a
whole session in a browser, and then every file of the home, the log and the database is searched.
"""

import re
import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pygeohash
import pytest
from playwright.sync_api import Browser, expect

from geodata.space.coordinates import from_wgs84
from geodata.space.datum import Datum
from tests import postgres
from tests.browser.conftest import PATIENCE_MS, PHONE
from tests.browser.test_voice import FIRST, listed, look_at
from tests.served import served
from tests.written import without_clocks

#: Where the rider stands: degrees that stand in no data of the demo city.
LON: Final = 113.967391
LAT: Final = 22.543877
NETWORK: Final = "203.0.113.77"
COOKIE: Final = "tasty-cookie-4711"
#: What is typed into the search box.
ADDRESS: Final = "鹦鹉里七坊38栋401"
#: What is written into fields whose texts are sealed.
WORDS: Final = "鹦鹉窝门口的灯坏了"


def traces() -> dict[str, bytes]:
    """All that would tell where the rider stands, who they are or what they typed, by its name."""
    found = {
        "network": NETWORK.encode(),
        "network, packed": bytes(map(int, NETWORK.split("."))),
        "cookie": COOKIE.encode(),
        "address": ADDRESS.encode(),
        "address, in a URL": b"%E9%B9%A6%E9%B9%89",
        "words": WORDS.encode(),
    }
    for datum in Datum:
        lon, lat = (float(degrees) for degrees in from_wgs84(LON, LAT, datum))
        for name, degrees in (("lon", lon), ("lat", lat)):
            for decimals in (4, 5, 6):
                found[f"{datum} {name}, {decimals} decimals"] = f"{degrees:.{decimals}f}".encode()
            found[f"{datum} {name}, cut"] = str(degrees)[: len(f"{degrees:.4f}")].encode()
            found[f"{datum} {name}, little-endian"] = struct.pack("<d", degrees)
            found[f"{datum} {name}, big-endian"] = struct.pack(">d", degrees)
        found[f"{datum}, geohash of 7"] = pygeohash.encode(lat, lon, 7).encode()
    return found


def leaks(written: list[Path]) -> set[tuple[str, str]]:
    """Every trace in these files: of which file, and which."""
    sought = traces()
    return {
        (path.name, name)
        for path in written
        for held in [without_clocks(path.read_bytes())]
        for name, trace in sought.items()
        if trace in held
    }


def files(folder: Path) -> list[Path]:
    """All that was written there; the datasets are what is public anyway."""
    every = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in every if "datasets" not in path.relative_to(folder).parts]


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def dumped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], list[Path]]]:
    """What stands in the database in the end, beside what is in the home."""
    if request.param == "SQLite":
        yield list
        return
    url = str(request.getfixturevalue("database_url"))
    folder = postgres.programs()
    assert folder is not None

    def dump() -> list[Path]:
        path = tmp_path / "dump.sql"
        with path.open("wb") as target:
            subprocess.run([folder / "pg_dump", "--inserts", url], stdout=target, check=True)
        assert b"INSERT INTO" in path.read_bytes()
        return [path]

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUANFENG_VOICE_URL", url)
        yield dump


def session(browser: Browser, origin: str) -> None:
    """A report, a search, a place, a wish, a letter and its opening, and a way out of the page."""
    context = browser.new_context(
        viewport=PHONE,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        geolocation={"longitude": LON, "latitude": LAT, "accuracy": 10},
        permissions=["geolocation"],
        extra_http_headers={"X-Forwarded-For": NETWORK},
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "session", "value": COOKIE, "url": origin}])
    page = context.new_page()
    page.goto(origin)
    place = listed(page)[0]
    look_at(page, place)
    page.locator(".taps [data-type=closed]").tap()
    expect(page.locator(".becomes .thanked")).to_be_visible()
    page.goto(f"{origin}/p/{place}")
    for typed in (ADDRESS, f"{LAT},{LON}", f"{LON:.5f} {LAT:.5f}"):
        page.goto(origin)
        expect(page.locator(FIRST).first).to_be_visible()
        page.locator("#q").fill(typed)
        page.locator("#q").press("Enter")
        page.wait_for_load_state("networkidle")

    page.goto(f"{origin}/?needs=talk&kinds=driver_home&max_distance_m=2000")
    page.locator(".wish").tap()
    page.locator(".drawer .chip").first.tap()
    page.locator(".drawer .act.main").tap()
    expect(page.locator(".drawer")).to_contain_text("心愿已记下")

    page.goto(f"{origin}/letters")
    form = page.locator("form[action^='/letters?']")
    form.locator("textarea").fill(WORDS)
    form.locator("[name=where]").fill(f"{ADDRESS}，{LAT}, {LON}")
    form.locator(".act.main").tap()
    code = page.locator(".code").inner_text()
    page.goto(f"{origin}/letters#{code}")
    expect(page.locator("article").first).to_contain_text(WORDS)
    page.request.get(f"{origin}/api/v1/nearest?lon={LON}&lat={LAT}&k=5")
    page.request.get(f"{origin}/api/v1/nearest?lon={LON}&lat={LAT}&k=0")
    context.close()


def test_a_session_leaves_no_trace_of_who_where_and_what(
    browser: Browser, demo_home: Path, tmp_path: Path, dumped: Callable[[], list[Path]]
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    home.mkdir()
    shutil.copytree(demo_home / "datasets", home / "datasets")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUANFENG_TRUSTED_PROXIES", "1")
        patched.setenv("NUANFENG_LOG_LEVEL", "info")
        with served(home, log=log) as origin:
            before = leaks(files(tmp_path))
            session(browser, origin)
            written = [*files(tmp_path), *dumped()]
            during = leaks(written)
        after = leaks(files(tmp_path))
    assert (before, during, after) == (set(), set(), set())
    assert re.search(r"POST /api/v1/places/[^/]+/reports", log.read_text("utf-8"))
    assert {"log"} < {path.name for path in written}
    assert any(path.suffix in (".db", ".sql") for path in written)


@pytest.mark.parametrize("name", traces())
def test_a_trace_that_is_written_is_found(tmp_path: Path, name: str) -> None:
    trace = traces()[name]
    with closing(sqlite3.connect(tmp_path / "held.db")) as held, held:
        held.execute("CREATE TABLE said (note BLOB)")
        held.execute("INSERT INTO said VALUES (?)", [b"before " + trace + b" after"])
    assert ("held.db", name) in leaks(files(tmp_path))
