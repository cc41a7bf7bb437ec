"""What a post of a letter, or about one, may say."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

MOST_TEXT: Final = 2_000
#: Of what is short: where something is, how to reach somebody.
MOST_LINE: Final = 200


class Category(StrEnum):
    """What a letter is about."""

    STATION = "station"
    PLATFORM = "platform"
    PAY = "pay"
    SAFETY = "safety"
    BENEFITS = "benefits"
    PRAISE = "praise"
    ROADSIDE = "roadside"
    """A road, a drain, a lamp (随手拍): handed over to the city's hotline 12345."""


class HoldersWord(StrEnum):
    """What who holds a receipt may say of a letter."""

    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    WITHDRAWN = "withdrawn"


Receipt = Annotated[
    str,
    Meta(
        min_length=16,
        max_length=40,
        description=(
            "16 characters of Crockford's base 32, made of 80 random bits by who writes; whoever"
            " has it can read the letter and its answers."
        ),
        examples=["7Z3K-9QXM-2B8T-WEHC"],
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=MOST_TEXT, description="What it says.")]


class LetterPost(msgspec.Struct, frozen=True, kw_only=True):
    """A letter."""

    category: Annotated[Category, Meta(description="What it is about.")]
    text: Text
    receipt: Receipt
    street: Annotated[
        str,
        Meta(
            min_length=0,
            max_length=80,
            description=(
                "The name of the street office that is to answer; by default that of the place,"
                " else the city's answerers."
            ),
        ),
    ] = ""
    place: Annotated[
        str, Meta(min_length=0, max_length=40, description="The id of the place it is about.")
    ] = ""
    where: Annotated[
        str,
        Meta(
            min_length=0,
            max_length=MOST_LINE,
            description="Where it is, of a road, a drain or a lamp.",
        ),
    ] = ""
    pin: Annotated[
        str,
        Meta(
            pattern=r"^(-?\d{1,3}(\.\d{1,6})?,-?\d{1,2}(\.\d{1,6})?)?$",
            description=(
                "The same as a point that was put on a map by hand: `lon,lat`, WGS-84 degrees. Kept"
                " encrypted with the text; never where who writes stands, unless they put it there."
            ),
        ),
    ] = ""
    contact: Annotated[
        str,
        Meta(min_length=0, max_length=MOST_LINE, description="How to reach who writes, if at all."),
    ] = ""


class StatusPost(msgspec.Struct, frozen=True, kw_only=True):
    """Which letter is opened."""

    receipt: Receipt


class WordPost(msgspec.Struct, frozen=True, kw_only=True):
    """What who holds a receipt says of the letter."""

    receipt: Receipt
    says: Annotated[HoldersWord, Meta(description="What is said.")]
    text: Annotated[
        str, Meta(min_length=0, max_length=MOST_TEXT, description="Why it is not solved.")
    ] = ""
