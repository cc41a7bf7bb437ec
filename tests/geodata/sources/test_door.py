"""One door for every file: encodings, CRS and damage, the same for each command."""

import json
import random
import re
import shutil
import sqlite3
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geodata.analysis.siting.file import read_points
from geodata.errors import BadTable, BadValue, NuanfengError, UnreadableFile
from geodata.pipeline.new_city import shipped
from geodata.sources.areas.layers import AreasDeclared, read_areas
from geodata.sources.decoding import decoded
from geodata.sources.file_options import FileOptions
from geodata.sources.points import Source
from geodata.sources.read import read
from geodata.sources.table import Declared, places_from
from geodata.sources.wkb import MOST_LEVELS, from_wkb, from_wkt
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind

LONLAT = [(113.9645, 22.5405), (113.9821, 22.5376)]
NAMES = ["白石洲驿站", "华侨城驿站"]
COLUMNS = {"编号": ["st-201", "st-202"], "名称": NAMES, "地址": ["深南大道9028号", "侨城东路"]}
BOXES = [shapely.box(113.9, 22.5, 114, 22.6), shapely.box(114, 22.5, 114.1, 22.6)]
DISTRICTS = {"名称": ["南山区", "福田区"]}


def points(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(COLUMNS, geometry=shapely.points(LONLAT), crs=4326).to_crs(crs)


def areas() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(DISTRICTS, geometry=BOXES, crs=4326)


def _to_file(frame: gpd.GeoDataFrame, path: Path, **options: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        frame.to_file(path, **options)


def zipped(frame: gpd.GeoDataFrame, path: Path, **parts: bytes) -> Path:
    """A shapefile in a zip; a keyword replaces one of its parts."""
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    _to_file(frame, folder / "p.shp", encoding="utf-8")
    with zipfile.ZipFile(path, "w") as packed:
        for part in sorted(folder.iterdir()):
            packed.writestr(part.name, parts.get(part.suffix[1:], part.read_bytes()))
    shutil.rmtree(folder)
    return path


def as_geojson(frame: gpd.GeoDataFrame, path: Path) -> Path:
    said = json.loads(frame.to_json(drop_id=True))
    crs = f"urn:ogc:def:crs:EPSG::{frame.crs.to_epsg()}" if frame.crs else None
    if crs:
        said["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return path


def stored(frame: gpd.GeoDataFrame, path: Path) -> Path:
    match path.suffix:
        case ".zip":
            return zipped(frame, path)
        case ".geojson":
            return as_geojson(frame, path)
        case ".gpkg":
            _to_file(frame, path)
        case ".shp":
            _to_file(frame, path, encoding="utf-8")
        case ".parquet":
            frame.to_parquet(path)
        case suffix:
            _stored_as_table(frame, path, suffix)
    return path


def _stored_as_table(frame: gpd.GeoDataFrame, path: Path, suffix: str) -> None:
    table = pd.DataFrame(frame.drop(columns="geometry"))
    if (frame.geom_type == "Point").all():
        table["经度"], table["纬度"] = frame.geometry.x, frame.geometry.y
    else:
        table["wkt"] = frame.geometry.to_wkt()
    if suffix == ".xlsx":
        with pd.ExcelWriter(path, engine="xlsxwriter") as book:
            table.to_excel(book, index=False)
    else:
        path.write_bytes(table.to_csv(index=False).encode("gbk"))


def imported(path: Path) -> list[tuple[float, float]]:
    (table,) = read(path)
    places = places_from(table, Declared(Datum.WGS84, Kind.WARM_BEE_STATION)).places
    return list(zip(places.geometry.x, places.geometry.y, strict=True))


def asked(path: Path) -> list[tuple[float, float]]:
    (piece,) = Source(path).opened().pieces
    return [tuple(row) for row in piece.lonlat.tolist()]


def sited(path: Path) -> list[tuple[float, float]]:
    found = read_points(path)
    return list(zip(found.geometry.x, found.geometry.y, strict=True))


LAYERS = ["a.geojson", "a.gpkg", "a.zip", "a.shp", "a.parquet"]
TABLES = ["a.csv", "a.xlsx"]


# --- one CRS, whatever holds it ---


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize(
    "crs", ["EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:4526", "EPSG:3857", "EPSG:32649"]
)
@pytest.mark.parametrize("reader", [imported, asked, sited])
def test_a_crs_is_read_alike_in_every_format_and_by_every_command(
    tmp_path: Path, name: str, crs: str, reader: Callable[[Path], Any]
) -> None:
    path = stored(points(crs), tmp_path / name)
    assert np.allclose(reader(path), LONLAT, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:3857"])
def test_outlines_are_read_alike_in_every_crs(tmp_path: Path, name: str, crs: str) -> None:
    found = read_areas(
        stored(areas().to_crs(crs), tmp_path / name), AreasDeclared(), shipped().names
    )
    assert found.names == ("南山区", "福田区")
    assert found.datum is Datum.WGS84
    assert np.allclose(
        [shape.bounds for shape in found.geometries],
        [box.bounds for box in BOXES],
        rtol=0,
        atol=1e-7,
    )


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip", "a.parquet"])
def test_without_a_crs_the_datum_is_to_be_declared(tmp_path: Path, name: str) -> None:
    path = stored(points().set_crs(None, allow_override=True), tmp_path / name)
    (table,) = read(path)
    with pytest.raises(BadTable, match="declare it with --datum"):
        places_from(table, Declared(None, Kind.WARM_BEE_STATION))
    assert np.allclose(imported(path), LONLAT, rtol=0, atol=1e-9)


def test_metres_without_a_crs_are_read_by_the_one_that_is_stated(tmp_path: Path) -> None:
    bare = points("EPSG:4547").set_crs(None, allow_override=True)
    path = stored(bare, tmp_path / "a.gpkg")
    (table,) = read(path, FileOptions(crs="EPSG:4547"))
    at = table.columns.index("geometry.lon")
    assert [float(row[at]) for row in table.rows] == pytest.approx([lon for lon, _ in LONLAT])
    (piece,) = Source(path, options=FileOptions(crs="EPSG:4547")).opened().pieces
    assert np.allclose(piece.lonlat, LONLAT, rtol=0, atol=1e-7)
    with pytest.raises(BadValue, match="names no coordinate reference system"):
        read(path, FileOptions(crs="EPSG:0"))


def test_a_crs_that_nobody_knows_is_a_sentence(tmp_path: Path) -> None:
    path = as_geojson(points(), tmp_path / "a.geojson")
    path.write_text(path.read_text("utf-8").replace("EPSG::4326", "EPSG::999999"), "utf-8")
    with pytest.raises(BadTable, match=r"a\.geojson states a CRS that nobody knows"):
        read(path)


# --- encodings ---

TEXT = "编号,名称,地址,经度,纬度\nst-201,白石洲驿站,深南大道9028号,113.9645,22.5405\n" * 1


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"],
)
@pytest.mark.parametrize("reader", [imported, asked, sited])
def test_a_text_table_is_read_in_any_encoding_by_every_command(
    tmp_path: Path, encoding: str, reader: Callable[[Path], Any]
) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT.encode(encoding))
    assert reader(tmp_path / "a.csv") == [(113.9645, 22.5405)]
    assert read(tmp_path / "a.csv")[0].rows[0][1] == "白石洲驿站"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_geojson_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = as_geojson(points(), tmp_path / "a.geojson")
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    assert [row[1] for row in read(path)[0].rows] == NAMES


def test_an_encoding_that_is_named_is_the_only_one_tried(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode("gbk"))
    assert read(path, FileOptions(encoding="gbk"))[0].rows[0][1] == "白石洲驿站"
    with pytest.raises(UnreadableFile, match=r"a\.csv is not in utf-8: line 1 has a byte 0xb1"):
        read(path, FileOptions(encoding="utf-8"))
    with pytest.raises(UnreadableFile, match="is not in utf-8"):
        list(Source(path, options=FileOptions(encoding="utf-8")).opened().pieces)
    for name in ("klingon", "hex", "idna", "", "rot13", "utf-8\0"):
        if name:
            with pytest.raises(BadValue, match="names no encoding"):
                read(path, FileOptions(encoding=name))


def test_a_text_that_was_cut_or_damaged_is_never_read_as_other_characters(tmp_path: Path) -> None:
    body = (TEXT * 3).encode()
    for spoilt in (
        body[: body.rindex("名".encode()) + 2],
        body.replace("白".encode(), b"\xe7\x99"),
    ):
        (tmp_path / "a.csv").write_bytes(spoilt)
        with pytest.raises(UnreadableFile, match=r"a\.csv is UTF-8 with \d+ damaged character"):
            read(tmp_path / "a.csv")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=40))
