"""Row "hours": how much of OSM opening hours is read, how much of that is known, and how often it
is wrong, beside opening_hours.js at every minute of two years.

The expressions are our own over all forms, and random ones; what is unknown is not wrong."""

from collections.abc import Iterator
from typing import Final

from tests.benchmarks.report import Line
from tests.geodata.hours.asked import ask
from tests.geodata.hours.expressions import CORE, TOLERANT, random_expressions

ROW: Final = "hours"
_SEED: Final = 3
_RANDOM: Final = {True: 100, False: 2_000}
_SHARE_READ: Final = 0.85


def measure(*, quick: bool) -> Iterator[Line]:
    """The core forms, tolerant spellings, and random expressions."""
    asked = {
        "core forms": [text for texts in CORE.values() for text in texts],
        "tolerant spellings": list(TOLERANT),
        "random expressions": random_expressions(_SEED, _RANDOM[quick]),
    }
    for name, texts in asked.items():
        answers = ask(texts)
        read, wrong = answers.read(texts), answers.wrong()
        yield Line(
            ROW,
            f"{len(texts)} {name}",
            f"{read:.1%} read, {len(wrong)} wrong",
            f"known of what is read: {answers.known():.1%}",
            "",
            f"≥ {_SHARE_READ:.0%} read, 0 wrong",
            read >= _SHARE_READ and not wrong,
        )
