"""``banksman edge run``, ``say`` and ``eval`` as people use them: as processes, by their exit codes and output."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Agent, Pipeline, PromptedReader, WhisperRecogniser
from banksman_edge.app import build
from banksman_edge.app.build import Settings
from banksman_edge.cli.say import _Conversation
from banksman_edge.fleet import FleetStore
from banksman_shared.broker import broker, free_port
from banksman_shared.cli import main
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site, bundled_site

SPEECH = Path(__file__).parents[2] / "data" / "speech"

Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``banksman …`` in this process: exit code, output, errors."""

    def invoke(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["banksman", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as leave:
            code = leave.code or 0
        assert isinstance(code, int)
        out, err = capsys.readouterr()
        return code, out, err

    return invoke


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "banksman_shared.cli", *map(str, arguments)]


@contextmanager
def process(*arguments: object, ready: str) -> Iterator[subprocess.Popen[str]]:
    """A ``banksman`` process that has said ``ready``; it is made to end if the test has not."""
    started = subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
    )
    with started:
        try:
            assert started.stdout is not None
            said = ""
            while ready not in said:
                line = started.stdout.readline()
                assert line, f"it ended: {said}{started.stderr.read() if started.stderr else ''}"
                said += line
            yield started
        finally:
            started.kill()


def told_to_end(running: subprocess.Popen[str]) -> str:
    """What a process writes to its end, which it was asked for; if it does not end, what its threads are at."""
    running.send_signal(signal.SIGTERM)
    try:
        written = running.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGABRT)
        pytest.fail(running.communicate(timeout=60)[1])
    assert running.returncode == 0
    return written


