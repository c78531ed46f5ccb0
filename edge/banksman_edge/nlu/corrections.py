"""Slips of the tongue put right within a sentence: "to dock one, no, dock three", "send two, sorry, three"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.clause_reader import place_list
from banksman_edge.nlu.exclamations import apologizes
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import AND, BUT, CONTRASTS, CORRECTS, FALTERS, FILLER, FROM, NO, TO, Language
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MISHEARD
from banksman_edge.nlu.names import WHERE, WHO, What
from banksman_edge.nlu.neighbours import counts_loads, counts_vehicles
from banksman_edge.nlu.slots import fits_origin
from banksman_edge.nlu.tokens import BREAK, Tokens, tokenize
from banksman_shared.commands import EVERYBODY, Action, Command
from banksman_shared.site import Place, Site, Vehicle

TAKEN_BACK = 0.9
"""Certainty where something was taken back and said anew."""


def corrected(text: str, language: Language) -> tuple[str, str] | None:
    """What is said before and after the words that take something back; None where nothing is taken back.

    A mere "no" does so only between commas or the like: "not dock three" takes nothing back. Nor does what follows a
    "not" before what is meant: "ليس … بل …".
    """
    tokens = tokenize(text, language.code)
    contrasted = False
    for index in range(1, len(tokens)):
        contrasted |= CONTRASTS in language.roles_of(tokens[index - 1 : index])
        if contrasted and BUT in language.roles_of(tokens[index : index + 1]):
            continue
        length = _taking_back(tokens[index:], language, mere=False)
        if length and index + length < len(tokens):
            no = index > 1 and _is_mere_no(tokens[index - 1 : index], language)  # "no, perdona, al tres"
            return " ".join(tokens[: index - no]), " ".join(tokens[index + length :])
    parts = BREAK.split(text)
    takes = [_takes_back(part, language) for part in parts]
    if True not in takes[1:-1]:
        return None
    first = takes.index(True, 1)
    behind = next((at for at in range(first, len(parts)) if not takes[at]), len(parts) - 1)  # "no, sorry, to three"
    return ", ".join(parts[:first]), ", ".join(parts[behind:])


def slipped(
    text: str, kinds: Mapping[str, str], language: Language, site: Site, read: Callable[[str], list[Item]]
) -> tuple[list[Item], list[Item]] | None:
    """What is said before and after a "no" or an "uh" that only may take something back. ``read``: the items of a
    text."""
    items = read(text)
    apart = _slipped_apart(text, language, site, read)
    return apart or _slipped_between(items, kinds) or _faltered(items, language)


def _faltered(items: Sequence[Item], language: Language) -> tuple[list[Item], list[Item]] | None:
    """Where somebody looks for the right name behind the wrong one: "forklift one, uh, forklift two to dock three".
    None where an "and" joins them, or one is where something comes from and the other where it goes."""
    for at in range(1, len(items) - 1):
        said, rest = items[at - 1], items[at + 1 :]
        if said.mention is None or not items[at].plays(FALTERS):
            continue
        anew = next((at for at, item in enumerate(rest) if item.plays(AND) or not (_is_small(item) or item.leads)), 0)
        named = rest[anew].mention
        if named is None or named.what is not said.mention.what or named.what not in (What.VEHICLE, What.PLACE):
            continue
        ends = (_is_origin(items, at - 1, language), _is_origin(rest, anew, language))
        if named.what is What.VEHICLE or _is_bare(rest, anew, language) or ends[0] is ends[1]:
            return list(items[:at]), list(rest)
    return None


def _slipped_apart(
    text: str, language: Language, site: Site, read: Callable[[str], list[Item]]
) -> tuple[list[Item], list[Item]] | None:
    """Behind a comma, and before what is named anew: "forklift one, no forklift two, to dock three", "to dock one, no
    three". None where the word for "no" is that for "not"."""
    parts = [part for part in BREAK.split(text) if part]
    for at, part in enumerate(parts[1:], 1):
        tokens = tokenize(part, language.code)
        phrase, length = language.match(tokens, 0) or (None, 0)
        if phrase is None or NO not in phrase.roles or phrase.actions or CONTRASTS in phrase.roles:
            continue
        before = read(", ".join(parts[:at]))
        after = with_number(before, read(", ".join([" ".join(tokens[length:]), *parts[at + 1 :]])), site)
        named = next((item.mention for item in after if not (_is_small(item) or item.leads)), None)
        last = next((item.mention for item in reversed(before) if item.mention), None)
        if named and last and named.what is last.what and named.what in (What.VEHICLE, What.PLACE):
            return before, after
    return None


