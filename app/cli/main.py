"""The command line: `nuanfeng run | build | import | versions | …`, one recipe each.

The recipes stand in the city.
"""

from collections.abc import Sequence
from typing import Any

import click

from app import settings
from app.cli import terminal
from app.cli.areas import import_areas
from app.cli.audit import audit
from app.cli.backup import backup, restore
from app.cli.calendar import calendar, warn_after
from app.cli.city import city
from app.cli.commands import Program
from app.cli.coverage import coverage
from app.cli.directory import benefits, contacts, events
from app.cli.doctor import doctor
from app.cli.ground import build_ground, ground
from app.cli.hours import hours
from app.cli.imports import import_
from app.cli.info import info
from app.cli.jobs import job
from app.cli.keys import keys
from app.cli.layers import layers
from app.cli.letters import letters
from app.cli.locate import import_addresses, locate
from app.cli.nearest import nearest
from app.cli.network import build_network, network
from app.cli.notices import notices
from app.cli.options import DATASET
from app.cli.plates import plates
from app.cli.report.command import report
from app.cli.shared import pull, push, shared
from app.cli.site import site
from app.cli.user import user
from app.cli.versions import diff, kept_text, prune, rollback, verify, versions
from app.cli.voice import reports, voice
from app.cli.wishes import wishes
from geodata.errors import Said
from geodata.store.downloads import NAMES, OSM_NAMES


@click.group(
    cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="nuanfeng")
def cli() -> None:
    """暖蜂 Nuanfeng: the nearest open rest station for the people who deliver and drive.

    Datasets and caches lie under NUANFENG_HOME (default: your data folder; `nuanfeng info` prints
    it).
    """


@cli.command(
    epilog=(
        "Examples:  nuanfeng run  |  nuanfeng run --port 0  |  nuanfeng run --dataset ev"
        " --network wuhan"
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 takes a free port.",
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Server processes."
)
@DATASET
@click.option(
    "--network",
    metavar="NAME",
    help=(
        "The road network for times  [default: the one NUANFENG_NETWORK names, else none: times are"
        " estimates]"
    ),
)
@terminal.in_sentences
def run(host: str, port: int, workers: int, dataset: str | None, network: str | None) -> None:
    """Serve the map page and the API, and print the address when ready.

    Builds the demo city first if the demo dataset is asked for and there is none.
    """
    from app.cli import serve

    serve.serve(settings.read(), host, port, workers, dataset, network)


@cli.command(
    epilog=(
        "Examples:  nuanfeng build  |  nuanfeng build --places 200000 --dataset big  |  nuanfeng"
        " build --seed 7"
    )
)
@click.option("--seed", default=2022, show_default=True, help="The same seed makes the same city.")
@click.option(
    "--places",
    type=click.IntRange(4),
    help="How many places  [default: the 4,039 published in 2022]",
)
@click.option(
    "--dataset",
    default=settings.DEFAULT_DATASET,
    show_default=True,
    metavar="NAME",
    help="Which dataset",
)
@click.option(
    "--streets",
    is_flag=True,
    help="Also publish real streets around 白石洲, as road network and base map of that name.",
)
@terminal.in_sentences
def build(seed: int, places: int | None, dataset: str, *, streets: bool) -> None:
    """Build the demo city, a synthetic dataset: its places do not exist, and every page and reply
    says so.
    """
    from geodata.pipeline import recipes
    from geodata.sources.demo.city import PUBLISHED_2022
    from geodata.store.calendar import HomeCalendar

    counts = recipes.scaled(places) if places else PUBLISHED_2022
    with terminal.progress("building", sum(counts.values())) as progress:
        known = HomeCalendar(settings.read().home).calendar
        frozen = recipes.demo(dataset, seed, counts, progress, known)
    _publish(dataset, frozen)
    if streets:
        _publish_streets(dataset, frozen.blobs["drawn.geojson"])


def _publish_streets(name: str, areas: bytes) -> None:
    from geodata.sources.demo import streets
    from geodata.store.files import BaseMapStore, RoadNetwork

    home = settings.read().home
    with streets.extract() as extract:
        build_network(RoadNetwork(home, name), extract)
        build_ground(BaseMapStore(home, name), extract, streets.land(areas))


cli.add_command(info)
cli.add_command(backup)
cli.add_command(doctor)
cli.add_command(restore)
cli.add_command(import_)
cli.add_command(city)
cli.add_command(import_areas)
cli.add_command(import_addresses)
cli.add_command(locate)
cli.add_command(layers)
cli.add_command(nearest)
cli.add_command(hours)
cli.add_command(coverage)
cli.add_command(network)
cli.add_command(ground)
cli.add_command(report)
cli.add_command(calendar)
cli.add_command(site)
for group in (reports, wishes, plates, letters, notices, contacts, events, benefits, keys, voice):
    cli.add_command(group)
for group in (user, audit, job):
    cli.add_command(group)
for command in (versions, diff, rollback, verify, prune, push, pull, shared):
    cli.add_command(command)


@cli.command(epilog="Examples:  nuanfeng export  |  nuanfeng export places.csv --dataset ev")
@click.argument("names", nargs=-1, type=click.Choice((*NAMES, *OSM_NAMES)), metavar="[FILE]...")
@DATASET
@click.option("--layer", metavar="NAME", help="Only the places of this layer.")
@terminal.in_sentences
def export(names: Sequence[str], dataset: str | None, layer: str | None) -> None:
    """Make the files for download of the current version, and say where they lie.

    FILE is any of places.geojson, places.csv, places.gpkg, places.parquet, and of osm.geojson,
    osm.csv, osm.gpkg, osm.parquet for the places of OpenStreetMap, which stand under the ODbL
    [default: all that hold a place]. The server makes what is missing when it is first asked for.
    """
    from geodata.pipeline.exports import export as make
    from geodata.pipeline.layers import known_layer
    from geodata.store.files import Dataset

    chosen = settings.read()
    stored = Dataset(chosen.home, dataset or chosen.dataset)
    name = layer and known_layer(layer, stored.manifest(stored.pointer()).about.layers).name
    made = make(stored, names, name)
    terminal.pairs(made)


def _publish(name: str, frozen: Any) -> None:
    from geodata.store.files import Dataset

    for expression, reason in list(frozen.unread_hours.items())[: terminal.SHOWN]:
        terminal.tell(
            "hours not understood, so unknown: {expression!r}: {reason}",
            expression=expression,
            reason=reason,
        )
    dataset = Dataset(settings.read().home, name)
    pointer = dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    total = sum(frozen.about.counts.values())
    kind = Said("synthetic places") if frozen.about.synthetic else Said("places")
    terminal.tell(
        "Published {total:,} {kind} as version {version} of dataset {name}.",
        total=total,
        kind=kind,
        version=pointer.version,
        name=name,
    )
    terminal.tell(kept_text(dataset))
    warn_after(dataset.home, name, frozen.about.city)
