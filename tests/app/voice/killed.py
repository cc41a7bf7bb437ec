"""A program that posts, is killed and is looked at: `python -m tests.app.voice.killed HOME ROUNDS
[URL]`.

The whole application is loaded once; of it a process is forked for each round, or two that post
under the same keys. Each tells through a pipe what it was acknowledged, until SIGKILL comes at any
moment. Then every post is sent again under its key, those that were acknowledged and those that
nobody knows of. Prints, as JSON, how many were acknowledged, how many of these are lost, and how
many stand there twice.
"""

import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.db import reports as stored_reports
from app.db import wishes as stored_wishes
from app.factory import create_app
from app.request import queries
from app.settings import Settings
from app.voice.setting_up import make_ready, voice_of
from geodata.store.files import Dataset

_OWN: Final = {"Sec-Fetch-Site": "same-origin"}
#: A process is killed so many seconds after its first post was acknowledged, at most.
_MOST_S: Final = 0.08
_ANY_NUMBER: Final = {
    "reports_per_hour": 0,
    "reports_per_place": 0,
    "wishes_per_hour": 0,
    "letters_per_hour": 0,
}


def main(home: Path, rounds: int, url: str | None) -> None:
    """Kill as often as that, and say what became of the posts."""
    chosen = replace(Settings(home, "demo"), voice_url=url, **_ANY_NUMBER)
    dataset, voice = Dataset(home, "demo"), voice_of(chosen)
    make_ready(voice, dataset.load(), "demo", queries.now())
    voice.database.close()
    rng = random.Random(rounds)  # noqa: S311  # the same moments each time
    acknowledged: list[str] = []
    sent: set[str] = set()
    for number in range(rounds):
        together = 1 + number % 2
        prefix = f"{number:08}-{rounds:08}"
        known = _killed(chosen, prefix, together, rng.random() * _MOST_S)
        acknowledged += known
        sent |= {*known}
        sent |= {f"{prefix}-{nth:04}" for nth in range(len({*known}) + 2 * together)}
    lost, doubled = _looked_at(chosen, {*acknowledged}, sent)
    told = {"acknowledged": len({*acknowledged}), "lost": lost, "doubled": doubled}
    sys.stdout.write(json.dumps({"rounds": rounds, "sent": len(sent), **told}) + "\n")


def _killed(chosen: Settings, prefix: str, together: int, after_s: float) -> list[str]:
    """The keys that were acknowledged to processes that were killed."""
    reading, writing = os.pipe()
    children = [_forked(chosen, prefix, reading, writing) for _ in range(together)]
    os.close(writing)
    told = os.read(reading, 1 << 16)
    time.sleep(after_s)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    written = select.poll()
    written.register(reading, select.POLLIN)
    while written.poll(0) and (more := os.read(reading, 1 << 16)):
        told += more
    os.close(reading)
    *whole, _cut = told.decode().split("\n")
    return whole


def _forked(chosen: Settings, prefix: str, reading: int, writing: int) -> int:
    child = os.fork()
    if child:
        return child
    os.close(reading)
    client = create_app(chosen).test_client()
    number = 0
    while True:
        key = f"{prefix}-{number:04}"
        if _post(client, key) == 201:
            os.write(writing, f"{key}\n".encode())
        number += 1


def _post(client: object, key: str) -> int:
    """A report or a wish under a key; its status."""
    headers = {**_OWN, "Idempotency-Key": key}
    if int(key[-1]) % 2:
        wish = {"cell": "ws105r", "needs": ["water"], "mode": "ride", "note": key}
        return client.post("/api/v1/wishes", json=wish, headers=headers).status_code  # type: ignore[attr-defined]  # of Flask
    report = {"type": "no_water"}
    path = "/api/v1/places/st-00412/reports"
    return client.post(path, json=report, headers=headers).status_code  # type: ignore[attr-defined]  # as above


def _looked_at(chosen: Settings, acknowledged: set[str], sent: set[str]) -> tuple[int, int]:
    """How many acknowledged posts are lost, and how many posts stand there twice once all were sent
    again.
    """
    from app.voice.posting import key_of

    database = voice_of(chosen).database

    def keys() -> Counter[str]:
        with database.reading() as connection:
            rows = [row.key for row in stored_wishes.every(connection)]
            since = queries.now().replace(year=2000)
            rows += [row["key"] for row in stored_reports.every(connection, since)]
        return Counter(rows)

    held = keys()
    lost = sum(key_of(key) not in held for key in acknowledged)
    client = create_app(chosen).test_client()
    refused = sum(_post(client, key) != 201 for key in sorted(sent))
    again = keys()
    missing = sum(key_of(key) not in again for key in sent)
    doubled = sum(again[key_of(key)] > 1 for key in sent)
    database.close()
    return lost + refused + missing, doubled


if __name__ == "__main__":
    home, rounds, *url = sys.argv[1:]
    main(Path(home), int(rounds), url[0] if url else None)
