"""Files as people send them: formats, sheets, titles, totals, merged and hidden cells, encodings,
bombs.
"""

import datetime as dt
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import xlsxwriter

from geodata.errors import BadTable, UnreadableFile
from geodata.sources.file_options import FileOptions
from geodata.sources.measure import measure
from geodata.sources.read import FORMATS, read

DATA = Path(__file__).parents[2] / "data"
HEADINGS = ["编号", "驿站名称", "经度", "纬度"]
ROW = ["st-901", "科技园驿站", 113.9512, 22.5405]


def workbook(
    path: Path, *sheets: tuple[str, list[list[object]]], hidden: str | None = None
) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
    return path


def test_a_workbook_is_read_below_its_title_and_above_its_total(tmp_path: Path) -> None:
    rows = [
        ["一览表"],
        [],
        ["填表人：李", ""],
        HEADINGS,
        ROW,
        [],
        ["合计", 1],
        ["备注：以现场为准"],
    ]
    (table,) = read(workbook(tmp_path / "a.xlsx", ("驿站", rows)))
    assert table.columns == tuple(HEADINGS)
    assert table.rows == (("st-901", "科技园驿站", "113.9512", "22.5405"),)
    assert table.numbers == (5,)
    assert table.sheet == "驿站"
    assert [text.split(":")[0] for text in table.left_out] == ["row 1", "row 3", "row 7", "row 8"]


def test_the_old_excel_format_is_read(tmp_path: Path) -> None:
    (table,) = read(DATA / "stations.xls")
    assert table.columns == tuple(HEADINGS)
    assert [row[0] for row in table.rows] == ["st-901", "st-902"]
    assert table.numbers == (3, 4)
    assert len(table.left_out) == 2


def test_every_visible_sheet_is_a_table_and_a_hidden_one_is_told_or_asked_for(
    tmp_path: Path,
) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("南山", [HEADINGS, ROW]),
        ("旧", [HEADINGS, ROW]),
        ("空", []),
        hidden="旧",
    )
    (table,) = read(path)
    assert table.sheet == "南山"
    assert "'旧' is hidden" in table.left_out[0]
    assert [each.sheet for each in read(path, FileOptions(("旧",)))] == ["旧"]
    with pytest.raises(BadTable, match="no sheet '东'; it has 南山, 旧, 空"):
        read(path, FileOptions(("东",)))


def test_merged_cells_carry_their_value_into_every_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADINGS, "区"])
        for row in (1, 2, 3):
            sheet.write_row(row, 0, [f"st-90{row}", f"站{row}", 113.95, 22.54])
        sheet.merge_range(1, 4, 3, 4, "南山区")
    (table,) = read(tmp_path / "a.xlsx")
    assert [row[4] for row in table.rows] == ["南山区"] * 3


def test_dates_formulas_times_and_long_numbers_are_what_a_person_sees(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADINGS, "核实日期", "电话", "开门"])
        sheet.write_row(1, 0, ROW)
        sheet.write_datetime(
            1, 4, dt.date(2026, 11, 1), book.add_format({"num_format": "yyyy/m/d"})
        )
        sheet.write_formula(1, 5, "=13800138000+0", None, 13800138000)
        sheet.write_datetime(1, 6, dt.time(9, 30), book.add_format({"num_format": "hh:mm"}))
    (table,) = read(tmp_path / "a.xlsx")
    assert table.rows[0][4:] == ("2026-11-01", "13800138000", "09:30")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_text_table_is_read_in_any_usual_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    heading = (
        ["id", "名稱", "name", "lon", "lat"]
        if encoding == "big5"
        else ["id", "说明", "name", "lon", "lat"]
    )
    rows = [
        heading,
        *(
            [f"st-{i}", "這裡有熱水和微波爐可用", "科技園站", "113.95", "22.54"]
            for i in range(200, 240)
        ),
    ]
    text = "\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    (table,) = read(tmp_path / "a.txt")
    assert table.columns == tuple(heading)
    assert table.rows[0][2] == "科技園站"


def test_points_of_a_geojson_become_cells_and_other_shapes_say_what_they_are(
    tmp_path: Path,
) -> None:
    features = [
        {
            "type": "Feature",
            "id": 7,
            "properties": {"名称": "站", "设施": ["热水", "空调"], "开放": True, "无": None},
            "geometry": {"type": "Point", "coordinates": [113.95, 22.54]},
        },
        {
            "type": "Feature",
            "properties": {"名称": "街"},
            "geometry": {"type": "Polygon", "coordinates": []},
        },
    ]
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), "utf-8"
    )
    (table,) = read(tmp_path / "a.geojson")
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert rows[0] == {
        "名称": "站",
        "设施": "热水;空调",
        "开放": "是",
        "无": "",
        "id": "7",
        "geometry.lon": "113.95",
        "geometry.lat": "22.54",
    }
    assert rows[1]["geometry.lon"] == "a Polygon, not a point"
    assert table.numbers == (1, 2)
    assert table.datum is None