def say(url: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("say", "--mqtt", url, *arguments), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.models
def test_three_processes_carry_out_orders_and_end_cleanly() -> None:
    with (
        broker() as running,
        process("sim", "run", "--mqtt", running.url, "--speed-up", 20, ready="6 vehicles on") as sim,
        process("edge", "run", "--mqtt", running.url, ready="listening to 6 vehicles") as edge,
    ):
        written = say(running.url, "--text", "forklift three, go to dock two", "--wait", "--json")
        assert written.returncode == 0, written.stderr
        decision = json.loads(written.stdout)
        assert decision["decision"] == "accept"
        assert decision["command"] == {"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}
        assert "Forklift 3: done." in written.stderr

        spoken = say(running.url, SPEECH / "es-move.flac", "--wait")
        assert spoken.returncode == 0, spoken.stderr
        assert spoken.stdout.startswith('accept: {"action": "move", "vehicles": ["forklift-2"], "to": "aisle-3"}')
        assert "heard:" in spoken.stderr

        unconfirmed = say(running.url, "--text", "everybody park", "--wait")
        assert unconfirmed.returncode == 1
        assert re.search(r"banksman: not done: .*; --yes confirms", unconfirmed.stderr)
        confirmed = say(running.url, "--text", "everybody park", "--wait", "--yes", "--json")
        assert (confirmed.returncode, json.loads(confirmed.stdout)["decision"]) == (0, "accept")

        talk = say(running.url, "--text", "what time is lunch", "--json", "--wait")
        assert (talk.returncode, json.loads(talk.stdout)["command"]) == (0, {"action": "none", "vehicles": []})

        asked = say(running.url, "--device", "shell", "--text", "everybody park")
        assert asked.returncode == 3, asked.stderr
        declined = say(running.url, "--device", "shell", "--text", "no")
        assert (declined.returncode, "nothing was done" in declined.stderr) == (1, True), declined.stderr

        lines = "tugger one, go to dock one\nno, dock two\nwhere is tugger one?\n"
        talked = subprocess.run(
            command("talk", "--mqtt", running.url),
            input=lines,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert talked.returncode == 0, talked.stderr
        told, corrected, status = talked.stdout.split("> ")[1:]
        assert "dock 1" in told
        assert "dock 2" in corrected
        assert "Tugger 1" in status

        for running_on in (edge, sim):
            assert "Traceback" not in told_to_end(running_on)


# eval


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, recogniser: WhisperRecogniser, llama: PromptedReader) -> None:
    """Have ``eval`` take the models that this session has loaded; loading is tested with ``edge run``."""
    monkeypatch.setattr(build, "load_recogniser", lambda *_, **__: recogniser)
    monkeypatch.setattr(build, "load_understanding", lambda site, *_, **__: Pipeline(site, llama))


@pytest.mark.usefixtures("loaded")
def test_eval_reports_in_the_contract_s_form(run: Run, tmp_path: Path) -> None:
    shutil.copy(SPEECH / "es-move.flac", tmp_path)
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    move = {"action": "move", "vehicles": ["forklift-2"], "to": "aisle-3"}
    nothing = {"action": "none", "vehicles": []}
    rows: list[dict[str, Any]] = [
        {
            "id": "spoken",
            "audio": "es-move.flac",
            "text": "Manda la carretilla dos al pasillo tres.",
            "language": "es",
            "expect": move,
        },
        {"id": "written", "text": "forklift two, go to aisle three", "language": "en", "expect": move},
        {"id": "wrong", "text": "forklift one, go to aisle three", "language": "en", "expect": move},
        {"id": "talk", "text": "what time is lunch\u2028or dinner", "language": "en", "expect": nothing},
        {"id": "stop", "text": "stop!"},
        {"id": "broken", "audio": "broken.wav", "expect": move},
        {"id": "missing", "audio": "clips/none.flac", "language": "en", "expect": move},
    ]
    manifest, report = tmp_path / "manifest.jsonl", tmp_path / "report.json"
    manifest.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n", "utf-8")
    code, out, err = run("eval", manifest, "--json", report)
    assert code == 0, err
    assert "exact" in out
    document = json.loads(report.read_text("utf-8"))

    summary = document["summary"]
    assert set(document) == {"summary", "rows"}
    assert set(summary) == {
        "n", "exact", "by_language", "false_actions", "needless_questions", "word_error_rate", "tiers", "latency_ms",
    }  # fmt: skip
    assert (summary["n"], summary["false_actions"], summary["needless_questions"]) == (7, 0, 0)
    assert summary["exact"] == pytest.approx(3 / 6, abs=1e-4)
    assert summary["by_language"] == {"en": {"n": 4, "exact": 0.5}, "es": {"n": 1, "exact": 1.0}}
    assert set(summary["tiers"]) == {"stop", "grammar", "llama"}
    assert {stage: set(values) for stage, values in summary["latency_ms"].items()} == {
        stage: {"p50", "p95"} for stage in ("asr", "nlu", "total")
    }

    found = {row["id"]: row for row in document["rows"]}
    assert list(found) == [row["id"] for row in rows]
    for row in found.values():
        assert set(row) - {"error"} == {
            "id", "heard", "language", "command", "decision", "tier", "confidence", "ok", "latency_ms",
        }  # fmt: skip
        assert row["decision"] in ("accept", "confirm", "ask", "reject")
        assert set(row["latency_ms"]) == {"asr", "nlu", "total"}
    assert (found["spoken"]["command"], found["spoken"]["ok"], found["spoken"]["language"]) == (move, True, "es")
    assert (found["wrong"]["ok"], found["talk"]["ok"], found["talk"]["command"]) == (False, True, nothing)
    assert (found["stop"]["ok"], found["stop"]["decision"]) == (None, "accept")
    for name in ("broken", "missing"):
        assert (found[name]["ok"], found[name]["command"], found[name]["decision"]) == (False, nothing, "reject")
        assert found[name]["error"]
        assert f"{name}: '' → " in err


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "x", "text": "stop"', "truncated"),
        ('{"text": "stop"}', "missing required field `id`"),
        ('{"id": "x"}', "a line needs 'audio' or 'text'"),
        ('{"id": "x", "text": "stop", "expect": {"action": "fly", "vehicles": []}}', "fly"),
        ('{"id": "x", "text": "stop", "expect": {"action": "stop"}}', "vehicles"),
        ('{"id": "x", "text": "stop", "expect": []}', "an empty list is not a command"),
        ('{"id": 7, "text": "stop"}', "id"),
        ("[]", "got `array`"),
    ],
)
def test_eval_names_the_line_that_is_no_case(run: Run, tmp_path: Path, line: str, reason: str) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(f'{{"id": "good", "text": "stop"}}\n\n{line}\n', "utf-8")
    code, out, err = run("eval", manifest)
    assert (code, out) == (1, "")
    assert err.startswith(f"banksman: {manifest}:3: ")
    assert reason in err
    assert len(err.splitlines()) == 1


