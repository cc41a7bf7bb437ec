"""No city stands in code: what is true of one comes with its dataset, or with the demo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.sources.demo import facts

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "geodata" / "sources" / "demo"
#: Code that people run, and words that they read; written by hand.
KINDS = {".py", ".js", ".mjs", ".html", ".sql", ".json", ".css", ".po"}
#: Area codes, codes of areas, and degrees of the demo's city.
NUMBERS = re.compile(r"0755|4403\d\d|\b11[34]\.\d{2,}|\b22\.[4-8]\d+")
#: An example in a help text may speak of any city.
EXAMPLE = re.compile(r"Example|nuanfeng |--network|--by")


def written() -> Iterator[Path]:
    for room in ("geodata", "app"):
        for path in sorted((ROOT / room).rglob("*")):
            inside = DEMO not in path.parents and "vendor" not in path.parts
            if inside and path.suffix in KINDS and "__pycache__" not in path.parts:
                yield path


def names() -> re.Pattern[str]:
    """The city, its districts and its street offices, in Chinese and in Latin letters."""
    chinese = {*facts.districts()["name"], *facts.districts()["alias"], *facts.streets()["street"]}
    latin = {*facts.districts()["name_en"], "Shenzhen"}
    plain = {name for name in chinese if len(name) > 2} | {"深圳"}
    words = "|".join(re.escape(name) for name in sorted(plain))
    return re.compile(rf"{words}|\b(?:{'|'.join(sorted(latin))})\b", re.IGNORECASE)


@pytest.mark.parametrize("path", [*written()], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_city_is_named_in_code(path: Path) -> None:
    found = names()
    told = [
        f"{number}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found.search(line) or NUMBERS.search(line)) and not EXAMPLE.search(line)
    ]
    assert told == []
