"""The files and lists that the page fetches."""

import gzip
import hashlib
import re
from pathlib import Path

import brotli
import msgspec
import pytest
from flask.testing import FlaskClient

from app.pages.assets import assets, collect

#: Measured 2026-11: what is used of Leaflet 1.9.4 is 27 kB of it.
MOST_ALL = 55_000


@pytest.fixture(scope="module")
def version(client: FlaskClient) -> str:
    return str(client.get("/readyz").get_json()["dataVersion"])


def test_every_file_is_served_for_ever_under_its_version(client: FlaskClient) -> None:
    for path, stored in assets().stored.items():
        reply = client.get(assets().url(path))
        assert reply.status_code == 200
        assert reply.data == stored.body
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert reply.headers["Content-Type"].startswith(stored.mimetype)


def test_files_come_compressed_as_the_asker_accepts(client: FlaskClient) -> None:
    url, body = assets().url("js/main.js"), assets().stored["js/main.js"].body
    assert brotli.decompress(client.get(url, headers={"Accept-Encoding": "gzip, br"}).data) == body
    assert gzip.decompress(client.get(url, headers={"Accept-Encoding": "gzip"}).data) == body
    assert client.get(url, headers={"Accept-Encoding": "br;q=0"}).data == body


@pytest.mark.parametrize(
    "path",
    [
        "/static/0123456789ab/js/main.js",
        "/static/{version}/js/nothing.js",
        "/static/{version}/../../app/settings.py",
        "/static/{version}/%2e%2e/%2e%2e/settings.py",
        "/static/{version}/",
        "/areas/0123456789abcdef.json",
        "/gazetteer/0123456789abcdef.json",
        "/areas/..%2f..%2fmanifest.json",
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path.format(version=assets().version)).status_code == 404


def test_any_change_renames_every_file(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("1")
    (tmp_path / "notes.txt").write_text("not an asset")
    before = collect(tmp_path)
    assert list(before.stored) == ["js/a.js"]
    (tmp_path / "js" / "a.js").write_text("2")
    assert collect(tmp_path).version != before.version
    (tmp_path / "js" / "a.js").rename(tmp_path / "js" / "b.js")
    assert collect(tmp_path).version != before.version


def test_all_that_a_phone_loads_stays_small() -> None:
    loaded = {path: stored.body for path, stored in assets().stored.items() if path.endswith(("js", "css"))}
    sizes = {path: len(brotli.compress(body)) for path, body in loaded.items() if path != "css/plain.css"}
    assert assets().stored["js/main.js"].body != assets().written["js/main.js"].encode(), (
        "make run or make test minifies"
    )
    assert sum(sizes.values()) <= MOST_ALL


def test_modules_import_each_other_relatively() -> None:
    for path in assets().under("js/"):
        for target in re.findall(r'(?:from|import\() *"([^"]+)"', assets().text(path)):  # as served
            assert re.fullmatch(r"\./[a-z]+\.js", target)
            assert f"js/{target[2:]}" in assets().stored


def test_only_what_was_minified_from_just_these_sources_is_served(tmp_path: Path) -> None:
    sources = {"a.js": "const one = 1;\n", "b.js": "export {};\n"}
    mark = "//" + hashlib.sha256("".join(sources.values()).encode()).hexdigest()
    for folder in ("js", "vendor/page"):
        (tmp_path / folder).mkdir(parents=True)
    for name, text in sources.items():
        (tmp_path / "js" / name).write_text(text)
        (tmp_path / "vendor" / "page" / name).write_text(f"{mark}\nshort")
    fresh = collect(tmp_path)
    assert {path: stored.body for path, stored in fresh.stored.items()} == {"js/a.js": b"short", "js/b.js": b"short"}
    assert fresh.written == {f"js/{name}": text for name, text in sources.items()}
    (tmp_path / "js" / "b.js").write_text("export { stale };\n")
    stale = collect(tmp_path)
    assert {path: stored.body.decode() for path, stored in stale.stored.items()} == stale.written
    assert stale.version != fresh.version


def test_a_script_without_its_minified_form_stops_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "vendor" / "page").mkdir(parents=True)
    mark = "//" + hashlib.sha256(b"12").hexdigest()
    (tmp_path / "js" / "a.js").write_text("1")
    (tmp_path / "js" / "b.js").write_text("2")
    (tmp_path / "vendor" / "page" / "a.js").write_text(f"{mark}\nshort")
    assert [stored.body for stored in collect(tmp_path).stored.values()] == [b"1", b"2"]


def test_the_rules_left_out_of_leaflets_style_are_of_nothing_that_is_drawn(tmp_path: Path) -> None:
    drawn = "".join(assets().written.values())
    assert not re.search(
        r"(bind|open)(Popup|Tooltip)|L\.(popup|tooltip)|control\.(layers|attribution|scale)|[oO]verlay\(|L\.icon|L\.Icon",
        drawn,
    )
    assert "attributionControl: false" in drawn
    assert drawn.count("L.divIcon(") == drawn.count('className: "word') + drawn.count('className: "pin') + 1
    (tmp_path / "a.css").write_text(
        ".a { top: 0; } .leaflet-popup, .a .leaflet-tooltip { top: 1px; } /* no */ .leaflet-popup, .b { top: 2px; }\n"
        "@media print { .leaflet-popup { top: 3px; } .c { top: 4px; } }"
    )
    assert collect(tmp_path).text("a.css") == ".a{top:0;}.b{top:2px;}@media print{.c{top:4px;}}"


def test_scripts_parse_no_html() -> None:
    for text in assets().written.values():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text)


