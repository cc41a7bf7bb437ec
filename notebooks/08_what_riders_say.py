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
# # 八、骑手说了什么
#
# **名单说开着，骑手说关着：在哪类地点、哪个钟点最常见？信多久有回音？大家想要的地方，离现有的有多远？**
#
# > **Abstract.** What riders say, from the files that `nuanfeng reports|letters|wishes export` writes: no text, no
# > receipt, nothing of who said it, street offices only from five on. Where places were found closed though their hours
# > said open, by kind and hour; how long letters wait, by Kaplan and Meier; and wishes against sites. In the demo all of
# > it is made up.

# %%
import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import CensoredData, ecdf

import look
from geodata.analysis import coverage, siting
from geodata.coverage.near import Within
from geodata.search.filter import Filter
from geodata.space.coordinates import WGS84
from geodata.vocabulary import KIND_WORDS, NEED_WORDS, Kind, Need

look.style()
city = look.city()
DAY = pd.Timedelta(days=1)


def source(table: pd.DataFrame) -> str:
    """Whose words these are."""
    made_up = table["synthetic"].all()
    return "演示数据 synthetic：骑手没有说过" if made_up else "骑手报告 what riders said"


# %% [markdown]
# ## 一、名单说开着，骑手说关着
# 只看当时名单说“开着”的报告：其中说“关着”的占多少？一条报告不是一次核实；没有人报告的地点，这里什么也不说。

# %%
reports = look.said("reports")
if reports is not None:
    asked = reports[(reports["listed"] == "open") & reports["type"].isin(["closed", "open"])]
    asked = asked.assign(
        closed=asked["type"] == "closed",
        part=pd.cut(asked["hour"], [-1, 5, 11, 17, 23], labels=["0–5", "6–11", "12–17", "18–23"]),
    )
    by_kind = asked.groupby("kind")["closed"].agg(["size", "sum", "mean"]).reset_index()
    by_kind["name"] = [
        KIND_WORDS[Kind(kind)].official if kind else "已不在名单" for kind in by_kind["kind"]
    ]
    look.table(
        by_kind,
        {
            "name": "类别 kind",
            "size": "报告 reports",
            "sum": "说关着 closed",
            "mean": "占 share",
        },
        mean="{:.0%}",
    )
    look.says(
        f"名单说开着时有 {len(asked):,} 条说开或关的报告，其中 **{asked['closed'].mean():.0%}** 说关着。"
        f"来源：{source(reports)}。",
        f"Of {len(asked):,} reports while the hours said open, {asked['closed'].mean():.0%} found it closed.",
    )

# %%
if reports is not None:
    shares = asked.groupby("part", observed=False)["closed"].agg(["mean", "size"])
    figure, axes = plt.subplots()
    axes.bar(shares.index.astype(str), shares["mean"].fillna(0), color="#b3261e", width=0.6)
    for at, (mean, size) in enumerate(zip(shares["mean"], shares["size"], strict=True)):
        label = f"{mean:.0%}（{size}）" if size else "没有报告"
        axes.annotate(label, (at, mean if size else 0), ha="center", va="bottom")
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(look.PERCENT)
    axes.set_xlabel("钟点 hour of the day")
    axes.set_title("名单说开着，骑手说关着的占比（报告数）")
    look.show(
        figure,
        source(reports),
        "柱：各时段里，名单说开着而骑手说关着的报告占比 · share found closed by hour",
    )

# %% [markdown]
# ## 二、信等多久
# 还在等的信也算，等了多久算多久（Kaplan–Meier）：只数已经答复的，会把慢的漏掉。答复不等于解决：只有写信的人说了才算。

