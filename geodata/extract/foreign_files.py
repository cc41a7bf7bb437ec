"""Whatever a library says of a file that it cannot read becomes one sentence.

Reads no file. Damaged files raise anything: a KeyError out of a zip, a TypeError out of a footer,
a panic out of Rust. So nothing is listed, and only the calls of such libraries stand inside.
"""

import os
import resource
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, TypeVar

from geodata.errors import NuanfengError, Said, UnreadableFile

T = TypeVar("T")

#: How much more memory a reader of its own process may take than we had.
_ROOM_BYTES: Final = 2_000_000_000
_FORK: Final = get_context("fork")

#: What ends a program, and is no fault of a file.
_ENDINGS: Final = (KeyboardInterrupt, SystemExit, GeneratorExit)
#: Of what a library said: its first line, as far as a terminal shows it.
_LONGEST: Final = 160
_END: Final = object()


@contextmanager
def readable(path: Path, kind: str = "") -> Iterator[None]:
    """Raises UnreadableFile for whatever is raised inside, naming the file, what is wrong with it
    and the way on; our own refusals pass as they are.

    `kind` is what the file was read as: "as Parquet". Warnings of the libraries are not shown.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (NuanfengError, *_ENDINGS):
        raise
    except MemoryError as fault:
        raise UnreadableFile(
            "{file} needs more memory than there is; send it in parts", file=path.name
        ) from fault
    except (FileNotFoundError, IsADirectoryError) as fault:
        raise UnreadableFile(
            "there is no file {file}; check its name and its folder", file=path
        ) from fault
    except BaseException as fault:
        raise UnreadableFile(
            (
                "{file} cannot be read{kind}: {reason}. Get it whole from its source, or "
                "save it anew from the program that made it"
            ),
            file=path.name,
            kind=Said(" {kind}", kind=kind) if kind else "",
            reason=reason(fault, path),
        ) from fault


def each_readable(path: Path, parts: Iterable[T], kind: str = "") -> Iterator[T]:
    """The parts one by one; raises as `readable` does where one cannot be read."""
    left = iter(parts)
    while True:
        with readable(path, kind):
            part = next(left, _END)
        if part is _END:
            return
        yield part  # type: ignore[misc]  # not _END, so a part


def apart(path: Path, read: Callable[[], T]) -> T:
    """What `read` returns, from a process of its own with a bound of memory.

    For readers that end the whole process over a damaged file: asked for 4 GB by a wrong number,
    calamine's reader of old workbooks aborts. Raises UnreadableFile then, else as `read` does.
    """
    ours, theirs = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_answer, args=(read, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        done, value = ours.recv()
    except EOFError:
        raise UnreadableFile(
            (
                "{file} is damaged: its reader broke down over it. Open it in Excel or WPS "
                "and save it as .xlsx"
            ),
            file=path.name,
        ) from None
    finally:
        child.join()
        ours.close()
    if not done:
        raise value
    found: T = value
    return found


def _answer(read: Callable[[], Any], to: Connection) -> None:
    """In the process of its own, whose last words nobody needs to read."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  # a device is no path of ours
        os.dup2(nowhere.fileno(), 2)
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = size * resource.getpagesize() + _ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        to.send((True, read()))
    except Exception as fault:  # noqa: BLE001  # it is raised by who asked
        to.send((False, fault))


def reason(fault: BaseException, path: Path) -> str:
    """What a library said, in one line and without the folders of this machine."""
    if isinstance(fault, RecursionError):
        return Said("it has values that are nested too deeply")
    if isinstance(fault, OSError) and fault.strerror:
        return Said(fault.strerror)
    if "out of order" in str(fault):
        return Said("its objects are not in the order of their numbers (osmium sort puts them so)")
    said = " ".join(str(fault).split()).replace(str(path.resolve()), path.name)
    said = said.replace(str(path), path.name).rstrip(".")
    said = "".join(letter for letter in said if letter.isprintable())
    return said[:_LONGEST] or type(fault).__name__
