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
# # 一、城里有什么
#
# **外卖骑手、快递员、货车和网约车司机，能在哪里歇脚、喝水、热饭、倾诉、充电、学习？我们知道什么，又不知道什么？**
#
# > **Abstract.** What is there: four kinds of places, where they stand, which hours they keep, and how much of this is
# > simply not known. Everything below is drawn from the dataset that NUANFENG_DATASET names, else from the demo city,
# > which is synthetic: the counts are those that Shenzhen published in 2022, every place is made up. Real public data,
# > where it is present, is listed at the end.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import look
from geodata.traits import needs_of
from geodata.vocabulary import KIND_WORDS, NEED_WORDS, Need, Service

look.style()
city = look.city()
places = city.places

# %% [markdown]
# ## 四类地点，各有多少？
# 演示城市的数目取自 2022 年公布的 753、47、13 和 3,226，每一处地点都是虚构的；其他城市是其数据集中的地点。

# %%
known = places.assign(
    hours=places["opening_hours"].notna(),
    whole_day=places["opening_hours"].eq("24/7"),
    door_known=places["door"].ne("unknown"),
    seats_known=places["capacity"].notna(),
)
counts = (
    known.groupby("kind", observed=True)
    .agg(
        count=("id", "size"),
        hours=("hours", "mean"),
        whole_day=("whole_day", "mean"),
        door=("door_known", "mean"),
        seats=("seats_known", "mean"),
    )
    .reset_index()
)
counts["kind"] = counts["kind"].map({kind: words.official for kind, words in KIND_WORDS.items()})
look.table(
    counts,
    {
        "kind": "类别 kind",
        "count": "数目 places",
        "hours": "时间已知 hours known",
        "whole_day": "全天 24/7",
        "door": "进门方式已知 door known",
        "seats": "座位数已知 seats known",
    },
    count="{:,}",
    hours="{:.0%}",
    whole_day="{:.0%}",
    door="{:.0%}",
    seats="{:.0%}",
)

# %%
unknown = 1 - known["hours"].mean()
look.says(
    f"全市 {len(places):,} 处，其中 **{unknown:.0%} "
    "的开放时间未知**。未知就是未知：它不算开门，也不算关门，以下各篇都把它单独列出。",
    f"Of {len(places):,} places the hours of {unknown:.0%} are not known: neither open nor closed.",
)

# %% [markdown]
# ## 它们在哪里？

# %%
figure, axes = plt.subplots(figsize=(9.5, 5.4))
look.ground(axes, city)
kinds = {kind: said for kind, said in look.KINDS.items() if (places["kind"] == kind).any()}
for kind, (_, color) in kinds.items():
    of_kind = places[places["kind"] == kind]
    if (of_kind.geom_type == "LineString").all():
        of_kind.plot(ax=axes, color=color, linewidth=3, zorder=4)
    else:
        size = {"friendly_merchant": 3, "driver_home": 26}.get(kind, 9)
        of_kind.plot(ax=axes, color=color, markersize=size, alpha=0.8, zorder=3, edgecolor="none")
look.legend(axes, list(kinds.values()), loc="upper right")
axes.set_title("四类地点的分布 Where the four kinds stand")
look.show(figure, city.source, f"{city.name}地图：各类地点的位置")

# %% [markdown]
# ## 各区各有多少？

# %%
by_district = places.pivot_table(
    index="district", columns="kind", values="id", aggfunc="count", observed=True
).fillna(0)
by_district = by_district.loc[by_district.sum(axis=1).sort_values().index]
figure, axes = plt.subplots(figsize=(9, 4.4))
start = np.zeros(len(by_district))
for kind, (label, color) in kinds.items():
    axes.barh(
        by_district.index, by_district[kind], left=start, color=color, label=label, height=0.7
    )
    start += by_district[kind].to_numpy()
for row, total in enumerate(start):
    axes.text(total + start.max() / 100, row, f"{total:,.0f}", va="center", fontsize=9)
axes.set_xlabel("地点数 places")
axes.grid(visible=False, axis="y")
axes.legend(loc="lower right")
axes.set_title("各区地点数 Places by district")
look.show(figure, city.source, "条形图：各区的地点数，按类别分色")

# %% [markdown]
# ## 能做什么？
# 一处地点提供的服务决定它满足哪些需要：有座椅可歇脚，有微波炉可热饭。

# %%
serves = pd.DataFrame(
    [
        {"kind": kind, **dict.fromkeys(needs_of(map(Service, services)), 1)}
        for kind, services in zip(places["kind"], places["services"], strict=True)
    ],
    columns=["kind", *Need],
).fillna(0)
shares = serves.groupby("kind", observed=True)[list(Need)].mean().loc[list(kinds)]
figure, axes = plt.subplots(figsize=(9, 3.4))
axes.imshow(shares, cmap=look.SCALE, vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(len(Need)), [f"{NEED_WORDS[need].official}\n{need}" for need in Need])
axes.set_yticks(range(len(shares)), [kinds[kind][0] for kind in shares.index])
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
axes.set_title("满足各种需要的地点占比（%）Share of places that serve a need")
look.show(figure, city.source, "热力图：四类地点中满足六种需要的比例")

# %% [markdown]
# ## 放大来看
# 驿站与司机之家，可缩放；点一下看名称和时间。名称只作为文字显示，从不当作网页代码。

# %%
stations = places[places["kind"].isin(["warm_bee_station", "driver_home"])]
look.zoomable(stations, ["name", "street", "opening_hours_text"], city.outlines)
look.says(f"来源 source：{city.source}")

# %% [markdown]
# ## 手边的真实数据
# 地点是虚构的，需求却可以是真的。后面各篇在有这些数据时会用到它们。

# %%
if look.real("demand") and look.real("boundaries") and look.real("roads"):
    sources = [look.TAXI_SOURCE, look.EV_SOURCE, look.BUS_SOURCE, look.ROADS_SOURCE]
    look.says("\n".join(f"- {source}" for source in sources))

# %% [markdown]
# ## 说明了什么，没有说明什么
# 这篇说明这套数据长什么样：类别、位置、服务、时间，以及哪些是空白。
#
# 它**没有**说明真实的深圳哪里有驿站：公开渠道没有完整的真实名单。把街道办的表格导入之后
# （`nuanfeng import`），同样的图就是真的。街道边界由街道办位置推算，只是近似。
#
# *What it does not say: where real stations are. No list is public; import one, and the same figures are real.*
