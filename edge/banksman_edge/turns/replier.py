"""What an operator is told, in the language that was spoken, on the device that it was spoken into."""

from __future__ import annotations

from collections.abc import Callable

from banksman_edge.fleet import Problem
from banksman_edge.replies import Phrasebook, Urgency, reply_language, urgency
from banksman_edge.turns.events import Event, ReplyEvent
from banksman_edge.turns.turn import Turn, TurnBook
from banksman_shared.site import Site


class Replier:
    """Replies to the turns of one agent."""

    def __init__(self, site: Site, turns: TurnBook, emit: Callable[[Event], None]) -> None:
        self._site, self._turns, self._emit = site, turns, emit
        self.phrases = Phrasebook(site)

    def refuse(self, turn: Turn, problem: Problem) -> None:
        """Say why something is not done."""
        self.reply(turn, "not_possible", why=self.why(problem, turn.language))

    def why(self, problem: Problem, language: str) -> str:
        """The reason as people say it."""
        return self.phrases.why(problem.code, problem.sentence, language, problem.vehicle, facts=problem.facts)

    def reply(self, turn: Turn, key: str, **values: object) -> None:
        """Tell the operator the sentence ``key``."""
        self.tell(turn, self.phrases.say(key, turn.language, **values), urgency(key))

    def warn(self, key: str) -> bool:
        """Tell whoever spoke last the sentence ``key``; whether there was anybody."""
        turn = self._turns.latest()
        if turn is None:
            return False
        turn.language = turn.language or self._site.languages[0]
        self.reply(turn, key)
        return True

    def tell(self, turn: Turn, text: str, urgency: Urgency = Urgency.ANSWER) -> None:
        """Tell the operator of a turn."""
        language, device = reply_language(turn.language), turn.utterance.device
        self._emit(ReplyEvent(turn.utterance.id, text, language, device, urgency))
