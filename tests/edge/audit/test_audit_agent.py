"""What an agent writes down, who reads it, and what ordinary logs must not hold."""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from edge_world import PATIENCE_S, FleetDouble, Recorder, ScriptedModel, agent_of
from operators_world import PEOPLE, PIN, with_people

from banksman_edge import Agent, Answer, FleetService, Sound, Transcript, Utterance, Verdict
from banksman_edge.audit import AuditLog, AuditTrail, Record, about_agent, audit_dir, read_records, verify
from banksman_edge.audit.chain import Chain
from banksman_edge.audit.log import WATCH_S
from banksman_edge.audit.segments import segments
from banksman_edge.cli.audit import audit
from banksman_edge.cli.operators import operators
from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Problem
from banksman_edge.fleet.model import Code
from banksman_edge.operators.pin import pin_fits
from banksman_edge.plans import Leaving
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_firmware_sim import SimulatedFleet
from banksman_shared.actions import Action
from banksman_shared.broker import RunningBroker
from banksman_shared.commands import Command
from banksman_shared.errors import LanguageModelError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site

ORDER = "forklift three, go to dock two"


@contextmanager
def audited(site: Site, fleet: FleetDouble, heard: Recorder, state: Path, *more: Any, **parts: Any) -> Iterator[Agent]:
    with AuditLog(audit_dir(state), 90) as log, agent_of(site, fleet, heard, *more, **parts) as agent:
        trail = AuditTrail(site, log)
        trail.note("started", about_agent(site))
        agent.keep(trail)
        yield agent


def of(state: Path, key: str) -> list[Record]:
    return [record for record in read_records(audit_dir(state)) if record.data.get("utterance") == key]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(audit, [*arguments], catch_exceptions=False, standalone_mode=False)
    return done.exit_code, done.output


