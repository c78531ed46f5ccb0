"""What is known of a language: the words of orders, from ``data/xx.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_edge.nlu.inflection import NEGATED, PAIR, PLURAL, STATES, TOLD, Inflection, inflection_of
from banksman_edge.nlu.templates import all_spelt_out
from banksman_edge.nlu.tokens import Tokens, tokenize
from banksman_shared.commands import Action
from banksman_shared.site import Site

FROM, TO, FROM_AFTER, THEN_AFTER_VERB, FIRST = "from", "to", "from_after", "then_after_verb", "first"
ENDS_STEP, ATTACHES, IT = "ends_step", "attaches", "it"
"""Verbs after which another step begins, "bırakıp"; verbs that, at a charger, charge; pronouns for loads that may mean
a vehicle."""
LOAD, LOADS, ALL, AND, THEN, FILLER, NOT, PLAN, GOAL, NEED, YES, NO, CORRECTS, SHOUTS = (
    "load", "loads", "all", "and", "then", "filler", "not", "plan", "goal", "need", "yes", "no", "corrects", "shouts",
)  # fmt: skip
ASKS, ASKS_BEFORE_VEHICLE, TELLS, THERE, WISHES = "asks", "asks_before_vehicle", "tells", "there", "wishes"
BUT, INSTEAD, WHOEVER, WHOEVER_AFTER, YIELDS = "but", "instead", "whoever", "whoever_after", "yields"
"""What follows "not X" before what is meant, and X itself; "whoever is at", around a place; and, first, "make way"."""
CONTRASTS, THROUGH = "contrasts", "through"
"""Words for "not" that may deny a name in favour of another; prepositions of the way and not of its end."""
LETS, INQUIRES, EITHER = "lets", "inquires", "either"
"""Verbs that leave somebody where they are; what asks where a sentence begins with it and a vehicle: "should cart two";
and "or"."""
PERMITS, FACTS, ACTS_ON = "permits", "facts", "acts_on"
"""Words with which somebody is let do what a verb behind them says: "lass es zu Rampe drei fahren"; what asks or tells
how things are or were, whatever wish stands beside it: "did", "went"; and what makes a vehicle what a verb acts on:
把, を."""
SOME, BOTH, EACH = "some", "both", "each"
"""What says, before loads, that several are meant and not how many: "some", and articles that do: "uns"; and what says,
beside a kind of vehicle without a plural, that two are meant: दोनों; and words for "all" before nouns: "every"."""
NEEDS, ABLE, ARRIVED, MEASURE, DONE, DESCRIBES = "needs", "able", "arrived", "measures", "done", "describes"
"""Verbs by which a place lacks a load; what is asked of a vehicle, "free", "arrived"; what counts loads: 枚; what says
behind a place that something has got there: 了; and what asks for nothing beside a load: "the empty bed"."""
AWAITS, AWAITED, AWAITS_BARE = "awaits", "awaited", "awaits_bare"
"""Words of verbs that wait; what says for whom, "for"; and those after which nothing needs to say it: 等3号叉车."""
DEEDS, SENDS = "deeds", "sends"
"""Nouns that order as verbs do where nothing unknown is said of them: "transport from dock one to dock two"; verbs that
move a vehicle where it is what they are done to, and a place is said, and are other words elsewhere: 出して."""
FALTERS, LOADS_OR_CHARGES = "falters", "loads_or_charges"
"""Sounds that are made while the right word is looked for: "uh"; and verbs for what a vehicle does with a load as well
as with its battery: "carregue"."""
ONESELF, MUST, DOES = "oneself", "must", "does"
"""Who speaks, "मुझे", and words of verbs by which somebody has to do something, "जाना है": together they tell of
oneself; and what makes a vehicle the one that does something, after which another is to do something else: が."""
HOME, EVERYTHING = "home", "everything"
"""Words of where a vehicle stands by itself, in phrases of parking: "go home"; and words for "all" that mean things."""
DAYS, PONDERS = "days", "ponders"
"""What says that another day is meant, "tomorrow", and so plans; and what one asks others, where a question mark is
written: "dobbiamo mandare il carrello due …?"."""
TITLES, DROPS, DROPS_APART = "titles", "drops", "drops_apart"
"""Words beside which stands the name of somebody: "Mr"; what drops, before another order, what was said or asked:
"never mind"; and what does so only before a comma."""
BATTERY, CALLS, ONCE_DONE, FORGETS, LEAVES, HITHER = "battery", "calls", "once_done", "forgets", "leaves", "hither"
"""What is charged, where the verb means loads as well: "Lade Otto, der **Akku** ist leer"; what calls: "يا"; what
begins a further step, "when you're done", and where none is said before it, waits for what somebody does; verbs for a
place that is not meant any more, or left, or brought from: "forget the lab", "leave the lab", "bring back"."""
ONGOING, FORETELLS, IMPERFECT, BEFALLS = "ongoing", "foretells", "imperfect", "befalls"
"""What says of a verb behind it that it is being done, "عم", or will be, "رح"; such verbs, "تروح"; and those that tell,
behind a load and with nothing written onto them, what became of it: "الطرد وصل"."""
HAPPENS, TASKS, INDICATIVE = "happens", "tasks", "indicative"
"""What tells, beside nouns of tasks, how far they are: "انتهى نقل البضاعة"; and verbs that tell what others do."""
ARTICLES = "articles"
"""With a place behind them, they make a preposition of a word that also stops: "para la plaza"."""
PRESENTS, SOON, HESITATES = "presents", "soon", "hesitates"
"""STATES: words that, beside a vehicle, tell as well as they order: "can", "pojedzie". And verbs that do so behind a
vehicle, "fährt", where a word follows that announces, "gleich"; words that make others wait for what is said next."""
"""Moods: what makes a question; a verb that does where a vehicle follows it; what tells how things are; what tells it
where no verb stands beside it; what makes an order of any of these."""
MOODS = frozenset({ASKS, ASKS_BEFORE_VEHICLE, TELLS, THERE, WISHES})

_ORDERS_NOTHING = {NEGATED: NOT, TOLD: TELLS}
"""What forms of verbs play that ask for nothing."""
_PARTED = (GOAL, FACTS, FORGETS, HITHER)
GAP = " … "
"""What may stand in two parts, besides verbs, and what stands for the sentence between them."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase can mean: actions it asks for and roles it plays (the constants above)."""

    actions: frozenset[Action]
    roles: frozenset[str]


