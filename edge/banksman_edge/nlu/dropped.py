"""What is dropped before a new order is given: "never mind, send cart two to dock one", "cancel everything, …"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from banksman_edge.nlu.language import AND, DROPS, DROPS_APART, Language
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.tokens import BREAK, UNSPACED, tokenize
from banksman_shared.commands import EVERYBODY, Action, Command

_DROPPED = (Command(Action.CANCEL, ()), Command(Action.CANCEL, (EVERYBODY,)))
_LONGEST = 12
"""Words, or characters where words are not separated, that such a phrase may have."""


def order_instead(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading | None:
    """What is called off, and the order behind it; None where there is no such thing. ``read`` reads a part."""
    for front, rest in _parted(text, whole.words):
        called_off = _called_off(front, whole.words, read, cancels=Action.CANCEL in whole.clause.actions)
        order = read(rest) if called_off else whole
        drives = bool(order.commands) and all(command.action.drives for command in order.commands)
        sent = bool(order.clause.vehicles and order.clause.destinations and DROPS in _roles(front, whole.words))
        if called_off and drives and not order.retold and (sent or not order.clause.weak_verbs):
            commands = (called_off, *order.commands)
            # "Forget that, cart two to dock one" may be about what the cart does.
            certainty = order.certainty * (MAY_TELL if order.clause.weak_verbs else 1.0)
            return replace(order, tokens=whole.tokens, mentions=whole.mentions, commands=commands, certainty=certainty)
    return None


def _parted(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """A text in two: at the first comma or the like, and behind a phrase that drops, where none is written."""
    front, *rest = BREAK.split(text.lstrip(), maxsplit=1)
    if rest and rest[0]:
        yield front, rest[0]
        return
    separator = "" if language.code in UNSPACED else " "
    words = list(text) if language.code in UNSPACED else text.split()
    for count in range(min(_LONGEST, len(words) - 1), 0, -1):
        front, behind = separator.join(words[:count]), separator.join(words[count:])
        if DROPS in _roles(front, language) and _begins_order(behind, language):
            yield front, behind


def _begins_order(text: str, language: Language) -> bool:
    """Whether a verb comes first, where verbs do: "never mind cart two" drops just that."""
    found = language.match(tokenize(text, language.code), 0)
    return language.postfix or (found is not None and bool(found[0].actions) and AND not in found[0].roles)


def _roles(text: str, language: Language) -> frozenset[str]:
    return language.roles_of(tokenize(text, language.code))


def _called_off(front: str, language: Language, read: Callable[[str], Reading], *, cancels: bool) -> Command | None:
    if _roles(front, language) & {DROPS, DROPS_APART}:
        return _DROPPED[0]
    if not cancels:
        return None
    said = read(front)
    plain = not said.mentions and not said.retold and len(said.commands) == 1
    return said.commands[0] if plain and said.commands[0] in _DROPPED else None
