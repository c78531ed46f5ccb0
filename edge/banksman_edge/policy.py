"""From an interpretation to a decision: accept, confirm, ask or reject, by confidence and risk.

The thresholds are probabilities that the reading is what was meant. They were set on sentences of invented
sites (``make bench`` prints the accuracy and the false actions that follow); a table by risk is not here yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.events import Verdict
from banksman_edge.fleet import Code, Fleet, Problem
from banksman_edge.nlu import Interpretation, Tier
from banksman_shared.commands import EVERYBODY, SELECTORS, Action, Command

_WHERE_MATTERS = {Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT}
_ASKED_FOR = {Code.WHERE_TO: "where_to", Code.WHERE_FROM: "where_from"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the key of the sentence that explains it; ``problem`` is the fleet's objection."""

    verdict: Verdict
    key: str
    reason: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How sure we must be. Confidences from 0 to 1."""

    accept_grammar: float = 0.8
    confirm_grammar: float = 0.6
    accept_model: float = 0.6
    confirm_model: float = 0.3
    confirm_model_unaddressed: float = 0.4
    """Where no vehicle is named, talk about a place is likelier than an order to nobody."""
    many: int = 4
    """So many vehicles set in motion at once are confirmed, and every selector, which may mean all."""

    def judge(self, read: Interpretation, heard: float, fleet: Fleet | None) -> Judgement:
        """Decide about a reading. ``heard``: the recogniser's confidence, 1 for text; ``fleet`` None leaves
        out what only the live fleet can know."""
        if read.is_nothing:
            reason = f"the site has no '{read.unknown}'" if read.unknown else read.reason
            return Judgement(Verdict.REJECT, "unknown" if read.unknown else "", reason)
        if all(command.action is Action.STOP for command in read.commands):
            # A stop is never a question: it is done, or it was talk.
            sure = read.tier is not Tier.LLAMA or read.confidence >= self.confirm_model_unaddressed
            done, talk = (Verdict.ACCEPT, "read_back", read.reason), (Verdict.REJECT, "not_understood", "too unsure")
            return Judgement(*(done if sure else talk))
        doubtful = self._by_confidence(read, heard)
        if doubtful.verdict is Verdict.REJECT:
            return doubtful
        if len(read.choices) > 1:
            return Judgement(Verdict.ASK, "which", "the words fit several vehicles")
        objection = _missing(read, doubtful) or _objection(read.commands, fleet)
        if objection:
            return objection
        if doubtful.verdict is Verdict.ACCEPT and self._risky(read.commands):
            return Judgement(Verdict.CONFIRM, "confirm", "many vehicles would start to move")
        return doubtful

    def _by_confidence(self, read: Interpretation, heard: float) -> Judgement:
        confidence = read.confidence
        if read.tier is not Tier.LLAMA:
            accept, confirm = self.accept_grammar, self.confirm_grammar
        else:
            addressed = all(command.vehicles for command in read.commands)
            accept, confirm = self.accept_model, self.confirm_model
            if not addressed:
                confirm = self.confirm_model_unaddressed
            confidence *= min(1.0, heard / 0.6)
        if confidence >= accept:
            return Judgement(Verdict.ACCEPT, "read_back", read.reason)
        if confidence >= confirm:
            return Judgement(Verdict.CONFIRM, "confirm", f"not sure: {read.reason}")
        return Judgement(
            Verdict.REJECT, "not_understood" if any(c.vehicles for c in read.commands) else "", "too unsure"
        )

    def _risky(self, commands: tuple[Command, ...]) -> bool:
        return any(self._starts_many(command) for command in commands)

    def _starts_many(self, command: Command) -> bool:
        if command.action is Action.RESUME:
            return not command.vehicles  # "go on" after a stop may be meant for one and starts them all
        several = len(command.vehicles) >= self.many or any(_is_selector(v) for v in command.vehicles)
        return several and command.action.drives and command.action is not Action.PLAN


def _is_selector(reference: str) -> bool:
    return reference == EVERYBODY or reference.startswith(SELECTORS)


def _missing(read: Interpretation, doubtful: Judgement) -> Judgement | None:
    placeless = any(c.action is Action.MOVE and c.destination is None for c in read.commands)
    if not placeless and not (read.vague and any(c.action in _WHERE_MATTERS for c in read.commands)):
        return None
    if doubtful.verdict is not Verdict.ACCEPT and not any(c.vehicles for c in read.commands):
        return Judgement(Verdict.REJECT, "", "too unsure, and neither a vehicle nor a place was named")
    return Judgement(Verdict.ASK, "where_to", "no destination was said")


def _objection(commands: tuple[Command, ...], fleet: Fleet | None) -> Judgement | None:
    asked = [c for c in commands if c.action not in (Action.STATUS, Action.PLAN)]
    problems = fleet.check(asked) if fleet and asked else []
    if not problems:
        return None
    first = problems[0]
    if key := _ASKED_FOR.get(first.code):
        return Judgement(Verdict.ASK, key, first.sentence, first)
    return Judgement(Verdict.REJECT, "not_possible", first.sentence, first)
