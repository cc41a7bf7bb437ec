"""The pages that need no script: street offices, the API, problems."""

import html
import re
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.api.contract import openapi
from app.factory import create_app
from app.maps.outlines import middle
from app.pages.street_list import entries, state_text
from app.response import problems
from app.settings import Settings
from app.voice.receipts import new_receipt
from app.words import Language
from geodata.hours.timeline import State
from geodata.pipeline import recipes
from geodata.store.files import Dataset
from geodata.vocabulary import SERVES, Need, Service
from tests import makers
from tests.makers import TIMEZONE

NIGHT = datetime(2026, 11, 18, 23, 40, tzinfo=TIMEZONE)


def test_all_street_offices_stand_by_district(client: FlaskClient) -> None:
    text = client.get("/?street=").text
    assert len(re.findall(r"\?street=4403\d{5}", text)) == 74
    assert len(re.findall('<h2 class="district">', text)) == 10
    assert text.index("罗湖区") < text.index("福田区") < text.index("大鹏新区")
    assert "演示数据：这些驿站并不存在" in text


@pytest.mark.parametrize("asked", ["", "&needs=water", "&needs=water,rest"])
def test_a_street_office_lists_open_places_first_then_by_kind(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: NIGHT)
    text = client.get(f"/?street=440305003{asked}").text
    kinds = re.findall(r'<p class="far">(.*?)</p>', text)
    states = re.findall(r'class="state (\w+)"', text)
    order = ["暖蜂驿站", "司机之家", "暖蜂一条街", "爱心商户"]
    first = ["open", "closing_soon", "unknown", "opening_soon", "closed"]
    shown = [
        (first.index(state), order.index(kind)) for state, kind in zip(states, kinds, strict=True)
    ]
    assert len(kinds) > 5
    assert len({*states}) > 2
    assert shown == sorted(shown)
    headings = re.findall(r'<li class="part (\w+)"><h2>(.*?)</h2>', text)
    assert headings == [("unknown", "时间未知，先打电话"), ("closed", "现在已打烊")]
    unknown, closed = (text.index(f'class="part {name}"') for name, _ in headings)
    assert max(text.rfind(f'state {state}"', 0) for state in ("open", "closing_soon")) < unknown
    assert unknown < text.index('state unknown"') <= text.rindex('state unknown"') < closed


def test_a_card_says_one_verdict_at_most_three_services_and_its_age(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: NIGHT)
    text = client.get("/?street=440305003").text
    body = text.split('<ol class="list">')[1].split("</ol>")[0]
    every = body.split('<li class="card">')[1:]
    assert len(every) > 5
    calls = 0
    for card in every:
        order = [card.index(part) for part in ("<h2", "verdict", "far", "gives", "age", "apps")]
        assert order == sorted(order)
        assert len(re.findall("<li>", card)) <= 3
        place = client.get("/api/v1/places/" + re.findall("/p/([a-z0-9-]+)", card)[0]).get_json()
        told, entry = place["properties"], place["properties"]["access"]["entry"]
        first = entry is not None and entry["register"] == "yes"
        assert ("需先登记" in card) == first
        checked = told["provenance"]["verified_at"]
        days = checked and (NIGHT.date() - datetime.fromisoformat(checked).date()).days
        assert (f"{days} 天前核实" if checked else "未核实") in card
        if 'state unknown"' in card and "tel:" in card:
            apps = card.split('class="apps"')[1]
            assert apps.index("tel:") < apps.index("amap")
            calls += 1
    assert calls > 0


def test_a_street_office_lists_what_serves_all_needs_and_leads_back_with_them(
    client: FlaskClient,
) -> None:
    text = client.get("/?street=440305003&needs=rest,water,rest&lang=en").text
    places = re.findall(r'<h2 dir="auto"><a href="/p/([a-z0-9-]+)', text)
    everything = client.get("/?street=440305003").text
    every = re.findall(r'<h2 dir="auto"><a href="/p/([a-z0-9-]+)', everything)
    served = [
        one
        for one in every
        if {"rest", "water"}
        <= {
            str(need)
            for service in client.get(f"/api/v1/places/{one}").get_json()["properties"]["services"]
            for need in SERVES[Service(service)]
        }
    ]
    assert sorted(places) == sorted(served)
    assert 0 < len(places) < len(every)
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', text)]
    assert "/?lang=en&needs=rest,water" in links
    assert "/?street=&needs=rest,water&lang=en" in links
    chosen = re.findall(r'aria-current="true" href="([^"]+)"', text)
    assert {html.unescape(link) for link in chosen} == {
        "/?street=440305003&needs=water&lang=en",
        "/?street=440305003&needs=rest&lang=en",
    }
    offices = html.unescape(client.get("/?street=&needs=water").text)
    assert "/?street=440305003&needs=water&lang=zh-CN" in offices


