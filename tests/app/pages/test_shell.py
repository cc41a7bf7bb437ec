"""The page at / as bytes: what it may load, when it is the same, and that nobody's text becomes
markup.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.factory import create_app
from app.pages import folium_map, shell
from app.pages.assets import AHEAD, GUARD, MAIN, assets
from app.pages.embedded import embedded
from app.response.csp import policy
from app.settings import Settings
from app.words import Language
from geodata.sources.demo.city import SHENZHEN
from geodata.store.files import Dataset
from tests import makers

HOSTILE = (
    "{{ 12345679*81 }}{% raw %}${1}`</script><script>alert(1)</script><img src=x"
    " onerror=alert(1)>\u2028&amp;"
)


class Page(HTMLParser):
    """Tags, and the data blocks by id."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, str] = {}
        self._inside: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.blocks[self._inside] = data
            self._inside = None


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    home = tmp_path_factory.mktemp("hostile")
    found = makers.frozen(
        makers.three_places(),
        title=HOSTILE,
        source=HOSTILE,
        licence=HOSTILE,
        city=msgspec.structs.replace(SHENZHEN, name=HOSTILE),
    )
    Dataset(home, "hostile").publish(found.version, found.about, found.arrays, found.blobs)
    with create_app(Settings(home, "hostile")).test_client() as client:
        yield client


def test_the_page_loads_from_its_own_origin_alone(client: FlaskClient) -> None:
    page = Page(client.get("/").text)
    urls = [
        attrs[name] or ""
        for _, attrs in page.tags
        for name in ("src", "href", "action")
        if name in attrs
    ]
    urls += (
        json.loads(page.blocks["map-described"])["scripts"]
        + json.loads(page.blocks["map-described"])["styles"]
    )
    assert [url for url in urls if not re.match(r"/(?!/)|#|data:image/svg", url)] == []
    assert {assets().url(path) for path in assets().needed(MAIN)} <= set(urls)
    first = [
        attrs.get("href") or attrs.get("src") or ""
        for tag, attrs in page.tags
        if tag in ("link", "script")
    ]
    assert not [url for url in first if "leaflet" in url or url.endswith("map.js")]


