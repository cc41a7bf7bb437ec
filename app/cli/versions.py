"""`nuanfeng versions | diff | rollback | verify | prune`: the history of a dataset.

`nuanfeng network versions | rollback` (network.py) say the same of a road network.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app import settings
from app.cli import terminal
from app.cli.commands import Command
from app.cli.options import DATASET
from geodata.errors import Said, StoreError

if TYPE_CHECKING:
    from geodata.pipeline.differences import Difference, Differences
    from geodata.store.files import BaseMapStore, Dataset, Kept, Pointer, RoadNetwork
    from geodata.store.versions import Manifest

#: Sources that have room in a line of a list.
_MOST_SOURCES: Final = 3


@click.command(
    cls=Command, epilog="Examples:  nuanfeng versions  |  nuanfeng versions --dataset ev --json"
)
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def versions(dataset: str | None, *, as_json: bool) -> None:
    """List the versions of a dataset that are kept, the one published last first.

    Ten are kept: publishing another clears the oldest away. `nuanfeng prune` keeps fewer.
    """
    stored = _stored(dataset)
    list_versions(stored, Said("places"), _places, as_json=as_json)
    if not as_json:
        terminal.tell(kept_text(stored))


@click.command(
    cls=Command,
    epilog="Examples:  nuanfeng diff  |  nuanfeng diff 3f2a 9b1c --dataset ev -o changes.xlsx",
)
@click.argument("before", default="previous")
@click.argument("after", default="current")
@DATASET
@click.option("--layer", metavar="NAME", help="Only what differs in this layer.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="X.xlsx", help="A .xlsx or .geojson."
)
@terminal.in_sentences
def diff(
    before: str,
    after: str,
    dataset: str | None,
    layer: str | None,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say what differs from version BEFORE to version AFTER: places added, removed, moved, changed.

    A version is called by its first characters, `previous` or `current` [default: previous
    current].
    """
    from geodata.pipeline import differences

    stored = _stored(dataset)
    pointers = stored.find(before), stored.find(after)
    found = differences.between(stored, *pointers)
    if layer:
        found = found.of_layer(_layer(stored, pointers, layer))
    if output:
        differences.write(output, found)
    if as_json:
        click.echo(differences.as_json(found))
    else:
        _print(found)


@click.command(
    cls=Command,
    epilog="Examples:  nuanfeng rollback  |  nuanfeng rollback 3f2a --instead-of 9b1c --dataset ev",
)
@click.argument("version", required=False)
@DATASET
@click.option("--instead-of", metavar="VERSION", help="Only if this is still the current version.")
@terminal.in_sentences
def rollback(version: str | None, dataset: str | None, instead_of: str | None) -> None:
    """Go back to VERSION, or to the last whole one before the current.

    Running servers follow by themselves.

    Every byte of it is verified first. It is also the way out where the current version or its
    pointer is damaged, and the way forward again. With --instead-of nothing changes where a
    colleague has published meanwhile.
    """
    go_back(_stored(dataset), version, instead_of)


@click.command(
    cls=Command, epilog="Examples:  nuanfeng verify  |  nuanfeng verify current --dataset ev"
)
@click.argument("version", required=False)
@DATASET
@terminal.in_sentences
def verify(version: str | None, dataset: str | None) -> None:
    """Read every stored byte of VERSION, or of all that are kept, and compare checksums.

    Exit code 1: damage.
    """
    stored = _stored(dataset)
    stored_pointer = _fault(stored.pointer)
    names = (
        [stored.find(version).version] if version else [each.version for each in stored.versions()]
    )
    found = {name: _fault(lambda name=name: stored.verify(stored.find(name))) for name in names}  # type: ignore[misc]  # mypy infers no lambda with a default
    for name, fault in found.items():
        click.echo(f"{name}  {terminal.spoken(fault.said if fault else Said('whole'))}")
    if stored_pointer and not version:
        terminal.fail(stored_pointer)
    sys.exit(1 if any(found.values()) or (stored_pointer and not version) else 0)


@click.command(cls=Command, epilog="Example:  nuanfeng prune --keep 3 --dataset ev")
@click.option(
    "--keep",
    required=True,
    type=click.IntRange(1),
    help="How many versions stay, the current one included.",
)
@DATASET
@terminal.in_sentences
def prune(keep: int, dataset: str | None) -> None:
    """Remove the oldest versions of a dataset, and say which. The current one always stays."""
    stored = _stored(dataset)
    before = _bytes(stored)
    removed = stored.prune(keep)
    for name in removed:
        terminal.tell("removed {name}", name=name)
    terminal.tell(
        "{megabytes} freed. {kept_text}",
        megabytes=_megabytes(before - _bytes(stored)),
        kept_text=kept_text(stored),
    )


def _layer(stored: "Dataset", pointers: "Sequence[Pointer]", layer: str) -> str:
    """A layer that either version has, by its name or label."""
    from geodata.pipeline.layers import known_layer

    known = {each.name: each for at in pointers for each in stored.manifest(at).about.layers}
    return known_layer(layer, tuple(known.values())).name


