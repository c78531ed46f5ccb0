"""Enter what writers wrote into the corpus: edge/banksman_edge/lab/teach/corpus.

    python scripts/make_corpus.py FOLDER…     enter folders with site.toml and sentences.tsv or dialogues.tsv, as en-1
    python scripts/make_corpus.py             tag all rows anew, and write the words of each language anew

A line of sentences.tsv is family, reading and text, with tabs between them; of dialogues.tsv see read_dialogues. What
cannot be a row is printed: a name that was not found is a fault of the names, not of the sentence.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import msgspec
from rapidfuzz import fuzz

from banksman_edge.lab.teach import corpus
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.reader.tagged import BEFORE, TAG
from banksman_edge.understanding.text.tokens import UNSPACED, Tokens, tokens_of

FOLDER = Path(corpus.__file__).parent
SITES = FOLDER / "sites"
WORDS = FOLDER.parents[2] / "understanding" / "text" / "words"
_WORD = re.compile(r"[^\W\d_][\w\u0900-\u097f\u064b-\u0652\u0300-\u036f]*(?:['’][^\W\d_]+)?")


def enter(folders: list[Path]) -> None:
    by_language: dict[str, list[corpus.Row]] = {}
    for folder in folders:
        writer, language = folder.name, folder.name.split("-")[0]
        dialogues = (folder / "dialogues.tsv").is_file()
        lines = (folder / ("dialogues.tsv" if dialogues else "sentences.tsv")).read_text("utf-8")
        site = with_chargers((folder / "site.toml").read_text("utf-8"), lines)
        keep_site(writer, site)
        read = corpus.read_dialogues if dialogues else corpus.read_lines
        found = list(read(lines, corpus.site_of(writer), language, writer))
        by_language.setdefault(language, []).extend(row for row in found if isinstance(row, corpus.Row))
        for problem in found:
            if isinstance(problem, str):
                print(problem)
        print(f"{writer}: {sum(isinstance(row, corpus.Row) for row in found)} of {len(found)}")
    for language, rows in by_language.items():
        old = corpus.rows(language) if language in corpus.languages() else []
        writers = {row.writer for row in rows}
        write(language, [*(row for row in old if row.writer not in writers), *rows])


def keep_site(writer: str, site: str) -> None:
    """A file for each site: who had the site of another writer in mind is entered in a list."""
    same = SITES / corpus.SAME
    others = {path.stem: path.read_text("utf-8") for path in sorted(SITES.glob("*-*.toml")) if path.stem != writer}
    of = next((other for other, text in others.items() if text == site), None)
    lines = [line for line in same.read_text("utf-8").splitlines() if not line.startswith(f"{writer} ")]
    if of is None:
        (SITES / f"{writer}.toml").write_text(site, "utf-8")
    else:
        lines.append(f'{writer} = "{of}"')
    same.write_text("\n".join([lines[0], *sorted(lines[1:])]) + "\n", "utf-8")


def with_chargers(site: str, lines: str) -> str:
    """The site file with the kinds of places marked at which the readings charge."""
    table = tomllib.loads(site)
    at = set(re.findall(r"\bcharge \S+ to (\S+)", lines)) | set(re.findall(r"\bcharge to (\S+)", lines))
    kinds = {place.get("kind") for place in table["places"] if place["id"] in at}
    for kind in kinds & set(table.get("place_kinds", {})):
        if not table["place_kinds"][kind].get("charger"):
            site = site.replace(f"[place_kinds.{kind}]\n", f"[place_kinds.{kind}]\ncharger = true\n")
    return site


def write(language: str, rows: list[corpus.Row]) -> None:
    unique = {(row.writer, row.before, row.said): row for row in rows}
    path = FOLDER / f"{language}.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in unique.values()))


def tag_anew() -> None:
    """Readings are kept, and said with the tags of today; a row that these cannot say is left out."""
    for language in corpus.languages():
        rows, writers = [], {}
        for row in corpus.rows(language):
            if row.writer not in writers:
                site = corpus.site_of(row.writer)
                writers[row.writer] = site, EntityFinder(site, language)
            site, finder = writers[row.writer]
            try:
                rows.append(corpus.row_of(row.said, row.reading, finder, site, row.family, row.writer, row.before))
            except LookupError as error:
                print(f"{language}: {row.said!r} is left out: {error}")
        write(language, rows)


SHORTEST_NAME, LIKE_A_NAME = 3, 76
"""Characters of a name's word up to which no word is like it, and how alike they are, of 100, from which on it is."""
LONGEST_WORD, LEAST_SEEN = 4, 4
"""Characters of a word where words are not set apart, and how often it must have been written to be one."""


def write_words() -> None:
    """The words of each language's corpus that are no names, the commonest first, before those that were known."""
    for language in corpus.languages():
        said = []
        for row in corpus.rows(language, "train"):
            named, names = _names_of(row.writer)
            words = _WORD.findall(TAG.sub(" ", row.text.rpartition(BEFORE)[2])) if language in named else []
            said.append([word for word in words if not _is_like_one(tokens_of(word), names)])
        if language in UNSPACED:
            said = [list(_stretches(runs)) for runs in said]
        counted = Counter(word.lower() for words in said for word in words)
        least = LEAST_SEEN if language in UNSPACED else 1
        common = [word for word, count in counted.most_common() if count >= least and (len(word) > 1 or count > 3)]
        file = WORDS / f"{language}.txt"
        before = file.read_text("utf-8").split() if file.is_file() else []
        file.write_text("\n".join(dict.fromkeys([*common, *before])) + "\n", "utf-8")


@cache
def _names_of(writer: str) -> tuple[frozenset[str], frozenset[str]]:
    """The languages that a writer's site has names in, and the words of the names: one that was not found would look
    like a word of the language."""
    site = corpus.site_of(writer)
    things = (site.vehicles, site.places, site.groups, site.vehicle_kinds, site.place_kinds)
    named = [one.names for table in things for one in table.values()]
    languages = frozenset(code for names in named for code in names)
    words = (token for names in named for each in names.values() for name in each for token in tokens_of(name))
    return languages, frozenset(word for word in words if len(word) > SHORTEST_NAME)


def _is_like_one(tokens: Tokens, names: frozenset[str]) -> bool:
    """Whether it is, or begins with, a word of a name, or is written like one."""
    word = "".join(tokens)
    return any(word.startswith(name) or fuzz.ratio(word, name) >= LIKE_A_NAME for name in names)


def _stretches(runs: Iterable[str]) -> Iterator[str]:
    """All that a word may be where none is set apart."""
    for run in runs:
        for length in range(1, LONGEST_WORD + 1):
            yield from (run[at : at + length] for at in range(len(run) - length + 1))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        enter([Path(folder) for folder in sys.argv[1:]])
    else:
        tag_anew()
        write_words()
