"""Endings that follow the sound of the word before them, for languages that write them onto it.

A phrase has them after "~" as the language's own tables do (``[inflection]`` in ``nlu/data/tr.toml``): A and I are
vowels and D a consonant that go with the word, and a y, s or n before a vowel stands after vowels only. "Rampa 3~DAn"
is "Rampa 3'ten", "kapı~yA" is "kapıya". What follows "_" is a word of its own: "kapı~DA_mI" is "kapıda mı".
"""

from __future__ import annotations

import re
from functools import cache

from banksman_shared.numerals import number_words

_ENDING = re.compile(r"([^~\ue000\ue001\ue002]*)(\ue002?)~([A-Za-z]*)(_?)([A-Za-z]*)")
_HIGH = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
_BUFFERS = re.compile("[sn][AI]|y[AIDlms]")
_VOICELESS = "fstkçşhp"
_CLEAR = ("hol", "kontrol", "kabul", "terminal", "santral", "nepal", "senegal")
_FRONT = {"a": "e", "o": "ö", "u": "ü"}
"""The vowels that endings go with after the clear l of these words."""
_DOER = re.compile("[ıiuü]c[ıiuü]$")
_SOFT = {"k": "ğ", "p": "b", "ç": "c"}
"""What these become before a vowel, at the end of words of several syllables."""


def with_endings(text: str) -> str:
    """A composed sentence with its endings written out, within the mark of a name where they follow one."""
    return _ENDING.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    words, mark, ending, apart, particle = found.groups()
    if ending:
        words = attached(words, ending, name=bool(mark))
    return f"{words}{mark} {_in_harmony(particle, _last_vowel(_sound(words)), ' ')}" if apart else words + mark


def _sound(words: str) -> str:
    """The last word as it is spoken."""
    *_, last = words.split(" ")
    spoken = number_words("tr", int(last))[0] if last.isdecimal() else last
    return spoken.replace("İ", "i").replace("I", "ı").lower()


def _last_vowel(sound: str) -> str:
    vowel = next((letter for letter in reversed(sound) if letter in _HIGH), "e")
    return _FRONT.get(vowel, vowel) if sound.endswith(_CLEAR) else vowel


def attached(words: str, ending: str, *, name: bool = False) -> str:
    """Words with an ending; in a ``name`` of several words, the last has the ending of a compound ("soğuk deposu")."""
    *_, last = words.split(" ")
    digits, sound = last.isdecimal(), _sound(words)
    after_vowel = sound[-1:] in _HIGH
    if _is_compound(words, sound, name=name) and not digits:
        ending = {"yA": "nA", "yI": "nI"}.get(ending, f"n{ending}" if ending.startswith("D") else ending)
    if _BUFFERS.match(ending) and not after_vowel:
        ending = ending[1:]
    if ending[0] in "AI" and not digits:
        words = _softened(words, many=sum(letter in _HIGH for letter in sound) > 1 and last == last.lower())
    return words + ("'" if digits else "") + _in_harmony(ending, _last_vowel(sound), sound[-1:] or "e")


def _is_compound(words: str, sound: str, *, name: bool) -> bool:
    if not name:
        return sound.endswith(("si", "sı"))
    several = " " in words.rpartition(" numaralı ")[2]
    return several and sound[-1:] in {"ı", "i", "u", "ü"} and not _DOER.search(sound) and sound not in _numerals()


@cache
def _numerals() -> frozenset[str]:
    return frozenset(word for number in range(100) for said in number_words("tr", number) for word in said.split(" "))


def _softened(words: str, *, many: bool) -> str:
    if words.endswith(("dört", "bant")):
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


def plural_of(noun: str, language: str) -> str:
    """The plural as the language makes most of them; only for lessons, where a wrong one is one more misspelling."""
    if language == "tr":
        return attached(noun, "lAr")
    endings = {
        "en": (("s", "ses"), ("sh", "shes"), ("ch", "ches"), ("", "s")),
        "es": (("a", "as"), ("e", "es"), ("o", "os"), ("z", "ces"), ("", "es")),
        "fr": (("al", "aux"), ("eau", "eaux"), ("s", "s"), ("", "s")),
        "it": (("o", "i"), ("e", "i"), ("a", "e"), ("", "")),
        "pt": (("ão", "ões"), ("m", "ns"), ("l", "is"), ("r", "res"), ("", "s")),
        "ar": (("ة", "ات"), ("", "ات")),
        "hi": (("ी", "ियाँ"), ("ा", "े"), ("", "")),
        "nl": (("er", "ers"), ("el", "els"), ("en", "ens"), ("o", "o's"), ("y", "y's"), ("an", "anen"), ("", "s")),
        "pl": (("ek", "ki"), ("ka", "ki"), ("a", "y"), ("k", "ki"), ("g", "gi"), ("z", "ze"), ("", "y")),
        "sv": (("are", "are"), ("a", "or"), ("e", "ar"), ("in", "iner"), ("or", "orer"), ("", "ar")),
        "de": (("er", "er"), ("el", "el"), ("e", "en"), ("", "e")),
    }
    if language not in endings:
        return noun
    first, *rest = noun.split(" ")
    if language in ("en", "de", "hi", "nl", "sv"):
        *head, first = noun.split(" ")
        rest = []
    else:
        head = []
    old, new = next((old, new) for old, new in endings[language] if first.endswith(old))
    return " ".join([*head, first.removesuffix(old) + new, *rest])
