"""Enter what writers wrote into the corpus of requests: cloud/banksman_cloud/lab/corpus.

    python scripts/make_request_corpus.py SITE=FILE…    enter files of requests about sites of the edge's corpus
    python scripts/make_request_corpus.py               tag all rows anew

A line of a file is family, reading and request, with tabs between them; readings are those of
banksman_cloud.reading.line_grammar with ids, numbers, times (14:30), spans (10min) and per cents (60%) in place of
tags. What cannot be a row is printed.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import msgspec

from banksman_cloud.lab import corpus
from banksman_cloud.reading.tagging import TaggedRequest, tagged
from banksman_edge.lab.teach.corpus import site_of
from banksman_edge.plans.named_entities import named_things
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.site import Site

FOLDER = Path(corpus.__file__).parent
_TYPE = re.compile(r" type (\S+)")


@cache
def finder_of(site: str, language: str) -> tuple[Site, EntityFinder]:
    known = site_of(site)
    return known, EntityFinder(known, language)


def tagged_request(said: str, reading: str, site: str, language: str) -> TaggedRequest:
    known, finder = finder_of(site, language)
    return tagged(known, said, language, named_things(known, finder.find(words_of(said))), _TYPE.findall(reading))


def made(said: str, reading: str, family: str, site: str, language: str) -> corpus.Row | None:
    try:
        request = tagged_request(said, reading, site, language)
        return corpus.row_of(request, reading, family, finder_of(site, language)[0], site)
    except (LookupError, ValueError) as error:
        print(f"{site}: {error!r}: {said}")
        return None


def write(language: str, rows: list[corpus.Row]) -> None:
    unique = {(row.site, row.said): row for row in rows}
    (FOLDER / f"{language}.jsonl").write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in unique.values()))


def main() -> None:
    for language in corpus.languages() if len(sys.argv) == 1 else ():
        old = [made(row.said, row.reading, row.family, row.site, language) for row in corpus.rows(language)]
        write(language, [row for row in old if row])
    for argument in sys.argv[1:]:
        site, _, file = argument.partition("=")
        language = site.split("-")[0]
        lines = [line.split("\t") for line in Path(file).read_text("utf-8").split("\n") if line.strip()]
        found = [made(said, reading, family, site, language) for family, reading, said in lines]
        old = corpus.rows(language) if language in corpus.languages() else []
        write(language, [*old, *(row for row in found if row)])
        print(f"{site}: {sum(row is not None for row in found)} of {len(found)}")


if __name__ == "__main__":
    main()
