"""``banksman teach llama evaluate``: what the taught model and one that was never taught make of the same sentences.

Both get sentences that training never had: of the corpus, and of invented sites with phrases and words of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.llama.examples import Example, read_examples
from banksman_edge.understanding import Context, Question
from banksman_edge.understanding.entities import Mention, What
from banksman_edge.understanding.reader.reader import Reader, calibrated
from banksman_edge.understanding.reader.tagged import ASKED, BEFORE, PLACES, TAG, Tagged, tagged
from banksman_edge.understanding.text import words_of
from banksman_shared.commands import NOTHING
from banksman_shared.errors import LanguageModelError
from banksman_shared.models.taught import AS_SAID, Calibration
from banksman_shared.site import PolicyTable

TAUGHT, UNTAUGHT = "taught", "untaught"
COMPARED = 10
"""Sentences of a language that the untaught model is asked, too: it takes a second for each."""
_WHAT = dict.fromkeys(PLACES, What.PLACE) | {"V": What.VEHICLE, "G": What.GROUP, "K": What.VEHICLE_KIND}


@dataclass(frozen=True, slots=True)
class Score:
    """``exact``: the line was right. ``missed``: an order that was taken for talk. ``orders``: of each line that was an
    order, how probable it was said to be, and whether it was right. ``families``: the family of each sentence, and
    whether its line was right."""

    sentences: int = 0
    exact: int = 0
    missed: int = 0
    seconds: float = 0.0
    orders: tuple[tuple[float, bool], ...] = ()
    families: tuple[tuple[str, bool], ...] = ()

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


def evaluate(data: Path, taught: Reader, other: Reader, advance: Callable[[int, int], None]) -> Report:
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
        own = _score(example, taught)
        scores[TAUGHT] += own
        if asked.get(group, 0) < COMPARED:
            asked[group] = asked.get(group, 0) + 1
            scores["compared"] += own
            scores[UNTAUGHT] += _score(example, other)
        advance(done, len(tests))
    return report


def tagged_again(text: str) -> Tagged:
    """The tagged sentence that an example's text is of, as far as lines need it."""
    before, _, said = text.rpartition(BEFORE)
    words = words_of(said)
    mentions = []
    for found in TAG.finditer(words.text):
        inside = [at for at, (start, end) in enumerate(words.spans) if start < found.end() and end > found.start()]
        tag = found.group()
        mentions.append(Mention(_WHAT[tag[0]], (tag,), inside[0], inside[-1] + 1, 1.0, tag))
    orders, _, question = f" {before}".partition(f" {ASKED}")
    context = Context(((NOTHING,),) if orders.strip() else (), Question(question.split(" ")[0]) if question else None)
    things = {tag: Mention(_WHAT[tag[0]], (tag,), 0, 0, 1.0, "") for tag in TAG.findall(before)}
    things |= {mention.ids[0]: mention for mention in reversed(mentions)}
    return replace(tagged(words, mentions), text=text, things=things, context=context)


def _score(example: Example, reader: Reader) -> Score:
    began = time.perf_counter()
    try:
        answer = reader.answer(tagged_again(example.text))
        line, probability = answer.line, answer.probability
    except LanguageModelError:
        line, probability = "none", 0.0
    right, order = line == example.line, line not in ("none", "plan")
    orders = ((probability, right),) if order else ()
    missed, seconds = int(line == "none" != example.line), time.perf_counter() - began
    return Score(1, int(right), missed, seconds, orders, ((example.family, right),))


def total(report: Report, column: str, groups: Sequence[str]) -> Score:
    """Some groups together."""
    return sum((report[group][column] for group in groups), Score())
