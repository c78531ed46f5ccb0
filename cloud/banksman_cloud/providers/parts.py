"""The parts of a request that a small model goes through one after the other.

Left alone, it quotes a whole sentence for its first goal, and gives everything that is named anywhere to it. Between
two commas there is one wish as a rule: its goals name what is named there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from banksman_cloud.providers.prompt import GoalPrompt
from banksman_cloud.providers.sayable import Sayable, sayable_kinds
from banksman_cloud.reading import Tokens, members, said_in, stretch, tokens_of
from banksman_shared.plans import Goals, NamedThing
from banksman_shared.site import Site
from banksman_shared.text import fold

Part = tuple[str, Sayable]
"""Words of a request, and what may be said of them."""

_END = re.compile(r"[,;.!?](?=\s)|[،؛؟।，、。！？；]|[.!?]$")
MOST = 12
"""Parts beyond which nothing is gained, since what stands in one has not enough to go by."""


def parts(prompt: GoalPrompt, said: Sayable) -> list[Part]:
    """The parts of the request in their order; one where the names in it are not known."""
    texts = _texts(prompt.site, prompt.request, prompt.mentions)
    if not prompt.mentions or not 1 < len(texts) <= MOST:
        return [(prompt.request, said)]
    named = [_named(prompt, text, said) for text in texts]
    return [(text, _of(named, index)) for index, text in enumerate(texts)]


def clause_with(request: str, words: Tokens) -> str:
    """The first stretch of the request between commas or the like that says these words; nothing if none does."""
    ends = [*(found.end() for found in _END.finditer(request)), len(request)]
    clauses = (request[begin:end].strip() for begin, end in itertools.pairwise([0, *ends]))
    return next((clause for clause in clauses if _says(tokens_of(clause), words)), "")


def _says(text: Tokens, words: Tokens) -> bool:
    return any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))


def unquoted(prompt: GoalPrompt, goals: Goals) -> Iterator[str]:
    """Parts of the request that name several things, so that something is to go somewhere, of which no goal quotes a
    word, nor is told that it is left out."""
    told = [*(goal.words for goal in goals.goals), *goals.unsupported, *goals.unclear]
    spans = [(begin, begin + len(found)) for begin, found in _stretches(prompt.request, told)]
    begin = 0
    for text in _texts(prompt.site, prompt.request, prompt.mentions):
        begin = prompt.request.index(text, begin)
        end = begin + len(text)
        named = [m for m in prompt.mentions if m.sure and said_in(text, [m])]
        if len(named) > 1 and not any(first < end and begin < last for first, last in spans):
            yield text
        begin = end


def _stretches(request: str, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Where each of some words of the request stands in it, wherever it may."""
    for words in texts:
        if found := stretch(request, words):
            yield from ((match.start(), found) for match in re.finditer(re.escape(found), request))


def _texts(site: Site, request: str, mentions: Sequence[NamedThing]) -> list[str]:
    """Stretches of the request that end with a comma or the like and name something, but none between two names of a
    kind ("docks one, two and three"). What names nothing goes with what follows ("by three, …"), the last with what
    precedes it."""
    texts: list[str] = []
    begin = 0
    vehicles = [m.words for m in mentions if m.ids[0] in site.vehicles]
    places = [m.words for m in mentions if m.ids[0] not in site.vehicles]
    for found in _END.finditer(request):
        before, behind = request[begin : found.end()], request[found.end() :]
        lists = any(_lists(request[: found.start()], behind, names) for names in (vehicles, places))
        if not lists and said_in(before, mentions) and said_in(behind, mentions):
            texts.append(before.strip())
            begin = found.end()
    return [*texts, request[begin:].strip()]


def _lists(before: str, behind: str, names: Sequence[str]) -> bool:
    """Whether a name ends before a comma and another begins behind it."""
    ends, begins = f" {fold(before)}", f"{fold(behind)} "
    plain = [fold(name) for name in names]
    return any(ends.endswith(f" {name}") for name in plain) and any(begins.startswith(f"{name} ") for name in plain)


def _named(prompt: GoalPrompt, text: str, said: Sayable) -> Sayable:
    """What may be said of a part by itself."""
    site, ids = prompt.site, said_in(text, prompt.mentions)
    vehicles = tuple(each for each in said.vehicles if members(site, each) <= ids)
    places = tuple(each for each in said.places if each in ids)
    areas = tuple(each for each in said.areas if _kind(site, each) <= ids)
    return replace(said, vehicles=vehicles, places=places, areas=areas, kinds=sayable_kinds(prompt, text))


def _kind(site: Site, reference: str) -> frozenset[str]:
    kind = reference.removeprefix("kind:")
    return frozenset(place.id for place in site.places.values() if place.kind == kind)


def _of(named: Sequence[Sayable], index: int) -> Sayable:
    """What a part may name: its own; of a neighbour, the vehicles that are all that is named there ("…, but only by
    cart two"), and the other end of a way. With no vehicle of its own it may go on about the last one ("then park it").
    """
    own = named[index]
    beside = [named[i] for i in (index - 1, index + 1) if 0 <= i < len(named)]
    vehicles = [*own.vehicles, *itertools.chain(*(each.vehicles for each in beside if not each.places))]
    if not vehicles:
        vehicles += next((each.vehicles for each in reversed(named[:index]) if each.vehicles), ())
    ends = [*own.places, *(itertools.chain(*(each.places for each in beside)) if len(own.places) < 2 else ())]
    kept = tuple(dict.fromkeys(ends))
    return replace(own, vehicles=tuple(dict.fromkeys(vehicles)), places=kept, shut=own.places)
