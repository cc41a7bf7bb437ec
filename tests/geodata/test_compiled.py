"""The door to numba: borrowed arrays, kernels handed to kernels, arrays by address."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from geodata.compiled import addresses, borrowed, column_at, inlined_kernel, inner_kernel, kernel
from geodata.errors import BadValue
from geodata.space.tangent import Floats


class _Pair(NamedTuple):
    numbers: Floats
    within: tuple[Floats, int]


@kernel
def _total(pair: _Pair) -> float:
    numbers, (others, first) = borrowed(pair)
    return float(numbers.sum() + others[first:].sum())


@kernel
def _fill(numbers: Floats) -> None:
    borrowed(numbers)[:] = 7.0


def test_borrowed_arrays_are_the_same_arrays_and_nobody_counts_them() -> None:
    numbers, others = np.arange(4.0), np.arange(3.0)
    counts = sys.getrefcount(numbers), sys.getrefcount(others)
    assert [_total(_Pair(numbers, (others, 1))) for _ in range(100)] == [9.0] * 100
    assert (sys.getrefcount(numbers), sys.getrefcount(others)) == counts
    _fill(numbers)
    assert numbers.tolist() == [7.0] * 4


@inlined_kernel
def _each(change: Callable[[float], float], numbers: Floats) -> float:
    total = 0.0
    for number in numbers:
        total += change(number)
    return total


@inner_kernel
def _half(number: float) -> float:
    return number / 2.0


@kernel
def _quarter(number: float) -> float:
    return _half(_half(number))


def test_what_only_kernels_call_refuses_python_before_and_after_it_is_compiled() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="only kernels call _half"):
            _half(3.0)
        assert _quarter(3.0) == 0.75
    with pytest.raises(TypeError, match="only kernels call _each"):
        _each(_double, np.arange(3.0))


def test_a_prepared_process_imports_no_other_library_to_compile(tmp_path: Path) -> None:
    asked = (
        "import sys; from geodata.compiled import prepare; from geodata.index.tree import passes;"
        " prepare(); known = set(sys.modules); passes(1, 1, (1,) * 5);"
        " more = {name.split('.')[0] for name in set(sys.modules) - known};"
        " print('scipy' in known, sorted(more - {'numba'}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "True []\n"


def test_compiling_leaves_the_collection_of_garbage_as_it_was() -> None:
    @kernel
    def same(number: float) -> float:
        return number

    assert gc.isenabled()
    assert (same(1.0), gc.isenabled()) == (1.0, True)
    gc.disable()
    try:
        assert (same(1), gc.isenabled()) == (1, False)
    finally:
        gc.enable()


@kernel
def _double(number: float) -> float:
    return 2.0 * number


@kernel
def _negate(number: float) -> float:
    return -number


@kernel
def _both(numbers: Floats) -> tuple[float, float]:
    return _each(_double, numbers), _each(_negate, numbers)


def test_a_kernel_may_be_handed_to_a_kernel() -> None:
    assert _both(np.arange(4.0)) == (12.0, -6.0)


_MODULE = """
from geodata.compiled import inlined_kernel, kernel
import numpy as np

@inlined_kernel
def each(change, numbers):
    total = 0.0
    for number in numbers:
        total += change(number)
    return total

@kernel
def double(number):
    return 2.0 * number

@kernel
def total(numbers):
    return each(double, numbers)

assert total(np.arange(4.0)) == 12.0
print(sum(total.stats.cache_hits.values()), sum(total.stats.cache_misses.values()))
"""


def test_a_kernel_that_hands_on_another_is_compiled_in_one_process_and_found_by_the_next(
    tmp_path: Path,
) -> None:
    (tmp_path / "handing.py").write_text(_MODULE)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-c", "import handing"]
    told = [
        subprocess.run(  # our own words
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert told == [["0", "1"], ["1", "0"]]


@kernel
def _second(at: Floats) -> int:
    return int(column_at(at, 1)[2])


def test_an_array_is_found_at_its_address() -> None:
    arrays = [np.arange(3, dtype=np.int32), np.arange(10, 15, dtype=np.int32)]
    assert _second(addresses(arrays)) == 12


def test_an_array_with_gaps_has_no_address_for_kernels() -> None:
    with pytest.raises(BadValue, match="C-contiguous"):
        addresses([np.arange(10)[::2]])
