"""`nuanfeng site`: where the next places should stand, for a file of points."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import apart, terminal
from app.cli import live as lives
from app.cli.commands import Command
from app.cli.headings import in_words
from app.cli.options import (
    DATASET,
    LAT,
    LON,
    NETWORK,
    POINTS_DATUM,
    WEIGHT,
    opens_files,
    output,
    paved_of,
)
from app.cli.whereabouts import where_text
from app.words import Language
from geodata.errors import BadQuestion, Said
from geodata.vocabulary import Kind, Mode, Need

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geodata.analysis.siting import Plan, Problem, Reach, Robustness, Week
    from geodata.analysis.whereabouts import Whereabouts
    from geodata.city import MetricGrid
    from geodata.snapshot.snapshot import Snapshot
    from geodata.space.service_area import Outline

#: Of draws, so that the same command says the same.
_SEED: Final = 1
#: Where a site is, in words: its street office, and a landmark nearby.
_WHERE: Final = "where"
_EPILOG = (
    "Examples:  nuanfeng site trips.parquet --sites grid:500m --p 20 --reach-m 1000 -o plan.geojson"
    "  |  nuanfeng site orders.csv --sites merchants --kind warm_bee_station --p 50 -o plan.xlsx  |"
    "  nuanfeng site riders.parquet --sites hours --week 2026-11-23 --p 10 -o longer.xlsx  | "
    " nuanfeng site orders.csv --model p-median --p 20 --minutes 10 --mode ride --network shenzhen"
    " -o near.geojson  |  nuanfeng site homes.gpkg --model lscp --sites lots.geojson --no-existing"
    " -o all.parquet"
)


@click.command(cls=Command, epilog=_EPILOG)
@click.argument("points", type=click.Path(path_type=Path))
@output(".geojson, .parquet, .csv or .xlsx.")
@click.option(
    "--model",
    default="mclp",
    show_default=True,
    type=click.Choice(["lscp", "mclp", "backup", "p-median"]),
    help="Reach all at least cost; most; most, and twice; or on the shortest way.",
)
@click.option(
    "--sites",
    default="grid:500m",
    show_default=True,
    metavar="FILE|grid:500m|merchants|hours",
    help=(
        "What to choose among: points of a file (site_id, cost, opening_hours if there), a grid"
        " over the demand, merchants to promote, or places to open round the clock."
    ),
)
@click.option("--p", type=click.IntRange(1), help="How many sites at most.")
@click.option(
    "--budget",
    type=click.FloatRange(0),
    help="How much they may cost, in the unit of the sites' cost.",
)
@click.option(
    "--reach-m",
    type=float,
    help="How far anyone goes, straight metres  [default: 500; p-median: as far as it is]",
)
@click.option(
    "--minutes",
    type=float,
    help="Instead of --reach-m: how far anyone goes by --mode over --network.",
)
@click.option(
    "--mode",
    default=Mode.WALK.value,
    show_default=True,
    type=click.Choice([mode.value for mode in Mode]),
    help="With --minutes: how people travel.",
)
@NETWORK
@click.option(
    "--second",
    default=0.5,
    show_default=True,
    help="backup: what a second place within reach is worth.",
)
@click.option(
    "--leave-unreachable", is_flag=True, help="lscp: leave out points that no candidate reaches."
)
@click.option(
    "--existing/--no-existing",
    default=True,
    show_default=True,
    help="Whether the dataset's places count.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Existing places of this kind only.",
)
@click.option(
    "--need",
    "needs",
    multiple=True,
    type=click.Choice([need.value for need in Need]),
    help="Existing places that serve this only.",
)
@click.option(
    "--week",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="MONDAY",
    help=(
        "Judge opening hours in this week, hour by hour; a column hour (0–167) says when points"
        " ask."
    ),
)
@WEIGHT
@LON
@LAT
@POINTS_DATUM
@click.option(
    "--points-output",
    type=click.Path(path_type=Path),
    help="Also write the points, before and after.",
)
@click.option(
    "--sensitivity",
    is_flag=True,
    help=(
        "Also try the plan in 200 draws of the points (seed 1): how often each site is chosen, the"
        " interval of what is reached, and the choice that regrets least; and a curve over fewer"
        " and more sites, each number chosen anew."
    ),
)
@click.option(
    "--time-limit-s", default=20.0, show_default=True, help="Then the best so far, with its gap."
)
@lives.OPTION
@DATASET
@opens_files
@terminal.in_sentences
@in_words
def site(points: Path, target: Path, model: str, points_output: Path | None, **asked: Any) -> None:
    """Choose where the next places should stand for the points of a file, and say how good the
    choice is proved to be.

    One row a site, in order of what each adds, with the reason. An .xlsx has the points before and
    after as a sheet, and with --sensitivity the curve.
    """
    try:
        from geodata.analysis import siting
        from geodata.analysis.siting import file as siting_file
        from geodata.analysis.siting.robust import DRAWS
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            Said(
                "siting needs {missing}; in the project's folder: pip install '.[analysis]'",
                missing=missing.name,
            )
        ) from None
    for each in filter(None, (target, points_output)):
        siting_file.writer_of(each)
    live = _live(asked)
    area = _area(asked)
    demand = _demand(points, asked, area)
    if area is not None:
        _tell_apart(demand, asked["datum"], area)
    sites, existing, synthetic = _choice(demand, asked)
    existing = _still_open(existing, live, asked)
    problem = siting.from_frames(
        demand,
        sites,
        _reach(asked, model),
        existing=existing,
        week=_week(asked),
        area=area,
    )
    if not problem.weight.any():
        raise BadQuestion(
            (
                "none of the {count:,} points can be served: they lie outside the service "
                "area, on no road, or weigh nothing. Name their city with --dataset, or say "
                "--no-existing"
            ),
            count=len(demand),
        )
    with terminal.progress("solving", 100) as heard:
        plan = _plan(model, problem, asked, siting.Effort(asked["time_limit_s"], progress=heard))
    about = (
        Said("{plan}; existing places and merchants are synthetic", plan=plan.said)
        if synthetic
        else plan.said
    )
    if live is not None:
        about = Said("{plan}; with {live}", plan=about, live=live.about)
    tables = siting_file.tables_of(plan, synthetic=synthetic)
    spots = _spots(tables["sites"], asked)
    tables["sites"] = _with_where(tables["sites"], spots, terminal.language_of_files())
    if asked["sensitivity"]:
        with terminal.progress("drawing", DRAWS) as heard:
            tried = siting.robustness(plan, seed=_SEED, progress=heard)
        tables["sites"] = tables["sites"].assign(
            chosen_in_draws=tried.often[plan.chosen],
            in_robust=[row in tried.robust for row in plan.chosen.tolist()],
        )
        about = Said("{plan}; {tried}", plan=about, tried=_tried(tried))
        tables["curve"] = _curve(plan, asked["time_limit_s"])
    siting_file.write(target, tables, about)
    if points_output:
        siting_file.write(points_output, {"points": tables["points"]}, about)
    _tell(plan, spots, about, target)
    if asked["sensitivity"]:
        _tell_curve(tables["curve"], problem.unit)


def _live(asked: dict[str, Any]) -> "lives.LaidLive | None":
    """What `--live` takes away, now. BadQuestion where nothing that exists counts, or a week."""
    if not asked["live"]:
        return None
    if asked["week"] is not None or not asked["existing"]:
        raise BadQuestion(
            "--live is about the places that exist now: it goes with neither --week nor"
            " --no-existing"
        )
    snapshot = _snapshot(asked)
    return None if snapshot is None else lives.laid(asked["live"], asked["dataset"], snapshot, None)


def _still_open(
    existing: "gpd.GeoDataFrame | None", live: "lives.LaidLive | None", asked: dict[str, Any]
) -> "gpd.GeoDataFrame | None":
    """Without the places that nobody gets into now, or that lack what is asked for."""
    from geodata.snapshot.overlay import LACKS

    if existing is None or live is None or live.laid is None:
        return existing
    needs = {Need(each) for each in asked["needs"]}
    lacking = {
        row
        for row, place in live.laid.rows.items()
        for each in place.said
        if each.effective and not needs.isdisjoint(LACKS.get(each.type, ()))
    }
    gone = {live.snapshot.id_of(row) for row in live.laid.shut | lacking}
    return existing[~existing["id"].isin(gone)]


def _spots(sites: "pd.DataFrame", asked: dict[str, Any]) -> "Sequence[Whereabouts]":
    """Where each site is, by the street offices and landmarks of the dataset; nothing without."""
    import shapely

    from geodata.analysis.whereabouts import whereabouts
    from geodata.pipeline.published import drawn_outlines, stored

    chosen = settings.read()
    held = stored(chosen.home, asked["dataset"] or chosen.dataset)
    outlines = drawn_outlines(held)
    if held is None or outlines is None or (not asked["existing"] and asked["dataset"] is None):
        return ()
    middles = shapely.point_on_surface(sites.geometry.to_numpy())
    return whereabouts(
        shapely.get_coordinates(middles), outlines.streets, held.landmarks(), outlines.city.grid
    )


def _with_where(
    sites: "pd.DataFrame", spots: "Sequence[Whereabouts]", language: Language
) -> "pd.DataFrame":
    """The sites with a column `where`, unless they have one of their own."""
    if not spots or _WHERE in sites:
        return sites
    return sites.assign(**{_WHERE: [where_text(each, language) for each in spots]})


def _demand(points: Path, asked: dict[str, Any], area: "Outline | None") -> "gpd.GeoDataFrame":
    from geodata.analysis.siting.file import read_points
    from geodata.space.coordinates import Datum

    demand = read_points(
        points,
        lon=asked["lon"],
        lat=asked["lat"],
        datum=Datum(asked["datum"]),
        options=asked["options"],
        area=area,
    )
    weight = asked["weight"]
    if weight is None:
        return demand
    if weight not in demand:
        raise BadQuestion(
            "{points} has no column {weight!r}; there are: {columns}",
            points=points.name,
            weight=weight,
            columns=[*map(str, demand.columns)],
        )
    return demand.assign(weight=demand[weight])


def _tell_apart(demand: "gpd.GeoDataFrame", datum: str, area: "Outline") -> None:
    """Of points as they were read: a hint is about what the person typed."""
    import numpy as np

    from geodata.analysis.left_out import apart_of
    from geodata.space.coordinates import Datum, from_wgs84

    read_as = Datum(datum)
    lonlat = from_wgs84(demand.geometry.x, demand.geometry.y, read_as)
    apart.tell(apart_of(np.stack(lonlat, axis=1), read_as, area))


def _reach(asked: dict[str, Any], model: str) -> "Reach":
    """Metres, or minutes over a network; a p-median has no bound of its own but the index's.

    BadQuestion for both at once, and for minutes without roads.
    """
    from geodata.analysis import siting
    from geodata.space.tangent import MAX_REACH_M

    minutes, paved = asked["minutes"], paved_of(asked["network"], asked["minutes"])
    if minutes is None:
        unstated = MAX_REACH_M if model == "p-median" else 500.0
        return siting.Metres(unstated if asked["reach_m"] is None else asked["reach_m"])
    if asked["reach_m"] is not None:
        raise BadQuestion("give --reach-m or --minutes, not both")
    if paved is None:
        raise BadQuestion("minutes need roads: name a network with --network, or say --reach-m")
    return siting.Minutes(minutes, Mode(asked["mode"]), paved.load())


def _choice(
    demand: "gpd.GeoDataFrame", asked: dict[str, Any]
) -> "tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None, bool]":
    """The candidates, what is there already, and whether any of it is made up.

    A candidate is not there already.
    """
    from geodata.analysis import siting
    from geodata.analysis.siting import file as siting_file

    named: str = asked["sites"]
    places, synthetic = (
        _places(asked) if asked["existing"] or named in ("merchants", "hours") else (None, False)
    )
    if places is not None and named == "merchants":
        sites = siting.merchants(places)
    elif places is not None and named == "hours":
        if asked["week"] is None or not asked["existing"]:
            raise BadQuestion(
                "--sites hours adds hours to existing places: it needs --week and no --no-existing"
            )
        sites = siting.longer_hours(_matching(places, asked))
    elif named.startswith("grid:"):
        sites = siting.grid(demand, _step_m(named), _metric_grid(demand, asked))
    else:
        sites = siting_file.read_points(Path(named), options=asked["options"])
    if places is None or not asked["existing"]:
        return sites, None, synthetic
    there = _matching(places, asked)
    return (
        sites,
        there if named == "hours" else there[~there["id"].isin(sites.get("site_id", []))],
        synthetic,
    )


def _area(asked: dict[str, Any]) -> "Outline | None":
    """The service area of the dataset that is asked; None: none is."""
    snapshot = _snapshot(asked)
    return None if snapshot is None else snapshot.outline


def _snapshot(asked: dict[str, Any]) -> "Snapshot | None":
    """The dataset that is asked; None: none is."""
    from geodata.store.files import Dataset

    if not asked["existing"] and asked["dataset"] is None:
        return None
    chosen = settings.read()
    return Dataset(chosen.home.absolute(), asked["dataset"] or chosen.dataset).load()


def _metric_grid(demand: "gpd.GeoDataFrame", asked: dict[str, Any]) -> "MetricGrid":
    """That of the dataset's city; without a dataset one about the points."""
    from geodata.city import own_grid
    from geodata.space.coordinates import WGS84
    from geodata.store.files import Dataset

    if not asked["existing"] and asked["dataset"] is None:
        return own_grid(*demand.to_crs(WGS84).total_bounds.tolist())
    chosen = settings.read()
    store = Dataset(chosen.home.absolute(), asked["dataset"] or chosen.dataset)
    return store.manifest(store.pointer()).about.city.grid


