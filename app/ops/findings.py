"""What `nuanfeng doctor` finds: what is wrong, in words, and the command that mends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from app.settings import Settings
from geodata.errors import NuanfengError, Said, StoreError
from geodata.snapshot.snapshot import Snapshot
from geodata.store.files import Dataset


class Gravity(StrEnum):
    """How bad it is."""

    WARNING = "warning"
    """Riders are answered; something of it is missing, or soon will be."""
    FAULT = "fault"
    """Riders are not answered, or something is lost if nothing is done."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `code` is its name for programs, `mend` a command or a setting."""

    code: str
    level: Gravity
    said: Said
    mend: str


def warning(code: str, mend: str, message: str, /, **values: object) -> Finding:
    """A finding that can wait."""
    return Finding(code, Gravity.WARNING, Said(message, **values), mend)


def fault(code: str, mend: str, message: str, /, **values: object) -> Finding:
    """A finding that cannot."""
    return Finding(code, Gravity.FAULT, Said(message, **values), mend)


def broken(code: str, mend: str, error: NuanfengError) -> Finding:
    """A finding whose words are those of a refusal."""
    return Finding(code, Gravity.FAULT, error.said, mend)


@dataclass(frozen=True)
class Situation:
    """What is examined: the settings as a server would have them, and where it would listen."""

    chosen: Settings
    environ: Mapping[str, str]
    now: datetime
    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def dataset(self) -> Dataset:
        """The dataset that would answer."""
        return Dataset(self.chosen.home, self.chosen.dataset)

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """What would answer; None: nothing can be read."""
        try:
            return self.dataset.load()
        except (StoreError, OSError):
            return None

    @property
    def is_synthetic(self) -> bool:
        """Whether nothing here is anybody's."""
        return self.snapshot is not None and self.snapshot.about.synthetic
