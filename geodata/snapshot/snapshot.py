"""A snapshot: one version of one dataset, frozen into arrays and bytes and ready to be asked.

Imports no frames.

Everything in it can be memory-mapped: workers share one copy, and starting costs no reading.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from mmap import mmap
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.city import CityAbout
from geodata.errors import NoSuchPlace, PlaceGone
from geodata.hours.calendar import Calendar
from geodata.hours.minute import HoursByMinute
from geodata.hours.timeline import HoursTable
from geodata.hours.zone import TimeZone
from geodata.index.spatial import Index
from geodata.snapshot.demand import Demand
from geodata.snapshot.former import ID_BYTES, FormerPlaces
from geodata.snapshot.memo import Memo
from geodata.snapshot.records import Records
from geodata.space.service_area import Outline
from geodata.text.gazetteer import Gazetteer
from geodata.text.names import Names
from geodata.traits import services_of

#: Number of the stored format; a version with another number is refused, never guessed at.
FORMAT: Final = 8

_INDEX_PREFIX: Final = "index_"
_NAMES_PREFIX: Final = "names_"
_SPOTS_PREFIX: Final = "spots_"
_DEMAND_PREFIX: Final = "crowd_"
_CELLS_PREFIX: Final = "cell_"


class WaitingPlace(msgspec.Struct, frozen=True):
    """A place of a layer that has no point yet: its address was found too coarsely, or not at all.
    It is known by name and street office and never by distance.
    """

    name: str
    address: str
    district: str
    street: str
    """The street office by its official name; empty where none is known."""
    pinyin: str = ""
    """How its name is read, syllables apart."""
    initials: str = ""


class LayerAbout(msgspec.Struct, frozen=True):
    """What is true of a layer of a dataset: the list that one office, say, sends."""

    name: str
    """As the column `layer` has it."""
    label: str
    """What people call it."""
    places: int
    licence: str
    source: str
    data_date: str
    """ISO date of its last import."""
    waiting: tuple[WaitingPlace, ...] = ()
    """Its places without a point."""


def said_of_all(values: Iterable[str]) -> str:
    """What all layers say in one text, each thing once, such as their sources."""
    parts = [part for value in values for part in value.split("; ") if part]
    return "; ".join(sorted(set(parts)))


class DatasetAbout(msgspec.Struct, frozen=True):
    """What is true of a dataset as a whole; stands in the manifest and is part of the version."""

    dataset: str
    title: str
    title_en: str
    synthetic: bool
    """Made up as a whole. A synthetic dataset takes no real rows, nor the reverse."""
    licence: str
    source: str
    city: CityAbout
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
    layers: tuple[LayerAbout, ...] = ()
    """What a real dataset is the union of, by name."""


class _Name(msgspec.Struct):
    name: str


class _Named(msgspec.Struct):
    properties: _Name


_decode_named: Final = msgspec.json.Decoder(_Named).decode


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


class CellLengths(NamedTuple):
    """How finely phones ask, by where they stand: `zones` (geohashes, ASCII, sorted) and the
    letters of the cells that are asked for there (search/lengths.py).
    """

    zones: NDArray[np.bytes_]
    lengths: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Snapshot:
    """Rows are places in tree order: points first, then lines.

    `index`, `hours_by_minute` and `records` share row numbers.
    """

    version: str
    about: DatasetAbout
    index: Index
    hours_by_minute: HoursByMinute
    outline: Outline
    names: Names
    """The spots' names and whereabouts, then the places' in row order."""
    spots: Gazetteer
    demand: Demand
    lonlat: NDArray[np.float64]
    """(n, 2) WGS-84 degrees; of a line the middle of its middle segment."""
    districts: Labels
    streets: Labels
    """The district and the street office of each row."""
    cell_lengths: CellLengths | None
    """None in versions from before it was kept."""
    former: FormerPlaces
    """Places that versions before had and this one lacks."""
    records: Records
    _ids: NDArray[np.bytes_]
    _id_rows: NDArray[np.int32]
    memo: Memo = field(init=False, repr=False, default_factory=Memo)
    """What rooms above worked out from this version."""

    def __post_init__(self) -> None:
        for array in (
            self.lonlat,
            *self.districts,
            *self.streets,
            *(self.cell_lengths or ()),
            self._ids,
            self._id_rows,
        ):
            array.setflags(write=False)

    @classmethod
    def assemble(
        cls,
        version: str,
        about: DatasetAbout,
        arrays: Mapping[str, NDArray[Any]],
        records: bytes | mmap,
    ) -> "Snapshot":
        """From the parts that `to_arrays` of each room names, stored or just made."""
        return cls(
            version=version,
            about=about,
            index=Index(**_parts(arrays, _INDEX_PREFIX)),
            hours_by_minute=HoursByMinute(
                HoursTable.from_arrays(arrays),
                Calendar.from_arrays(arrays),
                TimeZone(about.city.timezone),
            ),
            outline=Outline(
                about.city.name, arrays["area_xy"], arrays["area_starts"], about.city.shifted
            ),
            names=Names(**_parts(arrays, _NAMES_PREFIX)),
            spots=Gazetteer(**_parts(arrays, _SPOTS_PREFIX)),
            demand=Demand(**_parts(arrays, _DEMAND_PREFIX)),
            lonlat=arrays["lonlat"],
            districts=Labels(arrays["district_names"], arrays["district_of"]),
            streets=Labels(arrays["street_names"], arrays["street_of"]),
            cell_lengths=_kept_lengths(arrays),
            former=FormerPlaces.from_arrays(arrays),
            records=Records(arrays["facts"], records, about.city.shifted),
            _ids=arrays["ids"],
            _id_rows=arrays["id_rows"],
        )

    def __len__(self) -> int:
        return len(self._id_rows)

    @property
    def zone(self) -> TimeZone:
        """The time zone that it answers in."""
        return self.hours_by_minute.zone

    @property
    def known_until(self) -> date:
        """The last day whose holidays and adjusted workdays are known."""
        return self.hours_by_minute.calendar.known_until

    @property
    def by_id(self) -> NDArray[np.int32]:
        """Every row, in the order of ids."""
        return self._id_rows

    def row_of(self, place_id: str) -> int:
        """The row of an id. Raises NoSuchPlace, and PlaceGone where a version before had it."""
        key = place_id.encode(errors="replace")  # of a lone surrogate "?", which no id has
        at = int(np.searchsorted(self._ids, key)) if len(key) <= ID_BYTES else len(self)
        if at == len(self) or self._ids[at] != key:
            if gone := self.former.place(place_id):
                raise PlaceGone(*gone)
            raise NoSuchPlace("No place has the id “{place}”.", place=place_id[:ID_BYTES])
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
        return _decode_named(self.records.plain(row)).properties.name

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


def names_arrays(names: Names, spots: Gazetteer) -> dict[str, NDArray[Any]]:
    """The same for what can be looked up by name."""
    named = {_NAMES_PREFIX + name: array for name, array in names.to_arrays().items()}
    return named | {_SPOTS_PREFIX + name: array for name, array in spots.to_arrays().items()}


def demand_arrays(demand: Demand) -> dict[str, NDArray[Any]]:
    """The same for the demand."""
    return {_DEMAND_PREFIX + name: array for name, array in demand.to_arrays().items()}


def cell_lengths_arrays(found: CellLengths) -> dict[str, NDArray[Any]]:
    """The same for how finely phones ask."""
    return {_CELLS_PREFIX + name: array for name, array in found._asdict().items()}


def _kept_lengths(arrays: Mapping[str, NDArray[Any]]) -> CellLengths | None:
    parts = _parts(arrays, _CELLS_PREFIX)
    return CellLengths(**parts) if parts else None


def _parts(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
