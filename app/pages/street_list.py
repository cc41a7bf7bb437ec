"""The places of a version as pages list them: by street office, with their state in words.

Searches nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
import numpy as np
from babel.dates import format_skeleton

from app.pages.labels import MAP_APPS
from app.words import Language, say
from geodata.hours.minute import MinuteHours
from geodata.hours.timeline import Reason, State
from geodata.snapshot.map_links import APPS, links
from geodata.snapshot.memo import memoized
from geodata.snapshot.records import STORED_MODE
from geodata.snapshot.snapshot import Snapshot
from geodata.traits import holds, kind_of, listed, mask
from geodata.vocabulary import Kind, Need, YesNo

#: More streets than this are no longer outlines that a phone should load before it needs one of
#: them.
MOST_LANES: Final = 200
#: Lists of street offices kept of a version: in a city of millions one is a megabyte.
_STREETS_KEPT: Final = 16
#: No row has it; a row of unknown street office has -1.
_NO_STREET: Final = -2
#: Up to here a clock time alone is read as the next one.
_PLAIN_TIME: Final = timedelta(hours=12)
#: Stations first, then driver homes, streets, merchants, public places.
_SHOWN_ORDER: Final = (
    Kind.WARM_BEE_STATION,
    Kind.DRIVER_HOME,
    Kind.WARM_BEE_STREET,
    Kind.FRIENDLY_MERCHANT,
    Kind.PUBLIC_PLACE,
)
#: What one may enter first, what is closed last.
_SHOWN_STATES: Final = (
    State.OPEN,
    State.CLOSING_SOON,
    State.UNKNOWN,
    State.OPENING_SOON,
    State.CLOSED,
)

#: What has a heading of its own in a list. The phone's list.js says the same.
_SECTIONS: Final[Mapping[str, str]] = {
    State.OPEN.word: "",
    State.CLOSING_SOON.word: "",
    State.UNKNOWN.word: "unknown",
    State.OPENING_SOON.word: "closed",
    State.CLOSED.word: "closed",
}

#: Why hours are unknown because of the day, and what to do. The phone's words.js says the same.
REASON_TEXTS: Final = {
    Reason.HOLIDAY: "Public holiday: please call first",
    Reason.ADJUSTED_WORKDAY: "Worked weekend: please call first",
    Reason.CALENDAR: "Holidays not announced yet: please call first",
}

_DIALLED: Final = re.compile(r"\+?[0-9 -]{3,}")


class _Entry(msgspec.Struct):
    register: str | None


class _Access(msgspec.Struct):
    door: str
    entry: _Entry | None = None


class _Properties(msgspec.Struct):
    kind: Kind
    name: str
    name_en: str | None
    address: str | None
    street: str | None
    phones: list[str]
    opening_hours_text: str | None
    services: list[str]
    type: str | None
    access: _Access
    navigate: dict[str, str] | None = None


class _Feature(msgspec.Struct):
    id: str
    properties: _Properties


class _Course(msgspec.Struct):
    coordinates: list[tuple[float, float]]


class _Named(msgspec.Struct):
    name: str
    name_en: str | None


class _Lane(msgspec.Struct):
    geometry: _Course
    properties: _Named


#: Lists lead those who walk.
_decode: Final = msgspec.json.Decoder(_Feature).decode
_decode_lane: Final = msgspec.json.Decoder(_Lane).decode


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """One place on a list."""

    id: str
    about: _Properties
    app: str
    """The first map app of the country, and its link."""
    way: str
    geo: str
    state: str
    """The word that JSON carries."""
    state_text: str
    phones: tuple[str, ...]
    """Those that can be dialled; masked ones cannot."""
    age: str
    """How long ago it was last checked, in words."""

    @property
    def register_first(self) -> bool:
        """Whether one must have registered."""
        entry = self.about.access.entry
        return entry is not None and entry.register == YesNo.YES

    @property
    def section(self) -> str:
        """Under which heading a list has it; empty: what is open needs none."""
        return _SECTIONS[self.state]


def lanes(snapshot: Snapshot) -> Iterator[tuple[str, str, Sequence[tuple[float, float]]]]:
    """Name, English name and course (WGS-84) of every warm-bee street.

    None of a dataset of more than MOST_LANES.
    """
    rows = range(snapshot.first_line, len(snapshot))
    for row in rows if len(rows) <= MOST_LANES else ():
        found = _decode_lane(snapshot.records.plain(row))
        yield found.properties.name, found.properties.name_en or "", found.geometry.coordinates


def counts(snapshot: Snapshot) -> dict[str, int]:
    """Listed places by name of street office; those whose street office is unknown are in none."""
    offices = snapshot.streets.of[listed(snapshot.index.words)]
    held = np.bincount(offices + 1, minlength=len(snapshot.streets.names) + 1)[1:]
    names = (name.decode() for name in snapshot.streets.names.tolist())
    return dict(zip(names, held.tolist(), strict=True))


@memoized(most=_STREETS_KEPT)
def of_street(snapshot: Snapshot, name: str, needs: tuple[Need, ...] = ()) -> tuple[int, ...]:
    """The rows of a street office that serve all of these needs, by kind, then name.

    Where no need is asked, of public places those that are listed unasked.
    """
    (number,) = np.flatnonzero(snapshot.streets.names == name.encode()).tolist() or [_NO_STREET]
    asked = holds(mask(needs=needs, every_place=bool(needs)), snapshot.index.words)
    rows = np.flatnonzero((snapshot.streets.of == number) & asked).tolist()
    return tuple(
        sorted(rows, key=lambda row: (_kind_order(snapshot, row), snapshot.name_of(row), row))
    )


def open_first(snapshot: Snapshot, rows: Sequence[int], at: datetime) -> list[int]:
    """The rows that are open at `at`, then those of unknown hours, then the closed ones; those
    that are alike stay as they are.
    """
    minute_hours = snapshot.hours_by_minute.at(at)
    return sorted(
        rows, key=lambda row: _SHOWN_STATES.index(minute_hours.state(snapshot.hours_row(row)))
    )


def _kind_order(snapshot: Snapshot, row: int) -> int:
    return _SHOWN_ORDER.index(kind_of(int(snapshot.index.words[row, 1])))


def entries(
    snapshot: Snapshot, rows: Sequence[int], at: datetime, language: Language
) -> Iterable[ListedPlace]:
    """The places of these rows with their state at `at`."""
    minute_hours = snapshot.hours_by_minute.at(at)
    return [_entry(snapshot, row, minute_hours, language) for row in rows]


def _read(snapshot: Snapshot, row: int) -> _Feature:
    return _decode(snapshot.records.whole(row))


def _entry(
    snapshot: Snapshot, row: int, minute_hours: MinuteHours, language: Language
) -> ListedPlace:
    found = _read(snapshot, row)
    hours = snapshot.hours_row(row)
    app, way, geo = _ways(snapshot, row, found.properties)
    state = minute_hours.state(hours)
    why = minute_hours.reason(hours)
    text = (
        say(language, REASON_TEXTS[why])
        if why
        else state_text(state, minute_hours.until(hours), minute_hours.at, language)
    )
    phones = tuple(phone for phone in found.properties.phones if _DIALLED.fullmatch(phone))
    return ListedPlace(
        found.id,
        found.properties,
        say(language, MAP_APPS[app]),
        way,
        geo,
        state.word,
        text,
        phones,
        age_text(int(snapshot.records.checked[row]), minute_hours.at.date(), language),
    )


def age_text(checked: int, today: date, language: Language) -> str:
    """How long ago a place was last checked, on a day given by its ordinal (0: never). The phone's
    words.js says the same.
    """
    if not checked:
        return say(language, "Never checked")
    days = today.toordinal() - checked
    if days < 1:
        return say(language, "Checked today")
    return say(language, "Checked {days} d ago", days=days)


def _ways(snapshot: Snapshot, row: int, about: _Properties) -> tuple[str, str, str]:
    """The first app of the country, its link and the last app's.

    To the middle of a street, since nobody asks from anywhere.
    """
    made = about.navigate
    if made is None:
        lon, lat = snapshot.lonlat[row].tolist()
        way = links(lon, lat, about.name, about.address or "", shifted=snapshot.about.city.shifted)
        made = way.whole(STORED_MODE)
    first = APPS[snapshot.about.city.shifted][0]
    return first, made[first], made["geo"]


def state_text(state: State, until: datetime | None, now: datetime, language: Language) -> str:
    """A state of opening in words, with the next change. The phone's words.js says the same."""
    if state is State.UNKNOWN:
        return say(language, "Hours unknown")
    if until is None:
        return say(language, "Closed") if state is State.CLOSED else say(language, "Open 24 hours")
    messages = {
        State.OPEN: "Open · until {time}",
        State.CLOSING_SOON: "Closing soon · {time}",
        State.OPENING_SOON: "Opening soon · {time}",
        State.CLOSED: "Closed · opens {time}",
    }
    return say(language, messages[state], time=_time_text(until, now, language))


def _time_text(until: datetime, now: datetime, language: Language) -> str:
    clock = f"{until:%H:%M}"
    if until.date() == now.date() or until - now <= _PLAIN_TIME:
        return clock
    if until.date() == now.date() + timedelta(days=1):
        return say(language, "tomorrow {time}", time=clock)
    day = format_skeleton(
        "E" if until - now < timedelta(days=6) else "MMMd", until, locale=language.replace("-", "_")
    )
    return f"{day} {clock}"
