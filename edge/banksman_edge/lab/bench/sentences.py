"""Exact commands out of written sentences, by site, part and language (``banksman bench sentences``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from banksman_edge.lab.bench.certainty import certainty
from banksman_edge.lab.evaluation import Case, Evaluation, Row, read_manifest, summarise
from banksman_edge.policy import Policy
from banksman_edge.understanding import Pipeline
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site, load_site

SITE_FILE = "site.toml"


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A site and the sentences about it. ``parts``: the names of its manifests, such as "heldout", and their cases."""

    site: Site
    parts: Mapping[str, tuple[Case, ...]]

    @property
    def n(self) -> int:
        return sum(map(len, self.parts.values()))


def grounds(folder: Path) -> list[Ground]:
    """The sites in a folder, each with the manifests that lie beside its site.toml.

    Raises:
        BanksmanError: there is none, or a manifest is not one of sentences.
        SiteError: a site is not good.
    """
    found = [
        Ground(load_site(site.parent), {path.stem: _written(path) for path in manifests})
        for site in sorted(folder.glob(f"*/{SITE_FILE}"))
        if (manifests := sorted(site.parent.glob("*.jsonl")))
    ]
    if not found:
        raise BanksmanError(f"{folder} holds no folder with a {SITE_FILE} and a manifest NAME.jsonl beside it")
    return found


def _written(path: Path) -> tuple[Case, ...]:
    cases = read_manifest(path)
    if any(case.audio for case in cases):
        raise BanksmanError(f"{path} has lines with 'audio'; measure them with banksman bench commands")
    return tuple(cases)


def measure(ground: Ground, understanding: Pipeline, progress: Callable[[], None]) -> dict[str, list[Row]]:
    """What comes of each part's sentences."""
    evaluation = Evaluation(understanding, None, Policy.of(ground.site))
    return {name: evaluation.run(cases, progress) for name, cases in ground.parts.items()}


def merge(measured: list[dict[str, list[Row]]]) -> dict[str, list[Row]]:
    """The rows of all sites, by part."""
    names = sorted({name for one in measured for name in one})
    return {name: [row for one in measured for row in one.get(name, [])] for name in names}


def summarise_parts(rows: Mapping[str, list[Row]]) -> dict[str, Any]:
    """The summary of ``banksman eval`` for each part, with how true the confidence was."""
    return {name: summarise(own) | {"certainty": certainty(own)} for name, own in rows.items()}
