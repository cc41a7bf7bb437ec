"""Places: found, edited on a phone at the door, closed and opened; the waiting list of edits; and
who changed what, when.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from flask import Response, request
from werkzeug.datastructures import MultiDict

from app.db import edits as stored
from app.db import photos
from app.db.database import Connection
from app.db.edits import StoredEdit
from app.db.photos import StoredPhoto
from app.desk import audit, place_edits
from app.desk.charts import Mark, chart
from app.desk.desk import Desk
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.place_edits import FIELDS, Conflict
from app.desk.place_texts import (
    BETWEEN,
    CLOSED,
    POINT,
    STANDING,
    Known,
    folded,
    known,
    layers,
    published,
    where_of_layer,
)
from app.desk.point_evidence import NamedAreas, PointEvidence, apart_m, evidence, spot
from app.desk.roles import CITY, Location, ScopeKind, Verb
from app.desk.tables import DATUMS, begin
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.pages.labels import labels
from app.request.spelling import count
from app.response.refusals import DeskRefusal, NoSuchThing
from app.words import translated
from geodata.errors import BadQuestion, BadValue, NoSuchPlace, NuanfengError
from geodata.search.lookup import Wanted, find
from geodata.snapshot.snapshot import LayerAbout
from geodata.sources.hours_text.reader import reading
from geodata.space.datum import Datum
from geodata.vocabulary import MAIN_LAYER

#: Places that a search shows, and of a place's history so many changes.
_FOUND: Final = 50
_HISTORY: Final = 500
#: The number of an edit is no larger.
_MOST_NUMBER: Final = 2**63 - 1
#: Edits that are published at once.
_MOST_WAITING: Final = 1_000
#: How a field came to be another one, in words for people.
HOW: Final[Mapping[str, str]] = {
    "edited": "edited at the desk",
    "refused": "not taken over",
    "imported": "by a list",
    "went back": "a list was taken back",
}
#: What the history says of whether a place is there.
STANDINGS: Final[Mapping[str, str]] = {
    "new": "added at the desk",
    "closed": "closed",
    "listed": "on the list",
}
#: Of places that are OpenStreetMap's.
MENDED_THERE: Final = "These places are OpenStreetMap's; mend them there."
_PERSONAL: Final = frozenset({"phones"})


def add(views: Views) -> None:
    """Add the pages of places and edits."""
    _add_reading(views)
    _add_editing(views)
    _add_new(views)
    _add_waiting(views)


def _add_reading(views: Views) -> None:
    @views.add("/desk/places", Verb.SEE, ViewReach.LIST)
    def places(asked: DeskRequest) -> Response:
        text = request.args.get("q", "").strip()[:60]
        return page(asked, "places.html", q=text, found=_found(asked, text), **_labels(asked))

    @views.add("/desk/places/<place>/history", Verb.SEE, ViewReach.THING, where=where_of_place)
    def history(asked: DeskRequest, place: str) -> Response:
        with asked.desk.database.reading() as connection:
            held = required_place(asked, connection, place)
            rows = stored.history(connection, place, _HISTORY)
        return page(asked, "place_history.html", **_history(asked, held, rows))

    @views.add("/desk/places/<place>", Verb.SEE, ViewReach.THING, where=where_of_place)
    def one(asked: DeskRequest, place: str) -> Response:
        with asked.desk.database.reading() as connection:
            held = required_place(asked, connection, place)
        return _form(asked, held, _filled(held))


def _add_editing(views: Views) -> None:
    @views.add("/desk/places/<place>", Verb.EDIT, ViewReach.THING, post=True, where=where_of_place)
    def edit(asked: DeskRequest, place: str) -> Response:
        with asked.desk.database.reading() as connection:
            held = required_place(asked, connection, place)
        if asked.field("act") == "read":
            return _form(asked, held, _with_built(asked))
        try:
            found = _point_evidence(asked, held)
            if found and (asked.field("act") == "look" or _is_doubtful(asked, found)):
                return _form(asked, held, _in_wgs84(asked), found=found)
            conflicts = _edited(asked, held)
        except NuanfengError as fault:
            return _form(asked, held, asked.fields, fault)
        if conflicts:
            with asked.desk.database.reading() as connection:
                held = required_place(asked, connection, place)
            return _form(asked, held, asked.fields, None, conflicts)
        return sent_on(f"/desk/places/{place}")

    @views.add(
        "/desk/places/<place>/standing", Verb.EDIT, ViewReach.THING, post=True, where=where_of_place
    )
    def stand(asked: DeskRequest, place: str) -> Response:
        closes = asked.field("closes") == "1"
        with asked.desk.database.reading() as connection:
            held = required_place(asked, connection, place)
        if held.is_osm:
            return _form(asked, held, _filled(held), DeskRefusal(MENDED_THERE))
        made = place_edits.standing(
            held,
            closes=closes,
            by=asked.operator.name,
            reason=asked.field("reason"),
            now=asked.now,
        )
        if held.is_closed != closes:
            write_edits(asked, [made])
        return sent_on(f"/desk/places/{place}")


def _add_new(views: Views) -> None:
    @views.add("/desk/new-place", Verb.EDIT, ViewReach.LIST)
    def new(asked: DeskRequest) -> Response:
        return page(asked, "place_edit.html", **_new_values(asked, MultiDict()))

    @views.add("/desk/new-place", Verb.EDIT, ViewReach.LIST, post=True)
    def make(asked: DeskRequest) -> Response:
        if asked.field("act") == "read":
            return page(asked, "place_edit.html", **_new_values(asked, _with_built(asked)))
        try:
            found = _point_evidence(asked, None)
            if found and (asked.field("act") == "look" or _is_doubtful(asked, found)):
                return _new_form(asked, found)
            made = _made(asked)
        except NuanfengError as fault:
            return refused(asked, "place_edit.html", fault, **_new_values(asked, asked.fields))
        return sent_on(f"/desk/places/{made}")


def _add_waiting(views: Views) -> None:
    @views.add("/desk/waiting", Verb.EDIT, ViewReach.LIST)
    def waiting(asked: DeskRequest) -> Response:
        return _waiting_page(asked)

    @views.add("/desk/waiting", Verb.PUBLISH, ViewReach.LIST, post=True)
    def decide(asked: DeskRequest) -> Response:
        try:
            job = _decided(asked)
        except NuanfengError as fault:
            return _waiting_page(asked, fault)
        return sent_on(f"/desk/jobs/{job}" if job else "/desk/waiting")


def where_of_place(desk: Desk, connection: Connection, place: str) -> Location | None:
    """Location a place lies; of one that is not published yet, or no more, whose its layer is."""
    held = known(desk.snapshot(), desk.divisions(), connection, place)
    return held.where if held else None


def required_place(asked: DeskRequest, connection: Connection, place: str) -> Known:
    """A place of an address. Raises NoSuchThing."""
    held = known(asked.desk.snapshot(), asked.desk.divisions(), connection, place)
    if held is None:
        raise NoSuchThing
    return held


def _history(asked: DeskRequest, held: Known, rows: list[StoredEdit]) -> dict[str, Any]:
    """Who changed what, of one field or of all; and of each field who said what stands there."""
    field = request.args.get("field", "")
    last: dict[str, StoredEdit] = {}
    for each in rows:
        last.setdefault(each.field, each)
    shown = [each for each in rows if field in ("", each.field)]
    return {
        "place": held,
        "rows": shown,
        "counts": Counter(each.field for each in rows),
        "field": field,
        "stands": [
            (name, held.texts.get(name), last.get(name), name in held.waiting)
            for name in FIELDS
            if (held.texts.get(name) or name in last) and field in ("", name)
        ],
        "moved": {each.number: apart_m(each.base, each.value) for each in shown if _is_move(each)},
        "chart": chart(asked, _course(rows)),
        "how": HOW,
        **_labels(asked),
    }


def _is_move(each: StoredEdit) -> bool:
    return each.field == POINT and bool(each.base) and bool(each.value)


def _course(rows: list[StoredEdit]) -> list[Mark]:
    """Where a place was, from point to point; none where it never moved."""
    moves = [each for each in rows if _is_move(each) and each.base != each.value]
    return [
        Mark(*spot(each.value), "changed", f"{each.at:%Y-%m-%d} {each.by}", spot(each.base))
        for each in moves
        if each.value and each.base
    ]


def _found(asked: DeskRequest, text: str) -> list[tuple[str, Mapping[str, str | None]]]:
    """Places of a name, or of an id, in the scope."""
    snapshot = asked.desk.snapshot()
    if not text:
        return []
    there = published(snapshot, text)
    if there is not None:
        return [(text, there.texts)] if asked.sees(there.where) else []
    try:
        hits = find(snapshot, Wanted(text, _FOUND)).hits
    except BadQuestion:
        return []
    ids = [snapshot.id_of(hit.row) for hit in hits if not hit.is_spot]
    each = [(place_id, published(snapshot, place_id)) for place_id in ids]
    return [(name, held.texts) for name, held in each if held and asked.sees(held.where)]


def _point_evidence(asked: DeskRequest, held: Known | None) -> PointEvidence | None:
    """What speaks for and against the point of a form; None: it has none, or leaves it as it is.

    Raises BadValue.
    """
    text = asked.field(POINT)
    if not text or (asked.field("act") != "look" and text == asked.field(f"seen:{POINT}")):
        return None
    snapshot = asked.desk.snapshot()
    is_old = text == asked.field(f"seen:{POINT}")
    point = place_edits.point_of(text, snapshot, "" if is_old else asked.field("datum"))
    if held is not None:
        where = held.where
        old = held.texts.get(POINT) or ""
    else:
        layer = asked.field("layer") or MAIN_LAYER
        where, old = where_of_layer(snapshot, asked.desk.divisions(), layer), ""
    named = NamedAreas(where.district, where.street, asked.field("address"))
    return evidence(asked, point, old, named)


def _is_doubtful(asked: DeskRequest, found: PointEvidence) -> bool:
    """Whether somebody must say that a point is right all the same, and has not."""
    return bool(found.against) and not asked.field("sure")


def _in_wgs84(asked: DeskRequest) -> MultiDict[str, str]:
    """The form with its point in the datum that the map has."""
    fields = MultiDict(asked.fields)
    if fields.get(POINT) != fields.get(f"seen:{POINT}"):
        snapshot = asked.desk.snapshot()
        fields[POINT] = place_edits.point_of(asked.field(POINT), snapshot, asked.field("datum"))
    fields["datum"] = str(Datum.WGS84)
    return fields


def _new_form(asked: DeskRequest, found: PointEvidence) -> Response:
    status = 409 if found.against else 200
    values = _new_values(asked, _in_wgs84(asked)) | {"found": found}
    return page(asked, "place_edit.html", status, **values)


def _filled(held: Known) -> MultiDict[str, str]:
    """A form as it is before anybody changes it."""
    said: MultiDict[str, str] = MultiDict()
    for field, text in held.texts.items():
        said[f"seen:{field}"] = text or ""
        if field in ("services", "audience"):
            said.setlist(field, (text or "").split(BETWEEN))
        else:
            said[field] = (text or "").replace(BETWEEN, " ; ") if field == "phones" else text or ""
    return said


def _with_built(asked: DeskRequest) -> MultiDict[str, str]:
    """The form with the words that the builder's rows come to."""
    fields = MultiDict(asked.fields)
    if words := place_edits.built(fields):
        fields["opening_hours_text"] = words
    return fields


