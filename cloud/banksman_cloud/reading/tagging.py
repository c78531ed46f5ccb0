"""A request with tags in place of what code has found in it: names, numbers, times.

"four pallets from inbound to aisles two and five by half past two" becomes "N1 pallets from P1 to P2 and P3 by T1". So
a model need not know the names of any site, and cannot misread a number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from banksman_cloud.reading.figure_finder import Figure, Figures, figures
from banksman_cloud.reading.names import UNSPACED_SCRIPTS, name_end, name_ends, selector, types_said
from banksman_cloud.reading.numerals import Tokens, tokens_of
from banksman_shared.plans import NamedThing
from banksman_shared.site import Site
from banksman_shared.text import fold

PLACES, VEHICLES, LOAD, COUNT, DURATION, TIME, PERCENT = "PAZ", "VKG", "L", "N", "D", "T", "Q"
"""Letters of tags. ``P`` is one place, ``A`` are several, ``Z`` is a zone; ``V`` is one vehicle, ``K`` are all of a
kind or several that a name may mean, ``G`` is a group; ``L`` is a type of load."""
_OF_FIGURE = {"percent": PERCENT, "seconds": DURATION, "count": COUNT, "time": TIME}
_PIECE = re.compile(rf"[{UNSPACED_SCRIPTS}]|[^\s，、。！？；：{UNSPACED_SCRIPTS}]+")


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag stands for. ``refers``: as goals refer to it, an id, ``kind:ID``, ``group:ID`` or ``zone:ID``; nothing
    where a name may mean several things that have no name together. ``readings``: what a figure may say. ``spans``:
    from which to which character of the request it was said. ``sure``: false where words only resemble a name."""

    words: str
    refers: tuple[str, ...] = ()
    readings: frozenset[tuple[str, int | str]] = frozenset()
    spans: tuple[tuple[int, int], ...] = ()
    sure: bool = True

    def value(self, kind: str) -> int | str | None:
        """What it says as ``count``, ``seconds``, ``time`` or ``percent``, if that is certain."""
        found = [value for of, value in self.readings if of == kind]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class TaggedRequest:
    """``text`` with tags, and what they stand for, in the order in which they are said first."""

    request: str
    text: str
    tags: Mapping[str, Tag] = field(default_factory=dict)

    def of(self, letters: str) -> list[str]:
        """The tags that begin with one of the letters."""
        return [tag for tag in self.tags if tag[0] in letters]


@dataclass(frozen=True, slots=True)
class _Found:
    """Tokens from ``start`` to ``end`` that become a tag."""

    start: int
    end: int
    letter: str
    refers: tuple[str, ...] = ()
    readings: frozenset[tuple[str, int | str]] = frozenset()
    sure: bool = True


def tagged(
    site: Site,
    request: str,
    language: str,
    mentions: Sequence[NamedThing],
    types: Collection[str] = (),
    now: str | None = None,
) -> TaggedRequest:
    """``types``: of loads that are about; ``now``: what the site's clocks show, ISO 8601."""
    pieces = [(m.start(), m.end(), token) for m in _PIECE.finditer(request) for token in tokens_of(m.group())]
    tokens = tuple(token for _, _, token in pieces)
    spans = _spans(request, pieces)
    found = list(_names(site, tokens, mentions))
    taken = {at for one in found for at in range(one.start, one.end)}
    read = figures(request, language, mentions, site.vehicles, now)
    for figure in read.found if read and read.tokens == tokens else ():
        if read and _is_tagged(figure, read) and taken.isdisjoint(range(figure.start, figure.end)):
            found.append(_Found(figure.start, figure.end, _letter(figure), (), figure.readings))
            taken.update(range(figure.start, figure.end))
    for kind in types_said(request, types, mentions):
        for start, end in name_ends(tokens, ["".join(tokens_of(fold(kind)))]).items():
            if taken.isdisjoint(range(start, end)):
                found.append(_Found(start, end, LOAD, (kind,)))
    return _written(request, sorted(found, key=lambda one: one.start), spans)


