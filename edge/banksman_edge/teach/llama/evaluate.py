"""``banksman teach llama evaluate``: what the taught model and one that was never taught make of the same sentences.

Both get sentences of invented sites, with phrases and words that training never had, and answer each in its own small
language. Lines in which only a taught model can answer (quotations, "one of these") are counted for it alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from banksman_edge.errors import LanguageModelError, TeachingError
from banksman_edge.nlu import lines, marked
from banksman_edge.nlu.llama import LanguageModel
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.sketch import Piece, Sketch
from banksman_edge.nlu.taught import AS_SAID, Calibration, calibrated
from banksman_edge.nlu.tokens import UNSPACED, tokenize
from banksman_edge.teach.llama.examples import Example, read_examples
from banksman_shared.site import PolicyTable

TAUGHT, UNTAUGHT = "taught", "untaught"
COMPARED = 30
"""Sentences of a language that the untaught model is asked, too: it takes a second for each."""
_TAG = re.compile(r"[VGPK]\d+")
_WHAT = {"V": What.VEHICLE, "G": What.GROUP, "P": What.PLACE, "K": What.VEHICLE_KIND}
_ONLY_TAUGHT = re.compile(r'"|\bone K|\bthose at|^(move|charge|park|pick|drop|transport) any( ;|$)')


@dataclass(frozen=True, slots=True)
class Score:
    """``exact``: the line was right. ``missed``: an order that was taken for talk. ``orders``: of each line that was an
    order, how probable it was said to be, and whether it was right."""

    sentences: int = 0
    exact: int = 0
    missed: int = 0
    seconds: float = 0.0
    orders: tuple[tuple[float, bool], ...] = ()

    @property
    def share(self) -> float:
        return self.exact / max(1, self.sentences)

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def false_orders(self, calibration: Calibration = AS_SAID) -> int:
        """How many would be carried out though another order or none was meant."""
        accept = PolicyTable().model.accept or 0.0
        return sum(not right and calibrated(said, calibration) >= accept for said, right in self.orders)

    def document(self, calibration: Calibration = AS_SAID) -> dict[str, Any]:
        """For a card: counts; not the time, which says more about the machine."""
        counts = {"sentences": self.sentences, "exact": self.exact, "missed": self.missed}
        return counts | {"false_orders": self.false_orders(calibration)}


Report = dict[str, dict[str, Score]]
"""By language, and "own/" + language for an operator's sentences; then "taught" (all), "compared" (of those that both
were asked, the taught model) and "untaught" (the other)."""


def evaluate(data: Path, taught: LanguageModel, other: LanguageModel, advance: Callable[[int, int], None]) -> Report:
    """Ask both about the test examples of a prepared folder.

    Raises:
        TeachingError: there are none.
    """
    tests = [example for example in read_examples(data) if example.test]
    if not tests:
        raise TeachingError(f"{data} has no examples to test with; prepare some")
    asked: dict[str, int] = {}
    report: Report = {}
    for done, example in enumerate(tests, 1):
        group = f"own/{example.language}" if example.corrected else example.language
        scores = report.setdefault(group, {TAUGHT: Score(), "compared": Score(), UNTAUGHT: Score()})
        own = _score(example, example.line, taught, marked.grammar)
        scores[TAUGHT] += own
        if asked.get(group, 0) < COMPARED and not _ONLY_TAUGHT.search(example.line):
            asked[group] = asked.get(group, 0) + 1
            scores["compared"] += own
            scores[UNTAUGHT] += _score(example, example.line.replace("all K", "K"), other, lines.grammar)
        advance(done, len(tests))
    return report


def drawn_again(example: Example) -> Sketch:
    """The sketch that an example's text was written from, as far as grammars need it."""
    drawn = Sketch(example.language)
    for at, word in enumerate(_pieces(example)):
        tag = word if _TAG.fullmatch(word) else ""
        if tag:
            drawn.things.setdefault(tag, Mention(_WHAT[tag[0]], (tag,), at, at + 1, 1.0, tag))
        drawn.pieces.append(Piece(at, at + 1, word, tag))
    return drawn


def _pieces(example: Example) -> Iterator[str]:
    """Its tags and words; of languages written without spaces, its characters."""
    for word in example.text.split(" "):
        if example.language in UNSPACED and not _TAG.fullmatch(word):
            yield from tokenize(word, example.language)
        else:
            yield word


def _score(example: Example, wanted: str, model: LanguageModel, grammar: Callable[[Sketch], str]) -> Score:
    began = time.perf_counter()
    try:
        answer = model.answer(example.text, grammar(drawn_again(example)))
        line, probability = answer.line, answer.probability
    except LanguageModelError:
        line, probability = "none", 0.0
    right, order = line == wanted, line not in ("none", "plan")
    orders = ((probability, right),) if order else ()
    return Score(1, int(right), int(line == "none" != wanted), time.perf_counter() - began, orders)


def total(report: Report, column: str, groups: Sequence[str]) -> Score:
    """Some groups together."""
    return sum((report[group][column] for group in groups), Score())
