"""The names of a site as one spoken language says them, whichever language they are written in, and how alike words
are.

Names of every language are known in each: an operator says "Forklift zwei" on a site whose names are English. A name
takes the endings of the language that it is written in, and, where the spoken language has no name of its own for the
thing, those of the spoken language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from banksman_edge.phonetics import alike, loan_sound, sound_of, spellings_of
from banksman_edge.understanding.entities.mention import What
from banksman_edge.understanding.text.inflection import PLURAL
from banksman_edge.understanding.text.language import Language, language_of
from banksman_edge.understanding.text.tokens import Tokens, is_unspaced, joined, tokens_of
from banksman_shared.site import Site

EXACT_UP_TO = 3
"""Names of so few characters must match exactly: everything is similar to them."""
SAME_SOUND = 0.97
"""Likeness of what sounds the same."""
SIMILAR = 0.82
"""Least likeness of words and a name."""
_EACH_WORD = 0.76
"""And of each word of a name by itself: "washing line west" is not "washing line east"."""
_STRANGER, _LEAST_SOUND, _ALIKE_ALOUD = 0.05, 5, 0.8
"""So much less than its likeness is a name believed that words only sound like, of so many letters of sound at least
and from this likeness on."""
_ALIKE = 0.86
"""Least likeness of sounds of Chinese and Japanese names, which are short."""
_BORROWED = 0.85
"""Least likeness of a word in the spoken language's script and a name in Latin letters, by their consonants."""
_LEAST_CONSONANTS = 2
_EXACT_SOUND = 3
"""Consonants up to which they must be the same."""
_SHORT = 3
"""Letters of a kind's name up to which one consonant is enough beside a number: "bay" in बे तीन."""
SHORT_SOUND = 0.9
"""How alike such a word and a name are."""
_MOST_CHARACTERS = 8
_SOUND_LENGTH = 4
"""Letters of sound from which Chinese and Japanese names are compared by it."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of ``id``. ``forms``: for each of its ``tokens`` the forms that it may take, with the roles that their
    endings give; ``own``: it is a name in the spoken language, or there is none, so that misheard words may mean it."""

    what: What
    id: str
    tokens: Tokens
    forms: tuple[Mapping[str, str], ...]
    joined: str
    sound: str
    own: bool

    def role(self, tokens: Tokens) -> str:
        """What the ending of the last word says; that there are several, any of them says."""
        roles = [form.get(token, "") for form, token in zip(self.forms, tokens, strict=False)]
        return (roles[-1] if roles else "") or (PLURAL if PLURAL in roles else "")


def names_of(site: Site, spoken: Language) -> Iterator[Name]:
    """All names of a site for a spoken language."""
    tables: tuple[tuple[What, Mapping[str, Mapping[str, tuple[str, ...]]]], ...] = (
        (What.VEHICLE, {key: one.names for key, one in site.vehicles.items()}),
        (What.PLACE, {key: one.names for key, one in site.places.items()}),
        (What.GROUP, {key: one.names for key, one in site.groups.items()}),
        (What.VEHICLE_KIND, {key: one.names for key, one in site.vehicle_kinds.items()}),
        (What.PLACE_KIND, {key: one.names for key, one in site.place_kinds.items()}),
        (What.ZONE, {key: one.names for key, one in site.rules.zones.items()}),
    )
    for what, things in tables:
        for key, names in things.items():
            for code, own in names.items():
                spoken_here = code == spoken.code or spoken.code not in names
                for name in own:
                    for spelling in spellings_of(name, code):
                        yield _name(what, key, spelling, code, spoken, own=spoken_here)


def _name(what: What, key: str, text: str, code: str, spoken: Language, *, own: bool) -> Name:
    tokens = tokens_of(text)
    forms = language_of(code).inflection.forms_of_words(text)
    if own and code != spoken.code:
        also = spoken.inflection.forms_of_words(text)
        forms = tuple(one | other for one, other in zip(also, forms, strict=True))
    whole = joined(tokens)
    return Name(what, key, tokens, forms, whole, sound_of(whole, spoken.code), own)


