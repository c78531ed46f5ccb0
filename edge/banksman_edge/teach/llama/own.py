"""An operator's own corrected sentences as examples, and of those that cannot be: why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from banksman_edge.evaluation import Case
from banksman_edge.nlu.cascade import BARELY_SIMILAR
from banksman_edge.nlu.marked import FAR, Find, quotable, read_line
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.sketch import Sketch, sketch
from banksman_edge.teach.llama.examples import Example
from banksman_shared.commands import EVERYBODY, Action, Command, parse_commands
from banksman_shared.site import Site

_TESTED = 10
"""Of so many different sentences one is only tested with."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence that nothing can be learnt from. ``id``: its manifest's."""

    id: str
    why: str


class _UntoldError(LookupError):
    """No line says that about this sentence."""


def corrected(cases: Iterable[Case], site: Site) -> Iterator[Example | LeftOut]:
    """Sentences of a site with what they meant, as ``banksman eval`` reads them: each as an example, or why not.

    A line's language is taken where the site speaks it; otherwise the first in which its meaning can be told.
    """
    finders = {code: MentionFinder(site, code) for code in site.languages}
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


def _example(case: Case, finders: Sequence[MentionFinder], site: Site) -> Example | LeftOut:
    why = "the site speaks no language"
    for finder in finders:
        tokens = finder.tokens(case.text or "")
        drawn = sketch(tokens, finder.find(tokens, similar=BARELY_SIMILAR), finder.language.code)
        teller = _Teller(drawn, partial(_named_in, finder), site)
        try:
            line = " ; ".join(map(teller.order, parse_commands(case.expect)))
        except _UntoldError as error:
            why = str(error)
            continue
        return Example(drawn.text, line, finder.language.code, corrected=True)
    return LeftOut(case.id, why)


def _named_in(finder: MentionFinder, text: str) -> tuple[Mention, ...]:
    """As the product looks for what a quotation names."""
    return finder.find(finder.tokens(text), similar=FAR)


class _Teller:
    """Tells commands in the words of one sentence: a tag where the thing's name was recognised, otherwise a quotation
    that the product reads as this thing. What has neither is an _UntoldError."""

    def __init__(self, drawn: Sketch, find: Find, site: Site) -> None:
        self._drawn, self._find, self._site = drawn, find, site

    def order(self, command: Command) -> str:
        if command.action in (Action.NONE, Action.PLAN):
            return str(command.action)
        words = [str(command.action), ",".join(map(self._vehicle, command.vehicles)) or "any"]
        for slot, place in (("from", command.origin), ("to", command.destination)):
            words += [slot, self._place(place)] if place else []
        return " ".join(words)

    def _vehicle(self, vehicle: str) -> str:
        if vehicle == EVERYBODY:
            return "all"
        if vehicle.startswith("at:"):
            return f"those at {self._place(vehicle.removeprefix('at:'))}"
        tags = [
            way for tag in self._drawn.people for way in ((f"all {tag}", f"one {tag}") if tag[0] == "K" else (tag,))
        ]
        return self._way(vehicle, "move {}", tags, lambda read: read.vehicles == (vehicle,))

    def _place(self, place: str) -> str:
        return self._way(place, "move any to {}", self._drawn.places, lambda read: read.destination == place)

    def _way(self, thing: str, line: str, tags: Sequence[str], meant: Callable[[Command], bool]) -> str:
        """The way to name a thing by which the product, reading such a line, finds it; of quotations the surest."""
        found: list[tuple[float, str]] = []
        for ways in (tags, self._quotes):
            for way in ways:
                read = read_line(line.format(way), self._drawn, self._find, self._site)
                if meant(read.commands[0]) and not read.vague:
                    found.append((read.certainty, way))
            if found:
                return max(found, key=lambda each: (each[0], -len(each[1])))[1]
        raise _UntoldError(f"nothing in it sounds like '{thing}'")

    @cached_property
    def _quotes(self) -> list[str]:
        return [f'"{text}"' for text in quotable(self._drawn)]
