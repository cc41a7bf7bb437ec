"""Which place is which: ids of lists that are renumbered, renamed and put into another order."""

import random
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import BadTable
from geodata.pipeline import recipes
from geodata.pipeline.recipes import Beside, Checked
from geodata.sources.grid import RawTable
from geodata.sources.numbering import Ids, Per
from geodata.sources.read import read_csv
from geodata.sources.table import Declared, NoteKind, places_from
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind

FAULTS = Path(__file__).parents[2] / "data" / "faults"
COLUMNS = ("编号", "名称", "区", "地址", "经度", "纬度", "电话")

Row = tuple[str, ...]


def row(name: str, step: int, place_id: str = "", address: str = "", phone: str = "") -> Row:
    """A station on a line of 411 m steps."""
    lonlat = f"{113.90 + step % 50 * 0.004:.6f}", f"{22.535 + step // 50 * 0.004:.6f}"
    return place_id, name, "南山区" if step % 2 else "福田区", address, *lonlat, phone


def check(
    rows: Sequence[Row],
    published: gpd.GeoDataFrame | None = None,
    ids: Ids | None = None,
    per: Per | None = None,
    renamed: Sequence[str] = (),
) -> Checked:
    numbers = tuple(range(2, len(rows) + 2))
    table = RawTable("list.csv", "0" * 64, "utf-8", COLUMNS, tuple(rows), numbers)
    declared = Declared(Datum.WGS84, Kind.WARM_BEE_STATION, ids=ids, ids_per=per)
    return recipes.check(places_from(table, declared), beside=Beside(published, renamed=renamed))


def ids_of(checked: Checked) -> dict[str, str]:
    return dict(zip(checked.places["name"], checked.places["id"], strict=True))


def numbered(names: Sequence[tuple[str, int]], dress: str = "{:03}") -> list[Row]:
    return [row(name, step, dress.format(at)) for at, (name, step) in enumerate(names, 1)]


def fault(name: str) -> recipes.Read:
    return places_from(read_csv(FAULTS / name), Declared(Datum.WGS84, Kind.WARM_BEE_STATION))


def test_a_list_that_was_numbered_anew_moves_no_plate() -> None:
    before = recipes.check(fault("seq_a.csv"))
    after = recipes.check(fault("seq_b.csv"), beside=Beside(before.places))
    was, now = ids_of(before), ids_of(after)
    assert len(now) == 119
    assert all(was[name] == now[name] for name in now)
    (note,) = (each for each in after.notes if each.kind is NoteKind.RUNNING_NUMBERS)
    assert (note.column, note.value) == ("编号", "001 … 119")
    assert "--ids own" in note.about


def test_who_insists_on_the_ids_hears_of_every_plate_that_would_lead_elsewhere() -> None:
    declared = Declared(Datum.WGS84, Kind.WARM_BEE_STATION, ids=Ids.OWN)
    reads = [places_from(read_csv(FAULTS / name), declared) for name in ("seq_a.csv", "seq_b.csv")]
    before = recipes.check(reads[0])
    after = recipes.check(reads[1], beside=Beside(before.places))
    told = after.changes.renumbered
    assert len(told) == 115
    assert (told[0].id, told[0].was, told[0].now) == ("005", "测试驿站丣5", "测试驿站个6")
    assert round(told[0].moved_m) == 309
    assert not [note for note in after.notes if note.kind is NoteKind.RUNNING_NUMBERS]


def test_renamed_stations_are_told_and_keep_their_ids_on_a_persons_word() -> None:
    before = recipes.check(fault("x18_a.csv"))
    after = recipes.check(fault("x18_b.csv"), beside=Beside(before.places))
    told = {(each.old_name, each.new_name) for each in after.changes.renamed}
    assert told == {(name, f"暖蜂{name}") for name in before.places["name"]}
    assert {each.why for each in after.changes.renamed} == {"the same point"}
    kept = recipes.check(fault("x18_b.csv"), beside=Beside(before.places, renamed=["all"]))
    assert ids_of(kept) == {f"暖蜂{name}": each for name, each in ids_of(before).items()}
    assert (kept.changes.added, kept.changes.gone, kept.changes.renamed) == ((), (), ())
    again = recipes.check(fault("x18_b.csv"), beside=Beside(kept.places))
    assert ids_of(again) == ids_of(kept)


