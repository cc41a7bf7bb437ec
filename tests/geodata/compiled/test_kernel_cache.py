"""Compiled code is that of the sources that are there, in every process and on every disk."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from geodata.compiled import kernel_cache

ROOT = Path(__file__).parents[3]
OLD_S = time.time() - 30 * 86_400

#: Metres by a kernel of index/spatial.py, into which one of space/tangent.py is inlined.
ASK = """
import json, sys
import numpy as np
from geodata.compiled import kernel_cache
from geodata.compiled import addresses
from geodata.index import spatial
none = np.empty((0, 3))
arrays = [np.zeros((4, 3)), none, none, np.array([[0.0, 3.0, 4.0]]), none, none, none,
          np.zeros(1, np.int32)]
rows = np.zeros(1, np.int32)
metres = spatial._metres(0.0, 0.0, rows, addresses(arrays))
hits = sum(spatial._metres.stats.cache_hits.values())
print(json.dumps({"metres": metres[0], "hits": hits, "folder": str(kernel_cache.folder())}))
"""
#: A kernel that is asked for as many types as there are processes.
TWICE = "from geodata.compiled import kernel\n@kernel\ndef twice(x):\n    return x + x\n"
TYPES = ("float64", "int32", "uint8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout of its own."""
    ignored = shutil.ignore_patterns("__pycache__", "raw", "*.png")
    shutil.copytree(ROOT / "geodata", tmp_path / "copy" / "geodata", ignore=ignored)
    return tmp_path / "copy"


def started(copy: Path, program: str, **environ: str) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=copy,
        env={**kept, "PYTHONPATH": str(copy), **environ},
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(copy: Path, cache: Path, program: str = ASK) -> Mapping[str, object]:
    process = started(copy, program, NUMBA_CACHE_DIR=str(cache))
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    told: Mapping[str, object] = json.loads(said)
    return told


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_hash_covers_all_that_a_kernel_can_see_and_no_more() -> None:
    sources = {
        "geodata": b"",
        "geodata.compiled": b"from geodata.errors import Fault\n",
        "geodata.errors": b"",
        "geodata.index": b"",
        "geodata.index.tree": b"from geodata.compiled import kernel\nimport geodata.estimate",
        "geodata.estimate": b"def f():\n    from geodata.space import (\n        boxes,\n    )\n",
        "geodata.space": b"",
        "geodata.space.boxes": b"import geodata.space.depth\n",
        "geodata.space.depth": b"",
        "geodata.sources.table": b"import geodata.index.tree\n",
    }
    assert kernel_cache.seen_by_kernels(sources) == sources.keys() - {"geodata.sources.table"}


