"""What a sentence means after what its speaker said before.

The reader gets the speaker's last orders and what was asked, and says how a sentence goes with them: a new order, one
in place of the newest, a yes. Here it is found out what that makes of the order that stands: what is given up, which
vehicle "the nearest free one" is, what an answer completes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from banksman_edge.dialogue.cancellation import NAMELESS, Canceller
from banksman_edge.dialogue.context import Context, ContextBook, Key, Ordered, Question
from banksman_edge.dialogue.correction import before_all_else, in_place_of, still_waiting
from banksman_edge.dialogue.live_selection import LiveVehicles
from banksman_edge.dialogue.said import Said, declines, left_open, unread
from banksman_edge.dialogue.unresolved_reference import UnresolvedReference, ask_where, ask_which
from banksman_edge.fleet import Code, Fleet, OrderEvent, VehicleView
from banksman_edge.operators import Rights
from banksman_edge.policy import Judgement, only_asks, vehicles_of
from banksman_edge.turns import CONFIRMATION_S, Pending, Turn, TurnBook, Verdict, who
from banksman_edge.understanding import MOST_BEFORE, How, Parse, Reply
from banksman_edge.understanding import Context as Before
from banksman_edge.understanding import Question as Asks
from banksman_edge.understanding.entities import What, kind_of_place
from banksman_edge.understanding.reader.lines import LIVE
from banksman_shared.actions import Action
from banksman_shared.commands import DRIVING, EVERYBODY, NOTHING, Command
from banksman_shared.site import Site

_REFUSED = ("unknown", "not_possible")
_SLOTS = {"which": "choice", "where_to": "destination", "where_from": "origin"}
_ASKED = {"vehicles": Asks.WHO, "destination": Asks.WHERE, "origin": Asks.ORIGIN, "choice": Asks.WHICH}


class Dialogue:
    """The conversations of one site. ``fleet`` None: nothing is known of any vehicle."""

    def __init__(self, site: Site, fleet: Fleet | None, rights: Rights, turns: TurnBook) -> None:
        self._site, self._fleet, self._rights, self._turns = site, fleet, rights, turns
        self._live = LiveVehicles(site)
        self._book = ContextBook(turns.clock, site.rules.policy.context_s)
        self._canceller = Canceller(site, self._views, rights, self._book, turns)

    # What was said

    def before(self, turn: Turn, pending: Pending | None) -> Before:
        """What its speaker said and was asked before a turn, as the reader gets to see it."""
        key = who(turn)
        context, question = self._book.of(key) or Context(), self._book.question(key, turn.began)
        asked: tuple[Command, ...] = ()
        if pending:
            asked = (Command(Action.PLAN, ()),) if pending.plan else _without_given_up(pending.commands)
        elif question and question.commands != (NOTHING,):
            asked = question.commands
        said = context.orders
        if asked:  # it is the newest, though somebody's whereabouts were asked for since
            said = (*(commands for commands in said if commands != asked), asked)[-MOST_BEFORE:]
        said = tuple(tuple(map(_as_known, commands)) for commands in said)
        if pending:
            return Before(said, Asks.CONFIRM)
        if question is None:
            return Before(said)
        places = any(one in self._site.places for one in question.choices)
        what = Asks.WHICH if question.choices else _ASKED[question.slot]
        return Before(said, what, question.choices, places, question.kind)

    def consider(self, turn: Turn, read: Parse, pending: Pending | None) -> Said | None:
        """What comes of a sentence that was read after what its speaker said before; None where that is no more than it
        says. Its stops are never asked about, whatever else is."""
        stops = tuple(self._stop(turn, command) for command in read.commands if command.action is Action.STOP)
        rest = tuple(command for command in read.commands if command.action is not Action.STOP)
        if not stops:
            return self._considered(turn, read, pending)
        if not rest:
            return Said(replace(read, commands=stops)) if stops != read.commands else None
        said = self._considered(turn, replace(read, commands=rest), pending) or Said(replace(read, commands=rest))
        return replace(said, read=replace(said.read, commands=(*stops, *said.read.commands)))

    def _stop(self, turn: Turn, command: Command) -> Command:
        """A stop with ids for whoever is told by live state; where that cannot be known, all of that kind stop."""
        try:
            return self._live.resolved((command,), self._views, self._rights.limit(turn.speaker))[0][0]
        except UnresolvedReference:
            return command.given_to(*map(_without_live_state, command.vehicles))

    def _considered(self, turn: Turn, read: Parse, pending: Pending | None) -> Said | None:
        key = who(turn)
        question, context = self._book.question(key, turn.began), self._book.of(key) or Context()
        if read.reply in (Reply.YES, Reply.NO):
            return self._answered(turn, key, read, question)
        undoes = read.reply is Reply.UNDO
        if undoes:
            read = replace(read, commands=(NAMELESS,))
        canceller = self._canceller
        if said := canceller.withdraw(turn, read, pending) or canceller.take_back(turn, read):
            return said
        if said := canceller.call_off(turn, read):
            return replace(said, undoes=undoes)
        if undoes:
            return Said(read)
        if read.is_nothing:
            return None
        corrects = _ordered_before(context, pending, question) if read.how is How.INSTEAD else None
        try:
            return self._ordered(turn, read, context, question, corrects, pending)
        except UnresolvedReference as unclear:
            return left_open(turn, unclear, read, self._book.now(), corrects)

    def _answered(self, turn: Turn, key: Key, read: Parse, question: Question | None) -> Said:
        """A yes or no, where no order waits for one. A no right behind an order may be to that."""
        if question is None and read.reply is Reply.NO and self._has_just_ordered(turn, key):
            off = self._canceller.call_off(turn, replace(read, commands=(NAMELESS,)))
            if off and self._canceller.is_of_last(turn, off.gives_up):
                return replace(off, undoes=True, doubt="it may be a no to what was ordered last")
        if question is None:
            told = Judgement(Verdict.REJECT, "", "a yes or no to nothing")
            return Said(unread(read, told.reason), told)
        if read.reply is Reply.NO:
            self._book.drop_question(key)
            return declines(question.turn, replace(read, language=question.turn.language))
        judgement = _asked_again(question).judgement
        again = replace(question, asked=self._book.now())
        return Said(unread(read, judgement.reason, question.choices), judgement, again)

    def _ordered(
        self,
        turn: Turn,
        read: Parse,
        context: Context,
        question: Question | None,
        corrects: Ordered | None,
        pending: Pending | None,
    ) -> Said | None:
        """``corrects``: the order that is corrected, where one is.

        Raises:
            Unclear: it breaks off, or who or what is meant cannot be known.
        """
        if read.breaks_off:
            lacks_origin = all(c.destination for c in read.commands)
            raise ask_where("it broke off before a place was said", origin=lacks_origin)
        newest = (question.commands if question else context.orders[-1] if context.said else ())[:1]
        if newest and newest[0].action is Action.OWN and (question or read.how is How.INSTEAD):
            read = replace(read, commands=tuple(_as_own(command, newest[0]) for command in read.commands))
        commands, why = self._live.resolved(read.commands, self._views, self._rights.limit(turn.speaker))
        commands = self._one_of_a_kind(turn, read, commands)
        resolved = replace(read, commands=commands, reason="; ".join(filter(None, (read.reason, why))))
        answered = question if question and _completes(question, commands) else None
        if answered:
            resolved = replace(resolved, confidence=min(read.confidence, answered.confidence))
            corrects = corrects or answered.corrects
        if read.how is How.INSTEAD and corrects is None:
            return Said(resolved, doubt="what it is said in place of was not ordered")
        if corrects and (answered or read.how is How.INSTEAD) and all(c.action in DRIVING for c in commands):
            commands, gives_up = in_place_of(corrects, commands, self._views())
            instead = replace(resolved, commands=commands)
            replaced = pending if pending and pending.plan is None else None
            return Said(
                instead,
                corrects=corrects,
                replaces=replaced,
                completes=answered.turn if answered else None,
                heard=answered.heard if answered else 1.0,
                doubt="it was said in place of a yes" if replaced else "",
                gives_up=gives_up,
            )
        if read.how is How.NOW:
            views = self._views()
            at_once, gives_up, put_off = before_all_else(commands, vehicles_of(self._site, views, commands), views)
            doubt = "work that runs would be given up" if gives_up else ""
            return Said(replace(resolved, commands=at_once), doubt=doubt, gives_up=gives_up, puts_off=put_off)
        if answered:
            return Said(resolved, completes=answered.turn, heard=answered.heard)
        return Said(resolved) if commands != read.commands else None

    def _has_just_ordered(self, turn: Turn, key: Key) -> bool:
        context = self._book.of(key)
        order = self._turns.of(context.last.job) if context and context.last else None
        return order is not None and turn.began - order.started <= CONFIRMATION_S

    def _one_of_a_kind(self, turn: Turn, read: Parse, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        """An order for one of a kind, whichever is nearest and free: "send a tugger to dock two"."""
        if self._fleet is None or read.trace is None or any(c.vehicles or c.action not in DRIVING for c in commands):
            return commands
        kinds = {mention.ids[0] for mention in read.trace.mentions if mention.what is What.VEHICLE_KIND}
        if len(kinds) != 1:
            return commands
        told = f"free:{kinds.pop()}"
        of_kind = [command.given_to(told) for command in commands]
        return self._live.resolved(of_kind, self._views, self._rights.limit(turn.speaker))[0]

    def _views(self) -> Mapping[str, VehicleView]:
        return self._fleet.vehicles() if self._fleet else {}

    # What came of it

    def note(self, turn: Turn, read: Parse, judgement: Judgement, said: Said | None) -> Turn | None:
        """Remember what was ordered and asked, for the speaker's next sentences. Returns the turn whose question is
        not answered any more, where nobody was told so."""
        key = who(turn)
        context = self._book.of(key)
        before = context.question if context else None
        self._note(turn, read, judgement, said)
        context = self._book.of(key)
        if before is None or (context and context.question is before) or (said and (said.completes or said.asked)):
            return None
        self._book.update(key, lambda context: context.declined(before.turn.utterance.id))
        return before.turn

    def _note(self, turn: Turn, read: Parse, judgement: Judgement, said: Said | None) -> None:
        key, asked = who(turn), said.asked if said and judgement is said.judgement else None
        refused = judgement.verdict is Verdict.REJECT and judgement.key in _REFUSED
        if asked:
            self._book.update(key, lambda context: replace(context, question=asked))
        elif said and said.replaces and said.withdraws:
            replaced = said.replaces.turn.utterance.id
            self._book.update(key, lambda context: context.without(replaced))
        elif said and said.undoes:
            if judgement.verdict is Verdict.ACCEPT:
                self._given_up(key, said.gives_up)
        elif refused and said and said.completes:
            pass  # another answer may do
        elif not read.is_nothing and _was_understood(judgement):
            now = self._book.now()
            self._book.update(key, lambda context: _remembered(context, turn, read, judgement, said, now))
        elif refused and said is None and _names_vehicle(read):  # a whole order, and no answer
            self._book.drop_question(key)

    def asked(self, turn: Turn) -> None:
        """A yes to what this turn wants is waited for: what its speaker was asked before is not answered any more."""
        self._book.drop_question(who(turn))

    def stopped(self) -> None:
        """Somebody was stopped: nothing that was asked is answered any more."""
        self._book.drop_questions()

    def confirmed(self, pending: Pending) -> Pending:
        """The speaker said yes to what a turn ordered. Returns what of it is still to be done."""
        turn = pending.turn
        self._book.confirmed(who(turn), turn.utterance.id)
        self._given_up(who(turn), turn.gives_up)
        return replace(pending, commands=still_waiting(pending.commands, turn.puts_off, self._views()))

    def _given_up(self, key: Key, jobs: Collection[str]) -> None:
        """What was ordered and is cancelled is not spoken of any more."""
        self._book.update(key, lambda context: context.given_up(jobs))

    def asks_since(self, turn: Turn, pending: Pending) -> bool:
        """Whether its speaker was asked something else after what waits for a yes."""
        question = self._book.question(who(turn), turn.began)
        return question is not None and question.asked > pending.asked

    def declined(self, turn: Turn) -> None:
        """The speaker said no to what this turn ordered, or nothing."""
        self._book.update(who(turn), lambda context: context.declined(turn.utterance.id))

    def heard(self, event: OrderEvent, left: int) -> None:
        """News of an order, on the fleet's thread; ``left``: how many of its commands have not ended."""
        self._book.heard(event, left)


