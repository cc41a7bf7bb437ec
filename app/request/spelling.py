"""How whole numbers, flags and times are spelt in an address: one way each, in ASCII."""

import re
from datetime import datetime, timedelta
from typing import Final

import msgspec

#: No sign but a minus, no leading zero, no exponent, no point.
_WHOLE: Final = re.compile("0|-?[1-9][0-9]*")
_FLAGS: Final = frozenset({"true", "false", "1", "0"})
_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:(?P<second>[0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})"
)


def is_whole(text: str) -> bool:
    """Whether a text is a whole number."""
    return _WHOLE.fullmatch(text) is not None


def count(text: str, most: int) -> int | None:
    """The whole number of 0 to `most` that a field of a form says; None: it says no such number.

    However many digits there are: Python itself refuses to read more than 4,300 of them.
    """
    digits = text.lstrip("0") or text[:1]
    if not (text.isascii() and text.isdecimal()) or len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if number <= most else None


def is_flag(text: str) -> bool:
    """Whether a text says yes or no."""
    return text in _FLAGS


def instant(text: str) -> datetime | str | None:
    """A time of RFC 3339 for msgspec to read, which alone would take seconds since 1970 for one.

    Second 60, which a minute with a leap second has, is the first of the next minute. None for
    anything else.
    """
    parts = _RFC_3339.fullmatch(text)
    if parts is None or parts["second"] != "60":
        return text if parts else None
    start, end = parts.span("second")
    try:
        return msgspec.convert(f"{text[:start]}59{text[end:]}", datetime) + timedelta(seconds=1)
    except (msgspec.ValidationError, OverflowError):
        return None