def test_every_module_that_a_kernel_module_loads_is_in_the_hash() -> None:
    """What import statements say against what importing does, in a process of its own."""
    files = (ROOT / "geodata").rglob("*.py")
    sources = {kernel_cache._module(path): path.read_bytes() for path in files}
    holders = sorted(name for name in sources if b"geodata.compiled" in sources[name])
    program = (
        "import sys, importlib\n"
        f"for name in {holders}: importlib.import_module(name)\n"
        "print(*(name for name in sys.modules if name.partition('.')[0] == 'geodata'))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = set(loaded.stdout.split())
    assert len(names) > len(holders) > 10
    assert names <= kernel_cache.seen_by_kernels(sources)


def test_a_change_in_an_inlined_kernel_answers_at_once(copy: Path, tmp_path: Path) -> None:
    cache, inlined = tmp_path / "cache", copy / "geodata" / "space" / "tangent.py"
    first, again = ask(copy, cache), ask(copy, cache)
    assert (first["hits"], again["hits"], again["metres"]) == (0, 1, first["metres"])
    change(inlined, "math.sqrt(chord2)", "2.0 * math.sqrt(chord2)")
    changed = ask(copy, cache)
    assert changed["metres"] == pytest.approx(2.0 * float(str(first["metres"])), rel=1e-12)
    assert changed["folder"] != first["folder"]
    change(inlined, "2.0 * math.sqrt(chord2)", "math.sqrt(chord2)")
    assert ask(copy, cache) == again


def test_what_is_compiled_from_changed_sources_is_not_kept_under_the_old_name(
    copy: Path, tmp_path: Path
) -> None:
    cache, inlined = tmp_path / "cache", copy / "geodata" / "space" / "tangent.py"
    pulled = "open('geodata/space/tangent.py', 'a').write('# pulled meanwhile\\n')"
    ask(copy, cache, ASK.replace("rows =", f"{pulled}\nrows ="))
    change(inlined, "# pulled meanwhile\n", "")
    assert ask(copy, cache)["hits"] == 0


def test_folders_of_other_code_go_when_they_have_not_been_used_for_long(
    copy: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    there = [*(f"kernels-{number:016x}" for number in range(20)), "kernels-old", "somebody-elses"]
    for age, name in enumerate(there):
        (cache / name).mkdir(parents=True)
        (cache / name / "kernel.nbc").write_bytes(b"code")
        used = OLD_S if name in ("kernels-old", "somebody-elses") else time.time() - age
        os.utime(cache / name, (used, used))
    mine = Path(str(ask(copy, cache)["folder"])).name
    assert {path.name for path in cache.iterdir()} == {mine, "somebody-elses", *there[:7]}


@pytest.mark.parametrize("stated", ["NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "NUANFENG_HOME"])
def test_every_way_in_keeps_its_kernels_in_such_a_folder(
    copy: Path, tmp_path: Path, stated: str
) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "user"), stated: str(tmp_path / "here")}
    program = "from geodata.compiled import kernel_cache; print(kernel_cache.folder())"
    if stated == "NUANFENG_HOME":
        shutil.copytree(ROOT / "app", copy / "app", ignore=shutil.ignore_patterns("static"))
        program = f"from app import __main__ as way; way.settings\nimport os\n{MAIN}"
    said, _ = started(copy, program, **environ).communicate(timeout=120)
    below = {"NUANFENG_HOME": "cache/numba", "XDG_CACHE_HOME": "nuanfeng/numba"}.get(stated, "")
    assert Path(said.strip()).parent == tmp_path / "here" / below


#: The command line stops at its door, having said where kernels go.
MAIN = """
import sys
sys.argv = ["nuanfeng", "--version"]
sys.stdout = open(os.devnull, "w")
try:
    way.main()
except SystemExit:
    sys.stdout = sys.__stdout__
from geodata.compiled import kernel_cache
print(kernel_cache.folder())
"""


def test_a_disk_that_takes_nothing_costs_time_and_no_answer(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    process = started(
        copy, ASK, NUMBA_CACHE_DIR=str(tmp_path / "file"), XDG_CACHE_HOME=str(tmp_path / "file")
    )
    told = json.loads(process.communicate(timeout=300)[0])
    assert told["folder"] == "None"
    assert told["metres"] > 0.0


def test_what_cannot_be_written_is_read_and_what_is_damaged_is_made_anew(
    copy: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    first = ask(copy, cache)
    kept = Path(str(first["folder"]))
    (kept / "lock").unlink()
    (kept / "lock").mkdir()  # as refusing as a read-only disk is, to the administrator, too
    assert ask(copy, cache)["hits"] == 1
    for path in (*kept.rglob("*.nbc"), *kept.rglob("*.nbi")):
        path.write_bytes(b"")
    assert ask(copy, cache) == first
    (kept / "lock").rmdir()
    assert [ask(copy, cache)["hits"] for _ in range(2)] == [0, 1]


def test_processes_that_compile_the_same_kernel_at_once_lose_and_mix_nothing(
    copy: Path, tmp_path: Path
) -> None:
    (copy / "geodata" / "twice.py").write_text(TWICE)
    program = (
        "import numpy as np, sys; from geodata.twice import twice\n"
        "for t in {0!r}: x = getattr(np, t)(3); print(twice(x), flush=True)\n"
        "print(sum(twice.stats.cache_hits.values()))"
    )
    environ = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    many = [started(copy, program.format([each]), **environ) for each in TYPES * 2]
    for process in many:
        assert float(process.communicate(timeout=300)[0].split()[0]) == 6.0
    said, _ = started(copy, program.format(TYPES), **environ).communicate(timeout=300)
    assert [float(word) for word in said.split()] == [6.0, 6.0, 6.0, len(TYPES)]
