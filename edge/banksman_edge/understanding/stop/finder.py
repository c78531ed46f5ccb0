"""Stops, found without a model and before anything else.

A stop word alone, or with nothing but whom it is for, stops at once; so does one with which somebody is called, one
that is called out and set off from what else is said, and one that is said twice. Where a stop word stands among other
words, the stop is likely, and the reader is asked; in doubt it is a stop. What this package needs besides itself are
the words of languages and the names of the site; it raises nothing into its caller.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import WHERE, WHO, Mention, What
from banksman_edge.understanding.text.language import Language
from banksman_edge.understanding.text.tokens import RANK, Words, is_unspaced, skip, words_of
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, Command

_log = logging.getLogger(__name__)

EVERYWHERE = ("stop",)
"""What stops in every language, even where a language's file is broken."""
CERTAIN, LIKELY = 0.99, 0.9
MOST_WORDS = 6
"""Words of a sentence that is likely a stop though it is not understood; twice as many characters without spaces."""
_OPEN = ("other", "where", "not", "except", "spoken")
"""What beside a stop and whom it is for says more than that."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Whom a sentence stops. ``certain``: whatever else it says; otherwise the reader may know better, and ``stands``
    says whether it is a stop where there is no reader."""

    command: Command
    certain: bool
    stands: bool
    language: str
    reason: str
    called: bool = False
    """It is called out, so that it holds beside another order: "…, go to dock two, stop!"."""
    alone: bool = False
    """Nothing else is said."""
    whom: bool = False
    """Somebody is named, or everybody is called."""


class StopFinder:
    """Finds stops in the languages of one site. ``finders``: the names of the site by language."""

    def __init__(self, finders: Mapping[str, EntityFinder]) -> None:
        self._finders = finders

    def find(self, text: str, languages: Iterable[str] = ()) -> Stop | None:
        """The stop in a text, the surest of all languages; ``languages`` come first. Raises nothing: where finding
        fails in a language, a stop word in it stops everybody."""
        codes = dict.fromkeys((*(code for code in languages if code in self._finders), *self._finders))
        found = [stop for code in codes if (stop := self._safely(text, code))]
        return max(
            found, key=lambda stop: (stop.certain, stop.stands, stop.command.vehicles != (EVERYBODY,)), default=None
        )

    def _safely(self, text: str, code: str) -> Stop | None:
        try:
            return self._in_language(words_of(text), code)
        except Exception as error:  # noqa: BLE001  a stop must not be lost to a fault
            _log.error("looking for a stop failed (%s), so that stop words alone are looked for", type(error).__name__)
            shouts = {"".join(shout) for shout in self._finders[code].language.shouts} | set(EVERYWHERE)
            stops = any(word in text.casefold() for word in shouts)
            return Stop(_stop(()), certain=True, stands=True, language=code, reason="a stop word") if stops else None

    def _in_language(self, words: Words, code: str) -> Stop | None:
        finder = self._finders[code]
        if not _stops_in(words, finder.language, frozenset()):
            return None
        mentions = finder.find(words)
        named = frozenset(at for mention in mentions for at in range(mention.start, mention.end))
        said = _stops_in(words, finder.language, named)
        return _Sentence(words, finder.language, mentions, said).stop() if said else None