def _values(asked: DeskRequest, fields: MultiDict[str, str]) -> dict[str, Any]:
    words = fields.get("opening_hours_text", "").strip()
    read = reading(words) if words else None
    return {
        "fields": fields,
        "read": read,
        "why": translated(asked.language, read.why) if read and read.why else "",
        "days": place_edits.DAYS,
        "datums": {name: label for name, label in DATUMS.items() if name},
        "found": None,
        "chart": chart(asked),
        **_labels(asked),
    }


def _labels(asked: DeskRequest) -> dict[str, Any]:
    """Words for people, in the asker's language."""
    named = labels(asked.language)
    worded = {
        "kind": named["kinds"],
        "services": named["services"],
        "door": named["doors"],
        "audience": named["audiences"],
        "fee": named["fees"],
        "wheelchair": named["wheelchairs"],
    }
    return {
        "labels": FIELDS,
        "worded": worded,
        "standings": STANDINGS,
        **named,
        "POINT": POINT,
        "STANDING": STANDING,
        "CLOSED": CLOSED,
    }


def _form(
    asked: DeskRequest,
    held: Known,
    fields: MultiDict[str, str],
    fault: NuanfengError | None = None,
    conflicts: list[Conflict] | None = None,
    found: PointEvidence | None = None,
) -> Response:
    with asked.desk.database.reading() as connection:
        shown = photos.of(connection, held.id, shown=True)
        waits = photos.of(connection, held.id, shown=False)
    values = {
        "place": held,
        "photo": shown,
        "photo_waits": waits,
        "conflicts": conflicts or [],
        "by_field": {each.field: each for each in conflicts or []},
        **_values(asked, fields),
        "found": found,
    }
    if fault:
        return refused(asked, "place_edit.html", fault, **values)
    unsure = conflicts or (found and found.against)
    return page(asked, "place_edit.html", 409 if unsure else 200, **values)


