"""Text to commands: the grammar on many sentences, the language model where the grammar ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import PARAPHRASE, FleetDouble, Recorder, ScriptedModel, agent_of

from banksman_edge import (
    Hypothesis,
    Interpretation,
    LanguageModelError,
    Policy,
    PromptedReader,
    Tier,
    Transcript,
    Verdict,
)
from banksman_edge.understanding import Pipeline
from banksman_shared.commands import NOTHING, STOP_ALL, Action, Command, parse_commands, to_document
from banksman_shared.site import Site

SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "sentences.jsonl").read_text("utf-8").splitlines()
]
ORDERS = [row for row in SENTENCES if row["expect"] != {"action": "plan", "vehicles": []}]
CHATTER = [row for row in SENTENCES if row["expect"] == {"action": "none", "vehicles": []}]
ORDERS = [row for row in ORDERS if row not in CHATTER]
STOPS = [row for row in ORDERS if row["expect"] == {"action": "stop", "vehicles": ["*"]}]

Read = Callable[[str], Interpretation]


@pytest.fixture(scope="module")
def read(harbour: Site) -> Read:
    """Without a language model, at the harbour: stackers 1, 2 and 12 (Falcon), shuttles 7 and 8."""
    understanding = Pipeline(harbour, None)
    return lambda text: understanding.parse(Transcript(text, "", 1.0))


def commands(*documents: dict[str, Any]) -> tuple[Command, ...]:
    return parse_commands(list(documents))


# Many sentences


def test_most_orders_are_read_exactly_without_any_model(read: Read) -> None:
    assert len(ORDERS) > 90
    exact = [to_document(read(row["text"]).commands) == row["expect"] for row in ORDERS]
    assert sum(exact) / len(exact) >= 0.85


def test_the_grammar_reads_a_sentence_right_or_not_at_all(read: Read) -> None:
    wrong = {row["id"]: read(row["text"]).commands for row in ORDERS}
    expected = {row["id"]: parse_commands(row["expect"]) for row in ORDERS}
    assert {key: found for key, found in wrong.items() if found not in (expected[key], (NOTHING,))} == {}


@pytest.mark.parametrize("row", CHATTER, ids=lambda row: str(row["id"]))
def test_talk_is_nothing(read: Read, row: dict[str, Any]) -> None:
    assert read(row["text"]).is_nothing


@pytest.mark.parametrize("text", ["", " ", "?!", "…", "\n\t", "🙂", "\u200b", "a" * 2000, "stop" * 500, "7 " * 900])
def test_what_is_hardly_text_is_nothing_or_a_stop(read: Read, text: str) -> None:
    found = read(text)
    assert found.is_nothing or found.commands == (STOP_ALL,)


# Stopping


@pytest.mark.parametrize("row", STOPS, ids=lambda row: str(row["id"]))
def test_stop_alone_stops_everybody_in_every_language(read: Read, row: dict[str, Any]) -> None:
    found = read(row["text"])
    assert (found.commands, found.tier) == ((STOP_ALL,), Tier.STOP)


def test_every_language_of_the_site_is_among_those(harbour: Site) -> None:
    assert {row["language"] for row in STOPS} == set(harbour.languages)


@pytest.mark.parametrize("text", ["stop blurg", "stop fnord wibble", "blarg, stop!", "stop stacker ninety"])
def test_a_stop_beside_words_not_understood_stops_everybody(read: Read, text: str) -> None:
    assert read(text).commands == (STOP_ALL,)


@pytest.mark.parametrize(
    ("text", "vehicles"),
    [
        ("stop stacker two", ["st-2"]),
        ("stackers one and two, stop", ["st-1", "st-2"]),
        ("all shuttles stop", ["kind:shuttle"]),
        ("early shift, stop", ["group:early"]),
        ("everyone in rack four, stop", ["at:rack-4"]),
        ("Falcon, halt!", ["st-12"]),
        ("para el apilador dos", ["st-2"]),
        ("Stapler zwölf, halt", ["st-12"]),
        ("八号牵引车停下", ["sh-8"]),
        ("シャトル7号、止まれ", ["sh-7"]),
    ],
)
def test_those_who_are_named_are_stopped(read: Read, text: str, vehicles: list[str]) -> None:
    assert read(text).commands == commands({"action": "stop", "vehicles": vehicles})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("en", "No, stop!"),
        pytest.param("en", "no no no, stop"),
        pytest.param("fr", "Non, arrête !"),
        pytest.param("es", "¡No, para!"),
        pytest.param("de", "Nein, halt!"),
    ],
)
def test_a_no_before_a_stop_does_not_keep_it_from_stopping(harbour: Site, language: str, text: str) -> None:
    monolingual = Pipeline(replace(harbour, languages=(language,)), None)
    assert monolingual.parse(Transcript(text, "", 1.0)).commands == (STOP_ALL,)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("don't stop"),
        "do not stop stacker two",
        "stacker two, don't go to gate one",
        "nobody stops",
        "no pares",
        "nicht anhalten",
        "ne t'arrête pas",
        "non fermarti",
        pytest.param("não pare"),
        "不要停",
        "止まらないで",
        "मत रुको",
    ],
)
def test_what_is_forbidden_is_not_done(read: Read, text: str) -> None:
    assert read(text).is_nothing


# Names and numbers


@pytest.mark.parametrize(
    "text",
    [
        "stacker 12 go to gate 11",
        "stacker twelve go to gate eleven",
        "stacker number twelve go to gate number eleven",
        "the twelfth stacker, go to gate eleven",
        "the 12th stacker to gate eleven, go",
        "Falcon go to gate eleven",
        "STACKER TWELVE, GO TO GATE ELEVEN!!",
        "apilador 12, ve a la puerta 11",
        "apilador doce, ve a la puerta once",
        "carretilla número doce, ve a la puerta número once",
        "Halcón, ve a la puerta once",
        "gerbeur douze, va à la porte onze",
        "gerbeur numéro 12, va à la porte 11",
        "carrello dodici, vai alla porta undici",
        "carrello numero 12, vai alla porta 11",
        "empilhadeira doze, vá para o portão onze",
        "empilhadeira número 12, vá para o portão 11",
        "Stapler zwölf, fahr zu Tor elf",
        "Stapler Nummer 12, fahr zu Tor 11",
        "Falke, fahr zu Tor elf",
        "十二号叉车去十一号门",
        "12号叉车去11号门",
        "叉车十二去十一号门",
        "フォークリフト12号、11番ゲートへ行って",
        "フォークリフト十二号、ゲート十一へ行って",
        "स्टैकर बारह, गेट ग्यारह पर जाओ",
        "स्टैकर 12, गेट 11 पर जाओ",
        "स्टैकर १२, गेट ११ पर जाओ",
    ],
)
def test_numbers_are_understood_as_digits_words_and_ordinals(read: Read, text: str) -> None:
    assert read(text).commands == commands({"action": "move", "vehicles": ["st-12"], "to": "gate-11"})


@pytest.mark.parametrize(
    ("text", "ordinal"),
    [
        ("the second stacker, charge", "st-2"),
        ("2nd stacker, charge", "st-2"),
        ("el segundo apilador, a cargar", "st-2"),
        ("le premier gerbeur, va te recharger", "st-1"),
        ("il secondo carrello vai a ricaricarti", "st-2"),
        ("segunda empilhadeira, vá carregar", "st-2"),
        ("der zweite Stapler soll laden", "st-2"),
    ],
)
def test_ordinals_name_vehicles(read: Read, text: str, ordinal: str) -> None:
    assert read(text).commands == commands({"action": "charge", "vehicles": [ordinal]})


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stackers one and two go to gate one", [{"action": "move", "vehicles": ["st-1", "st-2"], "to": "gate-1"}]),
        ("shuttle 8 and stacker 1, park", [{"action": "park", "vehicles": ["sh-8", "st-1"]}]),
        ("early shift, go to gate two", [{"action": "move", "vehicles": ["group:early"], "to": "gate-2"}]),
        ("all shuttles, go and charge", [{"action": "charge", "vehicles": ["kind:shuttle"]}]),
        ("everybody park", [{"action": "park", "vehicles": ["*"]}]),
        (
            "take a pallet from rack four to the freezer",
            [{"action": "transport", "vehicles": [], "from": "rack-4", "to": "cold-store"}],
        ),
        (
            "stacker one, pick up at rack five, then drop it at gate two",
            [
                {"action": "pick", "vehicles": ["st-1"], "to": "rack-5"},
                {"action": "drop", "vehicles": ["st-1"], "to": "gate-2"},
            ],
        ),
        (
            "stacker one, go to gate one and then stacker two, go to gate two",
            [
                {"action": "move", "vehicles": ["st-1"], "to": "gate-1"},
                {"action": "move", "vehicles": ["st-2"], "to": "gate-2"},
            ],
        ),
        ("stacker one, charge at charger two", [{"action": "charge", "vehicles": ["st-1"], "to": "charger-2"}]),
        ("cancel shuttle seven", [{"action": "cancel", "vehicles": ["sh-7"]}]),
    ],
)
def test_sequences_groups_kinds_and_several_vehicles(read: Read, text: str, expected: list[dict[str, Any]]) -> None:
    assert read(text).commands == commands(*expected)


def test_the_second_hypothesis_is_taken_where_the_first_makes_no_sense(harbour: Site) -> None:
    heard = Transcript(
        "stalker too goat to skate one", "en", 0.5, (Hypothesis("stacker two go to gate one", "en", 0.4),)
    )
    found = Pipeline(harbour, None).understand(heard)
    assert found.commands == commands({"action": "move", "vehicles": ["st-2"], "to": "gate-1"})
    certain = Pipeline(harbour, None).parse(Transcript("stacker two go to gate one", "en", 0.5))
    assert found.confidence < certain.confidence


def test_vehicles_that_are_to_be_kept_charging_beside_a_goal_are_for_the_planner(harbour: Site) -> None:
    actions = [
        Pipeline(harbour, None).parse(Transcript(text, "en", 1.0)).commands[0].action
        for text in ("Clear gate two and keep two stackers charging", "Two stackers were charging at gate two")
    ]
    assert actions == [Action.PLAN, Action.NONE]


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
    found = Pipeline(site, model).understand(heard)
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