def _places(asked: dict[str, Any]) -> "tuple[gpd.GeoDataFrame, bool]":
    from geodata.errors import NoDataset
    from geodata.pipeline.published import stored

    chosen = settings.read()
    name = asked["dataset"] or chosen.dataset
    held = stored(chosen.home, name)
    if held is None:
        raise NoDataset("there is no dataset {name!r} in {home}", name=name, home=chosen.home)
    return held.places(), held.about.synthetic


def _matching(places: "gpd.GeoDataFrame", asked: dict[str, Any]) -> "gpd.GeoDataFrame":
    from geodata.analysis import siting

    return siting.matching(places, map(Kind, asked["kinds"]), map(Need, asked["needs"]))


def _step_m(named: str) -> float:
    text = named.removeprefix("grid:").removesuffix("m")
    try:
        return float(text)
    except ValueError:
        raise BadQuestion("--sites {named} is no grid; say grid:500m", named=named) from None


def _week(asked: dict[str, Any]) -> "Week | None":
    """By the dataset's calendar; without a dataset by that of the home folder."""
    from geodata.analysis import siting
    from geodata.city import MAINLAND
    from geodata.store.calendar import HomeCalendar

    if asked["week"] is None:
        return None
    monday, snapshot = asked["week"].date(), _snapshot(asked)
    if snapshot is None:
        return siting.Week(monday, HomeCalendar(settings.read().home).calendar(MAINLAND))
    return siting.Week.of(snapshot, monday)


