"""Tables by upload: a list is sent, examined by a job, looked at, published, and taken back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from flask import Response

from app.db import edits as edits_stored
from app.db import jobs as stored
from app.db import uploads
from app.db.database import Connection
from app.db.jobs import OVER, JobState, StoredJob
from app.desk import leases, sent_tables
from app.desk.charts import Mark, chart
from app.desk.desk import TABLES_KEPT, Desk
from app.desk.page import page, refused
from app.desk.place_edits import FIELDS as PLACE_FIELDS
from app.desk.place_texts import layers, published, where_of_layer
from app.desk.roles import Location, ScopeKind, Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.pages.labels import labels
from app.response.headers import OWN_REFERRED, Finished
from app.response.refusals import DeskRefusal, NoSuchThing
from geodata.errors import BadValue, NuanfengError
from geodata.vocabulary import Kind, Service

#: Jobs that the page of tables tells of, and places and sentences that a page shows at once.
_NEWEST: Final = 60
_SHOWN: Final = 200
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a heading may be said to mean, by its words for people.
FIELDS: Final[Mapping[str, str]] = {
    "name": "Name of the place",
    "address": "Address",
    "street": "Street office",
    "district": "District",
    "lon": "Longitude",
    "lat": "Latitude",
    "phone": "Telephone",
    "opening_hours": "Opening hours",
    "services": "Services",
    "kind": "Kind of place",
    "id": "Own number",
    "capacity": "Seats",
    "operator": "Run by",
    "door": "How one gets in",
    "status": "Whether it serves",
}
DATUMS: Final[Mapping[str, str]] = {
    "": "The file says it",
    "gcj02": "GCJ-02 (Amap, Tencent)",
    "bd09": "BD-09 (Baidu)",
    "wgs84": "WGS-84 (GPS)",
}


def add(views: Views) -> None:
    """Add the pages of tables and jobs."""
    _add_sending(views)
    _add_jobs(views)
    _add_publishing(views)
    _add_deciding(views)


def _add_sending(views: Views) -> None:
    @views.add("/desk/tables", Verb.EDIT, ViewReach.LIST)
    def tables(asked: DeskRequest) -> Response:
        return page(asked, "tables.html", **_tables(asked))

    @views.add(
        "/desk/tables",
        Verb.EDIT,
        ViewReach.LIST,
        post=True,
        takes_files=True,
        most_bytes=sent_tables.MOST_BYTES + 100_000,
    )
    def send(asked: DeskRequest) -> Response:
        try:
            job = _sent(asked)
        except NuanfengError as fault:
            return refused(asked, "tables.html", fault, **_tables(asked))
        return sent_on(f"/desk/jobs/{job.id}")


def _add_jobs(views: Views) -> None:
    @views.add("/desk/jobs/<job>", Verb.EDIT, ViewReach.THING, where=where_of_job)
    def one(asked: DeskRequest, job: str) -> Response:
        return _shown(asked, _job(asked, job))

    @views.add("/desk/jobs/<job>/refused.xlsx", Verb.EDIT, ViewReach.THING, where=where_of_job)
    def refused_rows(asked: DeskRequest, job: str) -> Response:
        body = _file(asked, job, "refused.xlsx")
        if body is None:
            raise NoSuchThing
        headers = [
            ("Content-Type", _XLSX),
            ("Content-Disposition", 'attachment; filename="refused.xlsx"'),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *OWN_REFERRED,
        ]
        return Finished(body, 200, headers)

    @views.add("/desk/jobs/<job>/cancel", Verb.EDIT, ViewReach.THING, post=True, where=where_of_job)
    def cancel(asked: DeskRequest, job: str) -> Response:
        def unit(connection: Connection) -> None:
            stored.cancel(connection, job, asked.now)
            asked.note(connection, "cancel", f"job {job}")

        asked.desk.database.write(unit)
        return sent_on(f"/desk/jobs/{job}")

    @views.add("/desk/jobs/<job>/map", Verb.EDIT, ViewReach.THING, post=True, where=where_of_job)
    def mapped(asked: DeskRequest, job: str) -> Response:
        return sent_on(f"/desk/jobs/{_mapped(asked, _job(asked, job)).id}")


def _add_publishing(views: Views) -> None:
    @views.add(
        "/desk/jobs/<job>/publish",
        Verb.PUBLISH,
        ViewReach.THING,
        post=True,
        where=where_of_job,
        most_bytes=2_000_000,
    )
    def publish(asked: DeskRequest, job: str) -> Response:
        return _led(asked, job, _to_publish)

    @views.add(
        "/desk/jobs/<job>/undo", Verb.PUBLISH, ViewReach.THING, post=True, where=where_of_job
    )
    def undo(asked: DeskRequest, job: str) -> Response:
        return _led(asked, job, _to_undo)


def _add_deciding(views: Views) -> None:
    @views.add(
        "/desk/jobs/<job>/decide",
        Verb.PUBLISH,
        ViewReach.THING,
        post=True,
        where=where_of_job,
        most_bytes=2_000_000,
    )
    def decide(asked: DeskRequest, job: str) -> Response:
        return _led(asked, job, _with_decisions)


def _led(
    asked: DeskRequest, job: str, make: Callable[[DeskRequest, StoredJob], StoredJob]
) -> Response:
    """To the job that comes of one; where none can, back to it with the reason."""
    held = _job(asked, job)
    try:
        made = make(asked, held)
    except NuanfengError as fault:
        return _shown(asked, held, fault)
    return sent_on(f"/desk/jobs/{made.id}")


def where_of_job(_desk: Desk, connection: Connection, job: str) -> Location | None:
    """Whose a job is; None: there is none."""
    held = stored.get(connection, job)
    return Location(held.district, held.street) if held else None


def begin(asked: DeskRequest, kind: str, where: Location, details: dict[str, Any]) -> StoredJob:
    """Write a job, and let a process begin it."""
    made = leases.new_job(kind, where, details, asked.operator.name, asked.now)

    def unit(connection: Connection) -> None:
        stored.add(connection, made)
        asked.note(connection, kind, f"job {made.id}", "upload", "", details.get("upload", ""))

    asked.desk.database.write(unit)
    asked.desk.jobs.look()
    return made


def _job(asked: DeskRequest, job_id: str) -> StoredJob:
    with asked.desk.database.reading() as connection:
        held = stored.get(connection, job_id)
    if held is None:
        raise NoSuchThing
    return held


def _file(asked: DeskRequest, job_id: str, name: str) -> bytes | None:
    with asked.desk.database.reading() as connection:
        return stored.file(connection, job_id, name)


def _tables(asked: DeskRequest) -> dict[str, Any]:
    """The lists and jobs in the scope."""
    snapshot, divisions = asked.desk.snapshot(), asked.desk.divisions()
    with asked.desk.database.reading() as connection:
        found = stored.newest(connection, _NEWEST)
    scope = asked.operator.scope
    return {
        "layers": [
            each
            for each in layers(snapshot)
            if asked.sees(where_of_layer(snapshot, divisions, each.name))
        ],
        "jobs": [each for each in found if asked.sees(Location(each.district, each.street))],
        "own_layer": "" if scope.kind is ScopeKind.CITY else scope.name,
        **labels(asked.language),
        "datums": DATUMS,
        "most": sent_tables.MOST_BYTES // 1_000_000,
        "what": WHAT,
        "states": STATES,
    }


#: What a job does, and how it stands, in words for people.
WHAT: Final[Mapping[str, str]] = {
    "examine": "List examined",
    "publish": "List published",
    "edits": "Edits published",
    "undo": "Import taken back",
    "coverage": "Coverage worked out",
}
DIFFERS: Final[Mapping[str, str]] = {
    "added": "new",
    "removed": "no longer there",
    "changed": "changed",
}
STATES: Final[Mapping[str, str]] = {
    JobState.WAITING: "waits",
    JobState.RUNNING: "at work",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}


def _sent(asked: DeskRequest) -> StoredJob:
    """A table that came, kept, and the job that examines it. Raises BadValue."""
    sent = asked.files.get("table")
    if sent is None or not sent.filename:
        raise BadValue("Which table? Choose a file.")
    snapshot, divisions = asked.desk.snapshot(), asked.desk.divisions()
    if snapshot.about.synthetic:
        raise DeskRefusal(
            "This is made-up demo data, and real places never share a dataset with it; start the"
            " server with another dataset."
        )
    layer = _layer(asked)
    where = where_of_layer(snapshot, divisions, layer)
    asked.require(where)
    name = sent_tables.name_of(sent.filename)
    said = (asked.field("datum"), asked.field("kind"))
    if said[0] not in DATUMS or (said[1] and said[1] not in {*Kind}):
        raise BadValue("Choose the coordinates and the kind from the lists.")
    kept = sent_tables.keep(
        asked.desk.database,
        name,
        sent.stream,
        (layer, where),
        asked.operator.name,
        asked.now,
    )
    details = {
        "upload": kept.id,
        "datum": said[0],
        "kind": said[1],
        "locate": bool(asked.field("locate")),
        **_remembered(asked, layer),
    }
    return begin(asked, "examine", where, details)


def _layer(asked: DeskRequest) -> str:
    """The layer that is sent: of a street office or a district its own, whatever a form says."""
    scope = asked.operator.scope
    stated = scope.name if scope.kind is not ScopeKind.CITY else asked.field("layer")
    if not 0 < len(stated) <= 40 or not stated.isprintable():
        raise BadValue("Whose list is it? Name the street office, or write main.")
    about = next(
        (each for each in layers(asked.desk.snapshot()) if stated in (each.name, each.label)),
        None,
    )
    if about and about.licence.startswith("ODbL"):
        raise DeskRefusal("These places are OpenStreetMap's; mend them there.")
    return stated


def _remembered(asked: DeskRequest, layer: str) -> dict[str, Any]:
    with asked.desk.database.reading() as connection:
        return {
            "columns": edits_stored.mapped(connection, layer, "column"),
            "words": edits_stored.mapped(connection, layer, "word"),
            "kinds": edits_stored.mapped(connection, layer, "kind"),
        }


def _mapped(asked: DeskRequest, held: StoredJob) -> StoredJob:
    """Headings and words that somebody tapped, remembered, and the job that examines it anew."""
    if held.kind != "examine":
        raise NoSuchThing
    said: dict[str, dict[str, str]] = {"column": {}, "word": {}, "kind": {}}
    allowed = {"column": {*FIELDS}, "word": {*map(str, Service)}, "kind": {*map(str, Kind)}}
    for field, meant in asked.fields.items(multi=True):
        what, _, word = field.partition(":")
        if what in said and word and meant in allowed[what]:
            said[what][word[:200]] = meant
    with asked.desk.database.reading() as connection:
        sent = uploads.get(connection, held.details["upload"])
    if sent is None:
        raise NoSuchThing

    def unit(connection: Connection) -> None:
        for what, words in said.items():
            edits_stored.remember(
                connection, sent.layer, what, words, asked.operator.name, asked.now
            )

    asked.desk.database.write(unit)
    details = {**held.details, **_remembered(asked, sent.layer)}
    details["locate"] = bool(asked.field("locate"))
    for name, most in (("datum", {*DATUMS}), ("kind", {"", *map(str, Kind)})):
        if name in asked.fields and asked.field(name) in most:
            details[name] = asked.field(name)
    return begin(asked, "examine", Location(held.district, held.street), details)


def examined_again(asked: DeskRequest, job_id: str) -> StoredJob:
    """A job that examines the table of another one anew. Raises DeskRefusal where that table is
    not kept any more.
    """
    with asked.desk.database.reading() as connection:
        held = stored.get(connection, job_id)
        sent = uploads.get(connection, held.details.get("upload", "")) if held else None
    if held is None or sent is None or sent.at < asked.now - TABLES_KEPT:
        raise DeskRefusal(
            "That list is not kept any more; send it again, and its pins are laid on."
        )
    details = {**held.details, **_remembered(asked, sent.layer)}
    return begin(asked, "examine", Location(held.district, held.street), details)


def _to_publish(asked: DeskRequest, held: StoredJob) -> StoredJob:
    """Raises DeskRefusal where it cannot be published as it was looked at."""
    if held.kind != "examine" or held.state != JobState.DONE:
        raise NoSuchThing
    outcome = held.outcome
    if outcome["refused"] and not asked.field("skip_refused"):
        raise DeskRefusal("Rows are refused; mend them, or tick that they are left out.")
    decided = _decided(asked, outcome["contradictions"])
    only = None if asked.field("all") else sorted({*asked.fields.getlist("take")})
    if only is not None and not only:
        raise DeskRefusal("Nothing is chosen; tick places, or publish all.")
    details = {
        **held.details,
        "seen": outcome["seen"],
        "decided": decided,
        "only": only,
        "skip_refused": bool(asked.field("skip_refused")),
        "insists": bool(asked.field("insists")),
    }
    return begin(asked, "publish", Location(held.district, held.street), details)


def _decided(asked: DeskRequest, contradictions: list[dict[str, Any]]) -> dict[str, bool]:
    """Of each field that two said otherwise whether what was edited stays. Raises DeskRefusal where
    nobody chose.
    """
    decided: dict[str, bool] = {}
    for each in contradictions:
        key = f"{each['id']} {each['field']}"
        said = asked.field(f"decide:{key}")
        if said not in ("keep", "list"):
            raise DeskRefusal(
                "The list and somebody at the desk changed the same field; choose which holds."
            )
        decided[key] = said == "keep"
    return decided


def _with_decisions(asked: DeskRequest, held: StoredJob) -> StoredJob:
    """The same job anew, with what somebody chose where two said otherwise. Raises DeskRefusal."""
    found = held.outcome.get("contradictions", [])
    if held.kind == "examine" or held.state != JobState.FAILED or not found:
        raise NoSuchThing
    if held.kind == "undo":
        _require_newest(asked, held.details["layer"], held.details["version"])
    decided = {**held.details.get("decided", {}), **_decided(asked, found)}
    where = Location(held.district, held.street)
    return begin(asked, held.kind, where, {**held.details, "decided": decided})


def _require_newest(asked: DeskRequest, layer: str, version: str) -> None:
    """Raise DeskRefusal where a layer's newest list is not the one of this version."""
    newest = next((e for e in asked.desk.live.dataset.sent()[::-1] if _is_list(e, layer)), None)
    if newest is None or newest.version != version:
        raise DeskRefusal(
            "This layer was sent or taken back once more since then; take that back first."
        )


