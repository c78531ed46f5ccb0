"""The small language in which a model that was never taught answers: one line about the tags of a sentence."""

from __future__ import annotations

from banksman_edge.nlu.names import What
from banksman_edge.nlu.sketch import Sketch
from banksman_shared.commands import EVERYBODY, NOTHING, Action, Command
from banksman_shared.site import Site

ANY, ALL = "any", "all"


def grammar(drawn: Sketch) -> str:
    """GBNF of all lines that can be said about this sentence.

    Where nobody is named, only what names a place can be an order; "charge any" is what a model makes of talk.
    """
    people = [f'"{tag}"' for tag in drawn.people]
    pairs = [f'"{a},{b}"' for i, a in enumerate(drawn.people) for b in drawn.people[i + 1 :]]
    # Who was called by name must not be lost to "any", which would send somebody else.
    named = any(tag[0] in "VG" for tag in drawn.people)
    rules = {"who": [*([] if named else ['"any"']), '"all"', *people, *pairs], "order": ['"stop all"']}
    if people:
        rules["named"] = ['"all"', *people, *pairs]
        rules["plain"] = ['"charge"', '"park"', '"stop"', '"resume"', '"cancel"', '"status"', '"pick"', '"drop"']
        rules["order"].append('plain " " named')
    if drawn.places:
        rules["place"] = [f'"{tag}"' for tag in drawn.places]
        rules["going"] = ['"move"', '"pick"', '"drop"', '"charge"', '"park"']
        rules["way"] = [f'"to {tag}"' for tag in drawn.places]
        rules["way"] += [f'"from {a} to {b}"' for a in drawn.places for b in drawn.places if a != b]
        rules["order"] += ['going " " who " to " place', '"transport " who " " way']
    rules["root"] = ['"none"', '"plan"', 'order (" ; " order)? (" ; " order)?']
    return "\n".join(f"{name} ::= {' | '.join(options)}" for name, options in rules.items())


def commands_of(line: str, drawn: Sketch, site: Site) -> tuple[Command, ...]:
    """The commands of an answer.

    Raises:
        ValueError: the line is not of the grammar.
    """
    if line == Action.NONE:
        return (NOTHING,)
    if line == Action.PLAN:
        return (Command(Action.PLAN, ()),)
    return tuple(_command(part.split(), drawn, site) for part in line.split(" ; "))


def _command(words: list[str], drawn: Sketch, site: Site) -> Command:
    action, who, *slots = words
    if len(slots) % 2 or not set(slots[::2]) <= {"from", "to"}:
        raise ValueError(f"'{' '.join(words)}' is no order")
    places = dict(zip(slots[::2], slots[1::2], strict=True))
    if not set(places.values()) <= set(drawn.places) or not set(who.split(",")) <= {ANY, ALL, *drawn.people}:
        raise ValueError(f"'{' '.join(words)}' uses a tag that it must not")
    return Command(
        Action(action),
        _vehicles(who, Action(action), drawn, site),
        origin=drawn.things[places["from"]].ids[0] if "from" in places else None,
        destination=drawn.things[places["to"]].ids[0] if "to" in places else None,
    )


def _vehicles(who: str, action: Action, drawn: Sketch, site: Site) -> tuple[str, ...]:
    if who == ALL or (who == ANY and action is Action.STOP):
        return (EVERYBODY,)
    if who == ANY:
        return ()
    mentions = [drawn.things[tag] for tag in who.split(",")]
    if len(mentions) > 1:
        return tuple(mention.ids[0] for mention in mentions)
    thing = mentions[0].ids[0]
    match mentions[0].what:
        case What.GROUP:
            return (f"group:{thing}",)
        case What.VEHICLE_KIND:
            members = [v.id for v in site.vehicles.values() if v.kind == thing]
            return (members[0],) if len(members) == 1 else (f"kind:{thing}",)
        case _:
            return (thing,)
