"""A conversation with each speaker: what is said is read against what they said before, and never against what anybody
else did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from banksman_edge.dialogue import open_question
from banksman_edge.dialogue.answers import Answers
from banksman_edge.dialogue.calling_off import Canceller
from banksman_edge.dialogue.completing import Completer, is_for_others
from banksman_edge.dialogue.context import ContextBook, Key, Ordered, Question
from banksman_edge.dialogue.fragments import Fragment
from banksman_edge.dialogue.free_ones import who_is_free
from banksman_edge.dialogue.hearing import Hearing, Order, Piece, needs_no_context
from banksman_edge.dialogue.memory import Decided, after_refusal, ordered_before, remembered
from banksman_edge.dialogue.references import Reference, reference_of
from banksman_edge.dialogue.resolve import Now, Resolver, carries_on
from banksman_edge.dialogue.said import Said, Sure, instead_of, left_open, nothing, reading_of
from banksman_edge.dialogue.selectors import Selectors
from banksman_edge.dialogue.things import Things
from banksman_edge.dialogue.unclear import Unclear, nothing_meant
from banksman_edge.dialogue.unnamed import names_nobody, unnamed_order
from banksman_edge.dialogue.words import AGAIN, AND, IT, MEANT, NO, NOT, SAME, THEM, TOO, answer_in
from banksman_edge.events import Verdict
from banksman_edge.fleet import Fleet, OrderEvent, VehicleView
from banksman_edge.nlu import Interpretation, Understanding
from banksman_edge.nlu.answers import wavers
from banksman_edge.operators import Rights
from banksman_edge.policy import Judgement
from banksman_edge.turns import Pending, Turn, TurnBook, who
from banksman_shared.commands import NOTHING, Action, Command
from banksman_shared.site import Site

_REFUSED = ("unknown", "not_possible")
ONE_WORD = 0.8
"""Confidence kept where a single word repeats an order: enough to ask for a yes."""
WHERE_IT_STANDS = 0.8
"""The same where a load is put down "there" and no place was spoken of."""


class Dialogue:
    """The conversations of one site. ``fleet`` None: nothing is known of any vehicle."""

    def __init__(
        self,
        site: Site,
        fleet: Fleet | None,
        understanding: Understanding,
        rights: Rights,
        turns: TurnBook,
    ) -> None:
        self._site, self._fleet, self._rights = site, fleet, rights
        self._understanding, self._hearing = understanding, Hearing(site, understanding)
        self._resolver = Resolver(site, Selectors(site))
        things = Things(site, self._resolver)
        self._answers, self._completer = Answers(things), Completer(things)
        self._book = ContextBook(turns.clock, site.rules.policy.context_s)
        self._canceller = Canceller(site, self._views, rights, self._book, turns)

    # What was said

    def hear(self, turn: Turn, known: Interpretation | None, pending: Pending | None) -> Said | None:
        """The sentence read against what its speaker said before; None where it refers to nothing.

        ``known``: how the grammar reads it alone; ``pending``: what waits for the speaker's yes.
        """
        key = who(turn)
        question = self._book.question(key, turn.started)
        if not self._hearing.is_spoken(turn.transcript):
            return None
        asked = question or pending
        unnamed = known if known and asked and names_nobody(self._understanding, turn.transcript, known) else None
        if question and (said := self._whole_answer(turn, key, question, unnamed)):
            return said
        if pending and unnamed and (said := open_question.in_place_of_yes(pending, unnamed)):
            return said
        said = who_is_free(self._understanding, turn.transcript, lambda: self._now(turn, key, pending))
        said = said or self._instead(turn, key, pending, marked=True)
        if known and said is None:
            said = self._canceller.withdraw(turn, known, pending) or self._canceller.take_back(turn, known)
        if said:
            return said
        if (of_plan := self._hearing.plan_called_off(turn.transcript)) is not None:
            return self._canceller.call_off_plan(turn, pending, *of_plan)
        is_answer = answer_in(turn.transcript.text, self._site.languages) is not None  # Dutch "ja" is no Polish "ją"
        if known is None and not is_answer and (said := self._complete(turn, key, question, pending)):
            return said
        order = self._hearing.order(turn.transcript, known)
        if order is None and known:
            spoken = self._book.of(key) is not None
            order = unnamed_order(self._understanding, turn.transcript, known, spoken=spoken, live=bool(self._fleet))
        if order is None:
            return None
        return self._refer(turn, key, order, known, pending)

    def _whole_answer(self, turn: Turn, key: Key, question: Question, unnamed: Interpretation | None) -> Said | None:
        """What a sentence that is no fragment says to a question. ``unnamed``: an order that names nobody."""
        answer = answer_in(turn.transcript.text, self._site.languages)
        if answer is False or (answer is None and self._hearing.neither(turn.transcript)):
            self._book.drop_question(key)
            return open_question.denied(question)
        if answer or wavers(turn.transcript.text, self._site.languages):
            return open_question.put_again(question, turn, self._book.asks_until())
        return open_question.completed(question, unnamed) if unnamed else None

    def _now(self, turn: Turn, key: Key, pending: Pending | None) -> Now:
        context = self._book.of(key)
        if context:
            context = replace(context, last=context.standing(pending))
        return Now(context, self._views(), self._rights.limit(turn.speaker))

    def _views(self) -> Mapping[str, VehicleView]:
        return self._fleet.vehicles() if self._fleet else {}

    # Whole orders

    def _refer(
        self, turn: Turn, key: Key, order: Order, known: Interpretation | None, pending: Pending | None
    ) -> Said | None:
        now = self._now(turn, key, pending)
        if now.context is None and needs_no_context(order, known, now.views):
            return None
        try:
            commands, why = self._resolver.fill(order.commands, now)
        except Unclear as unclear:
            if now.context is None and not (known or order.names or self._book.knew(key)):
                return None  # talk: nothing of the site is named, and nobody has given an order
            return self._unclear(turn, unclear, order.commands, order.language, Sure(order.confidence))
        pronoun = any((r := reference_of(v)) and r.key == IT for v in order.commands[0].vehicles)
        if pronoun and order.carries and len(commands) == 1:
            commands = (carries_on(commands[0], now.context, now.views),)
        where_it_stands = any(
            said.destination and not done.destination for said, done in zip(order.commands, commands, strict=True)
        )
        confidence = order.confidence * (WHERE_IT_STANDS if where_it_stands else 1.0)
        return Said(replace(reading_of(commands, confidence, order.language, why), choices=order.choices))

    def call_off(self, turn: Turn, read: Interpretation, pending: Pending | None) -> Said | None:
        """A reading that cancels without naming anybody, with whom it means; None where that is nobody."""
        canceller = self._canceller
        withdrawn = canceller.withdraw(turn, read, pending)
        return withdrawn or canceller.take_back(turn, read) or canceller.call_off(turn, read)

    # Fragments

    def _complete(self, turn: Turn, key: Key, question: Question | None, pending: Pending | None) -> Said | None:
        asked = (question.turn.language, question.choices) if question else ()
        for piece in self._hearing.fragments(turn.transcript, *asked):
            if said := self._completed(turn, key, piece, question, pending):
                return said
        return self._instead(turn, key, pending, marked=False)

    def _instead(self, turn: Turn, key: Key, pending: Pending | None, *, marked: bool) -> Said | None:
        order = self._hearing.instead(turn.transcript, marked=marked)
        base = ordered_before(self._now(turn, key, pending).context, pending) if order else None
        meant = base and order and not (marked and is_for_others(base, order.commands))
        return self._replace(turn, key, order, base, pending) if base and order and meant else None

    def _completed(
        self, turn: Turn, key: Key, piece: Piece, question: Question | None, pending: Pending | None
    ) -> Said | None:
        fragment, marks = piece.fragment, piece.fragment.marks
        if fragment.missing:
            return self._missing(turn, key, piece, question, pending)
        if NO in fragment.late:
            return Said(nothing(piece.language)) if question or self._book.knew(key) else None  # it is taken back
        if (
            question
            and not marks & {NOT, AGAIN, SAME, TOO}
            and (said := self._answer(turn, key, piece, question, pending))
        ):
            return said
        if marks & {NO, NOT, MEANT}:
            return self._correct(turn, key, piece, pending) if fragment.names else None
        repeats = marks & {AGAIN, SAME} or (marks & {TOO, AND} and fragment.tells_who)
        if repeats or (TOO in marks and fragment.places):
            return self._repeat(turn, key, piece, pending)
        if self._book.knew(key) and fragment.onward and fragment.certainty == 1:
            return self._go_on(turn, key, piece, pending)
        named = bool(fragment.vehicles or fragment.places or fragment.origins) and fragment.certainty == 1
        return self._named_alone(turn, key, piece, pending) if named or (pending and fragment.numbers) else None

    def _named_alone(self, turn: Turn, key: Key, piece: Piece, pending: Pending | None) -> Said | None:
        """Names, where nobody was asked for one. Where a yes was waited for, "yes, but to dock two", the order with
        that in it, after a yes."""
        if pending and pending.plan is None:
            said = self._correct(turn, key, piece, pending)
            if said and said.judgement and said.judgement.problem:  # that is what was read back
                read = reading_of(pending.commands, piece.confidence, piece.language, "as it was read back")
                said = Said(read, replaces=pending)
            return replace(said, doubt="it was said in place of a yes") if said else None
        if not self._book.knew(key):
            return None
        unclear = nothing_meant("names alone, and nothing was asked")
        return self._unclear(turn, unclear, (NOTHING,), piece.language, Sure(piece.confidence))

    def _missing(
        self, turn: Turn, key: Key, piece: Piece, question: Question | None, pending: Pending | None
    ) -> Said | None:
        """An answer or a correction that names what the site does not have; None where it may be neither."""
        marks, said = piece.fragment.marks, Said(nothing(piece.language, piece.fragment.missing))
        if question or not marks & {NO, NOT, MEANT}:
            return said if question or marks & {SAME, TOO} else None
        base = ordered_before(self._now(turn, key, pending).context, pending)
        return instead_of(said, base, pending)

    def _answer(self, turn: Turn, key: Key, piece: Piece, question: Question, pending: Pending | None) -> Said | None:
        def complete() -> tuple[tuple[Command, ...] | None, str]:
            now = self._now(turn, key, pending)
            kinds = self._hearing.place_kinds(question.turn.transcript, question.turn.language)
            commands = self._answers.answer(question, piece.fragment, now, kinds)
            if commands and question.corrects:
                corrected = self._completer.instead(question.corrects, commands, now)
                commands = corrected.all
            return commands, f"answers the question of utterance {question.turn.utterance.id}"

        said = self._said(turn, piece, complete, question)
        if said and said.asked:
            said = replace(said, asked=replace(said.asked, corrects=question.corrects))
        return replace(said, completes=question.turn, corrects=question.corrects) if said else None

    def _repeat(self, turn: Turn, key: Key, piece: Piece, pending: Pending | None) -> Said | None:
        now = self._now(turn, key, pending)
        last = now.context.last if now.context else None
        if last is None and not (self._book.knew(key) or piece.fragment.names or SAME in piece.fragment.marks):
            return None
        if not piece.fragment.names and piece.length == 1:
            piece = replace(piece, confidence=piece.confidence * ONE_WORD)
        job = f"repeats utterance {last.job}" if last else ""
        return self._said(turn, piece, lambda: (self._completer.repeat(last, piece.fragment, now), job), last)

    def _go_on(self, turn: Turn, key: Key, piece: Piece, pending: Pending | None) -> Said | None:
        """ "Back" or "and then to dock two" alone: those spoken of, after a yes."""
        now = self._now(turn, key, pending)
        last = now.context.last if now.context else None
        going = Command(Action.MOVE, (Reference(THEM).token,), destination=piece.fragment.onward)
        said = self._said(turn, piece, lambda: self._resolver.fill((going,), now), last)
        return replace(said, doubt="it was said without a verb") if said else None

    def _correct(self, turn: Turn, key: Key, piece: Piece, pending: Pending | None) -> Said | None:
        now = self._now(turn, key, pending)
        base = ordered_before(now.context, pending)
        if base is None and not self._book.knew(key):
            return None
        job = f"corrects utterance {base.job}" if base else ""
        said = self._said(turn, piece, lambda: (self._completer.correct(base, piece.fragment, now).all, job), base)
        if said and said.asked and base:
            asked = replace(said.asked, commands=base.commands, corrects=base)
            said = replace(said, asked=asked)
        return instead_of(said, base, pending) if said else None

    def _replace(self, turn: Turn, key: Key, order: Order, base: Ordered, pending: Pending | None) -> Said:
        """ "No, send it to dock three": the order behind the no takes the place of the last one."""
        now = self._now(turn, key, pending)
        piece = Piece(Fragment(), order.confidence, order.language, 0)
        said = self._said(turn, piece, lambda: self._completer.in_place(base, order, now), base)
        assert said is not None  # noqa: S101  there are commands, or it is unclear
        return instead_of(said, base, pending)

    def _said(
        self,
        turn: Turn,
        piece: Piece,
        work: Callable[[], tuple[tuple[Command, ...] | None, str]],
        of: Question | Ordered | None,
    ) -> Said | None:
        """What comes of a fragment; ``of``: what it completes, than which it is never surer."""
        sure = Sure(min(of.confidence, piece.confidence), of.heard, of.tier) if of else Sure(piece.confidence)
        try:
            commands, why = work()
        except Unclear as unclear:
            asked = of.commands if isinstance(of, Question) else (NOTHING,)
            return self._unclear(turn, unclear, asked, piece.language, sure)
        if commands is None:
            return None
        return Said(
            replace(reading_of(commands, sure.confidence, piece.language, why), tier=sure.tier), heard=sure.heard
        )

    def _unclear(self, turn: Turn, unclear: Unclear, commands: Sequence[Command], language: str, sure: Sure) -> Said:
        return left_open(turn, unclear, commands, language, sure, self._book.asks_until())

    # What came of it

    def note(self, turn: Turn, read: Interpretation, judgement: Judgement, said: Said | None) -> None:
        """Remember what was named, ordered and asked, for the speaker's next sentences."""
        key, asked = who(turn), said.asked if said and judgement is said.judgement else None
        corrects = said.corrects if said else None
        refused = judgement.verdict is Verdict.REJECT and judgement.key in _REFUSED
        if asked:
            self._book.update(key, lambda context: replace(context, question=asked))
        elif refused and said and said.completes:
            pass  # another answer may do
        elif corrects and refused:
            self._book.update(key, lambda context: after_refusal(context, read, corrects))
        elif not read.is_nothing:
            heard = min(turn.transcript.confidence, said.heard if said else 1.0)
            decided = Decided(turn, read, heard, judgement, self._book.asks_until(), corrects)
            views = self._views()
            self._book.update(key, lambda context: remembered(self._site, views, context, decided))
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

    def heard(self, event: OrderEvent, left: int) -> None:
        """News of an order, on the fleet's thread; ``left``: how many of its commands have not ended."""
        self._book.heard(event, left)
