"""Tiers of understanding side by side on the same written sentences: exact, harmless, fast.

The naive pipeline is what one builds in an afternoon: the site in the prompt, one call, an answer held to JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_cpp import LlamaGrammar

from banksman_edge.app import load_reader
from banksman_edge.asr import Transcript
from banksman_edge.lab.evaluation import Case, Evaluation, Row, summarise
from banksman_edge.policy import Policy
from banksman_edge.understanding import Parse, Part, Pipeline, Tier
from banksman_shared.actions import Action
from banksman_shared.commands import NOTHING, parse_commands
from banksman_shared.errors import CommandError
from banksman_shared.models import UNTAUGHT_LLAMA, ModelStore
from banksman_shared.models.engine import be_silent
from banksman_shared.models.gguf import load_gguf
from banksman_shared.site import Site

PLAIN, NAIVE = "plain orders alone", f"one call, {UNTAUGHT_LLAMA}"
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
    parse: Callable[[Transcript], Parse]


def contenders(site: Site, llamas: Sequence[str], threads: int) -> Iterator[Contender]:
    """Plain orders alone, with each of the language models behind them and without them, and one call of the model that
    was never taught; made one after the other, so that only one large model is there at a time.

    Raises:
        ModelError, LanguageModelError: a model cannot be had.
    """
    plain = Pipeline(site)
    yield Contender(PLAIN, "", plain.parse)
    for name in llamas:
        reader = load_reader(name, threads=threads)
        yield Contender(f"plain orders, {name}", name, plain.with_reader(reader).parse)
        yield Contender(f"{name} alone", name, Pipeline(site, reader, without=frozenset({Part.PLAIN})).parse)
    yield Contender(NAIVE, UNTAUGHT_LLAMA, OneCall(site, ModelStore().path(UNTAUGHT_LLAMA), threads).parse)


class OneCall:
    """The naive pipeline: the site in the prompt, whatever is said goes to the model, and its answer is taken."""

    def __init__(self, site: Site, path: Path, threads: int) -> None:
        be_silent()
        self._llama = load_gguf(path, n_ctx=4096, n_threads=threads, n_threads_batch=threads, verbose=False, seed=0)
        language = site.languages[0]
        things = [*site.vehicles, *site.places, *(f"group:{group}" for group in site.groups)]
        listed = ", ".join(f"{thing} = {site.label(thing.removeprefix('group:'), language)}" for thing in things)
        self._turns = [
            {"role": "system", "content": f"{_ASKED} Ids: {listed}."},
            {"role": "user", "content": _EXAMPLE[0]},
            {"role": "assistant", "content": _EXAMPLE[1]},
        ]
        ids = [*site.vehicles, *(f"group:{group}" for group in site.groups), "*"]
        quoted = " | ".join(json.dumps(json.dumps(one)) for one in ids)
        places = " | ".join(json.dumps(json.dumps(one)) for one in site.places)
        actions = " | ".join(json.dumps(json.dumps(str(action))) for action in Action)
        self._grammar = LlamaGrammar.from_string(
            "\n".join(
                (
                    r'root ::= "{\"action\": " action ", \"vehicles\": [" (id (", " id)*)? "]" from? to? "}"',
                    r'from ::= ", \"from\": " place',
                    r'to ::= ", \"to\": " place',
                    f"action ::= {actions}",
                    f"id ::= {quoted}",
                    f"place ::= {places}",
                )
            ),
            verbose=False,
        )

    def parse(self, transcript: Transcript) -> Parse:
        """What it answers."""
        turns: Any = [*self._turns, {"role": "user", "content": transcript.text}]
        try:
            made: Any = self._llama.create_chat_completion(turns, grammar=self._grammar, temperature=0.0, max_tokens=96)
            commands = parse_commands(json.loads(made["choices"][0]["message"]["content"]))
        except (CommandError, ValueError):
            commands = (NOTHING,)
        return Parse(commands, 1.0, Tier.LLAMA, transcript.language, "one call")


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
