"""Every example of README.md and app/README.md, run as it stands against a served demo city."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = "http://127.0.0.1:8000"
#: A page's script speaks to the page's own host; outside a page there is none.
ABSOLUTE = (
    "const ours = globalThis.fetch; globalThis.fetch = (url) => ours(new URL(url, {base!r}));\n"
)


def texts() -> dict[str, str]:
    return {
        name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "app/README.md")
    }


def blocks(language: str) -> list[str]:
    return [
        block
        for text in texts().values()
        for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    ]


CURLS = [line for text in texts().values() for line in re.findall(r"^curl .*$", text, re.MULTILINE)]


def test_the_readmes_have_examples_of_all_three() -> None:
    assert len(CURLS) >= 8
    assert blocks("python")
    assert blocks("js")


@pytest.mark.parametrize("line", CURLS)
def test_a_curl_example_answers(served_demo: str, line: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here; apt-get install curl")
    command = [
        *shlex.split(line.replace(TOLD, served_demo)),
        "--fail",
        "--silent",
        "--show-error",
        "-o",
        "/dev/null",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_example_runs_and_prints(served_demo: str, block: str) -> None:
    command = [sys.executable, "-c", block.replace(TOLD, served_demo)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip()


@pytest.mark.parametrize("block", blocks("js"))
def test_a_script_example_runs(served_demo: str, block: str, tmp_path: Path) -> None:
    beside = Path(sys.executable).parent / "node"
    node = str(beside) if beside.exists() else shutil.which("node")
    if node is None:
        pytest.skip("there is no node beside this Python; `make test` installs it")
    script = tmp_path / "example.mjs"
    script.write_text(ABSOLUTE.format(base=served_demo) + block, encoding="utf-8")
    answer = subprocess.run(
        [node, str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
