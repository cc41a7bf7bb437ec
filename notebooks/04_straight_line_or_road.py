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
# # 四、直线还是道路
#
# **地图上最近的一处，真的最先到吗？走错一次，要多花几分钟？**
#
# > **Abstract.** Straight line or road: how often the closest place is not the one reached first, and how many minutes
# > that costs on foot, by e-bike, by car and by truck. Roads are real (OpenStreetMap, Nanshan and Futian); places and
# > orders are synthetic. Without an extract of the roads this essay can only say what it would show.

# %%
from datetime import date, time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import LineCollection

import look
from geodata.analysis import coverage, misled
from geodata.coverage.near import Within
from geodata.estimate import eta
from geodata.search.filter import Filter
from geodata.search.on_roads import RoadAccess
from geodata.store.stops import place
from geodata.travel import network, osm
from geodata.vocabulary import Mode, Need

look.style()
city = look.city()
NIGHT = city.snapshot.zone.at_clock(date(2026, 11, 25), time(2))
WATER = Filter(needs=(Need.WATER,))
MODES = {
    Mode.WALK: ("步行 walk", "#0b6b3a"),
    Mode.RIDE: ("电动车 e-bike", "#e0a12e"),
    Mode.DRIVE: ("汽车 car", "#2f5fd0"),
    Mode.TRUCK: ("货车 truck", "#b3261e"),
}

# %% [markdown]
# ## 没有道路数据时，时间是怎么估的
# 没有路网，时间由直线距离乘一个固定的绕行系数估出。系数不改变先后：**估计的时间永远说最近的最先到**。

# %%
estimates = pd.DataFrame(
    [
        {
            "mode": label,
            **{f"{metres}": eta(float(metres), mode).eta_s / 60 for metres in (300, 1000, 3000)},
        }
        for mode, (label, _) in MODES.items()
    ]
)
look.table(
    estimates,
    {"mode": "方式 mode", "300": "直线 300 m", "1000": "1,000 m", "3000": "3,000 m"},
    **dict.fromkeys(("300", "1000", "3000"), "{:.1f} 分钟 min"),
)

# %% [markdown]
# ## 有了道路
# 在南山—福田的真实路网上，从演示订单的位置出发，找能喝水的地方：一次按直线找最近的，一次按路上的时间找最先到的，
# 再算去“最近的”那一处实际要多久。
# 只问路网中部（经纬度都在中间八成的路口之内）：到了路网边缘，路断了，什么也说不准。离路太远的方格没有答案，不计入。

# %%
roads = None
if extract := look.real("roads/nanshan_futian.osm"):
    drawn = osm.read(extract, lambda _: None)
    net = network.build(drawn, "nanshan-futian", lambda _: None)
    roads = RoadAccess.under(
        city.snapshot, net, {mode: place(city.snapshot, net, mode) for mode in Mode}
    )
    core = np.quantile(
        drawn.lonlat, (0.1, 0.9), axis=0
    )  # at the rim of an extract roads end, and nothing can be said
    extent = shapely.box(*core.ravel())
    asked = city.orders[city.orders.within(extent)].reset_index(drop=True)
    ways = {mode: misled.each(city.snapshot, roads, asked, WATER, NIGHT, mode) for mode in MODES}
    sizes = net.about.sizes[Mode.WALK]
    look.says(
        f"路网有 {sizes.road_km:,.0f} 公里可步行的路；范围内有 {len(asked):,} "
        "个订单方格，各问一次。",
        f"{sizes.road_km:,.0f} km of ways to walk on; {len(asked):,} squares with orders, each "
        "asked once a mode.",
    )

# %% [markdown]
# ## 最近的不是最先到的，有多常见？

# %%
if roads:
    told = pd.DataFrame([misled.lost(found, "weight") for found in ways.values()]).assign(
        mode=[label for label, _ in MODES.values()]
    )
    for column in ("mean_s", "q50_s", "q90_s"):
        told[column] /= 60
    look.table(
        told,
        {
            "mode": "方式 mode",
            "answered": "有答案的方格 answered",
            "misled_share": "最近的不是最先到的 misled",
            "minute_share": "多花一分钟以上 over a minute",
            "mean_s": "多花，平均 mean lost",
            "q90_s": "九成不超过 90 %",
            "cut_off_share": "无路可达 no road",
        },
        answered="{:,}",
        misled_share="{:.0%}",
        minute_share="{:.0%}",
        mean_s="{:.1f} min",
        q90_s="{:.1f} min",
        cut_off_share="{:.1%}",
    )
    look.says(f"按订单加权。来源 source：{look.ROADS_SOURCE}；{city.source}")

