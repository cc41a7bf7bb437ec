"""What this server answers the examples of its own document, cut short to be read.

Words nothing: what is not JSON is shown by its first lines.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import Flask
from werkzeug.wrappers import Response

from app.response import hosts, problems
from app.response.concurrency import WITHIN
from app.response.mount import root

#: Of a list of values the first so many, of one of objects or of lists fewer.
_VALUES: Final = 5
_OBJECTS: Final = 1
_MOST_OF_ROW: Final = 20
#: Of an object whose shape no type describes.
_KEYS: Final = 3
_LINES: Final = 12
_LINE_LETTERS: Final = 160
#: Answers of so many versions are kept, under each path that the server is mounted at.
_KEPT: Final = 4


class Call(NamedTuple):
    """An example of an operation: its address with the query, and what is posted to it."""

    address: str
    body: str
    is_described: bool
    """Whether a type says what shape the answer has."""


class ExampleReplies:
    """The answers to calls, asked once for each version, whatever the server is called."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Mapping[str, str]] = {}

    def of(
        self, app: Flask, root_url: str, version: str, calls: Mapping[str, Call]
    ) -> Mapping[str, str]:
        """By the name of each call its answer as text, as at `root_url`; none where it is no
        text.
        """
        own_url = f"http://{hosts.own_name(app)}{root()}/"
        key = (version, own_url)
        if (held := self._held.get(key)) is None:
            answers = {name: _answer(app, own_url, call) for name, call in calls.items()}
            held = {name: text for name, text in answers.items() if text}
            if None not in answers.values():
                while len(self._held) >= _KEPT:
                    self._held.pop(next(iter(self._held)), None)
                self._held[key] = held
        return {name: text.replace(own_url, root_url) for name, text in held.items()}


def _answer(app: Flask, own_url: str, call: Call) -> str | None:
    """None where the server has none just now, empty where it is no text."""
    with app.test_client().open(
        call.address,
        base_url=own_url,
        method="POST" if call.body else "GET",
        data=call.body or None,
        content_type="application/json" if call.body else None,
        headers={"Accept": "application/json, */*;q=0.5"},
        environ_overrides={WITHIN: True},
    ) as reply:
        if reply.status_code in problems.TRANSIENT:
            return None
        if (reply.mimetype or "").endswith("json"):
            value = short(json.loads(reply.data), _VALUES * 100 if call.is_described else _KEYS)
            return json.dumps(value, indent=1, ensure_ascii=False)
        return _first_lines(reply)


def short(value: Any, keys: int) -> Any:
    """A value of JSON with the beginning of every list, and so many keys of every object. A list
    of parts of several types is a row, and stays whole.
    """
    if isinstance(value, dict):
        return {name: short(part, keys) for name, part in list(value.items())[:keys]}
    if isinstance(value, list):
        if _is_row(value):
            return [short(part, keys) for part in value]
        most = _OBJECTS if value and _is_large(value[0]) else _VALUES
        return [short(part, keys) for part in value[:most]]
    return value


def _is_row(value: list[Any]) -> bool:
    """Whether its parts mean something by their place: numbers, words and nothing, mixed."""
    return len(value) <= _MOST_OF_ROW and len({type(part) for part in value}) > 1


def _is_large(part: Any) -> bool:
    return isinstance(part, (dict, list))


def _first_lines(reply: Response) -> str:
    if not (reply.mimetype or "").startswith(("text/", "application/atom", "application/cap")):
        return ""
    lines = reply.get_data(as_text=True).splitlines()[:_LINES]
    return "\n".join(line[:_LINE_LETTERS] for line in lines)
