"""What a Parquet file says of its geometry is read, or refused in a sentence."""

import json
from pathlib import Path

import geopandas as gpd
import pyarrow.parquet as pq
import pytest
import shapely

from geodata.errors import UnreadableFile
from geodata.sources.points import open_points

DEEP = b'{"primary_column":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def stored(path: Path, geo: bytes | None) -> Path:
    """Two points, and what the footer says of them: the usual, or these bytes."""
    frame = gpd.GeoDataFrame(geometry=shapely.points([(114.0, 22.5), (114.1, 22.6)]), crs=4326)
    frame.to_parquet(path)
    if geo is not None:
        table = pq.read_table(path)
        pq.write_table(table.replace_schema_metadata({b"geo": geo}), path)
    return path


def test_points_are_read_by_what_the_footer_says(tmp_path: Path) -> None:
    (piece,) = open_points(stored(tmp_path / "usual.parquet", None)).pieces
    assert piece.lonlat.tolist() == [[114.0, 22.5], [114.1, 22.6]]
    without_crs = json.dumps({"primary_column": "geometry", "columns": {"geometry": {}}}).encode()
    (same,) = open_points(stored(tmp_path / "plain.parquet", without_crs)).pieces
    assert same.lonlat.tolist() == piece.lonlat.tolist()


@pytest.mark.parametrize(
    "geo",
    [
        *(b"", b"{", b"[]", b"\xff\xfe", b'{"primary_column":3}', b'{"columns":[]}', DEEP),
        *(b'{"primary_column":"geometry"}', b'{"primary_column":"geometry","columns":{}}'),
        b'{"primary_column":"geometry","columns":{"geometry":{"crs":"EPSG:4326"}}}',
    ],
    ids=lambda geo: geo[:40],
)
def test_a_footer_that_is_none_is_refused(tmp_path: Path, geo: bytes) -> None:
    with pytest.raises(UnreadableFile, match="its geometry is no JSON"):
        open_points(stored(tmp_path / "odd.parquet", geo))
