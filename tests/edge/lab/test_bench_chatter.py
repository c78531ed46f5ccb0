"""Conversation laid together from recordings, cut into utterances again, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from stream_world import in_a_room, quiet, spoken

from banksman_edge.app.build import load_stop_spotter
from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, Sound, load_sound
from banksman_edge.audio.sound import Samples
from banksman_edge.lab.bench.alarms import Alarm, Piece, watch
from banksman_edge.lab.bench.chatter import Overheard, Overhearing, Part, parts, recordings, summarise
from banksman_edge.lab.bench.conversation import Sentence, conversation, read_talk, scenes, sentences_alone
from banksman_edge.lab.bench.hearing import Listener
from banksman_edge.lab.evaluation import Case
from banksman_edge.lab.teach.stop.scenes import spoken_span
from banksman_edge.streams import Endpointing
from banksman_edge.streams.order_completeness import order_judge
from banksman_edge.understanding import Pipeline
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site

STOP_CLIPS = Path(__file__).parents[2] / "data" / "stop"
TALK = [
    Sentence("a-1", "a", "harbour", "en", "talk", "A", "Did you see stacker two?"),
    Sentence("a-2", "a", "harbour", "en", "talk", "B", "It stood by gate one."),
    Sentence("b-1", "b", "other", "nl", "talk", "A", "Ik heb hem gezien."),
    Sentence("c-1", "c", "elsewhere", "en", "news", "A", "Here is the news."),
]


@pytest.fixture
def clips(tmp_path: Path, speech: dict[str, Sound]) -> Path:
    """Recordings of the talk; what is said in them does not matter here."""
    voices = [speech["en-move"], speech["es-move"], speech["fr-status"], speech["it-park"]]
    for cast in ("first", "second"):
        (tmp_path / cast).mkdir()
        for sentence, sound in zip(TALK, voices, strict=True):
            soundfile.write(tmp_path / cast / f"{sentence.id}.opus", sound.samples, SAMPLE_RATE, format="OGG")
    return tmp_path


def test_talk_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "talk.jsonl").write_text('{"id": "a"}\n', "utf-8")
    with pytest.raises(BanksmanError, match=r"talk .*talk\.jsonl cannot be read"):
        read_talk(tmp_path / "talk.jsonl")


def test_talk_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, TALK)))
    assert read_talk(path) == TALK


def test_scenes_are_those_of_the_site_and_of_nowhere_by_each_cast(clips: Path) -> None:
    found = scenes(TALK, clips, "harbour")
    assert [(scene.name, scene.clips[0].parent.name) for scene in found] == [
        ("a", "first"),
        ("b", "first"),
        ("a", "second"),
        ("b", "second"),
    ]
    assert found[0].speakers == ("A", "B")
    assert [name for name, _, _ in sentences_alone(found)] == [
        "first/a-1",
        "first/a-2",
        "first/b-1",
        "second/a-1",
        "second/a-2",
        "second/b-1",
    ]


def test_a_scene_is_left_out_where_a_sentence_of_it_is_not_recorded(clips: Path) -> None:
    (clips / "second" / "a-2.opus").unlink()
    found = scenes(TALK, clips, "harbour")
    assert [(scene.name, scene.clips[0].parent.name) for scene in found] == [
        ("a", "first"),
        ("b", "first"),
        ("b", "second"),
    ]


def test_without_recordings_the_command_that_makes_them_is_named(tmp_path: Path) -> None:
    with pytest.raises(BanksmanError, match=r"has no recordings of the talk; make them with scripts/make_chatter\.py"):
        scenes(TALK, tmp_path, "harbour")


def test_talk_of_another_site_only_is_refused(clips: Path) -> None:
    with pytest.raises(BanksmanError, match="nothing for the site 'harbour'"):
        scenes(TALK[3:], clips, "harbour")


def test_conversation_is_as_long_as_asked_and_the_same_for_the_same_seed(clips: Path) -> None:
    acts = scenes(TALK, clips, "harbour")
    once, again, other = (
        np.concatenate([samples for _, samples in conversation(acts, 25, seed)]) for seed in (1, 1, 2)
    )
    assert len(once) == 25 * SAMPLE_RATE
    assert np.abs(once).max() <= 1
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


class Says:
    """A recogniser that hears the same whatever there is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript(self.text, "en", 0.9)


def overheard(harbour: Site, text: str, part: Part) -> list[Overheard]:
    understanding = Pipeline(harbour, None)
    seconds: list[float] = []
    told: list[str] = []

    def tell(passed: float, happened: Sequence[Overheard | Alarm]) -> None:
        seconds.append(passed)
        told.extend(map(str, happened))

    listener = Listener(None, harbour, understanding)
    found, alarms = Overhearing(Says(text), order_judge(understanding), listener).listen(part, tell)
    assert told == [str(one) for one in found if one.harmful or one.needless]
    assert sum(seconds) == pytest.approx(part.hours * 3600)
    assert sum(alarms.seconds.values()) == pytest.approx(part.hours * 3600)
    assert not alarms.found
    return found


@pytest.mark.parametrize(
    ("text", "actions", "questions"),
    [("Stacker two, go to gate eleven.", 1, 0), ("Stacker two, go to the gate.", 0, 1), ("", 0, 0)],
)
def test_what_would_have_been_done_or_asked_is_counted(
    text: str, actions: int, questions: int, harbour: Site, clips: Path
) -> None:
    found = overheard(harbour, text, recordings([Case("clip", str(clips / "first" / "a-1.opus"))]))
    summary = summarise(found, hours=0.5)
    assert (summary["false_actions"], summary["needless_questions"]) == (actions, questions)
    assert summary["false_actions_per_hour"] == 2.0 * actions
    assert summary["with_words"] == bool(text)
    assert [(one.source, one.document()["heard"]) for one in found] == [("clip", text)]
    assert text in str(found[0])


