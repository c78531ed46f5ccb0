"""The language models that understand requests, behind one protocol."""

from __future__ import annotations

from pathlib import Path

from banksman_cloud.providers.base import WANTED, GoalProvider
from banksman_cloud.providers.call_log import Cost, Ledger, entries, planned, totals
from banksman_cloud.providers.guard import Guard, GuardedModel
from banksman_cloud.providers.prompt import GoalPrompt, Repair
from banksman_cloud.settings import DEFAULT_MODELS, Settings
from banksman_shared.clock import Clock


def make_provider(settings: Settings, clock: Clock) -> GoalProvider:
    """The provider that the settings name; its SDK is imported only then."""
    match settings.provider:
        case "openai":
            from banksman_cloud.providers.openai import OpenAIProvider  # noqa: PLC0415

            return OpenAIProvider(settings.model, clock)
        case "anthropic":
            from banksman_cloud.providers.anthropic import AnthropicProvider  # noqa: PLC0415

            return AnthropicProvider(settings.model, clock)
        case "gemini":
            from banksman_cloud.providers.gemini import GeminiProvider  # noqa: PLC0415

            return GeminiProvider(settings.model, clock)
        case "replay":
            from banksman_cloud.providers.replay import ReplayProvider  # noqa: PLC0415

            return ReplayProvider(Path(settings.model))
        case "local":
            return _local(settings.model, clock)


def make_fallback(settings: Settings, clock: Clock) -> GoalProvider | None:
    """The local model where the settings want it to stand in for a hosted one."""
    return _local(DEFAULT_MODELS["local"], clock) if settings.fallback and settings.provider != "local" else None


def _local(model: str, clock: Clock) -> GoalProvider:
    from banksman_cloud.providers.local import LocalProvider  # noqa: PLC0415
    from banksman_cloud.providers.taught import TaughtProvider  # noqa: PLC0415
    from banksman_shared.models import ModelStore  # noqa: PLC0415

    if Path(model).is_dir():
        return TaughtProvider(Path(model), ModelStore().path, clock)

    return LocalProvider(model, lambda: ModelStore().path(model), clock)


__all__ = [
    "WANTED",
    "Cost",
    "GoalPrompt",
    "GoalProvider",
    "Guard",
    "GuardedModel",
    "Ledger",
    "Repair",
    "entries",
    "make_fallback",
    "make_provider",
    "planned",
    "totals",
]