def test_the_page_has_no_inline_handlers_and_no_inline_styles(client: FlaskClient) -> None:
    attributes = {name for _, attrs in Page(client.get("/").text).tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on")} | {"style"} & attributes


def test_what_the_page_asks_ahead_stands_in_its_head_after_what_it_reads_and_before_all_else(
    client: FlaskClient,
) -> None:
    head, _ = client.get("/").text.split("<body>")
    guard, script = re.findall(r"<script>(.*?)</script>", head, re.DOTALL)
    assert script == assets().text(AHEAD)
    assert "import" not in script
    assert head.index(guard) < min(
        head.index(begins) for begins in ("<style>", "<link", '<script type="application')
    )
    read = set(re.findall(r'"(city|words|map-described)"', script))
    assert read == {"city", "words"}
    assert all(head.index(f'id="{name}"') < head.index(script) for name in read)
    assert head.index("modulepreload") < head.index('id="city"')
    assert head.index(script) < head.index("<style>")


def test_the_page_tells_what_the_citys_clocks_show_in_the_years_after_its_data(
    client: FlaskClient,
) -> None:
    city = json.loads(Page(client.get("/").text).blocks["city"])
    assert city["timezone"] == "Asia/Shanghai"
    ((since, ahead),) = city["clocks"]
    assert ahead == 480
    assert datetime.fromtimestamp(since * 60, UTC) <= datetime.now(UTC)


def test_readers_may_zoom(client: FlaskClient) -> None:
    views = [
        attrs["content"] or ""
        for tag, attrs in Page(client.get("/").text).tags
        if attrs.get("name") == "viewport"
    ]
    assert len(views) == 1
    assert "user-scalable" not in views[0]
    assert "maximum-scale" not in views[0]


def test_the_same_version_and_language_give_the_same_bytes(demo_home: Path) -> None:
    snapshot = Dataset(demo_home, "demo").load()
    first, again = (shell.make(snapshot, Language.CHINESE) for _ in range(2))
    assert first.body == again.body
    assert first.tag == again.tag
    assert shell.make(snapshot, Language.ENGLISH).tag != first.tag


def test_a_known_page_is_answered_304_with_its_policy(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Encoding": "br"})
    again = client.get(
        "/", headers={"Accept-Encoding": "br", "If-None-Match": page.headers["ETag"]}
    )
    assert page.headers["Content-Encoding"] == "br"
    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
    other = client.get(
        "/", headers={"Accept-Encoding": "gzip", "If-None-Match": page.headers["ETag"]}
    )
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [
        ("/", "", "zh-CN"),
        ("/", "en-GB,en;q=0.9", "en"),
        ("/?lang=zh-CN", "en", "zh-CN"),
        ("/?lang=en", "zh", "en"),
    ],
)
def test_the_language_is_the_one_asked_for(
    client: FlaskClient, path: str, accepts: str, language: str
) -> None:
    page = client.get(path, headers={"Accept-Language": accepts})
    assert page.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_a_shared_address_gives_the_same_page(client: FlaskClient) -> None:
    assert client.get("/?needs=water,rest&open=any&place=st-00001").data == client.get("/").data
    filters = (
        "kinds=driver_home&services=wifi&audience=rider&door=qr,unknown&open=at_arrival&stay_min=30"
    )
    assert (
        client.get(f"/?{filters}&max_distance_m=10000&include_unknown=false").data
        == client.get("/").data
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("needs=beer", "needs “beer”"),
        ("needs=water,beer,tea", "needs “beer,tea”"),
        ("open=maybe", "open “maybe”"),
        ("door=window", "door “window”"),
        ("stay_min=481", "stay_min “481”"),
        ("max_distance_m=0", "max_distance_m “0”"),
        ("lang=fr", "lang “fr”"),
        ("open=now&open=any", "open “any”"),
        ("open=%3Cscript%3E", "open “&lt;script&gt;”"),
        ("open=" + "x" * 5_000, "open “" + "x" * 60 + "…”"),
    ],
)
def test_what_cannot_be_read_is_told_above_a_page_that_works(
    client: FlaskClient, query: str, told: str
) -> None:
    plain, page = client.get("/"), client.get(f"/?{query}")
    assert page.status_code == 200
    (note,) = re.findall('<p class="aged" id="left-out".*?</p>\n', page.text, re.DOTALL)
    assert f"<bdi>{told}</bdi>" in note
    assert "网址里有无法识别的内容，已略去" in note
    assert page.text.replace(note, "").split() == plain.text.split()
    rules = "Content-Security-Policy"
    assert page.headers[rules] == plain.headers[rules]
    assert page.headers["ETag"] != plain.headers["ETag"]
    held = {"If-None-Match": page.headers["ETag"]}
    assert client.get(f"/?{query}", headers=held).status_code == 304
    assert client.get("/", headers=held).status_code == 200


def test_the_note_is_in_the_language_of_the_page(client: FlaskClient) -> None:
    assert "Part of the address cannot be read" in client.get("/?open=x&lang=en").text


#: What apps and campaigns add to links that are forwarded.
ADDED = ("utm_source=wechat&utm_medium=social", "from=groupmessage&isappinstalled=0", "lon=113.9")


@pytest.mark.parametrize("path", ["/?", "/?street=&", "/docs?", "/privacy?", "/?needs=&lang=&"])
@pytest.mark.parametrize("added", [*ADDED, "fbclid=" + "x" * 2_000, "_=%FF", "needs%00=a", "&&="])
def test_unknown_parameters_say_nothing_and_split_no_cache(
    client: FlaskClient, path: str, added: str
) -> None:
    plain, page = client.get(path), client.get(path + added)
    assert page.status_code == 200
    assert page.data == plain.data
    assert page.headers["ETag"] == plain.headers["ETag"]
    assert "left-out" not in page.text