def _edited(asked: DeskRequest, held: Known) -> list[Conflict]:
    """Write what a form changes; or, where somebody else changed the same, write nothing and give
    both. Raises BadValue and DeskRefusal.
    """
    if held.is_osm:
        raise DeskRefusal(MENDED_THERE)
    snapshot, divisions = asked.desk.snapshot(), asked.desk.divisions()
    said = place_edits.proposed(asked.fields, snapshot, asked.now, asked.operator.name)
    there = published(snapshot, held.id)

    def unit(connection: Connection) -> list[Conflict]:
        last = {each.field: each for each in stored.last_by_hand(connection, held.id)}
        now = folded(snapshot, divisions, held.id, there, last)
        changed, conflicts = place_edits.changes(now, said, asked.fields)
        if not conflicts:
            made = place_edits.edits_of(now, changed, asked.operator.name, asked.now)
            _note(asked, connection, made)
        return conflicts

    return asked.desk.database.write(unit)


def write_edits(asked: DeskRequest, made: list[StoredEdit]) -> None:
    """Write edits, and in the audit that they were made."""
    asked.desk.database.write(lambda connection: _note(asked, connection, made))


def _note(asked: DeskRequest, connection: Connection, made: list[StoredEdit]) -> None:
    """Write edits, and that they were made."""
    stored.add(connection, made)
    for each in made:
        thing, texts = f"place {each.place}", (each.base or "", each.value or "")
        if each.field in _PERSONAL:
            keys = asked.desk.keys
            texts = (
                audit.personal(keys, thing, each.field, texts[0]),
                audit.personal(keys, thing, each.field, texts[1]),
            )
        asked.note(connection, "edit", thing, each.field, *texts)


