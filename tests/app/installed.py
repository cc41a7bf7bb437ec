"""The wheel in two empty environments, as anybody installs it: the server alone, and with what
imports and analyses. Makes and installs packages for minutes: `make soak` runs it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from tests.papers import ROOT
from tests.served import answering

#: What the server alone may weigh, without pip, MB.
MOST_MB: Final = 480
#: What only `data` brings.
OF_DATA: Final = {"pandas", "geopandas", "pyarrow", "scipy"}
#: The program as a person types it, in an environment.
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def wheel() -> Path:
    """As `make wheel` makes it."""
    subprocess.run(["make", "wheel"], cwd=ROOT, check=True, capture_output=True)
    (made,) = (ROOT / "dist").glob("nuanfeng-1.*-py3-none-any.whl")
    return made


def installed(folder: Path, what: str) -> Path:
    """An empty environment with this in it, and nothing else."""
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder / "venv"], check=True)
    environ = {**os.environ, "VIRTUAL_ENV": str(folder / "venv")}
    subprocess.run([uv, "pip", "install", "-q", what], env=environ, check=True)
    return folder / "venv"


def weighs_mb(venv: Path) -> float:
    """Its packages, MB."""
    packages = next((venv / "lib").glob("python3.*")) / "site-packages"
    return sum(path.stat().st_size for path in packages.rglob("*") if path.is_file()) / 1e6


def has(venv: Path) -> set[str]:
    """The packages of frames that are there."""
    packages = next((venv / "lib").glob("python3.*")) / "site-packages"
    return {name for name in OF_DATA if (packages / name).is_dir()}


def environ_of(folder: Path) -> dict[str, str]:
    return {
        "NUANFENG_HOME": str(folder / "home"),
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
    }


def run(venv: Path, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [venv / "bin" / "nuanfeng", *words],
        cwd=folder,
        env=environ_of(folder),
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving(venv: Path, folder: Path, *words: str) -> Iterator[str]:
    """The address of `nuanfeng run`."""
    command = [venv / "bin" / "nuanfeng", "run", "--port", "0", "--workers", "1", *words]
    with answering(command, folder, environ_of(folder), folder / "log") as address:
        yield address


def nearest(address: str) -> dict[str, object]:
    asked = f"{address}/api/v1/nearest?lon=113.9645&lat=22.5405&k=1"
    with urlopen(asked) as answer:  # noqa: S310  # ours
        told: dict[str, object] = json.load(answer)
    return told


def test_the_server_alone_is_light_and_answers(
    wheel: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("a wheel installed", 1)
    venv = installed(tmp_path, str(wheel))
    weighs = weighs_mb(venv)
    print(f"the server alone: {weighs:.0f} MB")  # noqa: T201  # a figure for BENCHMARKS.md
    assert weighs <= MOST_MB
    assert not has(venv)
    with serving(venv, tmp_path) as address:
        assert nearest(address)["synthetic"] is True
        with urlopen(f"{address}/?lang=en") as page:  # noqa: S310  # ours
            assert page.status == 200
    refused = run(venv, tmp_path, "build")
    assert (refused.returncode, "nuanfeng[data]" in refused.stderr) == (1, True), refused
    doctor = run(venv, tmp_path, "doctor", "--port", "0", "--json")
    assert not [each for each in json.loads(doctor.stdout) if each["level"] == "fault"]


def test_with_data_a_table_is_imported_a_city_built_and_analysed(
    wheel: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("a wheel installed", 1)
    venv = installed(tmp_path, f"{wheel}[data]")
    print(f"with data: {weighs_mb(venv):.0f} MB")  # noqa: T201  # a figure for BENCHMARKS.md
    assert has(venv) == OF_DATA
    (tmp_path / "t.csv").write_text(
        "名称,经度,纬度\n站一,113.9512,22.5405\n站二,113.9402,22.5215\n", encoding="utf-8"
    )
    (tmp_path / "points.csv").write_text("lon,lat\n113.95,22.54\n114.05,22.54\n", encoding="utf-8")
    for words in (
        "import t.csv --dataset mine --kind warm_bee_station --datum wgs84 --publish",
        "build",
        "coverage points.csv --dataset demo --datum wgs84 --by district -o covered.csv",
    ):
        done = run(venv, tmp_path, *words.split())
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    with serving(venv, tmp_path, "--dataset", "mine") as address:
        assert nearest(address)["synthetic"] is False
