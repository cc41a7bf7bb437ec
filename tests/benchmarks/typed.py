"""Row "search": a name that somebody types, against SQLite's FTS5 with trigrams and a scan for the
text as it stands.

Queries are made from the names of the demo city with a fixed seed: a few characters of a name as
they stand, in pinyin, by initials, with one character wrong, two parts of it joined, and one
character. An answer is right if the name or the whereabouts of the first hit hold the characters
that the query was made from. The peers hold the same three texts. Times are CPU time of this
process."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

import geopandas as gpd
import msgspec
from numpy.random import PCG64, Generator

from geodata.hours.calendar import calendar_of
from geodata.pipeline import recipes
from geodata.pipeline.area_outlines import service_area
from geodata.pipeline.freeze import freeze
from geodata.pipeline.recipes import scaled
from geodata.places.table import validate
from geodata.search.lookup import Match, Wanted, find
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.demo.city import demo_city
from geodata.text.names import Names
from geodata.text.pinyin import chinese, spelled
from tests.benchmarks.cities import ABOUT, DEMO_PLACES
from tests.benchmarks.report import Line, no_slower, seconds

ROW: Final = "search"
SIZES: Final = (DEMO_PLACES, 200_000)
_MOST_S: Final = {DEMO_PLACES: 0.003, 200_000: 0.040}
_OF_EACH: Final = 25
_K: Final = 10
_OURS, _FTS, _SCAN = "ours", "SQLite FTS5 trigram", "scan"
_MARK: Final = "演示·"


class Typed(NamedTuple):
    """A query, how it was made, and the characters that a right answer holds."""

    text: str
    kind: str
    meant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """A published demo city, the texts of its places in row order, and what naming them took of
    publishing it.
    """

    snapshot: Snapshot
    texts: list[str]
    publish_s: float
    naming_s: float


def measure() -> Iterator[Line]:
    """Both sizes, the mixture first and then each kind of query."""
    for size in SIZES:
        town = _town(size)
        yield from _one_size(town, size)
        plain_s = town.publish_s - town.naming_s
        yield no_slower(
            ROW, f"{size:,}, check and freeze", town.publish_s, "without names", plain_s, 1.5
        )


def _town(size: int) -> Town:
    raw = demo_city(counts=scaled(size))
    chinese()  # made once a process, however many datasets it publishes
    began = time.process_time()
    table, _ = validate(raw)
    frozen = freeze(table, ABOUT, calendar_of("CN"), service_area(), landmarks=recipes._landmarks())
    published = time.process_time()
    spelled(table["name"])
    texts = list(
        zip(*(table[name].fillna("") for name in ("name", "name_en", "address")), strict=True)
    )
    Names.build(chinese(), texts)
    naming_s = time.process_time() - published
    snapshot = frozen.snapshot()
    return Town(snapshot, _in_row_order(table, snapshot), published - began, naming_s)


def _in_row_order(table: gpd.GeoDataFrame, snapshot: Snapshot) -> list[str]:
    texts = (
        table["name"] + " " + table["name_en"].fillna("") + " " + table["address"].fillna("")
    ).tolist()
    return [
        texts[rank] for rank in snapshot.index.links[:, 0].tolist()
    ]  # the table is sorted by id


def _one_size(town: Town, size: int) -> Iterator[Line]:
    queries = _queries(town)
    asks = {_OURS: _ours(town), _FTS: _fts(town), _SCAN: _scan(town)}
    rates = {name: _rates(ask, queries) for name, ask in asks.items()}
    asked = [query.text for query in queries]
    p50 = {
        name: _p50_s(ask, asked if name == _OURS else asked[: 5 * len(_KINDS)])
        for name, ask in asks.items()
    }
    most_s = _MOST_S[size]
    yield Line(
        ROW,
        f"{size:,}, all kinds, p50",
        seconds(p50[_OURS]),
        "",
        "",
        f"≤ {seconds(most_s)}",
        p50[_OURS] <= most_s,
    )
    for peer in (_FTS, _SCAN):
        ratio = f"{p50[peer] / p50[_OURS]:.3g}x"
        yield Line(
            ROW,
            f"{size:,}, all kinds, p50",
            seconds(p50[_OURS]),
            f"{peer} {seconds(p50[peer])}",
            ratio,
            "",
            None,
        )
    for kind in _KINDS:
        own = [query.text for query in queries if query.kind == kind]
        taken = _p50_s(asks[_OURS], own)
        peers = ", ".join(f"{peer} {rates[peer][kind]:.0%}" for peer in (_FTS, _SCAN))
        what = f"{size:,}, {kind}: right first answers, p50"
        yield Line(ROW, what, f"{rates[_OURS][kind]:.0%}, {seconds(taken)}", peers, "", "", None)


def _p50_s(ask: Callable[[str], object], texts: list[str]) -> float:
    """Median over the texts of the CPU time of one answer, the least of three: milliseconds are
    long enough to be interrupted by whatever else runs here.
    """
    return median(min(_taken_s(ask, text) for _ in range(3)) for text in texts)


def _taken_s(ask: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    ask(text)
    return time.thread_time() - began


def _rates(ask: Callable[[str], list[str]], queries: list[Typed]) -> Mapping[str, float]:
    right: dict[str, list[bool]] = {kind: [] for kind in _KINDS}
    for query in queries:
        answers = ask(query.text)
        right[query.kind].append(bool(answers) and all(part in answers[0] for part in query.meant))
    return {kind: sum(found) / len(found) for kind, found in right.items()}


def _ours(town: Town) -> Callable[[str], list[str]]:
    return lambda text: [_text_of(town, hit) for hit in find(town.snapshot, Wanted(text, _K)).hits]


def _text_of(town: Town, hit: Match) -> str:
    if not hit.is_spot:
        return town.texts[hit.row]
    return str(
        msgspec.json.decode(town.snapshot.spots.feature(hit.row) + b"}}")["properties"]["name"]
    )


def _fts(town: Town) -> Callable[[str], list[str]]:
    """The best by bm25; fewer than three characters have no trigram, so they are looked for by
    LIKE.
    """
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table texts using fts5(body, tokenize='trigram')")
    base.executemany("insert into texts values (?)", ((text,) for text in town.texts))

    def ask(text: str) -> list[str]:
        if len(text) < 3:
            rows = base.execute(
                "select body from texts where body like ? limit ?", (f"%{text}%", _K)
            )
        else:
            rows = base.execute(
                "select body from texts where texts match ? order by rank limit ?",
                (f'"{text}"', _K),
            )
        return [body for (body,) in rows]

    return ask


def _scan(town: Town) -> Callable[[str], list[str]]:
    texts = town.texts
    return lambda text: [body for body in texts if text in body][:_K]


def _queries(town: Town) -> list[Typed]:
    """_OF_EACH of each kind, kinds in turns."""
    rng = Generator(PCG64(2022))
    names = [text.split(" ")[0].removeprefix(_MARK) for text in town.texts]
    return [
        make(rng, names[int(rng.integers(len(names)))])
        for _ in range(_OF_EACH)
        for make in _KINDS.values()
    ]


def _part(rng: Generator, name: str) -> str:
    """Three to five neighbouring Chinese characters."""
    run = max(_runs(name), key=len)
    width = min(len(run), int(rng.integers(3, 6)))
    first = int(rng.integers(len(run) - width + 1))
    return run[first : first + width]


def _runs(name: str) -> list[str]:
    return "".join(c if "\u4e00" <= c <= "\u9fff" else " " for c in name).split()


def _exact(rng: Generator, name: str) -> Typed:
    part = _part(rng, name)
    return Typed(part, "exact", (part,))


def _pinyin(rng: Generator, name: str) -> Typed:
    part = _part(rng, name)
    return Typed(spelled([part])[0][0].replace(" ", ""), "pinyin", (part,))


def _initials(rng: Generator, name: str) -> Typed:
    part = _part(rng, name)
    return Typed(spelled([part])[1][0], "initials", (part,))


def _typo(rng: Generator, name: str) -> Typed:
    """One character is another; the others are meant."""
    part = _part(rng, name)
    at = int(rng.integers(len(part)))
    wrong = chr(int(rng.integers(0x4E00, 0x9FA0)))
    return Typed(
        part[:at] + wrong + part[at + 1 :],
        "typo",
        tuple(half for half in (part[:at], part[at + 1 :]) if half),
    )


def _joined(_rng: Generator, name: str) -> Typed:
    """The first two and the last three characters, as in 航城…驿站."""
    run = "".join(_runs(name))
    return Typed(run[:2] + run[-3:], "joined", (run[:2], run[-3:]))


def _one(rng: Generator, name: str) -> Typed:
    run = "".join(_runs(name))
    character = run[int(rng.integers(len(run)))]
    return Typed(character, "one character", (character,))


_KINDS: Final[Mapping[str, Callable[[Generator, str], Typed]]] = {
    "exact": _exact,
    "pinyin": _pinyin,
    "initials": _initials,
    "typo": _typo,
    "joined": _joined,
    "one character": _one,
}
