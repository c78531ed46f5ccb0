"""The language in which the reader answers: one line about the tags of a sentence, and about words that it quotes.

::

    line   := none | plan | yes | no | undo | [how] order (" ; " order)*
    how    := instead | then | now
    order  := (move|pick|drop|charge|park|own) who [" to " place]
            | transport who [" from " place] [" to " place]
            | (stop|resume|cancel|status) who
    who    := any | live [K1] | all [but] | those at place | thing ("," thing)* [but]
    thing  := V1 | G1 | one K1 | all K1 | "words of the sentence"
    live   := nearest | free | nearest-free | lowest | highest | empty | loaded
    but    := " but " thing ("," thing)*
    place  := P1 | "words of the sentence" | ?

``own`` is work of any other sort, as a site's own actions are. ``yes``, ``no``, ``undo`` and ``how`` are about what
was said before (:mod:`~banksman_edge.understanding.context`), and are only there where something was. A place "?" was
about to be said, and was not: "take it over to, uh". What is quoted names something that was not recognised, or is a
number alone that goes with a kind named before ("forklift three, no, four"); code finds out what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banksman_edge.understanding.context import HOWS, REPLIES, How, Question, Reply
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import WHERE, WHO, Mention, What
from banksman_edge.understanding.reader.tagged import CHARGER, PLACES, Tagged, tags_of
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, NOTHING, Command
from banksman_shared.models.engine import Grammar
from banksman_shared.site import Site

FAR = 0.6
"""Least likeness of a quotation and a name; that something is named there is known, so it may be small."""
_PART = re.compile(r'"[^"]*"|[^\s",]+|,')
AT_PLACE = ("move", "pick", "drop", "charge", "park", "own")
"""Actions of which one place is said."""
LIVE = ("nearest", "free", "nearest-free", "lowest", "highest", "empty", "loaded")
"""Vehicles told by how things are now: the nearest, one without work, that with the least charge, one with a load."""
BROKEN_OFF = "?"
"""A place that was about to be said."""
NO_PLACE = ("stop", "resume", "cancel", "status")
"""Actions of which no place is said."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a line means. ``certainty``: likeness of the least certain name; ``used``: the mentions that it uses;
    ``quoted``: the tokens that it quotes; ``choices``: several things that a name in it may mean; ``vague``: it names a
    kind of place of which there are several; ``unknown``: a quotation that names nothing of the site; ``how``: how it
    goes with what was said before; ``reply``: what it says to that, without an order; ``breaks_off``: a place was about
    to be said."""

    commands: tuple[Command, ...]
    certainty: float = 1.0
    used: tuple[Mention, ...] = ()
    quoted: frozenset[int] = frozenset()
    choices: tuple[str, ...] = ()
    vague: bool = False
    unknown: str = ""
    how: How | None = None
    reply: Reply | None = None
    breaks_off: bool = False


# What may be written


@dataclass(frozen=True, slots=True)
class State:
    """A point within a line: what is expected next, and the action that is being said."""

    expects: str
    action: str = ""


START, END = State("line"), State("end")


def grammar_of(sentence: Tagged) -> Grammar[State]:
    """What may be written about a sentence."""
    return Grammar(START, END, lambda state: options(state, sentence))


def options(state: State, sentence: Tagged) -> dict[str, State]:
    """What may be written next and where that leads; an empty text ends the line."""
    action = state.action
    after = State("places", action)
    match state.expects:
        case "line":
            return {"none": END, "plan": END} | _orders("") | _about_what_was_said(sentence)
        case "order":
            return _orders(" ")
        case "who":
            live = {f" {one}": State("live", action) for one in LIVE}
            return {" any": after} | live | _whole(sentence, action) | _things(" ", sentence, State("list", action))
        case "but":
            return _things(" ", sentence, State("but-list", action))
        case "those" | "from" | "to":
            then = State({"those": "places", "from": "places-to", "to": "rest"}[state.expects], action)
            return _places(" ", sentence, then) | ({f" {BROKEN_OFF}": then} if state.expects != "those" else {})
    if state.expects == "live":
        return {f" {tag}": after for tag in sentence.tags("K")} | _going_on(after)
    more = _things(",", sentence, state) if state.expects in ("list", "but-list") else {}
    more |= {" but": State("but", action)} if state.expects in ("list", "all") else {}
    return more | _going_on(state)


def _about_what_was_said(sentence: Tagged) -> dict[str, State]:
    found: dict[str, State] = {}
    if sentence.context.orders:
        found |= {str(how): State("order") for how in How} | {str(Reply.UNDO): END}
    if sentence.context.question is Question.CONFIRM:
        found |= {str(Reply.YES): END, str(Reply.NO): END}
    return found


def _whole(sentence: Tagged, action: str) -> dict[str, State]:
    """Everybody, and those at a place."""
    those = {" those at": State("those", action)} if sentence.tags(PLACES) or sentence.quotes else {}
    return {" all": State("all", action)} | those


def _going_on(state: State) -> dict[str, State]:
    """What follows who is told: places, another order, or the end."""
    action, found = state.action, {" ;": State("order"), "": END}
    if state.expects not in ("places-to", "rest") and action == "transport":
        found[" from"] = State("from", action)
    if state.expects != "rest" and action not in NO_PLACE:
        found[" to"] = State("to", action)
    return found


def _orders(space: str) -> dict[str, State]:
    return {f"{space}{action}": State("who", action) for action in (*AT_PLACE, "transport", *NO_PLACE)}


def _things(before: str, sentence: Tagged, then: State) -> dict[str, State]:
    found = {f"{before}{tag}": then for tag in sentence.tags("VG")}
    for tag in sentence.tags("K"):
        found |= {f"{before}one {tag}": then, f"{before}all {tag}": then}
    return found | {f'{before}"{quote}"': then for quote in sentence.quotes}


def _places(before: str, sentence: Tagged, then: State) -> dict[str, State]:
    found = {f"{before}{tag}": then for tag in sentence.tags(PLACES)}
    return found | {f'{before}"{quote}"': then for quote in sentence.quotes}


# What it means


def meaning_of(line: str, sentence: Tagged, finder: EntityFinder, site: Site) -> Meaning:
    """The commands of a line.

    Raises:
        ValueError: it is none.
    """
    if line == Action.NONE:
        return Meaning((NOTHING,))
    if line == Action.PLAN:
        return Meaning((Command(Action.PLAN, ()),), used=sentence.mentions)
    if line in REPLIES:
        return Meaning((NOTHING,), reply=Reply(line))
    return _LineReader(sentence, finder, site).read(line)


class _LineReader:
    """Reads one line and gathers how sure its names are."""

    def __init__(self, sentence: Tagged, finder: EntityFinder, site: Site) -> None:
        self._sentence, self._finder, self._site = sentence, finder, site
        self._certainty, self._vague, self._unknown, self._breaks_off = 1.0, False, "", False
        self._used: list[Mention] = []
        self._quoted: set[int] = set()
        self._choices: tuple[str, ...] = ()

    def read(self, line: str) -> Meaning:
        first, _, rest = line.partition(" ")
        how = How(first) if first in HOWS else None
        commands = tuple(self._command(_PART.findall(part)) for part in (rest if how else line).split(" ; "))
        if self._unknown:
            return Meaning(
                (NOTHING,), self._certainty, tuple(self._used), frozenset(self._quoted), unknown=self._unknown
            )
        if any(mention.what is What.ZONE for mention in self._used):
            stops = tuple(command for command in commands if command.action is Action.STOP)
            commands = stops or (Command(Action.PLAN, ()),)
        quoted, choices = frozenset(self._quoted), self._choices
        return Meaning(
            commands, self._certainty, tuple(self._used), quoted, choices, self._vague, "", how, None, self._breaks_off
        )

    def _command(self, parts: list[str]) -> Command:
        if not parts:
            raise ValueError("an order without a word")
        action, rest = Action(parts[0]), parts[1:]
        slots: dict[str, str | None] = {}
        while len(rest) > 2 and rest[-2] in ("from", "to"):
            slots[rest[-2]] = self._place(rest[-1])
            rest = rest[:-2]
        vehicles, destination = self._who(rest, action), slots.get("to")
        if action is Action.PARK and destination and self._only_charges(destination):
            action = Action.CHARGE
        return Command(action, vehicles, origin=slots.get("from"), destination=destination)

    def _only_charges(self, place: str) -> bool:
        """Whether a place is a charger, where not all places are, and nobody's home: nobody parks there."""
        is_home = any(vehicle.home == place for vehicle in self._site.vehicles.values())
        return not is_home and tags_of(self._site).letters.get(place) == CHARGER

    def _who(self, parts: list[str], action: Action) -> tuple[str, ...]:
        if "but" in parts:
            at = parts.index("but")
            told, spared = parts[:at], parts[at + 1 :]
            left_out = self._members(self._listed(spared, action, spared=True))
            everybody = tuple(self._site.vehicles) if told == ["all"] else self._members(self._listed(told, action))
            left = tuple(vehicle for vehicle in everybody if vehicle not in left_out)
            if not left or "one" in told:
                raise ValueError("an exception that leaves nobody, or nobody in particular")
            return left
        match parts:
            case ["all"]:
                return (EVERYBODY,)
            case [live, *kinds] if live in LIVE:
                return (":".join((live, *(self._kind(tag) for tag in kinds))),)
            case ["any"]:
                return (EVERYBODY,) if action is Action.STOP else ()
            case ["those", "at", place]:
                zone = (mention := self._sentence.things.get(place)) is not None and mention.what is What.ZONE
                there = None if zone else self._place(place)
                if there is None and action is not Action.STOP:
                    raise ValueError("nobody knows where those are that are told")
                return (f"at:{there}",) if there else (EVERYBODY,)
        return self._listed(parts, action)

    def _kind(self, tag: str) -> str:
        mention = self._sentence.things.get(tag)
        if mention is None or mention.what is not What.VEHICLE_KIND:
            raise ValueError(f"'{tag}' is no kind of vehicle of the sentence")
        self._use(mention)
        return mention.ids[0]

    def _listed(self, parts: Sequence[str], action: Action, *, spared: bool = False) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for part in _split(parts) for one in self._thing(part, action, spared=spared)))

    def _members(self, named: Sequence[str]) -> tuple[str, ...]:
        """The ids of vehicles, kinds and groups."""
        found: list[str] = []
        for one in named:
            if one.startswith("kind:"):
                found += [v.id for v in self._site.vehicles.values() if v.kind == one.removeprefix("kind:")]
            elif one.startswith("group:"):
                found += self._site.groups[one.removeprefix("group:")].vehicles
            else:
                found.append(one)
        return tuple(dict.fromkeys(found))

    def _thing(self, parts: list[str], action: Action, *, spared: bool) -> tuple[str, ...]:
        """Whom one part of a list names. Of a stop, all whom it may mean stop, and nobody of them is spared."""
        if not parts:
            raise ValueError("nobody is told")
        one_of = action not in NO_PLACE  # "one of the forklifts" may go, and which of them is how it is asked of all
        if parts[0].startswith('"'):
            mention, one = self.meant_by(parts[0].strip('"'), WHO), one_of
            if mention is None:
                return ()
        else:
            *how, tag = parts
            mention, one = self._sentence.things.get(tag), one_of and how == ["one"]
            if mention is None or mention.what not in WHO:
                raise ValueError(f"'{' '.join(parts)}' is nobody of the sentence")
        if action is Action.STOP and mention.what is What.VEHICLE and len(mention.ids) > 1:
            self._use(mention)
            return () if spared else mention.ids
        return self._meant(mention, one=one)

    def _meant(self, mention: Mention, *, one: bool) -> tuple[str, ...]:
        self._use(mention)
        thing = mention.ids[0]
        if mention.what is What.GROUP:
            return (f"group:{thing}",)
        if mention.what is not What.VEHICLE_KIND:
            return (thing,)
        members = [vehicle.id for vehicle in self._site.vehicles.values() if vehicle.kind == thing]
        if len(members) == 1:
            return (members[0],)
        return () if one else (f"kind:{thing}",)

    def _place(self, part: str) -> str | None:
        if part == BROKEN_OFF:
            self._breaks_off = True
            return None
        if part.startswith('"'):
            mention = self.meant_by(part.strip('"'), WHERE)
        else:
            mention = self._sentence.things.get(part)
            if mention is None or mention.what not in WHERE:
                raise ValueError(f"'{part}' is no place of the sentence")
        if mention is None:
            return None
        self._use(mention)
        if mention.what is What.PLACE_KIND:
            alone = [place.id for place in self._site.places.values() if place.kind == mention.ids[0]]
            self._vague |= len(alone) > 1
            return alone[0] if len(alone) == 1 else None
        if mention.what is What.ZONE:
            return min(self._site.rules.zones[mention.ids[0]].places)
        return mention.ids[0]

    def _use(self, mention: Mention) -> None:
        self._used.append(mention)
        self._certainty = min(self._certainty, mention.score)
        if len(mention.ids) > 1:
            self._choices = self._choices or mention.ids

    def meant_by(self, text: str, wanted: frozenset[What]) -> Mention | None:
        """What a quotation means: a name that it is like, or the number of what is of the same kind as something that
        is named before it, else after it."""
        quote = self._sentence.quotes.get(text)
        if quote is None:
            raise ValueError(f"the sentence has no '{text}'")
        self._quoted |= set(range(quote.start, quote.end))
        words = words_of(text)
        named = self._finder.find(words, similar=FAR)
        if any(mention.what is What.UNKNOWN for mention in named):
            self._unknown = self._unknown or text
            return None
        found = [mention for mention in named if mention.what in wanted]
        specific = [mention for mention in found if mention.what not in (What.VEHICLE_KIND, What.PLACE_KIND)]
        numbers = self._finder.numbers_in(words, ())
        is_number = len(numbers) == 1 and numbers[0][1].length == len(words)
        if is_number and all(mention.score < 1 for mention in specific):
            specific = []  # "acht" is no misheard name
        if specific:
            return max(specific, key=lambda mention: mention.score)
        if numbered := self._by_number(text, quote.start, wanted):
            return numbered
        if found:
            return max(found, key=lambda mention: mention.score)
        self._unknown = self._unknown or text
        return None

    def _by_number(self, text: str, at: int, wanted: frozenset[What]) -> Mention | None:
        words = words_of(text)
        numbers = self._finder.numbers_in(words, ())
        if len(numbers) != 1:
            return None
        value = numbers[0][1].value
        what = What.VEHICLE if wanted is WHO else What.PLACE
        named = [mention for mention in self._sentence.mentions if mention.what is what]
        nearest = sorted(named, key=lambda mention: (mention.start > at, abs(mention.start - at)))
        asked_for = self._finder.of_kind(self._sentence.context.kind, value) if what is What.PLACE else None
        if asked_for and not nearest:
            return Mention(what, (asked_for,), at, at + len(words), 1.0, text, bare=True)
        before = [mention for mention in self._sentence.things.values() if mention.what is what and not mention.end]
        for mention in (*nearest, *reversed(before)):
            if thing := self._finder.thing_of_kind(mention.ids[0], value):
                return Mention(what, (thing,), at, at + len(words), 1.0, text, bare=True)
        kinds = [m.ids[0] for m in self._sentence.mentions if m.what in (What.VEHICLE_KIND, What.PLACE_KIND)]
        pool = self._site.vehicles if wanted is WHO else self._site.places
        same = [one for one in pool.values() if one.number == value]
        of_kind = tuple(one.id for one in same if one.kind in kinds) or tuple(one.id for one in same)
        return Mention(what, of_kind, at, at + len(words), 0.95, text, bare=True) if of_kind else None


