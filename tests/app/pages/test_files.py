"""The files and lists that the page fetches."""

import gzip
import hashlib
import re
from pathlib import Path
from posixpath import dirname, join, normpath

import brotli
import msgspec
import pytest
from flask.testing import FlaskClient

from app.pages.assets import MAIN, assets, collect
from app.pages.embedded import spoken, wordbook
from app.words import Language
from tests.benchmarks.page.sizes import code, is_voice

#: Measured 2026-11: what is used of Leaflet 1.9.4 is 22 kB of it, what draws the base map 4 kB.
MOST_ALL = 62_000
#: Of these what the list waits for: the page's own script, as it was before riders' voice came.
MOST_FIRST = 13_696
#: What riders say comes after all of that, by itself: scripts and style.
MOST_VOICE = 14_000


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
    assert assets().stored["js/main.js"].body != assets().written["js/main.js"].encode(), (
        "make run or make test bundles"
    )
    sizes = code()
    assert sum(size for path, size in sizes.items() if not is_voice(path)) <= MOST_ALL
    assert sum(size for path, size in sizes.items() if is_voice(path)) <= MOST_VOICE


def test_what_riders_say_costs_the_first_list_nothing_and_little_after_it() -> None:
    stored = assets().stored
    first = [len(brotli.compress(stored[path].body)) for path in assets().needed(MAIN)]
    assert sum(first) <= MOST_FIRST
    assert not any(map(is_voice, assets().needed(MAIN)))
    own = set(spoken(assets(), of_voice=True)) - set(spoken(assets()))
    assert len(own) > 50
    assert own.isdisjoint(map(str, wordbook(Language.ENGLISH)["said"]))


def test_the_words_of_voice_come_under_the_version_of_the_files(client: FlaskClient) -> None:
    address = f"/static/{assets().version}/words"
    for language in Language:
        reply = client.get(f"{address}/{language}.json")
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert len(reply.get_json()["said"]) == len(spoken(assets(), of_voice=True))
    assert client.get(f"{address}/fr.json").status_code == 404
    assert client.get("/static/0123456789ab/words/en.json").status_code == 404


def test_scripts_import_each_other_relatively() -> None:
    for path in assets().under("js/"):
        for target in re.findall(r'(?:from|import\() *"([^"]+)"', assets().text(path)):  # as served
            assert re.fullmatch(r"\.{1,2}/[\w/-]+\.js", target)
            assert normpath(join(dirname(path), target)) in assets().stored


def test_what_a_script_needs_at_once_is_what_it_imports_and_not_what_it_may_import_later(
    tmp_path: Path,
) -> None:
    (tmp_path / "js" / "ask").mkdir(parents=True)
    for name, text in {
        "main": 'import { a } from "./ask/a.js";\nconst later = () => import("./map.js");',
        "ask/a": 'import "./b.js";\nexport * from "../c.js";',
        "ask/b": 'import { c } from "../c.js";',
        "c": 'import { a } from "./ask/a.js";',
        "map": 'import { b } from "./ask/b.js";',
    }.items():
        (tmp_path / "js" / f"{name}.js").write_text(text)
    assert collect(tmp_path).needed("js/main.js") == (
        "js/main.js",
        "js/ask/a.js",
        "js/ask/b.js",
        "js/c.js",
    )


def test_the_page_asks_for_few_files_before_its_list() -> None:
    assert len(assets().needed(MAIN)) <= 6, (
        "one round trip: browsers open six connections to a host"
    )


#: The sources of a page, their mark, and the bundle made of them.
SOURCES = {"main.js": 'import "./b.js";\n', "b.js": "export {};\n"}
MARK = "//" + hashlib.sha256((SOURCES["b.js"] + SOURCES["main.js"]).encode()).hexdigest()
BUNDLE = {
    "main.js": 'import"./chunk-1.js";import("./lazy-2.js")',
    "chunk-1.js": "1",
    "lazy-2.js": "2",
    "sw.js": "3",
    "ahead.js": "4",
    "guard.js": "5",
    "voice/proof.js": "6",
    "voice/door.js": "7",
    "voice/letters.js": "8",
    "map/alone.js": "9",
}


