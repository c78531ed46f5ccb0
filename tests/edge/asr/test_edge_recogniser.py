"""Whisper on speech: the right language, only the site's languages, and nothing made up out of noise."""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from banksman_edge import (
    Policy,
    Sound,
    TaughtReader,
    Transcript,
    Verdict,
    WhisperRecogniser,
    load_sound,
)
from banksman_edge.app.checkup import Health, examine
from banksman_edge.errors import RecogniserError
from banksman_edge.understanding import Pipeline
from banksman_shared.languages import WHISPER_LANGUAGES
from banksman_shared.models import ModelStore
from banksman_shared.site import Site

PEOPLE = Path(__file__).parents[3].parent / "shared" / "speech" / "human"
needs_people = pytest.mark.skipif(
    not (PEOPLE / "manifest.jsonl").is_file(),
    reason="the recorded people lie beside the repository on the developers' machines only",
)


def recordings(kind: str) -> list[dict[str, Any]]:
    lines = (PEOPLE / "manifest.jsonl").read_text("utf-8").splitlines() if PEOPLE.is_dir() else []
    return [row for row in map(json.loads, lines) if row["kind"] == kind]


def spread(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """So many rows, one of each language before a second of any."""
    by_language: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_language.setdefault(row["language"], []).append(row)
    return [row for round_ in zip_longest(*by_language.values()) for row in round_ if row][:count]


@pytest.mark.parametrize(
    ("clip", "language", "word"),
    [
        ("en-move", "en", "workshop"),
        ("en-callsign", "en", "parking"),
        ("es-transport", "es", "carretilla"),
        ("it-park", "it", "parcheggio"),
        ("pt-stop", "pt", "todos"),
        ("fr-cancel", "fr", "mission"),
    ],
)
def test_a_sentence_is_heard_in_its_language(
    recogniser: WhisperRecogniser, speech: dict[str, Sound], clip: str, language: str, word: str
) -> None:
    heard = recogniser.transcribe(speech[clip])
    assert (heard.language, word in heard.text.casefold()) == (language, True)
    assert 0 < heard.confidence <= 1
    assert all(0 < hypothesis.confidence <= 1 for hypothesis in heard.hypotheses)
    assert heard.signals.site_language > 0.5
    assert heard.signals.no_speech < 0.5


@pytest.mark.models
def test_only_languages_of_the_site_are_heard(speech: dict[str, Sound]) -> None:
    spanish_site = WhisperRecogniser(ModelStore().path("whisper-base"), ["es", "de"])
    for clip in ("en-move", "en-callsign", "en-chatter-1", "es-move"):
        heard = spanish_site.transcribe(speech[clip])
        assert {hypothesis.language for hypothesis in heard.hypotheses} <= {"es", "de"}


@pytest.mark.models
def test_a_language_that_whisper_lacks_is_told_of_and_the_others_are_heard(
    caplog: pytest.LogCaptureFixture, speech: dict[str, Sound]
) -> None:
    hears = WhisperRecogniser(ModelStore().path("whisper-base"), ["en", "gsw"])
    assert [r.getMessage() for r in caplog.records if "gsw" in r.getMessage()] == [
        "this Whisper does not know gsw: what is said in it is misheard"
    ]
    assert hears.transcribe(speech["en-move"]).language == "en"
    WhisperRecogniser(ModelStore().path("whisper-base"), ["en", "de"])
    assert caplog.text.count("misheard") == 1


def test_the_languages_that_can_be_heard_are_whisper_s() -> None:
    assert frozenset(_LANGUAGE_CODES) == WHISPER_LANGUAGES
    findings = {finding.what: finding for finding in examine(["en", "gsw"])}
    assert findings["hearing gsw"].health is Health.OPTIONAL
    assert "hearing en" not in findings


@pytest.mark.models
def test_a_site_whose_languages_whisper_does_not_know_is_refused() -> None:
    with pytest.raises(RecogniserError, match=r"knows none of the site's languages \['tlh'\]"):
        WhisperRecogniser(ModelStore().path("whisper-base"), ["tlh"])


def test_a_folder_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RecogniserError, match=f"Whisper model {tmp_path} cannot be loaded"):
        WhisperRecogniser(tmp_path, ["en"])


@needs_people
def test_noise_causes_nothing(recogniser: WhisperRecogniser, site: Site) -> None:
    understanding, policy = Pipeline(site, None), Policy()
    rows = recordings("noise")
    assert rows
    for row in rows:
        heard = recogniser.transcribe(load_sound(PEOPLE / row["audio"]))
        judgement = policy.judge(understanding.parse(heard), heard.confidence, None)
        assert judgement.verdict is Verdict.REJECT, (row["audio"], heard)


@needs_people
@pytest.mark.soak
def test_people_s_chatter_moves_nothing(recogniser: WhisperRecogniser, taught: TaughtReader, site: Site) -> None:
    understanding, policy = Pipeline(site, taught), Policy()
    acted: list[tuple[str, Transcript]] = []
    for row in spread(recordings("chatter"), 25):
        heard = recogniser.transcribe(load_sound(PEOPLE / row["audio"]))
        if policy.judge(understanding.parse(heard), heard.confidence, None).verdict is Verdict.ACCEPT:
            acted.append((row["audio"], heard))
    assert acted == []
