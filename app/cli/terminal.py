"""What commands say on a terminal: sentences, tables, a bar."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Table
from rich.text import Text

from geodata.errors import BadTable, NuanfengError, Reject, UnreadableFile

P = ParamSpec("P")

#: Rows printed of a list; the rest are counted.
SHOWN: Final = 20

#: Columns of what goes into a file or another command, where no window sets them.
_UNBOUND: Final = 200

out: Final = Console(highlight=False, width=None if sys.stdout.isatty() else _UNBOUND)
err: Final = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _UNBOUND)


def in_sentences(command: Callable[P, None]) -> Callable[P, None]:
    """A refusal is one sentence and exit code 1, never a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BadTable as fault:
            rejects(fault.rejects)
            err.print(f"nuanfeng: {fault}", markup=False)
            sys.exit(1)
        except NuanfengError as fault:
            err.print(f"nuanfeng: {fault}", markup=False)
            sys.exit(1)

    return run


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, nothing in a log.

    It is told what is done, and, where that shows later, of how much.
    """
    columns = (TextColumn("{task.description}"), BarColumn(30), _Done(), _Clock())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, of=total: bar.update(task, completed=done, total=of)


class _Done(ProgressColumn):
    """How much is done, and of how much; nothing where nobody counts."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text(f"{task.completed:,.0f}" if task.completed else "")
        return Text(f"{task.completed:,.0f} of {task.total:,.0f}")


class _Clock(ProgressColumn):
    """How long it will still take, or where nobody knows, how long it has taken."""

    def render(self, task: Task) -> Text:
        left_s = task.time_remaining
        told = (
            f"{_minutes(task.elapsed or 0.0)} so far"
            if left_s is None
            else f"{_minutes(left_s)} left"
        )
        return Text(told, style="dim")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def pairs(known: Mapping[str, Any]) -> None:
    """Names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    for key, value in known.items():
        table.add_row(
            key, Text(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        )
    out.print(table)


def pairs_of(texts: Sequence[str], option: str) -> dict[str, str]:
    """The values of an option such as --map BEFORE=AFTER. Raises click.BadParameter."""
    parts = [text.rpartition("=") for text in texts]
    for before, equals, after in parts:
        if not (before and equals and after):
            raise click.BadParameter(
                f"{option} takes BEFORE=AFTER, not {before + equals + after!r}"
            )
    return {before: after for before, _, after in parts}


def write(path: Path, body: bytes) -> None:
    """A report into a file. Raises UnreadableFile where it cannot be written."""
    try:
        path.write_bytes(body)
    except OSError as fault:
        raise UnreadableFile(f"{path} cannot be written: {fault.strerror}") from None


def rows(
    title: str, headings: Sequence[str], lines: Sequence[Sequence[str]], console: Console = out
) -> None:
    """A table of at most SHOWN lines, and how many more there are.

    Cells are text: no cell can style the terminal.
    """
    if not lines:
        return
    table = Table(*headings, title=title, title_justify="left")
    for line in lines[:SHOWN]:
        table.add_row(*map(Text, line))
    console.print(table)
    if len(lines) > SHOWN:
        console.print(f"… and {len(lines) - SHOWN:,} more")


def rejects(refused: Sequence[Reject]) -> None:
    """Refused rows: where, what, why."""
    lines = [(each.source, str(each.row), each.column, each.value, each.reason) for each in refused]
    rows(
        f"{len(refused):,} refused",
        ("file", "row", "column", "value", "why, and what to do"),
        lines,
        err,
    )
