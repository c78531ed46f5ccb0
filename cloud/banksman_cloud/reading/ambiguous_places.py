"""Names of a kind of places of which one is meant, and nobody said which: "to the dock", where there are six.

They are told from several ("the docks") by how the site calls the kind, and from "any dock" by the words before them
(``data/whichever.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from banksman_cloud.reading.condition_finder import fits, pattern
from banksman_cloud.reading.names import name_ends, selector
from banksman_cloud.reading.numerals import Tokens, tokens_of
from banksman_shared.plans import NamedThing, PlanRequest
from banksman_shared.site import Site
from banksman_shared.text import fold

_BEFORE = 3
"""Words before a name among which it may be said that any of them will do."""


def one_of_several(site: Site, request: PlanRequest) -> Iterator[NamedThing]:
    """The names in a request that mean one place of a kind, and leave open which."""
    if request.language not in _words():
        return
    tokens = tuple(tokens_of(request.request))
    ends = name_ends(tokens, ["".join(tokens_of(mention.words)) for mention in request.mentions]).values()
    for mention in request.mentions:
        kind = selector(site, mention) if mention.ids[0] in site.places else None
        if kind and _is_single(site, kind.removeprefix("kind:"), mention.words):
            name = "".join(tokens_of(mention.words))
            starts = name_ends(tokens, [name])
            before = [tokens[max([0, start - _BEFORE, *(e for e in ends if e <= start)]) : start] for start in starts]
            if starts and not any(_says_any(words, request.language) for words in before):
                yield mention


def _is_single(site: Site, kind: str, words: str) -> bool:
    """Whether the site calls one of the kind so, and not several: "docks" goes on from "dock"."""
    names = {fold(name) for spoken in site.place_kinds[kind].names.values() for name in spoken}
    return fold(words) in names and not any(words != name and words.startswith(name) for name in names)


def _says_any(words: Tokens, language: str) -> bool:
    return any(fits(phrase, words, at, language) for phrase in _words()[language] for at in range(len(words)))


@cache
def _words() -> Mapping[str, Sequence[Tokens]]:
    listed = tomllib.loads(files("banksman_cloud").joinpath("data/whichever.toml").read_text("utf-8"))
    return {
        language: [tuple(token for word in words.split() for token in pattern(word)) for words in phrases]
        for language, phrases in listed.items()
    }
