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
# # 六、公不公平
#
# **座位按人分，谁多谁少？离得近的是不是总是那些本来就热闹的地方？**
#
# > **Abstract.** Equity: seats within reach of a thousand orders, all who share them counted (floating catchments), the
# > Lorenz curve and Gini coefficient of that, and whether busy areas have more (concentration index). At the end,
# > people of the 2020 census, spread evenly over districts, as rough weights. Places, seats and orders are synthetic.

# %%
from datetime import date, time

import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd

import look
from geodata.analysis import access, coverage, demand, equity
from geodata.coverage.near import Within
from geodata.search.filter import Filter
from geodata.sources.demo import facts
from geodata.vocabulary import Need

look.style()
city = look.city()
REST = Filter(needs=(Need.REST,))
NOON = city.snapshot.zone.at_clock(date(2026, 11, 18), time(12))

# %% [markdown]
# ## 一千单能分到几个座位？
# 两步移动搜索（2SFCA，Luo & Wang 2003）：先把每处的座位分给一公里内够得着它的全部订单，再把每个订单够得着的份额相加。
# 座位数未知的地点不当作零，也不猜：它们一个座位也不加，另外数出来。

# %%
seats = city.places.set_index("id")["capacity"].astype("Float64")
found = access.access(city.snapshot, city.orders, seats, Within(REST, 1000.0), weight="weight")
known = found[found["access"].notna()].copy()
known["per_1000"] = known["access"] * 1000
unsure = found["access"].isna() & (found["unknown_places"] > 0)
look.says(
    f"{len(seats):,} 处中有 {seats.isna().sum():,} 处座位数未知（{seats.isna().mean():.0%}）。"
    f"{found['weight'][unsure].sum():,.0f} 单附近只有座位数未知的地点，不在下面的图里；"
    f"{known['weight'][known['access'] == 0].sum():,.0f} 单一公里内没有可歇脚的地方，算作 0。",
    f"The seats of {seats.isna().mean():.0%} of the places are not known; they add nothing and are "
    "told apart.",
)

# %%
figure, axes = plt.subplots(figsize=(9.5, 5.2))
look.ground(axes, city, named=False)
some = known[known["per_1000"] > 0]
most = some["per_1000"].quantile(0.95)
dots = axes.scatter(
    some.geometry.x, some.geometry.y, c=some["per_1000"], s=5, cmap=look.SCALE, vmin=0, vmax=most
)
none = known[known["per_1000"] == 0]
axes.scatter(none.geometry.x, none.geometry.y, s=5, color="#8d8bd0", linewidth=0)
figure.colorbar(dots, ax=axes, shrink=0.6, extend="max", label="每千单座位 seats per 1,000 orders")
look.legend(axes, [("一公里内没有 none within 1 km", "#8d8bd0")], loc="upper right")
axes.set_title("每千单够得着的座位 Seats within reach, shared out")
look.show(figure, look.DEMO_SOURCE, "地图：各处每千单够得着的座位数")

# %% [markdown]
# ## 洛伦兹曲线与基尼系数
# 把订单从分得最少的排到最多的：人人一样时是对角线，越往下凹越不均。同时画出近处权重大、远处权重小的 E2SFCA
# （Luo & Qi 2009）：看结论是否取决于算法。

# %%
bands = access.bands([(250, 1.0), (500, 0.68), (1000, 0.22)])
banded = access.access(
    city.snapshot, city.orders, seats, Within(REST, 1000.0), weight="weight", decay=bands
)
banded = banded[banded["access"].notna()]
figure, axes = plt.subplots(figsize=(9, 5.4))
axes.plot([0, 1], [0, 1], color=look.SOFT, linewidth=1, linestyle=":", label="人人一样 all alike")
for frame, label, color in ((known, "2SFCA", "#0b6b3a"), (banded, "E2SFCA", "#e0a12e")):
    curve = equity.lorenz(frame["access"], frame["weight"])
    gini = equity.gini(frame["access"], frame["weight"])
    axes.plot(
        curve["people"],
        curve["share"],
        color=color,
        linewidth=2,
        label=f"{label}，基尼 Gini {gini:.2f}",
    )
axes.set_aspect("equal")
axes.xaxis.set_major_formatter(look.PERCENT)
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_xlim(0, 1)
axes.set_ylim(0, 1)
axes.set_xlabel("订单，从最少的数起 orders, least served first")
axes.set_ylabel("座位份额 share of seats")
axes.legend(loc="upper left")
axes.set_title("座位怎么分 How seats are shared out")
look.show(figure, look.DEMO_SOURCE, "洛伦兹曲线：两种算法")

# %%
curve = equity.lorenz(known["access"], known["weight"])
least = curve[curve["people"] <= 0.5]["share"].iloc[-1]
look.says(
    f"分得最少的一半订单只够得着 **{least:.0%}** 的座位；基尼系数 "
    f"**{equity.gini(known['access'], known['weight']):.2f}**（0 是人人一样，1 是一人独占）。",
    f"The half served least has {least:.0%} of the seats within reach.",
)

