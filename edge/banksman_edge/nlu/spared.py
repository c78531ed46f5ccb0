"""Who is left out of those that are told: "all forklifts except forklift three" are the others, one by one.

The words are the table ``[spared]`` of a language's file: ``before`` whom is left out, ``behind`` them, or ``around``
them; and ``beside`` those of whom they are left out, or where nothing follows: "all tugs but tug one", and not "all
tugs go home, but tug one goes to dock two". Where it is not said of whom they are left out, nobody is told anything.
Who ``stays`` is told nothing beside those that are told something: "tug one to dock two, tug two stays here".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from banksman_edge.nlu.inflection import PLURAL
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import all_joined
from banksman_edge.nlu.language import ALL, ARTICLES, FILLER, LOAD, LOADS, NOT, Language, Phrase, only_stops, table_of
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import UNSPACED, Tokens, tokenize
from banksman_shared.site import Site

_SMALL = 2
"""Articles and the like between the word that leaves out and whom, at most."""
_DENIED = Phrase(frozenset(), frozenset({NOT}))


@dataclass(frozen=True, slots=True)
class _Words:
    before: tuple[Tokens, ...]
    beside: tuple[Tokens, ...]
    behind: tuple[Tokens, ...]
    stays: tuple[Tokens, ...]
    around: tuple[tuple[Tokens, Tokens], ...]


@cache
def _words_of(code: str) -> _Words:
    table = table_of(code).get("spared", {})
    before, beside, behind, stays = (
        tuple(sorted((tokenize(words, code) for words in table.get(key, ())), key=len, reverse=True))
        for key in ("before", "beside", "behind", "stays")
    )
    around = tuple((tokenize(first, code), tokenize(last, code)) for first, last in table.get("around", ()))
    return _Words(before, beside, behind, stays, around)


def without_spared(tokens: Tokens, items: Sequence[Item], language: Language, site: Site) -> list[Item] | None:
    """The items with the others in place of those of whom somebody is left out; None where nobody is."""
    for at, item in enumerate(items):
        if not item.is_who:
            continue
        last = all_joined(items, at)
        stays = _end_of_staying(tokens, items[last].end, language)
        if span := (item.start, stays) if stays else _span(tokens, items, (at, last), language):
            out = {each for other in items[at : last + 1] if other.mention for each in _members(other.mention, site)}
            rest = [other for other in items if other.end <= span[0] or other.start >= span[1]]
            one = item.mention is not None and item.mention.what is What.VEHICLE  # not of "all carts stay there"
            others = any(other.is_who or (one and other.plays(ALL)) for other in rest)
            if stays and (not others or any(only_stops(other.phrase) for other in rest)):
                return None  # who stays stands, too
            return _others(rest, out, site) or (rest if stays else _denied(rest, span))
    return None


def _span(tokens: Tokens, items: Sequence[Item], named: tuple[int, int], language: Language) -> tuple[int, int] | None:
    """From which token to before which it is said that those named from one item to another are left out."""
    words, start, end = _words_of(language.code), items[named[0]].start, items[named[1]].end
    for first, last in words.around:
        begin = _begin(tokens, start, language, [first])
        if begin is not None and tokens[end : end + len(last)] == last:
            return begin, end + len(last)
    behind = next((len(word) for word in words.behind if tokens[end : end + len(word)] == word), 0)
    begin = _begin(tokens, start, language, words.before)
    if begin is None and (beside := _begin(tokens, start, language, words.beside)) and _fits(items, beside, end):
        begin = beside
    if begin is None:
        return (start, end + behind) if behind else None
    return begin, end + behind


def _end_of_staying(tokens: Tokens, start: int, language: Language) -> int | None:
    """Where the words end that say of those named before ``start`` that they stay, with but particles in between."""
    for begin in range(start, min(len(tokens), start + _SMALL + 1)):
        for word in _words_of(language.code).stays:
            if tokens[begin : begin + len(word)] == word:
                return begin + len(word)
        if not language.roles_of(tokens[begin : begin + 1]) & {FILLER, ARTICLES}:
            return None
    return None


def _begin(tokens: Tokens, start: int, language: Language, words: Sequence[Tokens]) -> int | None:
    """Where the word begins that leaves out those named at ``start``, with but articles in between."""
    most = 0 if language.code in UNSPACED else _SMALL
    for stop in range(start, max(0, start - most) - 1, -1):
        if stop < start and not language.roles_of(tokens[stop : stop + 1]) & {FILLER, ARTICLES}:
            return None
        for word in words:
            if stop >= len(word) and tokens[stop - len(word) : stop] == word:
                return stop - len(word)
    return None


def _fits(items: Sequence[Item], begin: int, end: int) -> bool:
    """Whether what begins with a word that may join orders stands right behind somebody, or nothing follows it."""
    before = [item for item in items if item.end <= begin]
    after = [item for item in items if item.start >= end and not item.plays(FILLER)]
    return bool(before) and (not after or before[-1].is_who or before[-1].plays(ALL))


def _others(rest: Sequence[Item], out: set[str], site: Site) -> list[Item] | None:
    """The rest of a sentence, with those who are left in place of all of a kind or group, or of everybody."""
    named = [item for item in rest if item.is_who]
    everybody = [item for item in rest if item.plays(ALL) and not item.actions]
    # "Parem todos" is one phrase, and a stop without a name is everybody's.
    stops = [] if named or everybody else [item for item in rest if only_stops(item.phrase)]
    whom = next(iter([*named, *everybody, *stops]), None)
    if whom is None or len(named) > 1 or not _are_several(whom, everybody):
        return None
    members = dict.fromkeys(_members(whom.mention, site) if whom.mention else site.vehicles)
    left = [each for each in members if each not in out]
    if not left or len(left) == len(members):
        return None
    text = whom.mention.text if whom.mention else ""
    told = [
        Item(whom.start, whom.end, mention=Mention(What.VEHICLE, (each,), whom.start, whom.end, 1.0, text))
        for each in left
    ]
    plain = [item for item in rest if item is whom or item not in everybody]
    at = plain.index(whom)
    return [*plain[: at + bool(stops)], *told, *plain[at + 1 :]]


def _are_several(whom: Item, everybody: Sequence[Item]) -> bool:
    """Whether more than one of a kind is meant: "the tugs", "all tugs"; and no loads, "all pallets"."""
    if whom.mention is None:
        return not (whom.plays(LOAD) or whom.plays(LOADS))
    kind = whom.mention.what is What.VEHICLE_KIND
    return whom.mention.what is What.GROUP or (kind and (bool(everybody) or whom.mention.role == PLURAL))


def _members(mention: Mention, site: Site) -> Iterator[str]:
    for each in mention.ids:
        if mention.what is What.GROUP:
            yield from site.groups[each].vehicles
        elif mention.what is What.VEHICLE_KIND:
            yield from (vehicle.id for vehicle in site.vehicles.values() if vehicle.kind == each)
        else:
            yield each


def _denied(rest: Sequence[Item], span: tuple[int, int]) -> list[Item]:
    """The rest of a sentence that does not say of whom somebody is left out, as one that forbids."""
    return sorted([*rest, Item(*span, phrase=_DENIED)], key=lambda item: item.start)
