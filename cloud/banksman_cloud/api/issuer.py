"""The keys of whoever issues tokens, fetched from a JWKS address."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from banksman_cloud.errors import IssuerError, UnknownCallerError

_FETCH_S = 5
_FRESH_S = 300.0
_COOL_S = 30.0
"""How long keys that are not among the fetched ones are not asked for again."""
_FAILED_S = 5.0
"""How long an issuer that gave no answer is left alone."""


class IssuerKeys:
    """Keys by their id. One caller at a time waits for the issuer: a stranger's token must not hold up the rest."""

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=_FETCH_S)
        self._keys: dict[str, Any] = {}
        self._fetched = self._failed = -math.inf
        self._fetching = threading.Lock()

    def find(self, kid: str) -> Any:
        """The key ``kid``; an old one while the issuer is away.

        Raises:
            UnknownCallerError: the issuer has no such key.
            IssuerError: that cannot be told now.
        """
        age, known = time.monotonic() - self._fetched, self._keys.get(kid)
        if age >= (_COOL_S if known is None else _FRESH_S):
            try:
                self._refresh()
            except IssuerError:
                if known is None:
                    raise
            else:
                known = self._keys.get(kid)
        if known is None:
            raise UnknownCallerError("the token is not valid (its issuer has no such key)")
        return known

    def _refresh(self) -> None:
        away = IssuerError("the keys of the token's issuer cannot be fetched now; ask again")
        if time.monotonic() - self._failed < _FAILED_S or not self._fetching.acquire(blocking=False):
            raise away
        try:
            self._keys = {key.key_id or "": key.key for key in self._client.get_signing_keys()}
            self._fetched = time.monotonic()
        except (PyJWTError, ValueError, OSError) as error:
            self._failed = time.monotonic()
            raise away from error
        finally:
            self._fetching.release()
