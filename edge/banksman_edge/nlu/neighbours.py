"""What stands beside an item, and so says what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from banksman_edge.nlu.inflection import OBJECT, STATES
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import (
    ACTS_ON,
    ALL,
    AND,
    ARTICLES,
    ASKS_BEFORE_VEHICLE,
    ATTACHES,
    AWAITS,
    CALLS,
    DAYS,
    DONE,
    EVERYTHING,
    FILLER,
    FROM,
    GOAL,
    HESITATES,
    INQUIRES,
    LETS,
    LOAD,
    LOADS,
    MEASURE,
    PLAN,
    PRESENTS,
    SOME,
    SOON,
    TO,
    WISHES,
    only_stops,
)
from banksman_edge.nlu.names import What
from banksman_shared.commands import Action

HANDLING = frozenset({Action.TRANSPORT, Action.PICK, Action.DROP})
OF_ALL = frozenset({Action.STATUS, Action.PARK, Action.CHARGE})
"""What may be asked or told in one phrase with "all"."""


def says_something(item: Item) -> bool:
    """Whether it is more than a small word: a name, a verb, a load, a condition, or nothing that is known."""
    meant = any(map(item.plays, (LOAD, LOADS, PLAN, GOAL)))
    return item.mention is not None or bool(item.actions) or meant or (item.unknown and item.amount is None)


def begins_strangely(items: Sequence[Item]) -> bool:
    """Whether a strange word begins the clause and a verb or vehicle follows at once, so that it is some verb or
    courtesy and no load: "sírvase pasar por …", "faltava o Otto na …". For languages whose loads follow their verbs."""
    behind = next((item for item in items[1:] if item.actions or not item.plays(FILLER)), None)
    strange = bool(items) and items[0].unknown and items[0].amount is None
    return strange and behind is not None and (bool(behind.actions) or behind.is_who)


def continues_unknown(items: Sequence[Item], index: int) -> bool:
    """Whether an unknown word belongs to the one before it, articles and the like in between: "bags of blood"."""
    at = index - 1
    while at > 0 and items[at].plays(FILLER) and not items[at].actions:
        at -= 1
    return at >= 0 and items[at].unknown and items[at].amount is None


def beside_load(items: Sequence[Item], index: int) -> bool:
    """Whether the next word that says something, on either side, is a load: "a container of vaccines"."""
    for way in (reversed(items[:index]), items[index + 1 :]):
        neighbour = next((item for item in way if item.actions or not item.plays(FILLER)), None)
        if neighbour and neighbour.is_load:
            return True
    return False


def cancels_apart(items: Sequence[Item], index: int) -> bool:
    """Whether a verb cancels what was said before, and another order follows: "cancel that and send cart two", unlike
    "cancel cart two's trip"."""
    rest = items[index + 1 :]
    return (
        items[index].actions == {Action.CANCEL} and bool(rest) and rest[0].plays(AND) and any(x.actions for x in rest)
    )


def _says_verb(items: Sequence[Item], index: int) -> bool:
    """Whether an item is a verb of the clause, and neither cancels apart nor says where to stop: "stop where you are",
    «párate donde estás», which asks nothing."""
    asked = items[index].actions == {Action.STATUS}
    stays = asked and any(only_stops(item.phrase) and not item.plays(HESITATES) for item in items[:index])
    return bool(items[index].actions) and not (stays or cancels_apart(items, index) or leads_to_place(items, index))


def verbs_of(items: Sequence[Item], *, postfix: bool) -> list[frozenset[Action]]:
    """The clause's verbs. A word that is also a preposition or a noun ("para", "charge") counts as a verb only
    where no plain verb stands beside it."""
    spoken = [at for at in range(len(items)) if _says_verb(items, at)]
    plain = [at for at in spoken if not any(map(items[at].plays, (FILLER, FROM, TO, LOAD)))]
    return [_said_by(items, at, postfix=postfix) for at in plain or spoken]


def _said_by(items: Sequence[Item], index: int, *, postfix: bool) -> frozenset[Action]:
    """What a verb asks for. Who waits somewhere goes there first, which other languages say in one phrase, "wait at":
    ドック1で待って."""
    item = items[index]
    there = index > 1 and items[index - 1].leads and items[index - 2].is_where
    waits = postfix and there and item.plays(AWAITS) and Action.STOP in item.actions
    return frozenset({Action.MOVE}) if waits else item.actions


def leads_to_place(items: Sequence[Item], index: int) -> bool:
    """Whether a word that stops is the preposition of a place: "todas para la plaza", unlike "para la carretilla dos"
    and "para en la plaza"."""
    item = items[index]
    if item.actions != {Action.STOP} or not item.plays(TO):
        return False
    behind = next((other for other in items[index + 1 :] if not other.plays(ARTICLES)), None)
    return behind is not None and behind.is_where


def before_load(items: Sequence[Item], index: int) -> bool:
    """Whether loads are meant by what stands before them: "all the crates"."""
    following = next((item for item in items[index + 1 :] if item.actions or not item.plays(FILLER)), None)
    return following is not None and (following.is_load)


def all_of_load(items: Sequence[Item], index: int, *, postfix: bool) -> bool:
    """Whether "all" is said of loads: "all the crates"; behind them where they precede their verb, 箱を全部, 箱子全."""
    if before_load(items, index):
        return True
    at = index - 1
    while postfix and at > 0 and items[at].plays(FILLER) and not items[at].is_load:
        at -= 1
    return at >= 0 and items[at].is_load


def all_but_vehicles(items: Sequence[Item], *, carries: bool) -> bool:
    """Whether "all" is said of places, "to all wards", or of what is carried: "bring everything to the lab"."""
    of_places = any(item.plays(ALL) and _all_of_places(items, at) for at, item in enumerate(items))
    return of_places or (carries and any(item.plays(EVERYTHING) for item in items))


def _all_of_places(items: Sequence[Item], index: int) -> bool:
    """Whether "all" is said of a kind of place, "all wards", or with a preposition before it of what nobody knows; and
    of no vehicle: "all to the ward". A number behind the kind counts vehicles: "jede Station einen Wagen"."""
    led = index > 0 and (items[index - 1].leads or items[index - 1].leads_as_verb)
    skipped = (one.plays(FILLER) and not one.actions and (led or not one.leads) for one in items[index + 1 :])
    at = next((at for at, skip in enumerate(skipped, index + 1) if not skip), None)
    mention = items[at].mention if at is not None else None
    if at is None or mention is None:
        return led and at is not None and items[at].unknown
    behind = items[at + 1].mention if at + 1 < len(items) else None
    counts = mention.what is What.PLACE and behind is not None and behind.what is What.VEHICLE_KIND
    return mention.what is What.PLACE_KIND or counts


def counts_loads(items: Sequence[Item], index: int) -> bool:
    """Whether a number says how many loads: "six pallets", 三个托盘, パレット6枚."""
    following = items[index + 1 : index + 3]
    measured = bool(index and following) and items[index - 1].is_load and following[0].plays(MEASURE)
    return measured or any(item.is_load for item in following)


def counts_strange(items: Sequence[Item], index: int) -> bool:
    """Whether a number above one says how many of something that nobody knows: "four sofas", ソファを4つ."""
    number = items[index].unknown and (items[index].amount or 0) > 1
    following = items[index + 1] if index + 1 < len(items) else items[index]
    at = index - 1
    while following.plays(MEASURE) and at > 0 and items[at].plays(FILLER) and not items[at].leads:
        at -= 1
    named = items[at] if following.plays(MEASURE) and at >= 0 else following
    return number and named.unknown and named.amount is None


def is_some(items: Sequence[Item], index: int) -> bool:
    """Whether it is said that several loads are meant, and not how many. What also says from where does so behind a
    verb: "porta dei bancali"."""
    item, following = items[index], items[index + 1] if index + 1 < len(items) else items[index]
    behind_verb = index > 0 and bool(items[index - 1].actions)
    return item.plays(SOME) and following.plays(LOADS) and (behind_verb or not item.leads)


def counts_vehicles(items: Sequence[Item], index: int) -> bool:
    """Whether a number says how many of a kind of vehicle: "two forklifts", "tutti e tre i carrelli"."""
    following = next((item.mention for item in items[index + 1 :] if not item.plays(ARTICLES)), None)
    return following is not None and following.what is What.VEHICLE_KIND


def is_done(items: Sequence[Item], index: int) -> bool:
    """Whether a word behind a place says that something has got there: 送到厨房了."""
    return items[index].plays(DONE) and _is_place(items[index - 1])


def fetches(items: Sequence[Item]) -> bool:
    """Whether a vehicle goes to the first of two places to take a load to the second: 去三病区把床单拉到洗衣房."""
    places = [at for at, item in enumerate(items) if _is_place(item)]
    loads = [at for at, item in enumerate(items) if item.is_load]
    between = len(places) == 2 and len(loads) == 1 and places[0] < loads[0] < places[1]
    joined = any(item.plays(AND) for item in items)
    return between and not joined and any(Action.TRANSPORT in item.actions for item in items[loads[0] :])


def _is_place(item: Item) -> bool:
    return item.mention is not None and item.mention.what is What.PLACE


def may_tell_of_vehicle(items: Sequence[Item], *, postfix: bool, dense: bool) -> bool:
    """Whether a clause says of a vehicle what it will do, or can do, in words that order as well: "robot two can go",
    "can robot two go", "robot dwa pojedzie", "Roboter zwei fährt gleich". ``dense``: words are not parted."""
    for at, item in enumerate(items):
        if not (item.plays(STATES) or item.plays(PRESENTS)):
            continue
        said = items[:at]
        if postfix and said and said[-1].actions and not item.actions:
            said = said[:-1]  # "जा सकती है": the verb comes first
        behind = _subject(said, postfix=postfix)
        turned = not (postfix or dense) and _next(items[at + 1 :], STATES).is_who
        if item.plays(STATES) and (behind or turned):
            return True
        soon = any(other.plays(SOON) for other in items[at + 1 :])
        foretold = any(other.plays(DAYS) for other in items) and (behind or _next(items[at + 1 :], PRESENTS).is_who)
        if item.plays(PRESENTS) and ((behind and soon) or foretold):
            return True
    return False


def presents_vehicle(items: Sequence[Item], *, postfix: bool) -> bool:
    """Whether a vehicle comes before a verb that tells of it as well as it orders, "Roboter zwei fährt": with a
    question mark it asks."""
    return any(item.plays(PRESENTS) and _subject(items[:at], postfix=postfix) for at, item in enumerate(items))


def _is_object(item: Item) -> bool:
    return item.ends_in(OBJECT)


def _subject(before: Sequence[Item], *, postfix: bool) -> bool:
    """Whether the next word is said of a vehicle: it is named before it and not acted on, and no verb is between."""
    since = max((at for at, item in enumerate(before) if item.actions), default=-1) + 1
    named = [at for at in range(since, len(before)) if before[at].is_who]
    return any(not (_is_object(before[at]) or is_acted_on(before, at, postfix=postfix)) for at in named)


def before(items: Sequence[Item], index: int) -> Item:
    """The item before, past articles and the like."""
    at = index - 1
    while at > 0 and items[at].plays(FILLER) and not items[at].actions:
        at -= 1
    return items[at]


def follows_verb(items: Sequence[Item], index: int) -> bool:
    """Whether a verb stands before it, and no preposition of whom something is for, "para"; nor is it called in
    between, "خذ يا نمر الصناديق", or behind a whole order: "Kisten von Rampe eins ins Lager bringen, Otto"."""
    verb = before(items, index) if index else Item(0, 0)
    called = index > 0 and items[index - 1].plays(CALLS)
    ways = sum(item.is_where for item in items[:index]) > 1 and index == len(items) - 1
    called = called or (ways and any(item.unknown or item.is_load for item in items[:index]))
    return bool(verb.actions) and not (verb.leads_as_verb or called)


def is_acted_on(items: Sequence[Item], index: int, *, postfix: bool) -> bool:
    """Whether a word beside the vehicle at ``index`` makes it what a verb acts on: 把叉车二, フォークリフト2を, "put
    cart two"; or a verb behind it leaves it where it is, 二号车留在."""
    behind, ahead = items[index + 1 :], items[index - 1 :: -1] if index else ()
    # "Forklift two, それを put there": what stands between is acted on.
    acted = any(item.plays(ACTS_ON) for item in behind[:1]) if postfix else _next(ahead, ACTS_ON).plays(ACTS_ON)
    put = not postfix and any(_next(ahead, role).plays(role) for role in (ATTACHES, LETS))
    return acted or put or (not postfix and _next(behind, LETS).plays(LETS))


