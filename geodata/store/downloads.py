"""Where the files for download lie, one set a version. Makes none; losing them loses nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from geodata.vocabulary import OSM_LAYER

if TYPE_CHECKING:  # a command that only names these files needs no store
    from geodata.snapshot.snapshot import DatasetAbout
    from geodata.store.files import Dataset

_FORMS: Final = ("geojson", "csv", "gpkg", "parquet")
#: The files of a version, in the order they are offered.
NAMES: Final = tuple(f"places.{form}" for form in _FORMS)
#: Those of OpenStreetMap's places, which stand under a licence of their own.
OSM_NAMES: Final = tuple(f"{OSM_LAYER}.{form}" for form in _FORMS)
#: Texts also lie there compressed (brotli), under this ending.
COMPRESSED: Final = ".br"
TEXTS: Final = tuple(name for name in NAMES + OSM_NAMES if name.endswith(("geojson", "csv")))


def folder(dataset: "Dataset", version: str) -> Path:
    """The folder of a version, which need not exist."""
    return dataset.home / "cache" / "data" / dataset.name / version


def offered(about: "DatasetAbout") -> tuple[str, ...]:
    """The files that a version has: `osm.*` of the places of OpenStreetMap, `places.*` of all
    others. One of nothing is not offered.
    """
    layers = {each.name for each in about.layers}
    others = NAMES if layers != {OSM_LAYER} else ()
    return (*others, *(OSM_NAMES if OSM_LAYER in layers else ()))
