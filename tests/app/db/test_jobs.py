"""Jobs outlive the processes that do them: a lease runs out, and another process begins anew."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from app.db import jobs
from app.db.database import Database
from app.db.jobs import JobState, StoredJob
from app.desk import leases
from app.desk.leases import JobCancelled, JobLost, Lease
from app.desk.roles import CITY

NOW = datetime.now(UTC)
SHORT = timedelta(milliseconds=200)
#: A process that holds a job, says so, and never ends.
HOLDS = """
import sys, threading
from datetime import timedelta
from app.db.database import Database
from app.desk import leases
lease = leases.take(Database(sys.argv[1]), sys.argv[2], timedelta(seconds=1))
with lease.beating(0.1):
    print("mine", flush=True)
    threading.Event().wait()
"""


def waiting(database: Database, kind: str = "examine") -> StoredJob:
    made = leases.new_job(kind, CITY, {"upload": "u"}, "wang", NOW)
    database.write(lambda connection: jobs.add(connection, made))
    return made


def held(database: Database, job_id: str) -> StoredJob:
    with database.reading() as connection:
        found = jobs.get(connection, job_id)
    assert found
    return found


def taken(database: Database, job_id: str) -> Lease:
    found = leases.take(database, job_id)
    assert found
    return found


def test_a_job_is_done_by_one_process(database: Database) -> None:
    made = waiting(database)
    lease = taken(database, made.id)
    assert leases.take(database, made.id) is None
    lease.heard(3, 10)
    lease.beat()
    assert lease.end(JobState.DONE, {"rows": 3}, {"report": b"x"})
    now = held(database, made.id)
    assert (now.state, now.outcome, now.done, now.total, now.turn) == (
        *("done", {"rows": 3}, 3, 10, 1),
    )
    with database.reading() as connection:
        assert jobs.file(connection, made.id, "report") == b"x"
        assert jobs.free(connection, datetime.now(UTC)) is None


def test_the_newest_list_of_each_layer_is_found_however_many_jobs_follow(
    database: Database,
) -> None:
    def ended(layer: str, state: JobState, body: bytes, kind: str = "examine") -> str:
        made = waiting(database, kind)
        files = {"waiting": body, "report": b"r"} if body else {}
        assert taken(database, made.id).end(state, {"layer": layer} if layer else {}, files)
        return made.id

    ended("南头街道", JobState.DONE, b"old")
    nantou = ended("南头街道", JobState.DONE, b"new")
    bare = ended('a "b" 街道', JobState.DONE, b"")
    ended("南头街道", JobState.FAILED, b"failed")
    ended("", JobState.DONE, b"of no layer")
    ended("南头街道", JobState.DONE, b"published", "publish")
    other = leases.new_job("edits", CITY, {}, "wang", NOW)
    many = [other._replace(id=f"e-{number}", state=JobState.DONE) for number in range(250)]
    database.write(lambda connection: [jobs.add(connection, each) for each in many])
    with database.reading() as connection:
        found = jobs.newest_of_layers(connection, "examine", "waiting")
    assert [(job.id, body) for job, body in found] == [(bare, None), (nantou, b"new")]
    assert [job.outcome["layer"] for job, _ in found] == ['a "b" 街道', "南头街道"]


def test_jobs_are_begun_in_the_order_in_which_they_were_asked_for(database: Database) -> None:
    first, second = waiting(database), waiting(database)
    with database.reading() as connection:
        assert jobs.free(connection, NOW) == first.id
    taken(database, first.id)
    with database.reading() as connection:
        assert jobs.free(connection, NOW) == second.id


def test_who_lost_a_job_writes_nothing_of_it(database: Database) -> None:
    made = waiting(database)
    lost = leases.take(database, made.id, timedelta(seconds=-1))
    assert lost
    now = taken(database, made.id)
    assert now.job.turn == 2
    with pytest.raises(JobLost):
        lost.require()
    assert not lost.end(JobState.DONE, {"rows": 1}, {"report": b"old"})
    assert now.end(JobState.DONE, {"rows": 2}, {"report": b"new"})
    assert held(database, made.id).outcome == {"rows": 2}


def test_a_job_is_cancelled_before_it_is_begun_and_in_the_middle(database: Database) -> None:
    before, middle = waiting(database), waiting(database)
    for each in (before,):
        database.write(lambda connection, each=each: jobs.cancel(connection, each.id, NOW))
    assert held(database, before.id).state == JobState.CANCELLED
    lease = taken(database, middle.id)
    database.write(lambda connection: jobs.cancel(connection, middle.id, NOW))
    with pytest.raises(JobCancelled):
        lease.require()
    with pytest.raises(JobCancelled):
        lease.heard(1)


def test_a_job_that_ends_every_process_is_given_up(database: Database) -> None:
    made = waiting(database)
    for _ in range(jobs.MOST_TURNS):
        assert leases.take(database, made.id, timedelta(seconds=-1))
    assert leases.take(database, made.id) is None
    now = held(database, made.id)
    assert (now.state, now.outcome) == (JobState.FAILED, {"gave_up": jobs.MOST_TURNS})


def test_a_killed_process_loses_its_job_to_another(database: Database) -> None:
    made = waiting(database)
    address = database.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, address, made.id], stdout=subprocess.PIPE
    )
    assert child.stdout
    with child, child.stdout:
        assert child.stdout.readline() == b"mine\n"
        assert leases.take(database, made.id) is None
        os.kill(child.pid, signal.SIGKILL)
    end = datetime.now(UTC) + timedelta(seconds=30)
    while (again := leases.take(database, made.id)) is None:
        assert datetime.now(UTC) < end
    assert again.job.turn == 2
    assert again.end(JobState.DONE, {}, {})