def _to_undo(asked: DeskRequest, held: StoredJob) -> StoredJob:
    if held.kind != "publish" or held.state != JobState.DONE:
        raise NoSuchThing
    layer, version = held.outcome["layer"], held.outcome["version"]
    _require_newest(asked, layer, version)
    decided = {
        field.removeprefix("decide:"): meant == "keep"
        for field, meant in asked.fields.items()
        if field.startswith("decide:")
    }
    details = {
        "layer": layer,
        "version": version,
        "before": held.outcome["before"],
        "decided": decided,
    }
    return begin(asked, "undo", Location(held.district, held.street), details)


def _is_list(sent: Any, layer: str) -> bool:
    return sent.layer == layer and str(sent.did) != "edited"


def _shown(asked: DeskRequest, held: StoredJob, fault: NuanfengError | None = None) -> Response:
    headings = _decoded(asked, held, "headings") or []
    values: dict[str, Any] = {
        "job": held,
        "is_over": held.state in OVER,
        "what": WHAT,
        "states": STATES,
        "fault_of_job": held.outcome.get("fault", {}).get(asked.language, ""),
        "gave_up": held.outcome.get("gave_up"),
        "contradictions": _named(asked, held.outcome.get("contradictions", [])),
        "fields_known": FIELDS,
        "labels_of_fields": PLACE_FIELDS,
        "datums": DATUMS,
        **labels(asked.language),
        "differs": DIFFERS,
        "shown": _SHOWN,
        "headings": headings[:_SHOWN],
        "more_headings": max(0, len(headings) - _SHOWN),
    }
    if held.kind == "examine" and held.state == JobState.DONE:
        values |= _examined(asked, held)
    if fault:
        return refused(asked, "job.html", fault, **values)
    return page(asked, "job.html", **values)


