"""Who may do what: tokens that are known here, and tokens that somebody else issues."""

from __future__ import annotations

import hashlib
import hmac
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError

from banksman_cloud.errors import ForbiddenError, IssuerError, SettingsError, UnknownCallerError

SCOPES = frozenset({"plans:read", "plans:write", "plans:approve"})
"""To read plans; to ask for and cancel them; to approve them and report on them."""

_SIGNATURES = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
AUDIENCE = "banksman-planner"
_SECRET_BYTES = 32
_LEEWAY_S = 30
_FETCH_S = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose token is good. ``sites`` None: all."""

    id: str
    """A digest that tells callers apart and says nothing of the token."""
    scopes: frozenset[str] = SCOPES
    sites: frozenset[str] | None = None

    def need(self, scope: str) -> None:
        """Raises:
        ForbiddenError: the caller lacks ``scope``.
        """
        if scope not in self.scopes:
            raise ForbiddenError(f"this token has no scope {scope}; ask for one that has")

    def may_see(self, site: str) -> bool:
        return self.sites is None or site in self.sites


@dataclass(frozen=True, slots=True)
class Access:
    """Callers besides those with a token of the environment.

    ``keys``: SHA-256 of tokens in hex, and whose they are. ``jwt_key``: a PEM public key, or a secret of 32 bytes or
    more. ``jwks_url``: where the issuer's keys are.
    """

    keys: Mapping[str, Caller] | None = None
    jwt_key: str = ""
    jwks_url: str = ""
    issuer: str = ""
    audience: str = AUDIENCE

    @property
    def anybody(self) -> bool:
        """Whether anybody can get in by this."""
        return bool(self.keys or self.jwt_key or self.jwks_url)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Access:
        """Read and check the environment.

        Raises:
            SettingsError: a value or a file is wrong.
        """
        keys, jwt_key = environment.get("BANKSMAN_PLANNER_KEYS"), environment.get("BANKSMAN_PLANNER_JWT_KEY")
        jwks_url = environment.get("BANKSMAN_PLANNER_JWKS_URL", "")
        if jwks_url and not jwks_url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
            raise SettingsError("BANKSMAN_PLANNER_JWKS_URL is not an https:// address; keys need a safe way here")
        return cls(
            keys=_read_keys(Path(keys)) if keys else None,
            jwt_key=_read_jwt_key(Path(jwt_key)) if jwt_key else "",
            jwks_url=jwks_url,
            issuer=environment.get("BANKSMAN_PLANNER_JWT_ISSUER", ""),
            audience=environment.get("BANKSMAN_PLANNER_JWT_AUDIENCE") or AUDIENCE,
        )


class Gate:
    """Tells who a token belongs to. May wait for the issuer's keys, so it is not for an event loop's thread."""

    def __init__(self, tokens: tuple[str, ...], access: Access) -> None:
        self._keys = {_sha256(token): Caller(_sha256(token)) for token in tokens} | dict(access.keys or {})
        self._access = access
        self._issuer = jwt.PyJWKClient(access.jwks_url, lifespan=300, timeout=_FETCH_S) if access.jwks_url else None
        self._key: Any
        self._key, self._algorithms = _verifier(access.jwt_key) if access.jwt_key else (None, [])

    def caller(self, token: str) -> Caller:
        """Raises:
        UnknownCallerError: the token is not good here.
        IssuerError: that cannot be told now.
        """
        digest = _sha256(token)
        # Every key is compared, so that the time taken says nothing about which one was near.
        known = [caller for key, caller in self._keys.items() if hmac.compare_digest(key, digest)]
        if known:
            return known[0]
        if token.count(".") == 2 and (self._key or self._issuer):
            return self._issued(token)
        raise UnknownCallerError("the token is not known here")

    def _issued(self, token: str) -> Caller:
        try:
            if self._issuer is not None:
                key, algorithms = self._issuer.get_signing_key_from_jwt(token).key, list(_SIGNATURES)
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
        except PyJWKClientConnectionError as error:
            raise IssuerError("the keys of the token's issuer cannot be fetched now; ask again") from error
        except (jwt.InvalidTokenError, PyJWKClientError, jwt.PyJWTError, ValueError, TypeError) as error:
            raise UnknownCallerError(f"the token is not valid ({type(error).__name__})") from error
        return _claimed(claims)


def _claimed(claims: Mapping[str, Any]) -> Caller:
    """Scopes as RFC 8693 has them; ``sites`` is a list of ids, or "*" for all. What is missing is not granted."""
    scope, sites = claims.get("scope", ""), claims.get("sites", [])
    scopes = scope.split() if isinstance(scope, str) else []
    named = frozenset(s for s in sites if isinstance(s, str)) if isinstance(sites, list) else frozenset()
    who = json.dumps([claims.get("iss"), claims["sub"]])
    return Caller(_sha256(who), SCOPES.intersection(scopes), None if sites == "*" else named)


def _read_keys(path: Path) -> Mapping[str, Caller]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"the keys in {path} cannot be read: {error}; mend BANKSMAN_PLANNER_KEYS") from error
    keys: dict[str, Caller] = {}
    for number, entry in enumerate(document.get("keys", ()), 1):
        where = f"{path}, key {number}"
        if unknown := sorted(set(entry) - {"name", "sha256", "scopes", "sites"}):
            raise SettingsError(f"{where}: '{unknown[0]}' is not known; use name, sha256, scopes, sites")
        digest, scopes, sites = str(entry.get("sha256", "")).lower(), entry.get("scopes", ()), entry.get("sites", ())
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise SettingsError(f"{where}: sha256 is not the SHA-256 of a token in hex; see docs/planner.md")
        if wrong := sorted(set(scopes) - SCOPES):
            raise SettingsError(f"{where}: there is no scope '{wrong[0]}'; use {', '.join(sorted(SCOPES))}")
        if sites != "*" and not isinstance(sites, list):
            raise SettingsError(f'{where}: sites is a list of site ids, or "*"')
        keys[digest] = Caller(digest, frozenset(scopes), None if sites == "*" else frozenset(map(str, sites)))
    if not keys:
        raise SettingsError(f"{path} holds no [[keys]]; see docs/planner.md")
    return keys


def _read_jwt_key(path: Path) -> str:
    try:
        key = path.read_text("utf-8").strip()
        _verifier(key)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"the key in {path} cannot be used: {error}; mend BANKSMAN_PLANNER_JWT_KEY") from error
    return key


def _verifier(key: str) -> tuple[Any, list[str]]:
    """The key, and the algorithms that fit it: never the one that the token would like."""
    if key.startswith("-----BEGIN"):
        return load_pem_public_key(key.encode()), list(_SIGNATURES)
    if len(key.encode()) < _SECRET_BYTES:
        raise ValueError(f"a secret needs at least {_SECRET_BYTES} bytes")
    return key, ["HS256"]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