def _split(parts: Sequence[str]) -> Iterator[list[str]]:
    """A list of things, split at its commas."""
    part: list[str] = []
    for word in parts:
        if word == ",":
            yield part
            part = []
        else:
            part.append(word)
    yield part


# What is to be written


def line_of(
    commands: Sequence[Command], sentence: Tagged, finder: EntityFinder, site: Site, how: How | None = None
) -> str:
    """The line that means these commands: what a lesson is to answer. A place :data:`BROKEN_OFF` was not said.

    Raises:
        LookupError: the sentence names something of them in no way that a line can say.
    """
    line = " ; ".join(_LineWriter(sentence, finder, site).order(command) for command in commands)
    return f"{how} {line}" if how else line


class _LineWriter:
    """Writes the orders of one sentence."""

    def __init__(self, sentence: Tagged, finder: EntityFinder, site: Site) -> None:
        self._sentence, self._finder, self._site = sentence, finder, site

    def order(self, command: Command) -> str:
        if command.action in (Action.NONE, Action.PLAN):
            return str(command.action)
        parts = [str(command.action), self._who(command)]
        if command.origin:
            parts += ["from", self._place(command.origin)]
        if command.destination:
            parts += ["to", self._place(command.destination)]
        elif command.action is Action.MOVE and len(kinds := self._place_kinds()) == 1:
            parts += ["to", *kinds]  # "go to a dock": which one is asked
        return " ".join(parts)

    def _place_kinds(self) -> list[str]:
        things = self._sentence.things
        return [tag for tag in self._sentence.own_tags(PLACES) if things[tag].what is What.PLACE_KIND]

    def _who(self, command: Command) -> str:
        named = command.vehicles
        if not named:
            kinds = self._sentence.own_tags("K")
            return f"one {kinds[0]}" if len(kinds) == 1 and command.action.drives else "any"
        if named == (EVERYBODY,):
            return "all"
        live, _, kind = named[0].partition(":")
        if live in LIVE:
            return f"{live} {self._tag(What.VEHICLE_KIND, kind)}" if kind else live
        if len(named) == 1 and named[0].startswith("at:"):
            return f"those at {self._place(named[0].removeprefix('at:'))}"
        try:
            return ",".join(self._thing(one) for one in named)
        except LookupError:
            return self._all_but(set(named))

    def _all_but(self, named: set[str]) -> str:
        """All of a kind, of a group or of the fleet, without some that are named."""
        sets = [(f"all {tag}", self._of(tag)) for tag in self._sentence.tags("K")]
        sets += [(tag, self._of(tag)) for tag in self._sentence.tags("G")] + [("all", set(self._site.vehicles))]
        for whole, members in sets:
            if members == named:
                return whole
            if not named < members:
                continue
            for other in self._sentence.tags("KG"):
                if self._of(other) & members == members - named:
                    return f"{whole} but {f'all {other}' if other[0] == 'K' else other}"
            if spared := self._spared(members - named):
                return f"{whole} but {','.join(spared)}"
        raise LookupError(", ".join(sorted(named)))

    def _spared(self, ids: set[str]) -> list[str]:
        """How vehicles are named in the sentence; nothing where one of them is not."""
        try:
            return [self._thing(one) for one in sorted(ids)]
        except LookupError:
            return []

    def _of(self, tag: str) -> set[str]:
        mention = self._sentence.things[tag]
        if mention.what is What.GROUP:
            return set(self._site.groups[mention.ids[0]].vehicles)
        return {vehicle.id for vehicle in self._site.vehicles.values() if vehicle.kind == mention.ids[0]}

    def _thing(self, one: str) -> str:
        if one.startswith("kind:"):
            return f"all {self._tag(What.VEHICLE_KIND, one.removeprefix('kind:'))}"
        if one.startswith("group:"):
            return self._tag(What.GROUP, one.removeprefix("group:"))
        try:
            return self._tag(What.VEHICLE, one)
        except LookupError:
            vehicle = self._site.vehicles[one]
            for tag in self._sentence.tags("K"):
                if self._of(tag) == {one}:
                    return f"one {tag}"
            return self._numbered(vehicle.number, one, WHO)

    def _place(self, one: str) -> str:
        if one == BROKEN_OFF:
            return one
        try:
            return self._tag(What.PLACE, one)
        except LookupError:
            place = self._site.places[one]
            return self._numbered(place.number, one, WHERE)

    def _tag(self, what: What, thing: str) -> str:
        for tag, mention in self._sentence.things.items():
            if mention.what is what and thing in mention.ids[:1]:
                return tag
        raise LookupError(thing)

    def _numbered(self, number: int | None, thing: str, wanted: frozenset[What]) -> str:
        """A number alone that means a thing, as a quotation."""
        reader = _LineReader(self._sentence, self._finder, self._site)
        for at, found in self._finder.numbers_in(self._sentence.words, self._sentence.mentions):
            text = self._sentence.words.written(at, at + found.length)
            if found.value == number and text in self._sentence.quotes:
                meant = reader.meant_by(text, wanted)
                if meant and meant.ids[0] == thing:
                    return f'"{text}"'
        return self._misheard(thing, wanted)

    def _misheard(self, thing: str, wanted: frozenset[What]) -> str:
        """What of the sentence sounds most like a thing's name, as a quotation."""
        found: list[tuple[float, int, str]] = []
        for text in self._sentence.quotes:
            meant = _LineReader(self._sentence, self._finder, self._site).meant_by(text, wanted)
            if meant and meant.ids == (thing,):
                found.append((meant.score, -len(text), text))
        if not found:
            raise LookupError(thing)
        return f'"{max(found)[2]}"'
