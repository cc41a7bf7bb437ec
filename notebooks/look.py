"""How the essays look: one style, one map ground, a source under every figure.

Draws; measures and decides nothing.
"""

import base64
import io
import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

import folium
import geopandas as gpd
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely
from IPython.display import HTML, Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter
from platformdirs import user_data_path

from geodata.analysis.clients import located
from geodata.city import MetricGrid
from geodata.errors import DamagedDataset, NoDataset
from geodata.pipeline import area_outlines, published, recipes
from geodata.pipeline.area_outlines import Outlines
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from geodata.store.files import Dataset
from geodata.vocabulary import Kind

ROOT: Final = Path(__file__).parent.parent
#: The city that the essays tell of unless NUANFENG_DATASET names another.
DEMO: Final = "demo"
DATASET: Final = os.environ.get("NUANFENG_DATASET") or DEMO
DEMO_SOURCE: Final = "演示数据 synthetic：地点、时间、订单均为虚构 · all made up, seed 2022"
TAXI_SOURCE: Final = "出租车行程 456,111 次 · taxi trips, ni1o1/pygeo-tutorial (MIT)"
EV_SOURCE: Final = "充电站 1,362 座 · EV stations, UrbanEV (CC0-1.0)"
BUS_SOURCE: Final = "公交线路 2,113 条 · bus routes, ni1o1/pygeo-tutorial (MIT)"
ROADS_SOURCE: Final = "道路 © OpenStreetMap contributors (ODbL)，南山–福田，2021-03-17"

# The colours of the pages (app/static/css/page.css): what a rider sees as open is the same green here.
PAPER, LAND, EDGE, INK, SOFT, HONEY = (
    "#fffdf8",
    "#f6ecd6",
    "#d9c592",
    "#241b0e",
    "#66593f",
    "#ffb627",
)
STANDINGS: Final = {
    "open": ("开门 open", "#0b6b3a"),
    "unknown": ("时间未知 hours unknown", "#8d8bd0"),
    "closed": ("关门 closed", "#b8ab93"),
    "none": ("附近没有 none within reach", "#b3261e"),
}
KINDS: Final = {
    Kind.FRIENDLY_MERCHANT: ("爱心商户 friendly merchant", "#e0a12e"),
    Kind.WARM_BEE_STATION: ("暖蜂驿站 rest station", "#0b6b3a"),
    Kind.DRIVER_HOME: ("司机之家 driver home", "#2f5fd0"),
    Kind.WARM_BEE_STREET: ("暖蜂一条街 warm-bee street", "#b3261e"),
    Kind.PUBLIC_PLACE: ("公共场所 public place", "#6a7f8f"),
}
#: More of something is darker, from the land's own colour.
SCALE: Final = mpl.colors.LinearSegmentedColormap.from_list(
    "honey", [LAND, HONEY, "#8a5200", "#3b1d00"]
)
#: One font file holds all Chinese forms; the first that the machine has is taken.
_FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "DejaVu Sans",
)
_DOTS_AN_INCH: Final = 150
PERCENT: Final = PercentFormatter(1)
#: A degree of latitude; the scale bar is drawn along a parallel.
_METRES_A_DEGREE: Final = 111_320.0


#: Squares that stand for orders where a dataset has none: at most so many.
_MOST_SQUARES: Final = 4_000
_SQUARE_M: Final = 500.0


class City(NamedTuple):
    """A dataset as the essays use it."""

    snapshot: Snapshot
    places: gpd.GeoDataFrame
    """The places table (geodata/places/README.md)."""
    orders: gpd.GeoDataFrame
    """Its demand: points with `weight`, `district`, `street`."""
    districts: gpd.GeoDataFrame
    """Outlines: district; approximate."""
    outlines: Outlines
    """The city and all its areas."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.outlines.city.name

    @property
    def made_up(self) -> str:
        """What follows a word for a place that does not exist; empty for real ones."""
        return "（虚构）" if self.snapshot.about.synthetic else ""

    def located(self, points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Points with `district` and `street`; where no district is known all lie in the city."""
        found = located(points, self.outlines)
        if self.outlines.districts.empty:
            found["district"] = found["district"].astype(object).fillna(self.name)
        return found

    @property
    def source(self) -> str:
        """Whose places and orders these are, under every figure."""
        about = self.snapshot.about
        if about.dataset == DEMO and about.synthetic:
            return DEMO_SOURCE
        real = "" if about.synthetic is False else "（虚构 synthetic）"
        return f"{about.title}{real}：{about.source}（{about.licence}），{about.data_date}"

    @property
    def grid(self) -> MetricGrid:
        """The city's metric grid."""
        return self.outlines.city.grid


