"""What people edited by hand survives every list that comes after, and what a list says of the same
field is shown to a person.
"""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import BadTable, NuanfengError
from geodata.pipeline import edits, recipes, relayered
from geodata.pipeline.edits import (
    CLOSED,
    NEW,
    NO_EDITS,
    POINT,
    STANDING,
    Change,
    Contradicted,
    Contradiction,
    LayerEdits,
    changed_by,
    lay_over,
    listed,
    read_edits,
    text_of,
)
from geodata.pipeline.layers import LayerName, known_layer
from geodata.pipeline.published import StoredTables, drawn_outlines, real_places, stored
from geodata.pipeline.recipes import Beside, Checked
from geodata.places.table import COLUMNS, validate
from geodata.sources.table import places_from
from geodata.space.coordinates import WGS84
from geodata.store.files import Dataset
from tests.geodata.pipeline.test_layers import DECLARED, TODAY, Row, put, row, table

MAIN = LayerName("main", "main")
FIELDS = ("name", "address", "opening_hours_text")
Words = dict[str, dict[str, str]]


def frame(rows: Mapping[str, Mapping[str, str]]) -> gpd.GeoDataFrame:
    ids = sorted(rows)
    columns = {name: [rows[each].get(name) for each in ids] for name in FIELDS}
    points = gpd.points_from_xy([113.9 + int(each[-1]) / 100 for each in ids], [22.5] * len(ids))
    kinds = ["warm_bee_station"] * len(ids)
    raw = gpd.GeoDataFrame({"id": ids, "kind": kinds, **columns}, geometry=points, crs=WGS84)
    good, rejects = validate(raw)
    assert not rejects
    return good


def words(places: gpd.GeoDataFrame) -> dict[str, dict[str, str | None]]:
    texts = {name: text_of(places, name) for name in FIELDS}
    return {
        each: {name: texts[name][at] for name in FIELDS} for at, each in enumerate(places["id"])
    }


def keep(_found: Contradiction) -> bool:
    return True


def take(_found: Contradiction) -> bool:
    return False