def tell_json(
    which: str, names: Sequence[str], home: Path, verified: "Manifest[Any] | None"
) -> None:
    """Print which things of a kind a home has, and the facts of the one that was verified."""
    found: dict[str, Any] = {"home": str(home), which: list(names)}
    if verified:
        found |= {"version": verified.version, "verified": True}
        found |= msgspec.to_builtins(verified.about)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def list_versions(
    stored: "Dataset | RoadNetwork | BaseMapStore",
    heading: str,
    size: Callable[[dict[str, Any]], str],
    *,
    as_json: bool,
) -> None:
    """Print the versions that are kept.

    `size` says how large one is by what its receipt tells, under `heading`.
    """
    kept = stored.versions()
    if as_json:
        click.echo(
            msgspec.json.format(msgspec.json.encode([_described(each) for each in kept]), indent=1)
        )
        return
    if not kept:
        stored.pointer()  # says that there is none
    headings = (Said("version"), Said("published"), Said("by"), heading, Said("from"), "")
    title = Said("{what} {name}", what=Said(stored.what), name=stored.name)
    terminal.rows(title, headings, [_line(each, size) for each in kept])


def go_back(
    stored: "Dataset | RoadNetwork | BaseMapStore",
    version: str | None,
    instead_of: str | None = None,
) -> None:
    """Go back to a version, by default the last whole one before the current, and say so.

    With `instead_of` only if that is still the current version.
    """
    from geodata.store.files import Seen

    pointer = stored.rollback(version, Seen(stored.find(instead_of)) if instead_of else None)
    terminal.tell(
        "Version {version} of {what} {name} answers now.",
        version=pointer.version,
        what=Said(stored.what),
        name=stored.name,
    )


def kept_text(stored: "Dataset") -> Said:
    """How many versions are kept, what they weigh, and how many there may be."""
    many = len(stored.versions())
    return Said(
        "{count} kept, {size}; of more than {keep} the oldest go, and `nuanfeng prune --keep N`"
        " keeps fewer.",
        count=Said("1 version") if many == 1 else Said("{many} versions", many=many),
        size=_megabytes(_bytes(stored)),
        keep=stored.keep,
    )


def _stored(dataset: str | None) -> "Dataset":
    from geodata.store.files import Dataset

    chosen = settings.read()
    return Dataset(chosen.home, dataset or chosen.dataset)


def _bytes(stored: "Dataset") -> int:
    return sum(
        path.stat().st_size for path in (stored.folder / "versions").rglob("*") if path.is_file()
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _fault(read: Callable[[], object]) -> StoreError | None:
    try:
        read()
    except StoreError as fault:
        return fault
    return None


def _described(kept: "Kept") -> dict[str, Any]:
    receipt = kept.receipt
    told = (
        {"at": receipt.at, "by": receipt.by, **receipt.told}
        if receipt
        else {"at": None, "by": None}
    )
    return {"version": kept.version, "pointed": kept.pointed.lower() or None, **told}


def _line(kept: "Kept", size: Callable[[dict[str, Any]], str]) -> tuple[str, ...]:
    if kept.receipt is None:
        return (kept.version, Said("not known"), "", "", "", _pointed(kept))
    told = kept.receipt.told
    return (
        kept.version,
        f"{kept.receipt.at.astimezone():%Y-%m-%d %H:%M}",
        kept.receipt.by,
        size(told),
        _from(told),
        _pointed(kept),
    )


def _pointed(kept: "Kept") -> str:
    """Whether it is the current version or the one before."""
    return Said(kept.pointed.lower()) if kept.pointed else ""


def _from(told: dict[str, Any]) -> str:
    """The sources; of many layers only how many."""
    layers = told.get("layers", 0)
    if layers > _MOST_SOURCES:
        return Said("{count} layers", count=layers)
    return str(told.get("source", ""))


def _places(told: dict[str, Any]) -> str:
    places = told.get("places", 0)
    return Said("{count:,} synthetic", count=places) if told.get("synthetic") else f"{places:,}"


def _print(found: "Differences") -> None:
    message = (
        "from {before} to {after} (synthetic)" if found.synthetic else "from {before} to {after}"
    )
    terminal.tell(Said(message, before=found.before, after=found.after))
    terminal.pairs({Said(name): f"{count:,}" for name, count in found.counts().items()})
    by_layer = found.by_layer()
    if len(by_layer) > 1:
        lines = [(name, f"{count:,}") for name, count in by_layer.items()]
        terminal.rows(Said("by layer"), (Said("layer"), Said("places that differ")), lines)
    headings = (
        Said("id"),
        Said("name"),
        Said("change"),
        Said("moved"),
        Said("field"),
        Said("before"),
        Said("after"),
    )
    terminal.rows(
        Said("places"), headings, [line for place in found.places for line in _lines(place)]
    )


def _lines(place: "Difference") -> list[tuple[str, ...]]:
    moved = "" if place.moved_m is None else f"{place.moved_m:,.1f} m"
    head = (place.id, place.name, Said(place.how), moved)
    told = [(field.name, field.before or "–", field.after or "–") for field in place.fields] or [
        ("", "", "")
    ]
    return [(*head, *first) if n == 0 else ("", "", "", "", *first) for n, first in enumerate(told)]
