# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 二、谁的需要有着落
#
# **在下单的地方，步行五百米之内，能不能歇脚、喝水、热饭、倾诉、充电、学习？哪个区最缺什么？**
#
# > **Abstract.** Coverage by need: the share of (synthetic) orders that have a fitting place within 500 m, told in four
# > parts that add up – open, hours unknown, closed, none – by need and by district, and how far the nearest place is.
# > At the end the same for real taxi trips and real charging stations, still against synthetic places.

# %%
from datetime import date, time

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm

import look
from geodata.analysis import coverage, demand
from geodata.coverage.near import Within
from geodata.search.filter import Filter
from geodata.space.coordinates import Datum
from geodata.vocabulary import NEED_WORDS, Need

look.style()
city = look.city()
REACH_M = 500.0
SQUARE_M = 250.0  # of the squares that the demo orders are counted in
NOON = city.snapshot.zone.at_clock(date(2026, 11, 18), time(12))  # a Wednesday


def within(need: Need, reach_m: float = REACH_M) -> Within:
    return Within(Filter(needs=(need,)), reach_m)


names = [f"{NEED_WORDS[need].official} {need}" for need in Need]

# %% [markdown]
# ## 需求在哪里？
# 演示订单在 250 米的方格里计数。颜色越深，订单越多。

# %%
cells = demand.square_shapes(
    demand.squares(city.orders, SQUARE_M, "weight", grid=city.grid), SQUARE_M, city.grid
)
figure, axes = plt.subplots(figsize=(9.5, 5.2))
look.ground(axes, city, named=False)
cells.plot(
    "weight",
    ax=axes,
    cmap=look.SCALE,
    norm=LogNorm(1, cells["weight"].max()),
    legend=True,
    zorder=2,
    legend_kwds={"label": "每格（250 米见方）订单数 orders a square (log)", "shrink": 0.6},
)
axes.set_title("演示订单的分布 Where orders are")
look.show(figure, city.source, "地图：每个 250 米方格的订单数")

# %% [markdown]
# ## 周三正午，五百米之内
# 每条订单按附近最好的一处算：有一处确定开门就是“开门”；没有，但有时间未知的，就是“未知”；只有关着的，是“关门”；
# 什么都没有，是“附近没有”。四者相加是全部订单。

# %%
by_need = pd.concat(
    [
        coverage.coverage(city.snapshot, city.orders, within(need), NOON, weight="weight")
        for need in Need
    ],
    ignore_index=True,
)
figure, axes = plt.subplots(figsize=(9, 3.6))
look.standing_bars(axes, names, by_need)
axes.set_title("订单的着落，周三 12:00，500 米内 Orders by what is within 500 m")
look.show(figure, city.source, "条形图：六种需要在五百米内的着落")

# %%
served = pd.Series(by_need["share_open"].to_numpy(), index=list(Need))
best, worst = served.idxmax(), served.idxmin()
look.says(
    f"正午时分，**{served[best]:.0%}** "
    f"的订单在五百米内有开着门、可以{NEED_WORDS[best].official}的地方；"
    f"可以{NEED_WORDS[worst].official}的只有 **{served[worst]:.0%}**。另有 "
    f"{by_need['share_unknown'].min():.1%} 到 {by_need['share_unknown'].max():.1%} "
    "取决于时间未知的地点。",
    f"At noon {served[best]:.0%} have an open place for {best} within 500 m; for {worst} "
    f"{served[worst]:.0%}.",
)

# %% [markdown]
# ## 各区有何不同？

# %%
by_district = pd.concat(
    [
        coverage.coverage(
            city.snapshot, city.orders, within(need), NOON, weight="weight", by="district"
        ).assign(need=need)
        for need in Need
    ]
)
shares = by_district.pivot_table(index="area", columns="need", values="share_open")[list(Need)]
shares = shares.loc[shares.mean(axis=1).sort_values(ascending=False).index]
figure, axes = plt.subplots(figsize=(9, 4.8))
picture = axes.imshow(shares, cmap=look.SCALE, vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(len(Need)), names)
axes.set_yticks(range(len(shares)), shares.index)
for row, column in np.ndindex(shares.shape):
    share = shares.iat[row, column]
    axes.text(
        column,
        row,
        f"{share:.0%}",
        ha="center",
        va="center",
        color="white" if share > 0.6 else look.INK,
    )
axes.grid(visible=False)
axes.set_title("五百米内有开门地点的订单占比（%）Share of orders with an open place within 500 m")
look.show(figure, city.source, "热力图：各区、各种需要的覆盖率")

