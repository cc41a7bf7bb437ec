"""Row "locate": addresses of places that are hidden from the address book of their own extract."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks.report import Line, seconds
from tests.hidden_addresses import EXTRACTS, IN_CHINA, Trial, junctions, numbers, offsets, read

ROW: Final = "locate"
_LEAST_INSIDE: Final = 0.95


def measure(data: Path, *, quick: bool) -> Iterator[Line]:
    """Of each extract and family of addresses: how many lie within 150 m by their stated radius,
    and how many of those found lie within the radius that they state.
    """
    for name in EXTRACTS:
        mapped, book = read(data, name)
        chinese = name in IN_CHINA
        began = time.perf_counter()
        trials = list(numbers(mapped, book, chinese=chinese, every=5 if quick else 1))
        if chinese:
            trials += [*offsets(book), *junctions(book)]
        took_s = (time.perf_counter() - began) / max(1, len(trials))
        for family in dict.fromkeys(each.family for each in trials):
            yield _line(name, family, [each for each in trials if each.family == family])
        yield Line(ROW, f"{name}: one address", seconds(took_s), "", "", "", None)


def _line(name: str, family: str, trials: Sequence[Trial]) -> Line:
    found = [each for each in trials if each.away_m is not None]
    pins = sum(1 for each in found if each.found.is_pin)
    inside = sum(1 for each in found if not each.outside)
    what = f"{name}: {len(trials):,} {family}, {len(found):,} found, {pins:,} within 150 m"
    share = inside / len(found) if found else 1.0
    return Line(
        ROW,
        what,
        f"{share:.1%} inside",
        "",
        "",
        f"≥ {_LEAST_INSIDE:.0%}",
        share >= _LEAST_INSIDE,
    )
