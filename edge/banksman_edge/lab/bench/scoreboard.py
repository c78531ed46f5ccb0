"""Every set of written sentences in one table (``banksman bench scoreboard``).

Each sentence goes through understanding and the site's policy, as an agent without a fleet would take it from somebody
who has said nothing before and may do everything.
"""

from __future__ import annotations

import json
import statistics
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from banksman_edge.asr import Transcript
from banksman_edge.policy import Judgement, Policy
from banksman_edge.turns import Verdict
from banksman_edge.understanding import Parse
from banksman_shared.commands import NOTHING, parse_commands, to_document
from banksman_shared.errors import BanksmanError, CommandError
from banksman_shared.site import Site, bundled_site, load_site

NONE = {"action": "none", "vehicles": []}


class SentenceSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Manifests that count together. ``site``: the folder of their site, in which ``{stem}`` and ``{folder}`` are a
    manifest's name and folder and ``{site}`` is what a row says; ``seen``: somebody looked at what went wrong in it."""

    name: str
    files: list[str]
    site: str
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence about a site and the commands that it means."""

    of: str
    id: str
    text: str
    language: str
    site: Path
    expect: Any


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a sentence, in how many milliseconds."""

    sentence: Sentence
    read: Parse
    judgement: Judgement
    ms: float

    @property
    def talk(self) -> bool:
        """Whether it must cause nothing."""
        return bool(self.sentence.expect == NONE)

    @property
    def command(self) -> Any:
        return to_document(self.read.commands)

    @property
    def exact(self) -> bool:
        """Done as it was meant, or read back for a yes; of talk, nothing."""
        if self.talk:
            return self.judgement.verdict is Verdict.REJECT or self.read.commands == (NOTHING,)
        done = self.judgement.verdict in (Verdict.ACCEPT, Verdict.CONFIRM)
        return done and self.read.commands == tuple(parse_commands(self.sentence.expect))

    @property
    def wrongly_done(self) -> bool:
        """Something was done at once that was not asked for."""
        return not self.exact and self.judgement.verdict is Verdict.ACCEPT and self.read.commands != (NOTHING,)

    @property
    def asked(self) -> bool:
        """A confirmation or a question came of it."""
        return self.judgement.verdict in (Verdict.CONFIRM, Verdict.ASK)

    def document(self) -> dict[str, Any]:
        return {
            "set": self.sentence.of,
            "id": self.sentence.id,
            "language": self.sentence.language,
            "text": self.sentence.text,
            "expect": self.sentence.expect,
            "command": self.command,
            "decision": str(self.judgement.verdict),
            "tier": str(self.read.tier),
            "confidence": round(self.read.confidence, 3),
            "reason": self.judgement.reason,
            "exact": self.exact,
            "wrongly_done": self.wrongly_done,
            "ms": round(self.ms, 1),
        }


