"""Short sentences from templates, one file per language in ``data/``."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from banksman_edge.fleet import Code, Facts, VehicleView, hindrance
from banksman_edge.replies.forms import Amount, Unit, amount, capital, euphonic, joined
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, ON_THE_SPOT, Command
from banksman_shared.site import Site

FALLBACK = "en"
NO_FACTS: Facts = {}
_WORD = re.compile(r"[^\s:;,'\"()]*[^\s:;,'\"().]")
"""What may be an id in a sentence: all that stands between spaces and marks."""
FULL_STOPS = " .!。！।"
NO_WORDS: Mapping[str, str] = {}


@cache
def _sources() -> dict[str, Traversable]:
    """The files there are, by language: no language that somebody sends becomes part of a path."""
    there = (files("banksman_edge.replies") / "data").iterdir()
    return {path.name.removesuffix(".toml"): path for path in there if path.name.endswith(".toml")}


def reply_language(language: str) -> str:
    """The language that ``language`` is answered in: itself where it has a file, else English."""
    return language if language in _sources() else FALLBACK


@cache
def _read(language: str) -> dict[str, Any]:
    return tomllib.loads(_sources()[language].read_text("utf-8"))


def _templates(language: str) -> dict[str, Any]:
    return _read(reply_language(language))


class Phrasebook:
    """Says things about one site. A language without a file is answered in English."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def say(self, key: str, language: str, **values: object) -> str:
        """The sentence ``key`` with its values filled in, its first letter large; an :class:`Amount` in its form."""
        return capital(self.part(key, language, **values).strip(), language)

    def part(self, key: str, language: str, **values: object) -> str:
        """A part of a sentence, as it stands inside one."""
        said = {name: self.amount(v, language) if isinstance(v, Amount) else v for name, v in values.items()}
        if isinstance(words := said.get("words"), str):
            said["words"] = words.rstrip(FULL_STOPS)  # the sentence that they stand in has its own
        return self._phrase(key, language, **said)

    def _phrase(self, key: str, language: str, **values: object) -> str:
        return euphonic(str(_templates(language)[key]).format(**values), reply_language(language))

    def amount(self, wanted: Amount, language: str) -> str:
        """A number of something."""
        return amount(wanted, reply_language(language), _templates(language))

    def why(
        self,
        code: Code | None,
        detail: str,
        language: str,
        vehicle: str | None = None,
        *,
        facts: Facts = NO_FACTS,
        words: Mapping[str, str] = NO_WORDS,
    ) -> str:
        """Why something went wrong: the language's own sentence, else the fleet's English one, with names for its ids.

        ``facts`` fill the sentence in. ``words`` is how the vehicle puts it, by language: said behind our sentence.
        """
        reasons, own = _templates(language)["why"], words.get(language)
        template = reasons.get(code) if code else None
        if template and vehicle is None and "{who}" in template:
            template = reasons.get(Code.NOBODY_FITS)  # of several each had a reason, or another one
        if template is None:
            return own or self._spoken(detail, language)
        who = self._site.label(vehicle, language) if vehicle else self._phrase("any", language)
        values = {name: self._fact(value, language) for name, value in facts.items()}
        try:
            text = euphonic(str(template).format(**{**values, "who": who}), reply_language(language))
        except KeyError:  # the same code, with less known about it
            return own or self._spoken(detail, language)
        return f"{text} {own}" if own else text

    def _spoken(self, sentence: str, language: str) -> str:
        """A sentence of the fleet with what people call its vehicles and places."""
        return _WORD.sub(lambda word: self._site.label(word[0], language), sentence)

    def _fact(self, value: str | float, language: str) -> str:
        """A place or vehicle as people call it; numbers are metres."""
        if isinstance(value, str):
            return self._site.label(value, language)
        return self.amount(Amount(value, Unit.METRE), language)

    def who(self, vehicles: Sequence[str], language: str) -> str:
        """The vehicles of a command, as people call them: "forklift 3, tugger 1 and Hercules"."""
        if not vehicles:
            return self._phrase("any", language)
        spoken = reply_language(language)
        return euphonic(joined([self._one(reference, language) for reference in vehicles], spoken), spoken)

    def _one(self, reference: str, language: str) -> str:
        if reference == EVERYBODY:
            return self._phrase("all", language)
        selector, _, name = reference.partition(":")
        if selector == "kind":
            names = self._site.vehicle_kinds[name].names.get(language)
            return self._phrase("kind", language, kind=names[0] if names else name)
        if selector == "at":
            return self._phrase("at", language, place=self._site.label(name, language))
        return self._site.label(name or reference, language)

    def read_back(self, commands: Sequence[Command], language: str) -> str:
        """What is about to be done, in full; a question is answered and not read back."""
        return " ".join(self._command(c, language) for c in commands if c.action is not Action.STATUS)

    def _command(self, command: Command, language: str) -> str:
        key = str(command.action)
        if command.action in ON_THE_SPOT and command.destination is None:
            key += "_here"
        if command.action is Action.TRANSPORT and command.origin is None:
            key += "_to"
        everybody = command.action in (Action.STOP, Action.RESUME, Action.CANCEL)
        return self.say(
            key,
            language,
            who=self.who(command.vehicles or ((EVERYBODY,) if everybody else ()), language),
            to=self._site.label(command.destination or "", language),
            origin=self._site.label(command.origin or "", language),
            what=self._own(command.name, language) if command.name else "",
        )

    def _own(self, action: str, language: str) -> str:
        """What an action of the site's own is called."""
        return (self._site.actions[action].names.get(language) or (action,))[0]

    def status(self, views: Sequence[VehicleView], language: str) -> str:
        """Where vehicles are and how full, one sentence each; of none, that none is there."""
        if not views:
            return self.say("status_nobody", language)
        return " ".join(self._status(view, language) for view in views)

    def _status(self, view: VehicleView, language: str) -> str:
        who = self._site.label(view.id, language)
        if not view.connected:
            return self.say("status_away", language, who=who)
        at = next((p.id for p in self._site.places.values() if p.node == view.node), None)
        near = None if at else self._nearest(view)
        place = self._site.label(at or near or "", language) if at or near else self._phrase("nowhere", language)
        key = "status_near" if near else "status"
        if view.battery is None:
            status = self.say("status_near_bare" if near else "status_bare", language, who=who, place=place)
        else:
            status = self.say(key, language, who=who, place=place, battery=Amount(round(view.battery), Unit.PERCENT))
        held = hindrance(view)
        if held is None:
            return status
        why = self.why(held.code, held.sentence, language, view.id, facts=held.facts)
        return f"{status} {capital(why, language)}"

    def _nearest(self, view: VehicleView) -> str | None:
        """The place that a vehicle on the road is nearest to: nobody knows the ids of the layout's nodes."""
        nodes = self._site.layout.nodes
        if (here := nodes.get(view.node or "")) is None:  # on no map of the layout
            return None
        there = {p.id: node for p in self._site.places.values() if (node := nodes.get(p.node)) is not None}
        same_map = (place for place, node in there.items() if node.map_id == here.map_id)
        return min(same_map, key=lambda p: math.dist((there[p].x, there[p].y), (here.x, here.y)), default=None)
