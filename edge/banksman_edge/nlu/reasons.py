"""The reason for an order: what is said first, "ward three is out of towels, bring some from the laundry", or last,
"cart six, stop, because somebody is coming", where the words are ``because`` of the table ``[provisos]``; with those of
``over`` a sentence ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from banksman_edge.nlu.exclamations import phrases_beside
from banksman_edge.nlu.language import FILLER, LOAD, NEED, NO, NOT
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.recharging import names_load
from banksman_edge.nlu.rough import calls_somebody
from banksman_edge.nlu.slots import told
from banksman_edge.nlu.tokens import ASKED, BREAK, Tokens, sentences_of
from banksman_shared.commands import Action, Command

LOAD_GUESSED = 0.87
"""Certainty kept where unknown words were taken for the load."""

LEAST_TOLD = 3
"""Words, or characters, of what is told after an order: fewer may say how."""
_FOR_A_REASON = ([Action.CANCEL], [Action.CHARGE], [Action.PARK], [Action.RESUME])
"""What is told to somebody for a reason that is given first."""
_FETCHING = frozenset({Action.TRANSPORT, Action.PICK})


def _certainty_after(about: Reading, order: Reading) -> float:
    """Certainty, 0 to 1, of an order for what was said about it first."""
    strange = about.clause.unknown_words or about.clause.negated or not about.clause.needs
    return min(order.clause.certainty, about.clause.certainty) * (MAY_TELL if strange else LOAD_GUESSED)


def _where_lacking(about: Reading, order: Reading) -> Command | None:
    """The transport to the place where a load is said to be lacking, of what an order says only where to get it."""
    said, got = about.clause, order.clause
    named = said.has_load or (said.unknown_runs == 1 and said.negated and not got.has_load)  # "has no varnish left"
    lacking = named and len(said.places) == 1 and not (said.vehicles or said.groups or said.asks)
    only_picks = Action.PICK in got.actions <= {Action.PICK, Action.MOVE}
    whence = got.origins or (got.places if only_picks else [])
    fetched = len(whence) == len(got.places) == 1 and got.handles and got.actions & _FETCHING
    planned = said.planning or got.planning  # "if dock one runs out of paper, bring some from the store"
    open_ = said.ambiguous or got.ambiguous or got.unknown_words or got.missing
    unclear = about.retold or order.retold or got.is_talk or planned or open_
    if unclear or not (lacking and fetched) or said.places == got.places:
        return None
    who = tuple(dict.fromkeys(mention.ids[0] for mention in got.vehicles))
    return Command(Action.TRANSPORT, who, origin=whence[0], destination=said.places[0])


def order_beside_told(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading:
    """The order beside what is only told; the text as a whole where there is none."""
    for found in (told_first_why, _told_last_why, _told_before, _told_apart):
        if (order := found(text, whole, read)).commands:
            return order
    return whole


def told_first_why(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading:
    """What is said of a vehicle, whatever it is, and what it shall do for that: "cart three's run isn't needed any
    more, scrap it", "Otto is nearly flat, put it on charge"; or of anything, whereupon somebody goes on: "die Scherben
    sind weg, alle können weiterfahren"."""
    *said, last = [part for part in BREAK.split(text) if part] or [""]
    about, order = read(", ".join(said)), read(last)
    if brought := _where_lacking(about, order):
        return replace(whole, commands=(brought,), certainty=_certainty_after(about, order))
    who = tuple(dict.fromkeys(mention.ids[0] for mention in about.clause.vehicles if len(mention.ids) == 1))
    asks = about.retold or about.clause.asks or about.clause.planning  # "unless tug three is free, charge"
    goes_on = [c.action for c in order.commands] == [Action.RESUME] and bool(order.commands[0].vehicles)
    if goes_on and not (order.clause.unknown_words or _may_be_told(order)) and _is_told(about):
        return replace(whole, commands=order.commands, certainty=order.certainty * MAY_TELL, choices=order.choices)
    plain = not (asks or order.clause.unknown_words or len(order.mentions) > len(order.clause.places))
    alone = [c.action for c in order.commands] in _FOR_A_REASON and not order.commands[0].vehicles
    if not (who and plain and alone):
        return whole
    return replace(whole, commands=told(order.commands, who), certainty=_certainty_after(about, order))