def _slipped_between(items: Sequence[Item], kinds: Mapping[str, str]) -> tuple[list[Item], list[Item]] | None:
    """Where no comma is written: "to dock two no dock three", a "no" between two places of a kind, the last of which
    ends it all. None where the "no" may deny the second."""
    for at in range(1, len(items) - 1):
        said, item, rest = items[at - 1], items[at], items[at + 1 :]
        if not item.plays(NO) or item.plays(CONTRASTS) or item.actions or not _is(said, {What.PLACE}):
            continue
        places = [other for other in rest if _is(other, {What.PLACE})]
        small = all(_is(other, {What.PLACE}) or other.leads or other.plays(FILLER) for other in rest)
        if len(places) == 1 and small and _kind(places[0], kinds) == _kind(said, kinds) != "":
            return list(items[:at]), list(rest)
    return None


def _takes_back(part: str, language: Language) -> bool:
    said = tokenize(part, language.code)
    return bool(said) and _taking_back(said, language, mere=True) == len(said)


def _is_mere_no(tokens: Tokens, language: Language) -> bool:
    phrase = language.phrases.get(tokens)
    return phrase is not None and NO in phrase.roles and not phrase.actions


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


def ends_taken_back(items: Sequence[Item], tokens: Tokens, language: Language) -> Sequence[Item]:
    """The words at the end that take back all that was said before them, "…, no wait"; none where nothing is, or where
    they only say sorry, in words of ``sorry`` of the table ``[provisos]``, for what was put right before them: "to dock
    one, no, dock two, sorry"."""
    taken: list[Item] = []
    for item in reversed(items):
        if item.plays(CORRECTS) or (item.plays(NO) and not item.actions):
            taken.append(item)
        elif item.mention is not None or item.actions or not item.plays(FILLER):
            break
    sorry = len(taken) == 1 and apologizes(tokens[taken[0].start : taken[0].end], language.code)
    return [] if sorry and _puts_right(items[: items.index(taken[0])]) else taken


def _puts_right(items: Sequence[Item]) -> bool:
    """Whether something is named, then taken back, and something else named."""
    named = [at for at, item in enumerate(items) if item.mention]
    takes = [at for at, item in enumerate(items) if item.plays(CORRECTS) or (item.plays(NO) and not item.actions)]
    return bool(named and takes) and any(named[0] < at < named[-1] for at in takes)


def holds_stop(items: Sequence[Item], tokens: Tokens, language: Language) -> bool:
    """Whether a word that stops is part of the phrases: the "halt" of "nein halt"."""
    spans = (tokens[a:b] for item in items for a in range(item.start, item.end) for b in range(a + 1, item.end + 1))
    known = (language.phrases.get(span) for span in spans)
    return any(phrase is not None and Action.STOP in phrase.actions for phrase in known)


def all_stops(*said: Sequence[Command]) -> tuple[Command, ...]:
    """One stop for whomever any of the commands stops; none where none does."""
    stopped = dict.fromkeys(v for commands in said for c in commands if c.action is Action.STOP for v in c.vehicles)
    whom = (EVERYBODY,) if EVERYBODY in stopped else tuple(stopped)
    return (Command(Action.STOP, whom),) if whom else ()


def with_number(before: Sequence[Item], after: Sequence[Item], site: Site) -> list[Item]:
    """``after`` with the name that a number at its start stands for, which is of the kind of what was named last: "to
    dock one, no, three". It is named so unsurely that it is confirmed, and is something that the site lacks where it
    has no such number."""
    at = next((at for at, item in enumerate(after) if not (_is_small(item) or item.leads)), 0)
    number = _alone(after, at, site) if after else None
    named = next((item.mention for item in reversed(before) if item.mention), None)
    if number is None or named is None:
        return list(after)
    things = _things(site)
    kinds = {things[known].kind for known in named.ids if known in things}
    meant = tuple(known for known, thing in things.items() if thing.number == number and {thing.kind} == kinds)
    what = named.what if meant else What.UNKNOWN
    anew = replace(named, what=what, ids=meant, score=min(named.score, MISHEARD), role="", bare=False)
    end = next((n for n in range(at + 1, len(after)) if after[n].start >= after[at].counted_to), len(after))
    return [*after[:at], replace(after[at], mention=anew, phrase=None, amount=None), *after[end:]]


