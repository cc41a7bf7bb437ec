"""The demand that shares are taken of: points with weights, published with a dataset.

Flat arrays; measures nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadTable


class Office(msgspec.Struct, frozen=True, array_like=True):
    """A street office that points are counted in."""

    code: str
    name: str
    name_en: str
    district: str
    district_en: str


class DemandSummary(msgspec.Struct, frozen=True):
    """What is said about a demand."""

    title: str = ""
    title_en: str = ""
    offices: tuple[Office, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """The demand of one dataset as arrays, which may be memory-mapped.

    Without points where none was published.
    """

    lonlat: NDArray[np.float64]
    """(n, 2) WGS-84 degrees."""
    weight: NDArray[np.float64]
    """(n,) how much each stands for, 0 or more."""
    office: NDArray[np.int32]
    """(n,) position in the offices; -1: in none."""
    words: NDArray[np.uint8]
    """`DemandSummary` as JSON."""

    @classmethod
    def build(
        cls,
        lonlat: NDArray[np.float64],
        weight: NDArray[np.float64],
        office: Sequence[int] | NDArray[Any],
        told: DemandSummary,
    ) -> "Demand":
        """From points and what is said of them.

        BadTable for weights that are below 0 or not known.
        """
        if not (np.isfinite(weight).all() and (weight >= 0).all()):
            raise BadTable("weights of a demand must be numbers of 0 or more")
        words = np.frombuffer(bytearray(msgspec.json.encode(told)), np.uint8)
        points = np.ascontiguousarray(lonlat, np.float64).reshape(-1, 2)
        return cls(points, weight.astype(np.float64), np.asarray(office, np.int32), words)

    @classmethod
    def none(cls) -> "Demand":
        """No demand."""
        return cls.build(np.empty((0, 2)), np.empty(0), [], DemandSummary())

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The stored arrays by field name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def summary(self) -> DemandSummary:
        """What is said about it."""
        return msgspec.json.decode(self.words.tobytes(), type=DemandSummary)
