"""Utterances that an agent records are played back against the code of today."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder
from plant import eventually

from banksman_edge import Agent, Pipeline, Sound, Transcript
from banksman_edge.app import RECORDED_SITE, DebugRecorder, bug_report, examine
from banksman_edge.errors import RecordingError
from banksman_edge.lab.replay import Replayed, played_back, recorded_site
from banksman_edge.turns import EVENT_NAMES
from banksman_shared.site import Site

SOUND = Sound(np.sin(np.arange(16000, dtype=np.float32) / 10) / 2)


class Hears:
    """Hears this in every sound."""

    def __init__(self, text: str) -> None:
        self.text = text

    def transcribe(self, sound: Sound) -> Transcript:  # noqa: ARG002
        return Transcript(self.text, "en", 1.0)


@pytest.fixture
def folder(site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path) -> Path:
    """Of an agent that was told three things, the last of them as a sound."""
    recorder = DebugRecorder(site, tmp_path / "recordings")
    hears = recorder.hearing(Hears("forklift two go to dock three"))
    agent = Agent(site, fleet, recorder.understanding(Pipeline(site)), recogniser=hears)
    heard.attach(agent)
    for name in EVENT_NAMES:
        agent.on(name, recorder.event)
    with agent:
        agent.say("forklift one, go to dock one", device="a")
        agent.say("stop forklift one", device="a")
        last = agent.hear(SOUND)
        eventually(lambda: "reply" in events(recorder.folder / f"{last.id}.json"), "it was answered")
    return recorder.folder


def events(path: Path) -> list[str]:
    return [event["event"] for event in json.loads(path.read_text("utf-8"))["events"]] if path.is_file() else []


def play(folder: Path, text: str = "") -> list[Replayed]:
    """Understanding of today knows nothing but plain orders; ``text``: what is heard today."""
    site = recorded_site(folder)
    return list(played_back(folder, Pipeline(site), Hears(text) if text else None))


def test_what_has_not_changed_is_played_back_alike(folder: Path) -> None:
    played = play(folder, "forklift two go to dock three")
    assert len(played) == 3
    assert [one.differs for one in played] == [False] * 3
    assert sorted(one.then["command"]["action"] for one in played) == ["move", "move", "stop"]


def test_a_sound_that_is_heard_otherwise_is_shown(folder: Path) -> None:
    changed = [one for one in play(folder, "forklift two go to dock one") if one.differs]
    assert [(one.heard_then, one.heard_now) for one in changed] == [
        ("forklift two go to dock three", "forklift two go to dock one")
    ]


def test_a_sentence_that_is_read_otherwise_is_shown(folder: Path) -> None:
    path = next(path for path in folder.glob("*.json") if "dock one" in path.read_text("utf-8"))
    path.write_text(path.read_text("utf-8").replace('"dock-1"', '"dock-2"'), "utf-8")
    changed = [one for one in play(folder) if one.differs]
    assert [one.id for one in changed] == [path.stem]
    assert "dock-1" in json.dumps(changed[0].now)


def test_a_recording_has_every_stage(folder: Path) -> None:
    (sound,) = folder.glob("*.flac")
    record = json.loads(sound.with_suffix(".json").read_text("utf-8"))
    assert [event["event"] for event in record["events"]][:3] == ["utterance", "transcript", "decision"]
    assert record["trace"]["names"]
    assert record["sound"] == sound.name


def test_ids_are_no_paths(site: Site, tmp_path: Path, fleet: FleetDouble) -> None:
    recorder = DebugRecorder(site, tmp_path / "recordings")
    agent = Agent(site, fleet, recorder.understanding(Pipeline(site)))
    for name in EVENT_NAMES:
        agent.on(name, recorder.event)
    agent.refuse("../../etc/passwd", "it is broken")
    eventually(lambda: len(list(recorder.folder.glob("*.json"))) == 2, "it was recorded")
    assert list(tmp_path.iterdir()) == [recorder.folder]
    agent.close()


@pytest.mark.parametrize("damage", ["{", '{"id": "x", "transcript": 3, "before": {}, "parse": {}}'])
def test_a_damaged_recording_is_named(folder: Path, damage: str) -> None:
    (folder / "0.json").write_text(damage, "utf-8")
    with pytest.raises(RecordingError, match=r"0\.json is damaged"):
        play(folder)


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=RECORDED_SITE):
        recorded_site(tmp_path)


def test_a_bug_report_has_nobodys_names(site: Site) -> None:
    report = json.dumps(bug_report(site, examine(site.languages)))
    names = {one.id for one in (*site.vehicles.values(), *site.places.values())} | {site.id, site.name}
    assert [name for name in names if f'"{name}"' in report] == []
    assert str(Path.home()) not in report
    assert json.loads(report)["site"]["vehicles"] == len(site.vehicles)
