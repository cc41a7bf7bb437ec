"""What riders say of a place, as members of its feature."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from geodata.snapshot.overlay import SHUTS, Laid, ReportType, SaidAlike

#: Written members kept of what is said at an instant, some 300 bytes each.
_KEPT: Final = 8_192


def members(laid: Laid | None, row: int, state: bytes, day: int) -> tuple[bytes, int]:
    """A feature's `"open":{…}` with what is said of it, and `"reports":[…]` after it; and the
    ordinal of the day it was last checked, by who keeps the list or by a rider who was there.

    Where two riders, or one who was there, call it shut it is closed, and one of unknown hours that
    they call open is open: `kind` says that it is reported.
    """
    if laid is None or row not in laid.rows:
        return state, day
    place = laid.rows[row]
    if place.verified_on is not None:
        day = max(day, place.verified_on.toordinal())
    if not place.said:
        return state, day
    told = laid.told.get((row, state))
    if told is None:
        if len(laid.told) >= _KEPT:
            laid.told.clear()
        told = laid.told[row, state] = _with_said(laid, row, place.said, state)
    return told, day


def _with_said(laid: Laid, row: int, said: tuple[SaidAlike, ...], state: bytes) -> bytes:
    opening: dict[str, Any] = msgspec.json.decode(b"{" + state + b"}")["open"]
    decisive = _decisive(laid, row)
    if decisive is not None:
        told = "closed" if row in laid.shut else "open"
        opening |= {"state": told, "until": _stamp(decisive.expires), "kind": "reported"}
        opening.pop("reason", None)
        if "at_arrival" in opening:
            opening["at_arrival"] = told
        opening["reported"] = _told(decisive)
    listed = [_told(each) for each in said]
    return b'"open":%s,"reports":%s' % (msgspec.json.encode(opening), msgspec.json.encode(listed))


def _decisive(laid: Laid, row: int) -> SaidAlike | None:
    """What decides whether one gets in; None: nothing does."""
    if row in laid.shut:
        deciding = SHUTS
    elif row in laid.opened:
        deciding = frozenset({ReportType.OPEN})
    else:
        return None
    return max(
        (each for each in laid.rows[row].said if each.type in deciding and each.effective),
        key=lambda each: each.expires,
    )


def _told(each: SaidAlike) -> dict[str, object]:
    return {
        "type": str(each.type),
        "count": each.riders,
        "since": _stamp(each.since),
        "expires": _stamp(each.expires),
    }


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
