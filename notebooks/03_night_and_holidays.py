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
# # 三、深夜与节假日
#
# **凌晨两点，还有哪里开着？春节和调休的周末，与平日有什么不同？**
#
# > **Abstract.** The same orders through 24 hours of every kind of day: the curve of the week, public holidays, worked
# > weekends, the night map at 02:00, what a single closing would cost, and what unknown hours hide. Hours are judged on
# > real dates of the calendar, as riders are told. Places and orders are synthetic.

# %%
from datetime import date, time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import look
from geodata.analysis import backup, coverage, hourly
from geodata.analysis.clients import located
from geodata.coverage.near import Within
from geodata.search.filter import Filter
from geodata.vocabulary import Kind, Need

look.style()
city = look.city()
REST = Within(Filter(needs=(Need.REST,)), 500.0)
FIRST = date(2026, 11, 21)
NIGHT = city.snapshot.zone.at_clock(date(2026, 11, 25), time(2))  # the small hours of a Wednesday
DAYS = {
    "WE": ("周三 Wednesday", "#8a5200", "-"),
    "SA": ("周六 Saturday", "#2f5fd0", "-"),
    "SU": ("周日 Sunday", "#0b6b3a", "-"),
    "PH": ("法定假日 public holiday", "#b3261e", "-"),
    "WORKDAY": ("调休上班的周末 worked weekend", "#8d8bd0", "--"),
}

# %% [markdown]
# ## 一天二十四小时
# 五百米内有一处**确定开门**、可以歇脚的地方的订单占比。每一类日子取日历上真实的下一天
# （公布的安排里再没有的，取上一天）；法定假日与调休按国务院公布的安排。

# %%
curve = hourly.curve(city.snapshot, city.orders, REST, FIRST, weight="weight")
dates = curve.groupby("day")["date"].first()
figure, axes = plt.subplots(figsize=(9, 4.6))
for day, (label, color, line) in DAYS.items():
    of_day = curve[curve["day"] == day]
    look.day_steps(
        axes,
        of_day["share_open"],
        line,
        color=color,
        linewidth=2,
        label=f"{label}，{dates[day]:%Y-%m-%d}",
    )
axes.axvspan(0, 6, color=look.LAND, zorder=0)
axes.text(0.2, 0.95, "深夜 small hours", fontsize=9, color=look.SOFT)
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_ylim(0, 1)
axes.set_xlim(0, 24)
axes.set_xticks(range(0, 25, 3), [f"{hour:02}:00" for hour in range(0, 25, 3)])
axes.set_ylabel("订单占比 share of orders")
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2)
axes.set_title("一天里的覆盖：五百米内可歇脚 A place to rest within 500 m, hour by hour")
look.show(figure, city.source, "曲线：五类日子各小时有地方歇脚的订单占比")

# %%
at = curve.set_index(["day", "hour"])["share_open"]
look.says(
    f"周三 15 点有 **{at['WE', 15]:.0%}** 的订单附近有地方歇脚，凌晨 2 点只有 "
    f"**{at['WE', 2]:.0%}**；法定假日 15 点是 **{at['PH', 15]:.0%}**。",
    f"Served at 15:00 on a Wednesday {at['WE', 15]:.0%}, at 02:00 {at['WE', 2]:.0%}, at 15:00 on a "
    f"holiday {at['PH', 15]:.0%}.",
)

# %% [markdown]
# ## 春节呢？
# 春节假期按公布的安排当作法定假日来判断，各处照登记的节假日时间。下面比较 2026 年正月初一（2 月 17 日，星期二）与一周多
# 之后的平常日子（2 月 25 日，星期三）。登记里没有单写春节的，所以春节歇业而没有登记的，这里看不出来。

# %%
SPRING, AFTER = date(2026, 2, 17), date(2026, 2, 25)
rows = []
for label, day in (("正月初一 Spring Festival", SPRING), ("平常的周三 a plain Wednesday", AFTER)):
    for hour in (2, 15):
        at_hour = city.snapshot.zone.at_clock(day, time(hour))
        parts = coverage.coverage(city.snapshot, city.orders, REST, at_hour, weight="weight")
        rows.append({"day": label, "hour": f"{hour:02}:00", **parts.iloc[0]})
