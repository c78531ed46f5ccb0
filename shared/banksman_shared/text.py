"""How two spellings of the same words are made equal, in every script."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_LATIN = re.compile(r"[A-Za-z]")


def fold(text: str) -> str:
    """Lower-case words with single spaces: no punctuation, and no accents on Latin letters.

    Marks of other scripts stay, since in Devanagari or kana they are the vowels and voicing.
    """
    # Letters that are others in another dress, such as mathematical ones, have cases only once they are undressed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    kept: list[str] = []
    for char in decomposed:
        if unicodedata.category(char) == "Mn" and kept and _LATIN.match(kept[-1]):
            continue
        kept.append(char)
    composed = unicodedata.normalize("NFC", "".join(kept))
    # A mark is not a word character to `re`, so what separates words is named by category.
    spaced = "".join(" " if _separates(char) else char for char in composed)
    return _SPACES.sub(" ", spaced).strip()


def _separates(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC"
