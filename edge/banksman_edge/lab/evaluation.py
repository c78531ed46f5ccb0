"""Accuracy and latency on somebody's own recordings or sentences (``banksman eval``)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import load_sound
from banksman_edge.errors import AudioError, RecogniserError
from banksman_edge.lab.word_errors import errors
from banksman_edge.policy import Policy
from banksman_edge.turns import Verdict
from banksman_edge.understanding import Parse, Tier
from banksman_shared.commands import NOTHING, parse_commands, to_document
from banksman_shared.errors import BanksmanError, CommandError

TIERS = tuple(map(str, Tier))
STAGES = ("asr", "nlu", "total")


class Case(msgspec.Struct, frozen=True):
    """A line of the manifest. ``language`` and ``expect`` are labels, never hints; ``outcome`` is what the demo wants
    to have been done when a plan is over."""

    id: str
    audio: str | None = None
    text: str | None = None
    language: str | None = None
    expect: Any = None
    outcome: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a case. ``ok`` is None where nothing was expected; ``errors`` and ``words`` make the error rate."""

    case: Case
    heard: str
    language: str
    command: Any
    decision: Verdict
    tier: str
    confidence: float
    ok: bool | None
    latency_ms: dict[str, float]
    error: str = ""
    errors: int = 0
    words: int = 0

    def document(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": self.case.id,
            "heard": self.heard,
            "language": self.language,
            "command": self.command,
            "decision": str(self.decision),
            "tier": self.tier,
            "confidence": round(self.confidence, 3),
            "ok": self.ok,
            "latency_ms": {stage: round(self.latency_ms.get(stage, 0.0), 2) for stage in STAGES},
        }
        return row | ({"error": self.error} if self.error else {})


_EXAMPLE = '{"id": "1", "text": "stop"}'


def read_manifest(path: Path) -> list[Case]:
    """The cases of a JSONL file, audio paths made absolute.

    Raises:
        BanksmanError: the file cannot be read, is empty, or a line is no case; the text names the line.
    """
    try:
        # Not splitlines(), which also ends lines at characters that JSON allows within a string.
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BanksmanError(f"manifest {path} cannot be read: {error}") from error
    cases = [_case(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise BanksmanError(f"manifest {path} is empty; write a JSON document a line, such as {_EXAMPLE}")
    return cases


def _case(line: str, number: int, path: Path) -> Case:
    try:
        case = msgspec.json.decode(line, type=Case)
        if case.expect is not None:
            parse_commands(case.expect)
    except (msgspec.DecodeError, CommandError) as error:
        raise BanksmanError(f"{path}:{number}: {error}") from error
    if case.audio is None and case.text is None:
        raise BanksmanError(f"{path}:{number}: a line needs 'audio' or 'text'")
    if case.audio is not None:
        case = msgspec.structs.replace(case, audio=str(path.parent / case.audio))
    return case


class Understands(Protocol):
    """What can be evaluated."""

    def parse(self, transcript: Transcript) -> Parse:
        """From what was heard to what was meant."""
        ...


class Evaluation:
    """Runs cases one at a time, as an agent without a fleet would take them."""

    def __init__(self, understanding: Understands, recogniser: Recogniser | None, policy: Policy) -> None:
        self._understanding, self._recogniser, self._policy = understanding, recogniser, policy

    def run(self, cases: Iterable[Case], progress: Callable[[], None]) -> list[Row]:
        """A row for every case; a sound that cannot be read costs only its own row."""
        rows = []
        for case in cases:
            rows.append(self._row(case))
            progress()
        return rows

    def _row(self, case: Case) -> Row:
        try:
            sound = load_sound(case.audio) if case.audio else None
            start = time.perf_counter()
            if sound is not None and self._recogniser is not None:
                transcript = self._recogniser.transcribe(sound)
            else:
                transcript = Transcript(case.text or "", "", 1.0)
        except (AudioError, RecogniserError) as error:
            return Row(
                case, "", "", to_document([NOTHING]), Verdict.REJECT, "stop", 0.0, _ok(case, None), {}, str(error)
            )
        heard = time.perf_counter()
        read = self._understanding.parse(transcript)
        verdict = self._policy.judge(read, transcript.confidence, None, doubt=transcript.reason).verdict
        end = time.perf_counter()
        stages = {"asr": (heard - start) * 1e3, "nlu": (end - heard) * 1e3, "total": (end - start) * 1e3}
        if case.audio is None:
            stages["asr"] = 0.0
        done = {Verdict.ASK: None, Verdict.REJECT: (NOTHING,)}.get(verdict, read.commands)
        errors, words = _word_errors(case, transcript.text)
        return Row(
            case,
            transcript.text,
            read.language or transcript.language,
            to_document(read.commands),
            verdict,
            str(read.tier),
            read.confidence,
            _ok(case, to_document(done) if done else None),
            stages,
            "",
            errors,
            words,
        )


def _ok(case: Case, done: Any) -> bool | None:
    """Whether what is done is what was expected; a question does nothing, and is not what ``none`` expects."""
    return None if case.expect is None else to_document(parse_commands(case.expect)) == done


def _word_errors(case: Case, heard: str) -> tuple[int, int]:
    if case.audio is None or not case.text:
        return 0, 0
    return errors(case.text, heard, case.language or "")


def summarise(rows: Sequence[Row]) -> dict[str, Any]:
    """The contract's summary; shares from 0 to 1, None where nothing was expected or heard."""
    scored = [row for row in rows if row.ok is not None]
    languages = sorted({row.case.language for row in rows if row.case.language})
    chatter = [row for row in rows if _expects_nothing(row.case)]
    words = sum(row.words for row in rows)
    return {
        "n": len(rows),
        "exact": _share(scored),
        "by_language": {code: _of_language(rows, code) for code in languages},
        "false_actions": sum(row.decision is Verdict.ACCEPT for row in chatter),
        "needless_questions": sum(row.decision in (Verdict.ASK, Verdict.CONFIRM) for row in chatter),
        "word_error_rate": round(sum(row.errors for row in rows) / words, 4) if words else None,
        "tiers": {
            tier: sum(row.tier == tier and not row.error for row in rows) for tier in ("stop", "grammar", "llama")
        },
        "latency_ms": {stage: _percentiles(rows, stage) for stage in STAGES},
    }


def _expects_nothing(case: Case) -> bool:
    return case.expect is not None and parse_commands(case.expect) == (NOTHING,)


def _share(scored: Sequence[Row]) -> float | None:
    return round(sum(bool(row.ok) for row in scored) / len(scored), 4) if scored else None


def _of_language(rows: Sequence[Row], code: str) -> dict[str, Any]:
    own = [row for row in rows if row.case.language == code]
    return {"n": len(own), "exact": _share([row for row in own if row.ok is not None])}


def _percentiles(rows: Sequence[Row], stage: str) -> dict[str, float]:
    values = [row.latency_ms[stage] for row in rows if stage in row.latency_ms]
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    return {f"p{q}": round(float(np.percentile(values, q)), 2) for q in (50, 95)}


def write_report(rows: Sequence[Row], path: Path) -> None:
    """The contract's JSON: summary and rows.

    Raises:
        BanksmanError: the file cannot be written.
    """
    report = {"summary": summarise(rows), "rows": [row.document() for row in rows]}
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
    except OSError as error:
        raise BanksmanError(f"report {path} cannot be written: {error}") from error
