"""A number as its spreadsheet shows it, and never with a digit less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.number_format import shown, tells

SHOWN = [
    (123.0, "00000", "00123"), (7.0, '"ST-"000', "ST-007"), (7.0, r"\S\T-000", "ST-007"),
    (5.0, "0.00", "5.00"), (22.5, "0.00", "22.50"), (12.0, '0"号"', "12号"), (-3.0, "000", "-003"),
    (75582333707.0, "0000-00000000", "0755-82333707"), (12.0, "[$-804]000", "012"),
    (123.0, "00000;[Red]-00000", "00123"), ("南山", '"驿站"@', "驿站南山"),
    (8.0, '"NO."00', "NO.08"),
]  # fmt: skip
AS_IT_IS = [
    (113.9645, "0.00"), (1234.0, "#,##0"), (0.5, "0%"), (12.0, "General"), (12.0, "0"), ("a", "@"),
    (44682.0, "yyyy-mm-dd"), (1.0, "[>0]00"), (12.5, "# ?/?"), (12000.0, "0.0E+00"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "text"), SHOWN)
def test_a_format_that_writes_the_whole_number_is_followed(
    value: float | str, code: str, text: str
) -> None:
    assert shown(value, code) == text
    assert tells(code)


@pytest.mark.parametrize(("value", "code"), AS_IT_IS)
def test_any_other_format_leaves_the_value(value: float | str, code: str) -> None:
    assert shown(value, code) is None


@given(st.integers(0, 10**9), st.integers(1, 12))
def test_zeros_in_front_are_as_many_as_the_format_has(number: int, width: int) -> None:
    assert shown(float(number), "0" * width) == (None if width == 1 else str(number).zfill(width))


@given(st.floats(-200, 200), st.integers(0, 8))
def test_no_position_loses_a_digit(value: float, decimals: int) -> None:
    text = shown(value, f"0.{'0' * decimals}")
    assert text is None or float(text) == value


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.text('0#?.,%;"\\_*@[]-AEymd ', max_size=12)
)
def test_any_format_has_an_answer(value: float, code: str) -> None:
    assert shown(value, code) is None or tells(code)
