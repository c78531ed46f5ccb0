"""The lines of a taught model: tags, who is meant, and words quoted from the sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Interpretation, Tier, Transcript, Understanding
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.marked import FAR, Marked, grammar, quotable, read_line
from banksman_edge.nlu.sketch import Sketch, sketch
from banksman_shared.commands import NOTHING, Command, parse_commands
from banksman_shared.site import Site, load_site

HOSPITAL = Path(__file__).parents[1] / "data" / "commands" / "hospital"


class Taught(ScriptedModel):
    """Answers its script in the languages that it was taught."""

    def __init__(self, *script: str, languages: str = "en") -> None:
        super().__init__(*script)
        self.languages = frozenset(languages.split())


@pytest.fixture(scope="module")
def english(harbour: Site) -> Grammar:
    return Grammar(harbour, "en")


def drawn(english: Grammar, text: str) -> Sketch:
    reading = english.read(text)
    return sketch(reading.tokens, reading.mentions, "en")


def read(english: Grammar, site: Site, text: str, line: str) -> Marked:
    finder = english.finder
    found = drawn(english, text)
    return read_line(line, found, lambda words: finder.find(finder.tokens(words), similar=FAR), site)


def commands(*documents: dict[str, object]) -> tuple[Command, ...]:
    return parse_commands(list(documents))


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("lend a hand at gate two, stacker one", "move V1 to P1",
         {"action": "move", "vehicles": ["st-1"], "to": "gate-2"}),
        ("anybody to gate two", "move any to P1", {"action": "move", "vehicles": [], "to": "gate-2"}),
        ("stackers one and two rest", "park V1,V2", {"action": "park", "vehicles": ["st-1", "st-2"]}),
        ("a stacker to gate two", "move one K1 to P1", {"action": "move", "vehicles": [], "to": "gate-2"}),
        ("the stackers to gate two", "move all K1 to P1",
         {"action": "move", "vehicles": ["kind:stacker"], "to": "gate-2"}),
        ("freeze over there in rack four", "stop those at P1", {"action": "stop", "vehicles": ["at:rack-4"]}),
        ("early shift knocks off", "park G1", {"action": "park", "vehicles": ["group:early"]}),
        ("freeze", "stop any", {"action": "stop", "vehicles": ["*"]}),
        ("crates from rack four", "transport any from P1", {"action": "transport", "vehicles": [], "from": "rack-4"}),
        ("stacker one over to the wurkshopp", 'move V1 to "wurkshopp"',
         {"action": "move", "vehicles": ["st-1"], "to": "workshop"}),
        ("stacker twelf over to gate two", 'move "K1 twelf" to P1',
         {"action": "move", "vehicles": ["st-12"], "to": "gate-2"}),
    ],
)  # fmt: skip
def test_a_line_becomes_a_command(
    english: Grammar, harbour: Site, text: str, line: str, expected: dict[str, object]
) -> None:
    assert read(english, harbour, text, line).commands == commands(expected)


def test_a_sequence_is_commands_in_order(english: Grammar, harbour: Site) -> None:
    found = read(english, harbour, "stacker one gate two rack four", "move V1 to P1 ; pick V1 to P2 ; charge V1")
    assert found.commands == commands(
        {"action": "move", "vehicles": ["st-1"], "to": "gate-2"},
        {"action": "pick", "vehicles": ["st-1"], "to": "rack-4"},
        {"action": "charge", "vehicles": ["st-1"]},
    )


@pytest.mark.parametrize(
    ("language", "text", "line", "cart"),
    [
        ("zh", "把伞号推车派到药房", 'move "伞号 K1" to P1', "cart-3"),
        ("zh", "把推车山派到药房", 'move "K1 山" to P1', "cart-3"),
        ("ja", "カートにごうを薬局へ", 'move "K1 にごう" to P1', "cart-2"),
    ],
)
def test_a_number_misheard_before_or_after_its_kind_is_found_where_words_are_not_separated(
    language: str, text: str, line: str, cart: str
) -> None:
    hospital = load_site(HOSPITAL)
    grammar_of = Grammar(hospital, language)
    finder, reading = grammar_of.finder, grammar_of.read(text)
    found = sketch(reading.tokens, reading.mentions, language)
    assert set(re.findall('"(.+?)"', line)) <= set(quotable(found))
    read_as = read_line(line, found, lambda words: finder.find(finder.tokens(words), similar=FAR), hospital)
    assert read_as.commands == commands({"action": "move", "vehicles": [cart], "to": "pharmacy"})


def test_the_less_a_quotation_resembles_the_less_certain_it_is(english: Grammar, harbour: Site) -> None:
    near = read(english, harbour, "stacker one to the wurkshop", 'move V1 to "wurkshop"')
    far = read(english, harbour, "stacker one to the wurkschopp", 'move V1 to "wurkschopp"')
    assert FAR <= far.certainty < near.certainty < 1


def test_a_quotation_that_names_nothing_of_the_site_is_told(english: Grammar, harbour: Site) -> None:
    found = read(english, harbour, "stacker one to the swimming pool", 'move V1 to "swimming pool"')
    assert (found.commands, found.unknown) == ((NOTHING,), "swimming pool")


def test_a_kind_of_place_is_vague(english: Grammar, harbour: Site) -> None:
    found = read(english, harbour, "stacker one over to the gate", 'move V1 to "gate"')
    assert (found.commands[0].destination, found.vague) == (None, True)


@pytest.mark.parametrize("line", ["move V9 to P1", "move V1 to P9", "dance V1", ""])
def test_a_line_that_is_not_of_the_grammar_is_refused(english: Grammar, harbour: Site, line: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(english, harbour, "stacker one to gate two", line)


def test_only_words_of_the_sentence_can_be_quoted(english: Grammar) -> None:
    found = drawn(english, "take that old pump from gate two please")
    texts = quotable(found)
    assert "old pump" in texts
    assert all(text in "take that old pump from" or text == "please" for text in texts)
    assert '"P1"' in grammar(found)
    assert "V1" not in grammar(found)


def test_who_was_named_cannot_be_lost_to_anybody(english: Grammar) -> None:
    assert '"any"' not in grammar(drawn(english, "stacker one over to gate two"))
    assert '"any"' in grammar(drawn(english, "a pallet over to gate two"))


# In the cascade

PARAPHRASE = "stacker one they are short of hands over at gate two"


def understood(site: Site, text: str, model: ScriptedModel | None, taught: Taught | None) -> Interpretation:
    return Understanding(site, model, taught).understand(Transcript(text, "", 1.0))


def test_what_was_taught_the_language_is_asked_and_the_other_model_is_not(harbour: Site) -> None:
    model, taught = ScriptedModel("stop V1"), Taught("move V1 to P1")
    found = understood(harbour, PARAPHRASE, model, taught)
    assert (found.commands, found.tier) == (
        commands({"action": "move", "vehicles": ["st-1"], "to": "gate-2"}),
        Tier.LLAMA,
    )
    assert (model.asked, taught.asked) == ([], ["V1 they are short of hands over at P1"])


@pytest.mark.parametrize(("end", "questioned"), [("", False), (".", False), ("?", True), (" ?", True)])
def test_what_was_written_as_a_question_is_known_for_one(harbour: Site, end: str, questioned: bool) -> None:
    assert understood(harbour, PARAPHRASE + end, None, Taught("move V1 to P1")).questioned is questioned


def test_in_another_language_the_model_that_was_never_taught_is_asked(harbour: Site) -> None:
    model, taught = ScriptedModel("move V1 to P1"), Taught("none", languages="de")
    assert not understood(harbour, PARAPHRASE, model, taught).is_nothing
    assert taught.asked == []


def test_in_another_language_without_another_model_nothing_is_understood(harbour: Site) -> None:
    taught = Taught("move V1 to P1", languages="de")
    found = understood(harbour, PARAPHRASE, None, taught)
    assert (found.is_nothing, found.tier, taught.asked) == (True, Tier.GRAMMAR, [])


def test_confidence_falls_with_the_likeness_of_what_was_quoted(harbour: Site) -> None:
    sure = understood(harbour, PARAPHRASE, None, Taught("move V1 to P1"))
    unsure = understood(
        harbour, "stacker one they are short of hands over at the wurkschopp", None, Taught('move V1 to "wurkschopp"')
    )
    assert unsure.commands == commands({"action": "move", "vehicles": ["st-1"], "to": "workshop"})
    assert unsure.confidence < sure.confidence


def test_a_place_that_the_site_lacks_is_named_to_whoever_called_a_vehicle(harbour: Site) -> None:
    found = understood(harbour, "stacker one kindly swim over to the pool", None, Taught('move V1 to "pool"'))
    assert (found.is_nothing, found.unknown) == (True, "pool")


def test_talk_about_a_place_that_the_site_lacks_gets_no_answer(harbour: Site) -> None:
    found = understood(harbour, "bring gate two and the pool some sun", None, Taught('transport any to "pool"'))
    assert (found.is_nothing, found.unknown) == (True, "")