def _without_live_state(told: str) -> str:
    """All whom a selector by live state chooses from; any other one as it is."""
    how, _, kind = told.partition(":")
    return told if how not in LIVE else f"kind:{kind}" if kind else EVERYBODY


def _as_known(command: Command) -> Command:
    """A command as the reader knows it: an action of the site's own is to go somewhere."""
    if command.action is not Action.OWN:
        return command
    return Command(Action.MOVE, command.vehicles, destination=command.destination)


def _as_own(command: Command, own: Command) -> Command:
    """What :func:`_as_known` made of an action, made back. What another vehicle is told is what it says."""
    if command.action is not Action.MOVE or (command.vehicles and command.vehicles != own.vehicles):
        return command
    return Command(Action.OWN, command.vehicles, destination=command.destination, name=own.name)


def _asked_again(question: Question) -> UnresolvedReference:
    reason = f"utterance {question.turn.utterance.id} was asked about, and not whether"
    if question.slot in ("destination", "origin"):
        return ask_where(reason, origin=question.slot == "origin")
    return ask_which(question.choices, reason, question.slot)


def _completes(question: Question, commands: tuple[Command, ...]) -> bool:
    """Whether commands are those that were asked about, with what was missing in them; else they are an order of their
    own."""
    if len(commands) != len(question.commands):
        return False

    def fits(slot: str, asked: str | None, said: str | None) -> bool:
        return asked in (None, said) or (question.slot == slot and not question.choices) or said in question.choices

    return all(
        asked.action is command.action
        and (not asked.vehicles or all(fits("vehicles", asked.vehicles[0], each) for each in command.vehicles))
        and fits("origin", asked.origin, command.origin)
        and fits("destination", asked.destination, command.destination)
        for asked, command in zip(question.commands, commands, strict=True)
    )


