"""Hours as doors and tables write them: read rightly, or not at all."""

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.hours.calendar import chinese_calendar
from geodata.hours.timeline import compile_hours, timeline
from geodata.sources.hours_text.reader import hours_from

#: What a person reads off the door. All hand-checked; nothing here was written by the program.
READ = {
    # --- the whole day ---
    "24小时": "Mo-Su 00:00-24:00",
    "２４小时": "Mo-Su 00:00-24:00",
    "24小时营业": "Mo-Su 00:00-24:00",
    "24小时开放": "Mo-Su 00:00-24:00",
    "24小时不打烊": "Mo-Su 00:00-24:00",
    "24 小时": "Mo-Su 00:00-24:00",
    "24h": "Mo-Su 00:00-24:00",
    "24H": "Mo-Su 00:00-24:00",
    "7×24小时": "Mo-Su 00:00-24:00",
    "7*24": "Mo-Su 00:00-24:00",
    "7x24小时": "Mo-Su 00:00-24:00",
    "24/7": "24/7",
    "全天": "Mo-Su 00:00-24:00",
    "全天开放": "Mo-Su 00:00-24:00",
    "全天候": "Mo-Su 00:00-24:00",
    "全天24小时开放": "Mo-Su 00:00-24:00",
    "24小时全天候": "Mo-Su 00:00-24:00",
    "全年无休，24小时": "Mo-Su 00:00-24:00",
    "24小时，全年无休": "Mo-Su 00:00-24:00",
    "每天24小时": "Mo-Su 00:00-24:00",
    "00:00-24:00": "Mo-Su 00:00-24:00",
    "0:00-24:00": "Mo-Su 00:00-24:00",
    "00:00-23:59": "Mo-Su 00:00-24:00",
    "0点至24点": "Mo-Su 00:00-24:00",
    "周一至周五24小时": "Mo-Fr 00:00-24:00",
    "早上8点至次日早上8点": "Mo-Su 08:00-32:00",
    "夜间22:00-6:00": "Mo-Su 22:00-30:00",
    "周一至周五：上午 8:30-12:00，下午 14:00-17:30；周六：上午 9:00-12:00": (
        "Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00"
    ),
    # --- plain clocks ---
    "9:00-18:00": "Mo-Su 09:00-18:00",
    "９：００－１８：００": "Mo-Su 09:00-18:00",
    "09:00～18:00": "Mo-Su 09:00-18:00",
    "09:00~18:00": "Mo-Su 09:00-18:00",
    "09:00——18:00": "Mo-Su 09:00-18:00",
    "9:00至18:00": "Mo-Su 09:00-18:00",
    "9:00到18:00": "Mo-Su 09:00-18:00",
    "9：00—18：00": "Mo-Su 09:00-18:00",
    "9:00:00-18:00:00": "Mo-Su 09:00-18:00",
    "0830-1730": "Mo-Su 08:30-17:30",
    "8点-22点": "Mo-Su 08:00-22:00",
    "8-22点": "Mo-Su 08:00-22:00",
    "8时至22时": "Mo-Su 08:00-22:00",
    "8时30分至17时30分": "Mo-Su 08:30-17:30",
    "8时30分-22时": "Mo-Su 08:30-22:00",
    "9点半到21点": "Mo-Su 09:30-21:00",
    "9点一刻到21点三刻": "Mo-Su 09:15-21:45",
    "9点整至21点整": "Mo-Su 09:00-21:00",
    "从9:00到21:00": "Mo-Su 09:00-21:00",
    "9:00起至21:00止": "Mo-Su 09:00-21:00",
    "营业时间：9:00-21:00": "Mo-Su 09:00-21:00",
    "开放时间为9:00-21:00": "Mo-Su 09:00-21:00",
    "服务时间 9:00-21:00": "Mo-Su 09:00-21:00",
    "对外开放时间：9:00—21:00。": "Mo-Su 09:00-21:00",
    "6:00-24:00": "Mo-Su 06:00-24:00",
    "6:00-0:00": "Mo-Su 06:00-24:00",
    "06:00-00:00": "Mo-Su 06:00-24:00",
    "九点至十八点": "Mo-Su 09:00-18:00",
    "八点半至二十二点": "Mo-Su 08:30-22:00",
    # --- parts of the day ---
    "早9晚6": "Mo-Su 09:00-18:00",
    "早9点-晚6点": "Mo-Su 09:00-18:00",
    "早九晚六": "Mo-Su 09:00-18:00",
    "朝九晚五": "Mo-Su 09:00-17:00",
    "早8:30-晚10:00": "Mo-Su 08:30-22:00",
    "早上8点到晚上10点": "Mo-Su 08:00-22:00",
    "早7点至晚12点": "Mo-Su 07:00-24:00",
    "上午9点至下午5点": "Mo-Su 09:00-17:00",
    "上午9:00-下午5:30": "Mo-Su 09:00-17:30",
    "上午9:00-12:00，下午2:00-6:00": "Mo-Su 09:00-12:00,14:00-18:00",
    "上午8:30-12:00 下午14:00-17:30": "Mo-Su 08:30-12:00,14:00-17:30",
    "上午：9:00-12:00；下午：2:00-6:00": "Mo-Su 09:00-12:00,14:00-18:00",
    "下午2:00-6:00": "Mo-Su 14:00-18:00",
    "下午2点至6点": "Mo-Su 14:00-18:00",
    "中午11:30-1:30": "Mo-Su 11:30-13:30",
    "中午12点到下午2点": "Mo-Su 12:00-14:00",
    "晚上6点-12点": "Mo-Su 18:00-24:00",
    "晚上6:00-10:00": "Mo-Su 18:00-22:00",
    "晚上18:00-22:00": "Mo-Su 18:00-22:00",
    "傍晚5点到晚上9点": "Mo-Su 17:00-21:00",
    "凌晨5点至上午10点": "Mo-Su 05:00-10:00",
    "9:00AM-6:00PM": "Mo-Su 09:00-18:00",
    "9am-6pm": "Mo-Su 09:00-18:00",
    # --- past midnight ---
    "22:00-6:00": "Mo-Su 22:00-30:00",
    "22:00-次日6:00": "Mo-Su 22:00-30:00",
    "22:00至次日06:00": "Mo-Su 22:00-30:00",
    "晚上10点至次日早上6点": "Mo-Su 22:00-30:00",
    "晚10点到早6点": "Mo-Su 22:00-30:00",
    "每日22点至次日6点": "Mo-Su 22:00-30:00",
    "10:00-次日凌晨2:00": "Mo-Su 10:00-26:00",
    "10:00-凌晨2:00": "Mo-Su 10:00-26:00",
    "10:00-02:00": "Mo-Su 10:00-26:00",
    "17:30-2:00": "Mo-Su 17:30-26:00",
    "晚上10:00-2:00": "Mo-Su 22:00-26:00",
    "18:00-翌日02:00": "Mo-Su 18:00-26:00",
    "18:00-第二天2:00": "Mo-Su 18:00-26:00",
    "周五至周六 20:00-次日2:00": "Fr-Sa 20:00-26:00",
    # --- days ---
    "周一至周五8:30-17:00": "Mo-Fr 08:30-17:00",
    "星期一至星期五 8:30-17:00": "Mo-Fr 08:30-17:00",
    "礼拜一到礼拜五 8:30-17:00": "Mo-Fr 08:30-17:00",
    "周一至五 8:30-17:00": "Mo-Fr 08:30-17:00",
    "周一~周五 8:30-17:00": "Mo-Fr 08:30-17:00",
    "周1-周5 8:30-17:00": "Mo-Fr 08:30-17:00",
    "周1-5 8:30-17:00": "Mo-Fr 08:30-17:00",
    "週一至週五 8:30-17:00": "Mo-Fr 08:30-17:00",
    "每周一至周五 8:30-17:00": "Mo-Fr 08:30-17:00",
    "周一至周日 8:00-20:00": "Mo-Su 08:00-20:00",
    "周一至周天 8:00-20:00": "Mo-Su 08:00-20:00",
    "周一至周六9:00-18:00": "Mo-Sa 09:00-18:00",
    "周六日 10:00-16:00": "Sa-Su 10:00-16:00",
    "周六、周日 10:00-16:00": "Sa-Su 10:00-16:00",
    "周六周日10:00-16:00": "Sa-Su 10:00-16:00",
    "周末 10:00-16:00": "Sa-Su 10:00-16:00",
    "双休日 10:00-16:00": "Sa-Su 10:00-16:00",
    "周一、三、五 9:00-12:00": "Mo,We,Fr 09:00-12:00",
    "周一、周三、周五 9:00-12:00": "Mo,We,Fr 09:00-12:00",
    "周二和周四 14:00-17:00": "Tu,Th 14:00-17:00",
    "周六至周一 9:00-12:00": "Mo,Sa-Su 09:00-12:00",
    "每天9:00-21:00": "Mo-Su 09:00-21:00",
    "每日：9:00-21:00": "Mo-Su 09:00-21:00",
    "天天 9:00-21:00": "Mo-Su 09:00-21:00",
    "9:00-18:00（周一至周五）": "Mo-Fr 09:00-18:00",
    "9:00-18:00 周一至周五": "Mo-Fr 09:00-18:00",
    "9:00-18:00（周一至周五），10:00-16:00（周末）": "Mo-Fr 09:00-18:00; Sa-Su 10:00-16:00",
    "周一至周五：9:00-18:00\n周六：10:00-16:00": "Mo-Fr 09:00-18:00; Sa 10:00-16:00",
    "周一至周五9:00-18:00；周六日10:00-17:00": "Mo-Fr 09:00-18:00; Sa-Su 10:00-17:00",
    "周一至周四 9:00-21:00，周五至周日 9:00-23:00": "Mo-Th 09:00-21:00; Fr-Su 09:00-23:00",
    "周一至周五上午8:30-12:00，下午1:30-5:30": "Mo-Fr 08:30-12:00,13:30-17:30",
    "周一至周五九点至十七点": "Mo-Fr 09:00-17:00",
    "每天9:00-21:00，周末10:00-22:00": "Mo-Su 09:00-21:00; Sa-Su 10:00-22:00",
    "9:00-21:00，周末10:00-22:00": "Mo-Su 09:00-21:00; Sa-Su 10:00-22:00",
    # --- workdays, weekends, public holidays ---
    "工作日9:00-18:00": "Mo-Fr 09:00-18:00; PH off",
    "工作日 9:00-18:00，节假日10:00-16:00": "Mo-Fr 09:00-18:00; PH 10:00-16:00; Sa-Su unknown",
    "工作日9:00-18:00，周末10:00-16:00": "Mo-Fr 09:00-18:00; Sa-Su 10:00-16:00; PH unknown",
    "工作日9:00-18:00，周末休息": "Mo-Fr 09:00-18:00; Sa-Su off; PH unknown",
    "工作日9:00-18:00，周末及节假日休息": "Mo-Fr 09:00-18:00; Sa-Su off; PH off",
    "工作日9:00-18:00；周末及法定节假日10:00-16:00": "Mo-Fr 09:00-18:00; Sa-Su,PH 10:00-16:00",
    "9:00-17:00（工作日）": "Mo-Fr 09:00-17:00; PH off",
    "周一至周五9:00-18:00，法定节假日除外": "Mo-Fr 09:00-18:00; PH off",
    "周一至周五9:00-18:00（法定节假日除外）": "Mo-Fr 09:00-18:00; PH off",
    "周一至周五（法定节假日除外）9:00-18:00": "Mo-Fr 09:00-18:00; PH off",
    "周一至周日9:00-18:00，法定节假日休息": "Mo-Su 09:00-18:00; PH off",
    "9:00-18:00，法定节假日休息": "Mo-Su 09:00-18:00; PH off",
    "9:00-18:00（节假日除外）": "Mo-Su 09:00-18:00; Sa-Su unknown; PH off",
    "8:00-20:00，节假日照常": "Mo-Su 08:00-20:00",
    "8:00-20:00，节假日无休": "Mo-Su 08:00-20:00",
    "全年无休 8:00-20:00": "Mo-Su 08:00-20:00",
    "法定节假日10:00-16:00，周一至周五9:00-18:00": "Mo-Fr 09:00-18:00; PH 10:00-16:00",
    # --- closed days and breaks ---
    "9:00-17:00，周一闭馆": "Mo-Su 09:00-17:00; Mo off",
    "9:00-17:00（周一闭馆）": "Mo-Su 09:00-17:00; Mo off",
    "周二至周日9:00-17:00，周一闭馆": "Tu-Su 09:00-17:00; Mo off",
    "周二至周日 9:00-17:00，周一全天闭馆": "Tu-Su 09:00-17:00; Mo off",
    "逢周一休息，9:00-17:00": "Mo-Su 09:00-17:00; Mo off",
    "除周一外，9:00-17:00": "Mo-Su 09:00-17:00; Mo off",
    "除周一外每天9:00-17:00": "Mo-Su 09:00-17:00; Mo off",
    "每天9:00-17:00（周一除外）": "Mo-Su 09:00-17:00; Mo off",
    "除法定节假日外 9:00-17:00": "Mo-Su 09:00-17:00; PH off",
    "9:00-18:00，周末休息": "Mo-Su 09:00-18:00; Sa-Su off",
    "9:00-18:00 双休": "Mo-Su 09:00-18:00; Sa-Su off",
    "周末双休，9:00-18:00": "Mo-Su 09:00-18:00; Sa-Su off",
    "9:00-18:00（午休12:00-14:00）": "Mo-Su 09:00-12:00,14:00-18:00",
    "9:00-18:00，12:00-14:00休息": "Mo-Su 09:00-12:00,14:00-18:00",
    "周一至周五9:00-18:00，中午12:00-14:00午休": "Mo-Fr 09:00-12:00,14:00-18:00",
    # --- seasons ---
    "5月-10月 8:00-20:00，11月-4月 8:00-18:00": (
        "May-Oct Mo-Su 08:00-20:00; Nov-Apr Mo-Su 08:00-18:00"
    ),
    "夏季（5月-10月）8:00-20:00；冬季（11月-4月）8:00-18:00": (
        "May-Oct Mo-Su 08:00-20:00; Nov-Apr Mo-Su 08:00-18:00"
    ),
    "夏令时（5月1日至9月30日）8:00-20:00 冬令时（10月1日至4月30日）8:30-18:00": (
        "May-Sep Mo-Su 08:00-20:00; Oct-Apr Mo-Su 08:30-18:00"
    ),
}

