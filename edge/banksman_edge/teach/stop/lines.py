"""What is spoken to teach the stop spotter and to test it, in every language; the words are in ``words.toml``."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from banksman_edge.errors import TeachingError
from banksman_edge.nlu.tokens import UNSPACED
from banksman_edge.teach.stop.clips import Kind

SALAD_WORDS = (1, 8)


class Lines(msgspec.Struct, frozen=True):
    """One language. ``stop``: family → words; the rest is explained in ``words.toml``."""

    stop: dict[str, tuple[str, ...]]
    near: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    talk: tuple[str, ...]


class _Said(msgspec.Struct, frozen=True):
    language: str
    text: str


@cache
def all_lines() -> Mapping[str, Lines]:
    """Language → what is said in it."""
    text = (files("banksman_edge.teach.stop") / "words.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Lines])


def families() -> tuple[str, ...]:
    """The families of all languages, in the order of a head's outputs."""
    return tuple(sorted({family for lines in all_lines().values() for family in lines.stop}))


def read_talk(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Further talk by language, of files of JSON lines with ``language`` and ``text``, each text once: those that hold
    no stop word of their language, which has to have some.

    Raises:
        TeachingError: a file cannot be read, or is something else.
    """
    talk: dict[str, list[str]] = {}
    for path in paths:
        try:
            for line in path.read_text("utf-8").splitlines():
                said = msgspec.json.decode(line, type=_Said)
                known = talk.setdefault(said.language, []) if said.language in all_lines() else None
                if known is not None and said.text not in known and not _says_stop(said):
                    known.append(said.text)
        except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
            raise TeachingError(f"{path} is no talk, JSON lines with language and text: {error}") from error
    return talk


def sayings(code: str, rng: random.Random, salads: int) -> Iterator[tuple[Kind, str, str]]:
    """All that is said in a language: kind, text and, for a stop word, its family.

    ``salads``: so many sequences of its words at random, without stop words, for sounds in every order.
    """
    lines = all_lines()[code]
    for family, words in lines.stop.items():
        for word in words:
            yield Kind.STOP, word, family
            yield Kind.FINAL, f"{rng.choice(lines.before)}, {word}", family
    for word in lines.near:
        yield Kind.NEAR, word, ""
    for phrase in (*lines.before, *lines.after):
        yield Kind.CONTEXT, phrase, ""
    for sentence in lines.talk:
        yield Kind.TALK, sentence, ""
    forbidden = _stop_parts(code)
    spoken = " ".join((*lines.talk, *lines.near)).split()
    harmless = [word for word in spoken if word.strip(".,!?¡¿。，、").casefold() not in forbidden]
    for _ in range(salads):
        yield Kind.TALK, " ".join(rng.choices(harmless, k=rng.randint(*SALAD_WORDS))), ""


def _stop_parts(code: str) -> set[str]:
    """The words of which a language's stop words are made."""
    stop = all_lines()[code].stop
    return {part for words in stop.values() for word in words for part in word.casefold().split()}


def _says_stop(said: _Said) -> bool:
    text = said.text.casefold()
    heard = text if said.language in UNSPACED else re.findall(r"[\w]+", text)
    return any(part in heard for part in _stop_parts(said.language))
