"""From an interpretation to a decision: accept, confirm, ask or reject, by confidence and risk.

The table is the site's (``[policy]``, docs/operators.md); its defaults were set on sentences of invented sites
(``make bench`` prints the accuracy and the false actions that follow).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from banksman_edge.fleet import Code, Fleet, May, Problem, VehicleView, members_of, unclear
from banksman_edge.policy.destinations import leads_to
from banksman_edge.turns import Verdict
from banksman_edge.understanding import Parse, Tier
from banksman_shared.actions import Action
from banksman_shared.commands import DRIVING, EVERYBODY, SELECTORS, Command
from banksman_shared.site import PolicyTable, Site, Thresholds

_WHERE_MATTERS = {Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT}
_ASKED_FOR = {Code.WHERE_TO: "where_to", Code.WHERE_FROM: "where_from"}
_FORBIDDEN = frozenset({Code.NOT_ALLOWED, Code.NOT_ALLOWED_VEHICLE, Code.NOT_ALLOWED_PLACE})
STOP_FROM = 0.4
"""How sure the language model must be of a stop, whatever the site's table says; below that it was talk."""
Covers = Callable[[Command, May | None], bool]
"""Whether a command is carried out without the fleet."""
_CARE = (Verdict.ACCEPT, Verdict.CONFIRM, Verdict.ASK, Verdict.REJECT)
"""From the boldest to the most careful."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the key of the sentence that explains it; ``problem`` is what rights or the fleet object.

    ``forbidden``: it is the speaker who may not, whatever the fleet says.
    """

    verdict: Verdict
    key: str
    reason: str
    problem: Problem | None = None
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order is judged by beside its reading. ``objection``: why the speaker has no right to it; ``may``: what
    they have a right to, where the fleet chooses; ``covers``: what is no business of the fleet's; ``gives_up``: the
    jobs that its cancels mean; empty: all."""

    objection: Problem | None = None
    may: May | None = None
    covers: Covers = lambda _command, _may: False
    gives_up: Collection[str] = ()


TOO_UNSURE = "too unsure"
"""Why a reading is refused that may be right."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Judges by the table. ``site`` None: groups and places with people are not known."""

    table: PolicyTable = field(default_factory=PolicyTable)
    site: Site | None = None

    @classmethod
    def of(cls, site: Site) -> Self:
        """The site's own."""
        return cls(site.rules.policy, site)

    def judge(
        self,
        read: Parse,
        heard: float,
        fleet: Fleet | None,
        doubt: str = "",
        terms: Terms = Terms(),
    ) -> Judgement:
        """Decide about a reading. ``heard``: the recogniser's confidence, 1 for text, and ``doubt``: what speaks
        against it; ``fleet`` None leaves out what only the live fleet can know."""
        if read.is_nothing:
            reason = f"the site has no '{read.unknown}'" if read.unknown else read.reason
            heard_well = read.addressed and _verdict(self.table.heard_model, heard) is Verdict.ACCEPT
            key = "unknown" if read.unknown else "not_understood" if heard_well else ""
            return Judgement(Verdict.REJECT, key, reason)
        if all(command.action is Action.STOP for command in read.commands):
            # A stop is never a question: it is done, or it was talk.
            sure = read.tier is not Tier.LLAMA or read.confidence >= STOP_FROM
            done, talk = (Verdict.ACCEPT, "read_back", read.reason), (Verdict.REJECT, "not_understood", "too unsure")
            return Judgement(*(done if sure else talk))
        doubtful = _more_careful(self.by_hearing(read, heard, doubt), self.by_confidence(read))
        if doubtful.verdict is Verdict.REJECT:
            return doubtful
        if objection := terms.objection:
            return Judgement(Verdict.REJECT, "not_possible", objection.sentence, objection, forbidden=True)
        if doubtful.verdict is Verdict.ASK:
            return replace(doubtful, verdict=Verdict.REJECT) if only_asks(read.commands) else doubtful
        if len(read.choices) > 1:
            return Judgement(Verdict.ASK, "which", f"it may be {' or '.join(read.choices[:2])}")
        if only_asks(read.commands):
            return Judgement(Verdict.ACCEPT, "read_back", read.reason)
        objected = _missing(read, doubtful) or _objection(self.site, read.commands, fleet, terms)
        return objected or self._by_risk(read, fleet, doubtful)

    def by_hearing(self, read: Parse, heard: float, doubt: str) -> Judgement:
        """What is done about a reading for how well it was heard; see :meth:`judge`."""
        named = read.named or _names_something(read.commands)
        rows = [self.table.heard if named else self.table.heard_unnamed]
        if read.tier is Tier.LLAMA:
            rows.append(self.table.heard_model)
        if any(command.action in DRIVING | {Action.RESUME, Action.PLAN} for command in read.commands):
            rows.append(self.table.heard_moving)
        verdict = max((_verdict(row, heard) for row in rows), key=_CARE.index)
        reason = f"it may not have been said, or not to a vehicle: {doubt}"
        if only_asks(read.commands) and heard < (self.table.heard.accept or 0.0):
            return Judgement(Verdict.REJECT, "", reason)  # people ask each other where vehicles are, too
        if verdict is Verdict.REJECT:
            return Judgement(verdict, "not_understood" if any(c.vehicles for c in read.commands) else "", reason)
        return _judgement(verdict, read.reason, reason)

    def by_answer(self, heard: float, doubt: str) -> Judgement:
        """What is done about a yes for how well it was heard; see :meth:`judge`."""
        verdict = _verdict(self.table.heard_answer, heard)
        return Judgement(
            verdict, "", f"the yes may not have been one: {doubt}" if doubt else "the yes was hardly heard"
        )

    @staticmethod
    def row_of(read: Parse) -> str:
        """The row of the table by which the confidence of a reading is judged."""
        if read.tier is not Tier.LLAMA:
            return "grammar"
        return "model" if all(command.vehicles for command in read.commands) else "unaddressed"

    def by_confidence(self, read: Parse) -> Judgement:
        """What is done about a reading for how sure it is; see :meth:`judge`."""
        row, confidence = getattr(self.table, self.row_of(read)), read.confidence
        verdict = _verdict(row, confidence)
        wanted = [command for command in read.commands if command.action is not Action.CANCEL] or read.commands
        if row.confirm is not None and all(map(_names_all, wanted)):  # of a correction, what is wanted instead
            verdict = min(verdict, _verdict(self.table.complete, confidence), key=_CARE.index)
        setting_off = [command for command in read.commands if command.action in DRIVING]
        if verdict is Verdict.ACCEPT and setting_off and read.questioned:
            # Models hear an order in "does two have to be parked like that?" as surely as in "could two park there?".
            return _judgement(Verdict.CONFIRM, read.reason, f"it may be a question: {read.reason}")
        if (
            verdict is Verdict.ACCEPT
            and read.tier is Tier.LLAMA
            and not all(_names_something((c,)) for c in setting_off)
        ):
            # "Take two of these pills and go home."
            return _judgement(Verdict.CONFIRM, read.reason, f"neither a vehicle nor a place was named: {read.reason}")
        if verdict is Verdict.REJECT:
            told = read.addressed or any(c.vehicles for c in read.commands)
            return Judgement(verdict, "not_understood" if told else "", TOO_UNSURE)
        return _judgement(verdict, read.reason, f"not sure: {read.reason}")

    def _by_risk(self, read: Parse, fleet: Fleet | None, doubtful: Judgement) -> Judgement:
        """The most careful of what confidence and the risks want."""
        worst = doubtful
        for row, risk in self._risks(read.commands, fleet):
            worst = _more_careful(worst, _judgement(_verdict(row, read.confidence), read.reason, risk))
        return worst

    def _risks(self, commands: tuple[Command, ...], fleet: Fleet | None) -> Iterator[tuple[Thresholds, str]]:
        """The rows that apply besides that of the confidence, and what is risky there."""
        table = self.table
        for command in commands:
            if command.action is Action.RESUME:
                if not command.vehicles:  # "go on" after a stop may be meant for one and starts them all
                    yield table.resume, "many vehicles would start to move"
                if EVERYBODY in command.vehicles:
                    yield table.resume_all, "all vehicles would go on"
            if command.action is Action.CANCEL and any(view.job for view in self._meant(table.cancel, command, fleet)):
                yield table.cancel, "running work would be given up"
        setting_off = tuple(command for command in commands if command.action in DRIVING)
        for command in setting_off:
            if command.vehicles and any(view.loaded for view in self._meant(table.loaded, command, fleet)):
                yield table.loaded, "a vehicle that carries a load would start to move"
        told = {vehicle for command in setting_off for vehicle in command.vehicles}
        if len(told) >= table.many_from or any(map(_is_selector, told)):
            yield table.many, "many vehicles would start to move"
        people = self.site.rules.with_people() if self.site else frozenset()
        if self.site and people and leads_to(self.site, fleet.vehicles() if fleet else {}, setting_off) & people:
            yield table.people, "there are people"

    def _meant(self, row: Thresholds, command: Command, fleet: Fleet | None) -> Iterator[VehicleView]:
        """The vehicles that a command means, as they are now; none where the row lets everything pass anyway."""
        if self.site is None or fleet is None or row.accept == 0.0:
            return
        views = fleet.vehicles()
        nodes = {vehicle: view.node for vehicle, view in views.items()}
        for reference in command.vehicles or (EVERYBODY,):
            yield from (views[v] for v in members_of(self.site, reference, nodes) if v in views)


