"""An extract's drawing becomes a base map that can be published. Servers never load this."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from geodata.ground import archive, cutting, fitting, generalise
from geodata.ground.archive import Archive
from geodata.ground.ground import FORMAT, LICENCE, TILES, Built, GroundAbout
from geodata.ground.reading import Drawing
from geodata.ground.tags import FIRST_ZOOM, LAST_ZOOM


def build(drawing: Drawing, name: str, progress: Callable[[int], None]) -> Built:
    """Cut a drawing into tiles; `progress` hears how many zooms are done.

    Raises UnreadableFile where the tool that cuts cannot.
    """
    drawn, tool = generalise.frame(drawing), cutting.tool()
    tiles = cutting.cut(drawn, tool, progress)
    lighter = {tile: fitting.fitted(body) for tile, body in tiles.items()}
    thinned = [each.dropped for each in lighter.values() if each.dropped]
    layers = drawn["layer"].value_counts().sort_index()
    with TemporaryDirectory(prefix="nuanfeng-ground-") as folder:
        path = Path(folder) / TILES
        described = {"name": name, "attribution": LICENCE, "type": "baselayer"}
        light = ((tile, each.body) for tile, each in lighter.items())
        archive.write(path, light, drawing.bounds, described)
        body = path.read_bytes()
    held = [len(packed) for _, packed in Archive(body).tiles()]
    about = GroundAbout(
        name,
        drawing.file,
        drawing.sha256,
        drawing.timestamp,
        LICENCE,
        drawing.bounds,
        (FIRST_ZOOM, LAST_ZOOM),
        len(held),
        len(body),
        max(held),
        {str(layer): int(count) for layer, count in layers.items()},
        drawing.shores.is_closed,
        tool,
        len(thinned),
        sum(thinned),
    )
    digest = hashlib.sha256(msgspec.json.encode([FORMAT, about]) + body)
    return Built(digest.hexdigest()[:16], about, body)
