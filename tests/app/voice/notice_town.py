"""A town whose operators publish notices, and its riders: the whole API and the pages over it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from flask import Flask

from app.api import routes as api
from app.live.roads import LiveRoads
from app.request.notices import read_cancel, read_notice
from app.response import problems
from app.response.rate import Limiter
from app.voice import notice_posts, notice_routes
from app.voice import routes as views
from app.voice.live_voice import LiveVoice
from app.voice.notices import Notice
from app.voice.posting import Voice
from geodata.snapshot.snapshot import Snapshot
from tests.app.db.conftest import NOW


def told(headline: str) -> dict[str, str]:
    return {"headline": headline, "description": "why", "instruction": "go around"}


def box(lon: float, lat: float, half: float = 0.004) -> list[list[float]]:
    """A square about a point, in degrees."""
    west, south, east, north = lon - half, lat - half, lon + half, lat + half
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def post(now: datetime = NOW, **stated: Any) -> dict[str, Any]:
    """A sound notice, as far as nothing else is stated."""
    return {
        "effect": "closed",
        "expires": (now + timedelta(days=1)).isoformat(),
        "polygons": [box(113.9645, 22.5405)],
        "zh": told("封闭"),
        "en": told("closed"),
        **stated,
    }


@dataclass
class OneLive:
    """As much of `Live` as these views ask for."""

    city: Snapshot
    roads: LiveRoads = field(default_factory=lambda: LiveRoads(None))

    def snapshot(self) -> Snapshot:
        return self.city

    def version(self, version: str) -> Snapshot:
        assert version == self.city.version
        return self.city


@dataclass
class NoticeTown:
    """A server, at a time that a test says."""

    voice: Voice
    city: Snapshot
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.said = LiveVoice(self.voice.database)
        self.app = Flask("app", root_path="app")
        problems.install(self.app)
        live = OneLive(self.city)
        self.app.register_blueprint(api.blueprint(live, Limiter(0), self.said))  # type: ignore[arg-type]  # one city for Live
        self.app.register_blueprint(views.blueprint(live, self.voice, self.said))  # type: ignore[arg-type]  # as above
        self.app.register_blueprint(notice_routes.blueprint(live, self.voice, self.said))  # type: ignore[arg-type]  # as above
        self.client = self.app.test_client()

    def publish(self, **stated: Any) -> Notice:
        read = read_notice(msgspec.json.encode(post(self.now, **stated)))
        return self._write(notice_posts.publish, read, "op", self.now, self.city.outline)

    def update(self, references: str, **stated: Any) -> Notice:
        read = read_notice(msgspec.json.encode(post(self.now, references=references, **stated)))
        return self._write(notice_posts.update, read, "op", self.now, self.city.outline)

    def cancel(self, references: str, **stated: Any) -> Notice:
        read = read_cancel(msgspec.json.encode({"references": references, **stated}))
        return self._write(notice_posts.cancel, read, "op", self.now)

    def _write(self, verb: Any, *given: Any) -> Notice:
        found: Notice = self.voice.database.write(lambda connection: verb(connection, *given))
        self.said.hurry()
        return found

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    @property
    def revision(self) -> str:
        found: str = self.get("/api/v1/reports").json["notices"]
        return found
