"""What `make mutants` changes: one thing, which Python can read and which is another thing."""

import ast

from tests.mutants import EQUIVALENT, ROOMS, ROOT, SEED, mutants, sample

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


def test_every_test_of_a_room_is_there() -> None:
    assert all((ROOT / room).is_dir() for room in ROOMS)
    assert all((ROOT / test).exists() for tests in ROOMS.values() for test in tests)


def test_what_changes_no_answer_still_stands_there_and_says_why() -> None:
    for (module, was, _), why in EQUIVALENT.items():
        assert was in (ROOT / module).read_text(encoding="utf-8")
        assert len(why.split()) > 3