def _told_before(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading:
    """The order that stands behind what is told of nobody and nowhere: "ya está bien por hoy, Sansón, ve al lavadero".
    It may be told as well, so never surely, and only where somebody is called by name."""
    if whole.retold or ASKED.search(text) or len(sentences_of(text)) > 1:
        return whole
    parts = [part for part in BREAK.split(text) if part]
    for count in range(1, len(parts)):
        about, rest = read(", ".join(parts[:count])), ", ".join(parts[count:])
        order = read(rest)
        known = _drives(order) and not (order.clause.unknown_words or _may_be_told(order))
        if known and _is_told(about) and calls_somebody(rest, read):
            certainty = order.certainty * MAY_TELL
            return replace(whole, commands=order.commands, certainty=certainty, choices=order.choices)
    return whole


def without_reason(whole: Reading, text: str, read: Callable[[Tokens, tuple[Mention, ...]], Reading]) -> Reading | None:
    """The order that stands before its reason, of which nobody need know the words; None where there is none."""
    at = _reason_at(whole)
    if at == 0 or whole.retold or ASKED.search(text):
        return None
    order = read(whole.tokens[:at], tuple(mention for mention in whole.mentions if mention.end <= at))
    told = order.commands and not _may_be_told(order)
    return replace(whole, commands=order.commands, certainty=order.certainty, choices=order.choices) if told else None


def _told_last_why(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading:
    """The order that stands before what is told of nobody and nowhere: "cancel tractor one's job, the flight is off".
    It may be no reason, so never surely."""
    parts = [part for part in BREAK.split(text) if part]
    for count in range(1, 0 if whole.retold or ASKED.search(text) else len(parts)):
        order, why = read(", ".join(parts[:count])), read(", ".join(parts[count:]))
        named = order.mentions and not order.clause.unknown_words
        dropped = [command.action for command in order.commands] == [Action.CANCEL] and _is_not_needed(why)
        told = _is_told(why, lacks=_fetches(order))
        if order.commands and named and not _may_be_told(order) and (dropped or told):
            clause = replace(whole.clause, certainty=min(whole.clause.certainty, order.clause.certainty))
            certainty = order.certainty * MAY_TELL
            return replace(whole, clause=clause, commands=order.commands, certainty=certainty, choices=order.choices)
    return whole


def _told_apart(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading:
    """The order that stands in a sentence before another that tells of nobody and nowhere: "can you send cart two to
    dock one? The lads are waiting"."""
    sentences = sentences_of(text)
    if len(sentences) != 2 or whole.retold:
        return whole
    order, why = map(read, sentences)
    asked = ASKED.search(text) and not order.clause.wishes
    named = _drives(order) and order.mentions and not (asked or _may_be_told(order))
    if not named or not _is_told(why):
        return whole
    return replace(whole, commands=order.commands, certainty=order.certainty * MAY_TELL, choices=order.choices)


def _may_be_told(order: Reading) -> bool:
    """Whether what reads as an order may as well tell of something."""
    return order.clause.may_tell or order.clause.presents or order.retold or order.aimless


def _is_told(why: Reading, *, lacks: bool = False) -> bool:
    """Whether it tells of something and orders, asks and names nothing; where it may say what ``lacks``, also that
    something is not so, "they have none left"."""
    said = why.clause
    plainly = lacks and said.strange_runs > 0 and not (said.actions or _begins_with(why, {NOT, NO}))
    denies = (said.negated and not plainly) or said.another_day
    open_ = why.retold or why.planned or said.planning or denies or said.asks or said.wishes or said.either
    orders = why.commands or why.mentions or said.handles or said.goal or said.counted_loads
    controls = said.actions & {Action.STOP, Action.CANCEL, Action.RESUME}
    tells = len(why.tokens) >= LEAST_TOLD and (said.unknown_words > 0 or said.tells)
    return tells and not (open_ or orders or controls or (said.has_load and (said.verbs or not names_load(why))))


def _drives(order: Reading) -> bool:
    return bool(order.commands) and all(command.action.drives for command in order.commands)


def _fetches(order: Reading) -> bool:
    return bool(order.commands) and all(command.action in _FETCHING for command in order.commands)


def _begins_with(said: Reading, roles: set[str]) -> bool:
    first = said.words.match(said.tokens, 0)
    return first is not None and bool(first[0].roles & roles)


def _is_not_needed(why: Reading) -> bool:
    """Whether it says that nobody needs it, whatever that is: "we don't need it any more"."""
    said, words, tokens = why.clause, why.words, why.tokens
    forbids = _begins_with(why, {NOT, NO})
    needs = any(
        NEED in words.roles_of(tokens[at:end]) and {LOAD, FILLER} <= words.roles_of(tokens[end : end + 1])
        for at in range(len(tokens))
        for end in range(at + 1, at + 4)
    )
    return needs and said.negated and not (forbids or why.mentions or said.actions or said.asks or said.planning)


def _reason_at(whole: Reading) -> int:
    """Before which token a reason is given; 0 where none is."""
    names = [range(mention.start, mention.end) for mention in whole.mentions]
    for at in range(1, len(whole.tokens) - 1):
        said = any(whole.tokens[at : at + len(word)] == word for word in phrases_beside("because", whole.language))
        if said and not any(at in name for name in names):
            return at
    return 0
