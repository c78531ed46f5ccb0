"""A stop is heard among words that tell what others said or what might be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import ScriptedModel

from banksman_edge import Hypothesis, Interpretation, Transcript, Understanding
from banksman_edge.asr.transcript import Signals
from banksman_shared.commands import STOP_ALL, Action, to_document
from banksman_shared.site import PolicyTable, load_site

PLAIN = Understanding(load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery"), None)
SURE_ENOUGH = PolicyTable().heard.accept or 0.0
NONE = {"action": "none", "vehicles": []}


def heard(text: str, answer: str = "") -> Any:
    understanding = PLAIN.with_model(ScriptedModel(answer)) if answer else PLAIN
    return to_document(understanding.understand(Transcript(text, "", 1.0)).commands)


def stop(*who: str) -> dict[str, Any]:
    return {"action": "stop", "vehicles": list(who)}


@pytest.mark.parametrize(
    "text",
    [
        "I heard a loud bang over there. Stop all vehicles!",
        "That would be bad. Stop all.",
        "What if forklift three fell? Stop it!",
        "Nobody said that. Stop!",
        "That would hit him! Stop, Pete!",
        "Ich habe gehört, dass es brennt. Sofort alle stopp!",
        "Eso sería terrible. ¡Que paren todos! ¡Alto!",
        "Ce serait terrible. Stop !",
        "Sarebbe terribile. Stop!",
        "Seria terrível. Parem!",
        "Dat zou erg zijn. Stop!",
        "Byłoby źle. Stop!",
        "Çok kötü olurdu. Dur!",
        "ऐसा होता तो बुरा होता। रुको!",
        "万一撞到人怎么办？停下！",
        "ぶつかったら大変。止まれ！",
        "قال إن هناك حريقا. توقف!",
    ],
)
def test_a_stop_that_is_a_sentence_of_its_own_is_heard(text: str) -> None:
    assert heard(text) == stop("*")


def test_it_stops_only_whom_it_names() -> None:
    assert heard("That would hit him! Stop all the forklifts now!") == stop("kind:forklift")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You need to stop it all now.", "en"),
        ("Also ich glaube, halt alle an!", "de"),
        ("那个人说得太快了，停下来！", "zh"),
    ],
)
def test_a_stop_in_a_sentence_that_was_hardly_heard_is_talk(text: str, language: str) -> None:
    for model in (None, ScriptedModel("stop all")):
        understanding = PLAIN.with_model(model)
        hardly = Transcript(text, language, SURE_ENOUGH - 0.01)
        assert understanding.stop(hardly) is None
        assert understanding.understand(hardly).is_nothing
    assert PLAIN.stop(replace(hardly, confidence=SURE_ENOUGH))


@pytest.mark.parametrize(
    ("text", "language"), [("Stop!", "en"), ("Alles anhalten jetzt!", "de"), ("全部停下来！", "zh")]
)
def test_a_shout_stops_however_badly_it_was_heard(text: str, language: str) -> None:
    assert PLAIN.understand(Transcript(text, language, 0.01)).commands == (STOP_ALL,)


@pytest.mark.parametrize(
    ("text", "language", "spoken_s", "stops"),
    [
        ("Stop!", "en", 28.0, False),
        ("Alles anhalten jetzt!", "de", 6.0, False),
        ("停！", "zh", 5.0, False),
        ("Stop!", "en", 3.9, True),
        ("Stop! Stop! Stop!", "en", 6.0, True),
        ("停！停！", "zh", 5.0, True),
        ("Alles anhalten jetzt!", "de", 3.9, True),
        ("大家都马上停下来！", "zh", 3.9, True),
    ],
)
def test_a_shout_hardly_heard_in_long_speech_is_talk(text: str, language: str, spoken_s: float, stops: bool) -> None:
    """Of 28 s of talk the recogniser made "Ten.", and another hypothesis was a stop."""
    hardly = Transcript(text, language, SURE_ENOUGH - 0.01, signals=Signals(spoken_s=spoken_s))
    assert _is_stop(PLAIN.understand(hardly)) is stops
    assert _is_stop(PLAIN.understand(replace(hardly, confidence=SURE_ENOUGH)))


@pytest.mark.parametrize(("confidence", "pull", "stops"), [(-0.01, 7.9, False), (0.0, 7.9, True), (-0.01, 2.9, True)])
def test_a_shout_that_only_the_words_of_the_site_made_of_talk_is_talk(
    confidence: float, pull: float, stops: bool
) -> None:
    """Of a second of English talk behind others the recogniser made it, 7.9 nats less likely than what it would write
    without the site's words."""
    heard = Transcript("¡Para! ¡Para!", "es", SURE_ENOUGH + confidence, signals=Signals(pull=pull))
    assert _is_stop(PLAIN.understand(heard)) is stops


@pytest.mark.parametrize(("confidence", "like", "stops"), [(-0.01, 0.1, False), (0.0, 0.0, True), (-0.01, 0.3, True)])
def test_a_shout_hardly_heard_that_does_not_sound_like_one_is_talk(confidence: float, like: float, stops: bool) -> None:
    """Of half a second of somebody's Dutch the recogniser made it."""
    heard = Transcript("Stop.", "en", SURE_ENOUGH + confidence, signals=Signals(stop_like=like))
    assert _is_stop(PLAIN.understand(heard)) is stops


def unlikely(text: str, stop: str, language: str, nats: float) -> Transcript:
    return Transcript(text, language, 0.9, (Hypothesis(stop, language, 0.3, -nats),))


@pytest.mark.parametrize(
    ("text", "stop", "language"),
    [
        ("Yes.", "Stop.", "en"),
        ("No.", "No, stop!", "en"),
        ("I did.", "Look out, stop!", "en"),
        ("Aparca.", "Para.", "es"),
        ("继续。", "停。", "zh"),
    ],
)
def test_a_stop_that_is_hardly_likely_is_none(text: str, stop: str, language: str) -> None:
    for read in (PLAIN.stop, PLAIN.known):
        assert not _is_stop(read(unlikely(text, stop, language, 6.0)))
    assert PLAIN.stop(unlikely(text, stop, language, 4.0))
    assert PLAIN.stop(unlikely(stop, text, language, 15.0))


def _is_stop(read: Interpretation | None) -> bool:
    return read is not None and any(command.action is Action.STOP for command in read.commands)


def test_a_name_counts_as_one_word_of_a_short_sentence_that_stops() -> None:
    misheard = Transcript("フォークリフト3号、数日止まりなさい。", "ja", 1.0)
    assert to_document(PLAIN.understand(misheard).commands) == stop("*")


def test_a_stop_at_all_places_of_a_kind_stops_all() -> None:
    assert heard("please stop all vehicles at all the docks right now") == stop("*")