#: Not certain, so unknown.
UNREAD = [
    "", " ", "以站点为准", "待定", "暂无", "无", "-", "[]", "null",
    "当前开放时段未知，请先向运营方确认",
    "视情况而定", "不定时", "工作日开放", "周末开放", "每天", "周一至周五", "白天", "夜间开放",
    "通宵", "8:00起",
    "至22:00", "9:00", "9-18", "8-22", "2:00-6:00", "8:30-11:30，2:00-5:00", "9:00-6:00",
    "9:00-9:00", "8:00-5:00",
    "上午9:00-6:00", "上午9:00-5:00", "25:00-26:00", "24时-24时", "9:60-18:00", "9:00-18:61",
    "周八9:00-18:00",
    "周一至周五9:00-18:00，周三10:00-12:00", "9:00-18:00或预约", "9:00-18:00（需预约）",
    "9:00-17:00（16:30停止入场）", "周一闭馆，节假日除外 9:00-17:00",
    "9:00-17:00，周一闭馆（节假日除外）",
    "夏令时8:00-20:00，冬令时8:00-18:00", "7月-8月8:00-20:00", "春节9:00-18:00",
    "除春节外9:00-18:00",
    "单休 9:00-18:00", "24小时自助，人工9:00-18:00", "24小时热线", "约9:00-18:00", "9:00-18:00左右",
    "隔日9:00-18:00", "中午休息，9:00-18:00", "9:00-12:00 11:00-15:00", "周一至周五9-18 周末不定",
    "8.30-11.30",
    "晚上3:00-6:00", "9:00-18:00 9:00-18:00", "同步商场营业时间",
    "周一至周五9:00-18:00 10:00-16:00",
    "明天9:00-18:00", "第2周9:00-18:00", "5月-10月 8:00-20:00，10月-4月 8:00-18:00", "13800138000",
    "0755-82333707",
    "9:00-" * 60,
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_door_is_read_as_a_person_reads_it(text: str, expected: str) -> None:
    assert hours_from(text) == expected


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_not_certain_is_unknown(text: str) -> None:
    assert hours_from(text) is None


#: The samples and what each means, in their order; None: a person cannot tell the hours either.
SAMPLES = (
    "Mo-Su 00:00-24:00", "Mo-Su 00:00-24:00", "Mo-Su 05:00-20:00", "Mo-Su 08:30-11:00,13:00-17:00",
    "Mo-Su 08:00-12:00,14:00-16:00", "Mo-Fr 08:30-17:00", "Mo-Fr 09:00-17:00",
    "Mo-Fr 08:30-12:00,13:00-17:30",
    "Mo-Fr 09:00-18:00", "Mo-Fr 09:00-18:00", "Mo-Fr 09:00-18:00",
    "Mo-Fr 09:00-18:00; Sa-Su 10:00-16:00",
    "Mo-Fr 09:00-21:00; Sa-Su,PH 09:00-18:00", None, "Mo-Su 09:00-17:00",
    "Mo-Su 08:30-12:00,14:30-18:00",
    "Mo-Su 08:00-22:00", "Mo-Su 07:15-22:30", "Mo-Su 08:45-23:45", "Mo-Su 05:00-17:30", None, None,
    None,
)  # fmt: skip


def test_of_the_real_samples_none_is_read_wrongly_and_four_fifths_are_read(real_data: Path) -> None:
    with (real_data / "import-examples" / "opening_hours_samples.csv").open(
        encoding="utf-8"
    ) as source:
        read = tuple(hours_from(row["raw"]) for row in csv.DictReader(source))
    assert read == SAMPLES
    assert sum(each is not None for each in read) >= 0.8 * len(read)


minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def ranges(draw: st.DrawFn) -> list[tuple[int, int]]:
    """One or two ranges of a day, in order and apart; the last may run past midnight."""
    points = sorted(draw(st.lists(minutes, min_size=2, max_size=4, unique=True)))
    found = list(zip(points[::2], points[1::2], strict=False))
    overnight = len(found) == 1 and found[0][0] >= 16 * 60 and draw(st.booleans())
    return [(found[0][0], 24 * 60 + draw(st.integers(0, 24)) * 15)] if overnight else found


DAYS = ("一", "二", "三", "四", "五", "六", "日")


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[list[int], list[tuple[int, int]]]]:
    """Runs of weekdays, each with its hours; a weekday in no run is closed."""
    cuts = sorted(draw(st.lists(st.integers(0, 7), min_size=2, max_size=4, unique=True)))
    runs = [list(range(first, end)) for first, end in pairwise(cuts)]
    return [(run, draw(ranges())) for run in runs]


