"""A copy of the tree in which one mutant stands at a time, and the tests that it is shown."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from geodata.compiled import kernel_cache
from tests.conftest import data_folder
from tests.mutants.changes import ROOT, Mutant

#: Of each room the tests that should notice. What Python alone runs comes first: it is tried fast.
ROOMS: Final[Mapping[str, tuple[str, ...]]] = {
    "geodata/sources": ("tests/geodata/sources",),
    "app/request": ("tests/app/request", "tests/app/api"),
    "app/voice": ("tests/app/voice",),
    "geodata/store": ("tests/contracts/test_store.py", "tests/contracts/test_every_store.py"),
    "geodata/text": ("tests/geodata/text", "tests/geodata/search/test_lookup.py"),
    "geodata/snapshot": ("tests/geodata/snapshot", "tests/geodata/search"),
    "geodata/space": (
        "tests/geodata/space",
        "tests/geodata/index",
        "tests/contracts/test_nearest_equals_brute_force.py",
    ),
    "geodata/hours": ("tests/geodata/hours", "tests/contracts/test_open_at_arrival.py"),
    "geodata/index": ("tests/geodata/index", "tests/contracts/test_nearest_equals_brute_force.py"),
    "geodata/search": (
        "tests/geodata/search",
        "tests/contracts/test_nearest_equals_brute_force.py",
        "tests/contracts/test_along_equals_brute_force.py",
        "tests/contracts/test_cells.py",
    ),
}
#: Where the copy, the record and the maps are kept.
WORK: Final = ROOT / "build" / "mutants"
#: A trial that takes longer is stopped: the mutant made something endless.
_MOST_S: Final = 900
_MAP_MOST_S: Final = 3_600
#: How many seconds of a file's tests a mutant is shown that call its function, and how many of
#: those that call anything else in its module.
_NEAR_S, _FAR_S = 20.0, 10.0


class Trial:
    """The copy, and a process that has imported what tests need."""

    def __init__(self) -> None:
        self._tree = WORK / "tree"
        shutil.rmtree(self._tree, ignore_errors=True)
        for name in ("app", "geodata", "tests", "notebooks"):
            shutil.copytree(
                ROOT / name,
                self._tree / name,
                ignore=shutil.ignore_patterns("node_modules", "__pycache__", "demo.whl"),
            )
        for path in (*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.lock")):
            shutil.copy2(path, self._tree)
        for path in (ROOT / "node_modules", *ROOT.glob("tests/*/*/*/node_modules")):
            if path.is_dir():
                (self._tree / path.relative_to(ROOT)).symlink_to(path)
        self._runner = _Runner(self._tree, WORK / "numba")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.close()

    def notices(self, mutant: Mutant) -> bool:
        """Whether a test fails with it, or never ends."""
        return any(self._fails(mutant, tests) for tests in self._chosen(mutant))

    def _fails(self, mutant: Mutant, tests: list[str]) -> bool:
        path = self._tree / mutant.module
        right, stamp = path.read_bytes(), path.stat().st_mtime_ns
        path.write_text(mutant.source, encoding="utf-8")
        # Python takes bytecode by size and second of change: no other source was of this second.
        second = int(mutant.digest, 16) % 10**9
        os.utime(path, (second, second))
        try:
            return self._runner.run(tests) != 0
        finally:
            path.write_bytes(right)
            os.utime(path, ns=(stamp, stamp))

    def _chosen(self, mutant: Mutant) -> Iterator[list[str]]:
        """File by file, what sounds like its module first: the tests that call its function, or
        where it stands in none, anything of its module. Of what kernels may call also those that
        call whoever uses it, for Python sees no call from one kernel to another.
        """
        room = next(name for name in ROOMS if mutant.module.startswith(f"{name}/"))
        call = f"{mutant.module}:{mutant.within}"
        others: list[dict[str, Any]] = []
        users = users_in_kernels(mutant.module)
        for file in _by_likeness(files_of(room), mutant.module):
            known = self._reach(file)
            near = [test for test, about in known.items() if call in about["calls"]]
            if near:
                yield _within(known, near, _NEAR_S)
            others.append(known)
        for known in others if users else ():
            using = [
                test
                for test, about in known.items()
                if any(each.split(":")[0] in users for each in about["calls"])
            ]
            if using:
                yield _within(known, using, _NEAR_S)
        for known in others:
            inside = {
                test
                for test, about in known.items()
                if any(each.startswith(f"{mutant.module}:") for each in about["calls"])
            }
            far = [test for test in inside if call not in known[test]["calls"]]
            if far:
                yield _within(known, far, _FAR_S)

    def _reach(self, file: Path) -> dict[str, Any]:
        """Which test of a file calls what; asked again where the file changed."""
        kept = _map_of(file)
        if not kept.is_file():
            sys.stderr.write(f"which test calls what in {file.relative_to(ROOT)}\n")
            self._runner.compile(file)  # which is no test's own time
            self._runner.map(file)
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return found


class _Runner:
    """The process that forks: asked in lines of JSON."""

    def __init__(self, tree: Path, kernels: Path) -> None:
        environ = {
            **os.environ,
            "PYTHONPATH": str(tree),
            "PYTHONPYCACHEPREFIX": str(WORK / "pycache"),
            "NUMBA_CACHE_DIR": str(kernels),
            "NUMBA_OPT": "0",  # a mutant's kernels are compiled anew, and asked little
            "NUANFENG_DATA": str(data_folder()),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.forked"],
            cwd=tree,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, tests: list[str]) -> int | None:
        """What pytest returned of these; nothing where it never ended."""
        paths = sorted({test.split("::")[0] for test in tests})
        return self._ask(paths, only=tests, reach="", most_s=_MOST_S)

    def compile(self, file: Path) -> None:
        """Run all tests of a file, so that its kernels are there."""
        self._ask([str(file.relative_to(ROOT))], only=[], reach="", most_s=_MAP_MOST_S)

    def map(self, file: Path) -> None:
        """Find out and keep which test of a file calls what."""
        kept = _map_of(file)
        kept.parent.mkdir(exist_ok=True)
        self._ask([str(file.relative_to(ROOT))], only=[], reach=str(kept), most_s=_MAP_MOST_S)
        if not kept.is_file():
            raise RuntimeError(f"the tests of {file} did not end: see {WORK / 'last.log'}")

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, paths: list[str], *, only: list[str], reach: str, most_s: int) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"paths": paths, "only": only, "reach": reach, "most_s": most_s}
        self._process.stdin.write(f"{json.dumps({**asked, 'log': str(WORK / 'last.log')})}\n")
        self._process.stdin.flush()
        ended: int | None = json.loads(self._process.stdout.readline())["ended"]
        return ended


@lru_cache
def users_in_kernels(module: str) -> frozenset[str]:
    """The files in which a kernel may use a module of geodata, or that call such kernels; none
    where no kernel sees it.
    """
    paths = {kernel_cache._module(path): path for path in (ROOT / "geodata").rglob("*.py")}
    sources = {name: path.read_bytes() for name, path in paths.items()}
    name = kernel_cache._module(ROOT / module) if module.startswith("geodata/") else ""
    if name not in kernel_cache.seen_by_kernels(sources):
        return frozenset()
    imported = {each: kernel_cache._imported(text) for each, text in sources.items()}
    users = {name}
    while more := {each for each, names in imported.items() if names & users} - users:
        users |= more
    holders = {each for each, names in imported.items() if kernel_cache._DOOR in names}
    near = holders | {each for each, names in imported.items() if names & holders}
    return frozenset(str(paths[each].relative_to(ROOT)) for each in users & near)


def files_of(room: str) -> list[Path]:
    """The files of tests of a room."""
    found: list[Path] = []
    for name in ROOMS[room]:
        path = ROOT / name
        found += [path] if path.is_file() else sorted(path.rglob("test_*.py"))
    return found


def digest_of_tests(room: str) -> str:
    """Other tests may notice what these did not."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files_of(room))).hexdigest()[:16]


def _map_of(file: Path) -> Path:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    return WORK / "reach" / f"{file.parent.name}-{file.stem}-{digest}.json"


def _by_likeness(files: list[Path], module: str) -> list[Path]:
    """Those that are called as the module or its folder first, then those that import it."""
    path = Path(module)
    dotted = ".".join(path.with_suffix("").parts)
    words = (path.stem, path.parent.name)

    def rank(file: Path) -> tuple[int, str]:
        if file.stem == f"test_{path.stem}":
            return 0, file.name
        text = file.read_text(encoding="utf-8")
        imports = f"from {dotted} " in text or f"import {path.stem}" in text
        return (1 if imports else 2 if file.parent.name in words else 3), file.name

    return sorted(files, key=rank)


def _within(known: Mapping[str, Any], tests: list[str], most_s: float) -> list[str]:
    """The quickest, until so many seconds are spent; one at least."""
    chosen: list[str] = []
    spent = 0.0
    for test in sorted(tests, key=lambda each: (known[each]["s"], each)):
        spent += known[test]["s"]
        if spent > most_s and chosen:
            break
        chosen.append(test)
    return chosen