# %% [markdown]
# ## 热闹的地方是不是占了便宜？
# 集中指数（Wagstaff 等 1991）把订单按当地的繁忙程度排队（一平方公里内的订单数）：大于零，越忙的地方每单分得越多；
# 小于零，越忙的地方每单分得越少，因为人多要分。

# %%
busy = demand.squares(city.orders, 1000.0, "weight", grid=city.grid)
shapes = demand.square_shapes(busy, 1000.0, city.grid)[["weight", "geometry"]].rename(
    columns={"weight": "busy"}
)
placed = gpd.sjoin(known, shapes, predicate="within")
index = equity.concentration(placed["access"], placed["busy"], placed["weight"])
near = coverage.each(city.snapshot, placed.drop(columns="index_right"), Within(REST, 1000.0), NOON)
reached = near["nearest_open_m"].notna()
far = equity.concentration(
    near["nearest_open_m"][reached], near["busy"][reached], near["weight"][reached]
)


def meaning(value: float, below: str, above: str) -> str:
    return (
        "接近零，与繁忙几乎无关 about none" if abs(value) < 0.02 else below if value < 0 else above
    )


look.table(
    pd.DataFrame(
        {
            "what": ["每单座位 seats an order", "到最近开门处的米数 metres to the nearest open"],
            "index": [index, far],
            "says": [
                meaning(
                    index,
                    "忙的地方每单座位少 fewer where busy",
                    "忙的地方每单座位多 more where busy",
                ),
                meaning(
                    far, "忙的地方离得近 closer where busy", "忙的地方离得远 farther where busy"
                ),
            ],
        }
    ),
    {"what": "量 measure", "index": "集中指数 concentration index", "says": "意思 meaning"},
    index="{:+.3f}",
)
look.says(f"来源 source：{look.DEMO_SOURCE}")

# %% [markdown]
# ## 各区之间

# %%
rows = (
    known.groupby("district")[["weight", "access"]]
    .apply(
        lambda of: pd.Series(
            {
                "mean": (of["access"] * of["weight"]).sum() / of["weight"].sum() * 1000,
                "gini": equity.gini(of["access"], of["weight"]),
                "orders": of["weight"].sum(),
            }
        )
    )
    .sort_values("mean", ascending=False)
    .reset_index()
)
figure, axes = plt.subplots(figsize=(9, 4.4))
axes.barh(rows["district"], rows["mean"], color=look.HONEY, height=0.68)
for row, (mean, gini) in enumerate(zip(rows["mean"], rows["gini"], strict=True)):
    axes.text(mean, row, f"  {mean:.0f}（基尼 {gini:.2f}）", va="center", fontsize=9)
axes.invert_yaxis()
axes.set_xlim(0, rows["mean"].max() * 1.2)
axes.set_xlabel("每千单座位，按订单平均 seats per 1,000 orders, mean")
axes.grid(visible=False, axis="y")
axes.set_title(
    "各区每千单座位，与区内的基尼系数 Seats per 1,000 orders, and Gini within each district"
)
look.show(figure, look.DEMO_SOURCE, "条形图：各区每千单座位与基尼系数")

# %% [markdown]
# ## 按居民，而不是按订单
# 各区 2020 年人口（万人）均匀铺在区内，作为粗略的权重，不是统计结果：真实的人住得很不均匀。有真实的区界时用真实的区界。

# %%
people = facts.districts().rename(columns={"weight_2020_census_10k": "people_10k"})
outlines, key = city.districts.rename(columns={"district": "name"}), "name"
if path := look.real("boundaries/shenzhen_districts.geojson"):
    outlines, key = (
        gpd.read_file(path).rename(columns={"qh": "alias"})[["alias", "geometry"]],
        "alias",
    )
living = outlines.merge(people, on=key, validate="one_to_one")
homes = demand.population(living, "people_10k", 500.0, grid=city.grid)
homes["district"] = living["name"].loc[homes["area"]].to_numpy()
by = coverage.coverage(
    city.snapshot, homes, Within(REST, 1000.0), NOON, weight="weight", by="district"
)
by = by.sort_values("share_open", ascending=False, ignore_index=True)
figure, axes = plt.subplots(figsize=(9, 4.8))
look.standing_bars(axes, by["area"], by)
axes.set_title(
    "按均匀铺开的人口，周三正午，一公里内可歇脚 People spread evenly, a place to rest within 1 km"
)
census = "人口 people：2020 年人口普查，部分未核实 2020 census, partly unverified"
look.show(figure, f"{look.DEMO_SOURCE}\n{census}", "条形图：各区人口一公里内可歇脚的占比")

# %% [markdown]
# ## 说明了什么，没有说明什么
# 这篇说明怎样量“均”：一样的平均数背后可以是很不一样的分法。它**没有**说明什么是公平：忙的地方人均少些也许正当，偏远的
# 地方少些也许不正当，这由人来判断。座位数大多未知时，基尼系数只说已知的部分；订单不等于人。
#
# *What it does not say: what is fair. It measures evenness of what is known; orders are not people.*
