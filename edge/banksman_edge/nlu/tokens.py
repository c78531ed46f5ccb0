"""Sentences as token sequences that one matcher can read in every language.

Words are tokens where a script has spaces; where it has none, every character is one. Digits are tokens of
their own, so "dock2" reads like "dock 2" and 三号 like 三 号.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain

import opencc

from banksman_shared.text import fold

Tokens = tuple[str, ...]
UNSPACED = frozenset({"zh", "ja"})
"""Languages written without spaces: every character is a token."""

_UNSPACED = r"\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_BESIDE_UNSPACED = re.compile(rf"(?<=[{_UNSPACED}]) | (?=[{_UNSPACED}])")
_PIECES = re.compile(rf"\d+|[{_UNSPACED}]|[^\d{_UNSPACED}\s]+")
_VARIANTS: dict[str, dict[int, int | None]] = {
    # Chandrabindu is often written as anusvara, and the nukta is left out: पहुँचा, पहुंचा; ज़रा, जरा.
    "hi": {0x0901: 0x0902, 0x093C: None},
    # Vowel signs, tatweel and the hamza above and below letters go; the forms of alef, ya and ta marbuta become one.
    "ar": dict.fromkeys([*range(0x064B, 0x0660), 0x0640, 0x0670])
    | {0x0671: 0x0627, 0x0649: 0x064A, 0x06CC: 0x064A, 0x06A9: 0x0643, 0x0629: 0x0647},
    # The apostrophe between a name and its ending goes with the dot: Şahin'e, Şahine.
    "tr": {ord("ı"): ord("i"), ord("I"): ord("i"), ord("'"): None, 0x2019: None},
    "pl": {ord("ł"): ord("l"), ord("Ł"): ord("l")},
}
_TOLD_BY_VOWEL = {
    "de": re.compile(r"\b(?:w(?=är(?:e|en|st|t)?\b)|h(?=ätt)|k(?=önnt)|m(?=üsst)|d(?=ürft))[äöü]", re.IGNORECASE)
}
"""Where an accent makes another mood of a verb, or another word, so that it is written out: "müsste", not "musste", and
"wäre", not "Ware"."""
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})
_SAID = {"pt": {"ta": "esta", "tava": "estava", "tavam": "estavam", "to": "estou", "tamo": "estamos"}}
"""Words as they are said, with those that are written for them."""
ARTICLE = "ال"
_ARTICLE = re.compile(rf"(?<!\S){ARTICLE}(?!ف(?:ي|ين|ان|ا)?(?!\w))(?=[^\W\d_]{{2}})")
"""The Arabic article; not the "al" of a thousand, ألفي, which would leave في, "in"."""
BREAK = re.compile(r"\s*(?:(?<!\d)\.|[,!:;…–—،؛，。！、；])+\s*")
"""What sets words off from others in a sentence."""
ASKED = re.compile(r"[?？؟]")
"""Signs of a question."""
CALLED_OUT = re.compile(r"[!！¡]")
_SENTENCE_END = re.compile(r"(?<!\d)[.!?;。！？；؟؛।]+(?:\s|$)|[。！？；؟؛।]")
RANK = "."
"""The point of an ordinal in digits, a token of its own: "9. koridor"."""
_RANKED_BY_POINT = {
    "tr": re.compile(r"(?<=\d)\.(?=\s+[^\W\d_A-ZÇĞİÖŞÜ])"),
    "pl": re.compile(r"(?<=\d)\.(?=\s+[^\W\d_A-ZĄĆĘŁŃÓŚŹŻ])"),
}
_WORDS, _CHARACTERS = re.compile(r"[^\W_]+"), re.compile(r"\w")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff]")
_KANA = re.compile(r"[\u3040-\u30ff]")


def sentences_of(text: str) -> list[str]:
    """A text split at the ends of its sentences."""
    return [part for part in _SENTENCE_END.split(text) if part and part.strip()]


def set_apart(text: str) -> list[str]:
    """The parts of a text between marks."""
    return [part for sentence in sentences_of(text) for part in BREAK.split(sentence) if part]


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def traditional(text: str) -> str:
    """Chinese in traditional characters, in which recognisers write about half of what they hear."""
    return str(_converter("s2t").convert(text))


@lru_cache(maxsize=8192)
def tokenize(text: str, language: str) -> Tokens:
    """The tokens of a sentence or name; Chinese in simplified characters, digits of all scripts as ASCII."""
    if language == "zh":
        text = unicodedata.normalize("NFC", text)  # 曆 has a second code point for compatibility
        if _HAN.search(text) and not _KANA.search(text):
            text = _converter("t2s").convert(text)
    if language in _VARIANTS:
        text = unicodedata.normalize("NFD", text).translate(_VARIANTS[language])
    if told := _TOLD_BY_VOWEL.get(language):
        text = told.sub(lambda found: found.group().translate(_WRITTEN_OUT), unicodedata.normalize("NFC", text))
    if language in _RANKED_BY_POINT:
        ranked = [_pieces(part) for part in _RANKED_BY_POINT[language].split(unicodedata.normalize("NFC", text))]
        return tuple(chain(ranked[0], *((RANK, *part) for part in ranked[1:])))
    said = _SAID.get(language)
    pieces = _pieces(text, language == "ar")
    return tuple(said.get(piece, piece) for piece in pieces) if said else pieces


def _pieces(text: str, article: bool = False) -> Tokens:
    folded = fold(text)
    if article:
        folded = _ARTICLE.sub("", folded)
    return tuple(_PIECES.findall("".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in folded)))


def together(tokens: Tokens) -> str:
    """Tokens as they are written: no space stands beside a character of a script that has none, or before the point of
    an ordinal."""
    return _BESIDE_UNSPACED.sub("", " ".join(tokens)).replace(f" {RANK}", RANK)


def as_written(name: str, text: str, language: str) -> str:
    """A name, whose words were read as tokens, as it stands in ``text``, with its accents; itself where it does not."""
    wanted = plain(tokenize(name, language))
    units = [unit.span() for unit in (_CHARACTERS if language in UNSPACED else _WORDS).finditer(text)]
    for first, (start, _) in enumerate(units):
        for _, end in units[first:]:
            found = plain(tokenize(text[start:end], language))
            if found == wanted:
                return text[start:end]
            if len(found) > len(wanted):
                break
    return name


def plain(tokens: Tokens) -> str:
    """Tokens joined without spaces, for comparing names that are split differently."""
    return "".join(tokens)


def cuts(tokens: Tokens, start: int, end: int) -> bool:
    """Whether a stretch of tokens begins or ends within a word of katakana: the ロ of ロボット is no 路."""
    return any(0 < at < len(tokens) and all(map(_KATAKANA.fullmatch, tokens[at - 1 : at + 1])) for at in (start, end))


def skip(tokens: Tokens, at: int, phrases: tuple[Tokens, ...]) -> int:
    """Where the first of the phrases that stands here ends; here where none does."""
    return next((at + len(phrase) for phrase in phrases if tokens[at : at + len(phrase)] == phrase), at)


def each_skip(tokens: Tokens, at: int, phrases: tuple[Tokens, ...]) -> set[int]:
    """Where each of the phrases that stand here ends: in 34号机位, 号 is the counter and not 号机."""
    return {at + len(phrase) for phrase in phrases if phrase and tokens[at : at + len(phrase)] == phrase}