class NameIndex:
    """Finds the names that some words may be. ``known``: words of the language, which are no misheard names;
    ``never_borrowed``: words, and characters where words are not set apart, that write no name of another script."""

    def __init__(
        self, names: Sequence[Name], spoken: Language, known: frozenset[str], never_borrowed: frozenset[str]
    ) -> None:
        self._names, self._spoken, self._known, self._never_borrowed = names, spoken, known, never_borrowed
        self.longest = max((len(name.tokens) for name in names), default=0)
        self._first: dict[str, list[Name]] = {}
        for name in names:
            for form in name.forms[0] if name.forms else ():
                self._first.setdefault(form, []).append(name)
        self._own = [name for name in names if name.own]
        self._latin = [(name, loan_sound(name.joined, spoken.code)) for name in self._own if name.joined.isascii()]
        self._latin = [(name, sound) for name, sound in self._latin if sound]
        self._spelt = [name.joined for name in self._own]
        self._sounds = [name.sound for name in self._own]
        self._similar = lru_cache(maxsize=4096)(self._similar_to)

    def at(
        self, tokens: Tokens, start: int, *, similar: float = SIMILAR, pauses: frozenset[int] = frozenset()
    ) -> Iterator[tuple[Name, int, float, str]]:
        """Names that begin at a token, with their end, likeness 0 to 1, and what is written onto the first word; none
        of them is said across one of the ``pauses``, unless it is written as it is."""
        exact = False
        for head, before in self._heads(tokens[start]):
            for name in self._first.get(head, ()):
                end = start + len(name.tokens)
                rest = zip(tokens[start + 1 : end], name.forms[1:], strict=False)
                if end <= len(tokens) and all(token in form for token, form in rest):
                    exact = True
                    yield name, end, 1.0, before
        borrowed = list(self._borrowed_at(tokens, start, pauses)) if not exact else []
        yield from borrowed
        for length in range(1, min(self.longest + 1, len(tokens) - start) + 1) if not exact and not borrowed else ():
            part = tokens[start : start + length]
            for name, score in self._similar(part):
                if score >= similar:
                    yield name, start + length, score, ""

    def _borrowed_at(
        self, tokens: Tokens, start: int, pauses: frozenset[int]
    ) -> Iterator[tuple[Name, int, float, str]]:
        """Names of another script that begin at a token, written as they sound: フォークリフト, दॉक."""
        for text, end, before, sound in self._sounds_at(tokens, start, pauses, _LEAST_CONSONANTS):
            known = self._is_known(text, tokens[start:end])
            is_word = known and is_unspaced(text[0]) and not self._is_kana(tokens, start)  # 自己 is no charger
            for name, own in self._latin if not is_word else ():
                if known and name.what not in (What.VEHICLE_KIND, What.PLACE_KIND):
                    continue
                long = min(len(sound), len(own)) > _EXACT_SOUND
                score = alike(sound, own) if long else float(sound == own)
                if score >= _BORROWED:
                    yield name, end, SAME_SOUND * score, before

    def short_kinds_at(self, tokens: Tokens, start: int, pauses: frozenset[int]) -> Iterator[tuple[Name, int, str]]:
        """Kinds of so short a name that a word which sounds like it means it only beside a number, with the word's end
        and what is written onto it: बे तीन for "bay three"."""
        for _, end, before, sound in self._sounds_at(tokens, start, pauses, 1):
            borrowed = self._is_kana(tokens, start) or self._never_borrowed.isdisjoint(tokens[start:end])
            for name, own in self._latin if len(sound) < _LEAST_CONSONANTS and borrowed else ():
                if sound == own and name.what in (What.VEHICLE_KIND, What.PLACE_KIND) and len(name.joined) <= _SHORT:
                    yield name, end, before

    def _sounds_at(
        self, tokens: Tokens, start: int, pauses: frozenset[int], least: int
    ) -> Iterator[tuple[str, int, str, str]]:
        """Words at a token that may be written as a name of another script sounds: the words, their end, what is
        written onto them, and their sound of at ``least`` so many consonants."""
        if tokens[start].isascii() or not self._latin:
            return
        if self._is_kana(tokens, start - 1) and start not in pauses:
            return
        last = min((at for at in pauses if at > start), default=len(tokens))
        if self._is_kana(tokens, start):
            end = next((at for at in range(start, last) if not self._is_kana(tokens, at)), last)
            texts = [("".join(tokens[start:end]), end, "")]
        elif is_unspaced(tokens[start][0]):
            texts = list(self._characters_from(tokens[:last], start))
        else:
            heads = list(self._heads(tokens[start]))
            texts = [(head, start + 1, before) for head, before in heads]
            texts += [(head + tokens[start + 1], start + 2, before) for head, before in heads if start + 2 <= last]
        for text, end, before in texts:
            sound = loan_sound(text, self._spoken.code)
            if len(sound) >= least and len(text) > 1:
                yield text, end, before, sound

    def _is_known(self, text: str, tokens: Tokens) -> bool:
        return text in self._known or (not is_unspaced(text[0]) and self._known.issuperset(tokens))

    def _characters_from(self, tokens: Tokens, start: int) -> Iterator[tuple[str, int, str]]:
        """What may be written by its sound in Chinese characters: 福克利夫特."""
        text = ""
        for at in range(start, min(start + _MOST_CHARACTERS, len(tokens)) if self._spoken.code == "zh" else start):
            if not is_unspaced(tokens[at][0]) or tokens[at] in self._never_borrowed:
                return
            text += tokens[at]
            if len(text) > 1:
                yield text, at + 1, ""

    @staticmethod
    def _is_kana(tokens: Tokens, at: int) -> bool:
        return 0 <= at < len(tokens) and "\u30a1" <= tokens[at][0] <= "\u30fc"

    def _heads(self, token: str) -> Iterator[tuple[str, str]]:
        """A token, and what is left of it without the words written onto it."""
        yield token, ""
        waiting = [(token, "")]
        while waiting:
            rest, before = waiting.pop()
            for prefix in self._spoken.inflection.prefixes:
                if rest.startswith(prefix) and len(rest) > len(prefix) + 1:
                    shorter = rest[len(prefix) :]
                    taken = f"{before}{prefix}"
                    waiting.append((shorter, taken))
                    yield shorter, taken

    def _similar_to(self, tokens: Tokens) -> tuple[tuple[Name, float], ...]:
        heard = joined(tokens)
        if heard.isdigit() or len(heard) <= EXACT_UP_TO - is_unspaced(heard[0]) or heard[-1].isdigit():
            return ()
        spaced = not is_unspaced(heard[0])
        known = spaced and all(token in self._known for token in tokens)
        sound = sound_of(heard, self._spoken.code)
        near = {at for _, _, at in process.extract(heard, self._spelt, scorer=fuzz.ratio, score_cutoff=55, limit=None)}
        near |= {
            at for _, _, at in process.extract(sound, self._sounds, scorer=fuzz.ratio, score_cutoff=70, limit=None)
        }
        found = []
        for name in (self._own[at] for at in sorted(near)):
            score = 0.0 if known else self._likeness(tokens, heard, sound, name)
            if spaced and score < SIMILAR:
                score = max(score, self._sounds_like(sound, name))
            found += [(name, score)] if score > 0 else []
        return tuple(found)

    @staticmethod
    def _sounds_like(sound: str, name: Name) -> float:
        """Less than :data:`SIMILAR`, where words only sound like a name: "farmasee", "cold stool"."""
        if min(len(sound), len(name.sound)) < _LEAST_SOUND or is_unspaced(name.joined[0]):
            return 0.0
        score = alike(sound, name.sound)
        return min(score - _STRANGER, SIMILAR - _STRANGER) if score >= _ALIKE_ALOUD else 0.0

    @staticmethod
    def _likeness(tokens: Tokens, heard: str, sound: str, name: Name) -> float:
        """How alike some words and a name are, 0 to 1, by sound or by spelling."""
        if len(name.joined) <= EXACT_UP_TO - is_unspaced(name.joined[0]):
            return 0.0
        if is_unspaced(name.joined[0]):
            if not is_unspaced(heard[0]) or abs(len(tokens) - len(name.tokens)) > 1 or len(name.sound) < _SOUND_LENGTH:
                return 0.0
            if sound == name.sound:
                return SAME_SOUND
            score = alike(sound, name.sound) if len(tokens) == len(name.tokens) else 0.0
            same_end = heard[0] == name.joined[0] or heard[-1] == name.joined[-1]
            return score if score >= _ALIKE and same_end else 0.0
        if sound == name.sound and len(sound) > EXACT_UP_TO:
            return SAME_SOUND
        if len(tokens) == len(name.tokens):
            each = [fuzz.ratio(one, other) / 100 for one, other in zip(tokens, name.tokens, strict=True)]
            return fuzz.ratio(heard, name.joined) / 100 if len(each) == 1 or min(each) >= _EACH_WORD else 0.0
        close = abs(len(tokens) - len(name.tokens)) == 1 and len(name.joined) > 2 * EXACT_UP_TO
        score = fuzz.ratio(heard, name.joined) / 100
        return score if close and score >= 0.9 else 0.0
