"""Tiers of understanding side by side on the same written sentences: exact, harmless, fast.

The naive pipeline is what one builds in an afternoon: the site in the prompt, one call, an answer held to JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from banksman_edge.asr import Transcript
from banksman_edge.errors import LanguageModelError
from banksman_edge.evaluation import Case, Evaluation, Row, summarise
from banksman_edge.nlu import Interpretation, LlamaModel, TaughtLlama, Tier, Understanding
from banksman_edge.policy import Policy
from banksman_shared.commands import NOTHING, Action, parse_commands
from banksman_shared.errors import CommandError
from banksman_shared.models import UNTAUGHT_LLAMA, ModelStore
from banksman_shared.site import Site

GRAMMAR, NAIVE = "grammar alone", f"one call, {UNTAUGHT_LLAMA}"
_ASKED = (
    "You turn what a worker says to the vehicles of a site into JSON: action, vehicles, from, to. Actions: move (go "
    "there), transport (carry a load from a place to another), pick, drop, charge, park, stop, resume, cancel, status, "
    "plan (amounts, deadlines, conditions), none (not an order to a vehicle). vehicles is a list of ids, empty if "
    'nobody was named, ["*"] for all.'
)
_EXAMPLE = ("the weather is nice today", '{"action": "none", "vehicles": []}')


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to understand; ``about`` says with which model."""

    name: str
    about: str
    understand: Callable[[Transcript], Interpretation]


def contenders(site: Site, llamas: Sequence[str], threads: int) -> Iterator[Contender]:
    """The grammar alone, with each of the language models, and one call of the one that was never taught; made one
    after the other, so that only one large model is there at a time.

    Raises:
        ModelError, LanguageModelError: a model cannot be had.
    """
    yield Contender(GRAMMAR, "", Understanding(site, None).understand)
    store = ModelStore()
    for name in llamas:
        path = store.path(name)
        if path.is_dir():
            taught = TaughtLlama.of(path, store.path, threads=threads)
            yield Contender(f"grammar, {name}", name, Understanding(site, None, taught).understand)
        else:
            model = LlamaModel(path, threads=threads)
            model.warm_up()
            yield Contender(f"grammar, {name}", name, Understanding(site, model).understand)
    naive = LlamaModel(store.path(UNTAUGHT_LLAMA), threads=threads, told=told_of(site))
    yield Contender(NAIVE, UNTAUGHT_LLAMA, OneCall(site, naive).understand)


def told_of(site: Site) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Instructions with the whole site in them, and one example."""
    language = site.languages[0]
    things = [*site.vehicles, *site.places, *(f"group:{group}" for group in site.groups)]
    listed = ", ".join(f"{thing} = {site.label(thing.removeprefix('group:'), language)}" for thing in things)
    return f"{_ASKED} Ids: {listed}.", (_EXAMPLE,)


class OneCall:
    """The naive pipeline: whatever is said goes to the model, and its answer is taken."""

    def __init__(self, site: Site, model: LlamaModel) -> None:
        self._model = model
        ids = [*site.vehicles, *(f"group:{group}" for group in site.groups), "*"]
        quoted = " | ".join(json.dumps(json.dumps(one)) for one in ids)
        places = " | ".join(json.dumps(json.dumps(one)) for one in site.places)
        actions = " | ".join(json.dumps(json.dumps(str(action))) for action in Action)
        self._grammar = "\n".join(
            (
                r'root ::= "{\"action\": " action ", \"vehicles\": [" (id (", " id)*)? "]" from? to? "}"',
                r'from ::= ", \"from\": " place',
                r'to ::= ", \"to\": " place',
                f"action ::= {actions}",
                f"id ::= {quoted}",
                f"place ::= {places}",
            )
        )

    def understand(self, transcript: Transcript) -> Interpretation:
        """What it answers, as sure as it was."""
        try:
            answer = self._model.answer(transcript.text, self._grammar)
            commands, sure = parse_commands(json.loads(answer.line)), answer.probability
        except (LanguageModelError, CommandError, ValueError):
            commands, sure = (NOTHING,), 0.0
        return Interpretation(commands, sure, Tier.LLAMA, transcript.language, "one call")


def measure(contender: Contender, site: Site, cases: Sequence[Case], advance: Callable[[], None]) -> list[Row]:
    """Every sentence, understood and judged."""
    return Evaluation(contender, None, Policy.of(site)).run(cases, advance)


def summary(contender: Contender, rows: Sequence[Row]) -> dict[str, Any]:
    """The figures of one contender; ``model`` those of the sentences that its model answered."""
    asked = [row for row in rows if row.tier == str(Tier.LLAMA)]
    whole = summarise(rows)
    of_model = summarise(asked)
    keys = ("n", "exact", "false_actions", "needless_questions")
    return {
        "model": contender.about,
        **{key: whole[key] for key in keys},
        "by_language": whole["by_language"],
        "latency_ms": whole["latency_ms"]["nlu"],
        "asked_model": {**{key: of_model[key] for key in keys}, "latency_ms": of_model["latency_ms"]["nlu"]},
    }
