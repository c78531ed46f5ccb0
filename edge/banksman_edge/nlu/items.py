"""A sentence as a row of items: mentions, known phrases, numbers and words that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from banksman_edge.nlu.language import FILLER, FROM, THEN, TO, Language, Phrase
from banksman_edge.nlu.mentions import Mention, MentionFinder
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import Tokens
from banksman_shared.commands import Action


@dataclass(frozen=True, slots=True)
class Item:
    """A stretch of the clause: a mention, a known phrase, or a word nobody knows."""

    start: int
    end: int
    mention: Mention | None = None
    phrase: Phrase | None = None
    amount: int | None = None
    """The number said here, if it names nothing."""

    def plays(self, role: str) -> bool:
        return self.phrase is not None and role in self.phrase.roles

    @property
    def actions(self) -> frozenset[Action]:
        return self.phrase.actions if self.phrase else frozenset()

    @property
    def unknown(self) -> bool:
        return self.mention is None and self.phrase is None


def itemize(tokens: Tokens, finder: MentionFinder, mentions: Sequence[Mention]) -> list[Item]:
    """The tokens as a row of items."""
    language = finder.language
    starts = {mention.start: mention for mention in mentions}
    items: list[Item] = []
    at = 0
    while at < len(tokens):
        if mention := starts.get(at):
            items.append(Item(at, mention.end, mention=mention))
        elif found := language.match(tokens[: min((s for s in starts if s > at), default=len(tokens))], at):
            items.append(Item(at, at + found[1], phrase=found[0], amount=finder.number(tokens, at)))
        else:
            items.append(Item(at, at + 1, amount=finder.number(tokens, at)))
        at = items[-1].end
    return _join_separated(items, tokens, language)


def _join_separated(items: list[Item], tokens: Tokens, language: Language) -> list[Item]:
    """Verbs whose second part stands further on, "laad … af", get the meaning of the whole."""
    for index, item in enumerate(items):
        parts = _second_parts(tokens[item.start : item.end], language)
        found = _second_part(items, index, tokens, parts)
        if item.phrase and found is not None:
            second = items[found]
            meant = parts[tokens[second.start : second.end]]
            items[index] = replace(item, phrase=Phrase(meant, frozenset()))
            items[found] = replace(second, phrase=Phrase(frozenset(), frozenset({FILLER})))
    return items


def _second_parts(words: Tokens, language: Language) -> dict[Tokens, frozenset[Action]]:
    """What may follow a phrase that ends in the first part of a verb."""
    return next(filter(None, (language.separable.get(words[start:]) for start in range(len(words)))), {})


def _second_part(items: Sequence[Item], index: int, tokens: Tokens, parts: Collection[Tokens]) -> int | None:
    """Where the second part of the verb at ``index`` stands: before the next verb, and before no place, whose
    preposition it would be."""
    found = None
    for at in range(index + 1, len(items)):
        item = items[at]
        if tokens[item.start : item.end] in parts and not _governs(items, at):
            found = at
        elif item.actions or (item.plays(THEN) and at > index + 1):
            break
    return found


def _governs(items: Sequence[Item], index: int) -> bool:
    """Whether a place follows, but for articles and the like."""
    for item in items[index + 1 :]:
        if item.mention is not None:
            return item.mention.what in (What.PLACE, What.PLACE_KIND, What.UNKNOWN)
        if item.actions or not item.plays(FILLER) or item.plays(FROM) or item.plays(TO):
            return False
    return False
