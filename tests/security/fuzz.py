"""`python -m tests.security.fuzz`: bytes that atheris makes up, by what code they reach, go through
the doors that read people's texts and files. A door refuses in a sentence or gives a value.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from geodata.errors import NuanfengError
from tests.security.doors import DOORS, open_door

USUAL_S: Final = 60


def main() -> None:
    """One door for some seconds, or all in turn, each in a process of its own."""
    asked = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=__doc__)
    asked.add_argument("doors", nargs="*", metavar="door", help=f"of {', '.join(DOORS)}; all")
    asked.add_argument("--seconds", type=int, default=USUAL_S, help="of each door; default 60")
    told = asked.parse_args()
    names = told.doors or list(DOORS)
    if unknown := set(names) - {*DOORS}:
        asked.error(f"there is no door {min(unknown)!r}; there are {', '.join(DOORS)}")
    if len(names) == 1:
        _one(names[0], told.seconds)
        return
    for name in names:
        command = [sys.executable, "-m", "tests.security.fuzz", name, f"--seconds={told.seconds}"]
        subprocess.run(command, check=True)


def _one(name: str, seconds: int) -> None:
    import atheris

    atheris.instrument_all()
    with tempfile.TemporaryDirectory(prefix="nuanfeng-fuzz-") as folder:
        door = open_door(name, Path(folder))

        def once(data: bytes) -> None:
            with contextlib.suppress(NuanfengError):
                door(data)

        limits = [f"-max_total_time={seconds}", "-max_len=2000", "-rss_limit_mb=4000"]
        atheris.Setup([sys.argv[0], *limits], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