def test_everything_about_an_order_is_written_down_under_its_id(
    site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path
) -> None:
    with audited(with_people(site), fleet, heard, tmp_path) as agent:
        key = agent.submit(Utterance(text=ORDER, device="headset-7"))
        agent.decision(key)
        heard.until_reply("Forklift 3", key=key)
        fleet.drive()
        assert agent.wait(key, PATIENCE_S)
        refused = agent.submit(Utterance(text="tugger one, go to dock two", operator="ben", device="headset-7"))
        agent.decision(refused)
    records = of(tmp_path, key)
    assert [r.kind for r in records] == [
        "utterance",
        "transcript",
        "decision",
        "reply",
        *["order"] * 4,
        "reply",
        "order",
    ]
    assert {r.data["operator"] for r in records} == {"anna"}
    decision = next(r.data for r in records if r.kind == "decision")
    assert decision["by"] == {"operator": "anna", "proof": "device", "roles": ["driver"]}
    assert decision["command"] == {"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}
    said = of(tmp_path, refused)
    assert said[0].data["claimed"] == "ben"
    assert [r.data["reason"] for r in said if r.kind == "decision"] == ["you may not give the order 'move'"]
    started = next(r for r in read_records(audit_dir(tmp_path)) if r.kind == "started")
    assert started.data["operators"]["anna"] == {"roles": ["driver"], "devices": ["headset-7"]}
    assert verify(audit_dir(tmp_path)).fault == ""


def test_log_ins_are_written_down_and_pins_are_not(
    site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path
) -> None:
    with audited(with_people(site), fleet, heard, tmp_path) as agent:
        for pin in ("987654321", PIN + "5678"):
            agent.decision(agent.submit(Utterance(operator="anna", device="d", pin=pin)))
    logins = [r.data for r in read_records(audit_dir(tmp_path)) if r.kind == "login"]
    assert logins == [{"operator": "anna", "device": "d", "outcome": "wrong"}] * 2
    text = b"".join(path.read_bytes() for path in segments(audit_dir(tmp_path)))
    assert b"987654321" not in text
    assert b"scrypt" not in text


def test_what_goes_to_vehicles_is_written_down(site: Site, mqtt_broker: RunningBroker, tmp_path: Path) -> None:
    settings, heard = MqttSettings(mqtt_broker.url), Recorder()
    with ExitStack() as stack:
        log = stack.enter_context(AuditLog(audit_dir(tmp_path), 90))
        trail = AuditTrail(site, log)
        stack.enter_context(SimulatedFleet.from_site(site, settings, speed_up=20))
        fleet = stack.enter_context(FleetService(site, settings, overhear=trail.sent))
        agent = stack.enter_context(agent_of(site, fleet, heard))
        agent.keep(trail)
        ends = time.monotonic() + PATIENCE_S
        while not all(view.idle for view in fleet.vehicles().values()):
            assert time.monotonic() < ends
            time.sleep(0.05)
        key = agent.say(ORDER).id
        assert agent.wait(key, PATIENCE_S)
        stop = agent.say("stop").id
        assert agent.wait(stop, PATIENCE_S)
    sent = [r.data for r in read_records(audit_dir(tmp_path)) if r.kind == "sent"]
    order = next(data for data in sent if data["topic"] == "order")
    assert (order["vehicle"], order["delivered"]) == ("forklift-3", True)
    assert order["nodes"][0] == site.places[site.vehicles["forklift-3"].home].node
    paused = {data["vehicle"] for data in sent if data.get("actions") == ["startPause"]}
    assert paused == set(site.vehicles)


# Reading it with one command


@pytest.fixture
def written(site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    keys = {}
    with audited(with_people(site), fleet, heard, tmp_path) as agent:
        for name, text, device in (
            ("anna", ORDER, "headset-7"),
            ("ben", "tugger one, go to dock two", "headset-9"),
            ("guest", "stop", "headset-1"),
        ):
            keys[name] = agent.submit(Utterance(text=text, device=device))
            agent.decision(keys[name])
    return tmp_path, keys


def test_show_prints_a_line_a_record_and_filters(written: tuple[Path, dict[str, str]]) -> None:
    state, keys = written
    where = ("--state", str(state))
    _, everything = run("show", *where)
    assert len(everything.splitlines()) == len(list(read_records(audit_dir(state))))
    assert "'forklift three, go to dock two' (?, 1.00)" in everything
    _, annas = run("show", *where, "--operator", "anna")
    assert keys["anna"] in annas
    assert keys["ben"] not in annas
    _, tuggers = run("show", *where, "--vehicle", "tugger-1")
    assert keys["ben"] in tuggers
    assert keys["guest"] in tuggers  # a stop for everybody is one for tugger 1
    assert keys["anna"] not in tuggers
    _, one = run("show", *where, "--utterance", keys["guest"])
    assert {line.rpartition("[")[2] for line in one.splitlines()} == {f"{keys['guest']}]"}
    assert run("show", *where, "--since", "2100-01-01")[1] == ""
    assert run("show", *where, "--until", "2020-01-01T00:00:00Z")[1] == ""
    assert run("show", *where, "--since", "2020-01-01", "--until", "2100-01-01")[1] == everything


def test_what_was_asked_for_an_utterance_later_is_shown_with_it(
    written: tuple[Path, dict[str, str]], site: Site
) -> None:
    state, keys = written
    key = keys["anna"]
    with AuditLog(audit_dir(state), 90) as log:
        trail = AuditTrail(site, log)
        for asked in (key, f"{key}/again/1", f"{key}/anew/2", f"{key}0/again/1", keys["ben"]):
            trail.left(Leaving("http://planner/v1/plans", "POST", "{}", "", asked))
    output = run("show", "--state", str(state), "--utterance", key)[1]
    shown = [line.rpartition("[")[2].rstrip("]") for line in output.splitlines() if " left " in line]
    assert shown == [key, f"{key}/again/1", f"{key}/anew/2"]
    assert "utterance" in output


def test_a_time_that_is_none_is_bad_usage(written: tuple[Path, dict[str, str]]) -> None:
    done = CliRunner().invoke(audit, ["show", "--state", str(written[0]), "--since", "yesterday"])
    assert (done.exit_code, "is no ISO 8601 time" in done.output) == (2, True)


def test_verify_says_that_it_holds_or_where_it_does_not(written: tuple[Path, dict[str, str]]) -> None:
    state = written[0]
    _, output = run("verify", "--state", str(state))
    head = output.split()[-1]
    assert "the chain holds" in output
    assert run("verify", "--state", str(state), "--expect", head)[1] == output
    (path,) = segments(audit_dir(state))
    path.write_bytes(path.read_bytes().replace(b"forklift three", b"forklift four!", 1))
    with pytest.raises(Exception, match=r"the chain is broken at audit-000000000001.jsonl:4: "):
        run("verify", "--state", str(state))


def test_export_writes_the_records_as_they_are(written: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    state, keys = written
    target = tmp_path / "out.jsonl"
    run("export", str(target), "--state", str(state), "--utterance", keys["anna"])
    records = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [record["kind"] for record in records] == [record.kind for record in of(state, keys["anna"])]
    lines = b"".join(path.read_bytes() for path in segments(audit_dir(state))).splitlines()
    assert set(target.read_bytes().splitlines()) <= set(lines)
    assert target.stat().st_mode & 0o077 == 0


def test_every_kind_of_record_can_be_shown(site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path) -> None:
    with audited(with_people(site), fleet, heard, tmp_path) as agent:
        agent.decision(agent.submit(Utterance(operator="anna", pin=PIN)))
        agent.decision(agent.submit(Utterance(text="move five pallets from aisle one to dock two", device="headset-9")))
        heard.until(lambda e: e.name == "plan")
        agent.decision(agent.submit(Utterance(text="forklift one park, then forklift two park", device="headset-9")))
        fleet.tell("queued", vehicle="forklift-1")
        heard.until(lambda e: e.name == "order")
    kinds = {line.split()[3] for line in run("show", "--state", str(tmp_path))[1].splitlines()}
    assert kinds == {"begun", "started", "login", "utterance", "transcript", "decision", "reply", "plan", "order"}


def test_nobody_writes_lines_of_their_own_into_what_is_shown(
    site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path
) -> None:
    forged = "x\n2026-11-26T00:00:00.000Z       1  ben         decision    accept\x1b[2K\u2028\u202e"
    with audited(with_people(site), fleet, heard, tmp_path) as agent:
        agent.decision(agent.submit(Utterance(text="stop", operator=forged, device=forged, id=forged)))
        agent.decision(agent.submit(Utterance(operator=forged, pin=PIN)))
        agent.refuse("u2", forged)
    with AuditLog(audit_dir(tmp_path), 90) as log:
        log.append("decision", {"operator": ["ben"], "claimed": forged})  # without what a decision has
    lines = run("show", "--state", str(tmp_path))[1].split("\n")
    assert len(lines) - 1 == len(list(read_records(audit_dir(tmp_path))))
    assert all(line.isprintable() for line in lines)
    assert "on x\\n2026" in lines[2]


def test_the_line_for_a_pin_is_printed() -> None:
    done = CliRunner().invoke(operators, ["pin"], input="4711\n", catch_exceptions=False)
    assert done.exit_code == 0
    key, _, value = done.output.strip().partition(" = ")
    assert key == "pin"
    assert pin_fits("4711", json.loads(value))
    assert "4711" not in done.output


# A disk that is full stops nobody from stopping


def test_with_a_full_disk_vehicles_are_stopped_and_it_is_said(
    site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with audited(site, fleet, heard, tmp_path) as agent:
        agent.say("where is forklift one")
        while not segments(audit_dir(tmp_path)) or not of(tmp_path, heard.events[0].id):
            time.sleep(0.02)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = segments(audit_dir(tmp_path))[0].stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            agent.say(ORDER)
            heard.until_reply("Note: the audit log cannot be written.")
            assert agent.say("stop").verdict is Verdict.ACCEPT
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        stop = heard.of("decision")[-1].id
        assert [commands[0].action for commands in fleet.orders] == ["move", "stop"]
    assert "cannot be written" in caplog.text
    assert [r.kind for r in of(tmp_path, stop)][:3] == ["utterance", "transcript", "decision"]
    assert verify(audit_dir(tmp_path)).fault == ""


def test_that_nothing_is_written_is_told_to_somebody_who_is_there(
    site: Site, fleet: FleetDouble, heard: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> int:
        raise OSError("no")

    monkeypatch.setattr(Chain, "write", fail)
    with audited(site, fleet, heard, tmp_path) as agent:
        fleet.submit("before-a-restart", [Command(Action.PARK, ("forklift-1",))])
        fleet.tell("running")  # nobody's that is here
        agent.refuse("unreadable", "not an utterance")
        time.sleep(2 * WATCH_S)
        assert "Note: the audit log cannot be written." not in heard.texts()
        key = agent.submit(Utterance(text="where is forklift one", device="headset-7"))
        agent.refuse("unreadable, too", "not an utterance")
        told = heard.until_reply("Note: the audit log cannot be written.")
    assert (told.id, told.device) == (key, "headset-7")


# Ordinary logs hold no words of operators

CANARY = "zanzibar"
SAID = [
    f"forklift three, go to dock two {CANARY}",
    f"would you have forklift three take the {CANARY} to dock two",
    "move five pallets from aisle one to dock two",  # the planner's error holds other words
    f"stop {CANARY}",
    f"dock ninety {CANARY}",
    f"{CANARY} {CANARY}",
]


class Saboteur:
    """Fails with words of the operator in the error, in whatever way it is asked to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def transcribe(self, _sound: Sound) -> Transcript:
        raise self._error

    def propose(self, *_: Any) -> Any:
        raise self._error

    def cancel(self, _plan: str) -> None:
        raise self._error


@pytest.mark.parametrize("error", [PlannerError, RuntimeError, LanguageModelError, KeyError])
def test_ordinary_logs_hold_nothing_of_what_was_said(
    site: Site,
    fleet: FleetDouble,
    heard: Recorder,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    error: Callable[[str], Exception],
) -> None:
    caplog.set_level(logging.DEBUG)
    failing = Saboteur(error(f"cannot do '{SAID[1]}'"))
    fleet.refusal = Problem(Code.BUSY, f"{CANARY} is busy", "forklift-3")

    def stumble(event: Any) -> None:
        raise RuntimeError(str(event))

    class Planning(ScriptedModel):
        """Fails, but where a plan is wanted."""

        def answer(self, sentence: Tagged) -> Answer:
            return Answer("plan", 0.95) if "five" in sentence.text else super().answer(sentence)

    model = Planning(error(SAID[0]))
    people = with_people(site, PEOPLE + '\n[access]\ntrust = ["operator"]\n')
    with audited(people, fleet, heard, tmp_path, model, recogniser=failing, planner=failing) as agent:
        for name in ("transcript", "reply", "decision"):
            agent.on(name, stumble)
        for text in SAID:
            for operator in ("ben", None):
                agent.decision(agent.submit(Utterance(text=text, operator=operator, id=f"{operator}-{hash(text)}")))
        agent.submit(Utterance(text=SAID[0], id="again"))
        agent.submit(Utterance(text=SAID[0], id="again"))
        agent.hear(Sound(np.zeros(16000, np.float32)))
        heard.until(lambda e: e.name == "plan" and e.plan.state.ended)  # failed, or the stop came before that
    heard_of_it = [r for r in read_records(audit_dir(tmp_path)) if CANARY in json.dumps(r.data)]
    assert len(heard_of_it) > len(SAID)
    assert caplog.records
    formatter = logging.Formatter()
    told = [text for record in caplog.records if CANARY in (text := formatter.format(record))]
    assert told == []


def test_libraries_say_nothing_of_what_goes_over_the_wire_however_much_is_asked_of_us() -> None:
    program = """
import logging
from banksman_shared.cli import banksman
banksman(["-vv", "site", "check"], standalone_mode=False)
names = ("banksman_edge.app.agent", "websockets.server")
print(*(logging.getLogger(name).isEnabledFor(logging.INFO) for name in names))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True False"
