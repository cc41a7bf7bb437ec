"""Running numbers of a list are told from ids that stay with their places."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.numbering import is_running, rises_with_gaps


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3"],
        ["001", "002", "003"],
        ["000001", "000002", "000003"],
        ["ST-0001", "ST-0002", "ST-0003"],
        ["序号1", "序号2", "序号3"],
        ["第1号", "第2号", "第3号"],
        ["No. 1", "No. 2", "No. 3"],
        ["(1)", "(2)", "(3)"],
        ["１", "２", "３"],
        ["1.0", "2.0", "3.0"],
        ["1", "", "2", "3"],
        ["0", "1", "2"],
        ["1"],
        ["440305001", "440305002", "440305003"],
        ["2026-01", "2026-02", "2026-03"],
        [f"{number:03}" for number in range(1, 101) if number not in (7, 50, 51, 52)],
        ["NS-1", "NS-2", "FT-3", "FT-4", "LH-5"],
        ["1", "2", "3", "1", "2"],
        ["一", "二", "三", "四"],
        ["（一）", "（二）", "（三）"],
        ["一、", "二、", "三、"],
        [
            f"第{tens}{ones}号"
            for tens in ("", "十", "二十", "三十")
            for ones in ("", *"一二三四五六七八九")
            if tens or ones
        ],
    ],
)
def test_running_numbers_are_known_whatever_their_dress(cells: list[str]) -> None:
    assert is_running(cells)


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (["001", "002", "004", "005"], [2, 3, 5, 6]),
        (["002", "003", "004"], [3, 4, 5]),
        (["1", "3", "5", "7"], [5, 7, 9, 11]),
        (["1", "2", "4", "1", "2"], [2, 3, 5, 6, 7]),
        (["440305001", "440305003", "440305004"], [2, 4, 5]),
        (["1", "2", "13", "14"], [2, 3, 14, 15]),
    ],
)
def test_numbers_of_rows_that_were_left_out_are_not_missing(
    cells: list[str], rows: list[int]
) -> None:
    assert is_running(cells, rows)
    assert not is_running(cells, list(range(2, 2 + len(cells))))


@pytest.mark.parametrize(
    ("cells", "is_so"),
    [
        (["001", "002", "005", "006", "008"], True),
        ([f"{number:03}" for number in range(1, 101) if number % 10], True),
        (["001", "002", "040", "041", "090"], False),
        (["a1", "b2", "c5", "d6", "e8"], False),
        (["008", "006", "005", "002", "001"], False),
        (["001", "003"], False),
        ([], False),
    ],
)
def test_what_may_be_left_of_running_numbers_is_told(cells: list[str], is_so: bool) -> None:
    assert rises_with_gaps(cells) is is_so


@pytest.mark.parametrize(
    "cells",
    [
        [],
        ["", ""],
        ["st-a", "st-b"],
        ["00123", "00124", "00125"],
        ["00121", "00122", "00123"],
        ["3", "1", "2"],
        ["101", "105", "131"],
        ["1", "2", "4"],
        ["ST-0001"],
        ["a1", "b2"],
        ["1", "2", "x"],
        ["NS-001", "NS-002", "FT-001", "FT-002"],
        [f"{number:03}" for number in range(1, 101) if number % 10],
        ["440305007", "440305019", "440305112"],
        ["st-08ff44b1fe", "st-4634726814", "st-50b14c13db"],
    ],
)
def test_ids_of_their_own_are_left_alone(cells: list[str]) -> None:
    assert not is_running(cells)


DRESSES = ("{}", "{:03}", "ST-{:04}", "序号{}", "粤海-{:05}号", "NS{:06}", "站点 {} 号")


@given(
    st.integers(20, 400),
    st.sampled_from(DRESSES),
    st.randoms(use_true_random=False),
)
def test_a_list_of_any_length_is_running_until_a_twentieth_is_missing(
    many: int, dress: str, pick: random.Random
) -> None:
    numbers = list(range(1, many + 1))
    assert is_running([dress.format(number) for number in numbers])
    few, lots = int(many * 0.04), int(many * 0.2) + 1
    assert is_running([dress.format(each) for each in without(numbers, few, pick)])
    assert not is_running([dress.format(each) for each in without(numbers, lots, pick)])


def without(numbers: list[int], many: int, pick: random.Random) -> list[int]:
    """The list without so many of its numbers; its last one stays."""
    gone = set(pick.sample(numbers[:-1], many))
    return [each for each in numbers if each not in gone]


@given(st.lists(st.integers(1, 10**6), min_size=3, max_size=60, unique=True))
def test_numbers_in_any_order_but_the_files_are_ids(numbers: list[int]) -> None:
    falling = sorted(numbers, reverse=True)
    assert not is_running([f"st-{number:07}" for number in falling])


@given(st.lists(st.text(max_size=12), max_size=20))
def test_any_text_is_answered(cells: list[str]) -> None:
    assert is_running(cells) in (True, False)
