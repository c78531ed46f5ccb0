"""Sentences as token sequences that one matcher can read in every language.

Words are tokens where a script has spaces; where it has none, every character is one. Digits are tokens of
their own, so "dock2" reads like "dock 2" and 三号 like 三 号.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import opencc

from banksman_shared.text import fold

Tokens = tuple[str, ...]
UNSPACED = frozenset({"zh", "ja"})
"""Languages written without spaces: every character is a token."""

_UNSPACED = r"\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"\d+|[{_UNSPACED}]|[^\d{_UNSPACED}\s]+")
_HINDI_VARIANTS = {0x0901: 0x0902, 0x093C: None}
"""Chandrabindu is often written as anusvara, and the nukta is left out: पहुँचा, पहुंचा; ज़रा, जरा."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def traditional(text: str) -> str:
    """Chinese in traditional characters, in which recognisers write about half of what they hear."""
    return str(_converter("s2t").convert(text))


@lru_cache(maxsize=8192)
def tokenize(text: str, language: str) -> Tokens:
    """The tokens of a sentence or name; Chinese in simplified characters, digits of all scripts as ASCII."""
    if language == "zh" and _HAN.search(text) and not _KANA.search(text):
        text = _converter("t2s").convert(text)
    if language == "hi":
        text = unicodedata.normalize("NFD", text).translate(_HINDI_VARIANTS)
    ascii_digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in fold(text))
    return tuple(_PIECES.findall(ascii_digits))


def plain(tokens: Tokens) -> str:
    """Tokens joined without spaces, for comparing names that are split differently."""
    return "".join(tokens)
