"""The one door to numba: typed functions in, compiled functions out.

Chooses the flags once; computes nothing.

Compiled code is cached on disk (kernel_cache.py), so only the first start of a version pays for
compiling. Kernels release the GIL: batches use plain threads, because numba's own thread pools may
not be entered from several server threads at once.

Handing a kernel ten write-protected arrays costs 0.3 µs each at every call, more than the search
itself. A kernel that is asked once per request therefore takes one array of addresses (`addresses`)
and looks at the arrays through it (`floats_at`, …); whoever made the addresses keeps the arrays
alive.
"""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numba import carray, njit, types  # type: ignore[attr-defined]  # carray is public, its __all__ forgets it
from numba.extending import intrinsic
from numpy.typing import NDArray

from geodata.errors import BadValue
from geodata.kernel_cache import KernelCache

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numbers and arrays at its first call.

    Division by zero gives inf or nan, as in numpy.
    """
    return _compiled(function, inlined=False)


def inlined_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """The same, compiled into every kernel that calls it: for hot loops, where handing arrays on
    costs a fifth.
    """
    return _compiled(function, inlined=True)


def _compiled(function: Callable[P, R], *, inlined: bool) -> Callable[P, R]:
    dispatcher: Any = njit(nogil=True, error_model="numpy", forceinline=inlined)(function)
    # What `cache=True` does, with a cache of our own.
    dispatcher._cache = KernelCache(function)  # noqa: SLF001
    return cast("Callable[P, R]", dispatcher)


def addresses(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Address and length of each array, shape (n, 2).

    They must be C-contiguous and outlive every use.
    """
    for array in arrays:
        if not array.flags.c_contiguous or not array.flags.aligned:
            raise BadValue(
                "an array handed to a kernel by address must be C-contiguous and aligned"
            )
    return np.array([(array.ctypes.data, len(array)) for array in arrays], np.int64).reshape(-1, 2)


def _generate_pointer(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))


def _type_pointer(_typing_context: object, address: Any) -> tuple[Any, Callable[..., Any]]:
    return types.voidptr(address), _generate_pointer


_pointer: Callable[[Any], Any] = cast("Any", intrinsic(_type_pointer))


@kernel
def floats_at(at: NDArray[np.int64], item: int, columns: int) -> NDArray[np.float64]:
    """Array `item` of `addresses` as float64, shape (n, columns). Callable from kernels only."""
    array: NDArray[np.float64] = carray(_pointer(at[item, 0]), (at[item, 1], columns), np.float64)
    return array


@kernel
def words_at(at: NDArray[np.int64], item: int, columns: int) -> NDArray[np.int64]:
    """The same as int64."""
    array: NDArray[np.int64] = carray(_pointer(at[item, 0]), (at[item, 1], columns), np.int64)
    return array


@kernel
def rows_at(at: NDArray[np.int64], item: int, columns: int) -> NDArray[np.int32]:
    """The same as int32."""
    array: NDArray[np.int32] = carray(_pointer(at[item, 0]), (at[item, 1], columns), np.int32)
    return array
