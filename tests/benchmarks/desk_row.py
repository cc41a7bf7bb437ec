"""Row "desk": every page of the desk over a city of 100,000 places with 10,000 letters, reports and
edits, 1,000 tables that were sent and 200 accounts, for an admin of the city and for an editor of a
street office.

Wall time of one request after another on a kept connection, asked of `nuanfeng run` with one worker
on this machine. The pages are those of the desk's own table of routes, and each of their filters.
The first of each address warms it and is not counted.
"""

import http.client
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from app.desk.roles import DeskRole, ScopeKind
from tests.app.desk.desk_town import CITY, DeskClient, town_of
from tests.app.desk.filling import Amounts, Filler, pages
from tests.benchmarks.report import Line, seconds
from tests.served import served

ROW: Final = "desk"
_DATASET: Final = "desk"
_PLACES: Final = {True: 10_000, False: 100_000}
_MANY: Final = {
    True: Amounts(1_000, 1_000, 1_000, 100, 50, 500),
    False: Amounts(10_000, 10_000, 10_000, 1_000, 200, 2_000),
}
#: How often each address is asked.
_TURNS: Final = 20
_P95: Final = 95
_MOST_S: Final = 0.300


def measure(home: Path, *, quick: bool) -> Iterator[Line]:
    """Each page's slowest address, at its 95th percentile, for both accounts."""
    command = [sys.executable, "-m", "tests.benchmarks.publishing"]
    subprocess.run(
        [*command, str(_PLACES[quick]), str(home), _DATASET], capture_output=True, check=True
    )
    town = town_of(home, _DATASET)
    Filler(town).fill(_MANY[quick])
    clients = (
        ("admin of the city", town.client(DeskRole.ADMIN, CITY)),
        ("editor of a street office", town.client(DeskRole.EDITOR, town.scope(ScopeKind.STREET))),
    )
    addresses = [(view.rule, address) for view, address in pages(town)]
    with served(home, "--dataset", _DATASET) as site:
        told = [(who, _slowest(site, client, addresses)) for who, client in clients]
    for who, slowest in told:
        for rule, (took_s, address, status) in sorted(slowest.items()):
            asked = address.partition("?")[2]
            what = f"{rule}{f' ?{asked}' if asked else ''}, {who}"
            said = f"{seconds(took_s)} ({status})"
            met = took_s <= _MOST_S
            yield Line(ROW, what, said, "", "", f"≤ {seconds(_MOST_S)} p95", met)


def _slowest(
    site: str, client: DeskClient, addresses: Sequence[tuple[str, str]]
) -> dict[str, tuple[float, str, int]]:
    """By route the address that takes longest, and what it takes."""
    cookie = client.client.get_cookie("desk")
    headers = {"Cookie": f"desk={cookie.value if cookie else ''}"}
    line = http.client.HTTPConnection(urlsplit(site).netloc)

    def asked(address: str) -> int:
        line.request("GET", address, headers=headers)
        reply = line.getresponse()
        reply.read()
        return reply.status

    found: dict[str, tuple[float, str, int]] = {}
    for rule, address in addresses:
        status = asked(address)
        took_s = []
        for _ in range(_TURNS):
            began = perf_counter()
            asked(address)
            took_s.append(perf_counter() - began)
        p95_s = float(np.percentile(took_s, _P95))
        found[rule] = max(found.get(rule, (0.0, "", 0)), (p95_s, address, status))
    line.close()
    return found
