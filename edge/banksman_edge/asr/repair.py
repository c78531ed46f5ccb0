"""Words of the site in place of what sounds like them, for the recogniser to judge.

A beam search gives up a name early when its first letters seem unlikely, though the whole of it would fit the
sound best. Here, whatever in a text sounds like a name, or like a word of orders and is none, is replaced by it; the
decoder then says how likely each of these texts is, given the sound. Nothing is decided by the likeness itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
from rapidfuzz import fuzz, process

from banksman_edge.asr.lexicon import Vocabulary
from banksman_edge.phonetics import spelt_out

MIN_ALIKE = 0.55
"""Likeness of sounds, 0 to 1, from which a name is tried."""
EQUAL_LENGTH = 0.6
"""The shorter of two sounds that are alike, as a share of the longer: what was said is not left out."""
SHORTEST_WORD = 4
"""Letters of sound that a word needs to be tried; short ones sound like everything."""
WORDS_ALIKE = 0.7
BORDERS = 2
"""How many borders are tried for a name: what stands beside it may have been misheard with it."""
MIN_NUMBERED = 0.4
"""Likeness from which a name with the number that was written is tried."""
NUMBERS_ALIKE = 0.5
"""Likeness of the sounds of two numbers from which one may have been heard for the other."""
MOST_NAMES = 10_000
"""Spellings that are compared, the shortest first. A thousand vehicles have 145,000 in Japanese, with all words and
counters of their numbers, and comparing all took 1.7 s a text."""
PER_PLACE = 4
LETTER_COST = 0.5
"""Nats for each letter of sound that is put in or left out."""
UNDERSTOOD_COST = 1.0
"""Nats for replacing words of orders, by the share of the stretch that they are."""
USUAL_DOUBT = 0.2
"""Nats for each letter of a text of which only the letters are known."""
_WORDS = re.compile(r"[^\s]+")
_NUMBER = re.compile(r"[0-9]+")
_NUMBER_OR_LETTER = re.compile(r"\d+|[^\W_]")
_MARKED_NUMBER = re.compile(r"8([0-9])(?=号)")
_MOST_WORDS = 4
_MOST_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of a text, by characters, and its sound."""

    start: int
    end: int
    text: str
    sound: str
    known: bool
    """Whether it is a word of orders as it stands."""
    named: bool
    """Whether it is a name."""

    def spares(self, name: _Place) -> bool:
        """Whether a name that was heard right is left whole, or becomes part of a longer one."""
        return not self.meets(name) or (name.within(self) and self.end - self.start > name.end - name.start)

    def as_it_is(self, named: Sequence[_Place]) -> float:
        """How much its sound is that of a name in it, in per cent: what takes its place must be more alike."""
        return max((fuzz.ratio(self.sound, name.sound) for name in named if name.within(self)), default=0.0)

    def meets(self, other: _Place) -> bool:
        """Whether they overlap."""
        return self.start < other.end and other.start < self.end

    def within(self, other: _Place) -> bool:
        """Whether the other stretch has all of this one."""
        return other.start <= self.start and self.end <= other.end


@dataclass(frozen=True, slots=True)
class _Change:
    """``entry`` in place of a stretch; ``cost``: nats that speak against it."""

    place: _Place
    entry: str
    cost: float

    def made(self, text: str) -> Iterator[str]:
        """The text with it, and where the same is said twice, with it in both places."""
        before, after = text[: self.place.start], text[self.place.end :]
        yield before + _cased(self.entry, before) + after
        if self.place.text in after.casefold():
            again = re.compile(rf"\b{re.escape(self.place.text)}\b", re.IGNORECASE)
            yield before + _cased(self.entry, before) + again.sub(lambda _: self.entry, after)


