"""The command line: `nuanfeng run | build | import | export | info`. Calls one recipe, says what happened."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app import settings
from geodata.errors import BadTable, NuanfengError, Reject
from geodata.store.bulk import NAMES
from geodata.vocabulary import Audience, Door, Kind, Service

P = ParamSpec("P")

#: Refused rows printed; the rest are counted.
_SHOWN: Final = 20

_out: Final = Console(highlight=False)
_err: Final = Console(stderr=True, highlight=False)


def _in_sentences(command: Callable[P, None]) -> Callable[P, None]:
    """A refusal is one sentence and exit code 1, never a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BadTable as fault:
            _print_rejects(fault.rejects)
            _err.print(f"nuanfeng: {fault}", markup=False)
            sys.exit(1)
        except NuanfengError as fault:
            _err.print(f"nuanfeng: {fault}", markup=False)
            sys.exit(1)

    return run


def _dataset_option(default: str | None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    shown = default or "the one NUANFENG_DATASET names, else demo"
    return click.option("--dataset", default=default, metavar="NAME", help=f"Which dataset  [default: {shown}]")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nuanfeng")
def cli() -> None:
    """暖蜂 Nuanfeng: the nearest open rest station for the people who deliver and drive in Shenzhen.

    Datasets and caches lie under NUANFENG_HOME (default: your data folder; `nuanfeng info` prints it).
    """


@cli.command(epilog="Examples:  nuanfeng run  |  nuanfeng run --port 0  |  nuanfeng run --dataset ev --host 0.0.0.0")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@_dataset_option(None)
@_in_sentences
def run(host: str, port: int, workers: int, dataset: str | None) -> None:
    """Serve the map page and the API, and print the address when ready.

    Builds the demo city first if the demo dataset is asked for and there is none.
    """
    from app import serve

    serve.serve(settings.read(), host, port, workers, dataset)


@cli.command(
    epilog="Examples:  nuanfeng build  |  nuanfeng build --places 200000 --dataset big  |  nuanfeng build --seed 7"
)
@click.option("--seed", default=2022, show_default=True, help="The same seed makes the same city.")
@click.option("--places", type=click.IntRange(4), help="How many places  [default: the 4,039 published in 2022]")
@_dataset_option(settings.DEFAULT_DATASET)
@_in_sentences
def build(seed: int, places: int | None, dataset: str) -> None:
    """Build the demo city, a synthetic dataset: its places do not exist, and every page and reply says so."""
    from geodata import datasets
    from geodata.sources.demo import PUBLISHED_2022

    counts = datasets.scaled(places) if places else PUBLISHED_2022
    with _progress("building", sum(counts.values())) as progress:
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
@_in_sentences
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
        _out.print("Nothing was published: this was the report. Add --publish to publish.")
        sys.exit(1 if checked.rejects else 0)
    with _progress("freezing", len(checked.places)) as progress:
        today = datetime.now().astimezone().date()
        frozen = datasets.imported(checked, dataset, title or dataset, licence, source or file.name, today, progress)
    _publish(dataset, frozen)


@cli.command(epilog="Examples:  nuanfeng export  |  nuanfeng export places.csv --dataset ev")
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[FILE]...")
@_dataset_option(None)
@_in_sentences
def export(names: Sequence[str], dataset: str | None) -> None:
    """Make the files for download of the current version, and say where they lie.

    FILE is any of places.geojson, places.csv, places.gpkg, places.parquet  [default: all]. The server makes what is
    missing when it is first asked for.
    """
    from geodata.exports import export as make
    from geodata.store.files import Dataset

    chosen = settings.read()
    made = make(Dataset(chosen.home, dataset or chosen.dataset), names or NAMES)
    _print_pairs(made)


@cli.command(epilog="Examples:  nuanfeng info  |  nuanfeng info --dataset ev --json")
@_dataset_option(None)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_in_sentences
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
        _print_pairs(found)


def _mapping(maps: Sequence[str]) -> Mapping[str, str]:
    pairs = [text.rpartition("=") for text in maps]
    for heading, equals, field in pairs:
        if not (heading and equals and field):
            raise click.BadParameter(f"--map takes HEADING=FIELD, not {heading + equals + field!r}")
    return {heading: field for heading, _, field in pairs}


def _publish(name: str, frozen: Any) -> None:
    from geodata.store.files import Dataset

    for expression, reason in list(frozen.unread_hours.items())[:_SHOWN]:
        _out.print(f"hours not understood, so unknown: {expression!r}: {reason}", markup=False)
    dataset = Dataset(settings.read().home, name)
    pointer = dataset.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    total = sum(frozen.about.counts.values())
    kind = "synthetic places" if frozen.about.synthetic else "places"
    _out.print(f"Published {total:,} {kind} as version {pointer.version} of dataset {name}.")


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing in a log."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _print_report(checked: Any) -> None:
    _print_pairs({"rows read": checked.rows, "taken": len(checked.places), "refused": len(checked.rejects)})
    if checked.unused:
        _out.print(f"columns not used (declare them with --map): {', '.join(checked.unused)}", markup=False)
    _print_rejects(checked.rejects)


def _print_rejects(rejects: Sequence[Reject]) -> None:
    if not rejects:
        return
    table = Table("row", "column", "value", "why", title=f"{len(rejects)} refused", title_justify="left")
    for reject in rejects[:_SHOWN]:
        table.add_row(str(reject.row), reject.column, reject.value, reject.reason)
    _err.print(table)
    if len(rejects) > _SHOWN:
        _err.print(f"… and {len(rejects) - _SHOWN} more")


def _print_pairs(pairs: Mapping[str, Any]) -> None:
    table = Table.grid(padding=(0, 2))
    for key, value in pairs.items():
        table.add_row(key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
    _out.print(table)
