"""`make notebooks`: runs every essay and writes it as HTML beside this file.

Changes no notebook.
"""

import argparse
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from platformdirs import user_data_path
from traitlets.config import Config

HERE: Final = Path(__file__).parent
HTML: Final = HERE / "html"
#: A cell that takes longer hangs.
CELL_S: Final = 300


def main(wanted: list[str]) -> None:
    """The notebooks whose names begin as one of `wanted` does, or all.

    A line each, with the slowest cell.
    """
    HTML.mkdir(exist_ok=True)
    exporter = HTMLExporter(template_name="essay", extra_template_basedirs=[str(HERE)])
    for path in sorted(HERE.glob("[0-9]*.ipynb")):
        if not wanted or path.name.startswith(tuple(wanted)):
            print(f"{path.stem:24}", end="", flush=True)
            began = time.perf_counter()
            slowest_s = _render(path, exporter)
            print(
                f"{time.perf_counter() - began:5.0f} s, slowest cell {slowest_s:3.0f} s", flush=True
            )
    print(f"to read: {HTML}")


def export() -> Path:
    """What riders said of the dataset, as files for essay 08; where they lie.

    Made by the commands, whose sentences are printed: of a dataset of which nobody said anything
    yet there are none.
    """
    stated = os.environ.get("NUANFENG_HOME")
    home = Path(stated).expanduser() if stated else user_data_path("nuanfeng", appauthor=False)
    dataset = os.environ.get("NUANFENG_DATASET", "demo")
    folder = home / "exports" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    asked = [["voice", "prepare"]]
    asked += [
        [name, "export", "-o", str(folder / f"{name}.parquet")]
        for name in ("reports", "letters", "wishes")
    ]
    for words in asked:
        told = [sys.executable, "-m", "app", *words, "--dataset", dataset]
        subprocess.run(told, cwd=HERE.parent, check=False)  # noqa: S603  # our own command
    return folder


def _render(path: Path, exporter: HTMLExporter) -> float:
    """Seconds of the slowest cell."""
    took = [0.0]

    def clock(**_: object) -> None:
        took.append(time.perf_counter())

    essay = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(HERE)}}
    with TemporaryDirectory() as own:
        # Sockets in a folder that only we can read, in place of open ports.
        private = Config(KernelManager={"transport": "ipc", "ip": f"{own}/kernel"})
        NotebookClient(
            essay,
            timeout=CELL_S,
            resources=where,
            on_cell_start=clock,
            on_cell_complete=clock,
            config=private,
        ).execute()
    body, _ = exporter.from_notebook_node(essay, {"metadata": {"name": path.stem}})
    (HTML / f"{path.stem}.html").write_text(body, encoding="utf-8")
    return max(after - before for before, after in pairwise(took[1:]))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("essays", nargs="*", help="such as 02 05; all by default")
    asked.add_argument("--dataset", help="the dataset that they tell of; the demo city by default")
    told = asked.parse_args()
    if told.dataset:
        os.environ["NUANFENG_DATASET"] = told.dataset  # kernels read it
    if not told.essays or any("08".startswith(each[:2]) for each in told.essays):
        export()
    main(told.essays)
