"""`make soak ARGS=steady`: ten minutes of mixed questions at half of what two workers can answer,
with reports, and a version published each minute. Memory and open files must stay flat, and
nothing may fail. `ARGS="steady --minutes 3"` takes less.
"""

import argparse
import http.client
import json
import os
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final
from unittest import mock
from urllib.parse import quote, urlsplit

import numpy as np
from rich.console import Console
from rich.table import Table

from geodata.search.cells import encode, quarter_of
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset
from tests import makers
from tests.benchmarks.crowd import asked, crowd
from tests.benchmarks.serving import children_of, own_mb
from tests.served import served

_THREADS: Final = 4
_TRY_S, _TRIES = 3.0, 60
_LOOKED_EVERY_S: Final = 5.0
_PUBLISHED_EVERY_S: Final = 60.0
#: One question in so many is a report.
_REPORT_EVERY: Final = 200
#: What caches, and pages that are written to for the first time, settle within.
_SETTLED_AFTER: Final = 1 / 3
_MOST_MB_A_MINUTE: Final = 2.0
_MOST_FILES_A_MINUTE: Final = 1.0
_ANY_NUMBER: Final = dict.fromkeys(
    ("NUANFENG_REPORTS_PER_HOUR", "NUANFENG_REPORTS_PER_PLACE", "NUANFENG_POSTS_PER_HOUR"), "0"
)


@dataclass(slots=True)
class Seen:
    """What became of the questions, and what the workers held meanwhile."""

    statuses: Counter[str] = field(default_factory=Counter)
    versions: set[str] = field(default_factory=set)
    minutes: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def slope(self, values: Sequence[float]) -> float:
        """By the minute, once all has settled."""
        since = int(len(values) * _SETTLED_AFTER)
        return float(np.polyfit(self.minutes[since:], values[since:], 1)[0])

    @property
    def wrong(self) -> int:
        """Questions that were not answered as they should have been."""
        return sum(count for said, count in self.statuses.items() if said not in ("200", "201"))

    @property
    def is_steady(self) -> bool:
        """Whether nothing failed and nothing grows."""
        grows = self.slope(self.memory_mb) > _MOST_MB_A_MINUTE
        return not (self.wrong or grows or self.slope(self.files) > _MOST_FILES_A_MINUTE)


def publish(dataset: Dataset, number: int) -> None:
    """A version of the same places, whose names end in its number."""
    raw = makers.random_city(2_000, lines=10)
    made = makers.frozen(raw.assign(name=[f"{name}{number}" for name in raw["name"]]))
    dataset.publish(made.version, made.about, made.arrays, made.blobs)


def paths(snapshot: Snapshot, count: int = 200) -> list[str]:
    """Questions that a page asks, in turn."""
    at = quarter_of(datetime.now(timezone(timedelta(hours=8)))).isoformat()
    rows = np.random.default_rng(7).integers(0, len(snapshot), count)
    near = [
        (float(lon), float(lat))
        for lon, lat in snapshot.lonlat[rows].tolist()
        if snapshot.outline.holds(lon, lat)
    ]
    return [
        path
        for lon, lat in near
        for path in (
            f"/api/v1/nearest?lon={lon:.6f}&lat={lat:.6f}&k=10",
            f"/api/v1/nearest/cell/{encode(lon, lat, 6)}?k=5&at={quote(at)}",
            f"/api/v1/search?lon={lon:.6f}&lat={lat:.6f}&q=a",
            "/api/v1/reports",
            "/?lang=en",
        )
    ]


def ask(port: int, questions: list[str], place: str, every_s: float, ends_s: float) -> Counter[str]:
    """One client that asks so often, and reports now and then; what it was told."""
    told: Counter[str] = Counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    number, due_s = 0, time.monotonic()
    while due_s < ends_s:
        time.sleep(max(0.0, due_s - time.monotonic()))
        due_s, number = due_s + every_s, number + 1
        try:
            if number % _REPORT_EVERY:
                line.request("GET", questions[number % len(questions)])
            else:
                headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
                headers["Idempotency-Key"] = str(uuid.uuid4())
                body = json.dumps({"type": "closed"})
                line.request("POST", f"/api/v1/places/{place}/reports", body, headers)
            answer = line.getresponse()
            answer.read()
            told[str(answer.status)] += 1
        except (OSError, http.client.HTTPException) as fault:
            told[type(fault).__name__] += 1
            line.close()
    line.close()
    return told


