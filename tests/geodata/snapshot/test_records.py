"""The pieces of a record, put together with what a question adds, are one GeoJSON feature."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.snapshot.map_links import links
from geodata.snapshot.records import (
    PIECES,
    Record,
    navigate_head,
    navigate_middle,
    navigate_tail,
    record,
)

POINT = {"type": "Point", "coordinates": [114.05, 22.54]}
LINE = {"type": "LineString", "coordinates": [[114.05, 22.54], [114.06, 22.54]]}

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts | st.lists(texts, max_size=3)
)


def made(
    name: str = "驿站", properties: Any = None, geometry: Any = POINT, provenance: Any = None
) -> Record:
    where = links(114.05, 22.54, name, name) if geometry is POINT else None
    return record(
        "p-1", geometry, properties or {"name": name}, provenance or {"file": None}, where
    )


def feature(pieces: Record, added: bytes = b"", *, alone: bool = False) -> dict[str, Any]:
    """Spliced as a reply splices them; `alone` sends the provenance too."""
    modes = (b"w", b"walk") if pieces.middle else (b"", b"")
    body = pieces.head + modes[0] + pieces.middle + modes[1] + pieces.tail + added
    return json.loads(body + (pieces.provenance if alone else b"") + b"}}")


@given(
    st.dictionaries(
        texts.filter(lambda key: key not in ("navigate", "provenance")), values, min_size=1
    ),
    texts,
)
def test_properties_come_back_as_they_went_in(properties: dict[str, Any], name: str) -> None:
    whole = feature(made(name, properties), alone=True)
    assert whole["properties"].pop("provenance") == {"file": None}
    assert set(whole["properties"].pop("navigate")) == {"baidu", "tencent", "geo", "apple", "amap"}
    assert whole == {"type": "Feature", "id": "p-1", "geometry": POINT, "properties": properties}


def test_a_question_adds_its_own_members_after_the_links() -> None:
    added = feature(made(), b',"distance_m":12.5')["properties"]
    assert added["distance_m"] == 12.5
    assert "provenance" not in added


@pytest.mark.parametrize("name", ['"}]', "\\", "\n\t\0", "</script>", "驿站🐝", "\u2028"])
def test_a_hostile_name_stays_a_text(name: str) -> None:
    assert feature(made(name))["properties"]["name"] == name


def test_the_links_are_whole_and_take_the_modes_where_they_are_cut() -> None:
    where = links(114.05, 22.54, "驿站", "路1号")
    navigate = feature(made("驿站", {"name": "驿站"}))["properties"]["navigate"]
    assert navigate["apple"] == links(114.05, 22.54, "驿站", "驿站").apple_before_mode + "w"
    spliced = json.loads(
        b"{"
        + (navigate_head(where) + b"d" + navigate_middle(where) + b"car" + navigate_tail(where))[1:]
        + b"}"
    )["navigate"]
    assert spliced == {
        "baidu": where.baidu,
        "tencent": where.tencent,
        "geo": where.geo,
        "apple": where.apple_before_mode + "d",
        "amap": where.amap_before_mode + "car" + where.amap_after_mode,
    }


def test_a_street_has_no_links_before_somebody_asks() -> None:
    pieces = made(geometry=LINE)
    assert pieces.middle == pieces.tail == b""
    assert "navigate" not in feature(pieces)["properties"]
    assert feature(pieces)["geometry"] == LINE


def test_a_record_has_as_many_pieces_as_snapshots_count() -> None:
    assert len(Record._fields) == PIECES