def said(minute: int, style: int) -> str:
    """A clock time in one of the ways in which people write it."""
    tomorrow, minute = divmod(minute, 1440) if minute != 1440 else (0, 1440)
    hour, rest = divmod(minute, 60)
    next_day = "次日" if tomorrow else ""
    if style == 0:
        return f"{next_day}{hour:02}:{rest:02}"
    if style == 1:
        return f"{next_day}{hour:02}：{rest:02}"
    clock = {0: "点", 15: "点一刻", 30: "点半", 45: "点45分"}[rest]
    if style == 2 or hour in (0, 24) or tomorrow:
        return f"{next_day}{hour:02}{clock}"
    part = (
        "凌晨"
        if hour < 5
        else "上午"
        if hour < 12
        else "中午"
        if hour == 12
        else "下午"
        if hour < 18
        else "晚上"
    )
    return f"{part}{hour if hour <= 12 else hour - 12}{clock}"


@settings(max_examples=300)
@given(
    schedules(),
    st.integers(0, 3),
    st.sampled_from(["-", "—", "至", "到", "~"]),
    st.sampled_from([",", "，", "、"]),
    st.sampled_from(["；", "\n", ";"]),
    st.sampled_from(["周", "星期"]),
)
def test_a_schedule_written_out_in_chinese_is_read_back_as_it_was(
    schedule: list[tuple[list[int], list[tuple[int, int]]]],
    style: int,
    link: str,
    comma: str,
    between: str,
    week: str,
) -> None:
    parts = []
    for run, hours in schedule:
        days = week + DAYS[run[0]] + (f"至{week}{DAYS[run[-1]]}" if len(run) > 1 else "")
        parts.append(
            days + comma.join(said(start, style) + link + said(end, style) for start, end in hours)
        )
    read = hours_from(between.join(parts))
    assert read is not None, between.join(parts)
    assert intervals(read) == merged(schedule)


