"""For each part of an address a thing that lies in the town's street office."""

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import msgspec
import numpy as np

from app.db import jobs, reports, templates
from app.db.database import Connection
from app.db.reports import NewReport
from app.db.templates import OFFICE, StoredTemplate
from app.desk import leases, pin_pages
from app.desk.roles import DeskRole, ScopeKind
from app.desk.views import DeskView
from app.request import queries
from app.request.letters import Category
from app.voice import letter_box, sealing
from app.voice.letter_box import NewLetter, Written
from app.voice.receipts import new_receipt, read_receipt
from tests.app.desk.desk_town import DeskTown

TEXT: Final = "热水器坏了三天"
NOTE: Final = "门牌号写错了"
#: What a job writes of a list with one row that waits for a point.
WAITS: Final = msgspec.json.encode(
    [
        {"row": 2, "name": "无坐标驿站", "address": "科苑路", "district": "", "street": ""}
        | {"candidate": "科苑路", "radius_m": 900.0, "lon": 113.95, "lat": 22.54, "evidence": {}}
    ]
)


def letter(town: DeskTown, street: str | None = None, category: Category = Category.STATION) -> str:
    """A new letter to the town's street office, or to another; its id."""
    named = town.street if street is None else street
    code = read_receipt(new_receipt())
    new = NewLetter(category, named, "", Written(TEXT, contact="138"), code)
    row = town.desk.database.write(
        lambda held: letter_box.receive(held, town.desk.keys, new, queries.now())
    )
    town.desk.hurry()
    return row.id


def place(town: DeskTown, street: str | None = None) -> str:
    """A place of the town's street office, or of another."""
    snapshot = town.desk.snapshot()
    at = snapshot.streets.names.tolist().index((street or town.street).encode())
    return snapshot.id_of(int((snapshot.streets.of == at).argmax()))


def report(town: DeskTown, street: str | None = None, kind: str = "wrong_hours") -> str:
    """A new report of a place there, with a note; its id."""
    now, number = queries.now(), f"r-{secrets.token_hex(8)}"
    note = sealing.seal(town.desk.keys, NOTE, now)
    times = (now, now, now + timedelta(days=30))
    reporter, day, key = secrets.token_hex(16), now.date(), secrets.token_hex(32)
    new = NewReport(number, place(town, street), kind, *times, reporter, day, key, False, note)
    town.desk.database.write(lambda held: reports.add(held, new))
    return number


def account(town: DeskTown) -> str:
    """An account of the town's street office."""
    return town.account(DeskRole.VIEWER, town.scope(ScopeKind.STREET)).name


def job_of(town: DeskTown) -> str:
    """A job of the town's street office."""
    where = town.desk.divisions().of_street(town.street)
    made = leases.new_job("examine", where, {"upload": "none"}, "wang", queries.now())
    town.desk.database.write(lambda connection: jobs.add(connection, made))
    return made.id


def pin(town: DeskTown) -> str:
    """A row of a list of the town's street office that waits for a pin."""
    where = town.desk.divisions().of_street(town.street)
    made = leases.new_job("examine", where, {"upload": "none"}, "wang", queries.now())
    files = {"waiting": WAITS}

    def unit(connection: Connection) -> None:
        jobs.add(connection, made)
        held = jobs.claim(connection, made.id, queries.now(), queries.now())
        assert held
        outcome = {"layer": town.street}
        jobs.end(connection, held, jobs.JobState.DONE, outcome, queries.now(), files)

    town.desk.database.write(unit)
    return pin_pages.id_of(town.street, "无坐标驿站", "科苑路")


def template(town: DeskTown) -> str:
    """A template of the town's street office."""
    now, number = queries.now(), f"t-{secrets.token_hex(6)}"
    made = StoredTemplate(number, OFFICE, town.street, "已派人", "已派人去看。", False, "wang", now)
    town.desk.database.write(lambda connection: templates.add(connection, made))
    return number


def place_of(town: DeskTown) -> str:
    """A place in the town's street office."""
    snapshot = town.desk.snapshot()
    at = snapshot.streets.names.tolist().index(town.street.encode())
    return snapshot.id_of(int(np.flatnonzero(snapshot.streets.of == at)[0]))


SAMPLES: Final[Mapping[str, Callable[[DeskTown], str]]] = {
    "token": lambda _: "no-such-token",
    "letter_id": letter,
    "report_id": report,
    "notice_id": lambda _: "n-none",
    "cell": lambda _: "ws105r",
    "account_name": account,
    "job": job_of,
    "place": place_of,
    "pin": pin,
    "template": template,
    "listing": lambda _: "contact",
    "entry": lambda _: "c-none",
}


def parts_of(town: DeskTown, view: DeskView) -> dict[str, str]:
    """The parts of a view's address. Raises KeyError for a part that has no sample here."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", view.rule)
    return {name: town.sample(name, SAMPLES[name]) for name in names}
