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
# # 五、下一处建在哪里
#
# **如果再建二十处驿站，建在哪里能让最多的人受益？与其新建，不如把哪些商户升级，把哪些驿站的门开得更久？**
#
# > **Abstract.** Where next: the best 20 sites for 456,111 real taxi trips (maximal covering), which merchants to
# > promote in the demo city, and whose hours to lengthen at night. Every plan comes with a bound that no other plan can
# > exceed, so it is known how good it is, and every site with its reason. A plan proposes; people decide.

# %%
from datetime import date

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import LineCollection

import look
from geodata.analysis import demand, siting, uncertainty
from geodata.analysis.clients import located
from geodata.coverage.near import Within
from geodata.travel import network, osm
from geodata.vocabulary import Kind, Mode

look.style()
city = look.city()
EFFORT = siting.Effort(time_limit_s=5)  # then the best so far, with its gap


def proof(plan: siting.Plan) -> None:
    """How good a plan is proved to be."""
    good = (
        "已证明最优"
        if plan.proved
        else f"距最优至多 {plan.gap:.2%}"
        if plan.gap <= 0.5
        else "离最优多远尚不知道"
    )
    look.says(
        f"选出 {len(plan.chosen)} 处后，够得着的从 **{plan.before / plan.total:.1%}** 升到 "
        f"**{plan.after / plan.total:.1%}**（全部候选都建也只有 "
        f"{plan.possible / plan.total:.1%}）。目标值 {plan.value:,.0f}，上界 {plan.bound:,.0f}，"
        f"差距 gap {plan.gap:.2%}：**{good}**；逐个贪心选取得 {plan.greedy:,.0f}。",
        f"{plan.model}: {len(plan.chosen)} of {len(plan.problem.sites):,} sites, gap "
        f"{plan.gap:.2%}.",
    )


def reasons(plan: siting.Plan, rows: int = 20, **more: str) -> None:
    """The sites in order, each with what it adds."""
    look.table(
        located(plan.sites().head(rows), city.outlines),
        {
            "order": "次序",
            **more,
            "street": "街道 street office",
            "gain": "新增 gain",
            "gain_share": "占全部 share",
            "reached_share": "累计 reached so far",
            "points": "受益点数 points",
            "only_here": "非它不可 only here",
        },
        gain="{:,.0f}",
        gain_share="{:.1%}",
        reached_share="{:.1%}",
        points="{:,}",
        only_here="{:,.0f}",
    )


# %% [markdown]
# ## 真实的一问：司机在哪里下客？
# 真实的出租车行程在约五百米的格网上计数。候选是每一个有人下车的五百米方格的中心；一公里之内算够得着；暂不计任何已有
# 地点，因为手边没有真实名单。问：哪二十处，能让最多的行程在终点一公里内有一处驿站？（最大覆盖，Church & ReVelle 1974）

#
# 行程只记到格子，不记到门口。把一格的行程都当作在格子中央，一公里的圈就会多算或少算半格；所以每格的行程均匀铺在格内
# （每边三等分的中点），再来选址；两种算法的差别写在下面。

# %%
taxi = None
if (od := look.real("demand/taxi_od_grid.csv")) and (cells := look.real("demand/taxi_grid.shp")):
    grid = gpd.read_file(cells)
    middles = demand.taxi_trips(pd.read_csv(od), grid, end=True)
    ends = demand.spread(demand.taxi_shapes(middles, grid), 3)
    sites = siting.grid(middles, 500, city.grid)
    taxi = siting.mclp(siting.from_frames(ends, sites, siting.Metres(1000)), p=20, effort=EFFORT)
    proof(taxi)
    by_middles = siting.mclp(
        siting.from_frames(middles, sites, siting.Metres(1000)), p=20, effort=EFFORT
    )
    served = taxi.points()
    by_cell = (
        served.assign(reached=served["weight"] * served["reached_after"])
        .groupby("cell_row")[["reached", "weight"]]
        .sum()
    )
    share, low, high = uncertainty.ratio_interval(
        by_cell["reached"], by_cell["weight"], uncertainty.Bootstrap(seed=1)
    )
    look.says(
        f"铺在格内：二十处够得着 **{share:.1%}** 的行程，95% 区间 {low:.1%}–{high:.1%}"
        f"（按格重抽 1,000 次，种子 1；只说换一批格子会差多少，不说距离与候选有没有错）。"
        f"若把行程都放在格子中央，会得出 {by_middles.after / by_middles.total:.1%}，"
        f"相差 {by_middles.after / by_middles.total - share:+.1%}，那是格网的误差，不是驿站的功劳。",
        f"Spread over their cells {share:.1%} of the trips end within 1 km, 95 % interval "
        f"{low:.1%}–{high:.1%} (1,000 draws of cells, seed 1); with all trips at the middles it "
        f"would read {by_middles.after / by_middles.total:.1%}.",
    )

