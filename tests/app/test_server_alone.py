"""An install of the server alone: no library of frames, a frozen demo city, and a sentence for what
wants more.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from app.__main__ import OF_DATA
from tests.papers import ROOT
from tests.patience import PATIENCE_S

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Runs the program as if it were installed without `data`, and with a frozen city at argv[1].
ALONE: Final = textwrap.dedent("""
    import importlib.abc, sys
    from pathlib import Path

    class Without(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name.partition(".")[0] in gone:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    import app.__main__ as program
    gone, frozen = program.OF_DATA, sys.argv.pop(1)
    sys.meta_path.insert(0, Without())
    import importlib.util
    there = importlib.util.find_spec
    importlib.util.find_spec = lambda name: None if name.partition(".")[0] in gone else there(name)
    from app.cli import serve
    serve._FROZEN = Path(frozen)
    program.main()
    """)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!;\\[ ]", each)[0] for each in requirements}


def test_what_a_server_needs_and_what_data_adds_are_two_lists() -> None:
    base, data = names(PROJECT["dependencies"]), names(PROJECT["optional-dependencies"]["data"])
    assert not base & data
    assert not {"pandas", "geopandas", "pyarrow", "scipy"} & base
    imported = importlib.metadata.packages_distributions()
    assert {dist.lower() for name in OF_DATA for dist in imported[name]} == data


def alone(home: Path, frozen: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ALONE, str(frozen), *arguments],
        cwd=ROOT,
        env={
            "NUANFENG_HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],  # what other tests compiled
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def frozen(demo_home: Path, tmp_path: Path) -> Path:
    """As `make wheel` puts it beside the program."""
    folder = tmp_path / "frozen"
    shutil.copytree(demo_home / "datasets" / "demo", folder / "datasets" / "demo")
    return folder


def test_a_server_alone_answers_from_the_frozen_city(tmp_path: Path, frozen: Path) -> None:
    home = tmp_path / "home"
    with alone(home, frozen, "run", "--port", "0", "--workers", "1") as server:
        try:
            assert server.stdout is not None
            said = next((line for line in server.stdout if "answers at" in line), "")
            found = re.search(r"http://[0-9.]+:\d+", said)
            assert found, server.communicate(timeout=PATIENCE_S)
            asked = f"{found[0]}/api/v1/nearest?lon=113.9645&lat=22.5405&k=1&open=now"
            with urlopen(asked) as answer:  # noqa: S310  # ours
                told = json.load(answer)
            for path in ("/", "/limits", "/api/v1/search?q=%E9%A9%9B%E7%AB%99", "/letters"):
                with urlopen(found[0] + path) as page:  # noqa: S310  # ours
                    assert page.status == 200
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE_S)
    assert (told["synthetic"], len(told["features"])) == (True, 1)


def test_a_command_that_wants_more_says_what_to_install(tmp_path: Path, frozen: Path) -> None:
    (tmp_path / "t.csv").write_text("名称,经度,纬度\n站,113.9,22.5\n", encoding="utf-8")
    for arguments in (
        ("build",),
        ("import", str(tmp_path / "t.csv"), "--dataset", "mine", "--datum", "wgs84"),
    ):
        with alone(tmp_path / "home", frozen, *arguments) as ended:
            _, told = ended.communicate(timeout=PATIENCE_S)
        assert (ended.returncode, "nuanfeng[data]" in told) == (1, True), told
        assert "Traceback" not in told


def test_without_a_frozen_city_it_says_so(tmp_path: Path) -> None:
    with alone(tmp_path / "home", tmp_path / "none", "run", "--port", "0") as ended:
        _, told = ended.communicate(timeout=PATIENCE_S)
    assert (ended.returncode, "nuanfeng[data]" in told) == (1, True), told
