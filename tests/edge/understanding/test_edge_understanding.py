"""Text to commands: what needs no model, and what a language model may answer. Sentences are rows of data, see
tests/data/understanding."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from edge_world import PARAPHRASE, FleetDouble, Recorder, ScriptedModel, agent_of

from banksman_edge import (
    Hypothesis,
    LanguageModelError,
    Parse,
    Policy,
    PromptedReader,
    Tier,
    Transcript,
    Verdict,
)
from banksman_edge.understanding import Pipeline
from banksman_shared.commands import STOP_ALL, Command, parse_commands
from banksman_shared.site import Site

SENTENCES = (Path(__file__).parents[2] / "data" / "sentences.jsonl").read_text("utf-8").splitlines()
CHATTER = [row for row in map(json.loads, SENTENCES) if row["expect"] == {"action": "none", "vehicles": []}]

Read = Callable[[str], Parse]


@pytest.fixture(scope="module")
def read(harbour: Site) -> Read:
    """Without a language model, at the harbour: stackers 1, 2 and 12 (Falcon), shuttles 7 and 8."""
    understanding = Pipeline(harbour, None)
    return lambda text: understanding.parse(Transcript(text, "", 1.0))


def commands(*documents: dict[str, Any]) -> tuple[Command, ...]:
    return parse_commands(list(documents))


@pytest.mark.parametrize("text", ["", " ", "?!", "…", "\n\t", "🙂", "\u200b", "a" * 2000, "stop" * 500, "7 " * 900])
def test_what_is_hardly_text_is_nothing_or_a_stop(read: Read, text: str) -> None:
    found = read(text)
    assert found.is_nothing or found.commands == (STOP_ALL,)


# Names and numbers


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("stacker ninety, go to gate one", "stacker ninety"),
        ("stacker one, go to gate ninety", "gate ninety"),
        ("apilador noventa, ve a la puerta uno", "apilador noventa"),
    ],
)
def test_a_number_that_nobody_has_is_named_and_nothing_else_is_taken_for_it(
    read: Read, text: str, unknown: str
) -> None:
    found = read(text)
    assert (found.is_nothing, found.unknown) == (True, unknown)


def test_the_second_hypothesis_is_taken_where_the_first_makes_no_sense(harbour: Site) -> None:
    heard = Transcript(
        "stalker too goat to skate one", "en", 0.5, (Hypothesis("stacker two go to gate one", "en", 0.4),)
    )
    found = Pipeline(harbour, None).parse(heard)
    assert found.commands == commands({"action": "move", "vehicles": ["st-2"], "to": "gate-1"})
    certain = Pipeline(harbour, None).parse(Transcript("stacker two go to gate one", "en", 0.5))
    assert found.confidence < certain.confidence


# The language model, as a double


def test_what_the_grammar_cannot_read_the_model_reads_in_tags(site: Site) -> None:
    model = ScriptedModel("move V1 to P1", probability=0.9)
    found = Pipeline(site, model).parse(Transcript(PARAPHRASE, "", 1.0))
    assert (found.commands, found.tier) == (
        commands({"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}),
        Tier.LLAMA,
    )
    assert 0 < found.confidence <= 0.9
    # The model sees no name of the site.
    assert "V1" in model.asked[0]
    assert "P1" in model.asked[0]
    assert "dock" not in model.asked[0]


def test_the_model_is_asked_about_a_hypothesis_that_names_a_vehicle_where_the_best_names_none(site: Site) -> None:
    model = ScriptedModel("none", "move V1 to P1", probability=0.9)
    best = PARAPHRASE.replace("forklift three", "for lifting")
    assert best != PARAPHRASE
    heard = Transcript(best, "en", 0.9, (Hypothesis(PARAPHRASE, "en", 0.9, -1.0),))
    found = Pipeline(site, model).parse(heard)
    assert found.commands == commands({"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"})
    assert 0 < found.confidence < 0.9
    assert len(model.asked) == 2


@pytest.mark.parametrize("text", ["forklift three, go to dock two", "stop"])
def test_the_model_is_not_asked_about_what_is_plain(site: Site, text: str) -> None:
    model = ScriptedModel("move V1 to P1")
    Pipeline(site, model).parse(Transcript(text, "", 1.0))
    assert model.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        "I would be happy to help you with that!",
        "",
        "move",
        "move V1",
        "move V9 to P1",
        "move V1 to P9",
        "move V1 to V1",
        "explode V1 to P1",
        "move V1 to P1 ; ",
        "move V1 from P1",
        "transport V1 to",
        '{"action": "move", "vehicles": ["*"]}',
        LanguageModelError("the language model did not come to an end"),
    ],
)
def test_nonsense_of_the_model_moves_nobody(
    site: Site, fleet: FleetDouble, heard: Recorder, answer: str | Exception
) -> None:
    with agent_of(site, fleet, heard, ScriptedModel(answer)) as agent:
        decision = agent.say(PARAPHRASE)
        assert (decision.verdict in (Verdict.REJECT, Verdict.ASK), decision.reason != "") == (True, True)
        assert agent.say("forklift one, park").verdict is Verdict.ACCEPT
    assert fleet.orders == [commands({"action": "park", "vehicles": ["forklift-1"]})]


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [(0.95, Verdict.ACCEPT), (0.65, Verdict.CONFIRM), (0.35, Verdict.CONFIRM), (0.25, Verdict.REJECT)],
)
def test_how_sure_the_model_is_decides_what_is_done(
    site: Site, fleet: FleetDouble, heard: Recorder, probability: float, verdict: Verdict
) -> None:
    with agent_of(site, fleet, heard, ScriptedModel("move V1 to P1", probability=probability)) as agent:
        assert agent.say(PARAPHRASE).verdict is verdict
        heard.until(lambda e: e.name == "reply")  # an addressed vehicle's operator is never left without a word
    assert len(fleet.submissions) == (verdict is Verdict.ACCEPT)


# The language model itself


def test_the_default_model_reads_a_paraphrase(llama: PromptedReader, site: Site) -> None:
    found = Pipeline(site, llama).parse(Transcript(PARAPHRASE, "", 1.0))
    assert (found.commands, found.tier) == (
        commands({"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}),
        Tier.LLAMA,
    )
    assert Policy().judge(found, 1.0, None).verdict in (Verdict.ACCEPT, Verdict.CONFIRM)


def test_talk_about_places_moves_nobody_with_the_default_model(llama: PromptedReader, harbour: Site) -> None:
    understanding, policy = Pipeline(harbour, llama), Policy()
    acted = []
    for row in [row for row in CHATTER if row["id"] in ("en-031", "en-035", "es-058", "fr-075", "zh-136")]:
        found = understanding.parse(Transcript(row["text"], "", 1.0))
        if policy.judge(found, 1.0, None).verdict is Verdict.ACCEPT:
            acted.append((row["text"], found.commands))
    assert acted == []


def test_a_sentence_too_long_for_the_model_is_refused(llama: PromptedReader, site: Site) -> None:
    found = Pipeline(site, llama).parse(Transcript("forklift three " + "blah wibble " * 900, "", 1.0))
    assert found.is_nothing
    assert "too long" in found.reason


def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "no.gguf"
    path.write_bytes(b"GGUF but not really")
    with pytest.raises(LanguageModelError, match=f"language model {path} cannot be loaded"):
        PromptedReader(path)
