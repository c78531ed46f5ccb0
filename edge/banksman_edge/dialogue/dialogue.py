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
from banksman_edge.dialogue.hearing import Hearing, Order, Piece
from banksman_edge.dialogue.memory import Decided, after_refusal, ordered_before, remembered
from banksman_edge.dialogue.references import Reference, reference_of
from banksman_edge.dialogue.resolve import Now, Resolver, carries_on
from banksman_edge.dialogue.said import Said, Sure, instead_of, left_open, nothing, reading_of
from banksman_edge.dialogue.selectors import Selectors
from banksman_edge.dialogue.things import Things
from banksman_edge.dialogue.unclear import Unclear, nothing_meant
from banksman_edge.dialogue.unnamed import one_of_a_kind
from banksman_edge.dialogue.words import AGAIN, AND, IT, MEANT, NO, NOT, SAME, THEM, TOO, answer_in, wavers
from banksman_edge.events import Verdict
from banksman_edge.fleet import Fleet, OrderEvent, VehicleView
from banksman_edge.operators import Rights
from banksman_edge.policy import Judgement
from banksman_edge.turns import Pending, Turn, TurnBook, who
from banksman_edge.understanding import Parse, Understanding
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

    def hear(self, turn: Turn, known: Parse | None, pending: Pending | None) -> Said | None:
        """What a sentence says that is only understood by what its speaker said before; None where it refers to
        nothing. ``known``: what it is without being asked about: a stop or a plain order; ``pending``: what waits for
        the speaker's yes."""
        if known or not self._hearing.is_spoken(turn.transcript):
            return None
        key = who(turn)
        question = self._book.question(key, turn.started)
        said = self._yes_or_no(turn, key, question) or self._set_phrase(turn, key, pending)
        return said or self._fragment(turn, key, question, pending) or self._reference(turn, key, question, pending)

    def _set_phrase(self, turn: Turn, key: Key, pending: Pending | None) -> Said | None:
        """Who is free, what calls off a plan, and what is said in place of the last order."""
        if said := who_is_free(self._understanding, turn.transcript, lambda: self._now(turn, key, pending)):
            return said
        if (of_plan := self._hearing.plan_called_off(turn.transcript)) is not None:
            return self._canceller.call_off_plan(turn, pending, *of_plan)
        return self._instead(turn, key, pending)

    def _fragment(self, turn: Turn, key: Key, question: Question | None, pending: Pending | None) -> Said | None:
        asked = (question.turn.language, question.choices) if question else ()
        for piece in self._hearing.fragments(turn.transcript, *asked):
            if said := self._completed(turn, key, piece, question, pending):
                return said
        return None

    def _reference(self, turn: Turn, key: Key, question: Question | None, pending: Pending | None) -> Said | None:
        """A whole order that names nobody, as the answer to a question, or with references in it."""
        if (question or pending) and (read := self._hearing.to_somebody(turn.transcript)):
            said = open_question.completed(question, read) if question else None
            if said := said or (open_question.in_place_of_yes(pending, read) if pending else None):
                return said
        order = self._hearing.order(turn.transcript, spoken=self._book.knew(key))
        return self._refer(turn, key, order, pending) if order else None

    def consider(self, turn: Turn, read: Parse, pending: Pending | None) -> Said | None:
        """What a sentence that was read by itself means after what its speaker said before; None where that is no
        more than it says: what cancels something may mean what was asked about, or is being done, and an order for one
        of a kind is for whichever is free."""
        key = who(turn)
        canceller = self._canceller
        said = canceller.withdraw(turn, read, pending) or canceller.take_back(turn, read)
        if said := said or canceller.call_off(turn, read):
            return said
        order = one_of_a_kind(read) if self._fleet else None
        return self._refer(turn, key, order, pending) if order else None

    def _yes_or_no(self, turn: Turn, key: Key, question: Question | None) -> Said | None:
        """What a sentence that says no more than yes or no, or neither, says to a question. Dutch "ja" is no Polish
        "ją"."""
        text, languages = turn.transcript.text, self._site.languages
        answer, undecided = answer_in(text, languages), wavers(text, languages)
        if question is None:
            answers = answer is not None or undecided
            told = Judgement(Verdict.REJECT, "", "a yes or no to nothing")
            return Said(nothing(turn.transcript.language), told) if answers else None
        if answer is False or (answer is None and self._hearing.neither(turn.transcript)):
            self._book.drop_question(key)
            return open_question.denied(question)
        return open_question.put_again(question, turn, self._book.asks_until()) if answer or undecided else None

    def _now(self, turn: Turn, key: Key, pending: Pending | None) -> Now:
        context = self._book.of(key)
        if context:
            context = replace(context, last=context.standing(pending))
        return Now(context, self._views(), self._rights.limit(turn.speaker))

    def _views(self) -> Mapping[str, VehicleView]:
        return self._fleet.vehicles() if self._fleet else {}

    # Whole orders

    def _refer(self, turn: Turn, key: Key, order: Order, pending: Pending | None) -> Said | None:
        now = self._now(turn, key, pending)
        read = order.read
        try:
            commands, why = self._resolver.fill(order.commands, now)
        except Unclear as unclear:
            if now.context is None and not (order.names or self._book.knew(key)):
                return None  # talk: nothing of the site is named, and nobody has given an order
            return self._unclear(turn, unclear, order.commands, read.language, Sure(read.confidence, tier=read.tier))
        pronoun = any((r := reference_of(v)) and r.key == IT for v in order.commands[0].vehicles)
        if pronoun and order.carries and len(commands) == 1:
            commands = (carries_on(commands[0], now.context, now.views),)
        where_it_stands = any(
            said.destination and not done.destination for said, done in zip(order.commands, commands, strict=True)
        )
        confidence = read.confidence * (WHERE_IT_STANDS if where_it_stands else 1.0)
        reason = "; ".join(filter(None, (read.reason, why)))
        return Said(replace(read, commands=commands, confidence=confidence, reason=reason))

    # Fragments

    def _instead(self, turn: Turn, key: Key, pending: Pending | None) -> Said | None:
        """ "No, send it to dock three": a whole order in place of the last one."""
        base = ordered_before(self._now(turn, key, pending).context, pending)
        told = bool(base and any(command.vehicles for command in base.commands))
        order = self._hearing.instead(turn.transcript, of_somebody=told) if base else None
        if base is None or order is None or is_for_others(base, order.commands):
            return None
        return self._replace(turn, key, order, base, pending)

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
        fragment = piece.fragment
        if not self._book.knew(key) or (fragment.vehicles and (fragment.places or fragment.origins)):
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
            kinds = self._hearing.place_kinds(question.turn.transcript)
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
        piece = Piece(Fragment(), order.read.confidence, order.read.language, 0)
        said = self._said(turn, piece, lambda: self._completer.in_place(base, order, now), base)
        assert said is not None  # noqa: S101  there are commands, or it is unclear
        said = replace(said, read=replace(said.read, tier=order.read.tier))
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

    def note(self, turn: Turn, read: Parse, judgement: Judgement, said: Said | None) -> None:
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
