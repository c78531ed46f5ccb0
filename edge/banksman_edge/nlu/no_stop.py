"""Words that stop, in constructions in which they mean something else: "hold the door open", "halt die Klappe".

A construction is a row of the table ``no_stop`` of a language's file: one of its ``verbs``, then small words, one of
its ``objects`` (before the verb where verbs come last), and behind them nothing but ``after`` until something is set
off. A row that is ``close`` has no small words, and nothing before it: "I'll stop here", and not "tell them I'll stop";
one that is ``asked`` has a question mark: "¿Para qué?". So "halt, die Tür!" and "stop the door is open" stop.

An expression, of the list ``expressions.no_stop``, is no construction: it keeps a word from being taken for a stop only
where nothing but that word speaks for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from banksman_edge.asr.transcript import Transcript
from banksman_edge.nlu.language import AND, ARTICLES, FILLER, THEN, WISHES, Language, table_of
from banksman_edge.nlu.tokens import ASKED, BREAK, UNSPACED, Tokens, together, tokenize

_SMALL = 4
"""Small words between verb and object, at most."""


@dataclass(frozen=True, slots=True)
class _Construction:
    verbs: tuple[Tokens, ...]
    objects: tuple[Tokens, ...]
    after: tuple[Tokens, ...]
    close: bool
    asked: bool


@cache
def _constructions(code: str) -> tuple[_Construction, ...]:
    rows = table_of(code).get("no_stop", ())
    return tuple(_construction(row, code) for row in rows)


def _construction(row: Mapping[str, Any], code: str) -> _Construction:
    verbs, objects, after = (
        tuple(tokenize(words, code) for words in row.get(key, ())) for key in ("verbs", "objects", "after")
    )
    return _Construction(verbs, objects, after, bool(row.get("close")), bool(row.get("asked")))


@cache
def _begins(code: str) -> frozenset[str]:
    """The words without one of which a text has no such construction."""
    return frozenset(verb[0] for one in _constructions(code) for verb in one.verbs)


@cache
def _expressions(code: str) -> tuple[Tokens, ...]:
    table = table_of(code).get("expressions", {})
    return tuple(tokenize(words, code) for words in table.get("no_stop", ()))


def in_expressions(tokens: Tokens, code: str) -> frozenset[int]:
    """Which tokens are part of an expression of a language, "stop button". Where words are not parted, what begins a
    sentence may be a stop and another word: 停电梯."""
    starts = range(1 if code in UNSPACED else 0, len(tokens))
    return frozenset(
        at for start in starts for end in _ends(tokens, start, _expressions(code)) for at in range(start, end)
    )


def stops_besides(transcript: Transcript, languages: Iterable[Language]) -> Transcript | None:
    """The transcript without such constructions; None where it has none."""
    spoken = list(languages)
    kept = [_without(hypothesis.text, spoken) for hypothesis in transcript.hypotheses]
    if all(text is None for text in kept):
        return None
    texts = [h.text if text is None else text for h, text in zip(transcript.hypotheses, kept, strict=True)]
    others = tuple(replace(h, text=text) for h, text in zip(transcript.alternatives, texts[1:], strict=True))
    return replace(transcript, text=texts[0], alternatives=others)


def _without(text: str, languages: Sequence[Language]) -> str | None:
    """A text without the constructions of the first language that has one in it; None where there are none."""
    for language in languages:
        if _begins(language.code).isdisjoint(tokenize(text, language.code)):
            continue
        ends = [(found.start(), found.end()) for found in BREAK.finditer(text)]
        starts, stops = [0, *(end for _, end in ends)], [*(start for start, _ in ends), len(text)]
        parts = [text[start:stop] for start, stop in zip(starts, stops, strict=True)]
        kept = [_kept(part, language) for part in parts]
        if kept != parts:
            breaks = [text[start:end] for start, end in ends]
            return "".join(part + sign for part, sign in zip(kept, [*breaks, ""], strict=True) if part)
    return None


def _kept(part: str, language: Language) -> str:
    """What of a part is no construction, as it is written where it has none."""
    tokens = tokenize(part, language.code)
    rest = _rest(tokens, language, asked=ASKED.search(part) is not None)
    return part if rest == tokens else together(rest)


def _rest(tokens: Tokens, language: Language, *, asked: bool) -> Tokens:
    spans = (_span(tokens, one, language) for one in _constructions(language.code) if asked or not one.asked)
    found = next(filter(None, spans), None)
    return _rest((*tokens[: found[0]], *tokens[found[1] :]), language, asked=asked) if found else tokens


def _span(tokens: Tokens, one: _Construction, language: Language) -> tuple[int, int] | None:
    first, second = (one.objects, one.verbs) if language.postfix else (one.verbs, one.objects)
    for start in range(1 if one.close else len(tokens)):
        for begin in _ends(tokens, start, first):
            for small in range(1 if one.close else _SMALL + 1):
                if small and not _is_small(tokens[begin + small - 1 : begin + small], language):
                    break
                for end in _ends(tokens, begin + small, second):
                    if (last := _end_of_rest(tokens, end, one, language)) is not None:
                        return start, last
    return None


def _ends(tokens: Tokens, start: int, phrases: Sequence[Tokens]) -> list[int]:
    return [start + len(phrase) for phrase in phrases if tokens[start : start + len(phrase)] == phrase]


def _is_small(token: Tokens, language: Language) -> bool:
    phrase = language.phrases.get(token)
    return phrase is not None and not phrase.actions and bool(phrase.roles & {FILLER, ARTICLES})


def _end_of_rest(tokens: Tokens, at: int, one: _Construction, language: Language) -> int | None:
    """Where the words end that may follow; None where others do."""
    while at < len(tokens):
        if ends := _ends(tokens, at, one.after):
            at = max(ends)
        elif language.roles_of(tokens[at : at + 1]) & {AND, THEN} and not _stays(tokens, at, language):
            return at
        elif WISHES in language.roles_of(tokens[at : at + 1]):
            at += 1
        else:
            return None
    return at


def _stays(tokens: Tokens, at: int, language: Language) -> bool:
    """Whether a character may be part of another word, where words are not parted."""
    return language.code in UNSPACED and at + 1 == len(tokens)
