"""What commands say on a terminal, in its language: sentences, tables, a bar.

What is to be translated comes as `Said`; every other text is printed as it is.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Table
from rich.text import Text

from app.words import Language, of_locale, say, translated
from geodata.errors import BadTable, NuanfengError, Reject, Said, UnreadableFile, why_of

P = ParamSpec("P")

#: Rows printed of a list; the rest are counted.
SHOWN: Final = 20

#: Columns of what goes into a file or another command, where no window sets them.
_UNBOUND: Final = 200

out: Final = Console(highlight=False, width=None if sys.stdout.isatty() else _UNBOUND)
err: Final = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _UNBOUND)


_stated: Final[ContextVar[Language | None]] = ContextVar("stated", default=None)


#: Takes each sentence in place of the terminal, and whether it is no answer but a warning.
Telling = Callable[[str, bool], None]
_telling: Final[ContextVar[Telling | None]] = ContextVar("telling", default=None)


@contextmanager
def telling(to: Telling | None) -> Iterator[None]:
    """Tell all to a log; None: the terminal."""
    before = _telling.set(to)
    try:
        yield
    finally:
        _telling.reset(before)


@contextmanager
def speaking(stated: Language | None) -> Iterator[None]:
    """Speak the language that --lang states; None: that of the locale."""
    before = _stated.set(stated)
    try:
        yield
    finally:
        _stated.reset(before)


def language() -> Language:
    """What the terminal speaks."""
    return _stated.get() or of_locale(os.environ)


def stated_language() -> Language | None:
    """What --lang states; None: nothing."""
    return _stated.get()


def language_of_files() -> Language:
    """What files speak that go back to an office: Chinese, unless --lang states another."""
    return _stated.get() or Language.CHINESE


def spoken(text: str) -> str:
    """A sentence in the terminal's language; other text as it is."""
    return translated(language(), text)


def tell(message: str, /, **values: object) -> None:
    """A sentence of an answer or a report, with its values."""
    _print(out, message, values)


def warn(message: str, /, **values: object) -> None:
    """A sentence that is no answer, beside what another program may read."""
    _print(err, message, values)


def fail(fault: NuanfengError) -> None:
    """Why a command could not do what it was asked for."""
    _write(err, f"nuanfeng: {spoken(fault.said)}")


def _print(console: Console, message: str, values: Mapping[str, object]) -> None:
    said = message if isinstance(message, Said) else Said(message, **values)
    _write(console, spoken(said))


def _write(console: Console, text: str) -> None:
    to = _telling.get()
    if to:
        to(text, console is err)
    else:
        console.print(text, markup=False, soft_wrap=True)


def in_sentences(command: Callable[P, None]) -> Callable[P, None]:
    """A refusal is one sentence and exit code 1, never a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BadTable as fault:
            rejects(fault.rejects)
            fail(fault)
            sys.exit(1)
        except NuanfengError as fault:
            fail(fault)
            sys.exit(1)

    return run


@contextmanager
def told_once(refused: Sequence[Reject]) -> Iterator[None]:
    """Rows that a report has told are not told again where they are why a command stops."""
    try:
        yield
    except BadTable as fault:
        if fault.rejects == tuple(refused):
            fault.rejects = ()
        raise


#: Who else hears how far something is: a job, which has no terminal.
_listening: Final[ContextVar[Callable[..., None] | None]] = ContextVar("listening", default=None)


@contextmanager
def progress_to(heard: Callable[..., None]) -> Iterator[None]:
    """Tell somebody else, too, what is done and of how much, in all that is done within."""
    before = _listening.set(heard)
    try:
        yield
    finally:
        _listening.reset(before)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, nothing in a log.

    It is told what is done, and, where that shows later, of how much.
    """
    columns = (TextColumn("{task.description}"), BarColumn(30), _Done(), _Clock())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(spoken(what if isinstance(what, Said) else Said(what)), total=total)
        also = _listening.get()

        def heard(done: int, of: int | None = total) -> None:
            bar.update(task, completed=done, total=of)
            if also:
                also(done, of)

        yield heard


class _Done(ProgressColumn):
    """How much is done, and of how much; nothing where nobody counts."""

    def __init__(self) -> None:
        super().__init__()
        self._language = language()  # of this thread: rich draws in another

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text(f"{task.completed:,.0f}" if task.completed else "")
        done, of = task.completed, task.total
        return Text(say(self._language, "{done:,.0f} of {of:,.0f}", done=done, of=of))


class _Clock(ProgressColumn):
    """How long it will still take, or where nobody knows, how long it has taken."""

    def __init__(self) -> None:
        super().__init__()
        self._language = language()

    def render(self, task: Task) -> Text:
        left_s = task.time_remaining
        if left_s is None:
            elapsed = _minutes(task.elapsed or 0.0)
            return Text(say(self._language, "{time} so far", time=elapsed), style="dim")
        return Text(say(self._language, "{time} left", time=_minutes(left_s)), style="dim")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def pairs(known: Mapping[str, Any]) -> None:
    """Names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    for key, value in known.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        table.add_row(Text(spoken(key)), Text(spoken(value) if isinstance(value, Said) else shown))
    out.print(table)


def pairs_of(texts: Sequence[str], option: str) -> dict[str, str]:
    """The values of an option such as --map BEFORE=AFTER. Raises click.BadParameter."""
    parts = [text.rpartition("=") for text in texts]
    for before, equals, after in parts:
        if not (before and equals and after):
            message = "{option} takes BEFORE=AFTER, not {text!r}"
            raise click.BadParameter(Said(message, option=option, text=before + equals + after))
    return {before: after for before, _, after in parts}


def write(path: Path, body: bytes) -> None:
    """A report into a file. Raises UnreadableFile where it cannot be written."""
    try:
        path.write_bytes(body)
    except OSError as fault:
        raise UnreadableFile(
            "{file} cannot be written: {why}", file=path, why=why_of(fault)
        ) from None


def rows(
    title: str, headings: Sequence[str], lines: Sequence[Sequence[str]], console: Console = out
) -> None:
    """A table of at most SHOWN lines, and how many more there are.

    Cells are text: no cell can style the terminal.
    """
    if not lines:
        return
    table = Table(*map(spoken, headings), title=Text(spoken(title)), title_justify="left")
    for line in lines[:SHOWN]:
        table.add_row(*map(Text, map(spoken, line)))
    console.print(table)
    if len(lines) > SHOWN:
        _print(console, Said("… and {count:,} more", count=len(lines) - SHOWN), {})


def rejects(refused: Sequence[Reject]) -> None:
    """Refused rows: where, what, why."""
    lines = [(each.source, str(each.row), each.column, each.value, each.reason) for each in refused]
    rows(
        Said("{count:,} refused", count=len(refused)),
        (Said("file"), Said("row"), Said("column"), Said("value"), Said("why, and what to do")),
        lines,
        err,
    )
