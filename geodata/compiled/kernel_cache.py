"""Where compiled kernels are kept: a folder named by all that their machine code depends on.

numba knows a cached kernel by the source file of the kernel itself. Of the kernels that were
inlined into it from other files it knows nothing, so that a change there would leave the old code
answering without a word. Here the folder's name is a hash of every module that holds kernels and of
all that those import, of numba, llvmlite and numpy, of Python and of the processor: other code
never finds it. A change where no kernel can see it (a reader of tables) keeps what is compiled.

The folder lies in NUMBA_CACHE_DIR (the command line sets it to `{NUANFENG_HOME}/cache/numba`), else
in the user's cache folder. One that cannot be written is read; where there is none, every process
compiles for itself. Nothing here ever makes a question fail.
"""

import fcntl
import hashlib
import os
import pickle
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import llvmlite
import numba
import numpy as np
from llvmlite import binding
from numba.core import caching, config
from platformdirs import user_cache_path

_SOURCES: Final = Path(__file__).parents[1]
_PREFIX: Final = "kernels-"
#: Who imports this holds kernels: it is the one door to numba.
_DOOR: Final = "geodata.compiled"
_IMPORT: Final = re.compile(
    r"^ *(?:from (?P<base>geodata[\w.]*) import (?P<names>\([^)]*\)|.*)"
    r"|import (?P<plain>geodata[\w.]*))",
    re.MULTILINE,
)
_WORD: Final = re.compile(r"\w+")
#: Of folders that other versions left behind, the newest stay for a while: somebody may go back, or
#: work on several checkouts in turn. One of them weighs 10 to 20 MB.
_KEEP: Final = 8
_KEEP_S: Final = 7 * 86_400.0


def fingerprint() -> str:
    """A hash of everything that compiled code depends on, as it is now."""
    digest = hashlib.sha256()
    sources = {_module(path): path.read_bytes() for path in _SOURCES.rglob("*.py")}
    for name in sorted(seen_by_kernels(sources)):
        for part in (name.encode(), sources[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    cpu = (binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
    digest.update("\0".join((*versions, *cpu)).encode())
    return digest.hexdigest()[:16]


def seen_by_kernels(sources: Mapping[str, bytes]) -> frozenset[str]:
    """The modules that hold kernels, all that they import at any depth, and their packages.

    `sources` are the texts of a package by dotted name. Read from import statements alone: a name
    that is imported from a package may be a module of it, so both are taken.
    """
    imported = {name: _imported(text) & sources.keys() for name, text in sources.items()}
    seen = {name for name in sources if name == _DOOR or _DOOR in imported[name]}
    while found := {each for name in seen for each in imported[name]} - seen:
        seen |= found
    packages = {name.rsplit(".", depth)[0] for name in seen for depth in range(name.count(".") + 1)}
    return frozenset(seen | packages & sources.keys())


def _imported(text: bytes) -> set[str]:
    names: set[str] = set()
    for found in _IMPORT.finditer(text.decode()):
        base = found["plain"] or found["base"]
        names |= {base, *(f"{base}.{word}" for word in _WORD.findall(found["names"] or ""))}
    return names


def _module(path: Path) -> str:
    parts = path.relative_to(_SOURCES.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Where the kernels of this code are kept, made if there is none; None: nowhere.

    Whoever makes it removes those of other code that nobody has used for long.
    """
    stated: str = config.CACHE_DIR  # type: ignore[attr-defined]  # it is read out of the environment
    given = [Path(stated)] if stated else []
    name = _PREFIX + fingerprint()
    for base in (*given, user_cache_path("nuanfeng", appauthor=False) / "numba"):
        chosen = base / name
        with suppress(OSError):
            if not chosen.is_dir():
                chosen.mkdir(parents=True)
                _forget_older(base, name)
            with suppress(OSError):  # read-only is good enough
                os.utime(chosen)
            return chosen
    return None


def writable() -> bool:
    """Whether a kernel that is compiled now will be found by the next process."""
    kept = folder()
    return kept is not None and os.access(kept, os.W_OK)


def _forget_older(base: Path, name: str) -> None:
    """Remove what other code left, by the time it was last used.

    A process that still uses such a folder compiles anew what it has not loaded yet.
    """
    used = {path: path.stat().st_mtime for path in base.glob(f"{_PREFIX}*") if path.name != name}
    newest_first = sorted(used, key=lambda path: used[path], reverse=True)
    for place, path in enumerate(newest_first, start=1):
        if place >= _KEEP or used[path] < time.time() - _KEEP_S:
            shutil.rmtree(path, ignore_errors=True)


class _Locator(caching.UserProvidedCacheLocator):
    """Tells numba our folder, and a subfolder for each of ours."""

    def __init__(self, function: Any, source: str) -> None:
        super().__init__(function, source)
        kept = folder()
        self._cache_path = str(kept / self.get_suitable_cache_subpath(source)) if kept else ""

    @classmethod
    def from_function(cls, function: Any, source: str) -> "_Locator":
        """The place of one function, whether or not it can be written."""
        return cls(function, source)


class _Code(caching.CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012  # as numba has it


class KernelCache(caching.FunctionCache):
    """The compiled versions of one kernel on disk.

    A disk that is full, read-only or damaged costs time: the kernel is compiled where it is asked.
    """

    _impl_class = _Code

    def load_overload(self, signature: Any, context: Any) -> Any:
        """What was compiled for these types before; None: nothing that can be read."""
        try:
            return super().load_overload(signature, context)
        except OSError:
            return None
        except (
            EOFError,
            pickle.UnpicklingError,
        ):  # cut off, as a crash of the machine may leave it
            _alone(self.flush)
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep what has just been compiled, unless the sources have changed since they were read.

        Others wait meanwhile: numba reads an index, adds to it and writes it, and of two processes
        that do so at once one would find the other's code under its own types.
        """
        kept = folder()
        if kept and kept.name == _PREFIX + fingerprint():
            _alone(lambda: super(KernelCache, self).save_overload(signature, compiled))


def _alone(write: Callable[[], None]) -> None:
    """Write while no other process does, if the disk lets us. The lock ends with its holder."""
    kept = folder()
    with suppress(OSError):
        if kept:
            kept.mkdir(parents=True, exist_ok=True)
            with (kept / "lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                write()