def _verdict(row: Thresholds, confidence: float) -> Verdict:
    rungs = ((row.accept, Verdict.ACCEPT), (row.confirm, Verdict.CONFIRM), (row.ask, Verdict.ASK))
    return next((v for least, v in rungs if least is not None and confidence >= least), Verdict.REJECT)


def _more_careful(one: Judgement, other: Judgement) -> Judgement:
    """The more careful of two judgements; the first of equals."""
    return other if _CARE.index(other.verdict) > _CARE.index(one.verdict) else one


def _judgement(verdict: Verdict, reason: str, doubt: str) -> Judgement:
    """A judgement with the sentence that goes with it: a short read-back, a full one with a question, say it again."""
    match verdict:
        case Verdict.ACCEPT:
            return Judgement(verdict, "read_back", reason)
        case Verdict.CONFIRM:
            return Judgement(verdict, "confirm", doubt)
        case _:
            return Judgement(verdict, "not_understood", doubt)


def _names_something(commands: Iterable[Command]) -> bool:
    return any(command.vehicles or command.origin or command.destination for command in commands)


def _names_all(command: Command) -> bool:
    """Whether both ends of what sets somebody off are named, or who and where."""
    return command.action in DRIVING and bool(command.destination and (command.vehicles or command.origin))


def only_asks(commands: Iterable[Command]) -> bool:
    """Whether it is nothing but questions: an answer sets nothing in motion, so none of them needs a yes."""
    return {command.action for command in commands} == {Action.STATUS}


