"""The cloud planner: a language model understands a request as goals, a solver assigns, the verifier of
:mod:`banksman_shared.verify` checks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from banksman_cloud.api import create_app
    from banksman_cloud.errors import PlannerError
    from banksman_cloud.planning import Planner, Proposal
    from banksman_cloud.providers import GoalPrompt, GoalProvider, Repair, make_provider
    from banksman_cloud.settings import Settings

__all__ = [
    "GoalPrompt",
    "GoalProvider",
    "Planner",
    "PlannerError",
    "Proposal",
    "Repair",
    "Settings",
    "create_app",
    "make_provider",
]

_HOME = {
    "GoalPrompt": "providers",
    "GoalProvider": "providers",
    "Planner": "planning",
    "PlannerError": "errors",
    "Proposal": "planning",
    "Repair": "providers",
    "Settings": "settings",
    "create_app": "api",
    "make_provider": "providers",
}


def __getattr__(name: str) -> Any:
    """Import on first use: `banksman --help` loads this package and must not wait for solver and web framework."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
