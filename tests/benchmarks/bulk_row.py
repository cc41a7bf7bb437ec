"""Row "bulk": the nearest three of a million points, from Parquet to Parquet, as `nuanfeng nearest`
does it.
"""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geodata.analysis.nearest import nearest_to_file
from geodata.search.nearest import Question
from geodata.sources.points import Source
from tests.benchmarks.cities import City
from tests.benchmarks.clock import best_s
from tests.benchmarks.report import Line, faster
from tests.makers import TIMEZONE

ROW: Final = "bulk"
POINTS: Final = 1_000_000
_K: Final = 3
_ROUNDS: Final = 3


def measure(city: City) -> Iterator[Line]:
    """Against only reading the points and writing as many rows of the same columns: what no tool
    can save.
    """
    lonlat = city.questions(POINTS)
    question = Question(*city.snapshot.outline.bounds[:2], datetime.now(TIMEZONE), _K)
    with tempfile.TemporaryDirectory(prefix="nuanfeng-bulk-") as folder:
        source, target, copy = (
            Path(folder) / name for name in ("points.parquet", "out.parquet", "copy.parquet")
        )
        pq.write_table(
            pa.table({"key": np.arange(POINTS), "lon": lonlat[:, 0], "lat": lonlat[:, 1]}), source
        )

        def ours(_: object) -> None:
            nearest_to_file(
                city.snapshot, Source(source), target, question, threads=2, progress=lambda *_: None
            )

        def copied(_: object) -> None:
            pq.read_table(source)
            pq.write_table(pq.read_table(target), copy, compression="zstd")

        took = best_s({"ours": (ours, None, POINTS), "copy": (copied, None, POINTS)}, _ROUNDS)
        seconds = took["ours"] * POINTS
    yield faster(
        ROW,
        f"{city.size:,}, 1M points, k={_K}: {seconds:.1f} s",
        took["ours"],
        "read and write",
        took["copy"],
    )