@pytest.mark.parametrize("name", ["a.gpkg", "a.zip", "a.parquet"])
def test_layers_state_their_datum_and_are_converted_if_they_are_in_metres(
    tmp_path: Path, name: str
) -> None:
    points = gpd.GeoDataFrame(
        {"name": ["科技园站"]}, geometry=[shapely.Point(113.95, 22.54)], crs="EPSG:4326"
    )
    moved = points.to_crs("EPSG:4547")
    if name.endswith("parquet"):
        moved.to_parquet(tmp_path / name)
    elif name.endswith("zip"):
        moved.to_file(tmp_path / "a.shp", encoding="utf-8")
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            for part in tmp_path.glob("a.[!z]*"):
                packed.write(part, part.name)
    else:
        moved.to_file(tmp_path / name, layer="stations")
    (table,) = read(tmp_path / name)
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    assert cells["name"] == "科技园站"
    assert float(cells["geometry.lon"]) == pytest.approx(113.95, abs=1e-7)
    assert float(cells["geometry.lat"]) == pytest.approx(22.54, abs=1e-7)
    assert table.datum == "wgs84"
    assert "converted from EPSG:4547" in table.left_out[0]


def test_the_real_layer_without_crs_states_no_datum(real_data: Path) -> None:
    (table,) = read(real_data / "boundaries" / "shenzhen_districts_no_crs.shp")
    assert table.datum is None
    assert len(table.rows) == 10


def test_a_zip_bomb_is_refused_however_it_lies(tmp_path: Path) -> None:
    honest, liar = tmp_path / "honest.xlsx", tmp_path / "liar.xlsx"
    with (
        zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(300):
            part.write(b" " * 1_000_000)
    body = honest.read_bytes()
    liar.write_bytes(
        body.replace((300_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    )
    assert liar.read_bytes() != body
    for path in (honest, liar):
        assert path.stat().st_size < 400_000
        with pytest.raises(UnreadableFile, match="unpacks to more than"):
            measure(path)


def test_a_sheet_that_reaches_too_far_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "wide.xlsx")) as book:
        book.add_worksheet().write(0, 16_000, "x")
    with xlsxwriter.Workbook(str(tmp_path / "far.xlsx")) as book:
        book.add_worksheet().write(1_000_000, 20, "x")
    (tmp_path / "wide.csv").write_text(",".join(map(str, range(20_000))), "utf-8")
    for name in ("wide.xlsx", "far.xlsx", "wide.csv"):
        with pytest.raises(UnreadableFile, match="columns"):
            read(tmp_path / name)


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as packed:
        packed.writestr(
            "xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'
        )
    with pytest.raises(UnreadableFile, match="entities"):
        read(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    "suffix", [suffix for suffix in FORMATS if suffix not in (".csv", ".tsv", ".txt")]
)
def test_a_file_that_is_not_what_its_name_says_is_refused_in_words(
    tmp_path: Path, suffix: str
) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"\x00\x01 not this \xff\xfe" * 40)
    with pytest.raises(UnreadableFile, match=r"a\."):
        read(tmp_path / f"a{suffix}")


def test_an_unknown_format_is_refused_with_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"save it as CSV or xlsx"):
        read(tmp_path / "a.docx")


def test_sizes_are_measured_before_any_library_of_tables_is_imported(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from geodata.sources.measure import measure;"
        " measure(Path(sys.argv[1])); heavy = {'pandas', 'numpy', 'geopandas', 'pyarrow', 'numba',"
        " 'python_calamine'}; print(sorted(heavy & set(sys.modules)))"
    )
    path = workbook(tmp_path / "a.xlsx", ("驿站", [HEADINGS, ROW]))
    found = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("levels", [100, 500, 900, 5_000, 100_000])
@pytest.mark.parametrize("place", ["property", "coordinates", "crs", "geometry"])
def test_a_deeply_nested_geojson_is_read_or_refused(
    tmp_path: Path, place: str, levels: int
) -> None:
    """Lists of some hundred levels can just be read, and not be written as text."""
    deep = "[" * levels + "]" * levels
    parts = {"property": '"a"', "coordinates": "[113.9,22.5]", "crs": "null", place: deep}
    point = f'{{"type":"Point","coordinates":{parts["coordinates"]}}}'
    feature = (
        f'{{"geometry":{parts.get("geometry", point)},"properties":{{"a":{parts["property"]}}}}}'
    )
    text = f'{{"type":"FeatureCollection","crs":{parts["crs"]},"features":[{feature}]}}'
    path = tmp_path / "deep.geojson"
    path.write_text(text, encoding="utf-8")
    try:
        found = [*read(path)]
    except UnreadableFile as refused:
        found = [str(refused)]
    assert len(found) == 1


def test_features_one_a_line_are_geojson_and_photos_of_places_are_no_places(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [113.96, 22.54]}
    lines = [
        {"type": "Feature", "properties": {"name": f"{n}号"}, "geometry": point} for n in (1, 2)
    ]
    (tmp_path / "a.geojson").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (table,) = read(tmp_path / "a.geojson")
    assert (table.columns, [row[0] for row in table.rows]) == (
        ("name", "geometry.lon", "geometry.lat"),
        ["1号", "2号"],
    )
    places = [{"name": "甲", "photos": [{"title": "门"}, {"title": "厅"}]}] * 3
    (tmp_path / "b.json").write_text(json.dumps(places), "utf-8")
    (table,) = read(tmp_path / "b.json")
    assert [row[0] for row in table.rows] == ["甲"] * 3
