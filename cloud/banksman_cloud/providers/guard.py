"""Stands between the planner and its language model: budget, repeats, breaker, record, fallback."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import threading
from dataclasses import dataclass

from banksman_cloud.errors import DatabaseError, ProviderError, ProviderUnavailableError
from banksman_cloud.metrics import Metrics
from banksman_cloud.providers.base import WANTED, Answer, GoalProvider, HostedProvider
from banksman_cloud.providers.breaker import Breaker
from banksman_cloud.providers.call_log import Call, Cost, Ledger
from banksman_cloud.providers.prices import source, usd
from banksman_cloud.providers.prompt import SYSTEM, GoalPrompt, messages
from banksman_cloud.providers.redact import redact
from banksman_cloud.providers.schema import goals_schema
from banksman_cloud.settings import Settings
from banksman_shared.clock import Clock
from banksman_shared.plans import Goals

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 3
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 8.0
_BYTES_PER_TOKEN = 2
"""Fewer than any tokeniser needs for a script that such requests are in, so that a prompt is not underrated."""


class Guard:
    """The planner's model, as it is asked for no plan in particular."""

    def __init__(
        self,
        provider: GoalProvider,
        fallback: GoalProvider | None,
        ledger: Ledger,
        settings: Settings,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self.provider, self.fallback = provider, fallback
        self.ledger, self.settings, self.metrics, self.clock = ledger, settings, metrics, clock
        self.breaker = Breaker(provider.name, clock)

    @property
    def name(self) -> str:
        """See :class:`GoalProvider`."""
        return self.provider.name

    def load(self) -> None:
        """The fallback too: when it is needed there is no time to load it."""
        self.provider.load()
        if self.fallback is not None:
            self.fallback.load()

    def goals(self, prompt: GoalPrompt, deadline: float, unwanted: threading.Event = WANTED) -> str | Goals:
        """Ask for no plan in particular."""
        return self.for_plan("", prompt.site.id).goals(prompt, deadline, unwanted)

    def for_plan(self, plan_id: str, site: str) -> GuardedModel:
        """The model, at the expense of one plan."""
        return GuardedModel(self, plan_id, site)


@dataclass(frozen=True, slots=True)
class GuardedModel:
    """See :class:`Guard`."""

    guard: Guard
    plan_id: str
    site: str

    @property
    def name(self) -> str:
        return self.guard.name

    def goals(self, prompt: GoalPrompt, deadline: float, unwanted: threading.Event = WANTED) -> str:
        """The JSON of goals, from the model or, where it cannot be had, from the one that stands in for it.

        Raises:
            ProviderError: neither gave an answer; see :mod:`banksman_cloud.errors`.
        """
        try:
            return self._asked(self.guard.provider, prompt, deadline, unwanted)
        except ProviderUnavailableError as error:
            if self.guard.fallback is None or self.guard.clock.time() >= deadline or unwanted.is_set():
                raise
            _LOG.warning("plan %s: %s; %s stands in", self.plan_id, error, self.guard.fallback.name)
        return self._asked(self.guard.fallback, prompt, deadline, unwanted)

    def _asked(self, provider: GoalProvider, prompt: GoalPrompt, deadline: float, unwanted: threading.Event) -> str:
        if isinstance(provider, HostedProvider):
            self.guard.breaker.enter()
            return self._patiently(provider, prompt, deadline, unwanted)
        asked_at = self.guard.clock.time()
        try:
            answer = provider.goals(prompt, deadline, unwanted)
        except ProviderError as error:
            self._note(provider, prompt, asked_at, None, error)
            raise
        self.guard.metrics.calls.labels(provider.name, "answered").inc()
        text = answer if isinstance(answer, str) else answer.model_dump_json()
        self._note(provider, prompt, asked_at, text, None)
        return text

    def _note(
        self, provider: GoalProvider, prompt: GoalPrompt, asked_at: float, text: str | None, error: ProviderError | None
    ) -> None:
        """A call that costs nothing is in the record too, and the plan does not depend on that."""
        kept = (redact(text) if text else None, redact(str(error)) if error else None)
        try:
            self.guard.ledger.note(_call(self, provider, prompt, ""), asked_at, *kept)
        except DatabaseError:
            _LOG.warning("plan %s: what %s was asked could not be noted", self.plan_id, provider.name)

    def _patiently(
        self, provider: HostedProvider, prompt: GoalPrompt, deadline: float, unwanted: threading.Event
    ) -> str:
        """Ask again what was not answered, while there is time for it and somebody wants it."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._once(provider, prompt, deadline)
            except ProviderUnavailableError as error:
                wait = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt) * random.uniform(0.5, 1.0)  # noqa: S311
                wait = max(wait, error.retry_after_s or 0.0)
                if attempt == _ATTEMPTS or self.guard.clock.time() + wait >= deadline:
                    raise
                _LOG.info("plan %s: %s (attempt %d)", self.plan_id, error, attempt)
                if unwanted.wait(wait):
                    raise
        raise AssertionError("unreachable")

    def _once(self, provider: HostedProvider, prompt: GoalPrompt, deadline: float) -> str:
        guard = self.guard
        if guard.clock.time() >= deadline:  # before anything is noted as spent
            raise ProviderUnavailableError(f"no time is left to ask {provider.name}; allow more", charged=False)
        call, most = _call(self, provider, prompt, source()), _most(provider, prompt)
        entry = guard.ledger.enter(call, most, guard.settings.budget)
        key = hashlib.sha256(f"{self.plan_id} {call.digest}".encode()).hexdigest()
        try:
            answer = provider.ask(prompt, deadline, key)
        except ProviderUnavailableError as error:
            if error.its_doing:
                guard.breaker.failed()
            self._settle(provider, entry, None if error.charged else Cost(0, 0, 0.0), None, error)
            raise
        except ProviderError as error:
            guard.breaker.answered()
            self._settle(provider, entry, None, None, error)
            raise
        guard.breaker.answered()
        self._settle(provider, entry, _cost(provider, answer, most), answer.text, None)
        return answer.text

    def _settle(
        self, provider: HostedProvider, entry: str, cost: Cost | None, text: str | None, error: ProviderError | None
    ) -> None:
        metrics = self.guard.metrics
        metrics.calls.labels(provider.name, type(error).__name__ if error else "answered").inc()
        if cost is not None:
            metrics.tokens.labels(provider.name, "in").inc(cost.input_tokens)
            metrics.tokens.labels(provider.name, "out").inc(cost.output_tokens)
            metrics.usd.labels(provider.name).inc(cost.usd)
        kept = (redact(text) if text else None, redact(str(error)) if error else None)
        try:
            self.guard.ledger.settle(entry, cost, *kept)
        except DatabaseError:
            _LOG.warning("plan %s: what its call cost could not be noted, so it counts at its most", self.plan_id)


def prompt_digest(prompt: GoalPrompt) -> str:
    """The same for the same question, whoever is asked."""
    return hashlib.sha256(_sent(prompt).encode("utf-8", "surrogatepass")).hexdigest()


def _sent(prompt: GoalPrompt) -> str:
    return json.dumps(
        [SYSTEM, messages(prompt, brief=False), goals_schema(prompt.site, prompt.types)], ensure_ascii=False
    )


def _call(model: GuardedModel, provider: GoalProvider, prompt: GoalPrompt, prices: str) -> Call:
    kept = json.dumps(messages(prompt, brief=False), ensure_ascii=False)
    return Call(model.plan_id, model.site, provider.name, prompt_digest(prompt), redact(kept), prices)


def _most(provider: HostedProvider, prompt: GoalPrompt) -> Cost:
    """What a call can cost at most."""
    tokens = len(_sent(prompt).encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN
    return Cost(tokens, provider.most_tokens, usd(provider.vendor, provider.model, tokens, provider.most_tokens))


def _cost(provider: HostedProvider, answer: Answer, most: Cost) -> Cost:
    """What the answer says of itself; one that says nothing cost the most."""
    if not answer.input_tokens and not answer.output_tokens:
        return most
    price = usd(provider.vendor, provider.model, answer.input_tokens, answer.output_tokens)
    return Cost(answer.input_tokens, answer.output_tokens, price)
