"""Districts and street offices that rows name: by their official names, and held against each
other and against outlines. Contradictions are told; no row is moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import MetricGrid
from geodata.errors import Said
from geodata.places import areas
from geodata.sources.areas.names import AreaNames, Level
from geodata.sources.cells import Note, NoteKind
from geodata.sources.repairs import Repair

#: A place further than this from the area that its row names was not put where its address is: no
#: drawn outline is so far off.
FAR_M = 3_000.0
#: The same of an outline that somebody surveyed: the width of a large crossing.
FAR_FROM_SURVEYED_M = 300.0


@dataclass(frozen=True, slots=True)
class Named:
    """A table whose districts and street offices have official names, and what was told."""

    places: gpd.GeoDataFrame
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]


def named(
    raw: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    known: AreaNames,
    published: NDArray[np.bool_] | None = None,
) -> Named:
    """Every district and street office by its official name, or null where none is meant: then it
    follows from the position. `districts` and `streets` are outlines in WGS-84, `known` how the
    names of the city's areas are written: of a level of which it knows nothing, as the rows say.

    Rows that were `published` before, shape (n,), stay as they are (None: there are none).
    """
    if raw.empty or not {"district", "street"} & set(raw.columns):
        return Named(raw, (), ())
    columns = {level: _texts(raw, level) for level in (Level.DISTRICT, Level.STREET)}
    own = {Level.DISTRICT: {*districts["district"]}, Level.STREET: {*streets["street"]}}
    read = {level: _read_each(columns[level], level, own[level], known) for level in columns}
    kept = np.zeros(len(raw), dtype=bool) if published is None else published
    spelt = {level: [name for name, _ in read[level]] for level in columns}
    spelt[Level.STREET] = [  # 江汉区民权街道 in the column of districts names both
        street or _read(rest, Level.STREET, own[Level.STREET], known)[0]
        for street, (_, rest) in zip(spelt[Level.STREET], read[Level.DISTRICT], strict=True)
    ]
    spelt = {level: _unless(kept, columns[level], names) for level, names in spelt.items()}
    repairs, notes = _told(raw, columns, spelt)
    places = raw.assign(
        **{str(level): pd.Series(spelt[level], dtype="object", index=raw.index) for level in spelt}
    )
    return Named(places, tuple(repairs), (*notes, *_other_districts(places, streets)))


def _unless(
    kept: NDArray[np.bool_], texts: Sequence[str], names: Sequence[str | None]
) -> list[str | None]:
    """The names, and the texts where they are kept."""
    return [
        text or None if keep else name
        for keep, text, name in zip(kept.tolist(), texts, names, strict=True)
    ]


def far_from_district(
    kept: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, grid: MetricGrid
) -> list[Note]:
    """Places far from the district that their row names: further than its outline can be off."""
    by_position = kept["src_guessed"].str.contains("district", na=False)
    stated = kept["district"].where(~by_position)
    outlines = {name: at for at, name in enumerate(districts["district"])}
    found = np.array([outlines.get(name, areas.NOWHERE) for name in stated], dtype=np.int64)
    rows = np.flatnonzero(found != areas.NOWHERE)
    ground_m = areas.to_metric(districts.geometry.to_numpy(), grid)[found[rows]]
    away_m = shapely.distance(areas.to_metric(kept.geometry.to_numpy()[rows], grid), ground_m)
    rough = districts["approximate"].to_numpy(bool)[found[rows]]
    far = away_m > np.where(rough, FAR_M, FAR_FROM_SURVEYED_M)
    return [
        _note(
            NoteKind.FAR_FROM_DISTRICT,
            kept,
            int(at),
            "district",
            str(kept["district"].iloc[at]),
            Said("the point lies {km:.1f} km from that district", km=metres / 1000),
        )
        for at, metres in zip(rows[far], away_m[far], strict=True)
    ]


def _texts(raw: gpd.GeoDataFrame, level: Level) -> list[str]:
    if level not in raw:
        return [""] * len(raw)
    return [text if isinstance(text, str) else "" for text in raw[level]]


def _read_each(
    texts: Sequence[str], level: Level, own: set[str], known: AreaNames
) -> list[tuple[str | None, str]]:
    """Each text once: a list says the same few names in every row."""
    read = {text: _read(text, level, own, known) for text in dict.fromkeys(texts)}
    return [read[text] for text in texts]


def _read(text: str, level: Level, own: set[str], known: AreaNames) -> tuple[str | None, str]:
    """The official name, and of a text that names district and street office what is behind the
    district.
    """
    if not text or text in own:
        return text or None, ""
    name = known.official(text, level)
    if name or level is Level.STREET:
        return name, ""
    return known.district_and_rest(text)


def _told(
    raw: gpd.GeoDataFrame,
    columns: Mapping[Level, Sequence[str]],
    spelt: Mapping[Level, Sequence[str | None]],
) -> tuple[list[Repair], list[Note]]:
    repairs: list[Repair] = []
    notes: list[Note] = []
    for level, texts in columns.items():
        for row, (text, name) in enumerate(zip(texts, spelt[level], strict=True)):
            if text and name is None:
                about = Said("no {level} is called so; it follows from the position", level=level)
                notes.append(_note(NoteKind.UNKNOWN_AREA, raw, row, str(level), text, about))
            elif name is not None and name != text:
                number, source = int(raw["src_row"].iloc[row]), _source(raw, row)
                how = Said("the official name") if text else Said("named beside its district")
                repairs.append(Repair(number, str(level), text, name, how, source))
    return repairs, notes


def _other_districts(places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> list[Note]:
    """Rows whose street office lies in another district than they say."""
    lies_in = dict(zip(streets["street"], streets["district"], strict=True))
    pairs = enumerate(zip(places["district"], places["street"], strict=True))
    return [
        _note(
            NoteKind.OTHER_DISTRICT,
            places,
            row,
            "district, street",
            f"{district} {street}",
            Said(
                "{street} lies in {lies_in}, not in {district}",
                street=street,
                lies_in=lies_in[street],
                district=district,
            ),
        )
        for row, (district, street) in pairs
        if isinstance(district, str) and street in lies_in and lies_in[street] != district
    ]


def _note(
    kind: NoteKind, places: gpd.GeoDataFrame, row: int, column: str, value: str, about: Said
) -> Note:
    number = int(places["src_row"].iloc[row])
    return Note(kind, number, column, value, about, _source(places, row))


def _source(places: gpd.GeoDataFrame, row: int) -> str:
    file, sheet = places["src_file"].iloc[row], places["src_sheet"].iloc[row]
    return f"{file} / {sheet}" if isinstance(sheet, str) and sheet else str(file)
