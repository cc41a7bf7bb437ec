"""A server of letters over the demo city, whose time a test sets."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.live.current import Live
from app.pages import letter_pages, rendering
from app.response import problems
from app.voice import letter_box, letter_routes
from app.voice.letter_box import Reply
from app.voice.letter_routes import LetterBox
from app.voice.letters import Happening, LetterEvent, LetterState
from app.voice.live_voice import LiveVoice
from app.voice.posting import Voice
from geodata.store.files import Dataset
from tests.app.db.conftest import NOW

OWN = {"Sec-Fetch-Site": "same-origin"}
DAY = timedelta(days=1)
TEXT = "热水器坏了，联系人张三"


@dataclass
class Town:
    """A server of letters over the demo city, at a time that a test sets."""

    voice: Voice
    live: Live
    monkeypatch: pytest.MonkeyPatch
    answerers: str = "市总工会"
    app: Flask = field(default_factory=lambda: Flask("app"))

    def __post_init__(self) -> None:
        problems.install(self.app)
        self.said = LiveVoice(self.voice.database)
        self.box = LetterBox(self.voice, self.live, self.said, self.answerers)
        self.app.register_blueprint(letter_routes.blueprint(self.box))
        pages = letter_pages.blueprint(self.live, self.box)
        pages.app_context_processor(rendering.words)
        self.app.register_blueprint(pages)
        self.at(NOW)

    def at(self, now: datetime) -> None:
        self.monkeypatch.setattr("app.request.queries.now", lambda: now)
        self.now = now

    def post(self, path: str, key: str = "", network: str = "192.0.2.1", **sent: Any) -> Any:
        headers = {**OWN, "Idempotency-Key": key or str(uuid.uuid4())}
        client = self.app.test_client()
        return client.post(
            f"/api/v1/letters{path}",
            json=sent,
            headers=headers,
            environ_base={"REMOTE_ADDR": network},
        )

    def write(self, receipt: str, **more: Any) -> Any:
        sent = {"category": "station", "text": TEXT, "receipt": receipt, **more}
        return self.post("", **sent)

    def status(self, receipt: str, network: str = "192.0.2.1") -> Any:
        return self.post("/status", network=network, receipt=receipt)

    def operate(self, letter_id: str, kind: Happening, text: str = "") -> LetterState:
        event = LetterEvent(kind, self.now)
        after = self.voice.database.write(
            lambda connection: letter_box.happen(
                connection, self.voice.keys, letter_id, event, "工作人员", Reply(text)
            )
        )
        return after.state


@pytest.fixture
def town(voice: Voice, demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(voice, Live(Dataset(demo_home, "demo")), monkeypatch)