def style() -> None:
    """Fonts, colours and sizes for all that follows."""
    known = {font.name for font in mpl.font_manager.fontManager.ttflist}
    mpl.rcParams.update(
        {
            "font.family": [name for name in _FONTS if name in known],
            "font.size": 10,
            "axes.unicode_minus": False,
            "figure.facecolor": PAPER,
            "axes.facecolor": PAPER,
            "savefig.facecolor": PAPER,
            "figure.figsize": (9, 4.6),
            "text.color": INK,
            "axes.labelcolor": SOFT,
            "xtick.color": SOFT,
            "ytick.color": SOFT,
            "axes.edgecolor": EDGE,
            "axes.titlesize": 12,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.titlepad": 12,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#efe4c8",
            "grid.linewidth": 0.8,
            "legend.frameon": False,
            "legend.fontsize": 9,
        }
    )


def city() -> City:
    """The city of NUANFENG_DATASET below NUANFENG_HOME, or in the user's data folder.

    The demo city is built there first where there is none; NoDataset for another. A dataset without
    orders is asked at squares of its service area that count alike, and says so.
    """
    home = _home()
    held = _demo(home) if DATASET == DEMO else published.stored(home, DATASET)
    if held is None:
        raise NoDataset("there is no dataset {name!r} in {home}", name=DATASET, home=home)
    snapshot, outlines = held.dataset.load(held.pointer), held.outlines()
    demand = snapshot.demand
    orders = gpd.GeoDataFrame(
        {"weight": demand.weight}, geometry=gpd.points_from_xy(*demand.lonlat.T), crs=WGS84
    )
    if orders.empty:
        orders = _squares(outlines)
    places, districts = held.places(), outlines.districts
    if districts.empty:  # then the city is its only district
        name = outlines.city.name
        districts = gpd.GeoDataFrame(
            {"district": [name], "approximate": [True]}, geometry=[outlines.land], crs=WGS84
        )
        places["district"] = places["district"].astype(object).fillna(name)
    made = City(snapshot, places, orders, districts, outlines)
    return made._replace(orders=made.located(orders))


def _home() -> Path:
    stated = os.environ.get("NUANFENG_HOME")
    return Path(stated).expanduser() if stated else user_data_path("nuanfeng", appauthor=False)


def said(name: str) -> pd.DataFrame | None:
    """What riders said, as `nuanfeng {name} export` wrote it: reports, letters or wishes.

    Read from NUANFENG_EXPORTS, else from exports/DATASET below the home; None, and it is said,
    where no such file is there, or an empty one.
    """
    folder = Path(os.environ.get("NUANFENG_EXPORTS") or _home() / "exports" / DATASET)
    path = folder / f"{name}.parquet"
    table = pd.read_parquet(path) if path.is_file() else pd.DataFrame()
    if not table.empty:
        return table
    says(
        f"这里还没有 {name} 的导出（`nuanfeng {name} export -o {name}.parquet`），本节略过。",
        f"There is no export of {name} here yet; this part is left out.",
    )
    return None


def _demo(home: Path) -> published.StoredTables:
    try:
        held = published.stored(home, DEMO) or _built(home)
        held.dataset.load(held.pointer)
    except DamagedDataset:  # of an older format, too: it is made of nothing but a seed
        held = _built(home)
    return held


def _squares(outlines: Outlines) -> gpd.GeoDataFrame:
    """The middles of squares of the land, each of weight 1, and it is said."""
    land = gpd.GeoSeries([outlines.land], crs=WGS84).to_crs(outlines.city.grid).iloc[0]
    size_m = max(_SQUARE_M, float(np.sqrt(land.area / _MOST_SQUARES)))
    west, south, east, north = land.bounds
    x, y = np.meshgrid(np.arange(west, east, size_m), np.arange(south, north, size_m))
    middles = np.stack([x.ravel(), y.ravel()], axis=1) + size_m / 2
    inside = middles[shapely.contains_xy(land, middles)]
    says(
        f"这个数据集没有需求点（`nuanfeng import --demand`）：下文的“订单”是市域内边长 {size_m:,.0f} 米的方格，每格计 1。",
        f"This dataset has no demand: orders are squares of {size_m:,.0f} m of its land, each counting 1.",
    )
    points = gpd.points_from_xy(inside[:, 0], inside[:, 1], crs=outlines.city.grid)
    return gpd.GeoDataFrame({"weight": np.ones(len(inside))}, geometry=points).to_crs(WGS84)


