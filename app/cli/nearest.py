"""`nuanfeng nearest`: a file of points is answered row by row. Decides nothing itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import settings
from app.cli import apart, terminal
from app.cli import cluster as clusters
from app.cli.options import DATASET, LAT, LON, AsksInBulk, opens_files, output, query_of
from geodata.errors import Said

if TYPE_CHECKING:
    from geodata.sources.file_options import FileOptions


@click.command(
    cls=AsksInBulk,
    epilog=(
        "Examples:  nuanfeng nearest orders.parquet -o answers.parquet --k 3 --needs water --open"
        " now  |  nuanfeng nearest 订单.csv --lon 经度 --lat 纬度 --datum gcj02 -o answers.csv"
    ),
)
@click.argument(
    "points", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="POINTS..."
)
@output("A .parquet, .csv or .xlsx.")
@LON
@LAT
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help="Which of the points' own columns to keep  [default: all]",
)
@click.option(
    "--threads",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="How many ask at once in a process.",
)
@DATASET
@clusters.OPTION
@opens_files
@terminal.in_sentences
def nearest(
    points: Sequence[Path],
    target: Path,
    lon: str | None,
    lat: str | None,
    keep: Sequence[str],
    threads: int,
    dataset: str | None,
    cluster: str | None,
    options: "FileOptions",
    **stated: str | None,
) -> None:
    """Find the nearest places of every point of files: Parquet or CSV of any size, workbooks,
    GeoJSON, GeoPackage or shapefiles.

    One row a point and rank; a point without an answer keeps a row that says why. Filters are those
    of the API.
    """
    from app.request.queries import now
    from geodata.analysis.nearest import nearest_to_file
    from geodata.sources.points import Source
    from geodata.store.files import Dataset

    query = query_of(stated)
    chosen = settings.read()
    stored = Dataset(chosen.home.absolute(), dataset or chosen.dataset)
    snapshot = stored.load()
    with (
        clusters.run_of(cluster, stored, points, target) as run,
        terminal.progress("asking", None) as progress,
    ):
        report = nearest_to_file(
            snapshot,
            Source(tuple(points), lon, lat, query.datum, options=options).inside(snapshot.outline),
            target,
            query.question(now(), snapshot),
            keep=keep or None,
            threads=threads,
            progress=progress,
            run=run,
        )
    kind = Said("synthetic places") if snapshot.about.synthetic else Said("places")
    terminal.tell(
        (
            "{points:,} points asked of {count:,} {kind}, {unanswered:,} without an "
            "answer: {rows:,} rows in {target}"
        ),
        points=report.points,
        count=len(snapshot),
        kind=kind,
        unanswered=report.unanswered,
        rows=report.rows,
        target=target,
    )
    apart.tell(report.apart)
