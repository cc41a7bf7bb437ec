"""Row "import": 200,000 messy rows from a text table to checked places, and what of our own door
texts is read.
"""

import csv
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geodata.pipeline import recipes
from geodata.sources.demo import facts
from geodata.sources.hours_text.reader import hours_from
from geodata.sources.read import read
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import Datum
from geodata.vocabulary import Kind
from tests.benchmarks.report import Line
from tests.bombs import BOMBS, ended

ROW: Final = "import"
_MANY: Final = 200_000
_MOST_S: Final = 60.0
_MOST_PUBLISHED_S: Final = 45.0
#: A busy machine takes longer; beyond this it hangs.
_LONGEST_S: Final = 600.0
_MOST_MB: Final = 1_500
_MOST_BOMB_S: Final = 1.0
_MOST_BOMB_MB: Final = 300
_HOURS: Final = (
    "24小时",
    "周一至周五9:00-18:00",
    "9:00-21:00（周一闭馆）",
    "以站点为准",
    "上午8点半到12点、下午2点半至6点",
)


def measure(home: Path) -> Iterator[Line]:
    """Processor time of reading and checking, then wall time from the file to a
    published version.
    """
    path = written(home / "many.csv")
    began = time.process_time()
    (table,) = read(path)
    checked = recipes.check(places_from(table, Declared(Datum.WGS84, Kind.WARM_BEE_STATION)))
    took_s = time.process_time() - began
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    what = f"{len(checked.places):,} rows read, mended and checked"
    rate = f"{_MANY / took_s:,.0f} rows/s"
    yield Line(ROW, what, f"{took_s:.1f} s", "", rate, f"≤ {_MOST_S:g} s", took_s <= _MOST_S)
    yield Line(
        ROW,
        "most memory of this process",
        f"{most_mb:,} MB",
        "",
        "",
        f"≤ {_MOST_MB:,} MB",
        most_mb <= _MOST_MB,
    )
    yield from _published(path, home)
    yield from _bombs(home)
    samples = _samples()
    if samples:
        share = sum(hours_from(text) is not None for text in samples) / len(samples)
        yield Line(
            ROW,
            "real opening-hours texts read",
            f"{share:.0%}",
            f"of {len(samples)}",
            "",
            "≥ 80%",
            share >= 0.8,
        )


def _published(path: Path, home: Path) -> Iterator[Line]:
    """The command as it is typed, in a process of its own, so that its memory is its own."""
    asked = ("import", str(path), "--dataset", "many", "--kind", "warm_bee_station")
    began = time.perf_counter()
    found = ended(home, *asked, "--datum", "wgs84", "--publish", most_s=_LONGEST_S)
    took_s = time.perf_counter() - began
    if found.code:
        raise RuntimeError(found.said)
    yield Line(
        ROW,
        f"{_MANY:,} rows from file to version",
        f"{took_s:.1f} s",
        "",
        "",
        f"≤ {_MOST_PUBLISHED_S:g} s",
        took_s <= _MOST_PUBLISHED_S,
    )
    yield Line(
        ROW,
        "most memory of that process",
        f"{found.mb:,} MB",
        "",
        "",
        f"≤ {_MOST_MB:,} MB",
        found.mb <= _MOST_MB,
    )


def _bombs(home: Path) -> Iterator[Line]:
    """The command over each bomb, from the interpreter's start to its refusal."""
    took = {}
    for number, (name, (make, suffix, _)) in enumerate(BOMBS.items()):
        bomb = make(home / f"bomb-{number}{suffix}")
        took[name] = ended(
            home / "none", "import", str(bomb), "--dataset", "many", "--datum", "wgs84"
        )
    slowest = max(took, key=lambda name: took[name].seconds)
    most_mb = max(each.mb for each in took.values())
    what, slow_s = f"slowest of {len(took)} bombs refused: {slowest}", took[slowest].seconds
    yield Line(
        ROW, what, f"{slow_s:.2f} s", "", "", f"≤ {_MOST_BOMB_S:g} s", slow_s <= _MOST_BOMB_S
    )
    yield Line(
        ROW,
        "most memory of these",
        f"{most_mb} MB",
        "",
        "",
        f"≤ {_MOST_BOMB_MB} MB",
        most_mb <= _MOST_BOMB_MB,
    )


def _samples() -> list[str]:
    """The samples beside the project, where they are (NUANFENG_DATA)."""
    from tests.conftest import data_folder

    path = data_folder() / "import-examples" / "opening_hours_samples.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as source:
        return [row["raw"] for row in csv.DictReader(source)]


def written(
    path: Path, many: int = _MANY, seed: int = 1, rows: slice = slice(None), ids: str = "st-{:06}"
) -> Path:
    """A GB 18030 table of stations all over the city's land: these rows of `many`."""
    rng = np.random.default_rng(seed)
    west, south, east, north = facts.outline().bounds
    points = rng.uniform((west, south), (east, north), (4 * many, 2))
    points = points[shapely.contains_xy(facts.outline(), points[:, 0], points[:, 1])]
    points = np.resize(points, (many, 2)) + rng.normal(0, 1e-4, (many, 2))
    with path.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            [
                "编号",
                "驿站名称",
                "详细地址",
                "经度",
                "纬度",
                "营业时间",
                "服务内容",
                "联系电话",
                "核实日期",
            ]
        )
        for row, (lon, lat) in [*enumerate(points.tolist())][rows]:
            hours = _HOURS[row % len(_HOURS)]
            cells = [
                f"{lon:.6f}",
                f"{lat:.6f}",
                hours,
                "热水、微波炉;空调",
                f"0755-8{row:07}",
                "2026/11/1",
            ]
            writer.writerow(
                [ids.format(row, row * 7_919 % 100_003), f"驿站{row}", f"某路{row}号", *cells]
            )
    return path
