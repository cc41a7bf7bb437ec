"""NUANFENG_BASEMAP: what it may say, what is refused and why, and what a page may then load."""

import json
import re
from pathlib import Path

import pytest

from app import settings
from app.factory import create_app
from app.maps.basemap import BadSetting, BaseMap, base_map
from app.settings import Settings
from geodata.space.coordinates import Datum

XYZ = "https://tiles.example.org:8443/street/{z}/{x}/{y}.png"


def html_and_policy(home: Path, beneath: BaseMap | None) -> tuple[str, str, str]:
    reply = create_app(Settings(home, "demo", base_map=beneath)).test_client().get("/?lang=en")
    return reply.text, reply.headers["Content-Security-Policy"], reply.headers["ETag"]


def test_without_a_setting_there_is_none() -> None:
    assert settings.read({}).base_map is None
    assert settings.read({"NUANFENG_BASEMAP": " none "}).base_map is None


def test_openstreetmap_is_credited_and_asked_by_its_one_host() -> None:
    found = base_map("osm", "")
    assert found is not None
    assert found.origin == "https://tile.openstreetmap.org"
    assert "OpenStreetMap" in found.credit
    assert found.credit_url == "https://www.openstreetmap.org/copyright"


def test_tianditu_carries_its_token_in_streets_and_names() -> None:
    found = settings.read(
        {"NUANFENG_BASEMAP": "tianditu", "NUANFENG_TIANDITU_TOKEN": "abc123"}
    ).base_map
    assert found is not None
    assert [re.findall(r"T=(\w+)&.*tk=abc123", url) for url in found.urls] == [["vec_w"], ["cva_w"]]
    assert {url.split("/DataServer")[0] for url in found.urls} == {found.origin}
    assert found.datum is Datum.WGS84


@pytest.mark.parametrize(
    ("stated", "datum", "credit"),
    [
        (f"{XYZ}|gcj02", Datum.GCJ02, "tiles.example.org"),
        (f"{XYZ}|wgs84|© 市测绘院", Datum.WGS84, "© 市测绘院"),
        ("http://10.0.0.7/{z}/{x}/{y}?style=a|wgs84", Datum.WGS84, "10.0.0.7"),
    ],
)
def test_any_host_with_a_declared_datum(stated: str, datum: Datum, credit: str) -> None:
    found = base_map(stated, "")
    assert found is not None
    assert found.urls == (stated.split("|", maxsplit=1)[0],)
    assert (found.datum, found.credit) == (datum, credit)


@pytest.mark.parametrize(
    ("stated", "token", "says"),
    [
        ("google", "", "'google'"),
        ("tianditu", "", "NUANFENG_TIANDITU_TOKEN"),
        ("tianditu", "a;b", "NUANFENG_TIANDITU_TOKEN"),
        (XYZ, "", "datum"),
        (f"{XYZ}|bd09", "", "'bd09'"),
        ("https://tiles.example.org/{z}/{x}.png|wgs84", "", "{y}"),
        ("https://tiles.example.org/{s}/{z}/{x}/{y}.png|wgs84", "", "'{s}'"),
        ("https://{s}.example.org/{z}/{x}/{y}.png|wgs84", "", "one host"),
        ("ftp://tiles.example.org/{z}/{x}/{y}.png|wgs84", "", "https://"),
        ("https://me:secret@example.org/{z}/{x}/{y}.png|wgs84", "", "password"),
        ("https://tiles.example.org/{z}/{x}/{y}.png; script-src *|wgs84", "", "';'"),
        ("https://tiles.example.org:port/{z}/{x}/{y}.png|wgs84", "", "address"),
        ("https:///{z}/{x}/{y}.png|wgs84", "", "one host"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(stated: str, token: str, says: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(says)) as refused:
        settings.read({"NUANFENG_BASEMAP": stated, "NUANFENG_TIANDITU_TOKEN": token})
    assert str(refused.value).startswith("NUANFENG_BASEMAP")


def test_a_page_may_load_pictures_of_its_base_maps_host_and_of_no_other(demo_home: Path) -> None:
    _, plain, tag = html_and_policy(demo_home, None)
    html, policy, other_tag = html_and_policy(demo_home, base_map(f"{XYZ}|gcj02|<b>我们</b>", ""))
    assert "img-src 'self' data:;" in plain
    assert (
        policy.replace(" https://tiles.example.org:8443", "").split("img-src")[1]
        == plain.split("img-src")[1]
    )
    assert "img-src 'self' data: https://tiles.example.org:8443;" in policy
    assert tag != other_tag
    assert "&lt;b&gt;我们&lt;/b&gt;" in html
    described = json.loads(re.findall(r'id="map-described">(.*?)</script>', html)[0])
    assert described["beneath"] == {"urls": [XYZ], "datum": "gcj02", "lastZoom": 18}


def test_a_maps_credit_is_a_link_where_its_licence_wants_one(demo_home: Path) -> None:
    html, _, _ = html_and_policy(demo_home, base_map("osm", ""))
    assert (
        '<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener'
        ' noreferrer">' in html
    )


def test_the_pages_referrer_is_what_tile_hosts_ask_for(demo_home: Path) -> None:
    reply = create_app(Settings(demo_home, "demo")).test_client().get("/")
    assert reply.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