def _is_tagged(figure: Figure, of: Figures) -> bool:
    """Whether a figure gets a tag. A word for one is mostly no number ("a pallet", "nobody is to use that one")."""
    words = of.tokens[figure.start : figure.end]
    counts = [value for kind, value in figure.readings if kind == "count"]
    wordless = bool(of.wordless.intersection(map(int, counts))) and not any(word.isdigit() for word in words)
    return bool(figure.readings) and (not wordless or figure.limit or figure.begins)


def _spans(request: str, pieces: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """Where each token stands: a piece of several tokens ("dock2") is parted where they are written as they are."""
    spans: list[tuple[int, int]] = []
    last, at = (-1, -1), 0
    for start, end, token in pieces:
        at = start if (start, end) != last else at
        last = (start, end)
        begin = request.casefold().find(token, at, end) if len(request.casefold()) == len(request) else -1
        if begin < 0:
            spans.append((start, end))
        else:
            at = begin + len(token)
            spans.append((begin, at))
    return spans


def _names(site: Site, tokens: Tokens, mentions: Sequence[NamedThing]) -> Iterator[_Found]:
    """The names wherever they stand, those that are certain before others; one that is a number ("carts one and four")
    only once, behind what was named before it."""
    taken = set[int]()
    for sure in (True, False):
        named = [(mention, "".join(tokens_of(mention.words))) for mention in mentions if mention.sure == sure]
        longest, begin = name_ends(tokens, (words for _, words in named)), 0
        for mention, words in named:
            for start in (*range(begin, len(tokens)), *range(begin)):
                end = name_end(tokens, start, words) if words else 0
                if not end or end < longest.get(start, 0) or not taken.isdisjoint(range(start, end)):
                    continue
                yield _Found(start, end, *_meant(site, mention), sure=sure)
                taken.update(range(start, end))
                begin = max(begin, end)
                if _is_number(mention, words):
                    break


def _is_number(mention: NamedThing, words: str) -> bool:
    """Whether a name is a number alone, or one word for a numbered thing, which may be a number."""
    return words.isdigit() or (
        len(mention.words.split()) == 1 and len(mention.ids) == 1 and mention.ids[0][-1].isdigit()
    )


def _meant(site: Site, mention: NamedThing) -> tuple[str, tuple[str, ...]]:
    """The letter of a name's tag, and how goals refer to what it means."""
    first = mention.ids[0]
    if first.startswith("zone:"):
        return "Z", (first,)
    together = selector(site, mention)
    if first in site.vehicles:
        letter = "V" if len(mention.ids) == 1 else "G" if together and together.startswith("group:") else "K"
    else:
        letter = "P" if len(mention.ids) == 1 else "A"
    refers = (first,) if len(mention.ids) == 1 else (together,) if together else ()
    return letter, refers


def _letter(figure: Figure) -> str:
    kinds = {kind for kind, _ in figure.readings}
    return next(letter for kind, letter in _OF_FIGURE.items() if kind in kinds)


def _written(request: str, found: Sequence[_Found], spans: Sequence[tuple[int, int]]) -> TaggedRequest:
    """The same thing has the same tag; each figure has its own."""
    tags: dict[str, Tag] = {}
    given: dict[tuple[str, tuple[str, ...]], str] = {}
    parts, at = list[str](), 0
    for one in found:
        begin, end = spans[one.start][0], spans[one.end - 1][1]
        if begin < at:
            continue
        key = (one.letter, one.refers)
        known = given.get(key) if one.refers else None
        tag = known or f"{one.letter}{1 + sum(other[0] == one.letter for other in tags)}"
        given[key] = tag
        before = tags.get(tag, Tag(request[begin:end], one.refers, one.readings, (), one.sure))
        tags[tag] = replace(before, spans=(*before.spans, (begin, end)))
        parts += [_apart(request[at:begin]), tag]
        at = end
        if at < len(request) and request[at].isalnum():
            parts.append(" ")
    parts.append(request[at:])
    return TaggedRequest(request, " ".join("".join(parts).split()), tags)


def _apart(text: str) -> str:
    """With a space at its end where a word of it would grow together with a tag."""
    return f"{text} " if text and text[-1].isalnum() else text