def _built(home: Path) -> published.StoredTables:
    made = recipes.demo(DEMO)
    dataset = Dataset(home, DEMO)
    return published.StoredTables(
        dataset, dataset.publish(made.version, made.about, made.arrays, made.blobs), made.about
    )


def real(name: str) -> Path | None:
    """A file of the real public data: below NUANFENG_DATA, or beside the project.

    None, and it is said, without, and where the essays tell of another city.
    """
    if DATASET != DEMO:
        says(
            "本节用的真实数据只有演示城市才有，略过。",
            "The real data of this part is the demo city's; it is left out.",
        )
        return None
    path = Path(os.environ.get("NUANFENG_DATA", ROOT.parent / "shared" / "data")) / name
    if path.exists():
        return path
    says(
        f"这里没有真实数据 {name}，本节略过。",
        f"The real data {name} is not here (NUANFENG_DATA); this part is left out.",
    )
    return None


def says(chinese: str, english: str = "") -> None:
    """A sentence with figures in it, worked out when the essay ran.

    No text of a place goes in here: it is Markdown.
    """
    display(Markdown(f"{chinese}\n\n*{english}*" if english else chinese))


def table(frame: pd.DataFrame, headings: Mapping[str, str], **formats: str) -> None:
    """Columns of a table under Chinese headings, numbers in formats; cells are text, never HTML."""
    shown = frame[list(headings)].rename(columns=dict(headings))
    styled = shown.style.format(
        {headings[name]: how for name, how in formats.items()}, na_rep="–", escape="html"
    )
    display(HTML(styled.hide(axis="index").to_html()))


def show(figure: Figure, source: str, says: str) -> None:
    """The figure with its source beneath; `says` is what it shows, for who cannot see it."""
    figure.canvas.draw()  # maps take their shape only now
    axes = figure.axes[0]
    below_in = max(axes.get_window_extent().y0 / figure.dpi - figure.get_tightbbox().y0, 0.0)
    axes.annotate(
        "来源 source：" + source,
        (0, 0),
        (0, -72 * below_in - 12),
        xycoords="axes fraction",
        textcoords="offset points",
        va="top",
        fontsize=7.5,
        color=SOFT,
        annotation_clip=False,
    )
    body = io.BytesIO()
    figure.savefig(body, format="png", dpi=_DOTS_AN_INCH, bbox_inches="tight", pad_inches=0.15)
    plt.close(figure)
    picture = base64.b64encode(body.getvalue()).decode()
    display(
        {"image/png": picture, "text/plain": says}, metadata={"image/png": {"alt": says}}, raw=True
    )


def ground(axes: Axes, city: City, *, named: bool = True) -> None:
    """The land, its districts and a bar of ten kilometres, as the ground of a map."""
    city.districts.plot(ax=axes, color=LAND, edgecolor=EDGE, linewidth=0.8, zorder=0)
    axes.set_axis_off()
    if named:
        middles = city.districts.geometry.representative_point()
        for name, lon, lat in zip(city.districts["district"], middles.x, middles.y, strict=True):
            axes.text(
                lon,
                lat,
                name,
                fontsize=8,
                color=SOFT,
                ha="center",
                zorder=5,
                path_effects=[withStroke(linewidth=2.2, foreground=PAPER)],
            )
    west, south, east, _ = city.districts.total_bounds
    width = 10_000 / (_METRES_A_DEGREE * np.cos(np.radians(south)))
    axes.plot([east - width, east], [south, south], color=INK, linewidth=2, solid_capstyle="butt")
    axes.text(east - width / 2, south + 0.008, "10 km", ha="center", fontsize=8)
    axes.set_xlim(west - 0.02, east + 0.02)


def legend(axes: Axes, entries: Sequence[tuple[str, str]], **where: Any) -> None:
    """A legend of coloured dots."""
    dots = [
        axes.plot([], [], "o", color=color, markersize=7, label=label)[0]
        for label, color in entries
    ]
    axes.legend(handles=dots, **{"loc": "upper left", "handletextpad": 0.2, **where})


