"""The links that the phone makes lead where the server's lead, whatever the place is called."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.snapshot.map_links import links
from geodata.vocabulary import Mode

#: A degree with its six decimals; a name's digits are kept apart by never having six after a dot
#: and two before.
DEGREES = re.compile(r"\b\d{2,3}\.\d{6}\b")
#: The shift is a sum of some twenty sines: its last place may be rounded the other way. 0.1 m.
LAST_PLACE = 1.1e-6

NAMES = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from("!'()*;:|；：｜&=#?%+/\\~-_. 🐝\n\u2028\0")
)
PLACE = st.tuples(
    st.floats(113.5, 115.0),
    st.floats(22.2, 23.1),
    NAMES,
    NAMES,
    st.sampled_from(Mode),
    st.booleans(),
)


def leading(link: str) -> tuple[list[float], str]:
    """Where a link leads, and all else of it."""
    return [float(found) for found in DEGREES.findall(link)], DEGREES.sub("", link)


@given(st.lists(PLACE, min_size=40, max_size=40))
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_any_point_and_any_name_in_any_mode_and_country(
    on_the_phone: Callable[[str, str, Any], Any],
    places: list[tuple[float, float, str, str, Mode, bool]],
) -> None:
    sent = [
        {"spot": [lon, lat], "name": name, "address": address, "mode": mode, "shifted": shifted}
        for lon, lat, name, address, mode, shifted in places
    ]
    made = on_the_phone("links_on_node.mjs", "ask/links.js", sent)
    for (lon, lat, name, address, mode, shifted), phone in zip(places, made, strict=True):
        server = links(lon, lat, name, address, shifted=shifted).whole(mode)
        assert {*phone} == {*server}
        for app, link in server.items():
            (expected, rest), (found, other) = leading(link), leading(phone[app])
            assert other == rest
            assert len(found) >= 2
            assert all(abs(a - b) <= LAST_PLACE for a, b in zip(found, expected, strict=True))
