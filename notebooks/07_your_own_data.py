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
# # 七、用你自己的数据
#
# **手里有一张带坐标的表：怎样问出每个点、每个区、每个小时的覆盖？**
#
# > **Abstract.** Your own data: a table of points (parquet, csv, xlsx of any size) becomes an answer per point, per
# > district and per hour, in Python and by the command line, and both give the same numbers. The columns are explained
# > one by one. The points of this essay are made up, as are the places.

# %%
import subprocess
import sys
import tempfile
from datetime import date, time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import look
from geodata.analysis import coverage, demand, hourly
from geodata.analysis.clients import located
from geodata.coverage.near import Within
from geodata.errors import BadTable
from geodata.search.filter import Filter
from geodata.space.coordinates import Datum, from_wgs84
from geodata.vocabulary import Need

look.style()
city = look.city()
scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)
NIGHT = city.snapshot.zone.at_clock(date(2026, 11, 25), time(2))
WATER = Within(Filter(needs=(Need.WATER,)), reach_m=500.0)

# %% [markdown]
# ## 一、表
# 任何表都行，只要有经度、纬度两列，或一列几何。这里写一张小表：2,000 个虚构的送达点，坐标按 **GCJ-02**
# （国内地图常用），列名是中文，还有三行坐标坏了，因为真实的表总是如此。

# %%
rng = np.random.default_rng(7)
drawn = city.orders.sample(2000, weights="weight", replace=True, random_state=7)
beside = rng.normal(0, 1e-3, (2, 2000))  # about a hundred metres
lon, lat = from_wgs84(drawn.geometry.x + beside[0], drawn.geometry.y + beside[1], Datum.GCJ02)
table = pd.DataFrame(
    {
        "单号": range(1, 2001),
        "经度": lon.round(6),
        "纬度": lat.round(6),
        "件数": rng.integers(1, 6, 2000),
    }
)
table.loc[[5, 50, 500], "经度"] = np.nan
mine = folder / "送达点.csv"
table.to_csv(mine, index=False)
look.table(table.head(4), {name: name for name in table})
look.says("来源 source：本篇虚构 made up here, synthetic")

# %% [markdown]
# ## 二、读进来
# 基准要**声明，不会猜**：把 GCJ-02 当成 WGS-84 会错开五百多米，正好是“附近”的尺度。`weight` 是每行代表多少。

# %%
points = demand.read(mine, "件数", datum=Datum.GCJ02, lon="经度", lat="纬度")
wrong = demand.read(mine, "件数", lon="经度", lat="纬度")
right_share, wrong_share = (
    coverage.coverage(city.snapshot, frame, WATER, NIGHT, weight="weight")["share_open"][0]
    for frame in (points, wrong)
)
look.says(
    f"声明正确时覆盖 **{right_share:.1%}**；忘了声明，会得到 "
    f"**{wrong_share:.1%}**，而且没有任何提示：平均数看起来总是合理的。",
    f"Declared rightly {right_share:.1%}, taken for WGS-84 {wrong_share:.1%}: no average looks "
    "wrong by itself.",
)

# %% [markdown]
# 权重缺了或是负数，会被拒绝，并说出是哪一列、第一处是什么：

# %%
try:
    demand.read(mine, "单价", lon="经度", lat="纬度")
except BadTable as refusal:
    look.says(f"> {refusal}")

# %% [markdown]
# ## 三、逐点：每一行有什么
#
# | 列 column | 意思 |
# |---|---|
# | `standing` | 此刻的着落，五个词之一，见下 |
# | `nearest_id`、`nearest_m` | 最近的合适地点和直线米数，不论开没开 |
# | `nearest_open_m` | 最近的、确定开着的地点的米数；五十公里内没有则为空 |
#
# `open`：有一处确定开门；`unknown`：没有，但有时间未知的；`closed`：只有关着的；`none`：附近没有；`outside`：
# 不在服务区，或没有坐标。

# %%
each = coverage.each(city.snapshot, points, WATER, NIGHT)
look.table(
    each.head(8),
    {
        "单号": "单号",
        "件数": "件数",
        "standing": "standing",
        "nearest_id": "nearest_id",
        "nearest_m": "nearest_m",
        "nearest_open_m": "nearest_open_m",
    },
    nearest_m="{:,.0f} m",
    nearest_open_m="{:,.0f} m",
)
counts = each["standing"].value_counts()
look.says(
    "、".join(f"`{word}` {count:,}" for word, count in counts.items())
    + "。三行坏坐标成了 `outside`，没有丢。"
)

# %%
colors = {name: color for name, (_, color) in look.STANDINGS.items()}
figure, axes = plt.subplots(figsize=(9.5, 5.2))
look.ground(axes, city)
for name in ("closed", "none", "unknown", "open"):
    of_name = each[each["standing"] == name]
    axes.scatter(
        of_name.geometry.x, of_name.geometry.y, s=6, color=colors[name], zorder=3, linewidth=0
    )