def only_stops(phrase: Phrase | None) -> bool:
    """Whether it means nothing but "stop"; "para" is a preposition too."""
    return phrase is not None and phrase.actions == {Action.STOP} and not phrase.roles & {FILLER, FROM, TO, LOAD}


@dataclass(frozen=True, slots=True)
class Language:
    """The phrases of one language, ready to match."""

    code: str
    phrases: dict[Tokens, Phrase]
    longest: int
    postfix: bool
    """Whether the words that say "from" and "to" follow the place."""
    markers: tuple[Tokens, ...]
    """What may stand between a kind and its number: "number" in "forklift number three"."""
    counters: tuple[Tokens, ...]
    """What may stand after a number that names something: 号 in 三号."""
    rank_counters: tuple[Tokens, ...]
    """What may stand after a rank: 台 in 第三台, where 三台 would say how many."""
    vehicle_counters: frozenset[Tokens]
    """Those of the counters that number vehicles and no places: 号機."""
    vehicle_words: tuple[str, ...]
    """What any vehicle may be called before its number: "machine two"."""
    links: tuple[Tokens, ...]
    """What may stand between a number and its kind: の in 3番のフォークリフト."""
    ordinal_suffixes: tuple[str, ...]
    extra_numbers: dict[str, int]
    number_joins: tuple[str, ...]
    digit_joins: tuple[str, ...]
    """What joins the parts of a number: و in مئتين وعشرة."""
    heard_as: dict[Tokens, int]
    """What recognisers write for numbers: "aid" for eight."""
    extra_ordinals: dict[str, int]
    inflection: Inflection
    separable: dict[Tokens, dict[Tokens, Phrase]]
    """Verbs, and words for goals and facts, in two parts with the sentence between them: "laad … af"."""

    pairs: tuple[tuple[Tokens, Tokens], ...]
    """What joins two names, the first part before the first of them: "both … and", "sowohl … als auch"."""

    def match(self, tokens: Tokens, start: int) -> tuple[Phrase, int] | None:
        """The longest phrase that starts at ``start``, and its length."""
        for length in range(min(self.longest, len(tokens) - start), 0, -1):
            if phrase := self.phrases.get(tokens[start : start + length]):
                return phrase, length
        return None

    def roles_of(self, tokens: Tokens) -> frozenset[str]:
        """What a whole phrase plays; nothing where it is none."""
        phrase = self.phrases.get(tokens)
        return phrase.roles if phrase else frozenset()


@cache
def table_of(code: str) -> dict[str, Any]:
    """The file of a language, its phrases spelt out; empty where there is none."""
    source = files("banksman_edge.nlu") / "data" / f"{code}.toml"
    table = tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}
    return table | {key: all_spelt_out(table[key]) for key in {"actions", "roles", "words"} & table.keys()}


