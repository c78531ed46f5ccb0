"""From a line of the taught model to goals, and from goals as people write them to a line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from banksman_cloud.reading.condition_finder import EDGES
from banksman_cloud.reading.line_grammar import ALL, EACH, EQUAL, KEYWORDS, NOT_SAID, NUMBERS, PREFERENCES, REST
from banksman_cloud.reading.names import members, places_meant
from banksman_cloud.reading.tagging import COUNT, Tag, TaggedRequest
from banksman_shared.plans import (
    AvoidGoal,
    Goal,
    Goals,
    OneWayGoal,
    PreferGoal,
    ReserveGoal,
    SendGoal,
    TransportGoal,
    UseGoal,
)
from banksman_shared.site import Place, Site, Vehicle

_WORD = re.compile(r"[^\s,]+|,")
_TAG = re.compile(r"[PAZVKGLNDTQ]\d+")
CORRECTED_WITHIN = 24
"""Characters between a number and another that takes its place."""
_WHO = ("vehicles", "without", "among", "only", "never")
"""Fields of goals that name vehicles."""


def goals_of(line: str, request: TaggedRequest, site: Site) -> Goals:
    """The goals of a line. What it leaves open, and what of the request it does not speak of, is unclear.

    Raises:
        ValueError: it is none.
    """
    return _LineReader(request, site).read(line)


class _OpenError(Exception):
    """Something of a goal is not known, and is asked for: there is no such goal yet."""


@dataclass(slots=True)
class _LineReader:
    request: TaggedRequest
    site: Site
    goals: list[Goal] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)

    def read(self, line: str) -> Goals:
        parts = [part.removeprefix("then ") for part in line.split(" ; ")]
        waits = [part.startswith("then ") for part in line.split(" ; ")]
        used = {tag for part in parts for tag in _TAG.findall(part)}
        spoken = [self._span(part) for part in parts]
        last: tuple[int, ...] = ()
        for at, part in enumerate(parts):
            if part == "beyond":
                self.beyond.append(self._between(spoken, at))
                continue
            try:
                made = self._goal(part, self._words(spoken[at]))
            except _OpenError:
                continue
            if waits[at] and last:
                made = [
                    g.model_copy(update={"after": last}) if isinstance(g, TransportGoal | SendGoal) else g for g in made
                ]
            if any(isinstance(goal, TransportGoal | SendGoal) for goal in made):
                last = tuple(range(len(self.goals), len(self.goals) + len(made)))
            self.goals += made
        self._others()
        left = [self.request.tags[name] for name in unused(self.request, used, self.site)]
        counted = self._counted()
        told = [tag for tag in left if tag.value("count") in counted or self._is_corrected(tag, used)]
        asked = [tag for tag in left if tag not in told]
        return Goals(
            goals=tuple(self.goals),
            unsupported=tuple(dict.fromkeys([*self.beyond, *(tag.words for tag in told)])),
            unclear=tuple(dict.fromkeys([*self.unclear, *(tag.words for tag in asked)])),
            missing=tuple(dict.fromkeys(self.missing)),
        )

    def _counted(self) -> set[int]:
        """How many things goals name together: "those two docks"."""
        fields = (*_WHO, "origins", "destinations", "places")
        lists = [getattr(goal, name, ()) for goal in self.goals for name in fields]
        return {len({one for each in some for one in self._meant(each)}) for some in lists if some} - {1}

    def _is_corrected(self, tag: Tag, used: Collection[str]) -> bool:
        """Whether a number is one that the next one takes the place of ("four, no, five")."""
        end = tag.spans[-1][1]
        later = [(other.spans[0][0], name) for name, other in self.request.tags.items() if other.spans[0][0] >= end]
        begin, name = min(later, default=(0, ""))
        same = name in used and {kind for kind, _ in self.request.tags[name].readings} & {k for k, _ in tag.readings}
        return bool(same) and begin - end <= CORRECTED_WITHIN

    def _meant(self, reference: str) -> frozenset[str]:
        """The vehicles or places that a reference means."""
        found = members(self.site, reference)
        return found if found <= self.site.vehicles.keys() else places_meant(self.site, reference)

    # Which words a goal is from

    def _span(self, part: str) -> tuple[int, int] | None:
        spans = [
            span for tag in _TAG.findall(part) if tag in self.request.tags for span in self.request.tags[tag].spans
        ]
        return (min(begin for begin, _ in spans), max(end for _, end in spans)) if spans else None

    def _words(self, span: tuple[int, int] | None) -> str:
        return self.request.request[slice(*span)] if span else self.request.request

    def _between(self, spoken: Sequence[tuple[int, int] | None], at: int) -> str:
        """The words between those of the goals before and behind one."""
        text = self.request.request
        begin = max((span[1] for span in spoken[:at] if span), default=0)
        end = min((span[0] for span in spoken[at + 1 :] if span and span[0] >= begin), default=len(text))
        return text[begin:end].strip(EDGES) or text

    # Goals

    def _goal(self, part: str, words: str) -> list[Goal]:
        verb, *rest = _WORD.findall(part)
        slots = _slots(verb, rest)
        match verb:
            case "carry":
                return [*self._carry(slots, words)]
            case "move" | "charge" | "park":
                return [self._send(verb, slots, words)]
            case "close":
                return [
                    AvoidGoal(
                        words=words,
                        places=self._refers(slots["places"]),
                        vehicles=self._told(slots.get("for", [])),
                        **self._window(slots),
                    )
                ]
            case "oneway":
                (start,), (end,) = self._refers(slots["places"]), self._refers(slots["to"])
                return [OneWayGoal(words=words, start=start, end=end)]
            case "reserve":
                return [
                    ReserveGoal(
                        words=words,
                        percent=self._percent(slots["places"][0]),
                        vehicles=self._told(slots.get("for", [])),
                    )
                ]
            case "only":
                return [UseGoal(words=words, only=self._told(slots["who"]))]
            case "never":
                return [UseGoal(words=words, never=self._told(slots["who"]) or tuple(self.site.vehicles))]
            case "prefer":
                return [PreferGoal(words=words, what=PREFERENCES[rest[0]])]
        raise ValueError(f"'{verb}' is no goal")

    def _carry(self, slots: dict[str, list[str]], words: str) -> Iterator[Goal]:
        amount, origins, destinations = slots["places"][0], slots["from"], slots["to"]
        said = {"amount": [amount], "origin": origins, "destination": destinations}
        if lacking := [what for what, words in said.items() if words == [NOT_SAID]]:
            self.missing += lacking
            raise _OpenError
        count = None if amount in (ALL, REST) else self._number(amount)
        share = destinations[0] if destinations[0] in (EACH, EQUAL) else "any"
        goal = TransportGoal(
            words=words,
            count=count,
            origins=self._refers(origins),
            destinations=self._refers(destinations),
            share=share,
            load_type=self._refers(slots["type"])[0] if "type" in slots else None,
            priority="high" if "urgent" in slots else "low" if "last" in slots else "normal",
            **self._who(slots),
            **self._times(slots),
        )
        if origins[0] in (EACH, EQUAL):
            yield from self._from_each(goal, equal=origins[0] == EQUAL)
        else:
            yield goal

    def _from_each(self, goal: TransportGoal, *, equal: bool) -> Iterator[Goal]:
        """A goal for each place that loads come from."""
        origins = [place for one in goal.origins for place in sorted(places_meant(self.site, one))]
        for at, origin in enumerate(origins):
            count = goal.count
            if equal and count is not None:
                count = count // len(origins) + (at < count % len(origins))
            yield goal.model_copy(update={"origins": (origin,), "count": count})

    def _send(self, action: str, slots: dict[str, list[str]], words: str) -> Goal:
        who = slots["who"]
        if "of" in who:
            at = who.index("of")
            made: dict[str, Any] = {
                "count": self._number(who[0]),
                "among": () if who[at + 1] == ALL and "but" not in who else self._told(who[at + 1 :]),
            }
        else:
            made = {"vehicles": tuple(self.site.vehicles) if who == [ALL] else self._told(who)}
        to = slots.get("to", [])
        if to == [NOT_SAID]:
            self.missing.append("destination")
            raise _OpenError
        until = self._percent(slots["until"][0]) if "until" in slots else None
        when = "first" if "first" in slots or until is not None else "only" if "stay" in slots else "last"
        return SendGoal(
            words=words,
            action=action,
            destinations=self._refers(to) if to else (),
            when=when,
            until=until,
            **made,
            **self._times(slots),
        )

    # Who, where and when

    def _tag(self, name: str) -> Tag:
        if name not in self.request.tags:
            raise ValueError(f"the request has no {name}")
        return self.request.tags[name]

    def _refers(self, parts: Sequence[str], *, vehicles: bool = False) -> tuple[str, ...]:
        """How goals refer to what tags mean. A name that may mean several things is unclear."""
        pool = self.site.vehicles if vehicles else self.site.places
        found: list[str] = []
        for name in parts:
            if name in (",", EACH, EQUAL, NOT_SAID):
                continue
            tag = self._tag(name)
            refers = numbered(name, self.request, pool) if name[0] == COUNT else tag.refers
            if not refers:
                self.unclear.append(tag.words)
                raise _OpenError
            found += refers
        if not found:
            self.missing.append("vehicle" if vehicles else "destination")
            raise _OpenError
        return tuple(dict.fromkeys(found))

    def _told(self, who: Sequence[str]) -> tuple[str, ...]:
        """References to vehicles; those but some as ids; "the others" are left for later."""
        if not who:
            return ()
        if who == [REST]:
            return (REST,)
        told, spared = (who[: who.index("but")], who[who.index("but") + 1 :]) if "but" in who else (who, [])
        meant = tuple(self.site.vehicles) if ALL in told else self._refers(told, vehicles=True)
        if not spared:
            return () if ALL in told else meant
        out = self._ids(self._refers(spared, vehicles=True))
        return self._some(vehicle for vehicle in self._ids(meant) if vehicle not in out)

    def _some(self, vehicles: Iterable[str]) -> tuple[str, ...]:
        """These, of whom there have to be some: none at all would mean that any may."""
        found = tuple(vehicles)
        if not found:
            self.missing.append("vehicle")
            raise _OpenError
        return found

    def _ids(self, references: Sequence[str]) -> tuple[str, ...]:
        meant = {one for reference in references for one in members(self.site, reference)}
        return tuple(vehicle for vehicle in self.site.vehicles if vehicle in meant)

    def _who(self, slots: dict[str, list[str]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if "most" in slots:
            made["at_most"] = self._number(slots["most"][0])
        if "without" in slots:
            made["without"] = self._told(slots["without"]) or tuple(self.site.vehicles)
        if "by" in slots:
            who = slots["by"]
            if "of" in who:
                made["at_most"], who = self._number(who[0]), who[who.index("of") + 1 :]
            made["vehicles"] = self._told(who)
        return made

    def _others(self) -> None:
        """ "The others" are those that no other goal names."""
        told = (getattr(goal, name, ()) for goal in self.goals for name in _WHO if name != "only")
        named = {vehicle for some in told for vehicle in self._ids([one for one in some if one != REST])}
        others = tuple(vehicle for vehicle in self.site.vehicles if vehicle not in named)
        for at, goal in enumerate(self.goals):
            for name in _WHO:
                if REST in getattr(goal, name, ()):
                    self.goals[at] = goal.model_copy(update={name: others})
                    self.missing += () if others else ("vehicle",)

    def _number(self, word: str) -> int:
        return NUMBERS[word] if word in NUMBERS else int(self._value(word, "count"))

    def _value(self, name: str, kind: str) -> Any:
        tag = self._tag(name)
        value = tag.value(kind)
        if value is None:
            self.unclear.append(tag.words)
            raise _OpenError
        return value

    def _percent(self, name: str) -> float:
        return float(self._value(name, "count" if name[0] == COUNT else "percent"))

    def _moment(self, name: str, seconds: str, time: str) -> dict[str, Any]:
        spans = self._tag(name).value("seconds")
        return {seconds: spans} if spans is not None else {time: self._value(name, "time")}

    def _times(self, slots: dict[str, list[str]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if "within" in slots:
            made |= {"within_s": self._value(slots["within"][0], "seconds")}
        if "before" in slots:
            made |= {"by": self._value(slots["before"][0], "time")}
        if "after" in slots:
            made |= self._moment(slots["after"][0], "not_before_s", "not_before")
        return made

    def _window(self, slots: dict[str, list[str]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if "from" in slots:
            made |= self._moment(slots["from"][0], "from_s", "from_time")
        if "until" in slots:
            made |= self._moment(slots["until"][0], "until_s", "until_time")
        return made


def numbered(name: str, request: TaggedRequest, pool: Mapping[str, Place] | Mapping[str, Vehicle]) -> tuple[str, ...]:
    """The place or vehicle of the ``pool`` that a number means beside one of the same kind: the nearest before it, else
    behind it."""
    number, at = request.tags[name].value("count"), request.tags[name].spans[0][0]
    kinds = [(tag.spans[0][0], _kind_in(tag.refers, pool)) for tag in request.tags.values() if tag.refers]
    for _, kind in sorted(kinds, key=lambda one: (one[0] > at, abs(one[0] - at))):
        if found := [one.id for one in pool.values() if kind and (one.kind, one.number) == (kind, number)]:
            return (found[0],)
    return ()


def _kind_in(refers: Sequence[str], pool: Mapping[str, Place] | Mapping[str, Vehicle]) -> str | None:
    kind = refers[0].removeprefix("kind:")
    if kind != refers[0]:
        return kind if any(one.kind == kind for one in pool.values()) else None
    return pool[refers[0]].kind if refers[0] in pool else None


def unused(request: TaggedRequest, used: Collection[str], site: Site) -> Iterator[str]:
    """The tags that a line does not use and has to: not the kind of the places where vehicles charge or stand when they
    have nothing to do."""
    homes = {vehicle.home for vehicle in site.vehicles.values()}
    for name, tag in request.tags.items():
        kinds = [one for one in tag.refers if one.startswith("kind:") and name[0] == "A"]
        places = [site.places[place] for one in kinds for place in places_meant(site, one)]
        at_home = bool(places) and all(place.charger or place.id in homes for place in places)
        if name not in used and tag.sure and not at_home:
            yield name


def _slots(verb: str, words: Sequence[str]) -> dict[str, list[str]]:
    """The words of a goal by what stands before them; the first ones are ``who`` or ``places``."""
    slot = "who" if verb in ("move", "charge", "park", "only", "never") else "places"
    found: dict[str, list[str]] = {slot: []}
    for word in words:
        if word in KEYWORDS:
            slot = word
            found[slot] = []
        else:
            found[slot].append(word)
    return found


# What is to be written


def line_of(reading: str, request: TaggedRequest, site: Site) -> str:
    """The line for a reading with ids, numbers and times in place of tags.

    Raises:
        LookupError: something of it is in no tag of the request.
    """
    writer = _LineWriter(request, site)
    return " ; ".join(writer.goal(part) for part in reading.split(" ; "))


@dataclass(slots=True)
class _LineWriter:
    request: TaggedRequest
    site: Site
    _used: set[str] = field(default_factory=set)

    def goal(self, part: str) -> str:
        then = "then " if part.startswith("then ") else ""
        words = _WORD.findall(part.removeprefix("then "))
        verb, slot, written = words[0], "", [words[0]]
        counts = verb == "carry"  # the first word of it is an amount
        for at, word in enumerate(words[1:], 1):
            if word in KEYWORDS or word in (",", "of", "but", ALL, REST, NOT_SAID, EACH, EQUAL, *PREFERENCES, "beyond"):
                slot = word if word in KEYWORDS else slot
                written.append(word)
            elif (counts and at == 1) or slot == "most" or words[at + 1 : at + 2] == ["of"]:
                written.append(self._number(word))
            elif slot == "type":
                written.append(self._load(word))
            elif word.endswith("%"):
                written.append(self._percent(int(word[:-1])))
            elif re.fullmatch(r"\d+(s|min|h)", word):
                value, unit = re.fullmatch(r"(\d+)(s|min|h)", word).groups()  # type: ignore[union-attr]
                written.append(self._figure("seconds", int(value) * {"s": 1, "min": 60, "h": 3600}[unit]))
            elif re.fullmatch(r"\d\d?:\d\d", word):
                written.append(self._figure("time", word.zfill(5)))
            else:
                written.append(self._thing(word))
        text = " ".join(written).replace(" , ", ",")
        return then + text

    def _number(self, word: str) -> str:
        if not word.isdigit():
            raise LookupError(word)
        try:
            return self._figure("count", int(word))
        except LookupError:
            said = next((name for name, value in NUMBERS.items() if value == int(word)), None)
            if said is None:
                raise
            return said

    def _percent(self, value: int) -> str:
        try:
            return self._figure("percent", value)
        except LookupError:
            return self._figure("count", value)

    def _figure(self, kind: str, value: int | str) -> str:
        fitting = [name for name, tag in self.request.tags.items() if (kind, value) in tag.readings]
        fresh = [name for name in fitting if name not in self._used] or fitting
        if not fresh:
            raise LookupError(f"{kind} {value}")
        self._used.add(fresh[0])
        return fresh[0]

    def _load(self, word: str) -> str:
        found = next((name for name, tag in self.request.tags.items() if name[0] == "L"), None)
        if found is None:
            raise LookupError(word)
        return found

    def _thing(self, reference: str) -> str:
        tags = self.request.tags
        fitting = [name for name, tag in tags.items() if reference in tag.refers]
        pool = self.site.vehicles if reference in self.site.vehicles else self.site.places
        fitting += [n for n in tags if n[0] == COUNT and numbered(n, self.request, pool) == (reference,)]
        if not fitting:
            raise LookupError(reference)
        return fitting[0]