def _is_small(item: Item) -> bool:
    return item.plays(FILLER) and item.amount is None and not item.leads


def _alone(items: Sequence[Item], at: int, site: Site) -> int | None:
    """The number that stands alone at ``at``: it counts nothing, and nothing says of what kind it is."""
    item = items[at]
    if item.mention is None:
        counts = counts_loads(items, at) or counts_vehicles(items, at)
        return None if counts or item.actions else item.amount
    return _number_of(item.mention, site) if item.mention.bare else None


def _number_of(mention: Mention, site: Site) -> int | None:
    return _things(site)[mention.ids[0]].number if mention.ids else None


def _things(site: Site) -> dict[str, Vehicle | Place]:
    return {**site.vehicles, **site.places}


def put_right(
    before: Sequence[Item], after: Sequence[Item], language: Language, kinds: Mapping[str, str]
) -> list[Item]:
    """What is said in all, with that left out of ``before`` which ``after`` says anew. ``kinds``: of the places."""
    kept, after = _put_at_origin(list(before), list(after), language, kinds)
    if any(_is(item, WHO) for item in after):
        kept = [item for item in kept if not _is(item, WHO)]
    for origin in _ends(after, language):
        for index in reversed(range(len(kept))):
            if _is(kept[index], WHERE) and origin is _is_origin(kept, index, language):
                leads = _prepositions(kept, index, language)
                del kept[index - len(leads) : index + 1]
                after = _led_alike(after, leads, language)
                break
    return [*kept, *after]


def _led_alike(items: list[Item], leads: Sequence[Item], language: Language) -> list[Item]:
    """The items with the prepositions of what their only place stands for, where it has none: "take the box to dock
    one, no, dock two" puts nothing down at dock two."""
    places = [at for at, item in enumerate(items) if _is(item, WHERE)]
    if len(places) != 1 or not _is_bare(items, places[0], language):
        return items
    return [*items[: places[0]], *reversed(leads), *items[places[0] :]]


def _put_at_origin(
    kept: list[Item], after: list[Item], language: Language, kinds: Mapping[str, str]
) -> tuple[list[Item], list[Item]]:
    """A bare place that is of the kind of the origin and not of the destination stands for the origin: "from aisle two
    to dock five, no, aisle three"."""
    places = [index for index, item in enumerate(after) if _is(item, (What.PLACE,))]
    ends = [index for index, item in enumerate(kept) if _is(item, (What.PLACE,))]
    origins = [index for index in ends if _is_origin(kept, index, language)]
    if len(places) != 1 or len(origins) != 1 or len(ends) != 2 or not _is_bare(after, places[0], language):
        return kept, after
    (origin,), (destination,) = origins, set(ends) - set(origins)
    kind, was, other = (_kind(item, kinds) for item in (after[places[0]], kept[origin], kept[destination]))
    if fits_origin(kind, was, other):
        kept[origin] = after.pop(places[0])
    return kept, after


def _kind(item: Item, kinds: Mapping[str, str]) -> str:
    return kinds.get(item.mention.ids[0], "") if item.mention else ""


def _is_bare(items: Sequence[Item], index: int, language: Language) -> bool:
    clause = Clause()
    return place_list(items, index, language, clause) is clause.neutral


def _is(item: Item, what: Collection[What]) -> bool:
    return item.mention is not None and item.mention.what in what


def _ends(items: Sequence[Item], language: Language) -> Iterator[bool]:
    """For each place whether it is where something comes from."""
    return (_is_origin(items, index, language) for index, item in enumerate(items) if _is(item, WHERE))


def _is_origin(items: Sequence[Item], index: int, language: Language) -> bool:
    clause = Clause()
    return place_list(items, index, language, clause) is clause.origins


def _prepositions(items: Sequence[Item], index: int, language: Language) -> list[Item]:
    """The words directly before a place that say which way it lies."""
    found: list[Item] = []
    while not language.postfix and len(found) < index and items[index - 1 - len(found)].leads:
        found.append(items[index - 1 - len(found)])
    return found
