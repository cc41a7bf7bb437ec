"""What an import tells is counted by what it is about, whatever its sentence says."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.pipeline.new_city import shipped
from geodata.sources import identity, report
from geodata.sources.areas.layers import AreasDeclared, read_areas
from geodata.sources.areas.shapes import misfits, shaped
from geodata.sources.cells import Note, NoteKind
from geodata.sources.demo.city import SHENZHEN
from geodata.sources.read import read_csv
from geodata.sources.repairs import Repair
from geodata.sources.table import Declared, Read, places_from
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind

HEADING = "name,lon,lat,营业时间,服务,进门,电话,热水\n"
DECLARED = Declared(Datum.WGS84, Kind.FRIENDLY_MERCHANT, columns={"进门": "door"})


def read(folder: Path, *rows: str) -> Read:
    path = folder / "table.csv"
    path.write_text(HEADING + "".join(row + "\n" for row in rows), encoding="utf-8")
    return places_from(read_csv(path), DECLARED)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("甲站,113.96,22.54,看情况,,,,", NoteKind.HOURS_NOT_UNDERSTOOD),
        ("甲站,113.96,22.54,,hours not understood,,,", NoteKind.UNKNOWN_WORD),
        ("甲站,113.96,22.54,,,hours not understood,,", NoteKind.UNKNOWN_DOOR),
        ("甲站,113.96,22.54,,,,hours not understood,", NoteKind.NO_TELEPHONE),
        ("甲站,113.96,22.54,,,,,hours not understood", NoteKind.NEITHER_YES_NOR_NO),
        ("hours not understood,113.96,22.54,,,,,", None),
    ],
)
def test_each_cell_that_is_told_has_the_kind_of_what_is_wrong_with_it(
    tmp_path: Path, row: str, kind: NoteKind | None
) -> None:
    found = read(tmp_path, row)
    assert {note.kind for note in found.notes} == ({kind} if kind else set())
    for each in NoteKind:
        assert report.number_of(found.notes, each) == (each is kind) * len(found.notes)


def test_places_that_are_alike_are_told_by_what_they_share(tmp_path: Path) -> None:
    rows = ("甲,113.96,22.54,,,,0755-12345678,", "乙,113.96,22.54,,,,0755-12345678,")
    notes = identity.alike(read(tmp_path, *rows).places)
    assert [note.kind for note in notes] == [NoteKind.SAME_POINT, NoteKind.SAME_TELEPHONE]


def test_outlines_are_told_by_what_does_not_fit(tmp_path: Path) -> None:
    left, right = shapely.box(113.9, 22.5, 113.95, 22.6), shapely.box(113.94, 22.5, 114.0, 22.6)
    far = shapely.box(114.1, 22.5, 114.2, 22.6) - shapely.box(114.12, 22.52, 114.15, 22.55)
    thin = shapely.union(far, shapely.box(114.3, 22.5, 114.30001, 22.6))
    shapes = {"南山区": left, "福田区": right, "罗湖区": thin}
    gpd.GeoDataFrame(
        {"name": [*shapes, "南山区"]},
        geometry=[*shapes.values(), shapely.box(113.8, 22.5, 113.85, 22.6)],
        crs=4326,
    ).to_file(tmp_path / "a.geojson")
    made = shaped(
        read_areas(tmp_path / "a.geojson", AreasDeclared(Datum.WGS84), shipped().names),
        SHENZHEN.grid,
    )
    notes = [*made.notes, *misfits(made.areas, "a.geojson", SHENZHEN.grid)]
    assert Counter(note.kind for note in notes) == {
        NoteKind.JOINED: 1,
        NoteKind.OVERLAP: 1,
        NoteKind.HOLE: 1,
        NoteKind.SLIVER: 1,
    }


def test_a_screen_has_a_line_for_every_kind_and_no_two_are_alike() -> None:
    assert report.KINDS.keys() == set(NoteKind)
    assert len(set(report.KINDS.values())) == len(NoteKind)


def test_a_screen_counts_by_kind_though_every_sentence_is_another() -> None:
    note = Note(NoteKind.SAME_POINT, 3, "lon, lat", "站", "the same point as row 2")
    notes = [note, replace(note, about="the same point as row eleven"), note]
    notes += [replace(note, kind=NoteKind.SAME_TELEPHONE)]
    assert report.by_kind(notes) == [
        ("the same point as another row", 3),
        ("the same telephone as another row", 1),
    ]
    repair = Repair(3, "lon", "１", "1", "full-width digits")
    assert report.by_kind([repair, repair]) == [("full-width digits", 2)]
