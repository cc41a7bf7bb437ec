"""How files are opened, where a person says more than their names do."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FileOptions:
    """The same for every command and every format; what a format does not have is not looked at."""

    sheets: tuple[str, ...] = ()
    """Only these sheets or layers, even if hidden. None: all visible ones."""
    hidden: bool = False
    """Whether hidden and struck-out rows of sheets are taken, too."""
    encoding: str | None = None
    """The encoding of texts, the only one tried; None: found out."""
    crs: str | None = None
    """Of layers that state none, such as EPSG:4547."""


PLAIN: Final = FileOptions()