def test_a_street_office_without_what_is_asked_says_so_and_offers_the_rest(
    client: FlaskClient,
) -> None:
    offices = re.findall(r"\?street=(4403\d{5})", client.get("/?street=").text)
    pages = (client.get(f"/?street={code}&needs={','.join(Need)}").text for code in offices)
    text = next(page for page in pages if 'class="card"' not in page)
    assert "这个街道没有已知符合全部要求的地方。" in text
    assert re.search(r'<a class="tall" href="/\?street=4403\d{5}&amp;lang=zh-CN">', text)


def test_all_places_of_a_street_office_ask_before_they_lead_on_made_up_data(
    client: FlaskClient,
) -> None:
    text = client.get("/?street=440305003").text
    kinds = re.findall(r'<p class="far">(.*?)</p>', text)
    assert text.count('class="state ') == len(kinds)
    assert text.count('class="ask"') >= 2 * len(kinds)
    assert len(re.findall(r'(?<!class="ask">)<a class="act', text)) == 0


def test_a_street_office_in_english_says_no_code_words(client: FlaskClient) -> None:
    text = client.get("/?street=440305003&lang=en").text
    body = re.sub(r"<[^>]+>", " ", text.split("</head>")[1])
    assert "Warm-bee station" in body
    assert re.findall(r"\b[a-z]+_[a-z]+\b", body) == []


