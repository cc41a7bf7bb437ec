"""What jobs of the desk do: the one importer, and the one store, as a person would call them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import geopandas as gpd
import msgspec

from app.cli import coverage_jobs, table_pins
from app.cli.importing import Examined, ImportAsked, examine, publish, require_plausible
from app.cli.layers import layers_held
from app.db import edits as edits_stored
from app.db import pins, uploads
from app.db.edits import StoredEdit
from app.db.pins import StoredPin
from app.desk.leases import Lease
from app.settings import Settings
from app.words import Language, translated
from geodata.errors import NoDataset, NuanfengError, Overtaken
from geodata.pipeline import differences, published, relayered
from geodata.pipeline.differences import ADDED, CHANGED, Difference
from geodata.pipeline.edits import (
    NO_EDITS,
    POINT,
    STANDING,
    Change,
    Contradiction,
    Decide,
    shown,
)
from geodata.pipeline.layers import LayerName, known_layer, layer_name, of_layer
from geodata.pipeline.published import StoredTables
from geodata.places.table import DECIMALS
from geodata.sources import refused
from geodata.sources.city_facts import CityStated
from geodata.sources.file_options import FileOptions
from geodata.sources.headings import meaning
from geodata.sources.read import read
from geodata.sources.report import as_json
from geodata.store.calendar import HomeCalendar
from geodata.store.files import Dataset, Pointer, Seen
from geodata.store.sent import Did, Sent
from geodata.vocabulary import Door

if TYPE_CHECKING:
    from geodata.pipeline.freeze import Frozen

#: Sentences of a report that a page is given; the counts are of all.
_MOST_TOLD: Final = 1_000
#: What the history says of a place that a list has.
LISTED: Final = "listed"
#: History is written in units of so many fields.
_AT_ONCE: Final = 500


class Came(NamedTuple):
    """What came of a job."""

    outcome: dict[str, Any]
    files: dict[str, bytes] = {}  # noqa: RUF012  # never changed


def examined(lease: Lease, chosen: Settings) -> Came:
    """What an upload would do: its report, and what differs from what is published."""
    _pulled(chosen)
    with _asked(lease, chosen, publish=False) as asked:
        seen = examine(asked)
        label = seen.checked.layer.label
        told = {"layer": label, "pinned": table_pins.used(asked.pins)}
        return Came(_outcome(seen) | told, _files(seen) | {"waiting": table_pins.waiting(seen)})


def published_upload(lease: Lease, chosen: Settings) -> Came:
    """An upload is published, upon the version that somebody saw it beside."""
    _pulled(chosen)
    if done := _done_before(lease, chosen):
        return _with_history(lease, chosen, done)
    with _asked(lease, chosen, publish=True) as asked:
        seen = examine(asked)
        _require_as_seen(seen.held, lease.job.details["seen"], seen.checked.layer)
        require_plausible(seen)
        before = seen.held.pointer.version if seen.held else ""
        layer = seen.checked.layer.name
        lease.require()
        pointer = publish(seen)
    _pushed(chosen, before)
    return _with_history(lease, chosen, _Published(before, pointer.version, layer))


def published_edits(lease: Lease, chosen: Settings) -> Came:
    """Edits that wait are published, a layer after the other."""
    details = lease.job.details
    with lease.database.reading() as connection:
        asked = edits_stored.of_numbers(connection, details["numbers"])
    layers = list(dict.fromkeys(each.layer for each in asked))
    versions: list[str] = []
    for name in layers:
        held = _held(chosen, pulls=True)
        layer = layer_name(name, layers_held(held))
        changes = _changes(lease, held, [each for each in asked if each.layer == name])
        calendar = HomeCalendar(chosen.home).calendar
        frozen = relayered.edited(
            held, layer, changes, lease.heard, calendar, _decide(details.get("decided", {}))
        )
        lease.require()
        versions.append(_publish(lease, chosen, held, frozen, layer, Did.EDITED).version)
    return Came({"versions": versions, "count": len(asked)})


def _changes(lease: Lease, held: StoredTables, asked: Sequence[StoredEdit]) -> list[Change]:
    """Edits as changes of what is published: upon what was there when the first of those that
    wait was made, unless a list has said something else since.
    """
    layer = asked[0].layer
    says = shown(of_layer(held.places(), layer), held.edits().get(layer, NO_EDITS))
    changes: list[Change] = []
    with lease.database.reading() as connection:
        for each in asked:
            now = says(each.place, each.field)
            known = edits_stored.bases(connection, each.place, each.field)
            seen = now if now in known else each.base
            changes.append(Change(each.place, each.field, each.value, seen, layer))
    return changes


def undone(lease: Lease, chosen: Settings) -> Came:
    """An import is taken back: its layer as it was before, with what was edited since."""
    _pulled(chosen)
    if done := _done_before(lease, chosen):
        return _with_history(lease, chosen, done, how="went back")
    details = lease.job.details
    held = _held(chosen, pulls=False)
    layer = known_layer(details["layer"], layers_held(held))
    calendar = HomeCalendar(chosen.home).calendar
    older = _version(held, details["before"]) if details["before"] else None
    if older is None or layer.name not in {each.name for each in layers_held(older)}:
        frozen = relayered.dropped(held, layer, lease.heard, calendar)
    else:
        decide = _decide(details.get("decided", {}))
        frozen = relayered.gone_back(held, older, layer, lease.heard, calendar, decide)
    lease.require()
    pointer = _publish(lease, chosen, held, frozen, layer, Did.WENT_BACK)
    done = _Published(held.pointer.version, pointer.version, layer.name)
    return _with_history(lease, chosen, done, how="went back")


def covered(lease: Lease, chosen: Settings) -> Came:
    """Who is served now, and was by the version before."""
    _pulled(chosen)
    return Came(coverage_jobs.compared(lease, chosen))


#: What a job of each kind does.
KINDS: Final[Mapping[str, Callable[[Lease, Settings], Came]]] = {
    "examine": examined,
    "publish": published_upload,
    "edits": published_edits,
    "undo": undone,
    "coverage": covered,
}


def headings_of(lease: Lease, chosen: Settings) -> dict[str, bytes]:
    """Of an upload that cannot be read as it is, its headings, for somebody to say what they
    mean; nothing of another job, or where it has none.
    """
    if "upload" not in lease.job.details:
        return {}
    with suppress(NuanfengError), _asked(lease, chosen, publish=False) as asked:
        return {"headings": msgspec.json.encode(_headings(_tables(asked)))}
    return {}


class _Published(NamedTuple):
    """A version that a job published, and the one before."""

    before: str
    version: str
    layer: str


def _tables(asked: ImportAsked) -> list[Any]:
    mapped = [each.partition("=")[0] for each in asked.maps]
    return [table for file in asked.files for table in read(file, asked.options, mapped)]


def _headings(tables: Sequence[Any]) -> list[dict[str, str]]:
    """Each heading once, what it means by itself, and a cell below it."""
    found: dict[str, dict[str, str]] = {}
    for table in tables:
        for at, heading in enumerate(table.columns):
            cells = (row[at] for row in table.rows if row[at])
            known = meaning(heading)
            found.setdefault(
                heading,
                {
                    "heading": heading,
                    "means": known.field if known else "",
                    "sample": str(next(cells, ""))[:80],
                },
            )
    return list(found.values())


@contextmanager
def _asked(lease: Lease, chosen: Settings, *, publish: bool) -> Iterator[ImportAsked]:
    """The importer's options, as somebody stated them in a form; the file lies in a folder of its
    own meanwhile, under a name that has no path.
    """
    details = lease.job.details
    with lease.database.reading() as connection:
        sent = uploads.get(connection, details["upload"])
    if sent is None:
        raise NoDataset("the table of this job is not kept any more; send it again")
    chosen.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=chosen.home, prefix="upload-") as folder:
        file = Path(folder) / Path(sent.name).name
        with file.open("wb") as out:
            for part in uploads.parts(lease.database, sent.id):
                out.write(part)
            if out.tell() != sent.bytes:
                raise NoDataset("the table of this job is not kept any more; send it again")
        asked = _options(details, sent, file, chosen, lease, publish=publish)
        held = _held_by_desk(lease, chosen, sent.layer)
        yield replace(asked, pins=table_pins.laid(asked, held, Path(folder)))


def _options(
    details: Mapping[str, Any],
    sent: uploads.StoredUpload,
    file: Path,
    chosen: Settings,
    lease: Lease,
    *,
    publish: bool,
) -> ImportAsked:
    only = details.get("only")
    return ImportAsked(
        files=[file],
        dataset=chosen.dataset,
        datum=details.get("datum") or None,
        kind=details.get("kind") or None,
        services=(),
        audience=(),
        door=str(Door.UNKNOWN),
        maps=_pairs(details.get("columns", {})),
        words=_pairs(details.get("words", {})),
        kind_words=_pairs(details.get("kinds", {})),
        options=FileOptions(),
        name_template=None,
        layer=sent.layer,
        move_from=(),
        ids=None,
        ids_per=None,
        renamed=("all",) if details.get("renamed") else (),
        renumbered=False,
        new_names=bool(details.get("insists")),
        title=None,
        licence=details.get("licence") or None,
        source=sent.name,
        locate=bool(details.get("locate")),
        pins=None,
        waiting=None,
        demand=None,
        demand_weight=None,
        demand_datum="wgs84",
        demand_title=None,
        report=None,
        refused=None,
        skip_refused=bool(details.get("skip_refused")),
        force=bool(details.get("insists")),
        edited=None,
        publish=publish,
        city=CityStated(),
        only=None if only is None else frozenset(only),
        by=_signature(lease),
        decide=_decide(details.get("decided", {})),
    )


def _held_by_desk(lease: Lease, chosen: Settings, layer: str) -> Sequence[StoredPin]:
    """The pins that people put for rows of a layer."""
    held = published.stored(chosen.home, chosen.dataset)
    label = layer_name(layer, layers_held(held)).label if held else layer
    with lease.database.reading() as connection:
        return tuple(pins.of_layers(connection, [label]))


def _pairs(said: Mapping[str, str]) -> list[str]:
    return [f"{word}={meant}" for word, meant in said.items()]


def _decide(decided: Mapping[str, bool]) -> Decide:
    """What somebody said of each contradiction: by `id field`, and what both say."""

    def said(found: Contradiction) -> bool | None:
        return decided.get(f"{found.id} {found.field}")

    return said


def _outcome(seen: Examined) -> dict[str, Any]:
    found, checked = seen.report, seen.checked
    changes = found.changes
    return {
        "seen": seen.held.pointer.version if seen.held else "",
        "rows": found.rows,
        "taken": found.taken,
        "refused": found.refused,
        "added": len(changes.added),
        "gone": len(changes.gone),
        "renamed": len(changes.renamed),
        "waiting": len(checked.waiting),
        "against": [str(each) for each in checked.evidence.against or ()],
        "contradictions": [msgspec.to_builtins(each) for each in checked.contradictions],
    }


def _files(seen: Examined) -> dict[str, bytes]:
    report = msgspec.structs.replace(
        seen.report,
        repairs=seen.report.repairs[:_MOST_TOLD],
        notes=seen.report.notes[:_MOST_TOLD],
        rejects=seen.report.rejects[:_MOST_TOLD],
    )
    files = {
        f"report {language}": as_json(report, lambda text, to=language: translated(to, text))  # type: ignore[misc]  # a default binds it
        for language in Language
    }
    files["diff"] = msgspec.json.encode(_diff(seen))
    files["headings"] = msgspec.json.encode(_headings(seen.placed.whole))
    if seen.checked.rejects:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "refused.xlsx"
            chinese = Language.CHINESE
            refused.write(
                file,
                seen.placed.tables,
                seen.checked.rejects,
                lambda text: translated(chinese, text),
            )
            files["refused.xlsx"] = file.read_bytes()
    return files


def _diff(seen: Examined) -> tuple[Difference, ...]:
    """What would differ from what is published, place by place."""
    checked, places = seen.checked, published.real_places(seen.held)
    after = checked.places.assign(licence=checked.places["licence"].fillna(seen.asked.licence))
    before = after.iloc[:0] if places is None else of_layer(places, checked.layer.name)
    return differences.compare(before, gpd.GeoDataFrame(after))


def _require_as_seen(held: StoredTables | None, seen: str, layer: LayerName) -> None:
    """Raise Overtaken where the layer is another than somebody saw."""
    now = held.pointer.version if held else ""
    if now == seen:
        return
    with suppress(NuanfengError):
        if held and seen:
            was = of_layer(_version(held, seen).places(), layer.name)
            if not differences.compare(was, of_layer(held.places(), layer.name)):
                return
    raise Overtaken(
        "this layer was published anew after you looked at it; nothing was published. Look at what"
        " differs by now, and publish again"
    )


def _held(chosen: Settings, *, pulls: bool) -> StoredTables:
    if pulls:
        _pulled(chosen)
    held = published.stored(chosen.home, chosen.dataset)
    if held is None:
        raise NoDataset(
            "there is no dataset {name!r} in {home}", name=chosen.dataset, home=chosen.home
        )
    return held


def _version(held: StoredTables, version: str) -> StoredTables:
    return published.version_of(held.dataset, version)


def _publish(
    lease: Lease,
    chosen: Settings,
    held: StoredTables,
    frozen: "Frozen",
    layer: LayerName,
    did: Did,
) -> Pointer:
    """Publish here and, where a database is shared, there, upon the version that was held."""
    places = next((each.places for each in frozen.about.layers if each.name == layer.name), 0)
    now = datetime.now(UTC).replace(microsecond=0)
    entry = Sent(now, _signature(lease), layer.name, layer.label, did, "", places=places)
    parts = (frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    pointer = held.dataset.publish_layer(*parts, Seen(held.pointer), entry)
    _pushed(chosen, held.pointer.version)
    return pointer


def _signature(lease: Lease) -> str:
    """Who publishes, and by which job: one that is taken over finds what it did already."""
    return f"{lease.job.by} (job {lease.job.id})"


def _done_before(lease: Lease, chosen: Settings) -> _Published | None:
    """What this job published before the process that did it was lost."""
    store = Dataset(chosen.home, chosen.dataset)
    mine = _signature(lease)
    entry = next((each for each in store.sent() if each.by == mine), None)
    if entry is None:
        return None
    _pushed(chosen, "")
    before = lease.job.details.get("seen") or lease.job.details.get("before", "")
    return _Published(before, entry.version, entry.layer)


def _with_history(lease: Lease, chosen: Settings, done: _Published, how: str = "imported") -> Came:
    """Write field by field what a list changed, once."""
    outcome = done._asdict()
    with lease.database.reading() as connection:
        if edits_stored.tells_of(connection, done.version):
            return Came(outcome)
    now = _held(chosen, pulls=False)
    if not done.before or now.pointer.version != done.version:
        return Came(outcome)
    was = of_layer(_version(now, done.before).places(), done.layer)
    places = of_layer(now.places(), done.layer)
    found = differences.compare(was, places)
    if was.empty:  # of a layer's first list each place tells the row that it came of
        found = tuple(each for each in found if each.how != ADDED)
    where = {
        place_id: (str(file or ""), row)
        for place_id, file, row in zip(
            places["id"], places["src_file"], places["src_row"].tolist(), strict=True
        )
    }
    rows = list(_history(lease, done, found, where, how))
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        lease.database.write(lambda connection, some=some: edits_stored.add(connection, some))  # type: ignore[misc]  # a default binds it
    return Came(outcome | {"changed": len(found)})


def _history(
    lease: Lease,
    done: _Published,
    found: Sequence[Difference],
    where: Mapping[str, tuple[str, Any]],
    how: str,
) -> Iterator[StoredEdit]:
    for each in found:
        file, row = where.get(each.id, ("", None))
        number = row if isinstance(row, int) else None
        for field, before, after in _told(each):
            yield StoredEdit(
                *(each.id, done.layer, field, after, before, how),
                *(lease.job.by, datetime.now(UTC), "", file[:200], number, done.version),
            )


def _told(found: Difference) -> Iterator[tuple[str, str | None, str | None]]:
    """What a list did to a place: by field the texts before and after."""
    here = f"{found.lon:.{DECIMALS}f} {found.lat:.{DECIMALS}f}"
    if found.how != CHANGED:
        added = found.how == ADDED
        yield (STANDING, None if added else LISTED, LISTED if added else None)
        yield (POINT, None, here) if added else (POINT, here, None)
        return
    if found.was is not None:
        lon, lat = found.was
        yield POINT, f"{lon:.{DECIMALS}f} {lat:.{DECIMALS}f}", here
    for field in found.fields:
        yield field.name, field.before, field.after


def _pulled(chosen: Settings) -> None:
    """What is current in the database that machines share, if there is one."""
    if chosen.database_url is None:
        return
    from geodata.store.postgis import SharedDataset

    shared = SharedDataset(chosen.database_url, chosen.dataset)
    if shared.current() is not None:
        shared.pull(Dataset(chosen.home, chosen.dataset))


def _pushed(chosen: Settings, before: str) -> None:
    """Share what was published here, upon the version that it was made of.

    Raises what `push` raises; then the version before answers here again.
    """
    if chosen.database_url is None:
        return
    from geodata.store.postgis import SharedDataset

    local, shared = (
        Dataset(chosen.home, chosen.dataset),
        SharedDataset(chosen.database_url, chosen.dataset),
    )
    seen = Seen(local.find(before)) if before else None
    try:
        shared.push(local, seen=seen)
    except NuanfengError:
        if before:
            local.rollback(before)
        raise