def _curve(plan: "Plan", time_limit_s: float) -> "pd.DataFrame":
    """The curve over the number of sites; all numbers together get as long as the plan did."""
    from geodata.analysis import siting
    from geodata.analysis.uncertainty import Bootstrap, over_p

    numbers = siting.numbers_near(plan)
    effort = siting.Effort(time_limit_s / len(numbers))
    with terminal.progress("drawing", len(numbers)) as heard:
        return over_p(plan, Bootstrap(seed=_SEED), numbers, effort=effort, progress=heard)


def _tell_curve(curve: "pd.DataFrame", unit: str) -> None:
    """A line a number of sites: what is reached, its interval, and how near it is to the best."""
    has_way = "way" in curve
    lines = [
        [
            str(row["p"]),
            f"{row['share']:.1%}",
            f"{row['share_low']:.1%}–{row['share_high']:.1%}",
            *([f"{row['way']:,.1f} {unit}"] if has_way else []),
            f"{row['gap']:.2%}",
        ]
        for _, row in curve.astype({"p": object}).iterrows()
    ]
    first = curve.iloc[0]
    terminal.rows(
        Said(
            "fewer and more sites, each number chosen anew; intervals of {level:.0%}, {draws} draws"
            " of the points (seed {seed})",
            level=first["level"],
            draws=int(first["draws"]),
            seed=int(first["seed"]),
        ),
        (
            Said("sites"),
            Said("within reach"),
            Said("interval"),
            *([Said("mean way")] if has_way else []),
            Said("at most from the best"),
        ),
        lines,
    )


