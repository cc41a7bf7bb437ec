"""What the paper says about backups and upgrades is done as it stands there, line by line."""

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from app.cli.main import cli
from app.db.database import Database, address
from geodata.store.files import Dataset
from tests import makers, papers
from tests.app.conftest import speak

PAPERS: Final = [each for each in papers.readmes() if each.name.startswith("app/deploy/")]
TYPED: Final = "correct horse battery\n"


def lines(paper: papers.Paper, chapter: int) -> list[str]:
    """The commands of ours in a chapter, counted from the first."""
    part = paper.text.split("\n## ")[chapter]
    return [line for line in part.splitlines() if line.startswith("nuanfeng ")]


def run(home: Path, folder: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(folder)
    told = CliRunner().invoke(
        cli,
        [*shlex.split(line)[1:], "--lang", "en"],
        env={"NUANFENG_HOME": str(home), "NUANFENG_DATASET": "demo"},
        input=TYPED,
    )
    assert told.exit_code == 0 or line.startswith("nuanfeng doctor"), (line, told.output)
    return told.output


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_home / "datasets", tmp_path / "home" / "datasets")
    speak(tmp_path / "home")
    return tmp_path / "home"


def test_there_are_papers_in_two_languages_with_the_same_commands() -> None:
    english, chinese = PAPERS
    assert [each.text for each in english.blocks] == [each.text for each in chinese.blocks]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_a_backup_is_made_and_put_back_as_the_paper_says(
    paper: papers.Paper, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = lines(paper, 6)
    assert [line.split()[1] for line in commands] == ["backup", "keys", "restore", "keys"]
    for line in commands[:2]:
        run(home, tmp_path, line, monkeypatch)
    shutil.rmtree(home)
    for line in commands[2:]:
        run(home, tmp_path, line, monkeypatch)
    assert Dataset(home, "demo").verify()
    assert list((home / "keys").glob("letter-*.key"))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_an_upgrade_is_taken_back_as_the_paper_says(
    paper: papers.Paper, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset(home, "demo").pointer()
    commands = lines(paper, 7)
    assert [line.split()[1] for line in commands] == ["backup", "voice", "doctor", "restore"]
    for line in commands[:3]:
        run(home, tmp_path, line, monkeypatch)
    newer(home)
    made = makers.frozen(makers.three_places())
    published = Dataset(home, "demo").publish(made.version, made.about, made.arrays, made.blobs)
    refused = CliRunner().invoke(
        cli, ["voice", "prepare", "--lang", "en"], env={"NUANFENG_HOME": str(home)}
    )
    assert refused.exit_code == 1
    assert "newer program" in refused.output
    run(home, tmp_path, commands[3], monkeypatch)
    assert Dataset(home, "demo").pointer().version == before.version
    speak(home)  # a server starts
    run(home, tmp_path, "nuanfeng rollback", monkeypatch)  # which is the way forward again, too
    assert Dataset(home, "demo").pointer() == published


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_the_files_of_a_deployment_are_put_where_the_paper_says(
    paper: papers.Paper, tmp_path: Path
) -> None:
    """As `sudo install` does it, below a folder of the test's own."""
    typed = [line for line in paper.text.splitlines() if line.startswith("sudo install ")]
    assert len(typed) == 3
    for place in ("etc/systemd/system", "etc/nginx"):
        (tmp_path / place).mkdir(parents=True)
    put = set()
    for line in typed:
        *words, source, target = shlex.split(line)[1:]
        subprocess.run([*words, source, f"{tmp_path}{target}"], cwd=papers.ROOT, check=True)
        here = tmp_path / target.removeprefix("/")
        here = here / Path(source).name if here.is_dir() else here
        assert here.read_bytes() == (papers.ROOT / source).read_bytes()
        put.add(f"/{here.relative_to(tmp_path)}")
    unit = (tmp_path / "etc/systemd/system/nuanfeng.service").read_text(encoding="utf-8")
    assert "EnvironmentFile=/etc/nuanfeng/nuanfeng.env" in unit
    assert "/opt/nuanfeng/bin/nuanfeng" in unit
    assert "/opt/nuanfeng/bin/pip" in paper.text
    assert put == {
        "/etc/nuanfeng/nuanfeng.env",
        "/etc/systemd/system/nuanfeng.service",
        "/etc/nginx/nginx.conf",
    }


def newer(home: Path) -> None:
    """What a newer program would have made of the database."""
    database = Database(address(home, "demo"))
    database.write(lambda to: to.exec_driver_sql("UPDATE alembic_version SET version_num='9999'"))
    database.close()