def test_every_icon_that_is_drawn_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="i-([a-z_]+)"', assets().text("icons.svg")))
    scripts = "".join(assets().written.values())
    assert set(re.findall(r'icon\("([a-z_]+)"\)', scripts)) <= sprite
    assert set(re.findall(r'fact\("([a-z_]+)"', scripts)) <= sprite
    from geodata.vocabulary import Kind, Need

    assert {*Kind, *Need} <= sprite


def test_outlines_name_every_district_and_street_office(client: FlaskClient, version: str) -> None:
    reply = client.get(f"/areas/{version}.json")
    drawn = reply.get_json()
    assert len(drawn["districts"]) == 10
    assert len(drawn["offices"]) == 74
    assert len(drawn["landmarks"]) > 300
    assert all(113 < lon < 115 and 22 < lat < 23 for ring in drawn["rings"] for lon, lat in ring)
    assert "immutable" in reply.headers["Cache-Control"]


def test_borders_run_between_districts_only(client: FlaskClient, version: str) -> None:
    drawn = client.get(f"/areas/{version}.json").get_json()
    edges = [frozenset(map(tuple, edge)) for edge in drawn["borders"]]
    assert len(edges) == len(set(edges))
    ends = [end for edge in edges for end in edge]
    assert 0 < len(edges) < sum(len(ring) for ring in drawn["rings"]) / 2
    alone = [end for end in set(ends) if ends.count(end) == 1]
    assert len(alone) / len(set(ends)) < 0.05  # lines, not loose strokes


def test_the_gazetteer_holds_landmarks_streets_and_every_place(client: FlaskClient, version: str) -> None:
    found = client.get(f"/gazetteer/{version}.json").get_json()
    assert [name for name, *_ in found["streets"]].count("沙河街道") == 1
    assert any(name == "白石洲" for name, *_ in found["landmarks"])
    ids = [place[4] for place in found["places"]]
    assert len(ids) == len(set(ids)) == client.get("/readyz").get_json()["places"]
    assert "st-00001" in ids


def test_a_version_without_areas_has_an_empty_map(tmp_path: Path) -> None:
    from app.ground import outlines_json, read

    empty = msgspec.json.decode(outlines_json(read(b"", b"[]")))
    assert empty == {"rings": [], "borders": [], "districts": [], "offices": [], "landmarks": []}


def test_robots_stay_out_of_the_api_and_the_icon_is_there(client: FlaskClient) -> None:
    assert "Disallow: /api/" in client.get("/robots.txt").text
    assert client.get("/favicon.svg").headers["Content-Type"].startswith("image/svg+xml")
