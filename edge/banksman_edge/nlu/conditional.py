"""Orders that hold only if, or as soon as, something is so, of which nobody need know the words: "go to dock two unless
line four is blocked". They are for the planner, which says what it can do about it.

The words are the table ``[provisos]`` of a language's file: ``if`` before what has to be so; ``after`` the same, but
only where it comes first ("**after** the operation, …"); ``behind`` it, where verbs come last ("-" begins an ending);
and ``then`` before the order, where nothing else parts them. Where a condition turns the order round, ``shall`` has the
verbs that come first then, and ``subjects`` the pronouns for who is named in the condition: "sobald Stapler zwei frei
ist, **soll er** zu Rampe eins". ``when`` has those of ``if`` that ask as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from banksman_edge.nlu.language import language_data, table_of
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import ASKED, BREAK, Tokens, together, tokenize
from banksman_shared.commands import Action

_ALONE = frozenset({Action.CHARGE, Action.PARK})
"""Orders that need no place."""


@dataclass(frozen=True, slots=True)
class _Words:
    if_: tuple[Tokens, ...]
    after: tuple[Tokens, ...]
    behind: tuple[Tokens, ...]
    endings: tuple[str, ...]
    then: tuple[Tokens, ...]
    shall: tuple[Tokens, ...]
    subjects: tuple[Tokens, ...]
    when: tuple[Tokens, ...]

    @property
    def turned(self) -> tuple[Tokens, ...]:
        """With what an order begins that a condition turned round: "soll er"."""
        return tuple((*verb, *who) for verb in self.shall for who in self.subjects)


@cache
def _words_of(code: str) -> _Words:
    table = table_of(code).get("provisos", {})
    plain = [words for words in table.get("behind", ()) if not words.startswith("-")]
    endings = (tokenize(words[1:], code)[0] for words in table.get("behind", ()) if words.startswith("-"))
    behind = tuple(tokenize(words, code) for words in plain)
    if_, after, then, shall, subjects, when = (
        tuple(tokenize(words, code) for words in table.get(key, ()))
        for key in ("if", "after", "then", "shall", "subjects", "when")
    )
    return _Words(if_, after, behind, tuple(endings), then, shall, subjects, when)


def depends(text: str, language: str, read: Callable[[str], Reading]) -> bool:
    """Whether a text is an order, all of whose words are known, beside a condition."""
    words = _words_of(language)
    parted = _beside_conditions(text, words, language)
    return any(
        _orders(read(order), there=bool(read(condition).clause.places))
        or _orders(_turned_back(order, condition, words, read), may_tell=True)
        for order, condition in parted
    ) or any(_orders(order) and _names_work(order) for order in map(read, _unparted(text, words, language)))


def asks_when(text: str, language: str) -> bool:
    """Whether a text asks when something is done, in a word that makes a condition elsewhere: "quando vai o robô dois à
    doca um?"."""
    parts = [part for part in BREAK.split(text) if part]
    begin = _first(tokenize(parts[0], language), _words_of(language).when) if len(parts) == 1 else None
    return begin is not None and begin[0] == 0 and ASKED.search(text) is not None


def depends_on_words(text: str, language: str, read: Callable[[str], Reading]) -> bool:
    """Whether it is one beside a condition in which somebody says something: "… if Peter says so"."""
    parted = _beside_conditions(text, _words_of(language), language)
    return any(read(condition).retold and _orders(read(order)) for order, condition in parted)


def hangs_on_another(text: str, whole: Reading, read: Callable[[str], Reading]) -> Reading | None:
    """One for the planner where of several vehicles one is only said to be free, which may be a condition: "cart six is
    free, cart two goes to the lab"."""
    if not (whole.clause.able and len(whole.clause.vehicles) > 1):
        return None
    *said, last = [read(part) for part in BREAK.split(text) if part]
    hangs = bool(last.clause.vehicles) and any(part.clause.is_whether_free for part in said)
    return replace(whole, commands=(), planned=True) if hangs else None


