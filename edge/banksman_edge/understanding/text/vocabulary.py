"""Words of each language that are no names: what stands in the corpus, in one generated file a language.

A word that is known is no misheard name, and it is what recognition expects beside the names of the site.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from banksman_edge.understanding.text.tokens import joined, tokens_of

_COMMON = 120
"""Words that every few sentences have."""


@cache
def written_words(code: str) -> tuple[str, ...]:
    """The words of a language as they are written, the commonest first; none where there is no corpus."""
    source = files("banksman_edge.understanding") / "text" / "words" / f"{code}.txt"
    return tuple(source.read_text("utf-8").split()) if source.is_file() else ()


@cache
def known_words(code: str) -> frozenset[str]:
    """The same without their case and accents, and, where a script has no spaces, their characters as well."""
    tokens = [tokens_of(word) for word in written_words(code)]
    return frozenset(token for each in tokens for token in (*each, joined(each)))


@cache
def common_words(code: str) -> frozenset[str]:
    """The commonest words as tokens, which write no foreign name by its sound: 那个 is no hangar, भी no bay."""
    return frozenset(token for word in written_words(code)[:_COMMON] for token in tokens_of(word))
