"""What is published of a dataset, as tables: its places, outlines, landmarks and demand."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.pipeline import area_outlines
from geodata.pipeline.area_outlines import Outlines
from geodata.pipeline.edits import EDITS, LayerEdits, read_edits
from geodata.places import areas
from geodata.snapshot.demand import Demand, DemandSummary, Office
from geodata.snapshot.snapshot import DatasetAbout
from geodata.space.coordinates import WGS84
from geodata.store.files import Dataset, Pointer


@dataclass(frozen=True, slots=True)
class StoredTables:
    """The current version of a dataset, its tables read when they are asked for."""

    dataset: Dataset
    pointer: Pointer
    about: DatasetAbout

    def places(self) -> gpd.GeoDataFrame:
        """The places table."""
        held: Any = io.BytesIO(self.dataset.blob(self.pointer.version, "places.parquet"))
        return gpd.read_parquet(held)

    def edits(self) -> dict[str, LayerEdits]:
        """What was edited by hand, by layer."""
        parts = self.dataset.manifest(self.pointer).parts
        return read_edits(self._blob(EDITS) if EDITS in parts else b"")

    def outlines(self) -> Outlines:
        """The city as it was published: imported outlines, and what was drawn around them."""
        return Outlines(
            city=self.about.city,
            land=self._land(),
            offices=_frame(self._blob("offices.geojson"), area_outlines.no_offices),
            landmarks=self.landmarks(),
            streets=_frame(self._blob("areas.geojson"), area_outlines.no_streets),
            districts=_frame(self._blob("districts.geojson"), area_outlines.no_districts),
            zones=_frame(self._blob("zones.geojson"), area_outlines.no_zones),
            credit=self.about.outlines,
        )

    def demand(self, drawn: Outlines) -> Demand | None:
        """The demand that was published with it, counted in other outlines.

        None where there was none.
        """
        was = self.dataset.load(self.pointer).demand
        return demand_in(drawn, was.lonlat, was.weight, was.summary) if len(was) else None

    def landmarks(self) -> gpd.GeoDataFrame:
        """What people steer by: name, name_en, kind, points in WGS-84; no rows where none were
        given.
        """
        body = self._blob("landmarks.json")
        told = msgspec.json.decode(body) if body else []
        names = ("name", "name_en", "kind")
        columns = pd.DataFrame(
            {name: [each.get(name) for each in told] for name in names}, dtype="object"
        )
        points = gpd.points_from_xy([each["lon"] for each in told], [each["lat"] for each in told])
        return gpd.GeoDataFrame(columns, geometry=points, crs=WGS84)

    def _land(self) -> BaseGeometry:
        """The city's outline; of a version that was frozen without one its service area."""
        if body := self._blob("outline.geojson"):
            (land,) = gpd.read_file(io.BytesIO(body)).geometry
            return land
        area = self.dataset.load(self.pointer).outline
        cuts = area.starts[1:-1].tolist()
        rings = [shapely.LinearRing(ring) for ring in np.split(area.xy, cuts)]
        return shapely.build_area(shapely.GeometryCollection(rings))

    def _blob(self, name: str) -> bytes:
        return self.dataset.blob(self.pointer.version, name)


def _frame(body: bytes, empty: Callable[[], gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return gpd.read_file(io.BytesIO(body)) if body else empty()


def stored(home: Path, dataset: str) -> StoredTables | None:
    """What is published of a dataset; None where nothing is yet."""
    store = Dataset(home, dataset)
    pointer = store.current()
    return StoredTables(store, pointer, store.manifest(pointer).about) if pointer else None


def version_of(store: Dataset, text: str) -> StoredTables:
    """A version of a dataset, by its first characters.

    Raises NoSuchVersion, or DamagedDataset where it is not whole.
    """
    pointer = store.find(text)
    return StoredTables(store, pointer, store.verify(pointer).about)


def real_places(held: StoredTables | None) -> gpd.GeoDataFrame | None:
    """The places table of what is published; None where nothing real is published yet."""
    if (
        held is None or held.about.synthetic
    ):  # made-up places are no witnesses; the store refuses the mixture
        return None
    return held.places()


def drawn_outlines(held: StoredTables | None) -> Outlines | None:
    """The outlines of what is published; None where nothing is."""
    return held.outlines() if held else None


def demand_in(
    drawn: Outlines, lonlat: NDArray[np.float64], weight: NDArray[np.float64], told: DemandSummary
) -> Demand:
    """A demand whose points are counted in the street offices of these outlines; where there are
    none, in the districts, each of which then stands for its offices.
    """
    columns = ("code", "street", "name_en", "district", "district_en")
    frame = drawn.streets
    if frame.empty:
        same = {"street": drawn.districts["district"], "district_en": drawn.districts["name_en"]}
        frame = drawn.districts.assign(code="", **same)
    rows = zip(*(frame[name] for name in columns), strict=True)
    offices = tuple(Office(*map(str, row)) for row in rows)
    found = areas.locate(lonlat[:, 0], lonlat[:, 1], frame, drawn.city.grid)
    return Demand.build(lonlat, weight, found, msgspec.structs.replace(told, offices=offices))
