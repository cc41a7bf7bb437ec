"""A version is the union of its layers, whoever sent them first; what nobody touched stays."""

import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import BadTable, BadValue
from geodata.pipeline import differences, recipes, relayered
from geodata.pipeline.exports import export
from geodata.pipeline.layers import LayerName, known_layer, layer_name
from geodata.pipeline.published import StoredTables, drawn_outlines, real_places, stored
from geodata.pipeline.recipes import Beside, Checked
from geodata.snapshot.snapshot import LayerAbout
from geodata.sources.grid import RawTable
from geodata.sources.table import Declared, NoteKind, places_from
from geodata.space.coordinates import Datum
from geodata.store.files import Dataset, Seen
from geodata.store.sent import Did, Sent
from geodata.vocabulary import Kind

TODAY = date(2026, 11, 30)
WHEN = datetime(2026, 11, 30, tzinfo=UTC)
COLUMNS = ("编号", "名称", "地址", "经度", "纬度", "营业时间", "电话")
DECLARED = Declared(Datum.WGS84, Kind.WARM_BEE_STATION)

Row = tuple[str, ...]


def row(place_id: str, name: str, step: int, hours: str = "24小时", phone: str = "") -> Row:
    """A station on a grid of 220 m and more."""
    east, north = step % 40, step // 40
    lonlat = f"{113.90 + east * 0.0025:.6f}", f"{22.53 + north * 0.002:.6f}"
    return place_id, name, f"某路{step}号", *lonlat, hours, phone


def table(rows: Sequence[Row], file: str = "list.csv") -> RawTable:
    numbers = tuple(range(2, len(rows) + 2))
    return RawTable(file, "0" * 64, "utf-8", COLUMNS, tuple(rows), numbers)


def checked(
    rows: Sequence[Row],
    held: StoredTables | None,
    layer: str = "main",
    **said: Sequence[str],
) -> Checked:
    known = held.about.layers if held else ()
    beside = Beside(
        real_places(held),
        drawn_outlines(held),
        layer_name(layer, known),
        **said,
    )
    return recipes.check(places_from(table(rows, f"{layer}.csv"), DECLARED), beside=beside)


def publish(
    store: Dataset, rows: Sequence[Row], layer: str = "main", **said: Sequence[str]
) -> StoredTables:
    held = stored(store.home, store.name)
    found = checked(rows, held, layer, **said)
    frozen = recipes.imported(
        found, store.name, "", f"terms of {layer}", f"{layer}.csv", TODAY, held=held
    )
    return put(store, held, frozen, found.layer)


