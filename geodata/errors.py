"""Every refusal geodata can make, one tree. Holds no logic and knows no status codes.

NuanfengError
├── BadValue              a text or number that cannot become a value (hours, datum, coordinate, id)
├── BadQuestion           a question no snapshot could answer (k = 0, radius < 0)
├── OutsideArea           a point outside the dataset's service area, with a hint where one fits
├── UnreadableFile        a raw file that cannot be opened, is too large, or is not what it says
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

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

#: What is said of a number that is too small or too large.
OUTSIDE_RANGE: Final = "{name} = {value} is outside {least}–{most}."


class NuanfengError(Exception):
    """A refusal in words a person understands: what was wrong, what is allowed, what to do.

    `message` may be a template with {named} places for `values`: then whoever speaks another
    language can translate it. As text it is English.
    """

    def __init__(self, message: str = "", /, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message, self.values = message, values


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
            f"lon {lon:.5g}, lat {lat:.5g} lies outside {area} ({west:.1f}–{east:.1f} E,"
            f" {south:.1f}–{north:.1f} N)"
        )
        self.area = area
        self.bounds = bounds
        self.hint = hint


class UnreadableFile(NuanfengError):
    """A raw file that cannot be opened, is too large, or is not what its name says."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row: where it stands in the source, what was wrong, and what to do."""

    row: int
    """1-based row of the source as a spreadsheet counts it (the heading is row 1)."""
    column: str
    value: str
    reason: str
    source: str = ""
    """The file, and the sheet where it has several."""


class BadTable(NuanfengError):
    """A table whose rows cannot be used.

    `rejects` holds every refused row, so that all can be mended at once.
    """

    def __init__(self, message: str, rejects: Sequence[Reject] = ()) -> None:
        super().__init__(message)
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
