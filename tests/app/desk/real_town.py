"""A desk over a small dataset of real places, in which jobs are done when a test says so."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.main import cli
from app.db import jobs
from app.db.jobs import StoredJob
from app.desk.leases import Keeper
from app.desk.roles import DeskRole, Scope, ScopeKind
from app.factory import create_app
from app.request import queries
from app.settings import Settings
from app.voice.setting_up import make_ready, voice_of
from geodata.pipeline.published import StoredTables, stored
from geodata.store.files import Dataset
from tests.app.desk.desk_town import CITY, DeskClient, DeskTown

STREET = "粤海街道"
HEAD = "名称,地址,经度,纬度,营业时间,电话,街道"
ROWS = (
    "科技园驿站,科苑路1号,113.9512,22.5405,24小时,0755-82333707,粤海街道",
    "粤海驿站,后海大道2号,113.9402,22.5215,周一至周五9:00-18:00,13800138000,粤海街道",
    "登良驿站,登良路3号,113.9320,22.5190,9:00-21:00,,粤海街道",
)
OTHER = (
    "南头驿站,南头街1号,113.9252,22.5405,24小时,,南头街道",
    "深大驿站,南海大道1号,113.9352,22.5305,24小时,,粤海街道",
)


def table(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


class RealTown(DeskTown):
    """Its jobs wait until `done` does them."""

    def send(self, client: DeskClient, body: bytes, name: str = "list.csv", **more: Any) -> str:
        """The address that a table leads to; its job is done."""
        fields = {"datum": "wgs84", "kind": "warm_bee_station", "layer": STREET, **more}
        reply = client.post("/desk/tables", table=(io.BytesIO(body), name), **fields)
        assert reply.status_code == 303, reply.text
        return self.done(reply.headers["Location"])

    def done(self, address: str) -> str:
        job_id = address.rpartition("/")[2]
        told = ["job", "run", job_id, "--dataset", "mine"]
        ended = CliRunner().invoke(cli, told, catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return address

    def job(self, address: str) -> StoredJob:
        with self.desk.database.reading() as connection:
            held = jobs.get(connection, address.rpartition("/")[2])
        assert held
        return held

    def posted(self, client: DeskClient, address: str, **fields: Any) -> str:
        """Where a form leads to, its job done."""
        reply = client.post(address, **fields)
        assert reply.status_code == 303, re.sub(r"<[^>]+>", " ", reply.text)
        return self.done(reply.headers["Location"])

    def held(self) -> StoredTables:
        found = stored(self.home, "mine")
        assert found
        return found

    def column(self, name: str) -> dict[str, Any]:
        places = self.held().places()
        return dict(zip(places["name"], places[name], strict=True))

    def follow(self) -> None:
        """The server sees what was published, as it would a second later."""
        self.desk.live._look_at = 0.0
        assert self.desk.snapshot().version == self.held().pointer.version

    def publisher(self) -> DeskClient:
        return self.client(DeskRole.PUBLISHER, CITY)

    def editor(self, street: str = STREET) -> DeskClient:
        return self.client(DeskRole.EDITOR, Scope(ScopeKind.STREET, street))


def real_town(home: Path, voice_url: str | None = None) -> RealTown:
    """Of a home in which dataset `mine` is published."""
    chosen = Settings(home, "mine", voice_url=voice_url)
    voice = voice_of(chosen)
    make_ready(voice, Dataset(home, "mine").load(), "mine", queries.now())
    voice.database.close()
    return RealTown(create_app(chosen), home)


def fresh_town(home: Path, patched: pytest.MonkeyPatch) -> RealTown:
    """Of an empty home, in which no job is begun by itself."""
    patched.setenv("NUANFENG_HOME", str(home))
    patched.setattr(Keeper, "look", lambda _: None)
    published(home)
    return real_town(home)


def published(home: Path) -> None:
    """A first version: the list of another street office."""
    file = home.parent / "first.csv"
    file.write_bytes(table(*OTHER))
    told = ["import", str(file), "--dataset", "mine", "--layer", "南头街道", "--datum", "wgs84"]
    kind = ["--kind", "warm_bee_station", "--publish"]
    ended = CliRunner().invoke(cli, [*told, *kind], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
