"""Which places a request may name, where nobody has found that out: text that comes without ``mentions``.

It is read generously, since words end in many ways: a place may be meant where a word of its name stands. What is said
of none at all a model has made up; and a kind with a number that the site does not have is no other one of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from banksman_shared.numerals import number_words
from banksman_shared.site import Names, Site
from banksman_shared.text import fold

_ENDING = 2
"""Letters at the end of a word that inflection may change."""
_SHORT = 3
"""Letters of words that are too short to have such an ending, or to be looked for beside others."""
_HIGHEST = 99
"""Up to which numbers are known in words."""
_UNSPACED = re.compile(r"[\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff]")


def heard_places(site: Site, text: str) -> frozenset[str]:
    """The places that a text may name: by a word of their own name, of their kind's or of a zone's, or by their id."""
    said = fold(text)
    kinds = {kind.id for kind in site.place_kinds.values() if _heard(kind.names, said)}
    zones = [zone for zone in site.rules.zones.values() if _heard(zone.names, said)]
    zoned = {place for zone in zones for place in site.places_of(f"zone:{zone.id}")}
    return frozenset(
        place.id
        for place in site.places.values()
        if place.kind in kinds or place.id in zoned or fold(place.id) in said or _heard(place.names, said)
    )


def lacking(site: Site, text: str) -> Iterator[str]:
    """Numbered places that a text names and the site does not have: "dock ninety"."""
    said = fold(text)
    numbers = {(place.kind, place.number) for place in site.places.values() if place.number is not None}
    for kind in site.place_kinds.values():
        if not any(of == kind.id for of, _ in numbers):
            continue
        for language, names in kind.names.items():
            words = _numbers(language)
            for name in names:
                pattern = (
                    rf"(?<!\w){re.escape(fold(name))} ?((?<!\d)\d{{1,4}}(?!\d)|{'|'.join(map(re.escape, words))})(?!\w)"
                )
                for found in re.finditer(pattern, said):
                    if (kind.id, words.get(found[1]) or int(found[1])) not in numbers:
                        yield found[0]


@cache
def _numbers(language: str) -> dict[str, int]:
    """Numbers in words, the longest first."""
    words = {fold(word): n for n in range(1, _HIGHEST + 1) for word in number_words(language, n)}
    return {word: words[word] for word in sorted(words, key=len, reverse=True)}


def _heard(names: Names, said: str) -> bool:
    """Whether a word of one of these stands in a folded text, however it ends."""
    return any(part in said for spoken in names.values() for name in spoken for part in _parts(fold(name)))


def _parts(name: str) -> Iterator[str]:
    yield name
    for word in name.split():
        if _UNSPACED.search(word):
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) > _SHORT:
            yield word[: max(_SHORT, len(word) - _ENDING)]
