"""The form of the goals for one site: as a JSON Schema for the closed models, as a grammar for the local one.

Both leave no way to name a place or vehicle that the site does not have. Field names are those of
:class:`banksman_shared.plans.Goals`; ``words`` comes first, so that a model quotes before it decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from banksman_cloud.providers.sayable import Sayable
from banksman_cloud.reading import load_types
from banksman_shared.plans import (
    MAX_LOADS,
    AvoidGoal,
    Missing,
    OneWayGoal,
    PreferGoal,
    ReserveGoal,
    SendGoal,
    TransportGoal,
    UseGoal,
)
from banksman_shared.site import Site

MAX_GOALS = 12
GOALS = (TransportGoal, SendGoal, AvoidGoal, OneWayGoal, ReserveGoal, UseGoal, PreferGoal)
_REFERENCES = {
    **dict.fromkeys(("origins", "destinations"), "spot"),
    **dict.fromkeys(("vehicles", "without", "among", "only", "never"), "vehicle"),
    "places": "area",
}
_LONGEST_QUOTED = 120
"""Words of a request up to which its quotation is forced by the grammar; beyond, any text may stand there."""
_DAY_S = 86400
_SENTENCE = re.compile(r"[;.!?؛؟।。！？；]$")
_LONGEST_WORD = 20
"""Letters of the longest word; what is longer is several, in a script that is written without spaces."""


def goals_schema(site: Site, types: Collection[str] = ()) -> dict[str, Any]:
    """JSON Schema in the subset that strict structured outputs take: all properties required, nothing else.
    ``types``: of loads that are about, besides those that the layout tells of."""
    loads = sorted({*types, *load_types(site)})
    goals = [_goal(kind, loads) for kind in GOALS]
    texts = {"type": "array", "items": {"type": "string"}}
    missing = {"type": "array", "items": _one_of(*get_args(Missing))}
    schema = _object(
        goals={"type": "array", "items": {"anyOf": goals}}, unsupported=texts, unclear=texts, missing=missing
    )
    zones = [f"zone:{zone}" for zone in site.rules.zones]
    kinds = [f"kind:{kind}" for kind in site.vehicle_kinds] + [f"group:{group}" for group in site.groups]
    areas = [f"kind:{kind}" for kind in site.place_kinds] + zones
    return schema | {
        "$defs": {
            "place": _one_of(*site.places),
            "spot": _one_of(*site.places, *zones),
            "area": _one_of(*site.places, *areas),
            "vehicle": _one_of(*site.vehicles, *kinds),
        }
    }


def _goal(kind: type[BaseModel], loads: Sequence[str]) -> dict[str, Any]:
    """All fields of a goal, ``words`` first; those of the parent class come before its own."""
    named = str(kind.model_fields["kind"].default)
    fields = {name: _field(kind, name, loads) for name in kind.model_fields if name not in ("words", "kind")}
    return _object(words={"type": "string"}, kind=_one_of(named), **fields)


def _field(kind: type[BaseModel], name: str, loads: Sequence[str]) -> dict[str, Any]:
    """The form of a field and what it means: of what it refers to by its name, else as pydantic has it, without
    bounds, which are not in the subset and are checked when the answer is read."""
    if name in ("start", "end"):
        return {"$ref": "#/$defs/place"}
    if name in _REFERENCES:
        form = _list(_REFERENCES[name])
    elif name == "load_type":
        form = {"type": ["string", "null"], "enum": [*loads, None]} if loads else {"type": "null"}
    else:
        form = _plain(kind.model_json_schema()["properties"][name])
    meaning = kind.model_fields[name].description
    return form | ({"description": meaning} if meaning else {})


def _plain(form: Mapping[str, Any]) -> dict[str, Any]:
    if "anyOf" in form:
        return {"type": [one["type"] for one in form["anyOf"]]}
    if form["type"] == "array":
        return {"type": "array", "items": _plain(form["items"])}
    if values := form.get("enum"):
        return _one_of(*values)
    return {"type": form["type"]}


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


_ROOT = r"""
root ::= "{\"goals\":[" from0? "],\"unsupported\":[" quoted "],\"unclear\":[" quoted "]}"
quoted ::= (words ("," words){0,3})?
%(parts)s
"""
_FORM = r"""
goal ::= "{\"words\":" words ",\"kind\":\"" (%(goals)s) "}"
transport ::= "transport\",\"count\":" (count | "null") ",\"origins\":" places ",\"destinations\":" places within
within ::= ",\"vehicles\":" vehicles%(without)s timed priority?%(load_type)s%(at_most)s after?
send ::= "send\",\"action\":\"" (%(actions)s)
timed ::= ",\"within_s\":" seconds%(by)s%(not_before_s)s
move ::= "move" who places timed (%(when)safter?)
charge ::= "charge" who %(chargers)s timed (first charged? | only | after)?
park ::= "park" who ("[]"%(parking)s) timed (%(only)safter?)
who ::= "\",\"vehicles\":" vehicles%(without)s ",\"count\":" count%(among)s ",\"destinations\":"
clock ::= %(clock)s
priority ::= ",\"priority\":\"" ("high" | "low") "\""
after ::= ",\"after\":[" index ("," index){0,%(more)d} "]"
index ::= "1" [01] | [0-9]
first ::= ",\"when\":\"first\""
charged ::= ",\"until\":" (%(until_percent)s)
only ::= ",\"when\":\"only\""
avoid ::= "avoid\",\"places\":" areas%(whom)s%(window)s
oneway ::= "one_way\",\"start\":" node ",\"end\":" node
reserve ::= "reserve\",\"percent\":" percent%(whom)s
use ::= "use\",\"" ("only" | "never") "\":" some
prefer ::= "prefer\",\"what\":\"" ("early" | "little_driving" | "even_work") "\""
percent ::= %(percent)s
count ::= %(count)s
seconds ::= "null"%(moments)s
moment ::= %(moment)s
places ::= "[" place ("," place){0,%(others)d} "]"
areas ::= "[" area ("," area){0,%(others)d} "]"
some ::= "[" vehicle ("," vehicle)* "]"
vehicles ::= %(vehicles)s
node ::= %(node)s
place ::= %(place)s
charger ::= %(charger)s
area ::= %(area)s
vehicle ::= %(vehicle)s
"""


def goals_grammar(site: Site, request: str, parts: Sequence[tuple[str, Sayable]]) -> str:
    """GBNF for the goals about each part of ``request`` in turn; ``words`` is a stretch of a sentence of it letter for
    letter. Goals that need more places than there are, and fields that nothing in the request speaks for, cannot be
    written."""
    onward = [
        f"from{i} ::= goals{i}" + f' ("," from{i + 1})? | from{i + 1}' * (i + 1 < len(parts)) for i in range(len(parts))
    ]
    each = [f'goals{i} ::= goal-p{i} ("," goal-p{i}){{0,{MAX_GOALS // len(parts)}}}' for i in range(len(parts))]
    forms = [_apart(_part(site, text, said), f"-p{i}") for i, (text, said) in enumerate(parts)]
    return "\n".join([_ROOT % {"parts": "\n".join(onward + each)}, *_quotation(request), *forms])


def _apart(form: str, suffix: str) -> str:
    """The same rules under names of their own."""
    names = set(re.findall(r"^([\w-]+) ::=", form, re.MULTILINE))

    def renamed(match: re.Match[str]) -> str:
        return match.group() + suffix if match.group() in names else match.group()

    return re.sub(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[\w-]+', renamed, form)


def _part(site: Site, text: str, said: Sayable) -> str:
    """The rules of a goal about one part of the request."""
    nodes = [place for place in said.places if place in site.places]
    ways = [place for place in said.closable if place in site.places]
    chargers = [charger.id for charger in site.chargers() if charger.id in nodes]
    kinds = ["send", "prefer", *(["reserve"] if "reserve" in said.kinds else [])]
    kinds += ["use"] if said.vehicles and not said.shut else []  # who is named with a place does something there
    kinds += ["avoid"] if said.closable or said.areas else []
    kinds += ["transport"] if len(said.places) > 1 else []
    kinds += ["oneway"] if len(ways) > 1 else []
    form = _FORM % {
        "more": MAX_GOALS - 1,
        "goals": " | ".join(kinds),
        "actions": " | ".join(["move"] * bool(said.places) + ["charge"] * ("charge" in said.kinds) + ["park"]),
        "node": _any_of(ways or site.places),
        "place": _any_of(said.places or site.places),
        "area": _any_of((*said.closable, *said.areas) or site.places),
        "others": max(0, len(said.places) - 1),
        "chargers": '("[]" | "[" charger ("," charger)* "]")' if chargers else '"[]"',
        "charger": _any_of(chargers or nodes or site.places),
        "parking": " | places" if said.places else "",
        "vehicles": 'some | "[]"' if said.vehicles else '"[]"',
        "vehicle": _any_of(said.vehicles or site.vehicles),
        **_optional(said),
        **_figures(said),
    }
    return form + "\n".join(_quotation(text))


def _optional(said: Sayable) -> dict[str, str]:
    """Fields that are left out where nothing speaks for them, each with the space before it."""
    some = r' (",\"%s\":" some)?'
    open_to = said.fields if said.vehicles else said.fields - {"without"}
    clocked, timed = "clock" in open_to, _numbers(said, "seconds") != ""
    begins = [r'",\"not_before_s\":" moment'] * timed + [r'",\"not_before\":" clock'] * clocked
    fields = {
        "without": some % "without",
        "at_most": r' (",\"at_most\":" count)?',
        "not_before_s": "".join(f" ({each})?" for each in begins),
    }
    given = {name: form if name in open_to else "" for name, form in fields.items()}
    given |= {"when": "first | only | ", "only": "only | "} if "when" in open_to else {"when": "", "only": ""}
    given |= {"by": r' (",\"by\":" clock)?' if clocked else "", "window": "".join(_windows(clocked, timed))}
    among = rf' (",\"among\":[" ({_any_of(said.selectors)}) "]")?' if said.selectors else ""
    types = rf' (",\"load_type\":" ({_any_of(said.types)}))?' if said.types else ""
    return given | {"among": among, "load_type": types, "whom": some % "vehicles" if said.vehicles else ""}


def _windows(clocked: bool, timed: bool) -> Iterator[str]:
    """From when and until when something is closed."""
    for end in ("from", "until"):
        forms = [rf'",\"{end}_s\":" moment'] * timed + [rf'",\"{end}_time\":" clock'] * clocked
        if forms:
            yield f" ({' | '.join(forms)})?"


def _figures(said: Sayable) -> dict[str, str]:
    """The numbers and times that may be written: those of the request, where they can be read."""
    seconds, counts, read = _numbers(said, "seconds"), _numbers(said, "count"), said.figures
    percents = _numbers(said, "percent")
    loose = percents if read is None else " | ".join(filter(None, (percents, counts)))  # "charged to fifty"
    times = read.all("time") if read else ()
    return {
        "count": counts or '"1"',
        "percent": loose or _PERCENT,
        "until_percent": f'{loose or _PERCENT} | "100"',
        "moment": seconds or '"1"',
        "moments": " | moment" if seconds else "",
        "clock": _any_of(map(str, times)) or r'"\"" ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] "\""',
    }


_PERCENT, _COUNT, _MOMENT = "[1-9] [0-9]?", '"200" | "1" [0-9] [0-9] | [1-9] [0-9]?', "[1-9] [0-9]{0,4}"


def _numbers(said: Sayable, kind: str) -> str:
    """The form of the numbers of a kind; nothing where there are none."""
    free = {"percent": _PERCENT, "count": _COUNT, "seconds": _MOMENT}[kind]
    read = said.figures
    if read is None or (kind == "seconds" and read.timed and not read.all(kind)):
        return free
    most = {"percent": 95, "count": MAX_LOADS, "seconds": _DAY_S}[kind]
    values = {int(value) for value in read.all(kind) if 1 <= int(value) <= most}
    values |= read.wordless if kind == "count" else frozenset()
    return " | ".join(f'"{value}"' for value in sorted(values))


def _any_of(ids: Iterable[str]) -> str:
    return " | ".join(_literal(json.dumps(i, ensure_ascii=False)) for i in ids)


def _quotation(request: str) -> Iterable[str]:
    pieces = _pieces(request)
    if not pieces or len(pieces) > _LONGEST_QUOTED:
        yield r'words ::= "\"" [^"\\\x00-\x1F]{1,300} "\""'
        return
    yield r'words ::= "\"" (' + " | ".join(f"w{i}" for i in range(len(pieces))) + r') "\""'
    for i, (piece, gap) in enumerate(pieces):
        over = i + 1 == len(pieces) or (_SENTENCE.search(piece) and (gap or not piece.isascii()))
        tail = "" if over else f" ({_literal(gap) + ' ' if gap else ''}w{i + 1})?"
        yield f"w{i} ::= {_literal(json.dumps(piece, ensure_ascii=False)[1:-1])}{tail}"


def _pieces(request: str) -> list[tuple[str, str]]:
    """What a quotation may start and end at, with the space that follows it: words, or single characters of what is
    written without spaces."""
    unspaced = any(len(word) > _LONGEST_WORD for word in request.split())
    found = re.findall(r"(\S)(\s*)" if unspaced else r"(\S+)(\s*)", request)
    return [(piece, " " if gap else "") for piece, gap in found]


def _literal(text: str) -> str:
    escaped = re.sub(r'["\\]', lambda match: "\\" + match.group(), text)
    return f'"{escaped}"'
