"""The pieces of a record, put together with what a question adds, are one GeoJSON feature."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.snapshot.map_links import links
from geodata.snapshot.records import END, Record, Records, lay_out, navigate, record
from geodata.vocabulary import Mode

POINT = {"type": "Point", "coordinates": [114.05, 22.54]}
LINE = {"type": "LineString", "coordinates": [[114.05, 22.54], [114.06, 22.54]]}

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts | st.lists(texts, max_size=3)
)


def made(
    name: str = "驿站", properties: Any = None, geometry: Any = POINT, provenance: Any = None
) -> Record:
    where = links(114.05, 22.54, name, name, shifted=True) if geometry is POINT else None
    return record(
        "p-1", geometry, properties or {"name": name}, provenance or {"file": None}, where
    )


def kept(*records: Record) -> Records:
    days = np.arange(len(records), dtype=np.int32)
    return Records(*lay_out(records, 2 * days, 3 * days, shifted=True), _shifted=True)


def feature(
    pieces: Record, added: bytes = b"", *, alone: bool = False, mode: Mode = Mode.WALK
) -> dict[str, Any]:
    """Spliced as a reply splices them; `alone` is sent with its provenance."""
    records = kept(pieces)
    if alone:
        return json.loads(records.whole(0))
    ((body, _, _),) = records.open_features([0], mode)
    return json.loads(body + added + END)


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
    where = links(114.05, 22.54, "驿站", "路1号", shifted=True)
    made_for_walking = feature(made("驿站", {"name": "驿站"}))["properties"]["navigate"]
    assert (
        made_for_walking["apple"]
        == links(114.05, 22.54, "驿站", "驿站", shifted=True).apple_before_mode + "w"
    )
    spliced = json.loads(b"{" + navigate(where, Mode.DRIVE).removeprefix(b",") + b"}")["navigate"]
    assert spliced == where.whole(Mode.DRIVE)


def test_a_street_has_no_links_before_somebody_asks() -> None:
    pieces = made(geometry=LINE)
    assert pieces.middle == pieces.tail == b""
    assert "navigate" not in feature(pieces)["properties"]
    assert feature(pieces)["geometry"] == LINE


@given(st.lists(st.tuples(texts, st.booleans()), min_size=1, max_size=5), st.sampled_from(Mode))
def test_every_record_is_found_again_beside_others(
    places: list[tuple[str, bool]], mode: Mode
) -> None:
    written = [made(name, geometry=LINE if line else POINT) for name, line in places]
    records = kept(*written)
    assert [records.pieces(row) for row in range(len(written))] == written
    rows = range(len(written) - 1, -1, -1)
    for row, (body, hours_row, day) in zip(rows, records.open_features(rows, mode), strict=True):
        name, line = places[row]
        where = links(114.05, 22.54, name, name, shifted=True)
        plain, whole = json.loads(records.plain(row)), json.loads(records.whole(row))
        assert (hours_row, day) == (2 * row, 3 * row) == (2 * row, records.checked[row])
        assert plain["properties"] == {"name": name}
        ways = {} if line else json.loads(b"{" + navigate(where, mode).removeprefix(b",") + b"}")
        assert json.loads(body + END)["properties"] == {"name": name, **ways}
        source = {"provenance": {"file": None}}
        assert json.loads(records.with_provenance(row))["properties"] == {"name": name, **source}
        assert whole["properties"] == {
            **feature(written[row])["properties"],
            **source,
        }
        assert plain["id"] == whole["id"] == "p-1"


def test_words_of_a_text_that_look_like_a_members_name_cut_nothing() -> None:
    name = 'x","navigate":{"'
    assert json.loads(kept(made(name)).plain(0))["properties"] == {"name": name}
