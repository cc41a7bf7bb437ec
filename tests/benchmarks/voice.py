"""Row "voice": what it costs that riders speak: the nearest places under what they say and what
notices close, the public clock over a million letters, and how many reports a second are kept for
good beside a load of questions.

Reports are kept on SQLite and on PostgreSQL by `nuanfeng run` with two workers; the load stands in
two processes of its own (voice_load.py).
"""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from math import cos, pi, sin
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from app.db import migrate
from app.db import notices as stored_notices
from app.db import reports as stored_reports
from app.db.database import Connection, Database, address
from app.db.notices import StoredNotice
from app.db.reports import NewReport
from app.request.letters import Category
from app.voice.clock import Outcomes, public_clock
from app.voice.letters import LetterState
from geodata.snapshot.overlay import ReportType
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset
from tests import postgres
from tests.benchmarks import voice_load
from tests.benchmarks.cities import City, parts
from tests.benchmarks.report import Line, no_slower, seconds
from tests.benchmarks.serving import Served, serve_all
from tests.benchmarks.voice_load import Heard, Wanted
from tests.served import served

ROW: Final = "voice"
_DATASET: Final = "demo"
_OURS: Final = ("app.factory:create_app", "wsgi")
#: Many short turns: what else the machine does falls on all alike.
_ROUNDS: Final = 31
_REQUESTS: Final = 300
_K: Final = 5
_REPORTS: Final = 1_000
_NOTICES: Final = 20
_CORNERS: Final = 100
_LETTERS: Final = 1_000_000
_STREETS: Final = 74
_CLOCK_S: Final = 0.2
#: Nearest under what is said, at most so many times what it is without: 0.95 of the speed.
_AT_MOST: Final = 1 / 0.95
_REPORTS_PER_S: Final = 300.0
_P99_S: Final = 0.020
_FOR_S: Final = 10.0


def measure(city: City, home: Path, *, quick: bool) -> Iterator[Line]:
    """All of them; `quick` loads the servers for a third of the time."""
    yield from _nearest(city, home)
    yield _clock(city.snapshot)
    yield from _kept(city, home, _FOR_S / 3 if quick else _FOR_S)


def _nearest(city: City, home: Path) -> Iterator[Line]:
    """CPU of a worker for a nearest, under nothing, under reports and under notices, by turns."""
    homes = {name: home / f"voice-{name}" for name in ("none", "reports", "notices")}
    for folder in homes.values():
        Dataset(folder, _DATASET).publish(**parts(city))
    with _prepared(homes["none"]):
        pass
    with _prepared(homes["reports"]) as database:
        _add_reports(database, city.snapshot)
    with _prepared(homes["notices"]) as database:
        _add_notices(database, city.snapshot)
    inside = [here for here in city.asked_singly(12_000) if city.snapshot.outline.holds(*here)]
    paths = [
        f"/api/v1/nearest?lon={lon:.6f}&lat={lat:.6f}&k={_K}&needs=water&open=now"
        for lon, lat in inside
    ]
    with ExitStack() as stack:
        servers = {
            name: serve_all(
                stack,
                {name: _OURS},
                {"NUANFENG_HOME": str(folder), "NUANFENG_DATASET": _DATASET},
            )[name]
            for name, folder in homes.items()
        }
        took = _in_turns(servers, paths)
    what = {"reports": f"{_REPORTS:,} live reports", "notices": f"{_NOTICES} notices in force"}
    for name, said in what.items():
        yield no_slower(
            ROW,
            f"4,039, nearest, k={_K}, open now, under {said}, CPU",
            took[name],
            "under none",
            took["none"],
            round(_AT_MOST, 3),
        )


def _in_turns(servers: Mapping[str, Served], paths: list[str]) -> dict[str, float]:
    """The first turn warms up and is not counted."""
    took: dict[str, list[float]] = {name: [] for name in servers}
    for turn in range(_ROUNDS):
        first = turn * _REQUESTS % len(paths)
        asked = (paths[first:] + paths[:first])[:_REQUESTS]
        for name, server in servers.items():
            cost = server.ask(asked)
            if turn:
                took[name].append(cost)
    return {name: median(costs) for name, costs in took.items()}


@contextmanager
def _prepared(home: Path) -> Iterator[Database]:
    """The database of a home, with tables and nothing in them."""
    database = Database(address(home, _DATASET))
    migrate.upgrade(database, _DATASET, synthetic=True, now=datetime.now(UTC))
    try:
        yield database
    finally:
        database.close()


def _add_reports(database: Database, snapshot: Snapshot) -> None:
    """Of so many places what two riders say, each with an effect."""
    now, rows = datetime.now(UTC), np.random.default_rng(1).permutation(len(snapshot))
    kinds = (ReportType.CLOSED, ReportType.NO_WATER, ReportType.OPEN, ReportType.NO_POWER)
    new = [
        NewReport(
            f"r-{uuid.uuid4().hex[:16]}",
            snapshot.id_of(row),
            str(kinds[number % len(kinds)]),
            now,
            now,
            now + timedelta(hours=4),
            f"{rider}",
            now.date(),
            uuid.uuid4().hex,
            has_ticket=False,
            note=None,
        )
        for number, row in enumerate(rows[:_REPORTS].tolist())
        for rider in range(2)
    ]

    def write(connection: Connection) -> None:
        for each in new:
            stored_reports.add(connection, each)

    database.write(write)


