"""The turns of plans that outlive an agent: who spoke is kept with the plan, and the next agent opens the turn."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.asr import Transcript
from banksman_edge.operators import Proof, Speaker
from banksman_edge.plans.store import Kept, KeptSpeaker
from banksman_edge.turns import Turn, TurnBook
from banksman_edge.utterance import Utterance
from banksman_shared.site import DEFAULT_ROLE, Site


def kept_speaker(turn: Turn) -> KeptSpeaker:
    """Who speaks in a turn, to be kept."""
    speaker, utterance = turn.speaker, turn.utterance
    return KeptSpeaker(
        operator=speaker.operator, proof=speaker.proof.value, claimed=utterance.operator, device=utterance.device
    )


def reopen(turns: TurnBook, site: Site, kept: Kept, deadline: float | None = None) -> Turn | None:
    """The turn of an earlier run, whose speaker has the rights of today; None if there is one with this id.
    ``deadline``: wall-clock seconds, None for none."""
    speaker = kept.speaker
    operator = site.rules.operators.get(speaker.operator or "")
    known = Speaker(claimed=speaker.claimed, device=speaker.device)
    if operator:
        roles = operator.roles or (DEFAULT_ROLE,)
        known = Speaker(operator.id, Proof(speaker.proof), roles, speaker.claimed, speaker.device)
    said = Utterance(
        text=kept.text, language=kept.language, operator=known.claimed, device=known.device, id=kept.utterance
    )
    if turn := turns.open(replace(said, deadline=deadline)):
        turn.speaker, turn.language = known, kept.language or site.languages[0]
        turn.transcript = Transcript(kept.text, turn.language, 1.0)
    return turn
