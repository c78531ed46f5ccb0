"""Write the sentences by pattern of the development set: tests/data/eval/SITE/pattern.jsonl.

    python scripts/make_eval.py

The patterns are in eval_patterns.toml, and know nothing of the grammar's data. Each is filled REPEATS times with
vehicles, places and loads drawn at random from one of the four sites, the seed being fixed.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from banksman_shared import load_site
from banksman_shared.site import Site

ROOT = Path(__file__).parents[1]
SETS = ROOT / "tests" / "data" / "eval"
REPEATS = 2
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 20, 21, 40)
VEHICLES = {
    "brewery": ("forklift", "tugger"),
    "carplant": ("carrier", "stacker"),
    "airport": ("tractor", "dolly"),
    "hospital": ("robot", "cart"),
}
NUMBERED = {
    "brewery": ("dock", "line"),
    "carplant": ("gate", "rack"),
    "airport": ("gate", "belt"),
    "hospital": ("ward", "room", "lift"),
}
NAMED = {
    "brewery": ("brewhouse", "cold-store", "empties", "hop-store"),
    "carplant": ("body-shop", "paint-shop", "assembly"),
    "airport": ("hangar", "customs", "transfer-hall", "catering"),
    "hospital": ("pharmacy", "laundry", "kitchen", "lab"),
}
PREPOSITIONS = ("to", "from", "at")


class Speaker:
    """Fills a language's patterns with what there is on a site."""

    def __init__(self, code: str, language: dict[str, Any], site: Site, dice: random.Random) -> None:
        self._code, self._language, self._site, self._dice = code, language, site, dice
        self._vehicles = self._nouns(VEHICLES, language["vehicles"])
        self._plurals = self._nouns(VEHICLES, language["plurals"])
        self._places = self._nouns(NUMBERED, language["numbered"]) | self._nouns(NAMED, language["named"])

    def _nouns(self, table: Mapping[str, tuple[str, ...]], words: list[str]) -> dict[str, str]:
        keys = [(site, key) for site, own in table.items() for key in own]
        return {key: word for (site, key), word in zip(keys, words, strict=True) if site == self._site.id}

    def row(self, template: str) -> tuple[str, Any]:
        """A sentence and what it means. Actions joined by "+" are done in turn by whom the first names."""
        actions, text = template.split("|")
        vehicles, slots = self._draw_vehicles(text)
        ids = self._dice.sample([place for place in self._site.places if self._kind(place) in self._places], 3)
        for position, preposition in enumerate(PREPOSITIONS):
            slots[preposition] = self._place(ids[position], position)
        # Several loads are a matter for the planner unless somebody is named: every other one is a plural.
        slots["load"] = self._dice.choice(self._language["loads"][:: 1 if vehicles else 2])
        said = {slot: place for slot, place in zip(PREPOSITIONS, ids, strict=True) if f"{{{slot}}}" in text}
        first, *later = actions.split("+")
        commands = [self._command(first, vehicles, said), *({"action": a, "vehicles": vehicles} for a in later)]
        return text.format(**slots), commands if later else commands[0]

    @staticmethod
    def _command(action: str, vehicles: list[str], said: dict[str, str]) -> dict[str, Any]:
        if action in ("none", "plan"):
            return {"action": action, "vehicles": []}
        command: dict[str, Any] = {"action": action, "vehicles": vehicles}
        if action == "transport" and "from" in said:
            command["from"] = said["from"]
        where = said.get("to") or said.get("at") or said.get("from")
        return command | ({"to": where} if where else {})

    def _draw_vehicles(self, text: str) -> tuple[list[str], dict[str, str]]:
        """Whom the sentence means, and what fills its slots."""
        one, other = self._dice.sample(list(self._site.vehicles), 2)
        kind = self._dice.choice(list(self._vehicles))
        (group,) = self._site.groups.values()
        meant = {"v": one, "w": other, "all": f"kind:{kind}", "g": f"group:{group.id}"}
        slots = {"v": self._vehicle(one), "w": self._vehicle(other), "all": self._plurals[kind]}
        slots["g"] = group.names[self._code][0]
        return [key for slot, key in meant.items() if f"{{{slot}}}" in text], slots

    def _vehicle(self, key: str) -> str:
        vehicle = self._site.vehicles[key]
        names = vehicle.names.get(self._code, ())
        if names and self._dice.random() < 0.5:
            return names[0]
        number = self._number(vehicle.number or 0, "numbers")
        return str(self._language["vehicle"]).format(x=self._vehicles[vehicle.kind], n=number)

    def _kind(self, place: str) -> str:
        return self._site.places[place].kind or place

    def _place(self, key: str, preposition: int) -> str:
        gender, _, noun = self._places[self._kind(key)].partition(":")
        number = self._site.places[key].number
        forms = [self._numbered(form, number) for form in noun.split("|")]
        return str(self._language["classes"][gender][preposition]).format(*forms, x=forms[0])

    def _numbered(self, noun: str, number: int | None) -> str:
        if number is None:
            return noun
        counted = "ordinals" if "ordinals" in self._language else "numbers"
        return str(self._language["place"]).format(x=noun, n=self._number(number, counted))

    def _number(self, number: int, words: str) -> str:
        """As a word or in digits; ordinals in digits have a full stop."""
        if number in NUMBERS and self._dice.random() < 0.5:
            return str(self._language[words]).split()[NUMBERS.index(number)].replace("-", self._joint())
        return f"{number}." if words == "ordinals" else str(number)

    def _joint(self) -> str:
        return "-" if self._code in ("en", "fr") else " "


def sentences() -> dict[str, str]:
    """What each site's file holds."""
    languages = tomllib.loads((Path(__file__).parent / "eval_patterns.toml").read_text("utf-8"))
    sites = {name: load_site(SETS / name) for name in VEHICLES}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in sites}
    for code in sorted(languages):
        dice = random.Random(f"pattern {code}")
        templates = languages[code]["templates"]
        lines = [*templates["orders"], *(f"none|{text}" for text in templates["talk"])]
        for number, template in enumerate(lines * REPEATS):
            name = list(sites)[(number + number // len(lines)) % len(sites)]
            text, command = Speaker(code, languages[code], sites[name], dice).row(template)
            text = text[0].upper() + text[1:]
            rows[name].append({"id": f"pattern-{code}-{number:02}", "text": text, "language": code, "expect": command})
    return {name: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in own) for name, own in rows.items()}


def main() -> None:
    for name, text in sentences().items():
        (SETS / name / "pattern.jsonl").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
