"""An upgrade and the way back from it, walked as app/deploy/README.md tells them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files as resources
from pathlib import Path

import pytest
from alembic.config import Config
from click.testing import CliRunner, Result
from sqlalchemy import insert

from app.cli.main import cli
from app.db import migrate
from app.db.database import Database, address
from app.db.tables import salt
from app.factory import create_app
from app.settings import Settings
from geodata.errors import DamagedDataset
from geodata.store.files import Dataset
from tests.app.conftest import speak
from tests.app.db.test_database import salted
from tests.app.ops.test_backup import DEMO, rows_at
from tests.contracts.test_stored_formats import renumber

NEAR = "/api/v1/nearest?lon=113.9645&lat=22.5405&k=3"
#: What the next program adds to the tables.
STEP = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    op.create_table("newer", sa.Column("number", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("newer")
"""


@contextmanager
def next_program(folder: Path) -> Iterator[None]:
    """The program after this one, which knows one more step."""
    steps = folder / "migrations"
    if not steps.exists():
        shutil.copytree(str(resources("app.db") / "migrations"), steps)
        (steps / "versions" / "0002_newer.py").write_text(STEP, encoding="utf-8")

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", str(steps))
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrate, "_config", config)
        patched.setattr(migrate, "REVISION", "0002")
        yield


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    made = tmp_path / "home"
    shutil.copytree(demo_home / "datasets", made / "datasets")
    speak(made)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> str | None:
    """The home's own file, or a PostgreSQL database with the same in it."""
    if request.param == "sqlite":
        return None
    url = str(request.getfixturevalue("database_url"))
    file = tmp_path / "moved.tar"
    assert run(home, None, "backup", str(file)).exit_code == 0
    assert run(home, url, "restore", str(file), "--said-only").exit_code == 0
    return url


def run(home: Path, url: str | None, *words: str) -> Result:
    environ = {"NUANFENG_HOME": str(home), "NUANFENG_DATASET": DEMO, "NUANFENG_NETWORK": ""}
    environ |= {"NUANFENG_VOICE_URL": url or "", "NUANFENG_DATABASE_URL": ""}
    return CliRunner().invoke(cli, [*words, "--lang", "en"], env=environ)


def step_of(home: Path, url: str | None) -> str | None:
    database = Database(address(home, DEMO, url))
    try:
        return migrate.revision(database)
    finally:
        database.close()


def hears(home: Path, url: str | None, day: int) -> None:
    """Something is said."""
    database = Database(address(home, DEMO, url))
    database.write(lambda connection: connection.execute(insert(salt).values(salted(day))))
    database.close()


def answers(home: Path, url: str | None) -> list[int]:
    app = create_app(Settings(home, DEMO, voice_url=url))
    client = app.test_client()
    told = [client.get(path).status_code for path in (NEAR, "/", "/api/v1/reports")]
    app.extensions["desk"].desk.database.close()
    return told


def test_an_upgrade_is_gone_back_from_by_the_backup_before_it(
    home: Path, url: str | None, tmp_path: Path
) -> None:
    before, file = rows_at(home, url), tmp_path / "before-upgrade.tar"
    assert run(home, url, "backup", str(file)).exit_code == 0
    with next_program(tmp_path):
        assert run(home, url, "voice", "prepare").exit_code == 0
        assert step_of(home, url) == "0002"
        assert len([*(home / "voice").glob("demo.0001.*.db")]) == (url is None)
        hears(home, url, 3)
        renumber(Dataset(home, DEMO), "CURRENT", Dataset.format + 1)  # it published data, too
    refused = run(home, url, "voice", "prepare")
    assert refused.exit_code == 1
    with pytest.raises(DamagedDataset, match="build or import anew"):
        Dataset(home, DEMO).load()
    back = run(home, url, "restore", str(file), "--replace")
    assert back.exit_code == 0, back.output
    assert rows_at(home, url) == before
    assert step_of(home, url) == migrate.REVISION
    assert run(home, url, "voice", "prepare").exit_code == 0
    assert answers(home, url) == [200, 200, 200]


def test_an_upgrade_is_gone_back_from_step_by_step_and_what_was_said_stays(
    home: Path, url: str | None, tmp_path: Path
) -> None:
    before = rows_at(home, url)
    with next_program(tmp_path):
        assert run(home, url, "voice", "prepare").exit_code == 0
        hears(home, url, 3)
    told = run(home, url, "voice", "prepare")
    assert told.exit_code == 1
    assert "step 0002; this one knows 0001" in told.output
    with next_program(tmp_path):
        assert run(home, url, "voice", "downgrade", "0001").exit_code == 0
    assert run(home, url, "voice", "prepare").exit_code == 0
    after = rows_at(home, url)
    assert {*after["salt"]} > {*before["salt"]}
    # What a demo begins with is made anew at each start.
    assert {name: len(rows) for name, rows in after.items() if name != "salt"} == {
        name: len(rows) for name, rows in before.items() if name != "salt"
    }
    assert answers(home, url) == [200, 200, 200]
