"""The words that orders on a site are made of, followed byte by byte while text is being written.

A recogniser's tokens are pieces of UTF-8, often of a single letter, so the lexicon is a trie over bytes. A state
says which phrases the text so far may be in the middle of. Nothing is forbidden: unknown words are counted, and
whoever searches decides what they cost.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MOST_REMEMBERED = 100_000
"""Steps that are remembered from one text to the next, in all some 30 MB."""
_ROOT = 0
_SPACE, _LIKE_A_SPACE = ord(" "), b"'-"
"""Within a phrase: "s il te plaît" is also "s'il te plaît"."""
_SEPARATORS = " ,.!?;:'’\"()-…¿¡“”«»。，、！？；：・「」　।،؟"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may be said in one language: ``names`` of vehicles and places with their numbers, and other ``words``.

    ``spaced``: whether the script puts spaces between words; ``read_out``: numbers in digits and as they are read out;
    ``pairs``: the numbers of two vehicles of a kind, "1 and 2".
    """

    names: frozenset[str]
    words: frozenset[str]
    spaced: bool = True
    read_out: Mapping[str, str] = field(default_factory=dict)
    pairs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _State:
    """``nodes`` of the trie where the text may stand; none in a word that is unknown. ``pending`` tokens belong to
    a word that is not whole yet."""

    nodes: frozenset[int]
    pending: int


@dataclass(frozen=True, slots=True)
class Step:
    """From a token to the next: the state reached, how many tokens turned out to be of no known word, and how many
    names were completed."""

    state: int
    unknown: int
    named: int


class Lexicon:
    """A vocabulary made ready for a tokenizer. ``pieces``: the bytes of every token.

    States are small numbers; 0 is the beginning of a text.
    """

    def __init__(self, vocabulary: Vocabulary, pieces: Sequence[bytes]) -> None:
        self._pieces, self._spaced = pieces, vocabulary.spaced
        self._children: list[dict[int, int]] = [{}]
        self._word: list[bool] = [False]
        self._name: list[bool] = [False]
        self._separator: list[bool] = [False]
        self._in_separator: list[bool] = [False]
        self._after_digit: list[bool] = [False]
        for mark in _SEPARATORS:
            self._separator[self._insert(mark)] = True
        self._in_separator = [True] * len(self._children)
        for name in _spellings(vocabulary.names):
            self._name[self._insert(name)] = True
        for word in _spellings(vocabulary.names | vocabulary.words):
            self._word[self._insert(word)] = True
        self._states: list[_State] = []
        self._numbers: dict[_State, int] = {}
        self._followed: dict[tuple[int, int], Step] = {}
        self.begin()

    def begin(self) -> None:
        """To be called before a sound is searched; states of earlier ones may not be used after it."""
        if self._states and len(self._followed) < MOST_REMEMBERED:
            return
        self._states = [_State(frozenset({_ROOT}), 0)]
        self._numbers = {self._states[0]: 0}
        self._followed = {}

    def follow(self, state: int, token: int) -> Step:
        """What one more token makes of a state."""
        key = (state, token)
        if key not in self._followed:
            self._followed[key] = self._step(self._states[state], self._pieces[token])
        return self._followed[key]

    def end(self, state: int) -> Step:
        """What the end of the text makes of a state."""
        at = self._states[state]
        whole = any(self._word[node] or node == _ROOT for node in at.nodes)
        return Step(0, 0 if whole else at.pending, int(any(self._name[node] for node in at.nodes)))

    def _insert(self, phrase: str) -> int:
        node = _ROOT
        for byte in phrase.encode():
            if byte not in self._children[node]:
                self._children[node][byte] = len(self._children)
                self._children.append({})
                for flags in (self._word, self._name, self._separator, self._in_separator):
                    flags.append(False)
                self._after_digit.append(chr(byte).isdigit())
            node = self._children[node][byte]
        return node

    def _step(self, state: _State, piece: bytes) -> Step:
        nodes, named = state.nodes, 0
        if not nodes and (piece.startswith(b" ") or not self._spaced):
            nodes = frozenset({_ROOT})
        for byte in piece:
            inside = {child for node in nodes if (child := self._child(node, byte))}
            begun = self._begun_after(nodes, byte)
            if begun is not None:
                named += any(self._name[node] for node in nodes)
                inside.add(begun)
            nodes = frozenset(_ROOT if self._separator[node] else node for node in inside)
        if not nodes:
            return Step(self._number(_State(nodes, 0)), 1 + state.pending, named)
        whole = any(node == _ROOT or self._word[node] for node in nodes)
        return Step(self._number(_State(nodes, 0 if whole else state.pending + 1)), 0, named)

    def _number(self, state: _State) -> int:
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number

    def _child(self, node: int, byte: int) -> int | None:
        children = self._children[node]
        return children.get(byte) or (children.get(_SPACE) if byte in _LIKE_A_SPACE and node != _ROOT else None)

    def _begun_after(self, nodes: frozenset[int], byte: int) -> int | None:
        """The node of what begins with ``byte`` after one of these phrases has ended, if any may end here."""
        child = self._children[_ROOT].get(byte)
        if child is None or (self._spaced and not self._in_separator[child]):
            return None
        digit = chr(byte).isdigit()
        ended = (self._word[node] and not (digit and self._after_digit[node]) for node in nodes)
        return child if any(ended) else None


def _spellings(phrases: Iterable[str]) -> Iterator[str]:
    """Each phrase as it may be written: capitalised at the start of a sentence or as a name, small where a name is a
    word too ("la Ballena"), accents lost."""
    for phrase in phrases:
        for accented in {phrase, _without_accents(phrase)}:
            yield from {accented, accented.lower(), accented[:1].upper() + accented[1:], accented.title()}


def _without_accents(text: str) -> str:
    """Latin letters without their marks; in other scripts marks are vowels and voicing."""
    parts = unicodedata.normalize("NFD", text)
    kept = (
        c for c, before in zip(parts, " " + parts, strict=False) if not (unicodedata.combining(c) and before.isascii())
    )
    return unicodedata.normalize("NFC", "".join(kept))
