"""What whole sentences say to an open question: none of those, a yes that answers nothing, the order with what was
missing in it. A yes or a no alone is of many languages, and is taken for one in that of the question."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.dialogue.context import Question
from banksman_edge.dialogue.said import Said, Sure, declines, left_open, nothing, reading_of
from banksman_edge.dialogue.unclear import Unclear, ask_where, ask_which
from banksman_edge.turns import Pending, Turn
from banksman_edge.understanding import Parse
from banksman_shared.commands import DRIVING, Action, Command


def denied(question: Question) -> Said:
    """Nothing of what was asked about is meant."""
    return declines(question.turn, nothing(question.turn.language))


def put_again(question: Question, turn: Turn, until: float) -> Said:
    """A yes to what no yes can answer: the question is put once more."""
    unclear = _asked(question, f"utterance {question.turn.utterance.id} was asked about, and not whether")
    sure = Sure(question.confidence, tier=question.tier)
    said = left_open(turn, unclear, question.commands, question.turn.language, sure, until)
    return replace(said, asked=replace(question, expires=until))


def _asked(question: Question, reason: str) -> Unclear:
    if question.slot in ("destination", "origin"):
        return ask_where(reason, origin=question.slot == "origin")
    return ask_which(question.choices, reason, question.slot)


def completed(question: Question, known: Parse) -> Said | None:
    """An order that names nobody, as the answer to where the one that was asked about goes: "go to dock five". None
    where it is another order."""
    if len(question.commands) != 1 or len(known.commands) != 1 or question.corrects:
        return None
    asked, said = question.commands[0], known.commands[0]
    if said.vehicles or not asked.vehicles:
        return None
    if question.slot == "destination" and said.action is asked.action and said.destination and not said.origin:
        order = Command(asked.action, asked.vehicles, origin=asked.origin, destination=said.destination)
    elif question.slot == "origin" and (origin := _fetched_from(said)):
        destination = (said.destination if said.action is Action.TRANSPORT else None) or asked.destination
        order = Command(asked.action, asked.vehicles, origin=origin, destination=destination)
    else:
        return None
    sure = min(known.confidence, question.confidence)
    read = reading_of((order,), sure, known.language, f"answers the question of utterance {question.turn.utterance.id}")
    return Said(replace(read, tier=question.tier), completes=question.turn, heard=question.heard)


def in_place_of_yes(pending: Pending, known: Parse) -> Said | None:
    """An order that names nobody where a yes is waited for, "go to dock two": whoever was asked about, after a yes.
    None where it is another order."""
    if pending.plan or len(pending.commands) != 1 or len(known.commands) != 1:
        return None
    asked, said = pending.commands[0], known.commands[0]
    if said.vehicles or not asked.vehicles or said.action is not asked.action or asked.action not in DRIVING:
        return None
    order = Command(said.action, asked.vehicles, origin=said.origin or asked.origin, destination=said.destination)
    if order.destination is None and asked.destination:
        return None
    decision = pending.turn.decision
    sure = min(known.confidence, decision.confidence) if decision else known.confidence
    read = reading_of((order,), sure, known.language, f"in place of utterance {pending.turn.utterance.id}")
    return Said(read, replaces=pending, heard=pending.turn.transcript.confidence, doubt="it was said in place of a yes")


def _fetched_from(said: Command) -> str | None:
    if said.action is Action.TRANSPORT:
        return said.origin
    return said.destination if said.action is Action.PICK else None
