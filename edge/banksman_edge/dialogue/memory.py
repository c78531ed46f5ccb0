"""What a decided turn leaves to refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from banksman_edge.dialogue.context import Context, Ordered, Question
from banksman_edge.dialogue.resolve import named_one_by_one, standing
from banksman_edge.events import Verdict
from banksman_edge.fleet import Code, VehicleView
from banksman_edge.policy import Judgement
from banksman_edge.turns import Pending, Turn
from banksman_edge.understanding import Parse, Tier
from banksman_shared.commands import DRIVING, NOTHING, Action, Command
from banksman_shared.site import Site

_SLOTS = {"which": "choice", "where_to": "destination", "where_from": "origin"}


@dataclass(frozen=True, slots=True)
class Decided:
    """A turn, how it was read and heard, and what is done about it. ``until``: when what was asked is forgotten."""

    turn: Turn
    read: Parse
    heard: float
    judgement: Judgement
    until: float
    corrects: Ordered | None = None


def remembered(site: Site, views: Mapping[str, VehicleView], context: Context, decided: Decided) -> Context:
    """The speaker's context after a turn: the same object where it said nothing that could be referred to."""
    read, judgement = decided.read, decided.judgement
    if not _was_understood(read, judgement):
        return context
    question = _question(decided)
    for command in read.commands:
        context = _named(context, command)
    driving = tuple(command for command in read.commands if command.action in DRIVING)
    if all(command.action is Action.STATUS for command in read.commands):
        return context  # whoever asks where somebody is may still answer
    if not driving:
        return replace(context, question=question)
    came_from = context.came_from
    if judgement.verdict in (Verdict.ACCEPT, Verdict.CONFIRM):
        came_from = {**came_from, **standing(site, views, driving)}
    waits = judgement.verdict in (Verdict.CONFIRM, Verdict.ASK)
    last = Ordered(
        decided.turn.utterance.id,
        driving,
        confidence=read.confidence,
        heard=decided.heard,
        tier=read.tier,
        waits=waits,
        corrects=decided.corrects if waits else None,
    )
    return replace(context, last=last, came_from=came_from, question=question)


def ordered_before(context: Context | None, pending: Pending | None) -> Ordered | None:
    """The order that a correction corrects: the one that waits for a yes, else the last."""
    last = context.last if context else None
    if pending is None or pending.plan or (last and last.job == pending.turn.utterance.id):
        return last
    asked, decision = pending.turn, pending.turn.decision
    confidence, tier = (decision.confidence, decision.tier) if decision else (0.0, Tier.GRAMMAR)
    sure = (confidence, asked.transcript.confidence, tier)
    return Ordered(asked.utterance.id, pending.commands, False, *sure, waits=True)


def after_refusal(context: Context, read: Parse, corrects: Ordered) -> Context:
    """The speaker's context after a correction that is not carried out: what it was to correct can still be corrected.
    What was asked is not answered any more, unless nothing was ordered instead."""
    if read.is_nothing and context.question:
        return context
    for command in read.commands:
        context = _named(context, command)
    return replace(context, last=replace(corrects, waits=False), question=None)


def _was_understood(read: Parse, judgement: Judgement) -> bool:
    """Whether it was taken for an order or question, whatever became of it."""
    if judgement.verdict in (Verdict.ACCEPT, Verdict.CONFIRM):
        return True
    return not read.is_nothing and judgement.key in ("not_possible", *_SLOTS)


def _named(context: Context, command: Command) -> Context:
    """What a command names is spoken of from now on."""
    vehicles, place = command.vehicles, command.destination or context.place
    if command.action in DRIVING and not vehicles:
        return replace(context, vehicles=(), before="", place=place)  # whom the fleet chooses is heard later
    told_all = command.action not in DRIVING and not named_one_by_one(vehicles)  # "stop!" is not about anybody
    if not vehicles or told_all or vehicles == context.vehicles:
        return replace(context, place=place)
    one_each = len(vehicles) == len(context.vehicles) == 1 and named_one_by_one((*vehicles, *context.vehicles))
    return replace(context, vehicles=vehicles, before=context.vehicles[0] if one_each else "", place=place)


def _question(decided: Decided) -> Question | None:
    read, judgement = decided.read, decided.judgement
    slot = _SLOTS.get(judgement.key, "")
    if judgement.problem and judgement.problem.code is Code.WHICH_VEHICLE:
        slot = "vehicles"
    if not slot or read.commands == (NOTHING,):
        return None
    sure = (read.confidence, decided.heard, read.tier)
    return Question(decided.turn, read.commands, slot, read.choices, *sure, decided.until)
