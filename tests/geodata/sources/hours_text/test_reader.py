import csv
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.hours.calendar import DayKind, calendar_of
from geodata.hours.timeline import HoursTable, State, compile_hours, timeline
from geodata.sources.hours_text.reader import hours_from, reading
from tests.geodata.sources.hours_text.notices import KINDS
from tests.geodata.sources.hours_text.writer import (
    STYLES,
    Ranges,
    Style,
    Timetable,
    hours_on,
    written,
)

NOTICES = [
    pytest.param(text, meaning, id=f"{kind}: {text}")
    for kind, table in KINDS.items()
    for text, meaning in table.items()
]
#: A month with plain weeks, the holidays of National Day 2026 and the weekends worked for them.
FIRST, DAYS = date(2026, 9, 7), 42


CALENDAR = calendar_of("CN")


@pytest.mark.parametrize(("text", "meaning"), NOTICES)
def test_a_notice_is_read_as_a_careful_person_reads_it(text: str, meaning: str | None) -> None:
    read = reading(text)
    assert (read.osm is None) == (read.why is not None)
    if meaning is None:
        assert read.osm is None
    else:
        assert read.osm is not None, str(read.why)
        table, rows, refused = compile_hours([read.osm, meaning])
        assert not refused
        assert table.row_weeks[rows[0]] == table.row_weeks[rows[1]]
        assert spans_of(table, rows[0]) == spans_of(table, rows[1])


@pytest.mark.parametrize("between", ["-", "至", " - ", "——"])
def test_dotted_times_are_those_with_colons_or_unknown(between: str) -> None:
    read = 0
    for start in range(0, 1440, 75):
        for end in range(start + 45, 1440, 135):
            dotted, plain = (
                f"周一至周五{clock(start, mark)}{between}{clock(end, mark)}" for mark in ".:"
            )
            found = hours_from(dotted)
            read += found is not None
            assert found in (None, hours_from(plain)), dotted
    assert read > 60


def clock(minute: int, mark: str) -> str:
    return f"{minute // 60}{mark}{minute % 60:02}"


def spans_of(table: HoursTable, row: int) -> list[tuple[int, ...]]:
    offsets = table.span_offsets
    each = slice(int(offsets[row]), int(offsets[row + 1]))
    columns = (table.span_first, table.span_last, table.span_yearly, table.span_weeks)
    return list(zip(*(column[each].tolist() for column in columns), strict=True))


#: The samples and what each means, in their order; None: a person cannot tell the hours either.
SAMPLES = (
    "Mo-Su 00:00-24:00", "Mo-Su 00:00-24:00", "Mo-Su 05:00-20:00", "Mo-Su 08:30-11:00,13:00-17:00",
    "Mo-Su 08:00-12:00,14:00-16:00", "Mo-Fr 08:30-17:00; PH unknown",
    "Mo-Fr 09:00-17:00; PH unknown", "Mo-Fr 08:30-12:00,13:00-17:30; PH unknown",
    "Mo-Fr 09:00-18:00; PH unknown", "Mo-Fr 09:00-18:00; PH unknown",
    "Mo-Fr 09:00-18:00; PH unknown",
    "Mo-Fr 09:00-18:00; Sa-Su 10:00-16:00; PH unknown",
    "Mo-Fr 09:00-21:00; Sa-Su 09:00-18:00; PH 09:00-18:00", None, "Mo-Su 09:00-17:00",
    "Mo-Su 08:30-12:00,14:30-18:00",
    "Mo-Su 08:00-22:00", "Mo-Su 07:15-22:30", "Mo-Su 08:45-23:45", "Mo-Su 05:00-17:30", None, None,
    None,
)  # fmt: skip


def test_of_the_real_samples_all_that_a_person_can_tell_are_read_and_none_wrongly(
    real_data: Path,
) -> None:
    with (real_data / "import-examples" / "opening_hours_samples.csv").open(
        encoding="utf-8"
    ) as source:
        assert tuple(hours_from(row["raw"]) for row in csv.DictReader(source)) == SAMPLES


# --- timetables written in twenty styles, and read back ---

quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def ranges(draw: st.DrawFn) -> Ranges:
    """One or two ranges of a day, in order and apart; the only one may run past midnight."""
    points = sorted(draw(st.lists(quarters, min_size=2, max_size=4, unique=True)))
    found = tuple(zip(points[::2], points[1::2], strict=False))
    overnight = len(found) == 1 and found[0][0] >= 16 * 60 and draw(st.booleans())
    return ((found[0][0], 1440 + draw(st.integers(1, 24)) * 15),) if overnight else found


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    cuts = sorted(draw(st.lists(st.integers(0, 7), min_size=2, max_size=4, unique=True)))
    runs = [tuple(range(first, end)) for first, end in pairwise(cuts)]
    kept = [(run, draw(ranges())) for run in runs if draw(st.integers(0, 4)) or len(runs) == 1]
    hold = draw(st.sampled_from(["silent", "silent", "off", "usual"]))
    return Timetable(tuple(kept or [(runs[0], draw(ranges()))]), hold)


#: Days with a plain one on both sides.
PLAIN_DAYS = [
    number
    for number in range(1, DAYS - 1)
    if all(CALENDAR.kind(FIRST + timedelta(days=number + step)) < DayKind.PH for step in (-1, 0, 1))
]
HOLIDAYS = [(day - FIRST).days for day in (date(2026, 10, 2), date(2026, 10, 5))]


def states(expression: str) -> NDArray[np.uint8]:
    """The state of every minute of these weeks, a row a day."""
    table, rows, refused = compile_hours([expression])
    assert not refused, refused
    line = timeline(table, CALENDAR, FIRST, DAYS)
    found = np.full(DAYS * 1440, State.CLOSED, dtype=np.uint8)
    for each in range(int(line.offsets[rows[0]]), int(line.offsets[rows[0] + 1])):
        found[line.starts[each] : line.ends[each]] = line.states[each]
    return found.reshape(DAYS, 1440)


def meant(table: Timetable) -> NDArray[np.bool_]:
    """What is open, minute by minute, if every day of these weeks were a plain one."""
    found = np.zeros((DAYS + 3) * 1440, dtype=bool)
    for number in range(-1, DAYS):
        for start, end in hours_on(table, (FIRST.weekday() + number) % 7):
            found[(number + 1) * 1440 + start : (number + 1) * 1440 + end] = True
    return found[1440 : (DAYS + 1) * 1440].reshape(DAYS, 1440)


def check_meaning(table: Timetable, text: str, expression: str) -> None:
    """Right on every plain day; on holidays right or unknown."""
    found, right = states(expression), meant(table)
    vague = table.holidays != "silent" and "法定" not in text
    for number in PLAIN_DAYS:
        unknown = found[number] == State.UNKNOWN
        opened = found[number] == State.OPEN
        weekend = (FIRST.weekday() + number) % 7 > 3  # a night of Sunday's may be unknown on Monday
        assert (vague and weekend) or not unknown.any(), (text, expression, number)
        assert np.array_equal(opened | unknown, right[number] | unknown), (text, expression, number)
    for number in HOLIDAYS:
        check_holiday(table, (text, expression), found[number], right[number])


def check_holiday(
    table: Timetable, about: object, found: NDArray[np.uint8], usual: NDArray[np.bool_]
) -> None:
    if table.holidays == "off":
        assert not np.any(found == State.OPEN), about
    elif table.alike:
        assert np.array_equal(found == State.OPEN, usual), about
    elif table.holidays == "silent":
        assert np.all(found == State.UNKNOWN), about


@settings(max_examples=300, deadline=None)
@given(timetables(), st.sampled_from(STYLES))
def test_a_timetable_written_as_a_notice_is_read_as_it_was_or_not_at_all(
    table: Timetable, style: Style
) -> None:
    text = written(table, style)
    read = hours_from(text)
    if read is not None:
        check_meaning(table, text, read)


#: Hours as places keep them, in which no style can be taken for the other half of the day.
DAILY: tuple[Ranges, ...] = (
    ((540, 1080),),
    ((510, 1050),),
    ((480, 1320),),
    ((510, 720), (840, 1050)),
    ((540, 720), (810, 1080)),
    ((600, 1260),),
    ((420, 1380),),
    ((1080, 1560),),
)


