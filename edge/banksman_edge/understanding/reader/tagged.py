"""A sentence with tags in place of the site's names, as the reader gets to see it.

The model never sees a name or an id of the site: "could you get forklift two over to the packing area" becomes "could
you get V1 over to the P1". So it cannot invent a place, and a new site needs no other prompt. All else stays as it was
said or written, with its accents and marks.

What was said before stands in front of it, in the words of the reader's answers and with the same tags: "move V1 to P1
? confirm | no, P2".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from banksman_edge.understanding.context import NOTHING_BEFORE, Context
from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.text.tokens import Words, is_unspaced
from banksman_shared.commands import EVERYBODY, Command
from banksman_shared.site import Site

CHARGER, HOME = "C", "H"
PLACES = f"P{CHARGER}{HOME}"
"""Letters of places: where vehicles charge (C), their parking places (H), and all others (P)."""
BEFORE, ASKED, NEXT = " | ", "? ", " / "
"""What stands between what was said before and the sentence, before a question, and between orders."""
TAG = re.compile(r"(?<!\w)[VGKPCH]\d+(?!\d)")
"""A tag in a tagged sentence."""
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
    ``mentions``: all that was found in it; ``quotes``: what may be quoted, by its text; ``context``: what was said
    before, of which ``things`` has what is named in it, too."""

    text: str
    things: dict[str, Mention]
    words: Words
    mentions: tuple[Mention, ...]
    quotes: dict[str, Quote] = field(default_factory=dict)
    context: Context = NOTHING_BEFORE

    def tags(self, letters: str) -> list[str]:
        """The tags that begin with one of the letters."""
        return [tag for tag in self.things if tag[0] in letters]

    def own_tags(self, letters: str) -> list[str]:
        """Those of what the sentence itself names."""
        return [tag for tag in self.tags(letters) if self.things[tag].end]


def homes_of(site: Site) -> frozenset[str]:
    """The places that are there for vehicles to stand at. Where homes are of all kinds, vehicles wait at their work,
    and a home is a place like any other."""
    homes = frozenset(vehicle.home for vehicle in site.vehicles.values()).intersection(site.places)
    kinds = Counter(site.places[home].kind for home in homes)
    return homes if 2 * max(kinds.values(), default=0) >= len(homes) else frozenset()


def plain_kinds(site: Site) -> frozenset[str]:
    """Kinds of places whose names say what is done there, so that they stay words of the sentence: where vehicles
    charge, and where they stand when they have nothing to do."""
    homes = homes_of(site)
    return frozenset(
        kind
        for kind in site.place_kinds
        if all(place.charger or place.id in homes for place in site.places.values() if place.kind == kind)
    )


@dataclass(frozen=True, slots=True)
class SiteTags:
    """How a site's places are tagged. ``kinds``: those of places that get a tag where no place is named, all but the
    :func:`plain_kinds`; ``letters``: of the places, where it is not P."""

    kinds: frozenset[str] = frozenset()
    letters: Mapping[str, str] = field(default_factory=dict)


def tags_of(site: Site) -> SiteTags:
    """How the places of a site are tagged. Where one can charge almost everywhere, by its layout, that tells nothing of
    a place."""
    homes = homes_of(site)
    chargers = {place.id for place in site.places.values() if place.charger}
    if 2 * len(chargers) > len(site.places):
        chargers = set()
    letters = dict.fromkeys(homes, HOME) | dict.fromkeys(chargers, CHARGER)
    return SiteTags(frozenset(site.place_kinds) - plain_kinds(site), letters)


class _Tags:
    """The tags given so far: the same thing has the same one."""

    def __init__(self, letters: Mapping[str, str]) -> None:
        self.things: dict[str, Mention] = {}
        self._letters = letters
        self._given: dict[tuple[What, tuple[str, ...]], str] = {}

    def of(self, mention: Mention) -> str:
        key = (mention.what, mention.ids)
        if key not in self._given:
            is_place = mention.what is What.PLACE
            letter = self._letters.get(mention.ids[0], "P") if is_place else _LETTER[mention.what]
            self._given[key] = f"{letter}{1 + sum(tag[0] == letter for tag in self.things)}"
        tag = self._given[key]
        if tag not in self.things or not self.things[tag].end:
            self.things[tag] = mention  # what the sentence names itself has its words
        return tag


def tagged(
    words: Words, mentions: Iterable[Mention], of_site: SiteTags = SiteTags(), context: Context = NOTHING_BEFORE
) -> Tagged:
    """Replace the mentions by tags, the same thing by the same one. Where a place is named, kinds of places are common
    nouns and stay words of the sentence."""
    mentions, kinds = tuple(mentions), of_site.kinds
    if any(mention.what in (What.PLACE, What.ZONE) for mention in mentions):
        kinds = frozenset()
    tags = _Tags(of_site.letters)
    before = _said_before(context, tags)
    parts: list[str] = []
    at = 0
    shown = [
        mention
        for mention in mentions
        if mention.what in _LETTER and not (mention.what is What.PLACE_KIND and mention.ids[0] not in kinds)
    ]  # what the site lacks stays as it was said
    for mention in shown:
        start, end = words.spans[mention.start][0], words.spans[mention.end - 1][1]
        between = words.text[at:start]
        parts.append(between + (" " if between and not between[-1].isspace() and _sticks(between[-1]) else ""))
        parts.append((f"{mention.before} " if mention.before else "") + tags.of(mention) + _SHOWN.get(mention.role, ""))
        if end < len(words.text) and _sticks(words.text[end]):
            parts.append(" ")
        at = end
    parts.append(words.text[at:])
    text = before + " ".join("".join(parts).split())
    return Tagged(text, tags.things, words, mentions, _quotes(words, shown), context)


def _said_before(context: Context, tags: _Tags) -> str:
    """What was said before, with its mark behind it; nothing where nothing was."""
    if not context:
        return ""
    orders = (" ; ".join(_order(command, tags) for command in order) for order in context.orders)
    parts = [NEXT.join(orders)]
    if context.question:
        what = What.PLACE if context.of_places else What.VEHICLE
        choices = ",".join(_thing(one, what, tags) for one in context.choices)
        parts.append(f"{ASKED}{context.question}" + (f" {choices}" if choices else ""))
    return " ".join(filter(None, parts)) + BEFORE


def _order(command: Command, tags: _Tags) -> str:
    """An order as the reader would write it."""
    parts = [str(command.action)]
    if command.vehicles:
        parts.append(",".join(_thing(one, What.VEHICLE, tags) for one in command.vehicles))
    parts += ["from", _thing(command.origin, What.PLACE, tags)] if command.origin else []
    parts += ["to", _thing(command.destination, What.PLACE, tags)] if command.destination else []
    return " ".join(parts)


def _thing(one: str, what: What, tags: _Tags) -> str:
    """What a command names, as it is written with tags."""
    sort, _, name = one.partition(":")
    match sort if name else "":
        case "at":
            return f"those at {tags.of(_mentioned(What.PLACE, name))}"
        case "group":
            return tags.of(_mentioned(What.GROUP, name))
        case "kind":
            return f"all {tags.of(_mentioned(What.VEHICLE_KIND, name))}"
    return "all" if one == EVERYBODY else tags.of(_mentioned(what, one))


def _mentioned(what: What, name: str) -> Mention:
    """Something that was named before: it has no words in the sentence."""
    return Mention(what, (name,), 0, 0, 1.0, "")


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
