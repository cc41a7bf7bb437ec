"""Where a server of a dataset answers, for commands that print a link to it.

A server that runs says so in the home; one that people reach by a name has it in its settings.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from app.settings import Settings

_FOLDER: Final = "servers"
_USUAL: Final = "http://127.0.0.1:8000"


@contextmanager
def told(chosen: Settings, host: str, port: int) -> Iterator[None]:
    """Say in the home where the server answers, for as long as it does; of two that serve a
    dataset the later one's holds. Where the home takes no file, nobody is told.
    """
    file = _file(chosen)
    name = "127.0.0.1" if _is_any(host) else host
    shown = f"[{name}]" if ":" in name else name
    said = f"http://{shown}:{port}{chosen.prefix}\n"
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said, encoding="utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            if file.read_text(encoding="utf-8") == said:
                file.unlink()


def of_server(chosen: Settings) -> str:
    """The one name that the settings trust, over https; else where the running server says that it
    answers; else where one answers that is told nothing.
    """
    named = [each for each in chosen.trusted_hosts if not each.startswith(".")]
    if len(named) == 1 == len(chosen.trusted_hosts):
        return f"https://{named[0]}{chosen.prefix}"
    with suppress(OSError, UnicodeDecodeError):
        if said := _file(chosen).read_text(encoding="utf-8").strip():
            return said
    return f"{_USUAL}{chosen.prefix}"


def _is_any(host: str) -> bool:
    """Whether a server listens on all addresses of its machine, of which this one is one."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return not host


def _file(chosen: Settings) -> Path:
    return chosen.home / _FOLDER / chosen.dataset
