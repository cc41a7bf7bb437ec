"""What commands say on a terminal: sentences, tables, a bar. Knows no command."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, ParamSpec

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from geodata.errors import BadTable, NuanfengError, Reject

P = ParamSpec("P")

#: Rows printed of a list; the rest are counted.
SHOWN: Final = 20

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)


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
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing in a log."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def rejects(refused: Sequence[Reject]) -> None:
    """Refused rows: where, what, why."""
    if not refused:
        return
    table = Table("row", "column", "value", "why", title=f"{len(refused)} refused", title_justify="left")
    for reject in refused[:SHOWN]:
        table.add_row(str(reject.row), reject.column, reject.value, reject.reason)
    err.print(table)
    if len(refused) > SHOWN:
        err.print(f"… and {len(refused) - SHOWN} more")


def pairs(known: Mapping[str, Any]) -> None:
    """Names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    for key, value in known.items():
        table.add_row(key, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
    out.print(table)
