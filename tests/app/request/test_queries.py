"""Every parameter that the contract lists works where it is listed, and is refused alike everywhere
else.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient

AT = "2026-11-21T02:15:00%2B08:00"
#: Endpoint -> what it cannot do without, and the parameters it lists beside.
FILTERS = (
    "k",
    "kinds",
    "needs",
    "services",
    "audience",
    "door",
    "open",
    "stay_min",
    "mode",
    "include_unknown",
    "register",
    "lang",
)
LISTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "nearest": (
        "lon=113.9645&lat=22.5405",
        (*FILTERS, "at", "by", "max_distance_m", "widen", "datum"),
    ),
    "cell": (f"at={AT}", (*FILTERS, "by", "max_distance_m")),
    "batch": ("", (*FILTERS, "at", "by", "max_distance_m", "datum")),
    "along": (
        "from=113.9645,22.5405&to=114.0579,22.5431",
        (*FILTERS, "at", "by", "max_detour_m", "datum"),
    ),
}
#: Values that each allows: all words, and both ends of a range.
GOOD: dict[str, tuple[str, ...]] = {
    "k": ("1", "50"),
    "kinds": ("warm_bee_station", "warm_bee_station,driver_home,warm_bee_street,friendly_merchant"),
    "needs": ("water", "rest,water,heat_food,talk,recharge,learn"),
    "services": ("hot_water", "seat,microwave"),
    "audience": ("rider", "courier,rider,truck_driver,ride_hailing_driver"),
    "door": ("open", "open,staffed,code,qr,face,unknown"),
    "open": ("any", "now", "at_arrival", "24h"),
    "at": (AT, "2026-11-20T18:14:60Z", "1999-01-01T00:00:00Z"),
    "stay_min": ("0", "480"),
    "mode": ("walk", "ride", "drive", "truck"),
    "by": ("distance", "time"),
    "max_distance_m": ("0.5", "50000"),
    "max_detour_m": ("0", "20000"),
    "include_unknown": ("true", "false"),
    "register": ("any", "no"),
    "widen": ("true", "false"),
    "datum": ("wgs84", "gcj02", "bd09"),
    "lang": ("zh-CN", "en"),
}
BAD: dict[str, tuple[str, ...]] = {
    "k": ("0", "51", "1.5", "nan", "inf", "５", "", "%201"),
    "kinds": ("", "hotel", "warm_bee_station,", "WARM_BEE_STATION"),
    "needs": ("", "coffee"),
    "services": ("", "seat;microwave"),
    "audience": ("", "everybody"),
    "door": ("", "locked"),
    "open": ("", "later"),
    "at": (
        "",
        "now",
        "1732126500",
        "2026-11-21T02:15:00",
        "9999-12-31T23:59:59Z",
        "２026-11-21T02:15:00Z",
    ),
    "stay_min": ("-1", "481", "nan", "３"),
    "mode": ("", "fly"),
    "by": ("", "price"),
    "max_distance_m": ("0", "50001", "nan", "inf", "-inf", "１000", ""),
    "max_detour_m": ("-1", "20001", "nan", "inf", "１000", ""),
    "include_unknown": ("", "maybe"),
    "register": ("", "yes", "NO"),
    "widen": ("", "2"),
    "datum": ("", "utm"),
    "lang": ("", "fr"),
}


@pytest.fixture
def ask(client: FlaskClient) -> Callable[[str, str], Any]:
    def get(endpoint: str, query: str) -> Any:
        query = "&".join(part for part in (LISTED[endpoint][0], query) if part)
        headers = {"Accept-Language": "en"}
        if endpoint == "batch":
            with client.post(
                f"/api/v1/nearest/batch?{query}",
                data=b"[[113.9645,22.5405]]",
                content_type="application/json",
                headers=headers,
                environ_overrides={"REMOTE_ADDR": f"192.0.2.{hash(query) % 256}"},
            ) as streamed:
                streamed.get_data()
                return streamed
        path = {"nearest": "nearest", "cell": "nearest/cell/ws102r", "along": "along"}[endpoint]
        return client.get(f"/api/v1/{path}?{query}", headers=headers)

    return get


LISTINGS = [(endpoint, name) for endpoint, (_, names) in LISTED.items() for name in names]


@pytest.mark.parametrize(("endpoint", "name"), LISTINGS)
def test_a_listed_parameter_takes_what_is_allowed_and_refuses_the_rest(
    ask: Callable[[str, str], Any], endpoint: str, name: str
) -> None:
    for value in GOOD[name]:
        assert ask(endpoint, f"{name}={value}").status_code == 200, value
    for query in (
        *(f"{name}={value}" for value in BAD[name]),
        f"{name}={GOOD[name][0]}&{name}={GOOD[name][0]}",
    ):
        refused = ask(endpoint, query)
        assert refused.status_code == 400, query
        assert [item["parameter"] for item in refused.get_json()["errors"]] == [name], query


@pytest.mark.parametrize("name", sorted({name for _, name in LISTINGS}))
def test_a_fault_is_told_in_the_same_words_by_every_endpoint(
    ask: Callable[[str, str], Any], name: str
) -> None:
    for value in BAD[name]:
        told = {
            ask(endpoint, f"{name}={value}").get_json()["errors"][0]["detail"]
            for endpoint, n in LISTINGS
            if n == name
        }
        assert len(told) == 1, value


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        pair
        for pair in product(LISTED, [*GOOD, "colour"])
        if pair not in LISTINGS and pair != ("cell", "at")
    ],
)
def test_what_is_not_listed_is_unknown(
    ask: Callable[[str, str], Any], endpoint: str, name: str
) -> None:
    refused = ask(endpoint, f"{name}={GOOD.get(name, ('red',))[0]}")
    assert refused.status_code == 400
    assert "There is no such parameter here" in refused.get_json()["errors"][0]["detail"]
