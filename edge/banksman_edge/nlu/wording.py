"""The words of a sentence as the site and the language's data spell them.

In Hindi recognisers, and people who type, write फोरन for फ़ौरन and बैल्ट for बेल्ट. Such a word is the known one, if just
one known word sounds like it. In languages whose spelling tells more words apart it would make others of them:
"carinho" is no "carrinho".
"""

from __future__ import annotations

from banksman_edge.nlu.inflection import split_words
from banksman_edge.nlu.language import Language, table_of
from banksman_edge.nlu.tokens import Tokens, tokenize

LEAST_SIGNS = 3
"""Signs that a word needs: shorter ones sound like everything."""


def _signs_alike(code: str) -> dict[int, str] | None:
    """What each sign of a language is taken for: the table ``wording`` of its file, if there is one."""
    if (table := table_of(code).get("wording")) is None:
        return None
    return str.maketrans(dict(table["alike"]) | dict.fromkeys(table["silent"], ""))


class Wording:
    """Sentences of one language as tokens. Words that are written together come apart, and those that are spelt
    otherwise are the known ones, where that makes ``known`` words of them."""

    def __init__(self, language: Language, known: frozenset[str]) -> None:
        self._code, self._prefixes = language.code, language.inflection.prefixes
        self._known, self._alike = known, _signs_alike(language.code)
        self._written_on = tuple(table_of(language.code).get("wording", {}).get("written_on", ()))
        self._spelt: dict[str, set[str]] = {}
        for word in known if self._alike else ():
            if len(word) >= LEAST_SIGNS:
                self._spelt.setdefault(self._sound(word), set()).add(word)

    def __call__(self, text: str) -> Tokens:
        """The tokens of a text."""
        tokens = split_words(tokenize(text, self._code), self._prefixes, self._known)
        apart = (part for token in tokens for part in self._apart(token)) if self._written_on else tokens
        return tuple(map(self._known_word, apart)) if self._alike else tokens

    def _apart(self, token: str) -> Tokens:
        """A word that is not known as the two that it may be: "खत्महो" is "खत्म हो"."""
        if token not in self._known and self._known_word(token) == token:
            for end in self._written_on:
                before = token.removesuffix(end)
                if len(before) >= LEAST_SIGNS and before != token and self._known_word(before) in self._known:
                    return before, end
        return (token,)

    def _known_word(self, token: str) -> str:
        if token in self._known or len(token) < LEAST_SIGNS:
            return token
        alike = self._spelt.get(self._sound(token), ())
        return next(iter(alike)) if len(alike) == 1 else token

    def _sound(self, word: str) -> str:
        return word.translate(self._alike or {})
