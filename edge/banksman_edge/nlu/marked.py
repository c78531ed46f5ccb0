"""The small language in which a taught model answers: a line about the tags of a sentence, and about its words.

It is that of :mod:`banksman_edge.nlu.lines` with more to say: who is told may be ``one K1``, ``all K1`` or ``those at
P1``, places may be left out, and what names a thing but was not recognised as a name is quoted from the sentence, word
by word: ``move V1 to "pharmasee"``. The grammar holds only quotations that the sentence has; code finds out what they
mean, by more distant likeness than the sentence as a whole could stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from banksman_edge.nlu.closeness import ALIKE
from banksman_edge.nlu.lines import ALL, ANY
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import WHO, What
from banksman_edge.nlu.sketch import Piece, Sketch
from banksman_edge.nlu.tokens import UNSPACED, plain, tokenize
from banksman_edge.phonetics import alike, sound_of
from banksman_shared.commands import EVERYBODY, NOTHING, Action, Command
from banksman_shared.numerals import number_words
from banksman_shared.site import Place, Site, Vehicle

FAR = 0.55
"""Least likeness of a quotation and a name; that something is named there is known, so it may be small."""
_LONGEST_QUOTE = 4
"""Words; twice as many characters where words are not separated."""
_COUNTERS = {"zh": ("", "号"), "ja": ("", "号", "番")}
"""What may be heard with the number of a thing, and as part of it."""
_PART = re.compile(r'"[^"]*"|[^\s",]+|,')
_KINDS = frozenset({What.VEHICLE_KIND, What.PLACE_KIND})
_WHERE = frozenset({What.PLACE, What.PLACE_KIND})

Find = Callable[[str], Sequence[Mention]]
"""Names of the site in some words, best first."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What a line means. ``certainty``: likeness of the least certain quotation. ``unknown``: a quotation that names
    nothing of the site; ``vague``: one that names a kind of place."""

    commands: tuple[Command, ...]
    certainty: float = 1.0
    vague: bool = False
    unknown: str = ""


def grammar(drawn: Sketch) -> str:
    """GBNF of all lines that can be said about this sentence."""
    quotes = [f'"\\"{text}\\""' for text in quotable(drawn)]
    named = any(tag[0] in "VG" for tag in drawn.people)
    people = [f'"{tag}"' if tag[0] != "K" else f'"one {tag}" | "all {tag}"' for tag in drawn.people]
    rules = {
        # Who was called by name must not be lost to "any", which would send somebody else.
        "who": [*([] if named else [f'"{ANY}"']), f'"{ALL}"', '"those at " place', "thing (',' thing)*"],
        "thing": [*people, *(["quote"] if quotes else [])],
        "place": [*(f'"{tag}"' for tag in drawn.places), *(["quote"] if quotes else [])],
        "quote": quotes,
        "order": [
            '("move" | "pick" | "drop" | "charge" | "park") " " who (" to " place)?',
            '"transport " who (" from " place)? (" to " place)?',
            '("stop" | "resume" | "cancel" | "status") " " who',
        ],
        "root": ['"none"', '"plan"', 'order (" ; " order)*'],
    }
    if not rules["place"]:
        rules["who"].remove('"those at " place')
        rules["order"] = ['("move" | "pick" | "drop" | "charge" | "park" | "transport") " " who', rules["order"][2]]
    if not rules["thing"]:
        rules["who"].remove("thing (',' thing)*")
    rules["who"] = [option.replace("','", '","') for option in rules["who"]]
    return "\n".join(f"{name} ::= {' | '.join(options)}" for name, options in rules.items() if options)


def longest_quote(language: str) -> int:
    """How many pieces of a sentence a quotation may have."""
    return _LONGEST_QUOTE * (2 if language in UNSPACED else 1)


def quotable(drawn: Sketch) -> list[str]:
    """All that may be quoted: short stretches of the sentence in which nothing is named."""
    longest = longest_quote(drawn.language)
    texts: dict[str, None] = {}
    for start in range(len(drawn.pieces)):
        stretch: list[Piece] = []
        for piece in drawn.pieces[start : start + longest]:
            if piece.named:
                break
            stretch.append(piece)
            texts.setdefault(drawn.joined(stretch))
    return [text for text in texts if '"' not in text and "\\" not in text]


def read_line(line: str, drawn: Sketch, find: Find, site: Site) -> Marked:
    """The commands of an answer.

    Raises:
        ValueError: the line is not of the grammar.
    """
    if line == Action.NONE:
        return Marked((NOTHING,))
    if line == Action.PLAN:
        return Marked((Command(Action.PLAN, ()),))
    return _Reader(drawn, find, site).read(line)


class _Reader:
    """Reads one line and gathers how sure its quotations are."""

    def __init__(self, drawn: Sketch, find: Find, site: Site) -> None:
        self._drawn, self._find, self._site = drawn, find, site
        self._certainty, self._vague, self._unknown = 1.0, False, ""

    def read(self, line: str) -> Marked:
        commands = tuple(self._command(_PART.findall(part)) for part in line.split(" ; "))
        if self._unknown:
            return Marked((NOTHING,), self._certainty, unknown=self._unknown)
        return Marked(commands, self._certainty, self._vague)

    def _command(self, words: list[str]) -> Command:
        if not words:
            raise ValueError("an order without a word")
        action, rest = Action(words[0]), words[1:]
        slots: dict[str, str | None] = {}
        while len(rest) > 2 and rest[-2] in ("from", "to"):
            slots[rest[-2]] = self._place(rest[-1])
            rest = rest[:-2]
        vehicles = self._who(rest, action)
        return Command(action, vehicles, origin=slots.get("from"), destination=slots.get("to"))

    def _who(self, words: list[str], action: Action) -> tuple[str, ...]:
        match words:
            case [one] if one == ALL or (one == ANY and action is Action.STOP):
                return (EVERYBODY,)
            case [one] if one == ANY:
                return ()
            case ["those", "at", place]:
                there = self._place(place)
                return (f"at:{there}",) if there else (EVERYBODY,)
        meant = [self._thing(part) for part in _lists(words)]
        return tuple(dict.fromkeys(one for some in meant for one in some))

    def _thing(self, words: list[str]) -> tuple[str, ...]:
        if words[0].startswith('"'):
            mention = self._quoted(words[0], WHO)
            return () if mention is None else self._meant(mention, one=True)
        *how, tag = words
        if tag not in self._drawn.people:
            raise ValueError(f"'{' '.join(words)}' is nobody of the sentence")
        return self._meant(self._drawn.things[tag], one=how == ["one"])

    def _meant(self, mention: Mention, *, one: bool) -> tuple[str, ...]:
        thing = mention.ids[0]
        if mention.what is What.GROUP:
            return (f"group:{thing}",)
        if mention.what is not What.VEHICLE_KIND:
            return (thing,)
        members = [vehicle.id for vehicle in self._site.vehicles.values() if vehicle.kind == thing]
        if len(members) == 1:
            return (members[0],)
        return () if one else (f"kind:{thing}",)

    def _place(self, word: str) -> str | None:
        if not word.startswith('"'):
            if word not in self._drawn.places:
                raise ValueError(f"'{word}' is no place of the sentence")
            return self._drawn.things[word].ids[0]
        mention = self._quoted(word, _WHERE)
        if mention is None:
            return None
        if mention.what is What.PLACE_KIND:
            alone = [place.id for place in self._site.places.values() if place.kind == mention.ids[0]]
            self._vague |= len(alone) > 1
            return alone[0] if len(alone) == 1 else None
        return mention.ids[0]

    def _quoted(self, quote: str, wanted: frozenset[What]) -> Mention | None:
        text = quote.strip('"')
        for tag, mention in self._drawn.things.items():
            if tag[0] == "K":  # a kind whose number was not recognised: "K1 too"
                text = re.sub(rf"\b{tag}\b", mention.text, text)
        named = self._find(text)
        if any(mention.what is What.UNKNOWN for mention in named):  # "washing line west" sounds much like another
            self._unknown = self._unknown or text
            return None
        found = [mention for mention in named if mention.what in wanted]
        best = max(found, key=lambda mention: (mention.what not in _KINDS, mention.score), default=None)
        if best and best.what in _KINDS and (rest := self._beside(best, text)):
            numbered = self._near_number(best, rest)
            best = numbered or (None if best.what is What.VEHICLE_KIND else best)
        best = best or self._sounding(text, wanted)
        if best is None:
            self._unknown = self._unknown or text
            return None
        self._certainty = min(self._certainty, best.score)
        return best

    def _sounding(self, text: str, wanted: frozenset[What]) -> Mention | None:
        """The vehicle or place whose own name sounds most like it, however it is spelt: "farmasee"."""
        language = self._drawn.language
        named: list[tuple[What, Vehicle | Place]] = [(What.VEHICLE, v) for v in self._site.vehicles.values()]
        named += [(What.PLACE, place) for place in self._site.places.values()]
        likenesses = [
            (alike(sound_of(text, language), sound_of(name, language)), thing.id, what, name)
            for what, thing in named
            if what in wanted
            for name in thing.names.get(language, ())
        ]
        likeness, thing_id, what, name = max(likenesses, key=lambda each: each[0], default=(0.0, "", What.PLACE, ""))
        return Mention(what, (thing_id,), 0, len(text.split()), likeness, name) if likeness >= ALIKE else None

    def _beside(self, kind: Mention, text: str) -> str:
        """What was heard after a kind; where words are not separated, numbers stand before it, too: 是号叉车."""
        tokens = tokenize(text, self._drawn.language)
        return plain(tokens[kind.end :] or (tokens[: kind.start] if self._drawn.language in UNSPACED else ()))

    def _near_number(self, kind: Mention, heard: str) -> Mention | None:
        """The vehicle or place of a kind whose number sounds most like what was heard after it: "stacker too"; in
        Chinese and Japanese with what counts it."""
        language = self._drawn.language
        vehicles = kind.what is What.VEHICLE_KIND
        things: Iterable[Vehicle | Place] = (self._site.vehicles if vehicles else self._site.places).values()
        likenesses = [
            (alike(sound_of(heard, language), sound_of(word + counter, language)), thing.id)
            for thing in things
            if thing.kind == kind.ids[0] and thing.number is not None
            for word in number_words(language, thing.number)
            for counter in _COUNTERS.get(language, ("",))
        ]
        likeness, thing_id = max(likenesses, default=(0.0, ""))
        if likeness < ALIKE:
            return None
        return replace(
            kind,
            what=What.VEHICLE if vehicles else What.PLACE,
            ids=(thing_id,),
            score=kind.score * likeness,
        )


def _lists(words: list[str]) -> Iterator[list[str]]:
    """The parts between commas."""
    part: list[str] = []
    for word in words:
        if word == ",":
            yield part
            part = []
        else:
            part.append(word)
    yield part
