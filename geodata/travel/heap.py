"""A binary heap in two arrays (Williams 1964), for kernels: least key first.

Entries are never changed.
"""

from geodata.compiled import inlined_kernel
from geodata.index.tree import Rows
from geodata.space.tangent import Floats


@inlined_kernel
def push(keys: Floats, items: Rows, size: int, key: float, item: int) -> int:
    """Add to a binary heap held in two arrays; gives its new size."""
    at = size
    while at > 0 and keys[(at - 1) >> 1] > key:
        keys[at], items[at] = keys[(at - 1) >> 1], items[(at - 1) >> 1]
        at = (at - 1) >> 1
    keys[at], items[at] = key, item
    return size + 1


@inlined_kernel
def drop(keys: Floats, items: Rows, size: int) -> int:
    """Take the least (entry 0) off the heap; gives its new size."""
    size -= 1
    key, item = keys[size], items[size]
    at, child = 0, 1
    while child < size:
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at], items[at] = keys[child], items[child]
        at, child = child, 2 * child + 1
    keys[at], items[at] = key, item
    return size
