"""Every refusal geodata can make, one tree. Holds no logic and knows no status codes.

NuanfengError
├── BadValue              a text or number that cannot become a value (hours, datum, coordinate, id)
├── BadQuestion           a question no snapshot could answer (k = 0, radius < 0)
├── OutsideArea           a point outside the dataset's service area, with a hint where one fits
├── UnreadableFile        a raw file that cannot be opened, is too large, or is not what it says
│   └── NoRoads           an extract in which nobody can go anywhere
├── BadTable              a table whose rows cannot be used; carries every reject
├── NoSuchPlace           an id that the dataset has never had
│   └── PlaceGone         an id that it once had
├── NoDemand              a dataset that was published without a demand to take shares of
├── ClusterFault          a cluster that does not answer, or workers that could not do their part
└── StoreError            datasets on disk, or in the database that machines share
    ├── NoDataset         no dataset of that name, or none published yet
    ├── NoSuchVersion     a version that is not kept, or a name that fits several
    ├── DamagedDataset    a stored version whose checksum does not fit
    ├── DatabaseAway      the shared database does not answer, or not in time
    └── PublishRefused    nothing was published, and why
        └── Overtaken     somebody else published meanwhile
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Self, cast

#: What is said of a number that is too small or too large.
OUTSIDE_RANGE: Final = "{name} = {value} is outside {least}–{most}."


class Said(str):
    """A sentence to a person: English as text, and in another language where one is asked for.

    `template` has {named} places for `values`. A value may be a sentence or a refusal itself, which
    is translated with the sentence around it; several values are listed, with commas between them.
    Of a refusal only its sentence is kept: a fault that was raised holds on to every frame that it
    passed, and so to all that was in memory there.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """One and the same for many rows where it has no values."""
        kept = {name: _without_frames(value) for name, value in values.items()}
        made = _made(template, kept) if kept else _without_values(template)
        return cast("Self", made)  # which has no subclasses

    def __reduce__(self) -> tuple[Callable[..., "Said"], tuple[str, dict[str, object]]]:
        return _said_again, (self.template, dict(self.values))

    def translated(self, translate: Callable[[str], str]) -> str:
        """The sentence in another language: `translate` gives its word for a template."""
        return _rendered(self.template, self.values, translate)


def _without_frames(value: object) -> object:
    if isinstance(value, NuanfengError):
        return value.said
    if isinstance(value, BaseException):
        return str(value)
    if isinstance(value, list | tuple):
        return [_without_frames(each) for each in value]
    return value


def _made(template: str, values: Mapping[str, object]) -> Said:
    said = str.__new__(Said, _rendered(template, values, str))
    said.template, said.values = template, values
    return said


@lru_cache(1024)
def _without_values(template: str) -> Said:
    return _made(template, {})


def _said_again(template: str, values: Mapping[str, object]) -> Said:
    return Said(template, **values)


def _rendered(template: str, values: Mapping[str, object], translate: Callable[[str], str]) -> str:
    text = translate(template) if template else ""
    if not values:
        return text
    return text.format(**{name: _value(value, translate) for name, value in values.items()})


def _value(value: object, translate: Callable[[str], str]) -> object:
    if isinstance(value, Said):
        return value.translated(translate)
    if isinstance(value, list | tuple):
        return translate(", ").join(str(_value(each, translate)) for each in value)
    return value


class NuanfengError(Exception):
    """A refusal in words a person understands: what was wrong, what is allowed, what to do.

    `message` may be a template with {named} places for `values`: then whoever speaks another
    language can translate it. As text it is English.
    """

    def __init__(self, message: str = "", /, **values: object) -> None:
        self.said = message if isinstance(message, Said) else Said(message, **values)
        super().__init__(str(self.said))
        self.message, self.values = self.said.template, self.said.values


def why_of(fault: OSError) -> Said:
    """What the system says of a file or an address, as a sentence that can be translated."""
    return Said(fault.strerror) if fault.strerror else Said("{why}", why=fault)


class BadValue(NuanfengError):
    """A text or number that cannot become a value."""


class BadQuestion(NuanfengError):
    """A question that no snapshot could answer."""


class OutsideArea(NuanfengError):
    """A point outside the service area.

    `hint` is None, or the reading under which the point would lie inside: "swapped" (lat before
    lon), "gcj02" or "bd09" (the point is shifted and was sent as WGS-84).
    """

    def __init__(
        self,
        lon: float,
        lat: float,
        area: str,
        bounds: tuple[float, float, float, float],
        hint: str | None,
    ) -> None:
        west, south, east, north = bounds
        super().__init__(
            "lon {lon:.5g}, lat {lat:.5g} lies outside {area} ({west:.1f}–{east:.1f} E,"
            " {south:.1f}–{north:.1f} N)",
            lon=lon,
            lat=lat,
            area=area,
            west=west,
            south=south,
            east=east,
            north=north,
        )
        self.area = area
        self.bounds = bounds
        self.hint = hint


class UnreadableFile(NuanfengError):
    """A raw file that cannot be opened, is too large, or is not what its name says."""


class NoRoads(UnreadableFile):
    """An extract in which no mode can go anywhere."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row: where it stands in the source, what was wrong, and what to do."""

    row: int
    """1-based row of the source as a spreadsheet counts it (the heading is row 1)."""
    column: str
    value: str
    reason: Said
    source: str = ""
    """The file, and the sheet where it has several."""


class BadTable(NuanfengError):
    """A table whose rows cannot be used.

    `rejects` holds every refused row, so that all can be mended at once.
    """

    def __init__(self, message: str, rejects: Sequence[Reject] = (), /, **values: object) -> None:
        super().__init__(message, **values)
        self.rejects = tuple(rejects)


class NoSuchPlace(NuanfengError):
    """An id that the dataset has never had."""


class PlaceGone(NoSuchPlace):
    """An id that the dataset once had, and where its place last stood (WGS-84 degrees)."""

    def __init__(self, place_id: str, name: str, lon: float, lat: float, since: date) -> None:
        super().__init__("{name} has not been in the data since {since}.", name=name, since=since)
        self.place_id, self.name, self.lon, self.lat, self.since = place_id, name, lon, lat, since


class NoDemand(NuanfengError):
    """A dataset that was published without a demand to take shares of."""


class ClusterFault(NuanfengError):
    """A cluster that does not answer, or workers that could not do their part.

    Finished parts are kept.
    """


class StoreError(NuanfengError):
    """A fault of the datasets on disk, or of the database that machines share."""


class NoDataset(StoreError):
    """No dataset of that name, or none published yet."""


class NoSuchVersion(StoreError):
    """A version that is not kept, or a name that fits several."""


class DamagedDataset(StoreError):
    """A stored version whose checksum does not fit; it is never served."""


class DatabaseAway(StoreError):
    """The shared database does not answer, or not in time.

    What was pulled before goes on answering.
    """


class PublishRefused(StoreError):
    """Nothing was published; the message says why."""


class Overtaken(PublishRefused):
    """Somebody else published, or went back, since the work that was to be published began."""
