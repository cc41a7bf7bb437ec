"""What `make mutants` changes: one thing, which Python can read and which is another thing."""

import ast
import json
from pathlib import Path
from typing import Self

import pytest

from tests.mutants import __main__ as command
from tests.mutants.changes import ROOT, Mutant, equivalent, mutants, sample
from tests.mutants.trial import ROOMS, digest_of_tests, files_of, users_in_kernels

SEED = command.SEED

SOURCE = '''
"""Of 3 things."""
MOST: int = 10

def f(a: int, b: float = 2.0) -> bool:
    "Takes 2."
    if not a and b < 1 <= 5:
        return a + b - 1 if a is None else a in (1, 2)
    return f"{a:>5}" == "x"
'''


def test_each_changes_one_thing_and_can_be_read() -> None:
    made = list(mutants("m.py", SOURCE))
    changed = {(mutant.was, mutant.now) for mutant in made}
    for expected in (
        ("10", "(11)"),
        ("2.0", "(3.0)"),
        ("not a", "(a)"),
        ("b < 1 <= 5", "(b <= 1 <= 5)"),
        ("b < 1 <= 5", "(b < 1 < 5)"),
        ("a + b", "(a - b)"),
        ("a is None", "(a is not None)"),
        ("a in (1, 2)", "(a not in (1, 2))"),
    ):
        assert expected in changed
    right = ast.dump(ast.parse(SOURCE))
    for mutant in made:
        assert ast.dump(ast.parse(mutant.source)) != right
    assert len({mutant.source for mutant in made}) == len(made)
    assert not any(mutant.was in ('"Takes 2."', "5}") for mutant in made)


def test_a_sample_is_the_same_every_time_and_of_every_room() -> None:
    rooms = ["app/request", "geodata/space"]
    drawn = sample(20, SEED, rooms)
    assert [mutant.key for mutant in drawn] == [mutant.key for mutant in sample(20, SEED, rooms)]
    assert {"/".join(mutant.module.split("/")[:2]) for mutant in drawn} == set(rooms)
    assert all(ast.parse(mutant.source) for mutant in drawn)


def test_what_is_drawn_stays_drawn_while_other_code_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = tmp_path / "app" / "request"
    room.mkdir(parents=True)
    monkeypatch.setattr("tests.mutants.changes.ROOT", tmp_path)
    (room / "a.py").write_text(SOURCE, encoding="utf-8")
    before = {mutant.key for mutant in sample(6, SEED, ["app/request"])}
    (room / "b.py").write_text("def g(x: int) -> int:\n    return x + 1\n", encoding="utf-8")
    after = {mutant.key for mutant in sample(6, SEED, ["app/request"])}
    assert {key for key in before - after if key[0] != "app/request/a.py"} == set()
    assert len(before & after) >= 3


def test_changes_that_are_written_alike_are_told_apart_by_function_and_number() -> None:
    source = "class A:\n    def f(self):\n        return 1 + 1\n\ndef g():\n    return 1\n"
    ones = [each for each in mutants("m.py", source) if (each.was, each.now) == ("1", "(2)")]
    assert [(each.within, each.nth) for each in ones] == [("A.f", 0), ("A.f", 1), ("g", 0)]
    assert len({each.key for each in ones}) == 3


class Noticing:
    """In place of a copy of the tree: the second that is tried survives."""

    tried: list[Mutant]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def notices(self, mutant: Mutant) -> bool:
        self.tried.append(mutant)
        return len(self.tried) != 2


def test_a_run_goes_on_where_the_last_one_was_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = sample(4, SEED, ["app/request"])
    Noticing.tried = []
    monkeypatch.setattr(command, "Trial", Noticing)
    monkeypatch.setattr(command, "WORK", tmp_path)
    monkeypatch.setattr(command, "RECORD", tmp_path / "record.jsonl")
    monkeypatch.setattr(command, "equivalent", lambda: {drawn[0].key: "for a reason"})
    words = ["app/request", "--many", "4"]
    assert command.main(words) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told[:-1]] == [
        ["1/4", "listed"],
        ["2/4", "noticed"],
        ["3/4", "SURVIVED"],
        ["4/4", "noticed"],
    ]
    assert told[-1] == "4 tried: 2 noticed, 1 listed, 1 SURVIVED"
    assert command.main(words) == 1
    assert len(Noticing.tried) == 3, "nothing is tried twice"
    # Other tests may notice what those did not.
    record = tmp_path / "record.jsonl"
    kept = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert {each["tests"] for each in kept} == {digest_of_tests("app/request")}
    record.write_text(
        "".join(json.dumps({**each, "tests": "others"}) + "\n" for each in kept), encoding="utf-8"
    )
    assert command.main(words) == 0
    assert len(Noticing.tried) == 4


def test_every_test_of_a_room_is_there() -> None:
    assert all((ROOT / room).is_dir() for room in ROOMS)
    assert all((ROOT / test).exists() for tests in ROOMS.values() for test in tests)
    assert all(files_of(room) for room in ROOMS)


def test_what_a_kernel_calls_is_shown_to_tests_of_who_calls_the_kernel() -> None:
    users = users_in_kernels("geodata/space/tangent.py")
    assert {"geodata/index/tree.py", "geodata/index/spatial.py"} <= users
    assert users_in_kernels("geodata/sources/grid.py") == frozenset()
    assert users_in_kernels("app/request/parsing.py") == frozenset()


def test_what_changes_no_answer_still_stands_there_and_says_why() -> None:
    for key, why in equivalent().items():
        source = (ROOT / key[0]).read_text(encoding="utf-8")
        assert key in {mutant.key for mutant in mutants(key[0], source)}
        assert len(why.split()) > 3
