"""The one door to numba: typed functions in, compiled functions out.

Chooses the flags once; computes nothing.

Compiled code is cached on disk (kernel_cache.py), so only the first start of a version pays for
compiling. Kernels release the GIL: batches use plain threads, because numba's own thread pools may
not be entered from several server threads at once.

Two costs of arrays shape how kernels are written. Handing a kernel ten write-protected arrays from
Python costs 0.3 µs each at every call, more than the search itself; a kernel that is asked once per
request therefore takes one array of addresses (`addresses`) and looks at the arrays through it
(`floats_at`, …). And inside a kernel every array that is passed on, or read out of a tuple, is
counted up and down again; a kernel that does so in its loop takes its arguments as `borrowed`,
which are not counted. In both cases whoever made the arrays keeps them alive.
"""

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, ParamSpec, Protocol, TypeVar, cast

import numpy as np
from numba import carray, njit, types  # type: ignore[attr-defined]  # carray is public, its __all__ forgets it
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numpy.typing import NDArray

from geodata.compiled.kernel_cache import KernelCache
from geodata.errors import BadValue

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

#: C never calls a kernel, so none gets a function that C could call.
_compiler: Final[Any] = partial(njit, nogil=True, error_model="numpy", no_cfunc_wrapper=True)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numbers and arrays at its first call, by Python or by another kernel.

    Division by zero gives inf or nan, as in numpy.
    """
    dispatcher: Any = _compiler(function)
    # What `cache=True` does, with a cache of our own.
    dispatcher._cache = KernelCache(function)  # noqa: SLF001  # numba has no other door
    dispatcher._compile_for_args = _uncollected(dispatcher._compile_for_args)  # noqa: SLF001  # numba has no other door
    return cast("Callable[P, R]", dispatcher)


def inner_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """The same for a function that only kernels call. Called from Python it raises TypeError.

    Without what Python would need to call it, it is compiled faster. Not cached by itself: it lies
    in the caches of the kernels that call it.
    """
    made = _only_for_kernels(_compiler(function, no_cpython_wrapper=True))
    return cast("Callable[P, R]", made)


def inlined_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """An inner kernel, compiled into every kernel that calls it: for hot loops, and for kernels
    that take other kernels as arguments (tree.next_leaf, dijkstra.go_on), which are then called as
    if their names stood there.
    """
    made = _only_for_kernels(_compiler(function, no_cpython_wrapper=True, forceinline=True))
    return cast("Callable[P, R]", made)


def prepare() -> None:
    """Import the libraries that numba needs to compile or load a first kernel (0.5 s), so that
    processes that are forked afterwards need not.
    """
    cpu_target.target_context.refresh()


def _uncollected(compile_for: Callable[..., Any]) -> Callable[..., Any]:
    """Compile without looking for garbage meanwhile, which there is none of among millions of
    objects, and which takes a sixth of the time.
    """

    def compiled(*arguments: Any, **named: Any) -> Any:
        collects = gc.isenabled()
        gc.disable()
        try:
            return compile_for(*arguments, **named)
        finally:
            if collects:
                gc.enable()

    return compiled


def _only_for_kernels(dispatcher: Any) -> Any:
    """Without its wrapper a call from Python would jump to address 0: it is refused before."""

    def refuse(*_: object) -> None:
        raise TypeError(f"only kernels call {dispatcher.py_func.__qualname__}")

    dispatcher._insert = lambda *_, **__: None  # noqa: SLF001  # so that Python finds nothing compiled
    dispatcher._compile_for_args = refuse  # noqa: SLF001  # what it asks for then
    return dispatcher


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


def _without_counts(context: Any, builder: Any, of: Any, value: Any) -> Any:
    if isinstance(of, types.Array):
        counted = context.make_array(of)(context, builder, value)
        uncounted = context.make_array(of)(context, builder)
        for part in ("nitems", "itemsize", "data", "shape", "strides"):
            setattr(uncounted, part, getattr(counted, part))
        for owner in ("meminfo", "parent"):
            setattr(uncounted, owner, getattr(counted, owner).type(None))
        return uncounted._getvalue()  # noqa: SLF001  # as numba's own arrays do
    if isinstance(of, types.BaseTuple):
        parts = [
            _without_counts(context, builder, part, builder.extract_value(value, number))
            for number, part in enumerate(cast("Any", of))
        ]
        return context.make_tuple(builder, of, parts)
    return value


def _generate_borrowed(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _without_counts(context, builder, signature.return_type, arguments[0])


def _type_borrowed(_typing_context: object, arguments: Any) -> tuple[Any, Callable[..., Any]]:
    return arguments(arguments), _generate_borrowed


class _Borrow(Protocol):
    def __call__(self, arguments: T, /) -> T: ...


#: In a kernel: the same arrays, or tuple of arrays and numbers, as borrowed references, which are
#: not counted. Only for arguments of the kernel that calls it: whoever calls a kernel holds its
#: arguments until it returns, so that nothing is freed meanwhile; an array that the kernel makes
#: itself would be. A walk through a tree takes 0.6 to 0.8 of its time so (measured 2026-11-29).
borrowed: _Borrow = cast("_Borrow", intrinsic(_type_borrowed))


@inner_kernel
def floats_at(at: NDArray[np.int64], item: int, columns: int) -> NDArray[np.float64]:
    """Array `item` of `addresses` as float64, shape (n, columns)."""
    array: NDArray[np.float64] = carray(_pointer(at[item, 0]), (at[item, 1], columns), np.float64)
    return array


@inner_kernel
def floats_from(address: int, rows: int, columns: int) -> NDArray[np.float64]:
    """The float64 at an address, shape (rows, columns): for constants that are kept for ever."""
    array: NDArray[np.float64] = carray(_pointer(address), (rows, columns), np.float64)
    return array


@inner_kernel
def words_at(at: NDArray[np.int64], item: int, columns: int) -> NDArray[np.int64]:
    """The same as int64."""
    array: NDArray[np.int64] = carray(_pointer(at[item, 0]), (at[item, 1], columns), np.int64)
    return array


@inner_kernel
def rows_at(at: NDArray[np.int64], item: int, columns: int) -> NDArray[np.int32]:
    """The same as int32."""
    array: NDArray[np.int32] = carray(_pointer(at[item, 0]), (at[item, 1], columns), np.int32)
    return array


@inner_kernel
def column_at(at: NDArray[np.int64], item: int) -> NDArray[np.int32]:
    """The same as int32, shape (n,)."""
    array: NDArray[np.int32] = carray(_pointer(at[item, 0]), at[item, 1], np.int32)
    return array


@inner_kernel
def bytes_at(at: NDArray[np.int64], item: int) -> NDArray[np.uint8]:
    """The same as uint8, shape (n,)."""
    array: NDArray[np.uint8] = carray(_pointer(at[item, 0]), at[item, 1], np.uint8)
    return array
