"""`nuanfeng push | pull | shared`: versions between here and the database that machines share. Decides nothing."""

import json
from typing import Any

import click

from app import settings, terminal
from geodata.errors import NuanfengError


class NoDatabase(NuanfengError):
    """A command that wants a database, and none is named."""


@click.command(epilog="Examples:  nuanfeng push --dataset mine  |  nuanfeng push --dataset mine --force")
@click.option("--dataset", metavar="NAME", help="Which dataset  [default: the one NUANFENG_DATASET names, else demo]")
@click.option("--force", is_flag=True, help="Also over a version that this machine has never had.")
@terminal.in_sentences
def push(dataset: str | None, *, force: bool) -> None:
    """Share the current version of this machine through the database that NUANFENG_DATABASE_URL names.

    Servers that follow it take it over within seconds. It arrives whole or not at all; a version that another machine
    pushed meanwhile is not undone unseen.
    """
    from geodata.store.files import Dataset

    shared = _shared(dataset)
    pointer = shared.push(Dataset(settings.read().home, shared.name), force=force)
    terminal.out.print(f"Version {pointer.version} of dataset {shared.name} is current in the database.")


@click.command(epilog="Examples:  nuanfeng pull --dataset mine")
@click.option("--dataset", metavar="NAME", help="Which dataset  [default: the one NUANFENG_DATASET names, else demo]")
@terminal.in_sentences
def pull(dataset: str | None) -> None:
    """Publish the database's current version on this machine, every byte checked.

    Pull before you import: places keep their ids by the version that is published here.
    """
    from geodata.store.files import Dataset

    shared = _shared(dataset)
    pointer = shared.pull(Dataset(settings.read().home, shared.name))
    terminal.out.print(f"Version {pointer.version} of dataset {shared.name} is current here.")


@click.group()
def shared() -> None:
    """The database that machines share: its tables, its versions, and the way back.

    NUANFENG_DATABASE_URL names it, postgresql://user@host/name; it is a PostgreSQL with PostGIS.
    """


@shared.command(epilog="Example:  NUANFENG_DATABASE_URL=postgresql://owner@host/city nuanfeng shared prepare")
@terminal.in_sentences
def prepare() -> None:
    """Make our tables and views in the schema nuanfeng, or bring them up to date. Run it once per release."""
    url = _database_url()
    from geodata.store import postgis

    postgis.prepare(url)
    terminal.out.print(f"The database {postgis.named(url)} is prepared.", markup=False)


@shared.command(epilog="Examples:  nuanfeng shared versions  |  nuanfeng shared versions --dataset mine --json")
@click.option("--dataset", metavar="NAME", help="Only this one  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def versions(dataset: str | None, *, as_json: bool) -> None:
    """Say which versions the database keeps, the last pushed first."""
    url = _database_url()
    from geodata.store.postgis import SharedDataset, shared_datasets

    names = (dataset,) if dataset else shared_datasets(url)
    kept = {name: [each._asdict() for each in SharedDataset(url, name).versions()] for name in names}
    if as_json:
        click.echo(json.dumps(kept, ensure_ascii=False, indent=1, default=str))
        return
    for name, known in kept.items():
        terminal.rows(name, ("version", "pushed", "by", "places", "source", ""), [_line(each) for each in known])


@shared.command(
    epilog="Examples:  nuanfeng shared rollback --dataset mine  |  nuanfeng shared rollback 0123456789abcdef"
)
@click.argument("version", required=False)
@click.option("--dataset", metavar="NAME", help="Which dataset  [default: the one NUANFENG_DATASET names, else demo]")
@terminal.in_sentences
def rollback(version: str | None, dataset: str | None) -> None:
    """Make VERSION current again in the database  [default: the one before]; its bytes are read first."""
    shared = _shared(dataset)
    pointer = shared.restore(version)
    terminal.out.print(f"Version {pointer.version} of dataset {shared.name} is current in the database.")


@shared.command(epilog="Example:  nuanfeng shared verify --dataset mine")
@click.option("--dataset", metavar="NAME", help="Which dataset  [default: the one NUANFENG_DATASET names, else demo]")
@terminal.in_sentences
def verify(dataset: str | None) -> None:
    """Read every byte of the database's current version and compare checksums."""
    shared = _shared(dataset)
    manifest = shared.verify()
    terminal.out.print(f"Version {manifest.version} of dataset {shared.name} is whole in the database.")


@shared.command(epilog="Example:  nuanfeng shared prune --keep 5 --dataset mine")
@click.option("--keep", required=True, type=click.IntRange(0), help="How many of the versions pushed last to keep.")
@click.option("--dataset", metavar="NAME", help="Which dataset  [default: the one NUANFENG_DATASET names, else demo]")
@terminal.in_sentences
def prune(keep: int, dataset: str | None) -> None:
    """Forget older versions in the database; the current and the previous one always stay."""
    gone = _shared(dataset).prune(keep)
    terminal.out.print(f"Forgotten: {', '.join(gone) or 'none'}.")


def _shared(dataset: str | None) -> Any:
    """The dataset in the database; its packages are imported here, so that other commands start without them."""
    url = _database_url()
    from geodata.store.postgis import SharedDataset

    return SharedDataset(url, dataset or settings.read().dataset)


def _database_url() -> str:
    url = settings.read().database_url
    if url is None:
        raise NoDatabase("which database? Set NUANFENG_DATABASE_URL, such as postgresql://user@host/name")
    return url


def _line(kept: dict[str, Any]) -> list[str]:
    what = "current" if kept["current"] else "previous" if kept["previous"] else ""
    made_up = " synthetic" if kept["synthetic"] else ""
    pushed = kept["pushed_at"].astimezone().strftime("%Y-%m-%d %H:%M")
    return [kept["version"], pushed, kept["pushed_by"], f"{kept['places']:,}{made_up}", kept["source"], what]