def put(
    store: Dataset, held: StoredTables | None, frozen: recipes.Frozen, layer: LayerName
) -> StoredTables:
    entry = Sent(WHEN, "me", layer.name, layer.label, Did.IMPORTED, "")
    parts = (frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    store.publish_layer(*parts, Seen(held.pointer if held else None), entry)
    now = stored(store.home, store.name)
    assert now is not None
    return now


def lists(seed: int, layers: int = 3) -> dict[str, list[Row]]:
    """Lists whose places lie apart, some with ids of their own."""
    pick = random.Random(seed)  # noqa: S311  # lists, no secrets
    steps = pick.sample(range(600), 30)
    found: dict[str, list[Row]] = {}
    for number, step in enumerate(steps):
        layer = ("main", "yuehai", "nantou", "shahe")[number % layers]
        own = f"id-{pick.randrange(16**6):06x}-{step}" if pick.random() < 0.5 else ""
        hours = pick.choice(("24小时", "9:00-18:00", "看情况", ""))
        found.setdefault(layer, []).append(row(own, f"{layer}{step}驿站", step, hours))
    return found


def assert_alike(one: StoredTables, other: StoredTables) -> None:
    assert one.pointer.version == other.pointer.version
    assert differences.compare(one.places(), other.places()) == ()
    ours, theirs = (
        {name: part.sha256 for name, part in each.dataset.manifest(each.pointer).parts.items()}
        for each in (one, other)
    )
    assert ours == theirs


@pytest.mark.parametrize("seed", range(3))
def test_layers_imported_in_any_order_give_the_same_version(tmp_path: Path, seed: int) -> None:
    rows = lists(seed)
    found = []
    for number, order in enumerate(itertools.permutations(rows)):
        store = Dataset(tmp_path / str(number), "city")
        for layer in order:
            held = publish(store, rows[layer], layer)
        found.append(held)
    for each in found[1:]:
        assert_alike(found[0], each)
    assert {layer.name: layer.places for layer in found[0].about.layers} == {
        name: len(each) for name, each in rows.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_made_anew_is_as_if_it_were(tmp_path: Path, seed: int) -> None:
    rows = lists(seed)
    store = Dataset(tmp_path, "city")
    for layer in rows:
        held = publish(store, rows[layer], layer)
    anew = recipes.frozen(held.places(), held.about, held.outlines())
    made = held.dataset.load(held.pointer)
    assert anew.version == held.pointer.version
    assert anew.blobs["records.bin"] == bytes(held.dataset.blob(made.version, "records.bin"))


def test_dropping_a_layer_and_importing_it_again_gives_the_version_as_it_was(
    tmp_path: Path,
) -> None:
    rows = lists(7)
    store = Dataset(tmp_path, "city")
    for layer in rows:
        before = publish(store, rows[layer], layer)
    layer = known_layer("yuehai", before.about.layers)
    dropped = put(store, before, relayered.dropped(before, layer), layer)
    gone = {*before.places()["id"]} - {*dropped.places()["id"]}
    assert len(gone) == len(rows["yuehai"])
    assert {place.id for place in store.load().former} == gone
    assert_alike(publish(store, rows["yuehai"], "yuehai"), before)
    assert len(store.load().former) == 0


def test_importing_a_layer_replaces_that_one_only(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "city")
    publish(store, [row("", "甲站", 1), row("", "乙站", 2)])
    was = publish(store, [row("", "丙站", 3), row("", "丁站", 4)], "粤海街道")
    now = publish(store, [row("", "丙站", 3, "9:00-18:00")], "粤海街道")
    assert {*now.places()["name"]} == {"甲站", "乙站", "丙站"}
    told = {(each.name, each.layer, each.how) for each in between(was, now)}
    assert told == {("丙站", "yue-hai-jie-dao", "changed"), ("丁站", "yue-hai-jie-dao", "removed")}
    assert [place.name for place in store.load().former] == ["丁站"]
    assert [(each.name, each.label, each.places) for each in now.about.layers] == [
        ("main", "main", 2),
        ("yue-hai-jie-dao", "粤海街道", 1),
    ]


def between(was: StoredTables, now: StoredTables) -> Sequence[differences.Difference]:
    return differences.compare(was.places(), now.places())


def test_each_place_has_the_source_and_licence_of_its_layer(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "city")
    publish(store, [row("", "甲站", 1)])
    held = publish(store, [row("", "乙站", 2)], "osm")
    columns = ("name", "layer", "source", "licence")
    told = held.places()[list(columns)].itertuples(index=False, name=None)
    assert {*told} == {
        ("甲站", "main", "main.csv", "terms of main"),
        ("乙站", "osm", "osm.csv", "terms of osm"),
    }
    assert held.about.source == "main.csv; osm.csv"
    assert held.about.licence == "terms of main; terms of osm"


def test_an_id_belongs_to_one_layer_and_the_way_on_is_told(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "city")
    held = publish(store, [row("st-9x", "甲站", 1), row("st-7y", "乙站", 2)])
    again = [row("st-9x", "甲站", 1), row("st-3z", "丙站", 3)]
    found = checked(again, held, "yuehai")
    (reject,) = found.rejects
    assert (reject.column, reject.value) == ("id", "st-9x")
    assert "the layer main has this id, for 甲站" in reject.reason
    assert "--move-from main" in reject.reason
    assert [note.kind for note in found.notes] == []
    moved = publish(store, again, "yuehai", move_from=["main"])
    whose = dict(zip(moved.places()["id"], moved.places()["layer"], strict=True))
    assert whose == {"st-9x": "yuehai", "st-7y": "main", "st-3z": "yuehai"}


def test_a_place_without_an_id_moves_to_another_layer_with_the_id_it_has(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "city")
    before = publish(store, [row("", "甲站", 1), row("", "乙站", 2)])
    now = publish(store, [row("", "甲站", 1)], "yuehai", move_from=["main"])
    assert {*now.places()["id"]} == {*before.places()["id"]}
    assert {layer.name: layer.places for layer in now.about.layers} == {"main": 1, "yuehai": 1}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (row("", "甲 站", 1), "the same name and the same point"),
        (row("", "另一站", 1), "the same point"),
        (row("", "另一站", 2, phone="0755-82333707"), "the same telephone"),
        (row("", "甲站", 90), None),
        (row("", "另一站", 3), None),
    ],
)
def test_a_place_that_two_layers_have_is_told_and_stays_in_both(
    tmp_path: Path, other: Row, why: str | None
) -> None:
    store = Dataset(tmp_path, "city")
    held = publish(store, [row("st-9x", "甲站", 1, phone="0755-82333707")])
    found = checked([other], held, "yuehai")
    told = [note.about for note in found.notes if note.kind is NoteKind.TWIN]
    assert [about.partition(" as ")[0] for about in told] == ([why] if why else [])
    assert all("甲站 (st-9x) of the layer main" in about for about in told)
    assert len(publish(store, [other], "yuehai").places()) == 2


def test_the_last_layer_is_not_dropped(tmp_path: Path) -> None:
    held = publish(Dataset(tmp_path, "city"), [row("", "甲站", 1)])
    with pytest.raises(BadTable, match="the only layer"):
        relayered.dropped(held, known_layer("main", held.about.layers))