def usual_timetables() -> Iterator[Timetable]:
    pick = random.Random(1)  # noqa: S311  # no secret is drawn
    weeks = (
        ((0, 1, 2, 3, 4, 5, 6),),
        ((0, 1, 2, 3, 4),),
        ((0, 1, 2, 3, 4, 5),),
        ((1, 2, 3, 4, 5, 6),),
        ((0, 1, 2, 3, 4), (5, 6)),
        ((0, 1, 2, 3, 4), (5,)),
        ((0, 2, 4),),
    )
    for week in weeks:
        for holidays in ("silent", "off", "usual" if len(week[0]) == 7 else "silent"):
            yield Timetable(tuple((days, pick.choice(DAILY)) for days in week), holidays)


@pytest.mark.parametrize("style", STYLES, ids=range(len(STYLES)))
def test_in_every_style_what_places_usually_keep_is_read(style: Style) -> None:
    texts = [(table, written(table, style)) for table in usual_timetables()]
    read = [(table, text, hours_from(text)) for table, text in texts]
    for table, text, osm in read:
        if osm is not None:
            check_meaning(table, text, osm)
    unread = [text for _, text, osm in read if osm is None]
    assert len(unread) <= 0.05 * len(read), unread


# --- notices that were changed by a hand ---

STOPS = "，；、。 \n,;()（）"
DOUBTS = ("需预约", "暂停", "可能", "约", "除", "不", "或", "原", "半", "隔", "单", "另")


@settings(max_examples=200, deadline=None)
@given(timetables(), st.sampled_from(STYLES), st.data())
def test_a_stop_that_is_lost_or_put_in_never_changes_the_meaning(
    table: Timetable, style: Style, data: st.DataObject
) -> None:
    text = written(table, style)
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "，", "；", " ", "\n", "。"]))
    changed = text[:at] + put + text[at + (text[at] in STOPS) :]
    read = hours_from(changed)
    if read is not None:
        check_meaning(table, changed, read)


@settings(max_examples=200, deadline=None)
@given(timetables(), st.sampled_from(STYLES), st.sampled_from(DOUBTS), st.data())
def test_a_word_of_doubt_or_denial_anywhere_leaves_the_meaning_or_none(
    table: Timetable, style: Style, doubt: str, data: st.DataObject
) -> None:
    """Between clock and days such a word may only make the text unread: what is read of it names
    days off that the timetable has, and no hours that it lacks.
    """
    text = written(table, style)
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + doubt + text[at:]
    read = hours_from(changed)
    known = re.search("点半|除外|外|不休|不营业|不开放|[（(]除", changed)
    assert read is None or known, (changed, read)


OPPOSITES = (
    ("休息", "不休息"),
    ("闭馆", "不闭馆"),
    ("不开放", "开放"),
    ("除外", "不除外"),
    ("照常", "不照常"),
    ("不休", "休"),
    ("关闭", "不关闭"),
    ("不营业", "营业"),
)


@settings(max_examples=200, deadline=None)
@given(timetables(), st.sampled_from(STYLES), st.sampled_from(OPPOSITES))
def test_a_verdict_turned_round_is_never_read_as_before(
    table: Timetable, style: Style, turned: tuple[str, str]
) -> None:
    text = written(table, style)
    if turned[0] not in text:
        return
    changed = text.replace(*turned)
    before, read = hours_from(text), hours_from(changed)
    silent = bool(table.closed) and not re.search("除外|照常|不休", text)
    assert read is None or read != before or silent, (changed, read)
    if read is not None and silent:
        opened = {FIRST.weekday() + day for day in table.closed}
        assert opened, (changed, read)


LETTERS = (
    "0123456789:-至到点半时周一二三四五六日天上午下午早晚次凌晨工作末节假法定休息除外闭馆（），；、"
    " 小全夏令冬月"
)


@settings(max_examples=300, deadline=None)
@given(st.text(LETTERS, max_size=24))
def test_no_text_breaks_the_reader_and_what_is_read_is_osm(text: str) -> None:
    read = hours_from(text)
    assert read is None or not compile_hours([read])[2]


WORDS = (
    "周一", "周六日", "每天", "工作日", "节假日", "9:00-18:00", "午休", "休息", "照常", "除外",
    "，", "（", "）",
    "营业", "24小时", "5月-10月", "其余时间", "、", "除", "中午不休息", "全年无休",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.integers(1, 60))
def test_however_often_words_come_the_reader_ends_with_an_answer(
    words: list[str], times: int
) -> None:
    read = reading("".join(words * times)[:200])
    assert (read.osm is None) == (read.why is not None)
