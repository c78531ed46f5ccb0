"""What is learnt from: a tagged sentence and the line that a taught model is to answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach import corpus
from banksman_edge.lab.teach.llama.compose import MARK, Clause, Composed, Composer
from banksman_edge.lab.teach.llama.invented_sites import Scene, make_scene
from banksman_edge.lab.teach.llama.mishear import misheard_name
from banksman_edge.lab.teach.llama.phrases import phrases
from banksman_edge.understanding import MOST_BEFORE, REPLIES, Question
from banksman_edge.understanding.entities import EntityFinder
from banksman_edge.understanding.reader.lines import NO_PLACE
from banksman_edge.understanding.reader.tagged import ASKED, BEFORE, NEXT, TAG, Tagged, tagged, tags_of
from banksman_edge.understanding.text import words_of
from banksman_shared.actions import Action
from banksman_shared.site import Site

EXAMPLES = "examples.jsonl"
_MARKS = re.compile(r"[.,;:!?…¡¿。、，！？；：「」。।؟،؛\"“”„«»]|(?<!\w)-+(?!\w)")
PER_SCENE = 60
"""Sentences about one invented site."""
MISHEARD = 0.25
"""The share of the corpus's orders that come once more with a name that was misheard."""
AFTER_ANOTHER = 0.35
"""The share of the corpus's sentences that come once more after another order of the same writer, half of them while a
yes to that is waited for."""
AFTER_PLAN = 0.2
"""Of those, and of what is said to a question whether, come so many after a request for a plan."""
AFTER_MORE = 0.35
"""The share of the corpus's answers and corrections that come once more with an older order before what was said: they
are of the last one all the same."""
_OF_THE_LAST = re.compile(r"instead|undo|yes|no$")
_MAY_ANSWER = re.compile(r"resume|cancel|none")
"""Lines of which a short sentence may as well be a yes or a no."""
_WHETHER = f"{ASKED}{Question.CONFIRM}"
_ANSWERS = frozenset({*REPLIES, str(Action.NONE)})
_LONGER_THAN_ANSWERS = 4
"""Words."""
_OWN = re.compile(r"\bown ")
"""Other work; what was said before is shown as going somewhere in its place."""
_SAYS_LITTLE = re.compile(r'(?<!stop) any|"|\?')
"""Of a line whose sentence might mean something else after another: nobody is told, or a number stands alone."""


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """``text`` as a model gets it, the ``line`` it is to answer; ``test``: never trained on."""

    text: str
    line: str
    language: str
    test: bool = False
    corrected: bool = False
    """From an operator's own corrected sentences."""
    family: str = "invented"
    """That of its row, where it is of the corpus."""


def invented(language: str, count: int, seed: int, *, test: bool) -> Iterator[Example]:
    """``count`` different examples of invented sites; of tests, with phrases and words that training never has."""
    chance = Random(f"{language}-{seed}-{test}")  # noqa: S311  nothing is secret
    said = phrases(language, test=test)
    seen: set[str] = set()
    while len(seen) < count:
        scene = make_scene(language, said, chance, test=test)
        composer = Composer(scene, said, language, chance)
        for _ in range(min(PER_SCENE, count)):
            example = example_of(composer.make(), scene, language, test=test)
            if example and example.text not in seen and len(seen) < count:
                seen.add(example.text)
                yield example