def day_steps(axes: Axes, shares: Sequence[float], *style: Any, **look: Any) -> None:
    """The shares of 24 full hours as steps; what holds at 23:00 is drawn to 24:00."""
    hourly = [*shares]
    axes.step(range(len(hourly) + 1), [*hourly, hourly[-1]], *style, where="post", **look)


def standing_bars(axes: Axes, labels: Sequence[str], shares: pd.DataFrame) -> None:
    """A bar a row out of share_open … share_none, which add up to all, the first on top."""
    start = np.zeros(len(shares))
    for name, (label, color) in STANDINGS.items():
        widths = shares[f"share_{name}"].to_numpy(float)
        axes.barh(range(len(shares)), widths, left=start, color=color, label=label, height=0.68)
        for row, (width, left) in enumerate(zip(widths, start, strict=True)):
            if width >= 0.06:  # narrower ones hold no number
                middle, light = left + width / 2, name in ("unknown", "closed")
                axes.text(
                    middle,
                    row,
                    f"{width:.0%}",
                    ha="center",
                    va="center",
                    color=INK if light else "white",
                )
        start += np.nan_to_num(widths)
    axes.set_yticks(range(len(shares)), labels)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PERCENT)
    axes.set_xlim(0, 1)
    axes.grid(visible=False)
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.12),
        ncols=4,
        columnspacing=1.4,
        handlelength=1.2,
    )


def zoomable(points: gpd.GeoDataFrame, lines: Sequence[str], outlines: Outlines) -> None:
    """A map to zoom in, without foreign hosts; a tap shows the columns `lines`, a line each.

    Folium runs what its elements render as a template a second time, so only row numbers pass
    through it: texts are JSON put in afterwards, and meet the page through textContent. A name that
    looks like HTML, or like a template, stays a name. The land of `outlines` lies beneath instead of
    tiles.
    """
    west, south, east, north = points.total_bounds
    drawn = folium.Map(tiles=None, prefer_canvas=True, attribution_control=False, height=460)
    drawn.default_js, drawn.default_css = [], []
    drawn.fit_bounds([(south, west), (north, east)])
    land = gpd.GeoDataFrame(geometry=[area_outlines.service_area(outlines)], crs=WGS84)
    folium.GeoJson(land, style_function=lambda _: _LAND_LOOK).add_to(drawn)
    folium.GeoJson(
        gpd.GeoDataFrame(
            {"row": range(len(points))}, geometry=points.geometry.to_numpy(), crs=WGS84
        ),
        marker=folium.CircleMarker(
            radius=5, weight=1, color=INK, fill_color=HONEY, fill_opacity=0.9
        ),
        on_each_feature=folium.JsCode(_POPUP),
    ).add_to(drawn)
    page = drawn.get_root().render().replace("<head>", f"<head>{_head(points[list(lines)])}", 1)
    page = page.replace("<body>", f"<body>{_LEGEND}", 1)
    frame = f'<iframe class="map" title="地图 map" sandbox="allow-scripts" srcdoc="{escape(page)}"></iframe>'
    display({"text/html": frame, "text/plain": "地图 map"}, raw=True)


_LAND_LOOK: Final = {"color": EDGE, "weight": 1, "fillColor": LAND, "fillOpacity": 1}
_LEGEND: Final = (
    '<p style="position:absolute;z-index:999;right:10px;bottom:10px;margin:0;padding:4px 10px;'
    f'background:#fff;border:1px solid {EDGE};font:13px sans-serif">'
    f'<span style="color:{HONEY};-webkit-text-stroke:1px {INK}">●</span> 地点，点开看详情 a place, tap it'
    f'<br><span style="color:{EDGE}">▬</span> 服务区 the service area</p>'
)
_POPUP: Final = """(feature, layer) => layer.bindPopup(() => {
    const box = document.createElement("div");
    for (const text of JSON.parse(document.getElementById("texts").textContent)[feature.properties.row]) {
        box.appendChild(document.createElement("div")).textContent = text ?? "–";
    }
    return box;
})"""


def _head(texts: pd.DataFrame) -> str:
    """Leaflet itself, and the texts as JSON in which no tag can end."""
    leaflet = ROOT / "node_modules" / "leaflet" / "dist"
    css, script = (
        (leaflet / f"leaflet.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    told = texts.to_json(orient="values", force_ascii=False).replace("<", "\\u003c")
    held = f'<script type="application/json" id="texts">{told}</script>'
    look = f"{css} body {{ margin: 0 }} .leaflet-container {{ background: {PAPER} }}"
    return f"<style>{look}</style><script>{script}</script>{held}"
