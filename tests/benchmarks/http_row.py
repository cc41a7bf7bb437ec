"""Row "HTTP nearest": CPU of a server's worker per request, ours beside what others would write, on
the same server.

Every server is asked the same: the nearest five with water, from all over the city, no
Accept-Encoding."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from app.db import migrate
from app.request.queries import now
from app.settings import Settings
from app.voice.setting_up import voice_of
from geodata.store.files import Dataset
from tests.benchmarks.cities import City, parts
from tests.benchmarks.report import Line, faster
from tests.benchmarks.serving import Served, serve_all
from tests.benchmarks.views import BODY_VARIABLE

ROW: Final = "HTTP nearest"
_DATASET: Final = "demo"
#: Many short turns: what else the machine does falls on all alike.
_ROUNDS: Final = 31
_K: Final = 5
_REQUESTS: Final = {
    "ours": 300,
    "bare Flask": 300,
    "FastAPI + pydantic": 200,
    "GeoDataFrame view": 12,
}
_APPLICATIONS: Final = {
    "ours": ("app.factory:create_app", "wsgi"),
    "bare Flask": ("tests.benchmarks.views:bare", "wsgi"),
    "FastAPI + pydantic": ("tests.benchmarks.views:pydantic", "asgi"),
    "GeoDataFrame view": ("tests.benchmarks.views:frame", "wsgi"),
}
_TARGETS: Final = {"bare Flask": 0.75, "FastAPI + pydantic": 1.2, "GeoDataFrame view": 20.0}


def measure(city: City, home: Path) -> Iterator[Line]:
    """The demo city under four applications, which take turns; medians of the turns."""
    Dataset(home, _DATASET).publish(**parts(city))
    # As `nuanfeng run` leaves it: nobody has said anything yet.
    said = voice_of(Settings(home, _DATASET)).database
    migrate.upgrade(said, _DATASET, synthetic=False, now=now())
    inside = [here for here in city.asked_singly(12_000) if city.snapshot.outline.holds(*here)]
    paths = [
        f"/api/v1/nearest?lon={lon:.6f}&lat={lat:.6f}&k={_K}&needs=water" for lon, lat in inside
    ]
    environment = {
        "NUANFENG_HOME": str(home),
        "NUANFENG_DATASET": _DATASET,
        BODY_VARIABLE: str(home / "body.json"),
    }
    with ExitStack() as stack:
        ours = serve_all(stack, {"ours": _APPLICATIONS["ours"]}, environment)
        body = _typical([ours["ours"].get(path) for path in paths[:51]])
        (home / "body.json").write_bytes(body)
        others = {name: at for name, at in _APPLICATIONS.items() if name != "ours"}
        took = _in_turns({**ours, **serve_all(stack, others, environment)}, paths)
    for peer, theirs in took.items():
        if peer != "ours":
            yield faster(
                ROW,
                f"4,039, k={_K}, {len(body) / 1000:.1f} kB, CPU",
                took["ours"],
                peer,
                theirs,
                _TARGETS[peer],
            )


def _typical(bodies: list[bytes]) -> bytes:
    return sorted(bodies, key=len)[len(bodies) // 2]


def _in_turns(servers: dict[str, Served], paths: list[str]) -> dict[str, float]:
    """The first turn warms up and is not counted."""
    took: dict[str, list[float]] = {name: [] for name in servers}
    for turn in range(_ROUNDS):
        for name, server in servers.items():
            first = turn * _REQUESTS[name] % len(paths)
            cost = server.ask((paths[first:] + paths[:first])[: _REQUESTS[name]])
            if turn:
                took[name].append(cost)
    return {name: median(costs) for name, costs in took.items()}
