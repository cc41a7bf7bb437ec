"""The plate at a door: its code leads to the place's page, and a made-up one cannot
pass for real.
"""

import re
from pathlib import Path

import pytest
import segno
from flask.testing import FlaskClient

from app.factory import create_app
from app.pages.plate import qr
from app.settings import Settings
from geodata.store.files import Dataset
from tests import makers

SHAHE = "440305003"


@pytest.fixture
def real(tmp_path: Path) -> FlaskClient:
    found = makers.frozen(makers.three_places(), synthetic=False)
    Dataset(tmp_path, "real").publish(found.version, found.about, found.arrays, found.blobs)
    return create_app(Settings(tmp_path, "real")).test_client()


def modules(svg: str) -> list[list[bool]]:
    """The dark modules that an SVG's strokes draw, row by row, its quiet zone among them."""
    size = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    drawn = [[False] * size for _ in range(size)]
    (strokes,) = re.findall(r'<path stroke="#000" d="([^"]*)"', svg)
    x = y = 0.0
    for command, numbers in re.findall(r"([MmhH])([^MmhH]*)", strokes):
        values = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", numbers)]
        if command == "h":
            for step in range(int(values[0])):
                drawn[int(y)][int(x) + step] = True
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return drawn


@pytest.mark.parametrize(
    "url", ["http://localhost/p/st-00001", "https://nuanfeng.example/p/" + "a" * 40]
)
def test_the_code_drawn_is_the_code_of_the_text_with_its_quiet_zone(url: str) -> None:
    code = segno.make_qr(url, error="q")
    assert code.error in ("Q", "H")
    assert modules(qr(url)) == [
        [bool(module) for module in row] for row in code.matrix_iter(border=4)
    ]


def test_the_code_leads_to_the_page_under_the_address_the_plate_was_asked_at(
    real: FlaskClient,
) -> None:
    text = real.get("/p/station-1/plate", base_url="https://nuanfeng.example").text
    assert str(qr("https://nuanfeng.example/p/station-1")) in text
    assert "<footer>nuanfeng.example/p/station-1</footer>" in text


def test_a_plate_says_everything_in_both_languages_whatever_the_reader_speaks(
    real: FlaskClient,
) -> None:
    plates = [
        re.findall(
            r"<article.*?</article>",
            real.get(f"/p/station-1/plate?lang={language}").text,
            re.DOTALL,
        )
        for language in ("zh-CN", "en")
    ]
    assert plates[0] == plates[1]
    (plate,) = plates[0]
    said = [
        "扫码看营业时间、导航与反馈",
        "Scan for opening hours, navigation and feedback",
        "莲花驿站",
        "暖蜂驿站",
        "全天",
    ]
    said += [
        "Warm-bee station",
        "24/7",
        "座椅、热水",
        "Seats, Hot water",
        "歇脚",
        "Rest",
        "喝水",
        "Water",
    ]
    assert [text for text in said if text not in plate] == []
    assert re.findall(r'href="#i-(\w+)"', plate) == ["bee", "warm_bee_station", "rest", "water"]


def test_unknown_hours_are_unknown_on_the_plate_too(real: FlaskClient) -> None:
    plate = real.get("/p/street-1/plate").text
    assert "未知" in plate
    assert "Unknown" in plate


#: ISO 216.
SIZES = {"a4": "210mm 297mm", "a5": "148mm 210mm", "a6": "105mm 148mm"}


@pytest.mark.parametrize(
    ("path", "usual"), [("/p/st-00001/plate", "a5"), (f"/plates?street={SHAHE}", "a4")]
)
def test_the_paper_is_chosen_and_each_leads_to_the_others(
    client: FlaskClient, path: str, usual: str
) -> None:
    joined = "&" if "?" in path else "?"
    for paper, size in (("", usual), ("a4", "a4"), ("a5", "a5"), ("a6", "a6"), ("a0", usual)):
        text = client.get(f"{path}{joined}confirm=1&paper={paper}").text
        assert f"@page {{ size: {SIZES[size]}; margin: 0; }}" in text
        others = re.findall(r'href="[^"]*confirm=1&amp;paper=(\w+)"', text)
        assert others == ["a4", "a5", "a6"]
        (chosen,) = re.findall(r'aria-current="page" href="[^"]*paper=(\w+)">A\d', text)
        assert chosen == size


