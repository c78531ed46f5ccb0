"""The first tier: stopping. It asks no model and errs on the side of standing still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banksman_edge.nlu.exclamations import (
    is_called_out,
    is_shout,
    is_urgent,
    says_stop_twice,
    shouts,
    tells_of_somebody,
    with_reason_apart,
    with_urgency_apart,
)
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.language import (
    ALL,
    AND,
    AWAITS,
    AWAITS_BARE,
    EACH,
    FILLER,
    FROM,
    HESITATES,
    LOAD,
    NO,
    SHOUTS,
    THEN,
    TO,
    only_stops,
)
from banksman_edge.nlu.mentions import SIMILAR
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.talk import SAYS, talk_of
from banksman_edge.nlu.tokens import BREAK, UNSPACED
from banksman_shared.commands import STOP_ALL, Action, Command

MAX_STRANGE_WORDS = 2
MAX_WORDS = 6
LEAST_BEHIND = 2
"""Words that are told behind a stop of somebody, where no comma parts them."""
LONGEST_TELLER = 4
"""Words, or characters, of who said what stands before."""
_NOUN_BEHIND = frozenset("位场费库的时点牌灯钮ボウのは時線を")
"""What makes a noun of a stop before it, or tells of it: 停车位, 停止ボタン, 停止の."""
CERTAIN = 0.99
LIKELY = 0.9


def exact_stop(reading: Reading) -> Interpretation | None:
    """A sentence that says nothing but whom to stop. Where the words fit several, all of them stop."""
    if _makes_wait(reading):
        whom = tuple(dict.fromkeys(vehicle for mention in reading.mentions for vehicle in mention.ids))
        return Interpretation((Command(Action.STOP, whom),), CERTAIN, Tier.STOP, reading.language, "is made to wait")
    if not reading.commands or any(command.action is not Action.STOP for command in reading.commands):
        return None
    meant = dict.fromkeys(vehicle for command in reading.commands for vehicle in command.vehicles)
    if reading.clause.certainty < SIMILAR:
        return Interpretation((STOP_ALL,), LIKELY, Tier.STOP, reading.language, "stop words beside a name hardly heard")
    places = {place for m in reading.mentions if m.what is What.PLACE for place in m.ids}
    at = "at:" if any(vehicle.startswith("at:") for vehicle in meant) else ""
    others = (f"{at}{each}" for each in reading.choices if (each in places) is bool(at))
    commands = (Command(Action.STOP, (*meant, *(other for other in others if other not in meant))),)
    return Interpretation(commands, CERTAIN, Tier.STOP, reading.language, "stop words")


def _makes_wait(reading: Reading) -> bool:
    """Whether somebody is named beside words that make wait, and nothing else is said: "one moment, cart two"."""
    named = {mention.start: mention for mention in reading.mentions if mention.what is What.VEHICLE}
    if reading.commands or reading.retold or not named or len(named) < len(reading.mentions):
        return False
    at, said = 0, []
    while at < len(reading.tokens):
        before = min((start for start in named if start > at), default=len(reading.tokens))
        phrase, length = reading.words.match(reading.tokens[:before], at) or (None, 1)
        said += [] if at in named else [phrase.roles if phrase and not phrase.actions else frozenset()]
        at = named[at].end if at in named else at + length
    small = all(roles & {HESITATES, FILLER} and not roles & {AWAITS, AWAITS_BARE} for roles in said)  # 等3号叉车
    return small and any(HESITATES in roles for roles in said)


def forbids_stop(reading: Reading) -> bool:
    """A sentence that is understood, and says not to stop."""
    clause = reading.clause
    return clause.negated and not clause.unknown_words and Action.STOP in clause.actions


def likely_stop(reading: Reading, but: frozenset[int] = frozenset()) -> Interpretation | None:
    """A short sentence that begins or ends with a word that means nothing but "stop": everybody is stopped,
    since a misheard name must not keep a vehicle going. ``but``: tokens in which it means something else."""
    clause = reading.clause
    longest = MAX_WORDS * 2 if reading.language in UNSPACED else MAX_WORDS  # a word has two characters
    words = len(reading.tokens) - sum(mention.end - mention.start - 1 for mention in reading.mentions)
    calm = clause.negated or clause.only_waits or clause.places or words > longest
    if reading.commands or calm or clause.unknown_words > MAX_STRANGE_WORDS or not _at_an_end(reading, but):
        return None
    return Interpretation((STOP_ALL,), LIKELY, Tier.STOP, reading.language, "a stop word beside words not understood")


def begins_with_stop(reading: Reading) -> bool:
    """Whether a sentence of the speaker's own begins with a word that means nothing but "stop"."""
    found = reading.words.match(reading.tokens, 0)
    return not reading.retold and found is not None and only_stops(found[0])


