"""A local model that reads requests by lines says why it cannot, and goes on; a real one that was taught nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from banksman_cloud.errors import ProviderError, ProviderTruncatedError, ProviderUnavailableError
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_cloud.providers.taught import TaughtProvider
from banksman_shared.clock import ManualClock
from banksman_shared.errors import ModelError
from banksman_shared.models import ModelStore
from banksman_shared.models.engine import Engine
from banksman_shared.plans import Goals
from banksman_shared.site import Site


@pytest.fixture(scope="module")
def model() -> TaughtProvider:
    provider = TaughtProvider(Path("untaught"), ModelStore().path, ManualClock())
    provider._engine = Engine(ModelStore().path("smollm2-135m"))
    return provider


def asked(model: TaughtProvider, site: Site, request: str, given_up: bool = False) -> object:
    unwanted = threading.Event()
    if given_up:
        unwanted.set()
    return model.goals(GoalPrompt(request, "en", site), model._clock.time() + 60, unwanted)


def test_whatever_it_writes_is_goals_of_the_request_or_an_error_that_says_so(model: TaughtProvider, yard: Site) -> None:
    try:
        goals = asked(model, yard, "two pallets from dock one to gate")
    except ProviderError as error:
        assert "the local model" in str(error)  # noqa: PT017  either is right
    else:
        assert isinstance(goals, Goals)


def test_a_request_that_is_too_long_is_refused_and_the_next_one_answered(model: TaughtProvider, yard: Site) -> None:
    with pytest.raises(ProviderTruncatedError, match="too long"):
        asked(model, yard, "and another thing " * 1000)
    assert model._engine is not None


def test_who_waits_for_a_model_that_is_busy_gives_up(model: TaughtProvider, yard: Site) -> None:
    with model._lock, pytest.raises(ProviderUnavailableError, match="busy"):
        asked(model, yard, "carry them", given_up=True)


def test_a_model_that_fails_is_said_to_have_failed(
    model: TaughtProvider, yard: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("llama_decode returned -3")

    monkeypatch.setattr(model._engine, "evaluate", broken)
    with pytest.raises(ProviderError, match="the local model failed"):
        asked(model, yard, "carry two to the gate")


def test_a_folder_without_a_card_is_no_model(tmp_path: Path, yard: Site) -> None:
    provider = TaughtProvider(tmp_path, ModelStore().path, ManualClock())
    with pytest.raises(ModelError, match="no taught language model"):
        provider.load()
    with pytest.raises(ProviderUnavailableError, match="not loaded"):
        asked(provider, yard, "carry them")
