"""The essays: script and notebook are one, git holds no output, and every cell runs."""

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbmake.nb_run import NotebookRun

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCRIPTS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
#: Of a cell on a busy machine; beyond it hangs.
CELL_S = 300

every_essay = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


def cells(essay: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in essay.cells]


@every_essay
def test_script_and_notebook_are_one(script: Path) -> None:
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert cells(jupytext.read(script)) == cells(notebook), "`make notebooks` makes the notebook of the script"


@every_essay
def test_no_output_is_in_git(script: Path) -> None:
    code = [
        cell for cell in nbformat.read(script.with_suffix(".ipynb"), as_version=4).cells if cell.cell_type == "code"
    ]
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


def test_no_notebook_lacks_its_script() -> None:
    assert [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))] == [script.stem for script in SCRIPTS]


@every_essay
def test_every_cell_runs(script: Path, demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUANFENG_HOME", str(demo_home))
    result = NotebookRun(script.with_suffix(".ipynb"), CELL_S).execute()
    assert result.error is None, result.error.summary