def _begins_with_stop_of_all(reading: Reading) -> bool:
    """Whether it begins with everybody and a stop, whatever follows, where nothing is written between words: 全部停车
    有人摔倒了. Not where a noun is made of both, 所有停车位; elsewhere "everybody stop complaining" is as likely."""
    words, tokens, at, everybody = reading.words, reading.tokens, 0, False
    while reading.language in UNSPACED and (found := words.match(tokens, at)):
        phrase, length = found
        if Action.STOP in phrase.actions and not phrase.roles & {FILLER, FROM, TO, LOAD}:
            parts = (words.phrases.get(tokens[at : at + part]) for part in range(1, length))
            of_all = everybody or any(part is not None and ALL in part.roles - {EACH} for part in parts)  # 全車停止
            noun = bool(_NOUN_BEHIND.intersection(tokens[at + length : at + length + 1]))
            return of_all and not noun and (only_stops(phrase) or SHOUTS in phrase.roles)
        if phrase.actions or EACH in phrase.roles or not phrase.roles & {ALL, FILLER}:
            return False
        everybody |= ALL in phrase.roles
        at += length
    return False


def stop_at_the_end(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop in which an order ends: "forklift three, go to dock two, stop!". Whoever shouts it does not mean what
    they said before any more; "and stop" says what to do there."""
    language = grammar.finder.language
    *said, last = [part for part in BREAK.split(text) if part] or [""]
    if not shouts(grammar.finder.tokens(last), language):
        return None
    if said:
        end, order = grammar.read(last), grammar.read(", ".join(said))
        begins = language.match(end.tokens, 0)
        joined = begins is not None and bool(begins[0].roles & {AND, THEN})
        shouted = not end.clause.weak_verbs or is_shout(end.tokens, language)  # "no sé para qué" has a preposition
        calm = joined or end.clause.places or order.retold or tells_of_somebody(end.tokens, end.language)
        if shouted and not calm and (stop := exact_stop(end)):
            return replace(stop, confidence=LIKELY, reason="a stop word at the end of an order")
    return _stop_behind_an_order(grammar.read(text), grammar)


def stop_before_an_order(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop with which an order begins: "stop, send forklift two to dock one". Whoever shouts it wants everybody to
    stand before anything else; the order can be said again."""
    first, *said = [part for part in BREAK.split(text) if part] or [""]
    if not said or not is_shout(grammar.finder.tokens(first), grammar.finder.language):
        return None
    order, stop = grammar.read(", ".join(said)), exact_stop(grammar.read(first))
    if stop is None or order.retold or not order.commands:
        return None
    return replace(stop, confidence=LIKELY, reason="a stop word before an order")


def stop_called_out(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop with which it begins, whatever is told then: "stop, the brakes don't work". Not where a few words only
    say who said so, "stop, he said, …", or where it is a stop that is forbidden."""
    first, *said = [part for part in BREAK.split(text) if part] or [""]
    finder = grammar.finder
    if not said or not is_called_out(finder.tokens(first), finder.language) or _takes_it_back(said, grammar):
        return None
    stop = exact_stop(grammar.read(first))
    return replace(stop, confidence=LIKELY, reason="a stop word before what else is said") if stop else None


def _takes_it_back(said: Sequence[str], grammar: Grammar) -> bool:
    """Whether what follows a stop only says who said so, or forbids to stop."""
    teller = grammar.finder.tokens(said[0])
    cited = len(teller) <= LONGEST_TELLER and SAYS in talk_of(grammar.finder.language.code).roles(teller, ())
    return cited or forbids_stop(grammar.read(", ".join(said)))


def stop_called_to_all(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of everybody with which it begins, whatever else is said: "everybody stop, there's somebody lying
    here"."""
    apart = with_reason_apart(with_urgency_apart(text, grammar.finder.language), grammar.language)
    first, *said = [part for part in BREAK.split(apart) if part] or [""]
    begin, whole = grammar.read(first), grammar.read(text)
    opens = begin.words.match(begin.tokens, 0)
    roles = opens[0].roles if opens else frozenset()
    now = SHOUTS in roles and is_urgent(begin.tokens, begin.words)
    now = now and all(c.vehicles for c in grammar.read(", ".join(said)).commands)  # not "para todos ya, seguid"
    calls = opens is not None and bool(roles & {ALL} or only_stops(opens[0]) or now) and EACH not in roles
    of_all = calls and begin.commands == (STOP_ALL,) and not begin.retold and names_all(begin)
    calm = begin.clause.negated or begin.clause.only_waits or (said and _takes_it_back(said, grammar))
    if calm or not (of_all or (not whole.retold and _begins_with_stop_of_all(whole))):
        return None
    return Interpretation((STOP_ALL,), LIKELY, Tier.STOP, whole.language, "a stop of all first")


def names_all(reading: Reading) -> bool:
    """Whether everybody is said, if only within a phrase: "tout le monde s'arrête"."""
    words, tokens = reading.words, reading.tokens
    spans = ((a, b) for a in range(len(tokens)) for b in range(a + 1, min(a + words.longest, len(tokens)) + 1))
    found = (words.phrases.get(tokens[a:b]) for a, b in spans)
    return any(phrase is not None and ALL in phrase.roles for phrase in found)


def stop_set_off(text: str, grammar: Grammar) -> Interpretation | None:
    """A stop by a word that is a preposition too, set off from the place that it would lead to: "todos, ¡para!, el
    muelle"."""
    parts = [part for part in BREAK.split(text) if part]
    for at, part in enumerate(parts[:-1], 1):
        last = grammar.finder.language.phrases.get(grammar.finder.tokens(part)[-1:])
        leads = last is not None and SHOUTS in last.roles and not only_stops(last)
        if leads and (stop := exact_stop(grammar.read(", ".join(parts[:at])))):
            return replace(stop, confidence=LIKELY, reason="a stop word that is set off from what follows")
    return None


def stop_said_first(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of somebody who is named, set off from what else is said, or from why, if that is no order: "cart six,
    stop, cart seven is coming", "cart six stop there's somebody behind you"."""
    apart = with_reason_apart(text, grammar.language)
    written, parts = ([part for part in BREAK.split(each) if part] for each in (text, apart))
    reasoned = written != parts
    for count in range(1, len(parts)):
        first = grammar.read(", ".join(parts[:count]))
        shouted = not reasoned or shouts(first.tokens, first.words)  # "aspetta che arrivi il camion"
        if first.mentions and shouted and (stop := exact_stop(first)):
            whole, rest = grammar.read(apart), grammar.read(", ".join(parts[count:]))
            ordered = not reasoned and any(command.action is not Action.STOP for command in whole.commands)
            if ordered or whole.retold or rest.retold or forbids_stop(rest):
                return None
            return replace(stop, confidence=LIKELY, reason="a stop before what else is said")
    return None


def stop_of_all(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of everybody, in more than a word, beside what is told of anything else, or a shout amid it: "everybody
    stop, the fire alarm is ringing", "charge cart six, stop, it is on fire"."""
    whole, parts = grammar.read(text), [grammar.read(part) for part in BREAK.split(text) if part]
    if whole.commands or whole.retold or whole.planned or whole.clause.planning:
        return None
    for at, said in enumerate(parts):
        others = parts[:at] + parts[at + 1 :]
        amid = 0 < at < len(parts) - 1 and is_shout(said.tokens, said.words)
        of_all = said.commands == (STOP_ALL,) and not said.mentions and (amid or len(said.tokens) > 1)
        stop = exact_stop(said) if others and of_all and not _is_no_call(said) else None
        if stop and not any(o.retold or forbids_stop(o) or NO in o.words.roles_of(o.tokens) for o in others):
            return replace(stop, confidence=LIKELY, reason="a stop of all beside what else is said")
    return None


def _is_no_call(said: Reading) -> bool:
    """Whether a word in it makes others wait, joins it to what is said before, or it tells of somebody."""
    roles = frozenset().union(*(said.words.roles_of((token,)) for token in said.tokens))
    return bool(roles & {AWAITS, AWAITS_BARE, HESITATES, AND, THEN}) or tells_of_somebody(said.tokens, said.language)


def stop_before_a_name(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of somebody who is named right behind it, where nothing parts them from what is told then: "stop cart
    six there's a patient coming"; not in one word, "halte Otto informiert"."""
    whole = grammar.read(text)
    named = next((m for m in whole.mentions if m.what in (What.VEHICLE, What.GROUP)), None)
    calm = whole.commands or whole.retold or whole.planned or whole.clause.planning or whole.clause.negated
    first = whole.words.match(whole.tokens, 0)
    waits = first is not None and first[0].roles & {AWAITS, AWAITS_BARE, HESITATES}  # "wait for cart two"
    called = begins_with_stop(whole) or says_stop_twice(whole.tokens, whole.words)
    if calm or waits or named is None or len(whole.mentions) > 1 or not called:
        return None
    stop = exact_stop(grammar.reading(whole.tokens[: named.end], whole.mentions))
    tells = len(whole.tokens) - named.end >= LEAST_BEHIND
    return replace(stop, confidence=LIKELY, reason="a stop before what else is said") if stop and tells else None


def stop_said_last(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop with which it ends what is told of a vehicle: "somebody is in front of cart seven, stop it"."""
    *said, last = [part for part in BREAK.split(text) if part] or [""]
    end, told = grammar.read(last), grammar.read(", ".join(said))
    waits = {AWAITS, AWAITS_BARE, HESITATES} & end.words.roles_of(end.tokens[:1])  # "until cart two is done, wait here"
    stop = exact_stop(end) if begins_with_stop(end) and not waits else None
    if stop is None or not any(mention.what is What.VEHICLE for mention in told.mentions):
        return None
    whole = grammar.read(text)
    calm = told.commands or told.retold or whole.retold or whole.planned
    return None if calm else replace(stop, confidence=LIKELY, reason="a stop word behind what is told of a vehicle")


def _stop_behind_an_order(whole: Reading, grammar: Grammar) -> Interpretation | None:
    """The same where no comma is written: a stop word directly behind the name that ends a whole order. Where verbs
    come last, or words are not parted, it may be what the order says."""
    language, tokens = grammar.finder.language, whole.tokens
    named = whole.mentions[-1].end if whole.mentions else 0
    if not named or not is_shout(tokens[named:], language) or language.postfix or language.code in UNSPACED:
        return None
    if whole.retold or not grammar.reading(tokens[:named], whole.mentions).commands:
        return None
    return Interpretation((STOP_ALL,), LIKELY, Tier.STOP, whole.language, "a stop word at the end of an order")


def _at_an_end(reading: Reading, but: frozenset[int]) -> bool:
    """Whether it begins or ends with a word that stops; not behind a preposition, "on est à arrêter", which leads to
    what is done."""
    tokens, before = reading.tokens, frozenset[str]()
    slack = MAX_STRANGE_WORDS if reading.language in UNSPACED else 0
    leads = not (reading.language in UNSPACED or reading.words.postfix)
    at = 0
    while at < len(tokens):
        phrase, length = reading.words.match(tokens, at) or (None, 1)
        at_end = at == 0 or at + length >= len(tokens) - slack
        led = leads and bool(before & {FROM, TO}) and phrase is not None and SHOUTS not in phrase.roles
        if only_stops(phrase) and at_end and not led and not but.issuperset(range(at, at + length)):
            return True
        before = phrase.roles if phrase else frozenset()
        at += length if phrase and phrase.roles == {FILLER} and not phrase.actions else 1  # "e basta" is all of it
    return False
