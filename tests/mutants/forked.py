"""A process that has read what others wrote (numpy, pandas, pytest, ...) and forks a child for each
run of tests: a mutant costs what its tests cost, not what their imports cost.

`python -m tests.mutants.forked` in the copy of the tree reads an order a line and says how it went.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final

import pytest

#: What tests and the product import of others.
_READY: Final = (
    "alembic.command",
    "flask",
    "geopandas",
    "hypothesis.extra.numpy",
    "msgspec",
    "numba",
    "openpyxl",
    "osmium",
    "polars",
    "pyarrow.parquet",
    "pyogrio",
    "scipy.spatial",
    "sqlalchemy.orm",
    "werkzeug.test",
    "xlsxwriter",
)
_STEP_S: Final = 0.05


def serve() -> None:
    """Do as each line says, until there is no more."""
    for name in _READY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(f"{json.dumps({'ended': _run(asked)})}\n")
        sys.stdout.flush()


def _run(asked: dict[str, Any]) -> int | None:
    """What pytest returned; nothing where it was stopped."""
    child = os.fork()
    if not child:
        os.setsid()
        code = 99
        try:
            code = _tests(asked)
        except Exception:  # noqa: BLE001  # the child tells it and ends, whatever it was
            traceback.print_exc()
        finally:
            os._exit(code)
    until = time.monotonic() + asked["most_s"]
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_STEP_S)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _tests(asked: dict[str, Any]) -> int:
    from tests.mutants.reach import Only, Reach

    told = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(told, 1)
    os.dup2(told, 2)
    known = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what was imported before
    command = ["-q", "-p", "no:cacheprovider", *known, *asked["paths"]]
    if asked["reach"]:
        reach = Reach(Path.cwd())
        code = pytest.main(command, plugins=[reach])
        Path(asked["reach"]).write_text(json.dumps(reach.found()), encoding="utf-8")
    elif asked["only"]:
        code = pytest.main(["-x", *command], plugins=[Only(asked["only"])])
    else:
        code = pytest.main(command)
    sys.stdout.flush()
    return int(code)


if __name__ == "__main__":
    serve()
