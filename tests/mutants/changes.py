"""What may be changed: every comparison, sum, constant and condition of a module, one at a time."""

import ast
import copy
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
#: Where a change stands: module, function, what stood there, what was put in its place, and which
#: of several alike it is.
Key = tuple[str, str, str, str, int]
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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    module: str
    within: str
    """The function, as Python qualifies its name; empty where it stands outside of all."""
    line: int
    was: str
    now: str
    nth: int
    """Of those in this function that are written alike, from 0."""
    source: str
    """The whole module with it."""

    @property
    def key(self) -> Key:
        """What names it while lines come and go."""
        return self.module, self.within, self.was, self.now, self.nth

    @property
    def digest(self) -> str:
        """Of the module with it: another one wants another trial."""
        return hashlib.sha256(f"{self.module}\0{self.source}".encode()).hexdigest()[:16]


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every change of a module."""
    tree = ast.parse(source)
    body = source.encode()
    starts = [0]
    for line in body.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    left_out = {id(node) for node in _said(tree)}
    alike: Counter[tuple[str, str, str]] = Counter()
    for node, inside in _expressions(tree, ""):
        if id(node) in left_out:
            continue
        within = inside.removesuffix(".<locals>")
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        was = body[first:last].decode()
        for changed in _changed(node):
            now = f"({ast.unparse(changed)})"
            made = (body[:first] + now.encode() + body[last:]).decode()
            nth = alike[within, was, now]
            alike[within, was, now] += 1
            yield Mutant(module, within, node.lineno, was, now, nth, made)


def _expressions(node: ast.AST, within: str) -> Iterator[tuple[ast.expr, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child, within
        inside = within
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            inside = f"{within}.{child.name}" if within else child.name
        if isinstance(child, ast.FunctionDef):
            inside += ".<locals>"
        yield from _expressions(child, inside)


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
            other.ops[place] = _OPERATORS[type(operator)]()  # type: ignore[call-overload]  # one for another
            yield other
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in _OPERATORS:
        other_op = copy.deepcopy(node)
        other_op.op = _OPERATORS[type(node.op)]()  # type: ignore[assignment]  # one for another
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
    """As many of all, each room alike. One that is drawn stays drawn while others come and go."""
    drawn: list[Mutant] = []
    for room in rooms:
        found = [
            mutant
            for path in sorted((ROOT / room).rglob("*.py"))
            if "/demo/" not in str(path)
            for mutant in mutants(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        ]
        found.sort(key=lambda each: hashlib.sha256(f"{seed}\0{each.key}".encode()).digest())
        drawn += found[: -(-many // len(rooms))]
    return drawn[:many]


def equivalent() -> dict[Key, str]:
    """Those on which no answer hangs, and why."""
    listed = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))
    return {
        (each["module"], each["within"], each["was"], each["now"], each.get("nth", 0)): each["why"]
        for each in listed.get("mutant", [])
    }
