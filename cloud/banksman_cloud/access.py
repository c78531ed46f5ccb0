"""Who may do what: tokens that are known here, and tokens that somebody else issues."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from banksman_cloud.errors import ForbiddenError, SettingsError

SCOPES = frozenset({"plans:read", "plans:write", "plans:approve"})
"""To read plans; to ask for and cancel them; to approve them and report on them."""

AUDIENCE = "banksman-planner"


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
        if jwks_url and not _safe(jwks_url):
            raise SettingsError("BANKSMAN_PLANNER_JWKS_URL is not an https:// address; keys need a safe way here")
        if jwks_url and jwt_key:
            raise SettingsError("BANKSMAN_PLANNER_JWT_KEY and _JWKS_URL are two sources of one key: set one of them")
        return cls(
            keys=_read_keys(Path(keys)) if keys else None,
            jwt_key=_read(Path(jwt_key)) if jwt_key else "",
            jwks_url=jwks_url,
            issuer=environment.get("BANKSMAN_PLANNER_JWT_ISSUER", ""),
            audience=environment.get("BANKSMAN_PLANNER_JWT_AUDIENCE") or AUDIENCE,
        )


def _safe(url: str) -> bool:
    """Whether nobody on the way can change what comes from there."""
    try:
        parts = urlsplit(url)
        here = parts.hostname in ("127.0.0.1", "localhost", "::1") and parts.username is None
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


class _Key(msgspec.Struct, forbid_unknown_fields=True):
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")]
    scopes: list[Literal["plans:read", "plans:write", "plans:approve"]]
    sites: list[str] | Literal["*"]
    name: str = ""


class _KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    keys: Annotated[list[_Key], msgspec.Meta(min_length=1)]


def _read_keys(path: Path) -> Mapping[str, Caller]:
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _KeyFile).keys
    except (OSError, ValueError) as error:
        raise SettingsError(f"the keys in {path} cannot be read: {error}; see docs/planner.md") from error
    return {
        key.sha256.lower(): Caller(
            key.sha256.lower(), frozenset(key.scopes), None if key.sites == "*" else frozenset(key.sites)
        )
        for key in found
    }


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}; mend BANKSMAN_PLANNER_JWT_KEY") from error
