"""The small language between the language model and the code: a sentence with tags in, one line out.

The model never sees or writes a name or an id of the site. Names found in the sentence become tags (``V1``,
``P1``…), and its answer, held to a grammar made of these tags, can only use them: ``transport V1 from P1 to
P2``. So it cannot invent a place, a new site needs no other prompt, and an answer takes a dozen tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from banksman_edge.nlu.mentions import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.tokens import Tokens
from banksman_shared.commands import EVERYBODY, NOTHING, Action, Command
from banksman_shared.site import Site

_LETTER = {What.VEHICLE: "V", What.GROUP: "G", What.VEHICLE_KIND: "K", What.PLACE: "P", What.PLACE_KIND: "D"}
_UNSPACED = ("zh", "ja")
ANY, ALL = "any", "all"

SYSTEM = (
    "You translate what a worker says into one line for the vehicles of a warehouse. "
    "V1, V2 are vehicles; G1 a group of them; K1 a kind of vehicle; P1, P2 are places. "
    "Lines: 'move WHO to P1' (drive there without a load), 'transport WHO from P1 to P2' (carry a load), "
    "'pick WHO to P1' (take a load there), 'drop WHO to P1' (put a load down there), 'charge WHO', 'park WHO', "
    "'stop WHO', 'resume WHO', 'cancel WHO', 'status WHO' (a question about a vehicle). WHO is what was named, "
    "'all', or 'any' when nobody was named. Two orders in sequence: two lines joined by ' ; '. "
    "'plan': amounts of several loads, deadlines, conditions, keeping something free, clearing a place. "
    "'none': talk that is no order to a vehicle, stories, the past, questions about people, home or weather."
)

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("could you bring V1 over to P1 when you have a second", "move V1 to P1"),
    ("i was at P1 yesterday with my brother", "none"),
    ("V1 would you mind fetching that box out of P1 and getting it across to P2", "transport V1 from P1 to P2"),
    ("we need a pallet brought over to P1", "transport any to P1"),
    ("move seven pallets from P1 to P2 before noon", "plan"),
    ("il faudrait que V1 passe du côté de P1", "move V1 to P1"),
    ("estaría bien que V1 se fuera a cargar ya", "charge V1"),
    ("V1 mag die Ware bei P1 mal abholen", "pick V1 to P1"),
    ("if P1 is full put everything into P2", "plan"),
    ("wie lange hält V1 noch durch", "status V1"),
    ("P1 の 荷物 を P2 まで お願い", "transport any from P1 to P2"),
    ("the driver of K1 was late today", "none"),
    ("V1 马上到 P1 那边看看", "move V1 to P1"),
    ("preciso do V1 em P1", "move V1 to P1"),
    ("V1 get yourself to P1 and after that grab the crate at P2", "move V1 to P1 ; pick V1 to P2"),
    ("nobody goes through P1 until five and empty P2", "plan"),
    ("puoi far arrivare un bancale a P1", "transport any to P1"),
    ("P1 was closed last week", "none"),
    ("V1 P1 पर सामान छोड़ दो", "drop V1 to P1"),
    ("K1 have all had enough for today", "park K1"),
    ("let V1 go on with what it was doing", "resume V1"),
    ("a porta de P1 ficou aberta", "none"),
)


@dataclass(slots=True)
class Sketch:
    """A sentence with its names replaced by tags, and what the tags stand for."""

    text: str
    things: dict[str, Mention] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        return [tag for tag in self.things if tag[0] in "VGK"]

    @property
    def places(self) -> list[str]:
        return [tag for tag in self.things if tag[0] == "P"]


def sketch(tokens: Tokens, mentions: Iterable[Mention], language: str) -> Sketch:
    """Replace the mentions by tags; the same thing gets the same tag."""
    result = Sketch("")
    tags: dict[tuple[What, tuple[str, ...]], str] = {}
    words: list[str] = []
    at = 0
    for mention in mentions:
        letter = _LETTER.get(mention.what)
        if letter is None:
            continue
        words += tokens[at : mention.start]
        key = (mention.what, mention.ids)
        if key not in tags:
            number = 1 + sum(tag[0] == letter for tag in result.things)
            tags[key] = f"{letter}{number}"
            result.things[tags[key]] = mention
        # A kind of place is a common noun: the model reads it as such.
        words.append(mention.text if letter == "D" else f" {tags[key]} ")
        at = mention.end
    words += tokens[at:]
    result.text = " ".join("".join(words).split()) if language in _UNSPACED else " ".join(" ".join(words).split())
    return result


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
