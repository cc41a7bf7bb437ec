"""Riders for the row "voice": they speak and ask at a steady pace, over connections that are kept.

Imports nothing of ours: each kind runs in a process of its own.
"""

import http.client
import itertools
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

#: Riders who speak and who ask at once, and how often each does in a second.
_SPEAKING: Final = 30
_SPEAKS_PER_S: Final = 12.0
_ASKING: Final = 8
_ASKS_PER_S: Final = 25.0
_FLOODED: Final = 90
_BUSY: Final = 503


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a server: where, for how long, about what."""

    port: int
    for_s: float
    points: tuple[tuple[float, float], ...]
    places: tuple[str, ...]


@dataclass(slots=True)
class Heard:
    """What was answered, and how long it took, seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)
    #: How often one was told to come back, and did.
    came_back: int = 0

    def share_s(self, share: float) -> float:
        """By when so large a share was answered."""
        ordered = sorted(self.took_s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def say(wanted: Wanted) -> Heard:
    """Reports, each of a network of its own, about one place after the other. Who is told to come
    back does so when told, with the same key, as a phone does.
    """
    numbers, refused = itertools.count(), itertools.count()

    def once(connection: http.client.HTTPConnection) -> int:
        number, key = next(numbers), str(uuid.uuid4())
        network = f"10.{number // 250 % 250}.{number % 250}.7"
        place = wanted.places[number % len(wanted.places)]
        while (told := _post(connection, place, network, key)).status == _BUSY:
            next(refused)
            time.sleep(float(told.headers["Retry-After"]))
        return told.status

    heard = _paced(wanted, once, _SPEAKING, _SPEAKS_PER_S)
    heard.came_back = next(refused)
    return heard


def ask(wanted: Wanted) -> Heard:
    """The nearest places of one point after the other."""
    points = itertools.cycle(wanted.points)

    def once(connection: http.client.HTTPConnection) -> int:
        lon, lat = next(points)
        query = f"lon={lon:.6f}&lat={lat:.6f}&k=5&needs=water&open=now"
        connection.request("GET", f"/api/v1/nearest?{query}")
        return _told(connection).status

    return _paced(wanted, once, _ASKING, _ASKS_PER_S)


def flood(wanted: Wanted) -> Counter[int]:
    """One network, as fast as it can."""
    connection = http.client.HTTPConnection("127.0.0.1", wanted.port, timeout=30)
    found = Counter(
        _post(connection, wanted.places[number], "192.0.2.1", str(uuid.uuid4())).status
        for number in range(_FLOODED)
    )
    connection.close()
    return found


def _post(
    connection: http.client.HTTPConnection, place: str, network: str, key: str
) -> http.client.HTTPResponse:
    headers = {
        "Content-Type": "application/json",
        "Sec-Fetch-Site": "same-origin",
        "Idempotency-Key": key,
        "X-Forwarded-For": network,
    }
    body = json.dumps({"type": "no_water"})
    connection.request("POST", f"/api/v1/places/{place}/reports", body, headers)
    return _told(connection)


def _told(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    response = connection.getresponse()
    response.read()
    return response


def _paced(
    wanted: Wanted,
    once: Callable[[http.client.HTTPConnection], int],
    riders: int,
    per_s: float,
) -> Heard:
    """Each rider asks at its own beats; one that is late asks at once."""
    begins = time.monotonic() + 0.5

    def ride(number: int) -> list[tuple[int, float]]:
        connection = http.client.HTTPConnection("127.0.0.1", wanted.port, timeout=30)
        told = []
        for beat in range(int(wanted.for_s * per_s)):
            due = begins + (beat + number / riders) / per_s
            time.sleep(max(0.0, due - time.monotonic()))
            began = time.monotonic()
            if began > begins + wanted.for_s:
                break
            status = once(connection)
            told.append((status, time.monotonic() - began))
        connection.close()
        return told

    heard = Heard()
    with ThreadPoolExecutor(riders) as pool:
        for told in pool.map(ride, range(riders)):
            for status, took_s in told:
                heard.statuses[status] += 1
                heard.took_s.append(took_s)
    return heard
