"""Pins: rows of lists whose address was found coarsely, or not at all, get their point from a
person. It is laid on every list of the layer that comes after.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from flask import Response

from app.db import jobs, pins
from app.db.database import Connection
from app.db.jobs import StoredJob
from app.db.pins import StoredPin
from app.desk.charts import Mark, chart
from app.desk.desk import Desk
from app.desk.page import page, refused
from app.desk.place_edits import point_of
from app.desk.place_texts import layers, where_of_layer
from app.desk.point_evidence import NamedAreas, PointEvidence, evidence
from app.desk.roles import Location, Verb
from app.desk.tables import DATUMS, examined_again
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.response.refusals import DeskRefusal, NoSuchThing
from geodata.errors import NuanfengError

#: Rows that the page lists.
_SHOWN: Final = 500


class WaitingPin(NamedTuple):
    """A row that waits for a point."""

    id: str
    layer: str
    """By its label."""
    name: str
    address: str
    where: Location
    """Whose it is."""
    street: str
    """That the row names, if any."""
    candidate: str = ""
    """What the address was found as."""
    coarse: str = ""
    """Where, "lon lat"; empty: it was not found."""
    radius_m: float | None = None
    evidence: Mapping[str, list[str]] = {}  # never changed
    row: int | None = None
    job: str = ""
    """That looked it up; empty: the command line did."""
    pin: StoredPin | None = None


class _Row(msgspec.Struct):
    """As a job writes it."""

    row: int
    name: str
    address: str
    district: str
    street: str
    candidate: str
    radius_m: float | None
    lon: float | None
    lat: float | None
    evidence: dict[str, list[str]]


_rows: Final = msgspec.json.Decoder(list[_Row]).decode


def add(views: Views) -> None:
    """Add the list of rows that wait, and the page on which one gets its pin."""

    @views.add("/desk/pins", Verb.EDIT, ViewReach.LIST)
    def listed(asked: DeskRequest) -> Response:
        return page(asked, "pins.html", **_list_values(asked))

    @views.add("/desk/pins/<pin>", Verb.EDIT, ViewReach.THING, where=where_of_pin)
    def one(asked: DeskRequest, pin: str) -> Response:
        return _one(asked, _waiting(asked, pin))

    @views.add("/desk/pins/<pin>", Verb.EDIT, ViewReach.THING, post=True, where=where_of_pin)
    def put(asked: DeskRequest, pin: str) -> Response:
        held = _waiting(asked, pin)
        try:
            found = _put(asked, held)
        except NuanfengError as fault:
            return _one(asked, held, fault)
        if found is not None:
            return _one(asked, held, None, found)
        return sent_on(f"/desk/pins#{held.id}" if asked.field("act") == "put" else "/desk/pins")

    @views.add(
        "/desk/pins/<pin>/examine", Verb.EDIT, ViewReach.THING, post=True, where=where_of_pin
    )
    def examine(asked: DeskRequest, pin: str) -> Response:
        held = _waiting(asked, pin)
        try:
            made = examined_again(asked, held.job)
        except NuanfengError as fault:
            return refused(asked, "pins.html", fault, **_list_values(asked))
        return sent_on(f"/desk/jobs/{made.id}")


def where_of_pin(desk: Desk, connection: Connection, pin: str) -> Location | None:
    """Whose a row that waits is; None: there is none."""
    found = next((each for each in waiting(desk, connection) if each.id == pin), None)
    return found.where if found else None


def waiting(desk: Desk, connection: Connection) -> list[WaitingPin]:
    """All rows that wait, of the newest list of each layer, else of what is published."""
    found: dict[str, WaitingPin] = {}
    examined: set[str] = set()
    for job, body in jobs.newest_of_layers(connection, "examine", "waiting"):
        layer = job.outcome["layer"]
        examined.add(layer)
        for each in _of_job(job, layer, body):
            found.setdefault(each.id, each)
    for each in _published(desk, examined):
        found.setdefault(each.id, each)
    layers_of_them = {each.layer for each in found.values()}
    put = {(each.layer, *each.key): each for each in pins.of_layers(connection, layers_of_them)}
    return [
        each._replace(pin=put.get((each.layer, *pins.key_of(each.name, each.address))))
        for each in found.values()
    ]


def _of_job(job: StoredJob, layer: str, body: bytes | None) -> Iterator[WaitingPin]:
    for each in _rows(body) if body else ():
        coarse = "" if each.lon is None else f"{each.lon:.7f} {each.lat:.7f}"
        yield WaitingPin(
            id_of(layer, each.name, each.address),
            layer,
            each.name,
            each.address,
            Location(job.district, job.street),
            each.street,
            each.candidate,
            coarse,
            each.radius_m,
            each.evidence,
            each.row,
            job.id,
        )


def _published(desk: Desk, examined: set[str]) -> Iterator[WaitingPin]:
    """Those of layers that the command line imported, or of which no job is known any more."""
    snapshot, divisions = desk.snapshot(), desk.divisions()
    for layer in layers(snapshot):
        for each in layer.waiting if layer.label not in examined else ():
            own = where_of_layer(snapshot, divisions, layer.name)
            yield WaitingPin(
                id_of(layer.label, each.name, each.address),
                layer.label,
                each.name,
                each.address,
                own if own.district else Location(each.district, each.street),
                each.street,
            )


def id_of(layer: str, name: str, address: str) -> str:
    """What a row that waits is called in addresses: the same in every list that has it."""
    told = "\0".join((layer, *pins.key_of(name, address)))
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:16]


def _seen(asked: DeskRequest) -> list[WaitingPin]:
    """Those of the operator's part of the city, without a pin first."""
    with asked.desk.database.reading() as connection:
        found = waiting(asked.desk, connection)
    mine = [each for each in found if asked.sees(each.where)]
    return sorted(mine, key=lambda each: (each.pin is not None, each.layer, each.name))


