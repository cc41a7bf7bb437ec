"""Writes a timetable as a notice in one of twenty styles, with its own words, and says what is open
when. Knows nothing of the reader.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Timetable:
    """Runs of weekdays (0 = Monday) with their hours; a weekday in no run is closed."""

    runs: tuple[tuple[tuple[int, ...], Ranges], ...]
    holidays: str
    """silent, off or usual."""

    @property
    def closed(self) -> tuple[int, ...]:
        return tuple(day for day in range(7) if all(day not in days for days, _ in self.runs))

    @property
    def alike(self) -> bool:
        """Whether all seven days have the same hours."""
        return not self.closed and len({ranges for _, ranges in self.runs}) == 1

    @property
    def every_day(self) -> bool:
        return len(self.runs) == 1 and len(self.runs[0][0]) == 7


@dataclass(frozen=True)
class Style:
    """How one writer writes."""

    clock: Callable[[int], str]
    to: str
    and_then: str
    week: str
    span: str
    order: str
    stop: str
    label: str = ""
    shut: str = ""
    holiday_off: str = "，法定节假日除外"
    holiday_usual: str = "，节假日照常"


LETTERS: Final = "一二三四五六日"
SPOKEN: Final = ["零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]


def padded(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


WIDE: Final = str.maketrans("0123456789:", "０１２３４５６７８９：")


def short(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def wide(minute: int) -> str:
    return padded(minute).translate(WIDE)


def hour_word(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour}点" + {0: "", 30: "半"}.get(rest, f"{rest:02}分")


def hour_and_minutes(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour}时" + (f"{rest:02}分" if rest else "")


def digits(minute: int) -> str:
    return f"{minute // 60:02}{minute % 60:02}"


def part_of(hour: int) -> str:
    for before, word in ((5, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (25, "晚上")):
        if hour < before:
            return word
    raise AssertionError(hour)


def spoken(minute: int) -> str:
    """下午两点半: parts of the day and Chinese numerals."""
    hour, rest = divmod(minute, 60)
    twelve = hour - 12 if hour > 12 else hour
    tail = {0: "", 15: "一刻", 30: "半", 45: "三刻"}.get(rest, f"{rest}分")
    return f"{part_of(hour)}{SPOKEN[twelve]}点{tail}"


def parted(minute: int) -> str:
    """下午2:30."""
    hour, rest = divmod(minute, 60)
    return f"{part_of(hour)}{hour - 12 if hour > 12 else hour}:{rest:02}"


def latin(minute: int) -> str:
    hour, rest = divmod(minute % 1440, 60)
    return f"{hour % 12 or 12}:{rest:02}{'pm' if hour >= 12 else 'am'}"


STYLES: Final = (
    Style(padded, "-", ",", "周", "至", "days first", "；"),
    Style(short, "-", "，", "周", "至", "days first", "，", "营业时间："),
    Style(short, "—", "、", "星期", "至", "days first", "\n", shut="{}休息"),
    Style(wide, "－", "，", "周", "～", "days first", "；", "开放时间："),
    Style(padded, "~", " ", "周", "~", "days first", " ", shut="{}闭馆"),
    Style(hour_word, "至", "、", "星期", "到", "days first", "；", shut="{}不开放"),
    Style(
        hour_and_minutes,
        "至",
        "，",
        "周",
        "至",
        "days first",
        "；",
        holiday_off="（法定节假日除外）",
    ),
    Style(digits, "-", "，", "周", "-", "days first", "；"),
    Style(spoken, "到", "，", "礼拜", "到", "days first", "；", shut="{}不营业"),
    Style(
        parted,
        "-",
        "，",
        "周",
        "至",
        "days first",
        "；",
        "服务时间：",
        holiday_usual="，节假日不休",
    ),
    Style(latin, "-", ", ", "周", "-", "days first", "; "),
    Style(short, "-", "，", "周", "至", "days in brackets", "；", shut="{}休息"),
    Style(padded, "–", "、", "星期", "—", "days in brackets", "，"),
    Style(padded, "-", " ", "周", "至", "days last", "；", holiday_off="；国家法定节假日休息"),
    Style(short, "至", "，", "周", "到", "times in brackets", "，"),
    Style(padded, "-", "/", "周", "至", "days and colon", "\n", shut="{}休息"),
    Style(hour_word, "-", "，", "周", "至", "days and colon", "；", "开放时间\n", shut="{}关闭"),
    Style(padded, "——", "；", "週", "至", "days first", "\n", shut="逢{}休息"),
    Style(
        short, " - ", "，", "周", "至", "days and open", "；", holiday_usual="，法定节假日正常开放"
    ),
    Style(padded, "-", ",", "周", "至", "days first", "|", holiday_off="，节假日休息"),
)


def ranges_text(ranges: Ranges, style: Style) -> str:
    return style.and_then.join(
        style.clock(start)
        + style.to
        + ("次日" if end > 1440 and style.clock is not latin else "")
        + style.clock(end - 1440 if end > 1440 else end)
        for start, end in ranges
    )


def days_text(days: Sequence[int], style: Style) -> str:
    if len(days) == 1:
        return style.week + LETTERS[days[0]]
    if list(days) == list(range(days[0], days[-1] + 1)) and len(days) > 2:
        return f"{style.week}{LETTERS[days[0]]}{style.span}{style.week}{LETTERS[days[-1]]}"
    return "、".join(style.week + LETTERS[day] for day in days)


def sentence(days: Sequence[int], ranges: Ranges, style: Style) -> str:
    who, when = days_text(days, style), ranges_text(ranges, style)
    return {
        "days first": f"{who} {when}",
        "days in brackets": f"{when}（{who}）",
        "days last": f"{when} {who}",
        "times in brackets": f"{who}（{when}）",
        "days and colon": f"{who}：{when}",
        "days and open": f"{who}开放时间{when}",
    }[style.order]


def written(table: Timetable, style: Style) -> str:
    """The notice."""
    sentences = [sentence(days, ranges, style) for days, ranges in table.runs]
    if table.every_day and style.order == "days first":
        sentences = [f"每天{ranges_text(table.runs[0][1], style)}"]
    if style.shut and table.closed:
        sentences.append(style.shut.format(days_text(table.closed, style)))
    tail = {"silent": "", "off": style.holiday_off, "usual": style.holiday_usual}[table.holidays]
    return style.label + style.stop.join(sentences) + tail


def hours_on(table: Timetable, weekday: int) -> Ranges:
    """The hours of a weekday; none: closed."""
    return next((ranges for days, ranges in table.runs if weekday in days), ())
