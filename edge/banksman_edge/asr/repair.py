"""Words of the site in place of what sounds like them, for the recogniser to judge.

A beam search gives up a name early when its first letters seem unlikely, though the whole of it would fit the
sound best. Here, whatever in a text sounds like a name, or like a word of orders and is none, is replaced by it; the
decoder then says how likely each of these texts is, given the sound. Nothing is decided by the likeness itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from banksman_edge.asr.lexicon import Vocabulary
from banksman_edge.phonetics import spelt_out

MIN_ALIKE = 0.55
"""Likeness of sounds, 0 to 1, from which a name is tried."""
EQUAL_LENGTH = 0.7
"""The shorter of two sounds that are alike, as a share of the longer: what was said is not left out."""
SHORTEST_WORD = 4
"""Letters of sound that a word needs to be tried; short ones sound like everything."""
WORDS_ALIKE = 0.7
MOST_NAMES = 10_000
"""Spellings that are compared, the shortest first. A thousand vehicles have 145,000 in Japanese, with all words and
counters of their numbers, and comparing all took 1.7 s a text."""
PER_PLACE = 4
_WORDS = re.compile(r"[^\s]+")
_MOST_WORDS = 4
_MOST_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of a text, by characters, and its sound."""

    start: int
    end: int
    sound: str
    known: bool
    """Whether it is a word of orders as it stands."""
    named: bool
    """Whether it is a name."""

    def spares(self, name: _Place) -> bool:
        """Whether a name that was heard right is left whole, or becomes part of a longer one."""
        apart = self.end <= name.start or name.end <= self.start
        longer = self.start <= name.start and name.end <= self.end and self.end - self.start > name.end - name.start
        return apart or longer


@dataclass(frozen=True, slots=True)
class _Table:
    """What may be put in, with its sounds. ``least``: likeness from which it is tried; ``most``: texts made of it;
    ``over_known``: whether it may take the place of words of orders."""

    entries: Sequence[str]
    sounds: Sequence[str]
    least: float
    most: int
    over_known: bool

    def alike(self, place: _Place) -> Iterator[tuple[str, float]]:
        """Entries that sound like a stretch, with their likeness in per cent."""
        if place.known and not self.over_known:
            return
        for sound, score, index in process.extract(
            place.sound, self.sounds, scorer=fuzz.ratio, score_cutoff=self.least * 100, limit=PER_PLACE
        ):
            shorter, longer = sorted((len(place.sound), len(sound)))
            if shorter >= EQUAL_LENGTH * longer:
                yield self.entries[index], score


class SoundAlikes:
    """Finds what in a text may be a misheard name, in one language."""

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        self._language, self._spaced = language, vocabulary.spaced
        names = sorted(vocabulary.names, key=lambda name: (len(name), name))[:MOST_NAMES]
        self._known = frozenset(word.casefold() for word in vocabulary.words)
        self._named = frozenset(name.casefold() for name in vocabulary.names)
        sounds = {word: spelt_out(word, language) for word in sorted(vocabulary.words - vocabulary.names)}
        words = [word for word, sound in sounds.items() if len(sound) >= SHORTEST_WORD]
        self._tables = (
            _Table(names, [spelt_out(name, language) for name in names], MIN_ALIKE, 10, over_known=True),
            _Table(words, [sounds[word] for word in words], WORDS_ALIKE, 5, over_known=False),
        )
        self._longest = max((len(sound) for table in self._tables for sound in table.sounds), default=0) * 1.5
        self.repaired = lru_cache(maxsize=64)(self._repaired)

    def _repaired(self, text: str) -> tuple[str, ...]:
        """Texts with one stretch replaced by something that sounds like it, likeliest first."""
        places = [place for place in self._places(text) if 2 <= len(place.sound) <= self._longest]
        named = [place for place in places if place.named]
        places = [place for place in places if all(place.spares(name) for name in named)]
        if not places or not self._tables[0].entries:
            return ()
        texts: list[str] = []
        for table in self._tables:
            found: dict[str, float] = {}
            for place in places:
                for known, score in table.alike(place):
                    changed = text[: place.start] + _cased(known, text[: place.start]) + text[place.end :]
                    if changed != text:
                        found[changed] = max(score * len(place.sound) ** 0.25, found.get(changed, 0.0))
            texts += sorted(found, key=lambda changed: -found[changed])[: table.most]
        return tuple(texts)

    def _places(self, text: str) -> Iterator[_Place]:
        units = self._units(text)
        most = _MOST_WORDS if self._spaced else _MOST_CHARACTERS
        for first, (start, _) in enumerate(units):
            for _, end in units[first : first + most]:
                part = text[start:end].casefold()
                yield _Place(start, end, spelt_out(part, self._language), part in self._known, part in self._named)

    def _units(self, text: str) -> Sequence[tuple[int, int]]:
        """Where words, or characters, start and end, without punctuation around them."""
        if not self._spaced:
            return [(at, at + 1) for at, char in enumerate(text) if char.isalnum()]
        units = []
        for word in _WORDS.finditer(text):
            spoken = [at for at in range(*word.span()) if unicodedata.category(text[at])[0] not in "PS"]
            if spoken:
                units.append((spoken[0], spoken[-1] + 1))
        return units


def _cased(known: str, before: str) -> str:
    """A name or word as it is written after these."""
    return known if before.rstrip() and before.rstrip()[-1] not in ".!?" else known[:1].upper() + known[1:]
