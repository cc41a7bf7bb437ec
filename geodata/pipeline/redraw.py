"""A layer of areas into a published dataset: the same places, in outlines that somebody surveyed.

Publishes nothing.

A district or street office that followed from a place's position follows again from the new
outlines; one that the place's source named stays, and is told where the outlines disagree.
"""

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, Reject, Said
from geodata.hours.calendar import Calendars
from geodata.pipeline import area_outlines, recipes
from geodata.pipeline.area_outlines import Outlines
from geodata.pipeline.freeze import Frozen, Progress, unheard
from geodata.pipeline.new_city import restated_outlines
from geodata.pipeline.published import StoredTables
from geodata.places import areas
from geodata.sources.areas.evidence import AreaEvidence, Witnesses, weigh_areas
from geodata.sources.areas.layers import AreaLayer
from geodata.sources.areas.names import Level
from geodata.sources.areas.shapes import misfits, shaped
from geodata.sources.cells import Note, NoteKind
from geodata.sources.city_facts import CityStated
from geodata.sources.repairs import Repair
from geodata.space.coordinates import WGS84

#: A city whose areas are not all listed may get one so far beyond its ground.
GROWS_M: Final = 50_000.0
_NOTHING_STATED: Final = CityStated()
#: The columns of a place that follow from where it is.
_PLACED: Final = ("district", "street")


@dataclass(frozen=True, slots=True)
class AreasChecked:
    """A layer after every check: what would be drawn, what cannot be and why, and what it does to
    the places.
    """

    layer: AreaLayer
    areas: gpd.GeoDataFrame
    """name, level, row, polygons in WGS-84."""
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]
    evidence: AreaEvidence
    outlines: Outlines
    places: gpd.GeoDataFrame
    """Of the published version, with district and street office by the new outlines where they had
    followed before.
    """
    recomputed: int
    """Names of districts and street offices that changed."""
    disagreements: tuple[Note, ...]
    """Places whose source names another area than the outlines do; nothing was changed."""


class AreaReport(msgspec.Struct, frozen=True):
    """What an import of areas would do, for a terminal, a file or a person.

    Areas in square metres.
    """

    dataset: str
    file: str
    sha256: str
    rows: int
    taken: dict[str, int]
    """Areas by level."""
    refused: int
    said: tuple[str, ...]
    unused_columns: tuple[str, ...]
    evidence: AreaEvidence
    names_recomputed: int
    names_that_disagree: int
    areas: dict[str, float]
    """Area of each, by name."""
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]
    disagreements: tuple[Note, ...]


def check_areas(
    layer: AreaLayer, held: StoredTables, credit: str, stated: CityStated = _NOTHING_STATED
) -> AreasChecked:
    """Every check that a layer passes before it may be published with the places of a version.

    `stated` is what a person says of the city meanwhile.
    """
    known, places = restated_outlines(held.outlines(), stated), held.places()
    grid = known.city.grid
    made = shaped(layer, grid)
    inside = _in_city(made.areas, known)
    kept = gpd.GeoDataFrame(made.areas[inside].reset_index(drop=True))
    strays = _strays(gpd.GeoDataFrame(made.areas[~inside]), layer.file)
    after = _with_all(area_outlines.with_imported(known, kept, credit), known, places)
    placed, recomputed, disagreements = relabelled(places, after)
    return AreasChecked(
        layer=layer,
        areas=kept,
        rejects=tuple(
            sorted((*layer.rejects, *made.rejects, *strays), key=lambda reject: reject.row)
        ),
        repairs=(*layer.repairs, *made.repairs),
        notes=(*made.notes, *misfits(kept, layer.file, grid), *_swallowed(after, layer.file)),
        evidence=weigh_areas(
            kept, layer.datum, _witnesses(known, places, synthetic=held.about.synthetic)
        ),
        outlines=after,
        places=placed,
        recomputed=recomputed,
        disagreements=tuple(disagreements),
    )


def redrawn(
    checked: AreasChecked,
    held: StoredTables,
    progress: Progress = unheard,
    calendar: Calendars | None = None,
) -> Frozen:
    """The version that is published, in the new outlines, whole or not at all: BadTable where a row
    was refused.
    """
    if checked.rejects:
        raise BadTable(
            "{count} areas are refused; nothing was published",
            checked.rejects,
            count=len(checked.rejects),
        )
    if checked.areas.empty:
        raise BadTable("{file} holds no area that can be published", file=checked.layer.file)
    demand = held.demand(checked.outlines)
    return recipes.frozen(
        checked.places,
        held.about,
        checked.outlines,
        progress,
        demand,
        calendar=calendar,
        edited=held.edits(),
    )


def area_report(checked: AreasChecked, dataset: str) -> AreaReport:
    """The story of a check."""
    layer, levels = checked.layer, checked.areas["level"].value_counts()
    sizes = (
        shapely.area(areas.to_metric(checked.areas.geometry.to_numpy(), checked.outlines.city.grid))
        .round()
        .tolist()
    )
    return AreaReport(
        dataset,
        layer.file,
        layer.sha256,
        len(checked.areas) + len(checked.rejects),
        {str(level): int(count) for level, count in levels.items()},
        len(checked.rejects),
        layer.said,
        layer.unused,
        checked.evidence,
        checked.recomputed,
        len(checked.disagreements),
        dict(zip(checked.areas["name"], sizes, strict=True)),
        checked.rejects,
        checked.repairs,
        checked.notes,
        checked.disagreements,
    )


