"""What SECURITY.md and app/ASVS.md say is so."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.papers import ROOT
from tests.security import audit

#: How many items of level 1 or 2 each section has, by their numbers (ASVS 5.0.0).
ITEMS: Final = (
    "1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6"
    " 3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12"
    " 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2"
    " 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5"
    " 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2"
    " 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3"
    " 15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2"
)
ROW: Final = re.compile(r"\| V([\d.]+) \| (met|n/a|not met) \| (\S.*?) \| (\S+) \|")
TABLE: Final = [
    found.groups()
    for line in (ROOT / "app/ASVS.md").read_text(encoding="utf-8").splitlines()
    if (found := ROW.fullmatch(line))
]


def items() -> set[str]:
    """Every item's number."""
    found = set()
    for section in ITEMS.split():
        name, _, numbers = section.partition(":")
        first, _, last = numbers.partition("-")
        found |= {f"{name}.{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def test_the_table_lists_every_item_of_levels_1_and_2() -> None:
    assert len(items()) == 253
    listed = [number for number, *_ in TABLE]
    assert len(listed) == len(set(listed))
    assert set(listed) == items()


def test_nine_in_ten_of_what_applies_are_met() -> None:
    states = [state for _, state, *_ in TABLE]
    met, missed = states.count("met"), states.count("not met")
    assert met >= 0.9 * (met + missed)
    text = (ROOT / "app/ASVS.md").read_text(encoding="utf-8")
    assert f"{met} of {met + missed}; {states.count('n/a')} are about" in text


@pytest.mark.parametrize("named", sorted({test for *_, test in TABLE if test != "–"}))
def test_a_test_of_the_table_is_there(named: str) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_what_is_met_names_its_test_and_the_rest_its_reason() -> None:
    for number, state, how, test in TABLE:
        assert (test != "–") == (state == "met"), number
        assert how.strip()


def calls(folder: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a package, with its module."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(ROOT)), node


#: Modules that may unpickle, and what: kernels that this program compiled itself.
UNPICKLES: Final = {"geodata/compiled/kernel_cache.py"}
#: Who asks other machines: the command line, where a person named them, and the desk its provider
#: of sign-ins, which the operator set; and the doctor the server that runs on its machine.
ASKS: Final = {
    "app/cli/geocoding.py",
    "app/cli/serve.py",
    "app/desk/provider.py",
    "app/ops/server_checks.py",
}
RUN: Final = {"eval", "exec", "compile", "__import__", "system", "popen"}
RUN_BY_A_MODULE: Final = {"os.system", "os.popen", "subprocess.getoutput"}
#: What makes a template of a text.
MADE_INTO_PAGES: Final = {"from_string", "render_template_string"}


def test_nothing_runs_a_shell_or_what_it_was_sent() -> None:
    found = []
    for package in ("app", "geodata"):
        for module, call in calls(package):
            name = ast.unparse(call.func).rpartition(".")[2]
            bare = isinstance(call.func, ast.Name) and name in RUN
            if bare or ast.unparse(call.func) in RUN_BY_A_MODULE or name in MADE_INTO_PAGES:
                found.append(f"{module}: {name}")
            if any(keyword.arg == "shell" for keyword in call.keywords):
                found.append(f"{module}: shell")
    for package in ("app", "geodata"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            if re.search(r"^\s*(import|from) (pickle|marshal|shelve|yaml)\b", text, re.MULTILINE):
                found += [module] if module not in UNPICKLES else []
            asks = re.search(
                r"^\s*(import|from) (urllib\.request|http\.client|requests|httpx)\b",
                text,
                re.MULTILINE,
            )
            found += [module] if asks and module not in ASKS else []
            found += [module] if re.search(r"\bdebug\s*=\s*True", text) else []
    assert found == []


#: Statements whose names of schemas and settings are constants of their own module.
OF_OUR_OWN_NAMES: Final = {"app/db/database.py", "app/db/migrate.py", "app/db/migrations/env.py"}


STATEMENTS: Final = {"execute", "executemany", "exec_driver_sql", "text"}


def test_no_statement_of_a_database_is_built_from_text() -> None:
    found = []
    for package in ("app", "geodata"):
        for module, call in calls(package):
            said = ast.unparse(call.func)
            name = said.rpartition(".")[2]
            built = call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
            own = module in OF_OUR_OWN_NAMES or "/migrations/" in module
            states = name in STATEMENTS and not said.startswith("assets()")
            if states and built and not own:
                found.append(f"{module}:{call.lineno}")
    assert found == []


#: Patterns whose parts have a name of their own in a function: each is one of a list of constants.
OF_A_LIST: Final = {
    ("app/cli/commands.py", "each"),
    ("geodata/sources/hours_text/audit.py", "numbers"),
    ("geodata/sources/hours_text/chart.py", "pattern"),
    ("geodata/sources/hours_text/clock.py", "each"),
    ("geodata/sources/hours_text/days.py", "length"),
    ("geodata/sources/locate/book.py", "sort"),
    ("geodata/sources/repairs.py", "own"),
    ("geodata/sources/service_scope.py", "_any_of"),
}
PURE: Final = {"re", "sorted", "map", "len"}


def test_no_pattern_is_made_of_what_is_sent() -> None:
    found = set()
    for package in ("app", "geodata"):
        for module, call in calls(package):
            said = ast.unparse(call.func)
            if not re.fullmatch(r"re\.(?!escape)\w+", said) or not call.args:
                continue
            names = {node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)}
            found |= {
                (module, name)
                for name in names - PURE
                if not re.fullmatch(r"_*[A-Z][A-Z0-9_]*", name)
            }
    assert found == OF_A_LIST


def test_every_package_is_locked_by_a_hash() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert len(entries) > 40
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_an_audit_that_checked_nothing_fails_and_says_so() -> None:
    names = {"flask", "numpy"}
    looked = [{"name": "Flask", "version": "3", "vulns": []}]
    bad = [{"name": "Flask", "version": "3", "vulns": [{"id": "CVE-1"}]}]
    skipped = [*looked, {"name": "numpy", "skip_reason": "no answer"}]
    nothing = "The audit checked nothing, so it is no audit"
    for code, said in ((0, ""), (1, "no json"), (0, '{"dependencies": []}'), (0, "[]")):
        assert audit.verdict(names, code, said, "ConnectionError: no route")[0] == 2
        assert nothing in audit.verdict(names, code, said, "ConnectionError: no route")[1]
    assert audit.verdict(names, 0, json.dumps({"dependencies": skipped}), "")[0] == 2
    assert audit.verdict(names, 1, json.dumps({"dependencies": bad}), "")[0] == 1
    assert audit.verdict(names, 3, json.dumps({"dependencies": looked}), "broke")[0] == 2
    assert audit.verdict(names, 0, json.dumps({"dependencies": looked}), "") == (
        0,
        "1 of 2 locked packages were looked up; none is vulnerable.",
    )
    assert audit.verdict(names, 0, json.dumps({"dependencies": 5}), "")[0] == 2
    assert len(audit.locked(audit.LOCK)) > 100


def test_an_audit_without_a_network_is_red() -> None:
    """As `make audit` runs it, behind a proxy that is not there."""
    if importlib.util.find_spec("pip_audit") is None:
        pytest.skip("pip-audit is not installed")
    environ = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.security.audit"],
        cwd=ROOT,
        env={**environ, "PATH": str(Path(sys.executable).parent), "HOME": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, "checked nothing" in ended.stderr) == (2, True), ended.stderr


def test_a_wheel_holds_the_product_alone() -> None:
    built = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'packages = ["app", "geodata"]' in built
    assert not [*(ROOT / "app").rglob("test_*.py"), *(ROOT / "geodata").rglob("test_*.py")]
