"""A file of points becomes a table of their nearest places: every format, every point, whole or not
at all.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from geodata.analysis import nearest as room
from geodata.errors import BadTable, NuanfengError, UnreadableFile
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question, nearest
from geodata.snapshot.snapshot import Snapshot
from geodata.sources import points as points_room
from geodata.space.coordinates import Datum, from_wgs84
from geodata.vocabulary import Mode
from tests import makers

QUESTION = Question(114.0, 22.5, makers.DAY, 3, 800.0, Filter(open=Open.NOW), Mode.RIDE)


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(2_200, 20, seed=9))


@pytest.fixture
def orders() -> pd.DataFrame:
    lonlat = makers.clustered(np.random.default_rng(3), 257).round(7)
    table = pd.DataFrame(
        {"id": np.arange(257) * 10, "lon": lonlat[:, 0], "lat": lonlat[:, 1], "备注": "加急"}
    )
    table.loc[5, "lon"] = np.nan
    table.loc[6, "lat"] = 50.0
    table.loc[7, "lon"] = 1e300
    return table


def asked(city: Snapshot, source: Path, target: Path, **options: Any) -> pd.DataFrame:
    where = {name: options.pop(name) for name in ("lon", "lat", "datum") if name in options}
    points = points_room.Source(source, **where)
    room.nearest_to_file(city, points, target, QUESTION, progress=lambda *_: None, **options)
    return (
        pd.read_parquet(target)
        if target.suffix == ".parquet"
        else pd.read_csv(target, encoding="utf-8-sig")
    )


def test_every_point_has_the_rows_that_nearest_answers_or_one_that_says_why_not(
    city: Snapshot, orders: pd.DataFrame, tmp_path: Path
) -> None:
    orders.to_parquet(tmp_path / "in.parquet")
    table = asked(city, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert table["synthetic"].all()
    assert sorted(set(table["point_row"])) == list(range(257))
    for row, each in table.groupby("point_row"):
        order = orders.iloc[row]
        assert set(each["id"]) == {order["id"]}
        assert set(each["备注"]) == {"加急"}
        if each["note"].notna().any():
            assert len(each) == 1
            assert each["place_id"].isna().all()
            expected = {5: room.NO_DEGREES, 6: room.OUTSIDE, 7: room.OUTSIDE}.get(row, room.NOTHING)
            assert each["note"].item() == expected
        else:
            hits = nearest(city, Question(order["lon"], order["lat"], *_rest())).hits
            assert each["place_id"].tolist() == [city.id_of(hit.row) for hit in hits]
            assert each["place_name"].tolist() == [city.name_of(hit.row) for hit in hits]
            assert each["rank"].tolist() == list(range(1, len(hits) + 1))
            assert np.allclose(
                each["distance_m"], [hit.distance_m for hit in hits], rtol=0, atol=0.0006
            )
    assert table["note"].isna().sum() > 150


def _rest() -> tuple[Any, ...]:
    return QUESTION.at, QUESTION.k, QUESTION.max_distance_m, QUESTION.filter, QUESTION.mode


@pytest.mark.parametrize("size", [1, 100, 257, 1_000])
def test_the_answer_does_not_depend_on_how_the_points_are_cut(
    city: Snapshot, orders: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    orders.to_parquet(tmp_path / "in.parquet")
    whole = asked(city, tmp_path / "in.parquet", tmp_path / "whole.parquet")
    monkeypatch.setattr(points_room, "PIECE", size)
    pd.testing.assert_frame_equal(
        asked(city, tmp_path / "in.parquet", tmp_path / "cut.parquet", threads=2), whole
    )


WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], Any]] = {
    "in.csv": lambda frame, path: pd.DataFrame(frame.drop(columns="geometry")).to_csv(
        path, index=False
    ),
    "in.geojson": lambda frame, path: frame.to_file(path),
    "in.gpkg": lambda frame, path: frame.to_file(path),
    "in.parquet": lambda frame, path: frame.to_parquet(path),
    "grid.parquet": lambda frame, path: frame.to_crs("EPSG:4547").to_parquet(path),
    "none.parquet": lambda frame, path: frame.set_crs(None, allow_override=True).to_parquet(path),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("target", ["out.parquet", "out.csv"])
def test_every_format_gives_the_same_places(
    city: Snapshot, orders: pd.DataFrame, tmp_path: Path, name: str, target: str
) -> None:
    plain = orders.drop(index=[5, 6, 7]).reset_index(drop=True)
    plain.to_parquet(tmp_path / "plain.parquet")
    frame = gpd.GeoDataFrame(
        plain, geometry=gpd.points_from_xy(plain["lon"], plain["lat"]), crs="EPSG:4326"
    )
    WRITERS[name](frame, tmp_path / name)
    want = asked(city, tmp_path / "plain.parquet", tmp_path / "want.parquet")
    got = asked(city, tmp_path / name, tmp_path / target)
    assert got["place_id"].fillna("").tolist() == want["place_id"].fillna("").tolist()
    assert np.allclose(got["distance_m"], want["distance_m"], rtol=0, atol=0.002, equal_nan=True)


def test_columns_may_have_any_name_and_any_datum(
    city: Snapshot, orders: pd.DataFrame, tmp_path: Path
) -> None:
    plain = orders.drop(index=[5, 6, 7])
    lon, lat = from_wgs84(plain["lon"], plain["lat"], Datum.GCJ02)
    pd.DataFrame({"经度": lon, "纬度": lat}).to_csv(tmp_path / "shifted.csv", index=False)
    plain.to_parquet(tmp_path / "plain.parquet")
    want = asked(city, tmp_path / "plain.parquet", tmp_path / "want.parquet", keep=["id"])
    got = asked(
        city,
        tmp_path / "shifted.csv",
        tmp_path / "got.parquet",
        datum=Datum.GCJ02,
        lon="经度",
        lat="纬度",
    )
    assert got["place_id"].fillna("").tolist() == want["place_id"].fillna("").tolist()
    assert "备注" not in want.columns


@pytest.mark.parametrize("name", ["none.csv", "none.parquet"])
def test_no_points_make_an_empty_table_with_all_headings(
    city: Snapshot, orders: pd.DataFrame, tmp_path: Path, name: str
) -> None:
    none = orders.head(0)
    none.to_csv(tmp_path / name, index=False) if name.endswith("csv") else none.to_parquet(
        tmp_path / name
    )
    table = asked(city, tmp_path / name, tmp_path / "out.parquet")
    assert list(table.columns) == ["point_row", "id", "lon", "lat", "备注", *room.COLUMNS[1:]]
    assert len(table) == 0


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: folder / "absent.parquet", "there is no file"),
        (lambda folder: _written(folder / "t.docx", b""), "is none of"),
        (lambda folder: _written(folder / "t.xlsx", b""), "cannot be read as a workbook"),
        (lambda folder: _written(folder / "t.parquet", b"PAR1 not"), "cannot be read"),
        (
            lambda folder: _written(folder / "t.csv", "lon,lat\n1,2,3\n".encode("utf-16")),
            "2 columns, got 3",
        ),
        (lambda folder: _written(folder / "t.csv", b""), "no table"),
        (lambda folder: _written(folder / "t.csv", b"x,y\n1,2\n"), "no column 'lon'"),
        (lambda folder: _written(folder / "t.csv", b"lon,lat,note\n114,22.5,x\n"), "column 'note'"),
        (lambda folder: _written(folder / "t.geojson", b"{}"), "neither a GeoJSON"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_the_older_table_stays(
    city: Snapshot, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    target = tmp_path / "out.parquet"
    target.write_bytes(b"older")
    with pytest.raises(NuanfengError, match=reason):
        asked(city, make(tmp_path), target)
    assert target.read_bytes() == b"older"
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def _written(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


def test_polygons_are_not_points(city: Snapshot, tmp_path: Path) -> None:
    gpd.GeoDataFrame({"a": [1]}, geometry=[makers.OUTLINE], crs="EPSG:4326").to_parquet(
        tmp_path / "in.parquet"
    )
    with pytest.raises(BadTable, match="only points"):
        asked(city, tmp_path / "in.parquet", tmp_path / "out.parquet")


def test_the_points_are_never_replaced_by_their_answers(
    city: Snapshot, orders: pd.DataFrame, tmp_path: Path
) -> None:
    orders.to_parquet(tmp_path / "in.parquet")
    with pytest.raises(UnreadableFile, match="replace the points"):
        asked(city, tmp_path / "in.parquet", tmp_path / "in.parquet")
    assert pq.read_metadata(tmp_path / "in.parquet").num_rows == 257
