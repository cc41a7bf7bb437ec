"""A copy of all keys in one file, sealed with a passphrase: what a backup of the database lacks.

The passphrase is stretched by scrypt (RFC 7914) with the cost that OWASP recommends for it.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from app.voice.keys import KeyRing
from geodata.errors import BadValue

#: 2^17 blocks of 1 kB: some tenths of a second, and 128 MB.
_COST: Final = {"n": 1 << 17, "r": 8, "p": 1, "maxmem": 1 << 28}
_SHORTEST: Final = 12
_SALT_BYTES: Final = 16
_COPIED: Final = "copied.txt"


class KeyCopy(msgspec.Struct, frozen=True):
    """The file: how the passphrase was stretched, and the keys by name, sealed."""

    salt: bytes
    sealed: bytes
    what: str = "nuanfeng keys"


def sealed_copy(keys: KeyRing, passphrase: str) -> bytes:
    """All keys as one file. Raises BadValue for a passphrase that is guessed too soon."""
    if len(passphrase) < _SHORTEST:
        raise BadValue(
            "the passphrase has {length} characters; it takes {least} or more",
            length=len(passphrase),
            least=_SHORTEST,
        )
    held = {name: keys.key(name) for name in _names(keys)}
    salt = secrets.token_bytes(_SALT_BYTES)
    sealed = _seal(passphrase, salt).encrypt(msgspec.msgpack.encode(held))
    return msgspec.json.encode(KeyCopy(salt, sealed))


def note_copied(keys: KeyRing) -> None:
    """Write down, beside the keys, which of them a copy was made of."""
    (keys.folder / _COPIED).write_text("\n".join(_names(keys)), encoding="utf-8")


def is_copied(keys: KeyRing) -> bool:
    """Whether there is a copy of every key."""
    noted = keys.folder / _COPIED
    copied = noted.read_text(encoding="utf-8").split("\n") if noted.exists() else []
    return {*_names(keys)} <= {*copied}


def restore_copy(keys: KeyRing, copy: bytes, passphrase: str) -> int:
    """Put the keys of a copy where they are missing; how many.

    Raises BadValue for another file or passphrase, and where a key that is there is another.
    """
    try:
        read = msgspec.json.decode(copy, type=KeyCopy)
        opened = _seal(passphrase, read.salt).decrypt(read.sealed)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BadValue("this file is no copy of keys") from None
    except InvalidToken:
        raise BadValue("the passphrase does not open this copy of keys") from None
    held = msgspec.msgpack.decode(opened, type=dict[str, bytes])
    missing = {name: key for name, key in held.items() if keys.put(name, key)}
    return len(missing)


def _names(keys: KeyRing) -> list[str]:
    return sorted(path.stem for path in keys.folder.glob("*.key"))


def _seal(passphrase: str, salt: bytes) -> Fernet:
    return Fernet(
        urlsafe_b64encode(hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, **_COST))
    )