IDS = ("pl-1", "pl-2", "pl-3")
LISTS = st.dictionaries(
    st.sampled_from(IDS),
    st.fixed_dictionaries({name: st.sampled_from(["甲", "乙", "丙"]) for name in FIELDS}),
    min_size=1,
)
STEPS = st.lists(
    st.one_of(
        LISTS,
        st.tuples(
            st.sampled_from(IDS), st.sampled_from(FIELDS), st.sampled_from(["甲", "乙", "丁", "戊"])
        ),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25)
@given(first=LISTS, steps=STEPS, kept=st.booleans())
def test_after_any_lists_and_edits_a_field_says_what_a_slow_fold_says(
    first: Words, steps: list[Words | tuple[str, str, str]], kept: bool
) -> None:
    """The fold: a list's word, unless a person said another; what both changed is decided."""
    places, held = frame(first), NO_EDITS
    lists, by_hand = first, dict[tuple[str, str], tuple[str, str | None]]()
    for step in steps:
        if isinstance(step, dict):
            found = lay_over(frame(step), held, keep if kept else take)
            lists = step
            for key, (value, base) in list(by_hand.items()):
                now = step.get(key[0], {}).get(key[1])
                if now is None:
                    continue
                if now == value or (now != base and not kept):
                    del by_hand[key]
                else:
                    by_hand[key] = (value, now)
        else:
            place, field, value = step
            if place not in {*places["id"]}:
                continue
            seen = words(places)[place][field]
            found = changed_by(places, held, [Change(place, field, value, seen, "main")])
            by_hand.pop((place, field), None)
            if value != lists[place][field]:
                by_hand[place, field] = (value, lists[place][field])
        assert found.contradictions == ()
        places, held = found.places, found.edits
        expected = {
            each: {field: by_hand.get((each, field), (said[field], None))[0] for field in FIELDS}
            for each, said in lists.items()
        }
        assert words(places) == expected
        assert words(listed(places, held)) == lists
        assert read_edits(edits.edits_text({"main": held})).get("main", NO_EDITS) == LayerEdits(
            tuple(sorted(held.edits, key=lambda each: (each.id, each.field))), held.closed
        )


def test_a_field_that_both_changed_waits_for_a_person_and_shows_both() -> None:
    places = frame({"pl-1": {"name": "站", "address": "一路"}})
    edited = changed_by(places, NO_EDITS, [Change("pl-1", "address", "二路", "一路", "main")])
    laid = lay_over(frame({"pl-1": {"name": "站", "address": "三路"}}), edited.edits)
    assert laid.contradictions == (Contradiction("pl-1", "address", "二路", "一路", "三路"),)
    with pytest.raises(Contradicted, match="二路"):
        edits.require_decided(laid.contradictions)


def test_two_people_who_saw_the_same_word_do_not_overwrite_each_other() -> None:
    places = frame({"pl-1": {"name": "站", "address": "一路"}})
    one = changed_by(places, NO_EDITS, [Change("pl-1", "address", "二路", "一路", "main")])
    other = changed_by(one.places, one.edits, [Change("pl-1", "address", "三路", "一路", "main")])
    assert words(other.places)["pl-1"]["address"] == "二路"
    assert other.contradictions == (Contradiction("pl-1", "address", "三路", "一路", "二路"),)
    chosen = changed_by(
        one.places, one.edits, [Change("pl-1", "address", "三路", "一路", "main")], keep
    )
    assert words(chosen.places)["pl-1"]["address"] == "三路"


def test_a_closed_place_stays_closed_under_every_list_and_opens_again_as_its_list_says() -> None:
    rows = {"pl-1": {"name": "站"}, "pl-2": {"name": "二站"}}
    shut = changed_by(frame(rows), NO_EDITS, [Change("pl-1", STANDING, CLOSED, None, "main")])
    assert [*shut.places["id"]] == ["pl-2"]
    rows["pl-1"] |= {"address": "新路"}
    later = lay_over(frame(rows), shut.edits)
    assert [*later.places["id"]] == ["pl-2"]
    again = changed_by(later.places, later.edits, [Change("pl-1", STANDING, None, CLOSED, "main")])
    assert words(again.places)["pl-1"]["address"] == "新路"
    assert again.edits == NO_EDITS
    assert [*again.places.columns] == [*COLUMNS]


NEW_PLACE = [
    Change("pl-9", STANDING, NEW, None, "main"),
    Change("pl-9", "kind", "warm_bee_station", None, "main"),
    Change("pl-9", "name", "新站", None, "main"),
    Change("pl-9", POINT, "113.9100000 22.5000000", None, "main"),
]


def test_a_new_place_stays_under_every_list_and_joins_the_one_that_tells_of_it() -> None:
    places = frame({"pl-1": {"name": "站"}})
    made = changed_by(places, NO_EDITS, NEW_PLACE)
    assert [*made.places["id"]] == ["pl-1", "pl-9"]
    assert [*made.places["position"]] == ["stated", "surveyed"]
    assert [*listed(made.places, made.edits)["id"]] == ["pl-1"]
    later = lay_over(frame({"pl-2": {"name": "二站"}}), made.edits)
    assert [*later.places["id"]] == ["pl-2", "pl-9"]
    told = lay_over(frame({"pl-9": {"name": "新站", "address": "九路"}}), later.edits)
    assert words(told.places) == {
        "pl-9": {"name": "新站", "address": "九路", "opening_hours_text": None}
    }
    assert not {each.field for each in told.edits.edits} & {STANDING, "name"}


def test_a_made_place_that_was_closed_opens_again() -> None:
    made = changed_by(frame({"pl-1": {"name": "站"}}), NO_EDITS, NEW_PLACE)
    shut = changed_by(made.places, made.edits, [Change("pl-9", STANDING, CLOSED, NEW, "main")])
    assert [*shut.places["id"]] == ["pl-1"]
    again = changed_by(shut.places, shut.edits, [Change("pl-9", STANDING, NEW, CLOSED, "main")])
    assert [*again.places["name"]] == ["站", "新站"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("door", "window"), ("services", "gold"), (POINT, "here"), ("capacity", "many"), ("name", "")],
)
def test_what_cannot_be_published_is_refused(field: str, value: str) -> None:
    places = frame({"pl-1": {"name": "站"}})
    seen = edits.shown(places, NO_EDITS)("pl-1", field)
    with pytest.raises(
        NuanfengError, match=r"takes a number|a point is|is one of|words of|needs a name"
    ):
        changed_by(places, NO_EDITS, [Change("pl-1", field, value, seen, "main")])


# Through the one importer, and the store


def checked(rows: list[Row], held: StoredTables | None, decide: edits.Decide) -> Checked:
    known = {} if held is None else held.edits()
    beside = Beside(real_places(held), drawn_outlines(held), MAIN, edits=known, decide=decide)
    return recipes.check(places_from(table(rows), DECLARED), beside=beside)


def sent(store: Dataset, rows: list[Row], decide: edits.Decide = edits.undecided) -> StoredTables:
    held = stored(store.home, store.name)
    found = checked(rows, held, decide)
    frozen = recipes.imported(found, store.name, "", "terms", "list.csv", TODAY, held=held)
    return put(store, held, frozen, MAIN)


def edited(held: StoredTables, *changes: Change) -> StoredTables:
    return put(held.dataset, held, relayered.edited(held, MAIN, list(changes)), MAIN)


