"""The names that the edge found in a request, set beside the words they were said in.

A small model mixes up what is called by a number or by a word of another language; the edge knows the names of its
site for certain. So the model need not know the site at all: the request itself says what is meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from banksman_shared.plans import NamedThing
from banksman_shared.site import Site
from banksman_shared.text import fold


def annotate(request: str, mentions: Iterable[NamedThing]) -> str:
    """The request with ids in brackets behind every name; a name that it does not contain stands after it."""
    letters, index = _letters(request)
    marks: dict[int, str] = {}
    missing: list[str] = []
    searched = 0
    for mention in mentions:
        found = _find(request, letters, index, _joined(mention.words), searched)
        if found is None:
            missing.append(mention.words + _mark(mention))
        else:
            searched = found
            marks[index[found - 1] + 1] = _mark(mention)
    marked = "".join(char + marks.get(i, "") for i, char in enumerate(request, 1))
    return marked + (f" ({'; '.join(missing)})" if missing else "")


def without_marks(text: str, mentions: Iterable[NamedThing]) -> str:
    """A quotation from an annotated request as it was said."""
    for mention in mentions:
        text = text.replace(_mark(mention), "")
    return text


def _mark(mention: NamedThing) -> str:
    return f" [{', '.join(mention.ids)}]"


def said_in(text: str, mentions: Iterable[NamedThing]) -> frozenset[str]:
    """The ids of all whose names stand in ``text``."""
    letters, index = _letters(text)
    found = (m.ids for m in mentions if _find(text, letters, index, _joined(m.words), 0) is not None)
    return frozenset(i for ids in found for i in ids)


def describe_fleet(site: Site) -> str:
    """How many vehicles there are of each kind: all that a request with its names found needs to know of a site."""
    kinds = [vehicle.kind for vehicle in site.vehicles.values()]
    return "Vehicles: " + ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


def _joined(words: str) -> str:
    # Tokens of the edge are not the words of the request: it parts characters, and digits from letters.
    return fold(words).replace(" ", "")


def _letters(text: str) -> tuple[str, Sequence[int]]:
    """The folded text without spaces, and which character of ``text`` each letter comes from."""
    pairs = [(letter, i) for i, char in enumerate(text) for letter in fold(char)]
    return "".join(letter for letter, _ in pairs), [i for _, i in pairs]


def _find(text: str, letters: str, index: Sequence[int], needle: str, start: int) -> int | None:
    """Where ``needle`` ends in ``letters``, if it stands there as words of its own."""
    at = letters.find(needle, start) if needle else -1
    while at >= 0:
        end = at + len(needle)
        if _parted(text, index[at] - 1) and _parted(text, index[end - 1]):
            return end
        at = letters.find(needle, at + 1)
    return None


def _parted(text: str, i: int) -> bool:
    """Whether the characters at ``i`` and ``i + 1`` can belong to different words."""
    if i < 0 or i + 1 >= len(text):
        return True
    a, b = text[i], text[i + 1]
    unspaced = any("\u3005" <= char <= "\u9fff" for char in (a, b))
    return unspaced or not fold(a) or not fold(b) or a.isdigit() != b.isdigit()


def _goal(words: str, kind: str, **more: object) -> dict[str, object]:
    return {"words": words, "kind": kind} | more


def _transport(words: str, count: int, origin: str, *to: str, **more: object) -> dict[str, object]:
    usual: dict[str, object] = {"vehicles": [], "within_s": None}
    return _goal(words, "transport", count=count, origins=[origin], destinations=to, **(usual | more))


def _send(words: str, action: str, vehicles: list[str], *to: str, count: int = 1) -> dict[str, object]:
    return _goal(words, "send", action=action, vehicles=vehicles, count=count, destinations=to, within_s=None)


def _example(request: str, *goals: dict[str, object], unsupported: tuple[str, ...] = ()) -> list[dict[str, str]]:
    answer = json.dumps({"goals": goals, "unsupported": unsupported}, separators=(",", ":"), ensure_ascii=False)
    return [
        {"role": "user", "content": f"Vehicles: 3 tug\nRequest: {request}"},
        {"role": "assistant", "content": answer},
    ]


NAMED_EXAMPLES = [
    *_example(
        "take seven crates from ramp two [ramp-2] to row a [row-a] and row c [row-c] within a quarter of an hour with "
        "hauler 3 [tug-3], then park it, keep away from the oven [oven]",
        _transport(
            "take seven crates from ramp two to row a and row c within a quarter of an hour with hauler 3",
            7,
            "ramp-2",
            "row-a",
            "row-c",
            vehicles=["tug-3"],
            within_s=900,
        ),
        _send("then park it", "park", ["tug-3"]),
        _goal("keep away from the oven", "avoid", places=["oven"]),
    ),
    *_example(
        "lade zwei Schlepper [tug-1, tug-2, tug-3] auf, bringe zwei Kisten aus Reihe B [row-b] in einer halben Stunde "
        "zum Ofen [oven] und ruf den Chef an",
        _send("lade zwei Schlepper auf", "charge", [], count=2),
        _transport("bringe zwei Kisten aus Reihe B in einer halben Stunde zum Ofen", 2, "row-b", "oven", within_s=1800),
        unsupported=("ruf den Chef an",),
    ),
    *_example(
        "que nadie pase por la fila b [row-b]; los tractores uno [tug-1] y dos [tug-2] van a la puerta [gate]; tres "
        "cajas de la fila c [row-c] a la rampa uno [ramp-1] con el tractor tres [tug-3] en diez minutos",
        _goal("que nadie pase por la fila b", "avoid", places=["row-b"]),
        _send("los tractores uno y dos van a la puerta", "move", ["tug-1", "tug-2"], "gate"),
        _transport(
            "tres cajas de la fila c a la rampa uno con el tractor tres en diez minutos",
            3,
            "row-c",
            "ramp-1",
            vehicles=["tug-3"],
            within_s=600,
        ),
    ),
    *_example(
        "二十分钟内把五箱货从二号坡道 [ramp-2]送到烤炉 [oven]，不要走二排 [row-b]，再给三号拖车 [tug-3]充电",
        _transport("二十分钟内把五箱货从二号坡道送到烤炉", 5, "ramp-2", "oven", within_s=1200),
        _goal("不要走二排", "avoid", places=["row-b"]),
        _send("再给三号拖车充电", "charge", ["tug-3"]),
    ),
]
"""Conversations on a site that no request is about."""
