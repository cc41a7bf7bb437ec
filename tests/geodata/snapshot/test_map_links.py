"""Each link leads to the place, in the datum its app draws, whatever the place is called."""

from collections.abc import Mapping
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.snapshot.map_links import MapLinks, links, quoted
from geodata.space.coordinates import Datum, from_wgs84, geodesic_m, to_wgs84
from geodata.vocabulary import Mode

LON, LAT = 114.0543, 22.5431
NAME, ADDRESS = "莲花驿站", "福田区莲花路1号"
HOSTILE = (
    "a&b=c", "x#y", "x?z", "100%", "a+b", "a b", "a;b:c|d", "；：｜", "';alert(1)//", '"><script>',
    "a\nb", "a,b",
    "(x)", "/../", "${x}", "🐝",
)  # fmt: skip


def whole(made: MapLinks, mode: Mode = Mode.WALK) -> dict[str, str]:
    return made.whole(mode)


def parameters(link: str) -> Mapping[str, str]:
    """Every parameter once; repeated or lost ones are an error."""
    found = parse_qs(urlsplit(link).query, strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


def led_to(made: MapLinks) -> dict[str, tuple[float, float]]:
    """Lon and lat in WGS-84 that each app would draw."""
    urls = whole(made)
    pairs = {
        "baidu": parameters(urls["baidu"])["location"],
        "tencent": parameters(urls["tencent"])["marker"].split(";")[0].removeprefix("coord:"),
        "geo": unquote(urls["geo"]).removeprefix("geo:0,0?q=").split("(")[0],
        "apple": parameters(urls["apple"])["daddr"],
        "amap": ",".join(reversed(parameters(urls["amap"])["to"].split(",")[:2])),
    }
    spots = {}
    for app, text in pairs.items():
        lat, lon = map(float, text.split(","))
        x, y = to_wgs84(lon, lat, Datum.WGS84 if app == "geo" else Datum.GCJ02)
        spots[app] = float(x), float(y)
    return spots


@given(st.floats(113.7, 114.7), st.floats(22.4, 22.9))
def test_every_link_leads_to_within_a_metre_of_the_place(lon: float, lat: float) -> None:
    for app, spot in led_to(links(lon, lat, NAME, ADDRESS, shifted=True)).items():
        assert geodesic_m(lon, lat, *spot) < 1.0, app


def test_gcj02_given_with_the_place_is_used_as_it_is() -> None:
    shifted = tuple(map(float, from_wgs84(LON, LAT, Datum.GCJ02)))
    assert links(LON, LAT, NAME, ADDRESS, gcj02=(shifted[0], shifted[1]), shifted=True) == links(
        LON, LAT, NAME, ADDRESS, shifted=True
    )


def test_baidu_and_tencent_are_told_that_the_numbers_are_gcj02() -> None:
    made = whole(links(LON, LAT, NAME, ADDRESS, shifted=True))
    assert parameters(made["baidu"])["coord_type"] == "gcj02"
    assert parameters(made["tencent"])["coord_type"] == "2"


@pytest.mark.parametrize("mode", Mode)
def test_each_mode_has_a_word_in_both_apps_that_take_one(mode: Mode) -> None:
    made = whole(links(LON, LAT, NAME, ADDRESS, shifted=True), mode)
    assert parameters(made["amap"])["mode"] in ("walk", "ride", "car", "bus")
    assert parameters(made["apple"])["dirflg"] in ("w", "d", "r")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_parameter(name: str) -> None:
    plain, hostile = (
        whole(links(LON, LAT, NAME, ADDRESS, shifted=True)),
        whole(links(LON, LAT, name, name, shifted=True)),
    )
    for app in ("baidu", "tencent", "apple", "amap"):
        assert parameters(hostile[app]).keys() == parameters(plain[app]).keys()
        assert urlsplit(hostile[app])[:3] == urlsplit(plain[app])[:3]
        assert urlsplit(hostile[app]).fragment == ""
    assert parameters(hostile["baidu"])["title"] == parameters(hostile["baidu"])["content"] == name
    assert parameters(hostile["apple"])["q"] == name
    assert parameters(hostile["amap"])["to"].split(",", 2)[2] == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_links_hold_only_the_characters_of_a_uri_whatever_the_name(name: str) -> None:
    allowed = set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%"
    )
    for link in whole(links(LON, LAT, name, name, shifted=True)).values():
        assert set(link) <= allowed


@pytest.mark.parametrize("name", HOSTILE)
def test_tencents_marker_has_just_three_fields(name: str) -> None:
    marker = parameters(whole(links(LON, LAT, name, name, shifted=True))["tencent"])["marker"]
    fields = [field.split(":") for field in marker.split(";")]
    assert [field[0] for field in fields] == ["coord", "title", "addr"]
    assert all(len(field) == 2 for field in fields)
    assert "|" not in marker


@pytest.mark.parametrize("name", HOSTILE)
def test_the_geo_links_label_ends_where_the_link_ends(name: str) -> None:
    link = links(LON, LAT, name, ADDRESS, shifted=True).plain["geo"]
    label = link.split("(", 1)[1]
    assert label.endswith(")")
    assert not set(label[:-1]) & set("()#&?")
    assert unquote(label[:-1]) == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_encoded_as_the_standard_library_encodes_it(text: str) -> None:
    assert quoted(text) == quote(text, safe="")


@given(st.floats(-179.0, 179.0), st.floats(-80.0, 80.0))
def test_elsewhere_every_link_leads_to_the_place_itself(lon: float, lat: float) -> None:
    urls = links(lon, lat, NAME, ADDRESS, shifted=False).whole(Mode.RIDE)
    assert list(urls) == ["google", "apple", "osmand", "geo"]
    written = f"{lat:.6f},{lon:.6f}"
    assert parameters(urls["google"])["destination"] == written
    assert parameters(urls["google"])["travelmode"] == "bicycling"
    assert parameters(urls["apple"])["daddr"] == written
    assert parameters(urls["osmand"])["pin"] == written
    assert unquote(urls["geo"]).startswith(f"geo:0,0?q={written}")
