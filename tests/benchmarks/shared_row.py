"""Row "shared": what it takes to push 200,000 places to the database that machines share, and to
pull them from it.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from geodata.pipeline import recipes
from geodata.store.files import Dataset
from geodata.store.postgis import SharedDataset, prepare
from tests import postgres
from tests.benchmarks.report import Line, seconds

ROW: Final = "shared"
_PLACES: Final = 200_000


def measure(home: Path) -> Iterator[Line]:
    """Wall time of each beside that of publishing the same version on this disk, which a pull does,
    too.
    """
    folder = postgres.programs()
    if folder is None:
        yield Line(ROW, f"{_PLACES:,}, PostGIS", "", postgres.MISSING, "", "", None)
        return
    made = recipes.demo("many", counts=recipes.scaled(_PLACES))
    editor, server = Dataset(home / "editor", "many"), Dataset(home / "server", "many")
    publish_s = _took_s(lambda: editor.publish(made.version, made.about, made.arrays, made.blobs))
    weight = sum(part.bytes for part in editor.manifest(editor.pointer()).parts.values()) / 1e6
    with postgres.cluster(folder) as url:
        prepare(url)
        shared = SharedDataset(url, "many")
        steps: dict[str, Callable[[], object]] = {
            "push": lambda: shared.push(editor),
            "pull": lambda: shared.pull(server),
            "verify": shared.verify,
        }
        for name, step in steps.items():
            took_s = _took_s(step)
            what, peer = (
                f"{_PLACES:,} places, {weight:.0f} MB: {name}",
                f"publish on disk {seconds(publish_s)}",
            )
            yield Line(ROW, what, seconds(took_s), peer, f"{took_s / publish_s:.3g}x", "", None)


def _took_s(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