def test_eval_refuses_a_manifest_that_is_no_text(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_bytes(b"\xff\xfe\x00")
    code, _, err = run("eval", manifest)
    assert code == 1
    assert err.startswith(f"banksman: manifest {manifest} cannot be read")


def test_eval_reads_what_windows_writes(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_bytes(b'\xef\xbb\xbf{"id": "1", "text": "stop"}\r\n\r\n')
    code, out, _ = run("eval", manifest)
    assert code == 0
    assert "latency" in out or "total" in out


def test_eval_of_an_empty_manifest_says_what_belongs_in_it(run: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("\n\n", "utf-8")
    code, out, err = run("eval", manifest)
    assert (code, out) == (1, "")
    assert "is empty; write a JSON document a line" in err


# Errors


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["say"], "say either --text"),
        (["say", "--text", "stop", str(SPEECH / "en-stop.flac")], "say either --text"),
        (["say", "no-such-file.wav"], "does not exist"),
        (["say", "--text", "stop", "--timeout", "0"], "--timeout"),
        (["edge", "run"], "--mqtt"),
        (["say", "--text", "stop", "--mqtt", "http://127.0.0.1"], "must look like mqtt://host:1883"),
        (["edge", "run", "--mqtt", "mqtt://127.0.0.1", "--vda-version", "9.9"], "--vda-version"),
        (["edge", "run", "--mqtt", "mqtt://127.0.0.1", "--threads", "0"], "--threads"),
        (["eval"], "MANIFEST"),
        (["eval", "no-such-manifest.jsonl"], "does not exist"),
        (["fly"], "No such command"),
    ],
)
def test_bad_usage_exits_2_and_says_what_is_wrong(run: Run, arguments: list[str], reason: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert reason in err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["say", "--text", "stop", "--mqtt", f"mqtt://127.0.0.1:{free_port()}"],
            r"no MQTT broker answers at 127\.0\.0\.1:",
        ),
        (["say", "--text", "stop", "--site", "no-such-site"], "no-such-site"),
        (["edge", "run", "--mqtt", f"mqtt://127.0.0.1:{free_port()}"], "no MQTT broker answers"),
        (["edge", "run", "--mqtt", "mqtt://127.0.0.1", "--site", "no-such-site"], "no-such-site"),
    ],
)
def test_work_that_fails_exits_1_with_the_reason(run: Run, arguments: list[str], reason: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert re.search(reason, err)
    assert "Traceback" not in err


def test_the_agents_state_is_for_one_agent_alone(run: Run, tmp_path: Path, state_folder: Path) -> None:
    for folder, options in ((tmp_path, ["--state", str(tmp_path)]), (state_folder / "banksman" / "warehouse", [])):
        with FleetStore(folder):
            code, _, err = run("edge", "run", "--mqtt", "mqtt://127.0.0.1", *options)
        assert code == 1
        assert f"another agent keeps its state in {folder}" in err


def test_the_version_that_vehicles_speak_reaches_the_agent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Settings] = []

    def record(_site: Site, settings: Settings, **_options: object) -> Agent:
        built.append(settings)
        raise BanksmanError("enough")

    monkeypatch.setattr(Agent, "build", record)
    for options in ([], ["--vda-version", "3.0.0"]):
        assert run("edge", "run", "--mqtt", "mqtt://127.0.0.1", *options)[0] == 1
    assert [settings.vda_version for settings in built] == ["2.1.0", "3.0.0"]


def test_a_file_that_is_no_sound_is_refused_before_it_is_sent(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(b"no sound")
    with broker() as running:
        code, _, err = run("say", path, "--mqtt", running.url)
    assert code == 1
    assert err.splitlines()[-1] == f"banksman: {path} is not a sound that can be read; use WAV, FLAC, Ogg or MP3"


@pytest.mark.parametrize("subcommand", [["say"], ["eval"], ["edge"], ["edge", "run"]])
def test_help_has_an_example(run: Run, subcommand: list[str]) -> None:
    code, out, _ = run(*subcommand, "--help")
    assert code == 0
    assert "Example" in out
    assert f"banksman {' '.join(subcommand)}" in out


def test_the_bundled_site_is_the_default(run: Run) -> None:
    assert bundled_site().is_dir()
    assert "the bundled example" in run("say", "--help")[1]


class _Told:
    """A client that has these events to tell, one after the other."""

    def __init__(self, *events: tuple[str, dict[str, Any]]) -> None:
        self._events = list(events)

    def next(self, _key: str, _timeout_s: float) -> tuple[str, dict[str, Any]]:
        if not self._events:
            raise BanksmanError("nothing came")
        return self._events.pop(0)


DONE = ("plan", {"state": "done"})


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([DONE, ("reply", {"text": "The plan is done."})], "The plan is done."),
        ([DONE, ("order", {}), ("reply", {"text": "The plan is done."})], "The plan is done."),
        ([DONE], ""),
    ],
)
def test_say_waits_until_it_is_told_that_the_plan_is_done(
    capsys: pytest.CaptureFixture[str], events: list[tuple[str, dict[str, Any]]], told: str
) -> None:
    client: Any = _Told(*events)
    accepted = {"decision": "accept", "command": {"action": "plan"}, "reason": ""}
    _Conversation(client, "x", 1.0).finish(accepted, yes=True)
    assert capsys.readouterr().err.strip() == told
