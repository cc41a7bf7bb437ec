"""Under which heading an operation stands in the API's document."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Tag(NamedTuple):
    """What stands under a heading, and how the paths begin that do."""

    description: str
    paths: tuple[str, ...]


SAID: Final = "What people say"
#: The first whose paths fit; what is sent and is no question stands under SAID, the rest under the
#: last.
TAGS: Final[Mapping[str, Tag]] = {
    "For a page on a phone": Tag(
        "Cells, ways, tiles and packs: no position is sent, and any cache may keep them.",
        ("/api/v1/nearest/cell", "/api/v1/ways", "/api/v1/pack", "/tiles"),
    ),
    "Questions of riders": Tag(
        "Nearest, on the way, by name, within minutes; and who is served.",
        (
            "/api/v1/nearest",
            "/api/v1/along",
            "/api/v1/search",
            "/api/v1/places/{place_id}",
            "/api/v1/isochrone",
            "/api/v1/coverage",
        ),
    ),
    SAID: Tag("Reports, letters, wishes; notices and the directory.", ("/api/v1", "/notices")),
    "Open data (OGC API)": Tag(
        "OGC API – Features for QGIS and GDAL, and files for download.", ("/ogc", "/data")
    ),
    "The server": Tag("Whether it lives, what it answers by, this document.", ("/",)),
}


def tag_of(method: str, path: str) -> str:
    """The heading of an operation, its method in small letters."""
    if method != "get" and not path.startswith("/api/v1/nearest"):
        return SAID
    return next(name for name, tag in TAGS.items() if path.startswith(tag.paths))
