"""The sentences that Whisper is taught with, and who speaks them."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.phrased import phrased
from banksman_edge.lab.teach.prepare import Amount, plan_clips, site_words
from banksman_edge.lab.teach.sentences import LANGUAGES, SHARES, SentenceMaker, SiteWords, load_grammar
from banksman_edge.lab.teach.voices import TEST_VOICES, TRAINING_VOICES
from banksman_shared.actions import Action
from banksman_shared.site import bundled_site, load_site

PLAN = plan_clips(LANGUAGES, Amount(200, 40), {})


def sentences(language: str, count: int, *, test: bool = False) -> list[str]:
    return [sentence.text for sentence in SentenceMaker(language, random.Random(1), test).make(count)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_whole_and_written_as_people_write_them(language: str) -> None:
    for text in [*sentences(language, 400), *sentences(language, 200, test=True)]:
        assert not re.search(r"[{}\[\]|]|  | [,.]", text), text
        assert text == text.strip()
        first = next(letter for letter in text if letter.isalnum())
        assert first == first.upper(), text
        assert len(text) < 160


@pytest.mark.parametrize(
    ("language", "wrong"),
    [
        ("es", r"\b(a|de) el\b"),
        ("fr", r"\b(à|de) les?\b"),
        ("it", r"\b(a|da|di|in) (il|lo|la|i|gli|le|l')(?= |$)"),
        ("pt", r"\b(de|em) (o|a|os|as)\b"),
    ],
)
def test_prepositions_and_articles_are_contracted(language: str, wrong: str) -> None:
    found = [text for text in sentences(language, 500) if re.search(wrong, text, re.IGNORECASE)]
    assert not found


def of_phrases(language: str, count: int, *, test: bool = False) -> list[str]:
    return [sentence.text for sentence in itertools.islice(phrased(language, random.Random(1), test=test), count)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_llamas_phrases_are_written_as_whisper_writes(language: str) -> None:
    made = [*of_phrases(language, 300), *of_phrases(language, 100, test=True)]
    for text in made:
        assert not re.search(r"[{}\[\]|<>\ue000-\uf8ff]|  | [,.]", text), text
        assert re.search(r"[^.?!,。？，、।\s][.?。？।]$", text), text
        first = next(letter for letter in text if letter.isalnum())
        assert first == first.upper(), text
    numbered = [text for text in made if re.search(r"[0-9]", text)]
    assert len(numbered) > 0.4 * len(made)
    assert len(set(made)) > 0.95 * len(made)
    assert 0.03 * len(made) < sum(text[-1] in "?？" for text in made) < 0.3 * len(made)
    if language in ("zh", "ja"):
        assert not [text for text in made if " " in text]


def test_nothing_is_misheard_in_what_is_taught_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(*_: object) -> str:
        raise AssertionError("a sentence for Whisper is misheard")

    monkeypatch.setattr("banksman_edge.lab.teach.llama.compose.misheard", spoil)
    monkeypatch.setattr("banksman_edge.lab.teach.llama.compose.misheard_name", spoil)
    assert of_phrases("en", 300)


def test_hindi_is_written_in_devanagari_and_chinese_in_chinese() -> None:
    assert not [text for text in sentences("hi", 300) if re.search("[A-Za-z]", text)]
    assert not [text for text in sentences("zh", 300) if re.search("[A-Za-z ]", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_of_the_contract_is_asked_for(language: str) -> None:
    kinds = {sentence.kind for sentence in SentenceMaker(language, random.Random(2)).make(600)}
    assert {str(action) for action in Action} - {"none", "own"} <= kinds  # a site's own have words of its own
    assert "chatter" in kinds
    assert kinds <= set(SHARES)


def test_the_same_arguments_plan_the_same_clips() -> None:
    assert plan_clips(LANGUAGES, Amount(200, 40), {}) == PLAN
    assert plan_clips(LANGUAGES, Amount(200, 40), {}, seed=1) != PLAN
    assert len({clip.audio for clip in PLAN}) == len(PLAN)


def test_nobody_who_speaks_in_a_test_is_heard_in_training() -> None:
    training = {voice for clip in PLAN if not clip.test for voice in clip.voice}
    kept = {voice for voices in TEST_VOICES.values() for voice in voices}
    assert training.isdisjoint(kept)
    assert training == {voice for voices in TRAINING_VOICES.values() for voice in voices}
    # French has one voice of its own, which is tested mixed with those that are kept.
    assert {voice for clip in PLAN if clip.test for voice in clip.voice} - kept == {"ff_siwis"}
    assert all(set(clip.voice) & kept for clip in PLAN if clip.test)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_words_and_sentences_of_tests_are_never_trained(language: str) -> None:
    trained = {clip.text for clip in PLAN if clip.language == language and not clip.test}
    tested = [clip.text for clip in PLAN if clip.language == language and clip.test]
    assert sum(text in trained for text in tested) <= 0.15 * len(tested)
    grammar = load_grammar(language)
    for kind in ("vehicles", "calls", "places", "rooms", "loads", "groups"):
        assert set(getattr(grammar.words, kind)).isdisjoint(getattr(grammar.test_words, kind)), kind
    for kind, patterns in grammar.test_patterns.items():
        assert set(patterns).isdisjoint(grammar.patterns[kind])


def test_a_site_of_ones_own_is_taught_with_its_names_alone() -> None:
    names = {"en": SiteWords(("Falcon",), ("the moon",))}
    assert plan_clips(["en"], Amount(100, 0, 0.5), names) == plan_clips(["en"], Amount(100, 0), names)


def test_as_many_sentences_as_asked_are_made_of_phrases() -> None:
    plain, mixed = (plan_clips(["en"], Amount(100, 10, share), {}) for share in (0.0, 0.5))
    assert len(plain) == len(mixed) == 110
    assert [clip.text for clip in plain if not clip.test][:50] == [clip.text for clip in mixed if not clip.test][:50]
    assert [clip.text for clip in plain if not clip.test][50:] != [clip.text for clip in mixed if not clip.test][50:]


def test_a_sites_own_names_are_used_with_the_articles_their_nouns_have() -> None:
    words = site_words(load_site(bundled_site()), "es")
    assert "la carretilla 3" in words.vehicles
    assert "el muelle 2" in words.places
    assert "Hércules" in words.vehicles
    assert "turno de noche" in words.groups
    made = [sentence.text for sentence in SentenceMaker("es", random.Random(3), site=words).make(300)]
    assert any("al muelle" in text for text in made)
    invented = set(load_grammar("es").words.calls) - {"Hércules", "Toro"}
    assert not [text for text in made for call in invented if call in text]


def test_a_site_in_one_language_leaves_the_others_invented() -> None:
    plan = plan_clips(["en", "it"], Amount(50, 0), {"en": SiteWords(("Falcon",), ("the moon",))})
    assert any("the moon" in clip.text for clip in plan)
    assert not any("moon" in clip.text for clip in plan if clip.language == "it")


def test_a_language_without_sentences_is_named() -> None:
    with pytest.raises(TeachingError, match="no sentences are written for 'xx'"):
        plan_clips(["en", "xx"], Amount(), {})