class _Sentence:
    """A sentence in which a stop word was found. ``said``: where stop words stand, and whether they are shouts."""

    def __init__(
        self, words: Words, language: Language, mentions: tuple[Mention, ...], said: list[tuple[int, int, bool]]
    ) -> None:
        self._words, self._language, self._mentions, self._said = words, language, mentions, said
        self._kinds = self._kinds_of_tokens()

    def stop(self) -> Stop | None:
        whole = range(len(self._words))
        shouts = [one for one in self._said if one[2]]
        open_words = self._has(whole, "where", "not", "except", "spoken")
        if not open_words and not self._has(whole, "other"):
            return self._found(whole, certain=True, alone=True, reason="stop words and whom they are for")
        if self._has(whole, "except"):
            everybody = Stop(_stop(()), False, True, self._language.code, "a stop with an exception")
            return everybody if shouts else None
        alone = [part for part in self._parts() if self._has(part, "stop", "shout") and not self._has(part, *_OPEN)]
        for part in alone:
            called = self._words.text[self._words.spans[part[-1]][1] :].lstrip()[:1] in ("!", "！")
            if self._has(part, "shout") and (called or part[0] == 0):
                return self._found(part, certain=True, called=True, reason="a stop that is set off")
            if self._has(part, "shout") and self._has(part, "who", "all"):
                return self._found(part, certain=False, called=True, reason="a stop that is set off")
        if self._called_first():
            return self._found(range(self._end_of_call()), certain=True, reason="a stop before what else is said")
        if self._is_said_twice():
            return self._found(whole, certain=True, reason="a stop that is said twice")
        return self._likely(whole, alone, shouted=bool(shouts))

    def _likely(self, whole: range, alone: list[list[int]], *, shouted: bool) -> Stop | None:
        """A stop of which the reader may know better. ``alone``: the parts between marks that say nothing else."""
        if alone:
            return self._found(alone[0], certain=False, reason="stop words that are set off")
        named = self._has(whole, "who", "all")
        if not shouted and not named:
            return None
        denied = self._has(range(max(0, self._said[0][0] - 2), self._said[0][0]), "not")
        short = len(self._words) <= MOST_WORDS * (1 + is_unspaced(self._words.tokens[0][0]))
        at_an_end = self._said[0][0] == 0 or self._said[-1][1] == len(self._words)
        stands = not denied and not self._has(whole, "where", "spoken") and (named or (short and at_an_end))
        return self._found(whole, certain=False, stands=stands, reason="a stop word among other words")

    def _found(
        self,
        part: Iterable[int],
        *,
        certain: bool,
        stands: bool = True,
        called: bool = False,
        alone: bool = False,
        reason: str,
    ) -> Stop:
        inside = set(part)
        who = [m for m in self._mentions if m.what in WHO and m.start in inside]
        who = who or ([m for m in self._mentions if m.what in WHO] if not self._has(inside, "all") else [])
        if self._has(inside, "all") and not any(m.what in (What.VEHICLE_KIND, What.GROUP) for m in who):
            who = []
        stands = stands or certain
        whom = self._has(inside, "who", "all")
        return Stop(_stop(who), certain, stands, self._language.code, reason, called, alone, whom)

    def _kinds_of_tokens(self) -> list[str]:
        kinds = ["other"] * len(self._words)
        at = 0
        while at < len(kinds):
            key, length = self._language.closed_at(self._words.tokens, at) or ("", 1)
            beside = skip(self._words.tokens, at, self._language.beside_stops) - at
            if beside >= length and (beside > length or not key):
                kinds[at : at + beside] = ["and"] * beside
                length = beside
            elif key in ("and", "all", "not", "except"):
                kinds[at : at + length] = [key] * length
            elif key in ("if", "until", "asks"):
                kinds[at : at + length] = ["spoken"] * length
            at += length
        kinds = ["and" if token == RANK else kind for token, kind in zip(self._words.tokens, kinds, strict=True)]
        for mention in self._mentions:
            what = "who" if mention.what in WHO else "where" if mention.what in WHERE else "other"
            kinds[mention.start : mention.end] = [what] * (mention.end - mention.start)
        for start, end, shout in self._said:
            everybody = [kinds[at] == "all" for at in range(start, end)]
            kinds[start:end] = ["all" if one else "shout" if shout else "stop" for one in everybody]
            if all(everybody):
                kinds[end - 1] = "shout" if shout else "stop"
        return kinds

    def _has(self, part: Iterable[int], *kinds: str) -> bool:
        return any(self._kinds[at] in kinds for at in part)

    def _parts(self) -> list[list[int]]:
        """The sentence at its marks."""
        cuts = sorted({0, len(self._words), *(at for at in self._words.pauses if at <= len(self._words))})
        return [list(range(start, end)) for start, end in pairwise(cuts) if start < end]

    def _called_first(self) -> bool:
        """Whether it begins with a stop of somebody who is named beside it: "cart six stop there's a patient"; not
        where the stop only begins what is said of a place, "cart six, stop at dock two"."""
        end = self._end_of_call()
        here = range(end)
        return self._has(here, "who") and self._has(here, "shout") and not self._has(range(len(self._words)), "where")

    def _end_of_call(self) -> int:
        kinds = self._kinds
        return next((at for at in range(len(kinds)) if kinds[at] not in ("stop", "shout", "who", "all")), len(kinds))

    def _is_said_twice(self) -> bool:
        """Whether it begins with two stops in a row, or begins and ends with one."""
        if len(self._said) < 2 or self._said[0][0] != 0:
            return False
        return self._said[1][0] == self._said[0][1] or self._said[-1][1] == len(self._words)


def _stops_in(words: Words, language: Language, named: frozenset[int]) -> list[tuple[int, int, bool]]:
    """Where phrases that stop stand outside of names, the longest of those that overlap, and whether they are called
    out."""
    found: list[tuple[int, int, bool]] = []
    longest = max(map(len, language.stops), default=1)
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            phrase = words.tokens[at : at + length]
            if named.intersection(range(at, at + length)):
                continue
            if phrase in language.stops or (length == 1 and phrase[0] in EVERYWHERE):
                inside = any(phrase[i:j] in language.shouts for i in range(length) for j in range(i + 1, length + 1))
                found.append((at, at + length, inside or phrase[0] in EVERYWHERE))
                at += length - 1
                break
        at += 1
    return found


def _stop(who: Iterable[Mention]) -> Command:
    """A stop of those that are named, of all that the words fit; of everybody where nobody is."""
    named: list[str] = []
    for mention in who:
        before = {What.GROUP: "group:", What.VEHICLE_KIND: "kind:"}.get(mention.what, "")
        named += [f"{before}{one}" for one in mention.ids]
    specific = [one for one in named if not one.startswith("kind:")]
    return Command(Action.STOP, tuple(dict.fromkeys(specific or named)) or (EVERYBODY,))