spring = pd.DataFrame(rows)
look.table(
    spring,
    {"day": "日子 day", "hour": "时刻 hour"}
    | {f"share_{name}": label for name, (label, _) in look.STANDINGS.items()},
    **{f"share_{name}": "{:.1%}" for name in look.STANDINGS},
)
by_day = spring.set_index(["day", "hour"])["share_open"].unstack()
look.says(
    f"正月初一 15 点有 **{by_day.loc['正月初一 Spring Festival', '15:00']:.0%}** 的订单附近有地方歇脚，"
    f"假期之后的周三同一时刻是 **{by_day.loc['平常的周三 a plain Wednesday', '15:00']:.0%}**；凌晨 2 点是 "
    f"**{by_day.loc['正月初一 Spring Festival', '02:00']:.0%}** 和 "
    f"**{by_day.loc['平常的周三 a plain Wednesday', '02:00']:.0%}**。",
    "On the first day of the Spring Festival and on a plain Wednesday, at 15:00 and at 02:00.",
)

# %% [markdown]
# ## 未知遮住了什么？
# 时间未知的地点既不算开，也不算关。它们最多能让曲线高出多少，就是浅紫色的一条。

# %%
wednesday = curve[curve["day"] == "WE"]
figure, axes = plt.subplots(figsize=(9, 3.8))
shares = [
    [*wednesday[f"share_{name}"], wednesday[f"share_{name}"].iloc[-1]] for name in look.STANDINGS
]
labels, colors = zip(*look.STANDINGS.values(), strict=True)
axes.stackplot(range(25), *shares, colors=colors, labels=labels, step="post")
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_ylim(0, 1)
axes.set_xlim(0, 24)
axes.set_xticks(range(0, 25, 3), [f"{hour:02}:00" for hour in range(0, 25, 3)])
axes.set_ylabel("订单占比 share of orders")
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=4)
axes.set_title("周三，五百米内可歇脚：四种着落 Wednesday, in four parts")
look.show(figure, city.source, "面积图：周三各小时开门、未知、关门、没有的占比")

# %% [markdown]
# ## 凌晨两点的地图
# 圆点是凌晨两点五百米内没有任何确定开门的地方歇脚的订单，颜色说明为什么：附近什么都没有、只有关着的、时间未知；
# 绿点是此刻开着门的地点。

# %%
left = hourly.unserved(city.snapshot, city.orders, REST, NIGHT)
awake = backup.closing(city.snapshot, city.orders, REST, NIGHT, weight="weight")
figure, axes = plt.subplots(figsize=(9.5, 5.4))
look.ground(axes, city)
reasons = {name: look.STANDINGS[name] for name in ("none", "closed", "unknown")}
for name, (_, color) in reasons.items():
    why = left[left["standing"] == name]
    axes.scatter(
        why.geometry.x,
        why.geometry.y,
        s=np.sqrt(why["weight"]) * 2,
        color=color,
        alpha=0.6,
        linewidth=0,
    )
axes.scatter(awake.geometry.x, awake.geometry.y, s=9, color="#0b6b3a", zorder=4)
look.legend(
    axes,
    [("此刻开着 open now", "#0b6b3a"), *reasons.values()],
    loc="upper right",
)
axes.set_title("周三凌晨 02:00 Wednesday, two in the morning")
look.show(figure, city.source, "地图：凌晨两点没有着落的订单与开着的地点")

# %%
left = city.located(left.drop(columns=["district", "street"], errors="ignore"))
worst = left.groupby("district")["weight"].sum() / city.orders.groupby("district")["weight"].sum()
whole = left["weight"].sum() / city.orders["weight"].sum()
look.says(
    f"凌晨两点，**{whole:.0%}** "
    f"的订单五百米内没有确定开门的地方歇脚；最多的是{worst.idxmax()}（{worst.max():.0%}），"
    f"最少的是{worst.idxmin()}（{worst.min():.0%}）。",
    f"At two in the morning {whole:.0%} of orders have nothing known to be open within 500 m.",
)

# %% [markdown]
# ## 各区的夜晚

