"""Query strings become values of a Struct here and nowhere else: the API's or BadParameters with
every fault, the pages' as far as they can be read.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import unquote, unquote_plus

import msgspec
from msgspec import Meta

from app.request import shown as shown_room
from app.request import spelling
from app.request.types import Lat, Lon, Minutes
from app.response.problems import BadParameters, Fault

T = TypeVar("T", bound=msgspec.Struct)


def digest(query: msgspec.Struct) -> str:
    """Short and the same for the same values, whatever their order in the URL: part of an ETag."""
    return hashlib.sha256(msgspec.json.encode(query)).hexdigest()[:16]


def fingerprint(content: bytes) -> str:
    """Changes when these bytes do: part of an ETag."""
    return hashlib.sha256(content).hexdigest()[:16]


def stated(query: msgspec.Struct, leave_out: Sequence[str] = ()) -> dict[str, str]:
    """What a query says that is not the default, as a query string has it.

    In the order of its fields.
    """
    usual = {field.name: field.default for field in msgspec.structs.fields(query)}
    said = {
        name: value
        for name in usual
        if (value := getattr(query, name)) not in (usual[name], msgspec.UNSET)
    }
    return {name: _said(value) for name, value in said.items() if name not in leave_out}


def _said(value: Any) -> str:
    plain = msgspec.to_builtins(value)
    return ",".join(map(str, plain)) if isinstance(plain, list | tuple) else str(plain)


def parse(query: str, into: type[T]) -> T:
    """A query string as a value.

    Raises BadParameters with every fault: unknown, repeated, empty, out of range.
    """
    readers = _readers(into)
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, text in _pairs(query):
        if name not in readers:
            names = ", ".join(fields(into))
            faults.append(
                Fault(
                    name[:60],
                    "There is no such parameter here; there are: {names}.",
                    {"names": names},
                )
            )
        elif name in found:
            faults.append(Fault(name, "Given more than once; give it once.", {}))
        else:
            found[name] = readers[name](_plain_text(name, text))
    if not faults:
        try:
            return msgspec.convert(found, into, strict=False)
        except msgspec.ValidationError:
            pass
    raise BadParameters([*faults, *_field_faults(found, into)])


def of_json(sent: bytes, into: type[T]) -> T:
    """A posted JSON object as a value; its members are named as a query's parameters are.

    Raises BadParameters with every fault: unknown, missing, of another type, out of range, or
    with characters that nobody sees.
    """
    try:
        found = msgspec.json.decode(sent, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadParameters([Fault("body", "This is not a JSON object.", {})]) from None
    names = ", ".join(fields(into))
    faults = [
        Fault(name[:60], "There is no such parameter here; there are: {names}.", {"names": names})
        for name in found
        if name not in fields(into)
    ]
    faults += shown_room.faults(found)
    known = {name: value for name, value in found.items() if name in fields(into)}
    if not faults:
        try:
            return msgspec.convert(known, into)
        except msgspec.ValidationError:
            pass
    raise BadParameters([*faults, *_field_faults(known, into, strict=True)])


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What an address says that cannot be read: a page goes on without it, and tells of it."""

    parameter: str
    value: str
    """Short enough to read."""


def forgiving(query: str, into: type[T]) -> tuple[T, tuple[Unreadable, ...]]:
    """A query string as a value, as far as it can be read, and what of it cannot.

    For pages: links are forwarded by apps that add to them. Unknown parameters and empty ones say
    nothing; of a repeated one the first counts, of a list what can be read. Every field of `into`
    has a default.
    """
    readers, hints = _readers(into), fields(into)
    found: dict[str, Any] = {}
    left_out: list[Unreadable] = []
    for name, text in _pairs(query):
        if name not in readers or (not text and get_args(hints[name])[0] is not str):
            continue
        plain = _plain_text(name, text)
        value = readers[name](plain)
        kept, bad = _readable(value, hints[name])
        if bad or (name in found and found[name] != kept):
            left_out.append(Unreadable(name, shown(bad or plain)))
        if kept is not None:
            found.setdefault(name, kept)
    return msgspec.convert(found, into, strict=False), tuple(dict.fromkeys(left_out))


def _readable(value: Any, hint: Any) -> tuple[Any, Any]:
    """What of a value can be read (else None), and what cannot (else None)."""
    if _is_read(value, hint):
        return value, None
    plain = get_args(hint)[0]
    if isinstance(value, list) and get_origin(plain) is tuple and get_args(plain)[1:] == (...,):
        kept = [item for item in value if _is_read([item], plain)]
        bad = [item for item in value if item not in kept]
        if kept and bad and _is_read(kept, hint):
            return kept, bad
    return None, value


def _is_read(value: Any, hint: Any, *, strict: bool = False) -> bool:
    try:
        read = msgspec.convert(value, hint, strict=strict)
    except msgspec.ValidationError:
        return False
    return get_origin(hint) is not Annotated or not _beyond(read, hint)


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    """The names and the texts of a query string, as they were sent."""
    if not query.isascii():
        # Letters that nobody escaped: WSGI hands their bytes over as Latin-1 (PEP 3333).
        query = query.encode("latin-1", "replace").decode("utf-8", "replace")
    for pair in query.split("&") if query else ():
        name, _, text = pair.partition("=")
        yield name, text


def _plain_text(name: str, text: str) -> str:
    # RFC 3339 has no space, but a "+" that nobody escaped is common.
    return text if "%" not in text and "+" not in text else _unquoted(name)(text)