# %%
if taxi:
    reasons(taxi, site_id="候选 site")
    look.says(f"“非它不可”：单单去掉这一处便失去的行程。来源 source：{look.TAXI_SOURCE}")

# %%
if taxi:
    sites = taxi.sites()
    by_cell["gain"] = served.groupby("cell_row")["gain"].sum()
    points = middles.assign(gain=by_cell["gain"].to_numpy())
    figure, axes = plt.subplots(figsize=(9.5, 5.4))
    look.ground(axes, city, named=False)
    for color, of_color in (
        ("#c9bda2", points[points["gain"] == 0]),
        ("#0b6b3a", points[points["gain"] > 0]),
    ):
        axes.scatter(
            of_color.geometry.x, of_color.geometry.y, s=np.sqrt(of_color["weight"]), color=color
        )
    axes.scatter(
        sites.geometry.x, sites.geometry.y, s=150, color=look.HONEY, edgecolor=look.INK, zorder=6
    )
    for order, lon, lat in zip(sites["order"], sites.geometry.x, sites.geometry.y, strict=True):
        axes.text(lon, lat, order, ha="center", va="center", fontsize=7, zorder=7)
    look.legend(
        axes,
        [
            ("一公里内有新站 reached", "#0b6b3a"),
            ("没有 not reached", "#c9bda2"),
            ("新站，按次序 new station", look.HONEY),
        ],
        loc="upper right",
    )
    axes.set_title("二十处新站与真实行程终点 The next 20 stations for real trips")
    look.show(figure, look.TAXI_SOURCE, "地图：二十处候选站的位置，与够得着、够不着的行程终点")

# %% [markdown]
# ## 建到第几处为止？
# 每多建一处，新增都比前一处少。预算该停在哪里，看这条曲线。

# %%
if taxi:
    sites = taxi.sites()
    figure, axes = plt.subplots(figsize=(9, 4))
    axes.bar(
        sites["order"], sites["gain_share"], color=look.HONEY, label="这一处新增 this site adds"
    )
    axes.plot(
        sites["order"], sites["reached_share"], "o-", color="#0b6b3a", label="累计 reached so far"
    )
    axes.axhline(
        taxi.possible / taxi.total,
        color="#b3261e",
        linestyle="--",
        label="全部候选都建 all candidates",
    )
    axes.yaxis.set_major_formatter(look.PERCENT)
    axes.set_xticks(sites["order"])
    axes.set_xlabel("第几处 site, in order")
    axes.set_ylabel("行程占比 share of trips")
    axes.legend(loc="center", bbox_to_anchor=(0.5, 0.72))
    axes.set_title("边际收益递减 Each site adds less than the one before")
    look.show(figure, look.TAXI_SOURCE, "图：每处新增与累计覆盖")

# %% [markdown]
# 上面的曲线按同一个方案的次序。若一开始就只建五处或建四十处，最好的选法未必是它的前几处；所以每个数目都重新选，附 95% 区间
# （按点重抽 1,000 次，种子 1）。再问：方案有多依赖看到的这些行程？把行程重抽 200 次，每次重新选，数一数每处被选中几次。