def most_per_s(port: int, questions: list[str]) -> float:
    """Answers a second to clients that ask at once; the first of a server wait for its kernels."""
    asks = [asked(path) for path in questions]
    for _ in range(_TRIES):
        if crowd(port, 8, asks, _TRY_S).took_s.get(200):
            return max(crowd(port, 8, asks, _TRY_S).per_s(_TRY_S), 1.0)
    raise SystemExit(f"nothing was answered in {_TRIES * _TRY_S:.0f} s")


def soak(home: Path, minutes: float) -> Seen:
    """Ask, report, publish and look for so long."""
    dataset, seen = Dataset(home, "demo"), Seen()
    publish(dataset, 0)
    snapshot = dataset.load()
    questions, places = paths(snapshot), snapshot.ids_of(np.arange(_THREADS)).astype(str).tolist()
    with mock.patch.dict("os.environ", _ANY_NUMBER), served(home, workers=2) as address:
        port = urlsplit(address).port
        assert port is not None
        most = most_per_s(port, questions)
        ends_s = time.monotonic() + 60 * minutes
        every_s = 2 * _THREADS / most
        threads = [
            threading.Thread(
                target=lambda place=place: seen.statuses.update(
                    ask(port, questions, place, every_s, ends_s)
                )
            )
            for place in places
        ]
        for one in threads:
            one.start()
        _watch(dataset, seen, _servers(), ends_s)
        for one in threads:
            one.join()
    return seen


def _servers() -> list[int]:
    """The workers of the server that this process started."""
    return [worker for server in children_of(os.getpid()) for worker in children_of(server)]


def _watch(dataset: Dataset, seen: Seen, workers: list[int], ends_s: float) -> None:
    began_s, published = time.monotonic(), 0
    while (now := time.monotonic()) < ends_s:
        seen.minutes.append((now - began_s) / 60)
        seen.memory_mb.append(sum(own_mb(worker) for worker in workers))
        seen.files.append(sum(len([*Path(f"/proc/{pid}/fd").iterdir()]) for pid in workers))
        if now - began_s > (published + 1) * _PUBLISHED_EVERY_S:
            published += 1
            publish(dataset, published)
            seen.versions.add(str(dataset.pointer().version))
        time.sleep(_LOOKED_EVERY_S)


def table(seen: Seen) -> Table:
    """What was seen."""
    made = Table("what", "told", title=f"steady: {seen.minutes[-1]:.1f} minutes")
    for what, told in (
        ("answers", ", ".join(f"{each} {n:,}" for each, n in sorted(seen.statuses.items()))),
        ("wrong", f"{seen.wrong}"),
        ("versions published", f"{len(seen.versions)}"),
        ("memory", f"{seen.memory_mb[0]:.0f} to {seen.memory_mb[-1]:.0f} MB"),
        ("of it by the minute", f"{seen.slope(seen.memory_mb):+.2f} MB"),
        ("open files", f"{seen.files[0]} to {seen.files[-1]}"),
        ("of them by the minute", f"{seen.slope(seen.files):+.2f}"),
    ):
        made.add_row(what, told)
    return made


def main(arguments: list[str]) -> int:
    """Soak, tell, and fail where something failed or grows."""
    given = argparse.ArgumentParser(prog="steady", description=__doc__)
    given.add_argument("--minutes", type=float, default=10.0)
    with tempfile.TemporaryDirectory(prefix="nuanfeng-steady-") as home:
        seen = soak(Path(home), given.parse_args(arguments).minutes)
    Console(width=110).print(table(seen))
    return not seen.is_steady