# %% [markdown]
# ## 最近的一处有多远？
# 平均数掩盖了最远的那些人，所以看分布：一半的订单不超过多少米，九成不超过多少米（按订单加权，直线距离）。
# 五十公里内都没有的单独计，不填任何数字。

# %%
far = pd.concat(
    [
        coverage.distances(city.snapshot, city.orders, Filter(needs=(need,)), NOON, weight="weight")
        for need in Need
    ],
    ignore_index=True,
).assign(need=names)
look.table(
    far,
    {
        "need": "需要 need",
        "q50_m": "一半 50 %",
        "q75_m": "75 %",
        "q90_m": "90 %",
        "q95_m": "95 %",
        "mean_m": "平均 mean",
        "unreachable": "够不着 unreachable",
    },
    **dict.fromkeys(("q50_m", "q75_m", "q90_m", "q95_m", "mean_m"), "{:,.0f} m"),
    unreachable="{:,.0f}",
)
look.says("到最近的、正午开着的地点的直线距离。来源 source：" + city.source)

# %% [markdown]
# ## 走多远算“附近”？
# 五百米只是一个约定。覆盖率随距离怎么变，由图来说。

# %%
reaches = np.array([100, 200, 300, 400, 500, 750, 1000, 1500, 2000])
figure, axes = plt.subplots(figsize=(9, 4.4))
for color, need in zip(
    ("#8a5200", "#0b6b3a", "#e0a12e", "#b3261e", "#2f5fd0", "#6b4fa0"), Need, strict=True
):
    served = [
        coverage.coverage(
            city.snapshot, city.orders, within(need, float(reach_m)), NOON, weight="weight"
        )["share_open"][0]
        for reach_m in reaches
    ]
    axes.plot(
        reaches,
        served,
        "o-",
        color=color,
        markersize=4,
        label=f"{NEED_WORDS[need].official} {need}",
    )
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_ylim(0, 1)
axes.set_xlabel("直线距离 straight distance（米 m）")
axes.set_ylabel("有开门地点的订单占比")
axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.18))
axes.set_title("附近的尺度 Coverage against distance, Wednesday noon")
look.show(figure, city.source, "折线图：覆盖率随距离增长")

# %% [markdown]
# ## 真实的需求，虚构的站点
# 出租车行程的终点和充电站是真实的，地点仍是虚构的：下图只说明方法，不说明深圳。

# %%
bars = []
if (od := look.real("demand/taxi_od_grid.csv")) and (grid := look.real("demand/taxi_grid.shp")):
    taxi = demand.taxi_trips(pd.read_csv(od), gpd.read_file(grid), end=True)
    bars.append(("出租车终点\ntaxi trip ends", taxi, look.TAXI_SOURCE))
if ev := look.real("demand/ev_charging_stations_gcj02.csv"):
    piles = demand.read(ev, "charge_count", datum=Datum.GCJ02, lon="longitude", lat="latitude")
    bars.append(("充电桩\nEV charging piles", piles, look.EV_SOURCE))
if bus := look.real("demand/bus_lines_bd09.csv"):
    bars.append(("公交停靠\nbus calls", demand.bus_stops(pd.read_csv(bus)), look.BUS_SOURCE))
if bars:
    found = pd.concat(
        [
            coverage.coverage(city.snapshot, points, within(Need.REST), NOON, weight="weight")
            for _, points, _ in bars
        ],
        ignore_index=True,
    )
    figure, axes = plt.subplots(figsize=(9, 3))
    look.standing_bars(axes, [label for label, _, _ in bars], found)
    axes.set_title(
        "真实需求，周三 12:00，500 米内可歇脚 Real demand, a synthetic place to rest within 500 m"
    )
    look.show(
        figure,
        "\n".join([source for _, _, source in bars] + [city.source]),
        "条形图：真实需求的着落",
    )
    outside = ", ".join(
        f"{label.splitlines()[0]} {rows:,}"
        for (label, _, _), rows in zip(bars, found["points_outside"], strict=True)
    )
    look.says(
        f"服务区之外的点不计入比例（{outside}）。",
        "Points outside the service area are counted apart.",
    )

# %% [markdown]
# ## 说明了什么，没有说明什么
# 这篇说明在一个时刻、一种距离之下，需要与地点是否相遇。它**没有**说明：夜里怎么样（见三）；路上要走多久（见四）；
# 座位够不够（见六）；以及真实的深圳。距离是直线距离，实际步行一般更远。
#
# *What it does not say: the night (03), the way by road (04), whether there are enough seats (06), or the real city.*
