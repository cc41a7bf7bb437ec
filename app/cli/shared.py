"""`nuanfeng push | pull | shared`: versions between here and the database that machines share."""

import json
from typing import Any

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Command, Group
from app.cli.options import DATASET
from geodata.errors import NuanfengError, Said


class NoDatabase(NuanfengError):
    """A command that wants a database, and none is named."""


@click.command(
    cls=Command,
    epilog="Examples:  nuanfeng push --dataset mine  |  nuanfeng push --dataset mine --force",
)
@DATASET
@click.option("--force", is_flag=True, help="Also over a version that this machine has never had.")
@terminal.in_sentences
def push(dataset: str | None, *, force: bool) -> None:
    """Share the current version of this machine through the database that NUANFENG_DATABASE_URL
    names.

    Servers that follow it take it over within seconds. It arrives whole or not at all; a version
    that another machine pushed meanwhile is not undone unseen.
    """
    from geodata.store.files import Dataset

    shared = _shared(dataset)
    pointer = shared.push(Dataset(settings.read().home, shared.name), force=force)
    terminal.tell(
        "Version {version} of dataset {name} is current in the database.",
        version=pointer.version,
        name=shared.name,
    )


@click.command(cls=Command, epilog="Examples:  nuanfeng pull --dataset mine")
@DATASET
@terminal.in_sentences
def pull(dataset: str | None) -> None:
    """Publish the database's current version on this machine, every byte checked.

    Pull before you import: places keep their ids by the version that is published here.
    """
    from geodata.store.files import Dataset

    shared = _shared(dataset)
    pointer = shared.pull(Dataset(settings.read().home, shared.name))
    terminal.tell(
        "Version {version} of dataset {name} is current here.",
        version=pointer.version,
        name=shared.name,
    )


@click.group(cls=Group)
def shared() -> None:
    """The database that machines share: its tables, its versions, and the way back.

    NUANFENG_DATABASE_URL names it, postgresql://user@host/name; it is a PostgreSQL with PostGIS.
    """


@shared.command(
    epilog="Example:  NUANFENG_DATABASE_URL=postgresql://owner@host/city nuanfeng shared prepare"
)
@terminal.in_sentences
def prepare() -> None:
    """Make our tables and views in the schema nuanfeng, or bring them up to date.

    Run it once per release.
    """
    url = _database_url()
    from geodata.store import postgis

    postgis.prepare(url)
    terminal.tell("The database {named} is prepared.", named=postgis.named(url))


@shared.command(
    epilog="Examples:  nuanfeng shared versions  |  nuanfeng shared versions --dataset mine --json"
)
@click.option("--dataset", metavar="NAME", help="Only this one  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def versions(dataset: str | None, *, as_json: bool) -> None:
    """Say which versions the database keeps, the last pushed first."""
    url = _database_url()
    from geodata.store.postgis import SharedDataset, shared_datasets

    names = (dataset,) if dataset else shared_datasets(url)
    kept = {name: SharedDataset(url, name).versions() for name in names}
    if as_json:
        told = {name: [_described(each) for each in each_kept] for name, each_kept in kept.items()}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for name, each_kept in kept.items():
        lines = [_line(_described(each)) for each in each_kept]
        terminal.rows(
            name,
            (Said("version"), Said("published"), Said("by"), Said("places"), Said("source"), ""),
            lines,
        )


@shared.command(
    epilog=(
        "Examples:  nuanfeng shared rollback --dataset mine  |  nuanfeng shared rollback"
        " 0123456789abcdef"
    )
)
@click.argument("version", required=False)
@DATASET
@click.option(
    "--instead-of", metavar="VERSION", help="Only if this is still the current version there."
)
@terminal.in_sentences
def rollback(version: str | None, dataset: str | None, instead_of: str | None) -> None:
    """Make VERSION (or its first characters) current in the database [default: the last whole one
    before].
    """
    from geodata.store.files import Seen

    shared = _shared(dataset)
    pointer = shared.rollback(version, Seen(shared.find(instead_of)) if instead_of else None)
    terminal.tell(
        "Version {version} of dataset {name} is current in the database.",
        version=pointer.version,
        name=shared.name,
    )


@shared.command(epilog="Example:  nuanfeng shared verify --dataset mine")
@DATASET
@terminal.in_sentences
def verify(dataset: str | None) -> None:
    """Read every byte of the database's current version and compare checksums."""
    shared = _shared(dataset)
    manifest = shared.verify()
    terminal.tell(
        "Version {version} of dataset {name} is whole in the database.",
        version=manifest.version,
        name=shared.name,
    )


@shared.command(epilog="Example:  nuanfeng shared prune --keep 5 --dataset mine")
@click.option(
    "--keep", required=True, type=click.IntRange(1), help="How many versions to keep in all."
)
@DATASET
@terminal.in_sentences
def prune(keep: int, dataset: str | None) -> None:
    """Forget older versions in the database; the current one always stays."""
    gone = _shared(dataset).prune(keep)
    terminal.tell("Forgotten: {gone}.", gone=[*gone] or Said("none"))


def _shared(dataset: str | None) -> Any:
    """The dataset in the database; its packages are imported here, so that other commands start
    without them.
    """
    url = _database_url()
    from geodata.store.postgis import SharedDataset

    return SharedDataset(url, dataset or settings.read().dataset)


def _database_url() -> str:
    url = settings.read().database_url
    if url is None:
        raise NoDatabase(
            "which database? Set NUANFENG_DATABASE_URL, such as postgresql://user@host/name"
        )
    return url


def _described(kept: Any) -> dict[str, Any]:
    receipt = kept.receipt
    stamp = {
        "version": kept.version,
        "published_at": receipt.at.isoformat(),
        "published_by": receipt.by,
    }
    return {**stamp, **receipt.told, "pointed": kept.pointed.lower()}


def _line(told: dict[str, Any]) -> list[str]:
    count = told["places"]
    places = Said("{count:,} synthetic", count=count) if told["synthetic"] else f"{count:,}"
    return [
        told["version"],
        told["published_at"][:16],
        told["published_by"],
        places,
        told["source"],
        Said(told["pointed"]) if told["pointed"] else "",
    ]
