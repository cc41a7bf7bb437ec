"""JSON that strangers send: whatever a member holds, it is a value or a refusal that names it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.request import parsing
from app.request.directory import WishPost
from app.request.letters import LetterPost, StatusPost, WordPost
from app.request.notices import NoticeFacts, NoticeText
from app.request.said import PlatePost, ReportPost
from app.response.problems import BadParameters

POSTS = (WishPost, LetterPost, StatusPost, WordPost, NoticeFacts, NoticeText, PlatePost, ReportPost)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
STRANGE: tuple[Any, ...] = (None, True, 2**70, 1e308, [], {}, [[]], [None], [1], [{"a": [1]}], "x")


def is_told(into: type[msgspec.Struct], sent: dict[str, Any]) -> bool:
    """Whether what is sent is a value, or refused by the names of members of it or of `into`."""
    try:
        return isinstance(parsing.of_json(msgspec.json.encode(sent), into), into)
    except BadParameters as refused:
        named = {fault.parameter for fault in refused.faults}
        fields = {field.encode_name for field in msgspec.structs.fields(into)}
        return bool(named) and named <= fields


@pytest.mark.parametrize("into", POSTS)
@given(data=st.data())
def test_a_post_is_a_value_or_a_refusal_whatever_stands_in_it(
    into: type[msgspec.Struct], data: st.DataObject
) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(into)]
    assert is_told(into, data.draw(st.dictionaries(st.sampled_from(names), ANY)))


@pytest.mark.parametrize("into", POSTS)
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_a_member_of_another_type_is_refused_or_read(
    into: type[msgspec.Struct], value: Any
) -> None:
    for field in msgspec.structs.fields(into):
        assert is_told(into, {field.encode_name: value})
