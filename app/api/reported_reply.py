"""What riders say of a place, and which notice closes it, as members of its feature."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from geodata.snapshot.overlay import SHUTS, Laid, PlaceSaid, ReportType, SaidAlike

#: Written members kept of what is said at an instant, some 300 bytes each.
_KEPT: Final = 8_192
_NOTHING_SAID: Final = PlaceSaid(())


def members(laid: Laid | None, row: int, state: bytes, day: int) -> tuple[bytes, int]:
    """A feature's `"open":{…}` with what is said of it, and `"reports":[…]` after it; and the
    ordinal of the day it was last checked, by who keeps the list or by a rider who was there.

    Where a notice closes it, it is closed, and `reason` and `notice` say so. Where two riders, or
    one who was there, call it shut it is closed, and one of unknown hours that they call open is
    open: `kind` says that it is reported.
    """
    if laid is None or (row not in laid.rows and row not in laid.closed_by):
        return state, day
    place = laid.rows.get(row, _NOTHING_SAID)
    if place.verified_on is not None:
        day = max(day, place.verified_on.toordinal())
    if not place.said and row not in laid.closed_by:
        return state, day
    told = laid.told.get((row, state))
    if told is None:
        if len(laid.told) >= _KEPT:
            laid.told.clear()
        told = laid.told[row, state] = _with_said(laid, row, place.said, state)
    return told, day


def _with_said(laid: Laid, row: int, said: tuple[SaidAlike, ...], state: bytes) -> bytes:
    opening: dict[str, Any] = msgspec.json.decode(b"{" + state + b"}")["open"]
    zone = laid.closed_by.get(row)
    decisive = None if zone else _decisive(laid, row)
    if zone is not None:
        opening |= _shut(opening, "closed", zone.expires)
        opening |= {"reason": "notice", "notice": zone.notice}
    elif decisive is not None:
        opening.pop("reason", None)
        opening |= _shut(opening, "closed" if row in laid.shut else "open", decisive.expires)
        opening |= {"kind": "reported", "reported": _told(decisive)}
    if not said:
        return b'"open":%s' % msgspec.json.encode(opening)
    listed = [_told(each) for each in said]
    return b'"open":%s,"reports":%s' % (msgspec.json.encode(opening), msgspec.json.encode(listed))


def _shut(opening: dict[str, Any], state: str, until: datetime) -> dict[str, object]:
    """Another state, until then; on arrival as well."""
    arrival = {"at_arrival": state} if "at_arrival" in opening else {}
    return {"state": state, "until": _stamp(until), **arrival}


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
