"""To whom a base map of our own is shown."""

import pytest

from app.maps.ground import is_own_machine, may_show


@pytest.mark.parametrize(
    ("country", "approval", "is_own", "shown"),
    [
        ("CN", "", True, True),
        ("CN", "", False, False),
        ("CN", "GS粤(2026)123号", False, True),
        ("FI", "", False, True),
        ("HK", "", False, True),
    ],
)
def test_a_mainland_city_is_shown_to_others_under_its_number_only(
    country: str, approval: str, is_own: bool, shown: bool
) -> None:
    assert may_show(country, approval, is_own_machine=is_own) is shown


@pytest.mark.parametrize(
    ("host", "address", "is_forwarded", "is_own"),
    [
        ("127.0.0.1:8000", "127.0.0.1", False, True),
        ("localhost:8000", "127.0.0.1", False, True),
        ("localhost", "::1", False, True),
        ("[::1]:8000", "::1", False, True),
        ("127.0.0.1:8000", "127.0.0.1", True, False),
        ("map.example.org", "127.0.0.1", False, False),
        ("127.0.0.1.example.org", "127.0.0.1", False, False),
        ("localhost.example.org", "127.0.0.1", False, False),
        ("127.0.0.1", "192.0.2.7", False, False),
        ("192.0.2.7:8000", "127.0.0.1", False, False),
        ("127.0.0.1", None, False, False),
        ("", "127.0.0.1", False, False),
    ],
)
def test_ones_own_machine_is_asked_by_its_own_name_from_itself(
    host: str, address: str | None, is_forwarded: bool, is_own: bool
) -> None:
    assert is_own_machine(host, address, is_forwarded=is_forwarded) is is_own
