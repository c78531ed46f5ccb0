"""A model that nobody waits for any more is free for the next request; the GGUF model is a real one."""

from __future__ import annotations

import threading

import pytest

from banksman_cloud.errors import ProviderError, ProviderUnavailableError
from banksman_cloud.providers.local import LocalProvider
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_shared.clock import ManualClock
from banksman_shared.models import ModelStore
from banksman_shared.site import Site

NAME = "smollm2-135m"
"""The smallest there is: what it understands does not matter here."""
LONG = ", and two pallets from dock one to aisle two" * 40


@pytest.fixture(scope="module")
def model() -> LocalProvider:
    provider = LocalProvider(NAME, lambda: ModelStore().path(NAME), ManualClock())
    provider.load()
    return provider


class Given(threading.Event):
    """Up once it has been looked at so often."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._left = looks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def asked(model: LocalProvider, site: Site, request: str, unwanted: threading.Event) -> object:
    return model.goals(GoalPrompt(request, "en", site), model._clock.time() + 60, unwanted)


@pytest.mark.parametrize("looks", [0, 20])
def test_it_ends_where_it_is_and_answers_the_next_as_ever(model: LocalProvider, yard: Site, looks: int) -> None:
    """At the first look it still reads the prompt. What is answered may differ in words: a prompt that is read in other
    pieces is rounded otherwise, on some processors."""
    before = asked(model, yard, "carry them", threading.Event())
    with pytest.raises(ProviderUnavailableError):
        asked(model, yard, f"carry them{LONG}", Given(looks))
    assert type(asked(model, yard, "carry them", threading.Event())) is type(before)


def test_who_waits_for_a_model_that_is_busy_gives_up_too(model: LocalProvider, yard: Site) -> None:
    with model._lock, pytest.raises(ProviderUnavailableError, match="busy"):
        asked(model, yard, "carry them", Given(0))


def test_a_model_that_fails_is_said_to_have_failed_and_answers_the_next(model: LocalProvider, yard: Site) -> None:
    model._brake._text[0] = b"!"  # llama.cpp ends as it does where it cannot go on, and nobody has given up
    with pytest.raises(ProviderError, match="the local model failed"):
        asked(model, yard, "carry them", threading.Event())
    assert asked(model, yard, "carry them", threading.Event())