def _plan(model: str, problem: "Problem", asked: dict[str, Any], effort: Any) -> "Plan":
    from geodata.analysis import siting

    means = {"p": asked["p"], "budget": asked["budget"], "effort": effort}
    match model:
        case "lscp":
            if asked["p"] or asked["budget"] is not None:
                raise BadQuestion(
                    "lscp finds out how many sites are needed: leave --p and --budget out"
                )
            return siting.lscp(problem, leave_unreachable=asked["leave_unreachable"], effort=effort)
        case "backup":
            return siting.backup(problem, second=asked["second"], **means)
        case "p-median":
            return siting.p_median(problem, **means)
        case _:
            return siting.mclp(problem, **means)


def _tried(tried: "Robustness") -> Said:
    """What the draws say, in a sentence."""
    low, high = tried.interval()
    named = tried.plan.problem.sites["site_id"].to_numpy()[tried.robust]
    return Said(
        "in {draws} draws of the points (seed {seed}) the plan reaches {low:.1%}–{high:.1%} (95 %)"
        " and misses at most {missed:.1%} of what a draw's own choice is worth; {least:.1%} is the"
        " least, by {named}",
        draws=len(tried.reached),
        seed=tried.seed,
        low=low,
        high=high,
        missed=tried.plan_regret,
        least=tried.regret,
        named=[str(name) for name in named],
    )


def _tell(plan: "Plan", spots: "Sequence[Whereabouts]", about: str, target: Path) -> None:
    table, language = plan.sites(), terminal.language()
    where = [where_text(each, language) for each in spots] or [""] * len(table)
    shares = [f"{share:.1%}" for share in table["reached_share"]]
    lines = list(
        zip(
            map(str, table["order"]),
            map(str, table["site_id"]),
            where,
            shares,
            map(plan.reason, table.itertuples()),
            strict=True,
        )
    )
    terminal.rows(
        Said("the sites in order"),
        ("", Said("site"), Said("where"), Said("reached so far"), Said("why")),
        lines,
    )
    terminal.tell("{about}; written to {target}", about=about, target=target)
