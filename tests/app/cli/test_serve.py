"""What a server does before it forks its workers, so that the first phone waits for none of it."""

import json
import os
import select
import socket
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from app.cli.main import cli
from app.cli.warm import warm
from app.factory import create_app
from app.pages import shell
from app.pages.assets import MAIN, assets
from app.response import cache
from app.settings import Settings
from geodata.store.files import Dataset


def test_workers_send_the_page_and_its_files_as_their_parent_made_them(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Settings(demo_home, "demo")
    warm(chosen, Dataset(demo_home, "demo"))
    for made in ((shell, "make"), (cache, "compress")):
        monkeypatch.setattr(*made, lambda *_, **__: pytest.fail("made anew"))
    worker = create_app(chosen).test_client()
    for url in (
        "/?lang=en",
        "/?lang=zh-CN",
        assets().url(MAIN),
        assets().url("vendor/leaflet/leaflet.js"),
    ):
        sent = worker.get(url, headers={"Accept-Encoding": "gzip, deflate, br"})
        assert (sent.status_code, sent.headers["Content-Encoding"]) == (200, "br")


def test_a_server_that_cannot_start_leaves_the_settings_of_its_process(home_on_roads: Path) -> None:
    before = dict(os.environ)
    told = CliRunner().invoke(
        cli, ["run", "--host", " ", "--network", "grid"], env={"NUANFENG_HOME": str(home_on_roads)}
    )
    assert told.exit_code == 1
    assert dict(os.environ) == before


def opened(address: str, sent: bytes) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    made.settimeout(120)
    made.connect((host, int(port)))
    made.sendall(sent)
    return made


def closed(connections: list[socket.socket]) -> int:
    """How many of these the server closes; nothing is read of them meanwhile."""
    poll = select.poll()
    for one in connections:
        poll.register(one, select.POLLRDHUP)
    left = len(connections)
    while left and (found := poll.poll(120_000)):
        for number, _ in found:
            poll.unregister(number)
        left -= len(found)
    return len(connections) - left


def test_who_stops_sending_or_reading_is_closed_while_others_are_answered(
    served_demo: str,
) -> None:
    post = b"POST /api/v1/nearest/batch HTTP/1.1\r\nHost: here\r\n"
    post += b"Content-Type: application/json\r\n"
    page = b"GET /areas/%s.json HTTP/1.1\r\nHost: here\r\n\r\n"
    version = json.load(urlopen(f"{served_demo}/readyz"))["dataVersion"].encode()  # noqa: S310  # ours
    silent = opened(served_demo, b"")
    half_a_head = opened(served_demo, b"GET / HTTP/1.1\r\nHost: he")
    half_a_body = opened(served_demo, post + b"Content-Length: 1000\r\n\r\n[[113.9645,22")
    # More than kernels keep for a reader: 22 MB each.
    readers = [opened(served_demo, (page % version) * 400) for _ in range(8)]
    every = [silent, half_a_head, half_a_body, *readers]
    assert closed(every) == len(every)
    with urlopen(f"{served_demo}/healthz") as alive:  # noqa: S310  # ours
        assert alive.status == 200
    for one in every:
        one.close()
