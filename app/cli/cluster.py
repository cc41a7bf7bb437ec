"""Where a command's points are asked: in this process, or on a dask cluster.

Decides that, and asks nothing itself.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app.cli import terminal
from geodata.errors import ClusterFault

if TYPE_CHECKING:
    from geodata.analysis.nearest import Run
    from geodata.store.files import Dataset

#: Points of more bytes than this share of the free memory are asked by all cores: one would take
#: very long.
LARGE: Final = 0.5
OPTION: Final = click.option(
    "--cluster",
    metavar="ADDRESS",
    help=(
        "A dask scheduler (tcp://…) whose workers see these files, or local: a process a core "
        " [default: local where Parquet points are more bytes than half of the free memory, else"
        " neither]"
    ),
)


@contextmanager
def run_of(
    address: str | None, dataset: "Dataset", points: Sequence[Path], target: Path
) -> "Iterator[Run]":
    """How to run a job: on the cluster that is named, on one of this machine where the points are
    many, or here.

    Finished parts lie in a folder beside the target until that is whole. Raises ClusterFault.
    """
    from geodata.analysis.nearest import here

    chosen = address or _unasked(points)
    if chosen is None:
        yield here
        return
    room = _room()
    folder = target.absolute().with_name(f".{target.name}.parts")
    with room.connected(chosen) as client:
        cluster = room.DaskCluster(client, dataset, folder)
        try:
            yield cluster.run
        except BaseException:
            if folder.exists() and any(folder.iterdir()):
                terminal.warn(
                    (
                        "What is done is kept in {folder}: the same command goes on from there"
                        " (with the same --at)."
                    ),
                    folder=folder,
                )
            raise
        cluster.clear()


def _unasked(points: Sequence[Path]) -> str | None:
    """The local cluster where the points are large, can be cut and dask is there; and says so."""
    size = sum(path.stat().st_size for path in points if path.is_file())
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if size <= LARGE * free or any(path.suffix.lower() != ".parquet" for path in points):
        return None
    try:
        room = _room()
    except ClusterFault:
        return None
    terminal.warn(
        (
            "The points are {size:.1f} GB, more than half of the free {free:.1f} GB: "
            "every core asks them, in a process of its own."
        ),
        size=size / 1e9,
        free=free / 1e9,
    )
    return str(room.LOCAL)


def _room() -> Any:
    """The one module that knows dask. Raises ClusterFault where dask is not installed."""
    try:
        from geodata.analysis import cluster
    except ModuleNotFoundError as missing:
        raise ClusterFault(
            "a cluster needs {missing}; in the project's folder: pip install '.[cluster]'",
            missing=missing.name,
        ) from None
    return cluster
