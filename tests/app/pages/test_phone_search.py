"""What the phone finds in its pack without a network is what the server finds: 500 queries, made of
the names of the demo city with a fixed seed.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final

import msgspec
import pytest
from flask.testing import FlaskClient
from numpy.random import PCG64, Generator

from app.api.contract import pack_shapes as shapes
from geodata.text.pinyin import spelled

QUERIES: Final = 500
_JS: Final = Path(__file__).parents[3] / "app" / "static" / "js" / "ask"
_NODE: Final = Path(sys.executable).parent / "node"
_ASK: Final = """
import { readFileSync } from "node:fs";
import { search, unpack } from "./pack.js";
const { pack, typed } = JSON.parse(readFileSync(0, "utf8"));
const city = unpack(pack);
const found = typed.map((text) => search(city, text).features.map(
  ({ id, properties: { name } }) => id ?? name));
process.stdout.write(JSON.stringify(found));
"""


def made(names: list[str], junctions: list[str]) -> Iterator[str]:
    """Parts of names as they stand, in pinyin, by initials and with a slip; junctions in every way
    that people write them.
    """
    draw = Generator(PCG64(15))
    ways = ("{0}{1}", "{0}与{1}", "{1}和{0}交叉口", "{0}/{1}", "{1}{0}", "{0}{1}路口", "{1}&{0}")
    while True:
        name = str(draw.choice(names)).removeprefix("演示·")
        first = int(draw.integers(0, max(1, len(name) - 2)))
        part = name[first : first + int(draw.integers(2, 7))]
        sounds = spelled([part])[0][0].split()
        slip = int(draw.integers(0, len(part)))
        yield part
        yield "".join(sounds)
        yield "".join(sound[0] for sound in sounds)
        yield part[:slip] + usual(draw) + part[slip + 1 :]
        roads = str(draw.choice(junctions)).split("/")
        yield str(draw.choice(ways)).format(*roads)
        yield "".join("".join(spelled([road])[0][0].split()) for road in roads)


def usual(draw: Generator) -> str:
    """One of the 3,700 characters that are written most (GB 2312, rows 16 to 54)."""
    return bytes((0xB0 + int(draw.integers(39)), 0xA1 + int(draw.integers(94)))).decode("gb2312")


@pytest.fixture(scope="module")
def pack(client: FlaskClient) -> bytes:
    url = client.get("/api/v1/pack").get_json()["url"]
    return client.get(url).get_data()


def on_the_phone(pack: bytes, typed: list[str]) -> list[list[str]]:
    """Ids of places and names of spots that the page's own scripts find in a pack."""
    asked = json.dumps({"pack": json.loads(pack), "typed": typed})
    done = subprocess.run(
        [_NODE, "--input-type=module", "-e", _ASK],
        input=asked,
        capture_output=True,
        text=True,
        cwd=_JS,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def on_the_server(client: FlaskClient, text: str) -> list[str]:
    answer = client.get("/api/v1/search", query_string={"q": text, "k": 20}).get_json()
    return [each.get("id") or each["properties"]["name"] for each in answer["features"]]


def test_the_phone_finds_what_the_server_finds(client: FlaskClient, pack: bytes) -> None:
    known = msgspec.json.decode(pack, type=shapes.Pack)
    junctions = [spot.name for spot in known.spots if spot.sort == "junction"]
    names = [*known.properties.name, *(spot.name for spot in known.spots)]
    every = dict.fromkeys(text for text, _ in zip(made(names, junctions), range(900), strict=False))
    typed = [text for text in every if 1 <= sum(map(str.isalnum, text)) <= 31][:QUERIES]
    assert len(typed) == QUERIES
    ours = on_the_phone(pack, typed)
    theirs = [on_the_server(client, text) for text in typed]
    differing = {
        text: next(pair for pair in zip_longest(mine, others) if pair[0] != pair[1])
        for text, mine, others in zip(typed, ours, theirs, strict=True)
        if mine != others
    }
    assert differing == {}


@pytest.mark.parametrize(
    "typed",
    [
        "深南大道沙河东路",
        "沙河东路深南大道",
        "深南大道与沙河东路交叉口",
        "沙河东路和深南大道路口",
        "深南大道/沙河东路",
        "shennandadaoshahedonglu",
        "snddshdl",
        "Shennan Boulevard & Shahe East Road",
        "shahe east road and shennan boulevard",
        "深南大道与沙河冬路交叉口",
    ],
)
def test_a_junction_is_found_first_however_it_is_written(
    client: FlaskClient, pack: bytes, typed: str
) -> None:
    (mine,) = on_the_phone(pack, [typed])
    assert mine[0] == on_the_server(client, typed)[0] == "深南大道/沙河东路"
