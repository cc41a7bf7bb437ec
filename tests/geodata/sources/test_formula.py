"""No cell of ours runs in a spreadsheet, and none is lost on the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.formula import freed, guarded

SIGNS = "=+-@＝＋－＠\t\r\n"


@pytest.mark.parametrize("sign", SIGNS)
def test_a_cell_that_begins_like_a_formula_begins_with_an_apostrophe(sign: str) -> None:
    assert guarded(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("cell", ["", "白石洲驿站", "'quoted'", "1-2", "a=b"])
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == freed(cell) == cell


@given(st.text(alphabet=SIGNS + "'a1 "))
def test_what_is_guarded_is_freed_to_what_it_was(cell: str) -> None:
    assert freed(guarded(cell)) == cell
    assert guarded(cell)[:1] not in tuple(SIGNS)