def _own_layers(asked: DeskRequest) -> list[Any]:
    """The layers that a new place may join; of a part of the city always its own, which its first
    place makes.
    """
    snapshot, divisions = asked.desk.snapshot(), asked.desk.divisions()
    every = [each for each in layers(snapshot) if not each.licence.startswith("ODbL")]
    mine = [each for each in every if asked.sees(where_of_layer(snapshot, divisions, each.name))]
    scope = asked.operator.scope
    if scope.kind is ScopeKind.CITY:
        return every
    if scope.name not in {each.label for each in layers(snapshot)} and not snapshot.about.synthetic:
        mine.append(LayerAbout(scope.name, scope.name, 0, "", "", ""))
    return mine


def _new_values(asked: DeskRequest, fields: MultiDict[str, str]) -> dict[str, Any]:
    return {
        "place": None,
        "conflicts": [],
        "by_field": {},
        "own_layers": _own_layers(asked),
        **_values(asked, fields),
    }


def _made(asked: DeskRequest) -> str:
    """The id of a place that somebody added. Raises BadValue."""
    chosen = asked.field("layer") or MAIN_LAYER
    if chosen not in {each.name for each in _own_layers(asked)}:
        raise BadValue("Choose whose list the place joins.")
    snapshot = asked.desk.snapshot()
    said = place_edits.proposed(asked.fields, snapshot, asked.now, asked.operator.name)
    made = place_edits.new_place(said, chosen, asked.operator.name, asked.now)
    write_edits(asked, made)
    return made[0].place


