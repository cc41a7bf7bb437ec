"""/metrics in Prometheus' format: what all workers answered, and how old what they answer by is.

Labels take few values, all of ours: rules of paths, classes of statuses, kinds of refusals.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.metrics_core import Metric

from app.api import readiness
from app.live.current import Live
from app.live.follow import Follower
from app.ops.counters import BOUNDS_S, MOST_PROBLEMS, MOST_ROUTES, Counted, Counters
from app.response.problems import SHEDS
from geodata.errors import StoreError

#: Prometheus' text format.
MIMETYPE: Final = "text/plain; version=0.0.4"
#: What there was no room for to tell apart.
OTHER: Final = "other"
_CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")


@dataclass(frozen=True, slots=True)
class LettersWaiting:
    """Letters that wait for an answer, and those of them whose day is over."""

    open: int
    overdue: int


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """What is told; each scrape reads it anew."""

    live: Live
    counters: Counters
    follower: Follower | None
    heard_ago_s: Callable[[], float | None]
    """Of this worker: how long ago it heard what riders say."""
    letters: Callable[[], LettersWaiting | None]
    """None: not known at the moment."""

    def collect(self) -> Iterator[Metric]:
        """All families, with or without values: as prometheus_client asks a collector."""
        counted = self.counters.counted()
        yield from _answers(self.counters, counted)
        yield from _refusals(self.counters, counted)
        yield _gauge("workers", "Worker processes that live.", counted.workers)
        heard_ago_s = self.heard_ago_s()
        yield _overlay(counted, heard_ago_s)
        yield from _letters(self.letters())
        yield from _data(self.live)
        yield _parts(self.live, self.follower, heard_ago_s)


def written(seen: Exposed) -> bytes:
    """The whole exposition."""
    registry = CollectorRegistry()
    registry.register(seen)
    return generate_latest(registry)


def _gauge(name: str, told: str, value: float | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"nuanfeng_{name}", told, value)


def _answers(counters: Counters, counted: Counted) -> Iterator[Metric]:
    answers = CounterMetricFamily(
        "nuanfeng_answers",
        "Answers, by the rule of the path and the class of status.",
        labels=("route", "status"),
    )
    took = HistogramMetricFamily(
        "nuanfeng_answer_seconds",
        "Time until an answer began, by the rule of the path.",
        labels=("route",),
    )
    for at, route in [*enumerate(counters.routes), (MOST_ROUTES - 1, OTHER)]:
        classes = counted.classes[at].cumsum()
        if not classes[-1]:
            continue
        for kind, count in zip(_CLASSES, counted.statuses[at].tolist(), strict=True):
            answers.add_metric((route, kind), count)
        bounds = [*(str(bound) for bound in BOUNDS_S), "+Inf"]
        buckets = list(zip(bounds, classes.tolist(), strict=True))
        took.add_metric((route,), buckets, float(counted.spent_s[at]))
    yield answers
    yield took


def _refusals(counters: Counters, counted: Counted) -> Iterator[Metric]:
    problems = CounterMetricFamily(
        "nuanfeng_problems", "Refusals, by the kind of problem.", labels=("problem",)
    )
    sheds = CounterMetricFamily(
        "nuanfeng_sheds", "What was told to come back later, by the reason.", labels=("reason",)
    )
    for at, problem in [*enumerate(counters.problems), (MOST_PROBLEMS - 1, OTHER)]:
        count = int(counted.problems[at])
        problems.add_metric((problem,), count)
        if problem in SHEDS:
            sheds.add_metric((problem,), count)
    yield problems
    yield sheds


def _overlay(counted: Counted, own_ago_s: float | None) -> Metric:
    """Of all workers the one that heard last: one that was not asked has not looked."""
    agos_s = [max(0.0, time.time() - at) for at in counted.heard_at]
    agos_s += [] if own_ago_s is None else [own_ago_s]
    told = "Seconds since what riders say was last read; none: never."
    return _gauge("overlay_age_seconds", told, min(agos_s, default=None))


def _letters(waiting: LettersWaiting | None) -> Iterator[Metric]:
    known = waiting is not None
    yield _gauge("letters_known", "Whether letters could be counted, 0 or 1.", float(known))
    if waiting is not None:
        yield _gauge("letters_open", "Letters that wait for an answer.", waiting.open)
        yield _gauge("letters_overdue", "Of these whose day is over.", waiting.overdue)


def _data(live: Live) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "nuanfeng_program", "The program.", value={"version": version("nuanfeng")}
    )
    try:
        snapshot = live.snapshot()
    except StoreError:
        yield _gauge("data_served", "Whether there are data to answer by, 0 or 1.", 0)
        return
    about, network = snapshot.about, live.roads.network()
    yield _gauge("data_served", "Whether there are data to answer by, 0 or 1.", 1)
    named = {"dataset": about.dataset, "version": snapshot.version}
    named["network_version"] = network.version if network else ""
    yield InfoMetricFamily("nuanfeng_data", "What answers.", value=named)
    yield _gauge("places", "Places of the dataset.", len(snapshot))
    age = "Seconds since the day of the newest fact of the dataset."
    yield _gauge("data_age_seconds", age, time.time() - _midnight(about.data_date))
    known = "The last day of which holidays are known, Unix seconds."
    yield _gauge("calendar_known_until_seconds", known, _midnight(str(snapshot.known_until)))
    try:
        free = shutil.disk_usage(live.dataset.home).free
    except OSError:
        return
    yield _gauge("home_free_bytes", "Bytes that are free where the data lie.", free)


def _midnight(day: str) -> float:
    at = date.fromisoformat(day)
    return datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp()


def _parts(live: Live, follower: Follower | None, heard_ago_s: float | None) -> Metric:
    told = GaugeMetricFamily(
        "nuanfeng_degraded", "Whether a part of /readyz is degraded, 0 or 1.", labels=("part",)
    )
    try:
        found = readiness.parts(live, datetime.now(UTC), follower, heard_ago_s)
    except StoreError:
        return told
    for name, part in found.items():
        told.add_metric((name,), float(part.status != "ok"))
    return told
