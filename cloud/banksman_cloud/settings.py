"""The settings of the planner service, read once from the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from banksman_cloud.access import Access
from banksman_cloud.errors import SettingsError

ProviderName = Literal["openai", "anthropic", "gemini", "local", "replay"]

DEFAULT_MODELS: Mapping[ProviderName, str] = {
    "openai": "gpt-5.5",
    "anthropic": "claude-sonnet-5-5",
    "gemini": "gemini-3.5-flash",
    "local": "qwen2.5-coder-1.5b",
    "replay": "calls.jsonl",
}
_KEYS: Mapping[str, ProviderName] = {
    "ANTHROPIC_API_KEY": "anthropic",
    "OPENAI_API_KEY": "openai",
    "GEMINI_API_KEY": "gemini",
    "GOOGLE_API_KEY": "gemini",
}
"""Whose key chooses whom, where nobody is named; the first wins."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What asking hosted models may cost: tokens in and out, and US dollars. Repairs and repeats count."""

    plan_tokens: int = 200_000
    plan_usd: float = 1.0
    site_tokens_per_day: int = 5_000_000
    site_usd_per_day: float = 20.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. Times in seconds. docs/planner.md lists the variables of the environment.

    The closed models' keys and addresses (``ANTHROPIC_API_KEY``, ``OPENAI_API_KEY``, ``OPENAI_BASE_URL``,
    ``GEMINI_API_KEY``) are read by their SDKs.
    """

    tokens: tuple[str, ...] = ()
    """Whoever has one of these may do everything."""
    access: Access = field(default_factory=Access)
    """Who else may do what."""
    provider: ProviderName = "local"
    model: str = DEFAULT_MODELS["local"]
    fallback: bool = False
    """Whether the local model answers where the hosted one is not to be had."""
    database: str = ""
    """URL of SQLite or Postgres; empty: a file that ends with the service."""
    timeout_s: float = 180.0
    """How long a plan may take where the request has no earlier deadline."""
    solve_s: float = 4.0
    budget: Budget = Budget()
    requests_per_minute: int = 1200
    """Of one caller, to one replica; a quarter of them may come at once."""
    workers: int = 4
    max_plans: int = 1000
    max_age_s: float = 24 * 3600.0
    """How long an ended plan can still be read, and how long an approved one may go without a report."""
    calls_days: int = 90
    """How long the calls of a language model are kept."""
    max_body_bytes: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        if not all(self.tokens) or not (self.tokens or self.access.anybody):
            raise SettingsError("no token is set; put one into BANKSMAN_PLANNER_TOKEN")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read and check the environment.

        Raises:
            SettingsError: a value is missing or wrong.
        """
        tokens = tuple(t.strip() for t in environment.get("BANKSMAN_PLANNER_TOKEN", "").split(",") if t.strip())
        provider = _provider(environment)
        return cls(
            tokens=tokens,
            access=Access.from_environment(environment),
            provider=provider,
            model=environment.get("BANKSMAN_PLANNER_MODEL") or DEFAULT_MODELS[provider],
            fallback=_fallback(environment),
            database=environment.get("BANKSMAN_PLANNER_DATABASE", ""),
            budget=Budget(**_numbers(environment, plan_tokens=int, plan_usd=float, **_DAILY)),
            **_numbers(environment, timeout_s=float, solve_s=float, requests_per_minute=int, calls_days=int),
        )


_DAILY: Mapping[str, type] = {"site_tokens_per_day": int, "site_usd_per_day": float}


def _numbers(environment: Mapping[str, str], **fields: type) -> dict[str, Any]:
    """Those of ``fields`` that are set, as ``BANKSMAN_PLANNER_{FIELD}``; above 0, seconds at most a day."""
    found: dict[str, Any] = {}
    for field_name, kind in fields.items():
        name = f"BANKSMAN_PLANNER_{field_name.upper()}"
        unit, limit = ("seconds", 86400.0) if field_name.endswith("_s") else ("a number", 1e12)
        text = environment.get(name)
        if not text:
            continue
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not 0 < value < limit:
            raise SettingsError(f"{name} is '{text}'; give {unit}, above 0")
        found[field_name] = value
    return found


def _provider(environment: Mapping[str, str]) -> ProviderName:
    named = environment.get("BANKSMAN_PLANNER_PROVIDER")
    if not named:
        return next((provider for key, provider in _KEYS.items() if environment.get(key)), "local")
    for known in get_args(ProviderName):
        if named == known:
            return known  # type: ignore[no-any-return]
    raise SettingsError(f"BANKSMAN_PLANNER_PROVIDER is '{named}'; use one of {', '.join(get_args(ProviderName))}")


def _fallback(environment: Mapping[str, str]) -> bool:
    named = environment.get("BANKSMAN_PLANNER_FALLBACK", "")
    if named not in ("", "local"):
        raise SettingsError(f"BANKSMAN_PLANNER_FALLBACK is '{named}'; use local, or leave it out")
    return bool(named)
