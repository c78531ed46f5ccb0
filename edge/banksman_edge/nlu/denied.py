"""What is named only to say that it is not meant: "not to dock two but to dock three", "dock three, not dock two"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.language import AND, BUT, CONTRASTS, DONE, FILLER, FORGETS, FROM, INSTEAD, NO, NOT, THROUGH
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.tokens import BREAK, Tokens
from banksman_shared.commands import Action, Command

_CLASSES = {
    What.VEHICLE: "who",
    What.VEHICLE_KIND: "who",
    What.GROUP: "who",
    What.PLACE: "where",
    What.PLACE_KIND: "where",
    What.ZONE: "where",
}


def without_denied(items: list[Item]) -> list[Item]:
    """The items without a name that is denied in favour of another of its class: "not X but Y", XではなくY, "Y and not
    X"."""
    for at in range(len(items)):
        if span := _denied_at(items, at):
            left, denied = [*items[: span[0]], *items[span[1] :]], items[span[0] : span[1]]
            return items if names_same(left, denied) else left
    return items


def without_forgotten(whole: Reading, finder: MentionFinder, read: Callable[[Tokens], Reading]) -> Reading | None:
    """ "Forget the lab, go to the kitchen": what is done is called off, and the other order given. Who is named before
    it forgets, and who behind it goes; where several are behind it, nobody knows who forgets."""
    items = itemize(whole.tokens, finder, whole.mentions) if whole.clause.forgets else []
    if not (span := forgotten(items, postfix=whole.words.postfix)):
        return None
    who, others = (_ids(part) for part in (items[: span[0]], items[span[1] :]))
    begins = whole.tokens[: items[span[0]].start] if who and not others else ()
    order = read((*begins, *whole.tokens[items[span[1] - 1].end :]))
    plain = order.commands and not (order.clause.asks or order.retold) and (who or len(others) < 2)
    if not plain or not all(command.action.drives for command in order.commands):
        return None
    off = Command(Action.CANCEL, who or order.commands[0].vehicles)
    return replace(order, tokens=whole.tokens, mentions=whole.mentions, commands=(off, *order.commands))


def _ids(items: Sequence[Item]) -> tuple[str, ...]:
    """The vehicles that are named."""
    return tuple(dict.fromkeys(item.mention.ids[0] for item in items if item.mention and item.is_who))


def forgotten(items: Sequence[Item], *, postfix: bool) -> tuple[int, int] | None:
    """Where it is said that a place is not meant any more, with the "and" behind it: "forget the lab and …", where
    another is named behind it, and nothing before it but who is told. A "don't go" forgets only with a 了 behind it."""
    for at in (at for at, item in enumerate(items) if item.plays(FORGETS)):
        begin, end = _name_before(items, at) if postfix else at, at + 1
        if not postfix:
            end += next((count for count, item in enumerate(items[end:], 1) if not _is_article(item)), 0)
        told = all(item.is_who or (_is_small(item) and not item.leads) for item in items[: max(begin, 0)])
        if begin < 0 or not told or not names_class(items[begin:end], "where"):
            continue
        if items[at].plays(NOT) and not any(item.plays(DONE) for item in items[end : end + 1]):
            continue
        while end < len(items) and (items[end].plays(AND) or items[end].plays(DONE)) and not items[end].actions:
            end += 1
        rest = [*items[:begin], *items[end:]]
        if names_class(items[end:], "where") and not names_same(rest, items[begin:end]):
            return begin, end
    return None


def _is_article(item: Item) -> bool:
    return _is_small(item) and not item.leads


def names_same(items: Sequence[Item], denied: Sequence[Item]) -> bool:
    """Whether what is denied is ordered as well: "go to dock two, not dock two"."""
    meant = {mention.ids for item in items if (mention := item.mention)}
    return any(item.mention.ids in meant for item in denied if item.mention)


def _denied_at(items: Sequence[Item], at: int) -> tuple[int, int] | None:
    """Where a name that is denied by the word at ``at`` begins, and where what says so ends."""
    if _contrasts(items[at]) and (span := _denied_behind(items, at)):
        return span
    denied = _name_before(items, at) if items[at].plays(INSTEAD) else -1
    if denied >= 0 and not _is_from(items[denied:at]) and _class_of(items[denied]) == _next_class(items, at + 1):
        return denied, at + 1
    return None


def _denied_behind(items: Sequence[Item], at: int) -> tuple[int, int] | None:
    """Where what is denied begins, with its "not" at ``at`` or an "and" before it, and ends."""
    if end := _end_of_denied(items, at) or _end_of_other(items, at):
        return at, end
    begin = at - 1
    # Nothing but a name may follow: "and not through dock two" forbids a way.
    if at < 2 or len(items) != at + 2 or not items[begin].plays(AND) or items[begin].actions:
        return None
    meant, denied = _name_before(items, begin), _class_of(items[at + 1])
    return (begin, len(items)) if meant >= 0 and denied and denied == _class_of(items[meant]) else None


def _is_from(items: Sequence[Item]) -> bool:
    """Whether a name, with what follows it, is where something comes from or a way: "3番通路からではなく"."""
    return bool(items[0].mention and items[0].mention.role == FROM) or any(item.plays(FROM) for item in items[1:])