def spellings(code: str) -> frozenset[str]:
    """All phrases of the language as its file writes them, with accents."""
    table = table_of(code)
    lists = [*table.get("actions", {}).values(), *table.get("roles", {}).values(), *table.get("words", {}).values()]
    numbers = table.get("numbers", {})
    keys = ("markers", "counters", "rank_counters", "links", "ordinal_suffixes", "extra", "ordinals")
    lists += [numbers.get(key, ()) for key in keys]
    spelt = {phrase for phrases in lists if not isinstance(phrases, bool) for phrase in phrases}
    return frozenset(phrase.replace(GAP, " ") for phrase in spelt)


_Roles = dict[Tokens, set[str]]
Phrases = tuple[tuple[str, tuple[str, ...]], ...]
"""Actions with further phrases for them."""


def language_of(site: Site, code: str) -> Language:
    """The data of a language, with the site's own phrases."""
    return language_data(code, tuple(site.phrases.get(code, {}).items()))


@cache
def language_data(code: str, also: Phrases = ()) -> Language:
    """The data of a language; for one without a file, an empty one, so that only the model understands it."""
    table = table_of(code)
    numbers, places = table.get("numbers", {}), table.get("roles", {})
    inflection = inflection_of(code, table.get("inflection", {}))
    actions = _actions([*table.get("actions", {}).items(), *also], code)
    roles = _roles(places | table.get("words", {}), code)
    _add_verb_forms([*table.get("actions", {}).items(), *also], inflection, actions, roles)
    _add_load_forms(table.get("words", {}), inflection, frozenset(actions) | frozenset(roles), roles)
    _add_held(actions, roles)
    _add_imperfect(table.get("inflection", {}), actions, roles)
    keys = {key for key in (*actions, *roles) if key}
    return Language(
        code=code,
        phrases={k: Phrase(frozenset(actions.get(k, ())), frozenset(roles.get(k, ()))) for k in keys},
        longest=max(map(len, keys), default=1),
        postfix=bool(places.get("postfix")),
        markers=_longest_first(numbers.get("markers", ()), code),
        counters=_longest_first(numbers.get("counters", ()), code),
        rank_counters=_longest_first(numbers.get("rank_counters", ()), code),
        vehicle_counters=frozenset(_longest_first(numbers.get("vehicle_counters", ()), code)),
        vehicle_words=tuple(numbers.get("vehicles", ())),
        links=_longest_first(numbers.get("links", ()), code),
        ordinal_suffixes=tuple(numbers.get("ordinal_suffixes", ())),
        extra_numbers=dict(numbers.get("extra", {})),
        number_joins=tuple(numbers.get("joins", ())),
        digit_joins=tuple(numbers.get("digit_joins", ())),
        heard_as={tokenize(word, code): value for word, value in numbers.get("heard_as", {}).items()},
        extra_ordinals=dict(numbers.get("ordinals", {})),
        inflection=inflection,
        pairs=tuple(_parted(pair, code) for pair in table.get("pairs", {}).get("both", ())),
        separable=_separable([*table.get("actions", {}).items(), *also], table.get("words", {}), code),
    )


def _actions(table: Iterable[tuple[str, Iterable[str]]], code: str) -> dict[Tokens, set[Action]]:
    """What asks for which actions, but for what stands in two parts."""
    actions: dict[Tokens, set[Action]] = {}
    for action, phrases in table:
        for phrase in phrases:
            if GAP not in phrase:
                actions.setdefault(tokenize(phrase, code), set()).add(Action(action))
    return actions


def _separable(
    table: Iterable[tuple[str, Iterable[str]]], words: dict[str, Any], code: str
) -> dict[Tokens, dict[Tokens, Phrase]]:
    """Phrases in two parts, and what each asks for or plays."""
    asking = [(phrase, Phrase(frozenset({Action(action)}), frozenset())) for action, all_ in table for phrase in all_]
    asking += [(phrase, Phrase(frozenset(), frozenset({role}))) for role in _PARTED for phrase in words.get(role, ())]
    separable: dict[Tokens, dict[Tokens, Phrase]] = {}
    for phrase, meant in asking:
        verb, gap, rest = phrase.partition(GAP)
        if gap:
            rests, second = separable.setdefault(tokenize(verb, code), {}), tokenize(rest, code)
            same = rests.get(second, meant)
            rests[second] = Phrase(meant.actions | same.actions, meant.roles | same.roles)
    return separable


def _parted(pair: str, code: str) -> tuple[Tokens, Tokens]:
    first, _, second = pair.partition(GAP)
    return tokenize(first, code), tokenize(second, code)


