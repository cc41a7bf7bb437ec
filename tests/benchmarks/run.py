"""Makes the cities, measures the rows asked for, prints the table.

Each row's own module says what it measures.
"""

import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.benchmarks import (
    batch,
    bulk_row,
    cells_row,
    cities,
    city_row,
    country_row,
    day_row,
    desk_row,
    estimate_row,
    exact,
    filtered,
    first_row,
    ground_row,
    hours_row,
    http_row,
    importing,
    joins_row,
    layers_row,
    lists_row,
    load_row,
    locate_row,
    nearest,
    region_row,
    scale_row,
    shared_row,
    siting_row,
    start,
    tiles_row,
    travel,
    typed,
    voice,
)
from tests.benchmarks.cities import DEMO_PLACES, City
from tests.benchmarks.report import Line, table
from tests.conftest import data_folder

GROWN: Final = (200_000, 2_000_000)
_PER_CITY: Final = {"exact": exact, "filtered": filtered, "batch": batch}


def run(rows: Collection[str], home: Path, *, quick: bool) -> None:
    """Measure `rows`, tell each figure as it comes, print the table.

    What servers read is published under `home`.
    """
    console, progress = (
        Console(width=None if Console().is_terminal else 150),
        Console(stderr=True, highlight=False),
    )
    lines: list[Line] = []
    began = time.perf_counter()
    try:
        with progress.status("measuring"):
            for line in _measure(rows, home, _cities(rows, quick=quick), quick=quick):
                lines.append(line)
                told = f"{time.perf_counter() - began:5.0f} s  {line.row}: {line.what}: {line.ours}"
                told += f" ({line.peer})" if line.peer else ""
                progress.print(told, markup=False, soft_wrap=True)
    finally:  # what was measured is shown, also where a later row breaks or is interrupted
        console.print(table(lines))


def _cities(rows: Collection[str], *, quick: bool) -> dict[int, City]:
    """The demo city, and the larger ones if a row wants them; none for rows that make their own."""
    own = (
        hours_row.ROW,
        layers_row.ROW,
        shared_row.ROW,
        siting_row.ROW,
        scale_row.ROW,
        estimate_row.ROW,
        locate_row.ROW,
        city_row.ROW,
        country_row.ROW,
        desk_row.ROW,
    )
    none = {typed.ROW, first_row.ROW, ground_row.ROW, "import", *own}
    if set(rows) <= none:
        return {}
    demo, only_demo = (
        cities.demo(),
        {
            *none,
            cells_row.ROW,
            load_row.ROW,
            "travel",
            region_row.ROW,
            joins_row.ROW,
            voice.ROW,
            day_row.ROW,
        },
    )
    sizes = () if set(rows) <= only_demo else GROWN[:1] if quick else GROWN
    return {
        DEMO_PLACES: demo,
        **{size: cities.grown(demo, size, cities.SHORT_RECORD) for size in sizes},
    }


def _measure(
    rows: Collection[str], home: Path, made: dict[int, City], *, quick: bool
) -> Iterator[Line]:
    if "nearest" in rows:
        yield from nearest.measure(made)
    for name, row in _PER_CITY.items():
        for city in made.values() if name in rows else ():
            yield from row.measure(city)
    if "batch" in rows:
        yield from bulk_row.measure(made[DEMO_PLACES])
    yield from _measure_served(rows, home, made)
    yield from _measure_texts(rows, home, quick=quick)
    if "travel" in rows:
        yield from travel.measure(made[DEMO_PLACES], home, quick=quick)
    if estimate_row.ROW in rows:
        yield from estimate_row.measure()
    yield from _measure_large(rows, home, made, quick=quick)
    if scale_row.ROW in rows:
        yield from scale_row.measure(home, quick=quick)
    if desk_row.ROW in rows:
        yield from desk_row.measure(home, quick=quick)


def _measure_large(
    rows: Collection[str], home: Path, made: dict[int, City], *, quick: bool
) -> Iterator[Line]:
    """What takes minutes."""
    if region_row.ROW in rows:
        yield from region_row.measure(made[DEMO_PLACES], home, quick=quick)
    if city_row.ROW in rows:
        yield from city_row.measure(home, quick=quick)
    if country_row.ROW in rows:
        yield from country_row.measure(home, quick=quick)
    if joins_row.ROW in rows:
        yield from joins_row.measure(made[DEMO_PLACES], home, quick=quick)
    if voice.ROW in rows:
        yield from voice.measure(made[DEMO_PLACES], home, quick=quick)
    if day_row.ROW in rows:
        yield from day_row.measure(made[DEMO_PLACES], home, quick=quick)


def _measure_served(rows: Collection[str], home: Path, made: dict[int, City]) -> Iterator[Line]:
    """What reads published datasets."""
    if "http" in rows:
        yield from http_row.measure(made[DEMO_PLACES], home)
        yield from lists_row.measure(made[DEMO_PLACES], home)
    if load_row.ROW in rows:
        yield from load_row.measure(made[DEMO_PLACES], home)
    if cells_row.ROW in rows:
        yield from cells_row.measure(made[DEMO_PLACES], home)
    if "start" in rows:
        yield from start.measure(made, home)
    if first_row.ROW in rows:
        yield from first_row.measure(home)
    if ground_row.ROW in rows:
        yield from ground_row.measure(home)
    if "tiles" in rows:
        yield from tiles_row.measure(made, home)
    if shared_row.ROW in rows:
        yield from shared_row.measure(home)
    if siting_row.ROW in rows:
        yield from siting_row.measure()


def _measure_texts(rows: Collection[str], home: Path, *, quick: bool) -> Iterator[Line]:
    """What reads texts and tables."""
    if hours_row.ROW in rows:
        yield from hours_row.measure(quick=quick)
    if "search" in rows:
        yield from typed.measure()
    if "import" in rows:
        yield from importing.measure(home)
    if layers_row.ROW in rows:
        yield from layers_row.measure(home)
    if locate_row.ROW in rows:
        yield from locate_row.measure(data_folder(), quick=quick)
