"""From what an agent wrote down to what a language model is taught with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from dialogue_world import BETWEEN_TURNS_S, YardDouble
from edge_world import PATIENCE_S, Recorder, agent_of

from banksman_edge import Agent, Utterance
from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, Sound
from banksman_edge.audit import AuditError, AuditLog, AuditTrail, about_agent, audit_dir
from banksman_edge.audit.segments import segments
from banksman_edge.cli.audit import audit
from banksman_edge.cli.teach_llama import llama
from banksman_edge.lab.teach.llama.examples import read_examples
from banksman_edge.utterance import Spoken
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site, bundled_site

Said = tuple[str, str] | tuple[str, str, float]
"""Who says what, and if it is spoken, how sure the recogniser is."""


class Play:
    """Has people talk to an agent that writes an audit log, to the end."""

    def __init__(self, site: Site, heard: Recorder, clock: ManualClock, state: Path) -> None:
        self._site, self._heard, self._clock, self._state = site, heard, clock, state

    def __call__(self, *script: Said) -> list[str]:
        """The ids of what was said."""
        site, clock, log = self._site, self._clock, AuditLog(audit_dir(self._state), 90, clock=self._clock)
        with log, agent_of(site, YardDouble(site), self._heard, clock=clock) as agent:
            trail = AuditTrail(site, log)
            trail.note("started", about_agent(site))
            agent.keep(trail)
            return [self._say(agent, *said) for said in script]

    def _say(self, agent: Agent, who: str, text: str, heard: float | None = None) -> str:
        self._clock.advance(BETWEEN_TURNS_S)
        utterance = Utterance(text=text, device=who)
        if heard is not None:
            now, sound = self._clock.monotonic(), Sound(np.zeros(SAMPLE_RATE, np.float32))
            utterance = Utterance(sound=sound, spoken=Spoken(Transcript(text, "en", heard), now - 1.0, now), device=who)
        key = agent.submit(utterance)
        agent.decision(key, timeout_s=PATIENCE_S)
        agent.decision(agent.submit(Utterance(text="", device="nobody")), timeout_s=PATIENCE_S)  # it is done with
        return key


@pytest.fixture
def play(site: Site, heard: Recorder, clock: ManualClock, tmp_path: Path) -> Play:
    return Play(site, heard, clock, tmp_path)


def sentences(state: Path, *more: str) -> tuple[dict[str, Any], str, str]:
    """The lines by text, and what was said on the way."""
    out = state / "out.jsonl"
    done = CliRunner().invoke(
        audit, ["sentences", str(out), "--state", str(state), *more], catch_exceptions=False, standalone_mode=False
    )
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert out.stat().st_mode & 0o077 == 0
    return {line["text"]: line for line in lines}, done.stdout, done.stderr


def move(vehicle: str, place: str) -> dict[str, Any]:
    return {"action": "move", "vehicles": [vehicle], "to": place}


def test_what_was_finally_done_is_what_a_sentence_meant(play: Play, site: Site, tmp_path: Path) -> None:
    stood, *_ = play(
        ("anna", "Forklift three, go to dock two."),
        ("dan", "Forklift one, go to dock four."),
        ("dan", "No, dock five."),
        ("ben", "Forklift two, go to the dock."),
        ("ben", "Dock three."),
        ("carl", "All tuggers go to packing."),
        ("carl", "Yes."),
    )
    lines, told, left = sentences(tmp_path)
    assert {text: (line["expect"], line["outcome"]) for text, line in lines.items()} == {
        "Forklift three, go to dock two.": (move("forklift-3", "dock-2"), "accepted"),
        "Forklift one, go to dock four.": (move("forklift-1", "dock-5"), "corrected"),
        "Forklift two, go to the dock.": (move("forklift-2", "dock-3"), "answered"),
        "All tuggers go to packing.": (move("kind:tugger", "packing"), "confirmed"),
    }
    assert lines["Forklift three, go to dock two."]["id"] == stood
    assert "4 of 7 sentences" in told
    assert "1: it corrects what was said before" in left
    assert "1: it answers a question" in left
    assert "1: it is a yes or no" in left


def test_what_nobody_vouched_for_is_left_out_and_counted(play: Play, tmp_path: Path) -> None:
    play(
        ("emil", "Everybody park."),
        ("emil", "Yes.", 0.05),
        ("anna", "All tuggers go to packing."),
        ("anna", "No."),
        ("ben", "Forklift one, go to dock four."),
        ("ben", "Stop!"),
        ("carl", "Lovely weather today."),
        ("dora", "Stop tugger two, then send forklift four to dock one."),
    )
    lines, _, left = sentences(tmp_path)
    assert list(lines) == ["Stop!", "Stop tugger two, then send forklift four to dock one."]
    for why in (
        "1: it was declined",
        "1: it was stopped or cancelled right afterwards",
        "1: it was refused, or not understood",
        "1: the question was not answered",
        "2: it is a yes or no",
    ):
        assert why in left, left
    review, _, more = sentences(tmp_path, "--review")
    assert review["All tuggers go to packing."]["expect"] is None
    assert review["All tuggers go to packing."]["outcome"] == "it was declined"
    assert "Yes." not in review
    assert "to be filled in" in more


@pytest.mark.parametrize(
    "said",
    [
        ("Everybody park.", "Yes.", "Stop!"),
        ("Forklift one, go to dock four.", "Lovely weather today.", "Cancel that."),
    ],
)
def test_what_is_called_off_later_than_in_the_next_words_is_left_out(
    play: Play, tmp_path: Path, said: tuple[str, ...]
) -> None:
    play(*(("ben", text) for text in said))
    lines, _, left = sentences(tmp_path)
    assert said[0] not in lines
    assert "1: it was stopped or cancelled right afterwards" in left


def test_a_chain_of_corrections_means_its_last(play: Play, tmp_path: Path) -> None:
    play(
        ("anna", "Forklift one, go to dock four."),
        ("anna", "No, dock five."),
        ("anna", "No, dock three."),
    )
    lines, _, _ = sentences(tmp_path)
    assert [line["expect"] for line in lines.values()] == [move("forklift-1", "dock-3")]


def test_times_and_operators_narrow_it_down(play: Play, tmp_path: Path) -> None:
    play(
        ("anna", "Forklift three, go to dock two."),
    )
    assert (
        sentences(tmp_path, "--until", "1971-01-01")[0] == {} or sentences(tmp_path, "--since", "1971-01-01")[0] == {}
    )
    assert sentences(tmp_path, "--operator", "anna")[0] == {}


def test_nothing_comes_of_a_log_that_was_changed(play: Play, tmp_path: Path) -> None:
    play(
        ("anna", "Forklift three, go to dock two."),
    )
    path = segments(audit_dir(tmp_path))[0]
    path.write_bytes(path.read_bytes().replace(b"dock two", b"dock ten"))
    with pytest.raises(AuditError, match="the chain is broken"):
        sentences(tmp_path)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_misheard_name_that_was_put_right_is_taught(play: Play, site: Site, tmp_path: Path) -> None:
    play(
        ("anna", "Forklift three, go to the cold stool."),
        ("anna", "Yes."),
        ("anna", "Forklift one, go to dock four."),
    )
    lines = sentences(tmp_path)[0]
    assert len(lines) == 2
    lesson = ["prepare", str(tmp_path / "lesson"), "--languages", "en", "--sentences", "2", "--tests", "1"]
    own = ["--own", str(tmp_path / "out.jsonl"), "--site", str(bundled_site()), "--processes", "1"]
    done = CliRunner().invoke(llama, [*lesson, *own], catch_exceptions=False)
    assert "2 of 2 own sentences kept" in done.stderr, done.output
    assert [one.line for one in read_examples(tmp_path / "lesson") if one.corrected] == [
        'move V1 to "cold stool"',
        "move V1 to P1",
    ]