@pytest.mark.parametrize("code", ["440305999", "沙河街道", "..", "x" * 500])
def test_an_unknown_street_office_is_a_404_page(client: FlaskClient, code: str) -> None:
    page = client.get("/", query_string={"street": code}, headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "这个网址下没有内容" in page.text


def test_the_list_is_the_same_for_a_minute_and_answers_304(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: NIGHT)
    first = client.get("/?street=440305003")
    again = client.get("/?street=440305003", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    monkeypatch.setattr("app.request.queries.now", lambda: NIGHT + timedelta(minutes=1))
    assert (
        client.get(
            "/?street=440305003", headers={"If-None-Match": first.headers["ETag"]}
        ).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("state", "ahead_min", "chinese", "english"),
    [
        (State.OPEN, 380, "营业中 · 至 06:00", "Open · until 06:00"),
        (State.OPEN, None, "24 小时营业", "Open 24 hours"),
        (State.CLOSING_SOON, 10, "即将打烊 · 23:50", "Closing soon · 23:50"),
        (State.OPENING_SOON, 20, "即将开门 · 00:00", "Opening soon · 00:00"),
        (State.CLOSED, 500, "已打烊 · 08:00 开门", "Closed · opens 08:00"),
        (State.CLOSED, 800, "已打烊 · 明天 13:00 开门", "Closed · opens tomorrow 13:00"),
        (State.CLOSED, 3380, "已打烊 · 周六 08:00 开门", "Closed · opens Sat 08:00"),
        (State.CLOSED, 20 * 1440, "已打烊 · 12月8日 23:40 开门", "Closed · opens Dec 8 23:40"),
        (State.CLOSED, None, "已打烊", "Closed"),
        (State.UNKNOWN, None, "时间未知", "Hours unknown"),
        (State.UNKNOWN, 60, "时间未知", "Hours unknown"),
    ],
)
def test_a_state_is_said_with_its_next_change(
    state: State, ahead_min: int | None, chinese: str, english: str
) -> None:
    until = None if ahead_min is None else NIGHT + timedelta(minutes=ahead_min)
    assert state_text(state, until, NIGHT, Language.CHINESE) == chinese
    assert state_text(state, until, NIGHT, Language.ENGLISH) == english


@pytest.mark.parametrize(
    ("at", "chinese", "english"),
    [
        (
            datetime(2026, 10, 1, 12, tzinfo=TIMEZONE),
            "节日，请先电话确认",
            "Public holiday: please call first",
        ),
        (
            datetime(2026, 10, 10, 12, tzinfo=TIMEZONE),
            "调休上班日，请先电话确认",
            "Worked weekend: please call first",
        ),
        (
            datetime(2027, 1, 4, 12, tzinfo=TIMEZONE),
            "假期安排未公布，请先电话确认",
            "Holidays not announced yet: please call first",
        ),
    ],
)
def test_where_the_day_makes_hours_unknown_that_is_said(
    at: datetime, chinese: str, english: str
) -> None:
    hours = "Mo-Th 09:00-18:00; Fr 09:00-16:00; PH unknown"
    snapshot = makers.snapshot(makers.three_places(opening_hours=[hours] * 3))
    for language, text in ((Language.CHINESE, chinese), (Language.ENGLISH, english)):
        (entry,) = entries(snapshot, (0,), at, language)
        assert (entry.state, entry.state_text) == ("unknown", text)


def test_the_middle_of_a_ring_is_its_centroid() -> None:
    assert middle(((0.0, 0.0), (3.0, 0.0), (0.0, 3.0), (0.0, 0.0))) == (1.0, 1.0)
    assert middle(((0.0, 3.0), (3.0, 0.0), (0.0, 0.0), (0.0, 3.0))) == (1.0, 1.0)
    assert middle(((1.0, 2.0), (1.0, 2.0), (1.0, 2.0))) == (1.0, 2.0)


def test_the_docs_describe_every_read_every_parameter_and_every_problem(
    client: FlaskClient,
) -> None:
    text = client.get("/docs").text
    for path, item in openapi.describe()["paths"].items():
        assert path in text
        assert all(
            f"<code>{parameter['name']}</code>" in text
            for operation in item.values()
            for parameter in operation["parameters"]
        )
    for kind in (*problems.KINDS.values(), *problems.STATUS_KINDS.values(), problems.BROKEN):
        assert f'id="{kind.slug}"' in text


#: What an example is answered that is not 200: what is written, a report that nobody sent, and of
#: the demo city its zones.
ANSWERED = {
    "/api/v1/letters": 201,
    "/wishes": 201,
    "/reports": 201,
    "/reports/r-": 404,
    "/zones/": 404,
}
#: Addresses that are read and written to.
READ_TOO = ("/api/v1/reports", "/api/v1/wishes")


def test_every_example_of_the_docs_can_be_run(client: FlaskClient) -> None:
    calls = re.findall(
        r"curl '(.*?)'(?: -H 'Content-Type: (.*?)' -d '(.*?)')?( -X DELETE)?((?: -H '.*?')*)<",
        html.unescape(client.get("/docs").text),
    )
    assert len(calls) == sum(map(len, openapi.describe()["paths"].values()))
    receipt = new_receipt()  # the example's may have been used before
    for url, content_type, body, deletes, more in calls:
        path = url.removeprefix("http://localhost")
        headers = dict(re.findall(r"-H '(.*?): (.*?)'", more))
        if headers:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        answer = client.open(
            path,
            method="DELETE" if deletes else "POST" if body else "GET",
            data=re.sub(r'(?<="receipt":")[^"]+', receipt, body) or None,
            content_type=content_type or None,
            headers=headers,
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        answer.close()
        ends = [
            part for part in ANSWERED if path.endswith(part) or (part[-1] in "-/" and part in path)
        ]
        wanted = ANSWERED[ends[-1]] if ends and (body or path not in READ_TOO) else 200
        assert answer.status_code == wanted, path


def test_the_docs_keep_to_their_own_host(client: FlaskClient) -> None:
    page = client.get("/docs")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(re.match(r"/(?!/)|#", link) for link in links)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_a_problem_is_a_page_for_people_and_json_for_programs(client: FlaskClient) -> None:
    page = client.get(
        "/nowhere", headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    )
    assert page.status_code == 404
    assert "<h1>There is nothing at this address</h1>" in page.text
    assert client.get("/nowhere").mimetype == "application/problem+json"


def test_a_list_that_is_long_comes_in_parts_and_none_is_lost(tmp_path: Path) -> None:
    made = recipes.demo("long", counts=recipes.scaled(12_000))
    Dataset(tmp_path, "long").publish(made.version, made.about, made.arrays, made.blobs)
    client = create_app(Settings(tmp_path, "long")).test_client()
    offices = re.findall(
        r"\?street=(4403\d{5})[^>]*>.*?<small>(\d+)</small>", client.get("/?street=").text
    )
    code, count = max(offices, key=lambda office: int(office[1]))
    parts = -(-int(count) // 200)
    assert parts > 1
    listed = [
        place
        for part in range(1, parts + 1)
        for place in re.findall(
            r'<h2 dir="auto"><a href="/p/([a-z0-9-]+)',
            client.get(f"/?street={code}&part={part}").text,
        )
    ]
    assert len(listed) == len(set(listed)) == int(count)
    assert 'aria-current="page"' in client.get(f"/?street={code}").text
    assert client.get(f"/?street={code}&part={parts + 1}").status_code == 404