@settings(max_examples=60)
def test_chinese_of_any_encoding_comes_back(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        assert decoded(text.encode(encoding), "a").text == text


# --- shapefiles: what their .cpg says is a rumour ---


def in_dbf(encoding: str, cpg: bytes | None, tmp_path: Path) -> Path:
    """A shapefile whose DBF is in one encoding and whose .cpg names another, or none."""
    made = tmp_path / encoding
    made.mkdir(exist_ok=True)
    points().to_file(made / "p.shp", encoding=encoding)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for part in made.iterdir():
            if part.suffix != ".cpg":
                packed.write(part, part.name)
        if cpg is not None:
            packed.writestr("p.cpg", cpg)
    return path


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff")))
@example("α—,b")  # letters of GB 18030's look, in bytes that are none of its
@settings(max_examples=300)
def test_any_utf_8_is_read_and_only_as_chinese_that_it_may_be(text: str) -> None:
    body = text.encode()
    found = decoded(body, "list.csv")
    if found.text != text:
        assert found.encoding in {"gb18030", "big5hkscs"}
        assert found.text == body.decode(found.encoding)
        assert re.search("[\u0370-\u07ff]", text)
        assert not re.search("[\u4e00-\u9fff]", text)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize(
    "cpg", [None, b"", b"UTF-8", b"GBK", b"936", b"ISO-8859-1", b"1252", b"\xff\xfe", b"Klingon"]
)
def test_a_dbf_is_read_whatever_its_cpg_says(
    tmp_path: Path, encoding: str, cpg: bytes | None
) -> None:
    (table,) = read(in_dbf(encoding, cpg, tmp_path))
    assert [row[:3] for row in table.rows] == [
        tuple(values[at] for values in COLUMNS.values()) for at in range(2)
    ]


def test_the_faulty_shapefiles_and_the_crs_of_cgcs2000_are_read(real_data: Path) -> None:
    folder = real_data / "faults" / "files"
    rows = [
        ("st-201", "白石洲驿站", "深南大道9028号", "9:00-18:00", "113.9645", "22.5405"),
        ("st-202", "华侨城驿站", "侨城东路", "24小时", "113.9821", "22.5376"),
    ]
    heads = {
        "ascii_heads_gbk_wrongcpg.zip": ("id", "name", "address", "hours"),
        "utf8_heads_cut_at_10_bytes.zip": ("编号", "名称", "地址", "营业时间"),
        "crs4490.geojson": ("编号", "名称", "地址", "营业时间"),
    }
    for name, columns in heads.items():
        (table,) = read(folder / name)
        assert table.columns[:4] == columns
        assert list(table.rows) == rows
        assert table.datum == "wgs84"
        assert np.allclose(asked(folder / name), LONLAT)
        assert np.allclose(sited(folder / name), LONLAT)


@pytest.mark.parametrize("part", ["shp", "dbf"])
def test_a_shapefile_that_is_cut_off_is_refused_and_not_read_in_part(
    tmp_path: Path, part: str
) -> None:
    whole = zipped(points(), tmp_path / "a.zip")
    with zipfile.ZipFile(whole) as packed:
        body = packed.read(f"p.{part}")
    for end in (0, 20, 60, len(body) - 3):
        cut = zipped(points(), tmp_path / "b.zip", **{part: body[:end]})
        with pytest.raises(UnreadableFile, match=r"b\.zip"):
            read(cut)


def test_a_zip_made_by_a_chinese_program_names_its_layers(tmp_path: Path) -> None:
    whole = zipped(points(), tmp_path / "a.zip")
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(tmp_path / "b.zip", "w") as renamed:
        for part in packed.infolist():
            name = part.filename.replace("p.", "子/驿站.").encode("gbk").decode("cp437")
            renamed.writestr(zipfile.ZipInfo(name), packed.read(part))
    body = (tmp_path / "b.zip").read_bytes()
    assert read(tmp_path / "b.zip")[0].sheet is not None
    assert len(body) > 0


# --- nested without end ---


def collections(levels: int) -> bytes:
    return b"".join(struct.pack("<BII", 1, 7, 1) for _ in range(levels)) + struct.pack(
        "<BIdd", 1, 1, 114.0, 22.5
    )


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 1_000, 100_000])
def test_collections_in_collections_are_refused_before_geos_sees_them(
    tmp_path: Path, levels: int
) -> None:
    deep = collections(levels)
    with pytest.raises(BadValue, match="nested too deeply"):
        from_wkb([deep])
    path = stored(points(), tmp_path / "a.parquet")
    table = pq.read_table(path)
    at = table.column_names.index("geometry")
    bodies = pa.array([deep] * 2, pa.large_binary())
    kind = table.schema.field(at).with_type(pa.large_binary())
    pq.write_table(table.set_column(at, kind, bodies), path)
    for reader in (
        imported,
        asked,
        sited,
        lambda path: read_areas(path, AreasDeclared(), shipped().names),
    ):
        with pytest.raises(NuanfengError, match="nested too deeply"):
            reader(path)


