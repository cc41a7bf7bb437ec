"""Receipts: the codes by which whoever wrote a letter, and nobody else, finds it again.

80 random bits as 16 characters of Crockford's base 32, in fours: made on the phone, or by the
server for a page without scripts. Only a hash is kept; with so much chance in it no salt helps.
"""

import hashlib
import re
import secrets
from typing import Final

from geodata.errors import BadValue

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
_BITS_A_CHARACTER: Final = 5
#: What a person may read or write for another character, as Crockford has it.
_READ_AS: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\-‐‑–—_.·]+")


def new_receipt() -> str:
    """A new code, in fours."""
    bits = secrets.randbits(LENGTH * _BITS_A_CHARACTER)
    code = "".join(
        _ALPHABET[bits >> _BITS_A_CHARACTER * place & 31] for place in reversed(range(LENGTH))
    )
    return in_fours(code)


def in_fours(code: str) -> str:
    """A code as it is shown: XXXX-XXXX-XXXX-XXXX."""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def read_receipt(text: str) -> str:
    """A code as it is meant, 16 characters, however it was typed. Raises BadValue."""
    code = _BETWEEN.sub("", text.upper()).translate(_READ_AS)
    if len(code) != LENGTH or not set(code) <= {*_ALPHABET}:
        raise BadValue(
            "This is no receipt: one has 16 letters and digits in fours, such as"
            " 7Z3K-9QXM-2B8T-WEHC."
        )
    return code


def hash_of(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(f"nuanfeng letter {code}".encode()).hexdigest()
