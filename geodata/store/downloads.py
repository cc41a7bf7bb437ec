"""Where the files for download lie, one set a version. Makes none; losing them loses nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # a command that only names these files needs no store
    from geodata.store.files import Dataset

#: The files of a version, in the order they are offered.
NAMES: Final = ("places.geojson", "places.csv", "places.gpkg", "places.parquet")
#: Texts also lie there compressed (brotli), under this ending.
COMPRESSED: Final = ".br"
TEXTS: Final = ("places.geojson", "places.csv")


def folder(dataset: "Dataset", version: str) -> Path:
    """The folder of a version, which need not exist."""
    return dataset.home / "cache" / "data" / dataset.name / version
