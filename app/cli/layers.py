"""`nuanfeng layers list | drop | history`: the lists that a dataset is the union of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET, EDITED, edited_by
from app.cli.versions import kept_text
from geodata.errors import NoDataset, NoSuchVersion, Said

if TYPE_CHECKING:
    from geodata.pipeline.freeze import Frozen
    from geodata.pipeline.layers import LayerName
    from geodata.pipeline.published import StoredTables
    from geodata.snapshot.snapshot import LayerAbout
    from geodata.store.sent import Did, Sent


@click.group(cls=Group)
def layers() -> None:
    """The layers of a dataset: the list that each office sends, and who sent it when.

    A version is the union of its layers. `nuanfeng import … --layer NAME` replaces one of them.
    """


@layers.command(
    "list", epilog="Examples:  nuanfeng layers list --dataset mine  |  nuanfeng layers list --json"
)
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def list_(dataset: str | None, *, as_json: bool) -> None:
    """List the layers of the current version: how many places, who sent them last, and when."""
    held = held_of(dataset)
    last = {each.layer: each for each in _sent_until(held)}
    found = [_described(each, last.get(each.name)) for each in layers_held(held)]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    headings = (
        Said("layer"),
        Said("called"),
        Said("places"),
        Said("sent"),
        Said("by"),
        Said("from"),
    )
    lines = [
        (
            each["layer"],
            each["label"],
            f"{each['places']:,}",
            _when(each["at"]),
            each["by"] or Said("not known"),
            each["source"],
        )
        for each in found
    ]
    terminal.rows(Said("layers of dataset {dataset}", dataset=held.about.dataset), headings, lines)


@layers.command(epilog="Examples:  nuanfeng layers history  |  nuanfeng layers history 粤海街道")
@click.argument("layer", required=False)
@DATASET
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.in_sentences
def history(layer: str | None, dataset: str | None, *, as_json: bool) -> None:
    """Say who sent which layer and when, the newest first; of LAYER only, if named.

    What was sent stays written down when versions are cleared away.
    """
    held = held_of(dataset)
    found = held.dataset.sent()[::-1]
    if layer is not None:
        found = tuple(each for each in found if layer in (each.layer, each.label))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return
    if not found:
        terminal.tell("Nothing is written down about that.")
    headings = (
        Said("when"),
        Said("by"),
        Said("layer"),
        "",
        Said("rows"),
        Said("places"),
        Said("file"),
        Said("version"),
    )
    terminal.rows(
        Said("layers of dataset {dataset}", dataset=held.about.dataset),
        headings,
        list(map(_line, found)),
    )


@layers.command(epilog="Example:  nuanfeng layers drop 粤海街道 --dataset mine")
@click.argument("layer")
@DATASET
@terminal.in_sentences
def drop(layer: str, dataset: str | None) -> None:
    """Publish the dataset without LAYER. Its places are told as gone; other layers stay.

    `nuanfeng rollback`, or importing it again, brings it back.
    """
    from geodata.pipeline import relayered
    from geodata.pipeline.layers import known_layer
    from geodata.store.calendar import HomeCalendar
    from geodata.store.sent import Did

    held = held_of(dataset)
    name = known_layer(layer, layers_held(held))
    with terminal.progress("freezing", sum(held.about.counts.values())) as heard:
        frozen = relayered.dropped(held, name, heard, HomeCalendar(held.dataset.home).calendar)
    publish(held, frozen, name, Did.DROPPED, 0)


@layers.command(
    epilog="Examples:  nuanfeng layers rollback 粤海街道  |  nuanfeng layers rollback yuehai 3f2a"
)
@click.argument("layer")
@click.argument("version", required=False)
@DATASET
@EDITED
@terminal.in_sentences
def rollback(layer: str, version: str | None, dataset: str | None, edited: str | None) -> None:
    """Publish LAYER as VERSION has it, or as it was before it was changed last.

    Other layers stay as they are now, and so does what was edited by hand; `nuanfeng rollback` goes
    back with all of them.
    """
    from geodata.pipeline import published, relayered
    from geodata.store.calendar import HomeCalendar
    from geodata.store.sent import Did

    held = held_of(dataset)
    name = _once_known(held, layer)
    older = published.version_of(held.dataset, version or _before_last(held, name))
    with terminal.progress("freezing", sum(held.about.counts.values())) as heard:
        known = HomeCalendar(held.dataset.home).calendar
        frozen = relayered.gone_back(held, older, name, heard, known, edited_by(edited))
    places = next(each.places for each in frozen.about.layers if each.name == name.name)
    publish(held, frozen, name, Did.WENT_BACK, places)


def _once_known(held: "StoredTables", layer: str) -> "LayerName":
    """A layer that the dataset has, or that somebody sent: one that was dropped comes back."""
    from geodata.pipeline.layers import LayerName, known_layer

    once = {
        name: LayerName(sent.layer, sent.label)
        for sent in held.dataset.sent()
        for name in (sent.layer, sent.label)
    }
    return once.get(layer) or known_layer(layer, layers_held(held))


def _before_last(held: "StoredTables", layer: "LayerName") -> str:
    """The version in which the layer was before it was changed last."""
    changed = [each for each in held.dataset.sent() if each.layer == layer.name]
    if len(changed) < 2:
        raise NoSuchVersion(
            "the layer {label} was sent only once, so there is nothing to go back to; `nuanfeng"
            " layers drop` takes it away",
            label=layer.label,
        )
    return changed[-2].version


def held_of(dataset: str | None) -> "StoredTables":
    """The current version of the dataset that is asked for. Raises NoDataset."""
    from geodata.pipeline import published

    chosen = settings.read()
    name = dataset or chosen.dataset
    held = published.stored(chosen.home, name)
    if held is None:
        raise NoDataset("there is no dataset {name!r} in {home}", name=name, home=chosen.home)
    return held


def layers_held(held: "StoredTables") -> "tuple[LayerAbout, ...]":
    """What is told of the layers of a version; of a synthetic one, which has none, by its rows."""
    from geodata.pipeline.layers import layers_of

    return held.about.layers or layers_of(held.places(), {})


def publish(
    held: "StoredTables", frozen: "Frozen", layer: "LayerName", did: "Did", places: int
) -> None:
    """Publish a version in which one layer is another, write down who did it, and say so."""
    from geodata.store.files import Seen
    from geodata.store.history import Stamp
    from geodata.store.sent import Sent

    entry = Sent(
        *Stamp.now(), layer=layer.name, label=layer.label, did=did, version="", places=places
    )
    parts = (frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    pointer = held.dataset.publish_layer(*parts, Seen(held.pointer), entry)
    terminal.tell(
        (
            "Layer {label} {did}: version {version} of dataset {dataset} has {places:,} "
            "places. `nuanfeng rollback --dataset {dataset}` goes back."
        ),
        label=layer.label,
        did=Said(str(did)),
        version=pointer.version,
        dataset=held.about.dataset,
        places=sum(frozen.about.counts.values()),
    )
    terminal.tell(kept_text(held.dataset))


def _sent_until(held: "StoredTables") -> "Sequence[Sent]":
    """What was sent until the current version was published: somebody may have gone back to it."""
    receipt = held.dataset.receipt(held.pointer.version)
    return [each for each in held.dataset.sent() if receipt is None or each.at <= receipt.at]


def _described(about: "LayerAbout", last: "Sent | None") -> dict[str, Any]:
    return {
        "layer": about.name,
        "label": about.label,
        "places": about.places,
        "at": last and last.at,
        "by": last and last.by,
        "rows": last and last.rows,
        "files": last.files if last else {},
        "source": about.source,
        "licence": about.licence,
        "dataDate": about.data_date,
    }


def _when(at: Any) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else Said("not known")


def _line(sent: "Sent") -> tuple[str, ...]:
    return (
        _when(sent.at),
        sent.by,
        sent.label,
        Said(str(sent.did)),
        f"{sent.rows:,}",
        f"{sent.places:,}",
        ", ".join(sent.files),
        sent.version,
    )
