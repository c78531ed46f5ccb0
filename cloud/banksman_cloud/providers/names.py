"""What a request names, where the edge has found that out.

A small model mixes up names with numbers or in another language than its own; the edge knows the names of its site
for certain. So the model is shown what this request names and nothing else of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from banksman_shared.plans import NamedThing
from banksman_shared.site import Site
from banksman_shared.text import fold

_UNSPACED = "\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff"
_BETWEEN_UNSPACED = re.compile(rf"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])")


def describe_names(site: Site, language: str, mentions: Sequence[NamedThing]) -> str:
    """The ids of what is named with their names, and how many vehicles there are of each kind."""
    lines: list[str] = []
    for title, known in (("Places:", site.places), ("Vehicles:", site.vehicles)):
        single = [m for m in mentions if len(m.ids) == 1 and m.ids[0] in known]
        several = [m for m in mentions if len(m.ids) > 1 and known.keys() >= set(m.ids)]
        named = [f"{m.ids[0]} = {_names(site, language, m)}" for m in single]
        named += [f"{_words(m)} = {', '.join(m.ids)}" for m in several]
        lines += [title, *dict.fromkeys(named)] if named else []
    kinds = [vehicle.kind for vehicle in site.vehicles.values()]
    counts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return "\n".join([*lines, f"In all: {', '.join(counts)}"])


def said_in(text: str, mentions: Iterable[NamedThing]) -> frozenset[str]:
    """The ids of all whose names stand in ``text``."""
    return frozenset(i for mention in mentions if _stands(fold(mention.words), text) for i in mention.ids)


def _names(site: Site, language: str, mention: NamedThing) -> str:
    label, words = site.label(mention.ids[0], language), _words(mention)
    return label if fold(label) == fold(words) else f"{label}, {words}"


def _words(mention: NamedThing) -> str:
    """Tokens of the edge as they would be written: it parts characters of scripts that have no spaces."""
    return _BETWEEN_UNSPACED.sub("", mention.words)


def _stands(words: str, text: str) -> bool:
    """Whether folded ``words`` stand in ``text`` as words of their own, however it is spaced ("dock2")."""
    spelling = r"\s*".join(map(re.escape, words.replace(" ", "")))
    start = "" if re.match(rf"[{_UNSPACED}]", words) else _edge(words[0], behind=True)
    end = "" if re.search(rf"[{_UNSPACED}]$", words) else _edge(words[-1], behind=False)
    return re.search(start + spelling + end, fold(text)) is not None


def _edge(char: str, *, behind: bool) -> str:
    """No word goes on here: not with a digit beside a digit, nor with a letter or a vowel mark beside a letter."""
    kind = r"\d" if char.isdigit() else r"[^\s\d]"
    return f"(?<!{kind})" if behind else f"(?!{kind})"