def _waiting(asked: DeskRequest, pin: str) -> WaitingPin:
    found = next((each for each in _seen(asked) if each.id == pin), None)
    if found is None:
        raise NoSuchThing
    return found


def _list_values(asked: DeskRequest) -> dict[str, Any]:
    found = _seen(asked)
    marks = [
        Mark(float(lon), float(lat), "added" if each.pin else "changed", each.name, None, each.id)
        for each in found[:_SHOWN]
        if (point := (each.pin.point if each.pin else each.coarse))
        for lon, lat in [point.split()]
    ]
    ready = {each.layer: each for each in found if each.pin and each.job}
    return {
        "found": found[:_SHOWN],
        "count": len(found),
        "put": sum(each.pin is not None for each in found),
        "ready": [*ready.values()],
        "chart": chart(asked, marks),
    }


def _one(
    asked: DeskRequest,
    held: WaitingPin,
    fault: NuanfengError | None = None,
    found: PointEvidence | None = None,
) -> Response:
    point = asked.field("geometry") or (held.pin.point if held.pin else "") or ""
    if found is not None:
        point = point_of(point, asked.desk.snapshot(), asked.field("datum"))
    values: dict[str, Any] = {
        "held": held,
        "point": point,
        "datum": "wgs84" if found else asked.field("datum") or "wgs84",
        "datums": {name: label for name, label in DATUMS.items() if name},
        "found": found,
        "chart": chart(asked),
        "evidence": held.evidence.get(asked.language, []),
    }
    if fault:
        return refused(asked, "pin.html", fault, **values)
    return page(asked, "pin.html", 409 if found and found.against else 200, **values)


def _put(asked: DeskRequest, held: WaitingPin) -> PointEvidence | None:
    """Write a pin, or take it back; or, where somebody wants to look first or it contradicts what
    the row says, what is known of it. Raises BadValue and DeskRefusal.
    """
    takes_back = asked.field("act") == "take_back"
    if takes_back and held.pin is None:
        raise DeskRefusal("There is no pin to take back.")
    point = None
    if not takes_back:
        point = point_of(asked.field("geometry"), asked.desk.snapshot(), asked.field("datum"))
        old = (held.pin.point if held.pin else "") or ""
        named = NamedAreas("", held.street, held.address, held.coarse, held.radius_m)
        found = evidence(asked, point, old, named)
        if asked.field("act") != "put" or (found.against and not asked.field("sure")):
            return found
    name, address = pins.key_of(held.name, held.address)
    by, coarse = asked.operator.name, held.coarse or None
    made = StoredPin(held.layer, name, address, point, coarse, by, asked.now)

    def unit(connection: Connection) -> None:
        pins.add(connection, made)
        before = (held.pin.point if held.pin else "") or ""
        asked.note(connection, "edit", f"pin {held.id}", "geometry", before, point or "")

    asked.desk.database.write(unit)
    return None
