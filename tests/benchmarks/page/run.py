"""Builds the cities and the naive pages, lets a phone visit them in turn, prints one table.

Asserts nothing.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from geodata.store.files import Dataset
from tests.benchmarks.cities import DEMO_PLACES
from tests.benchmarks.page import journeys, lines, naive, servers, sizes
from tests.benchmarks.page.phone import FOLIUM, OURS, Figures, Looks, Phone, middle
from tests.benchmarks.report import Line, table

SIZES: Final = (DEMO_PLACES, 200_000)
_OURS: Final = "ours"
_MOST_LIST_BYTES: Final = 3_000
_MOST_CODE_BYTES: Final = 62_000
_MOST_VOICE_BYTES: Final = 14_000
_MOST_OF_FLOOR: Final = 1.6
_MOST_BLOCKED_S: Final = 0.1
_LEAST_FPS: Final = 40.0

#: Whose page, over how many places.
Key = tuple[str, int]
Pages = Mapping[Key, tuple[str, Looks]]


def run(home: Path, *, rounds: int) -> None:
    """Measure and print; everything that is made lies under `home`."""
    console = Console(width=None if Console().is_terminal else 130)
    with ExitStack() as stack:
        status = stack.enter_context(console.status("building the cities"))
        pages = dict(_served(stack, home))
        status.update("visiting")
        seen = _visits(stack.enter_context(Phone.on()), pages, rounds)
        status.update("asking for lists")
        measured = list(_lines(home, seen))
    console.print(table(measured))


def run_journeys(home: Path, *, quick: bool) -> None:
    """Make the journeys and print them."""
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table(list(journeys.measure(home, quick=quick))))


def _served(stack: ExitStack, home: Path) -> Iterator[tuple[Key, tuple[str, Looks]]]:
    """Ours over each city, and those naive pages that could be made: the address of each, and how
    it looks.
    """
    peers = stack.enter_context(servers.naive(home))
    for size in SIZES:
        _build(home, size)
        yield (_OURS, size), (stack.enter_context(servers.ours(home, _city(size))), OURS)
        for name in naive.PAGES:
            if _made(home, size, name):
                yield (name, size), (f"{peers}/{_city(size)}-{name}", FOLIUM)


def _city(size: int) -> str:
    return f"city-{size}"


def _build(home: Path, size: int) -> None:
    command = [
        sys.executable,
        "-m",
        "app",
        "build",
        "--places",
        str(size),
        "--dataset",
        _city(size),
    ]
    environment = {**os.environ, "NUANFENG_HOME": str(home)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _made(home: Path, size: int, name: str) -> bool:
    """Whether Folium wrote a page in time."""
    page = home / f"{_city(size)}-{name}.br"
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.page.naive",
        str(home),
        _city(size),
        name,
        str(page),
    ]
    try:
        subprocess.run(command, check=True, timeout=lines.patience_s(size))
    except subprocess.TimeoutExpired:
        return False
    return True


def _visits(phone: Phone, pages: Pages, rounds: int) -> dict[Key, Figures]:
    """Pages take turns, so that a busy machine slows all of them.

    One that did not finish is not asked again.
    """
    seen: dict[Key, list[Figures]] = {key: [] for key in pages}
    for turn in range(rounds):
        for key, (address, looks) in pages.items():
            if len(seen[key]) == turn and (
                figures := phone.visit(address, looks, lines.patience_s(key[1]))
            ):
                seen[key].append(figures)
    return {key: middle(figures) for key, figures in seen.items() if len(figures) == rounds}


def _lines(home: Path, seen: Mapping[Key, Figures]) -> Iterator[Line]:
    for size in SIZES:
        for peer in naive.PAGES:
            yield from lines.beside(size, seen[_OURS, size], peer, seen.get((peer, size)))
    small, large = ours = [seen[_OURS, size] for size in SIZES]
    yield lines.flat(f"transfer, {SIZES[1]:,} places against {SIZES[0]:,}", small, large)
    for size, figures in zip(SIZES, ours, strict=True):
        reply = sizes.list_reply(Dataset(home, _city(size)).load(), figures.asked)
        yield lines.at_most(f"first list reply, p95, {size:,}", reply, _MOST_LIST_BYTES)
    code = sizes.code()
    voice = sum(size for path, size in code.items() if sizes.is_voice(path))
    yield lines.at_most("all JS and CSS", sum(code.values()) - voice, _MOST_CODE_BYTES)
    yield lines.at_most("what riders say: JS and CSS", voice, _MOST_VOICE_BYTES)
    yield lines.against_floor(small, _MOST_OF_FLOOR)
    yield lines.blocked(small, _MOST_BLOCKED_S)
    yield lines.pan(small, _LEAST_FPS)
    yield lines.none("third-party hosts", small.foreign | large.foreign)
    yield lines.none("console errors and warnings", small.complaints | large.complaints)
    yield lines.none("CSP violations", small.refused | large.refused)
