"""The numbers of a request, read by code: amounts, spans of time, times of day, per cents (``data/figures.toml``).

A small model reads "eight" as six and "half past two" as any time. What stands here is all that it may write, and
what it must not leave out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from banksman_cloud.reading.names import name_end, name_ends, together
from banksman_cloud.reading.numerals import Reader, Tokens, reader_of, tables, tokens_of
from banksman_shared.plans import NamedThing

_DAY_MIN, _HALF_DAY_MIN, _GONE_MIN = 24 * 60, 12 * 60, 60
"""Minutes; the last: so long ago may be meant by a time that has passed."""
_NAMED, _VEHICLE = "|", "|v"
"""Stand where a name of the site stood, so that its number is none of an amount."""
_MARKS = frozenset({_NAMED, _VEHICLE})
_NEAR = 2
"""Words between what makes a limit of a time, and the time."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What some words may say: ``count``, ``seconds``, ``time`` (HH:MM) or ``percent``, each with its value; nothing
    for an amount that nobody could know ("a few"). ``start`` and ``end``: which tokens of the text they are.
    ``of_vehicles``: what follows is a name or word for vehicles; ``limit``: words beside it make a time limit of it;
    ``begins``: they make it the time from when."""

    words: str
    start: int
    end: int
    readings: frozenset[tuple[str, int | str]] = frozenset()
    of_vehicles: bool = False
    limit: bool = False
    begins: bool = False

    def all(self, kind: str) -> Iterator[int | str]:
        return (value for of, value in self.readings if of == kind)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a text in the order in which they are said. ``timed``: it speaks of hours, minutes or seconds,
    also where nobody can read of how many. ``wordless``: amounts that need no word for them, as of "a load"."""

    tokens: Tokens
    found: tuple[Figure, ...]
    timed: bool
    wordless: frozenset[int]
    wholes: frozenset[int] = frozenset()
    """Tokens that say "all"."""

    def all(self, kind: str) -> tuple[int | str, ...]:
        return tuple(dict.fromkeys(value for figure in self.found for value in sorted(figure.all(kind), key=str)))

    def span(self, words: str) -> tuple[int, int]:
        """Which tokens a stretch of the text is; nothing if it is none."""
        part = tokens_of(words)
        starts = (at for at in range(len(self.tokens)) if self.tokens[at : at + len(part)] == part)
        start = next(starts, None) if part else None
        return (0, 0) if start is None else (start, start + len(part))

    def says_all(self, words: str) -> bool:
        """Whether a stretch of the text speaks of all that there are."""
        return not self.wholes.isdisjoint(range(*self.span(words)))

    def within(self, words: str) -> tuple[Figure, ...]:
        """Those that stand in a stretch of the text."""
        start, end = self.span(words)
        return tuple(each for each in self.found if start <= each.start and each.end <= end)


def figures(
    text: str,
    language: str,
    mentions: Sequence[NamedThing] = (),
    vehicles: Collection[str] = (),
    now: str | None = None,
) -> Figures | None:
    """The figures of a text, but for those in its ``mentions``; None for a language that is not known. ``vehicles``:
    ids of those that the site has; ``now``: what its clocks show, ISO 8601, which tells whether three is in the night
    or in the afternoon."""
    if language not in tables():
        return None
    tokens, reader = tokens_of(text), reader_of(language)
    reading = _Reading(reader, _without_names(tokens, mentions, vehicles, reader), now)
    timed = any(reader.unit(tokens, i) for i in range(len(tokens)))
    wholes = frozenset(i for i in range(len(tokens)) if reader.starts(reader.whole, reading.tokens, i))
    return Figures(tokens, tuple(reading.all()), timed, reader.wordless, wholes)


def _without_names(tokens: Tokens, mentions: Sequence[NamedThing], vehicles: Collection[str], reader: Reader) -> Tokens:
    """The tokens, with a mark for each of a name wherever it stands; one that is a number ("carts one and four") only
    once, behind what is named before it."""
    left, begin = list(tokens), 0
    said = [tokens_of(mention.words) for mention in mentions]
    longest = name_ends(tokens, ("".join(words) for words, mention in zip(said, mentions, strict=True) if mention.sure))
    for mention, words in zip(mentions, said, strict=True) if tokens else ():
        number = reader.number(words, 0)
        once = number is not None and number[1] == len(words)
        for start in (*range(begin, len(left)), *range(begin)) if mention.sure else ():
            if (end := name_end(left, start, "".join(words))) and end >= longest.get(start, 0):
                left[start:end] = [_VEHICLE if mention.ids[0] in vehicles else _NAMED] * (end - start)
                begin = max(begin, end)
                if once:
                    break
    return tuple(left)


