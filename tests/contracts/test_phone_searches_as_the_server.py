"""What is found without a network is what the server finds, in its order: names and whereabouts as
written, in pinyin, by initials, in English, in words and with slips.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pytest

from app.api import pack
from geodata.search.lookup import Wanted, find
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset
from geodata.text.pinyin import spelled

Run = Callable[[str, str, Any], Any]

#: Queries of the test; the phone's own search shows as many answers as _K.
_QUERIES: Final = 500
_K: Final = 20
#: Longer ones do not fit into the 32 bits that JavaScript reckons with.
_LONGEST: Final = 31
#: Characters that are typed for another of the same sound or mistaken for another.
_MISTYPED: Final = {
    "洲": "州",
    "园": "元",
    "街": "接",
    "站": "占",
    "石": "时",
    "西": "夕",
    "大": "太",
}


@pytest.fixture(scope="module")
def snapshot(demo_home: Path) -> Snapshot:
    return Dataset(demo_home, "demo").load()


def typed(rng: np.random.Generator, names: list[str], english: list[str]) -> list[str]:
    """As riders type: parts of names, their pinyin and initials, two words, and slips in each."""
    pinyin, initials = spelled(names)

    def part(text: str, least: int, most: int) -> str:
        size = min(len(text), int(rng.integers(least, most + 1)))
        at = int(rng.integers(0, len(text) - size + 1))
        return text[at : at + size]

    def slip(text: str) -> str:
        at = int(rng.integers(0, len(text)))
        kind = int(rng.integers(0, 3))
        if kind == 0:
            return text[:at] + text[at + 1 :] or text
        if kind == 1 and text[at] in _MISTYPED:
            return text[:at] + _MISTYPED[text[at]] + text[at + 1 :]
        return text[:at] + ("x" if text.isascii() else "鸭") + text[at + (kind == 1) :]

    def one(row: int) -> str:
        syllables = pinyin[row].split()
        first = int(rng.integers(0, len(syllables)))
        some = syllables[first : first + int(rng.integers(1, 5))]
        ways = [
            lambda: part(names[row], 1, 6),
            lambda: "".join(some),
            lambda: " ".join(some),
            lambda: part(initials[row], 2, 5),
            lambda: part(english[row] or names[row], 3, 10),
            lambda: part(names[row], 2, 3) + " " + part(names[row], 2, 3),
            lambda: slip(part(names[row], 3, 7)),
            lambda: slip("".join(some)),
            lambda: slip(part(english[row] or names[row], 5, 12)),
        ]
        return str(ways[int(rng.integers(0, len(ways)))]())

    found = [one(int(row)) for row in rng.integers(0, len(names), 3 * _QUERIES)]
    whole = [text for text in found if any(map(str.isalnum, text)) and len(text) <= _LONGEST]
    return list(dict.fromkeys(whole))[:_QUERIES]


def test_five_hundred_queries_find_the_same_in_the_same_order(
    snapshot: Snapshot, demo_home: Path, on_the_phone: Run
) -> None:
    blob = partial(Dataset(demo_home, "demo").blob, snapshot.version)
    packed = msgspec.json.decode(pack.whole(snapshot, blob))
    spots = [
        msgspec.json.decode(snapshot.spots.feature(row) + b"}}")["properties"]
        for row in range(len(snapshot.spots))
    ]
    names = [*(spot["name"] for spot in spots), *packed["properties"]["name"]]
    english = [*(spot["name_en"] or "" for spot in spots), *packed["properties"]["name_en"]]
    asked = typed(np.random.default_rng(15), names, [text or "" for text in english])
    assert len(asked) == _QUERIES
    phone = on_the_phone("search_on_node.mjs", "ask/pack.js", {"pack": packed, "typed": asked})
    wrong = {}
    for text, ours in zip(asked, phone, strict=True):
        hits = find(snapshot, Wanted(text, _K)).hits
        theirs = [
            spots[hit.row]["kind"] + spots[hit.row]["name"]
            if hit.is_spot
            else packed["ids"][hit.row]
            for hit in hits
        ]
        if ours != theirs:
            wrong[text] = (theirs[:3], ours[:3])
    assert not wrong, "\n".join(f"{text}: {both}" for text, both in wrong.items())
