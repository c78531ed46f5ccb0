"""Orders that end with the way back: "go to the kitchen and come back"."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.dialogue.references import Reference
from banksman_edge.dialogue.words import BACK, IT, Words, without_last_fillers
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.tokens import Tokens
from banksman_shared.commands import Action, Command

_STEPS = frozenset({Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT})
"""What one comes back from."""

Parts = tuple[Tokens, tuple[Mention, ...]]
"""The tokens of a sentence and the names in it."""


def without_return(tokens: Tokens, mentions: Sequence[Mention], words: Words, language: str) -> Parts | None:
    """What stands before the words for the way back, and its names; None where a sentence does not end with them."""
    for said in without_last_fillers(tokens, language):
        for at in range(1, len(said)):
            if said[at:] in words.returns:
                return said[:at], tuple(mention for mention in mentions if mention.end <= at)
    return None


def and_back(commands: Sequence[Command]) -> tuple[Command, ...]:
    """The steps and the way back of whoever takes the last of them; nothing where one is no step to come back from, or
    does not say where. Where nobody is named, it is whoever was spoken of: nobody else's way back is known."""
    if not commands or any(c.action not in _STEPS or not (c.origin or c.destination) for c in commands):
        return ()
    it = (Reference(IT).token,)
    steps = [Command(c.action, c.vehicles or it, origin=c.origin, destination=c.destination) for c in commands]
    return (*steps, Command(Action.MOVE, steps[-1].vehicles, destination=Reference(BACK).token))