def _name_before(items: Sequence[Item], at: int) -> int:
    """The name that only prepositions and fillers part from ``at``; -1 where there is none."""
    at -= 1
    while at >= 0 and not items[at].mention and _is_small(items[at]):
        at -= 1
    return at if at >= 0 and items[at].mention else -1


def _end_of_denied(items: Sequence[Item], at: int) -> int:
    """Where the "but" ends after a "not" at ``at`` and names of one class; 0 where there is none."""
    named = ""
    for index in range(at + 1, len(items)):
        item = items[index]
        if item.plays(BUT) and named:
            return index + 1 if _next_class(items, index + 1) == named else 0
        if item.mention:
            named = _class_of(item) if not named else ""
        if (item.mention and not named) or not (item.mention or _is_small(item)):
            return 0
    return 0


def _end_of_other(items: Sequence[Item], at: int) -> int:
    """Where a name ends that directly follows one of its class and a "not" at ``at``, which is no "no" as well: "send
    Otto not cart two to the kitchen", "to dock one and not dock two, Otto"; 0 where there is none, where that name has
    a verb of its own, and for places without the "and", which "no dock two" would correct."""
    joins = at > 0 and items[at - 1].plays(AND) and not items[at - 1].actions
    begin, end = at - 1 if joins else at, at + 1
    while end < len(items) and _is_small(items[end]) and not (items[end].leads or items[end].actions):
        end += 1
    named = _class_of(items[end]) if end < len(items) else ""
    follows = begin > 0 and named == _class_of(items[begin - 1]) and (joins or named == "who")
    follows = follows and not (items[at].plays(NO) or items[at].plays(INSTEAD))
    rest = items[end + 1 :]
    return end + 1 if follows and named and all(item.mention or _is_small(item) for item in rest) else 0


def class_denied(items: Sequence[Item]) -> str:
    """The class of the name in words that say nothing but that it is not meant: "not dock two"; "" for others."""
    rest = [item for item in items if not (item.plays(FILLER) or item.plays(AND)) or item.plays(NOT)]
    if not rest or not _contrasts(rest[0]) or any(item.plays(THROUGH) for item in items):
        return ""
    named = {_class_of(item) for item in rest if item.mention}
    if not named and any(item.amount is not None for item in rest):
        named = {"where" if any(item.leads for item in rest) else "who"}  # "not to two"
    small = all(item.mention or item.amount is not None or _is_small(item) for item in rest[1:])
    return named.pop() if len(named) == 1 and small else ""


def names_class(items: Sequence[Item], wanted: str) -> bool:
    """Whether something of a class is named."""
    return any(item.mention and _class_of(item) == wanted for item in items)


def _contrasts(item: Item) -> bool:
    """Whether it may deny a name in favour of another; "nobody", "don't" and "never" forbid."""
    return item.plays(NOT) and item.plays(CONTRASTS) and not item.actions


def _is_small(item: Item) -> bool:
    """A preposition, also one that is a verb by itself, or a filler; but not one that says which way to take: "nobody
    through aisle three" forbids that, whatever else is named."""
    if item.plays(THROUGH):
        return False
    return item.plays(FILLER) or item.leads or (bool(item.actions) and item.leads_as_verb)


def _class_of(item: Item) -> str:
    return _CLASSES.get(item.mention.what, "") if item.mention else ""


def _next_class(items: Sequence[Item], start: int) -> str:
    """The class of the next name, if nothing but small words stands before it."""
    for item in items[start:]:
        if item.mention:
            return _class_of(item)
        if not _is_small(item):
            return ""
    return ""


def doubted(found: Reading, text: str, items_of: Callable[[str], Sequence[Item]]) -> Reading:
    """What is read of a text without what it denies; never surely where the word for "not" is that for "no" and may
    take back what was said before it: "manda el uno, no el dos, al muelle"."""
    parts = [items_of(part) for part in BREAK.split(text) if part]
    firsts = (next((item for item in part if not _is_small(item)), None) for part in parts[1:] if class_denied(part))
    doubtful = any(first and first.plays(NO) and _contrasts(first) for first in firsts)
    return replace(found, certainty=found.certainty * MAY_TELL) if doubtful else found


def what_is_meant(text: str, finder: MentionFinder, items_of: Callable[[str], Sequence[Item]]) -> str:
    """The text without the parts that only say what is not meant, beside one of its class that is: "to dock three, not
    dock two"; "" where it has none."""
    parts = [part for part in BREAK.split(text) if part]
    items = [items_of(part) for part in parts] if len(parts) > 1 else []
    denied = [class_denied(part) for part in items]
    meant = [part for part, what in zip(parts, denied, strict=False) if not what]
    kept = [item for part, what in zip(items, denied, strict=True) if not what for item in part]
    other = {token for part in meant for token in finder.tokens(part)}
    # "not with tug two", "not from aisle three" say how, and not where else.
    alike = all(
        item.mention or item.plays(NOT) or other.issuperset(finder.tokens(part)[item.start : item.end])
        for part, of, what in zip(parts, items, denied, strict=False)
        for item in of
        if what
    )
    named = any(denied) and all(names_class(kept, what) for what in denied if what)
    same = any(names_same(kept, of) for of, what in zip(items, denied, strict=True) if what)
    return ", ".join(meant) if named and alike and not same else ""
