"""Our own exports come back as they went out: any places, any format, nothing typed."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.cli.main import cli
from geodata.errors import BadTable
from geodata.pipeline import exports, recipes
from geodata.pipeline.published import stored
from geodata.places.table import LIST_COLUMNS, TEXT_COLUMNS
from geodata.sources.own import cell, joined, of_layer
from geodata.sources.read import read
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import WGS84, Datum
from geodata.store.downloads import NAMES
from geodata.store.files import Dataset
from geodata.vocabulary import Audience, Door, Kind, Position, Service, Wheelchair, YesNo, Zone
from tests import makers

NOW = date(2026, 11, 30)
#: No control characters but those that a cell may hold, and no half characters.
LETTERS = st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t'=+-@＝;\\\",")
TEXTS = st.text(LETTERS, min_size=1, max_size=12)
SOME = st.none() | TEXTS
NAMED = TEXTS.filter(lambda text: bool(text.strip()))
ENTRY = st.none() | st.sampled_from(
    ['{"register":"yes","how":"先申请门禁","url":"https://example.org/a?b=1"}', '{"how":"扫码"}']
)
PHONES = st.lists(
    st.sampled_from(["0755-82333707", "187****2336", "13800138000", "0755-82333707转8", "12345"])
    | TEXTS,
    max_size=3,
)


def words(vocabulary: Any) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(map(str, vocabulary))), unique=True, max_size=3)


def one(vocabulary: Any) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(list(map(str, vocabulary)))


def spot(number: int) -> shapely.Point:
    """Far enough from all others that no two are one place, in the city."""
    return shapely.Point(113.9 + 0.013 * number + 1e-7, 22.53 + 0.0000001 * number)


def row() -> st.SearchStrategy[dict[str, Any]]:
    texts = {
        name: SOME
        for name in TEXT_COLUMNS
        if name not in ("id", "name", "opening_hours", "entry", "pinyin", "initials", "layer")
    }
    return st.fixed_dictionaries(
        {
            **texts,
            "name": NAMED,
            "kind": st.sampled_from(list(map(str, Kind))),
            "door": one(Door),
            "position": one(Position),
            "fee": one(YesNo),
            "wheelchair": one(Wheelchair),
            "radius_m": st.none() | st.floats(0, 50_000),
            "phones": PHONES,
            "services": words(Service),
            "maybe": words(Service),
            "audience": words(Audience),
            "zones": words(Zone),
            "capacity": st.none() | st.integers(0, 999_999),
            "opening_hours": st.sampled_from(makers.HOURS),
            "entry": ENTRY,
            "verified_at": st.none() | st.dates(date(2000, 1, 1), date(2099, 1, 1)).map(str),
            "src_row": st.none() | st.integers(1, 10**9),
            "src_lon": st.none() | st.floats(-180, 180),
            "src_lat": st.none() | st.floats(-90, 90),
            "src_guessed": st.sampled_from([None, "district", "street", "district street"]),
            "layer": st.sampled_from([None, "main", "yuehai"]),
            "line": st.booleans(),
        }
    )


def table_of(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    shapes = [
        shapely.LineString([spot(at), (114.0123456, 22.5512345), (114.02, 22.56)])
        if each["line"]
        else spot(at)
        for at, each in enumerate(rows)
    ]
    columns = {name: [each[name] for each in rows] for name in rows[0] if name != "line"}
    columns["id"] = [f"st-{at:03}" for at in range(len(rows))]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84)


def back_from(path: Path, places: int, **declared: Any) -> gpd.GeoDataFrame:
    (table,) = read(path)
    checked = recipes.check(places_from(table, Declared(None, **declared)))
    assert checked.rejects == ()
    assert checked.unused == ()
    assert len(checked.places) == places
    return checked.places


def published(home: Path, raw: gpd.GeoDataFrame) -> tuple[Dataset, str]:
    frozen = makers.frozen(raw, synthetic=False)
    store = Dataset(home, "made")
    store.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    return store, frozen.version


@given(rows=st.lists(row(), min_size=1, max_size=6, unique_by=lambda each: each["name"].strip()))
@settings(
    max_examples=4,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_places_come_back_from_every_format_as_the_same_version(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    store, version = published(tmp_path_factory.mktemp("home"), table_of(rows))
    for path in exports.export(store).values():
        again = back_from(path, len(rows))
        assert makers.frozen(again, synthetic=False).version == version, path.name


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1)))
def test_lists_in_one_cell_come_back(items: list[str]) -> None:
    from geodata.sources.own import _split

    assert _split(joined(items)) == items


def test_a_cell_of_every_kind_is_the_text_of_the_csv() -> None:
    values = [None, pd.NA, pd.NaT, float("nan"), True, np.int64(3), 0.1, ["a;", "b"], "x "]
    assert list(map(cell, values)) == ["", "", "", "", "true", "3", "0.1", "a\\;;b", "x "]
    assert cell(pd.Timestamp("2026-11-01")) == "2026-11-01"
    assert {*LIST_COLUMNS} >= {"phones", "services"}


def test_the_export_of_an_older_program_is_read(real_data: Path) -> None:
    path = real_data / "faults" / "import" / "own_export.parquet"
    was = gpd.read_parquet(path)
    found = back_from(path, len(was))
    for name in ("id", "name", "kind", "opening_hours", "src_guessed", "src_file", "src_datum"):
        assert found[name].astype(object).where(found[name].notna(), None).tolist() == (
            was[name].astype(object).where(was[name].notna(), None).tolist()
        )
    for name in ("phones", "services", "audience", "zones"):
        assert list(map(list, found[name])) == list(map(list, was[name]))
    assert bool(found.geometry.geom_equals(was.geometry).all())


# --- what is typed may not contradict what is stated ---


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Path]:
    store, _ = published(tmp_path, makers.three_places())
    return dict(exports.export(store))


@pytest.mark.parametrize("name", NAMES)
def test_another_datum_or_kind_than_the_file_states_is_a_sentence(
    made: dict[str, Path], name: str
) -> None:
    (table,) = read(made[name])
    assert len(places_from(table, Declared(Datum.WGS84)).places) == 3
    with pytest.raises(BadTable, match="states wgs84, and --datum says gcj02; leave --datum out"):
        places_from(table, Declared(Datum.GCJ02))
    with pytest.raises(BadTable, match="leave --kind out"):
        places_from(table, Declared(None, Kind.DRIVER_HOME))


def test_what_somebody_spoilt_in_a_copy_refuses_its_row(made: dict[str, Path]) -> None:
    path = made["places.csv"]
    text = path.read_text("utf-8-sig")
    spoilt = text.replace("114.05,22.54", "here,22.54").replace("LINESTRING", "LINE")
    path.write_text(spoilt, "utf-8-sig")
    (table,) = read(path)
    found = places_from(table, Declared(None))
    assert [(reject.row, reject.column) for reject in found.rejects] == [(3, "lon"), (4, "wkt")]
    assert found.places["id"].tolist() == ["merchant-1"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_csv_that_a_spreadsheet_saved_anew_comes_back(
    made: dict[str, Path], encoding: str
) -> None:
    path = made["places.csv"]
    text = path.read_text("utf-8-sig").replace("2026-11-01", "2026/11/1").replace("false", "FALSE")
    path.write_bytes(text.encode(encoding))
    found = back_from(path, 3)
    assert found["verified_at"].dropna().dt.strftime("%Y-%m-%d").tolist() == ["2026-11-01"]


# --- as it is typed ---


def run(home: Path, *arguments: str | Path) -> str:
    ended = CliRunner().invoke(
        cli, list(map(str, arguments)), env={"NUANFENG_HOME": str(home)}, terminal_width=200
    )
    return f"{ended.exit_code} {' '.join(ended.output.split())}"


def content(home: Path, dataset: str) -> list[dict[str, Any]]:
    held = stored(home, dataset)
    assert held is not None
    places = held.places().drop(columns="service_bits")
    for name in LIST_COLUMNS:
        places[name] = places[name].map(list)
    places["verified_at"] = places["verified_at"].astype(str)
    return json.loads(places.to_json(drop_id=True))["features"]


def test_what_was_imported_and_exported_is_imported_with_nothing_typed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "驿站.csv").write_text(
        "名称,地址,经度,纬度,营业时间,服务内容,联系电话\n"
        "白石洲驿站,深南大道9028号,113.9694,22.5375,周一至周五9:00-18:00,热水、微波炉,187****2336\n"
        "华侨城驿站,侨城东路,113.9871,22.5346,看情况,座椅,0755-82333707\n",
        "utf-8",
    )
    said = run(
        home,
        "import",
        tmp_path / "驿站.csv",
        "--dataset",
        "mine",
        "--datum",
        "gcj02",
        "--kind",
        "warm_bee_station",
        "--licence",
        "CC0-1.0",
        "--publish",
    )
    assert said.startswith("0 "), said
    assert run(home, "export", "--dataset", "mine").startswith("0 ")
    version = Dataset(home, "mine").pointer().version
    for name in NAMES:
        again = f"again-{name.rpartition('.')[2]}"
        file = home / "cache" / "data" / "mine" / version / name
        said = run(home, "import", file, "--dataset", again, "--publish")
        assert said.startswith("0 "), said
        assert content(home, again) == content(home, "mine"), name
        held = stored(home, again)
        assert held is not None
        assert (held.about.licence, held.about.source) == ("CC0-1.0", "驿站.csv")


def test_an_export_of_several_layers_goes_back_to_each_of_them(tmp_path: Path) -> None:
    head = "编号,名称,经度,纬度\n"
    home, told = tmp_path / "home", ["--dataset", "a", "--datum", "wgs84", "--publish"]
    for layer, row in (("main", "nst-9,北站,114.02,22.61"), ("yuehai", "yst-7,粤海,113.94,22.53")):
        (tmp_path / f"{layer}.csv").write_text(f"{head}{row}\n", "utf-8")
        kind = ["--kind", "warm_bee_station", "--ids", "own", "--layer", layer]
        run(home, "import", tmp_path / f"{layer}.csv", *told, *kind)
    assert run(home, "export", "--dataset", "a").startswith("0 ")
    version = Dataset(home, "a").pointer().version
    file = home / "cache" / "data" / "a" / version / "places.csv"
    before = content(home, "a")
    for layer, other in (("main", "yuehai"), ("yuehai", "main")):
        again = ["--dataset", "a", "--layer", layer, "--publish"]
        printed = run(home, "import", file, *again)
        assert f"1 rows of layer {other!r}" in " ".join(printed.split())
    assert content(home, "a") == before
    with pytest.raises(BadTable, match="import each with --layer, such as --layer main"):
        of_layer(read(file)[0], "xili", {"main", "yuehai"})


def test_made_up_places_are_never_imported_as_real_ones(tmp_path: Path) -> None:
    store = Dataset(tmp_path, "made")
    frozen = makers.frozen(makers.three_places())
    store.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    for path in exports.export(store).values():
        said = run(tmp_path, "import", path, "--dataset", "mine", "--publish")
        assert said.startswith("1 "), said
        assert "synthetic places: they do not exist" in said
