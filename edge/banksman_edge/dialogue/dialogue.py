"""What a sentence means after what its speaker said before.

The reader gets the speaker's last orders and what was asked, and says how a sentence goes with them: a new order, one
in place of the newest, a yes. Here it is found out what that makes of the order that stands: what is given up, which
vehicle "the nearest free one" is, what an answer completes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from banksman_edge.dialogue.calling_off import NAMELESS, Canceller
from banksman_edge.dialogue.context import Context, ContextBook, Key, Ordered, Question
from banksman_edge.dialogue.correction import before_all_else, in_place_of
from banksman_edge.dialogue.live import LiveVehicles
from banksman_edge.dialogue.said import Said, Sure, declines, left_open, nothing
from banksman_edge.dialogue.unclear import Unclear, ask_where, ask_which
from banksman_edge.events import Verdict
from banksman_edge.fleet import Code, Fleet, OrderEvent, VehicleView
from banksman_edge.leads_to import vehicles_of
from banksman_edge.operators import Rights
from banksman_edge.policy import Judgement
from banksman_edge.turns import Pending, Turn, TurnBook, who
from banksman_edge.understanding import Context as Before
from banksman_edge.understanding import How, Parse, Reply
from banksman_edge.understanding import Question as Asks
from banksman_edge.understanding.context import MOST_BEFORE
from banksman_shared.commands import DRIVING, NOTHING, Action, Command
from banksman_shared.site import Site

_REFUSED = ("unknown", "not_possible")
_SLOTS = {"which": "choice", "where_to": "destination", "where_from": "origin"}
_ASKED = {"vehicles": Asks.WHO, "destination": Asks.WHERE, "origin": Asks.ORIGIN, "choice": Asks.WHICH}


class Dialogue:
    """The conversations of one site. ``fleet`` None: nothing is known of any vehicle."""

    def __init__(self, site: Site, fleet: Fleet | None, rights: Rights, turns: TurnBook) -> None:
        self._site, self._fleet, self._rights = site, fleet, rights
        self._live = LiveVehicles(site)
        self._book = ContextBook(turns.clock, site.rules.policy.context_s)
        self._canceller = Canceller(site, self._views, rights, self._book, turns)

    # What was said

    def before(self, turn: Turn, pending: Pending | None) -> Before:
        """What its speaker said and was asked before a turn, as the reader gets to see it."""
        key = who(turn)
        context, question = self._book.of(key) or Context(), self._book.question(key, turn.started)
        asked: tuple[Command, ...] = ()
        if pending:
            asked = (Command(Action.PLAN, ()),) if pending.plan else pending.commands
        elif question and question.commands != (NOTHING,):
            asked = question.commands
        said = context.said if not asked or context.said[-1:] == (asked,) else (*context.said, asked)[-MOST_BEFORE:]
        said = tuple(tuple(map(_as_known, commands)) for commands in said)
        if pending:
            return Before(said, Asks.CONFIRM)
        if question is None:
            return Before(said)
        places = any(one in self._site.places for one in question.choices)
        return Before(said, Asks.WHICH if question.choices else _ASKED[question.slot], question.choices, places)

    def consider(self, turn: Turn, read: Parse, pending: Pending | None) -> Said | None:
        """What comes of a sentence that was read after what its speaker said before; None where that is no more than it
        says."""
        key = who(turn)
        question = self._book.question(key, turn.started)
        undoes = read.reply is Reply.UNDO
        if read.reply in (Reply.YES, Reply.NO):
            return self._answered(turn, key, read, question)
        if undoes:
            read = replace(read, commands=(NAMELESS,), reply=None)
        canceller = self._canceller
        if said := canceller.withdraw(turn, read, pending) or canceller.take_back(turn, read):
            return said
        if said := canceller.call_off(turn, read):
            return replace(said, undoes=undoes)
        if read.is_nothing:
            return None
        sure = Sure(read.confidence, tier=read.tier)
        try:
            return self._ordered(turn, key, read, question, pending)
        except Unclear as unclear:
            return left_open(turn, unclear, read.commands, read.language, sure, self._book.asks_until())

    def _answered(self, turn: Turn, key: Key, read: Parse, question: Question | None) -> Said | None:
        """A yes or no, where no order waits for one."""
        if question is None:
            told = Judgement(Verdict.REJECT, "", "a yes or no to nothing")
            return Said(nothing(read.language), told)
        if read.reply is Reply.NO:
            self._book.drop_question(key)
            return declines(question.turn, nothing(question.turn.language))
        unclear = _asked_again(question)
        sure = Sure(question.confidence, tier=question.tier)
        until = self._book.asks_until()
        said = left_open(turn, unclear, question.commands, question.turn.language, sure, until)
        return replace(said, asked=replace(question, expires=until))

    def _ordered(
        self, turn: Turn, key: Key, read: Parse, question: Question | None, pending: Pending | None
    ) -> Said | None:
        """Raises:
        Unclear: it breaks off, or who or what is meant cannot be known.
        """
        if read.breaks_off:
            lacks_origin = all(c.destination for c in read.commands)
            raise ask_where("it broke off before a place was said", origin=lacks_origin)
        context = self._book.of(key)
        newest = (question.commands if question else context.said[-1] if context and context.said else ())[:1]
        if newest and newest[0].action is Action.OWN and (question or read.how is How.INSTEAD):
            read = replace(read, commands=tuple(_as_own(command, newest[0]) for command in read.commands))
        commands, why = self._live.resolved(read.commands, self._views, self._rights.limit(turn.speaker))
        commands = self._one_of_a_kind(turn, read, commands)
        resolved = replace(read, commands=commands, reason="; ".join(filter(None, (read.reason, why))))
        if read.how is How.INSTEAD and all(command.action in DRIVING for command in commands):
            base = _ordered_before(context, pending)
            if base is None:
                return Said(resolved)
            commands, gives_up = in_place_of(base, commands, self._views())
            instead = replace(resolved, commands=commands)
            replaced = pending if pending and pending.plan is None else None
            doubt = "it was said in place of a yes" if replaced else ""
            return Said(instead, corrects=base, replaces=replaced, doubt=doubt, gives_up=gives_up)
        if read.how is How.NOW:
            views = self._views()
            at_once, gives_up = before_all_else(commands, vehicles_of(self._site, views, commands), views)
            doubt = "work that runs would be given up" if gives_up else ""
            return Said(replace(resolved, commands=at_once), doubt=doubt, gives_up=gives_up)
        if question and question.commands[0].action is commands[0].action:
            return Said(resolved, completes=question.turn, corrects=question.corrects, heard=question.heard)
        return Said(resolved) if commands != read.commands else None

    def _one_of_a_kind(self, turn: Turn, read: Parse, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        """An order for one of a kind, whichever is nearest and free: "send a tugger to dock two"."""
        if self._fleet is None or read.trace is None or any(c.vehicles or c.action not in DRIVING for c in commands):
            return commands
        kinds = {kind for asked in read.trace.asked for tag, (kind, *_) in asked.tags.items() if tag.startswith("K")}
        if len(kinds) != 1:
            return commands
        told = f"free:{kinds.pop()}"
        of_kind = [command.given_to(told) for command in commands]
        return self._live.resolved(of_kind, self._views, self._rights.limit(turn.speaker))[0]

    def _views(self) -> Mapping[str, VehicleView]:
        return self._fleet.vehicles() if self._fleet else {}

    # What came of it

    def note(self, turn: Turn, read: Parse, judgement: Judgement, said: Said | None) -> None:
        """Remember what was ordered and asked, for the speaker's next sentences."""
        key, asked = who(turn), said.asked if said and judgement is said.judgement else None
        refused = judgement.verdict is Verdict.REJECT and judgement.key in _REFUSED
        if asked:
            self._book.update(key, lambda context: replace(context, question=asked))
        elif said and (said.withdraws or said.undoes):
            self._book.update(key, Context.without_newest)
        elif refused and said and said.completes:
            pass  # another answer may do
        elif not read.is_nothing and _was_understood(judgement):
            until = self._book.asks_until()
            self._book.update(key, lambda context: _remembered(context, turn, read, judgement, said, until))
        elif refused and said is None:  # a whole order, and no answer
            self._book.drop_question(key)

    def asked(self, turn: Turn) -> None:
        """A yes to what this turn wants is waited for: what its speaker was asked before is not answered any more."""
        self._book.drop_question(who(turn))

    def stopped(self) -> None:
        """Somebody was stopped: nothing that was asked is answered any more."""
        self._book.drop_questions()

    def confirmed(self, turn: Turn) -> None:
        """The speaker said yes to what this turn ordered."""
        self._book.confirmed(who(turn), turn.utterance.id)

    def declined(self, turn: Turn) -> None:
        """The speaker said no to what this turn ordered."""
        self._book.update(who(turn), Context.without_newest)

    def heard(self, event: OrderEvent, left: int) -> None:
        """News of an order, on the fleet's thread; ``left``: how many of its commands have not ended."""
        self._book.heard(event, left)


