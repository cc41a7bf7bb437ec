"""The words of a notice put together from left to right: which days have which times.

Writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from geodata.hours.syntax import DAY_MIN
from geodata.sources.hours_text.clock import Times
from geodata.sources.hours_text.days import WEEKEND, Days, Season
from geodata.sources.hours_text.letters import Unsure
from geodata.sources.hours_text.words import Mark, Word


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """Days (None: not said) with their times; no times: closed."""

    days: Days | None
    times: tuple[Times, ...]
    season: Season | None


@dataclass(slots=True)
class Reading:
    """What has been understood so far, from left to right."""

    rules: list[NoticeRule] = field(default_factory=list)
    kept: list[Days] = field(default_factory=list)
    pending: Days | None = None
    season: Season | None = None
    season_word: bool = False
    always: bool = False
    settled: bool = False
    """Whether the last rule was told its days behind its times; the next times begin another."""

    def open(self, times: Times) -> None:
        """Times of the days that were named last, or more times of the last rule."""
        last = self.rules[-1] if self.rules else None
        begins = self.pending is not None or self.settled or last is None or not last.times
        if last is None or begins or last.season != self.season:
            self.settled = False
            self.rules.append(NoticeRule(self.pending, (times,), self.season))
            self.pending = None
        elif last.times[-1].end <= times.start:
            self.rules[-1] = replace(last, times=(*last.times, times))
        else:
            raise Unsure

    def close(self, days: Days) -> None:
        """Days without times."""
        self.rules.append(NoticeRule(days, (), self.season))

    def settle(self) -> None:
        """Days that stand behind the only times they can belong to."""
        if self.pending is None:
            return
        last = self.rules[-1] if self.rules else None
        if last is None or last.days is not None or not last.times:
            raise Unsure
        self.rules[-1] = replace(last, days=self.pending)
        self.pending, self.settled = None, True

    def pause(self, times: Times) -> None:
        """A break is cut out of every rule it lies in; it must lie in the last one."""
        cut = [replace(rule, times=_without(rule.times, times)) for rule in self.rules]
        if not self.rules or len(cut[-1].times) == len(self.rules[-1].times):
            raise Unsure
        self.rules = cut


def _without(ranges: tuple[Times, ...], pause: Times) -> tuple[Times, ...]:
    cut: list[Times] = []
    for each in ranges:
        inside = each.start < pause.start and pause.end < each.end
        cut += [Times(each.start, pause.start), Times(pause.end, each.end)] if inside else [each]
    return tuple(cut)


def rules(words: Sequence[Word]) -> Reading:
    """All words, in their order. Raises Unsure where they do not fit each other."""
    reading = Reading()
    at = 0
    while at < len(words):
        at += _step(reading, words, at)
    reading.settle()
    if reading.season_word or not any(rule.times for rule in reading.rules):
        raise Unsure
    return reading


def _step(reading: Reading, words: Sequence[Word], at: int) -> int:
    """Take the word at `at`, with those after it that belong to it; gives how many were taken."""
    word = words[at]
    after = [_name(each) for each in words[at + 1 : at + 4]] + [""] * 3
    if isinstance(word, Times):
        return _step_times(reading, word, after)
    if isinstance(word, Days):
        return _step_days(reading, words, at)
    if isinstance(word, Season):
        return _step_season(reading, word)
    return _step_mark(reading, words, at, after)


def _name(word: Word) -> str:
    return word.name if isinstance(word, Mark) else type(word).__name__


def _step_times(reading: Reading, word: Times, after: Sequence[str]) -> int:
    if reading.season_word:
        raise Unsure
    if after[0] in ("off", "break"):
        if reading.pending is not None:
            if word != Times(0, DAY_MIN) or after[0] != "off":
                raise Unsure
            reading.close(reading.pending)  # 周一全天闭馆
            reading.pending = None
        else:
            reading.pause(word)
        return 2
    reading.open(word)
    return 1


def _step_days(reading: Reading, words: Sequence[Word], at: int) -> int:
    days, taken = words[at], 1
    while at + taken < len(words) and isinstance(words[at + taken], Days):
        days = days.joined(words[at + taken])  # type: ignore[union-attr,arg-type]  # both were just seen to be days
        taken += 1
    if not isinstance(days, Days):
        raise Unsure
    after = _name(words[at + taken]) if at + taken < len(words) else ""
    bracketed = at > 0 and _name(words[at - 1]) == "("
    if after == "off":
        reading.close(days)
        return taken + 1
    if after == "except":
        _except(reading, days)
        return taken + 1
    if after == "keeps":
        reading.kept.append(days)
        return taken + 1
    if reading.pending is not None:
        raise Unsure
    reading.pending = days
    if bracketed and after == ")" and at > 1 and _name(words[at - 2]) == "Times":
        reading.settle()
    return taken


def _except(reading: Reading, days: Days) -> None:
    """周一闭馆，节假日除外 is open on holidays, perhaps: not read."""
    if reading.rules and not reading.rules[-1].times:
        raise Unsure
    reading.close(days)


def _step_season(reading: Reading, word: Season) -> int:
    if reading.rules and reading.season is None:
        raise Unsure
    reading.settle()
    reading.season, reading.season_word = word, False
    return 1


def _step_mark(reading: Reading, words: Sequence[Word], at: int, after: Sequence[str]) -> int:
    name = _name(words[at])
    if name in ("(", ")"):
        return 1
    if name == "always":
        reading.always = True
        return 1
    if name == "weekend off":
        reading.close(Days(WEEKEND))
        return 1
    if name == "season" and not reading.season_word:
        follows = [_name(each) for each in words[at + 1 :] if _name(each) != "("]
        before = [_name(each) for each in words[:at] if _name(each) not in "()"]
        reading.season_word = (follows[:1] != ["Season"]) and (before[-1:] != ["Season"])
        if reading.season_word:
            raise Unsure
        return 1
    if name == "but" and after[:2] == ["Days", "outside"]:
        days = words[at + 1]
        if isinstance(days, Days):
            reading.close(days)
            return 3
    if name == "break" and after[0] == "Times":
        pause = words[at + 1]
        if isinstance(pause, Times):
            reading.pause(pause)
            return 2 + (after[1] == "off")
    raise Unsure
