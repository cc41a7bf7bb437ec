"""`nuanfeng network build | calibrate | info | versions | rollback`: roads of OpenStreetMap."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from app.cli.versions import go_back, list_versions, tell_json
from geodata.errors import BadTable, BadValue, Said, StoreError
from geodata.space.datum import Datum
from geodata.vocabulary import Mode

if TYPE_CHECKING:
    from geodata.store.files import RoadNetwork
    from geodata.travel.calibrate import PaceFit
    from geodata.travel.network import Calibration, Network, NetworkAbout

_network_option: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--network", "name", metavar="NAME", help="Which one  [default: the one NUANFENG_NETWORK names]"
)


@click.group(cls=Group)
def network() -> None:
    """Road networks: the fastest place instead of the closest.

    Networks lie under NUANFENG_HOME beside the datasets; `nuanfeng run --network NAME` answers by
    one.
    """


@network.command(epilog="Example:  nuanfeng network build shenzhen.osm.pbf --network shenzhen")
@click.argument("extract", type=click.Path(path_type=Path))
@click.option("--network", "name", required=True, metavar="NAME", help="The network to publish to.")
@terminal.in_sentences
def build(extract: Path, name: str) -> None:
    """Build the graphs for walking, e-bikes, cars and trucks out of an extract (.osm or .osm.pbf),
    and publish them.

    Take an extract that reaches some kilometres beyond the city: a place without a road near it
    cannot be reached.
    """
    from geodata.store.files import RoadNetwork

    build_network(RoadNetwork(settings.read().home, name), extract)


def build_network(store: "RoadNetwork", extract: Path) -> None:
    """Read, join, publish, and tell.

    Raises UnreadableFile, and StoreError as publishing does.
    """
    made = make_network(store.name, extract)
    if (known := calibration_of(store)) is not None:
        terminal.tell(
            "Network {name} was calibrated: {how}. What is built has the paces of rules again;"
            " calibrate it anew, or `nuanfeng network rollback --network {name}` goes back.",
            name=store.name,
            how=calibration_told(known),
        )
    publish_network(store, made)


def calibration_of(store: "RoadNetwork") -> "Calibration | None":
    """How the paces of the network that answers were fitted; None: it is as built, or not there.

    One that cannot be read is about to be replaced: that it may have been calibrated is warned of.
    """
    from geodata.store.files import networks

    if store.name not in networks(store.home):
        return None
    try:
        return store.manifest(store.pointer()).about.calibration
    except StoreError as fault:
        terminal.warn(
            "Whether network {name} was calibrated cannot be read: {why}",
            name=store.name,
            why=fault.said,
        )
        return None


def make_network(name: str, extract: Path) -> "Network":
    """Read and join the roads of an extract, and tell how many. Raises UnreadableFile."""
    from geodata.travel import network as networks
    from geodata.travel import osm

    with terminal.progress("counting roads", None):
        count = osm.count_ways(extract)
    with terminal.progress("reading roads", count) as reading:
        roads = osm.read(extract, reading)
    with terminal.progress("joining graphs", len(Mode)) as joining:
        made = networks.build(roads, name, joining)
    terminal.tell(
        "Read {count:,} roads with {nodes:,} nodes.",
        count=len(roads.way_first) - 1,
        nodes=len(roads.lonlat),
    )
    return made


def publish_network(store: "RoadNetwork", made: "Network") -> None:
    """Publish a network that was just made, and tell. Raises StoreError as publishing does."""
    arrays = made.to_arrays()
    with terminal.progress(
        Said("writing {size:,.0f} MB", size=sum(array.nbytes for array in arrays.values()) / 1e6),
        None,
    ):
        pointer = store.publish(made.version, made.about, arrays, {})
    km = made.about.sizes[Mode.WALK].road_km
    terminal.tell(
        ("Published {km:,.0f} km of ways as version {version} of network {name}. {licence}"),
        km=km,
        version=pointer.version,
        name=store.name,
        licence=made.about.licence,
    )
    if made.about.unheeded_turns:
        terminal.tell(
            "{count} turn restrictions cannot be obeyed: they lead over a way.",
            count=made.about.unheeded_turns,
        )


@network.command(epilog="Example:  nuanfeng network calibrate shenzhen trips.csv --datum gcj02")
@click.argument("name")
@click.argument("trips", type=click.Path(path_type=Path))
@click.option(
    "--datum",
    type=click.Choice([str(datum) for datum in Datum]),
    default=str(Datum.WGS84),
    show_default=True,
    help="What the degrees of the trips are in.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Draws the trips that are held back."
)
@terminal.in_sentences
def calibrate(name: str, trips: Path, datum: str, seed: int) -> None:
    """Fit the paces of network NAME to your own TRIPS, and publish it with them.

    TRIPS is a CSV with from_lon, from_lat, to_lon, to_lat, start, seconds, mode (起点经度,
    起点纬度, 终点经度, 终点纬度, 出发时间, 用时, 方式). One in five is held back, and tells how
    far off times are before and after. A mode of too few trips, or that gets no better, keeps its
    paces.
    """
    from geodata.sources.trips import read_trips
    from geodata.store.files import RoadNetwork
    from geodata.travel.calibrate import Journeys, calibrated, fit, require_as_built

    store = RoadNetwork(settings.read().home, name)
    before = store.load()
    require_as_built(before.about)
    table = read_trips(trips, Datum(datum))
    terminal.rejects(table.rejects)
    fits = []
    with terminal.progress("following trips", len(table.by_mode)) as following:
        for done, (mode, its) in enumerate(table.by_mode.items(), start=1):
            fits.append(fit(before.graphs[mode], mode, Journeys(*its), seed))
            following(done)
    for each in fits:
        terminal.tell(_came_of(each))
    if not any(each.told for each in fits):
        raise BadTable(
            "Nothing was published: no mode of {file} gave better times", file=table.file
        )
    first, last = (day.isoformat() for day in table.days)
    made = calibrated(before, fits, table.file, (first, last), seed)
    pointer = store.publish(made.version, made.about, made.to_arrays(), {})
    terminal.tell(
        "Published version {version} of network {name}: {about}.",
        version=pointer.version,
        name=name,
        about=made.about,
    )


def _came_of(fit: "PaceFit") -> Said:
    """A sentence on the trips of one mode."""
    from geodata.travel.calibrate import LEAST_TRIPS

    outside = Said(", {count:,} of them outside the extract", count=fit.outside)
    trips = Said(
        "{mode}: {count:,} trips{outside}",
        mode=fit.mode,
        count=fit.trips,
        outside=outside if fit.outside else "",
    )
    told = fit.told
    if told is None:
        return Said(
            "{trips}. Its paces stay: fewer than {least} trips are left, or times are no better on"
            " those held back.",
            trips=trips,
            least=LEAST_TRIPS,
        )
    factors = [
        Said("{kind} roads x {factor:.2f}", kind=kind, factor=factor)
        for kind, factor in told.factors.items()
    ]
    return Said(
        "{trips}. Fitted to {count:,}: {factors}. Median error on {held_back:,} trips held back:"
        " {before:.1%} before, {after:.1%} after.",
        trips=trips,
        count=told.trips,
        factors=factors,
        held_back=told.held_back,
        before=told.error_before,
        after=told.error_after,
    )


@network.command(
    epilog="Examples:  nuanfeng network info  |  nuanfeng network info --network shenzhen --json"
)
@_network_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def info(name: str | None, *, as_json: bool) -> None:
    """Say which networks there are, and verify one: every stored byte is read."""
    from geodata.store.files import RoadNetwork, networks

    chosen = settings.read()
    known, wanted = list(networks(chosen.home)), name or chosen.network
    manifest = RoadNetwork(chosen.home, wanted).verify() if wanted else None
    if as_json:
        tell_json("networks", known, chosen.home, manifest)
        return
    terminal.pairs({Said("home"): chosen.home, Said("networks"): known or Said("none yet")})
    if manifest:
        _tell(manifest.version, manifest.about)


def _tell(version: str, about: "NetworkAbout") -> None:
    terminal.pairs(
        {
            Said("network"): about.network,
            Said("version"): Said("{version}, every byte verified", version=version),
            **extract_told(about.file, about.sha256, about.data_timestamp),
            Said("licence"): about.licence,
            Said("west, south, east, north"): bounds_told(about.bounds),
            Said("turn restrictions that cannot be obeyed"): f"{about.unheeded_turns:,}",
            Said("calibration"): calibration_told(about.calibration)
            if about.calibration
            else Said("none: the paces of rules"),
        }
    )
    terminal.rows(
        Said("roads by who takes them"),
        (Said("mode"), Said("kilometres"), Said("junctions"), Said("pieces of road")),
        [
            (mode_text(mode), f"{size.road_km:,.1f}", f"{size.nodes:,}", f"{size.edges:,}")
            for mode, size in about.sizes.items()
        ],
    )


def extract_told(file: str, sha256: str, timestamp: str | None) -> dict[str, Any]:
    """The OpenStreetMap extract that something was made of."""
    return {
        Said("extract"): file,
        Said("its SHA-256"): sha256,
        Said("data as of"): timestamp or Said("not stated"),
    }


def bounds_told(bounds: "tuple[float, float, float, float]") -> str:
    """A box in degrees."""
    return ", ".join(f"{degrees:.4f}" for degrees in bounds)


def mode_text(mode: str) -> Said:
    """A way of travelling in words."""
    return {
        "walk": Said("On foot"),
        "ride": Said("E-bike"),
        "drive": Said("Car"),
        "truck": Said("Truck"),
    }[mode]


def calibration_told(calibration: "Calibration") -> Said:
    """Whose trips the paces of a network are fitted to, and what that changed."""
    errors = [
        terminal.spoken(
            Said(
                "{mode} {before:.0%} to {after:.0%}",
                mode=mode_text(mode),
                before=its.error_before,
                after=its.error_after,
            )
        )
        for mode, its in calibration.modes.items()
    ]
    return Said(
        "paces fitted to {trips:,} trips of {first} to {last} (error on those held back: {errors})",
        trips=sum(its.trips + its.held_back for its in calibration.modes.values()),
        first=calibration.first_day,
        last=calibration.last_day,
        errors=", ".join(errors),
    )


@network.command(
    epilog=(
        "Examples:  nuanfeng network versions --network shenzhen  |  nuanfeng network versions"
        " --json"
    )
)
@_network_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def versions(name: str | None, *, as_json: bool) -> None:
    """List the versions of a network that are kept, the one published last first.

    Two are kept: the one that answers and the one before.
    """
    list_versions(_stored(name), Said("ways"), _ways, as_json=as_json)


@network.command(
    epilog=(
        "Examples:  nuanfeng network rollback --network shenzhen  |  nuanfeng network rollback 3f2a"
    )
)
@click.argument("version", required=False)
@_network_option
@terminal.in_sentences
def rollback(version: str | None, name: str | None) -> None:
    """Go back to VERSION, or to the one before the current. Running servers follow by themselves.

    Every byte of it is verified first. It is also the way forward again.
    """
    go_back(_stored(name), version)


def _stored(name: str | None) -> "RoadNetwork":
    from geodata.store.files import RoadNetwork, networks

    chosen = settings.read()
    wanted = name or chosen.network
    if wanted is None:
        there = networks(chosen.home) or Said("none yet")
        raise BadValue(
            "say which network, by --network NAME or NUANFENG_NETWORK; there are: {there}",
            there=there,
        )
    return RoadNetwork(chosen.home, wanted)


def _ways(told: dict[str, Any]) -> str:
    return f"{told.get('road_km', 0.0):,.0f} km"