def _as_known(command: Command) -> Command:
    """A command as the reader knows it: an action of the site's own is to go somewhere."""
    if command.action is not Action.OWN:
        return command
    return Command(Action.MOVE, command.vehicles, destination=command.destination)


def _as_own(command: Command, own: Command) -> Command:
    """What :func:`_as_known` made of an action, made back."""
    if command.action is not Action.MOVE:
        return command
    return Command(Action.OWN, command.vehicles, destination=command.destination, name=own.name)


def _asked_again(question: Question) -> Unclear:
    reason = f"utterance {question.turn.utterance.id} was asked about, and not whether"
    if question.slot in ("destination", "origin"):
        return ask_where(reason, origin=question.slot == "origin")
    return ask_which(question.choices, reason, question.slot)


def _ordered_before(context: Context | None, pending: Pending | None) -> Ordered | None:
    """The order that a correction corrects: the one that waits for a yes, else the last that stands."""
    last = context.standing(pending) if context else None
    if pending is None or pending.plan or (last and last.job == pending.turn.utterance.id):
        return last
    return Ordered(pending.turn.utterance.id, pending.commands, waits=True)


def _was_understood(judgement: Judgement) -> bool:
    """Whether something was taken for an order or question, whatever became of it."""
    return judgement.verdict in (Verdict.ACCEPT, Verdict.CONFIRM) or judgement.key in ("not_possible", *_SLOTS)


