"""How the grammar of one language reads a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.language import Language
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import Tokens
from banksman_shared.commands import Action, Command

_GOING = frozenset({Action.MOVE, Action.TRANSPORT})
MAY_TELL = 0.78
"""Certainty kept where a text may tell how things are as well as order: enough to ask for a yes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one language's grammar reads a sentence. ``commands`` is empty where it does not."""

    words: Language
    tokens: Tokens
    mentions: tuple[Mention, ...]
    clause: Clause
    commands: tuple[Command, ...] = ()
    certainty: float = 0.0
    choices: tuple[str, ...] = ()
    retold: bool = False
    """It tells what others said or what might be, or is no speech, so whatever order is in it is not the speaker's."""
    aimless: bool = False
    """It asks how something is or where, and names nothing of which the site knows that: "where is it?"."""

    taken_back: bool = False
    """It ends with words that take back all of it: "forklift three go to dock two, no wait"."""

    waits_until: bool = False
    """Somebody who is not named is to wait until a vehicle is done."""
    planned: bool = False
    """It orders something beside what it forbids, which a planner alone can mind."""

    @property
    def language(self) -> str:
        return self.words.code

    @property
    def names_something(self) -> bool:
        """Whether it names who or where, by names that the site has."""
        return any(mention.what is not What.UNKNOWN for mention in self.mentions)

    @property
    def lacks_a_number(self) -> bool:
        """Whether it goes to a kind of place, or has a kind of vehicle do what needs a certain one."""
        kinds = {mention.what for mention in self.mentions}
        aimless = any(c.destination is None and c.action in _GOING for c in self.commands)
        nameless = any(not c.vehicles and c.origin is None and c.destination is None for c in self.commands)
        return (What.PLACE_KIND in kinds and aimless) or (What.VEHICLE_KIND in kinds and nameless)

    @property
    def known_share(self) -> float:
        """The part of the words, 0 to 1, that are known in this language."""
        return 1 - self.clause.unknown_words / max(1, len(self.tokens))
