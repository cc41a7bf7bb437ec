"""`python -m tests.benchmarks`: our figures beside their peers', measured in one run, as one table.

Asserts nothing.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Final

ROWS: Final = (
    "hours",
    "exact",
    "nearest",
    "filtered",
    "batch",
    "http",
    "load",
    "cells",
    "start",
    "first",
    "ground",
    "search",
    "tiles",
    "import",
    "layers",
    "locate",
    "shared",
    "travel",
    "estimate",
    "region",
    "city",
    "country",
    "siting",
    "joins",
    "scale",
    "voice",
    "day",
    "desk",
)


def main() -> None:
    """Read the command line and measure the rows it names."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    asked.add_argument(
        "rows",
        nargs="*",
        metavar="row",
        help=f"which rows to measure, of {', '.join(ROWS)}; all by default",
    )
    asked.add_argument(
        "--quick",
        action="store_true",
        help=(
            "leave out what is largest: 2,000,000 places (`scale` takes 200,000, `country` 20,000),"
            " joins of 10,000,000 points, a region of 10,000,000 nodes; of a day a fiftieth"
        ),
    )
    told = asked.parse_args()
    if unknown := [row for row in told.rows if row not in ROWS]:
        asked.error(f"there is no row {unknown[0]!r}; there are {', '.join(ROWS)}")
    # Compiled once for all runs, outside the checkout; numba reads this when geodata is imported,
    # so before that.
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "nuanfeng-tests" / "numba"
    )
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache))
    from tests.benchmarks.run import run

    with tempfile.TemporaryDirectory(prefix="nuanfeng-bench-") as home:
        run(told.rows or ROWS, Path(home), quick=told.quick)


if __name__ == "__main__":
    main()
