"""What is spoken to teach the stop spotter and to test it, in every language; the words are in ``words.toml``."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from banksman_edge.asr import EVERYWHERE
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.stop.clips import Kind
from banksman_edge.understanding.text import BREAK, Tokens, tokens_of

SALAD_WORDS = (1, 8)
PARA = ("para",)
"""Spanish and Portuguese for "stop", and for "for" in the middle of a sentence, where no word like these follows."""
NOW, EVERYBODY = ("ya", "ja", "ahora", "agora", "inmediatamente", "imediatamente"), ("todo", "todos", "tudo")
AT_ONCE = frozenset((*PARA, *NOW, *EVERYBODY, "aqui", "ahi", "alli", "ai"))


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
    text = (files("banksman_edge.lab.teach.stop") / "words.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Lines])


def families() -> tuple[str, ...]:
    """The families of all languages, in the order of a head's outputs."""
    return tuple(sorted({family for lines in all_lines().values() for family in lines.stop}))


def read_talk(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Further talk by language, of files of JSON lines with ``language`` and ``text``, each text once: those in which
    nobody says a stop word, in languages that have some.

    Raises:
        TeachingError: a file cannot be read, or is something else.
    """
    talk: dict[str, dict[str, None]] = {}
    for path in paths:
        try:
            lines = path.read_text("utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise TeachingError(f"{path} is no talk: {error}") from error
        for number, line in enumerate(lines, 1):
            try:
                said = msgspec.json.decode(line, type=_Said) if line.strip() else None
            except (msgspec.MsgspecError, RecursionError) as error:
                wanted = "a JSON object with language and text"
                raise TeachingError(f"{path} is no talk, line {number} is not {wanted}: {error}") from error
            if said and said.text.strip() and said.language in all_lines() and _is_talk(said):
                talk.setdefault(said.language, {})[said.text] = None
    return {code: list(texts) for code, texts in talk.items()}


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


def _is_talk(said: _Said) -> bool:
    return what_is_said(said.language, said.text) == (Kind.TALK, "")


def what_is_said(language: str, text: str) -> tuple[Kind, str] | None:
    """The kind of a text and its family: a stop word, talk that ends with one, or talk without any; None where it holds
    one elsewhere, and is neither."""
    heard, found = tokens_of(text), False
    for family, word in _stop_words(language):
        if heard == word:
            return Kind.STOP, family
        if heard[-len(word) :] == word:
            return Kind.FINAL, family
        found |= any(heard[at : at + len(word)] == word for at in range(len(heard))) and not (
            word == PARA and _is_for(text)
        )
    return None if found else (Kind.TALK, "")


def _is_for(text: str) -> bool:
    """Whether each "para" means "for"."""
    (word,) = PARA
    parts = [tokens_of(part) for part in BREAK.split(text)]
    places = [(part, at) for part in parts for at, token in enumerate(part) if token == word]
    return all(0 < at < len(part) - 1 and part[at + 1] not in AT_ONCE for part, at in places)


@cache
def _stop_words(language: str) -> tuple[tuple[str, Tokens], ...]:
    """Family and word, the longest first: the language's own, and "stop", which is understood everywhere."""
    own = all_lines()[language].stop if language in all_lines() else {}
    words = {(family, word) for family, several in own.items() for word in several}
    words |= {(EVERYWHERE, word) for lines in all_lines().values() for word in lines.stop.get(EVERYWHERE, ())}
    tokens = {(family, tokens_of(word)) for family, word in words}
    return tuple(sorted(tokens, key=lambda pair: (-len(pair[1]), pair)))
