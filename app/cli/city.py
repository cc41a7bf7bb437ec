"""`nuanfeng city build | update`: a city out of an OpenStreetMap extract."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app import settings
from app.cli import terminal
from app.cli.calendar import warn_after
from app.cli.commands import Group
from app.cli.ground import make_ground, publish_ground
from app.cli.network import calibration_of, calibration_told, make_network, publish_network
from app.cli.options import describes_city_of_extract
from app.cli.versions import kept_text
from geodata.errors import NoDataset, NoRoads, Said, UnreadableFile
from geodata.vocabulary import Mode

if TYPE_CHECKING:
    from geodata.city import CityAbout
    from geodata.ground.ground import Built
    from geodata.pipeline.city import CityChanges, CityRead
    from geodata.pipeline.freeze import Frozen
    from geodata.pipeline.published import StoredTables
    from geodata.sources.city_facts import CityStated
    from geodata.store.files import Dataset
    from geodata.travel.network import Network

#: What was asked for when the city was built, beside its versions.
_MEMORY: Final = "city.json"
_EXTRACT: Final = click.argument("extract", type=click.Path(path_type=Path))
_DATASET: Final = click.option(
    "--dataset",
    required=True,
    metavar="NAME",
    help="The dataset, and the road network and base map of the same name.",
)
_ROADS: Final = click.option(
    "--roads/--no-roads",
    default=True,
    show_default=True,
    help="The road network, without which minutes are estimates.",
)
_GROUND: Final = click.option(
    "--ground/--no-ground",
    "with_ground",
    default=True,
    show_default=True,
    help="The base map beneath the places.",
)
_PUBLISH: Final = click.option(
    "--publish", is_flag=True, help="Publish. Without it: only what would be published."
)


class _Remembered(msgspec.Struct, frozen=True):
    """What an update needs not be told again."""

    city: str | None = None
    """Name or number of the relation that was asked for."""


@dataclass(frozen=True, slots=True)
class _Made:
    """All that is made of an extract before anything is published."""

    read: "CityRead"
    frozen: "Frozen"
    network: "Network | None"
    built: "Built | None"


@click.group(cls=Group)
def city() -> None:
    """A city out of an OpenStreetMap extract: outlines, places, roads and a base map.

    Its places are layer osm of the dataset (ODbL); your own tables lie beside it, each as a layer
    (`nuanfeng import … --layer NAME`).
    """


@city.command(
    epilog=(
        "Examples:  nuanfeng city build wuhan.osm.pbf --dataset wuhan  |  nuanfeng city build"
        " wuhan.osm.pbf --dataset wuhan --city 武汉市 --publish  |  nuanfeng run --dataset wuhan"
    )
)
@_EXTRACT
@_DATASET
@_ROADS
@_GROUND
@_PUBLISH
@describes_city_of_extract
@terminal.in_sentences
def build(
    extract: Path,
    dataset: str,
    city: "CityStated",
    *,
    roads: bool,
    with_ground: bool,
    publish: bool,
) -> None:
    """Read a city out of an extract (.osm.pbf or .osm), and say what came of it.

    With --publish, publish.

    That is: the outline, districts and street offices and what is missing of them, public places
    with what their tags say, landmarks, roads, the base map. `nuanfeng run --dataset NAME` then
    serves all of it.
    """
    store = _store(dataset)
    held = _held(store)
    made = _make(extract, dataset, held, city, city.name, roads=roads, ground=with_ground)
    _tell(made)
    if held is not None:
        _tell_changes(made, held)
    _end(made, store, held, extract, publish=publish, wanted=city.name)


@city.command(epilog="Example:  nuanfeng city update wuhan.osm.pbf --dataset wuhan --publish")
@_EXTRACT
@_DATASET
@_ROADS
@_GROUND
@_PUBLISH
@describes_city_of_extract
@terminal.in_sentences
def update(
    extract: Path,
    dataset: str,
    city: "CityStated",
    *,
    roads: bool,
    with_ground: bool,
    publish: bool,
) -> None:
    """Renew a city from a newer extract, and say what changes.

    With --publish, publish.

    Places keep their ids; what you imported yourself stays as it is. The road network and the base
    map are renewed where there are any.
    """
    from geodata.store.files import grounds, networks

    store = _store(dataset)
    held = _held(store)
    if held is None:
        raise NoDataset(
            "there is no dataset {dataset!r} yet; `nuanfeng city build` makes one", dataset=dataset
        )
    wanted = city.name or _remembered(store).city
    made = _make(
        extract,
        dataset,
        held,
        city,
        wanted,
        roads=roads and dataset in networks(store.home),
        ground=with_ground and dataset in grounds(store.home),
    )
    _tell(made)
    _tell_changes(made, held)
    _end(made, store, held, extract, publish=publish, wanted=wanted)


def _store(dataset: str) -> "Dataset":
    from geodata.store.files import Dataset

    return Dataset(settings.read().home, dataset)


def _held(store: "Dataset") -> "StoredTables | None":
    from geodata.pipeline import published

    return published.stored(store.home, store.name)


def _make(
    extract: Path,
    dataset: str,
    held: "StoredTables | None",
    stated: "CityStated",
    wanted: str | None,
    *,
    roads: bool,
    ground: bool,
) -> _Made:
    from geodata.pipeline.city import frozen_city, read_city
    from geodata.store.calendar import HomeCalendar

    today = datetime.now().astimezone().date()
    with terminal.progress("reading the city", None) as heard:
        read = read_city(extract, wanted, stated, held, today, heard)
    calendar = HomeCalendar(settings.read().home).calendar
    with terminal.progress("freezing", len(read.checked.places)) as heard:
        frozen = frozen_city(read, dataset, held, heard, calendar)
    return _Made(
        read,
        frozen,
        _network(dataset, extract) if roads else None,
        _ground(dataset, extract) if ground else None,
    )


def _network(dataset: str, extract: Path) -> "Network":
    """The roads of the extract, with the paces that were fitted to those they follow."""
    from geodata.store.files import RoadNetwork
    from geodata.travel.calibrate import with_calibration

    try:
        made = make_network(dataset, extract)
    except NoRoads as fault:
        raise NoRoads(
            "{file} holds no road; --no-roads builds the city without, with minutes estimated",
            file=extract.name,
        ) from fault
    known = calibration_of(RoadNetwork(settings.read().home, dataset))
    return made if known is None else with_calibration(made, known)


def _ground(dataset: str, extract: Path) -> "Built":
    """The base map of the extract."""
    try:
        return make_ground(dataset, extract)
    except UnreadableFile as fault:
        raise UnreadableFile(
            "{why}; --no-ground builds the city without a base map", why=fault.said
        ) from fault


def _tell(made: _Made) -> None:
    """What would be published."""
    from app.pages.labels import labels  # pages bring compiled code with them

    read, words = made.read, labels(terminal.language())
    outlines, places = read.checked.outlines, read.checked.places
    known = read.hours_known
    terminal.pairs(
        {
            Said("city"): _outline(read),
            Said("country, time zone, language"): _facts(outlines.city),
            Said("districts"): _areas(outlines.districts),
            Said("street offices"): _areas(outlines.streets),
            Said("landmarks"): f"{len(outlines.landmarks):,}",
            Said("public places"): f"{len(places):,}",
            Said("opening hours"): Said(
                "known of {known:,} ({share:.0%})", known=known, share=known / len(places)
            ),
            Said("roads"): _roads(made.network),
            Said("base map"): _size(made.built),
        }
    )
    for each in read.told:
        terminal.tell("{said}.", said=each)
    terminal.rows(
        Said("areas that the extract holds only in part"),
        (Said("area"), Said("level"), Said("border ways"), Said("missing"), Said("is")),
        [
            (
                each.name,
                str(each.level),
                f"{each.members:,}",
                f"{len(each.missing):,}",
                Said("drawn about its middle") if each.is_drawn else Said("no area of the map"),
            )
            for each in read.city.cut
        ],
    )
    _table(Said("places by kind"), Said("kind"), words["types"], read.by_type)
    terminal.rows(
        Said("places by need"),
        (Said("need"), Said("surely"), Said("perhaps")),
        [
            (words["needs"][need], f"{sure:,}", f"{maybe:,}")
            for need, (sure, maybe) in read.by_need.items()
        ],
    )
    terminal.rows(
        Said("left out of the list"),
        (Said("why"), Said("things")),
        [(Said(why), f"{count:,}") for why, count in read.found.dropped.items()],
    )
    terminal.rows(
        Said("perhaps the same as places of your own lists; both stay"),
        (Said("place"), Said("what")),
        [(note.value, note.about) for note in read.checked.notes],
    )
    terminal.rejects(read.checked.rejects)


def _outline(read: "CityRead") -> Said:
    template = (
        "{name}; its outline was not found, so it is the box of the extract"
        if read.city.is_box
        else "{name}, in its own outline"
    )
    return Said(template, name=read.checked.outlines.city.name)


def _facts(about: "CityAbout") -> str:
    return f"{about.country}, {about.timezone}, {about.language}"


def _areas(frame: Any) -> Said | str:
    if frame.empty:
        return Said("none")
    rough = int(frame["approximate"].sum())
    drawn = Said(", {rough:,} of them drawn about their middles", rough=rough) if rough else ""
    return Said("{count:,}{drawn}", count=len(frame), drawn=drawn)


def _roads(network: "Network | None") -> Said:
    if network is None:
        return Said("not read")
    km, calibration = network.about.sizes[Mode.WALK].road_km, network.about.calibration
    if calibration is None:
        return Said("{km:,.0f} km", km=km)
    return Said(
        "{km:,.0f} km; the calibration stays: {how}", km=km, how=calibration_told(calibration)
    )


def _size(built: "Built | None") -> Said:
    if built is None:
        return Said("not drawn")
    return Said(
        "{tiles:,} tiles, {size:,.0f} kB", tiles=built.about.tiles, size=built.about.bytes / 1000
    )


def _table(title: str, what: str, words: Mapping[str, str], counts: Mapping[str, int]) -> None:
    lines = [(words.get(name, name), f"{count:,}") for name, count in counts.items()]
    terminal.rows(title, (what, Said("places")), lines)


def _tell_changes(made: _Made, held: "StoredTables") -> None:
    from geodata.pipeline import city as cities
    from geodata.pipeline.differences import ADDED, CHANGED, REMOVED

    changes = cities.changes(made.read, made.frozen, held)
    terminal.tell(
        "Against version {version}: {added:,} places are new, {changed:,} changed, {gone:,} gone;"
        " {others:,} of other layers stay.",
        version=held.pointer.version,
        added=changes.count(ADDED),
        changed=changes.count(CHANGED),
        gone=changes.count(REMOVED),
        others=0 if made.read.checked.elsewhere is None else len(made.read.checked.elsewhere),
    )
    _tell_areas(changes)
    terminal.rows(
        Said("what changes"),
        (Said("id"), Said("name"), Said("how"), Said("what")),
        [
            (each.id, each.name, Said(each.how), ", ".join(field.name for field in each.fields))
            for each in changes.places
        ],
    )


def _tell_areas(changes: "CityChanges") -> None:
    if changes.areas_added:
        terminal.tell("New areas: {names}.", names=[*changes.areas_added])
    if changes.areas_gone:
        terminal.tell("Areas that are gone: {names}.", names=[*changes.areas_gone])


def _end(
    made: _Made,
    store: "Dataset",
    held: "StoredTables | None",
    extract: Path,
    *,
    publish: bool,
    wanted: str | None,
) -> None:
    if not publish:
        terminal.tell("Nothing was published: this was the report. Add --publish to publish.")
        return
    from geodata.store.files import BaseMapStore, RoadNetwork

    _publish(made, store, held, extract)
    _remember(store, _Remembered(wanted))
    if made.network is not None:
        publish_network(RoadNetwork(store.home, store.name), made.network)
    if made.built is not None:
        publish_ground(BaseMapStore(store.home, store.name), made.built)
    terminal.tell("`nuanfeng run --dataset {dataset}` serves it.", dataset=store.name)


def _publish(made: _Made, store: "Dataset", held: "StoredTables | None", extract: Path) -> None:
    from geodata.extract.reading import sha256
    from geodata.pipeline.city import OSM
    from geodata.store.files import Seen
    from geodata.store.history import Stamp
    from geodata.store.sent import Did, Sent

    entry = Sent(
        *Stamp.now(),
        layer=OSM.name,
        label=OSM.label,
        did=Did.IMPORTED,
        version="",
        rows=made.read.checked.rows,
        places=len(made.read.checked.places),
        files={extract.name: sha256(extract)},
    )
    frozen = made.frozen
    parts = (frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    pointer = store.publish_layer(*parts, Seen(held.pointer if held else None), entry)
    terminal.tell(
        "Published {total:,} places as version {version} of dataset {dataset}.",
        total=sum(frozen.about.counts.values()),
        version=pointer.version,
        dataset=store.name,
    )
    terminal.tell(kept_text(store))
    warn_after(store.home, store.name, frozen.about.city)


def _remembered(store: "Dataset") -> _Remembered:
    path = store.folder / _MEMORY
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Remembered)
    except FileNotFoundError:
        return _Remembered()
    except (OSError, msgspec.DecodeError) as fault:
        raise UnreadableFile(
            "{file} cannot be read: {why}; delete it, and state --city anew", file=path, why=fault
        ) from None


def _remember(store: "Dataset", told: _Remembered) -> None:
    terminal.write(store.folder / _MEMORY, msgspec.json.encode(told))
