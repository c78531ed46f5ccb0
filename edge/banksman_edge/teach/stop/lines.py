"""What is spoken to teach the stop spotter and to test it, in every language; the words are in ``words.toml``."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from banksman_edge.teach.stop.clips import Kind

SALAD_WORDS = (1, 8)


class Lines(msgspec.Struct, frozen=True):
    """One language. ``stop``: family → words; the rest is explained in ``words.toml``."""

    stop: dict[str, tuple[str, ...]]
    near: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    talk: tuple[str, ...]


@cache
def all_lines() -> Mapping[str, Lines]:
    """Language → what is said in it."""
    text = (files("banksman_edge.teach.stop") / "words.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Lines])


def families() -> tuple[str, ...]:
    """The families of all languages, in the order of a head's outputs."""
    return tuple(sorted({family for lines in all_lines().values() for family in lines.stop}))


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
    forbidden = {part for words in lines.stop.values() for word in words for part in word.casefold().split()}
    spoken = " ".join((*lines.talk, *lines.near)).split()
    harmless = [word for word in spoken if word.strip(".,!?¡¿。，、").casefold() not in forbidden]
    for _ in range(salads):
        yield Kind.TALK, " ".join(rng.choices(harmless, k=rng.randint(*SALAD_WORDS))), ""
