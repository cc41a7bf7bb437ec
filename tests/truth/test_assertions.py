"""Every test can fail: it, or a helper beside it, asserts, expects or says what is raised. And what
is begun first is there.
"""

import ast
from pathlib import Path

from tests.conftest import LONGEST, ROOT

TESTS = Path(__file__).parents[1]
CAN_FAIL = {"raises", "fail", "warns", "expect"}


def called(node: ast.AST) -> set[str]:
    calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {
        func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls
    }


def can_fail(node: ast.AST, helpers: dict[str, ast.FunctionDef]) -> bool:
    """Whether a function holds an assertion, or calls a helper of its own file that does."""
    asserts = any(isinstance(found, ast.Assert | ast.Raise) for found in ast.walk(node))
    names = called(node)
    return bool(
        asserts
        or names & CAN_FAIL
        or any(name.startswith("assert_") for name in names)
        or any(name in helpers and can_fail(helpers[name], {}) for name in names)
    )


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_can_fail() -> None:
    idle = []
    for path in sorted(TESTS.rglob("test_*.py")):
        found = functions(path)
        idle += [
            f"{path.relative_to(TESTS)}: {name}"
            for name, node in found.items()
            if name.startswith("test_") and not can_fail(node, found)
        ]
    assert idle == []


def test_a_test_that_only_calls_is_found() -> None:
    tree = ast.parse("def test_a(): go()\ndef go(): return 1\ndef test_b(): assert go()")
    idle, _, sound = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    helpers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert not can_fail(idle, helpers)
    assert can_fail(sound, helpers)


def test_every_file_that_is_begun_first_is_there() -> None:
    assert len({*LONGEST}) == len(LONGEST)
    assert [path for path in LONGEST if not (ROOT / path).is_file()] == []