def of_corpus(language: str, seed: int = 0) -> Iterator[Example]:
    """The sentences of the corpus, as they are written and as recognisers and hasty people write them: in small
    letters, without marks, and some with a name that was misheard. Some that say all they mean come once more after an
    order that they have nothing to do with, and while a yes to that is waited for."""
    chance = Random(f"{language}-{seed}")  # noqa: S311  nothing is secret
    finders: dict[str, tuple[Site, EntityFinder]] = {}
    rows = corpus.rows(language)
    orders: dict[str, list[str]] = {}
    for row in rows:
        if row.line not in ("none", "plan") and not (row.before or "?" in row.reading or _OWN.search(row.line)):
            orders.setdefault(row.writer, []).append(row.reading)
    for row in rows:
        yield Example(row.text, row.line, language, row.split == "test", family=row.family)
        if row.split == "test":
            continue
        if '"' not in row.line and (bare := _bare(row.text)) != row.text:
            yield Example(bare, row.line, language)
        if row.writer not in finders:
            site = corpus.site_of(row.writer)
            finders[row.writer] = site, EntityFinder(site, language)
        site, finder = finders[row.writer]
        if chance.random() < MISHEARD and row.line not in ("none", "plan"):
            yield from _misheard(row, site, finder, language, chance)
        _, mark, sentence = row.text.rpartition(BEFORE)
        newest = row.before.rpartition(NEXT)[2]
        asked = newest.endswith(_WHETHER) and not newest.startswith(Action.CANCEL)  # "yes, cancel it"
        if asked and row.line in _ANSWERS and chance.random() < AFTER_PLAN:
            yield Example(f"{Action.PLAN} {_WHETHER}{mark}{sentence}", row.line, language)
        more = row.before and row.before.count(NEXT) + 1 < MOST_BEFORE  # more is never shown
        if more and _OF_THE_LAST.match(row.line) and chance.random() < AFTER_MORE:
            with suppress(LookupError):
                before = f"{chance.choice(orders[row.writer])}{NEXT}{row.before}"
                after = corpus.row_of(row.said, row.reading, finder, site, row.family, row.writer, before)
                yield Example(after.text, after.line, language)
        if chance.random() < AFTER_ANOTHER and not (row.before or _SAYS_LITTLE.search(row.line)):
            with suppress(LookupError):  # where what was said before makes another tag of a number
                before = str(Action.PLAN) if chance.random() < AFTER_PLAN else chance.choice(orders[row.writer])
                long = len(words_of(row.said)) > _LONGER_THAN_ANSWERS
                if chance.random() < 0.5 and (long or not _MAY_ANSWER.match(row.line)):
                    before = f"{before} {_WHETHER}"
                after = corpus.row_of(row.said, row.reading, finder, site, row.family, row.writer, before)
                yield Example(after.text, after.line, language)


def _misheard(row: corpus.Row, site: Site, finder: EntityFinder, language: str, chance: Random) -> Iterator[Example]:
    """The sentence with one of its names misheard, so that it has to be quoted; nothing where it is still found, or
    found no more."""
    words = words_of(row.said)
    mentions = finder.find(words)
    if mentions:
        mention = chance.choice(mentions)
        start, end = words.spans[mention.start][0], words.spans[mention.end - 1][1]
        heard = misheard_name(words.text[start:end], language, chance)
        with suppress(LookupError):
            changed = f"{words.text[:start]}{heard}{words.text[end:]}"
            made = corpus.row_of(changed, row.reading, finder, site, row.family, row.writer, row.before)
            if made.text != row.text:
                yield Example(made.text, made.line, language)


def _bare(text: str) -> str:
    """A tagged sentence in small letters and without marks; what was said before it stays."""
    before, mark, sentence = text.rpartition(BEFORE)
    words = (word if TAG.search(word) else word.lower() for word in sentence.split(" "))
    return before + mark + " ".join(_MARKS.sub(" ", " ".join(words)).split())


def example_of(composed: Composed, scene: Scene, language: str, *, test: bool) -> Example | None:
    """The sentence as the product's own matching tags it; None if what it names can no longer be told in a line."""
    words = words_of(MARK.sub(lambda found: found[2], composed.text))
    sentence = tagged(words, scene.finder.find(words), tags_of(scene.site))
    spans = _spans(composed.text)
    try:
        line = " ; ".join(_Writer(sentence, spans, composed.ids).order(clause) for clause in composed.clauses)
    except LookupError:
        return None
    return Example(sentence.text, line, language, test)


def _spans(text: str) -> dict[str, tuple[int, int]]:
    """Which characters of the text without its marks each marked name is."""
    spans: dict[str, tuple[int, int]] = {}
    taken = 0
    for found in MARK.finditer(text):
        start = found.start() - taken
        spans.setdefault(found[1], (start, start + len(found[2])))
        taken += len(found[0]) - len(found[2])
    return spans


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the lines of one sentence. A name that cannot be told is a LookupError."""

    sentence: Tagged
    spans: dict[str, tuple[int, int]]
    ids: dict[str, str]

    def order(self, clause: Clause) -> str:
        if clause.action in (Action.NONE, Action.PLAN):
            return clause.action
        words = [clause.action, self._who(clause.who)]
        if clause.action in NO_PLACE:
            return " ".join(words)
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
        first, last = self.spans[key]
        words = self.sentence.words
        inside = [at for at, (start, end) in enumerate(words.spans) if start < last and end > first]
        if not inside:
            raise LookupError(key)
        start, end = inside[0], inside[-1] + 1
        named = [one for one in self.sentence.mentions if one.start < end and one.end > start]
        for tag, mention in self.sentence.things.items():
            if self.ids[key] in mention.ids and any(one.ids == mention.ids for one in named):
                return tag
        text = words.written(start, end)
        if key == "k" or text not in self.sentence.quotes:
            raise LookupError(key)
        return f'"{text}"'


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
