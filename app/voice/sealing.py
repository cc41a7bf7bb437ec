"""Notes to operators, encrypted under the month's key."""

from base64 import urlsafe_b64encode
from datetime import datetime

from cryptography.fernet import Fernet

from app.voice.keys import KeyRing


def seal(keys: KeyRing, note: str, now: datetime) -> bytes:
    """A note as it is stored."""
    return _fernet(keys.made(f"note-{now:%Y-%m}")).encrypt(note.encode())


def unseal(keys: KeyRing, sealed: bytes, received_at: datetime) -> str:
    """A note as it was written. Raises NoKey."""
    return _fernet(keys.key(f"note-{received_at:%Y-%m}")).decrypt(sealed).decode()


def _fernet(key: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(key))
