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
from geodata.analysis import access, coverage, demand, equity, uncertainty
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
# 座位数未知的地点不当作零：未知就是未知。一公里内只要有一处座位数未知，那里每单有几座就说不出一个数，只说得出至少与至多：
# 先把每一处未知的都当作已知座位数的第 5 百分位，再都当作第 95 百分位。中间一种按中位数算，只用来画图。

# %%
seats = city.places.set_index("id")["capacity"].astype("Float64")
if seats.isna().all():
    look.says(
        "没有一处的座位数是已知的：以下每处当作一个座位，数的是地点，不是座位。",
        "No place's seats are known: each counts as one, so places are counted below, not seats.",
    )
    seats = seats.fillna(1.0)
LEAST, TYPICAL, MOST = seats.dropna().quantile([0.05, 0.5, 0.95]).astype(float)
ASK = {"within": Within(REST, 1000.0), "weight": "weight"}
found = access.access(city.snapshot, city.orders, seats, **ASK, unknown=(LEAST, MOST))
found["access_typical"] = access.access(city.snapshot, city.orders, seats.fillna(TYPICAL), **ASK)[
    "access"
]
judged = found[found["access_least"].notna()].copy()
judged["per_1000"] = judged["access_typical"] * 1000
orders = judged["weight"].sum()
sure = judged["weight"][judged["unknown_places"] == 0].sum() / orders
blind = judged["weight"][(judged["unknown_places"] > 0) & (judged["places"] == 0)].sum() / orders
nothing = judged["weight"][judged["access_most"] == 0].sum() / orders
look.says(
    f"{len(seats):,} 处中有 {seats.isna().sum():,} 处座位数未知（**{seats.isna().mean():.0%}**）。"
    f"按订单算，每单座位数能说准的只有 **{sure:.1%}**（其中 {nothing:.1%} 一公里内没有可歇脚的地方，确实是 0）；"
    f"{1 - sure:.1%} 的订单附近至少有一处未知，{blind:.1%} 的订单附近全是未知。"
    f"未知的按 {LEAST:.0f} 座算是下限，按 {MOST:.0f} 座算是上限，画图按中位数 {TYPICAL:.0f} 座。",
    f"The seats of {seats.isna().mean():.0%} of the places are not known; for {1 - sure:.1%} of the "
    f"orders seats are told as a range, unknown places having {LEAST:.0f} to {MOST:.0f} seats.",
)

# %%
figure, axes = plt.subplots(figsize=(9.5, 5.2))
look.ground(axes, city, named=False)
some = judged[judged["per_1000"] > 0]
most = some["per_1000"].quantile(0.95)
dots = axes.scatter(
    some.geometry.x, some.geometry.y, c=some["per_1000"], s=5, cmap=look.SCALE, vmin=0, vmax=most
)
none = judged[judged["per_1000"] == 0]
axes.scatter(none.geometry.x, none.geometry.y, s=5, color="#8d8bd0", linewidth=0)
figure.colorbar(dots, ax=axes, shrink=0.6, extend="max", label="每千单座位 seats per 1,000 orders")
look.legend(axes, [("一公里内没有 none within 1 km", "#8d8bd0")], loc="upper right")
axes.set_title("每千单够得着的座位 Seats within reach, shared out")
assumed = f"座位未知的按 {TYPICAL:.0f} 座计 unknown seats taken as {TYPICAL:.0f}"
look.show(figure, f"{city.source}；{assumed}", "地图：各处每千单够得着的座位数")

# %% [markdown]
# ## 洛伦兹曲线与基尼系数
# 把订单从分得最少的排到最多的：人人一样时是对角线，越往下凹越不均。同时画出近处权重大、远处权重小的 E2SFCA
# （Luo & Qi 2009）：看结论是否取决于算法。再看它是否取决于未知的座位：三种假定各算一次，每个基尼系数附 95% 区间
# （重抽订单 1,000 次，种子 1；只说换一批订单会差多少）。

# %%
bands = access.bands([(250, 1.0), (500, 0.68), (1000, 0.22)])
banded = access.access(city.snapshot, city.orders, seats, **ASK, decay=bands, unknown=(LEAST, MOST))
judged["banded_least"], judged["banded_most"] = banded["access_least"], banded["access_most"]
judged["banded_typical"] = access.access(
    city.snapshot, city.orders, seats.fillna(TYPICAL), **ASK, decay=bands
)["access"]
how = uncertainty.Bootstrap(seed=1)
assumptions = (("least", LEAST), ("typical", TYPICAL), ("most", MOST))
ginis = pd.DataFrame(
    {
        "how": label,
        "unknown": f"{count:.0f} 座",
        "per_1000": 1000 * (judged[column] * judged["weight"]).sum() / orders,
        **dict(
            zip(
                ("gini", "low", "high"),
                uncertainty.gini_interval(judged[column], how, judged["weight"]),
                strict=True,
            )
        ),
    }
    for label, start in (("2SFCA", "access"), ("E2SFCA", "banded"))
    for name, count in assumptions
    for column in (f"{start}_{name}",)
)
look.table(
    ginis.assign(interval=[f"{row.low:.3f}–{row.high:.3f}" for row in ginis.itertuples()])[
        ["how", "unknown", "per_1000", "gini", "interval"]
    ],
    {
        "how": "算法 method",
        "unknown": "未知的按 unknown taken as",
        "per_1000": "每千单座位 seats per 1,000 orders",
        "gini": "基尼系数 Gini",
        "interval": "95% 区间 interval",
    },
    per_1000="{:.0f}",
    gini="{:.3f}",
)