# %%
letters = look.said("letters")
if letters is not None:
    times = {
        name: pd.to_datetime(letters[name].replace("", None), utc=True)
        for name in ("received_at", "first_answer_at", "ended_at")
    }
    seen_until = max(column.max() for column in times.values())
    answered = ((times["first_answer_at"].fillna(seen_until) - times["received_at"]) / DAY).clip(0)
    is_waiting = times["first_answer_at"].isna()
    naive = answered[~is_waiting].median()
    figure, axes = plt.subplots()
    medians = []
    for category, rows in letters.groupby("category"):
        waited = CensoredData.right_censored(answered[rows.index], is_waiting[rows.index])
        still = ecdf(waited).sf
        axes.step([0, *still.quantiles], [1, *still.probabilities], where="post", label=category)
        reached = still.quantiles[still.probabilities <= 0.5]
        medians.append((category, len(rows), reached[0] if len(reached) else np.nan))
    axes.set_xlim(0, 31)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(look.PERCENT)
    axes.set_xlabel("收到后的天数 days since received")
    axes.set_title("还没有第一次答复的信 still without an answer")
    axes.legend()
    look.show(figure, source(letters), "线：各类信在收到若干天后仍无答复的比例 · still unanswered")
    look.table(
        pd.DataFrame(medians, columns=["category", "letters", "days"]),
        {"category": "事由 subject", "letters": "信 letters", "days": "一半在几天内答复 median"},
        days="{:.1f}",
    )
    whole = ecdf(CensoredData.right_censored(answered, is_waiting)).sf
    half = whole.quantiles[whole.probabilities <= 0.5]
    if len(half):
        look.says(
            f"{len(letters):,} 封信里还有 {int(is_waiting.sum()):,} 封没有答复。连同它们，一半在 "
            f"**{half[0]:.1f} 天**内得到答复；若只数已答复的，会说成 {naive:.1f} 天。",
            f"With those that still wait half are answered within {half[0]:.1f} days; counting only "
            f"answered ones would say {naive:.1f}.",
        )

# %% [markdown]
# ## 三、心愿与现有的地点
# 一片（1.2 × 0.6 公里）里满三个心愿才有这个点。心愿说的是“想要”，不是“没有”：下面量每一片离最近的、有所求用途的地点有多远。

# %%
wishes = look.said("wishes")
if wishes is not None:
    at = gpd.points_from_xy(wishes["lon"], wishes["lat"])
    points = gpd.GeoDataFrame(wishes, geometry=at, crs=WGS84)
    rows = []
    for need in Need:
        wanted = points.dropna(subset=[f"need_{need}"])
        if wanted.empty:
            continue
        found = coverage.each(
            city.snapshot,
            wanted,
            Within(Filter(needs=(need,)), reach_m=1_000.0),
            city.snapshot.zone.local(pd.Timestamp("2026-11-30 02:00", tz="UTC").to_pydatetime()),
        )
        near = found["nearest_m"]
        count = wanted[f"need_{need}"]
        rows.append(
            (
                NEED_WORDS[need].official,
                int(count.sum()),
                float(near.median()),
                float(count[near > 1_000].sum() / count.sum()),
            )
        )
    look.table(
        pd.DataFrame(rows, columns=["need", "count", "metres", "far"]),
        {
            "need": "用途 need",
            "count": "心愿 wishes",
            "metres": "离最近的（中位，米）nearest, m",
            "far": "一公里内没有的心愿 none within 1 km",
        },
        count="{:,}",
        metres="{:,.0f}",
        far="{:.0%}",
    )

# %%
if wishes is not None:
    sites = siting.grid(points, 500, city.grid)
    effort = siting.Effort(time_limit_s=30)
    plan = siting.mclp(siting.from_frames(points, sites, siting.Metres(1000)), p=5, effort=effort)
    look.says(
        f"若只照心愿选 5 处，一公里内够得着 **{plan.after / plan.total:.0%}** 的心愿（{len(points)} 片，"
        f"{int(points['weight'].sum()):,} 个）。心愿是会上网、肯说话的人的：它补充订单，不代替订单。",
        f"Five sites chosen by wishes alone reach {plan.after / plan.total:.0%} of them within 1 km.",
    )
    figure, axes = plt.subplots(figsize=(9.5, 5.4))
    look.ground(axes, city, named=False)
    axes.scatter(
        points.geometry.x,
        points.geometry.y,
        s=12 * points["weight"],
        color=look.HONEY,
        edgecolor=look.INK,
        linewidth=0.6,
        label="心愿 wishes",
    )
    chosen = plan.sites()
    axes.scatter(
        chosen.geometry.x,
        chosen.geometry.y,
        marker="*",
        s=170,
        color="#0b6b3a",
        label="照心愿选的 5 处 five sites",
    )
    axes.legend(loc="lower right")
    axes.set_title("心愿在哪里，照心愿会选哪里")
    look.show(figure, source(wishes), "圆：心愿多少；星：照心愿选的五处 · wishes and sites")

# %% [markdown]
# ## 这些数字没有说的
# 报告、信和心愿都来自肯说话的人；没有声音的地方不等于没有问题。演示数据里的全部内容都是虚构的 synthetic。