@pytest.mark.parametrize(("found", "text", "stops"), [(0.02, "Stop.", 0), (0.3, "Stop.", 1), (0.02, "Hold it!", 1)])
def test_a_stop_hardly_heard_is_none_where_the_spotter_hears_nothing_like_it(
    found: float, text: str, stops: int, harbour: Site, speech: dict[str, Sound]
) -> None:
    class Spotter:
        window_s, hop_s, threshold = 1.28, 0.096, 0.5
        words = frozenset({"stop"})

        def probability(self, window: Samples) -> float:
            return found if len(window) else 0.0

    class Hardly(Says):
        def transcribe(self, _sound: Sound) -> Transcript:
            return Transcript(text, "en", 0.1)

    understanding = Pipeline(harbour, None)
    shared_parts = Overhearing(
        Hardly(text), order_judge(understanding), Listener(None, harbour, understanding), Spotter()
    )
    word = in_a_room(quiet(0.5), spoken(speech["en-callsign"])[:12000], quiet(1))
    heard, _ = shared_parts.listen(Part("one", 1.0, lambda: iter([Piece("one", "en", word)])), lambda *_: None)
    shared_parts.close()
    assert [one.harmful for one in heard] == [bool(stops)]


def test_conversation_is_heard_as_utterances_where_people_pause(harbour: Site, clips: Path) -> None:
    part = parts(scenes(TALK, clips, "harbour"), hours=1 / 60, noise_hours=0, seed=4)[1]
    found = overheard(harbour, "I have no idea.", part)
    assert len(found) >= 6
    assert {one.source for one in found} >= {"conversation 0", "conversation 1", "conversation 2"}
    assert all(one.seconds < Endpointing().longest + 1 for one in found)
    assert sum(one.seconds for one in found) > 15


def test_noise_alone_holds_next_to_no_utterances(harbour: Site, clips: Path) -> None:
    part = parts(scenes(TALK, clips, "harbour"), hours=0.001, noise_hours=1 / 30, seed=3)[2]
    assert sum(one.seconds for one in overheard(harbour, "heard", part)) < 12


def test_parts_are_the_sentences_the_conversation_and_the_noise(clips: Path) -> None:
    acts = scenes(TALK, clips, "harbour")
    found = parts(acts, hours=0.005, noise_hours=0.002, seed=1)
    assert [part.name for part in found] == ["sentences", "conversation", "noise"]
    assert [part.hours for part in found][1:] == [0.005, 0.002]
    sentences = list(found[0].pieces())
    assert len(sentences) == 6
    assert found[0].hours * 3600 == pytest.approx(sum(len(piece.samples) for piece in sentences) / SAMPLE_RATE)
    assert all(piece.source.startswith("conversation ") for piece in found[1].pieces())


def test_recordings_of_people_are_a_part_of_their_own(clips: Path) -> None:
    part = recordings([Case("x", str(clips / "first" / "a-1.opus"))])
    assert [piece.source for piece in part.pieces()] == ["x"]
    assert part.name == "recordings"
    assert part.hours > 0


def test_a_part_gives_the_same_sound_each_time(clips: Path) -> None:
    for part in parts(scenes(TALK, clips, "harbour"), hours=0.01, noise_hours=0.002, seed=1):
        once, again = list(part.pieces()), list(part.pieces())
        assert [piece.source for piece in once] == [piece.source for piece in again]
        assert all(np.array_equal(a.samples, b.samples) for a, b in zip(once, again, strict=True))
        assert {piece.language for piece in once} <= ({""} if part.name == "noise" else {"en", "nl"})


@pytest.mark.models
def test_stops_that_nobody_meant_are_alarms_by_language_and_no_false_actions(
    site: Site, speech: dict[str, Sound]
) -> None:
    clip = load_sound(STOP_CLIPS / "stop-en-1.flac").samples
    word = clip[slice(*spoken_span(clip))]
    quiet = np.zeros(2 * SAMPLE_RATE, np.float32)
    twice = np.concatenate([quiet, word, quiet, word, quiet])
    seconds: list[float] = []
    pieces = [
        Piece("somebody", "en", twice),
        Piece("nobody", "", quiet),
        Piece("another", "fr", speech["fr-status"].samples),
    ]
    alarms = watch(load_stop_spotter(site), pieces, seconds.append)
    assert [(alarm.source, alarm.language) for alarm in alarms.found] == [("somebody", "en")] * 2
    first = 2 + len(word) / SAMPLE_RATE  # seconds at which the word is over
    assert alarms.found[0].at_s == pytest.approx(first, abs=0.6)
    assert alarms.found[1].at_s == pytest.approx(2 * first, abs=0.6)
    document = alarms.document()
    assert document["alarms"] == document["by_language"]["en"]["alarms"] == 2
    assert document["by_language"]["fr"]["alarms"] == 0
    assert set(document["by_language"]) == {"en", "fr"}
    assert document["by_language"]["en"]["per_hour"] == pytest.approx(2 * 3600 * SAMPLE_RATE / len(twice), abs=0.01)
    assert document["per_hour"] < document["by_language"]["en"]["per_hour"]
    assert sum(seconds) == pytest.approx(sum(len(piece.samples) for piece in pieces) / SAMPLE_RATE)
