"""A small chart parser that keeps every way of reading.

A rule takes the chart and a position, and gives every end it can reach with what it read there.
Results are kept per rule and position, and alike ones are one, so that work stays small. Knows no
words.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from geodata.sources.hours_text.letters import Unsure

Found = tuple[int, Any]
Grammar = Callable[["Chart", int], Iterable[Found]]

#: More ways than this to read one stretch: nobody can say what it means.
_MOST_WAYS: Final = 48


class Chart:
    """One text, and what has been found in it. `furthest` is how far any word reached."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.furthest = 0
        self._known: dict[tuple[Grammar, int], tuple[Found, ...]] = {}

    def at(self, rule: Grammar, position: int) -> tuple[Found, ...]:
        """Every way in which the rule reads on from a position. Raises Unsure beyond a bound."""
        key = (rule, position)
        if key not in self._known:
            ways = tuple(dict.fromkeys(rule(self, position)))
            if len(ways) > _MOST_WAYS:
                raise Unsure("it can be read in too many ways; write it in shorter sentences")
            self._known[key] = ways
        return self._known[key]

    def reached(self, position: int) -> None:
        """A word ended here."""
        self.furthest = max(self.furthest, position)


def word(pattern: str, value: Any = None) -> Grammar:
    """The longest match of a pattern; `value` is what it means, or makes that of the match."""
    compiled = re.compile(pattern)

    def read(chart: Chart, at: int) -> Iterator[Found]:
        if found := compiled.match(chart.text, at):
            chart.reached(found.end())
            yield found.end(), value(found) if callable(value) else value

    return read


def words(meanings: Mapping[str, Any]) -> Grammar:
    """Every one of these words that stands here, long or short."""

    def read(chart: Chart, at: int) -> Iterator[Found]:
        for each, meaning in meanings.items():
            if chart.text.startswith(each, at):
                chart.reached(at + len(each))
                yield at + len(each), meaning

    return read


def seq(*rules: Grammar, into: Callable[..., Any] | None = None) -> Grammar:
    """One after the other; `into` makes one value of theirs, and None of what cannot be."""

    def read(chart: Chart, at: int) -> Iterator[Found]:
        for end, values in _run(chart, at, rules):
            made = into(*values) if into else values
            if made is not None:
                yield end, made

    return read


def _run(
    chart: Chart, at: int, rules: tuple[Grammar, ...]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if not rules:
        yield at, ()
        return
    for middle, value in chart.at(rules[0], at):
        for end, rest in _run(chart, middle, rules[1:]):
            yield end, (value, *rest)


def alt(*rules: Grammar) -> Grammar:
    """Any of them: all that fit are kept."""

    def read(chart: Chart, at: int) -> Iterator[Found]:
        for rule in rules:
            yield from chart.at(rule, at)

    return read


def opt(rule: Grammar) -> Grammar:
    """With it (wherever it fits) or without: both are kept; None without."""

    def read(chart: Chart, at: int) -> Iterator[Found]:
        yield at, None
        yield from chart.at(rule, at)

    return read


def chain(rule: Grammar, link: Grammar) -> Grammar:
    """One or more with links between them, as a tuple; every length is kept."""

    def read(chart: Chart, at: int) -> Iterator[Found]:
        for end, first in chart.at(rule, at):
            yield end, (first,)
            for middle, _ in chart.at(link, end):
                for last, rest in chart.at(read, middle):
                    yield last, (first, *rest)

    return read