@dataclass(frozen=True, slots=True)
class _Table:
    """What may be put in, with its sounds. ``least``: likeness from which it is tried; ``most``: texts made of it;
    ``over_known``: whether it may take the place of words of orders that do not sound the same."""

    entries: Sequence[str]
    sounds: Sequence[str]
    least: float
    most: int
    over_known: bool

    def alike(self, places: Sequence[_Place]) -> Iterator[tuple[_Place, str, str, float]]:
        """Entries that sound like one of the stretches: their spelling, sound, and likeness in per cent."""
        heard = [place.sound for place in places]
        # All at once, which took half to a fifth of the time of one after another.
        likeness = process.cdist(heard, self.sounds, scorer=fuzz.ratio, score_cutoff=self.least * 100)
        for place, scores in zip(places, likeness, strict=True):
            least = 100.0 if place.known and not self.over_known else self.least * 100
            near = np.flatnonzero(scores >= least)
            for at in near[np.argsort(-scores[near], kind="stable")][:PER_PLACE]:
                sound, score = self.sounds[at], float(scores[at])
                shorter, longer = sorted((len(place.sound), len(sound)))
                if shorter >= EQUAL_LENGTH * longer:
                    yield place, self.entries[at], sound, score


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Names by their number. Where a recogniser writes the number of a name and not the name, any that has this number
    may have been said, however little it sounds like what was written."""

    entries: Mapping[str, Sequence[tuple[str, str]]]
    most: int = 6

    @classmethod
    def of(cls, names: Sequence[str], sounds: Sequence[str]) -> _Numbered:
        entries: dict[str, list[tuple[str, str]]] = {}
        for name, sound in zip(names, sounds, strict=True):
            if len(numbers := _NUMBER.findall(name)) == 1:
                entries.setdefault(numbers[0], []).append((name, sound))
        return cls(entries)

    def alike(self, places: Sequence[_Place]) -> Iterator[tuple[_Place, str, str, float]]:
        """Names with the number of one of the stretches: their spelling, sound, and likeness in per cent."""
        for place in places:
            if place.named or len(numbers := _NUMBER.findall(place.text)) != 1:
                continue
            begins, ends = place.text.find(numbers[0]), place.text.endswith(numbers[0])
            for name, sound in self.entries.get(numbers[0], ()):
                score = fuzz.ratio(place.sound, sound)
                same = begins == name.find(numbers[0]) or ends  # the number stands on the same side of the name
                if same and name.endswith(numbers[0]) == ends and score >= MIN_NUMBERED * 100:
                    yield place, name, sound, score


class SoundAlikes:
    """Finds what in a text may be a misheard name, in one language."""

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        self._language, self._spaced, self._read_out = language, vocabulary.spaced, vocabulary.read_out
        shortest = sorted(vocabulary.names, key=lambda name: (len(name), name))[:MOST_NAMES]
        heard_apart = _heard_apart(self._sounds(shortest))
        names, spelt = list(heard_apart), list(heard_apart.values())
        self._known = frozenset(word.casefold() for word in vocabulary.words)
        self._named = frozenset(name.casefold() for name in vocabulary.names)
        sounds = self._sounds(sorted(vocabulary.words - vocabulary.names))
        words = [word for word, sound in sounds.items() if len(sound) >= SHORTEST_WORD]
        pairs = self._sounds(sorted(vocabulary.pairs))
        self._tables: tuple[_Table | _Numbered, ...] = (
            _Table(names, spelt, MIN_ALIKE, 16, over_known=True),
            _Numbered.of(names, spelt),
            _Table(list(pairs), list(pairs.values()), MIN_ALIKE, PER_PLACE, over_known=True),
            _Table(words, [sounds[word] for word in words], WORDS_ALIKE, 4, over_known=False),
        )
        self._longest = max(map(len, (*spelt, *map(sounds.__getitem__, words))), default=0) * 1.5
        self._changes = lru_cache(maxsize=64)(self._found)

    def repaired(self, text: str, doubts: Sequence[float] = ()) -> tuple[str, ...]:
        """Texts with one stretch replaced by something that sounds like it, likeliest first.

        ``doubts``: by character, by how many nats the recogniser was surprised to hear it. What replaces a stretch can
        gain no more than its surprise.
        """
        summed = [0.0, *accumulate(doubts or [USUAL_DOUBT] * len(text))]
        changed: dict[str, None] = {}
        for most, changes in self._changes(text):
            gains = [
                (summed[change.place.end] - summed[change.place.start] - change.cost, change) for change in changes
            ]
            for change in _spread([change for _, change in sorted(gains, key=lambda one: -one[0])], most):
                changed.update(dict.fromkeys(change.made(text)))
        changed.update(dict.fromkeys(_with_object_marker(text) if self._language == "zh" else ()))
        changed.pop(text, None)
        return tuple(changed)

    def _found(self, text: str) -> tuple[tuple[int, tuple[_Change, ...]], ...]:
        """By table: how many changes are made at most, and all that are possible."""
        places = [place for place in self._places(text) if 2 <= len(place.sound) <= self._longest]
        named = [place for place in places if place.named]
        places = [place for place in places if all(place.spares(name) for name in named)]
        if not places or not self._named:
            return ()
        understood = {
            at for place in places if place.known and len(place.text) > 1 for at in range(place.start, place.end)
        }
        return tuple(
            (
                table.most,
                tuple(
                    _Change(place, entry, _cost(place, sound, score, understood))
                    for place, entry, sound, score in table.alike(places)
                    if score > place.as_it_is(named)
                    and not _joined_digits(text, place, entry)
                    and self._same_number(place.text, entry)
                ),
            )
            for table in self._tables
        )

    def _places(self, text: str) -> Iterator[_Place]:
        units = self._units(text)
        most = _MOST_WORDS if self._spaced else _MOST_CHARACTERS
        for first, (start, _) in enumerate(units):
            for _, end in units[first : first + most]:
                part = text[start:end].casefold()
                yield _Place(start, end, part, self._sound(part), part in self._known, part in self._named)

    def _sounds(self, words: Sequence[str]) -> dict[str, str]:
        """The words with their sounds; in Chinese without those in traditional characters that sound like others in
        simplified ones, which recognisers prefer."""
        sounds = {word: self._sound(word) for word in words}
        if self._language != "zh":
            return sounds
        simplified = {sound for word, sound in sounds.items() if _is_simplified(word)}
        return {word: sound for word, sound in sounds.items() if _is_simplified(word) or sound not in simplified}

    def _sound(self, text: str) -> str:
        """Its sound, numbers in digits as they are read out."""
        read_out = _NUMBER.sub(lambda number: self._read_out.get(number[0], number[0]), text)
        return spelt_out(read_out, self._language)

    def _same_number(self, heard: str, entry: str) -> bool:
        """Whether an entry's number sounds like the one in its place, where both have one: a clear "four" is no "seven"
        for being the number of a place."""
        numbers = [self._sound(found[0]) for written in (heard, entry) if len(found := _NUMBER.findall(written)) == 1]
        return len(numbers) < 2 or fuzz.ratio(*numbers) >= NUMBERS_ALIKE * 100

    def _units(self, text: str) -> Sequence[tuple[int, int]]:
        """Where words, or characters, start and end, without punctuation around them."""
        if not self._spaced:
            return [one.span() for one in _NUMBER_OR_LETTER.finditer(text)]
        units = []
        for word in _WORDS.finditer(text):
            spoken = [at for at in range(*word.span()) if unicodedata.category(text[at])[0] not in "PS"]
            if spoken:
                units.append((spoken[0], spoken[-1] + 1))
        return units


def _with_object_marker(text: str) -> Iterator[str]:
    """Chinese in which a number that is the object was heard with its marker: 把九号, 把十九号 are written 89号."""
    if found := _MARKED_NUMBER.match(text):
        yield from (f"把{number}{text[found.end() :]}" for number in (found[1], f"1{found[1]}"))


def _joined_digits(text: str, place: _Place, entry: str) -> bool:
    """Whether another number comes of it: 84号小车 is no 841号小车, and "poste 4" no "poste 1 4"."""
    borders = (text[: place.start].rstrip()[-1:] + entry[:1], entry[-1:] + text[place.end :].lstrip()[:1])
    return any(len(border) == 2 and border.isdecimal() for border in borders)


def _cost(place: _Place, sound: str, score: float, understood: Collection[int]) -> float:
    """What speaks against a change, in nats. ``score``: how alike the stretch and the ``sound`` are, in per cent;
    ``understood``: characters of words of orders."""
    letters = (1 - score / 100) * (len(place.sound) + len(sound))
    share = sum(at in understood for at in range(place.start, place.end)) / (place.end - place.start)
    return LETTER_COST * letters + UNDERSTOOD_COST * share


def _spread(changes: Sequence[_Change], most: int) -> list[_Change]:
    """The first ``most``, no name more than :data:`BORDERS` times for stretches that overlap."""
    kept: list[_Change] = []
    for change in changes:
        if sum(change.entry == other.entry and change.place.meets(other.place) for other in kept) < BORDERS:
            kept.append(change)
        if len(kept) == most:
            break
    return kept


def _heard_apart(sounds: Mapping[str, str]) -> dict[str, str]:
    """The names with their sounds, without number words where digits do, which recognisers prefer."""
    digits = {sound for name, sound in sounds.items() if _has_digits(name)}
    return {name: sound for name, sound in sounds.items() if _has_digits(name) or sound not in digits}


def _is_simplified(word: str) -> bool:
    """Whether none of its Chinese characters is missing in the character set of the simplified ones."""
    return all(char < "\u3400" or char.encode("gb2312", "ignore") for char in word)


def _has_digits(name: str) -> bool:
    return any(char.isdecimal() for char in name)


def _cased(known: str, before: str) -> str:
    """A name or word as it is written after these."""
    return known if before.rstrip() and before.rstrip()[-1] not in ".!?" else known[:1].upper() + known[1:]