# %%
if taxi:
    bootstrap = uncertainty.Bootstrap(seed=1)
    over_p = uncertainty.over_p(by_middles, bootstrap, [5, 10, 20, 40], effort=EFFORT)
    tried = siting.robustness(by_middles, seed=1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    left.fill_between(
        over_p["p"], over_p["share_low"], over_p["share_high"], color=look.HONEY, alpha=0.35
    )
    left.plot(over_p["p"], over_p["share"], "o-", color="#0b6b3a")
    left.yaxis.set_major_formatter(look.PERCENT)
    left.set_ylim(0, 1)
    left.set_xlabel("建几处 number of sites")
    left.set_ylabel("行程占比 share of trips")
    left.set_title("每个数目重新选 Each number chosen anew")
    often = tried.sites().head(40)
    right.bar(
        range(1, len(often) + 1),
        often["chosen"],
        color=["#0b6b3a" if mine else "#c9bda2" for mine in often["in_plan"]],
    )
    right.yaxis.set_major_formatter(look.PERCENT)
    right.set_xlabel("候选，从最常选中的数起 sites, most often chosen first")
    look.legend(
        right, [("在方案中 in the plan", "#0b6b3a"), ("不在 not", "#c9bda2")], loc="upper right"
    )
    right.set_title("200 次重抽中被选中的次数 How often chosen in 200 draws")
    look.show(figure, look.TAXI_SOURCE, "图：选址数目与覆盖的曲线，附区间；重抽中每处被选中的比例")
    mine = often[often["in_plan"]]
    look.says(
        f"方案里被选中最多的一处是 **{mine['chosen'].max():.0%}**，最少的 {mine['chosen'].min():.0%}：行程一变，"
        "相邻的格子便互相顶替。所以方案说的是该建在哪一带，不是非哪一格不可。重抽之下它够得着 "
        f"{tried.interval()[0]:.1%}–{tried.interval()[1]:.1%}，最多比当次最好的少 {tried.plan_regret:.1%}；"
        f"最稳妥的一组最多少 {tried.regret:.1%}。这里把行程放在格子中央，算得快；份额比铺开的略有不同，见上文。",
        f"Sites of the plan are chosen in {mine['chosen'].min():.0%}–{mine['chosen'].max():.0%} of the "
        "draws: neighbouring squares stand in for each other. Trips stand at the middles of their "
        "cells here.",
    )

# %% [markdown]
# ## 与其新建，不如升级？
# 演示城市里已有 753 处驿站，其他城市见其数据集。若把二十家爱心商户升级成驿站，选哪二十家，能让最多的订单在五百米内有驿站？

# %%
stations = siting.matching(city.places, kinds=[Kind.WARM_BEE_STATION])
merchants = siting.merchants(city.places)
promoted = siting.mclp(
    siting.from_frames(city.orders, merchants, siting.Metres(500), existing=stations),
    p=20,
    effort=EFFORT,
)
proof(promoted)
reasons(promoted, 8, name=f"商户 merchant{city.made_up}")
gains = promoted.gains_by("district").sum().sort_values(ascending=False)
look.says(
    "受益最多的区："
    + "、".join(f"{name} {gain:,.0f}" for name, gain in gains.head(4).items() if gain)
    + " 单。"
    f"来源 source：{city.source}"
)

# %% [markdown]
# ## 只把门开得更久呢？
# 设想需求都在夜里 22 点到 6 点。若让二十处驿站改为通宵，选哪二十处？候选只算它多开的那些小时；时间未知的驿站不作
# 候选，因为它会多开多少也是未知的。

# %%
night = np.tile([hour >= 22 or hour < 6 for hour in range(24)], 7).astype(float)
squares = demand.squares(city.orders, 500.0, "weight", grid=city.grid)
week = siting.Week.of(city.snapshot, date(2026, 11, 23), night)
longer = siting.mclp(
    siting.from_frames(
        squares, siting.longer_hours(stations), siting.Metres(1000), existing=stations, week=week
    ),
    p=20,
    effort=EFFORT,
)
proof(longer)
reasons(longer, 8, name=f"驿站 station{city.made_up}", opening_hours_now="现在 now")

# %%
hours = longer.hours()
hours = (
    hours[hours["demand"] > 0]
    .groupby("hour")[["before", "after"]]
    .mean()
    .loc[[22, 23, 0, 1, 2, 3, 4, 5]]
)
figure, axes = plt.subplots(figsize=(9, 3.8))
axes.bar(np.arange(8) - 0.2, hours["before"], 0.38, color="#b8ab93", label="现在 now")
axes.bar(
    np.arange(8) + 0.2,
    hours["after"],
    0.38,
    color="#0b6b3a",
    label="二十处通宵之后 with twenty open all night",
)
axes.set_xticks(range(8), [f"{hour:02}:00" for hour in hours.index])
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_ylabel("订单占比 share of orders")
axes.grid(visible=False, axis="x")
axes.legend()
axes.set_title("夜里一公里内有驿站开门的订单 Orders with a station open within 1 km at night")
look.show(figure, city.source, "条形图：夜间各小时的覆盖，延长前后")

# %% [markdown]
# ## 路不是直线：按骑行五分钟选
# 前面的“够得着”都是直线。在有真实道路的南山—福田，为演示订单选五处，不计已有地点：一次按直线估计的骑行五分钟，一次按
# 路上的骑行五分钟，再把直线的方案放到路上去量。离路太远的订单不计，另外数出来。

# %%
paved = None
if extract := look.real("roads/nanshan_futian.osm"):
    drawn = osm.read(extract, lambda _: None)
    paved = network.build(drawn, "nanshan-futian", lambda _: None)
    core = np.quantile(
        drawn.lonlat, (0.1, 0.9), axis=0
    )  # at the rim of an extract roads end, and nothing can be said
    beside = city.orders[city.orders.within(shapely.box(*core.ravel()))]
    candidates, by_road = siting.grid(beside, 250, city.grid), siting.Minutes(5, Mode.RIDE, paved)
    by_line = siting.Metres(Within(minutes=5, mode=Mode.RIDE).straight_m)
    plans = {
        "按直线 by line": siting.mclp(
            siting.from_frames(beside, candidates, by_line), p=5, effort=EFFORT
        ),
        "按道路 by road": siting.mclp(
            siting.from_frames(beside, candidates, by_road), p=5, effort=EFFORT
        ),
    }
    found = []
    for how, plan in plans.items():
        on_road = siting.from_frames(beside, candidates.iloc[plan.chosen], by_road)
        measured = siting.mclp(on_road, p=5, effort=EFFORT)
        found.append(
            {"how": how, "said": plan.after / plan.total, "true": measured.after / measured.total}
        )
    look.table(
        pd.DataFrame(found),
        {
            "how": "按什么选 chosen by",
            "said": "自己说够得着 as planned",
            "true": "路上够得着 by road",
        },
        said="{:.0%}",
        true="{:.0%}",
    )
    look.says(
        f"{on_road.reach}。不在路旁、未计的订单：{on_road.off_road:,.0f}。"
        f"来源 source：{look.ROADS_SOURCE}；{city.source}"
    )

# %%
if paved:
    figure, axes = plt.subplots(figsize=(9.5, 4.6))
    lines = np.split(drawn.lonlat[drawn.refs], drawn.way_first[1:-1])
    axes.add_collection(LineCollection(lines, color=look.EDGE, linewidth=0.7, zorder=1))
    served = plans["按道路 by road"].points()
    reached = served["reached_after"].fillna(0) > 0
    for mine, color in ((~reached, "#c9bda2"), (reached, "#0b6b3a")):
        dots = served[mine]
        axes.scatter(
            dots.geometry.x, dots.geometry.y, s=2 * np.sqrt(dots["weight"]), color=color, zorder=2
        )
    looks = (("X", "#b3261e", 90, 7), ("o", look.HONEY, 240, 6))  # the smaller on top
    for (how, plan), (marker, color, size, above) in zip(plans.items(), looks, strict=True):
        sites = plan.sites().geometry
        axes.scatter(
            sites.x,
            sites.y,
            s=size,
            marker=marker,
            color=color,
            edgecolor=look.INK,
            zorder=above,
            label=how,
        )
    west, south, east, north = beside.total_bounds
    axes.set_xlim(west - 0.008, east + 0.008)
    axes.set_ylim(south - 0.005, north + 0.008)
    axes.set_aspect(1 / np.cos(np.radians(22.54)))
    axes.set_axis_off()
    axes.legend(loc="upper right")
    axes.set_title("骑行五分钟：直线选的五处与道路选的五处 Five sites, by line and by road")
    look.show(
        figure,
        f"{look.ROADS_SOURCE}\n{city.source}；绿点 green：按路上够得着 reached by road",
        "地图：按直线与按道路选出的各五处，与道路上够得着的订单",
    )

# %% [markdown]
# ## 说明了什么，没有说明什么
# 方案在给定的需求、距离与候选之中最优，并且给出上界来证明。它**没有**考虑：租金、门面、业主愿不愿意（把它们写进候选的
# `cost`，用 `budget` 代替 `p`）；除最后一问外，路程不是直线；下车的是乘客，未必是司机想休息的地方；真实的已有地点。
# 换一种距离，答案会变：先试几种，再看哪些候选总在其中。
#
# *What it does not say: rents and landlords (give candidates a `cost`), ways by road but in the last question, real
# places that exist already.*