# %%
by_district = coverage.coverage(
    city.snapshot, city.orders, REST, NIGHT, weight="weight", by="district"
)
by_district = by_district.dropna(subset="area").sort_values(
    "share_open", ascending=False, ignore_index=True
)
figure, axes = plt.subplots(figsize=(9, 4.8))
look.standing_bars(axes, by_district["area"], by_district)
axes.set_title("各区凌晨两点的着落 Standing at 02:00 by district")
look.show(figure, city.source, "条形图：各区凌晨两点的着落")

# %% [markdown]
# ## 只靠一处的人
# 深夜开着的地方少，一处关门就可能让一片没有着落。按 Hogan 与 ReVelle（1986）的“后备覆盖”来数。

# %%
noon = NIGHT.replace(hour=12)
levels = {"凌晨 02:00": NIGHT, "正午 12:00": noon}
figure, axes = plt.subplots(figsize=(9, 2.9))
start = np.zeros(len(levels))
rows = [
    backup.backup(city.snapshot, city.orders, REST, at, weight="weight").iloc[0]
    for at in levels.values()
]
for column, label, color in (
    ("share_by_0", "没有 none", "#b3261e"),
    ("share_by_1", "只有一处 one", look.HONEY),
    ("share_by_2", "两处 two", "#7fae6f"),
    ("share_by_3_or_more", "三处以上 three or more", "#0b6b3a"),
):
    widths = np.array([row[column] for row in rows])
    axes.barh(list(levels), widths, left=start, color=color, label=label)
    for row, (width, begin) in enumerate(zip(widths, start, strict=True)):
        if width >= 0.05:
            axes.text(
                begin + width / 2,
                row,
                f"{width:.0%}",
                ha="center",
                va="center",
                color=look.INK if color in (look.HONEY, "#7fae6f") else "white",
            )
    start += widths
axes.xaxis.set_major_formatter(look.PERCENT)
axes.set_xlim(0, 1)
axes.grid(visible=False)
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=4)
axes.set_title("五百米内开着几处 How many open places orders have within 500 m")
look.show(figure, city.source, "条形图：夜里与正午由几处覆盖")

# %%
named = located(awake.merge(city.places[["id", "name", "kind"]], on="id").head(8), city.outlines)
look.table(
    named.assign(
        kind=named["kind"].map({kind: label for kind, (label, _) in look.KINDS.items()}).astype(str)
    ),
    {
        "name": f"地点 place{city.made_up}",
        "kind": "类别 kind",
        "street": "街道",
        "only_here": "只靠它的订单 only here",
        "reaches": "够得着的订单 reaches",
    },
    only_here="{:,.0f}",
    reaches="{:,.0f}",
)
look.says(
    "凌晨两点，关了会损失最多的八处。The eight whose closing at 02:00 would cost most. 来源 "
    f"source：{city.source}"
)

# %% [markdown]
# ## 驿站与商户，谁在夜里开着？

# %%
figure, axes = plt.subplots(figsize=(9, 3.8))
for kind in (Kind.FRIENDLY_MERCHANT, Kind.WARM_BEE_STATION, Kind.DRIVER_HOME):
    label, color = look.KINDS[kind]
    alone = hourly.curve(
        city.snapshot, city.orders, Within(Filter(kinds=(kind,)), 500.0), FIRST, weight="weight"
    )
    alone = alone[alone["day"] == "WE"]
    look.day_steps(axes, alone["share_open"], color=color, linewidth=2, label=label)
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_ylim(0, 1)
axes.set_xlim(0, 24)
axes.set_xticks(range(0, 25, 3), [f"{hour:02}:00" for hour in range(0, 25, 3)])
axes.set_ylabel("订单占比 share of orders")
axes.legend(loc="upper left")
axes.set_title("周三，五百米内有此类地点开门 Wednesday, by kind of place")
look.show(figure, city.source, "曲线：各类地点各小时的覆盖")

# %% [markdown]
# ## 说明了什么，没有说明什么
# 这篇说明开放时间怎样决定谁被覆盖：白天的地图在夜里不成立。它**没有**说明夜里的订单在哪里：演示订单不分时刻，这里假定
# 它们整天分布不变。也没有说明门是否真的开着：登记的时间与实际可能不同，现场核实的日期在地点页上。
#
# *What it does not say: where orders are at night (demo orders have no hour), or whether a door opens as listed.*
