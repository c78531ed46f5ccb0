"""What is said beside something else: a warning before a stop, "look out, cart six, stop!", the reason behind one, that
all is well again, that somebody is to be quick, or sorry, or brakes. The words are ``warns``,
``exclaims``, ``since``, ``urgent``, ``there``, ``clears``, ``urges``, ``sorry`` and ``told`` of the table
``[provisos]``."""

from __future__ import annotations

import re
from functools import cache

from banksman_edge.nlu.language import ALL, ARTICLES, SHOUTS, Language, table_of
from banksman_edge.nlu.tokens import BREAK, UNSPACED, Tokens, together, tokenize

MOST_URGENT = 8
"""Words within which everybody is called to stop at once."""
_WORD = re.compile(r"\S+")
_QUOTES = re.compile(r'["“”„«»「」『』]')
_LEADS_ON = frozenset("とのはてがもに")
"""What leads on to what is said of it: 止まると危ない, it is dangerous if it stops."""


def without_asides(text: str, language: Language) -> str:
    """The text without a first clause that only says that all is well again, "all clear, all carts can go on", and a
    last one that only urges whoever is told to do something, "go to dock two, don't hang about". Anywhere else such
    words may be a condition, be asked, or say what is not to be done."""
    first, *rest = BREAK.split(text, maxsplit=1)
    cleared = rest and rest[0] and tokenize(first, language.code) in phrases_beside("clears", language.code)
    text = rest[0] if cleared else text
    urges = phrases_beside("urges", language.code)
    for mark in BREAK.finditer(text) if urges and not _QUOTES.search(text) else ():
        if tokenize(text[mark.end() :], language.code) in urges and _tells_to_do(text[: mark.start()], language):
            return text[: mark.start()]
    return text


def _tells_to_do(text: str, language: Language) -> bool:
    """Whether a verb of orders is in it."""
    tokens, at = tokenize(text, language.code), 0
    while at < len(tokens):
        phrase, length = language.match(tokens, at) or (None, 1)
        if phrase and phrase.actions:
            return True
        at += length
    return False


def with_urgency_apart(text: str, language: Language) -> str:
    """The text with a comma behind the words of urgency with which everybody is called to stop, where ``there`` of the
    table says what is there: "para todos ahora mismo hay un niño", and not "para todos ahora es más fácil"."""
    first = BREAK.split(text, maxsplit=1)[0]
    spans = [word.end() for word in _WORD.finditer(first)][1:MOST_URGENT]
    urgent = [end for end in spans if is_urgent(tokenize(text[:end], language.code), language)]
    rest = tokenize(text[urgent[-1] :], language.code) if urgent else ()
    told = any(rest[: len(words)] == words for words in phrases_beside("there", language.code))
    return f"{text[: urgent[-1]]}, {text[urgent[-1] :].lstrip()}" if told else text


def beside_warning(text: str, code: str) -> str:
    """What is said beside warnings; nothing where there are none. Where words have spaces between them something must
    set a warning off, for it may lead on: "cuidado para"."""
    parts = [part for part in BREAK.split(text) if part]
    said = [part for part in (_without_warnings(part, code) for part in parts) if part]
    return ", ".join(said) if said != parts else ""


def behind_warning(tokens: Tokens, code: str) -> Tokens:
    """What is said behind a warning, whatever is written between them; nothing where they begin with none."""
    warned = max((len(w) for w in phrases_beside("warns", code) if tokens[: len(w)] == w), default=0)
    return tokens[warned:] if warned else ()


def behind_exclamations(tokens: Tokens, code: str) -> Tokens:
    """What is said behind exclamations and warnings, "oh god, look out, …"; all of it where it begins with none."""
    words = phrases_beside("exclaims", code) | phrases_beside("warns", code)
    while said := max((len(w) for w in words if tokens[: len(w)] == w), default=0):
        tokens = tokens[said:]
    return tokens


def with_reason_apart(text: str, code: str) -> str:
    """The text with a comma before the first word that gives a reason, ``since`` of the table ``[provisos]``, where
    recognisers have left it out: "alto todo el mundo que hay gente cruzando"."""
    since = "|".join(map(re.escape, table_of(code).get("provisos", {}).get("since", ())))
    return re.sub(rf"\s(?=(?:{since})\s)", ", ", text, count=1, flags=re.IGNORECASE) if since else text


def is_urgent(tokens: Tokens, language: Language) -> bool:
    """Whether words of urgency make an order of what may be a preposition, too: "para todos **ahora mismo**"; not where
    they say from when on: "para todos desde ahora"."""
    ends = (len(words) for words in phrases_beside("urgent", language.code) if tokens[-len(words) :] == words)
    called = (language.phrases.get(tokens[1:-length]) for length in ends)
    return any(phrase is not None and ALL in phrase.roles for phrase in called)


def apologizes(tokens: Tokens, code: str) -> bool:
    """Whether words say sorry and nothing else."""
    return tokens in phrases_beside("sorry", code)


def tells_of_somebody(tokens: Tokens, code: str) -> bool:
    """Whether it tells that somebody brakes, "il freine", and nothing else."""
    return tokens in phrases_beside("told", code)


def says_stop_twice(tokens: Tokens, language: Language) -> bool:
    """Whether a text begins with a word that stops at once, said twice: then it is no preposition, "para para tractor
    dos que te llevas la puerta"; before an article it may be, if somebody stammers."""
    ends = (n for n in range(1, len(tokens) // 2 + 1) if tokens[:n] == tokens[n : 2 * n])
    ends = (n for n in ends if ARTICLES not in language.roles_of(tokens[2 * n : 2 * n + 1]))
    called = (language.phrases.get(tokens[:n]) for n in ends)
    return any(phrase is not None and SHOUTS in phrase.roles for phrase in called)


def shouts(tokens: Tokens, language: Language) -> bool:
    """Whether a word is among them that stops at once."""
    spans = (tokens[a:b] for a in range(len(tokens)) for b in range(a + 1, min(a + language.longest, len(tokens)) + 1))
    return any(is_shout(span, language) for span in spans)


def is_shout(tokens: Tokens, language: Language) -> bool:
    """Whether it is a word that stops at once."""
    phrase = language.phrases.get(tokens)
    return phrase is not None and SHOUTS in phrase.roles


def is_called_out(tokens: Tokens, language: Language) -> bool:
    """Whether it is nothing but a word that stops at once, said once or more often."""
    counts = range(1, len(tokens) + 1)
    return any(is_shout(tokens[:n], language) and tokens == tokens[:n] * (len(tokens) // n) for n in counts)


def _without_warnings(part: str, code: str) -> str:
    warnings, tokens = phrases_beside("warns", code), tokenize(part, code)
    if code not in UNSPACED:
        return "" if tokens in warnings else part
    if tokens in warnings:
        return ""
    for at in (at for at in range(len(tokens)) if not (at and tokens[at - 1] in _LEADS_ON)):
        warned = max((len(w) for w in warnings if tokens[at : at + len(w)] == w), default=0)
        if warned and at + warned + 1 < len(tokens):
            return together(tokens[:at] + tokens[at + warned :])
    return part


@cache
def phrases_beside(key: str, code: str) -> frozenset[Tokens]:
    """The phrases of a key of the table ``[provisos]``."""
    return frozenset(tokenize(phrase, code) for phrase in table_of(code).get("provisos", {}).get(key, ()))
