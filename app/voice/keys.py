"""Secret keys: files of one folder that all servers of a database share. Never in the database."""

import os
import re
import secrets
from pathlib import Path
from typing import Final

from geodata.errors import NuanfengError

_BYTES: Final = 32
_NAME: Final = re.compile(r"[a-z]+(-[0-9]+)*")


class NoKey(NuanfengError):
    """A key that is needed and that this server does not have."""


class KeyRing:
    """The keys of one folder (NUANFENG_KEYS), each 32 random bytes under a name such as
    `plate-1` or `letter-2026-11`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[str, bytes] = {}

    def key(self, name: str) -> bytes:
        """A key that was made before. Raises NoKey."""
        if name not in self._held:
            try:
                held = self._path(name).read_bytes()
            except FileNotFoundError:
                held = b""
            if len(held) != _BYTES:
                raise NoKey(
                    "the key {name} is not in {folder}; put there the keys that the other servers"
                    " of this database have, or those of a backup",
                    name=name,
                    folder=self.folder,
                )
            self._held[name] = held
        return self._held[name]

    def made(self, name: str) -> bytes:
        """A key, made where there is none; of several that make it at once one is kept."""
        self._keep(name, secrets.token_bytes(_BYTES))
        return self.key(name)

    def put(self, name: str, key: bytes) -> bool:
        """Keep a key of a copy; False: it is there already. Raises NoKey where another is."""
        new = self._keep(name, key)
        if self.key(name) != key:
            raise NoKey(
                "the key {name} in {folder} is not the one of this copy; it was left as it is",
                name=name,
                folder=self.folder,
            )
        return new

    def _keep(self, name: str, key: bytes) -> bool:
        """Write a key where there is none; whether this one was written."""
        path = self._path(name)
        if path.exists():
            return False
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True

    def names(self, prefix: str) -> list[str]:
        """The names of all keys that begin so, in order of their numbers."""
        held = [each.stem for each in self.folder.glob(f"{prefix}-*.key")]
        return sorted(held, key=lambda name: [int(part) for part in name.split("-")[1:]])

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NoKey("{name} is no name of a key", name=name)
        return self.folder / f"{name}.key"
