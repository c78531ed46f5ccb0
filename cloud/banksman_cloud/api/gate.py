"""Tells who a token belongs to."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from banksman_cloud.access import SCOPES, Access, Caller
from banksman_cloud.api.issuer import IssuerKeys
from banksman_cloud.errors import SettingsError, UnknownCallerError

_SIGNATURES = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
_SECRET_BYTES = 32
_LEEWAY_S = 30


class Gate:
    """Tells who a token belongs to."""

    def __init__(self, tokens: tuple[str, ...], access: Access) -> None:
        self._keys = {_sha256(token): Caller(_sha256(token)) for token in tokens} | dict(access.keys or {})
        self._access = access
        self._issuer = IssuerKeys(access.jwks_url) if access.jwks_url else None
        self._key: Any
        self._key, self._algorithms = _verifier(access.jwt_key) if access.jwt_key else (None, [])

    def known(self, token: str) -> Caller | None:
        """Who has a token that is known here, told at once."""
        digest = _sha256(token)
        # Every key is compared, so that the time taken says nothing about which one was near.
        known = [caller for key, caller in self._keys.items() if hmac.compare_digest(key, digest)]
        return known[0] if known else None

    def caller(self, token: str) -> Caller:
        """Whose token it is. May wait for the issuer's keys, so it is not for an event loop's thread.

        Raises:
            UnknownCallerError: the token is not good here.
            IssuerError: that cannot be told now.
        """
        if (known := self.known(token)) is not None:
            return known
        if token.count(".") == 2 and (self._key or self._issuer):
            return self._issued(token)
        raise UnknownCallerError("the token is not known here")

    def _issued(self, token: str) -> Caller:
        try:
            if self._issuer is not None:
                kid = jwt.get_unverified_header(token).get("kid")
                key, algorithms = self._issuer.find(kid if isinstance(kid, str) else ""), list(_SIGNATURES)
            else:
                key, algorithms = self._key, self._algorithms
            claims = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                audience=self._access.audience,
                issuer=self._access.issuer or None,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise UnknownCallerError(f"the token is not valid ({type(error).__name__})") from error
        return _claimed(claims)


def _claimed(claims: Mapping[str, Any]) -> Caller:
    """Scopes as RFC 8693 has them; ``sites`` is a list of ids, or "*" for all. What is missing is not granted."""
    scope, sites = claims.get("scope", ""), claims.get("sites", [])
    scopes = scope.split() if isinstance(scope, str) else []
    named = frozenset(s for s in sites if isinstance(s, str)) if isinstance(sites, list) else frozenset()
    who = json.dumps([claims.get("iss"), claims["sub"]])
    return Caller(_sha256(who), SCOPES.intersection(scopes), None if sites == "*" else named)


def _verifier(key: str) -> tuple[Any, list[str]]:
    """The key, and the algorithms that fit it: never the one that the token would like."""
    if not key.startswith("-----BEGIN"):
        if len(key.encode()) < _SECRET_BYTES:
            raise SettingsError(f"a secret for tokens needs {_SECRET_BYTES} bytes; mend BANKSMAN_PLANNER_JWT_KEY")
        return key, ["HS256"]
    try:
        return load_pem_public_key(key.encode()), list(_SIGNATURES)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"BANKSMAN_PLANNER_JWT_KEY holds no public key: {error}; give one in PEM") from error


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
