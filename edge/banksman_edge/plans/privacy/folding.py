"""A text as it is compared, with where in the text each character of that comes from.

Spelled alike: letters of any case, with and without accents, traditional and simplified characters, digits of all
scripts. What is compared is hidden from others, so it is coarser than what a sentence is understood by.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from banksman_edge.understanding.text import tokens_of

_UNBOUNDED = (
    "\u0600-\u06ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af"
)
"""Scripts in which a word does not begin or end where a space stands: prefixes, particles, no spaces at all."""
_ENDING = 3
"""Letters that inflection may put behind a name."""
_LOOSE = 4
"""Names of so many characters are found however they are spaced."""


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` has lower-case words with single spaces; its character ``i`` comes from ``[starts[i], ends[i])``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original a stretch of ``text`` stands."""
        return self.starts[start], self.ends[end - 1]


def folded(text: str) -> Folded:
    """The text as it is compared."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        for char in _fold(text[start:end]) or " ":
            if char == " " and (not chars or chars[-1] == " "):
                continue
            chars.append(char)
            starts.append(start)
            ends.append(end)
    if chars and chars[-1] == " ":
        chars, starts, ends = chars[:-1], starts[:-1], ends[:-1]
    return Folded("".join(chars), tuple(starts), tuple(ends))


def is_secret(name: str) -> bool:
    """Whether a name tells something, however it stands in a text: a number does not, nor a letter or two."""
    plain = folded(name).text.replace(" ", "")
    return not plain.isdigit() and (len(plain) > 2 or bool(re.search(f"[{_UNBOUNDED}]", plain)))


@lru_cache(maxsize=32768)
def finder(name: str, *, begins: bool = False) -> re.Pattern[str]:
    """Finds a name in a folded text as words of their own. ``begins``: also where a word only begins with it; a short
    ending is taken with it."""
    plain = folded(name).text
    compact = plain.replace(" ", "")
    between = r"\s?" if len(compact) >= _LOOSE else ""
    pattern = between.join(map(re.escape, compact)) if between else re.escape(plain)
    ending = rf"(?:[^\s\d{_UNBOUNDED}]{{1,{_ENDING}}}(?![^\s\d]))?" if begins and len(compact) >= _LOOSE else ""
    loose = begins and len(compact) >= _LOOSE
    return re.compile(
        _edge(compact[0], behind=True) + pattern + (ending if loose else _edge(compact[-1], behind=False))
    )


def finder_in(text: str, words: str) -> re.Pattern[str]:
    """Finds words that are known to stand in a text: as words of their own if they do, else as part of others and
    however they are spaced."""
    whole = finder(words)
    if whole.search(folded(text).text):
        return whole
    return re.compile(r"\s?".join(map(re.escape, folded(words).text.replace(" ", ""))))


def _edge(char: str, *, behind: bool) -> str:
    """No word goes on here: not with a digit beside a digit, nor with a letter beside a letter."""
    if re.match(f"[{_UNBOUNDED}]", char):
        return ""
    kind = r"\d" if char.isdigit() else rf"[^\s\d{_UNBOUNDED}]"
    return f"(?<!{kind})" if behind else f"(?!{kind})"


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Characters with the marks that follow them."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or unicodedata.category(text[index])[0] != "M":
            yield start, index
            start = index


@lru_cache(maxsize=4096)
def _fold(cluster: str) -> str:
    return " ".join(tokens_of(cluster))
