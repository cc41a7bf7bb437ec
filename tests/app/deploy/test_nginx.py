"""Behind nginx, as it is deployed: at the root of a host and under /nuanfeng/, nothing of anybody
in a log, and no answer lost where a server is killed.
"""

import http.client
import json
import os
import re
import shutil
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import pygeohash
import pytest
import requests

from app.pages.assets import assets
from geodata.space.coordinates import from_wgs84
from geodata.space.datum import Datum
from tests.app.conftest import publish
from tests.app.deploy.fronted import Front, fronted_demo

PREFIX: Final = "/nuanfeng"
#: Where nobody but the canary is.
LON, LAT = 113.95871, 22.54193
SOAK: Final = bool(os.environ.get("NUANFENG_SOAK"))
ASKED: Final = 10_000 if SOAK else 600
THREADS: Final = 8


@pytest.fixture(scope="module")
def front(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with fronted_demo(demo_home, tmp_path_factory) as made:
        yield made


@pytest.fixture
def session(front: Front) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.verify = str(front.certificate)
        made.trust_env = False
        yield made


class Links(HTMLParser):
    """Where a page leads, and what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.posted: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        found = {value for name in ("href", "src") if (value := told.get(name))}
        if tag == "form" and told.get("action"):
            (self.posted if told.get("method") == "post" else self.found).add(str(told["action"]))
        self.found |= found


def kind(path: str) -> str:
    """Addresses that differ in ids and numbers alone are of a kind."""
    at = urlsplit(path)
    names = ",".join(sorted(part.partition("=")[0] for part in at.query.split("&")))
    return re.sub(r"/(p|items)/[^/]+", r"/\1/ID", re.sub(r"\d+", "N", at.path)) + "?" + names


def walk(front: Front, session: requests.Session, root: str, most_of_a_kind: int) -> set[str]:
    """Every kind of address that pages lead to from the first one, each asked."""
    ahead, seen, kinds = [f"{front.url}{root}/?lang=en"], set[str](), Counter[str]()
    while ahead:
        url = ahead.pop()
        address = url.partition("#")[0]
        if address in seen or kinds[kind(address)] >= most_of_a_kind:
            continue
        seen.add(address)
        kinds[kind(address)] += 1
        reply = session.get(address, headers={"Accept": "text/html,*/*"}, timeout=60)
        assert reply.status_code == 200, (address, reply.status_code)
        links, posted = leads_to(reply)
        for link in links | posted:
            target = urljoin(address, link)
            if target.startswith(front.url):
                assert urlsplit(target).path.startswith(f"{root}/"), (address, link)
                ahead += [] if link in posted else [target]
    return set(kinds)


def leads_to(reply: requests.Response) -> tuple[set[str], set[str]]:
    """The links of a page or of a document in JSON, and where its forms are posted."""
    if "html" in reply.headers["Content-Type"]:
        links = Links(reply.text)
        return links.found, links.posted
    if "json" in reply.headers["Content-Type"]:
        return {link for link in hrefs(reply.json()) if "{" not in link}, set()
    return set(), set()


def hrefs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("href", "start_url", "scope", "src") and isinstance(inner, str):
                yield inner
            yield from hrefs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from hrefs(inner)


def test_every_link_works_under_a_path(front: Front, session: requests.Session) -> None:
    kinds = walk(front, session, PREFIX, 2)
    paths = {each.partition("?")[0] for each in kinds}
    wanted = {"/", "/p/ID", "/letters", "/docs", "/privacy", "/ogc", "/openapi.json"}
    assert {f"{PREFIX}{path}" for path in wanted} <= paths
    assert len(paths) >= 20


def test_what_scripts_and_programs_are_told_stands_under_the_path(
    front: Front, session: requests.Session
) -> None:
    def get(path: str) -> requests.Response:
        reply = session.get(f"{front.url}{PREFIX}{path}", timeout=60)
        assert reply.status_code == 200, path
        return reply

    manifest = get("/manifest.webmanifest").json()
    assert {manifest[name] for name in ("id", "start_url", "scope")} == {f"{PREFIX}/"}
    assert get("/openapi.json").json()["servers"] == [{"url": f"{PREFIX}/"}]
    assert get("/ogc/api").json()["servers"] == [{"url": f"{PREFIX}/"}]
    pack = get("/api/v1/pack").json()["url"]
    assert session.get(urljoin(front.url, pack), timeout=60).json()["dataVersion"]
    shell = json.loads(re.findall(r"const shell=(\{.*\});", get("/sw.js").text)[0])
    for path in shell["files"]:
        assert get(f"/{path}").content
    page = get("/?lang=en").text
    assert f'href="{PREFIX}/' in page
    assert not re.findall(r'(?:href|src|action)="/(?!nuanfeng/)[^/]', page)
    refused = session.get(f"{front.url}{PREFIX}/api/v1/nearest?lon=x", timeout=60).json()
    assert refused["type"].startswith(f"{PREFIX}/docs#")
    assert refused["instance"] == f"{PREFIX}/api/v1/nearest"
    bare = session.get(f"{front.url}{PREFIX}?lang=en", allow_redirects=False, timeout=60)
    assert (bare.status_code, bare.headers["Location"]) == (308, f"{PREFIX}/?lang=en")


def test_at_the_root_of_a_host_all_is_as_ever(front: Front, session: requests.Session) -> None:
    lying = {"X-Forwarded-Prefix": "//evil.example"}
    page = session.get(f"{front.url}/?lang=en", headers=lying, timeout=60).text
    assert "evil" not in page
    assert PREFIX not in page
    assert session.get(f"{front.url}/metrics", timeout=60).status_code == 404
    asked = session.get(f"{front.url}/api/v1/pack", timeout=60)
    assert re.fullmatch(r"[0-9a-f]{32}", asked.headers["X-Request-Id"])
    plain = requests.get(f"{front.plain_url}/p/st-00001", allow_redirects=False, timeout=60)
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://127.0.0.1/p/st-00001")


def test_public_answers_are_kept_and_private_ones_are_not(
    front: Front, session: requests.Session
) -> None:
    def told(path: str) -> int:
        log = front.folder / "server1.log", front.folder / "server2.log"
        return sum(path in each.read_text() for each in log) and sum(
            line.count(path) for each in log for line in each.read_text().splitlines()
        )

    for path, route, most in (
        (
            f"/api/v1/nearest/cell/ws105q?k=3&at={this_quarter()}",
            "/api/v1/nearest/cell/<geohash>",
            1,
        ),
        (f"/api/v1/nearest?lon={LON}&lat={LAT}", '"/api/v1/nearest"', 5),
    ):
        before = told(route)
        for _ in range(5):
            assert session.get(front.url + path, timeout=60).status_code == 200
        assert told(route) - before == most


def this_quarter() -> str:
    """The quarter of an hour that a cell is asked for, as a phone in the city writes it."""
    at = datetime.now(timezone(timedelta(hours=8)))
    return quote(f"{at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0).isoformat()}")


def positions() -> list[tuple[str, float, float]]:
    """The canary in three datums."""
    return [
        (name, float(lon), float(lat))
        for name in Datum
        for lon, lat in [from_wgs84(LON, LAT, name)]
    ]


def test_no_position_is_in_any_log(front: Front, session: requests.Session) -> None:
    for root in ("", PREFIX):
        for name, lon, lat in positions():
            at, cell = f"lon={lon:.5f}&lat={lat:.5f}&datum={name}", pygeohash.encode(lat, lon, 7)
            to = f"{lon + 0.01:.5f},{lat:.5f}"
            for path in (
                f"/api/v1/nearest?{at}",
                f"/api/v1/nearest?{at}&k=0",
                f"/api/v1/nearest/cell/{cell}",
                f"/api/v1/isochrone?{at}&minutes=5",
                f"/api/v1/along?from={lon:.5f},{lat:.5f}&to={to}&datum={name}",
                f"/api/v1/search?q={quote('驿站')}&{at}",
                f"/?near={lon:.5f},{lat:.5f}",
                f"//{lon:.5f}/{lat:.5f}",
                f"/p/{lon:.5f},{lat:.5f}",
            ):
                session.get(front.url + root + path, timeout=60)
            session.post(
                f"{front.url}{root}/api/v1/nearest/batch?datum={name}",
                json=[[lon, lat]],
                timeout=60,
            )
    logged = front.logs()
    assert logged.count("GET") > 50
    assert '"route":"/api/v1/nearest"' in logged
    for _, lon, lat in positions():
        for text in (f"{lon:.3f}", f"{lat:.3f}", pygeohash.encode(lat, lon, 5)):
            assert text not in logged
    assert "127.0.0.1" not in (front.folder / "access.log").read_text()
    lines = (front.folder / "access.log").read_text().splitlines()
    line = re.compile(r"\S+ [A-Z]+ [a-z]+ \d{3} \d+")
    assert [each for each in lines if not line.fullmatch(each)] == []


def test_no_answer_is_lost_when_a_server_is_killed(front: Front, record_property: Any) -> None:
    record_property("GETs through nginx, one of two servers killed", ASKED)
    paths = [
        f"/api/v1/nearest?lon={LON}&lat={LAT}&k=10",
        "/api/v1/nearest?lon=114.05&lat=22.54&k=20&open=now",
        f"/api/v1/nearest/cell/ws105r?k=10&at={this_quarter()}",
        "/api/v1/pack",
        "/p/st-00001?lang=en",
        "/readyz",
    ]
    lost: list[object] = []
    done = threading.Semaphore(0)

    def ask(first: int) -> None:
        trusted = ssl.create_default_context(cafile=front.certificate)
        host, port = front.url.removeprefix("https://").split(":")
        line = http.client.HTTPSConnection(host, int(port), context=trusted, timeout=60)
        for number in range(first, ASKED, THREADS):
            path = paths[number % len(paths)]
            try:
                line.request("GET", path)
                reply = line.getresponse()
                body = reply.read()
                assert len(body) <= 65_536
                if reply.status != 200:
                    lost.append((path, reply.status))
            except (OSError, http.client.HTTPException) as fault:
                lost.append((path, repr(fault)))
                line.close()
            done.release()
        line.close()

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    for _ in range(ASKED // 2):
        done.acquire()
    front.servers[1].kill()
    for thread in threads:
        thread.join()
    assert lost == []


def test_no_script_asks_for_a_path_from_the_root_of_the_host() -> None:
    wrong = re.compile(r"""["'`]/(?![/*])[a-z?]""")
    for path, text in assets().written.items():
        code = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        assert not wrong.findall(code), path


def test_roads_and_grounds_are_met_under_a_path(tmp_path: Path, demo_home: Path) -> None:
    from app.factory import create_app
    from app.settings import Settings

    shutil.copytree(demo_home / "datasets", tmp_path / "datasets")
    publish(tmp_path, tmp_path)
    client = create_app(Settings(tmp_path, "demo", "grid", prefix=PREFIX)).test_client()
    asked = client.get(f"{PREFIX}/?lang=en")
    assert asked.status_code == 200
    assert f'src="{PREFIX}/static/' in asked.text
    assert client.get("/?lang=en").text == asked.text
    assert client.get(f"{PREFIX}/healthz").status_code == 200
