"""`nuanfeng run` as a process of its own, for clients that hold this one's lock."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.patience import PATIENCE_S

ROOT: Final = Path(__file__).parent.parent


@contextmanager
def served(
    home: Path, *options: str, workers: int = 1, log: Path = Path(os.devnull)
) -> Iterator[str]:
    """The address of a server over the demo dataset of `home`, stopped at the end.

    What it says to nobody in particular is written to `log`.
    """
    command = [sys.executable, "-m", "app", "run", "--port", "0"]
    command += ["--workers", str(workers), *options]
    environ = {**os.environ, "NUANFENG_HOME": str(home), "NUANFENG_DATASET": "demo"}
    with answering(command, ROOT, environ, log) as address:
        yield address


@contextmanager
def answering(
    command: Sequence[str | Path], cwd: Path, environ: Mapping[str, str], log: Path
) -> Iterator[str]:
    """The address at which a command says that it answers; it is stopped at the end."""
    with (
        log.open("w", encoding="utf-8") as heard,
        subprocess.Popen(
            command, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=heard, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            said = next((line for line in server.stdout if "answers at" in line), "it said nothing")
            found = re.search(r"http://[0-9.]+:\d+", said)
            assert found, said
            yield found[0]
        finally:
            server.terminate()
            rest, _ = server.communicate(timeout=PATIENCE_S)
            heard.write(said + rest)
