"""What nobody sees is refused in all texts that people write, and what they see is taken."""

import json
from datetime import UTC, datetime
from typing import Any, Final, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.request import parsing, shown
from app.request.directory import WishPost
from app.request.letters import LetterPost, StatusPost, WordPost
from app.request.notices import read_cancel, read_notice
from app.request.said import PlatePost, ReportPost
from app.response.problems import BadParameters
from geodata.errors import BadValue
from tests.app.voice.notice_town import post

#: Every post of voice, sound but for its texts.
POSTS: Final[dict[type[msgspec.Struct], dict[str, Any]]] = {
    ReportPost: {"type": "closed"},
    PlatePost: {"place": "st-1", "token": "x"},
    WishPost: {"cell": "ws105r", "needs": ["water"], "mode": "ride"},
    LetterPost: {"category": "station", "text": "x", "receipt": "7Z3K-9QXM-2B8T-WEHC"},
    StatusPost: {"receipt": "7Z3K-9QXM-2B8T-WEHC"},
    WordPost: {"receipt": "7Z3K-9QXM-2B8T-WEHC", "says": "not_solved"},
}
TEXTS: Final = [
    (into, field.name)
    for into in POSTS
    for field in msgspec.structs.fields(into)
    if "str" in str(get_type_hints(into)[field.name])
]
#: Joiners are part of emoji and of words; tab and line ends are seen as space.
SEEN: Final = "\u200c\u200d\t\n\r"
HIDDEN: Final = st.characters(categories=["Cc", "Cf"], exclude_characters=SEEN).filter(
    lambda each: not 0x600 <= ord(each) <= 0x8FF and not 0x110BD <= ord(each) <= 0x1D17A
)  # number signs of Arabic and the like, and of music and hieroglyphs, are marks that one sees


@given(HIDDEN, st.sampled_from(TEXTS))
def test_no_text_of_a_post_hides_anything(
    character: str, field: tuple[type[msgspec.Struct], str]
) -> None:
    into, name = field
    sent = json.dumps({**POSTS[into], name: f"前{character}后"}).encode()
    with pytest.raises(BadParameters) as refused:
        parsing.of_json(sent, into)
    told = [each for each in refused.value.faults if "which nobody sees" in each.message]
    assert [(each.parameter, each.values["character"]) for each in told] == [
        (name, f"U+{ord(character):04X}")
    ]


@given(HIDDEN, st.sampled_from(["zh", "en"]), st.sampled_from(["headline", "description", "area"]))
def test_no_text_of_a_notice_hides_anything(character: str, language: str, name: str) -> None:
    stated = post(datetime(2026, 11, 30, tzinfo=UTC))
    stated[language] = {**stated[language], name: f"前{character}后"}
    for read in (
        lambda: read_notice(json.dumps(stated).encode()),
        lambda: read_cancel(json.dumps({"references": "n-1", language: stated[language]}).encode()),
    ):
        with pytest.raises(BadParameters) as refused:
            read()
        assert f"{language}.{name}" in {each.parameter for each in refused.value.faults}


@given(st.text(HIDDEN, min_size=1))
def test_no_text_of_a_command_hides_anything(text: str) -> None:
    with pytest.raises(BadValue, match=f"U\\+{ord(text[0]):04X}"):
        shown.require_shown(f"因为{text}")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M", "Zs"]), max_size=50))
def test_what_is_seen_is_taken(text: str) -> None:
    blank = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters by name, and yet nothing to see
    seen = "".join(
        each for each in text if (each not in blank and each.isprintable()) or each == " "
    )
    assert shown.require_shown(seen) == seen


@pytest.mark.parametrize("text", ["👨‍👩‍👧 来了", "第一行\r\n第二行\t三", "می‌خواهم", "️☎️ 12345"])
def test_emoji_lines_and_joined_words_are_taken(text: str) -> None:
    assert shown.require_shown(text) == text