def _add_notices(database: Database, snapshot: Snapshot) -> None:
    """So many closed areas of as many corners as are taken, each 300 m about a place."""
    now = datetime.now(UTC)
    text = {"headline": "x", "description": "x", "instruction": "x", "area": ""}
    rows = np.random.default_rng(2).permutation(len(snapshot))[:_NOTICES].tolist()

    def write(connection: Connection) -> None:
        for number, row in enumerate(rows):
            lon, lat = snapshot.lonlat[row].tolist()
            turns = [2 * pi * corner / _CORNERS for corner in range(_CORNERS)]
            ring = [(lon + 0.003 * cos(turn), lat + 0.003 * sin(turn)) for turn in turns]
            body = {
                "category": "Other",
                "severity": "Minor",
                "urgency": "Expected",
                "certainty": "Likely",
                "effect": "closed",
                "level": None,
                "zh": text,
                "en": text,
                "polygons": [[*ring, ring[0]]],
            }
            name, ends = f"n-{number}", now + timedelta(days=1)
            stored_notices.add(
                connection, StoredNotice(name, name, None, "alert", now, now, ends, "x", body)
            )

    database.write(write)


def _clock(snapshot: Snapshot) -> Line:
    """The public clock over letters that were followed already; the best of five."""
    now, rng = datetime.now(UTC), np.random.default_rng(3)
    received = now.timestamp() - rng.uniform(0, 89 * 86_400, _LETTERS)
    answered = received + rng.lognormal(11.5, 1.0, _LETTERS)
    ended = answered + rng.lognormal(12.0, 1.0, _LETTERS)
    state = rng.integers(0, len(LetterState), _LETTERS)
    waits = np.isin(state, [list(LetterState).index(each) for each in _UNANSWERED])
    found = Outcomes(
        rng.integers(0, len(Category), _LETTERS),
        rng.integers(0, _STREETS, _LETTERS),
        received,
        np.where(waits, np.nan, answered),
        state,
        np.where(waits, received, ended),
        rng.integers(0, 2, _LETTERS),
    )
    streets = [f"街道{number}" for number in range(_STREETS)]
    calendar, zone = snapshot.hours_by_minute.calendar, snapshot.zone
    best_s = min(
        _took_s(lambda: public_clock(found, streets, now, calendar, zone)) for _ in range(5)
    )
    return Line(
        ROW,
        f"{_LETTERS:,} letters: the public clock",
        seconds(best_s),
        "",
        "",
        f"≤ {seconds(_CLOCK_S)}",
        best_s <= _CLOCK_S,
    )


#: Where a letter stands that has no answer yet.
_UNANSWERED: Final = (LetterState.RECEIVED, LetterState.ASSIGNED, LetterState.REOPENED)


def _took_s(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _kept(city: City, home: Path, for_s: float) -> Iterator[Line]:
    """Reports a second that are on the disk when they are acknowledged, beside nearest."""
    yield from _kept_by("SQLite", city, home / "voice-sqlite", None, for_s)
    folder = postgres.programs()
    if folder is None:
        yield Line(ROW, "reports kept, PostgreSQL", "", postgres.MISSING, "", "", None)
        return
    with postgres.cluster(folder, is_durable=True) as url:
        yield from _kept_by("PostgreSQL", city, home / "voice-postgresql", url, for_s)


def _kept_by(name: str, city: City, home: Path, url: str | None, for_s: float) -> Iterator[Line]:
    Dataset(home, _DATASET).publish(**parts(city))
    inside = [here for here in city.asked_singly(4_000) if city.snapshot.outline.holds(*here)]
    places = tuple(city.snapshot.id_of(row) for row in range(len(city.snapshot)))
    stated = {"NUANFENG_TRUSTED_PROXIES": "1", **({"NUANFENG_VOICE_URL": url} if url else {})}
    with _environment(stated), served(home, "--workers", "2") as origin:
        port = urlsplit(origin).port or 0
        wanted = Wanted(port, for_s, tuple(inside), places)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            said, asked = pool.submit(voice_load.say, wanted), pool.submit(voice_load.ask, wanted)
            yield from _lines(name, said.result(), asked.result(), for_s)
            alone = pool.submit(voice_load.flood, wanted).result()
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(alone.items()))
    is_refused = 429 in alone and max(alone) < 500
    yield Line(ROW, f"{name}: one network floods", statuses, "", "", "429, no 5xx", is_refused)


def _lines(name: str, said: Heard, asked: Heard, for_s: float) -> Iterator[Line]:
    a_second = said.statuses.get(201, 0) / for_s
    beside = f"beside {sum(asked.statuses.values()) / for_s:.0f} nearest/s"
    yield Line(
        ROW,
        f"{name}: reports kept, {beside}",
        f"{a_second:.0f}/s",
        f"median {seconds(said.share_s(0.5))}, p99 {seconds(said.share_s(0.99))}, "
        f"{said.came_back} told to come back",
        "",
        f"≥ {_REPORTS_PER_S:.0f}/s, in the end all 201",
        a_second >= _REPORTS_PER_S and set(said.statuses) == {201},
    )
    p99_s = asked.share_s(0.99)
    yield Line(
        ROW,
        f"{name}: p99 of nearest beside them",
        seconds(p99_s),
        f"median {seconds(asked.share_s(0.5))}",
        "",
        f"≤ {seconds(_P99_S)}, all 200",
        p99_s <= _P99_S and set(asked.statuses) == {200},
    )


@contextmanager
def _environment(stated: Mapping[str, str]) -> Iterator[None]:
    """What a server that is started reads besides."""
    before = {name: os.environ.get(name) for name in stated}
    os.environ.update(stated)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
