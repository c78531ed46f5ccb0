"""A sentence as a row of items: mentions, known phrases, numbers and words that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from banksman_edge.nlu.inflection import STATES
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import (
    ACTS_ON,
    AND,
    ASKS_BEFORE_VEHICLE,
    ATTACHES,
    AWAITS,
    AWAITS_BARE,
    DESCRIBES,
    FILLER,
    FROM,
    GOAL,
    INQUIRES,
    IT,
    LETS,
    LOAD,
    LOADS,
    MOODS,
    NOT,
    PERMITS,
    PLAN,
    SENDS,
    THEN,
    THERE,
    TO,
    WISHES,
    Language,
    Phrase,
)  # fmt: skip
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import WHERE, What
from banksman_edge.nlu.times import when_at
from banksman_edge.nlu.tokens import Tokens
from banksman_shared.commands import Action

MOST_ITEMS = 60
"""Items that one step of an order may have: to part more of them takes the third power of the time."""


def itemize(tokens: Tokens, finder: MentionFinder, mentions: Sequence[Mention]) -> list[Item]:
    """The tokens as a row of items."""
    language = finder.language
    starts = {mention.start: mention for mention in mentions}
    items: list[Item] = []
    at = 0
    while at < len(tokens):
        items.append(_item_at(tokens, at, starts, finder, sent=_is_sent(items)))
        at = items[-1].end
    items = _without_idle_adjectives(items)
    items = _with_pairs(_without_loose_ends(items, language), tokens, language)
    joined = _join_separated(items, tokens, language)
    if any(item.plays(SENDS) and not _sends(joined, at) for at, item in enumerate(joined)):
        joined = [part for item in joined for part in (_letters(item) if item.plays(SENDS) else [item])]
    return [letting(item) if _permits(joined, at) else item for at, item in enumerate(joined)]


def _item_at(tokens: Tokens, at: int, starts: Mapping[int, Mention], finder: MentionFinder, *, sent: bool) -> Item:
    """What begins there: a name, what says when, a phrase, or a word that nobody knows. ``sent``: behind a place."""
    mention = starts.get(at)
    named = min((start for start in starts if start > at), default=len(tokens))
    found = None if mention else _phrase_at(tokens, at, named, starts, finder)
    known = mention.end if mention else at + (found[1] if found else 0)
    end = when_at(tokens, at, starts, finder)
    if end > known and not _is_counted(tokens, end, starts, finder.language):
        return Item(at, end, phrase=_WHEN)
    if mention:
        return Item(at, known, mention=mention, numbered=_ends_with_number(tokens, finder, mention))
    number = finder.spoken_number(tokens, at)
    amount, counted_to = (number.value, at + number.length) if number else (None, 0)
    if found:
        phrase, length = (_and_apart(tokens, at, finder.language) if sent else None) or found
        return Item(at, at + length, phrase=phrase, amount=amount, counted_to=counted_to)
    return Item(at, at + 1, amount=amount, counted_to=counted_to)


def _phrase_at(
    tokens: Tokens, at: int, stop: int, starts: Mapping[int, Mention], finder: MentionFinder
) -> tuple[Phrase, int] | None:
    """The longest phrase, without the end of it that begins what says when: "fahr vor" before "Wagen sieben"."""
    found = finder.language.match(tokens[:stop], at)
    for cut in range(at + 1, at + found[1] if found else 0):
        shorter = finder.language.phrases.get(tokens[at:cut])
        if shorter and found and when_at(tokens, cut, starts, finder) > at + found[1]:
            return shorter, cut - at
    return found


def _is_counted(tokens: Tokens, at: int, starts: Mapping[int, Mention], language: Language) -> bool:
    """Whether a kind of vehicles, places or loads begins there: "a las dos carretillas", "um zwei Paletten"."""
    if mention := starts.get(at):
        return mention.what in (What.VEHICLE_KIND, What.PLACE_KIND)
    found = language.match(tokens, at)
    return bool(found and found[0].roles & {LOAD, LOADS})


def _is_sent(items: Sequence[Item]) -> bool:
    """Whether a place comes last that nobody is said to be at, «è alla banchina uno»."""
    return bool(items) and items[-1].is_where and not any(item.plays(THERE) for item in items[-2:])


def _and_apart(tokens: Tokens, at: int, language: Language) -> tuple[Phrase, int] | None:
    """The "and" before a verb, which behind a place joins it: "alla banchina uno e scarica" says nothing of a battery,
    as "è scarica" without its accent does."""
    joins, verb = language.phrases.get(tokens[at : at + 1]), language.match(tokens, at + 1)
    both = joins is not None and AND in joins.roles and verb is not None and bool(verb[0].actions)
    return (joins, 1) if joins and both and language.phrases.get(tokens[at : at + 2], joins).roles == {FILLER} else None


def _letters(item: Item) -> list[Item]:
    """A phrase that means nothing here, as words that nobody knows."""
    return [Item(at, at + 1) for at in range(item.start, item.end)]


def _sends(items: Sequence[Item], at: int) -> bool:
    """Whether a vehicle, and no load, is what a verb behind both sends somewhere: ローダー2号をドック3まで出して."""
    acted_on = any(one.is_who and after.plays(ACTS_ON) for one, after in pairwise(items[:at]))
    led = any(one.is_where and after.leads for one, after in pairwise(items[:at]))
    return acted_on and led and not any(item.is_load or item.unknown for item in items[:at])


def _ends_with_number(tokens: Tokens, finder: MentionFinder, mention: Mention) -> bool:
    numbers = ((at, finder.spoken_number(tokens, at)) for at in range(mention.start, mention.end))
    return any(number and at + number.length == mention.end for at, number in numbers)


def _without_idle_adjectives(items: list[Item]) -> list[Item]:
    """Words for how loads are, "dirty", are known beside a load alone: "the new guy" is none."""
    found: list[Item] = []
    for at, item in enumerate(items):
        beside = any(other.is_load for other in (*items[max(0, at - 1) : at], *items[at + 1 : at + 2]))
        idle = item.phrase is not None and item.phrase.roles == {DESCRIBES} and not item.actions
        found += _letters(item) if idle and not beside else [item]
    return found


def _without_loose_ends(items: list[Item], language: Language) -> list[Item]:
    """An "and" that joins nothing stands where something was misheard: before "to", where that follows its place, as in
    1号とへ for 1病棟へ; and between a vehicle and a place, ローダー4号と倉庫へ for ローダー4号と5号、倉庫へ."""
    pairs = list(enumerate(pairwise(items)))
    loose = {at for at, (item, after) in pairs if item.plays(AND) and after.leads} if language.postfix else set()
    loose |= {at for at, (item, _) in pairs if at and item.plays(AND) and _unlike(items[at - 1], items[at + 1 :])}
    return [Item(item.start, item.end) if at in loose else item for at, item in enumerate(items)] if loose else items


def _with_pairs(items: list[Item], tokens: Tokens, language: Language) -> list[Item]:
    """The items with what joins two vehicles as an "and" between them: "tanto o carro um como o carro dois"."""
    for first, second in language.pairs:
        for begin, end in _spans(items, tokens, first):
            one = _who_next(items, end)
            joint = next((span for span in _spans(items, tokens, second) if span[0] == one), None)
            if one and joint and _who_next(items, joint[1]):
                lead = Item(items[begin].start, items[end - 1].end, phrase=_SILENT)
                both = Item(items[joint[0]].start, items[joint[1] - 1].end, phrase=_JOINT)
                return [*items[:begin], lead, *items[end : joint[0]], both, *items[joint[1] :]]
    return items


def _spans(items: Sequence[Item], tokens: Tokens, phrase: Tokens) -> Iterator[tuple[int, int]]:
    """Where items are a phrase, from and to before."""
    for begin in range(len(items)):
        for end in range(begin + 1, min(begin + len(phrase), len(items)) + 1):
            if tokens[items[begin].start : items[end - 1].end] == phrase:
                yield begin, end


def _who_next(items: Sequence[Item], start: int) -> int:
    """The item behind the vehicle that comes next, but for articles; 0 where none does."""
    at = next((at for at in range(start, len(items)) if not items[at].plays(FILLER)), len(items))
    return at + 1 if at < len(items) and items[at].is_who else 0


def lacks_a_name(items: Sequence[Item], tokens: Tokens, language: Language) -> bool:
    """Whether an "and" among them joins nothing, so that what stood beside it was misheard or lost."""
    return any(item.unknown and AND in language.roles_of(tokens[item.start : item.end]) for item in items)


def _unlike(before: Item, behind: Sequence[Item]) -> bool:
    """Whether a vehicle and a place, but for articles and the like, stand on either side of an "and"."""
    small = (item for item in behind if item.mention or item.actions or item.leads or not item.plays(FILLER))
    after = next(small, None)
    return before.is_who and bool(after and after.is_where)


def letting(item: Item) -> Item:
    """What lets somebody do what is said beside it, or wishes it, without what else it means."""
    return Item(item.start, item.end, phrase=_LETTING)


def _permits(items: Sequence[Item], at: int) -> bool:
    """Whether a verb lets somebody do what another verb says, "laisse-le aller au quai", and leaves nothing anywhere:
    "laisse la palette et va au quai". Where places are named between them, the other has to come last."""
    if not items[at].plays(PERMITS):
        return False
    rest = items[at + 1 :]
    verb = next((n for n, item in enumerate(rest) if item.actions), None)
    if verb is None or not rest[verb].actions & _LET_DO:
        return False
    between, behind = rest[:verb], rest[verb + 1 :]
    who = any(item.is_who for item in between)
    small = all(who or item.plays(IT) or not item.is_load for item in between)
    small = small and not any(item.plays(role) for item in between for role in (AND, THEN, NOT, PERMITS))
    last = all(item.plays(FILLER) and not item.actions for item in behind)
    return small and (last or not any(item.is_where for item in between))


def all_joined(items: Sequence[Item], at: int) -> int:
    """The last of the vehicles that are joined to the one at ``at`` by "and"."""
    while at + 2 < len(items) and items[at + 1].plays(AND) and items[at + 2].is_who:
        at += 2
    return at


_WHEN = Phrase(frozenset(), frozenset({PLAN}))
_SILENT = Phrase(frozenset(), frozenset({FILLER}))
_JOINT = Phrase(frozenset(), frozenset({AND}))
_LETTING = Phrase(frozenset(), frozenset({FILLER, WISHES}))
_LET_DO = frozenset({Action.MOVE, Action.PICK, Action.TRANSPORT})
_KEPT = MOODS | {ATTACHES, INQUIRES, LETS, STATES}
"""What a verb in two parts keeps of the roles of its first."""
LONGEST_PART = 4
"""Words that a part of a verb may have."""


def _join_separated(items: list[Item], tokens: Tokens, language: Language) -> list[Item]:
    """Verbs whose second part stands further on, "laad … af", get the meaning of the whole, in their first part."""
    at = 0
    while language.separable and at < len(items):
        last, parts = _first_part(items, at, tokens, language)
        found = _second_part(items, last + 1, tokens, parts) if parts else None
        if found:
            begin, end, meant = found
            kept = frozenset(role for role in _KEPT if any(item.plays(role) for item in items[at : last + 1]))
            kept -= frozenset() if items[at].plays(ASKS_BEFORE_VEHICLE) else {ASKS_BEFORE_VEHICLE}
            kept |= {role for role in (AWAITS, AWAITS_BARE) if any(item.plays(role) for item in items[begin:end])}
            whole = Item(items[at].start, items[last].end, phrase=Phrase(meant.actions, kept | meant.roles))
            silent = Item(items[begin].start, items[end - 1].end, phrase=_SILENT)
            items = [*items[:at], whole, *items[last + 1 : begin], silent, *items[end:]]
        at += 1
    return items


def _first_part(
    items: Sequence[Item], at: int, tokens: Tokens, language: Language
) -> tuple[int, Mapping[Tokens, Phrase]]:
    """The item in which the first part of a verb ends that begins in the item at ``at``, and what may follow it."""
    for last in range(min(at + LONGEST_PART, len(items)) - 1, at - 1, -1):
        if any(item.mention for item in items[at : last + 1]):
            continue
        for start in range(items[at].start, items[at].end):
            if parts := language.separable.get(tokens[start : items[last].end]):
                return last, parts
    return at, {}


def _second_part(
    items: Sequence[Item], first: int, tokens: Tokens, parts: Mapping[Tokens, Phrase]
) -> tuple[int, int, Phrase] | None:
    """Which items, from and to before, are the second part, and what the verb means with it; the last that fits, before
    the next verb, and before no place whose preposition it would be. A goal is one for a place that stands between:
    "we need a clear answer from dock two"."""
    found, place = None, False
    for begin in range(first, len(items)):
        if mention := items[begin].mention:
            place |= mention.what in WHERE
            continue
        for end in range(begin + 1, min(begin + LONGEST_PART, len(items)) + 1):
            meant = parts.get(tokens[items[begin].start : items[end - 1].end])
            done = found is not None and found[0] < begin and bool(items[found[0]].actions)  # "niech jedzie … i wraca"
            fits = meant is not None and (place or GOAL not in meant.roles)
            if meant and fits and not done and not _governs(items, end - 1):
                found = (begin, end, meant)
        said = any(item.mention or item.unknown for item in items[first:begin])  # "lade sie dann an Rampe eins aus"
        ends = items[begin].actions or (items[begin].plays(THEN) and said)
        if ends and (not found or found[0] != begin):
            break
    return found


def _governs(items: Sequence[Item], index: int) -> bool:
    """Whether a place follows, but for articles and the like."""
    for item in items[index + 1 :]:
        if item.mention is not None:
            return item.mention.what in WHERE or item.mention.what is What.UNKNOWN
        if item.actions or not item.plays(FILLER) or item.plays(FROM) or item.plays(TO):
            return False
    return False
