"""Every example of every README: Python is run, commands are parsed by the command line itself,
curl asks the app, `make` has the target.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import click
import geopandas as gpd
import numpy as np
import pytest
import shapely
import xlsxwriter
from flask.testing import FlaskClient

from app import settings
from app.cli.main import cli
from app.cli.options import AsksCoverage, AsksInBulk, coverage_of, query_of
from app.factory import create_app
from app.request import parsing, queries
from geodata.store.files import RoadNetwork
from geodata.travel import network, osm
from tests import papers, town
from tests.benchmarks.__main__ import ROWS
from tests.papers import ROOT, Paper
from tests.served import served

TOLD: Final = "http://127.0.0.1:8000"
TOLD_DATABASE: Final = "postgresql+psycopg://city@db.example.org/city"
_ROOT: Final = "changes the machine; tests/app/deploy/test_files.py reads the files"
_PUT: Final = "changes the machine; tests/app/deploy/test_readme.py does it in a folder"
_CONTAINERS: Final = "wants containers; tests/app/deploy/test_files.py reads the files"
_TYPED: Final = "asks for a passphrase; tests/app/deploy/test_readme.py types one"
#: Lines of ```sh blocks that no test runs, and why.
CANNOT_RUN: Final = {
    "sudo apt-get install chromium chromium-headless-shell fonts-noto-cjk fontconfig gdal-bin "
    "postgresql-15-postgis-3 webkit2gtk-driver xvfb nginx-light prometheus systemd": (
        "changes the machine; test_papers.py holds it equal to what CI installs"
    ),
    "sudo python3 -m venv /opt/nuanfeng && sudo /opt/nuanfeng/bin/pip install .": _ROOT,
    "sudo install -D app/deploy/nuanfeng.env /etc/nuanfeng/nuanfeng.env": _PUT,
    "sudo install app/deploy/nuanfeng.service /etc/systemd/system/": _PUT,
    "sudo install app/deploy/nginx.conf /etc/nginx/nginx.conf": _PUT,
    "sudo systemctl enable --now nuanfeng nginx": _ROOT,
    "sudo /opt/nuanfeng/bin/pip install --upgrade .": _ROOT,
    "sudo systemctl restart nuanfeng": _ROOT,
    "export POSTGRES_PASSWORD=$(openssl rand -hex 24) "
    "NUANFENG_METRICS_TOKEN=$(openssl rand -hex 32) NUANFENG_HOST=map.example.org": _CONTAINERS,
    'echo -n "$NUANFENG_METRICS_TOKEN" > app/deploy/metrics-token': _CONTAINERS,
    "docker compose -f app/deploy/compose.yaml up -d": _CONTAINERS,
    "nuanfeng keys export keys.json": _TYPED,
    "nuanfeng keys import keys.json": _TYPED,
    "dask scheduler": "serves until it is stopped; tests/geodata/analysis/test_cluster.py has one",
    "dask worker tcp://10.0.0.5:8786 --nthreads 1 --nworkers auto": "wants that scheduler",
    "at=http://127.0.0.1:8000; curl -s -H 'Accept-Encoding: br' "
    '"$at$(curl -s $at/api/v1/pack | grep -o \'/api/[^"]*\')" | wc -c': (
        "a pipe of other programs; tests/app/api/test_pack.py weighs the same bytes"
    ),
}
#: A page's script speaks to the page's own host; outside a page there is none.
ABSOLUTE: Final = (
    "const ours = globalThis.fetch; globalThis.fetch = (url) => ours(new URL(url, {base!r}));\n"
)
#: Where the made-up streets lie: under the point that the examples ask about.
CORNER: Final = (113.956, 22.532)
NETWORK: Final = "shenzhen"


def of_language(paper: Paper, language: str) -> list[papers.Block]:
    return [block for block in paper.blocks if block.language == language]


def lines_of(paper: Paper) -> list[str]:
    """The commands of its sh blocks, without what `#` says to people."""
    joined = "".join(block.text for block in of_language(paper, "sh")).replace("\\\n", " ")
    lines = (re.sub(r"(^|\s+)# .*$", "", line) for line in joined.splitlines())
    return [line for line in lines if line]


LINES: Final = sorted({line for paper in papers.readmes() for line in lines_of(paper)})
SPANS: Final = sorted({span for paper in papers.papers() for span in paper.spans})
CURLS: Final = sorted(
    {line for line in LINES if line.startswith("curl ")}
    | {span for paper in papers.readmes() for span in paper.spans if span.startswith("curl ")}
)
WITH_PYTHON: Final = [paper for paper in papers.readmes() if of_language(paper, "python")]
SCRIPTS: Final = [block.text for paper in papers.readmes() for block in of_language(paper, "js")]


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rider's, with the demo city and made-up streets where the examples look for both."""
    rider = tmp_path_factory.mktemp("rider")
    data = rider / ".local" / "share" / "nuanfeng"
    shutil.copytree(demo_home / "datasets", data / "datasets")
    extract = town.random_town(3).write(rider / f"{NETWORK}.osm", CORNER)
    made = network.build(osm.read(extract, lambda _: None), NETWORK, lambda _: None)
    RoadNetwork(data, NETWORK).publish(made.version, made.about, made.to_arrays(), {})
    return data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where somebody types: with the files that the examples name."""
    here = tmp_path_factory.mktemp("typed")
    with xlsxwriter.Workbook(str(here / "驿站.xlsx")) as book:
        sheet = book.add_worksheet("南山")
        sheet.write_row(0, 0, ["点位", "经度", "纬度", "营业时间", "服务内容"])
        sheet.write_row(1, 0, ["科技园驿站", "113.9512", "22.5405", "24小时", "热水、微波炉"])
        sheet.write_row(2, 0, ["粤海驿站", "113.9402", "22.5215", "周一至周五9:00-18:00", "座椅"])
    gpd.GeoDataFrame(
        {"name": ["南山区"], "level": ["district"]},
        geometry=[shapely.box(113.90, 22.50, 114.02, 22.60)],
        crs=4326,
    ).to_file(here / "行政区.geojson")
    rng = np.random.default_rng(11)
    spots = [town.degrees(*metres, CORNER) for metres in rng.uniform(0, 1_700, (200, 2))]
    orders = gpd.GeoDataFrame(
        {"weight": rng.integers(1, 5, len(spots)).astype(float), "district": "南山区"},
        geometry=gpd.points_from_xy(*zip(*spots, strict=True)),
        crs=4326,
    )
    orders.to_parquet(here / "orders.parquet")
    town.random_town(3).write(here / "liechtenstein.osm.pbf")  # read as the XML that it is
    return here


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    with served(home, "--network", NETWORK) as address:
        yield address


@pytest.fixture(scope="module")
def client(home: Path) -> FlaskClient:
    return create_app(settings.Settings(home, "demo", NETWORK)).test_client()


@pytest.mark.parametrize("paper", WITH_PYTHON, ids=lambda paper: paper.name)
def test_the_python_of_a_readme_runs_from_top_to_bottom(
    paper: Paper, home: Path, folder: Path, request: pytest.FixtureRequest
) -> None:
    blocks = of_language(paper, "python")
    assert all("print(" in block.text for block in blocks), "an example shows what it gives"
    # Each block stands at its own line, so that a traceback names the line of the README.
    lines: list[str] = []
    for block in blocks:
        lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    text = "\n".join(lines)
    if TOLD in text:
        text = text.replace(TOLD, request.getfixturevalue("server"))
    if TOLD_DATABASE in text:
        url = request.getfixturevalue("database_url")
        text = text.replace(TOLD_DATABASE, url.replace("postgresql:", "postgresql+psycopg:", 1))
    here = {"HOME": str(home.parents[2]), "NUANFENG_HOME": str(home)}
    if paper.name == "notebooks/README.md":  # it starts in this folder, and says so
        here["PYTHONPATH"] = str(paper.folder)
    run = "import sys; exec(compile(sys.stdin.read(), sys.argv[1], 'exec'))"
    answer = subprocess.run(
        [sys.executable, "-c", run, str(ROOT / paper.name)],
        input=text,
        cwd=folder,
        env={**os.environ, **here},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,  # against a hang: kernels may be compiled first, beside other work
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_runs(server: str, script: str, tmp_path: Path) -> None:
    beside = Path(sys.executable).parent / "node"
    node = str(beside) if beside.exists() else shutil.which("node")
    if node is None:
        pytest.skip("there is no node beside this Python; `make test` installs it")
    module = tmp_path / "example.mjs"
    module.write_text(ABSOLUTE.format(base=server) + script, encoding="utf-8")
    answer = subprocess.run(
        [node, str(module)], capture_output=True, text=True, check=False, timeout=120
    )
    assert answer.returncode == 0, answer.stderr


def curl() -> argparse.ArgumentParser:
    """The options of curl that the examples use; any other is refused."""
    options = argparse.ArgumentParser("curl", allow_abbrev=False, exit_on_error=False)
    options.add_argument("url")
    options.add_argument("--get", action="store_true")
    options.add_argument("-H", dest="headers", action="append", default=[])
    options.add_argument("-d", dest="data", action="append", default=[])
    options.add_argument("--data-urlencode", dest="encoded", action="append", default=[])
    return options


@pytest.mark.parametrize("line", CURLS)
def test_curl_is_answered(client: FlaskClient, line: str) -> None:
    asked = curl().parse_args(shlex.split(line)[1:])
    assert asked.url.startswith(TOLD)
    address = urlsplit(asked.url)
    pairs = (each.partition("=") for each in asked.encoded)
    data = "&".join([*asked.data, *(f"{name}={quote(value)}" for name, _, value in pairs)])
    query = "&".join(filter(None, [address.query, data if asked.get else ""]))
    with client.open(
        f"{address.path}?{query}",
        method="POST" if data and not asked.get else "GET",
        data=None if asked.get else data,
        headers=[tuple(header.split(": ", 1)) for header in asked.headers],
    ) as answer:
        assert 200 <= answer.status_code < 300, answer.text
        body = answer.data
    assert body
    if answer.mimetype.endswith("json"):
        assert json.loads(body)


def parse(words: list[str]) -> None:
    """What follows `nuanfeng` on a command line, by the command itself. Raises UsageError."""
    command: click.Command = cli
    context = click.Context(cli, info_name="nuanfeng")
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
        if isinstance(command, click.Group):
            context = click.Context(command, parent=context, info_name=name)
    stated = command.make_context(command.name, list(words), parent=context).params
    for kind, read in ((AsksInBulk, query_of), (AsksCoverage, coverage_of)):
        if isinstance(command, kind):
            # `coverage --by` takes groups of an analyst's own, which the API does not know.
            filters = {*parsing.fields(getattr(queries, kind.query))} - {"by"}
            read({name: value for name, value in stated.items() if name in filters})


def targets() -> set[str]:
    return set(
        re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )


def check_make(words: list[str]) -> None:
    """Whether targets and, of a bench, rows exist."""
    given = [word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")]
    asked = {word for word in words if not word.startswith("ARGS=")}
    assert asked
    assert asked <= targets()
    if asked == {"bench"}:
        assert set(" ".join(given).split()) - {"--quick"} <= set(ROWS)


def check_pip(words: list[str]) -> None:
    """Whether the project has these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = re.fullmatch(r"(.+)\[(.+)\]", words[-1])
    assert words[:-1] == ["install"]
    assert found
    assert found[1] in {".", project["name"]}
    assert set(found[2].split(",")) <= set(project["optional-dependencies"])


