"""What words sound like, in letters that can be compared across spellings and scripts.

No transcription for linguists: close enough that "doc" and "dock", 前引车 and 牵引车, サトル and シャトル or
"varkashap" and वर्कशॉप come out alike. Readings come from libraries (anyascii, pypinyin, sudachipy).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cache, lru_cache

from anyascii import anyascii
from pypinyin import Style, lazy_pinyin, pinyin
from rapidfuzz import fuzz
from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

_NOT_SOUND = re.compile(r"[^a-z0-9]")
_REPEATED = re.compile(r"([a-z])\1+")
_SPELT_ALIKE = (
    (re.compile(r"sch|sh|ch|tsch|tch"), "x"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"c(?=[eiy])|z|ç"), "s"),
    (re.compile(r"ck|qu|c|q"), "k"),
    (re.compile(r"h"), ""),
    (re.compile(r"w"), "v"),
    (re.compile(r"y|j"), "i"),
)
_SILENT_ENDING = re.compile(r"(?<=[^\W\d_])[tdsxzp]+\b")
"""Consonants that end a French word are rarely heard: "viens" is "vient", "mets" is "met"."""
_VOWELS_UNWRITTEN = frozenset({"hi", "ar", "fa", "ur", "he"})
"""Where a script leaves vowels out, or its romanisation does, consonants alone are compared."""
_VOWELS = re.compile(r"[aeiou]")
_FLAPPED = re.compile("\u095c|\u095d|[डढ]\u093c")
"""गोड़ी is heard for गौरी: ड़ is the flap between d and r."""
_HINDI_VOWELS = str.maketrans("ऐऔैौ", "एओेो")
_KANJI = re.compile(r"[\u3400-\u9fff]")
_PARTICLES = {"は": "ワ", "へ": "エ"}
"""Japanese particles are not pronounced as they are written."""


_tokenizing = threading.Lock()
"""A tokenizer that two threads use at once raises an error."""


@cache
def _japanese() -> Tokenizer:
    return Dictionary(dict="small").tokenizer(mode=SplitMode.C)


def _read_as(text: str, reading: Callable[[Morpheme], str]) -> str:
    """Japanese, each word of it by its reading."""
    with _tokenizing:
        return "".join(reading(word) for word in _japanese().tokenize(text))


@lru_cache(maxsize=16384)
def sound_of(text: str, language: str) -> str:
    """The text's sound in letters a to z and digits, without spaces; without vowels where they may be unwritten."""
    letters = spelt_out(text, language)
    if language in _VOWELS_UNWRITTEN:
        letters = _REPEATED.sub(r"\1", _VOWELS.sub("", letters))
    return letters


@lru_cache(maxsize=16384)
def spelt_out(text: str, language: str) -> str:
    """The same with all vowels that are written."""
    if language == "zh":
        written = "".join(lazy_pinyin(text))
    elif language == "ja":
        written = anyascii(_read_as(text, Morpheme.reading_form))
    elif language == "fr":
        written = anyascii(_SILENT_ENDING.sub("", text.casefold()))
    elif language == "hi":
        written = anyascii(_FLAPPED.sub("र", text).translate(_HINDI_VOWELS))
    else:
        written = anyascii(text)
    letters = _NOT_SOUND.sub("", written.casefold())
    if language not in ("zh", "ja"):
        for pattern, sound in _SPELT_ALIKE:
            letters = pattern.sub(sound, letters)
    return _REPEATED.sub(r"\1", letters)


def kana_of(text: str) -> str:
    """Japanese as it is read aloud: words with kanji in katakana, particles as they sound, the rest as it is."""
    return _read_as(text, _aloud)


_VOICED = str.maketrans("カキクケコサシスセソタチツテトハヒフヘホ", "ガギグゲゴザジズゼゾダヂヅデドバビブベボ")
_LAST_READ = {"場": "バ", "口": "グチ"}
"""How the last part of a name is read as well: 堆肥場, 出荷口."""


@lru_cache(maxsize=4096)
def spellings_of(name: str, language: str) -> tuple[str, ...]:
    """A name as recognisers may write it: in Japanese also in katakana, by its reading, where the last of several words
    may be voiced (道具小屋, ドウグゴヤ)."""
    if language != "ja" or not _KANJI.search(name):
        return (name,)
    with _tokenizing:
        *parts, last = [(word.surface(), _aloud(word)) for word in _japanese().tokenize(name)]
    readings = {last[1]}
    if parts and _KANJI.search(last[0]):
        readings |= {last[1][:1].translate(_VOICED) + last[1][1:], _LAST_READ.get(last[0], last[1])}
    before = "".join(reading for _, reading in parts)
    return (name, *sorted(before + reading for reading in readings))


def _aloud(word: Morpheme) -> str:
    written = str(word.surface())
    if word.part_of_speech()[0] == "助詞" and written in _PARTICLES:
        return _PARTICLES[written]
    return str(word.reading_form() if _KANJI.search(written) else written)