@dataclass(slots=True)
class _Reading:
    """One text being read, from left to right: what is a part of something longer is nothing by itself."""

    reader: Reader
    tokens: Tokens
    now: str | None

    def all(self) -> Iterator[Figure]:
        at = 0
        while at < len(self.tokens):
            found = self._figure(at)
            if found is not None:
                yield found
            at = found.end if found else at + 1

    def _figure(self, at: int) -> Figure | None:
        """The longest figure that begins there, with all that it may mean."""
        found = [*self._vague(at), *self._percent(at), *self._spans(at), *self._times(at), *self._counts(at)]
        if not found:
            return None
        longest = min(max(length for length, _, _ in found), len(self.tokens) - at)
        sure = {kind for length, kind, _ in found if length == longest}
        # "three o'clock" ends where "three" does: what makes an hour or a span of it is what is longer.
        readings = frozenset((kind, value) for length, kind, value in found if kind and length >= longest)
        if sure == {"count"}:
            readings |= {(kind, value) for _, kind, value in found if kind == "time"}
        end = at + longest
        words = together(" ".join(token for token in self.tokens[at:end] if token not in (_NAMED, _VEHICLE)))
        return Figure(
            words, at, end, readings, self._of_vehicles(at, end), self._is_limit(at, end), self._begins(at, end)
        )

    def _is_limit(self, start: int, end: int) -> bool:
        """Whether "before" and the like stand before or behind, a word or two away, and nothing that denies them."""
        reader, tokens = self.reader, self.tokens
        said = [*self._before(reader.deadline, start), *self._behind(reader.deadline_after, end)]
        clear = (set(tokens[at + length : start]).isdisjoint(_MARKS) for at, length in said)
        return any(clear) and not any(
            reader.starts(reader.denies, tokens, i)
            for at, length in said
            for i in range(max(0, at - _NEAR), at + length + _NEAR)
        )

    def _begins(self, start: int, end: int) -> bool:
        """Whether "not before" and the like stand at once before or behind."""
        reader = self.reader
        before = (at + length == start for at, length in self._before(reader.begin, start))
        return any(before) or bool(self._behind(reader.begin_after, end))

    def _before(self, words: Collection[Tokens], start: int) -> list[tuple[int, int]]:
        """Where such words stand before a figure, a word or two away, and how many tokens they take."""
        found = ((at, self.reader.starts(words, self.tokens, at)) for at in range(max(0, start - _NEAR - 4), start))
        return [(at, length) for at, length in found if length and start - _NEAR <= at + length <= start]

    def _behind(self, words: Collection[Tokens], end: int) -> list[tuple[int, int]]:
        length = self.reader.starts(words, self.tokens, end)
        return [(end, length)] if length else []

    def _of_vehicles(self, start: int, end: int) -> bool:
        """Where a counter may stand between, a name that follows or stands before, else one that follows at once."""
        if self.reader.starts(self.reader.vehicle, self.tokens, end, beginnings=True):
            return True
        counted = self.tokens[start - 1 : start] if self.reader.unspaced else ()
        return _VEHICLE in (*self.tokens[end : end + 1 + self.reader.unspaced], *counted)

    def _vague(self, at: int) -> Iterator[tuple[int, str, int | str]]:
        reader, tokens = self.reader, self.tokens
        length = reader.starts(reader.vague, tokens, at)
        denied = reader.starts(reader.unless_before.get(tokens[at : at + length], ()), tokens, at + length)
        if length and not denied and not reader.number(tokens, at + length):
            yield length + (2 if reader.unspaced else 1), "", 0  # with what there is some of

    def _percent(self, at: int) -> Iterator[tuple[int, str, int | str]]:
        reader, tokens = self.reader, self.tokens
        before = reader.starts(reader.percent_first, tokens, at)
        if number := reader.number(tokens, at + before):
            after = reader.starts(reader.percent, tokens, at + number[1], beginnings=True)
            if before or after:
                yield before + number[1] + after, "percent", number[0]

    def _counts(self, at: int) -> Iterator[tuple[int, str, int | str]]:
        if number := self.reader.number(self.tokens, at):
            yield number[1], "count", number[0]

    def _spans(self, at: int) -> Iterator[tuple[int, str, int | str]]:
        """A span of time, and of several that follow each other the sum: "an hour and twenty minutes"."""
        total, end = 0, at
        for gap in (0, 1):
            spanned = self._span(end + gap if total else at)
            if spanned and (not total or spanned[0] < total):
                total, end = total + spanned[0], (end + gap if total else at) + spanned[1]
        if total:
            yield end - at, "seconds", total

    def _span(self, at: int) -> tuple[int, int] | None:
        reader, tokens = self.reader, self.tokens
        if number := reader.number(tokens, at):
            value, length = number
            if unit := reader.unit(tokens, at + length):
                return value * unit[0], length + unit[1]
        return reader.phrase(reader.spans, tokens, at)

    def _times(self, at: int) -> Iterator[tuple[int, str, int | str]]:
        for minutes, length in self.reader.times(self.tokens, at):
            for time in self._shown(minutes):
                yield length, "time", time

    def _shown(self, minutes: int) -> Iterator[str]:
        """The time of day that is meant; both where nobody knows."""
        minutes %= _DAY_MIN
        either = [minutes, (minutes + _HALF_DAY_MIN) % _DAY_MIN] if 0 < minutes < _HALF_DAY_MIN + 60 else [minutes]
        if len(either) > 1 and self.now and (shown := _minutes_of(self.now)) is not None:
            ahead = [((each - shown + _GONE_MIN) % _DAY_MIN, each) for each in either]
            either = [min(ahead)[1]]
        yield from (f"{each // 60:02d}:{each % 60:02d}" for each in either)


def _minutes_of(now: str) -> int | None:
    try:
        shown = datetime.fromisoformat(now)
    except ValueError:
        return None
    return shown.hour * 60 + shown.minute
