"""Recipes: the demo city, or tables somebody declares, become one frozen version.

The store publishes, not this.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import BadTable, Reject
from geodata.hours.calendar import chinese_calendar
from geodata.pipeline import area_outlines
from geodata.pipeline.area_outlines import Outlines
from geodata.pipeline.freeze import Frozen, Layers, Progress, freeze, unheard
from geodata.places import areas
from geodata.places.table import validate
from geodata.snapshot.demand import Demand, DemandSummary, Office
from geodata.snapshot.snapshot import DatasetAbout
from geodata.sources import evidence, facts, identity, stated
from geodata.sources.areas.names import Level
from geodata.sources.demo.city import PUBLISHED_2022, demo_city
from geodata.sources.demo.demand import SQUARE_M, demo_orders
from geodata.sources.evidence import Evidence
from geodata.sources.identity import Changes
from geodata.sources.repairs import Repair
from geodata.sources.stated import Stated
from geodata.sources.table import Note, NoteKind, Read
from geodata.space.coordinates import Datum
from geodata.store.files import Dataset, Pointer
from geodata.vocabulary import Kind

DEMO_SEED: Final = 2022
#: The demo city's newest fact; its hours, doors and names are all made up.
DEMO_DATE: Final = "2026-11-01"


#: A place further than this from the area of the street office that its row names was not put where
#: its address is.
FAR_FROM_STREET_M: Final = 3_000.0


@dataclass(frozen=True, slots=True)
class Checked:
    """Tables after every check: what can be published, what cannot and why, what was mended and
    what was not used.
    """

    places: gpd.GeoDataFrame
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]
    rows: int
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]
    left_out: tuple[str, ...]
    evidence: Evidence
    changes: Changes
    outlines: Outlines
    """Of the areas that the places were put into, and are published with."""


def demo(
    dataset: str,
    seed: int = DEMO_SEED,
    counts: Mapping[Kind, int] = PUBLISHED_2022,
    progress: Progress = unheard,
) -> Frozen:
    """The synthetic city, the same for the same seed and counts."""
    about = DatasetAbout(
        dataset=dataset,
        title="演示数据",
        title_en="Demo data",
        synthetic=True,
        licence="CC0-1.0",
        source=f"synthetic, seed {seed}",
        area="深圳市",
        area_en="Shenzhen",
        data_date=DEMO_DATE,
        counts={},
    )
    checked, rejects = validate(demo_city(seed, counts))
    if rejects:
        raise BadTable(
            f"the demo city makes {len(rejects)} places that cannot be published", rejects
        )
    ground = area_outlines.approximate()
    return frozen(checked, about, ground, progress, _demo_crowd(seed, counts, ground))


def scaled(total: int) -> dict[Kind, int]:
    """The kinds of 2022 in the same shares, `total` places in all."""
    whole = sum(PUBLISHED_2022.values())
    counts = {kind: max(1, count * total // whole) for kind, count in PUBLISHED_2022.items()}
    counts[Kind.FRIENDLY_MERCHANT] += total - sum(counts.values())
    return counts


def check(
    *reads: Read, published: gpd.GeoDataFrame | None = None, drawn: Outlines | None = None
) -> Checked:
    """Every check that tables pass before they may be published together as one version.

    `published` is the places table of the version before, if there is one: ids are taken over from
    it, and it is the best witness of the datum; `drawn` are its outlines (None: approximate ones),
    witnesses where they were imported. Besides validate, a place must lie in the area and may not
    stand twice.
    """
    ground = drawn or area_outlines.approximate()
    raw = gpd.GeoDataFrame(pd.concat([read.places for read in reads], ignore_index=True))
    weighed = evidence.weigh(
        raw["src_lon"].to_numpy(float),
        raw["src_lat"].to_numpy(float),
        raw["name"].tolist(),
        _declared(raw),
        published,
        _stated(raw, ground),
    )
    named, given = identity.assign(raw, published)
    filled = _with_areas(named, ground)
    good, rejects = validate(filled)
    strays = _strays(good, area_outlines.service_area(ground))
    doubles = identity.twice(good)
    bad = [*rejects, *strays.values(), *(doubles[at] for at in doubles.keys() - strays.keys())]
    every = [*(reject for read in reads for reject in read.rejects), *bad]
    kept = gpd.GeoDataFrame(good.drop(index=[*{*strays, *doubles}]).reset_index(drop=True))
    return Checked(
        places=kept,
        rejects=tuple(sorted(every, key=lambda reject: (reject.source, reject.row))),
        unused=tuple(sorted({heading for read in reads for heading in read.unused})),
        rows=len(raw) + sum(len(read.rejects) for read in reads),
        repairs=(*(repair for read in reads for repair in read.repairs), *given),
        notes=(
            *(note for read in reads for note in read.notes),
            *identity.alike(kept),
            *_far_from_street(kept, ground.streets),
        ),
        left_out=tuple(text for read in reads for text in read.left_out),
        evidence=weighed,
        changes=identity.changes(kept, published),
        outlines=ground,
    )


def real_places(held: "StoredTables | None") -> gpd.GeoDataFrame | None:
    """The places table of what is published; None where nothing real is published yet."""
    if (
        held is None or held.about.synthetic
    ):  # made-up places are no witnesses; the store refuses the mixture
        return None
    return held.places()


def drawn_outlines(held: "StoredTables | None") -> Outlines:
    """The outlines of what is published; approximate ones where none were imported."""
    return held.outlines() if held else area_outlines.approximate()


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

    def outlines(self) -> Outlines:
        """Imported outlines as they were published, with what was drawn around them."""
        if not self.about.outlines:
            return area_outlines.approximate()
        frames = {name: self._outline(name) for name in ("areas", "districts", "zones")}
        return area_outlines.restored(
            frames["areas"], frames["districts"], frames["zones"], self.about.outlines
        )

    def demand(self, drawn: Outlines) -> Demand | None:
        """The demand that was published with it, counted in other outlines.

        None where there was none.
        """
        was = self.dataset.load(self.pointer).demand
        return demand_in(drawn, was.lonlat, was.weight, was.summary) if len(was) else None

    def _outline(self, name: str) -> gpd.GeoDataFrame | None:
        body = self.dataset.blob(self.pointer.version, f"{name}.geojson")
        return gpd.read_file(io.BytesIO(body)) if body else None


def stored(home: Path, dataset: str) -> StoredTables | None:
    """What is published of a dataset; None where nothing is yet."""
    store = Dataset(home, dataset)
    pointer = store.current()
    return StoredTables(store, pointer, store.manifest(pointer).about) if pointer else None


def _declared(raw: gpd.GeoDataFrame) -> Datum | None:
    """The datum of all rows; None where tables differ, each having stated its own."""
    said = set(raw["src_datum"])
    return Datum(next(iter(said))) if len(said) == 1 else None


def _stated(raw: gpd.GeoDataFrame, ground: Outlines) -> Stated:
    """What rows say of their district and street office, against the outlines that were
    imported.
    """
    said = {level: raw[level].tolist() for level in (Level.DISTRICT, Level.STREET) if level in raw}
    return stated.stated(len(raw), said, area_outlines.surveyed(ground))


def _strays(good: gpd.GeoDataFrame, area: BaseGeometry) -> dict[int, Reject]:
    """Position -> refusal of each place outside the service area."""
    outside = np.flatnonzero(~shapely.intersects(area, good.geometry.to_numpy()))
    columns = ["src_row", "src_lon", "src_lat", "src_file", "src_sheet"]
    rows = good.loc[outside, columns].itertuples(index=False)
    reason = "outside the city; is the datum right, is lon first?"
    return {
        int(at): Reject(int(row), "lon, lat", f"{lon:.6f},{lat:.6f}", reason, _source(file, sheet))
        for at, (row, lon, lat, file, sheet) in zip(outside, rows, strict=True)
    }


def _source(file: str, sheet: object) -> str:
    return f"{file} / {sheet}" if isinstance(sheet, str) and sheet else file


def _with_areas(raw: gpd.GeoDataFrame, ground: Outlines) -> gpd.GeoDataFrame:
    """District and street by position where the table has none; src_guessed says which were."""
    blank = {name: _blank(raw, name) for name in ("district", "street")}
    if raw.empty or not any(mask.any() for mask in blank.values()):
        return raw
    offices = ground.streets
    found = areas.locate(raw.geometry.x, raw.geometry.y, offices)
    guessed = np.full(len(raw), "", dtype=object)
    filled = raw.copy()
    for name, mask in blank.items():
        wanted = mask & (found != areas.NOWHERE)
        column = (
            filled[name].astype("object")
            if name in filled
            else pd.Series([None] * len(raw), dtype="object")
        )
        column[wanted] = offices[name].to_numpy()[found[wanted]]
        filled[name] = column
        guessed[wanted] += f"{name} "
    filled["src_guessed"] = [text.strip() or None for text in guessed]
    return filled


def _blank(raw: gpd.GeoDataFrame, name: str) -> NDArray[np.bool_]:
    return raw[name].isna().to_numpy(bool) if name in raw else np.ones(len(raw), dtype=bool)


def _far_from_street(kept: gpd.GeoDataFrame, offices: gpd.GeoDataFrame) -> list[Note]:
    """Places far from the street office that their row names: further than any drawn outline is
    off.
    """
    position = {name: at for at, name in enumerate(offices["street"])}
    stated = kept["street"].where(kept["src_guessed"].isna())
    found = np.array([position.get(name, areas.NOWHERE) for name in stated], dtype=np.int64)
    rows = np.flatnonzero(found != areas.NOWHERE)
    ground = areas.to_metric(offices.geometry.to_numpy())[found[rows]]
    away_m = shapely.distance(areas.to_metric(kept.geometry.to_numpy()[rows]), ground)
    return [
        Note(
            NoteKind.FAR_FROM_STREET,
            int(kept["src_row"].iloc[at]),
            "street",
            str(kept["street"].iloc[at]),
            f"the point lies {metres / 1000:.1f} km from that street office's area",
            _source(kept["src_file"].iloc[at], kept["src_sheet"].iloc[at]),
        )
        for at, metres in zip(rows, away_m, strict=True)
        if metres > FAR_FROM_STREET_M
    ]


def imported(
    checked: Checked,
    dataset: str,
    title: str,
    licence: str,
    source: str,
    today: date,
    progress: Progress = unheard,
    demand: Demand | None = None,
) -> Frozen:
    """A checked table as a version of a real dataset, with a demand.

    BadTable where a row was refused: whole or not.
    """
    if checked.rejects:
        raise BadTable(
            f"{len(checked.rejects)} of {checked.rows} rows are refused; nothing was published",
            checked.rejects,
        )
    about = DatasetAbout(
        dataset=dataset,
        title=title,
        title_en=title,
        synthetic=False,
        licence=licence,
        source=source,
        area="深圳市",
        area_en="Shenzhen",
        data_date=today.isoformat(),
        counts={},
    )
    return frozen(checked.places, about, checked.outlines, progress, demand)


def frozen(
    checked: gpd.GeoDataFrame,
    about: DatasetAbout,
    drawn: Outlines,
    progress: Progress = unheard,
    demand: Demand | None = None,
) -> Frozen:
    """A checked table as a version in these outlines, of which `about` then tells."""
    rough = bool(drawn.streets["approximate"].any())
    told = msgspec.structs.replace(about, outlines=drawn.credit, approximate=rough)
    return freeze(
        checked,
        told,
        chinese_calendar(),
        area_outlines.service_area(drawn),
        layers=Layers(drawn.streets, drawn.districts, drawn.zones, area_outlines.drawn(drawn)),
        landmarks=_landmarks(),
        demand=demand,
        progress=progress,
    )


def _demo_crowd(seed: int, counts: Mapping[Kind, int], drawn: Outlines) -> Demand:
    orders = demo_orders(seed, counts)
    told = DemandSummary(
        title=f"虚构订单，{SQUARE_M:g} 米网格",
        title_en=f"synthetic orders, squares of {SQUARE_M:g} m",
    )
    return demand_in(drawn, orders.lonlat, orders.weight, told)


def demand_in(
    drawn: Outlines, lonlat: NDArray[np.float64], weight: NDArray[np.float64], told: DemandSummary
) -> Demand:
    """A demand whose points are counted in the street offices of these outlines."""
    columns = ("code", "street", "name_en", "district", "district_en")
    rows = zip(*(drawn.streets[name] for name in columns), strict=True)
    offices = tuple(Office(*map(str, row)) for row in rows)
    found = areas.locate(lonlat[:, 0], lonlat[:, 1], drawn.streets)
    return Demand.build(lonlat, weight, found, msgspec.structs.replace(told, offices=offices))


def _landmarks() -> Sequence[Mapping[str, Any]]:
    table = facts.landmarks()
    lonlat = shapely.get_coordinates(table.geometry.to_numpy()).tolist()
    columns = zip(table["name"], table["name_en"], table["kind"], lonlat, strict=True)
    return [
        {"name": name, "name_en": name_en, "kind": kind, "lon": lon, "lat": lat}
        for name, name_en, kind, (lon, lat) in columns
    ]