def relabelled(
    places: gpd.GeoDataFrame, drawn: Outlines
) -> tuple[gpd.GeoDataFrame, int, list[Note]]:
    """Places with the areas of `drawn` where theirs had followed from the position or were unknown.

    Gives the table, how many names changed, and a note for each name that the source gave and the
    outlines do not.
    """
    middles = places.geometry.representative_point()
    found = drawn.at(middles.x, middles.y)
    table, changed, notes = places.copy(), 0, list[Note]()
    guessed = [
        set(text.split()) if isinstance(text, str) else set() for text in places["src_guessed"]
    ]
    for column in _PLACED:
        names = found[column]
        unknown = places[column].isna().to_numpy(bool)
        before = places[column].astype("object").where(~unknown, None).to_numpy()
        follows = np.array([column in said for said in guessed], dtype=bool) | unknown
        known = ~pd.isna(names)
        after = np.where(follows & known, names, before)
        changed += int((after != before).sum())
        table[column] = after
        notes += _disagreements(places, column, names, ~follows & known & (names != before))
        guessed = [
            said | {column} if new else said
            for said, new in zip(guessed, follows & known, strict=True)
        ]
    table["src_guessed"] = [
        " ".join(name for name in _PLACED if name in said) or None for said in guessed
    ]
    return table, changed, notes


def _disagreements(
    places: gpd.GeoDataFrame, column: str, names: NDArray[np.object_], differ: NDArray[np.bool_]
) -> list[Note]:
    rows = places[differ]
    columns = zip(
        rows["src_row"].fillna(0),
        rows[column],
        rows["id"],
        names[differ],
        rows["src_file"],
        strict=True,
    )
    return [
        Note(
            NoteKind.OTHER_AREA,
            int(row),
            column,
            said,
            Said("{place_id} lies in {name}", place_id=place_id, name=name),
            file if isinstance(file, str) else "",
        )
        for row, said, place_id, name, file in columns
    ]


def _swallowed(after: Outlines, file: str) -> list[Note]:
    """Street offices that others' imported outlines leave no ground."""
    names = after.streets.loc[after.streets.geometry.is_empty.to_numpy(bool), "street"]
    about = Said("no ground is left for it; import its outline, too")
    return [Note(NoteKind.NO_GROUND, 0, "geometry", name, about, file) for name in names]


def _with_all(after: Outlines, known: Outlines, places: gpd.GeoDataFrame) -> Outlines:
    """Outlines that still hold every place: a city whose areas are imported one by one keeps the
    ground of its other places.
    """
    held = shapely.covers(area_outlines.service_area(after), places.geometry.to_numpy())
    if held.all() or not known.offices.empty:
        return after
    return replace(after, land=shapely.union_all([after.land, known.land]))


def _in_city(made: gpd.GeoDataFrame, known: Outlines) -> NDArray[np.bool_]:
    """Which areas touch the city; one whose areas are not all listed may grow, but not far."""
    grid = known.city.grid
    ground = areas.to_metric(area_outlines.service_area(known), grid)
    reach_m = 0.0 if len(known.offices) else GROWS_M
    shapes = areas.to_metric(made.geometry.to_numpy(), grid)
    return np.asarray(shapely.dwithin(ground, shapes, reach_m), dtype=bool)


def _strays(outside: gpd.GeoDataFrame, file: str) -> list[Reject]:
    spots = outside.geometry.representative_point()
    reason = "it lies outside the city, at {lon:.3f}, {lat:.3f}; are its CRS and datum right?"
    columns = zip(outside["row"], outside["name"], spots.x, spots.y, strict=True)
    return [
        Reject(int(row), "geometry", name, Said(reason, lon=lon, lat=lat), file)
        for row, name, lon, lat in columns
    ]


def _witnesses(known: Outlines, places: gpd.GeoDataFrame, *, synthetic: bool) -> Witnesses:
    """Street offices; places whose source names their area; outlines that were imported before."""
    declared = places.iloc[:0] if synthetic else places  # made-up places are no witnesses
    points = gpd.GeoDataFrame(
        {name: declared[name].where(_stated(declared, name), None) for name in _PLACED},
        geometry=declared.geometry.representative_point(),
        crs=WGS84,
    )
    levels = (
        (known.districts, "district", Level.DISTRICT),
        (known.streets, "street", Level.STREET),
    )
    before = [
        frame.loc[~frame["approximate"].to_numpy(bool), [column, "geometry"]]
        .rename(columns={column: "name"})
        .assign(level=str(level))
        for frame, column, level in levels
    ]
    imported = gpd.GeoDataFrame(pd.concat(before, ignore_index=True))
    land = None if known.of_places else known.land
    return Witnesses({"offices": known.offices, "places": points}, imported, land, known.city.grid)


def _stated(places: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    guessed = [isinstance(said, str) and column in said.split() for said in places["src_guessed"]]
    return ~np.array(guessed, dtype=bool)
