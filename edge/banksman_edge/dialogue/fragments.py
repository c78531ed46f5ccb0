"""Sentences that are no orders by themselves and complete one: "dock twelve", "no, the other one", "the same for
forklift two". They are made of nothing but names, numbers and words that say what to do with them, in any order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from banksman_edge.dialogue.references import reference_of
from banksman_edge.dialogue.words import AND, BACK, IT, MEANT, NEXT, NO, NOT, PLACES, THEM, THERE, Words
from banksman_edge.nlu import language as roles
from banksman_edge.nlu.language import Language, Phrase
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import What
from banksman_edge.nlu.numbers import SpokenNumber
from banksman_edge.nlu.tokens import UNSPACED, Tokens
from banksman_shared.site import Site

_TALK = (roles.MOODS - {roles.WISHES}) | {roles.NOT}
_QUIET = frozenset({roles.FILLER, roles.FROM, roles.TO, roles.FROM_AFTER, roles.AND})


@dataclass(frozen=True, slots=True)
class Fragment:
    """``marks``: the keys of ``words`` that were said. ``places`` and ``origins``: where to, or nowhere in particular,
    and where from. ``denied``: the ids and numbers that a "not" belongs to, None for one that belongs to nothing;
    ``late``: the words of a correction that were said after a name, where they may mean anything."""

    marks: frozenset[str] = frozenset()
    vehicles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    denied: tuple[str | int | None, ...] = ()
    towards: bool = False
    """Whether a word said that the place is where to."""
    kinds: tuple[str, ...] = ()
    """Kinds of vehicles and places that were said without a number: "the tugger"."""
    late: frozenset[str] = frozenset()
    either: tuple[str, ...] = ()
    """Places any of which may be meant: "the washing line"."""
    missing: str = ""
    certainty: float = 1.0

    @property
    def tells_who(self) -> bool:
        """Whether vehicles are named, or told from others, and not only spoken of: "them"."""
        spoken_of = {r.key for v in self.vehicles if (r := reference_of(v))} & {IT, THEM}
        return bool(self.numbers or self.vehicles) and not spoken_of

    @property
    def onward(self) -> str:
        """Where somebody goes on to, where nothing else is said: "back", "and then to dock two"; else ""."""
        if len(self.places) != 1 or self.vehicles or self.origins or self.numbers:
            return ""
        reference = reference_of(self.places[0])
        return self.places[0] if NEXT in self.marks or (reference and reference.key == BACK) else ""

    @property
    def names(self) -> bool:
        return bool(self.vehicles or self.places or self.origins or self.numbers)


@dataclass(slots=True)
class _Parts:
    marks: set[str]
    vehicles: dict[str, None]
    places: dict[str, None]
    origins: dict[str, None]
    numbers: list[SpokenNumber]
    weak: list[SpokenNumber]
    """Numbers whose words may mean nothing, as in "the second one"."""
    missing: str = ""
    certainty: float = 1.0
    marker: str = ""
    """FROM or TO, if the last word said so."""
    last_place: str = ""
    """The place just named, where the word that says from or to comes after it."""
    late: set[str] = field(default_factory=set)
    named: str | int | None = None
    """What was named last, by id or number."""
    denied: list[str | int | None] = field(default_factory=list)
    towards: bool = False
    kinds: dict[str, None] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    denies: bool = False
    """A "not" waits for the name that it belongs to."""

    def mark(self, marks: Iterable[str], *, postfix: bool) -> None:
        """Take words in; a "not" belongs to the name behind it, or before it where the language has it so."""
        for mark in marks:
            corrects_late = mark == NO or (mark == MEANT and not self.marks & {NO, NOT, MEANT})
            if corrects_late and self.named is not None:
                self.late.add(mark)
            self.marks.add(mark)
            if mark == NOT and postfix and self.named is not None:
                self.denied.append(self.named)
            elif mark == NOT:
                self.denies = True

    def name(self, key: str | int) -> None:
        """Something is named."""
        if self.denies:
            self.denied.append(key)
        self.named, self.denies = key, False


def read_fragment(
    tokens: Tokens,
    mentions: tuple[Mention, ...],
    words: Words,
    finder: MentionFinder,
    site: Site,
    *,
    exclaimed: int = 0,
) -> Fragment | None:
    """What a sentence completes; None where a word of it is anything else. ``mentions``: with the references;
    ``exclaimed``: tokens of a no that is set off at the beginning, which denies nothing by name."""
    parts = _Parts(set(), {}, {}, {}, [], [])
    starts = {mention.start: mention for mention in mentions}
    at = exclaimed
    parts.marks |= {NO} if exclaimed else set()
    while at < len(tokens):
        mention = starts.get(at)
        if (
            mention
            and _own(words, tokens, at) >= mention.end - at
            and reference_of(mention.ids[0] if mention.ids else "")
        ):
            mention = None  # "the same for …" is no "the same one"
        if mention and mention.bare and parts.named is None:
            _add_marks(parts, finder.language, tokens, at)  # "no" may be a number's "no.", and a no
        end = _add_mention(parts, mention, site, finder) if mention else _add_words(parts, tokens, at, words, finder)
        if end is None:
            return None
        at = end
    if parts.numbers or parts.weak:  # "la numero due" is no "là", and "el número dos" no "él"
        parts.vehicles = {v: None for v in parts.vehicles if not _is_reference(v, IT)}
        parts.places = {p: None for p in parts.places if not _is_reference(p, THERE)}
    places = [p for p in parts.places if not reference_of(p)] or list(parts.places)  # "back to dock two" is dock two
    return Fragment(
        frozenset(parts.marks),
        tuple(parts.vehicles),
        tuple(places),
        tuple(parts.origins),
        tuple(parts.numbers or ([] if parts.vehicles or parts.places else parts.weak)),
        (*parts.denied, *((None,) if parts.denies else ())),
        parts.towards,
        tuple(parts.kinds),
        frozenset(parts.late),
        parts.either,
        parts.missing,
        parts.certainty,
    )


def _add_mention(parts: _Parts, mention: Mention, site: Site, finder: MentionFinder) -> int | None:
    parts.certainty = min(parts.certainty, mention.score)
    named = site.vehicles.get(mention.ids[0]) or site.places.get(mention.ids[0]) if mention.bare else None
    if named:
        number = named.number
        parts.numbers.append(SpokenNumber(number or 0, mention.end - mention.start, ordinal=False))
        parts.name(number or 0)
        return mention.end
    match mention.what:
        case What.VEHICLE:
            parts.vehicles[mention.ids[0]] = None
            parts.name(mention.ids[0])
        case What.PLACE if len(mention.ids) > 1:
            parts.either = mention.ids
        case What.PLACE:
            reference = reference_of(mention.ids[0])
            from_here = roles.FROM in (mention.role, "" if finder.language.postfix else parts.marker)
            away = from_here and not (reference and reference.key in PLACES)
            (parts.origins if away else parts.places)[mention.ids[0]] = None
            parts.towards |= roles.TO in (mention.role, parts.marker)
            parts.last_place = mention.ids[0]
            parts.name(mention.ids[0])
        case What.UNKNOWN:
            parts.missing = parts.missing or mention.text
        case What.VEHICLE_KIND | What.PLACE_KIND:
            parts.kinds[mention.ids[0]] = None
        case _:
            return None
    parts.marker = ""
    return mention.end


def _add_words(parts: _Parts, tokens: Tokens, at: int, words: Words, finder: MentionFinder) -> int | None:
    """Where the phrase or number ends that begins here; None if it is neither."""
    language = finder.language
    phrase, length = language.match(tokens, at) or (None, 0)
    own = _own(words, tokens, at)
    number, end = _number(finder, tokens, at, denies=bool(phrase and roles.NO in phrase.roles))
    if number and end - at >= max(length, own):
        (parts.weak if length or own else parts.numbers).append(number)
        parts.name(number.value)
        return end
    if own and own >= length:
        parts.mark(words.say[tokens[at : at + own]], postfix=language.postfix)
        return at + own
    if phrase is None:
        return None
    leads_on = roles.THEN in phrase.roles and not phrase.actions
    if at == 0 and (leads_on or roles.YES in phrase.roles):
        parts.marks |= {NEXT} if leads_on else set()
        return length
    if phrase.actions and not phrase.roles & {roles.FROM, roles.TO}:
        return None  # a verb makes an order of it
    if phrase.roles & _TALK and roles.NO not in phrase.roles:
        return None  # and what asks, tells or is over makes talk of it
    if phrase.roles & _QUIET:
        parts.marks |= {AND} & phrase.roles if at == 0 else set()
        _add_marker(parts, phrase, finder.language)
    if roles.NO in phrase.roles:
        _add_marks(parts, language, tokens, at)
    elif not phrase.roles & _QUIET:
        return None
    return at + length


def _is_reference(token: str, key: str) -> bool:
    reference = reference_of(token)
    return reference is not None and reference.key == key


def _number(finder: MentionFinder, tokens: Tokens, at: int, *, denies: bool) -> tuple[SpokenNumber | None, int]:
    """The number that begins here, with or without "number" before it, and where it ends; none that says how many: 3台.
    ``denies``: the word that may be a number's "no." may be a no."""
    language, first = finder.language, at
    if not denies and language.code not in UNSPACED:
        first += _longest(language.markers, tokens, at)
    number = finder.spoken_number(tokens, first)
    if number is None:
        return None, at
    end = first + number.length
    counts = _longest(language.rank_counters, tokens, end) > _longest(language.counters, tokens, end)
    return (None, at) if counts and not number.ordinal else (number, end)


def _longest(phrases: Iterable[Tokens], tokens: Tokens, at: int) -> int:
    """How many tokens the longest of the phrases has that stands here; 0: none does."""
    return max((len(phrase) for phrase in phrases if tokens[at : at + len(phrase)] == phrase), default=0)


def _own(words: Words, tokens: Tokens, at: int) -> int:
    """How many tokens the longest phrase has that begins here, of those that complete an order; 0: there is none."""
    longest = min(words.longest, len(tokens) - at)
    return next((n for n in range(longest, 0, -1) if tokens[at : at + n] in words.say), 0)


def _add_marks(parts: _Parts, language: Language, tokens: Tokens, at: int) -> None:
    phrase, _ = language.match(tokens, at) or (None, 0)
    parts.mark({NO} & phrase.roles if phrase else (), postfix=language.postfix)


def _add_marker(parts: _Parts, phrase: Phrase, language: Language) -> None:
    away, to = roles.FROM in phrase.roles, roles.TO in phrase.roles
    if away == to:
        return
    parts.marker = roles.FROM if away else roles.TO
    if language.postfix and away and parts.last_place in parts.places:
        parts.origins[parts.last_place] = parts.places.pop(parts.last_place)
