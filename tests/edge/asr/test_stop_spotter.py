"""Stop words in synthesised speech of voices that the spotter was not taught with, through real Whisper and wire."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plant import eventually, running_plant
from stream_world import in_a_room, quiet

from banksman_edge import Pipeline, Sound, Transcript, load_sound
from banksman_edge.asr.stop_head import CARD_FILE, WEIGHTS_FILE, StopHead, load_head, load_networks
from banksman_edge.asr.stop_spotter import WhisperStopSpotter, bundled_card, bundled_head
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import RecogniserError
from banksman_edge.lab.teach.stop.export import leaning, write_head
from banksman_edge.lab.teach.stop.lines import all_lines, families
from banksman_edge.lab.teach.stop.scenes import spoken_span
from banksman_edge.streams.stop_evidence import Moment, StopEvidence, falls_silent
from banksman_shared.actions import Action
from banksman_shared.broker import RunningBroker
from banksman_shared.models import ModelStore
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site

DATA = Path(__file__).parents[2] / "data" / "stop"
WORDS = [json.loads(line) for line in (DATA / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
LANGUAGES = tuple(sorted({word["language"] for word in WORDS}))

pytestmark = pytest.mark.models


def spotter_for(*languages: str, head: Path | None = None) -> WhisperStopSpotter:
    return WhisperStopSpotter(ModelStore().path(bundled_card().whisper), languages, head=head)


@pytest.fixture(scope="module")
def spotter() -> WhisperStopSpotter:
    return spotter_for(*LANGUAGES)


def first_spotted(spotter: WhisperStopSpotter, samples: Any) -> float | None:
    """Seconds until a stop word is spotted, or None."""
    stop_evidence = StopEvidence(spotter.threshold)
    for at in range(SAMPLE_RATE // 4, len(samples), round(spotter.hop_s * SAMPLE_RATE)):
        window = samples[max(0, at - round(spotter.window_s * SAMPLE_RATE)) : at]
        if stop_evidence.stop(Moment(at, at / SAMPLE_RATE, falls_silent(window), 0.0), spotter.probability(window)):
            return at / SAMPLE_RATE
    return None


# What it hears


def test_words_of_every_language_are_spotted_as_they_end(spotter: WhisperStopSpotter) -> None:
    missed, hasty = [], []
    for word in WORDS:
        sound = load_sound(DATA / word["audio"]).samples
        start, end = (at / SAMPLE_RATE for at in spoken_span(sound))
        at = first_spotted(spotter, sound)
        if at is None:
            missed.append(f"{word['language']}: {word['text']}")
        elif at < start + 0.4 * (end - start):
            hasty.append(f"{word['language']}: {word['text']}")
    assert len(missed) <= len(WORDS) // 10, missed
    assert not hasty


def test_orders_and_talk_are_no_stop(spotter: WhisperStopSpotter, speech: dict[str, Sound]) -> None:
    others = {name: sound.samples for name, sound in speech.items() if "stop" not in name}
    assert [name for name, samples in others.items() if first_spotted(spotter, samples) is not None] == []


def test_stops_within_a_sentence_are_spotted(spotter: WhisperStopSpotter, speech: dict[str, Sound]) -> None:
    assert first_spotted(spotter, speech["en-stop"].samples) is not None
    assert first_spotted(spotter, speech["pt-stop"].samples) is not None


def test_what_is_not_spoken_here_is_not_for_us() -> None:
    english = spotter_for("en")
    foreign = [word for word in WORDS if word["text"] in ("止まれ", "توقف", "停下", "멈춰", "anhalten")]
    assert len(foreign) == 5
    assert [w["text"] for w in foreign if first_spotted(english, load_sound(DATA / w["audio"]).samples)] == []


def test_a_language_that_was_not_taught_has_stop() -> None:
    finnish = spotter_for("fi")
    stop = next(word for word in WORDS if (word["language"], word["text"]) == ("en", "stop"))
    assert first_spotted(finnish, load_sound(DATA / stop["audio"]).samples) is not None


# Broken sound


@pytest.mark.parametrize("count", [0, 1, 100, SAMPLE_RATE // 2, 10 * SAMPLE_RATE])
def test_windows_of_any_length_are_taken(spotter: WhisperStopSpotter, count: int) -> None:
    assert spotter.probability(quiet(11, 0.01)[:count]) < spotter.threshold


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 50.0])
def test_what_is_no_sound_is_no_stop(spotter: WhisperStopSpotter, value: float) -> None:
    assert spotter.probability(np.full(SAMPLE_RATE, value, np.float32)) < spotter.threshold


def test_a_word_is_spotted_though_samples_are_missing_and_others_clip(spotter: WhisperStopSpotter) -> None:
    stop = next(word for word in WORDS if (word["language"], word["text"]) == ("en", "stop"))
    sound = load_sound(DATA / stop["audio"]).samples * 6
    sound[::97] = np.nan
    assert first_spotted(spotter, sound) is not None


# Its files


def test_the_bundled_head_has_the_words_that_are_taught_here() -> None:
    card = bundled_card()
    assert card.families == families()
    assert {code: dict(words) for code, words in card.words.items()} == {
        c: dict(x.stop) for c, x in all_lines().items()
    }


def test_it_listens_for_the_words_of_the_families_of_its_languages() -> None:
    words = spotter_for("de", "es").words
    assert words >= {"stop", "stopp", "halt", "alto", "para", "pára"}
    assert not words & {"停", "dur", "stój"}


def test_every_word_that_is_spotted_means_stop_in_its_transcript_as_well(harbour: Site) -> None:
    """Otherwise the sentence would contradict what its stop word did."""
    understanding = Pipeline(harbour, None)
    read = {
        (code, word): understanding.stop(Transcript(word, code, 0.9))
        for code in harbour.languages
        for words in all_lines()[code].stop.values()
        for word in words
    }
    assert read
    assert [key for key, stop in read.items() if not stop or stop.commands[0].action is not Action.STOP] == []


@pytest.mark.parametrize("name", [WEIGHTS_FILE, CARD_FILE])
def test_damaged_files_are_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "head"
    shutil.copytree(bundled_head(), folder)
    (folder / name).write_bytes(b"nothing of use")
    with pytest.raises(RecogniserError, match="holds no usable stop spotter"):
        load_head(folder)


def test_networks_of_a_head_say_together_what_they_say_on_average(tmp_path: Path) -> None:
    first, *_ = load_networks(bundled_head())
    one = {**first, "out.bias": np.nan_to_num(first["out.bias"])}
    other = leaning(one, 2)
    encoded = np.random.default_rng(0).normal(size=(3, 64, 512)).astype(np.float32)
    alone, more, both = (log_odds(StopHead(networks)(encoded)) for networks in ([one], [other], [one, other]))
    np.testing.assert_allclose(more, alone + 2, atol=0.05)
    np.testing.assert_allclose(both, alone + 1, atol=0.05)
    folder = write_head(tmp_path, [one, other])
    np.testing.assert_allclose(log_odds(load_head(folder)[0](encoded)), both, atol=0.05)


def log_odds(probabilities: Any) -> Any:
    inside = np.clip(probabilities.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(inside / (1 - inside))


@pytest.mark.parametrize("names", [("mean",), ("0/mean", "0/out.bias", "mean"), ()])
def test_a_head_of_an_older_version_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = shutil.copytree(bundled_head(), tmp_path / "head")
    np.savez(folder / WEIGHTS_FILE, **{name: np.zeros(512, np.float16) for name in names})
    with pytest.raises(RecogniserError, match="holds no usable stop spotter"):
        load_head(folder)


@pytest.mark.parametrize("networks", [("0/", "1/", "2/", "3/"), ("2/",)])
def test_a_head_for_another_encoder_is_refused(tmp_path: Path, networks: tuple[str, ...]) -> None:
    folder = shutil.copytree(bundled_head(), tmp_path / "head")
    wide = tuple(network + name for network in networks for name in ("mean", "a.weight"))
    with np.load(folder / WEIGHTS_FILE) as weights:
        narrow = {name: array[..., :384] if name in wide else array for name, array in weights.items()}
    np.savez(folder / WEIGHTS_FILE, **narrow)
    with pytest.raises(RecogniserError, match="was taught with whisper-base;"):
        spotter_for("en", head=folder)


def test_a_head_whose_networks_and_card_differ_is_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(bundled_head(), tmp_path / "head")
    card = json.loads((folder / CARD_FILE).read_text("utf-8"))
    (folder / CARD_FILE).write_text(json.dumps(card | {"families": card["families"][:-1]}), "utf-8")
    with pytest.raises(RecogniserError, match="does not fit its card"):
        spotter_for("en", head=folder)


# As far as the wire


class Deaf:
    """Recognises nothing: whatever stops a vehicle now was not text."""

    def transcribe(self, sound: Sound) -> Transcript:  # noqa: ARG002
        return Transcript("", "en", 0.0)


def test_a_spoken_word_pauses_every_vehicle_though_no_text_is_recognised(
    mqtt_broker: RunningBroker, site: Site, spotter: WhisperStopSpotter
) -> None:
    stop = next(word for word in WORDS if (word["language"], word["text"]) == ("en", "stop"))
    started: list[str] = []
    serials = {vehicle.address.serial_number for vehicle in site.vehicles.values()}

    def see(topic: str, payload: bytes) -> None:
        if b"startPause" in payload:
            started.append(topic.split("/")[3])

    with (
        MqttLink(MqttSettings(mqtt_broker.url)) as link,
        running_plant(site, mqtt_broker.url, recogniser=Deaf()) as plant,
    ):
        link.subscribe("uagv/v2/+/+/instantActions", see)
        plant.agent.headsets.spot_stops(spotter)
        stream = plant.agent.headsets.open("headset")
        sound = in_a_room(quiet(0.5), load_sound(DATA / stop["audio"]).samples)
        for at in range(0, len(sound), 1600):
            stream.feed(sound[at : at + 1600])
        eventually(lambda: serials <= set(started), "every vehicle is told to pause")
        eventually(lambda: all(plant.sim.state(v).paused for v in site.vehicles), "every vehicle stands")
