"""Answers by the word alone that tells one choice from the others: "south", to "washing line north or washing line
south?"."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.dialogue.fragments import Fragment
from banksman_edge.dialogue.words import words_in
from banksman_edge.understanding.text.tokens import Tokens, tokens_of
from banksman_shared.site import Site


def by_telling_word(tokens: Tokens, choices: Sequence[str], site: Site, code: str) -> Fragment | None:
    """The only choice whose name in a language has all of the words, but for small ones; None where there is none, or
    where several have."""
    small = words_in(code).small
    said = {token for token in tokens if (token,) not in small}
    named = {choice: frozenset(tokens_of(site.label(choice, code))) for choice in choices}
    meant = [choice for choice, words in named.items() if said and said <= words]
    if len(meant) != 1:
        return None
    return Fragment(places=tuple(meant)) if meant[0] in site.places else Fragment(vehicles=tuple(meant))
