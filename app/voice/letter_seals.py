"""Texts that only who holds the keys can read: a key a letter, wrapped by the key of its month.

Deleting the one wrapped key ends all texts of a letter, in every copy of the database that is made
afterwards. The months' keys never stand in the database.
"""

from base64 import urlsafe_b64encode
from datetime import datetime
from typing import TypeVar

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from app.db.letters import StoredKey
from app.voice.keys import KeyRing, NoKey

T = TypeVar("T", bound=msgspec.Struct)

#: How the names of months' keys begin.
PREFIX = "letter"


def month_of(at: datetime) -> str:
    """The month, in UTC, by whose key a letter's key is wrapped: 2026-11."""
    return f"{at:%Y-%m}"


class SealedLetter:
    """Seals and opens the texts of one letter."""

    def __init__(self, data_key: bytes) -> None:
        self._fernet = Fernet(data_key)

    def seal(self, value: msgspec.Struct) -> bytes:
        """A value as nobody without the key can read it."""
        return self._fernet.encrypt(msgspec.msgpack.encode(value))

    def open(self, sealed: bytes, into: type[T]) -> T:
        """The value again."""
        return msgspec.msgpack.decode(self._fernet.decrypt(sealed), type=into)


def new_key(keys: KeyRing, letter_id: str, at: datetime) -> tuple[SealedLetter, StoredKey]:
    """A key of its own for a letter that is received now."""
    month = month_of(at)
    data_key = Fernet.generate_key()
    wrapped = Fernet(_fernet_key(keys.made(f"{PREFIX}-{month}"))).encrypt(data_key)
    return SealedLetter(data_key), StoredKey(letter_id, month, wrapped)


def unwrapped(keys: KeyRing, stored: StoredKey) -> SealedLetter:
    """The key of a letter. Raises NoKey where its month's is missing, or is another's."""
    name = f"{PREFIX}-{stored.month}"
    try:
        return SealedLetter(Fernet(_fernet_key(keys.key(name))).decrypt(stored.wrapped))
    except InvalidToken:
        raise NoKey(
            "the key {name} in {folder} is not the one that letters of this database were sealed"
            " with; put there the keys that the other servers of this database have, or those of"
            " a backup",
            name=name,
            folder=keys.folder,
        ) from None


def _fernet_key(key: bytes) -> bytes:
    return urlsafe_b64encode(key)