def waits(asked: DeskRequest, connection: Connection) -> list[Known]:
    """The places in the scope of which anything waits."""
    every = asked.desk.edits.places(connection, asked.desk.snapshot(), asked.desk.divisions())
    return [each for each in every if asked.sees(each.where)]


def _waiting_page(asked: DeskRequest, fault: NuanfengError | None = None) -> Response:
    with asked.desk.database.reading() as connection:
        found = waits(asked, connection)
        sent = photos.waiting(connection)
    marks = [_mark(each) for each in found if each.texts.get(POINT)]
    here = paged(found)
    values = {
        "found": here,
        "photos": list(islice(_photos(asked, sent), _FOUND)),
        "chart": chart(asked, marks),
        "moved": {
            each.waiting[POINT].number: apart_m(each.waiting[POINT].base, each.waiting[POINT].value)
            for each in here.shown
            if POINT in each.waiting and _is_move(each.waiting[POINT])
        },
        **_labels(asked),
    }
    if fault:
        return refused(asked, "waiting.html", fault, **values)
    return page(asked, "waiting.html", **values)


def _mark(held: Known) -> Mark:
    """A place of which something waits, with where it is till then."""
    moves = held.waiting.get(POINT)
    was = spot(moves.base) if moves and moves.base and held.is_published else None
    name = held.texts.get("name") or held.id
    return Mark(*spot(held.texts.get(POINT) or ""), _how(held), name, was, f"w-{held.id}")


def _photos(asked: DeskRequest, sent: Sequence[StoredPhoto]) -> Iterator[tuple[str, str]]:
    """The places in the scope of which a photo waits, with their names."""
    snapshot = asked.desk.snapshot()
    for each in sent:
        with suppress(NoSuchPlace):  # it was taken off the list since then
            name = snapshot.name_of(snapshot.row_of(each.place))
            if asked.sees(asked.desk.where_of_place(each.place)):
                yield each.place, name or each.place


def _how(held: Known) -> str:
    if not held.is_published:
        return "added"
    return "removed" if held.is_closed else "changed"


def _decided(asked: DeskRequest) -> str | None:
    """The job that publishes what was chosen; None: it was refused instead. Raises DeskRefusal."""
    chosen = {count(each, _MOST_NUMBER) for each in asked.fields.getlist("take")}
    with asked.desk.database.reading() as connection:
        found = waits(asked, connection)
    waiting = [
        (held, each)
        for held in found
        for each in held.waiting.values()
        if asked.field("act") == "all" or each.number in chosen
    ][:_MOST_WAITING]
    if not waiting:
        raise DeskRefusal("Nothing is chosen; tick edits, or publish all.")
    if asked.field("act") == "refuse":
        _refuse(asked, waiting)
        return None
    numbers = [each.number for _, each in _whole(waiting)]
    scope = asked.operator.scope
    where = CITY if scope.kind is ScopeKind.CITY else asked.desk.divisions().of_scope(scope)
    return begin(asked, "edits", where, {"numbers": numbers}).id


def _whole(waiting: list[tuple[Known, StoredEdit]]) -> list[tuple[Known, StoredEdit]]:
    """A new place is published with all that was said of it."""
    whole = {each.number: (held, each) for held, each in waiting}
    for held, _ in waiting:
        if not held.is_published:
            whole |= {each.number: (held, each) for each in held.last.values()}
    return [whole[number] for number in sorted(whole)]


def _refuse(asked: DeskRequest, waiting: list[tuple[Known, StoredEdit]]) -> None:
    """What is published stays; the edit is written off, with who said so and why."""
    snapshot = asked.desk.snapshot()
    made: list[StoredEdit] = []
    for held, each in waiting:
        there = published(snapshot, held.id)
        if each.field == STANDING:
            value = CLOSED if there is None else None
        else:
            value = there.texts.get(each.field) if there else None
        made.append(
            each._replace(
                value=value,
                base=each.value,
                how="refused",
                by=asked.operator.name,
                at=asked.now,
                reason=asked.field("reason")[:400],
            )
        )
    write_edits(asked, made)
