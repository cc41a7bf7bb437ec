"""The second factor: codes of an app on a phone (RFC 6238), and recovery codes in its place."""

import hashlib
import hmac
import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import pyotp
from cryptography.fernet import Fernet

from app.db import accounts as stored
from app.db.accounts import StoredAccount
from app.db.database import Connection
from app.voice.keys import KeyRing

#: The key that secrets are sealed with, and made from; it never stands in the database.
_KEY: Final = "desk-1"
_STEP_S: Final = 30
#: The clock of a phone may be off by a step.
_OFF: Final = (-1, 0, 1)
RECOVERY_CODES: Final = 10
_CODE_LENGTH: Final = 10
#: Crockford's base 32: no letter that is taken for a figure.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def secret_for(keys: KeyRing, token: str) -> str:
    """The secret that is offered to who holds a token: the same at each look, and nobody else's."""
    mixed = hmac.digest(keys.made(_KEY), f"factor {token}".encode(), "sha256")
    return b32encode(mixed[:20]).decode()


def address(secret: str, name: str, issuer: str) -> str:
    """The secret as a phone reads it from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of the clock that a code is of; None: it is no code of this time."""
    digits = "".join(code.split())
    here = int(now.timestamp()) // _STEP_S
    one_time = pyotp.TOTP(secret)
    found = (
        [
            here + off
            for off in _OFF
            if hmac.compare_digest(one_time.generate_otp(here + off), digits)
        ]
        if digits.isascii()
        else []
    )
    return max(found, default=None)


def seal(keys: KeyRing, secret: str) -> bytes:
    """A secret as it is stored."""
    return _fernet(keys).encrypt(secret.encode())


def is_passed(
    connection: Connection, keys: KeyRing, account: StoredAccount, code: str, now: datetime
) -> bool:
    """Whether a code of the phone, or a recovery code, passes; either is used up by it.

    An account without a second factor passes. Part of a unit.
    """
    if account.factor is None:
        return True
    secret = _fernet(keys).decrypt(account.factor).decode()
    step = step_of(secret, code, now)
    if step is not None:
        return stored.take_step(connection, account.number, step)
    return stored.use_code(connection, account.number, code_hash(account.number, code))


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 50 bits, in two groups of five."""
    plain = (
        "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        for _ in range(RECOVERY_CODES)
    )
    return tuple(f"{each[:5]}-{each[5:]}" for each in plain)


def code_hash(number: int, code: str) -> str:
    """What is kept of a recovery code of an account."""
    plain = "".join(each for each in code.upper() if each in _LETTERS)
    return hashlib.sha256(f"{number} {plain}".encode()).hexdigest()


def keep_codes(connection: Connection, number: int, codes: Iterable[str]) -> None:
    """Keep new recovery codes, in place of those before."""
    stored.new_codes(connection, number, [code_hash(number, each) for each in codes])


def _fernet(keys: KeyRing) -> Fernet:
    return Fernet(urlsafe_b64encode(keys.made(_KEY)))
