"""What a turn means and what is done about it: understanding, dialogue, rights and policy, one after the other.

Nothing is done here; :mod:`banksman_edge.app.decision` does it in an agent, and ``banksman bench restraint`` counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Self

from banksman_edge.asr import Transcript
from banksman_edge.dialogue import Dialogue, Said, answer_in
from banksman_edge.fleet import Fleet, Problem
from banksman_edge.operators import NOBODY, Rights, Speaker
from banksman_edge.policy import Covers, Judgement, Policy, Terms, only_asks, vehicles_of
from banksman_edge.turns import Pending, Turn, TurnBook, Verdict
from banksman_edge.understanding import Parse, Reply, Tier, Understanding, nothing
from banksman_edge.understanding.text import tokens_of
from banksman_edge.utterance import Utterance
from banksman_shared.actions import Action
from banksman_shared.clock import SystemClock
from banksman_shared.commands import DRIVING
from banksman_shared.site import Site

MOST_TOKENS = 200
"""Of what is read: words, or characters where these are written without spaces. It is more than a minute of speech."""


@dataclass(frozen=True, slots=True)
class Meant:
    """How a turn was read. ``said``: how its references were resolved, or that they could not be; ``answer``: yes or no
    to what was asked."""

    read: Parse
    said: Said | None = None
    answer: bool | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What is done about a reading, and what is left of it. ``refused``: what the speaker may not, where only its stops
    are left."""

    judgement: Judgement
    read: Parse
    refused: Problem | None = None


@dataclass(frozen=True, slots=True)
class Besides:
    """What carries orders out beside the fleet. ``covers``: whether it does a command, by the rights of whoever says
    it; ``planned``: the vehicles that plans count on."""

    covers: Covers = lambda _command, _may: False
    planned: Callable[[], Collection[str]] = frozenset


class Comprehension:
    """Reads and judges turns about one site. ``fleet`` None: nothing is known to be anywhere."""

    def __init__(
        self,
        site: Site,
        understanding: Understanding,
        rights: Rights,
        turns: TurnBook,
        *,
        policy: Policy,
        fleet: Fleet | None = None,
        besides: Besides = Besides(),
    ) -> None:
        self._site, self._besides = site, besides
        self._understanding, self._rights, self._policy, self._fleet = understanding, rights, policy, fleet
        self.dialogue = Dialogue(site, fleet, rights, turns)

    @classmethod
    def without_fleet(cls, site: Site, understanding: Understanding, *, rights: Rights | None = None) -> Self:
        """That of an agent that knows of no vehicle, by the site's policy; everybody may everything, unless there are
        ``rights``."""
        policy = Policy.of(site)
        return cls(site, understanding, rights or Rights(site, None), TurnBook(SystemClock(), _at_once), policy=policy)

    def first_words(self, transcript: Transcript, speaker: Speaker = NOBODY) -> tuple[Parse, Judgement]:
        """What becomes of something that is said by somebody who has said nothing before."""
        turn = Turn(Utterance(text=transcript.text), 0.0, 0, _at_once, speaker=speaker, transcript=transcript)
        meant = self.read(turn)
        return meant.read, self.judge(turn, meant).judgement

    def is_too_long(self, transcript: Transcript) -> bool:
        """Whether nobody would give an order of so many words: it would be read for minutes, and others wait."""
        text = transcript.text
        return len(text) > MOST_TOKENS and len(tokens_of(text)) > MOST_TOKENS

    def read(self, turn: Turn, pending: Pending | None = None) -> Meant:
        """What a turn says after what its speaker said before. ``pending``: what waits for the speaker's yes."""
        answer = answer_in(turn.transcript.text, self._site.languages)
        if turn.utterance.commands:
            read = chosen(turn.utterance, turn.language)
        elif answer is None:
            read = self._understanding.parse(turn.transcript, self.dialogue.before(turn, pending))
        else:  # which needs no reader
            reply = Reply.YES if answer else Reply.NO
            read = replace(nothing(turn.language, Tier.GRAMMAR, f"a {reply}"), reply=reply, confidence=1.0)
        if pending and (answer := _answer_to(pending, read)) is not None:
            return Meant(read, answer=answer)
        said = self.dialogue.consider(turn, read, pending)
        return Meant(said.read if said else read, said)

    def judge(self, turn: Turn, meant: Meant) -> Judged:
        """What is done about it, by the speaker's rights and the policy. Its stops need no right."""
        transcript, read, said = turn.transcript, meant.read, meant.said
        heard = min(transcript.confidence, said.heard if said else 1.0)
        if said and said.judgement:
            asked = said.asked.commands if said.asked else ()
            doubtful = self._policy.by_confidence(replace(read, commands=asked)) if asked else None
            if doubtful and doubtful.verdict is Verdict.REJECT:
                return Judged(doubtful, read)
            if objection := self._rights.objection(turn.speaker, asked):
                terms = Terms(objection)
                return Judged(self._policy.judge(replace(read, commands=asked), heard, None, terms=terms), read)
            by_hearing = self._policy.by_hearing(read, heard, transcript.reason)
            unheard = by_hearing.verdict is Verdict.REJECT and said.judgement.key != "dropped"
            return Judged(by_hearing if unheard else said.judgement, read)
        objection, refused = self._rights.objection(turn.speaker, read.commands), None
        stops = tuple(command for command in read.commands if command.action is Action.STOP)
        if objection and stops:
            read, objection, refused = replace(read, commands=stops), None, objection
        elif not objection:
            read = replace(read, commands=self._rights.narrowed(turn.speaker, read.commands))
        may = self._rights.limit(turn.speaker)
        terms = Terms(objection, may, self._besides.covers, said.gives_up if said else ())
        judgement = self._policy.judge(read, heard, self._fleet, transcript.reason, terms)
        if said and said.doubt and judgement.verdict is Verdict.ACCEPT and not only_asks(read.commands):
            judgement = Judgement(Verdict.CONFIRM, "confirm", said.doubt)
        if judgement.verdict is Verdict.ACCEPT and self._leaves_a_plan(read):
            judgement = Judgement(
                Verdict.CONFIRM, "confirm", "a plan that counts on the vehicle would go on without it"
            )
        return Judged(judgement, read, refused)

    def _leaves_a_plan(self, read: Parse) -> bool:
        """Whether a vehicle that a plan counts on is given something else to do."""
        driving = [command for command in read.commands if command.action in DRIVING and command.vehicles]
        if not driving or not (planned := self._besides.planned()):
            return False
        views = self._fleet.vehicles() if self._fleet else {}
        return not vehicles_of(self._site, views, driving).isdisjoint(planned)


def chosen(utterance: Utterance, language: str) -> Parse:
    """Orders that were chosen from a list, as if they had been said and understood without a doubt."""
    stops = all(command.action is Action.STOP for command in utterance.commands)
    tier = Tier.STOP if stops else Tier.GRAMMAR
    return Parse(utterance.commands, 1.0, tier, language, "chosen, not said")


def _answer_to(pending: Pending, read: Parse) -> bool | None:
    """Whether a sentence is a yes or a no to what waits for one; to say an order again that was read back is a yes."""
    if read.reply in (Reply.YES, Reply.NO):
        return read.reply is Reply.YES
    says_more = read.how or read.questioned or read.vague or read.choices or (read.trace and read.trace.left_over)
    return True if pending.plan is None and read.commands == pending.commands and not says_more else None


def _at_once(call: Callable[[], None]) -> None:
    call()
