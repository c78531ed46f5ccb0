"""Words of each language that are no names: what stands in the corpus, in one generated file a language.

A word that is known is no misheard name, and it is what recognition expects beside the names of the site.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from banksman_edge.understanding.text.tokens import tokens_of


@cache
def written_words(code: str) -> tuple[str, ...]:
    """The words of a language as they are written, the commonest first; none where there is no corpus."""
    source = files("banksman_edge.understanding") / "text" / "words" / f"{code}.txt"
    return tuple(source.read_text("utf-8").split()) if source.is_file() else ()


@cache
def known_words(code: str) -> frozenset[str]:
    """The same as tokens."""
    return frozenset(token for word in written_words(code) for token in tokens_of(word))
