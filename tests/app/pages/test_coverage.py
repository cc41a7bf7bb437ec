"""The page `/coverage`: the API's figures, without scripts, in both languages."""

import re

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


def test_every_street_office_is_on_the_map_and_every_district_in_the_table(client: FlaskClient) -> None:
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


@pytest.mark.parametrize("bad", ["reach_m=0", "needs=sleep", "x=1"])
def test_what_is_out_of_range_is_refused(client: FlaskClient, bad: str) -> None:
    assert client.get(f"/coverage?{bad}", headers={"Accept": "text/html"}).status_code == 400


def test_small_shares_keep_a_decimal_and_unknown_ones_have_none() -> None:
    assert [percent(share) for share in (float("nan"), 0.0, 0.0123, 0.5, 1.0)] == ["–", "0%", "1.2%", "50%", "100%"]