def _named(asked: DeskRequest, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contradictions with the names of their places, and who edited the field last."""
    with asked.desk.database.reading() as connection:
        last = {
            (each.place, each.field): each
            for place in {each["id"] for each in found}
            for each in edits_stored.last_by_hand(connection, place)
        }
    snapshot = asked.desk.snapshot()
    told: list[dict[str, Any]] = []
    for each in found:
        there = published(snapshot, each["id"])
        name = (there.texts.get("name") if there else None) or each["id"]
        told.append(each | {"name": name, "last": last.get((each["id"], each["field"]))})
    return told


def _decoded(asked: DeskRequest, held: StoredJob, name: str) -> Any:
    body = _file(asked, held.id, name)
    return msgspec.json.decode(body) if body else None


def _mark(each: Mapping[str, Any]) -> Mark:
    """A place that differs, as the map shows it."""
    lon, lat = each.get("was") or (None, None)
    was = None if lon is None or lat is None else (lon, lat)
    return Mark(each["lon"], each["lat"], each["how"], each["name"], was, f"d-{each['id']}")


def _examined(asked: DeskRequest, held: StoredJob) -> dict[str, Any]:
    report = _decoded(asked, held, f"report {asked.language}")
    diff = _decoded(asked, held, "diff") or []
    return {
        "report": report,
        "diff": diff[:_SHOWN],
        "differing": len(diff),
        "chart": chart(asked, [_mark(each) for each in diff]),
        "rejects": report["rejects"][:_SHOWN],
        "notes": report["notes"][:_SHOWN],
        "words": report["words"][:_SHOWN],
    }