def _next(way: Iterable[Item], role: str) -> Item:
    """The first item that plays the role, or is no small word; an empty one where there is none. "All" is small: "put
    all the carts"."""
    small = (FILLER, ALL)
    found = (item for item in way if item.plays(role) or item.actions or not any(map(item.plays, small)))
    return next(found, Item(0, 0))


def inquires(items: Sequence[Item]) -> bool:
    """Whether the clause begins, but for small words, with a verb that asks there, and a vehicle or load: "should cart
    two go?", "so should cart two go?"; or that says whom something is said of: "è il carrello due che va"."""
    begin = next((at for at, item in enumerate(items) if item.plays(INQUIRES) or not _is_filler(item)), 0)
    asked = _next(items[begin + 1 :], INQUIRES) if items and items[begin].plays(INQUIRES) else Item(0, 0)
    return asked.is_who or asked.is_load


def _is_filler(item: Item) -> bool:
    return item.plays(FILLER) and not (item.actions or item.plays(WISHES) or item.plays(ARTICLES))


def is_turned(verb: Item, items: Sequence[Item]) -> bool:
    """Whether a verb before a vehicle asks: "fährt Stapler drei …?", "bringt Stapler drei die Palette …?", where to
    several it is an order: "bringt Stapler drei her", "fahrt, Stapler drei und vier"."""
    told = sum(item.is_who for item in items)
    taken = any(item.is_load for item in items)
    return verb.plays(ASKS_BEFORE_VEHICLE) and told == 1 and (taken or not verb.actions & HANDLING)


def stands_between(items: Sequence[Item], index: int) -> bool:
    """Whether it stands between two names of a kind, as the か of カート六かカート七, which asks elsewhere."""
    if not 0 < index < len(items) - 1:
        return False
    left, right = items[index - 1].mention, items[index + 1].mention
    return left is not None and right is not None and left.what is right.what


def is_stray(items: Sequence[Item], index: int) -> bool:
    """Whether a number follows a name that has its own, and is none of what comes next: "cart two one, go". An article
    is a number in many languages, "cart two one infusion", and so is part of some phrases, 去三号门一趟."""
    item, following = items[index], items[index + 1] if index + 1 < len(items) else None
    counts = following is not None and following.unknown and following.amount is None
    behind = index > 0 and items[index - 1].numbered
    alone = item.phrase is None or item.end - item.start == 1
    return behind and alone and item.amount is not None and not item.actions and not counts
