"""``banksman teach llama prepare``: sentences of invented sites, and an operator's own corrected ones."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from banksman_edge.errors import TeachingError
from banksman_edge.lab.evaluation import read_manifest
from banksman_edge.lab.teach import corpus
from banksman_edge.lab.teach.llama.examples import Example, invented, of_corpus, write_examples
from banksman_edge.lab.teach.llama.own_sentences import LeftOut, corrected, with_tests
from banksman_edge.lab.teach.llama.phrases import LANGUAGES
from banksman_shared.site import load_site

OFFERED = tuple(dict.fromkeys((*LANGUAGES, *corpus.languages())))
"""Languages that there are phrases or sentences of."""
WEIGHTS: Mapping[str, float] = {"en": 2, "ar": 1.5, "hi": 1.75, "ja": 1.5, "pl": 1.5, "tr": 1.5, "zh": 1.25}
"""English, a ninth of all, is asked most; the others were learnt worst. All that are not named count 1."""
ASKED = "prepared.json"
"""The options that a folder was prepared with."""
_CHUNK = 500
"""Sentences that one process makes at a time."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be prepared. ``sentences``: to train on, for a language of weight 1; ``tests``: for each language.

    ``own``: manifests as ``banksman eval`` reads them, of the site in ``site``; of ten different sentences
    one is only tested with.
    """

    sentences: int = 4500
    tests: int = 150
    languages: tuple[str, ...] = OFFERED
    own: tuple[Path, ...] = ()
    site: Path | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """How many ``examples`` there are, how many of them are an operator's ``own``, and which of those were left out."""

    examples: int
    own: int
    left_out: tuple[LeftOut, ...]


def prepare_folder(
    folder: Path, wishes: Wishes, *, processes: int, progress: Callable[[int, int, str], None]
) -> Prepared:
    """Write the examples into ``folder``.

    Raises:
        BanksmanError: a language is not offered, or a site or manifest cannot be read.
    """
    if strange := set(wishes.languages).difference(OFFERED):
        raise TeachingError(
            f"there are no sentences in {', '.join(sorted(strange))}; choose of {', '.join(sorted(OFFERED))}"
        )
    if wishes.own and wishes.site is None:
        raise TeachingError("corrected sentences name things of a site: say which with --site")
    orders = list(_orders(wishes))
    total, found = sum(count for _, count, _, _ in orders), list(_own(wishes))
    examples = list(with_tests(one for one in found if isinstance(one, Example)))
    own, seen = len(examples), {one.text for one in examples}
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for made in pool.map(_made, orders):
            fresh = [example for example in made if example.text not in seen]
            seen |= {example.text for example in fresh}
            examples += fresh
            progress(len(examples), total, "")
        for made in pool.map(_corpus, [(code, wishes.seed) for code in wishes.languages if code in corpus.languages()]):
            examples += made
    tested = {one.text for one in examples if one.test}
    examples = [one for one in examples if one.test or one.text not in tested]
    write_examples(folder, examples)
    (folder / ASKED).write_text(json.dumps(_asked(wishes)), "utf-8")
    return Prepared(len(examples), own, tuple(one for one in found if isinstance(one, LeftOut)))


def _asked(wishes: Wishes) -> list[str]:
    """The options of the command line that ask for the same; of manifests and sites, what their files are called."""
    options = ["--languages", ",".join(wishes.languages), "--sentences", str(wishes.sentences)]
    options += ["--tests", str(wishes.tests)]
    options += [word for path in wishes.own for word in ("--own", path.name)]
    return [*options, "--site", wishes.site.name] if wishes.site else options


def _orders(wishes: Wishes) -> Iterator[tuple[str, int, int, bool]]:
    """Language, count, seed and whether it is to test with, of each chunk."""
    for test in (True, False):
        for language in filter(LANGUAGES.__contains__, wishes.languages):
            left = wishes.tests if test else round(wishes.sentences * WEIGHTS.get(language, 1.0))
            for number in range(0, left, _CHUNK):
                yield language, min(_CHUNK, left - number), wishes.seed * 1000 + number // _CHUNK, test


def _made(order: tuple[str, int, int, bool]) -> list[Example]:
    language, count, seed, test = order
    return list(invented(language, count, seed, test=test))


def _corpus(order: tuple[str, int]) -> list[Example]:
    return list(of_corpus(*order))


def _own(wishes: Wishes) -> Iterator[Example | LeftOut]:
    if wishes.site is None:
        return
    site = load_site(wishes.site)
    for path in wishes.own:
        yield from corrected(read_manifest(path), site)
