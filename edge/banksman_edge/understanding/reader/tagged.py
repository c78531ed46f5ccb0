"""A sentence with tags in place of the site's names, as the reader gets to see it.

The model never sees a name or an id of the site: "could you get forklift two over to the packing area" becomes "could
you get V1 over to the P1". So it cannot invent a place, and a new site needs no other prompt. All else stays as it was
said or written, with its accents and marks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.text.tokens import Words, is_unspaced
from banksman_shared.site import Site

_LETTER = {
    What.VEHICLE: "V", What.GROUP: "G", What.VEHICLE_KIND: "K", What.PLACE: "P", What.ZONE: "P", What.PLACE_KIND: "P",
}  # fmt: skip
_SHOWN = {"from": "'den", "to": "'ye", "there": "'de", "object": "'i", "those": "'dekiler"}
"""How an ending that does the work of a preposition is shown, where the tag has taken it with the name (Turkish)."""
_LONGEST_QUOTE = 4
"""Words; twice as many characters where words are not separated."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the sentence, tokens [start, end), that may name something which was not recognised."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tagged:
    """``text``: the tagged sentence; ``things``: what each tag stands for, in order; ``words``: the sentence;
    ``mentions``: all that was found in it; ``quotes``: what may be quoted, by its text."""

    text: str
    things: dict[str, Mention]
    words: Words
    mentions: tuple[Mention, ...]
    quotes: dict[str, Quote] = field(default_factory=dict)

    def tags(self, letters: str) -> list[str]:
        """The tags that begin with one of the letters."""
        return [tag for tag in self.things if tag[0] in letters]


def plain_kinds(site: Site) -> frozenset[str]:
    """Kinds of places whose names say what is done there, so that they stay words of the sentence: where vehicles
    charge, and where they stand when they have nothing to do."""
    homes = {vehicle.home for vehicle in site.vehicles.values()}
    return frozenset(
        kind
        for kind in site.place_kinds
        if all(place.charger or place.id in homes for place in site.places.values() if place.kind == kind)
    )


def tagged_kinds(site: Site) -> frozenset[str]:
    """Kinds of places that get a tag where no place is named: all but the :func:`plain_kinds`."""
    return frozenset(site.place_kinds) - plain_kinds(site)


def tagged(words: Words, mentions: Iterable[Mention], kinds: Collection[str] = ()) -> Tagged:
    """Replace the mentions by tags; the same thing gets the same tag. ``kinds``: those of places that get one where no
    place is named; otherwise they are common nouns and stay words of the sentence."""
    mentions = tuple(mentions)
    if any(mention.what in (What.PLACE, What.ZONE) for mention in mentions):
        kinds = ()
    things: dict[str, Mention] = {}
    keys: dict[tuple[What, tuple[str, ...]], str] = {}
    parts: list[str] = []
    at = 0
    shown = [
        mention
        for mention in mentions
        if mention.what in _LETTER and not (mention.what is What.PLACE_KIND and mention.ids[0] not in kinds)
    ]  # what the site lacks stays as it was said
    for mention in shown:
        letter = _LETTER[mention.what]
        key = (mention.what, mention.ids)
        if key not in keys:
            keys[key] = f"{letter}{1 + sum(tag[0] == letter for tag in things)}"
            things[keys[key]] = mention
        start, end = words.spans[mention.start][0], words.spans[mention.end - 1][1]
        before = words.text[at:start]
        parts.append(before + (" " if before and not before[-1].isspace() and _sticks(before[-1]) else ""))
        parts.append((f"{mention.before} " if mention.before else "") + keys[key] + _SHOWN.get(mention.role, ""))
        if end < len(words.text) and _sticks(words.text[end]):
            parts.append(" ")
        at = end
    parts.append(words.text[at:])
    return Tagged(" ".join("".join(parts).split()), things, words, mentions, _quotes(words, shown))


def _sticks(char: str) -> bool:
    return char.isalnum() or is_unspaced(char)


def _quotes(words: Words, shown: Iterable[Mention]) -> dict[str, Quote]:
    """Short stretches of the sentence in which nothing has a tag."""
    taken = {at for mention in shown for at in range(mention.start, mention.end)}
    found: dict[str, Quote] = {}
    for start in range(len(words)):
        unspaced = is_unspaced(words.tokens[start][0])
        for end in range(start + 1, min(len(words), start + _LONGEST_QUOTE * (1 + unspaced)) + 1):
            if end - 1 in taken:
                break
            text = words.written(start, end)
            if '"' not in text and "\n" not in text:
                found.setdefault(text, Quote(text, start, end))
    return found