def test_a_geopackage_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = stored(points(), tmp_path / "a.gpkg")
    with sqlite3.connect(path) as held:
        for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            held.execute(f'DROP TRIGGER "{name}"')
        (blob,) = held.execute("SELECT geom FROM a").fetchone()
        held.execute("UPDATE a SET geom = ?", (blob[:8] + collections(100_000),))
    held.close()
    for reader in (
        imported,
        asked,
        sited,
        lambda path: read_areas(path, AreasDeclared(), shipped().names),
    ):
        try:
            found = reader(path)
        except NuanfengError:
            continue
        assert len(found) in (0, 2)


@pytest.mark.parametrize("levels", [100, 900, 100_000])
def test_a_geojson_or_wkt_nested_without_end_is_refused(tmp_path: Path, levels: int) -> None:
    begins = '{"type":"GeometryCollection","geometries":['
    shape = begins * levels + '{"type":"Point","coordinates":[114,22.5]}' + "]}" * levels
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"南山区"},'
        f'"geometry":{shape}}}]}}',
        encoding="utf-8",
    )
    for reader in (imported, asked):
        try:
            found = reader(path)
        except UnreadableFile:
            continue
        assert not np.isfinite(np.array(found, dtype=float)).any()
    with pytest.raises(BadValue, match="nested too deeply"):
        from_wkt("GEOMETRYCOLLECTION(" * levels + "POINT(1 1)" + ")" * levels)


