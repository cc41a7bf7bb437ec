"""Makes the cities, measures the rows asked for, prints the table. Each row's own module says what it measures."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.benchmarks import (
    batch,
    bulk_row,
    cities,
    exact,
    filtered,
    http_row,
    importing,
    lists_row,
    nearest,
    start,
    tiles_row,
    typed,
)
from tests.benchmarks.cities import DEMO_PLACES, City
from tests.benchmarks.report import Line, table

GROWN: Final = (200_000, 2_000_000)


def run(rows: Collection[str], home: Path, *, quick: bool) -> None:
    """Measure `rows` and print the table; datasets that servers read are published under `home`."""
    console = Console(width=None if Console().is_terminal else 150)
    lines: list[Line] = []
    try:
        with console.status("making the cities") as status:
            for line in _measure(rows, home, _cities(quick=quick) if {*rows} - {typed.ROW, "import"} else {}):
                lines.append(line)
                status.update(f"{line.row}: {line.what}")
    finally:  # what was measured is shown, also where a later row breaks or is interrupted
        console.print(table(lines))


def _cities(*, quick: bool) -> dict[int, City]:
    demo = cities.demo()
    sizes = GROWN[:1] if quick else GROWN
    return {DEMO_PLACES: demo, **{size: cities.grown(demo, size, cities.SHORT_RECORD) for size in sizes}}


def _measure(rows: Collection[str], home: Path, made: dict[int, City]) -> Iterator[Line]:
    yield from _each("exact", rows, exact.measure, made)
    if "nearest" in rows:
        yield from nearest.measure(made)
    yield from _each("filtered", rows, filtered.measure, made)
    yield from _each("batch", rows, batch.measure, made)
    if "batch" in rows:
        yield from bulk_row.measure(made[DEMO_PLACES])
    yield from _measure_served(rows, home, made)


def _measure_served(rows: Collection[str], home: Path, made: dict[int, City]) -> Iterator[Line]:
    """What reads published datasets."""
    if "http" in rows:
        yield from http_row.measure(made[DEMO_PLACES], home)
        yield from lists_row.measure(made[DEMO_PLACES], home)
    if "start" in rows:
        yield from start.measure(made, home)
    if "search" in rows:
        yield from typed.measure()
    if "tiles" in rows:
        yield from tiles_row.measure(made, home)
    if "import" in rows:
        yield from importing.measure(home)


def _each(
    row: str, rows: Collection[str], measure: Callable[[City], Iterator[Line]], made: dict[int, City]
) -> Iterator[Line]:
    for city in made.values() if row in rows else ():
        yield from measure(city)