def alike(one: str, other: str) -> float:
    """How alike two sounds of :func:`sound_of` are, 0 to 1."""
    return fuzz.ratio(one, other) / 100


_SMALL_KANA = dict(zip("ァィゥェォャュョヮ", ("a", "i", "u", "e", "o", "ya", "yu", "yo", "wa"), strict=True))
_KANA_PAIR = re.compile(f"([\u30a1-\u30fa])([{''.join(_SMALL_KANA)}])")
_LOAN_SPELT = (
    (re.compile(r"(?<=[aeiou])gh"), ""),
    (re.compile(r"[ts]ion"), "son"),
    (re.compile(r"tch|ch|c(?=[eiy])|dg|dj|j"), "g"),
    (re.compile(r"sch|sh|ts(?=[aeiou])"), "s"),
    (re.compile(r"ck|qu|c|q"), "k"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"th|z"), "s"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"v"), "b"),
    (re.compile(r"n(?=[pbm])"), "m"),
)
_ARABIC_VOWELS = frozenset("أإآاع")
"""Letters that an Arabic word with a vowel at its beginning begins with."""
_NASAL = re.compile("\u0902(?![\u092a-\u092e])")
"""The sign of Hindi for a nasal that sounds as what follows it: n, but before p, b and m."""
_UNHEARD_R = re.compile(r"r(?![aeiouy])")
_NO_CONSONANT = re.compile(r"[^a-z]|[aeiouwyh]")
_CHINESE_SPELT = (
    (re.compile(r"gh(?=t)"), ""),
    (re.compile(r"[ts]ion|sch|sh|th|z|c(?=[eiy])"), "s"),
    (re.compile(r"ck|qu?|c(?!h)"), "k"),
    (re.compile(r"tch|ch|tr"), "c"),
    (re.compile(r"dge|dr|g(?=[ei])(?<!gg)|k(?=[iy])"), "j"),
    (re.compile(r"ph|v"), "f"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"r(?![aeiouy])"), ""),
    (re.compile(r"l"), "r"),
    (re.compile(r"ng\b"), "n"),
    (re.compile(r"m(?=[pb])"), "n"),
)
"""How a Latin name's consonants are written in Chinese characters: 查杰 (cha jie) is charger, 福克利夫特 forklift."""
_INITIALS = {"zh": "j", "q": "c", "ch": "c", "x": "s", "sh": "s", "z": "s", "c": "s", "l": "r", "h": ""}


@lru_cache(maxsize=16384)
def loan_sound(text: str, spoken: str) -> str:
    """The consonants of a word that may be another language's in the script of the spoken one, フォークリフト,
    فوركليفت or 福克利夫特 for forklift: equal, or nearly, for both spellings. An "a" before them stands for any vowel
    that the word begins with. ``spoken``: the language that borrows it."""
    if spoken == "zh" and _KANJI.search(text):
        return ("a" if lazy_pinyin(text)[0][:1] in "aeo" else "") + "".join(map(_syllable, text))
    text = _NASAL.sub("न", _KANA_PAIR.sub(_joined_kana, text.replace("ー", "").replace("ッ", "")))
    letters = anyascii(text).casefold()
    if not text.isascii():
        letters = letters.replace("tsh", "c").replace("ch", "c").replace("c", "ch")  # चार्जर is "carjr"
    if spoken == "ar":  # which has no ch
        letters = letters.replace("tch", "sh").replace("ch", "sh")
    if text[:1] in _ARABIC_VOWELS:
        letters = "a" + letters
    for pattern, sound in _CHINESE_SPELT if spoken == "zh" else _LOAN_SPELT:
        letters = pattern.sub(sound, letters)
    if spoken in ("ja", "ko"):  # which hear no r but before a vowel, and no l
        letters = _UNHEARD_R.sub("", letters) if text.isascii() else letters
        letters = letters.replace("l", "r")
    if spoken in ("ko", "ar"):  # which have no f, or no p
        letters = letters.replace(*("fp" if spoken == "ko" else "pb"))
    letters = _REPEATED.sub(r"\1", _NOT_SOUND.sub("", letters))
    consonants = _NO_CONSONANT.sub("", letters)
    return ("a" if letters[:1] in "aeiou" else "") + consonants


def _syllable(character: str) -> str:
    """The consonants of a Chinese character: kn of 康 (kang), r of 尔 (er)."""
    (initial,), (final,) = (pinyin(character, style)[0] for style in (Style.INITIALS, Style.FINALS))
    if final == "er":
        return "r"
    return _INITIALS.get(initial, initial) + ("n" if final.endswith(("n", "ng")) else "")


def _joined_kana(found: re.Match[str]) -> str:
    """A kana with a small one behind it, as one syllable: フォ is fo."""
    consonants = _VOWELS.sub("", anyascii(found[1]).casefold())
    return consonants + _SMALL_KANA[found[2]]
