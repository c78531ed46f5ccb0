"""A stop word spotted in the sound: what is halted, at once or after the name, and what becomes of its sentence."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from plant import eventually, running_plant
from stream_world import in_a_room, quiet, spoken

from banksman_edge import Agent, DecisionEvent, Sound, Transcript, Utterance, Verdict
from banksman_edge.app.early_stop import LONGEST_WAIT_S, NAME_WAIT_S, EarlyStops
from banksman_edge.streams.events import StopHeard
from banksman_edge.streams.headsets import NOBODY, Wearer
from banksman_edge.utterance import Spoken
from banksman_shared.actions import Action
from banksman_shared.broker import RunningBroker
from banksman_shared.clock import ManualClock
from banksman_shared.errors import SiteError
from banksman_shared.site import EarlyStop, Site, bundled_site, load_site

SPOTTED = StopHeard("headset", 1.0, 0.97)


class Once:
    """Hears a stop word in the first window that it is shown, and in no other."""

    window_s, hop_s, threshold = 0.5, 0.1, 0.5
    words = frozenset[str]()

    def __init__(self) -> None:
        self._left = 1

    def probability(self, window: Any) -> float:  # noqa: ARG002  it does not listen
        self._left -= 1
        return 0.97 if self._left >= 0 else 0.0


class Deaf:
    """What is said comes with its transcript; nothing else is recognised."""

    def transcribe(self, sound: Sound) -> Transcript:  # noqa: ARG002
        return Transcript("", "en", 0.0)


Listening = Callable[[EarlyStop], Agent]


@pytest.fixture
def listening(site: Site, fleet: FleetDouble, heard: Recorder) -> Iterator[Listening]:
    """Starts an agent of a site with that choice."""
    agents = []

    def start(choice: EarlyStop) -> Agent:
        agent = agent_of(dataclasses.replace(site, early_stop=choice), fleet, heard, recogniser=Deaf())
        agents.append(agent)
        return agent.start()

    yield start
    for agent in agents:
        agent.close()


def spot(agent: Agent, speech: dict[str, Sound]) -> None:
    """Somebody speaks into the headset, and a stop word is spotted in it."""
    agent.headsets.spot_stops(Once())
    agent.headsets.open("headset", Wearer("ann")).feed(in_a_room(quiet(0.5), spoken(speech["en-stop"])))


def sentence(agent: Agent, text: str) -> DecisionEvent:
    """What the stream hands on when the sentence around the stop word is over."""
    now = time.monotonic()
    said = Spoken(Transcript(text, "en", 0.95), now - 2.0, now)
    sound = Sound(np.zeros(16_000, np.float32))
    return agent.decision(agent.submit(Utterance(sound=sound, spoken=said, device="headset", operator="ann")))


# What is halted


def test_the_word_alone_halts_everything_and_its_sentence_halts_nothing_again(
    listening: Listening, heard: Recorder, fleet: FleetDouble, speech: dict[str, Sound]
) -> None:
    agent = listening(EarlyStop.ALL)
    spot(agent, speech)
    early = heard.until(lambda e: e.name == "decision")
    assert (early.verdict, early.commands[0].vehicles) == (Verdict.ACCEPT, ("*",))
    assert "spotted in the sound" in early.reason
    late = sentence(agent, "Stop!")
    assert (late.verdict, late.commands[0].action) == (Verdict.ACCEPT, Action.STOP)
    assert early.id in late.reason
    assert [order[0].vehicles for order in fleet.given()] == [("*",)]
    assert len(heard.of("reply")) == 1


def test_another_stop_a_little_later_is_carried_out(
    listening: Listening, heard: Recorder, fleet: FleetDouble, speech: dict[str, Sound]
) -> None:
    agent = listening(EarlyStop.ALL)
    spot(agent, speech)
    heard.until(lambda e: e.name == "decision")
    sentence(agent, "Stop!")
    other = Spoken(Transcript("stop", "en", 0.95), time.monotonic() + 1, time.monotonic() + 2)
    key = agent.submit(Utterance(sound=Sound(np.zeros(800, np.float32)), spoken=other, device="headset"))
    assert agent.decision(key).verdict is Verdict.ACCEPT
    assert len(fleet.given(2)) == 2


def test_a_site_that_wants_no_early_stop_waits_for_the_sentence(
    listening: Listening, fleet: FleetDouble, speech: dict[str, Sound]
) -> None:
    agent = listening(EarlyStop.OFF)
    spot(agent, speech)
    sentence(agent, "forklift three, stop")
    assert [order[0].vehicles for order in fleet.given()] == [("forklift-3",)]


def test_a_name_in_the_sentence_halts_those_named(
    listening: Listening, heard: Recorder, fleet: FleetDouble, speech: dict[str, Sound]
) -> None:
    agent = listening(EarlyStop.NAMED)
    spot(agent, speech)
    sentence(agent, "forklift three, stop")
    time.sleep(NAME_WAIT_S + 0.2)  # nothing else must come of it
    assert [order[0].vehicles for order in fleet.given()] == [("forklift-3",)]
    assert len(heard.of("decision")) == 1


def test_no_name_in_time_halts_everything(
    listening: Listening, heard: Recorder, fleet: FleetDouble, speech: dict[str, Sound]
) -> None:
    spot(listening(EarlyStop.NAMED), speech)
    assert heard.until(lambda e: e.name == "decision").commands[0].vehicles == ("*",)
    assert [order[0].action for order in fleet.given()] == [Action.STOP]


def test_a_sentence_that_was_heard_as_something_else_halts_everything(
    listening: Listening, heard: Recorder, fleet: FleetDouble, speech: dict[str, Sound]
) -> None:
    agent = listening(EarlyStop.NAMED)
    spot(agent, speech)
    sentence(agent, "forklift three, shop")
    assert heard.of("decision")[0].commands[0].vehicles == ("*",)
    assert fleet.given()[0][0].action is Action.STOP


@pytest.mark.parametrize(("speaks_on", "waited_s"), [(False, NAME_WAIT_S), (True, LONGEST_WAIT_S)])
def test_a_name_is_waited_for_longer_while_the_operator_speaks_on(
    clock: ManualClock, speaks_on: bool, waited_s: float
) -> None:
    halted: list[float] = []
    began = clock.monotonic()

    def halt(_heard: StopHeard, _wearer: Wearer) -> str:
        halted.append(clock.monotonic() - began)
        return "id"

    stops = EarlyStops(EarlyStop.NAMED, clock, halt, lambda _device: speaks_on)
    stops.heard(SPOTTED, NOBODY)
    while clock.monotonic() - began < waited_s - 0.1:
        clock.advance(0.1)
        time.sleep(0.03)
    assert not halted
    clock.advance(0.2)
    eventually(lambda: bool(halted), "everything is halted")
    assert halted == [pytest.approx(waited_s + 0.1, abs=0.11)]


# What vehicles do


def test_stopped_vehicles_stand_still_whatever_the_sentence_says_until_somebody_resumes(
    mqtt_broker: RunningBroker, site: Site, speech: dict[str, Sound]
) -> None:
    with running_plant(site, mqtt_broker.url, recogniser=Deaf(), speed_up=1.0) as plant:
        plant.agent.say("forklift one, go to dock four")
        eventually(lambda: plant.sim.state("forklift-1").driving is True, "it drives")
        spot(plant.agent, speech)
        eventually(lambda: all(plant.sim.state(v).paused for v in site.vehicles), "all are paused")
        misheard = sentence(plant.agent, "tugger one, go to the workshop")
        assert misheard.verdict is Verdict.REJECT
        assert "resume" in plant.heard.texts(misheard.id)[0]
        assert all(view.stopped for view in plant.fleet.vehicles().values())
        plant.agent.say("forklift one, resume")
        eventually(lambda: not plant.sim.state("forklift-1").paused, "it goes on")
        assert plant.sim.state("tugger-1").paused


# What the site chooses


@pytest.mark.parametrize("choice", list(EarlyStop))
def test_the_site_chooses(tmp_path: Path, choice: EarlyStop) -> None:
    assert load_site(_site_with(tmp_path, f'[stop]\nearly = "{choice}"\n')).early_stop is choice


def test_everything_is_halted_where_the_site_says_nothing() -> None:
    assert load_site(bundled_site()).early_stop is EarlyStop.ALL


def test_a_choice_that_there_is_not_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = _site_with(tmp_path, '[stop]\nearly = "maybe"\n')
    lines = (folder / "site.toml").read_text(encoding="utf-8").splitlines()
    line = lines.index('early = "maybe"') + 1
    with pytest.raises(SiteError, match=f"site.toml:{line}: 'stop.early'"):
        load_site(folder)


def _site_with(folder: Path, table: str) -> Path:
    site = folder / "site"
    shutil.copytree(bundled_site(), site)
    with (site / "site.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{table}")
    return site