@given(st.integers(8, 40), st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_lists_without_ids_keep_theirs_in_any_order_with_rows_gone_and_new(
    many: int, pick: random.Random
) -> None:
    names = [(f"甲{number}站", number) for number in range(many)]
    before = check(numbered(names))
    left = pick.sample(names, many - 3)
    after = check(numbered([*left, ("新一站", many + 5), ("新二站", many + 7)]), before.places)
    was, now = ids_of(before), ids_of(after)
    assert all(was[name] == now[name] for name, _ in left)
    assert {now["新一站"], now["新二站"]}.isdisjoint(was.values())
    assert after.changes.renumbered == ()


@given(st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_some_renamed_some_gone_some_new_are_told_apart(pick: random.Random) -> None:
    names = [(f"甲{number}站", number) for number in range(20)]
    before = check([row(*each) for each in names])
    renamed = pick.sample(names, 5)
    left = [each for each in names if each not in renamed]
    rows = [row(*each) for each in left[2:]] + [row(f"暖蜂{name}", at) for name, at in renamed]
    pick.shuffle(rows)
    after = check([*rows, row("新站", 30)], before.places)
    assert {(each.old_name, each.new_name) for each in after.changes.renamed} == {
        (name, f"暖蜂{name}") for name, _ in renamed
    }
    kept = check([*rows, row("新站", 30)], before.places, renamed=["all"])
    was, now = ids_of(before), ids_of(kept)
    assert all(was[name] == now[f"暖蜂{name}"] for name, _ in renamed)
    assert len(kept.changes.gone) == 2


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (row("甲站", 1), row("乙站", 1), "the same point"),
        (
            row("甲站", 1, phone="0755-82333707"),
            row("乙站", 9, phone="0755-82333707"),
            "the same telephone",
        ),
        (
            row("甲站", 1, phone="0755-82333707"),
            row("乙站", 1, phone="0755-82333707"),
            "the same point and the same telephone",
        ),
        (row("甲站", 1, "st-aa"), row("甲站", 1, "st-bb"), "the same point and the same name"),
        (row("甲站", 1), row("乙站", 2), None),
        (row("甲站", 1, phone="95588"), row("乙站", 2, phone="95588"), None),
    ],
)
def test_what_makes_two_rows_perhaps_one_place(old: Row, new: Row, why: str | None) -> None:
    before = check([old, row("丙站", 20)])
    after = check([new, row("丙站", 20)], before.places)
    assert [each.why for each in after.changes.renamed] == ([why] if why else [])


def test_a_chains_hotline_renames_nothing() -> None:
    phone = "0755-82333707"
    before = check([row("甲站", 1, phone=phone), row("乙站", 3, phone=phone)])
    after = check([row("丙站", 5, phone=phone), row("丁站", 7, phone=phone)], before.places)
    assert after.changes.renamed == ()


def test_one_place_is_renamed_by_name_or_by_id_and_others_stay_new() -> None:
    before = check([row("甲站", 1), row("乙站", 2)])
    rows = [row("新甲站", 1), row("新乙站", 2)]
    new = ids_of(check(rows, before.places))
    old = ids_of(before)
    for said in ("甲站=新甲站", f"{old['甲站']}={new['新甲站']}", f"甲站={new['新甲站']}"):
        now = ids_of(check(rows, before.places, renamed=[said]))
        assert (now["新甲站"], now["新乙站"]) == (old["甲站"], new["新乙站"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("甲站", "takes OLD=NEW or all"),
        ("=乙站", "takes OLD=NEW or all"),
        ("丁站=新甲站", "no place among the 2 that would be gone is called '丁站'"),
        ("甲站=丁站", "no place among the 2 that would be new is called '丁站'"),
        ("丙站=新甲站", "would be gone is called '丙站'"),
    ],
)
def test_a_rename_of_places_that_are_not_there_is_refused(said: str, why: str) -> None:
    before = check([row("甲站", 1), row("乙站", 2), row("丙站", 20)])
    rows = [row("新甲站", 1), row("新乙站", 2), row("丙站", 20)]
    with pytest.raises(BadTable, match=why):
        check(rows, before.places, renamed=[said])


def test_one_old_id_goes_to_one_place() -> None:
    before = check([row("甲站", 1)])
    with pytest.raises(BadTable, match="two places one old id"):
        check([row("一站", 1), row("二站", 3)], before.places, renamed=["甲站=一站", "甲站=二站"])


