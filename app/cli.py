"""The command line: `nuanfeng run | build | import | info | network`. Reads arguments and calls one recipe."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app import settings, terminal
from app.cli_network import network
from geodata.vocabulary import Audience, Door, Kind, Service


def _dataset_option(default: str | None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    shown = default or "the one NUANFENG_DATASET names, else demo"
    return click.option("--dataset", default=default, metavar="NAME", help=f"Which dataset  [default: {shown}]")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nuanfeng")
def cli() -> None:
    """暖蜂 Nuanfeng: the nearest open rest station for the people who deliver and drive in Shenzhen.

    Datasets and caches lie under NUANFENG_HOME (default: your data folder; `nuanfeng info` prints it).
    """


cli.add_command(network)


@cli.command(
    epilog="Examples:  nuanfeng run  |  nuanfeng run --port 0  |  nuanfeng run --dataset ev --network shenzhen"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@_dataset_option(None)
@click.option(
    "--network",
    metavar="NAME",
    help="The road network for times  [default: the one NUANFENG_NETWORK names, else none: times are estimates]",
)
@terminal.in_sentences
def run(host: str, port: int, workers: int, dataset: str | None, network: str | None) -> None:
    """Serve the map page and the API, and print the address when ready.

    Builds the demo city first if the demo dataset is asked for and there is none.
    """
    from app import serve

    serve.serve(settings.read(), host, port, workers, dataset, network)


@cli.command(
    epilog="Examples:  nuanfeng build  |  nuanfeng build --places 200000 --dataset big  |  nuanfeng build --seed 7"
)
@click.option("--seed", default=2022, show_default=True, help="The same seed makes the same city.")
@click.option("--places", type=click.IntRange(4), help="How many places  [default: the 4,039 published in 2022]")
@_dataset_option(settings.DEFAULT_DATASET)
@terminal.in_sentences
def build(seed: int, places: int | None, dataset: str) -> None:
    """Build the demo city, a synthetic dataset: its places do not exist, and every page and reply says so."""
    from geodata import datasets
    from geodata.sources.demo import PUBLISHED_2022

    counts = datasets.scaled(places) if places else PUBLISHED_2022
    with terminal.progress("building", sum(counts.values())) as progress:
        frozen = datasets.demo(dataset, seed, counts, progress)
    _publish(dataset, frozen)


@cli.command(
    "import",
    epilog="Example:  nuanfeng import stations.csv --dataset ev --kind friendly_merchant --service ev_charge "
    "--datum gcj02 --map station_id=id --name-template '充电站 {station_id}' --publish",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dataset", required=True, metavar="NAME", help="The dataset to publish to.")
@click.option("--datum", required=True, type=click.Choice(["wgs84", "gcj02", "bd09"]), help="The datum of lon and lat.")
@click.option(
    "--kind", type=click.Choice([word.value for word in Kind]), help="The kind of every row; else a column `kind`."
)
@click.option(
    "--service",
    "services",
    multiple=True,
    type=click.Choice([word.value for word in Service]),
    help="A service of every row.",
)
@click.option(
    "--audience",
    multiple=True,
    type=click.Choice([word.value for word in Audience]),
    help="Who is welcome in every row.",
)
@click.option(
    "--door",
    default=Door.UNKNOWN.value,
    type=click.Choice([word.value for word in Door]),
    help="How one gets in, in every row.",
)
@click.option("--map", "maps", multiple=True, metavar="HEADING=FIELD", help="What a column means, e.g. 名称=name.")
@click.option("--name-template", help="Makes names from columns, e.g. '充电站 {station_id}'.")
@click.option("--title", help="The dataset's title on the page  [default: its name]")
@click.option("--licence", default="not stated", show_default=True, help="The licence of the data.")
@click.option("--source", help="Where the data comes from  [default: the file's name]")
@click.option("--publish", is_flag=True, help="Publish, whole or not at all. Without it: only the report.")
@terminal.in_sentences
def import_(
    file: Path, dataset: str, datum: str, kind: str | None, services: Sequence[str], audience: Sequence[str], door: str,
    maps: Sequence[str], name_template: str | None, title: str | None, licence: str, source: str | None, *,
    publish: bool,
) -> None:  # fmt: skip
    """Read a CSV table of real places, report, and with --publish make it a version of a dataset.

    Columns are taken by declared meaning only: id, lon, lat, name and the like by their plain headings, others by
    --map. If a single row is refused nothing is published.
    """
    from geodata import datasets
    from geodata.coordinates import Datum
    from geodata.sources.read import read_csv
    from geodata.sources.table import Declared, places_from

    declared = Declared(
        Datum(datum), Kind(kind) if kind else None, tuple(map(Service, services)), tuple(map(Audience, audience)),
        Door(door), _mapping(maps), name_template,
    )  # fmt: skip
    checked = datasets.check(places_from(read_csv(file), declared))
    _print_report(checked)
    if not publish:
        terminal.out.print("Nothing was published: this was the report. Add --publish to publish.")
        sys.exit(1 if checked.rejects else 0)
    with terminal.progress("freezing", len(checked.places)) as progress:
        today = datetime.now().astimezone().date()
        frozen = datasets.imported(checked, dataset, title or dataset, licence, source or file.name, today, progress)
    _publish(dataset, frozen)


@cli.command(epilog="Examples:  nuanfeng info  |  nuanfeng info --dataset ev --json")
@_dataset_option(None)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def info(dataset: str | None, *, as_json: bool) -> None:
    """Say where data lies, which datasets there are, and verify one: every stored byte is read."""
    import msgspec

    from geodata.errors import StoreError
    from geodata.store.files import Dataset, datasets

    chosen = settings.read()
    found: dict[str, Any] = {"home": str(chosen.home), "datasets": list(datasets(chosen.home))}
    name = dataset or chosen.dataset
    if dataset or name in found["datasets"]:
        try:
            manifest = Dataset(chosen.home, name).verify()
        except StoreError as fault:
            raise click.ClickException(str(fault)) from None
        found |= {"version": manifest.version, "verified": True, **msgspec.to_builtins(manifest.about)}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        terminal.pairs(found)


def _mapping(maps: Sequence[str]) -> Mapping[str, str]:
    pairs = [text.rpartition("=") for text in maps]
    for heading, equals, field in pairs:
        if not (heading and equals and field):
            raise click.BadParameter(f"--map takes HEADING=FIELD, not {heading + equals + field!r}")
    return {heading: field for heading, _, field in pairs}


def _publish(name: str, frozen: Any) -> None:
    from geodata.store.files import Dataset

    for expression, reason in list(frozen.unread_hours.items())[: terminal.SHOWN]:
        terminal.out.print(f"hours not understood, so unknown: {expression!r}: {reason}", markup=False)
    dataset = Dataset(settings.read().home, name)
    pointer = dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    total = sum(frozen.about.counts.values())
    kind = "synthetic places" if frozen.about.synthetic else "places"
    terminal.out.print(f"Published {total:,} {kind} as version {pointer.version} of dataset {name}.")


def _print_report(checked: Any) -> None:
    terminal.pairs({"rows read": checked.rows, "taken": len(checked.places), "refused": len(checked.rejects)})
    if checked.unused:
        terminal.out.print(f"columns not used (declare them with --map): {', '.join(checked.unused)}", markup=False)
    terminal.rejects(checked.rejects)
