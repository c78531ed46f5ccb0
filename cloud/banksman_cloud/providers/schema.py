"""The form of the goals for one site: as a JSON Schema for the closed models, as a grammar for the local one.

Both leave no way to name a place or vehicle that the site does not have. Field names are those of
:class:`banksman_shared.plans.Goals`; ``words`` comes first, so that a model quotes before it decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from banksman_shared.site import Site

MAX_GOALS = 12
_LONGEST_QUOTED = 120
"""Words of a request up to which its quotation is forced by the grammar; beyond, any text may stand there."""


def goals_schema(site: Site) -> dict[str, Any]:
    """JSON Schema in the subset that strict structured outputs take: all properties required, nothing else."""
    text, places, vehicles = {"type": "string"}, _list("place"), _list("vehicle")
    count, within = {"type": "integer"}, {"type": ["number", "null"]}
    goals = [
        _object(
            words=text,
            kind=_one_of("transport"),
            count=count,
            origins=places,
            destinations=places,
            vehicles=vehicles,
            within_s=within,
        ),
        _object(
            words=text,
            kind=_one_of("send"),
            action=_one_of("move", "charge", "park"),
            vehicles=vehicles,
            count=count,
            destinations=places,
            within_s=within,
        ),
        _object(words=text, kind=_one_of("avoid"), places=places),
    ]
    schema = _object(goals={"type": "array", "items": {"anyOf": goals}}, unsupported={"type": "array", "items": text})
    return schema | {"$defs": {"place": _one_of(*site.places), "vehicle": _one_of(*site.vehicles)}}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _list(definition: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{definition}"}}


_FORM = r"""
root ::= "{\"goals\":[" (goal ("," goal){0,%(more)d})? "],\"unsupported\":[" (words ("," words){0,3})? "]}"
goal ::= "{\"words\":" words ",\"kind\":\"" (%(goals)s) "}"
transport ::= "transport\",\"count\":" count ",\"origins\":" places ",\"destinations\":" places within
within ::= ",\"vehicles\":" vehicles ",\"within_s\":" seconds
send ::= "send\",\"action\":\"" (%(actions)s) ",\"within_s\":" seconds
move ::= "move" who places
charge ::= "charge" who %(chargers)s
park ::= "park" who ("[]"%(parking)s)
who ::= "\",\"vehicles\":" vehicles ",\"count\":" count ",\"destinations\":"
avoid ::= "avoid\",\"places\":" places
count ::= "200" | "1" [0-9] [0-9] | [1-9] [0-9]?
seconds ::= "null" | [1-9] [0-9]{0,4}
places ::= "[" place ("," place){0,%(others)d} "]"
vehicles ::= %(vehicles)s
place ::= %(place)s
vehicle ::= %(vehicle)s
"""


def goals_grammar(site: Site, request: str, vehicles: Collection[str], places: Collection[str] | None = None) -> str:
    """GBNF for the goals: places only ``places`` (None: all of the site's), vehicles only ``vehicles``, ``words`` is a
    stretch of ``request`` letter for letter. Goals that need more places than there are cannot be written."""
    named = [place for place in site.places if places is None or place in places]
    chargers = [charger.id for charger in site.chargers() if charger.id in named]
    form = _FORM % {
        "more": MAX_GOALS - 1,
        "goals": " | ".join((["transport"] if len(named) > 1 else []) + ["send"] + (["avoid"] if named else [])),
        "actions": "move | charge | park" if named else "charge | park",
        "place": _any_of(named or site.places),
        "others": max(0, len(named) - 1),
        "chargers": f'("[]" | "[" ({_any_of(chargers)}) "]")' if chargers else '"[]"',
        "parking": " | places" if named else "",
        "vehicles": '"[" (vehicle ("," vehicle)*)? "]"' if vehicles else '"[]"',
        "vehicle": _any_of(i for i in site.vehicles if i in vehicles or not vehicles),
    }
    return form + "\n".join(_quotation(request))


def _any_of(ids: Iterable[str]) -> str:
    return " | ".join(_literal(json.dumps(i, ensure_ascii=False)) for i in ids)


def _quotation(request: str) -> Iterable[str]:
    pieces = _pieces(request)
    if not pieces or len(pieces) > _LONGEST_QUOTED:
        yield r'words ::= "\"" [^"\\\x00-\x1F]{1,300} "\""'
        return
    yield r'words ::= "\"" (' + " | ".join(f"w{i}" for i in range(len(pieces))) + r') "\""'
    for i, (piece, gap) in enumerate(pieces):
        tail = f" ({_literal(gap) + ' ' if gap else ''}w{i + 1})?" if i + 1 < len(pieces) else ""
        yield f"w{i} ::= {_literal(json.dumps(piece, ensure_ascii=False)[1:-1])}{tail}"


def _pieces(request: str) -> list[tuple[str, str]]:
    """What a quotation may start and end at, with the space that follows it: words, or single characters of
    scripts that are written without spaces."""
    words = request.split()
    if any(len(word) > 20 for word in words):
        return [(character, "") for character in "".join(words)]
    return [(word, " ") for word in words]


def _literal(text: str) -> str:
    escaped = re.sub(r'["\\]', lambda match: "\\" + match.group(), text)
    return f'"{escaped}"'