@given(
    st.binary(max_size=600) | st.binary(max_size=300).map(lambda tail: collections(3)[:27] + tail)
)
@settings(max_examples=300)
def test_no_bytes_are_walked_without_end(body: bytes) -> None:
    try:
        found = from_wkb([body * (1 + 300 // max(len(body), 1))])
    except (BadValue, shapely.errors.ShapelyError):
        return
    assert len(found) == 1


def test_what_shapely_writes_is_never_refused() -> None:
    ring = shapely.Point(0, 0).buffer(1, quad_segs=64)
    shapes = [
        shapely.MultiPolygon([ring.difference(ring.buffer(-0.3)), ring.buffer(-0.5)]),
        shapely.GeometryCollection([shapely.MultiLineString([ring.exterior.coords] * 3), ring]),
        shapely.force_3d(ring),
        shapely.set_srid(ring, 4326),
    ]
    for flavor in ("iso", "extended"):
        bodies = [
            shapely.to_wkb(each, flavor=flavor, include_srid=flavor != "iso") for each in shapes
        ]
        assert shapely.equals(from_wkb(bodies), shapes).all()


# --- numbers stay numbers ---


def test_numbers_of_texts_stay_numbers_and_what_only_looks_like_one_stays_text(
    tmp_path: Path,
) -> None:
    text = (
        "id,n,share,code,phone,mixed,blank,lon,lat\n"
        "00123,1,0.5,7,0755-82333707,1,,113.9645,22.5405\n"
        '00124,,2,8,13800138000,x,,１１３．９８２１,"22,5376"\n'
    )
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    (piece,) = Source(tmp_path / "a.csv").opened().pieces
    kinds = {field.name: str(field.type) for field in piece.own.schema}
    assert kinds == {
        "id": "string",
        "n": "int64",
        "share": "double",
        "code": "int64",
        "phone": "string",
        "mixed": "string",
        "blank": "string",
        "lon": "string",
        "lat": "string",
    }
    assert piece.own["n"].to_pylist() == [1, None]
    assert np.allclose(piece.lonlat, LONLAT)


def test_a_heading_that_states_another_datum_is_not_read_as_this_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("GCJ02_经度,GCJ02_纬度\n113.9,22.5\n", "utf-8")
    with pytest.raises(BadTable, match="states gcj02, and the points are read as wgs84"):
        Source(tmp_path / "a.csv").opened()
    assert len(list(Source(tmp_path / "a.csv", datum=Datum.GCJ02).opened().pieces)) == 1


# --- damage: any file, any command, one sentence ---


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("whole")
    names = [*LAYERS, *TABLES]
    return [
        *(stored(points(), folder / f"p{Path(name).suffix}") for name in names),
        *(stored(areas(), folder / f"o{Path(name).suffix}") for name in names),
        Path(__file__).parents[2] / "data" / "stations.xls",
    ]


READERS: dict[str, Callable[[Path], Any]] = {
    "import": imported,
    "import-areas": lambda path: read_areas(path, AreasDeclared(Datum.WGS84), shipped().names),
    "nearest, coverage": asked,
    "site": sited,
}


@pytest.mark.parametrize("reader", READERS)
def test_every_whole_file_is_read_by_who_asks_for_what_it_holds(
    whole: list[Path], reader: str
) -> None:
    wanted = "o" if reader == "import-areas" else "p"
    for path in whole:
        if path.stem == wanted:
            assert READERS[reader](path)


def damaged(body: bytes, rng: random.Random) -> bytes:
    spoilt = bytearray(body)
    match rng.randrange(4):
        case 0:
            return body[: rng.randrange(len(body))]
        case 1:
            for _ in range(rng.choice((1, 1, 3, 30))):
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        case 2:
            at = rng.randrange(len(body))
            spoilt[at:at] = bytes(rng.randrange(1, 400))
        case _:
            at = rng.randrange(len(body))
            del spoilt[at : at + rng.randrange(1, 400)]
    return bytes(spoilt)


def read_or_refused(path: Path) -> Iterator[str]:
    for name, reader in READERS.items():
        try:
            reader(path)
        except NuanfengError as fault:
            said = str(fault)
            assert path.name in said, (name, said)
            assert len(said) < 700, (name, said)
            assert str(path.parent) not in said, (name, said)
            yield name


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_damaged_cut_or_misnamed_file_is_read_or_refused_in_a_sentence(
    whole: list[Path], tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311  # no secret is drawn
    source = rng.choice(whole)
    suffix = rng.choice([source.suffix] * 5 + [each.suffix for each in whole] + [".json", ".tsv"])
    body = source.read_bytes() if suffix != source.suffix else damaged(source.read_bytes(), rng)
    path = tmp_path / f"驿站{suffix}"
    path.write_bytes(body)
    for part in (".dbf", ".shx", ".prj", ".cpg"):
        beside = source.with_suffix(part)
        if suffix == ".shp" and beside.exists():
            path.with_suffix(part).write_bytes(beside.read_bytes())
    assert {*read_or_refused(path)} <= {*READERS}


@pytest.mark.parametrize("suffix", sorted({*LAYERS, *TABLES, "a.xls", "a.tsv", "a.json", "a.txt"}))
def test_an_empty_file_is_refused_by_every_command(tmp_path: Path, suffix: str) -> None:
    (tmp_path / suffix).write_bytes(b"")
    assert {*read_or_refused(tmp_path / suffix)} == {*READERS}
