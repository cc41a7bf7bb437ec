"""The grammar of a notice: in which orders days, times and verdicts make a sentence.

Every word is spent once, and 休息 or 除外 stand right beside the days they speak of. All readings
are kept; `meaning` says what each comes to.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from geodata.hours.syntax import DAY_MIN
from geodata.sources.hours_text import clock, days
from geodata.sources.hours_text.chart import Chart, Found, Grammar, alt, opt, seq, word, words
from geodata.sources.hours_text.clauses import (
    Always,
    AsUsual,
    Attends,
    Clause,
    ClosedAtNoon,
    ClosedInPart,
    Doubted,
    Excepted,
    Included,
    InSeason,
    Item,
    Opened,
    OpenedInSeason,
    Others,
    Paused,
    Shut,
    Silent,
    Unpaused,
    Untold,
)
from geodata.sources.hours_text.clock import PERIOD_WORDS, ClockTimes, Doubt, in_order
from geodata.sources.hours_text.days import DayNames, Season
from geodata.sources.hours_text.letters import Unsure

_DONE: Final = r"营业|开放|开馆|运营|运行|服务|办公|上班|接待|开门"
_LABEL: Final = (
    rf"(?:日常|正常)?(?:对外)?(?:{_DONE}|工作|受理)?(?:时间|时段|时刻)段?"
    r"(?:安排|表|如下)?(?:为|是)?:?"
)
_OPEN_WORD: Final = rf"(?:均|都|皆)?(?:对外|对公众|免费|提供)?(?:{_DONE})(?!时间|时段|时刻|日)"
_OFF_WORD: Final = (
    r"(?:均|都|皆|固定|例行|全天|整天|全日)?(?:为|是)?"
    r"(?:[闭休]馆|闭店|店休|关[门闭店站]|公休|休息|放假|闭[园站]|休业|歇业|闭门谢客"
    r"|停止(?:对外)?(?:营业|开放|服务|运营)"
    rf"|不(?:对外)?(?:{_DONE})|(?:不对外|不开|休)(?=[,;)、]|$))(?:日(?!期|常)|(?!日|时))"
)
_OFF_LABEL: Final = (
    r"(?:(?:固定|例行|每周)?(?:(?:[闭休]馆|公?休息?|关[门闭]|闭店|店休)日?(?:时间)?|不(?:对外)?(?:开放|营业)日?)"
    r"(?::|为|是|(?<=日)) ?)"
)
_KEEP_WORD: Final = (
    rf"(?:均|都|皆|也|亦|仍)?(?:照常(?:{_DONE})?|无休息?|不休息?|正常(?:{_DONE})|不打烊|不闭馆"
    r"|不休馆|不关门|不停业|不歇业|不放假|不闭店|正常(?=[,;)]|$))(?!时间|时段)"
)
_EXCEPT_WORD: Final = r"(?:除外|例外)"
_ALWAYS_WORD: Final = (
    r"(?:全年|年中|常年)(?:365天)?(?:不休息?|不打烊)"
    r"|(?:全年|年中|常年|一年)?(?:365天)?(?:无休息日|无休)"
    r"|365天(?:全年无休|不休息?)?|全年(?:开放|营业|运营|照常(?:营业|开放)?)?"
    r"|天天(?:营业|开放)|常年开放"
)
_OTHERS_WORD: Final = (
    r"(?:其余|其他|其它|剩余)(?:的?(?:时间段?|时段|日期|日子|[每各]?[天日]))?|平[时日](?:时间)?"
)
_UNTOLD_WORD: Final = (
    r":?(?:(?:开放|营业|服务)?(?:时间|安排)?)?"
    r"(?:另行(?:通知|公告|安排)|以(?:现场|官方)?(?:公告|通知)为准|见公告|不详)"
)
_MIDDAY: Final = r"(?:中午|午间|午休|中间|午餐)"
_PAUSE_WORD: Final = r"(?:午休|(?:中午|午间|中间|中途)(?:休息|闭馆|休馆)|休息(?=时间|时段|:))"
_UNPAUSED_WORD: Final = (
    rf"{_MIDDAY}(?:时间|时段)?(?:不休息?|无休息?|不打烊|不闭馆|不关门|不间断|不断档"
    rf"|照常(?:{_DONE})?|正常(?:{_DONE})|连续(?:{_DONE}))|[无不]午休"
)
#: The latest minute at which hours end that leave the afternoon out, or the evening.
_AFTERNOON_OFF, _EVENING_OFF = 13 * 60, 19 * 60
_PART_OFF: Final = re.compile(
    r"(下午|晚上|夜间|晚间)(?:休息|休馆|闭馆|关门|不(?:对外)?(?:开放|营业|办公|上班))"
    r"(?=[ ,;)、]|$)(?! ?\(?\d)"
)
_SEASON_WORD: Final = (
    r"(?:夏令时间?|冬令时间?|夏时制|冬时制|夏令|冬令|春夏季?|秋冬季?|夏秋季?|冬春季?|夏季|冬季|夏天"
    r"|冬天|旺季|淡季)"
)
_NOTE: Final = (
    r"调休(?:工作日|上班日|日)?(?:照常|正常)(?:营业|开放|上班)?"
    r"|(?:以上)?(?:均|都)?(?:为|是)?北京时间|(?:无需|无须|不用|不需要?|免)预约|免费|无人值守"
)

#: A label without anything behind it: the text was cut off.
_NOT_LAST: Final = r"(?![ ,;、:.!()]*$)"

_GAP: Final = word(r"[ :,;]*\(?")
_SPACE: Final = word(r"[ :]*\(?")
_FILLER: Final = word(
    rf"(?:均|都|皆|则|为|是)*(?:的|的?{_LABEL}|(?:正常)?{_OPEN_WORD})?(?:均|都|为)*"
)
_OPENED: Final = word(rf"(?: ?\(?{_OPEN_WORD})?")

_plain_day: Final[Grammar] = alt(days.named, days.each_day)
#: Days, or the same days by two names: 工作日（周一至周五）.
_day: Final[Grammar] = alt(
    _plain_day,
    seq(
        _plain_day,
        word(r"\("),
        _plain_day,
        word(r"\)"),
        into=lambda who, _, same, __: who.alike(same) if who.weekdays == same.weekdays else None,
    ),
    seq(
        _plain_day,
        word(r"\((?:包含|包括|含)调休(?:工作日|上班日)?\)"),
        into=lambda who, _: who if who.worked else None,
    ),
)
#: A list of days that ends a sentence is whole, and no verdict stands right behind it:
#: 闭馆：周一、周二 does not break at its comma, 节假日无休 not before 无休.
_last_day: Final[Grammar] = seq(
    _day,
    word(
        r"(?![、和及与]?(?:周|星期|礼拜|法定|节假|双休|工作日)|[、,][一二三四五六日])"
        rf"(?! ?\(?(?:(?:{_OFF_WORD})(?!:)|{_KEEP_WORD}|{_EXCEPT_WORD}|双休))(?! ?{_UNTOLD_WORD})"
    ),
    into=lambda who, _: who,
)


def _or_doubt(times: tuple[ClockTimes | Doubt, ...]) -> Doubted | None:
    doubts = [each.said for each in times if isinstance(each, Doubt)]
    return Doubted(doubts[0]) if doubts else None


def _opened(who: DayNames | None, times: tuple[Any, ...]) -> Clause:
    return _or_doubt(times) or Opened(who, times)


def _others(said: str, times: tuple[Any, ...]) -> Clause:
    """其余时间24小时 may be of the other days, or of the other hours of the same days."""
    if re.search("时间|时段", said) and ClockTimes(0, DAY_MIN) in times:
        return Doubted(said)
    return _or_doubt(times) or Others(times, _ordinary(said))


def _ordinary(said: str) -> str:
    return said[:2] if said.startswith("平") else ""


def _paused(time: ClockTimes | Doubt) -> Clause:
    if isinstance(time, Doubt):
        return Doubted(time.said)
    return Doubted("24小时") if time.end - time.start >= DAY_MIN else Paused(time)


def _part_shut(times: tuple[Any, ...]) -> Clause | None:
    """周一 14:00-16:00休息: open at other times of that day, and nobody says which."""
    whole = times == (ClockTimes(0, DAY_MIN),)
    return None if whole or (not _or_doubt(times) and not in_order(times)) else Doubted("休息")


def _seasonal(times: tuple[Any, ...], season: Season) -> Clause:
    return _or_doubt(times) or OpenedInSeason(times, season)


def _attends(who: DayNames) -> Clause:
    """节假日开放 says that holidays are open, too; not that other days are not."""
    return Attends(who) if who.weekdays else AsUsual(who)


_other_days: Final = word(_OTHERS_WORD, lambda found: found[0])
_off: Final = word(_OFF_WORD)
_off_label: Final = word(_OFF_LABEL)
_dated: Final = seq(
    word(rf"(?:{_SEASON_WORD})?(?:{_LABEL})?[ :]*\(?"),
    days.dates,
    word(rf"(?:\(?{_SEASON_WORD}\)?)?(?:{_LABEL})?"),
    into=lambda _, season, __: season,
)

#: How much a separator parts; a colon binds the days before it to what follows.
_PARTS: Final = {" ": 1, "(": 2, "、": 2, ",": 3, ")": 3, ";": 4}
_BETWEEN: Final = re.compile(rf"[ ,;、:()]*(?:{_LABEL}|{_OPEN_WORD})?[ ,;、:()]*")
_TIMES_BEFORE: Final = re.compile(
    rf"(?:[\d点半刻分时整mM]|小时|全天候?)((?:{_OPEN_WORD})?[ ,;、:()]*)$"
)


def _strength(separator: str) -> int:
    return 0 if ":" in separator else max((_PARTS.get(each, 0) for each in separator), default=0)


def _times_then_days(chart: Chart, at: int) -> Iterator[Found]:
    """9:00-18:00（周一至周五）. Not where other times stand nearer behind the days."""
    for middle, times in chart.at(_opened_times, at):
        for begin, _ in chart.at(_GAP, middle):
            for label, _ in chart.at(_LABELLED, begin):
                for end, who in chart.at(_last_day, label):
                    between = _BETWEEN.match(chart.text, end)
                    after = between.end() if between else end
                    near = _strength(chart.text[end:after]) < _strength(chart.text[middle:begin])
                    if not (near and chart.at(clock.one, after)):
                        shut = _shut_together(chart, end, who)
                        loose = _parts_from_days(who, times, chart.text[at:middle])
                        doubted = shut or (chart.text[begin:end] if loose else "")
                        yield end, Doubted(doubted) if doubted else _opened(who, times)


#: Hours so long are a day's, not a half's.
_DAY_LONG: Final = 6 * 60


def _parts_from_days(who: DayNames, times: tuple[Any, ...], said: str) -> bool:
    """Whether only the last of several times may be of the days behind it: 9:00-18:00, 19:00-21:00
    (周三). Halves of a day are told of together, unless each has a name of its own and the days
    are few.
    """
    if len(times) < 2 or who.unnamed or _or_doubt(times):
        return False
    few = len(who.weekdays) < len(days.WORKING)
    named = any(time.part for time in times)
    return any(time.end - time.start >= _DAY_LONG for time in times[:-1]) or (
        few and (named or ";" in said)
    )


def _shut_together(chart: Chart, end: int, who: DayNames) -> str:
    """Days behind `end`, of which a verdict may hold for those before it, too: 9:00-18:00
    周六，周日休息 may close both. A span of days, or 工作日, is no part of such a list.
    """
    if chart.text[end : end + 1] != "," or who.span or who.working or who.unnamed:
        return ""
    for last, _ in chart.at(_day, end + 1):
        for verdict, _ in chart.at(_SPACE, last):
            if chart.at(_verdict, verdict):
                return chart.text[end + 1 : last]
    return ""


def _times_then_season(chart: Chart, at: int) -> Iterator[Found]:
    """8:00-20:00（5月-10月）. Not where other times stand as near behind the dates."""
    for middle, times in chart.at(_opened_times, at):
        for begin, _ in chart.at(_GAP, middle):
            for end, season in chart.at(_dated, begin):
                between = _BETWEEN.match(chart.text, end)
                after = between.end() if between else end
                behind = chart.text[end:after]
                if "(" in chart.text[middle:end]:
                    behind = behind.replace(")", "", 1)
                near = _strength(behind) <= _strength(chart.text[middle:begin])
                if not (near and chart.at(clock.one, after)):
                    yield end, _seasonal(times, season)


def _season_of_what_follows(chart: Chart, at: int) -> Iterator[Found]:
    """夏季（5月-9月）. Not where times stand nearer before the dates than anything behind them."""
    before = _TIMES_BEFORE.search(chart.text[:at])
    for end, season in chart.at(_dated, at):
        between = _BETWEEN.match(chart.text, end)
        after = between.end() if between else end
        last = after == len(chart.text)
        behind = chart.text[end:after]
        if "(" in chart.text[at:end]:
            behind = behind.replace(")", "", 1)
        near = before and _strength(before[1]) < _strength(behind)
        if not before or not (near or last):
            yield end, InSeason(season)


#: Something but a label, a space or a bracket.
_SAID: Final = re.compile(rf"^(?!(?:{_LABEL})?[ :(]*$)")


def _days_then_times(chart: Chart, at: int) -> Iterator[Found]:
    """周一至周五 9:00-18:00. Not where other times stand nearer before the days."""
    before = _TIMES_BEFORE.search(chart.text[:at])
    for middle, (who, *aside) in chart.at(_day_and_aside, at):
        closing = _closes_bracket(chart.text, at, middle)
        for begin, _ in chart.at(_to_times, middle + closing):
            behind = chart.text[middle + closing : begin]
            if not (before and _strength(before[1]) < _strength(behind)):
                for end, times in chart.at(_opened_times, begin):
                    yield end, (_opened(who, times), *aside) if aside else _opened(who, times)


def _first_list_then_times(chart: Chart, at: int) -> Iterator[Found]:
    """周一至周五，周日 9:00-18:00, before anything else; not 周一至周五，周六上午9:00-12:00."""
    if _SAID.search(chart.text[:at]):
        return
    for middle, who in chart.at(days.first_list, at):
        for begin, _ in chart.at(_SPACE, middle):
            for end, times in chart.at(_opened_times, begin):
                if not (isinstance(times[0], ClockTimes) and times[0].part):
                    yield end, _opened(who, times)


def _labelled_shut(chart: Chart, at: int) -> Iterator[Found]:
    """闭馆：周一. Not where times stand nearer than a stop, 休息日：周日 9:00-18:00, or behind
    other days that the label may hold, too: 闭馆：周一，周二9:00-12:00.
    """
    for begin, _ in chart.at(_off_label, at):
        for end, who in chart.at(_last_day, begin):
            for after, _ in chart.at(_SPACE, end):
                next_days = [other for _, other in chart.at(_day, after + _is_comma(chart, after))]
                rest = days.EVERY_DAY - who.weekdays
                more = next_days and all(other.weekdays != rest for other in next_days)
                if not more and not chart.at(clock.one, after):
                    yield end, Shut(who)


def _part_off(chart: Chart, at: int) -> Iterator[Found]:
    """周六9:00-12:00，下午休息. Right behind clock times alone: 周三下午休息 leaves open when."""
    found = _PART_OFF.match(chart.text, at)
    if found and _TIMES_BEFORE.search(chart.text[:at]):
        chart.reached(found.end())
        yield found.end(), ClosedInPart(_AFTERNOON_OFF if found[1] == "下午" else _EVENING_OFF)


def _is_comma(chart: Chart, at: int) -> bool:
    return chart.text[at : at + 1] in (",", "、")


def _closes_bracket(text: str, at: int, end: int) -> bool:
    """（周一至周五）9:00-18:00: the bracket holds the days alone."""
    return text[at - 1 : at] == "(" and text[end : end + 1] == ")"


def _days_that_attend(chart: Chart, at: int) -> Iterator[Found]:
    """周一至周六营业, and times elsewhere, not right behind."""
    for end, who in chart.at(_attending, at):
        for after, _ in chart.at(_SPACE, end):
            if not chart.at(clock.one, after):
                yield end, _attends(who)


def _days_as_usual(chart: Chart, at: int) -> Iterator[Found]:
    """节假日照常, and no times right behind: 周一至周五正常营业9:00-18:00 are hours."""
    for end, who in chart.at(_keeping, at):
        for after, _ in chart.at(_SPACE, end):
            if not chart.at(clock.one, after):
                yield end, AsUsual(who)


def _days_shut(chart: Chart, at: int) -> Iterator[Found]:
    """周一闭馆. Neither a label (周一休息：) nor glued to times: 周日休息9:00-18:00 may be a
    break.
    """
    for end, who in chart.at(_shutting, at):
        closing = chart.text[at:end].count("(") and chart.text[end : end + 1] == ")"
        if chart.text[end : end + 1] != ":" and not chart.at(clock.one, end + closing):
            yield end, Shut(who)


def _holidays_untold(who: DayNames, aside: Clause) -> tuple[Clause, ...] | None:
    """周一（法定节假日除外）闭馆: what then holds on holidays is not said."""
    if not isinstance(aside, Excepted | AsUsual | Included) or aside.days.weekdays:
        return None
    return Shut(who), Untold(aside.days)


def _beside(who: DayNames, aside: Clause) -> tuple[DayNames | Clause, ...]:
    """周末（含节假日） are both. What 周一至周五（含节假日） says of a holiday on Saturday nobody
    knows.
    """
    if isinstance(aside, Included):
        free, other = (aside.days, who) if who.holidays else (who, aside.days)
        both = other.holidays and not other.weekdays and not free.holidays
        if both and free.weekdays <= days.WEEKEND:
            return (who.joined(aside.days),)
    return who, aside


_verdict: Final = alt(word(_OFF_WORD), word(_KEEP_WORD), word(_EXCEPT_WORD))
_shutting: Final = seq(_day, _SPACE, _off, into=lambda who, _, __: who)
_keeping: Final = seq(_day, _SPACE, word(_KEEP_WORD), into=lambda who, _, __: who)
_aside: Final = alt(
    seq(_day, word(_EXCEPT_WORD), into=lambda who, _: Excepted(who)),
    seq(word("除"), _day, word("外?"), into=lambda _, who, __: Excepted(who)),
    seq(word("(?:不含|不包括|不包含)"), _day, into=lambda _, who: Excepted(who)),
    seq(word("(?:包含|包括|含)"), _day, word("(?:在内)?"), into=lambda _, who, __: Included(who)),
    seq(_day, word(_KEEP_WORD), into=lambda who, _: AsUsual(who)),
    seq(_day, _off, into=lambda who, _: Shut(who)),
    word(rf"{_ALWAYS_WORD}|无休", lambda _: Always()),
)
_holidays_off: Final = seq(
    words({"法定节假日除外": True, "节假日除外": False, "国家法定节假日除外": True}),
    into=lambda legal: Excepted(DayNames(frozenset(), holidays=True, vague=not legal)),
)
#: Days, or days with a bracket about others: 周一至周五（法定节假日除外）.
_day_and_aside: Final = alt(
    seq(_day, into=lambda who: (who,)),
    seq(_day, word(r"\("), _aside, word(r"\)"), into=lambda who, _, aside, __: _beside(who, aside)),
    seq(
        days.each_day,
        word(",?除了?"),
        _day,
        word("(?:以外|之外|外),?(?:均|都)?"),
        into=lambda who, _, aside, __: (who, Excepted(aside)),
    ),
    seq(_day, word(","), _holidays_off, word("(?=,)"), into=lambda who, _, aside, __: (who, aside)),
)
_opened_times: Final = seq(clock.several, _OPENED, into=lambda times, _: times)
_LABELLED: Final = word(rf"(?:{_OPEN_WORD}:?)?")
_to_times: Final = seq(_GAP, _FILLER, _GAP)
_attending: Final = seq(
    _day, word(r" ?\(?"), word(_OPEN_WORD + "(?!:)"), into=lambda who, _, __: who
)

#: Sentences that begin with a clock time.
_TIMED: Final[tuple[Grammar, ...]] = (
    seq(clock.several, _OPENED, into=lambda times, _: _opened(None, times)),
    _times_then_days,
    _times_then_season,
)
#: A break may follow the hours it lies in.
_resting: Final = alt(
    seq(_off, word("(?!:)")),
    word(_EXCEPT_WORD),
    word(r"(?:午休|午餐|午间)(?:时间|休息)?(?=[,;)、]|$)"),
)
_BREAKS: Final[tuple[Grammar, ...]] = (
    seq(word("(?:其中:?)?"), clock.one, word(r"[ (]?(?:为|是)?"), _resting,
        into=lambda _, time, *__: _paused(time)),
)  # fmt: skip
_UNTIMED: Final[tuple[Grammar, ...]] = (
    _days_then_times,
    _first_list_then_times,
    _days_that_attend,
    seq(word(rf"{_OPEN_WORD}:?|(?:开放|营业|开馆)日(?:期|子)?[: ]?"), _last_day,
        into=lambda _, who: _attends(who)),
    _days_shut,
    seq(_day, word(r"\("), _aside, word(r"\) ?"), _off, word("(?!:)"),
        into=lambda who, _, aside, *__: _holidays_untold(who, aside)),
    _labelled_shut,
    seq(_day, _GAP, clock.several, _off,
        into=lambda who, _, times, __: Shut(who) if times == (ClockTimes(0, DAY_MIN),) else None),
    seq(_day, _GAP, clock.several, _resting, into=lambda _, __, times, ___: _part_shut(times)),
    seq(_day, word(" ?"), word(rf"{_PAUSE_WORD}(?:时间)?[ :]*"), clock.one,
        into=lambda *_: Doubted("休息")),
    seq(_day, word(r" ?\(?"), word(_EXCEPT_WORD), into=lambda who, _, __: Excepted(who)),
    seq(word("除了?"), _day, opt(_off), word("(?:以外|之外|外|除外)"), word("[,、]?(?:均|都)?"),
        into=lambda _, who, *__: Excepted(who)),
    seq(word("除了?"), _day, word(r"(?=[);]|$)"), into=lambda _, who, __: Excepted(who)),
    seq(word("(?:不含|不包括|不包含)"), _day, into=lambda _, who: Excepted(who)),
    seq(word("(?:包含|包括|含)"), _day, word("(?:在内)?"), into=lambda _, who, __: Included(who)),
    _days_as_usual,
    seq(_day, word(" ?"), word(_UNTOLD_WORD), into=lambda who, _, __: Untold(who)),
    seq(_other_days, _GAP, _FILLER, _GAP, clock.several, _OPENED,
        into=lambda said, _, __, ___, times, ____: _others(said, times)),
    seq(_other_days, word(" ?"), _off, into=lambda said, *_: Others((), _ordinary(said))),
    seq(_other_days, word(" ?"), alt(word(_OPEN_WORD), word(_KEEP_WORD)),
        into=lambda said, *_: Others(None, _ordinary(said))),
    word(_ALWAYS_WORD, lambda _: Always()),
    word("(?:周末)?双休", lambda _: Shut(DayNames(days.WEEKEND))),
    seq(word(rf"{_PAUSE_WORD}(?:时间|时段)?[ :]*\(?"), clock.one, opt(_off),
        into=lambda _, time, __: _paused(time)),
    seq(word("除了?"), clock.one, word("(?:以外|之外|外)"), into=lambda _, time, __: _paused(time)),
    word(_UNPAUSED_WORD, lambda _: Unpaused()),
    word(
        r"(?:中午|午间)(?:休息|闭馆|休馆|不开放|不营业|关门)(?!时间|时段)(?=[,;)、]|$)",
        lambda _: ClosedAtNoon(),
    ),
    _part_off,
    _season_of_what_follows,
    seq(word(rf"{_SEASON_WORD}(?:{_LABEL})?[ :]*"), _times_then_season, into=lambda _, each: each),
    word(rf"{_LABEL}{_NOT_LAST}", lambda _: Silent()),
    word(rf"{_OPEN_WORD}(?::{_NOT_LAST}|(?!:))", lambda _: Silent()),
    word(_NOTE, lambda _: Silent()),
)  # fmt: skip

_untimed: Final = alt(*_UNTIMED)
_breaks: Final = alt(*_BREAKS)
_timed: Final = alt(*_TIMED)
_SEPARATOR: Final = word(r"[ ,;、:.!()]*(?:并且|并|且|但|而)?", lambda found: found[0])


def _after_times(chart: Chart, at: int) -> Iterator[Found]:
    """Where the last sentence ended in a clock time, the next does not begin with one: 9:00-12:00,
    14:00-18:00 belong to the same days.
    """
    return _sentences(chart, at, alt(_untimed, _breaks))


def _after_words(chart: Chart, at: int) -> Iterator[Found]:
    return _sentences(chart, at, _anything)


_anything: Final = alt(_untimed, _breaks, _timed)
_CLOCK_END: Final = re.compile(
    rf".*(?:[\d点半刻分时整m]|小时|全天候?|{PERIOD_WORDS})\)?", re.DOTALL
)


def _sentences(chart: Chart, at: int, rule: Grammar) -> Iterator[Found]:
    for begin, separator in chart.at(_SEPARATOR, at):
        if begin == len(chart.text):
            yield begin, ()
            return
        for end, clause in chart.at(rule, begin):
            follows = (
                _after_times if _ends_in_times(clause, chart.text[begin:end]) else _after_words
            )
            for last, rest in chart.at(follows, end):
                each, *asides = clause if isinstance(clause, tuple) else (clause,)
                yield last, ((separator, each), *(("(", aside) for aside in asides), *rest)


def _ends_in_times(clause: Clause | tuple[Clause, ...], said: str) -> bool:
    said_first = clause[0] if isinstance(clause, tuple) else clause
    return isinstance(said_first, Opened | Others | OpenedInSeason | Doubted) and bool(
        _CLOCK_END.fullmatch(said)
    )


#: A bracket in a bracket, or one that is closed before it is opened.
_BRACKETS: Final = re.compile(r"\([^()]*\(|\)[^()]*\)|^[^(]*\)")


def readings(text: str) -> tuple[tuple[tuple[Item, ...], ...], int]:
    """Every way in which the whole of a plain text is a row of sentences, and how far any word
    of it reached. Raises Unsure beyond a bound.
    """
    if _BRACKETS.search(text) or text.count("(") != text.count(")"):
        raise Unsure("its brackets do not fit each other")
    chart = Chart(text)
    found = chart.at(_after_words, 0)
    return tuple(items for _, items in found), chart.furthest


_VOCABULARY: Final = re.compile(
    "|".join(
        (
            *(_OFF_WORD, _OPEN_WORD, _KEEP_WORD, _EXCEPT_WORD, _ALWAYS_WORD, _OTHERS_WORD),
            *(_UNTOLD_WORD, _PAUSE_WORD, _UNPAUSED_WORD, _SEASON_WORD, _NOTE, _LABEL),
        )
    )
)


def stopped_by(text: str) -> str:
    """The first words of a plain text that are not known, or "" where all are."""
    chart, at = Chart(text), 0
    strange = ""
    while at < len(text):
        ends = [end for rule in (*_KNOWN,) for end, _ in chart.at(rule, at) if end > at]
        if ends and strange:
            break
        if not ends:
            strange += text[at]
        at = max(ends, default=at + 1)
    return strange.strip()


_KNOWN: Final[tuple[Grammar, ...]] = (
    _day,
    clock.one,
    days.dates,
    word(_VOCABULARY.pattern),
    word(
        r"[ ,;、:.!()]|并且|并|且|但|而|均|都|皆|为|是|的|每逢|每|逢|除了?|以外|之外|外"
        r"|不?包?[含括]|在内|其中"
    ),
    word(r"\d{1,2}[:点时]\d{0,2}|\d|至|-"),
    word(PERIOD_WORDS),
)
