"""Conditions that a request states and no goal says: whoever understood it, none may be lost without a word.

Numbers and names are found in goals by what they are. A condition is found by the words that make one of what stands
beside them ("nobody", "only", "unless": ``data/conditions.toml``); a goal says it if it has a field for such a thing,
quotes that part of the request, and is about who or what is named there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from banksman_cloud.reading.goal_words import Saying
from banksman_cloud.reading.names import UNSPACED_SCRIPTS, name_ends
from banksman_cloud.reading.numerals import Tokens, tokens_of
from banksman_shared.plans import NamedThing
from banksman_shared.site import Site

_PIECE = re.compile(rf"[{UNSPACED_SCRIPTS}]|[^\s，、。！？；：{UNSPACED_SCRIPTS}]+")
_END = re.compile(r"[,;:.!?…](?=\s|$)|[،؛؟।，、。！？；：]|\s[-–—]\s|\n")
_SENTENCE_END = re.compile(r"[;.!?…](?=\s|$)|[؛؟।。！？；]|\n")
LIMITS = frozenset({"deny", "only", "except", "most", "closed"})
"""Senses that make one condition together where they stand together ("nobody but …", "ne … pas")."""
_WHO = frozenset({"deny", "only", "except"})
"""Those that are about somebody, if a vehicle is named there."""
_POSTPOSED = frozenset({"hi", "ja", "tr"})
"""Languages in which a name stands before what leaves it out."""
EDGES = " ,;:.!?…،؛؟।，、。！？；：–—-"


@dataclass(frozen=True, slots=True)
class Condition:
    """What makes a condition of a part of a request (from where, to where): what its ``words`` may mean, and what is
    named there. ``single``: of that the vehicles that are named by themselves; ``part``: from where to where it is
    told, which for what is about a whole sentence is no more than stands between two commas."""

    senses: frozenset[str]
    words: str
    begin: int
    end: int
    part: tuple[int, int]
    named: frozenset[str]
    single: frozenset[str]


def unsaid_conditions(
    site: Site,
    request: str,
    language: str,
    mentions: Sequence[NamedThing],
    said: Sequence[Saying],
    told: Sequence[str],
) -> dict[str, bool]:
    """The parts of a request with a condition that is neither ``said`` by goals nor ``told`` to be left out, and
    whether it is about who may, with a vehicle named."""
    lost = [c for c in conditions(site, request, language, mentions) if not _told(c, told)]
    lost = [condition for condition in lost if not any(_says(site, request, one, condition) for one in said)]
    parts: list[tuple[int, int, bool]] = []
    for condition in lost:
        (begin, end), personal = condition.part, bool(condition.single and condition.senses & _WHO)
        if parts and begin < parts[-1][1]:
            begin, _, other = parts.pop()
            personal = personal or other
        parts.append((begin, end, personal))
    return {request[begin:end].strip(EDGES): personal for begin, end, personal in parts}


def _told(condition: Condition, texts: Sequence[str]) -> bool:
    return any(f" {condition.words} " in f" {' '.join(tokens_of(text))} " for text in texts)


def _says(site: Site, request: str, saying: Saying, condition: Condition) -> bool:
    if not saying.means(condition.senses):
        return False
    own = site.places.keys() if saying.names <= site.places.keys() else site.vehicles.keys()
    both = saying.names & site.places.keys() and saying.names & site.vehicles.keys()
    there = condition.named if both else condition.named & own
    if saying.names and there and not saying.names & there:
        return False
    if condition.single and not saying.names and saying.senses & condition.senses <= _WHO:
        return False  # that somebody waits says nothing of who may not
    at = request.find(saying.words)
    quotes = at < condition.end and condition.begin < at + len(saying.words)
    if condition.single and condition.senses <= _WHO and saying.names <= site.places.keys() and not quotes:
        return False  # "from line 1 without carrier 4" is not said by line 1 being closed to others
    return quotes or bool(saying.names & there and not saying.others) or saying.anywhere


def conditions(site: Site, request: str, language: str, mentions: Sequence[NamedThing]) -> tuple[Condition, ...]:
    """Those of a request in their order; none in a language of which nobody knows the words."""
    if language not in _words():
        return ()
    text = _Text(request, language)
    named = [*_named(text.tokens, mentions)]
    found = _groups(text, [*_found(text, named)], named)
    return tuple(_condition(site, text, found, index, named) for index in range(len(found)))


def may_say(
    site: Site, request: str, words: str, language: str, mentions: Sequence[NamedThing], senses: Collection[str]
) -> bool:
    """Whether a request may say in these ``words`` of it a condition of one of these ``senses``."""
    begin = request.find(words)
    if language not in _words() or begin < 0:
        return True
    end = begin + len(words)
    found = conditions(site, request, language, mentions)
    return any(not c.senses.isdisjoint(senses) and c.part[0] < end and begin < c.part[1] for c in found)


class _Text:
    """The tokens of a request, and where each stands in it."""

    def __init__(self, request: str, language: str) -> None:
        self.request, self.language = request, language
        pieces = [(m, i, token) for m in _PIECE.finditer(request) for i, token in enumerate(tokens_of(m.group()))]
        self.tokens: Tokens = tuple(token for _, _, token in pieces)
        self.starts = [piece.start() for piece, _, _ in pieces]
        self.ends = [piece.end() for piece, _, _ in pieces]
        self.attached = {at for at, (piece, i, _) in enumerate(pieces) if i and "-" in piece.group()}
        """Those behind a hyphen: "fecha-se"."""

    def parted(self, first: int, second: int) -> bool:
        """Whether punctuation stands between two tokens."""
        return _END.search(self.request, self.ends[first] - 1, self.starts[second] + 1) is not None


@dataclass(frozen=True, slots=True)
class _Found:
    """Tokens from ``start`` to ``end`` that make a condition."""

    start: int
    end: int
    senses: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Name:
    """Tokens from ``start`` to ``end`` that name these."""

    start: int
    end: int
    ids: tuple[str, ...]


def _named(tokens: Tokens, mentions: Sequence[NamedThing]) -> Iterator[_Name]:
    names = {"".join(tokens_of(mention.words)): mention.ids for mention in mentions if mention.sure}
    for start, end in name_ends(tokens, names).items():
        yield _Name(start, end, names["".join(tokens[start:end])])


def _found(text: _Text, named: Sequence[_Name]) -> Iterator[_Found]:
    """Condition words, the longest at each place, outside of names."""
    hidden = text.attached | {at for name in named for at in range(name.start, name.end)}
    begins = {name.start for name in named}
    known, tokens, at = _phrases(text.language), text.tokens, 0
    while at < len(tokens):
        fitting = [(len(p), senses) for p, senses in known.items() if fits(p, tokens, at, text.language)]
        length, senses = max(fitting, key=lambda fit: fit[0], default=(1, frozenset[str]()))
        if "before_name" in senses:
            senses = frozenset({"except"} if at + length in begins else ())
        if senses and "idle" not in senses and hidden.isdisjoint(range(at, at + length)):
            yield _Found(at, at + length, senses)
        at += length


def fits(phrase: Tokens, tokens: Tokens, at: int, language: str) -> bool:
    """Whether a phrase of :func:`pattern` stands there."""
    there = tokens[at : at + len(phrase)]
    return len(there) == len(phrase) and all(map(_is, phrase, there, [language] * len(there)))


def _is(word: str, token: str, language: str) -> bool:
    if word.endswith("*"):
        return token.startswith(word[:-1])
    if word.startswith("*"):
        return token.endswith(word[1:])
    return token == word or any(token == prefix + word for prefix in _words()[language].get("prefixes", ()))


def _groups(text: _Text, found: Sequence[_Found], named: Sequence[_Name]) -> tuple[_Found, ...]:
    """Those that bound something joined where neither a name nor punctuation stands between them; likewise those of
    an order. What follows an "if" is a part of it."""
    made: list[_Found] = []
    for each in found:
        last = made[-1] if made and not text.parted(made[-1].end - 1, each.start) else None
        between = last is not None and any(last.end <= name.start < each.start for name in named)
        if last is not None and last.senses == {"if"}:
            made[-1] = _Found(last.start, each.end, last.senses)
        elif last is not None and not between and _same(last.senses, each.senses):
            made[-1] = _Found(last.start, each.end, last.senses | each.senses)
        else:
            made.append(each)
    return tuple(made)


def _same(some: frozenset[str], others: frozenset[str]) -> bool:
    return (some <= LIMITS and others <= LIMITS) or not some.isdisjoint(others)


def _condition(
    site: Site,
    text: _Text,
    found: Sequence[_Found],
    index: int,
    named: Sequence[_Name],
) -> Condition:
    """With the part of the request from the condition before it to the next, or between punctuation."""
    here = found[index]
    ends = _SENTENCE_END if here.senses & {"first", "order", "later"} else _END
    before = max((f.end for f in found[:index]), default=0)
    behind = min((f.start for f in found[index + 1 :]), default=len(text.tokens))
    within = text.starts[before], text.ends[behind - 1]
    first, last = text.starts[here.start], text.ends[here.end - 1]
    begin, end = _between(text.request, within, first, last, ends)
    part = _between(text.request, within, first, last, _END)
    there = [name for name in named if begin <= text.starts[name.start] < end]
    if "except" in here.senses:
        there = _excepted(site, here, there, text.language)
    things = frozenset(place for name in there for i in name.ids for place in site.places_of(i))
    single = frozenset(name.ids[0] for name in there if len(name.ids) == 1 and name.ids[0] in site.vehicles)
    words = " ".join(text.tokens[here.start : here.end])
    return Condition(here.senses, words, begin, end, part, things, single)


def _between(text: str, within: tuple[int, int], first: int, last: int, ends: re.Pattern[str]) -> tuple[int, int]:
    """From the last of ``ends`` before ``first`` to the first of them behind ``last``."""
    begin = max((end.end() for end in ends.finditer(text, within[0], first)), default=within[0])
    behind = ends.search(text, last - 1, within[1])
    return begin, behind.end() if behind else within[1]


def _excepted(site: Site, here: _Found, named: Sequence[_Name], language: str) -> list[_Name]:
    """Of the vehicles those that are left out, and not what they are left out of: "all carts but cart two"."""
    vehicles = [name for name in named if name.ids[0] in site.vehicles]
    behind = next((name for name in vehicles if name.start >= here.end), None)
    before = next((name for name in reversed(vehicles) if name.start < here.start), None)
    nearest = (before or behind) if language in _POSTPOSED else (behind or before)
    return [name for name in named if name not in vehicles or name is nearest]


@cache
def _phrases(language: str) -> Mapping[Tokens, frozenset[str]]:
    known: dict[Tokens, frozenset[str]] = {}
    for sense, phrases in _words()[language].items():
        for phrase in phrases if sense != "prefixes" else ():
            words = tuple(token for word in phrase.split() for token in pattern(word))
            known[words] = known.get(words, frozenset()) | {sense}
    return known


def pattern(word: str) -> Iterator[str]:
    """The tokens of a word, the first or last of which may be a part of a longer one."""
    tokens = [*tokens_of(word)]
    if word.startswith("*"):
        tokens[0] = f"*{tokens[0]}"
    if word.endswith("*"):
        tokens[-1] = f"{tokens[-1]}*"
    yield from tokens


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(files("banksman_cloud").joinpath("data/conditions.toml").read_text("utf-8"))
