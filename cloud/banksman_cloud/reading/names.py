"""What a request names, where the edge has found that out.

A small model mixes up names with numbers or in another language than its own; the edge knows the names of its site
for certain. So the model is shown what this request names and nothing else of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from banksman_shared.plans import NamedThing
from banksman_shared.site import Names, Site
from banksman_shared.text import fold

UNSPACED_SCRIPTS = "\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff"
_ENDING = 2
"""Letters at the end of a longer word that inflection may change."""
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_BETWEEN_UNSPACED = re.compile(rf"(?<=[{UNSPACED_SCRIPTS}]) (?=[{UNSPACED_SCRIPTS}])")


def describe_names(site: Site, language: str, mentions: Sequence[NamedThing]) -> str:
    """The ids of what is named with their names, and how many vehicles there are of each kind."""
    lines: list[str] = []
    zones = {f"zone:{zone}" for zone in site.rules.zones}
    for title, known in (("Places:", site.places.keys()), ("Zones:", zones), ("Vehicles:", site.vehicles.keys())):
        single = [m for m in mentions if len(m.ids) == 1 and m.ids[0] in known]
        several = [m for m in mentions if len(m.ids) > 1 and known >= set(m.ids)]
        named = [f"{m.ids[0]} = {_names(site, language, m)}" for m in single]
        named += [_several(site, m) for m in several]
        lines += [title, *dict.fromkeys(named)] if named else []
    whole = {kind: _words(m) for m in mentions if m.ids[0] in site.places and (kind := selector(site, m))}
    lines += ["Kinds of places, for avoid:", *(f"{kind} = {words}" for kind, words in whole.items())] if whole else []
    kinds = [vehicle.kind for vehicle in site.vehicles.values()]
    counts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return "\n".join([*lines, f"In all: {', '.join(counts)}"])


def _several(site: Site, mention: NamedThing) -> str:
    """A name of several: of vehicles by what they are called together, of places each, since one may be meant."""
    together = selector(site, mention) if mention.ids[0] in site.vehicles else None
    return f"{together} = {_words(mention)}" if together else f"{_words(mention)} = {', '.join(mention.ids)}"


def members(site: Site, reference: str) -> frozenset[str]:
    """The vehicles that an id, ``kind:ID`` or ``group:ID`` means."""
    what, _, name = reference.partition(":")
    if what == "kind" and name in site.vehicle_kinds:
        return frozenset(vehicle.id for vehicle in site.vehicles.values() if vehicle.kind == name)
    if what == "group" and name in site.groups:
        return frozenset(site.groups[name].vehicles)
    return frozenset({reference})


def places_meant(site: Site, reference: str) -> frozenset[str]:
    """The places of ``zone:ID`` or ``kind:ID``; of anything else, itself."""
    if (kind := reference.removeprefix("kind:")) != reference:
        return frozenset(place.id for place in site.places.values() if place.kind == kind)
    return site.places_of(reference)


def selector(site: Site, mention: NamedThing) -> str | None:
    """``kind:ID`` or ``group:ID`` of several vehicles, or ``kind:ID`` of several places, that a name means all of."""
    meant = set(mention.ids)
    if len(meant) == 1:
        return None
    places = {f"kind:{kind}": {p.id for p in site.places.values() if p.kind == kind} for kind in site.place_kinds}
    kinds, groups = (f"kind:{kind}" for kind in site.vehicle_kinds), (f"group:{group}" for group in site.groups)
    vehicles = {each: members(site, each) for each in (*kinds, *groups)}
    known = places if mention.ids[0] in site.places else vehicles
    return next((each for each, own in known.items() if own == meant), None)


def is_called(site: Site, reference: str, words: str) -> bool:
    """Whether folded ``words`` have a name of a ``kind:ID`` or ``group:ID`` in them, however it ends."""
    name = reference.partition(":")[2]
    known = (site.vehicle_kinds.get(name), site.groups.get(name), site.place_kinds.get(name))
    return any(heard_as(each.names, words) for each in known if each is not None)


def heard_as(names: Names, said: str) -> bool:
    """Whether one of these stands in a folded text, however it ends."""
    return any(_stem(fold(name)) in said for spoken in names.values() for name in spoken)


def _stem(name: str) -> str:
    return name[:-_ENDING] if len(name) > 3 * _ENDING else name


def said_in(text: str, mentions: Iterable[NamedThing]) -> frozenset[str]:
    """The ids of all whose names stand in ``text``."""
    return frozenset(i for mention in mentions if stands(fold(mention.words), text) for i in mention.ids)


def _names(site: Site, language: str, mention: NamedThing) -> str:
    label, words = site.label(mention.ids[0], language), _words(mention)
    return label if fold(label) == fold(words) else f"{label}, {words}"


def _words(mention: NamedThing) -> str:
    """Tokens of the edge as they would be written: it parts characters of scripts that have no spaces."""
    return together(mention.words)


def together(words: str) -> str:
    """Words without the spaces between characters of scripts that have none."""
    return _BETWEEN_UNSPACED.sub("", words)


def types_said(text: str, types: Iterable[str], mentions: Sequence[NamedThing]) -> tuple[str, ...]:
    """Types of load of which a text speaks, besides the names in it: "sand" is not in "the sand store"."""
    left = fold(text)
    for mention in sorted(mentions, key=lambda mention: -len(mention.words)):
        if words := fold(mention.words):
            left = left.replace(words, " | ")
    return tuple(kind for kind in types if stands(fold(kind), left))


def stands(words: str, text: str) -> bool:
    """Whether folded ``words`` stand in ``text`` as words of their own, however it is spaced ("dock2"). None stand
    nowhere."""
    if not words:
        return False
    spelling = r"\s*".join(map(re.escape, words.replace(" ", "")))
    start = "" if re.match(rf"[{UNSPACED_SCRIPTS}]", words) else _edge(words[0], behind=True)
    end = "" if re.search(rf"[{UNSPACED_SCRIPTS}]$", words) else _edge(words[-1], behind=False)
    return re.search(start + spelling + end, fold(text)) is not None


def name_ends(tokens: Sequence[str], names: Iterable[str]) -> dict[int, int]:
    """Where the longest of the names that begin at a token ends: "dock 1 north" is not "dock 1"."""
    known = dict.fromkeys(names)
    found = ((start, max((name_end(tokens, start, name) for name in known), default=0)) for start in range(len(tokens)))
    return {start: end for start, end in found if end}


def name_end(tokens: Sequence[str], start: int, name: str) -> int:
    """Where a name that begins at ``start`` ends, however it is spaced; 0 if none does, or a word goes on there."""
    said = ""
    for at in range(start, len(tokens)):
        said += tokens[at]
        if said == name:
            goes_on = _KATAKANA.search(tokens[at]) and _KATAKANA.search("".join(tokens[at + 1 : at + 2]))
            return 0 if goes_on else at + 1
        if not name.startswith(said):
            break
    return 0


def _edge(char: str, *, behind: bool) -> str:
    """No word goes on here: not with a digit beside a digit, nor with a letter or a vowel mark beside a letter."""
    kind = r"\d" if char.isdigit() else r"[^\s\d]"
    return f"(?<!{kind})" if behind else f"(?!{kind})"