def check_export(words: list[str]) -> None:
    """Whether it is a setting, and one that is taken."""
    (name, _, value) = words[0].partition("=")
    assert f'"{name}"' in (ROOT / "app/settings.py").read_text("utf-8")
    settings.read({name: value})


CHECKS: Final = {"nuanfeng": parse, "make": check_make, "pip": check_pip, "export": check_export}


@pytest.mark.parametrize("line", [line for line in LINES if line not in CANNOT_RUN])
def test_a_command_is_one_that_the_program_takes(line: str) -> None:
    name, *words = shlex.split(line)
    assert name in {*CHECKS, "curl"}
    if name != "curl":  # those are asked
        CHECKS[name](words)


def test_what_cannot_run_is_still_told() -> None:
    assert set(CANNOT_RUN) <= set(LINES)


def options_of(command: click.Command) -> set[str]:
    context = click.Context(command)
    named = (option.opts + option.secondary_opts for option in command.get_params(context))
    return {"-h", "--help", *(name for names in named for name in names)}


@pytest.mark.parametrize("span", [span for span in SPANS if span.startswith("nuanfeng ")])
def test_a_command_in_a_sentence_exists_with_its_options(span: str) -> None:
    """In any paper; values may be placeholders, and `a|b` is any of two commands."""
    command: click.Command = cli
    words = span.split()[1:]
    while isinstance(command, click.Group) and words and words[0][0] not in "-|":
        name, *words = words
        found = {
            each: command.get_command(click.Context(command), each) for each in name.split("|")
        }
        assert all(found.values()), found
        command = found[name.rpartition("|")[2]]
    stated = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert stated <= options_of(command)


@pytest.mark.parametrize("span", [span for span in SPANS if re.match(r"(make|pip \w+) ", span)])
def test_a_make_or_pip_in_a_sentence_exists(span: str) -> None:
    """In any paper; `pip install` alone says how, not what."""
    name, *words = shlex.split(span)
    assert name in CHECKS
    CHECKS[name](words)


def test_there_are_examples_of_all_kinds() -> None:
    assert len(CURLS) >= 8
    assert len(WITH_PYTHON) >= 5
    assert SCRIPTS
    assert {line.split()[0] for line in LINES} >= set(CHECKS)
