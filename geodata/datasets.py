"""Recipes: the demo city, or a table somebody declares, becomes one frozen version. The store publishes, not this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import areas, places
from geodata.calendar import chinese_calendar
from geodata.errors import BadTable, Reject
from geodata.freeze import Frozen, Progress, freeze, unheard
from geodata.snapshot import About
from geodata.sources import facts
from geodata.sources.demo import PUBLISHED_2022, demo_city
from geodata.sources.table import Read
from geodata.vocabulary import Kind

#: A question this far outside the outline is still answered: the outline is coarse, and shores have piers.
AREA_MARGIN_M: Final = 1_000.0
#: Every question is tested against the area, edge by edge: round corners of the margin are not worth a thousand edges.
AREA_DETAIL_M: Final = 20.0
DEMO_SEED: Final = 2022
#: The demo city's newest fact; its hours, doors and names are all made up.
DEMO_DATE: Final = "2026-11-01"


@dataclass(frozen=True, slots=True)
class Checked:
    """A table after every check: what can be published, what cannot and why, and what was not looked at."""

    places: gpd.GeoDataFrame
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]
    rows: int


def service_area() -> BaseGeometry:
    """The city's outline with its margin, WGS-84."""
    wide = areas.to_metric(facts.outline()).buffer(AREA_MARGIN_M)
    return areas.to_degrees(shapely.simplify(wide, AREA_DETAIL_M))


def demo(
    dataset: str,
    seed: int = DEMO_SEED,
    counts: Mapping[Kind, int] = PUBLISHED_2022,
    progress: Progress = unheard,
) -> Frozen:
    """The synthetic city, the same for the same seed and counts."""
    about = About(
        dataset=dataset, title="演示数据", title_en="Demo data", synthetic=True, licence="CC0-1.0",
        source=f"synthetic, seed {seed}", area="深圳市", area_en="Shenzhen", data_date=DEMO_DATE, counts={},
    )  # fmt: skip
    checked, rejects = places.validate(demo_city(seed, counts))
    if rejects:
        raise BadTable(f"the demo city makes {len(rejects)} places that cannot be published", rejects)
    return _frozen(checked, about, progress)


def scaled(total: int) -> dict[Kind, int]:
    """The kinds of 2022 in the same shares, `total` places in all."""
    whole = sum(PUBLISHED_2022.values())
    counts = {kind: max(1, count * total // whole) for kind, count in PUBLISHED_2022.items()}
    counts[Kind.FRIENDLY_MERCHANT] += total - sum(counts.values())
    return counts


def check(read: Read) -> Checked:
    """Every check a table passes before it may be published: places.validate, and that each place lies in the area."""
    good, rejects = places.validate(read.places)
    outside = ~shapely.intersects(service_area(), good.geometry.to_numpy())
    strays = [
        Reject(int(row), "lon, lat", f"{lon:.6f},{lat:.6f}", "outside the city; is the datum right, is lon first?")
        for row, lon, lat in good.loc[outside, ["src_row", "src_lon", "src_lat"]].itertuples(index=False)
    ]
    every = tuple(sorted((*read.rejects, *rejects, *strays), key=lambda reject: reject.row))
    kept = good[~np.asarray(outside)].reset_index(drop=True)
    return Checked(gpd.GeoDataFrame(kept), every, read.unused, len(read.places) + len(read.rejects))


def imported(
    checked: Checked, dataset: str, title: str, licence: str, source: str, today: date,
    progress: Progress = unheard,
) -> Frozen:  # fmt: skip
    """A checked table as a version of a real dataset. Raises BadTable where a row was refused: whole or not at all."""
    if checked.rejects:
        raise BadTable(
            f"{len(checked.rejects)} of {checked.rows} rows are refused; nothing was published", checked.rejects
        )
    about = About(
        dataset=dataset, title=title, title_en=title, synthetic=False, licence=licence, source=source,
        area="深圳市", area_en="Shenzhen", data_date=today.isoformat(), counts={},
    )  # fmt: skip
    return _frozen(checked.places, about, progress)


def _frozen(checked: gpd.GeoDataFrame, about: About, progress: Progress) -> Frozen:
    outlines = areas.approximate_areas(facts.streets(), facts.outline())
    outlines["district_en"] = outlines["district"].map(facts.districts().set_index("name")["name_en"])
    districts = areas.dissolve_districts(outlines)
    districts["name_en"] = districts["district"].map(facts.districts().set_index("name")["name_en"])
    return freeze(
        checked, about, chinese_calendar(), service_area(), areas=outlines, districts=districts,
        landmarks=_landmarks(), progress=progress,
    )  # fmt: skip


def _landmarks() -> Sequence[Mapping[str, Any]]:
    table = facts.landmarks()
    lonlat = shapely.get_coordinates(table.geometry.to_numpy()).tolist()
    columns = zip(table["name"], table["name_en"], table["kind"], lonlat, strict=True)
    return [
        {"name": name, "name_en": name_en, "kind": kind, "lon": lon, "lat": lat}
        for name, name_en, kind, (lon, lat) in columns
    ]