def intervals(expression: str) -> list[tuple[int, int]]:
    """The open minutes of two weeks in July 2026, with no holiday in or near them."""
    table, rows, refused = compile_hours([expression])
    assert not refused
    monday = date(2026, 7, 6)
    line = timeline(table, chinese_calendar(), monday, 14)
    first, last = line.offsets[rows[0] : rows[0] + 2]
    return list(zip(line.starts[first:last].tolist(), line.ends[first:last].tolist(), strict=True))


def merged(schedule: list[tuple[list[int], list[tuple[int, int]]]]) -> list[tuple[int, int]]:
    """The same, minute by minute."""
    open_minutes = set()
    for run, hours in schedule:
        for day in range(-1, 14):
            if day % 7 in run:
                open_minutes |= {day * 1440 + m for start, end in hours for m in range(start, end)}
    inside = sorted(m for m in open_minutes if 0 <= m < 14 * 1440)
    starts = [m for m in inside if m - 1 not in open_minutes or m == 0]
    ends = [m + 1 for m in inside if m + 1 not in open_minutes or m + 1 == 14 * 1440]
    return list(zip(starts, ends, strict=True))


LETTERS = (
    "0123456789:-至到点半时周一二三四五六日天上下午早晚次凌晨工作末节假法定休息除外闭馆（），；、"
    " 小全夏令冬月"
)


@settings(max_examples=500)
@given(st.text(LETTERS, max_size=24))
def test_no_text_breaks_the_reader_and_what_is_read_is_osm(text: str) -> None:
    read = hours_from(text)
    assert read is None or not compile_hours([read])[2]