def _is_selector(reference: str) -> bool:
    return reference == EVERYBODY or reference.startswith(SELECTORS)


def _missing(read: Parse, doubtful: Judgement) -> Judgement | None:
    placeless = any(c.action is Action.MOVE and c.destination is None for c in read.commands)
    if not placeless and not (read.vague and any(c.action in _WHERE_MATTERS for c in read.commands)):
        return None
    if doubtful.verdict is not Verdict.ACCEPT and not any(c.vehicles for c in read.commands):
        return Judgement(Verdict.REJECT, "", "too unsure, and neither a vehicle nor a place was named")
    return Judgement(Verdict.ASK, "where_to", "no destination was said")


def _objection(site: Site | None, commands: tuple[Command, ...], fleet: Fleet | None, terms: Terms) -> Judgement | None:
    asked = [c for c in commands if c.action not in (Action.STATUS, Action.PLAN) and not terms.covers(c, terms.may)]
    problems = [found for c in commands if site and c.action is Action.OWN and (found := unclear(site, c))]
    problems += fleet.check(asked, may=terms.may, queue=True, gives_up=terms.gives_up) if fleet and asked else []
    if not problems:
        return None
    first = problems[0]
    if key := _ASKED_FOR.get(first.code):
        return Judgement(Verdict.ASK, key, first.sentence, first)
    return Judgement(Verdict.REJECT, "not_possible", first.sentence, first, forbidden=first.code in _FORBIDDEN)
