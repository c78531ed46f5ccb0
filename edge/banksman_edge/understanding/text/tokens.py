"""Words of a sentence, folded so that spellings, scripts and cases of one word are equal, with their place in the text.

One tokenizer serves all languages, so that a name of the site is found whichever language it is written in: a letter
loses its accents and case, Arabic its short vowels and the article, Chinese is read in simplified characters. Scripts
without spaces give one token a character. A run of digits is a token of its own, as ``dock2`` and ``3号`` are written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc

Tokens = tuple[str, ...]
UNSPACED = frozenset({"zh", "ja"})
"""Languages written without spaces."""
RANK = "."
"""The point of an ordinal in digits, a token of its own: "9. koridor"."""
ARTICLE = "ال"
_SAME_LETTER = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe",
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None,
        "\u0901": "\u0902", "\u093c": None,
    }
)  # fmt: skip
_ARABIC_MARKS = range(0x064B, 0x0660)
_MARKUP = re.compile(r"[{}<>|\\]")
_QUOTED = re.compile(r"[“„«「『\"][^“”„«»「」『』\"]{2,}?[”“»」』\"]")
CALLED_OUT = re.compile(r"[!！¡]")
ASKED = re.compile(r"[?？؟]")
"""Signs of a question."""
BREAK = re.compile(r"\s*(?:(?<!\d)\.|[,!:;…–—،؛，。！、；])+\s*")
"""What sets words off from others in a sentence."""
_PAUSES = frozenset(',.;:!?…–—،؛؟。，！？；：、¡¿()"“”„«»।')
_LEAST_BEHIND_ARTICLE = 2


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of ``text``. ``spans``: where each stands in it, first and one past the last character; ``pauses``:
    the tokens before which a mark stands, and one past the last token where the text ends in one."""

    text: str
    tokens: Tokens
    spans: tuple[tuple[int, int], ...]
    pauses: frozenset[int]

    def __len__(self) -> int:
        return len(self.tokens)

    def written(self, start: int, end: int) -> str:
        """Tokens ``start`` to ``end`` as the text has them."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]] if start < end else ""


def is_markup(text: str) -> bool:
    """Whether it holds signs that nobody speaks and no recogniser writes: JSON, tags, a model's own control words."""
    return _MARKUP.search(text) is not None


def is_quoting(text: str) -> bool:
    """Whether some of it stands in quotation marks."""
    return _QUOTED.search(text) is not None


def without_quotes(text: str, is_name: Callable[[str], bool]) -> str:
    """A text without quotation marks around all of it, or around what is a name."""
    if whole := _QUOTED.fullmatch(text.strip()):
        return whole.group()[1:-1]
    return _QUOTED.sub(lambda found: inner if is_name(inner := found.group()[1:-1]) else found.group(), text)


def is_unspaced(char: str) -> bool:
    """Whether the script of a character has no spaces between words: Han, hiragana, katakana."""
    code = ord(char)
    return (
        code in (0x3005, 0x3007, 0x30FC) or 0x3040 <= code <= 0x30FA or 0x31F0 <= code <= 0x31FF
        or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF
    )  # fmt: skip


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """The words of a text; it is composed (NFC) first, and ``spans`` count in that."""
    text = unicodedata.normalize("NFC", text)
    tokens: list[str] = []
    spans: list[tuple[int, int]] = []
    for start, end in _pieces(text):
        if folded := _folded(text[start:end]):
            tokens.append(folded)
            spans.append((start, end))
    pauses: set[int] = set()
    ranked: list[tuple[int, tuple[int, int]]] = []
    at = 0
    for number, (start, _) in enumerate([*spans, (len(text), len(text))]):
        between = text[at:start]
        point = between.find(".")
        if number and tokens[number - 1].isdigit() and point == 0 and between[1:].isspace():
            ranked.append((number, (at, at + 1)))
        if _PAUSES & set(between):
            pauses.add(number)
        at = spans[number][1] if number < len(spans) else start
    for number, span in reversed(ranked):
        tokens.insert(number, RANK)
        spans.insert(number, span)
        pauses = {at + (at > number) for at in pauses} | ({number + 1} if number in pauses else set())
        pauses.discard(number)
    return Words(text, tuple(tokens), tuple(spans), frozenset(pauses))


@lru_cache(maxsize=65536)
def tokens_of(text: str) -> Tokens:
    """The tokens of a name or phrase."""
    return words_of(text).tokens


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where runs of letters and of digits stand, and single characters of unspaced scripts."""
    start, kind = 0, ""
    for at, char in enumerate(text):
        category = unicodedata.category(char)
        if is_unspaced(char):
            now = "u"
        elif category == "Nd":
            now = "d"
        elif category[0] == "L" or (category[0] == "M" and kind == "l"):
            now = "l"
        elif category in ("No", "Nl") and unicodedata.normalize("NFKC", char).isdigit():
            now = "d"
        else:
            now = ""
        if now != kind or now == "u":
            if kind:
                yield start, at
            start, kind = at, now
    if kind:
        yield start, len(text)


@lru_cache(maxsize=65536)
def _folded(piece: str) -> str:
    if is_unspaced(piece[0]):
        return _simplified(unicodedata.normalize("NFKC", piece))
    if unicodedata.category(piece[0])[0] == "N":
        return "".join(str(unicodedata.digit(c)) for c in unicodedata.normalize("NFKC", piece) if c.isdigit())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", piece.casefold()).casefold())
    kept: list[str] = []
    for char in decomposed:
        category = unicodedata.category(char)
        if category == "Mn" and (ord(char) in _ARABIC_MARKS or (kept and kept[-1].isascii())):
            continue
        if not char.isalnum() and category[0] != "M":
            continue  # what a letter had in it: the point of ŀ
        kept.append(char)
    folded = unicodedata.normalize("NFC", "".join(kept).translate(_SAME_LETTER))
    if folded.startswith(ARTICLE) and len(folded) >= len(ARTICLE) + _LEAST_BEHIND_ARTICLE:
        return folded.removeprefix(ARTICLE)
    return folded


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplified(char: str) -> str:
    return str(_to_simplified().convert(char)) if "\u3400" <= char <= "\u9fff" else char


def joined(tokens: Tokens) -> str:
    """Tokens without spaces, for comparing words that are split differently."""
    return "".join(tokens)


def skip(tokens: Tokens, at: int, phrases: tuple[Tokens, ...]) -> int:
    """Where the first of the phrases that stands at ``at`` ends; ``at`` where none does. Longest phrases first."""
    return next((at + len(phrase) for phrase in phrases if phrase and tokens[at : at + len(phrase)] == phrase), at)