def lay(folder: Path) -> None:
    for name in ("js", "vendor/page/voice", "vendor/page/map"):
        (folder / name).mkdir(parents=True)
    for name, text in SOURCES.items():
        (folder / "js" / name).write_text(text)
    for name, text in BUNDLE.items():
        (folder / "vendor" / "page" / name).write_text(f"{MARK}\n{text}")


def test_only_a_bundle_made_from_just_these_sources_is_served(tmp_path: Path) -> None:
    lay(tmp_path)
    fresh = collect(tmp_path)
    assert {path: stored.body.decode() for path, stored in fresh.stored.items()} == {
        f"js/{name}": text for name, text in BUNDLE.items()
    }
    assert fresh.written == {f"js/{name}": text for name, text in SOURCES.items()}
    (tmp_path / "js" / "b.js").write_text("export { stale };\n")
    stale = collect(tmp_path)
    assert {path: stored.body.decode() for path, stored in stale.stored.items()} == stale.written
    assert stale.version != fresh.version


@pytest.mark.parametrize("lost", BUNDLE)
def test_a_bundle_that_lacks_a_file_is_not_served(tmp_path: Path, lost: str) -> None:
    lay(tmp_path)
    (tmp_path / "vendor" / "page" / lost).unlink()
    assert {path: stored.body.decode() for path, stored in collect(tmp_path).stored.items()} == {
        f"js/{name}": text for name, text in SOURCES.items()
    }


def test_a_bundle_with_a_file_of_another_make_is_not_served(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "vendor" / "page" / "chunk-1.js").write_text(f"//{'0' * 64}\n1")
    assert set(collect(tmp_path).stored) == {f"js/{name}" for name in SOURCES}


def test_the_rules_left_out_of_leaflets_style_are_of_nothing_that_is_drawn(tmp_path: Path) -> None:
    drawn = "".join(assets().written.values())
    assert not re.search(
        r"(bind|open)(Popup|Tooltip)|L\.(popup|tooltip)|L\.[cC]ontrol|[oO]verlay\(|L\.icon|L\.Icon",
        drawn,
    )
    assert "attributionControl: false" in drawn
    assert (
        drawn.count("L.divIcon(")
        == drawn.count('className: "word') + drawn.count('className: "pin') + 1
    )
    (tmp_path / "a.css").write_text(
        ".a { top: 0; } .leaflet-popup, .a .leaflet-tooltip { top: 1px; } /* no */ .leaflet-popup,"
        " .b { top: 2px; }\n@media print { .leaflet-popup { top: 3px; } .c { top: 4px; } }"
    )
    assert collect(tmp_path).text("a.css") == ".a{top:0;}.b{top:2px;}@media print{.c{top:4px;}}"


def test_scripts_parse_no_html() -> None:
    for text in assets().written.values():
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text
        )


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
    assert len(drawn["lanes"]) == 13
    assert all(name and len(course) > 1 for name, _, course in drawn["lanes"])
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


def test_a_version_without_areas_has_an_empty_map(tmp_path: Path) -> None:
    from app.maps.outlines import outlines_json, read

    empty = msgspec.json.decode(outlines_json(read(b"", b"[]")))
    assert empty == {
        "rings": [],
        "borders": [],
        "districts": [],
        "offices": [],
        "landmarks": [],
        "lanes": [],
    }


def test_robots_stay_out_of_the_api_and_the_icon_is_there(client: FlaskClient) -> None:
    assert "Disallow: /api/" in client.get("/robots.txt").text
    assert client.get("/favicon.svg").headers["Content-Type"].startswith("image/svg+xml")
