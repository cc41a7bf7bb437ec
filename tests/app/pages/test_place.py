"""A place's page: everything known is there, unknown is said, and no place's text becomes markup or
an address.
"""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.factory import create_app
from app.pages import place
from app.pages.assets import assets
from app.pages.labels import labels
from app.settings import Settings
from app.words import Language
from geodata.hours.calendar import DayKind
from geodata.hours.timeline import State
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.store.files import Dataset
from geodata.vocabulary import SERVES, Need, Service
from tests import makers
from tests.makers import TIMEZONE

HOSTILE = (
    "{{ 12345679*81 }}${1}`\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e&amp;"
)
FAKE = "演示数据：此处并无驿站"

Publish = Callable[..., FlaskClient]


class Page(HTMLParser):
    """Tags with what they stand in, and the text a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs), tuple(self._open)))
        if tag not in ("meta", "link", "img", "br", "path", "use"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"style", "title", "script"} & set(self._open):
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def links(self) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (attrs["href"] or "", inside)
            for tag, attrs, inside in self.tags
            if tag == "a" and "href" in attrs
        ]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """A client of the app over three places; a keyword replaces or adds a column."""

    def made(*, synthetic: bool = False, **columns: Any) -> FlaskClient:
        found = makers.frozen(makers.three_places(**columns), synthetic=synthetic)
        Dataset(tmp_path, "made").publish(found.version, found.about, found.arrays, found.blobs)
        return create_app(Settings(tmp_path, "made")).test_client()

    return made


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("app.request.queries.now", lambda: makers.NIGHT)
    return makers.NIGHT


def data_alone(page: Page) -> bool:
    """Whether the page has no script but what is data and is never run, and the one that takes a
    plate's token out of the address.
    """
    scripts = [attrs for tag, attrs, _ in page.tags if tag == "script"]
    at_the_door = {"type": "module", "src": assets().url("js/voice/door.js")}
    return all(attrs in ({"type": "application/ld+json"}, at_the_door) for attrs in scripts)


def described(page: str) -> dict[str, Any]:
    (text,) = re.findall('<script type="application/ld\\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def open_page(client: FlaskClient, place_id: str, query: str = "") -> Page:
    reply = client.get(f"/p/{place_id}{query}")
    assert reply.status_code == 200
    return Page(reply.text)


@pytest.mark.parametrize(
    "place_id", ["st-00001", "st-00008", "dh-00001", "dh-00003", "ws-00001", "fm-00004"]
)
@pytest.mark.parametrize("language", list(Language))
def test_all_that_the_api_knows_of_a_place_stands_on_its_page(
    client: FlaskClient, place_id: str, language: Language
) -> None:
    page = open_page(client, place_id, f"?lang={language}")
    known = client.get(f"/api/v1/places/{place_id}").get_json()["properties"]
    words = labels(language)
    said = [
        known["name"],
        known["name_en"],
        known["address"],
        known["district"],
        known["street"],
        known["operator"],
    ]
    said += [
        known["opening_hours_text"],
        known["offers"],
        known["provenance"]["verified_at"],
        *known["phones"],
    ]
    said += [words["kinds"][known["kind"]], words["doors"][known["access"]["door"]]]
    for table, members in {"services": known["services"], "zones": known["zones"]}.items():
        said += [words[table][member] for member in members]
    said += [words["audiences"][who] for who in known["access"]["audience"]]
    entry = known["access"]["entry"]
    if entry is not None:
        said += [words["registers"][entry["register"]], entry["how"]]
    for table, name in (("fees", "fee"), ("wheelchairs", "wheelchair")):
        said += [known[name] and words[table][known[name]]]
    said += [known["level"]]
    assert [text for text in said if text and str(text) not in page.text] == []
    assert (known["capacity"] is None) or str(known["capacity"]) in page.text


def test_a_page_in_english_says_no_code_words(client: FlaskClient) -> None:
    for place_id in ("st-00001", "dh-00001", "ws-00001", "fm-00004"):
        page = open_page(client, place_id, "?lang=en")
        assert re.findall(r"\b[a-z]+_[a-z]+\b", page.text) == []
        assert ("html", {"lang": "en"}, ()) in page.tags


def test_the_five_apps_are_led_where_the_api_leads_them(client: FlaskClient) -> None:
    known = client.get("/api/v1/places/st-00001").get_json()["properties"]["navigate"]
    urls = [
        url for url, _ in open_page(client, "st-00001").links() if not url.startswith(("/", "tel:"))
    ]
    assert sorted(urls) == sorted(known.values())


def test_a_street_is_navigated_to_its_middle_and_names_its_members(
    client: FlaskClient, demo_home: Path
) -> None:
    snapshot = Dataset(demo_home, "demo").load()
    lon, lat = snapshot.lonlat[snapshot.row_of("ws-00001")].tolist()
    page = open_page(client, "ws-00001")
    assert any(url.startswith(f"geo:0,0?q={lat:.6f},{lon:.6f}(") for url, _ in page.links())
    rows = [
        row
        for row in range(len(snapshot))
        if place.read(snapshot, row).parent_street_id == "ws-00001"
    ]
    listed = re.findall(
        r'href="/p/(fm-\d+)',
        client.get("/p/ws-00001").text.split('id="members"')[1].split("<h2")[0],
    )
    assert len(rows) > 5
    assert sorted(listed) == sorted(snapshot.id_of(row) for row in rows)


def test_a_merchant_leads_to_its_street(publish: Publish) -> None:
    client = publish(parent_street_id=[None, "street-1", None])
    assert any(url.startswith("/p/street-1?") for url, _ in open_page(client, "merchant-1").links())
    assert "福田面馆" in open_page(client, "street-1").text
    lost = publish(parent_street_id=[None, "street-9", None])
    assert not any("street-9" in url for url, _ in open_page(lost, "merchant-1").links())


@pytest.mark.usefixtures("night")
def test_what_is_not_known_is_said_to_be_unknown(publish: Publish) -> None:
    page = open_page(publish(), "street-1")
    for said in (
        "时间未知",
        "开放时间未知，可能开着，也可能没开。",
        "进门方式未知",
        "欢迎谁来 未知",
        "没有核实记录",
    ):
        assert said in page.text
    assert "地址 未知" in page.text
    assert "暂无信息： 电话、座位、运营" in page.text
    assert not any(tag == "table" for tag, _, _ in page.tags)


@pytest.mark.usefixtures("night")
def test_the_week_begins_today_and_marks_it(publish: Publish) -> None:
    page = open_page(publish(), "merchant-1")
    days = re.findall(r"11月\d+日周.", page.text)
    assert days == [
        "11月18日周三",
        "11月19日周四",
        "11月20日周五",
        "11月21日周六",
        "11月22日周日",
        "11月23日周一",
        "11月24日周二",
    ]
    assert "11月18日周三 今天 09:00 – 21:00" in page.text
    assert next(attrs for tag, attrs, _ in page.tags if tag == "tr")["aria-current"] == "date"


def days_of(hours: str, first: date) -> list[tuple[str, tuple[str, ...]]]:
    snapshot = makers.snapshot(makers.three_places(opening_hours=[hours, None, None]))
    found = place.week(snapshot, snapshot.row_of("station-1"), first, Language.ENGLISH)
    return [(day.note, day.hours) for day in found]


def first_of(kind: DayKind) -> date:
    known = makers.calendar()
    return next(
        day for n in range(366) if known.kind(day := date(2026, 1, 1) + timedelta(days=n)) is kind
    )


def test_holidays_and_adjusted_workdays_are_called_so_and_have_their_own_hours() -> None:
    assert days_of("Mo-Fr 09:00-18:00; PH off", first_of(DayKind.PH))[0] == (
        "Public holiday",
        ("Closed all day",),
    )
    worked = days_of('Mo-Fr 09:00-18:00 open "工作日"; PH off', first_of(DayKind.WORKDAY))
    assert worked[0] == ("Adjusted workday", ("09:00 – 18:00",))
    silent = days_of("Mo-Fr 09:00-18:00; PH off", first_of(DayKind.WORKDAY))
    assert silent[0] == ("Adjusted workday", ("Unknown",))
    assert days_of("Mo-Fr 09:00-18:00; PH unknown", first_of(DayKind.PH))[0] == (
        "Public holiday",
        ("Unknown",),
    )


def test_a_week_of_holidays_is_told_as_such_and_not_as_hours_that_nobody_knows() -> None:
    told = days_of("Mo-Su 09:00-18:00; PH unknown", date(2026, 10, 1))
    assert told == [("Public holiday", ("Unknown",))] * 7


def test_days_whose_holidays_are_not_announced_are_called_so() -> None:
    told = days_of("Mo-Fr 09:00-18:00; PH off", date(2026, 12, 29))
    assert [note for note, _ in told] == ["", "", "", *["Holidays not announced yet"] * 4]
    assert told[2:4] == [("", ("09:00 – 18:00",)), ("Holidays not announced yet", ("Unknown",))]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("24/7", ("Open 24 hours",)),
        ("22:00-06:00", ("22:00 – 06:00 next day",)),
        ("22:00-24:00", ("22:00 – 24:00",)),
        ("08:00-12:00,14:00-18:00", ("08:00 – 12:00", "14:00 – 18:00")),
        ("Sa 10:00-16:00", ("Closed all day",)),
    ],
)
def test_the_hours_of_a_day_are_said_in_words(hours: str, said: tuple[str, ...]) -> None:
    assert days_of(hours, makers.NIGHT.date())[0] == ("", said)


def test_hours_that_nobody_can_read_make_no_week() -> None:
    assert days_of("看情况", makers.NIGHT.date()) == []


@given(st.lists(st.sampled_from(Service), unique=True))
def test_every_service_stands_under_each_need_it_serves_or_under_others(
    services: list[Service],
) -> None:
    grouped = place.offered(services)
    assert list(grouped) == [need for need in Need if need in grouped]
    for service in services:
        assert {need for need, served in grouped.items() if service in served} == set(
            SERVES[service]
        )
    assert all(grouped.values())


@pytest.fixture(scope="module")
def crowd() -> Snapshot:
    return makers.snapshot(makers.random_city(300))


def is_listed(facts: place.Facts) -> bool:
    """Whether a place stands on lists where nothing is asked."""
    mostly = {Need.REST, Need.WATER, Need.HEAT_FOOD, Need.RECHARGE}
    return facts.kind != "public_place" or any({*SERVES[each]} & mostly for each in facts.services)


def alternatives(snapshot: Snapshot, row: int, at: datetime) -> list[str]:
    """The nearest others that are open or unknown, one by one."""
    minute_hours, here = snapshot.hours_by_minute.at(at), snapshot.lonlat[row].tolist()
    fit = (State.OPEN, State.CLOSING_SOON, State.UNKNOWN)
    others = [
        r
        for r in range(len(snapshot))
        if r != row
        and minute_hours.state(snapshot.hours_row(r)) in fit
        and is_listed(place.read(snapshot, r))
    ]
    far = [(geodesic_m(*here, *snapshot.lonlat[r].tolist()), snapshot.id_of(r)) for r in others]
    return [place_id for metres, place_id in sorted(far) if metres <= 50_000][: place.ALTERNATIVES]


@given(row=st.integers(0, 299), ahead_min=st.integers(0, 7 * 1440))
@settings(max_examples=30)
def test_nearby_are_the_nearest_others_that_are_open_or_unknown(
    crowd: Snapshot, row: int, ahead_min: int
) -> None:
    at = makers.NIGHT + timedelta(minutes=ahead_min)
    seen = place.sight(crowd, row, at, Language.ENGLISH)
    assert [near.entry.id for near in seen.nearby] == alternatives(crowd, row, at)


def test_a_place_outside_the_service_area_has_a_page_without_alternatives() -> None:
    import shapely

    snapshot = makers.snapshot(makers.three_places(), outline=shapely.box(113.7, 22.4, 113.8, 22.5))
    assert place.sight(snapshot, 0, makers.NIGHT, Language.CHINESE).nearby == ()


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (0.4, "0 m"),
        (34.5, "35 m"),
        (99.6, "100 m"),
        (124.9, "120 m"),
        (125.0, "130 m"),
        (994.9, "990 m"),
        (995.0, "1.0 km"),
        (9_949.0, "9.9 km"),
        (9_950.0, "10 km"),
        (50_000.0, "50 km"),
    ],
)
def test_distances_read_as_on_the_phones_list(metres: float, text: str) -> None:
    assert place.distance_text(metres) == text.replace(" ", "\u00a0")


def test_made_up_places_ask_before_they_lead_or_call_and_need_no_script(
    client: FlaskClient,
) -> None:
    page = open_page(client, "st-00001")
    out = [(url, inside) for url, inside in page.links() if not url.startswith("/")]
    assert {urlsplit(url).scheme for url, _ in out} == {"https", "geo", "tel"}
    assert all("details" in inside for _, inside in out)
    assert FAKE in page.text
    assert "演示数据：这些驿站并不存在" in page.text
    assert data_alone(page)


def test_real_places_lead_and_call_at_once(publish: Publish) -> None:
    page = open_page(publish(phones=[["0755-1234 5678", "138****8888"], [], []]), "station-1")
    out = [(url, inside) for url, inside in page.links() if not url.startswith("/")]
    assert len(out) == 6
    assert not any("details" in inside for _, inside in out)
    assert "tel:075512345678" in [url for url, _ in out]
    assert "138****8888" in page.text
    assert "演示" not in page.text


def entry_of(register: str | None, how: str | None, url: str | None) -> str:
    return json.dumps({"register": register, "how": how, "url": url})


@pytest.mark.parametrize("synthetic", [True, False])
def test_where_one_must_register_first_the_page_says_so_how_and_where(
    publish: Publish, *, synthetic: bool
) -> None:
    entry = entry_of("yes", "先申请门禁", "https://example.org/apply?a=1&b=2")
    client = publish(synthetic=synthetic, entry=[entry, entry_of("no", None, None), None])
    page = open_page(client, "station-1")
    assert "扫码 需先登记 先申请门禁 去登记：example.org（外部网站）" in page.text
    ((attrs, inside),) = [
        (attrs, inside)
        for tag, attrs, inside in page.tags
        if tag == "a" and attrs.get("href") == "https://example.org/apply?a=1&b=2"
    ]
    assert attrs["rel"] == "noopener noreferrer"
    assert ("details" in inside) == synthetic
    assert (
        "To register: example.org (another site)" in open_page(client, "station-1", "?lang=en").text
    )
    assert "无需登记" in open_page(client, "merchant-1").text
    assert "登记" not in open_page(client, "street-1").text


@pytest.mark.usefixtures("night")
def test_what_is_worked_out_or_only_likely_is_said_to_be_so(publish: Publish) -> None:
    client = publish(
        position=["located", "located", "surveyed"],
        radius_m=[1234.0, None, None],
        maybe=[["wifi", "aed"], [], []],
        source=["openstreetmap.org", None, None],
        licence=["ODbL-1.0", None, None],
        wheelchair=["limited", "no", None],
        fee=["yes", "no", None],
        level=["B1", None, None],
    )
    station, merchant, street = (
        open_page(client, place).text for place in ("station-1", "merchant-1", "street-1")
    )
    for said in (
        "位置约±1234米",
        "可能还有： 无线网络、自动体外除颤器",
        "openstreetmap.org · ODbL-1.0",
        "轮椅部分可进",
        "收费",
        "楼层 B1",
    ):
        assert said in station
    assert "位置由地址推算，可能不准。" in merchant
    assert "轮椅进不去" in merchant
    assert "免费" in merchant
    for word in ("推算", "可能还有", "轮椅", "费用", "楼层", "ODbL"):
        assert word not in street


@pytest.mark.usefixtures("night")
def test_hostile_texts_stay_texts(publish: Publish) -> None:
    client = publish(
        name=[HOSTILE] * 3,
        name_en=[HOSTILE] * 3,
        address=[HOSTILE] * 3,
        operator=[HOSTILE] * 3,
        offers=[HOSTILE] * 3,
        district=[HOSTILE] * 3,
        street=[HOSTILE] * 3,
        opening_hours_text=[HOSTILE] * 3,
        verified_by=[HOSTILE] * 3,
        phones=[["javascript:alert(1)", '1"><script>'], [], []],
        src_file=[HOSTILE] * 3,
        level=[HOSTILE] * 3,
        source=[HOSTILE] * 3,
        licence=[HOSTILE] * 3,
        type=[HOSTILE] * 3,
        entry=[entry_of("yes", HOSTILE.replace("\u202e", ""), None)] * 3,
        parent_street_id=["street-1", HOSTILE, None],
    )
    for path in ("/p/station-1", "/p/merchant-1?lang=en", "/p/street-1", "/p/station-1/plate"):
        page = Page(client.get(path).text)
        assert data_alone(page)
        assert not any(tag == "iframe" for tag, _, _ in page.tags)
        assert all(
            attrs.get("src") == "/favicon.svg" for tag, attrs, _ in page.tags if tag == "img"
        )
        assert {
            attr
            for _, attrs, _ in page.tags
            for attr in attrs
            if attr.startswith("on") or attr == "style"
        } == set()
        assert {urlsplit(url).scheme for url, _ in page.links()} <= {"", "https", "geo"}
        assert HOSTILE in page.text


def test_the_page_loads_from_its_own_origin_alone_and_says_so(client: FlaskClient) -> None:
    reply = client.get("/p/st-00001")
    loads = [
        attrs.get("src") or attrs.get("href") or ""
        for tag, attrs, _ in Page(reply.text).tags
        if tag in ("img", "link")
    ]
    assert loads
    assert all(re.match(r"/(?!/)", url) for url in loads)
    assert "script-src 'self';" in reply.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in reply.headers


@pytest.mark.usefixtures("night")
def test_the_page_is_the_same_for_a_quarter_hour_and_answers_304(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get("/p/st-00001")
    held = {"If-None-Match": first.headers["ETag"]}
    assert not first.headers["ETag"].startswith("W/")
    monkeypatch.setattr("app.request.queries.now", lambda: makers.NIGHT + timedelta(minutes=14))
    assert client.get("/p/st-00001", headers=held).status_code == 304
    assert client.get("/p/st-00001").data == first.data
    assert client.get("/p/st-00001?lang=en", headers=held).status_code == 200
    assert client.get("/p/st-00002", headers=held).status_code == 200
    assert (
        client.get("/p/st-00001", headers=held, base_url="http://other.example").status_code == 200
    )
    monkeypatch.setattr("app.request.queries.now", lambda: makers.NIGHT + timedelta(minutes=15))
    assert client.get("/p/st-00001", headers=held).status_code == 200


def test_a_door_that_closes_within_the_quarter_is_not_called_open_after(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = publish(opening_hours=["Mo-Su 20:00-22:10", "24/7", None])
    closing = datetime(2026, 11, 18, 22, 9, tzinfo=TIMEZONE)
    monkeypatch.setattr("app.request.queries.now", lambda: closing)
    before = client.get("/p/station-1")
    assert "即将打烊 · 22:10" in before.text
    monkeypatch.setattr("app.request.queries.now", lambda: closing + timedelta(minutes=1))
    after = client.get("/p/station-1", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "已打烊" in after.text


@given(st.integers(0, 299), st.integers(0, 7 * 1440))
@settings(max_examples=30)
def test_the_same_fingerprint_means_the_same_states(
    crowd: Snapshot, row: int, ahead_min: int
) -> None:
    at = makers.NIGHT + timedelta(minutes=ahead_min)
    now, then = (
        place.sight(crowd, row, when, Language.CHINESE) for when in (at, at + timedelta(minutes=1))
    )
    assert (now.fingerprint == then.fingerprint) == (
        (now.entry, now.nearby) == (then.entry, then.nearby)
    )


@pytest.mark.parametrize("place_id", ["st-99999", "ST-00001", "..", "x" * 500, "沙河", "%00"])
def test_an_unknown_id_is_a_404_page(client: FlaskClient, place_id: str) -> None:
    reply = client.get(f"/p/{place_id}", headers={"Accept": "text/html"})
    assert reply.status_code == 404
    assert reply.mimetype == "text/html"


@pytest.mark.parametrize("query", ["at=now", "utm_source=x&from=groupmessage", "lang=", "="])
def test_what_apps_add_to_a_link_changes_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: makers.NIGHT)
    plain, forwarded = client.get("/p/st-00001"), client.get(f"/p/st-00001?{query}")
    assert forwarded.data == plain.data
    assert forwarded.headers["ETag"] == plain.headers["ETag"]


def test_every_place_of_the_demo_has_a_page(client: FlaskClient, demo_home: Path) -> None:
    snapshot = Dataset(demo_home, "demo").load()
    for row in np.random.default_rng(7).choice(len(snapshot), 40, replace=False).tolist():
        assert client.get(f"/p/{snapshot.id_of(row)}?lang=en").status_code == 200


@pytest.mark.parametrize("place_id", ["st-00001", "fm-00004", "ws-00001"])
def test_programs_read_the_place_as_schema_org_has_it(client: FlaskClient, place_id: str) -> None:
    told = described(client.get(f"/p/{place_id}").text)
    known = client.get(f"/api/v1/places/{place_id}").get_json()["properties"]
    assert told["@context"] == "https://schema.org"
    assert told["url"] == f"http://localhost/p/{place_id}"
    assert told["name"] == known["name"]
    assert told["description"] == "演示数据：这些驿站并不存在"
    assert told["address"]["streetAddress"] == known["address"]
    assert told["address"]["addressCountry"] == "CN"
    assert [one["name"] for one in told.get("amenityFeature", [])] == [
        labels(Language.CHINESE)["services"][service] for service in known["services"]
    ]
    assert 113 < told["geo"]["longitude"] < 115
    assert 22 < told["geo"]["latitude"] < 23


@pytest.mark.usefixtures("night")
def test_certain_hours_are_told_to_programs_and_unknown_ones_are_not(publish: Publish) -> None:
    hours = ["24/7", "Mo-Fr 08:00-12:00,18:00-02:00; Sa 20:00-24:00; PH unknown", None]
    client = publish(opening_hours=hours, address=[HOSTILE] * 3)
    always, some, never = (
        described(client.get(f"/p/{place}").text)
        for place in ("station-1", "merchant-1", "street-1")
    )
    assert always["address"]["streetAddress"] == HOSTILE
    assert "description" not in always
    assert len(always["openingHoursSpecification"]) == 7
    assert {(one["opens"], one["closes"]) for one in always["openingHoursSpecification"]} == {
        ("00:00", "23:59")
    }
    days: dict[str, list[tuple[str, str]]] = {}
    for one in some["openingHoursSpecification"]:
        assert one["validFrom"] == one["validThrough"]
        name = date.fromisoformat(one["validFrom"]).strftime("%A")
        assert one["dayOfWeek"] == f"https://schema.org/{name}"
        days.setdefault(name, []).append((one["opens"], one["closes"]))
    assert days["Monday"] == [("08:00", "12:00"), ("18:00", "02:00")]
    assert days["Saturday"] == [("20:00", "00:00")]
    assert days["Sunday"] == [("00:00", "00:00")]
    assert "openingHoursSpecification" not in never


def test_data_is_no_script_to_the_policy(client: FlaskClient) -> None:
    policy = client.get("/p/st-00001").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