def _unquoted(name: str) -> Callable[[str], str]:
    return unquote if name in ("at", "datetime") else unquote_plus


def _beyond(value: Any, hint: Any) -> bool:
    """Whether a value passes its type but not the narrower range that the document states."""
    stated = get_args(hint)[1].extra_json_schema
    return bool(stated) and not stated["minimum"] <= value <= stated["maximum"]


@cache
def fields(into: type[msgspec.Struct]) -> Mapping[str, Any]:
    """Name -> annotated type of a query's parameters, without UNSET."""
    hints = get_type_hints(into, include_extras=True)
    return {
        field.encode_name: _without_unset(hints[field.name])
        for field in msgspec.structs.fields(into)
    }


def _without_unset(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return hint
    return next((arm for arm in get_args(hint) if arm is not msgspec.UnsetType), hint)


@cache
def _readers(into: type[msgspec.Struct]) -> Mapping[str, Callable[[str], Any]]:
    """Name -> how its text is brought into the form that msgspec converts, or refuses."""
    return {name: _reader(get_args(hint)[0]) for name, hint in fields(into).items()}


def _reader(plain: Any) -> Callable[[str], Any]:
    if get_origin(plain) is not tuple:
        return _READERS.get(plain, str)
    item = get_args(plain)[0]
    return _whole_list if get_args(item)[:1] == (int,) else _list


def _list(text: str) -> Any:
    return text.split(",")


def _whole_list(text: str) -> Any:
    items = text.split(",")
    return items if all(map(spelling.is_whole, items)) else text


def _whole(text: str) -> Any:
    return text if spelling.is_whole(text) else [text]


def _flag(text: str) -> Any:
    return text if spelling.is_flag(text) else [text]


def _instant(text: str) -> Any:
    return spelling.instant(text) or [text]


#: What msgspec would read more generously: a text in a list is neither a number, a flag nor a time.
_READERS: Final[Mapping[Any, Callable[[str], Any]]] = {
    int: _whole,
    bool: _flag,
    datetime: _instant,
}


def _field_faults(
    found: Mapping[str, Any], into: type[msgspec.Struct], *, strict: bool = False
) -> list[Fault]:
    required = {field.encode_name for field in msgspec.structs.fields(into) if field.required}
    faults = [
        Fault(name, "This parameter is required.", {}) for name in sorted(required - found.keys())
    ]
    for name, value in found.items():
        if not _is_read(value, fields(into)[name], strict=strict):
            message, values = allowed(fields(into)[name])
            faults.append(Fault(name, message, {**values, "value": shown(value)}))
    return faults


_PLAIN: Final = {
    bool: "{value} is neither true nor false.",
    datetime: "{value} is not a time like 2026-11-21T02:00:00+08:00, with its offset.",
}


def allowed(hint: Any) -> tuple[str, dict[str, object]]:
    """What a parameter's type allows, as a message and its values."""
    plain, meta, *_ = get_args(hint)
    if plain in (int, float):
        return _within(plain, meta)
    if plain in _PLAIN:
        return _PLAIN[plain], {}
    if plain is str:
        return "{value} is not a text of {low} to {high} characters.", _lengths(meta)
    return _listed(plain, meta)


def _listed(plain: Any, meta: Meta) -> tuple[str, dict[str, object]]:
    """What a list's items may be."""
    if get_origin(plain) is not tuple:
        return "{value} is not one of: {words}.", {"words": ", ".join(plain)}
    item = get_args(plain)[0]
    if get_args(plain) == (Lon, Lat):
        return "{value} is not lon,lat in degrees, like {example}.", {
            "example": (meta.examples or [""])[0]
        }
    if item is float:
        return "{value} is not {low} or {high} numbers, comma-separated.", _lengths(meta)
    if plain == get_args(Minutes)[0]:
        each = get_args(item)[1]
        message = "{value} is not a list of up to {most} whole numbers within {low}–{high}."
        return message, {"low": each.ge, "high": each.le, "most": meta.max_length}
    return "{value} is not a list of: {words}.", {"words": ", ".join(item)}


def _lengths(meta: Meta) -> dict[str, object]:
    return {"low": meta.min_length, "high": meta.max_length}


def _within(plain: type, meta: Meta) -> tuple[str, dict[str, object]]:
    """What a number's range allows."""
    low, high = meta.ge if meta.ge is not None else meta.gt, meta.le
    if meta.extra_json_schema:
        low, high = meta.extra_json_schema["minimum"], meta.extra_json_schema["maximum"]
    if high is None:
        return "{value} is not a whole number of {low} or more.", {"low": low}
    above = meta.gt is not None
    if plain is int:
        return "{value} is not a whole number within {low}–{high}.", {"low": low, "high": high}
    message = (
        "{value} is not a number above {low}, up to {high}."
        if above
        else "{value} is not a number within {low}–{high}."
    )
    return message, {"low": low, "high": high}


#: Of a whole number in a path; no tile has more.
_MOST_DIGITS: Final = 9


def whole(name: str, text: str) -> int:
    """A whole number in a path, in its one spelling. Raises BadParameters."""
    if not spelling.is_whole(text) or text.startswith("-") or len(text) > _MOST_DIGITS:
        message = "{value} is not a whole number of {low} or more."
        raise BadParameters([Fault(name, message, {"low": 0, "value": shown(text)})])
    return int(text)


def shown(value: object) -> str:
    """What a caller sent, short enough to read and never echoed whole."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