@pytest.mark.parametrize("added", ADDED)
def test_the_api_stays_strict(client: FlaskClient, added: str) -> None:
    assert client.get(f"/api/v1/search?q=bsz&{added}").status_code == 400
    assert client.get(f"/api/v1/places/st-00001?{added}").status_code == 400


def test_the_policy_allows_what_is_inline_by_its_hash_and_nothing_else(client: FlaskClient) -> None:
    page = client.get("/")
    rules = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert scripts == [assets().text(GUARD), assets().text(AHEAD)]
    for rule, inline in (("style-src", [style]), ("script-src", scripts)):
        digests = [
            base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline
        ]
        assert rules[rule] == " ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)])
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert page.headers["Permissions-Policy"] == "geolocation=(self)"
    assert "Set-Cookie" not in page.headers


def test_a_script_that_runs_is_hashed_and_data_is_not() -> None:
    html = (
        '<script>run()</script><script type="application/json">{}</script><script type="module"'
        ' src="/a.js"></script>'
    )
    (rule,) = re.findall(r"script-src ([^;]*)", policy(html)[0][1])
    digest = base64.b64encode(hashlib.sha256(b"run()").digest()).decode()
    assert rule == f"'self' 'sha256-{digest}'"


@pytest.mark.parametrize("path", ["/", "/?street=", "/docs"])
def test_a_hostile_dataset_name_stays_text(hostile: FlaskClient, path: str) -> None:
    text = hostile.get(path).text
    assert "999999999" not in re.sub(
        r"<style>.*?</style>", "", text.split("<body")[1], flags=re.DOTALL
    )
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_a_real_dataset_has_no_banner_and_asks_nothing(tmp_path: Path) -> None:
    found = makers.frozen(makers.three_places(), synthetic=False)
    Dataset(tmp_path, "real").publish(found.version, found.about, found.arrays, found.blobs)
    text = create_app(Settings(tmp_path, "real")).test_client().get("/").text
    assert 'class="banner"' not in text
    assert "<dialog" not in text


def test_a_made_up_dataset_says_so_in_both_languages(client: FlaskClient) -> None:
    assert "演示数据：这些驿站并不存在" in client.get("/?lang=zh-CN").text
    assert "Demo data: these places do not exist" in client.get("/?lang=en").text


JSON = st.recursive(
    st.none() | st.booleans() | st.text() | st.text(alphabet='<>&\u2028\u2029/script!-"\\'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON)
def test_json_in_a_page_is_the_same_value_and_cannot_end_its_element(value: object) -> None:
    written = str(embedded(value))
    assert json.loads(written) == value
    assert not set(written) & set("<>&\u2028\u2029")


@given(st.text())
def test_a_piece_is_rendered_once_and_escapes(title: str) -> None:
    html = folium_map.page("en", title, [])
    assert Page(html).tags[0] == ("html", {"lang": "en"})
    assert [tag for tag, _ in Page(html).tags] == ["html", "head", "title", "meta", "body"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_way_on_at_the_foot_leads_somewhere(client: FlaskClient, language: str) -> None:
    page = html.unescape(client.get(f"/?lang={language}").text)
    foot = page.split('<p class="foot">')[1].split("</p>")[0]
    links = re.findall(r'href="([^"]*)"', foot)
    assert [link.split("?")[0] for link in links] == [
        *("/", "/contacts", "/letters", "/privacy", "/docs")
    ]
    assert all(client.get(link).status_code == 200 for link in links)


def test_a_credit_names_each_source_once(demo_home: Path) -> None:
    about = msgspec.structs.replace(
        Dataset(demo_home, "demo").load().about,
        source="© Mappers",
        licence="ODbL-1.0",
        data_date="2026-11-30",
        outlines="© Mappers (ODbL-1.0)",
    )
    assert shell.credit(about) == "© Mappers · ODbL-1.0 · 2026-11-30"
    assert shell.credit(about, "© Mappers") == "ODbL-1.0 · 2026-11-30"
    drawn = msgspec.structs.replace(about, outlines="by a street office")
    assert shell.credit(drawn, "© Mappers") == "ODbL-1.0 · 2026-11-30 · by a street office"
