"""A worker that holds too much memory is replaced while all who ask are answered."""

import contextlib
import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from app.response.limits import MOST_CONNECTIONS
from tests.benchmarks.serving import children_of
from tests.patience import PATIENCE_S
from tests.served import ROOT

#: `nuanfeng run` whose workers are looked at each second, and hold too much at once; what its
#: server is told of connections is said first.
GROWN = """
from granian.server import mp
from app.cli import serve
from app.cli.main import cli

serve._MEMORY_LOOKED_AT_EVERY_S = 1
serve._most_memory_mb = lambda more_mb: 1 if more_mb == 7 else None
made = mp.MPServer.__init__

def told(self, *given, **named):
    made(self, *given, **named)
    print("connections:", self.backpressure, flush=True)

mp.MPServer.__init__ = told
cli(["run", "--port", "0", "--workers", "2"])
"""
NEAR = "/api/v1/nearest?lon=113.9645&lat=22.5405"


@contextlib.contextmanager
def grown(home: Path) -> Iterator[tuple[int, int, str]]:
    """Its process, its port, and what it said."""
    told = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_MAX_WORKER_MB": "7"}
    with subprocess.Popen(
        [sys.executable, "-c", GROWN], cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            said = ""
            while not (found := re.search(r"http://[0-9.]+:(\d+)", said)):
                said += server.stdout.readline() or "it said nothing: http://0:0"
            yield server.pid, int(found[1]), said
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE_S)


def test_a_server_takes_so_many_connections_and_replaces_workers_that_grow(
    demo_home: Path,
) -> None:
    with grown(demo_home) as (server, port, said):
        assert f"connections: {MOST_CONNECTIONS}\n" in said
        seen, first, statuses = set[int](), set(children_of(server)), set[int]()
        while len(seen - first) < 2:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
            asked.request("GET", NEAR)
            with asked.getresponse() as answer:
                answer.read()
            asked.close()
            statuses.add(answer.status)
            seen |= set(children_of(server))
        assert statuses == {200}


def test_what_a_worker_may_hold_is_counted_from_what_the_server_began_with() -> None:
    code = "from app.cli.serve import _most_memory_mb as most; print(most(0), most(1_000))"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    any_number, most = told.stdout.split()
    assert any_number == "None"
    assert 1_010 < int(most) < 3_000
