"""Talk about orders that is none: what somebody else said, what is only thought of, and what stands in quotation marks.

The words are the table ``[talk]`` of a language's file. They are looked for beside the names of the site, and do not
make a sentence any better known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from banksman_edge.nlu.language import Language, table_of
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.tokens import Tokens, tokenize
from banksman_shared.commands import Action

SAYS, SUPPOSES, SINCERE, BARE = "says", "supposes", "sincere", "bare"
"""Words that go with what others said; with what is only thought of; polite orders that hold the same words; and what
asks for the status of everybody though it names nobody: "status report"."""
_ROLES = (BARE, SAYS, SUPPOSES, SINCERE)
_QUOTED = re.compile(r"[“„«「『\"]([^“”„«»「」『』\"]{2,}?)[”“»」』\"]")

_MARKUP = re.compile(r"[{}<>|\\]")
DID, DID_AFTER, DID_NOT = "did", "did_after", "did_not"
"""Endings of verbs that tell what was done, and that make an order without their accent: "llevé"; the verbs behind
which alone they do, where an order sounds like them: "j'ai amené", and "amené" for "amenez"; and orders that end so:
"traé"."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Talk:
    """A language's words of talk about orders."""

    phrases: dict[Tokens, str]
    longest: int

    def roles(self, tokens: Tokens, mentions: Collection[Mention]) -> frozenset[str]:
        """The roles of the words of talk in a sentence, beside its names."""
        named = {mention.start: mention.end for mention in mentions}
        found: set[str] = set()
        at = 0
        while at < len(tokens):
            role, length = ("", 1) if at in named else self._match(tokens, at)
            found |= {role} - {""}
            at = named.get(at, at + length)
        return frozenset(found)

    def _match(self, tokens: Tokens, at: int) -> tuple[str, int]:
        """The role of the longest phrase that starts there, and its length."""
        for length in range(min(self.longest, len(tokens) - at), 0, -1):
            if role := self.phrases.get(tokens[at : at + length]):
                return role, length
        return "", 1


@cache
def talk_of(code: str) -> Talk:
    """The words of a language; none for one without a file."""
    table = table_of(code).get("talk", {})
    phrases = {tokenize(phrase, code): role for role in _ROLES for phrase in table.get(role, ())}
    return Talk(phrases, max(map(len, phrases), default=1))


def is_retold(roles: frozenset[str]) -> bool:
    """Whether words of these roles say that an order is not the speaker's own."""
    return SAYS in roles or (SUPPOSES in roles and SINCERE not in roles)


def is_markup(text: str) -> bool:
    """Whether it holds signs that nobody speaks and no recogniser writes: JSON, tags, a model's own control words."""
    return _MARKUP.search(text) is not None


def tells_done(text: str, language: Language) -> bool:
    """Whether a verb says what somebody did, "llevé la caja al muelle", where the order is "lleve", or will do:
    "wyślę", where it is "wyśle". A stop is one however it is written."""
    table = table_of(language.code).get("talk", {})
    endings, helpers = tuple(table.get(DID, ())), table.get(DID_AFTER)
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold()) if endings else []
    done = (word for last, word in pairwise(["", *words]) if word.endswith(endings) and last in (helpers or [last]))
    orders = table.get(DID_NOT, ())
    verbs = (language.phrases.get(tokenize(word, language.code)) for word in done if word not in orders)
    return any(verb and verb.actions and not verb.actions & {Action.STOP, Action.STATUS} for verb in verbs)


def is_cited(text: str) -> bool:
    """Whether it is no speech, or some of it stands in quotation marks."""
    return is_markup(text) or quotation(text) is not None


def quotation(text: str) -> tuple[str, str] | None:
    """What stands in quotation marks, and what stands beside them; None where there are none."""
    quoted = _QUOTED.findall(text)
    return (" ".join(quoted), _QUOTED.sub(" ", text)) if quoted else None
