"""What a server does before it forks its workers, so that the first phone waits for none of it."""

from pathlib import Path

import pytest

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