def _without_given_up(commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """An order without the cancelling of what it comes in the place of."""
    return tuple(command for command in commands if command.action is not Action.CANCEL) or commands


def _names_vehicle(read: Parse) -> bool:
    mentions = read.trace.mentions if read.trace else ()
    return any(mention.what in (What.VEHICLE, What.GROUP) for mention in mentions)


def _ordered_before(context: Context, pending: Pending | None, question: Question | None) -> Ordered | None:
    """The order that a correction corrects: the one that waits for a yes, else the last that stands, if nothing was
    asked for since that is no order: a plan, or what a question is open about. A correction that was refused leaves
    what it corrected."""
    last = context.standing(pending)
    newest = next((job for job, commands in reversed(context.said) if not only_asks(commands)), None)
    newest = question.turn.utterance.id if question and not question.corrects else newest
    if context.last and pending is None and newest not in (None, context.last.job):
        return None
    if pending is None or pending.plan or (last and last.job == pending.turn.utterance.id):
        return last
    return Ordered(pending.turn.utterance.id, pending.commands, waits=True)


def _was_understood(judgement: Judgement) -> bool:
    """Whether something was taken for an order or question, whatever became of it."""
    return judgement.verdict in (Verdict.ACCEPT, Verdict.CONFIRM) or judgement.key in ("not_possible", *_SLOTS)


def _remembered(
    context: Context, turn: Turn, read: Parse, judgement: Judgement, said: Said | None, now: float
) -> Context:
    """The speaker's context after a turn."""
    job = turn.utterance.id
    commands = _without_given_up(read.commands) if said and said.corrects else read.commands
    before = [said.corrects.job] if said and said.corrects else []
    before += [of.utterance.id for of in (said.completes, said.replaces and said.replaces.turn) if of] if said else []
    context = context.with_said(job, commands, before)
    if only_asks(commands):  # whoever asks where somebody is may still answer
        return replace(context, question=None) if said and said.completes else context
    driving = tuple(command for command in commands if command.action in DRIVING)
    question = _question(turn, replace(read, commands=commands), judgement, said, now)
    if not driving:
        return replace(context, question=question)
    waits = judgement.verdict is not Verdict.ACCEPT
    last = Ordered(job, driving, waits=waits, corrects=said.corrects if said and waits else None)
    return replace(context, last=last, question=question)


def _question(turn: Turn, read: Parse, judgement: Judgement, said: Said | None, now: float) -> Question | None:
    slot = _SLOTS.get(judgement.key, "")
    if judgement.problem and judgement.problem.code is Code.WHICH_VEHICLE:
        slot = "vehicles"
    if not slot or read.commands == (NOTHING,):
        return None
    heard = min(turn.transcript.confidence, said.heard if said else 1.0)
    corrects = said.corrects if said else None
    kind = kind_of_place(read.trace.mentions if read.trace else ())
    return Question(turn, read.commands, slot, read.choices, read.confidence, heard, now, corrects, kind)
