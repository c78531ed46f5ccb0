"""The settings of the planner service, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from banksman_cloud.errors import SettingsError

ProviderName = Literal["openai", "anthropic", "local"]

DEFAULT_MODELS: Mapping[ProviderName, str] = {
    "openai": "gpt-5.5",
    "anthropic": "claude-sonnet-5-5",
    "local": "qwen2.5-coder-1.5b",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. Times in seconds.

    Environment: ``BANKSMAN_PLANNER_TOKEN`` (several separated by commas), ``BANKSMAN_PLANNER_PROVIDER``,
    ``BANKSMAN_PLANNER_MODEL``, ``BANKSMAN_PLANNER_TIMEOUT_S``, ``BANKSMAN_PLANNER_SOLVE_S``. The closed models'
    keys and addresses (``ANTHROPIC_API_KEY``, ``OPENAI_API_KEY``, ``OPENAI_BASE_URL``) are read by their SDKs.
    """

    tokens: tuple[str, ...]
    provider: ProviderName = "local"
    model: str = DEFAULT_MODELS["local"]
    timeout_s: float = 180.0
    """How long a plan may take where the request has no earlier deadline."""
    solve_s: float = 4.0
    workers: int = 4
    max_plans: int = 200
    max_age_s: float = 24 * 3600.0
    """How long an ended plan can still be read, and how long an approved one may go without a report."""
    max_body_bytes: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        if not self.tokens or not all(self.tokens):
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
            provider=provider,
            model=environment.get("BANKSMAN_PLANNER_MODEL") or DEFAULT_MODELS[provider],
            timeout_s=_seconds(environment, "BANKSMAN_PLANNER_TIMEOUT_S", 180.0),
            solve_s=_seconds(environment, "BANKSMAN_PLANNER_SOLVE_S", 4.0),
        )


def _provider(environment: Mapping[str, str]) -> ProviderName:
    named = environment.get("BANKSMAN_PLANNER_PROVIDER")
    if not named:
        return (
            "anthropic"
            if environment.get("ANTHROPIC_API_KEY")
            else ("openai" if environment.get("OPENAI_API_KEY") else "local")
        )
    for known in get_args(ProviderName):
        if named == known:
            return known  # type: ignore[no-any-return]
    raise SettingsError(f"BANKSMAN_PLANNER_PROVIDER is '{named}'; use one of {', '.join(get_args(ProviderName))}")


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 86400:
        raise SettingsError(f"{name} is '{text}'; give seconds, above 0")
    return value
