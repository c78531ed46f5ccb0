"""What is learnt from: a tagged sentence and the line that a taught model is to answer."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from banksman_edge.errors import TeachingError
from banksman_edge.nlu.cascade import BARELY_SIMILAR
from banksman_edge.nlu.marked import longest_quote
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.sketch import Piece, Sketch, sketch
from banksman_edge.nlu.tokens import UNSPACED, Tokens
from banksman_edge.teach.llama.compose import MARK, Clause, Composed, Composer
from banksman_edge.teach.llama.phrases import phrases
from banksman_edge.teach.llama.scene import make_scene
from banksman_shared.commands import Action

EXAMPLES = "examples.jsonl"
PER_SCENE = 60
"""Sentences about one invented site."""


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """``text`` as a model gets it, the ``line`` it is to answer; ``test``: never trained on."""

    text: str
    line: str
    language: str
    test: bool = False
    corrected: bool = False
    """From an operator's own corrected sentences."""


def invented(language: str, count: int, seed: int, *, test: bool) -> Iterator[Example]:
    """``count`` different examples of invented sites; of tests, with phrases and words that training never has."""
    chance = random.Random(f"{language}-{seed}-{test}")  # noqa: S311  nothing is secret
    said = phrases(language, test=test)
    seen: set[str] = set()
    while len(seen) < count:
        scene = make_scene(language, said, chance, test=test)
        composer = Composer(scene, said, language, chance)
        for _ in range(min(PER_SCENE, count)):
            example = example_of(composer.make(), scene.finder, language, test=test)
            if example and example.text not in seen and len(seen) < count:
                seen.add(example.text)
                yield example


def example_of(composed: Composed, finder: MentionFinder, language: str, *, test: bool) -> Example | None:
    """The sentence as the product's own matching tags it; None if what it names can no longer be told in a line."""
    tokens = finder.tokens(MARK.sub(lambda found: found[2], composed.text))
    drawn = sketch(tokens, finder.find(tokens, similar=BARELY_SIMILAR), language)
    spans = _spans(composed.text, tokens, finder)
    if spans is None:
        return None
    try:
        line = " ; ".join(_Writer(drawn, spans, composed.ids).order(clause) for clause in composed.clauses)
    except LookupError:
        return None
    return Example(drawn.text, line, language, test)


def _spans(text: str, tokens: Tokens, finder: MentionFinder) -> dict[str, tuple[int, int]] | None:
    """Where in the tokens each marked name stands; None if one has melted into its neighbours."""
    spans: dict[str, tuple[int, int]] = {}
    at = 0
    for found in MARK.finditer(text):
        name = finder.tokens(found[2])
        if finder.language.code in UNSPACED:  # a name of one character or two may be part of an earlier word
            at = max(at, len(finder.tokens(MARK.sub(lambda each: each[2], text[: found.start()]))))
        start = next((i for i in range(at, len(tokens)) if tokens[i : i + len(name)] == name), None)
        if start is None or not name:
            return None
        at = start + len(name)
        spans.setdefault(found[1], (start, at))
    return spans


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the lines of one sentence. A name that cannot be told is a LookupError."""

    drawn: Sketch
    spans: dict[str, tuple[int, int]]
    ids: dict[str, str]

    def order(self, clause: Clause) -> str:
        if clause.action in (Action.NONE, Action.PLAN):
            return clause.action
        words = [clause.action, self._who(clause.who)]
        if clause.origin:
            words += ["from", self._name(clause.origin)]
        if clause.destination:
            words += ["to", self._name(clause.destination)]
        return " ".join(words)

    def _who(self, keys: Sequence[str]) -> str:
        if not keys:
            return "any"
        who = [self._somebody(key) for key in keys]
        if "all" in who:
            return "all"
        if len(who) > 1 and any(one.startswith("those at") for one in who):
            raise LookupError  # no line says that
        return ",".join(who)

    def _somebody(self, key: str) -> str:
        match self.ids.get(key):
            case "all":
                return "all"
            case "there":
                return f"those at {self._name('a')}"
            case "each":
                return f"all {self._name('k')}"
            case "one":
                return f"one {self._name('k')}"
        return self._name(key)

    def _name(self, key: str) -> str:
        """The tag that stands for a name, or its words in quotation marks."""
        start, end = self.spans[key]
        inside = [piece for piece in self.drawn.pieces if piece.start < end and piece.end > start]
        tags = [piece for piece in inside if piece.tag and self._means(piece, key)]
        alone = len(tags) == 1 and all(piece is tags[0] or not piece.tag for piece in inside)
        if alone and (tags[0].named or key == "k"):
            return tags[0].tag
        if key == "k" or any(piece.named for piece in inside) or len(inside) > longest_quote(self.drawn.language):
            raise LookupError(key)
        return f'"{self.drawn.joined(inside)}"'

    def _means(self, piece: Piece, key: str) -> bool:
        return self.ids[key] in self.drawn.things[piece.tag].ids


def read_examples(folder: Path) -> list[Example]:
    """The examples of a prepared folder.

    Raises:
        TeachingError: it is not prepared, or its examples are damaged.
    """
    path = folder / EXAMPLES
    try:
        return [msgspec.json.decode(line, type=Example) for line in path.read_bytes().split(b"\n") if line.strip()]
    except OSError as error:
        raise TeachingError(f"{folder} has no {EXAMPLES}; run 'banksman teach llama prepare' first") from error
    except msgspec.DecodeError as error:
        raise TeachingError(f"{path} is damaged ({error}); delete it and prepare again") from error


def write_examples(folder: Path, examples: Iterable[Example]) -> None:
    """Write them whole, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{EXAMPLES}.part"
    unfinished.write_bytes(b"".join(msgspec.json.encode(example) + b"\n" for example in examples))
    unfinished.replace(folder / EXAMPLES)
