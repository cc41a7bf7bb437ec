"""The page `/coverage`: the API's figures, without scripts, in both languages."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.pages.coverage import percent

AT = "at=2026-11-18T02:00:00%2B08:00"


def test_the_page_tells_the_share_that_the_api_tells(client: FlaskClient) -> None:
    told = client.get(f"/api/v1/coverage?needs=water&reach_m=1000&{AT}").get_json()["areas"][0]
    page = client.get(f"/coverage?needs=water&reach_m=1000&{AT}&lang=en").get_data(as_text=True)
    assert f"<b>{percent(told['share_open'])}</b> have an open place within 1,000 m" in page
    assert "100,000 (synthetic orders" in page
    assert "these places do not exist" in page
    assert "<script" not in page


def test_every_street_office_is_on_the_map_and_every_district_in_the_table(
    client: FlaskClient,
) -> None:
    page = client.get(f"/coverage?{AT}").get_data(as_text=True)
    assert len(re.findall(r'<path class="(?:s[0-4]|none)" d="M', page)) == 74
    assert page.count("<polyline") == 2 * 3
    districts = client.get(f"/api/v1/coverage?by=district&{AT}").get_json()["areas"]
    for area in districts:
        assert f'<th scope="row">{area["name"]}' in page or area["name"] is None
    assert page.count('<tr><th scope="row">') == 24 + 10 + 1


def test_it_is_written_in_both_languages_and_kept_for_its_instant(client: FlaskClient) -> None:
    chinese, english = (client.get(f"/coverage?{AT}&lang={lang}") for lang in ("zh-CN", "en"))
    assert "服务覆盖" in chinese.get_data(as_text=True)
    assert "Who is served" in english.get_data(as_text=True)
    assert chinese.headers["ETag"] != english.headers["ETag"]
    url, tag = f"/coverage?{AT}&lang=en", english.headers["ETag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304


def chosen(page: str) -> list[str]:
    return re.findall(r'<a href="[^"]*" aria-current="true">([^<]*)</a>', page)


def hrefs(page: str) -> dict[str, str]:
    links = re.findall(r'<a [^>]*?href="(/coverage[^"]*)"[^>]*>([^<]*)</a>', page)
    return {text: unescape(href) for href, text in links}


def test_every_choice_is_a_link_that_keeps_the_others(client: FlaskClient) -> None:
    page = client.get(f"/coverage?needs=water&{AT}&lang=en").get_data(as_text=True)
    assert chosen(page) == ["Water", "Any kind", "Straight line", "500 m"]
    ways = ("Warm-bee station", "By e-bike", "5 min", "By truck", "Any place")
    seen = []
    for text in ways:
        page = client.get(hrefs(page)[text]).get_data(as_text=True)
        seen.append(chosen(page))
    assert seen == [
        ["Water", "Warm-bee station", "Straight line", "500 m"],
        ["Water", "Warm-bee station", "By e-bike", "10 min"],
        ["Water", "Warm-bee station", "By e-bike", "5 min"],
        ["Water", "Warm-bee station", "By truck", "5 min"],
        ["Any place", "Warm-bee station", "By truck", "5 min"],
    ]
    assert "2026-11-18 02:00" in page
    back = client.get(hrefs(page)["Straight line"]).get_data(as_text=True)
    assert chosen(back) == ["Any place", "Warm-bee station", "Straight line", "500 m"]
    assert hrefs(page)["中文"].endswith("lang=zh-CN")
    assert chosen(client.get(hrefs(page)["中文"]).get_data(as_text=True))[-1] == "5 分钟"


def test_minutes_without_a_network_are_called_an_estimate(client: FlaskClient) -> None:
    told = client.get(f"/api/v1/coverage?kinds=driver_home&minutes=15&mode=drive&{AT}").get_json()[
        "areas"
    ][0]
    page = client.get(f"/coverage?kinds=driver_home&minutes=15&mode=drive&{AT}&lang=en").get_data(
        as_text=True
    )
    assert f"<b>{percent(told['share_open'])}</b> have an open place within 15 min by car" in page
    assert "Minutes are estimated from the straight line" in page


def test_over_roads_the_page_tells_their_date_and_whom_it_leaves_out(
    on_roads: FlaskClient, client: FlaskClient
) -> None:
    asked = f"needs=water&minutes=10&mode=ride&{AT}"
    (area,) = on_roads.get(f"/api/v1/coverage?{asked}").get_json()["areas"]
    answer = on_roads.get(f"/coverage?{asked}&lang=en")
    page = answer.get_data(as_text=True)
    assert (
        f"<b>{percent(area['share_open'])}</b> have an open place within 10 min by e-bike" in page
    )
    assert "network grid, nuanfeng travel, data of 2026-11-01" in page
    assert re.search(r"\d+% of the demand stands on no road of this network and is left out", page)
    assert answer.headers["ETag"] != client.get(f"/coverage?{asked}&lang=en").headers["ETag"]
    assert "stands on no road" not in on_roads.get(f"/coverage?{AT}&lang=en").get_data(as_text=True)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("reach_m=0", "reach_m “0”"),
        ("needs=sleep", "needs “sleep”"),
        ("minutes=61", "minutes “61”"),
        ("mode=fly", "mode “fly”"),
        ("minutes=5&reach_m=500", "minutes “5.0”"),
        ("at=0001-01-01T00:00:00%2B23:00", "at “0001-01-01 00:00:00+23:00”"),
    ],
)
def test_what_cannot_be_asked_is_told_above_the_page_without_it(
    client: FlaskClient, bad: str, told: str
) -> None:
    page = client.get(f"/coverage?{bad}&lang=en&x=1", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert f"<bdi>{told}</bdi>" in page.text
    assert "have an open place within 500" in page.text


def test_small_shares_keep_a_decimal_and_unknown_ones_have_none() -> None:
    assert [percent(share) for share in (float("nan"), 0.0, 0.0123, 0.5, 1.0)] == [
        "–",
        "0%",
        "1.2%",
        "50%",
        "100%",
    ]
