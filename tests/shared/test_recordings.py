"""The recorded orders of the demo and of the tests fit the bundled site and the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from banksman_shared.commands import check_against, parse_commands
from banksman_shared.site import bundled_site, load_site

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "edge" / "banksman_edge" / "data" / "demo", ROOT / "tests" / "data" / "speech")


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_expected_command_can_be_given_on_the_bundled_site(folder: Path) -> None:
    site = load_site(bundled_site())
    for row in rows(folder):
        assert set(row) - {"outcome"} == {"id", "audio", "text", "language", "expect"}
        assert row["language"] in site.languages
        check_against(site, parse_commands(row["expect"]))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_manifest_names_each_recording_once(folder: Path) -> None:
    listed = [row["audio"] for row in rows(folder)]
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.flac"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_recordings_are_what_a_microphone_gives(folder: Path) -> None:
    for path in folder.glob("*.flac"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")
        assert 0.5 < info.duration < 15


def test_the_recordings_stay_small() -> None:
    assert sum(path.stat().st_size for folder in FOLDERS for path in folder.glob("*.flac")) < 3_000_000
