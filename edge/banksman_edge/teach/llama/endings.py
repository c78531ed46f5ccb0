"""Endings that follow the sound of the word before them, for languages that write them onto it.

A phrase has them after "~" as the language's own tables do (``[inflection]`` in ``nlu/data/tr.toml``): A and I are
vowels and D a consonant that go with the word, and a y, s or n before a vowel stands after vowels only. "Rampa 3~DAn"
is "Rampa 3'ten", "kapı~yA" is "kapıya".
"""

from __future__ import annotations

import re
from functools import cache

from banksman_edge.nlu.numbers import number_words

_ENDING = re.compile(r"([^~\ue000\ue001\ue002]*)(\ue002?)~([A-Za-z]+)")
_HIGH = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
_BUFFERS = re.compile("[ysn][AIl]")
_VOICELESS = "fstkçşhp"
_SOFT = {"k": "ğ", "p": "b", "ç": "c"}
"""What these become before a vowel, at the end of words of several syllables."""


def with_endings(text: str) -> str:
    """A composed sentence with its endings written out, within the mark of a name where they follow one."""
    return _ENDING.sub(lambda found: attached(found[1], found[3], name=bool(found[2])) + found[2], text)


def attached(words: str, ending: str, *, name: bool = False) -> str:
    """Words with an ending; in a ``name`` of several words, the last has the ending of a compound ("soğuk deposu")."""
    *_, last = words.split(" ")
    digits = last.isdecimal()
    spoken = number_words("tr", int(last))[0] if digits else last
    sound = spoken.replace("İ", "i").replace("I", "ı").lower()
    vowels = [letter for letter in sound if letter in _HIGH]
    vowel = vowels[-1] if vowels else "e"
    after_vowel = sound[-1:] in _HIGH
    if _is_compound(words, sound, name=name) and not digits:
        ending = {"yA": "nA", "yI": "nI"}.get(ending, f"n{ending}" if ending.startswith("D") else ending)
    if _BUFFERS.match(ending) and not after_vowel:
        ending = ending[1:]
    if ending[0] in "AI" and not digits:
        words = _softened(words, many=len(vowels) > 1 and last == last.lower())
    return words + ("'" if digits else "") + _in_harmony(ending, vowel, sound[-1:] or "e")


def _is_compound(words: str, sound: str, *, name: bool) -> bool:
    if name and " " in words:
        return sound[-1:] in {"ı", "i", "u", "ü"} and sound not in _numerals()
    return sound.endswith(("si", "sı")) and not name


@cache
def _numerals() -> frozenset[str]:
    return frozenset(word for number in range(100) for said in number_words("tr", number) for word in said.split(" "))


def _softened(words: str, *, many: bool) -> str:
    if words.endswith("dört"):
        return f"{words[:-1]}d"
    after_vowel = words[-2:-1].lower() in _HIGH
    return words[:-1] + _SOFT.get(words[-1:], words[-1:]) if many and after_vowel else words


def _in_harmony(ending: str, vowel: str, before: str) -> str:
    written = ""
    for letter in ending:
        sounds = {"A": "a" if vowel in "aıou" else "e", "I": _HIGH[vowel], "D": "t" if before in _VOICELESS else "d"}
        before = sounds.get(letter, letter)
        vowel = before if before in _HIGH else vowel
        written += before
    return written