def test_one_layer_goes_back_and_the_others_stay(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "city")
    old = publish(store, [row("", "甲站", 1)], "a")
    publish(store, [row("", "乙站", 2)], "b")
    publish(store, [row("", "丙站", 3)], "a")
    held = publish(store, [row("", "丁站", 4)], "b")
    layer = known_layer("a", held.about.layers)
    back = put(store, held, relayered.gone_back(held, old, layer), layer)
    assert {*back.places()["name"]} == {"甲站", "丁站"}
    with pytest.raises(BadTable, match="has no layer b"):
        relayered.gone_back(held, old, known_layer("b", held.about.layers))


def test_an_import_is_laid_over_another_layer_that_came_meanwhile(tmp_path: Path) -> None:
    rows = {"a": [row("", "甲站", 1)], "b": [row("", "乙站", 2)], "c": [row("st-c1", "丙站", 3)]}
    store = Dataset(tmp_path / "1", "city")
    held = publish(store, rows["a"], "a")
    slow = checked(rows["b"], held, "b")
    now = publish(store, rows["c"], "c")
    again = recipes.laid_over(slow, held, now)
    assert again is not None
    frozen = recipes.imported(again, "city", "", "terms of b", "b.csv", TODAY, held=now)
    other = Dataset(tmp_path / "2", "city")
    for layer in "abc":
        wanted = publish(other, rows[layer], layer)
    assert_alike(put(store, now, frozen, again.layer), wanted)
    changed = publish(store, [row("", "另乙", 5)], "b")
    assert recipes.laid_over(slow, held, changed) is None
    clash = checked([row("st-c1", "丁站", 9)], held, "d")
    assert recipes.laid_over(clash, held, now) is None


def test_ids_and_names_of_other_layers_are_left_alone(tmp_path: Path) -> None:
    """A place of the same name near one of another layer does not take its id."""
    store = Dataset(tmp_path, "city")
    held = publish(store, [row("", "甲站", 1)])
    both = publish(store, [row("", "甲站", 1)], "yuehai")
    assert len({*both.places()["id"]}) == 2
    assert {*held.places()["id"]} < {*both.places()["id"]}


KNOWN = (
    LayerAbout("yue-hai-jie-dao", "粤海街道", 1, "", "", ""),
    LayerAbout("osm", "osm", 1, "", "", ""),
)


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("main", "main", "main"),
        ("nan-tou-2", "nan-tou-2", "nan-tou-2"),
        ("粤海街道", "yue-hai-jie-dao", "粤海街道"),
        (" 粤海街道 ", "yue-hai-jie-dao", "粤海街道"),
        ("yue-hai-jie-dao", "yue-hai-jie-dao", "粤海街道"),
        ("南头 街道", "nan-tou-jie-dao", "南头 街道"),
        ("Nantou", "nantou", "Nantou"),
    ],
)
def test_a_layer_has_a_name_for_machines_and_one_for_people(
    text: str, name: str, label: str
) -> None:
    assert layer_name(text, KNOWN) == (name, label)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be named"),
        ("——", "cannot be named"),
        ("a" * 41, "cannot be named"),
        ("粤海接到", "so is '粤海街道'"),
        ("../etc", "cannot be named"),
    ],
)
def test_a_layer_that_cannot_be_named_is_refused(text: str, why: str) -> None:
    if text == "../etc":
        assert layer_name(text) == ("etc", "../etc")
        return
    with pytest.raises(BadValue, match=why):
        layer_name(text, KNOWN)


@given(st.text(max_size=60))
def test_a_layers_name_is_safe_whatever_it_is_called(text: str) -> None:
    try:
        found = layer_name(text)
    except BadValue:
        return
    assert msgspec.json.decode(msgspec.json.encode(found.name)) == found.name
    assert found.name.strip("-") == found.name
    assert set(found.name) <= {*"abcdefghijklmnopqrstuvwxyz0123456789-"}
    assert 1 <= len(found.name) <= 40
    assert layer_name(found.name, [LayerAbout(*found, 1, "", "", "")]).name == found.name


def test_one_layer_is_exported(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "city")
    publish(store, [row("", "甲站", 1), row("", "乙站", 2)])
    publish(store, [row("", "丙站", 3)], "yuehai")
    made: Mapping[str, Path] = export(store, layer="yuehai")
    told = msgspec.json.decode(made["places.geojson"].read_bytes())
    assert [each["properties"]["name"] for each in told["features"]] == ["丙站"]
    assert (told["layer"], told["licence"]) == ("yuehai", "terms of yuehai")
    assert "甲站" not in made["places.csv"].read_text("utf-8-sig")
    for name in ("places.gpkg", "places.parquet"):
        reader = gpd.read_file if name.endswith("gpkg") else gpd.read_parquet
        assert reader(made[name])["name"].tolist() == ["丙站"]
    whole = msgspec.json.decode(export(store)["places.geojson"].read_bytes())
    assert len(whole["features"]) == 3
