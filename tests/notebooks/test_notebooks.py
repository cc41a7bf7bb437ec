"""The essays: script and notebook are one, git holds no output, and every cell runs."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import geopandas as gpd
import jupytext
import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient

from app.cli.main import cli
from geodata.pipeline.new_city import shipped
from geodata.space.coordinates import WGS84
from notebooks import look, render

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCRIPTS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
#: Of a cell on a busy machine; beyond it hangs.
CELL_S = 300

#: Runs an essay, and gives all that it shows.
Runs = Callable[[Path], str]

every_essay = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


def cells(essay: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in essay.cells]


@every_essay
def test_script_and_notebook_are_one(script: Path) -> None:
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert cells(jupytext.read(script)) == cells(notebook), (
        "`make notebooks` makes the notebook of the script"
    )


@every_essay
def test_no_output_is_in_git(script: Path) -> None:
    code = [
        cell
        for cell in nbformat.read(script.with_suffix(".ipynb"), as_version=4).cells
        if cell.cell_type == "code"
    ]
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


def test_no_notebook_lacks_its_script() -> None:
    assert [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))] == [
        script.stem for script in SCRIPTS
    ]


@pytest.fixture(scope="module")
def exports(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What riders say of the demo city, as the commands write it."""
    home = tmp_path_factory.mktemp("said")
    (home / "datasets").symlink_to(demo_home / "datasets")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUANFENG_HOME", str(home))
        return render.export()


@contextmanager
def kernel(told: Mapping[str, Path | str]) -> Iterator[Runs]:
    """One kernel for all essays of a city, so that libraries are loaded once; each essay begins
    without a name that another left.
    """
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        timeout=CELL_S,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )

    def run(script: Path) -> str:
        client.nb = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
        client.nb.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
        client.reset_execution_trackers()
        for index, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, index)
        return nbformat.writes(client.nb)

    with pytest.MonkeyPatch.context() as patched:
        for name, value in told.items():
            patched.setenv(name, str(value))
        with client.setup_kernel(cwd=str(NOTEBOOKS)):
            yield run


@pytest.fixture(scope="module")
def on_the_demo_city(demo_home: Path, exports: Path) -> Iterator[Runs]:
    with kernel({"NUANFENG_HOME": demo_home, "NUANFENG_EXPORTS": exports}) as run:
        yield run


@every_essay
def test_every_cell_runs(script: Path, on_the_demo_city: Runs) -> None:
    assert "export of" not in on_the_demo_city(script)  # nothing was left out


@pytest.fixture(scope="module")
def wuhan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a city of 240 made-up places, without districts, demand and known seats."""
    folder, rng = tmp_path_factory.mktemp("essays"), np.random.default_rng(3)
    kinds = ["暖蜂驿站"] * 80 + ["爱心商户"] * 140 + ["司机之家"] * 20
    hours = ["24小时", "9:00-18:00", "周一至周五8:30-17:30", ""]
    lines = ["编号,名称,类别,经度,纬度,营业时间,服务内容"]
    for row, (kind, east, north) in enumerate(
        zip(kinds, rng.normal(114.3, 0.05, 240), rng.normal(30.58, 0.04, 240), strict=True)
    ):
        name, stated = f"wh-{row * 7 + 13:04}x,武汉{kind}{row}", hours[row % 4]
        lines.append(f"{name},{kind},{east:.5f},{north:.5f},{stated},热水、座椅、充电")
    (folder / "places.csv").write_text("\n".join(lines), encoding="utf-8")
    told = ("--dataset", "wuhan", "--city", "武汉市", "--datum", "wgs84", "--publish")
    ended = CliRunner(env={"NUANFENG_HOME": str(folder)}).invoke(
        cli, ["import", str(folder / "places.csv"), *told, "--skip-refused"]
    )
    assert ended.exit_code == 0, ended.output
    return folder


@pytest.fixture(scope="module")
def on_another_city(wuhan: Path) -> Iterator[Runs]:
    with kernel({"NUANFENG_HOME": wuhan, "NUANFENG_DATASET": "wuhan"}) as run:
        yield run


@every_essay
def test_every_cell_runs_on_another_city(script: Path, on_another_city: Runs) -> None:
    assert look.DEMO_SOURCE not in on_another_city(script)


def test_a_name_in_a_popup_stays_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(look, "display", lambda data, **_: shown.append(data["text/html"]))
    name = "{{ 7 * 7 }}</script><img src=x onerror=alert(1)>${1}"
    look.zoomable(
        gpd.GeoDataFrame(
            {"name": [name]}, geometry=gpd.points_from_xy([114.05], [22.54]), crs=WGS84
        ),
        ["name"],
        shipped(),
    )
    page = unescape(re.fullmatch(r'<iframe [^>]*srcdoc="([^"]*)"></iframe>', shown[0])[1])
    held = re.search(r'<script type="application/json" id="texts">(.*?)</script>', page)
    assert json.loads(held[1]) == [[name]]
    assert "<img" not in page
    assert page.count("7 * 7") == 1
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", page)
