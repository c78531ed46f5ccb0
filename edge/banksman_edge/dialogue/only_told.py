"""What only seems to need a planner, since words such as "the nearest" are taken for a goal: "don't send the nearest
cart to dock two" orders nothing."""

from __future__ import annotations

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.references import find_references, is_live, with_references
from banksman_edge.dialogue.said import Said, nothing
from banksman_edge.dialogue.words import words_of
from banksman_edge.events import Verdict
from banksman_edge.nlu import Interpretation, Understanding
from banksman_edge.nlu.for_planner import wants_a_plan
from banksman_edge.policy import Judgement
from banksman_shared.commands import Action


def only_told(understanding: Understanding, transcript: Transcript, known: Interpretation) -> Said | None:
    """Nothing, where a plan is wanted only by words that tell a vehicle by how it is, in a sentence that forbids, asks
    or tells; None elsewhere."""
    if any(command.action is not Action.PLAN for command in known.commands):
        return None
    heard = ((text, grammar) for _, text, grammar in understanding.hypotheses(transcript))
    read = next(((grammar, grammar.read(text)) for text, grammar in heard if grammar.language == known.language), None)
    if read is None:
        return None
    grammar, plain = read
    found = find_references(plain.tokens, plain.mentions, words_of(grammar.language))
    live = [mention for mention in found if is_live(mention.ids[0])]
    reading = grammar.reading(plain.tokens, with_references(plain.mentions, live)) if live else plain
    told = live and reading.clause.is_talk and not reading.commands and not wants_a_plan(reading)
    return Said(nothing(known.language), Judgement(Verdict.REJECT, "", "forbids, asks or tells")) if told else None
