"""Where riders wish for a place, as a page without scripts: a map, a table and a form."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from flask import Blueprint, Response, g, request
from msgspec import UNSET

from app.live.current import Live
from app.pages import rendering
from app.pages.city import City, city
from app.pages.city_drawing import drawn, path, projection
from app.pages.labels import labels
from app.request import parsing, queries
from app.request.directory import MOST_NOTE, EventQuery, WishPageQuery, WishPost
from app.request.posted import form
from app.request.spelling import count
from app.response import problems
from app.voice import posting, wishes
from app.voice.posting import MOST_BYTES, Voice
from app.voice.wishes import CellWishes, LiveWishes, WishState
from app.words import Language, say
from geodata.errors import NuanfengError
from geodata.search.cells import decode, encode

_KEY_BYTES: Final = 16
_LAST_HOUR: Final = 23
#: Of the circles on the map: the smallest, and how they grow with the root of a count.
_LEAST_RADIUS: Final = 6.0
_GROWS: Final = 3.0


def blueprint(live: Live, voice: Voice, wished: LiveWishes) -> Blueprint:
    """`/wishes`, and what its form sends."""
    pages = Blueprint("wish_pages", __name__)

    @pages.get("/wishes")
    def wishes_page() -> Response:
        query = rendering.asked(WishPageQuery)
        fields = {} if query.cell is UNSET else {"cell": query.cell}
        needs = [] if query.needs is UNSET else [str(need) for need in query.needs]
        return _wishes(live, wished, fields, needs)

    @pages.post("/wishes")
    def wish() -> Response:
        rendering.asked(EventQuery)
        posting.require_own(request)
        sent, fields = form(request, MOST_BYTES)
        needs = [name.removeprefix("need-") for name in fields if name.startswith("need-")]
        try:
            asked = posting.stated(request, posting.key_of(fields.get("key")), sent, queries.now())
            said = parsing.of_json(msgspec.json.encode(_said(live, fields, needs)), WishPost)
            wishes.receive(voice, asked, said, live.snapshot())
        except NuanfengError as fault:
            return _wishes(live, wished, fields, needs, fault)
        return _wishes(live, wished, {"cell": said.cell}, [], is_taken=True)

    return pages


class WishCircle(NamedTuple):
    """A cell on the map of wishes."""

    x: float
    y: float
    radius: float
    state: str
    title: str


class WishLine(NamedTuple):
    """A cell in the table of wishes."""

    where: str
    wishes: str
    needs: str
    state: str
    reason: str


def _wishes(
    live: Live,
    wished: LiveWishes,
    fields: Mapping[str, str],
    needs: Sequence[str],
    fault: NuanfengError | None = None,
    *,
    is_taken: bool = False,
) -> Response:
    """The map, the table and the form; after a fault with all that was chosen."""
    g.setdefault("left_out", ())
    found, language = city(live), rendering.language()
    status, said, retry_s = problems.told(fault) if fault else (201 if is_taken else 200, "", 0)
    project, height = projection(found.ground)
    cells = wished.told()
    lines = [_wish_line(each, found, language) for each in cells]
    return rendering.private_page(
        "wishes.html",
        status,
        retry_s,
        fault=said,
        is_taken=is_taken,
        fields=fields,
        chosen=needs,
        key=secrets.token_urlsafe(_KEY_BYTES),
        most_note=MOST_NOTE,
        fewest=wishes.FEWEST,
        needs=labels(language)["needs"],
        modes=labels(language)["modes"],
        near=_near(found, fields.get("cell", ""), language),
        offices=found.by_district(),
        outlines=[
            "".join(path(ring, project) for ring in rings) for rings in found.ground.outlines
        ],
        height=height,
        circles=[_circle(each, line, project) for each, line in zip(cells, lines, strict=True)],
        lines=lines,
        **rendering.other_language(),
        **rendering.about(found),
    )


def _circle(wished: CellWishes, line: WishLine, project: Mapping[str, float]) -> WishCircle:
    x, y = drawn(*decode(wished.cell).middle, project)
    radius = _LEAST_RADIUS + _GROWS * wished.count**0.5
    title = f"{line.where}: {line.wishes}, {line.state}"
    return WishCircle(round(x, 1), round(y, 1), round(radius, 1), str(wished.state), title)


def _wish_line(wished: CellWishes, found: City, language: Language) -> WishLine:
    names = labels(language)["needs"]
    needs = [
        f"{names[need]} {count}"
        for need, count in wished.needs.most_common()
        if count >= wishes.FEWEST
    ]
    return WishLine(
        _near(found, wished.cell, language),
        f"{wished.count:,}",
        say(language, ", ").join(needs) or "–",
        state_texts(language)[wished.state],
        wished.reason,
    )


def state_texts(language: Language) -> dict[WishState, str]:
    """What became of wishes, in words."""
    return {
        WishState.OPEN: say(language, "still wished for"),
        WishState.KEPT: say(language, "kept for later"),
        WishState.BUILT: say(language, "built"),
        WishState.REFUSED: say(language, "not to be built"),
    }


def _near(found: City, cell: str, language: Language) -> str:
    """A cell in words: the street office whose middle is nearest, and its degrees."""
    try:
        lon, lat = decode(cell).middle
    except NuanfengError:
        return ""
    degrees = f"{lat:.2f}° N {lon:.2f}° E"
    offices = found.ground.offices
    if not offices:
        return degrees
    office = min(offices, key=lambda each: (each.lon - lon) ** 2 + (each.lat - lat) ** 2)
    name = office.name if language is Language.CHINESE else office.name_en or office.name
    return say(language, "near {name} ({degrees})", name=name, degrees=degrees)


def _said(live: Live, fields: Mapping[str, str], needs: Sequence[str]) -> dict[str, Any]:
    """What the form says, as the API has it: of a street office its middle."""
    cell = fields.get("cell", "")
    office = city(live).office(fields.get("office", "")) if not cell else None
    if office is not None:
        cell = encode(office.lon, office.lat, 6)
    hour, note = fields.get("hour", ""), fields.get("note", "").strip()
    read_hour = count(hour, _LAST_HOUR)  # what is none is refused as it was sent
    return {
        "cell": cell,
        "needs": needs,
        "mode": fields.get("mode", ""),
        **({"hour": hour if read_hour is None else read_hour} if hour else {}),
        **({"note": note} if note else {}),
    }
