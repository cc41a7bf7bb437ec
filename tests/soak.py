"""`python -m tests.soak`: kills, fills, damages, misdates and fuzzes with full counts.

One table says what happened.

Tests that read NUANFENG_SOAK do more of the same when it is set, in shares that run on all cores;
how often, each tells by record_property. What watches the clock runs afterwards, alone.

`steady` as the first argument instead asks a server for ten minutes (tests/steady)."""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console
from rich.table import Table

from tests import steady

#: How often each thing is done in all.
TIMES: Final = "200"
TOGETHER: Final = (
    "tests/contracts/test_store.py",
    "tests/contracts/test_every_store.py",
    "tests/contracts/test_shared_store.py",
    "tests/contracts/test_full_disks.py",
    "tests/app/cli/test_bombs.py",
    "tests/app/cli/test_main.py",
    "tests/app/api/test_fuzz.py",
    "tests/app/voice/test_durable.py",
    "tests/app/db/test_jobs.py",
    "tests/security/test_doors.py",
)
ALONE: Final = (
    "tests/app/live/test_current.py",
    "tests/app/cli/test_shared.py",
    "tests/app/voice/test_slow.py",
    "tests/app/deploy/test_nginx.py",
    "tests/app/deploy/test_day.py",
    "tests/app/desk/test_rehearsal.py",
    "tests/app/installed.py",
    "tests/faults/test_faults.py",
)
#: Every property, with new examples, also of other files.
ANEW: Final = ("-m", "hypothesis", "tests")
_OTHERS: Final = "other facts of these files, and properties with new examples"


@dataclass(slots=True)
class _Row:
    times: int = 0
    seconds: float = 0.0
    failed: int = 0
    skipped: int = 0

    def add(self, times: int, report: pytest.TestReport) -> None:
        self.times += times
        self.seconds += report.duration
        self.failed += report.failed
        self.skipped += report.skipped


@dataclass(slots=True)
class Told:
    """What the tests say that they did; pytest hands it every report."""

    rows: dict[str, _Row] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that ended, or did not come to run."""
        if report.when != "call" and report.passed:
            return
        for what, times in report.user_properties or [(_OTHERS, 1)]:
            self.rows.setdefault(what, _Row()).add(int(str(times)), report)

    def table(self, wall_s: float) -> Table:
        """A line for each thing that was done, the most seconds first."""
        made = Table(
            "what",
            "times",
            "seconds",
            "failed",
            "skipped",
            title=f"soak: {wall_s / 60:.0f} minutes",
        )
        for what, row in sorted(
            self.rows.items(), key=lambda pair: (pair[0] == _OTHERS, -pair[1].seconds)
        ):
            made.add_row(
                what, f"{row.times:,}", f"{row.seconds:,.0f}", str(row.failed), str(row.skipped)
            )
        return made


def main(arguments: list[str]) -> int:
    """Run everything, print the table, and give the worse of the two exit codes."""
    if arguments[:1] == ["steady"]:
        return steady.main(arguments[1:])
    os.environ["NUANFENG_SOAK"] = TIMES
    os.chdir(Path(__file__).parents[1])
    told, began = Told(), time.monotonic()
    codes = [
        int(pytest.main(["-v", *how, *paths, *arguments], plugins=[told]))
        for how, paths in (
            (["-n", "auto", "--dist", "load"], TOGETHER),
            (["-n", "auto", "--dist", "loadfile"], ANEW),
            ([], ALONE),
        )
    ]
    Console(width=110).print(told.table(time.monotonic() - began))
    return max((code for code in codes if code != pytest.ExitCode.NO_TESTS_COLLECTED), default=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