# %%
if roads:
    figure, axes = plt.subplots(figsize=(9, 4.2))
    minutes = np.linspace(0, 10, 201)
    for mode, (label, color) in MODES.items():
        answered = ways[mode].dropna(subset="first_s")
        weight = answered["weight"].to_numpy()
        lost_min = answered["lost_s"].to_numpy() / 60
        beyond = [weight[lost_min > limit].sum() / weight.sum() for limit in minutes]
        axes.plot(minutes, beyond, color=color, linewidth=2, label=label)
    axes.yaxis.set_major_formatter(look.PERCENT)
    axes.set_ylim(0, None)
    axes.set_xlim(0, 10)
    axes.set_xlabel("去“最近的”要多花的时间超过 minutes lost, more than（分钟 min）")
    axes.set_ylabel("订单占比 share of orders")
    axes.legend()
    axes.set_title("走向直线最近处的代价 What going to the closest costs")
    look.show(
        figure,
        f"{look.ROADS_SOURCE}\n{city.source}",
        "曲线：多花时间超过若干分钟的订单占比，按方式",
    )

# %%
if roads:
    walkers = told.set_index("mode")["misled_share"]
    look.says(
        f"步行者中 **{walkers.iloc[0]:.0%}**、电动车中 **{walkers.iloc[1]:.0%}** "
        "最近的一处不是最先到的：路要绕行，直线不知道。所以有路网时，暖蜂可以按路上的时间排。",
        f"For {walkers.iloc[0]:.0%} on foot and {walkers.iloc[1]:.0%} by e-bike the closest is not "
        "reached first.",
    )

# %% [markdown]
# ## 在哪里容易走错？

# %%
if roads:
    found = ways[Mode.RIDE].dropna(subset="first_s")
    figure, axes = plt.subplots(figsize=(9.5, 5.2))
    lines = np.split(drawn.lonlat[drawn.refs], drawn.way_first[1:-1])
    axes.add_collection(LineCollection(lines, color=look.EDGE, linewidth=0.7, zorder=1))
    lost_min = np.minimum(found["lost_s"] / 60, 5)
    dots = axes.scatter(
        found.geometry.x,
        found.geometry.y,
        c=lost_min,
        s=26,
        cmap=look.SCALE,
        vmin=0,
        vmax=5,
        zorder=3,
        edgecolor=look.SOFT,
        linewidth=0.3,
    )
    figure.colorbar(dots, ax=axes, label="多花 minutes lost（分钟 min，5 为 5 以上）", shrink=0.7)
    axes.set_xlim(*(core[:, 0] + (-0.01, 0.01)))
    axes.set_ylim(*(core[:, 1] + (-0.01, 0.01)))
    axes.set_aspect(1 / np.cos(np.radians(22.54)))
    axes.set_axis_off()
    axes.set_title("电动车：去直线最近处多花的时间 Minutes lost by e-bike")
    look.show(
        figure, f"{look.ROADS_SOURCE}\n{city.source}", "地图：南山福田的道路与各处多花的分钟数"
    )

# %% [markdown]
# ## 同一个“五百米”，路上有多远？

# %%
if roads:
    walk = ways[Mode.WALK].dropna(subset="first_s")
    walk = walk[np.isfinite(walk["closest_s"]) & (walk["closest_m"] > 0)]
    straight_min = [eta(metres, Mode.WALK).eta_s / 60 for metres in walk["closest_m"]]
    figure, axes = plt.subplots(figsize=(9, 4.6))
    axes.scatter(
        walk["closest_m"],
        walk["closest_s"] / 60,
        s=12,
        color="#0b6b3a",
        alpha=0.5,
        linewidth=0,
        label="路上的时间 by road",
    )
    axes.scatter(
        walk["closest_m"], straight_min, s=4, color="#b3261e", label="由直线估计 estimated"
    )
    axes.set_xlim(0, 1500)
    axes.set_ylim(0, 40)
    axes.set_xlabel("直线距离 straight distance（米 m）")
    axes.set_ylabel("步行 walk（分钟 min）")
    axes.legend(loc="upper left")
    axes.set_title("到最近一处的步行时间 On foot to the closest place")
    beyond = ((walk["closest_m"] > 1500) | (walk["closest_s"] > 2400)).sum()
    look.show(
        figure,
        f"{look.ROADS_SOURCE}；图外 beyond: {beyond:,}\n{city.source}",
        "散点图：步行时间与直线距离",
    )

