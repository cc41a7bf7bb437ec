"""What nobody sees in a text: refused in all that people write, told to them by its number.

Such a character hides part of a text, or turns it round so that it reads as another.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from app.response.problems import BadParameters, Fault
from geodata.errors import BadValue

#: Control characters but for tab and line ends; what turns the direction of the text around it, or
#: has no width; tags; and what no XML 1.0 may hold (2.2). The joiners U+200C and U+200D stay: they
#: are part of emoji and of some languages' words.
_UNSHOWN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e"
    "\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)


def require_shown(text: str) -> str:
    """A text, if all of it can be seen. Raises BadValue."""
    for character in unshown(text):
        raise BadValue(
            "The text holds {character}, which nobody sees; take it out, or type the text anew.",
            character=character,
        )
    return text


def faults(members: Mapping[str, object]) -> list[Fault]:
    """Of each member that holds what nobody sees, a fault that names it."""
    return [
        Fault(
            name[:60],
            "It holds {character}, which nobody sees; take it out, or type the text anew.",
            {"character": character},
        )
        for name, value in members.items()
        for character in [*unshown(value)][:1]
    ]


def require_all_shown(members: Mapping[str, object]) -> None:
    """Raise BadParameters where a member holds what nobody sees."""
    if found := faults(members):
        raise BadParameters(found)


def unshown(value: object) -> Iterator[str]:
    """What nobody sees within a value of JSON, as U+202E is written."""
    if isinstance(value, str):
        yield from (f"U+{ord(each):04X}" for each in _UNSHOWN.findall(value))
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from unshown(name)
            yield from unshown(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from unshown(each)
