"""A stretch of a sentence: a name, a known phrase, a number or a word that nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.nlu.language import FROM, LOAD, LOADS, TO, Phrase
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import WHERE, WHO
from banksman_shared.commands import Action


@dataclass(frozen=True, slots=True)
class Item:
    """A stretch of the clause: a mention, a known phrase, or a word nobody knows."""

    start: int
    end: int
    mention: Mention | None = None
    phrase: Phrase | None = None
    amount: int | None = None
    """The number that begins here, if it names nothing."""
    counted_to: int = 0
    """The token behind that number, which may be of several words, each of which is an item."""
    numbered: bool = False
    """Whether it is a name that ends with a number."""

    def plays(self, role: str) -> bool:
        return self.phrase is not None and role in self.phrase.roles

    def ends_in(self, role: str) -> bool:
        """Whether it is a name that has a role by its ending."""
        return self.mention is not None and self.mention.role == role

    @property
    def actions(self) -> frozenset[Action]:
        return self.phrase.actions if self.phrase else frozenset()

    @property
    def is_who(self) -> bool:
        """Whether it names vehicles."""
        return self.mention is not None and self.mention.what in WHO

    @property
    def is_where(self) -> bool:
        """Whether it names a place."""
        return self.mention is not None and self.mention.what in WHERE

    @property
    def is_load(self) -> bool:
        return self.plays(LOAD) or self.plays(LOADS)

    @property
    def leads(self) -> bool:
        """Whether it says from where or where to, and no more."""
        return not self.actions and (self.plays(FROM) or self.plays(TO))

    @property
    def leads_as_verb(self) -> bool:
        """Whether it is a verb that is a preposition too: 去."""
        return bool(self.actions) and (self.plays(FROM) or self.plays(TO))

    @property
    def unknown(self) -> bool:
        return self.mention is None and self.phrase is None
