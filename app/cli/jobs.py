"""`nuanfeng job run | list`: work of the desk that a process of its own does."""

import signal
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from app.cli import terminal
from app.cli.commands import Group
from app.cli.options import DATASET
from app.cli.voice import chosen_of, opened
from app.words import Language, translated
from geodata.errors import BadTable, NuanfengError, Said

if TYPE_CHECKING:
    from app.cli.table_jobs import Came
    from app.desk.leases import Lease
    from app.settings import Settings

#: Fields that somebody decides on at once: a form has room for no more.
_MOST_DECIDED: Final = 400
#: Jobs that `nuanfeng job list` tells of.
_SHOWN: Final = 50


@click.group(cls=Group)
def job() -> None:
    """The jobs of the desk: tables that are examined and published, edits, what is taken back.

    Servers begin them by themselves.
    """


@job.command("list", epilog="Example:  nuanfeng job list --dataset mine")
@DATASET
@terminal.in_sentences
def list_(dataset: str | None) -> None:
    """List the newest jobs: of whom, how each stands, and how far it is."""
    from app.db import jobs as stored

    with opened(dataset) as (_, database), database.reading() as connection:
        found = stored.newest(connection, _SHOWN)
    headings = (Said("id"), Said("what"), Said("by"), Said("when"), Said("state"))
    lines = [
        (each.id, each.kind, each.by, f"{each.made_at.astimezone():%Y-%m-%d %H:%M}", each.state)
        for each in found
    ]
    terminal.rows(Said("{count:,} jobs", count=len(lines)), headings, lines)


@job.command(epilog="Example:  nuanfeng job run 3f9a2c1d77aa --dataset mine")
@click.argument("job_id", metavar="ID")
@DATASET
@terminal.in_sentences
def run(job_id: str, dataset: str | None) -> None:
    """Do a job that nobody is at. One that a process left in the middle is begun again."""
    from app.desk import leases

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the server's terminal; jobs are cancelled
    with opened(dataset) as (_, database):
        lease = leases.take(database, job_id)
        if lease is None:
            terminal.tell("Job {id} is over, or another process is at it.", id=job_id)
            return
        with lease.beating(), terminal.progress_to(lease.heard):
            _done(lease, chosen_of(dataset))


def _done(lease: "Lease", chosen: "Settings") -> None:
    """Do it, and write how it ended."""
    from app.cli import table_jobs
    from app.db.jobs import JobState
    from app.desk.leases import JobCancelled, JobLost

    kinds: Mapping[str, Callable[[Lease, Settings], Came]] = table_jobs.KINDS
    try:
        came = kinds[lease.job.kind](lease, chosen)
    except JobCancelled as fault:
        lease.end(JobState.CANCELLED, _fault(fault))
    except JobLost as fault:
        terminal.fail(fault)
    except NuanfengError as fault:
        lease.end(JobState.FAILED, _fault(fault), table_jobs.headings_of(lease, chosen))
    else:
        lease.end(JobState.DONE, came.outcome, came.files)


def _fault(fault: NuanfengError) -> dict[str, Any]:
    from geodata.pipeline.edits import Contradicted

    rejects = fault.rejects[:200] if isinstance(fault, BadTable) else ()
    told = fault.contradictions[:_MOST_DECIDED] if isinstance(fault, Contradicted) else ()
    return {
        "contradictions": [msgspec.to_builtins(each) for each in told],
        "fault": {str(each): translated(each, fault.said) for each in Language},
        "rejects": [
            {
                "row": each.row,
                "column": each.column,
                "value": each.value,
                "reason": {str(one): translated(one, each.reason) for one in Language},
            }
            for each in rejects
        ],
    }
