"""What was worked out from one version, kept with that version and gone with it.

A cache of a module (functools.lru_cache) would hold on to every version that it has met.
"""

from collections.abc import Callable, Hashable
from functools import partial, wraps
from threading import Lock
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
V = TypeVar("V")

_MISSING: Final = object()


class Memo:
    """Values by the function that makes them and by what it was asked.

    Threads may make a value twice, never a wrong one.
    """

    __slots__ = ("_lock", "_made")

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[Hashable, dict[Hashable, Any]] = {}

    def get(self, maker: Hashable, key: Hashable, make: Callable[[], V], *, most: int) -> V:
        """The value of a key, made when it is first asked for.

        Of each maker the `most` values that were asked for last are kept.
        """
        found = self._taken(maker, key)
        if found is _MISSING:
            found = make()
            self._keep(maker, key, found, most)
        return found  # type: ignore[no-any-return]  # this maker makes nothing but V

    def clear(self) -> None:
        """Forget all: what is asked for again is made again."""
        with self._lock:
            self._made.clear()

    def _taken(self, maker: Hashable, key: Hashable) -> Any:
        with self._lock:
            made = self._made.get(maker, {})
            found = made.pop(key, _MISSING)
            if found is not _MISSING:
                made[key] = found  # now the last in the order of asking
            return found

    def _keep(self, maker: Hashable, key: Hashable, value: object, most: int) -> None:
        with self._lock:
            made = self._made.setdefault(maker, {})
            made[key] = value
            while len(made) > most:
                del made[next(iter(made))]


class HasMemo(Protocol):
    """A version of something, with what was worked out from it."""

    @property
    def memo(self) -> Memo:
        """Where that is kept."""


H = TypeVar("H", bound=HasMemo)


def memoized(
    *, most: int
) -> Callable[[Callable[Concatenate[H, P], V]], Callable[Concatenate[H, P], V]]:
    """Keep a function's `most` last values in the memo of its first argument.

    The other arguments are the key: hashable, given by position, and none of them a version.
    """

    def decorate(make: Callable[Concatenate[H, P], V]) -> Callable[Concatenate[H, P], V]:
        @wraps(make)
        def asked(owner: H, /, *args: P.args, **kwargs: P.kwargs) -> V:
            return owner.memo.get(make, args, partial(make, owner, *args, **kwargs), most=most)

        return asked

    return decorate
