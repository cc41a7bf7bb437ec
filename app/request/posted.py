"""Posted points become values."""

import re
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl

import msgspec
import numpy as np
from flask import Request
from msgspec import Meta
from numpy.typing import NDArray
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from app.request.queries import as_wgs84
from app.response.connections import AWAITED
from app.response.headers import GEOJSON, JSON
from app.response.limits import MOST_FIELDS
from app.response.problems import BadParameters, Fault, TooMany
from geodata.space.coordinates import Datum

#: A position of GeoJSON: lon, lat, and perhaps a height.
Position = Annotated[
    list[Annotated[float, Meta(ge=-180, le=180)]], Meta(min_length=2, max_length=3)
]
#: Points of one batch.
MOST_POSTED: Final = 10_000
Positions = Annotated[list[Position], Meta(max_length=MOST_POSTED)]


class MultiPoint(msgspec.Struct, frozen=True):
    """Of a GeoJSON MultiPoint (RFC 7946, 3.1.3) what is read; other members are allowed."""

    type: Literal["MultiPoint"]
    coordinates: list[Position]


_points_in: Final = msgspec.json.Decoder(MultiPoint | list[Position]).decode


def body(request: Request) -> bytes:
    """The JSON that was sent.

    Aborts by 415 where it is called something else, by 413 where it is too long, by 400 where its
    end did not come: the server takes a connection that breaks for the end of a body.
    """
    if request.mimetype not in (JSON, GEOJSON):
        raise UnsupportedMediaType
    with AWAITED.one():
        sent = request.get_data(cache=False)
    if len(sent) < (request.content_length or 0):
        raise ClientDisconnected
    return sent


#: What a page without scripts sends.
FORM: Final = "application/x-www-form-urlencoded"


def form(request: Request, most_bytes: int) -> tuple[bytes, dict[str, str]]:
    """What a form sent, and its fields; of one that stands several times the last counts.

    Aborts as `form_pairs` does.
    """
    sent, pairs = form_pairs(request, most_bytes, MOST_FIELDS)
    return sent, dict(pairs)


def form_pairs(
    request: Request, most_bytes: int, most_fields: int
) -> tuple[bytes, list[tuple[str, str]]]:
    """What a form sent, and its fields one by one; lines end as a phone ends them, by a line feed
    alone.

    Aborts as `body` does, and by 400 where there are more fields, or where one holds a zero byte:
    PostgreSQL keeps no text with one, and what one database keeps the other must take over.
    """
    if request.mimetype != FORM:
        raise UnsupportedMediaType
    if (request.content_length or 0) > most_bytes:
        raise RequestEntityTooLarge
    with AWAITED.one():
        sent = request.get_data(cache=False)
    if len(sent) < (request.content_length or 0):
        raise ClientDisconnected
    try:
        fields = parse_qsl(
            sent.decode(), keep_blank_values=True, errors="strict", max_num_fields=most_fields
        )
    except ValueError:
        raise BadRequest from None
    if any("\0" in name or "\0" in value for name, value in fields):
        raise BadRequest
    return sent, [(name, value.replace("\r\n", "\n")) for name, value in fields]


def points(sent: bytes, datum: Datum) -> NDArray[np.float64]:
    """A GeoJSON MultiPoint or a JSON list of lon, lat (and heights, unread) as WGS-84, shape (n,
    2).

    Raises BadParameters, which names the fault's place, or TooMany for more than MOST_POSTED.
    """
    try:
        read = _points_in(sent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        where = re.search(r"\$\S*(?=`)", str(fault))
        values = {"where": where[0] if where else "$"}
        raise BadParameters(
            [
                Fault(
                    "body",
                    "Neither a GeoJSON MultiPoint nor a list like [[104.0645,30.6605]]; the fault"
                    " is at {where}.",
                    values,
                )
            ]
        ) from None
    listed = read if isinstance(read, list) else read.coordinates
    if len(listed) > MOST_POSTED:
        raise TooMany(
            "{points} points were sent; at most {most} are taken at once.",
            points=len(listed),
            most=MOST_POSTED,
        )
    return as_wgs84(np.array([each[:2] for each in listed], np.float64).reshape(-1, 2), datum)