look.legend(axes, list(look.STANDINGS.values()), loc="upper right")
axes.set_title(
    "两千个送达点，周三凌晨两点，五百米内可喝水 2,000 points at 02:00, water within 500 m"
)
look.show(figure, f"送达点：本篇虚构 made up here；{city.source}", "地图：每个送达点的着落")

# %% [markdown]
# ## 四、分区、分时
#
# | 列 column | 意思 |
# |---|---|
# | `points`、`weight` | 服务区内的行数，与它们的权重之和 |
# | `points_outside` | 不在服务区或没有坐标的行，不进任何比例 |
# | `open`、`unknown`、`closed`、`none` | 各种着落的权重；四者之和是 `weight` |
# | `share_open` … | 除以 `weight`；没有权重时为空，不是 0 |

# %%
by = coverage.coverage(
    city.snapshot, located(points, city.outlines), WATER, NIGHT, weight="weight", by="district"
)
look.table(
    by.assign(area=by["area"].fillna("（不在任何区）")).sort_values("weight", ascending=False),
    {
        "area": "区 area",
        "points": "行数 points",
        "weight": "件数 weight",
        "points_outside": "区外 outside",
        "share_open": "开门 open",
        "share_unknown": "未知 unknown",
        "share_closed": "关门 closed",
        "share_none": "没有 none",
    },
    points="{:,}",
    weight="{:,.0f}",
    points_outside="{:,}",
    **dict.fromkeys(("share_open", "share_unknown", "share_closed", "share_none"), "{:.0%}"),
)

# %%
week = hourly.curve(city.snapshot, points, WATER, NIGHT.date(), weight="weight")
grid = week.pivot_table(index="day", columns="hour", values="share_open").loc[
    ["MO", "FR", "SA", "SU", "PH", "WORKDAY"]
]
names = [
    "周一 Mon",
    "周五 Fri",
    "周六 Sat",
    "周日 Sun",
    "法定假日 holiday",
    "调休上班 worked weekend",
]
figure, axes = plt.subplots(figsize=(9, 2.8))
picture = axes.imshow(grid, cmap=look.SCALE, vmin=0, vmax=1, aspect="auto")
axes.set_yticks(range(len(grid)), names)
axes.set_xticks(range(0, 24, 3), [f"{hour:02}:00" for hour in range(0, 24, 3)])
axes.grid(visible=False)
figure.colorbar(picture, ax=axes, label="覆盖 share open", format=look.PERCENT)
axes.set_title("你的一周 Your week, hour by hour")
look.show(figure, f"送达点：本篇虚构 made up here；{city.source}", "热力图：各类日子各小时的覆盖")

# %% [markdown]
# ## 五、同样的事，在命令行
# 文件多大都行：一次只读一段。结果与上面一模一样，因为是同一个引擎。


# %%
def nuanfeng(*words: str) -> None:
    """The command as one types it, with what it answers."""
    command = [sys.executable, "-m", "app", *words]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    typed = " ".join(["nuanfeng", *words])
    print(f"$ {typed}\n{answer.stdout}")


columns = ["--lon", "经度", "--lat", "纬度", "--datum", "gcj02", "--dataset", look.DATASET]
asked = ["--needs", "water", "--reach-m", "500", "--at", NIGHT.isoformat()]
nuanfeng(
    "coverage", "送达点.csv", *columns, "--weight", "件数", *asked, "--by", "city", "-o", "all.csv"
)
nuanfeng("coverage", "送达点.csv", *columns, *asked, "--each", "-o", "each.parquet")

# %%
typed = pd.read_csv(folder / "all.csv")["share_open"][0]
rows = pd.read_parquet(folder / "each.parquet")
same = (
    rows.sort_values("point_row")["standing"].astype(str).to_numpy()
    == each["standing"].astype(str).to_numpy()
).all()
assert abs(typed - right_share) < 1e-12
assert same
look.says(
    f"命令行：{typed:.4%}；Python：{right_share:.4%}。{len(rows):,} 行逐点相同。",
    "The command line and Python agree, row by row.",
)

# %% [markdown]
# 还有：`nuanfeng nearest 送达点.csv -o 最近.parquet`（每点最近的 k 处）、`nuanfeng site 送达点.csv --p 20 -o 方案.xlsx`
# （下一处建在哪里，见五）、`--hourly true`（每小时一行）。各有 `--help`。
#
# ## 说明了什么，没有说明什么
# 这篇说明方法，数字全是虚构的。换成真实的表之前，先问三件事：坐标是什么基准？每一行代表多少？坏行有多少？
# 换成真实的地点，用 `nuanfeng import` 发布你自己的数据集，再用 `--dataset` 指给这些命令。
#
# *What it does not say: anything about the real city. Before you bring your own table ask which datum its degrees are
# in, what a row stands for, and how many rows are broken; `nuanfeng import` publishes places of your own.*