def test_what_was_said_of_a_tables_own_id_holds_for_the_next_table() -> None:
    before = check([row("甲站", 1, "st-ab3k")])
    rows = [row("新甲站", 1, "st-zz9q")]
    kept = check(rows, before.places, renamed=["all"])
    assert ids_of(kept) == {"新甲站": "st-ab3k"}
    assert ids_of(check(rows, kept.places)) == {"新甲站": "st-ab3k"}
    elsewhere = [row("丙站", 30, "st-zz9q")]
    assert ids_of(check(elsewhere, kept.places)) == {"丙站": "st-zz9q"}


@pytest.mark.parametrize(
    ("first", "second", "two"),
    [
        (("id-7k", "某路1号"), ("id-9m", "某路3号"), True),
        (("id-7k", "某路1号"), ("id-9m", "某路 1 号"), False),
        (("id-7k", "某路1号"), ("id-9m", ""), False),
        (("id-7k", "某路1号"), ("", "某路3号"), False),
        (("", "某路1号"), ("", "某路3号"), False),
    ],
)
def test_branches_of_a_chain_are_two_places_by_their_own_ids_and_addresses(
    first: tuple[str, str], second: tuple[str, str], *, two: bool
) -> None:
    rows = [
        (place_id, "某某便利店", "南山区", address, lon, "22.535", "")
        for (place_id, address), lon in ((first, "113.9300"), (second, "113.9304"))
    ]
    checked = check(rows)
    assert (len(checked.places), len(checked.rejects)) == ((2, 0) if two else (1, 1))
    if not two:
        assert "give each its own id and address" in checked.rejects[0].reason


def test_ids_that_begin_anew_in_each_district_are_made_of_both() -> None:
    rows = [row("甲站", 0, "1"), row("乙站", 2, "2"), row("丙站", 1, "1"), row("丁站", 3, "2")]
    found = ids_of(check(rows, per=Per.DISTRICT))
    assert found == {
        "甲站": "futian-1",
        "乙站": "futian-2",
        "丙站": "nanshan-1",
        "丁站": "nanshan-2",
    }
    other = [
        (*each[:2], {"福田区": "福田", "南山区": "Nanshan"}[each[2]], *each[3:]) for each in rows
    ]
    assert ids_of(check(other, per=Per.DISTRICT)) == found
    without = check([(*rows[0][:2], "", *rows[0][3:]), rows[1]], per=Per.DISTRICT)
    assert [reject.reason for reject in without.rejects] == [
        "ids begin anew in each district, and the row names none"
    ]


def test_numbers_that_begin_anew_are_no_ids_unless_somebody_says_whose() -> None:
    rows = [row("甲站", 0, "1"), row("乙站", 2, "2"), row("丙站", 1, "1"), row("丁站", 3, "2")]
    checked = check(rows)
    assert len(checked.places) == 4
    assert all(each.startswith("st-") for each in checked.places["id"])


@pytest.mark.parametrize(("ids", "first"), [(Ids.OWN, "001"), (Ids.RUNNING, "st-")])
def test_what_a_person_says_of_the_ids_holds(ids: Ids, first: str) -> None:
    for dress in ("{}", "{:03}"):
        checked = check(numbered([(f"甲{at}站", at) for at in range(9)], dress), ids=ids)
        assert min(checked.places["id"]).startswith(first)
    own = check([row("甲站", 1, "id-7k"), row("乙站", 2, "id-3p")], ids=ids)
    assert ("id-7k" in ids_of(own).values()) == (ids is Ids.OWN)


@given(st.integers(2, 60), st.integers(0, 60))
@settings(max_examples=15)
def test_an_id_is_told_only_where_both_its_name_and_its_place_changed(many: int, some: int) -> None:
    names = [(f"甲{number}站", number, f"id-{number * 37 % 101:03}q") for number in range(many)]
    before = check([row(*each) for each in names])
    changed = min(some, many)
    rows = [
        row(f"乙{name}", step + 100, place_id) if at < changed else row(name, step, place_id)
        for at, (name, step, place_id) in enumerate(names)
    ]
    found = check(rows, before.places).changes.renumbered
    assert {each.id for each in found} == {place_id for *_, place_id in names[:changed]}
    only_named = [row(f"乙{name}", step, place_id) for name, step, place_id in names]
    assert check(only_named, before.places).changes.renumbered == ()
    only_moved = [row(name, step + 100, place_id) for name, step, place_id in names]
    assert check(only_moved, before.places).changes.renumbered == ()
