"""`python -m tests.mutants`: changes one comparison, sum, constant or condition at a time, and runs
the tests of its room: what changes and is not noticed wants a test.

A seeded sample; each mutant stands in a copy of the tree, and where kernels see it with an empty
cache of compiled code. Survivors are printed; those that change no answer are listed here with why.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geodata.compiled.kernel_cache import seen_by_kernels

ROOT: Final = Path(__file__).parents[1]
USUAL: Final = 200
SEED: Final = 18
#: Of each room the tests that should notice.
ROOMS: Final[Mapping[str, tuple[str, ...]]] = {
    "geodata/hours": ("tests/geodata/hours", "tests/contracts/test_open_at_arrival.py"),
    "geodata/index": ("tests/geodata/index", "tests/contracts/test_nearest_equals_brute_force.py"),
    "geodata/search": (
        "tests/geodata/search",
        "tests/contracts/test_nearest_equals_brute_force.py",
        "tests/contracts/test_along_equals_brute_force.py",
        "tests/contracts/test_cells.py",
    ),
    "geodata/snapshot": ("tests/geodata/snapshot", "tests/geodata/search"),
    "geodata/space": ("tests/geodata/space",),
    "geodata/text": ("tests/geodata/text", "tests/geodata/search/test_lookup.py"),
    "geodata/store": ("tests/contracts/test_store.py", "tests/contracts/test_every_store.py"),
    "geodata/sources": ("tests/geodata/sources",),
    "app/request": ("tests/app/request", "tests/app/api"),
    "app/voice": ("tests/app/voice",),
}
#: No answer hangs on these: module, what stood there and what was put in its place; and why.
EQUIVALENT: Final[Mapping[tuple[str, str, str], str]] = {}
_OPERATORS: Final[Mapping[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
#: Tests of one mutant that take longer are stopped: it made something endless.
_MOST_S: Final = 600


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    module: str
    line: int
    was: str
    now: str
    source: str
    """The whole module with it."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it while lines come and go."""
        return self.module, self.was, self.now


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every change of a module, in the order of its text."""
    tree = ast.parse(source)
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    left_out = {id(node) for node in _said(tree)}
    body = source.encode()
    for node in ast.walk(tree):
        if id(node) in left_out or not isinstance(node, ast.expr):
            continue
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        was = body[first:last].decode()
        for changed in _changed(node):
            now = f"({ast.unparse(changed)})"
            made = (body[:first] + now.encode() + body[last:]).decode()
            yield Mutant(module, node.lineno, was, now, made)


def _said(tree: ast.AST) -> Iterator[ast.AST]:
    """What is never run as an answer: annotations, texts that are filled in, types of numpy."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            parts = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            parts = [node.returns, *node.decorator_list]
        elif isinstance(node, ast.JoinedStr):
            parts = [node]
        for part in parts:
            if part is not None:
                yield from ast.walk(part)


def _changed(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            other = copy.deepcopy(node)
            other.ops[place] = _OPERATORS[type(operator)]()  # type: ignore[call-overload]
            yield other
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in _OPERATORS:
        other_op = copy.deepcopy(node)
        other_op.op = _OPERATORS[type(node.op)]()  # type: ignore[assignment]
        yield other_op
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)


def sample(many: int, seed: int, rooms: list[str]) -> list[Mutant]:
    """As many of all, each room alike; always the same for one seed and one tree."""
    chance = random.Random(seed)  # noqa: S311  # a draw, no secret
    drawn: list[Mutant] = []
    for room in rooms:
        found = [
            mutant
            for path in sorted((ROOT / room).rglob("*.py"))
            if "/demo/" not in str(path)
            for mutant in mutants(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
            if mutant.key not in EQUIVALENT
        ]
        drawn += chance.sample(found, min(len(found), -(-many // len(rooms))))
    return drawn[:many]


class Copy:
    """A copy of the tree, in which one mutant stands at a time."""

    def __init__(self, folder: Path) -> None:
        self._tree = folder / "tree"
        for name in ("app", "geodata", "tests", "notebooks"):
            shutil.copytree(
                ROOT / name,
                self._tree / name,
                ignore=shutil.ignore_patterns("node_modules", "__pycache__", "demo.whl"),
            )
        for path in (*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.lock")):
            shutil.copy(path, self._tree)
        self._seen = seen_by_kernels(
            {
                ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_bytes()
                for path in (ROOT / "geodata").rglob("*.py")
            }
        )

    def is_noticed(self, mutant: Mutant, tests: tuple[str, ...]) -> bool:
        """Whether a test of the room fails with it, or never ends."""
        path = self._tree / mutant.module
        right = path.read_bytes()
        path.write_text(mutant.source, encoding="utf-8")
        try:
            return not self._pass(tests, fresh=self._compiled(mutant.module))
        finally:
            path.write_bytes(right)

    def _compiled(self, module: str) -> bool:
        return ".".join(Path(module).with_suffix("").parts) in self._seen

    def _pass(self, tests: tuple[str, ...], *, fresh: bool) -> bool:
        with tempfile.TemporaryDirectory(prefix="nuanfeng-kernels-") as cache:
            environ = {**os.environ, "PYTHONPATH": str(self._tree), "PYTHONDONTWRITEBYTECODE": "1"}
            if fresh:
                environ["NUMBA_CACHE_DIR"] = cache
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
            try:
                ended = subprocess.run(
                    command,
                    cwd=self._tree,
                    env=environ,
                    capture_output=True,
                    check=False,
                    timeout=_MOST_S,
                )
            except subprocess.TimeoutExpired:
                return False
            return ended.returncode == 0


def main(arguments: list[str]) -> int:
    """Try a sample and print what survived; 1 if anything did."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("rooms", nargs="*", metavar="room", help=f"of {', '.join(ROOMS)}; all")
    asked.add_argument("--many", type=int, default=USUAL)
    asked.add_argument("--seed", type=int, default=SEED)
    told = asked.parse_args(arguments)
    if unknown := set(told.rooms) - {*ROOMS}:
        asked.error(f"there is no room {min(unknown)!r}; there are {', '.join(ROOMS)}")
    drawn = sample(told.many, told.seed, told.rooms or list(ROOMS))
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="nuanfeng-mutants-") as folder:
        tree = Copy(Path(folder))
        for mutant in drawn:
            room = next(name for name in ROOMS if mutant.module.startswith(f"{name}/"))
            noticed = tree.is_noticed(mutant, ROOMS[room])
            survivors += not noticed
            word = "noticed " if noticed else "SURVIVED"
            told_as = f"{word} {mutant.module}:{mutant.line}: {mutant.was} -> {mutant.now}\n"
            sys.stdout.write(told_as)
            sys.stdout.flush()
    sys.stdout.write(f"{survivors} of {len(drawn)} survived\n")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
