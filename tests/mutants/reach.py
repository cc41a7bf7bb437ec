"""Which test calls which function of ours: a plugin of pytest, without a measurement of lines."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import pytest

#: A test that takes more of a processor finds no mutant here: every one would wait for it.
MOST_S: Final = 20


class Reach:
    """Collects, for every test that passes, the functions that it and its fixtures call."""

    def __init__(self, tree: Path) -> None:
        self._inside = (f"{tree}/app/", f"{tree}/geodata/")
        self._skip = len(str(tree)) + 1
        self._codes: dict[str, set[CodeType]] = {}
        self._now: set[CodeType] = set()
        self._fixtures: dict[str, set[str]] = {}
        self._took: dict[str, float] = {}
        self._passed: set[str] = set()

    def found(self) -> dict[str, dict[str, Any]]:
        """Of each test that passed in time: its seconds and its functions."""
        return {
            test: {
                "s": round(self._took[test], 3),
                "calls": sorted(
                    {
                        f"{code.co_filename[self._skip :]}:{code.co_qualname}"
                        for bucket in (test, test.split("::")[0], *self._fixtures[test])
                        for code in self._codes.get(bucket, ())
                    }
                ),
            }
            for test in sorted(self._passed)
        }

    def _called(self, frame: FrameType, _event: str, _argument: object) -> None:
        code = frame.f_code
        if code not in self._now and code.co_filename.startswith(self._inside):
            self._now.add(code)

    def pytest_sessionstart(self) -> None:
        """Listen to calls from here on, in every thread."""
        sys.settrace(self._called)
        threading.settrace(self._called)

    def pytest_sessionfinish(self) -> None:
        """And no longer."""
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]  # None ends it

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[None]:
        """What a file of tests calls while it is read belongs to all of them."""
        yield from self._into(collector.nodeid.split("::")[0])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """What a fixture of several tests calls belongs to all of them."""
        if fixturedef.scope == "function":
            yield
        else:
            yield from self._into(f"{fixturedef.baseid} {fixturedef.argname}")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """What a test calls, within its seconds."""
        known: dict[str, Any] = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]  # pytest says it to nobody else
        self._fixtures[item.nodeid] = {
            f"{each.baseid} {each.argname}" for defined in known.values() for each in defined
        }
        yield from self._into(item.nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Stop a test that takes too long."""
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, MOST_S)
        began = time.process_time()
        yield
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._took[item.nodeid] = time.process_time() - began

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Only what passes can notice anything."""
        if report.when == "call" and report.passed:
            self._passed.add(report.nodeid)
        elif report.failed:
            self._passed.discard(report.nodeid)

    def _into(self, bucket: str) -> Iterator[None]:
        before, self._now = self._now, self._codes.setdefault(bucket, set())
        sys.settrace(self._called)
        yield
        self._now = before


class Only:
    """Keeps those tests alone, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self._order = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order),
            key=lambda item: self._order[item.nodeid],
        )


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    pytest.fail(f"it took more than {MOST_S} s")
