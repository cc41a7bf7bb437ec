"""Every minute of two years against opening_hours.js, over all forms of OSM opening hours.

What we call unknown is never wrong; what we call open or closed must be so to it. `make bench
ARGS=hours` asks about more, and prints how much is read.
"""

import numpy as np
import pytest

from geodata.hours.calendar import calendar_of
from geodata.hours.dates import MOST_SPANS
from geodata.hours.timeline import compile_hours, timeline
from tests.geodata.hours.asked import DAYS, FIRST, Asked, ask
from tests.geodata.hours.expressions import CORE, TOLERANT, random_expressions

SHARE_READ = 0.85
#: Found by chance among thousands: dates that need more spans than are kept, and nights under `||`.
RARE = (
    'Fr[-1] 11:00-14:00+; Sa[2],Sa[4] open, 2026 Th[1-2] 10:00-16:00 "ask"; Mo[1] 11:00-14:00+',
    "Mo[1] 18:00-02:00; We[2] 22:00-06:00; 2025 Th[1] 17:00+; Sa[2],Sa[-1] 20:00-04:00; Tu[3] off",
    "Tu,We[3] 22:00-06:00 || Mo 09:00+; Mar Su[-1]-Oct Su[-1] 18:00-02:00; Mar,Oct 09:00-18:00",
    'Mo-Fr open; 2026 Mar 02-13 Mo-Fr 18:00-02:00; Sa[2],Sa[4] 12:00-20:00 open "garden"',
    "Sa 09:00-12:00; 2026 Mar 02-13 18:00-02:00; 2026 Apr 01-03 20:00-04:00",
    "Mo 22:00-06:00 || 17:00+",
    "Mo 22:00-06:00 || 2026 17:00+, Mo off",
    "Mo-Fr 22:00-06:00 || Tu 17:00+",
    "Mo[1] 10:00-12:00 unknown, Fr[-1] 18:00-02:00 || Dec 20-Jan 10 17:00+",
    "Mo-Fr 22:00-06:00 || Dec 20-Jan 10 17:00+; easter Sa[2],Sa[4] 22:00-06:00, Mo[1] 11:00-14:00+",
)


@pytest.fixture(scope="module")
def asked() -> Asked:
    return ask([*(text for texts in CORE.values() for text in texts), *TOLERANT])


def test_of_two_hundred_expressions_none_is_wrong_at_any_minute(asked: Asked) -> None:
    assert len(asked.texts) >= 200
    assert asked.wrong() == {}


def test_nearly_all_of_core_and_tolerant_forms_are_read(asked: Asked) -> None:
    for form, texts in {**CORE, "tolerant": list(TOLERANT)}.items():
        assert asked.read(texts) >= SHARE_READ, form


def test_little_of_what_is_read_is_unknown(asked: Asked) -> None:
    assert asked.known() > 0.85


def test_the_other_evaluator_reads_what_it_is_asked_so_that_it_can_judge(asked: Asked) -> None:
    refused = [
        text
        for text, answer in zip(asked.texts, asked.theirs, strict=True)
        if isinstance(answer, str)
    ]
    assert len(refused) < 0.05 * len(asked.texts)


def test_a_row_has_few_spans(asked: Asked) -> None:
    assert np.diff(asked.table.span_offsets).max() <= MOST_SPANS


@pytest.mark.parametrize("seed", [1, 2])
def test_random_expressions_are_never_wrong(seed: int) -> None:
    asked = ask(random_expressions(seed, 60))
    assert asked.wrong() == {}
    assert asked.read(asked.texts) >= SHARE_READ


def test_what_is_rarely_written_is_not_wrong_either() -> None:
    asked = ask(RARE)
    assert asked.reasons == {}
    assert asked.wrong() == {}


@pytest.mark.parametrize("text", TOLERANT)
def test_a_tolerant_spelling_means_what_it_is_said_to_mean(text: str) -> None:
    table, rows, reasons = compile_hours([text, TOLERANT[text]], calendar_of("CN"))
    assert reasons == {}
    line = timeline(table, calendar_of("CN"), FIRST, DAYS)
    one, other = (slice(*line.offsets[row : row + 2]) for row in rows)
    for part in (line.starts, line.ends, line.states):
        assert np.array_equal(part[one], part[other])