def test_the_plate_of_one_place_fills_a_sheet_of_four_and_the_style_is_allowed(
    real: FlaskClient,
) -> None:
    for paper, many in (("a4", 4), ("a5", 1), ("a6", 1)):
        assert real.get(f"/p/station-1/plate?paper={paper}").text.count("<article") == many
    assert (
        "style-src 'self' 'sha256-"
        in real.get("/p/station-1/plate").headers["Content-Security-Policy"]
    )


def test_a_real_plate_asks_nothing_and_is_no_sample(real: FlaskClient) -> None:
    text = real.get("/p/station-1/plate").text
    assert "<article" in text
    assert "SAMPLE" not in text


@pytest.mark.parametrize(
    "path",
    ["/p/st-00001/plate", f"/plates?street={SHAHE}", f"/plates?street={SHAHE}&part=1&lang=en"],
)
def test_a_made_up_plate_asks_first_and_is_marked_as_a_sample(
    client: FlaskClient, path: str
) -> None:
    first = client.get(path).text
    assert "<article" not in first
    assert 'class="qr"' not in first
    assert "演示数据：此处并无驿站" in first or "Demo data: there is no station here" in first
    (onward,) = re.findall(r'href="([^"]*confirm=1)"', first)
    plates = re.findall(
        r"<article.*?</article>", client.get(onward.replace("&amp;", "&")).text, re.DOTALL
    )
    assert plates
    assert all('<p class="sample"><span lang="zh-CN">演示</span>' in plate for plate in plates)
    assert all('<span lang="en">SAMPLE</span></p>' in plate for plate in plates)


def plates_on(client: FlaskClient, query: str) -> list[str]:
    return re.findall(
        r'<article class="plate" aria-label="([^"]+)"',
        client.get(f"/plates?{query}&confirm=1").text,
    )


def test_the_parts_of_a_sheet_hold_every_place_of_the_office_once(client: FlaskClient) -> None:
    listed = client.get("/readyz").get_json()
    assert listed["synthetic"]
    offices = re.findall(r'\?street=(\d+)[^"]*">[^<]*<small>(\d+)', client.get("/?street=").text)
    code, count = max(offices, key=lambda office: int(office[1]))
    parts = -(-int(count) // 60)
    assert parts > 1
    found = [
        place_id
        for part in range(1, parts + 1)
        for place_id in plates_on(client, f"street={code}&part={part}")
    ]
    assert len(found) == len(set(found)) == int(count)
    assert client.get(f"/plates?street={code}&part={parts + 1}&confirm=1").status_code == 404


def test_a_plate_answers_304_at_any_hour_but_not_under_another_address(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.request.queries.now", lambda: makers.NIGHT)
    for path in (
        "/p/st-00001/plate?confirm=1",
        f"/plates?street={SHAHE}&confirm=1",
        "/p/st-00001/plate",
    ):
        held = {"If-None-Match": client.get(path).headers["ETag"]}
        monkeypatch.setattr("app.request.queries.now", lambda: makers.DAY)
        assert client.get(path, headers=held).status_code == 304
    path = "/p/st-00001/plate?confirm=1"
    held = {"If-None-Match": client.get(path).headers["ETag"]}
    assert client.get(path, headers=held, base_url="http://other.example").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/p/st-99999/plate", 404),
        ("/p/st-99999/plate?confirm=1", 404),
        ("/plates?street=440305999", 404),
        ("/plates?street=", 404),
        (f"/plates?street={SHAHE}&part=99", 404),
        ("/plates", 404),
    ],
)
def test_what_cannot_be_printed_is_refused_with_a_page(
    client: FlaskClient, path: str, status: int
) -> None:
    reply = client.get(path, headers={"Accept": "text/html"})
    assert reply.status_code == status
    assert reply.mimetype == "text/html"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/plates?street={SHAHE}&part=0", "part “0”"),
        ("/p/st-00001/plate?confirm=perhaps", "confirm “perhaps”"),
        ("/p/st-00001/plate?confirm=1&lang=fr", "lang “fr”"),
        (f"/plates?street={SHAHE}&sheet=1", None),
        ("/p/st-00001/plate?paper=a4", None),
    ],
)
def test_what_an_address_says_amiss_is_told_above_the_plates(
    client: FlaskClient, path: str, told: str | None
) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert re.findall("<bdi>(.*?)</bdi>", reply.text) == ([told] if told else [])
