"""A snapshot: one version of one dataset, frozen into arrays and bytes and ready to be asked.

Imports no frames.

Everything in it can be memory-mapped: workers share one copy, and starting costs no reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from mmap import mmap
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.errors import NoSuchPlace, PlaceGone
from geodata.hours.calendar import Calendar
from geodata.hours.minute import Boards
from geodata.hours.timeline import HoursTable
from geodata.index.spatial import Index
from geodata.snapshot.demand import Crowd
from geodata.snapshot.former import ID_BYTES, Gone
from geodata.snapshot.records import MODE_WORDS, PIECES, STORED_MODE, Record, unstored
from geodata.space.service_area import Outline
from geodata.text.gazetteer import Spots
from geodata.text.names import Names
from geodata.traits import services_of
from geodata.vocabulary import Mode

#: Number of the stored format; a version with another number is refused, never guessed at.
FORMAT: Final = 6

_INDEX_PREFIX: Final = "index_"
_NAMES_PREFIX: Final = "names_"
_SPOTS_PREFIX: Final = "spots_"
_CROWD_PREFIX: Final = "crowd_"


class About(msgspec.Struct, frozen=True):
    """What is true of a dataset as a whole; stands in the manifest and is part of the version."""

    dataset: str
    title: str
    title_en: str
    synthetic: bool
    """Made up as a whole. A synthetic dataset takes no real rows, nor the reverse."""
    licence: str
    source: str
    area: str
    """Name of the service area."""
    area_en: str
    data_date: str
    """ISO date of the newest fact, or of the import."""
    counts: dict[str, int]
    """Places by kind."""
    outlines: str = ""
    """Where imported outlines of areas come from, and under which licence.

    Empty where all are drawn.
    """
    approximate: bool = True
    """Whether the outline of any street office is drawn by us."""


class _Name(msgspec.Struct):
    name: str


class _Named(msgspec.Struct):
    properties: _Name


class Labels(NamedTuple):
    """A name of each row out of few: `names` (UTF-8, sorted) and each row's position in them, -1
    where unknown.
    """

    names: NDArray[np.bytes_]
    of: NDArray[np.int32]

    def named(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these rows have a name."""
        at = np.flatnonzero(self.names == name.encode(errors="replace"))
        return np.isin(self.of[rows], at)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Rows are places in tree order: points first, then lines.

    `index`, `boards` and the records share row numbers.
    """

    version: str
    about: About
    index: Index
    boards: Boards
    outline: Outline
    names: Names
    """The spots' names and whereabouts, then the places' in row order."""
    spots: Spots
    crowd: Crowd
    lonlat: NDArray[np.float64]
    """(n, 2) WGS-84 degrees; of a line the middle of its middle segment."""
    districts: Labels
    streets: Labels
    """The district and the street office of each row."""
    gone: Gone
    """Places that versions before had and this one lacks."""
    _ids: NDArray[np.bytes_]
    _id_rows: NDArray[np.int32]
    _facts: NDArray[np.int64]
    """(n + 1, 6): where the record's pieces begin, the hours row, and the ordinal of the day last
    checked (0: unknown). The last row says where the records end.
    """
    _records: bytes | mmap

    def __post_init__(self) -> None:
        for array in (
            self.lonlat,
            *self.districts,
            *self.streets,
            self._ids,
            self._id_rows,
            self._facts,
        ):
            array.setflags(write=False)

    @classmethod
    def assemble(
        cls, version: str, about: About, arrays: Mapping[str, NDArray[Any]], records: bytes | mmap
    ) -> "Snapshot":
        """From the parts that `to_arrays` of each room names, stored or just made."""
        return cls(
            version=version,
            about=about,
            index=Index(**_parts(arrays, _INDEX_PREFIX)),
            boards=Boards(HoursTable.from_arrays(arrays), Calendar.from_arrays(arrays)),
            outline=Outline(about.area, arrays["area_xy"], arrays["area_starts"], about.area_en),
            names=Names(**_parts(arrays, _NAMES_PREFIX)),
            spots=Spots(**_parts(arrays, _SPOTS_PREFIX)),
            crowd=Crowd(**_parts(arrays, _CROWD_PREFIX)),
            lonlat=arrays["lonlat"],
            districts=Labels(arrays["district_names"], arrays["district_of"]),
            streets=Labels(arrays["street_names"], arrays["street_of"]),
            gone=Gone.from_arrays(arrays),
            _ids=arrays["ids"],
            _id_rows=arrays["id_rows"],
            _facts=arrays["facts"],
            _records=records,
        )

    def __len__(self) -> int:
        return len(self._id_rows)

    @property
    def known_until(self) -> date:
        """The last day whose holidays and adjusted workdays are known."""
        return self.boards.calendar.known_until

    @property
    def by_id(self) -> NDArray[np.int32]:
        """Every row, in the order of ids."""
        return self._id_rows

    @property
    def checked(self) -> NDArray[np.int64]:
        """Of each row the ordinal of the day last checked, 0 where unknown."""
        return self._facts[:-1, PIECES + 1]

    def row_of(self, place_id: str) -> int:
        """The row of an id. Raises NoSuchPlace, and PlaceGone where a version before had it."""
        key = place_id.encode(errors="replace")  # of a lone surrogate "?", which no id has
        at = int(np.searchsorted(self._ids, key)) if len(key) <= ID_BYTES else len(self)
        if at == len(self) or self._ids[at] != key:
            if gone := self.gone.place(place_id):
                raise PlaceGone(*gone)
            raise NoSuchPlace("no place has the id “{id}”", id=place_id[:ID_BYTES])
        return int(self._id_rows[at])

    def id_of(self, row: int) -> str:
        """The id of a row."""
        return bytes(self._ids[self.index.links[row, 0]]).decode()

    def ids_of(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.bytes_]:
        """The ids of many rows, in their shape, as ASCII bytes."""
        ids: NDArray[np.bytes_] = self._ids[self.index.links[rows, 0]]
        return ids

    def name_of(self, row: int) -> str:
        """The name of a place."""
        return msgspec.json.decode(
            self.record(row).head.partition(b',"navigate":')[0] + b"}}", type=_Named
        ).properties.name

    def record(self, row: int) -> Record:
        """The stored pieces of a place (records.py)."""
        a, b, c, d = self._facts[row, :PIECES].tolist()
        e = int(self._facts[row + 1, 0])
        records = self._records
        return unstored(records[a:b], records[b:c], records[c:d], records[d:e])

    def told(self, rows: Sequence[int], mode: Mode) -> list[tuple[bytes, int, int]]:
        """Of several places the record for a mode of travel, the hours row, and the day last
        checked (0: unknown).

        The record ends before what a question adds; a line's has no links. One look for all hits:
        this is what a reply needs of them.
        """
        held = self._records
        facts = self._facts.take(rows, axis=0).tolist()
        if mode is STORED_MODE:
            return [(held[a:d], hours_row, day) for a, _, _, d, hours_row, day in facts]
        apple, amap = MODE_WORDS[mode]
        told = []
        for row, (_, _, _, _, hours_row, day) in zip(rows, facts, strict=True):
            head, middle, tail, _ = self.record(row)
            told.append(
                (b"".join((head, apple, middle, amap, tail)) if middle else head, hours_row, day)
            )
        return told

    def hours_row(self, row: int) -> int:
        """The row of the hours table that a place uses."""
        return int(self.index.links[row, 1])

    def services(self, row: int) -> int:
        """The services of a place as bits, in vocabulary order."""
        return services_of(int(self.index.words[row, 0]))

    def is_line(self, row: int) -> bool:
        """Whether a place is a street rather than a point."""
        return row >= self.first_line

    @property
    def first_line(self) -> int:
        """Rows from here on are streets."""
        return len(self.index.points)


def index_arrays(index: Index) -> dict[str, NDArray[Any]]:
    """The arrays of an index under the names `assemble` reads."""
    return {_INDEX_PREFIX + name: array for name, array in index.to_arrays().items()}


def names_arrays(names: Names, spots: Spots) -> dict[str, NDArray[Any]]:
    """The same for what can be looked up by name."""
    named = {_NAMES_PREFIX + name: array for name, array in names.to_arrays().items()}
    return named | {_SPOTS_PREFIX + name: array for name, array in spots.to_arrays().items()}


def crowd_arrays(crowd: Crowd) -> dict[str, NDArray[Any]]:
    """The same for the demand."""
    return {_CROWD_PREFIX + name: array for name, array in crowd.to_arrays().items()}


def _parts(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
