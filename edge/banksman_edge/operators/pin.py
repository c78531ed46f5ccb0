"""PINs, of which only salted hashes are kept (scrypt, RFC 7914).

A PIN has few digits: the hash makes each guess cost a twentieth of a second and 16 MiB, and no more than that. Whoever
can read the site's file should not be let near it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from banksman_shared.errors import BanksmanError

SHORTEST, LONGEST = 4, 64
_COST, _BLOCK, _LANES = 1 << 14, 8, 1
_SALT_BYTES = 16
_MAX_MEMORY = 64 << 20
"""Bytes that a hash in a site's file may ask for; more would keep the agent from its work."""


def hash_pin(pin: str) -> str:
    """The value of ``pin`` in an operator's table.

    Raises:
        BanksmanError: it is too short or too long.
    """
    if not SHORTEST <= len(pin) <= LONGEST:
        raise BanksmanError(f"a PIN has {SHORTEST} to {LONGEST} characters")
    salt = os.urandom(_SALT_BYTES)
    digest = _scrypt(pin, salt, _COST, _BLOCK, _LANES)
    return "$".join(["scrypt", str(_COST), str(_BLOCK), str(_LANES), _text(salt), _text(digest)])


def pin_fits(pin: str, kept: str) -> bool:
    """Whether a PIN is the one of which ``kept`` is the hash. One that asks for too much memory fits nothing."""
    if len(pin) > LONGEST:
        return False
    try:
        _, cost, block, lanes, salt, digest = kept.split("$")
        known = base64.b64decode(digest, validate=True)
        tried = _scrypt(pin, base64.b64decode(salt, validate=True), int(cost), int(block), int(lanes))
    except (ValueError, TypeError, OverflowError, MemoryError):
        return False
    return hmac.compare_digest(tried, known)


def _scrypt(pin: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=_MAX_MEMORY, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
