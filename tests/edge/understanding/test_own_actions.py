"""Actions of a site's own, told by their examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from taught import real_reader

from banksman_edge import Answer, Pipeline
from banksman_edge.asr import Transcript
from banksman_edge.understanding.own_actions import Background, Classifier, read_background, write_backgrounds
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import Site, load_site

WASHING = Path(__file__).parents[3] / "examples" / "washing"
SIZE = 64


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(WASHING)


@pytest.fixture(scope="module")
def pipeline(site: Site) -> Pipeline:
    return Pipeline(site, real_reader())


def states(center: int, count: int, noise: float, seed: int) -> Any:
    """So many states around an axis."""
    chance = np.random.default_rng(seed)
    return np.eye(SIZE, dtype=np.float32)[[center] * count] + noise * chance.normal(size=(count, SIZE))


def test_classes_are_told_apart_however_many_examples_each_has() -> None:
    known = np.concatenate([states(0, 5, 0.1, 1), states(1, 20, 0.1, 2), states(2, 200, 0.1, 3)])
    classifier = Classifier.fitted(known, [*["few"] * 5, *["more"] * 20, *["order"] * 200])
    for center, name in enumerate(("few", "more", "order")):
        assert min(classifier.probabilities(state)[name] for state in states(center, 20, 0.1, 4)) > 0.5


def test_what_is_like_nothing_is_not_surely_anything() -> None:
    known = np.concatenate([states(0, 20, 0.1, 1), states(1, 20, 0.1, 2), states(2, 50, 0.1, 3)])
    classifier = Classifier.fitted(known, [*["one"] * 20, *["two"] * 20, *["order"] * 50])
    between = states(0, 1, 0.0, 0)[0] + states(1, 1, 0.0, 0)[0] + states(2, 1, 0.0, 0)[0]
    assert max(classifier.probabilities(between).values()) < 0.8


def test_a_background_outlives_the_file_but_for_its_scale(tmp_path: Path) -> None:
    background = Background(states(3, 7, 0.5, 5).astype(np.float32), np.array([True] * 3 + [False] * 4))
    path = tmp_path / "states.npz"
    write_backgrounds(path, {"en": background})
    found = read_background(path, "en")
    assert found
    assert list(found.talk) == list(background.talk)
    alike = (found.states * background.states).sum(1)
    alike /= np.linalg.norm(found.states, axis=1) * np.linalg.norm(background.states, axis=1)
    assert alike.min() > 0.999
    assert read_background(path, "de") is None
    path.write_bytes(b"no file of numbers")
    assert read_background(path, "en") is None
    assert read_background(tmp_path / "nowhere", "en") is None


def own(name: str, *vehicles: str, to: str | None = None) -> Command:
    return Command(Action.OWN, vehicles, destination=to, name=name)


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "language", "command"),
    [
        ("Otto, would you mop the canteen", "en", own("wash", "scrubber-2", to="canteen")),
        ("Schrubber eins, wisch bitte mal Halle zwei", "de", own("wash", "scrubber-1", to="hall-2")),
        ("Otto, would you flash your lights for me", "en", own("lights", "scrubber-2")),
        ("scrubber one, go to hall two", "en", Command(Action.MOVE, ("scrubber-1",), destination="hall-2")),
        ("stop, scrubber one", "en", Command(Action.STOP, ("scrubber-1",))),
    ],
)
def test_sentences_like_the_examples_ask_for_the_action(
    pipeline: Pipeline, text: str, language: str, command: Command
) -> None:
    assert pipeline.parse(Transcript(text, language, 1.0)).commands == (command,)


@pytest.mark.models
def test_what_the_site_lacks_is_said_and_what_forbids_is_read_back(pipeline: Pipeline) -> None:
    assert pipeline.parse(Transcript("scrubber one, wash hall ninety", "en", 1.0)).unknown
    denied = pipeline.parse(Transcript("scrubber one, don't wash hall two", "en", 1.0))
    assert denied.is_nothing or denied.confidence < 0.8


class ScriptedReader:
    """A reader that shows no states."""

    languages = frozenset({"en"})

    def answer(self, _sentence: Tagged) -> Answer:
        return Answer("none", 1.0)


def test_a_model_that_was_not_taught_leaves_them_alone_and_says_so(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    Pipeline(site, ScriptedReader())
    assert "taught language model" in caplog.text
