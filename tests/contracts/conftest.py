"""The page's own modules, run outside a page."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODULES = HERE.parent.parent / "app" / "static" / "js"


@pytest.fixture(scope="session")
def on_the_phone() -> Callable[[str, str, Any], Any]:
    """Hand JSON to a script here that uses a module of the page, by Node as npm's package brings it."""
    beside = Path(sys.executable).parent / "node"
    node = str(beside) if beside.exists() else shutil.which("node")
    if node is None:
        pytest.skip("there is no node beside this Python; `make test` installs it")

    def run(script: str, module: str, given: Any) -> Any:
        answer = subprocess.run(
            [node, str(HERE / script), str(MODULES / module)], input=json.dumps(given), capture_output=True, text=True,
            check=False, timeout=120, env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return run
