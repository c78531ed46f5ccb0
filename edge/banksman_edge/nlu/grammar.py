"""The second tier: sentences that are made of nothing but the site's names and known words of orders.

A sentence is understood only if every word of it is accounted for. That keeps it exact: one strange word and
the language model is asked instead.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from banksman_edge.nlu.clause import Clause, read_clause
from banksman_edge.nlu.frame import command_of, names_a_load
from banksman_edge.nlu.items import Item, itemize
from banksman_edge.nlu.language import AND, THEN, Language
from banksman_edge.nlu.mentions import SIMILAR, Mention, MentionFinder
from banksman_edge.nlu.tokens import UNSPACED, Tokens
from banksman_shared.commands import Action, Command
from banksman_shared.site import Site

log = logging.getLogger(__name__)

MAX_LOAD_WORDS = 4
"""Words, or half the characters where words are not separated, that a load the grammar does not know may have."""
LOAD_GUESSED = 0.87
"""Certainty kept where unknown words were taken for the load."""
JUST_NAMED = 0.75
"""And where a place was only named beside a vehicle: enough to ask for a yes."""
_SENTENCE_END = re.compile(r"(?<!\d)[.!?;。！？；؟؛]+(?:\s|$)|[。！？；؟؛]")


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

    @property
    def language(self) -> str:
        return self.words.code

    @property
    def guessed(self) -> bool:
        """Whether unknown words were taken for what the load is called."""
        return bool(self.commands) and self.clause.unknown_words > 0

    @property
    def known_share(self) -> float:
        """The part of the words, 0 to 1, that are known in this language."""
        return 1 - self.clause.unknown_words / max(1, len(self.tokens))


class Grammar:
    """Reads sentences in one language of one site."""

    def __init__(self, site: Site, language: str) -> None:
        self._site = site
        self._dense = language in UNSPACED
        self.finder = MentionFinder(site, language)
        self._language = self.finder.language
        if not self._language.phrases:
            log.warning("no words of orders are known for '%s': only the language model understands it", language)
        self._remembered = lru_cache(maxsize=64)(self._read)
        kinds = [place.kind for place in site.places.values() if place.kind]
        self._sole_places = {p.kind: p.id for p in site.places.values() if p.kind and kinds.count(p.kind) == 1}

    def read(self, text: str, *, similar: float = SIMILAR) -> Reading:
        """Read a sentence; ``similar``: how alike a name must be, 0 to 1. The last readings are remembered."""
        return self._remembered(text, similar)

    def _read(self, text: str, similar: float) -> Reading:
        whole = self._read_part(text, similar)
        if whole.commands:
            return whole
        sentences = [part for part in _SENTENCE_END.split(text) if part and part.strip()]
        if len(sentences) > 1:
            readings = [self._read_part(sentence, similar) for sentence in sentences]
            if all(reading.commands for reading in readings):
                commands = _inherit([command for reading in readings for command in reading.commands])
                return replace(whole, commands=commands, certainty=min(r.certainty for r in readings))
        return whole

    def _read_part(self, text: str, similar: float) -> Reading:
        tokens = self.finder.tokens(text)
        mentions = self.finder.find(tokens, similar=similar)
        items = itemize(tokens, self.finder, mentions)
        clause = read_clause(items, self._language, self._sole_places)
        reading = Reading(self._language, tokens, mentions, clause)
        commands = self._sequence(items)
        if not commands:
            return reading
        certainty = clause.certainty * (LOAD_GUESSED if clause.unknown_words else 1.0)
        certainty *= JUST_NAMED if clause.just_named else 1.0
        return replace(reading, commands=commands, certainty=certainty, choices=clause.ambiguous)

    def _sequence(self, items: Sequence[Item]) -> tuple[Command, ...]:
        """The clauses between "then"s, each of which must be understood."""
        commands: list[Command] = []
        for part in _split(items, THEN):
            read = self._clauses(part)
            if read is None:
                # "then" is also a filler; so is そして. Take the sentence as one clause before giving up.
                single = self._clauses(items)
                return tuple(single or ())
            commands += read
        return _inherit(commands)

    def _clauses(self, items: Sequence[Item]) -> list[Command] | None:
        """One clause, or two joined by "and"."""
        if command := self._command(items):
            return [command]
        for at, item in enumerate(items):
            if item.plays(AND) and 0 < at < len(items) - 1:
                left, right = self._command(items[:at]), self._command(items[at + 1 :])
                if left and right and left.action.drives and right.action.drives:
                    return [left, right]
        return None

    def _command(self, items: Sequence[Item]) -> Command | None:
        clause = read_clause(items, self._language, self._sole_places)
        if clause.unknown_words and names_a_load(clause, MAX_LOAD_WORDS * (1 + self._dense)):
            clause.unknown_words, clause.has_load = 0, True
        blocked = clause.unknown_words or clause.is_talk or clause.several_loads or clause.missing or clause.planning
        return None if blocked or clause.goal else command_of(clause, self._site)


def _split(items: Sequence[Item], role: str) -> Iterator[Sequence[Item]]:
    part: list[Item] = []
    for item in items:
        if item.plays(role) and not item.actions:
            # "and take then the pallet": what comes next begins with the verb.
            verb = part[-1:] if len(part) > 2 and part[-1].actions and part[-2].plays(AND) else []
            if part := part[: len(part) - 2 * len(verb)]:
                yield part
            part = verb
        else:
            part.append(item)
    if part:
        yield part


def _inherit(commands: Sequence[Command]) -> tuple[Command, ...]:
    """In a sequence, whoever was named first is meant until somebody else is."""
    done: list[Command] = []
    for command in commands:
        named = command.vehicles or command.action in (Action.STOP, Action.NONE)
        vehicles = command.vehicles if named or not done else done[-1].vehicles
        done.append(Command(command.action, vehicles, origin=command.origin, destination=command.destination))
    return tuple(done)
