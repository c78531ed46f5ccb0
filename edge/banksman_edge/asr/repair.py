"""Names of the site in place of words that sound like them, for the recogniser to judge.

A beam search gives up a name early when its first letters seem unlikely, though the whole of it would fit the
sound best. Here, whatever in a text sounds like a name is replaced by it; the decoder then says how likely each
of these texts is, given the sound. Nothing is decided by the likeness itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from banksman_edge.asr.lexicon import Vocabulary
from banksman_edge.phonetics import sound_of

MIN_ALIKE = 0.55
"""Likeness of sounds, 0 to 1, from which a name is tried."""
CANDIDATES = 16
MOST_NAMES = 10_000
"""Spellings that are compared, the shortest first. A thousand vehicles have 145,000 in Japanese, with all words and
counters of their numbers, and comparing all took 1.7 s a text."""
PER_PLACE = 3
_WORDS = re.compile(r"[^\s]+")
_EDGE = re.compile(r"^\W+|\W+$")
_MOST_WORDS = 4
_MOST_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of a text, by characters, and its sound."""

    start: int
    end: int
    sound: str


class SoundAlikes:
    """Finds what in a text may be a misheard name, in one language."""

    def __init__(self, vocabulary: Vocabulary, language: str) -> None:
        self._language, self._spaced = language, vocabulary.spaced
        self._names = sorted(vocabulary.names, key=lambda name: (len(name), name))[:MOST_NAMES]
        self._sounds = [sound_of(name, language) for name in self._names]
        self._longest = max(map(len, self._sounds), default=0) * 1.5
        self.repaired = lru_cache(maxsize=64)(self._repaired)

    def _repaired(self, text: str) -> tuple[str, ...]:
        """Texts with one stretch replaced by a name that sounds like it, likeliest first."""
        places = [place for place in self._places(text) if 2 <= len(place.sound) <= self._longest]
        if not places or not self._names:
            return ()
        found: dict[str, float] = {}
        for place in places:
            alike = process.extract(
                place.sound, self._sounds, scorer=fuzz.ratio, score_cutoff=MIN_ALIKE * 100, limit=PER_PLACE
            )
            for _, score, index in alike:
                changed = text[: place.start] + self._names[index] + text[place.end :]
                if changed != text:
                    found[changed] = max(score * len(place.sound) ** 0.25, found.get(changed, 0.0))
        return tuple(sorted(found, key=lambda changed: -found[changed])[:CANDIDATES])

    def _places(self, text: str) -> Iterator[_Place]:
        units = self._units(text)
        most = _MOST_WORDS if self._spaced else _MOST_CHARACTERS
        for first, (start, _) in enumerate(units):
            for _, end in units[first : first + most]:
                yield _Place(start, end, sound_of(text[start:end], self._language))

    def _units(self, text: str) -> Sequence[tuple[int, int]]:
        """Where words, or characters, start and end, without punctuation around them."""
        if not self._spaced:
            return [(at, at + 1) for at, char in enumerate(text) if char.isalnum()]
        units = []
        for word in _WORDS.finditer(text):
            bare = _EDGE.sub("", word.group())
            if bare:
                start = word.start() + word.group().index(bare)
                units.append((start, start + len(bare)))
        return units
