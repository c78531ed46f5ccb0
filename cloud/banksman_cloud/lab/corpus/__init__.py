"""Requests for plans with what they mean, in many hands and languages: what the reader of requests is taught.

``xx.jsonl`` has a request a line: as it was ``said``, its ``reading`` with the ids of the site, its ``text`` with tags,
the ``line`` that the model is to answer, which code makes of these, the ``family`` of requests, the ``site`` that the
writer had in mind, and the ``split``: a twelfth is never taught. ``scripts/make_request_corpus.py`` enters new ones.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

import msgspec

from banksman_cloud.errors import PlannerError
from banksman_cloud.reading import TaggedRequest, goals_of, grammar_of, line_of
from banksman_shared.site import Site

HELD_OUT = 12
"""Of so many requests one is never taught."""
_TAG = re.compile(r"\b([PAZVKGLNDTQ])(\d+)\b")
_MARKS = re.compile(r"[.,;:!?…¡¿。、，！？；：「」。।؟،؛\"“”„«»]|(?<!\w)-+(?!\w)")
_JOINED = (". ", ". ", ", ", " ")


class Row(msgspec.Struct, frozen=True):
    """A request of the corpus; see the module."""

    said: str
    reading: str
    text: str
    line: str
    family: str
    site: str
    split: Literal["train", "test"]


def languages() -> tuple[str, ...]:
    """The languages that there is a corpus of."""
    names = (one.name for one in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".jsonl") for name in names if name.endswith(".jsonl")))


def rows(language: str, split: str | None = None) -> list[Row]:
    """The requests of a language, of one split or of both.

    Raises:
        PlannerError: there is no corpus of it, or a line is damaged.
    """
    source = files(__name__) / f"{language}.jsonl"
    try:
        found = [msgspec.json.decode(line, type=Row) for line in source.read_bytes().split(b"\n") if line.strip()]
    except (OSError, msgspec.DecodeError) as error:
        raise PlannerError(f"the corpus of requests in '{language}' cannot be read: {error}") from error
    return [row for row in found if split in (None, row.split)]


def row_of(request: TaggedRequest, reading: str, family: str, site: Site, of: str) -> Row:
    """A request with its reading as a row; ``of``: the name of its site.

    Raises:
        LookupError: something of the reading is in no tag of the request.
        ValueError: no line can say it.
    """
    line = line_of(reading, request, site)
    if not is_line(line, request):
        raise ValueError(f"'{line}' cannot be written")
    goals_of(line, request, site)
    test = zlib.crc32(f"{of} {request.request}".encode()) % HELD_OUT == 0
    return Row(request.request, reading, request.text, line, family, of, "test" if test else "train")


def is_line(line: str, request: TaggedRequest) -> bool:
    """Whether the grammar of a request can write a line."""
    grammar = grammar_of(request)
    state, left = grammar.start, line
    while left:
        following = grammar.options(state)
        begins = [text for text in following if text and left.startswith(text) and not left[len(text) :][:1].isalnum()]
        if not begins:
            return False
        text = max(begins, key=len)
        left, state = left[len(text) :], following[text]
    return "" in grammar.options(state)


def examples(language: str, seed: int = 0) -> Iterator[dict[str, object]]:
    """What is taught of a language, as ``banksman teach llama train`` takes it: the requests as they are, in small
    letters without marks, and two of the same site in one."""
    chance = random.Random(f"{language}-{seed}")  # noqa: S311  nothing is secret
    found = rows(language)
    for row in found:
        yield _example(row.text, row.line, language, row.family, test=row.split == "test")
    taught = [row for row in found if row.split == "train"]
    for row in taught:
        if (bare := _bare(row.text)) != row.text:
            yield _example(bare, row.line, language, row.family)
        other = chance.choice([one for one in taught if one.site == row.site])
        text, line = _both(row, other, chance.choice(_JOINED))
        yield _example(text, line, language, "two")
        yield _example(_bare(text), line, language, "two")


def _example(text: str, line: str, language: str, family: str, *, test: bool = False) -> dict[str, object]:
    return {"text": text, "line": line, "language": language, "family": family} | ({"test": True} if test else {})


def _bare(text: str) -> str:
    words = (word if _TAG.search(word) else word.lower() for word in text.split(" "))
    return " ".join(_MARKS.sub(" ", " ".join(words)).split())


def _both(one: Row, other: Row, joined: str) -> tuple[str, str]:
    """Two requests in one; what the second one names has tags behind those of the first."""
    used: dict[str, int] = {}
    for letter, number in _TAG.findall(one.text):
        used[letter] = max(used.get(letter, 0), int(number))

    def later(found: re.Match[str]) -> str:
        return f"{found[1]}{int(found[2]) + used.get(found[1], 0)}"

    text = one.text.rstrip(" .,;:!?。！？") + joined + _TAG.sub(later, other.text)
    return text, f"{one.line} ; {_TAG.sub(later, other.line)}"
