"""The language models that understand requests, behind one protocol."""

from __future__ import annotations

from banksman_cloud.providers.base import GoalProvider
from banksman_cloud.providers.prompt import GoalPrompt, Repair
from banksman_cloud.settings import Settings
from banksman_shared.clock import Clock

__all__ = ["GoalPrompt", "GoalProvider", "Repair", "make_provider"]


def make_provider(settings: Settings, clock: Clock) -> GoalProvider:
    """The provider that the settings name; its SDK is imported only then."""
    if settings.provider == "openai":
        from banksman_cloud.providers.openai import OpenAIProvider  # noqa: PLC0415

        return OpenAIProvider(settings.model, clock)
    if settings.provider == "anthropic":
        from banksman_cloud.providers.anthropic import AnthropicProvider  # noqa: PLC0415

        return AnthropicProvider(settings.model, clock)
    from banksman_cloud.providers.local import LocalProvider  # noqa: PLC0415
    from banksman_shared.models import ModelStore  # noqa: PLC0415

    return LocalProvider(settings.model, lambda: ModelStore().path(settings.model), clock)
