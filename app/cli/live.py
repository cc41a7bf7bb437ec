"""`--live`: what riders report and what notices close, taken into account by commands that judge
opening hours; from the database of what people say, or from files of it.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click
import msgspec

from app.cli import terminal
from app.cli.voice import now, voiced
from geodata.errors import BadValue, Said

if TYPE_CHECKING:
    from geodata.snapshot.overlay import Laid, Overlay, PlaceSaid
    from geodata.snapshot.snapshot import Snapshot
    from geodata.snapshot.zones import NoticeZone

#: Stands for the database, where no file is named.
_DATABASE: Final = "-"
OPTION: Final = click.option(
    "--live",
    is_flag=False,
    flag_value=_DATABASE,
    multiple=True,
    metavar="[FILE]",
    help=(
        "Take into account what riders report and notices close at that instant: as the database"
        " has it, or the files that `nuanfeng reports export` (.csv) and `nuanfeng notices list"
        " --json` (.json) make. Named last, or as --live=FILE."
    ),
)


class LaidLive(NamedTuple):
    """What is laid over a dataset, and what a report says of it."""

    laid: "Laid | None"
    about: Said
    snapshot: "Snapshot"
    """The dataset that it is laid over."""


def laid(
    live: Sequence[str], dataset: str | None, snapshot: "Snapshot", at: datetime | None
) -> LaidLive | None:
    """What `--live` names, as it holds at an instant (now by default); None: nothing is named.

    Raises BadValue for files that are no export, VoiceAway where the database cannot be read.
    """
    from geodata.snapshot.overlay import Overlay

    if not live:
        return None
    instant = at or now()
    places: dict[str, PlaceSaid] = {}
    zones: list[NoticeZone] = []
    for each in live:
        found = _stored(dataset, snapshot, instant) if each == _DATABASE else None
        found = found or _of_file(Path(each), snapshot, instant)
        places |= found.places
        zones += found.zones
    over = Overlay(places, tuple(zones)).over(snapshot, instant)
    about = Said(
        "reports and notices at {time}: {reported:,} places reported on, {closed:,} closed by"
        " notices",
        time=snapshot.zone.local(instant).isoformat(timespec="minutes"),
        reported=len(over.rows) if over else 0,
        closed=len(over.closed_by) if over else 0,
    )
    terminal.tell("With {about}.", about=about)
    return LaidLive(over, about, snapshot)


def _stored(dataset: str | None, snapshot: "Snapshot", at: datetime) -> "Overlay":
    """As the database has it: of a past or a later instant what is known now of it."""
    from app.db import notices as stored
    from app.voice.live_reports import LiveReports
    from app.voice.notices import NoticeVersion, fold
    from geodata.snapshot.overlay import Overlay

    with voiced(dataset) as (_, held):
        with held.database.reading() as connection:
            notices = fold(map(NoticeVersion.of, stored.versions(connection)))
        said = LiveReports(held.database).overlay(at, snapshot.zone)
    zones = (each.zone() for each in notices if not each.is_cancelled and each.body.polygons)
    return Overlay(said.places, tuple(zones))


def _of_file(path: Path, snapshot: "Snapshot", at: datetime) -> "Overlay":
    content = path.read_bytes() if path.is_file() else None
    if content is None:
        raise BadValue("there is no file {file}", file=path)
    try:
        return _of_reports(content, snapshot, at) if path.suffix == ".csv" else _of_notices(content)
    except (ValueError, KeyError, TypeError, msgspec.MsgspecError):
        raise BadValue(
            "{file} is neither what `nuanfeng reports export` (.csv) nor what `nuanfeng notices"
            " list --json` (.json) writes",
            file=path,
        ) from None


def _of_reports(content: bytes, snapshot: "Snapshot", at: datetime) -> "Overlay":
    """An export names no reporters: each row counts as one."""
    from app.voice.reports import LONGEST, Report, fold
    from geodata.snapshot.overlay import Overlay, ReportType

    by_place: dict[str, list[Report]] = {}
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    if "became" not in (reader.fieldnames or ()):
        raise ValueError
    for number, row in enumerate(reader):
        seen_at = datetime.fromisoformat(row["seen_at"])
        if not row["became"] and timedelta(0) <= at - seen_at < LONGEST:
            report = Report(
                number,
                row["id"],
                row["place"],
                ReportType(row["type"]),
                seen_at,
                datetime.fromisoformat(row["expires_at"]),
                row["id"],
                row["present"] == "true",
            )
            by_place.setdefault(report.place, []).append(report)
    folded = {place: fold(held, at, snapshot.zone) for place, held in by_place.items()}
    return Overlay({place: each for place, each in folded.items() if each.said})


class _Area(msgspec.Struct):
    coordinates: list[list[list[tuple[float, float]]]]


class _Told(msgspec.Struct):
    id: str
    effect: str
    onset: datetime
    expires: datetime


class _Feature(msgspec.Struct):
    geometry: _Area
    properties: _Told


class _Collection(msgspec.Struct):
    features: list[_Feature]


def _of_notices(content: bytes) -> "Overlay":
    from geodata.snapshot.overlay import Overlay
    from geodata.snapshot.zones import NoticeZone, ZoneEffect

    zones = []
    for each in msgspec.json.decode(content, type=_Collection).features:
        told = each.properties
        rings = tuple(tuple(polygon[0]) for polygon in each.geometry.coordinates)
        effect = ZoneEffect(told.effect)
        zones.append(NoticeZone(told.id, effect, told.onset, told.expires, rings))
    return Overlay({}, tuple(zones))
