"""Which languages of a site a text may be in, before any of them reads it."""

from __future__ import annotations

import pytest

from banksman_edge.asr import Transcript
from banksman_edge.asr.transcript import Hypothesis
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.readings import Reader
from banksman_shared.commands import Action
from banksman_shared.site import Site


@pytest.fixture(scope="module")
def reader(harbour: Site) -> Reader:
    return Reader({code: Grammar(harbour, code) for code in harbour.languages})


def languages(reader: Reader, text: str, heard_in: str = "") -> list[str]:
    return [grammar.language for grammar in reader.grammars(Hypothesis(text, heard_in, 1.0))]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Schick bitte den Stapler drei zu Dock zwei", "de"),
        ("Send forklift three to dock two, please", "en"),
        ("フォークリフト3号をドック2に行かせて", "ja"),
        ("फोर्कलिफ्ट तीन को डॉक दो पर भेजो", "hi"),
    ],
)
def test_only_languages_that_know_the_words_read_them(reader: Reader, text: str, spoken: str) -> None:
    chosen = languages(reader, text)
    assert spoken in chosen
    assert len(chosen) < 5


def test_the_language_it_was_heard_in_reads_it_whatever_its_words_are_and_first(reader: Reader) -> None:
    assert languages(reader, "Schick bitte den Stapler drei zu Dock zwei", "fr")[0] == "fr"


def test_a_language_in_which_a_word_stops_reads_it_beside_one_that_knows_the_others(reader: Reader) -> None:
    text = "forklift three go to dock two थांब रुको"
    assert "hi" in languages(reader, text)


def test_what_no_language_knows_is_read_by_all(harbour: Site, reader: Reader) -> None:
    assert set(languages(reader, "qwxyz vbnmp")) == set(harbour.languages)
    assert reader.read(Transcript("", "en", 0.0), 0.84) == []


def test_a_stop_in_another_language_than_was_heard_is_read(reader: Reader) -> None:
    readings = [reading for _, reading in reader.read(Transcript("Halt, alle Stapler", "tr", 0.9), 0.84)]
    assert any(command.action is Action.STOP for reading in readings for command in reading.commands)
