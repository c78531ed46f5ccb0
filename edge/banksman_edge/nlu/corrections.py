"""Slips of the tongue put right within a sentence: "to dock one, no, dock three", "send two, sorry, three"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_edge.nlu.clause import Clause, place_list
from banksman_edge.nlu.items import Item
from banksman_edge.nlu.language import CORRECTS, FILLER, FROM, NO, TO, Language
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import BREAK, Tokens, tokenize

_WHO = (What.VEHICLE, What.VEHICLE_KIND, What.GROUP)
_WHERE = (What.PLACE, What.PLACE_KIND)


def corrected(text: str, language: Language) -> tuple[str, str] | None:
    """What is said before and after the words that take something back; None where nothing is taken back.

    A mere "no" does so only between commas or the like: "not dock three" takes nothing back.
    """
    tokens = tokenize(text, language.code)
    for index in range(1, len(tokens)):
        length = _taking_back(tokens[index:], language, mere=False)
        if length and index + length < len(tokens):
            return " ".join(tokens[:index]), " ".join(tokens[index + length :])
    parts = BREAK.split(text)
    for index in range(1, len(parts) - 1):
        said = tokenize(parts[index], language.code)
        if said and _taking_back(said, language, mere=True) == len(said):
            return ", ".join(parts[:index]), ", ".join(parts[index + 1 :])
    return None


def _taking_back(tokens: Tokens, language: Language, *, mere: bool) -> int:
    """How many of the first tokens take something back; ``mere``: whether a "no" is enough."""
    at, taken = 0, 0
    while found := language.match(tokens, at):
        phrase, length = found
        at += length
        if CORRECTS in phrase.roles or (mere and NO in phrase.roles and not phrase.actions):
            taken = at
        elif FILLER not in phrase.roles or phrase.roles & {FROM, TO} or not (taken or mere):
            break
    return taken


def put_right(before: Sequence[Item], after: Sequence[Item], language: Language) -> list[Item]:
    """What is said in all, with that left out of ``before`` which ``after`` says anew."""
    kept = list(before)
    if any(_is(item, _WHO) for item in after):
        kept = [item for item in kept if not _is(item, _WHO)]
    for origin in _ends(after, language):
        for index in reversed(range(len(kept))):
            if _is(kept[index], _WHERE) and origin is _is_origin(kept, index, language):
                del kept[index - len(_prepositions(kept, index, language)) : index + 1]
                break
    return [*kept, *after]


def _is(item: Item, what: tuple[What, ...]) -> bool:
    return item.mention is not None and item.mention.what in what


def _ends(items: Sequence[Item], language: Language) -> Iterator[bool]:
    """For each place whether it is where something comes from."""
    return (_is_origin(items, index, language) for index, item in enumerate(items) if _is(item, _WHERE))


def _is_origin(items: Sequence[Item], index: int, language: Language) -> bool:
    clause = Clause()
    return place_list(items, index, language, clause) is clause.origins


def _prepositions(items: Sequence[Item], index: int, language: Language) -> list[Item]:
    """The words directly before a place that say which way it lies."""
    found: list[Item] = []
    while not language.postfix and len(found) < index and _leads(items[index - 1 - len(found)]):
        found.append(items[index - 1 - len(found)])
    return found


def _leads(item: Item) -> bool:
    return not item.actions and (item.plays(FROM) or item.plays(TO))
