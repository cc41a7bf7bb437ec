"""Row "layers": one of twenty lists of 10,000 places comes again, from the file to the version."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from geodata.pipeline import published, recipes
from geodata.pipeline.layers import layer_name
from geodata.pipeline.recipes import Beside
from geodata.sources.read import read
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import Datum
from geodata.store.files import Dataset
from geodata.vocabulary import Kind
from tests.benchmarks.importing import written
from tests.benchmarks.report import Line
from tests.bombs import ended

ROW: Final = "layers"
_LAYERS: Final = 20
_PLACES: Final = 10_000
#: Places that are gone when a list comes again, and as many that are new.
_OTHERS: Final = 1_000
_MOST_S: Final = 15.0
_MOST_PUBLISHING_S: Final = 9.0
_DECLARED: Final = Declared(Datum.WGS84, Kind.WARM_BEE_STATION)


def measure(home: Path) -> Iterator[Line]:
    """Wall time of the command as it is typed, and of publishing alone, of a list in which a tenth
    of the places are others.
    """
    store = Dataset(home, "layered")
    _publish_all(store, home)
    path = _list(home / "again.csv", 1, slice(_OTHERS, None))
    took_s, most_mb = _command(path, home)
    whole = _LAYERS * _PLACES
    what = f"one of {_LAYERS} layers of {_PLACES:,} from file to version ({whole:,} places)"
    yield Line(ROW, what, f"{took_s:.1f} s", "", "", f"≤ {_MOST_S:g} s", took_s <= _MOST_S)
    yield Line(ROW, "most memory of that process", f"{most_mb:,} MB", "", "", "", None)
    took_s = _publishing(store, path)
    target = f"≤ {_MOST_PUBLISHING_S:g} s"
    yield Line(
        ROW, "of which publishing", f"{took_s:.1f} s", "", "", target, took_s <= _MOST_PUBLISHING_S
    )


def _publish_all(store: Dataset, home: Path) -> None:
    """All layers as one version, as if each had come by itself."""
    whole = None
    for number in range(_LAYERS):
        path = _list(home / "list.csv", number, slice(_PLACES))
        (table,) = read(path)
        beside = Beside(layer=layer_name(f"office-{number}"))
        checked = recipes.check(places_from(table, _DECLARED), beside=beside)
        rest = recipes.union([checked.places, *([whole] if whole is not None else [])])
        whole = rest.drop_duplicates("id")
    checked = recipes.replace(checked, places=whole)
    frozen = recipes.imported(checked, store.name, "", "", "lists", date(2026, 11, 30))
    store.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)


def _list(path: Path, number: int, rows: slice) -> Path:
    """The list of an office, with ids of its own."""
    return written(path, _PLACES + _OTHERS, number, rows, f"o{number}-{{1:05}}")


def _command(path: Path, home: Path) -> tuple[float, int]:
    asked = ("import", str(path), "--dataset", "layered", "--layer", "office-1")
    began = time.perf_counter()
    found = ended(
        home, *asked, "--kind", "warm_bee_station", "--datum", "wgs84", "--publish", most_s=600.0
    )
    took_s = time.perf_counter() - began
    if found.code:
        raise RuntimeError(found.said)
    return took_s, found.mb


def _publishing(store: Dataset, path: Path) -> float:
    """From the checked list to the version that answers, in this process."""
    held = published.stored(store.home, store.name)
    if held is None:
        raise RuntimeError("nothing was published to lay a list over")
    beside = Beside(held.places(), held.outlines(), layer_name("office-1", held.about.layers))
    (table,) = read(path)
    checked = recipes.check(places_from(table, _DECLARED), beside=beside)
    began = time.perf_counter()
    frozen = recipes.imported(checked, store.name, "", "", "lists", date(2026, 11, 30), held=held)
    store.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    return time.perf_counter() - began
