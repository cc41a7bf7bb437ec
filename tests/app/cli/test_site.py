"""`nuanfeng site`: a file of points in, a plan out, and what it refuses in which words."""

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import python_calamine
from click.testing import CliRunner, Result

from app.cli.main import cli
from geodata.hours.calendar import HolidayDate, HolidayYear
from geodata.space.coordinates import WGS84, from_wgs84
from geodata.store.calendar import HomeCalendar
from geodata.store.history import Stamp


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    rng = np.random.default_rng(4)
    lonlat = np.column_stack([rng.uniform(113.90, 114.10, 300), rng.uniform(22.52, 22.60, 300)])
    path = tmp_path / "points.parquet"
    frame = gpd.GeoDataFrame(
        {"trips": rng.integers(1, 9, 300), "note": "=1+1"},
        geometry=gpd.points_from_xy(*lonlat.T),
        crs=WGS84,
    )
    frame.to_parquet(path)
    return path


HOURS = "Mo-Su 00:00-24:00; PH off"


def site(home: Path, *arguments: object) -> Result:
    return CliRunner().invoke(
        cli, ["site", *map(str, arguments)], env={"NUANFENG_HOME": str(home), "COLUMNS": "200"}
    )


def test_new_sites_are_written_in_order_with_reasons_and_told_to_be_proved(
    demo_home: Path, asked: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.geojson"
    patient = ("--time-limit-s", 3_600)
    told = site(
        demo_home, asked, "--weight", "trips", "--p", 4, "--reach-m", 800, "-o", target, *patient
    )
    assert told.exit_code == 0, told.stderr
    assert "proved optimal" in told.stdout
    assert "existing places and merchants are synthetic" in " ".join(told.stdout.split())
    plan = gpd.read_file(target)
    assert plan["order"].tolist() == [1, 2, 3, 4]
    assert plan["gain"].is_monotonic_decreasing
    assert plan["synthetic"].all()
    assert plan["reason"].str.startswith("adds ").all()
    assert plan["where"].str.contains("街道").any()
    assert plan["where"].str.contains("街道|米").all()


def test_a_workbook_is_chinese_where_a_person_asks_for_it(
    demo_home: Path, asked: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.xlsx"
    told = site(demo_home, asked, "--p", 2, "-o", target, "--lang", "zh")
    assert told.exit_code == 0, told.stderr
    book = python_calamine.CalamineWorkbook.from_path(target)
    heads = {name: book.get_sheet_by_name(name).to_python()[0] for name in book.sheet_names}
    assert heads["about"] == ["方案"]
    assert {"顺序", "选址", "位置", "原因", "经度", "纬度"} <= {*heads["sites"]}
    assert {"之前可达", "之后可达", "note"} <= {*heads["points"]}


def test_without_the_dataset_nothing_is_synthetic_and_no_dataset_is_needed(
    asked: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.parquet"
    told = site(tmp_path, asked, "--no-existing", "--model", "p-median", "--p", 3, "-o", target)
    assert told.exit_code == 0, told.stderr
    assert {"synthetic", "where"}.isdisjoint(gpd.read_parquet(target).columns)
    assert "mean way" in told.stdout


def test_what_lies_outside_the_service_area_is_counted_and_neither_weighs_nor_is_chosen(
    demo_home: Path, tmp_path: Path
) -> None:
    points, target = tmp_path / "points.csv", tmp_path / "plan.parquet"
    points.write_text("lon,lat,weight\n114.05,22.54,2\n121.5,31.2,5\n", encoding="utf-8")
    sites = tmp_path / "sites.csv"
    sites.write_text("site_id,lon,lat\nhere,114.05,22.54\nthere,121.5,31.2\n", encoding="utf-8")
    asked = [points, "--sites", sites, "--kind", "driver_home", "--p", 1, "-o", target]
    told = site(demo_home, *asked, "--reach-m", 20)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "2 of 2 within reach" in said
    assert "5 more lie outside the service area; 1 sites lie there and were not offered" in said
    assert gpd.read_parquet(target)["site_id"].tolist() == ["here"]
    free = site(tmp_path, *asked[:3], "--no-existing", *asked[5:], "--reach-m", 20)
    assert "5 of 7 within reach" in " ".join(free.stdout.split())
    nobody = tmp_path / "nobody.csv"
    nobody.write_text("lon,lat\n121.5,31.2\n", encoding="utf-8")
    refused = site(demo_home, nobody, *asked[1:])
    assert "none of the 1 points can be served" in " ".join(refused.stderr.split())


def test_a_median_has_no_reach_unless_one_is_stated(tmp_path: Path) -> None:
    points, target = tmp_path / "points.csv", tmp_path / "plan.parquet"
    points.write_text("lon,lat\n114.0,22.54\n114.0,22.54\n114.1,22.54\n", encoding="utf-8")
    sites = tmp_path / "sites.csv"
    sites.write_text("site_id,lon,lat\nwest,114.0,22.54\n", encoding="utf-8")
    asked = [points, "--sites", sites, "--no-existing", "--model", "p-median", "--p", 1]
    free, bound = (
        " ".join(site(tmp_path, *asked, *more, "-o", target).stdout.split())
        for more in ((), ("--reach-m", 500))
    )
    assert "mean way 3,428." in free  # a third of 10,286 m
    assert "mean way 3,428." in bound
    assert "33.3% of the demand goes farther than the reach" in bound


def test_sensitivity_says_how_often_each_site_is_chosen_and_what_the_plan_reaches(
    demo_home: Path, asked: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.parquet"
    told = site(demo_home, asked, "--p", 2, "--reach-m", 800, "--sensitivity", "-o", target)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "in 200 draws of the points (seed 1) the plan reaches" in said
    plan = gpd.read_parquet(target)
    assert plan["chosen_in_draws"].between(0, 1).all()
    assert plan["in_robust"].dtype == bool


def test_sensitivity_draws_a_curve_over_the_number_of_sites(
    demo_home: Path, asked: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.xlsx"
    told = site(demo_home, asked, "--p", 2, "--reach-m", 800, "--sensitivity", "-o", target)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "intervals of 95%, 1000 draws of the points (seed 1)" in said
    book = python_calamine.CalamineWorkbook.from_path(str(target))
    assert book.sheet_names == ["about", "sites", "points", "curve"]
    head, *rows = book.get_sheet_by_name("curve").to_python()
    assert [row[head.index("p")] for row in rows] == [1, 2, 3, 4]
    shares = [row[head.index("share")] for row in rows]
    assert shares == sorted(shares)
    assert (
        shares[1]
        == book.get_sheet_by_name("sites").to_python()[2][
            book.get_sheet_by_name("sites").to_python()[0].index("reached_share")
        ]
    )
    for row in rows:
        low, share, high = (row[head.index(each)] for each in ("share_low", "share", "share_high"))
        assert low <= share <= high


def test_a_week_is_judged_by_the_holidays_that_were_loaded(asked: Path, tmp_path: Path) -> None:
    """Without a dataset by those of the home folder."""
    off = HolidayYear(2026, (HolidayDate(date(2026, 11, 25), off=True, name="节", source="A"),))
    HomeCalendar(tmp_path).add(off, Stamp(datetime(2026, 1, 1, tzinfo=UTC), "test"))
    sites = gpd.read_parquet(asked).iloc[:1][["geometry"]].assign(opening_hours=HOURS)
    sites.to_file(tmp_path / "sites.geojson")
    plan = ["--no-existing", "--sites", tmp_path / "sites.geojson", "--p", 1, "--reach-m", 50_000]
    target = tmp_path / "plan.parquet"
    told = site(tmp_path, asked, *plan, "--week", "2026-11-23", "-o", target)
    assert told.exit_code == 0, told.stderr
    assert gpd.read_parquet(target)["reached_share"].tolist() == pytest.approx([6 / 7])


def test_a_workbook_has_the_plan_the_sites_and_the_points_as_text(
    demo_home: Path, asked: Path, tmp_path: Path
) -> None:
    target, points = tmp_path / "plan.xlsx", tmp_path / "points.geojson"
    merchants = ["--sites", "merchants", "--kind", "warm_bee_station"]
    told = site(demo_home, asked, *merchants, "--p", 3, "-o", target, "--points-output", points)
    assert told.exit_code == 0, told.stderr
    book = python_calamine.CalamineWorkbook.from_path(str(target))
    assert book.sheet_names == ["about", "sites", "points"]
    rows = book.get_sheet_by_name("points").to_python()
    assert rows[1][rows[0].index("note")] == "=1+1"
    assert book.get_sheet_by_name("sites").to_python()[1][2] == "promote"
    assert {"reached_before", "reached_after", "gain", "by_site"} <= set(
        gpd.read_file(points).columns
    )


def test_hours_are_lengthened_where_places_are_closed_when_needed(
    demo_home: Path, asked: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.parquet"
    told = site(
        demo_home, asked, "--sites", "hours", "--week", "2026-11-16", "--p", 3, "-o", target
    )
    assert told.exit_code == 0, told.stderr
    plan = gpd.read_parquet(target)
    assert set(plan["kind"]) == {"lengthen"}
    assert (plan["when"] != "").all()


def test_candidates_and_points_come_in_the_datum_and_columns_that_are_named(tmp_path: Path) -> None:
    lon, lat = (float(part) for part in from_wgs84(114.05, 22.54, "gcj02"))
    points, sites, target = tmp_path / "订单.csv", tmp_path / "sites.csv", tmp_path / "plan.parquet"
    points.write_text(f"经度,纬度\n{lon:.9f},{lat:.9f}\n", encoding="utf-8")
    sites.write_text(
        "site_id,cost,lon,lat\nnear,3,114.05,22.54\nfar,1,114.056,22.54\n", encoding="utf-8"
    )
    options = [
        "--lon",
        "经度",
        "--lat",
        "纬度",
        "--datum",
        "gcj02",
        "--sites",
        sites,
        "--no-existing",
    ]
    told = site(tmp_path, points, *options, "--reach-m", 10, "--budget", 3, "-o", target)
    assert told.exit_code == 0, told.stderr
    assert gpd.read_parquet(target)["site_id"].tolist() == ["near"]


def test_minutes_over_a_network_are_those_of_the_way_and_the_plan_names_engine_and_date(
    home_on_roads: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(9)
    lonlat = np.column_stack([rng.uniform(113.95, 113.98, 200), rng.uniform(22.53, 22.56, 200)])
    points, target = tmp_path / "points.csv", tmp_path / "plan.parquet"
    points.write_text(
        "lon,lat\n" + "".join(f"{lon},{lat}\n" for lon, lat in lonlat), encoding="utf-8"
    )
    reach = ["--minutes", 6, "--mode", "ride", "--network", "grid"]
    asked = [
        "--model",
        "p-median",
        "--p",
        3,
        "--sites",
        "grid:200m",
        *reach,
        "--no-existing",
        "-o",
        target,
    ]
    told = site(home_on_roads, points, *asked)
    assert told.exit_code == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "mean way " in said
    assert "reach 6 min, ride, by road: nuanfeng travel over network grid" in said
    assert "more stand on no road" in said
    plan = gpd.read_parquet(target)
    assert plan["reach"].str.endswith("OpenStreetMap data of 2026-11-01T00:00:00Z").all()
    assert plan["reason"].str.contains("weighted min").all()
    both = site(home_on_roads, points, *asked, "--reach-m", 500)
    assert "not both" in both.stderr


def test_who_cannot_be_reached_is_listed(tmp_path: Path, asked: Path) -> None:
    target = tmp_path / "plan.parquet"
    options = ["--no-existing", "--model", "lscp", "--sites", "grid:3000m", "-o", target]
    refused = site(tmp_path, asked, *options)
    assert refused.exit_code == 1
    assert "points cannot be reached" in refused.stderr
    assert not target.exists()
    assert site(tmp_path, asked, *options, "--leave-unreachable").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--p", 3, "-o", "plan.txt"], "plan.txt is none of .parquet, .geojson, .csv, .xlsx"),
        (["--p", 3, "-o", "nowhere/plan.xlsx"], "there is no folder"),
        (["-o", "plan.xlsx"], "say how many sites"),
        (["--p", 3, "--weight", "gewicht", "-o", "plan.xlsx"], "no column 'gewicht'"),
        (["--p", 3, "--sites", "grid:fine", "-o", "plan.xlsx"], "say grid:500m"),
        (["--p", 3, "--sites", "hours", "-o", "plan.xlsx"], "it needs --week"),
        (["--p", 3, "--model", "lscp", "-o", "plan.xlsx"], "leave --p and --budget out"),
        (["--p", 3, "--week", "2026-11-17", "-o", "plan.xlsx"], "is no Monday"),
        (["--p", 3, "--reach-m", "-5", "-o", "plan.xlsx"], "a reach of -5 m"),
        (["--p", 3, "--sites", "sites.csv", "-o", "plan.xlsx"], "there is no file sites.csv"),
        (["--p", 3, "--minutes", "5", "-o", "plan.xlsx"], "minutes need roads"),
        (
            ["--p", 3, "--minutes", "5", "--network", "none-such", "-o", "plan.xlsx"],
            "there is no network 'none-such'",
        ),
    ],
)
def test_bad_questions_are_refused_in_a_sentence(
    demo_home: Path,
    asked: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[object],
    reason: str,
) -> None:
    monkeypatch.chdir(asked.parent)
    refused = site(demo_home, asked, *arguments)
    assert refused.exit_code == 1
    assert reason in " ".join(refused.stderr.split())
    assert len(list(asked.parent.iterdir())) == 1


def test_points_without_coordinates_are_each_named(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("lon,lat\n114.05,22.54\nwest,22.5\n200,22.5\n", encoding="utf-8")
    refused = site(tmp_path, points, "--no-existing", "--p", 1, "-o", tmp_path / "plan.xlsx")
    assert refused.exit_code == 1
    assert "2 rows of points.csv have no readable coordinates" in refused.stderr
    empty = tmp_path / "empty.csv"
    empty.write_text("lon,lat\n", encoding="utf-8")
    assert (
        "has no rows"
        in site(tmp_path, empty, "--no-existing", "--p", 1, "-o", tmp_path / "plan.xlsx").stderr
    )
