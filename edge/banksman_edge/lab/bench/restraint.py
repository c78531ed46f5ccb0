"""What sentences lead to that must move nothing (``banksman bench restraint``).

Each goes through understanding, dialogue, rights and policy, as an agent without a fleet would take it.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from banksman_edge.app import Comprehension
from banksman_edge.asr import Transcript
from banksman_edge.operators import Rights, Speaker
from banksman_edge.policy import Judgement
from banksman_edge.turns import Verdict
from banksman_edge.understanding import Parse, Tier, Understanding
from banksman_shared.actions import Action
from banksman_shared.commands import to_document
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site, bundled_site, load_site, parse_site


class Outcome(StrEnum):
    """What is right: not a move; the same, and the reason is told; the one question that is open."""

    NOTHING = "nothing"
    REFUSE = "refuse"
    QUESTION = "question"


class By(StrEnum):
    """Who says it: somebody who may do everything, or somebody who may only ask."""

    CHIEF = "chief"
    VISITOR = "visitor"


_ROLES = tomllib.loads("""
[roles.default]
[[roles.visitor.allow]]
actions = ["status"]
[[roles.chief.allow]]
""")


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the manifest. ``site``: its folder, relative to the manifest; None: the bundled one."""

    id: str
    text: str
    language: str
    kind: str
    site: str | None = None
    by: By = By.CHIEF
    outcome: Outcome = Outcome.NOTHING


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a sentence."""

    sentence: Sentence
    read: Parse
    judgement: Judgement

    @property
    def unasked(self) -> bool:
        """Something was done. A stop within a longer reading is carried out whatever becomes of the rest."""
        stops = any(command.action is Action.STOP for command in self.read.commands)
        return self.judgement.verdict is Verdict.ACCEPT or (stops and self.read.tier is not Tier.LLAMA)

    @property
    def asked(self) -> bool:
        """A question or a confirmation came of it."""
        return not self.unasked and self.judgement.verdict in (Verdict.ASK, Verdict.CONFIRM)

    @property
    def needless(self) -> bool:
        return self.asked and self.sentence.outcome is not Outcome.QUESTION

    @property
    def right(self) -> bool:
        if self.sentence.outcome is Outcome.QUESTION:
            return self.judgement.verdict is Verdict.ASK
        told = bool(self.judgement.key) or self.sentence.outcome is Outcome.NOTHING
        return told and not self.unasked and not self.asked

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        row: dict[str, Any] = msgspec.to_builtins(self.sentence)
        return row | {
            "command": to_document(self.read.commands),
            "tier": str(self.read.tier),
            "confidence": round(self.read.confidence, 3),
            "decision": str(self.judgement.verdict),
            "reason": self.judgement.reason,
            "unasked": self.unasked,
            "needless": self.needless,
            "right": self.right,
        }


def read_sentences(path: Path) -> list[Sentence]:
    """The sentences of a JSONL file, their sites' folders made absolute.

    Raises:
        BanksmanError: the file cannot be read, or a line is no such sentence; the text names the line.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BanksmanError(f"sentences {path} cannot be read: {error}") from error
    return [_sentence(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]


def _sentence(line: str, number: int, path: Path) -> Sentence:
    try:
        found = msgspec.json.decode(line, type=Sentence)
    except msgspec.DecodeError as error:
        raise BanksmanError(f"{path}:{number}: {error}") from error
    folder = found.site if found.site is None else str((path.parent / found.site).resolve())
    return msgspec.structs.replace(found, site=folder)


def measure(
    sentences: Iterable[Sentence], understanding: Callable[[Site], Understanding], progress: Callable[[], None]
) -> list[Result]:
    """A result for every sentence, site by site. ``understanding``: makes that of a site.

    Raises:
        SiteError: a site cannot be read.
    """
    by_site: defaultdict[Path, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_site[Path(sentence.site) if sentence.site else bundled_site()].append(sentence)
    results = []
    for folder, own in by_site.items():
        judge = _Judge(load_site(folder), understanding)
        for sentence in own:
            results.append(judge.judge(sentence))
            progress()
    return results


class _Judge:
    """What an agent makes of the first sentence that it hears on a site."""

    def __init__(self, site: Site, understanding: Callable[[Site], Understanding]) -> None:
        rights = Rights(replace(site, rules=parse_site({**site.document, **_ROLES}).rules), None)
        self._comprehension = Comprehension.without_fleet(site, understanding(site), rights=rights)

    def judge(self, sentence: Sentence) -> Result:
        heard, speaker = Transcript(sentence.text, "", 1.0), Speaker(roles=(sentence.by,))
        return Result(sentence, *self._comprehension.first_words(heard, speaker))


def summarise(results: Sequence[Result]) -> dict[str, Any]:
    """Counts of all, by language and by kind."""
    groups: dict[str, Callable[[Result], str]] = {
        "by_language": lambda result: result.sentence.language,
        "by_kind": lambda result: result.sentence.kind,
    }
    parts: dict[str, Any] = {name: {} for name in groups}
    for name, of in groups.items():
        for value in sorted({of(result) for result in results}):
            parts[name][value] = _counts([result for result in results if of(result) == value])
    return _counts(results) | parts


def _counts(results: Sequence[Result]) -> dict[str, Any]:
    return {
        "n": len(results),
        "unasked_actions": sum(result.unasked for result in results),
        "needless_questions": sum(result.needless for result in results),
        "right": round(sum(result.right for result in results) / len(results), 4) if results else None,
    }