def read_sets(path: Path) -> list[SentenceSet]:
    """The sets that a file such as tests/data/sets.toml lists.

    Raises:
        BanksmanError: it cannot be read, or is no such list.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8"))["sets"], list[SentenceSet])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as error:
        raise BanksmanError(f"sets {path} cannot be read: {error}") from error


def sentences_of(one: SentenceSet, root: Path) -> Iterator[Sentence]:
    """The sentences of a set; ``root``: the folder that its files are relative to.

    Raises:
        BanksmanError: it has no file, or a line of one is no sentence.
    """
    manifests = [path for pattern in one.files for path in sorted(root.glob(pattern))]
    if not manifests:
        raise BanksmanError(f"set '{one.name}' has no file {' or '.join(one.files)} in {root}")
    for path in manifests:
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if line.strip() and (sentence := _sentence(line, one, path, root, number)):
                yield sentence


def _sentence(line: str, one: SentenceSet, path: Path, root: Path, number: int) -> Sentence | None:
    try:
        row = json.loads(line)
        if row.get("by") and row.get("outcome") == "refuse":
            return None  # refused for who says it, and here everybody may do everything
        expect = row.get("expect", row.get("command", NONE))
        parse_commands(expect)
        own, folder = row.get("site"), path.parent.relative_to(root)
        place = root / one.site.format(stem=path.stem, folder=folder, site=own)
        anywhere = "{site}" in one.site and (own is None or not place.is_dir())  # talk that is of no site
        site = bundled_site() if anywhere else place.resolve()
        return Sentence(one.name, str(row["id"]), row["text"], row["language"], site, expect)
    except (ValueError, KeyError, TypeError, AttributeError, CommandError) as error:
        raise BanksmanError(f"{path}:{number}: {error}") from error


class Parses(Protocol):
    """What can be measured."""

    def parse(self, transcript: Transcript) -> Parse:
        """See :class:`~banksman_edge.understanding.Understanding`."""
        ...


def measure(
    sentences: Iterable[Sentence], understanding: Callable[[Site], Parses], progress: Callable[[], None]
) -> list[Result]:
    """A result for every sentence, site by site. ``understanding``: makes that of a site.

    Raises:
        SiteError: a site cannot be read.
    """
    by_site: dict[Path, list[Sentence]] = {}
    for sentence in sentences:
        by_site.setdefault(sentence.site, []).append(sentence)
    results = []
    for folder, own in by_site.items():
        site = load_site(folder)
        parses, policy = understanding(site), Policy.of(site)
        for sentence in own:
            start = time.perf_counter()
            read = parses.parse(Transcript(sentence.text, "", 1.0))
            judgement = policy.judge(read, 1.0, None)
            results.append(Result(sentence, read, judgement, (time.perf_counter() - start) * 1e3))
            progress()
    return results


def summarise(results: Sequence[Result]) -> dict[str, Any]:
    """Counts of some results."""
    orders, talk = [r for r in results if not r.talk], [r for r in results if r.talk]
    ms = sorted(result.ms for result in results)
    return {
        "orders": len(orders),
        "exact": round(sum(r.exact for r in orders) / len(orders), 4) if orders else None,
        "confirmed": round(sum(r.exact and r.asked for r in orders) / len(orders), 4) if orders else None,
        "wrongly_done": sum(r.wrongly_done for r in orders),
        "talk": len(talk),
        "talk_done": sum(r.wrongly_done for r in talk),
        "talk_asked": sum(r.asked and not r.exact for r in talk),
        "ms": {
            "p50": round(statistics.median(ms), 1) if ms else None,
            "p95": round(ms[int(0.95 * (len(ms) - 1))], 1) if ms else None,
        },
    }


def summary_of(results: Sequence[Result], sets: Sequence[SentenceSet]) -> dict[str, Any]:
    """The counts of every set, of all that are unseen, and of each language."""
    unseen = {one.name for one in sets if not one.seen}
    languages = sorted({result.sentence.language for result in results})
    return {
        "sets": {one.name: summarise([r for r in results if r.sentence.of == one.name]) for one in sets},
        "not looked at": summarise([r for r in results if r.sentence.of in unseen]),
        "all": summarise(results),
        "languages": {code: summarise([r for r in results if r.sentence.language == code]) for code in languages},
    }


def markdown(summary: dict[str, Any], heading: str) -> str:
    """The summary as a page of docs/measured."""
    rows = [*summary["sets"].items(), ("*not looked at*", summary["not looked at"]), ("*all*", summary["all"])]
    lines = [f"# {heading}", "", *_HEAD]
    lines += [_line(name, counts) for name, counts in rows]
    lines += ["", *_HEAD, *(_line(name, counts) for name, counts in summary["languages"].items()), ""]
    return "\n".join(lines)


_HEAD = (
    "| set | orders | exact | of these confirmed | wrongly done | talk | done | asked | ms p50 / p95 |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def _line(name: str, counts: dict[str, Any]) -> str:
    share = ["" if counts[key] is None else f"{100 * counts[key]:.1f} %" for key in ("exact", "confirmed")]
    cells = [
        counts["orders"],
        *share,
        counts["wrongly_done"],
        counts["talk"],
        counts["talk_done"],
        counts["talk_asked"],
    ]
    return f"| {name} | {' | '.join(map(str, cells))} | {counts['ms']['p50']} / {counts['ms']['p95']} |"
