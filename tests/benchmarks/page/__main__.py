"""`python -m tests.benchmarks.page`: the phone page beside naive Folium pages, in one run, as one
table.
"""

import argparse
import os
import tempfile
from pathlib import Path


def main() -> None:
    """Read the command line and measure."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.page", description=__doc__)
    asked.add_argument(
        "--quick", action="store_true", help="one visit to each page instead of the median of three"
    )
    asked.add_argument(
        "what",
        nargs="?",
        choices=["figures", "journeys"],
        default="figures",
        help="journeys: every journey of a rider on every sort of phone",
    )
    told = asked.parse_args()
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "nuanfeng-tests" / "numba"
    )
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache))
    from tests.benchmarks.page.run import run, run_journeys

    with tempfile.TemporaryDirectory(prefix="nuanfeng-bench-page-") as home:
        if told.what == "journeys":
            run_journeys(Path(home), quick=told.quick)
        else:
            run(Path(home), rounds=1 if told.quick else 3)


if __name__ == "__main__":
    main()
