"""From a transcript to a decision: accept, confirm, ask or reject; and the answers to what was asked.

Called from the agent's two threads: the listening one brings stops, the understanding one everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import replace

from banksman_edge.app.comprehension import MOST_TOKENS, Besides, Comprehension, Meant
from banksman_edge.app.executor import Executor
from banksman_edge.dialogue import Said
from banksman_edge.fleet import Fleet, OrderEvent
from banksman_edge.plans import brief
from banksman_edge.policy import STOP_FROM, Judgement, Policy, only_asks
from banksman_edge.turns import DecisionEvent, Event, Follows, How, Pending, Turn, TurnBook, TwinBook, Verdict, who
from banksman_edge.understanding import READ_BACK, Parse, Tier, Understanding
from banksman_shared.actions import Action
from banksman_shared.commands import NOTHING
from banksman_shared.site import Site

log = logging.getLogger(__name__)

_NO_ORDER = ("", "not_understood")
"""The sentences, and silence, with which nothing is done about what may have been no order."""


class Decider:
    """Understands turns, judges what was understood, and hands it on to the conductor."""

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        understanding: Understanding,
        executor: Executor,
        *,
        policy: Policy,
        turns: TurnBook,
        emit: Callable[[Event], None],
    ) -> None:
        self._site, self._executor = site, executor
        self._turns, self._emit, self._policy = turns, emit, policy
        self._comprehension = Comprehension(
            site,
            understanding,
            executor.rights,
            turns,
            policy=policy,
            fleet=fleet,
            besides=Besides(executor.covers, executor.planned),
        )
        self._dialogue = self._comprehension.dialogue
        turns.on_ask = self._dialogue.asked
        self._last_stop = 0
        executor.planning.overtaken, executor.planning.displaced = self._overtaken, self._decline
        self._twins, self._sounds = TwinBook(), TwinBook()

    def understand(self, turn: Turn) -> None:
        """Understand what was heard and act on it: an answer to a question, or something new."""
        if self._comprehension.is_too_long(turn.transcript):
            written = turn.utterance.text is not None  # an open microphone hears long talk
            self.reject(turn, f"more than {MOST_TOKENS} words are no order", "too_long" if written else "")
            return
        heard_twice = self._is_heard_twice(turn)
        pending = None if turn.rebuff else self._turns.answered_by(turn)
        if pending and self._dialogue.asks_since(turn, pending):
            pending = None
        meant = self._comprehension.read(turn, pending)
        if turn.utterance.answers and (pending is None or pending.turn.utterance.id != turn.utterance.answers):
            self.reject(turn, "what was asked is not open any more", "too_late", meant.read)
            return
        if pending and meant.answer is not None:
            if meant.answer and meant.read.confidence <= READ_BACK:
                self._put_again(turn, pending, "it may be no yes", told=True)
            elif meant.answer and heard_twice:
                self._put_again(turn, pending, "another headset heard the same yes", told=True)
            elif meant.answer and self._is_doubtful(turn, pending):
                pass
            elif self._turns.close(pending):
                self._answer(turn, pending, yes=meant.answer)
            else:
                self.reject(turn, "what was asked is not open any more", "too_late", meant.read)
            return
        self.decide(turn, meant.read, meant.said)

    def decide(self, turn: Turn, read: Parse, said: Said | None = None) -> None:
        """Decide about a reading and carry the decision out. A stop in it comes first, whatever the rest. ``said``: how
        its references were resolved, or that they could not be."""
        turn.language = read.language or turn.language
        turn.completes = said.completes if said else None
        turn.gives_up = said.gives_up if said else frozenset()
        turn.puts_off = said.puts_off if said else ()
        follows = said.follows if said else None
        stops = [command for command in read.commands if command.action is Action.STOP]
        if turn.halted and stops and len(stops) == len(read.commands):
            reason = f"carried out at the stop word itself (utterance {turn.halted})"
            self._tell_decision(turn, Verdict.ACCEPT, read, reason)
            turn.end(succeeded=True)
            return
        sure = read.tier is not Tier.LLAMA or read.confidence >= STOP_FROM
        if stops and len(stops) < len(read.commands) and sure:
            self._last_stop = max(self._last_stop, turn.number)  # before it goes out: no resume passes it
            self._executor.stop(turn, stops)
            self._drop_questions(turn)
            follows = Follows(How.PARTLY)
            read = replace(read, commands=tuple(c for c in read.commands if c.action is not Action.STOP))
            stops = []
        if not stops and (reason := self._overtaken(turn)):
            self.reject(turn, reason, "too_late", read)
            return
        if not stops and turn.rebuff:
            self.reject(turn, "the PIN was not accepted", turn.rebuff, read)
            return
        if not stops and self._is_twin(turn, read, said):
            return
        judged = self._comprehension.judge(turn, Meant(read, said))
        judgement, read = judged.judgement, judged.read
        if judged.refused:
            self._executor.replier.refuse(turn, judged.refused)
            follows = Follows(How.PARTLY)
        if judgement.verdict is Verdict.CONFIRM and not turn.gives_up:
            turn.gives_up = self._executor.jobs_given_up(read.commands)  # what begins until the yes is not meant
        dropped = self._dialogue.note(turn, read, judgement, said)
        self._tell_decision(turn, judgement.verdict, read, judgement.reason, follows)
        self._remember(turn, judgement, read, said)
        superseded = None if stops else self._superseded(turn, judgement, read, said)
        if superseded and not superseded.turn.has_approved_plan:
            self._give_up(superseded, judgement, read, said)
        if not stops:
            self._recall(turn, judgement, said)
        if dropped and not stops:
            self._executor.replier.reply(dropped, "dropped", words=brief(dropped.heard))
        self._act(turn, judgement, read, stopping=bool(stops))
        if superseded and superseded.turn.has_approved_plan:  # of a plan that was ended nothing goes on
            self._give_up(superseded, judgement, read, said)

    def _act(self, turn: Turn, judgement: Judgement, read: Parse, *, stopping: bool) -> None:
        match judgement.verdict:
            case Verdict.ACCEPT:
                self._accept(turn, read, stopping=stopping)
            case Verdict.CONFIRM:
                self._executor.confirm(turn, read.commands)
            case Verdict.ASK | Verdict.REJECT:
                self._executor.explain(turn, judgement, read)
                turn.end(succeeded=read.is_nothing)

    def _is_heard_twice(self, turn: Turn) -> bool:
        """Whether another headset heard the same, by its sound alone: two people say yes in the same words."""
        if turn.echo is None:
            return False
        meaning = object()  # which equals no other
        twin = self._sounds.twin(turn.echo, meaning)
        self._sounds.acted(turn.echo, meaning)
        return twin is not None

    def _is_twin(self, turn: Turn, read: Parse, said: Said | None) -> bool:
        """Whether another headset heard the same words; this turn is dropped then, without a word."""
        twin = None
        if turn.echo and not read.is_nothing:
            twins = (self._twins.twin(turn.echo, meaning) for meaning in _meanings(turn, read, said))
            twin = next(filter(None, twins), None)
        if twin is None:
            return False
        reason = f"{twin.device} heard the same words, which count once (utterance {twin.utterance})"
        log.info("utterance %s of %s was dropped: %s", turn.utterance.id, turn.utterance.device, reason)
        self._tell_decision(turn, Verdict.REJECT, read, reason)
        turn.end(succeeded=False)
        return True

    def _remember(self, turn: Turn, judgement: Judgement, read: Parse, said: Said | None) -> None:
        """For whoever else hears the same words: another's headset must not do what the speaker may not."""
        if turn.echo is None:
            return
        verdict = judgement.verdict
        forbidden = judgement.forbidden and turn.echo.print is not None
        withdrawn = judgement.key == "dropped" or (said is not None and said.withdraws)
        for meaning in _meanings(turn, read, said):
            if forbidden or withdrawn or verdict in (Verdict.ACCEPT, Verdict.CONFIRM):
                self._twins.acted(turn.echo, meaning)
            elif verdict is Verdict.ASK:
                self._twins.asked(turn.echo, meaning)

    def _superseded(self, turn: Turn, judgement: Judgement, read: Parse, said: Said | None) -> Pending | None:
        """What its speaker was asked before, and is not any more: a newer order is a no, whatever becomes of it. What
        was talk, or not understood, is none, nor is it one to ask where somebody is."""
        replaced = said.replaces if said else None
        pending = replaced or self._turns.answered_by(turn)
        is_order = judgement.key not in _NO_ORDER or bool(replaced and said and said.withdraws)
        is_order &= not only_asks(said.asked.commands if said and said.asked else read.commands)
        return pending if pending and is_order and self._turns.close(pending) else None

    def _give_up(self, pending: Pending, judgement: Judgement, read: Parse, said: Said | None) -> None:
        """Do nothing about what was asked."""
        again = pending.plan is None and read.commands == pending.commands
        if (again or (said and said.replaces)) and judgement.verdict is not Verdict.REJECT:
            self._executor.replaced(pending)
        else:
            self._decline(pending)

    def _recall(self, turn: Turn, judgement: Judgement, said: Said | None) -> None:
        """Take back the plan that is being made, where that is meant."""
        asked = said.recalls if said else None
        if asked is None or (judgement.key in _NO_ORDER and said and judgement is not said.judgement):
            return
        if not self._executor.planning.take_back(asked, f"taken back (utterance {turn.utterance.id})"):
            self._executor.replier.reply(turn, "dropped")

    def _accept(self, turn: Turn, read: Parse, *, stopping: bool) -> None:
        """Carry it out. After a stop nothing that was asked is answered."""
        if stopping:
            self._last_stop = max(self._last_stop, turn.number)
        self._executor.carry_out(turn, read.commands)
        if stopping:
            self._drop_questions(turn)

    def _decline(self, pending: Pending, key: str = "dropped", *, stopped: bool = False) -> None:
        """What was asked is not meant, or nobody has said so in time."""
        self._dialogue.declined(pending.turn)
        self._executor.declined(pending, key, stopped=stopped)

    def tend_questions(self) -> None:
        """Close the questions that nobody has answered in time, or that are none any more; a few times a second."""
        for pending in self._turns.expire():
            self._decline(pending)
        self._executor.look_at_plans()

    def _drop_questions(self, stop: Turn) -> None:
        """After a stop everybody begins anew, and what was said before it is dropped."""
        self._last_stop = max(self._last_stop, stop.number)
        self._dialogue.stopped()
        self._executor.planning.stopped(stop)
        for pending in self._turns.expire(everything=True):
            own = who(pending.turn) == who(stop)
            self._decline(pending, "dropped" if own else "order_stopped", stopped=True)

    def _overtaken(self, turn: Turn) -> str:
        """Why it is too late for this turn or those that it completes, or nothing: a deadline, or a stop said after."""
        if turn.number < self._last_stop:
            return "a stop was said after it, so it was dropped"
        deadline = turn.utterance.deadline
        if deadline is not None and self._turns.clock.time() >= deadline:
            return "it came too late and was dropped"
        return self._overtaken(turn.completes) if turn.completes else ""

    def _is_doubtful(self, turn: Turn, pending: Pending) -> bool:
        """Whether a yes was heard too badly to be one; the question is put once more, a few times, and then ended. One
        of which the policy wants no word leaves it as it is."""
        heard = turn.transcript
        judgement = self._policy.by_answer(heard.confidence, heard.reason)
        if judgement.verdict is Verdict.ACCEPT:
            return False
        self._put_again(turn, pending, judgement.reason, told=judgement.verdict is not Verdict.REJECT)
        return True

    def _put_again(self, turn: Turn, pending: Pending, reason: str, *, told: bool) -> None:
        """What is neither a yes nor a no: the question is put once more, a few times, where anything is ``told``."""
        turn.language = pending.turn.language
        asked = told and self._turns.ask_again(pending)
        read = Parse((NOTHING,), 1.0, Tier.GRAMMAR, turn.language, reason)
        follows = Follows(How.UNHEARD, pending.turn.utterance.id)
        self._tell_decision(turn, Verdict.ASK if asked else Verdict.REJECT, read, reason, follows)
        if asked:
            self._executor.replier.reply(turn, "confirm", what="")
        elif told and self._turns.close(pending):
            self._decline(pending, "unheard")
        turn.end(succeeded=True)

    def _answer(self, turn: Turn, pending: Pending, *, yes: bool) -> None:
        """A yes or no to an earlier question. What follows a yes belongs to the utterance asked about."""
        asked = pending.turn
        turn.language = asked.language
        tier = asked.decision.tier if asked.decision else Tier.GRAMMAR
        reason = f"{'confirms' if yes else 'declines'} utterance {asked.utterance.id}"
        read = Parse(pending.commands if yes else (NOTHING,), 1.0, tier, asked.language, reason)
        follows = Follows(How.CONFIRMS if yes else How.DECLINES, asked.utterance.id)
        self._tell_decision(turn, Verdict.ACCEPT if yes else Verdict.REJECT, read, reason, follows)
        turn.end(succeeded=True)
        # What a plan on its way asks is younger than its order, and a stop since then has closed the question.
        if yes and self._overtaken(turn if asked.has_approved_plan else asked):
            self._decline(pending, "too_late")
        elif yes:
            self._executor.confirmed(self._dialogue.confirmed(pending))
        else:
            self._decline(pending)

    def _tell_decision(
        self, turn: Turn, verdict: Verdict, read: Parse, reason: str, follows: Follows | None = None
    ) -> None:
        total = (self._turns.clock.monotonic() - turn.started) * 1000
        latency = {"asr": turn.asr_ms, "nlu": max(0.0, total - turn.asr_ms), "total": total}
        decision = DecisionEvent(
            turn.utterance.id,
            verdict,
            read.commands,
            read.tier,
            read.confidence,
            turn.language,
            reason,
            latency,
            follows,
        )
        self._emit(decision)
        turn.decide(decision)

    def reject(self, turn: Turn, reason: str, key: str, read: Parse | None = None) -> None:
        """Do nothing, and tell the operator the sentence ``key``, if there is one."""
        turn.language = turn.language or self._site.languages[0]
        read = read or Parse((NOTHING,), 0.0, Tier.STOP, turn.language, reason)
        self._tell_decision(turn, Verdict.REJECT, read, reason)
        if key:
            self._executor.replier.reply(turn, key)
        turn.end(succeeded=False)

    def on_order(self, event: OrderEvent) -> None:
        """News from the fleet, on the fleet's thread."""
        turn = self._turns.of(event.job)
        self._dialogue.heard(event, turn.left if turn else 0)

    def greet(self, turn: Turn) -> None:
        """Answer somebody who only logs in or out."""
        turn.language = turn.utterance.language or self._site.languages[0]
        if turn.rebuff:
            self.reject(turn, "the PIN was not accepted", turn.rebuff)
            return
        reason = f"{turn.speaker.operator or 'nobody'} is logged in"
        read = Parse((NOTHING,), 1.0, Tier.STOP, turn.language, reason)
        self._tell_decision(turn, Verdict.ACCEPT, read, reason)
        self._executor.replier.reply(turn, "goodbye" if turn.utterance.log_out else "hello", name=turn.speaker.operator)
        turn.end(succeeded=True)


def _meanings(turn: Turn, read: Parse, said: Said | None) -> tuple[Hashable, ...]:
    """What two turns may have in common that ask for the same. Two requests for a plan need not be the same; and what
    was read after another speaker's earlier sentences is the same only in its words."""
    if any(command.action is Action.PLAN for command in read.commands):
        return (turn.heard.casefold(),)
    return (read.commands, turn.heard.casefold()) if said or read.tier is Tier.LLAMA else (read.commands,)
