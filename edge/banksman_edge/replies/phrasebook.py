"""Short sentences from templates, one file per language in ``data/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_edge.fleet import Code, Facts, VehicleView
from banksman_edge.fleet.objections import hindrance
from banksman_shared.commands import EVERYBODY, Action, Command
from banksman_shared.site import Site

FALLBACK = "en"
NO_FACTS: Facts = {}
NO_WORDS: Mapping[str, str] = {}

_DECIMAL_COMMA = frozenset({"de", "es", "fr", "it", "pt"})


@cache
def _templates(language: str) -> dict[str, Any]:
    source = files("banksman_edge.replies") / "data" / f"{language}.toml"
    if not source.is_file():
        return _templates(FALLBACK)
    return tomllib.loads(source.read_text("utf-8"))


class Phrasebook:
    """Says things about one site. A language without a file is answered in English."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def say(self, key: str, language: str, **values: object) -> str:
        """The sentence ``key`` with its values filled in, its first letter large."""
        text = str(_templates(language)[key]).format(**values)
        return text[:1].upper() + text[1:]

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
        """Why something went wrong: the language's own sentence, else the fleet's English one.

        ``facts`` fill the sentence in. ``words`` is how the vehicle puts it, by language: said behind our sentence.
        """
        template = _templates(language)["why"].get(code) if code else None
        own = words.get(language)
        if template is None:
            return own or detail
        who = self._site.label(vehicle, language) if vehicle else self.say("any", language)
        values = {name: self._fact(value, language) for name, value in facts.items()}
        try:
            text = str(template).format(**{**values, "who": who})
        except KeyError:  # the same code, with less known about it
            return own or detail
        return f"{text} {own}" if own else text

    def _fact(self, value: str | float, language: str) -> str:
        """A place or vehicle as people call it, a number as people write it."""
        if isinstance(value, str):
            return self._site.label(value, language)
        number = f"{value:.3g}"
        return number.replace(".", ",") if language in _DECIMAL_COMMA else number

    def who(self, vehicles: Sequence[str], language: str) -> str:
        """The vehicles of a command, as people call them."""
        if not vehicles:
            return str(_templates(language)["any"])
        return ", ".join(self._one(reference, language) for reference in vehicles)

    def _one(self, reference: str, language: str) -> str:
        if reference == EVERYBODY:
            return str(_templates(language)["all"])
        selector, _, name = reference.partition(":")
        if not name:
            return self._site.label(reference, language)
        if selector == "kind":
            names = self._site.vehicle_kinds[name].names.get(language)
            return f"{_templates(language)['all']} ({names[0] if names else name})"
        return self._site.label(name, language)

    def read_back(self, commands: Sequence[Command], language: str) -> str:
        """What is about to be done, in full."""
        return " ".join(self._command(command, language) for command in commands)

    def _command(self, command: Command, language: str) -> str:
        key = str(command.action)
        if command.action in (Action.PICK, Action.DROP) and command.destination is None:
            key += "_here"
        if command.action is Action.TRANSPORT and command.origin is None:
            key += "_to"
        everybody = command.action in (Action.STOP, Action.RESUME, Action.CANCEL, Action.STATUS)
        return self.say(
            key,
            language,
            who=self.who(command.vehicles or ((EVERYBODY,) if everybody else ()), language),
            to=self._site.label(command.destination or "", language),
            origin=self._site.label(command.origin or "", language),
        )

    def status(self, views: Sequence[VehicleView], language: str) -> str:
        """Where vehicles are and how full, one sentence each."""
        return " ".join(self._status(view, language) for view in views)

    def _status(self, view: VehicleView, language: str) -> str:
        who = self._site.label(view.id, language)
        if not view.connected:
            return self.say("status_away", language, who=who)
        place = next((p.id for p in self._site.places.values() if p.node == view.node), None)
        where = self._site.label(place, language) if place else (view.node or "?")
        battery = "?" if view.battery is None else round(view.battery)
        status = self.say("status", language, who=who, place=where, battery=battery)
        held = hindrance(view)
        if held is None:
            return status
        why = self.why(held.code, held.sentence, language, view.id, facts=held.facts)
        return f"{status} {why[:1].upper()}{why[1:]}"
