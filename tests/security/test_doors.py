"""Whatever bytes come through a door, it refuses in a sentence or gives a value."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import NuanfengError
from tests.security.doors import DOORS, open_door, seed

#: Where to change what is right, and into what: cut out, put in, written over.
CHANGES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 8), st.binary(max_size=8)), max_size=6
)


def changed(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, put in changes:
        data = data[:at] + put + data[at + cut :]
    return data


def refusal_of(name: str, folder: Path, data: bytes) -> str | None:
    """The sentence in which a door refuses; None: it takes what comes."""
    try:
        open_door(name, folder)(data)
    except NuanfengError as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize("name", DOORS)
def test_what_is_right_is_taken(name: str, tmp_path: Path) -> None:
    assert refusal_of(name, tmp_path, seed(name, tmp_path)) is None


@pytest.mark.parametrize("name", DOORS)
def test_whatever_comes_is_read_or_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    right = seed(name, tmp_path)

    @settings(max_examples=80, suppress_health_check=list(HealthCheck))
    @given(changes=CHANGES, made_up=st.binary(max_size=300), whole=st.booleans())
    def ask(changes: list[tuple[int, int, bytes]], made_up: bytes, *, whole: bool) -> None:
        said = refusal_of(name, tmp_path, changed(right, changes) if whole else made_up)
        assert said != ""

    ask()