def _turned_back(order: str, condition: str, words: _Words, read: Callable[[str], Reading]) -> Reading | None:
    """An order that a condition turned round, with who is told first: "soll er zu Rampe eins" as "Stapler zwei soll zu
    Rampe eins". None where nobody is told so."""
    said = read(order)
    shall = next((len(verb) for verb in words.shall if said.tokens[: len(verb)] == verb), 0)
    if not shall:
        return None
    named = next((mention for mention in said.clause.vehicles if mention.start == shall), None)
    pronoun = next((one for one in words.subjects if said.tokens[shall : shall + len(one)] == one), ())
    who, end = said.tokens[shall : named.end] if named else (), named.end if named else shall + len(pronoun)
    if pronoun and not named:
        meant = read(condition)
        who = next((meant.tokens[one.start : one.end] for one in reversed(meant.clause.vehicles)), ())
    return read(together((*who, *said.tokens[:shall], *said.tokens[end:]))) if who else None


def _orders(reading: Reading | None, *, may_tell: bool = False, there: bool = False) -> bool:
    """Whether a reading is an order with all that it needs. ``may_tell``: even if it may tell as well, which a
    condition beside it settles; ``there``: the condition says where: "when the truck is at dock two, send cart six"."""
    if reading is None:
        return False
    clause, commands = reading.clause, reading.commands
    tells = clause.is_talk or (clause.may_tell and not may_tell)
    plain = not ((clause.unknown_words and not commands) or tells or reading.retold or reading.taken_back)
    return (
        plain
        and (clause.all_else or bool(commands))
        and all(c.action in _ALONE or (c.action.drives and (c.destination or (there and c.vehicles))) for c in commands)
    )


def _beside_conditions(text: str, words: _Words, language: str) -> Iterator[tuple[str, str]]:
    """What is left of a text without its condition, and that without the word that makes it one, in each way in which
    it may have one."""
    parts = [tokenize(part, language) for part in BREAK.split(text) if part]
    for at, part in enumerate(parts):
        before, behind = parts[:at], parts[at + 1 :]
        if begin := _begin(part, words.after) or _first(part, words.if_):
            start, end = begin
            if start or before:  # "forklift three, go to dock two unless …"
                yield _joined([*before, part[:start]]), _joined([part[end:], *behind])
            if not start:
                yield _joined([*before, *behind]), _joined([part[end:]])
                if then := _first(part, words.then):
                    yield _joined([*before, part[then[1] :], *behind]), _joined([part[end : then[0]]])
                if turned := _first(part[end:], words.turned):
                    yield _joined([*before, part[end + turned[0] :], *behind]), _joined([part[end : end + turned[0]]])
        elif end := _end_behind(part, words):
            yield _joined([*before, part[end:], *behind]), _joined([part[:end]])


def _begin(tokens: Tokens, phrases: Sequence[Tokens]) -> tuple[int, int] | None:
    """The longest of these with which the tokens begin."""
    ends = [len(phrase) for phrase in phrases if tokens[: len(phrase)] == phrase]
    return (0, max(ends)) if ends else None


def _names_work(reading: Reading) -> bool:
    """Whether it begins with no name, and says who is to do something, or with what load: "after surgery patients go to
    ward two" does not."""
    begins = any(mention.start == 0 for mention in reading.mentions)
    return not begins and bool(
        reading.clause.vehicles or reading.clause.kinds or reading.clause.groups or reading.clause.has_load
    )


def _unparted(text: str, words: _Words, language: str) -> Iterator[str]:
    """What may be an order behind a condition where no comma says where it begins: from each of its verbs on. Words of
    conditions that ask as well, "quand", need one."""
    tokens, phrases = tokenize(text, language), language_data(language)
    begin = _begin(tokens, [word for word in (*words.after, *words.if_) if word not in words.when])
    for at in range(begin[1] + 1, len(tokens)) if begin and not ASKED.search(text) else ():
        found = phrases.match(tokens, at)
        if found and any(action.drives for action in found[0].actions):
            yield together(tokens[at:])


def _first(tokens: Tokens, phrases: Sequence[Tokens]) -> tuple[int, int] | None:
    """From where to where the first of these stands in the tokens."""
    fits = (
        (at, at + len(phrase))
        for at in range(len(tokens))
        for phrase in phrases
        if tokens[at : at + len(phrase)] == phrase
    )
    return next(fits, None)


def _end_behind(tokens: Tokens, words: _Words) -> int:
    """Where a condition ends that such words end; 0 where there is none."""
    said = _first(tokens, words.behind)
    ended = next((at + 1 for at, token in enumerate(tokens) if words.endings and token.endswith(words.endings)), 0)
    return min(filter(None, (said[1] if said else 0, ended)), default=0)


def _joined(parts: Sequence[Tokens]) -> str:
    return ", ".join(together(part) for part in parts if part)
