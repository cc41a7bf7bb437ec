"""Makes the cities, measures the rows asked for, prints the table. Each row's own module says what it measures."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.benchmarks import batch, cities, exact, filtered, http_row, importing, nearest, start
from tests.benchmarks.cities import DEMO_PLACES, City
from tests.benchmarks.report import Line, table

GROWN: Final = (200_000, 2_000_000)


def run(rows: Collection[str], home: Path, *, quick: bool) -> None:
    """Measure `rows` and print the table; datasets that servers read are published under `home`."""
    console = Console(width=None if Console().is_terminal else 150)
    lines: list[Line] = []
    try:
        with console.status("making the cities") as status:
            made = {} if set(rows) == {"import"} else _cities(quick=quick)
            for line in _measure(rows, home, made):
                lines.append(line)
                status.update(f"{line.row}: {line.what}")
    finally:  # what was measured is shown, also where a later row breaks or is interrupted
        console.print(table(lines))


def _cities(*, quick: bool) -> dict[int, City]:
    demo = cities.demo()
    sizes = GROWN[:1] if quick else GROWN
    return {DEMO_PLACES: demo, **{size: cities.grown(demo, size, cities.SHORT_RECORD) for size in sizes}}


def _measure(rows: Collection[str], home: Path, made: dict[int, City]) -> Iterator[Line]:
    if "exact" in rows:
        for city in made.values():
            yield from exact.measure(city)
    if "nearest" in rows:
        yield from nearest.measure(made)
    if "filtered" in rows:
        for city in made.values():
            yield from filtered.measure(city)
    if "batch" in rows:
        for city in made.values():
            yield from batch.measure(city)
    yield from _processes(rows, home, made)


def _processes(rows: Collection[str], home: Path, made: dict[int, City]) -> Iterator[Line]:
    """Rows about whole processes: what they cost a request, a start, an import."""
    if "http" in rows:
        yield from http_row.measure(made[DEMO_PLACES], home)
    if "start" in rows:
        yield from start.measure(made, home)
    if "import" in rows:
        yield from importing.measure(home)