def changes_of(held: StoredTables, place_id: str, **fields: str) -> list[Change]:
    says = edits.shown(held.places(), held.edits().get("main", NO_EDITS))
    return [
        Change(place_id, name, text, says(place_id, name), "main") for name, text in fields.items()
    ]


def by_name(held: StoredTables) -> dict[str, str]:
    return dict(zip(held.places()["name"], held.places()["id"], strict=True))


ROWS = [row("", f"{name}驿站", step) for name, step in (("甲", 1), ("乙", 50), ("丙", 120))]


def test_a_renamed_place_keeps_its_id_under_a_list_without_ids(tmp_path: Path) -> None:
    held = sent(Dataset(tmp_path, "city"), ROWS)
    place_id = by_name(held)["甲驿站"]
    held = edited(held, *changes_of(held, place_id, name="改名驿站"))
    held = sent(held.dataset, [*ROWS[1:], ROWS[0]])
    assert by_name(held)["改名驿站"] == place_id
    assert len(held.places()) == 3


def test_a_moved_place_lies_in_the_area_that_it_moved_to_and_back(tmp_path: Path) -> None:
    held = sent(Dataset(tmp_path, "city"), ROWS)
    place_id = by_name(held)["甲驿站"]
    before = held.places().set_index("id").loc[place_id]
    held = edited(held, *changes_of(held, place_id, geometry="114.0600000 22.5400000"))
    moved = held.places().set_index("id").loc[place_id]
    assert (moved["district"], moved["position"]) != (before["district"], before["position"])
    held = sent(held.dataset, ROWS)
    assert held.places().set_index("id").loc[place_id].geometry == moved.geometry
    old = f"{before.geometry.x:.7f} {before.geometry.y:.7f}"
    held = edited(held, *changes_of(held, place_id, geometry=old))
    back = held.places().set_index("id").loc[place_id]
    assert [*map(str, back)] == [*map(str, before)]
    assert held.edits() == {"main": NO_EDITS} or not held.edits()


def test_an_import_undone_after_three_edits_loses_none_of_them(tmp_path: Path) -> None:
    first = sent(Dataset(tmp_path, "city"), ROWS)
    ids = by_name(first)
    other = [(*line[:2], "新地址", *line[3:]) for line in ROWS]
    held = sent(first.dataset, [*other, row("", "丁驿站", 200)])
    for name, phone in (("甲驿站", "075511111111"), ("乙驿站", "075522222222")):
        held = edited(held, *changes_of(held, ids[name], phones=phone))
    held = edited(held, *changes_of(held, ids["丙驿站"], address="手改"))
    older = StoredTables(first.dataset, first.pointer, first.about)
    layer = known_layer("main", held.about.layers)
    with pytest.raises(Contradicted, match="手改"):
        relayered.gone_back(held, older, layer)
    back = put(held.dataset, held, relayered.gone_back(held, older, layer, decide=keep), MAIN)
    rows = back.places().set_index("name")
    assert "丁驿站" not in rows.index
    assert [*rows.loc["甲驿站", "phones"]] == ["075511111111"]
    assert [*rows.loc["乙驿站", "phones"]] == ["075522222222"]
    assert rows.loc["丙驿站", "address"] == "手改"
    assert (
        rows.loc["甲驿站", "address"] == first.places().set_index("name").loc["甲驿站", "address"]
    )


def test_a_list_that_contradicts_is_published_once_somebody_decided(tmp_path: Path) -> None:
    held = sent(Dataset(tmp_path, "city"), ROWS)
    place_id = by_name(held)["甲驿站"]
    held = edited(held, *changes_of(held, place_id, address="手改"))
    other = [(*ROWS[0][:2], "新地址", *ROWS[0][3:]), *ROWS[1:]]
    with pytest.raises(Contradicted):
        sent(held.dataset, other)
    kept = sent(held.dataset, other, keep)
    assert kept.places().set_index("id").loc[place_id, "address"] == "手改"
    again = sent(held.dataset, other)  # the list has said nothing new since
    assert again.places().set_index("id").loc[place_id, "address"] == "手改"
    third = [(*ROWS[0][:2], "第三", *ROWS[0][3:]), *ROWS[1:]]
    taken = sent(held.dataset, third, take)
    assert taken.places().set_index("id").loc[place_id, "address"] == "第三"
    assert not taken.edits()


def test_the_last_place_of_a_dataset_cannot_be_closed(tmp_path: Path) -> None:
    held = sent(Dataset(tmp_path, "city"), ROWS[:1])
    (place_id,) = by_name(held).values()
    with pytest.raises(BadTable, match="at least one place"):
        edited(held, Change(place_id, STANDING, CLOSED, None, "main"))