def _add_verb_forms(
    table: Iterable[tuple[str, Iterable[str]]],
    inflection: Inflection,
    actions: dict[Tokens, set[Action]],
    roles: _Roles,
) -> None:
    """The forms of verbs, that ask politely or forbid; not those with a role of their own, or "أنزليه" of "أنزلي"."""
    plain, asking = frozenset(roles), frozenset(actions)
    down = frozenset(phrase for phrase, asked in actions.items() if asked == {Action.DROP})
    for action, phrases in table if inflection.verbs else ():
        for phrase in phrases:
            words = tokenize(phrase, inflection.code)
            led = len(words) > 1 and roles.get(words[-1:], set()) & {FROM, TO}  # "اشحن إلى": no verb is last
            for form, role in () if led else inflection.forms_of_verb(phrase).items():
                if role in _ORDERS_NOTHING and form not in plain | asking:
                    roles.setdefault(form, set()).add(_ORDERS_NOTHING[role])
                elif role not in _ORDERS_NOTHING and form not in plain and not (action == Action.MOVE and form in down):
                    actions.setdefault(form, set()).add(Action(action))
                    if role == STATES and form not in asking:
                        roles.setdefault(form, set()).add(STATES)


def _roles(table: dict[str, Any], code: str) -> dict[Tokens, set[str]]:
    """Which roles phrases play."""
    roles: dict[Tokens, set[str]] = {}
    for role, phrases in table.items():
        for phrase in phrases if isinstance(phrases, list) else ():
            if role in _PARTED and GAP in phrase:
                continue
            roles.setdefault(tokenize(phrase, code), set()).update((role, THEN) if role == ONCE_DONE else (role,))
    return roles


def _add_load_forms(words: dict[str, Any], inflection: Inflection, plain: frozenset[Tokens], roles: _Roles) -> None:
    """The forms of what loads are called, where they mean nothing else."""
    for role in (LOAD, LOADS):
        for phrase in words.get(role, ()):
            for form, ending in (inflection.forms(phrase) | inflection.pairs(phrase)).items():
                if form not in plain:
                    roles.setdefault(form, set()).update({LOADS if ending == PLURAL else role}, {ending} & {PAIR})


def _add_imperfect(table: dict[str, Any], actions: dict[Tokens, set[Action]], roles: _Roles) -> None:
    """Verbs that tell and ask alike what somebody does: which begin with each of the letters, as "تروح" and "يروح"."""
    begins, ends = tuple(table.get(IMPERFECT, ())), tuple(table.get(INDICATIVE, ()))
    alone = {phrase[0] for phrase in actions if len(phrase) == 1}
    for phrase in actions if begins else ():
        if phrase[0].startswith(begins) and all(letter + phrase[0][1:] in alone for letter in begins):
            roles.setdefault(phrase, set()).update({IMPERFECT}, {INDICATIVE} if phrase[0].endswith(ends) else ())


def _add_held(actions: dict[Tokens, set[Action]], roles: _Roles) -> None:
    """Phrases that hold a word of waiting wait as it does, "wait at"; so do those that hold more than a word by which
    somebody must do something; and of those that park, one with a word for home goes there, "back to base"; those that
    begin with a verb that tells do so, too; and for another day is planned."""
    for role in (AWAITS, AWAITS_BARE, MUST, HOME):
        words = [key for key, played in roles.items() if role in played]
        for phrase, asked in actions.items():
            spans = (phrase[at : at + len(word)] == word for word in words for at in range(len(phrase)))
            fits = Action.PARK in asked if role == HOME else not roles.get(phrase, set()) & {CORRECTS, NO}
            fits &= role != MUST or phrase not in words
            if fits and any(spans):
                roles.setdefault(phrase, set()).add(role)
    presents = {key for key, played in roles.items() if PRESENTS in played}
    for phrase in actions:
        parted = [(phrase[: len(verb)], phrase[-len(verb) :], phrase[: -len(verb)]) for verb in presents]
        if any(first in presents or (last in presents and rest in roles) for first, last, rest in parted):
            roles.setdefault(phrase, set()).add(PRESENTS)  # "fährt zu", "पर जाए"
    for played in roles.values():
        played.update({PLAN} if DAYS in played else ())
    for word in [key for key, played in roles.items() if played == {HOME} and key not in actions]:
        del roles[word]  # alone, "place" is no word of orders


def _longest_first(phrases: Any, code: str) -> tuple[Tokens, ...]:
    return tuple(sorted({tokenize(phrase, code) for phrase in phrases}, key=len, reverse=True))
