"""What opening_hours.js and we say of the same expressions, at every minute of two years.

It knows no Chinese holidays, so ours are the ones it has: the days that are public holidays to it
are those of the calendar that is compiled with (nobody works on a weekend there; adjusted workdays
are tested by hand in test_timeline.py).
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from geodata.hours.calendar import Calendar, DayKind
from geodata.hours.sun import sun_times
from geodata.hours.table import UNKNOWN_ROW, HoursTable, compile_hours
from geodata.hours.timeline import State, timeline
from tests.makers import ZONE

EVALUATOR = Path(__file__).parent / "evaluator"
FIRST, DAYS = date(2025, 1, 1), 730
DAY_MIN = 1440
WHERE = (113.9, 22.4, 114.2, 22.7)  # round the point that evaluate.mjs asks about


class Asked(NamedTuple):
    """What was asked, and both answers."""

    texts: Sequence[str]
    theirs: Sequence[Any]
    """Intervals, or the reason why not."""
    table: HoursTable
    rows: NDArray[np.int32]
    reasons: dict[str, str]
    minutes: NDArray[np.uint8]
    """(rows of the table, minutes): our State."""

    def wrong(self) -> dict[str, str]:
        """The texts that are wrong at some minute, and where first."""
        found = {}
        for text, row, intervals in zip(self.texts, self.rows, self.theirs, strict=True):
            if row == UNKNOWN_ROW or isinstance(intervals, str):
                continue
            ours, theirs = self.minutes[row], painted(intervals)
            bad = (ours != State.UNKNOWN) & (ours != theirs)
            if bad.any():
                at = int(bad.argmax())
                day, minute = FIRST + timedelta(days=at // DAY_MIN), at % DAY_MIN
                found[text] = f"{day:%a} {day} {minute // 60:02}:{minute % 60:02}: {ours[at]}"
        return found

    def read(self, texts: Iterable[str]) -> float:
        """The share that is read."""
        asked = list(texts)
        return 1 - sum(text in self.reasons for text in asked) / len(asked)

    def known(self) -> float:
        """The share of all minutes of what is read that are open or closed."""
        rows = np.unique(self.rows[self.rows != UNKNOWN_ROW])
        return float((self.minutes[rows] != State.UNKNOWN).mean())


def painted(intervals: Iterable[tuple[int, int, bool]]) -> NDArray[np.uint8]:
    minutes = np.zeros(DAYS * DAY_MIN, np.uint8)
    for start, end, unknown in intervals:
        minutes[max(start, 0) : end] = State.UNKNOWN if unknown else State.OPEN
    return minutes


def node() -> str | None:
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


def ask(texts: Sequence[str]) -> Asked:
    found = node()
    if found is None or not (EVALUATOR / "node_modules").exists():
        pytest.skip("opening_hours.js is not there; `make test` installs it")
    answer = subprocess.run(
        [found, str(EVALUATOR / "evaluate.mjs")],
        input=json.dumps({"texts": texts, "first": FIRST.isoformat(), "days": DAYS}),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "TZ": "Asia/Shanghai"},
    )
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    kinds = (FIRST.weekday() + np.arange(DAYS)) % 7
    kinds[said["holidays"]] = DayKind.PH
    calendar = Calendar(FIRST, kinds.astype(np.uint8), FIRST + timedelta(days=DAYS - 1))
    sun = sun_times(WHERE, ZONE)
    table, rows, reasons = compile_hours(texts, calendar, sun)
    line = timeline(table, calendar, FIRST, DAYS)
    minutes = np.zeros((len(table), DAYS * DAY_MIN), np.uint8)
    for row in range(len(table)):
        for each in range(line.offsets[row], line.offsets[row + 1]):
            minutes[row, line.starts[each] : line.ends[each]] = line.states[each]
    return Asked(texts, said["answers"], table, rows, dict(reasons), minutes)