def _remembered(
    context: Context, turn: Turn, read: Parse, judgement: Judgement, said: Said | None, until: float
) -> Context:
    """The speaker's context after a turn."""
    commands = tuple(c for c in read.commands if not (said and said.corrects and c.action is Action.CANCEL))
    in_place = bool(said and (said.corrects or said.completes or said.replaces))
    context = context.with_said(commands, in_place=in_place)
    driving = tuple(command for command in commands if command.action in DRIVING)
    question = _question(turn, read, judgement, said, until)
    if all(command.action is Action.STATUS for command in read.commands):
        return context  # whoever asks where somebody is may still answer
    if not driving:
        return replace(context, question=question)
    waits = judgement.verdict is not Verdict.ACCEPT
    last = Ordered(
        turn.utterance.id,
        driving,
        confidence=read.confidence,
        heard=min(turn.transcript.confidence, said.heard if said else 1.0),
        tier=read.tier,
        waits=waits,
        corrects=said.corrects if said and waits else None,
    )
    return replace(context, last=last, question=question)


def _question(turn: Turn, read: Parse, judgement: Judgement, said: Said | None, until: float) -> Question | None:
    slot = _SLOTS.get(judgement.key, "")
    if judgement.problem and judgement.problem.code is Code.WHICH_VEHICLE:
        slot = "vehicles"
    if not slot or read.commands == (NOTHING,):
        return None
    heard = min(turn.transcript.confidence, said.heard if said else 1.0)
    corrects = said.corrects if said else None
    return Question(turn, read.commands, slot, read.choices, read.confidence, heard, read.tier, until, corrects)
