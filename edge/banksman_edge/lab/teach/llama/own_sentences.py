"""An operator's own corrected sentences as examples, and of those that cannot be: why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from banksman_edge.lab.evaluation import Case
from banksman_edge.lab.teach.llama.examples import Example
from banksman_edge.understanding.entities import EntityFinder
from banksman_edge.understanding.reader.lines import line_of
from banksman_edge.understanding.reader.tagged import tagged, tags_of
from banksman_edge.understanding.text import words_of
from banksman_shared.commands import parse_commands
from banksman_shared.site import Site

_TESTED = 10
"""Of so many different sentences one is only tested with."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence that nothing can be learnt from. ``id``: its manifest's."""

    id: str
    why: str


def corrected(cases: Iterable[Case], site: Site) -> Iterator[Example | LeftOut]:
    """Sentences of a site with what they meant, as ``banksman eval`` reads them: each as an example, or why not.

    A line's language is taken where the site speaks it; otherwise the first in which its meaning can be told.
    """
    finders = {code: EntityFinder(site, code) for code in site.languages}
    for case in cases:
        if case.text is None or case.expect is None:
            yield LeftOut(case.id, f"it has no '{'text' if case.text is None else 'expect'}'")
            continue
        codes = [case.language] if case.language in finders else list(finders)
        yield _example(case, [finders[code or ""] for code in codes], site)


def with_tests(examples: Iterable[Example]) -> Iterator[Example]:
    """The examples, one in ten of the different tagged sentences to test with; what is said again goes with them."""
    tested: dict[str, bool] = {}
    for one in examples:
        test = tested.setdefault(one.text, len(tested) % _TESTED == _TESTED - 1)
        yield Example(one.text, one.line, one.language, test, one.corrected)


def _example(case: Case, finders: Sequence[EntityFinder], site: Site) -> Example | LeftOut:
    why = "the site speaks no language"
    for finder in finders:
        words = words_of(case.text or "")
        sentence = tagged(words, finder.find(words), tags_of(site))
        try:
            line = line_of(parse_commands(case.expect), sentence, finder, site)
        except LookupError as error:
            why = f"nothing in it is recognised as {error}"
            continue
        return Example(sentence.text, line, finder.language.code, corrected=True)
    return LeftOut(case.id, why)
