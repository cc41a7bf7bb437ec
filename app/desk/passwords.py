"""Passwords and tokens: how they are made, hashed and compared."""

import hashlib
import secrets
from threading import Semaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geodata.errors import BadValue

#: As NIST SP 800-63B, 3.1.1.2 asks of a password that stands with a second factor, and more.
LEAST_PASSWORD: Final = 10
MOST_PASSWORD: Final = 200
_FEWEST_SIGNS: Final = 5
_TOKEN_BYTES: Final = 32
#: RFC 9106's second choice: 64 MiB for each that is hashed, and so few at once in a process.
_HASHER: Final = PasswordHasher()
_AT_ONCE: Final = Semaphore(2)
#: Compared with where there is no password, so that it takes as long: nobody knows what it is of.
_NOBODYS: Final = _HASHER.hash(secrets.token_urlsafe(_TOKEN_BYTES))


def new_token() -> str:
    """256 random bits, as a link or a cookie carries them."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a token: nobody finds 256 bits by trying."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether this is the password; where there is none the answer takes as long."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _NOBODYS, password[:MOST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def checked(password: str, name: str) -> str:
    """A new password. Raises BadValue where it is too easily guessed."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise BadValue(
            "A password has {least} to {most} characters; this one has {length}. Several words"
            " with spaces between them are good.",
            least=LEAST_PASSWORD,
            most=MOST_PASSWORD,
            length=len(password),
        )
    if len({*password}) < _FEWEST_SIGNS or name.casefold() in password.casefold():
        raise BadValue(
            "This password is guessed too easily: use at least {fewest} different characters, and"
            " not the name of the account.",
            fewest=_FEWEST_SIGNS,
        )
    return password