# %%
figure, axes = plt.subplots(figsize=(9, 5.4))
axes.plot([0, 1], [0, 1], color=look.SOFT, linewidth=1, linestyle=":", label="人人一样 all alike")
for row, column, color, line in (
    (0, "access_least", "#0b6b3a", "--"),
    (1, "access_typical", "#0b6b3a", "-"),
    (2, "access_most", "#0b6b3a", "-."),
    (4, "banded_typical", "#e0a12e", "-"),
):
    curve = equity.lorenz(judged[column], judged["weight"])
    told = ginis.iloc[row]
    axes.plot(
        curve["people"],
        curve["share"],
        color=color,
        linestyle=line,
        linewidth=2,
        label=f"{told['how']}，未知按 {told['unknown']}，基尼 Gini {told['gini']:.2f}",
    )
axes.set_aspect("equal")
axes.xaxis.set_major_formatter(look.PERCENT)
axes.yaxis.set_major_formatter(look.PERCENT)
axes.set_xlim(0, 1)
axes.set_ylim(0, 1)
axes.set_xlabel("订单，从最少的数起 orders, least served first")
axes.set_ylabel("座位份额 share of seats")
axes.legend(loc="upper left", fontsize=8)
axes.set_title("座位怎么分 How seats are shared out")
look.show(figure, city.source, "洛伦兹曲线：两种算法，未知座位的三种假定")

# %%
halves = []
for name, _ in assumptions:
    curve = equity.lorenz(judged[f"access_{name}"], judged["weight"])
    halves.append(curve[curve["people"] <= 0.5]["share"].iloc[-1])
first, last = ginis["gini"][:3].min(), ginis["gini"][:3].max()
look.says(
    f"分得最少的一半订单只够得着 **{min(halves):.0%}–{max(halves):.0%}** 的座位；基尼系数 "
    f"**{first:.2f}–{last:.2f}**（0 是人人一样，1 是一人独占）。这个范围来自座位数未知，比重抽订单的区间宽；"
    "各处未知的座位数彼此不同时，基尼系数还可能更大，这里没有算进去。",
    f"The half served least has {min(halves):.0%}–{max(halves):.0%} of the seats within reach, Gini "
    f"{first:.2f}–{last:.2f}: what is not known counts for more than which orders were seen.",
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
placed = gpd.sjoin(judged, shapes, predicate="within")
indexes = [
    equity.concentration(placed[f"access_{name}"], placed["busy"], placed["weight"])
    for name, _ in assumptions
]
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
            "what": [
                *(
                    f"每单座位，未知按 {count:.0f} 座 seats an order, unknown taken as {count:.0f}"
                    for _, count in assumptions
                ),
                "到最近开门处的米数 metres to the nearest open",
            ],
            "index": [*indexes, far],
            "says": [
                *(
                    meaning(
                        index,
                        "忙的地方每单座位少 fewer where busy",
                        "忙的地方每单座位多 more where busy",
                    )
                    for index in indexes
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
look.says(f"来源 source：{city.source}")

# %% [markdown]
# ## 各区之间

# %%
rows = (
    judged.groupby("district")[["weight", *(f"access_{name}" for name, _ in assumptions)]]
    .apply(
        lambda of: pd.Series(
            {
                **{
                    name: (of[f"access_{name}"] * of["weight"]).sum() / of["weight"].sum() * 1000
                    for name, _ in assumptions
                },
                "gini": equity.gini(of["access_typical"], of["weight"]),
            }
        )
    )
    .sort_values("typical", ascending=False)
    .reset_index()
)
figure, axes = plt.subplots(figsize=(9, 4.4))
axes.barh(
    rows["district"],
    rows["typical"],
    xerr=[rows["typical"] - rows["least"], rows["most"] - rows["typical"]],
    color=look.HONEY,
    ecolor=look.SOFT,
    height=0.68,
)
for row, (mean, most, gini) in enumerate(
    zip(rows["typical"], rows["most"], rows["gini"], strict=True)
):
    axes.text(most, row, f"  {mean:.0f}（基尼 {gini:.2f}）", va="center", fontsize=9)
axes.invert_yaxis()
axes.set_xlim(0, rows["most"].max() * 1.2)
axes.set_xlabel("每千单座位，按订单平均 seats per 1,000 orders, mean")
axes.grid(visible=False, axis="y")
axes.set_title(
    "各区每千单座位，与区内的基尼系数 Seats per 1,000 orders, and Gini within each district"
)
look.show(
    figure,
    f"{city.source}；{assumed}；横线 lines：{LEAST:.0f}–{MOST:.0f}",
    "条形图：各区每千单座位与基尼系数",
)

# %% [markdown]
# ## 按居民，而不是按订单
# 各区 2020 年人口（万人）均匀铺在区内，作为粗略的权重，不是统计结果：真实的人住得很不均匀。有真实的区界时用真实的区界。

# %%
if look.DATASET == look.DEMO:
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
    look.show(figure, f"{city.source}\n{census}", "条形图：各区人口一公里内可歇脚的占比")
else:
    look.says(
        "各区人口只随演示城市提供，本节略过；人口栅格可作需求：`nuanfeng coverage 人口.tif`。",
        "People by district come with the demo city alone; this part is left out.",
    )

# %% [markdown]
# ## 说明了什么，没有说明什么
# 这篇说明怎样量“均”：一样的平均数背后可以是很不一样的分法。它**没有**说明什么是公平：忙的地方人均少些也许正当，偏远的
# 地方少些也许不正当，这由人来判断。座位数大多未知时，只能给出范围，弄清座位数比再算一遍更有用；订单不等于人。
#
# *What it does not say: what is fair. Most seats are not known, so it tells ranges; orders are not people.*
