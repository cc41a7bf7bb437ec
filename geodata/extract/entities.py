"""What stands in an extract, as plain values.

Places on the ground are counted as OpenStreetMap counts them, in units of 1e-7 degrees, so that a
node means the same spot in every reading.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon

UNITS_A_DEGREE: Final = 1e7
#: The x and y of a node that the extract lacks, as osmium writes it.
MISSING: Final = 0x7FFFFFFF

Tags: TypeAlias = Mapping[str, str]
Letter: TypeAlias = Literal["n", "w", "r"]


class OsmNode(NamedTuple):
    """A point, in WGS-84 degrees."""

    id: int
    tags: Tags
    lon: float
    lat: float
    changed: date | None
    """The day of its last change; None: the extract does not tell."""


class OsmWay(NamedTuple):
    """A line through nodes, in their order. Closed ones may also come as an OsmArea."""

    id: int
    tags: Tags
    refs: list[int]
    """Numbers of its nodes."""
    units: list[int]
    """x and y of each node in turn, in units of 1e-7 degrees; MISSING twice where the extract
    lacks the node.
    """
    changed: date | None

    @property
    def is_closed(self) -> bool:
        """Whether it ends where it begins, as an area does: a triangle has four references."""
        return len(self.refs) > 3 and self.refs[0] == self.refs[-1]

    @property
    def lonlat(self) -> NDArray[np.float64]:
        """(n, 2) WGS-84 degrees, NaN where the extract lacks a node."""
        units = np.array(self.units, np.int64).reshape(-1, 2)
        degrees = units / UNITS_A_DEGREE
        degrees[(units == MISSING).any(axis=1)] = np.nan
        return degrees


class OsmArea(NamedTuple):
    """What a closed way, or a relation of type multipolygon or boundary, encloses."""

    letter: Literal["w", "r"]
    """Whether a way or a relation carries the tags."""
    id: int
    """The number of that way or relation."""
    tags: Tags
    shape: MultiPolygon | None
    """In WGS-84 degrees; None: its rings cross each other or do not close."""
    changed: date | None


class OsmMember(NamedTuple):
    """One part of a relation."""

    letter: Letter
    ref: int
    role: str


class OsmRelation(NamedTuple):
    """What belongs together; a multipolygon whose members are all there is an OsmArea, too."""

    id: int
    tags: Tags
    members: tuple[OsmMember, ...]
    changed: date | None


OsmEntity: TypeAlias = OsmNode | OsmWay | OsmArea | OsmRelation
