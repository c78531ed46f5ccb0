"""Streams of an agent: what is said in them is done; the same words heard by two headsets are done once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from stream_world import Inline, ScriptedSpotter, in_a_room, quiet, soft_and_loud, spoken

from banksman_edge import Agent, Sound, Transcript, Utterance, Verdict, WhisperRecogniser
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import RecogniserError
from banksman_edge.streams import AudioStream, StreamEvent
from banksman_edge.streams.headsets import Wearer
from banksman_edge.turns.duplicates import ALIKE, likeness, voiceprint
from banksman_shared.actions import Action
from banksman_shared.clock import ManualClock
from banksman_shared.commands import STOP_ALL
from banksman_shared.site import Site

MOVE = "forklift three, go to dock two"
OTHER = "forklift one, go to dock four"


class ByLength:
    """Hears a text that depends on how long the sound is: the two clips of these tests are told apart by it."""

    def __init__(self, short: str, long: str) -> None:
        self.short, self.long = short, long

    def transcribe(self, sound: Sound) -> Transcript:
        return Transcript(self.short if sound.seconds < 3.3 else self.long, "en", 0.95)


@pytest.fixture(scope="module")
def short(speech: dict[str, Sound]) -> Any:
    return spoken(speech["pt-move"])  # 2 s


@pytest.fixture(scope="module")
def long(speech: dict[str, Sound]) -> Any:
    return spoken(speech["en-sequence"])  # 3.2 s


Listening = Callable[..., Agent]


@pytest.fixture
def listening(site: Site, fleet: FleetDouble, heard: Recorder) -> Iterator[Listening]:
    """Starts an agent that hears these texts."""
    agents = []

    def start(short: str = MOVE, long: str = OTHER, **parts: Any) -> Agent:
        agents.append(agent_of(site, fleet, heard, recogniser=ByLength(short, long), **parts).start())
        return agents[-1]

    yield start
    for agent in agents:
        agent.close()


def farther(samples: Any) -> Any:
    """The same sound at a microphone that is farther away: weaker, in a room, a little later."""
    rng = np.random.default_rng(3)
    room = rng.normal(size=3200) * np.exp(-np.arange(3200) / 600)
    room[0] = 3
    echoed = np.convolve(samples, room / np.sqrt(np.square(room).sum()))[: len(samples)] * 0.15
    return np.concatenate([quiet(0.1), echoed.astype(np.float32)])


def play(*parts: tuple[AudioStream, Any], clock: ManualClock | None = None) -> None:
    """Sounds at several headsets at the same time, as fast as they can be heard; ``clock`` goes as the sounds do."""
    block = 1600
    longest = max(len(sound) for _, sound in parts)
    for at in range(0, longest, block):
        if clock:
            clock.advance(block / SAMPLE_RATE)
        for stream, sound in parts:
            if len(sound[at : at + block]):
                stream.feed(sound[at : at + block])


def test_what_is_said_to_a_headset_is_done_and_told_by_its_name(
    listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any
) -> None:
    events: list[StreamEvent] = []
    stream = listening().headsets.open("headset-1", Wearer("ann", "en"), listener=events.append)
    play((stream, in_a_room(quiet(1), short, quiet(2))))
    decision = heard.until(lambda e: e.name == "decision")
    assert decision.verdict is Verdict.ACCEPT
    assert fleet.given()[0][0].vehicles == ("forklift-3",)
    said = heard.of("utterance")[0]
    assert (said.device, said.operator, said.id) == ("headset-1", "ann", decision.id)
    assert 1 < said.seconds < 4
    assert [event.name for event in events][-1] == "final"
    assert heard.until(lambda e: e.name == "reply").device == "headset-1"


def test_a_headset_that_is_only_written_down_moves_nothing(
    listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any
) -> None:
    events: list[StreamEvent] = []
    agent = listening()
    play((agent.headsets.open("dictation", obeyed=False, listener=events.append), in_a_room(short, quiet(2))))
    while not events or events[-1].name != "final":
        time.sleep(0.01)
    agent.say("where is forklift one")
    assert [utterance.device for utterance in heard.of("utterance")] == [None]
    assert fleet.orders == []


def test_two_headsets_hear_different_orders(
    listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any, long: Any
) -> None:
    headsets = listening().headsets
    play(
        (headsets.open("one"), in_a_room(quiet(1), short, quiet(3))),
        (headsets.open("two"), in_a_room(quiet(1), long, quiet(2))),
    )
    for count in (1, 2):
        heard.until(lambda _e, count=count: len(heard.of("decision")) >= count)
    assert {e.verdict for e in heard.of("decision")} == {Verdict.ACCEPT}
    assert {order[0].vehicles for order in fleet.given(2)} == {("forklift-3",), ("forklift-1",)}


@pytest.mark.parametrize("near", ["one", "two"])
def test_the_same_words_at_two_headsets_are_done_once_as_the_nearer_one_heard_them(
    listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any, near: str
) -> None:
    clock = ManualClock()
    headsets = listening(clock=clock).headsets
    near_sound = in_a_room(quiet(1), short, quiet(2.5))
    far_sound = in_a_room(quiet(1), farther(short), quiet(2.4))
    streams = [headsets.open("one"), headsets.open("two")]
    play(*zip(streams, (near_sound, far_sound) if near == "one" else (far_sound, near_sound), strict=True), clock=clock)
    heard.until(lambda _e: len(heard.of("decision")) == 2)
    devices = {e.id: e.device for e in heard.of("utterance")}
    verdicts = {devices[e.id]: e.verdict for e in heard.of("decision")}
    assert verdicts == {near: Verdict.ACCEPT, ({"one", "two"} - {near}).pop(): Verdict.REJECT}
    (dropped,) = (e for e in heard.of("decision") if e.verdict is Verdict.REJECT)
    assert f"{near} heard the same words, which count once" in dropped.reason
    assert len(fleet.given(1)) == 1
    assert {devices[reply.id] for reply in heard.of("reply")} == {near}


def test_what_the_farther_headset_misheard_is_not_done(
    listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any
) -> None:
    """The farther one hears a longer sound, for which the recogniser writes another vehicle."""
    agent = listening()
    now = time.monotonic()
    texts = (("near", MOVE, short), ("far", OTHER, farther(short)))
    for device, text, sound in texts:
        spoken_text = Transcript(text, "en", 0.9)
        agent.submit(_from_stream(device, spoken_text, np.concatenate([sound, quiet(1)]), now))
    heard.until(lambda _e: len(heard.of("decision")) == 2)
    assert [e.verdict for e in heard.of("decision")] == [Verdict.ACCEPT, Verdict.REJECT]
    assert [order[0].vehicles for order in fleet.given()] == [("forklift-3",)]


def _from_stream(device: str, transcript: Transcript, samples: Any, ended: float) -> Utterance:
    from banksman_edge.utterance import Spoken  # noqa: PLC0415

    sound = Sound(np.asarray(samples, np.float32))
    return Utterance(sound=sound, device=device, spoken=Spoken(transcript, ended - sound.seconds, ended))


def test_two_devices_that_send_the_same_words_over_mqtt_are_one(
    listening: Listening, heard: Recorder, fleet: FleetDouble
) -> None:
    agent = listening()
    ids = [agent.submit(Utterance(text=MOVE, language="en", device=device)) for device in ("one", "two", "two")]
    verdicts = [agent.decision(key).verdict for key in ids]
    assert verdicts == [Verdict.ACCEPT, Verdict.REJECT, Verdict.REJECT]
    assert len(fleet.given(1)) == 1


def test_one_device_may_say_the_same_twice_and_another_a_moment_later(
    site: Site, fleet: FleetDouble, heard: Recorder, clock: Any
) -> None:
    with agent_of(site, fleet, heard, clock=clock) as agent:
        for device, pause_s in (("one", 0), ("one", 0), ("two", 2)):
            clock.advance(pause_s)
            key = agent.submit(Utterance(text=MOVE, language="en", device=device))
            assert agent.decision(key).verdict is Verdict.ACCEPT
    assert len(fleet.given(3)) == 3


def test_different_plans_asked_for_at_once_are_two(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        texts = (
            "move four pallets from inbound to aisle three within ten minutes",
            "move two pallets from inbound to aisle five within ten minutes",
        )
        ids = [agent.submit(Utterance(text=text, language="en", device=text[5:9])) for text in texts]
        assert [agent.decision(key).commands[0].action for key in ids] == [Action.PLAN] * 2
        assert [agent.decision(key).verdict for key in ids] == [Verdict.ACCEPT] * 2


def test_a_stop_acts_at_both_headsets(listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any) -> None:
    headsets = listening(short="stop!", long="stop!").headsets
    sound = in_a_room(quiet(1), short, quiet(2))
    play((headsets.open("one"), sound), (headsets.open("two"), sound))
    heard.until(lambda _e: len(heard.of("decision")) == 2)
    assert [order[0].action for order in fleet.given(2)] == [Action.STOP] * 2


def test_a_headset_that_talks_on_keeps_the_other_waiting_for_a_moment_only(
    listening: Listening, heard: Recorder, fleet: FleetDouble, short: Any
) -> None:
    """Both begin to speak; one goes on and is never heard to the end."""
    headsets = listening().headsets
    one, two = headsets.open("one"), headsets.open("two")
    play((one, in_a_room(quiet(1), short, quiet(1))), (two, in_a_room(quiet(1), short, short)))
    heard.until(lambda e: e.name == "decision" and e.verdict is Verdict.ACCEPT)
    assert [e.device for e in heard.of("utterance")] == ["one"]


def test_an_order_that_is_understood_too_late_is_dropped_and_a_stop_is_not(
    site: Site, fleet: FleetDouble, heard: Recorder, clock: Any, short: Any
) -> None:
    class Overrun:
        texts = [MOVE, "stop!"]  # noqa: RUF012  one for each utterance

        def transcribe(self, _sound: Sound) -> Transcript:
            clock.advance(11)
            return Transcript(self.texts.pop(0), "en", 0.95)

    with agent_of(site, fleet, heard, recogniser=Overrun(), clock=clock) as agent:
        for count, verdict in ((1, Verdict.REJECT), (2, Verdict.ACCEPT)):
            stream = agent.headsets.open("one", push_to_talk=True)
            stream.press()
            stream.feed(in_a_room(short))
            stream.release()
            heard.until(lambda _e, count=count: len(heard.of("decision")) >= count)
            assert heard.of("decision")[-1].verdict is verdict
    assert "too late" in heard.of("decision")[0].reason
    assert [order[0].action for order in fleet.given()] == [Action.STOP]


class Spotter:
    """Hears a stop in everything."""

    window_s, hop_s, threshold = 0.5, 0.1, 0.5
    words = frozenset[str]()

    def probability(self, window: Any) -> float:  # noqa: ARG002  it hears everything
        return 0.97


def test_a_stop_word_in_the_sound_stops_everybody_before_the_sentence_ends(
    listening: Listening, heard: Recorder, fleet: FleetDouble, long: Any
) -> None:
    agent = listening(long="no words for us")
    agent.headsets.spot_stops(Spotter())
    events: list[StreamEvent] = []
    stream = agent.headsets.open("headset-1", Wearer("ann"), listener=events.append)
    stream.feed(in_a_room(quiet(1), long[: 2 * SAMPLE_RATE]))
    heard.until(lambda e: e.name == "decision")
    assert fleet.given()[0] == (STOP_ALL,)
    assert "endpoint" not in [event.name for event in events]


@pytest.mark.parametrize(
    ("transcript", "stops"),
    [
        (Transcript("He said that it had rained all day", "en", 0.95), 0),
        (Transcript("He said that it had rained all day!", "en", 0.95), 1),
        (Transcript("He said that the pallet was at dock two", "en", 0.95), 1),
        (Transcript("Forklift three, I told you to go to dock two", "en", 0.95), 1),
        (Transcript("Forklift three, slow down", "en", 0.95), 1),
        (Transcript("Forklift three, go to dock ninety", "en", 0.95), 1),
    ],
)
def test_only_talk_that_names_nothing_of_the_site_makes_a_conversation(
    site: Site,
    fleet: FleetDouble,
    heard: Recorder,
    long: Any,
    monkeypatch: pytest.MonkeyPatch,
    transcript: Transcript,
    stops: int,
) -> None:
    class Hears:
        def transcribe(self, _sound: Sound) -> Transcript:
            return transcript

    class Watch(Inline):
        def close(self) -> None:
            """It has no thread."""

    monkeypatch.setattr("banksman_edge.streams.headsets.StopWatch", Watch)
    events: list[StreamEvent] = []
    soft, word = soft_and_loud(long)
    clock = ManualClock()
    with agent_of(site, fleet, heard, recogniser=Hears(), clock=clock) as agent:
        agent.headsets.spot_stops(ScriptedSpotter(sure=0.8))
        stream = agent.headsets.open("headset", listener=events.append)
        for count in (1, 2, 3):
            play((stream, in_a_room(quiet(0.5), soft, quiet(1.5))), clock=clock)
            heard.until(lambda _e, count=count: len(heard.of("decision")) >= count)
        play((stream, in_a_room(word, quiet(0.3))), clock=clock)
    assert [event.name for event in events].count("stop") == stops


@pytest.mark.parametrize(("text", "obeyed"), [(MOVE, False), ("stop!", True)])
def test_of_what_is_understood_when_its_headset_is_gone_only_a_stop_is_done(
    site: Site, fleet: FleetDouble, heard: Recorder, short: Any, text: str, obeyed: bool
) -> None:
    entered, go = threading.Event(), threading.Event()

    class Slow:
        def transcribe(self, _sound: Sound) -> Transcript:
            entered.set()
            assert go.wait(30)
            return Transcript(text, "en", 0.95)

    events: list[StreamEvent] = []
    with agent_of(site, fleet, heard, recogniser=Slow()) as agent:
        stream = agent.headsets.open("headset", push_to_talk=True, listener=events.append)
        stream.press()
        stream.feed(in_a_room(short))
        stream.release()
        assert entered.wait(30)
        stream.close()
        go.set()
        while "final" not in [event.name for event in events]:
            time.sleep(0.01)
        agent.headsets.transcribe(Sound(short))  # by when the recogniser is done with what it heard
        agent.say("where is forklift one")
        assert [e.device for e in heard.of("utterance")] == [*["headset"] * obeyed, None]
    assert [order[0].action for order in fleet.given(obeyed)] == [Action.STOP] * obeyed


def test_an_agent_without_a_recogniser_opens_no_streams(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent, pytest.raises(RecogniserError, match=r"has no recogniser .*send text"):
        agent.headsets.open("headset")


def test_sounds_are_told_apart_and_known_again_at_another_microphone(speech: dict[str, Sound]) -> None:
    clips = {name: spoken(sound) for name, sound in speech.items() if "stop" not in name}
    prints = {name: voiceprint(Sound(np.concatenate([quiet(0.3), clip, quiet(0.3)]))) for name, clip in clips.items()}
    far = {name: voiceprint(Sound(in_a_room(quiet(0.5), farther(clip), quiet(0.2)))) for name, clip in clips.items()}
    missed = [name for name in clips if likeness(prints[name], far[name]) < ALIKE]
    mixed = [(a, b) for a in clips for b in clips if a < b and likeness(prints[a], far[b]) >= ALIKE]
    assert (missed, mixed) == ([], [])


def test_real_recognition_hears_two_headsets_at_once(
    recogniser: WhisperRecogniser, site: Site, fleet: FleetDouble, heard: Recorder, speech: dict[str, Sound]
) -> None:
    with agent_of(site, fleet, heard, recogniser=recogniser) as agent:
        one, two, three = (agent.headsets.open(name) for name in ("one", "two", "three"))
        order, stop = speech["en-two"].samples, speech["es-stop"].samples
        play(
            (one, in_a_room(quiet(1), order, quiet(2))),
            (two, in_a_room(quiet(1), farther(order), quiet(2))),
            (three, in_a_room(quiet(3), stop, quiet(2))),
        )
        heard.until(lambda _e: len(heard.of("decision")) == 3)
    devices = {e.id: e.device for e in heard.of("utterance")}
    verdicts = {devices[e.id]: (e.verdict, e.commands[0].action) for e in heard.of("decision")}
    assert verdicts["one"] == (Verdict.ACCEPT, Action.MOVE)
    assert verdicts["two"][0] is Verdict.REJECT
    assert verdicts["three"] == (Verdict.ACCEPT, Action.STOP)
    assert len(fleet.given(2)) == 2
