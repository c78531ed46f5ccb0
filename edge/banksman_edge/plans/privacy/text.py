"""Words of a text put behind others, and put back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from banksman_edge.plans.privacy.folding import Folded, finder_in, folded

Secret = tuple[re.Pattern[str], str]
"""What finds a name in a folded text, and what stands for the name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text as it was said, and as it is sent: the same, unless it is a name. ``before`` and ``after``
    set the name's stand-in off from letters beside it."""

    said: str
    sent: str
    hidden: bool = False
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        return f"{self.before}{self.sent}{self.after}"


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A text with its names hidden."""

    pieces: tuple[Piece, ...]

    @property
    def said(self) -> str:
        return "".join(piece.said for piece in self.pieces)

    @property
    def sent(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def as_said(self) -> dict[str, str]:
        """For each stand-in in the text, what it first stood for."""
        return {piece.sent: piece.said for piece in reversed(self.pieces) if piece.hidden}

    def hides(self, words: str) -> bool:
        """Whether words that were said are not sent."""
        finds = finder_in(self.said, words)
        return bool(finds.search(folded(self.said).text)) and not finds.search(folded(self.sent).text)

    def back(self, words: str) -> str | None:
        """What a stretch of the sent text was before; None if it is no stretch of it."""
        start = self.sent.find(words)
        return None if start < 0 or not words else "".join(self._said(start, start + len(words)))

    def _said(self, start: int, end: int) -> Iterator[str]:
        at = 0
        for piece in self.pieces:
            first, last = at + len(piece.before), at + len(piece.before) + len(piece.sent)
            at += len(piece.text)
            if first >= end or last <= start:
                continue
            yield piece.said if piece.hidden else piece.said[max(0, start - first) : end - first]


def hide(text: str, secrets: Iterable[Secret]) -> HiddenText:
    """The text with every name hidden; of names that overlap, the one that begins first, then the longest, then the
    first of ``secrets``."""
    plain = folded(text)
    found = (
        (match.start(), -match.end(), rank, stand_in)
        for rank, (finds, stand_in) in enumerate(secrets)
        for match in finds.finditer(plain.text)
    )
    pieces: list[Piece] = []
    at = seen = 0
    for begin, minus_end, _, stand_in in sorted(found):
        if begin < seen:
            continue
        seen = -minus_end
        start, end = plain.span(begin, seen)
        if start < at:  # one character of the text that folds into several
            continue
        if start > at:
            pieces.append(_plain(text[at:start]))
        pieces.append(Piece(text[start:end], stand_in, True, *_spaces(plain, begin, seen, start, end)))
        at = end
    if at < len(text):
        pieces.append(_plain(text[at:]))
    return HiddenText(tuple(pieces))


def put_back(text: str, meant: Mapping[str, str]) -> str:
    """The text with each stand-in replaced by what it means, whatever its case."""
    if not meant:
        return text
    any_of = "|".join(map(re.escape, sorted(meant, key=len, reverse=True)))
    return re.sub(rf"(?<![a-z0-9])(?:{any_of})(?![a-z0-9])", lambda m: meant[m[0].lower()], text, flags=re.IGNORECASE)


def stand_ins_free(texts: Sequence[str], letters: str) -> str:
    """What to put between letter and number so that no stand-in occurs in any of the texts."""
    plain = " ".join(folded(text).text for text in texts)
    between = ""
    while re.search(rf"(?<![a-z])[{letters}]{between}\s?\d", plain):
        between += "x"
    return between


def _plain(text: str) -> Piece:
    return Piece(text, text)


def _spaces(plain: Folded, begin: int, end: int, start: int, stop: int) -> tuple[str, str]:
    """Spaces where a letter or digit follows on the name without one."""
    joined_before = begin > 0 and plain.text[begin - 1] != " " and plain.ends[begin - 1] == start
    joined_after = end < len(plain.text) and plain.text[end] != " " and plain.starts[end] == stop
    return " " if joined_before else "", " " if joined_after else ""