# %% [markdown]
# ## 说是“十分钟内有水喝”，路上也是吗？
# 覆盖率常按直线算。同样的订单、同样的地点、同一个半夜，改按路上的时间再算一遍：在若干分钟内，有多大比例的订单够得着一处
# 能喝水、确定开着门的地方？离路太远的订单两边都不计，另外数出来。总数相近时，还要看说的是不是同一批订单。

# %%
if roads:
    shares, curves = [], {}
    for mode, limit_min in ((Mode.WALK, 10), (Mode.RIDE, 4)):
        near = Within(WATER, minutes=limit_min, mode=mode)
        by_road = coverage.each(city.snapshot, asked, near, NIGHT, roads=roads)
        judged = by_road[by_road["standing"] != "off_road"]
        straight = coverage.each(city.snapshot, judged[["weight", "geometry"]], near, NIGHT)
        said, true = straight["standing"] == "open", judged["standing"] == "open"
        share = judged["weight"] / judged["weight"].sum()
        shares.append(
            {
                "mode": f"{MODES[mode][0]}，{limit_min} min",
                "estimated": share[said].sum(),
                "road": share[true].sum(),
                "only_said": share[said & ~true].sum(),
                "not_said": share[~said & true].sum(),
                "left_out": len(by_road) - len(judged),
            }
        )
        curves[mode] = (
            judged["weight"].to_numpy(),
            np.array([eta(metres, mode).eta_s for metres in straight["nearest_open_m"]]) / 60,
            judged["nearest_open_s"].to_numpy() / 60,
        )
    look.table(
        pd.DataFrame(shares),
        {
            "mode": "方式 mode",
            "estimated": "直线说够得着 estimated",
            "road": "路上够得着 by road",
            "only_said": "说有而没有 said, but not by road",
            "not_said": "有而没说 by road, not said",
            "left_out": "不在路旁的方格，不计 off the roads",
        },
        estimated="{:.0%}",
        road="{:.0%}",
        only_said="{:.0%}",
        not_said="{:.0%}",
        left_out="{:,}",
    )
    look.says(f"按订单加权，凌晨两点。来源 source：{look.ROADS_SOURCE}；{city.source}")

# %%
if roads:
    figure, axes = plt.subplots(figsize=(9, 4.4))
    minutes = np.linspace(0, 30, 301)
    for mode, (weight, *ways) in curves.items():
        label, color = MODES[mode]
        for took_min, line, how in zip(
            ways, ("--", "-"), ("由直线估计 estimated", "按路 by road"), strict=True
        ):
            within = [weight[took_min <= limit].sum() / weight.sum() for limit in minutes]
            axes.plot(minutes, within, line, color=color, linewidth=2, label=f"{label}，{how}")
    axes.yaxis.set_major_formatter(look.PERCENT)
    axes.set_ylim(0, 1)
    axes.set_xlim(0, 30)
    axes.set_xlabel("到最先到的、确定开门的一处 to the first known to be open（分钟 min）")
    axes.set_ylabel("订单占比 share of orders")
    axes.legend(loc="lower right")
    axes.set_title("够得着水的订单，直线与道路 Who reaches water, straight and by road")
    look.show(
        figure,
        f"{look.ROADS_SOURCE}\n{city.source}",
        "曲线：若干分钟内够得着水的订单占比，直线与道路",
    )

# %%
if roads:
    (walk, ride), apart = shares, [each["only_said"] + each["not_said"] for each in shares]
    look.says(
        f"步行十分钟内够得着的，直线说 **{walk['estimated']:.0%}**，路上是 **{walk['road']:.0%}**，"
        f"但有 **{apart[0]:.0%}** 的订单两种说法不同；电动车四分钟，直线说 "
        f"**{ride['estimated']:.0%}**，路上是 **{ride['road']:.0%}**，**{apart[1]:.0%}** 不同。"
        "总数相近时，也未必是同一批人。",
        f"Ten minutes on foot: {walk['estimated']:.0%} by the estimate, {walk['road']:.0%} by "
        f"road, and for {apart[0]:.0%} of orders they differ; four by e-bike: "
        f"{ride['estimated']:.0%}, {ride['road']:.0%}, {apart[1]:.0%}.",
    )

# %% [markdown]
# ## 说明了什么，没有说明什么
# 直线是好的初筛，但先后次序要由道路来定。它**没有**说明全市：这份路网只有南山—福田的主要道路，小路与小区内部缺失，缺路
# 会夸大绕行；也没有红绿灯与拥堵。要说全市的话，用完整的路网：`nuanfeng network build shenzhen.osm.pbf`。
#
# *What it does not say: the whole city. The extract has the main roads of two districts, and missing paths make detours
# look longer; there are no lights and no jams. Build the network of the whole city to know.*
