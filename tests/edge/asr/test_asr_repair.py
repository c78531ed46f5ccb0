"""What in a text may be a misheard name or word, before the recogniser has judged it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from banksman_edge.asr.lexicon import Vocabulary
from banksman_edge.asr.mending import Mender
from banksman_edge.asr.repair import SoundAlikes
from banksman_edge.asr.search import Found
from banksman_edge.asr.transcript import Hypothesis, Transcript, Wholeness
from banksman_edge.asr.whisper import _foremost
from banksman_edge.understanding import Pipeline
from banksman_edge.understanding.site_vocabulary import site_vocabulary
from banksman_shared.commands import STOP_ALL
from banksman_shared.site import Site, bundled_site, load_site

VOCABULARIES = {
    "en": Vocabulary(frozenset({"dock 2", "courier 5", "Falcon"}), frozenset({"go to", "park", "resume", "the", "it"})),
    "fr": Vocabulary(frozenset({"quai 7"}), frozenset({"reprendre", "au", "viens", "vient"})),
    "hi": Vocabulary(frozenset({"गाड़ी दो", "वर्कशॉप"}), frozenset({"जाओ", "रख दो"})),
    "zh": Vocabulary(frozenset({"牵引车", "12病区"}), frozenset({"取消掉", "去"}), spaced=False),
}


def repaired(language: str, text: str) -> tuple[str, ...]:
    return SoundAlikes(VOCABULARIES[language], language).repaired(text)


@pytest.mark.parametrize(
    ("language", "heard", "said"),
    [
        ("en", "go to Doc 2", "go to dock 2"),
        ("en", "go to the falken now", "go to the Falcon now"),
        ("en", "Carry a 5, go to dock 2", "Courier 5, go to dock 2"),
        ("en", "Stop. carrier 5, go", "Stop. Courier 5, go"),
        ("en", "presume", "Resume"),
        ("fr", "apprendre au quai 7", "Reprendre au quai 7"),
        ("fr", "vient au quai 7", "Viens au quai 7"),
        ("hi", "varkashap जाओ", "वर्कशॉप जाओ"),
        ("hi", "कारी दो जाओ", "गाड़ी दो जाओ"),
        ("zh", "前引车去", "牵引车去"),
        ("zh", "任务去小调", "任务取消掉"),
    ],
)
def test_what_sounds_like_a_name_or_word_may_be_it(language: str, heard: str, said: str) -> None:
    assert said in repaired(language, heard)


def test_names_that_are_there_stay() -> None:
    texts = repaired("en", "park it, dock 2, falken")
    assert "park it, dock 2, Falcon" in texts
    assert "park it, courier 5, falken" not in texts


def test_what_was_heard_without_surprise_is_replaced_last() -> None:
    text = "falken go to the falken"
    sure, unsure = [0.0] * 17, [1.0] * 6
    first, *_ = SoundAlikes(VOCABULARIES["en"], "en").repaired(text, [*sure, *unsure])
    assert first == "falken go to the Falcon"


def test_what_is_said_twice_is_put_right_twice() -> None:
    assert "Resume, resume!" in repaired("en", "Presume, presume!")


def test_only_chinese_is_tried_in_one_script() -> None:
    names, words = frozenset({"倉庫", "そうこ", "牵引车", "牽引車"}), frozenset({"去", "へ"})
    spaced = Vocabulary(names, words, spaced=False)
    assert {"倉庫へ", "そうこへ"} <= set(SoundAlikes(spaced, "ja").repaired("走行へ"))
    tried = SoundAlikes(spaced, "zh").repaired("去前引车")
    assert "去牵引车" in tried
    assert "去牽引車" not in tried


def test_a_number_is_not_cut() -> None:
    assert all(text.startswith("12") or "112" not in text for text in repaired("zh", "去12号头"))
    assert "去12病区" in repaired("zh", "去12并区")


def test_a_chinese_object_marker_may_have_been_heard_as_a_digit() -> None:
    texts = repaired("zh", "84号小车去12病区")
    assert {"把4号小车去12病区", "把14号小车去12病区"} <= set(texts)
    assert not any("把" in text for text in (*repaired("zh", "去84号小车"), *repaired("zh", "841号小车去")))


NUMBERED = {
    "fr": Vocabulary(frozenset({"service 23"}), frozenset({"au"}), read_out={"23": "vingt-trois"}),
    "en": Vocabulary(
        frozenset({"stand 1", "stand 7", "stand 34"}),
        frozenset({"go to"}),
        read_out={"1": "one", "4": "four", "7": "seven", "34": "thirty-four"},
    ),
}


@pytest.mark.parametrize(
    ("language", "heard", "said"),
    [("fr", "au service vent toi", "au service 23"), ("en", "go to stand 4", "go to stand 34")],
)
def test_numbers_are_compared_as_they_are_read_out(language: str, heard: str, said: str) -> None:
    assert said in SoundAlikes(NUMBERED[language], language).repaired(heard)


@pytest.mark.parametrize("never", ["go to stand 7", "go to stand 1", "go to stand 1 4"])
def test_a_number_that_was_heard_becomes_none_that_sounds_otherwise(never: str) -> None:
    assert never not in SoundAlikes(NUMBERED["en"], "en").repaired("go to stand 4")


def test_the_numbers_of_a_site_are_read_out_in_its_languages(site: Site) -> None:
    read_out = {code: site_vocabulary(site, code).read_out["23"] for code in ("en", "zh", "ja")}
    assert read_out == {"en": "twenty-three", "zh": "二十三", "ja": "二十三"}


class Written:
    """A tokenizer whose tokens are whole texts."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def decode(self, tokens: list[int]) -> str:
        return self._texts[tokens[0]]


@pytest.mark.parametrize(("likelier", "first"), [("cart 4 and to dock two", 1), ("card 4 to dock two", 0)])
def test_a_whole_order_is_not_preferred_to_what_is_likelier_and_says_more(likelier: str, first: int) -> None:
    texts = ("cart 4 to dock two", likelier)
    whole = {texts[0]: Wholeness.WHOLE}.get
    written: Any = Written(*texts)
    mender = Mender(
        {"en": written}, (), {"en": VOCABULARIES["en"]}, lambda text, _language: whole(text, Wholeness.NONE)
    )
    found = [Found((at,), "en", score, score, 1.0, 2, (score,)) for at, score in enumerate((-5.0, -2.0))]
    assert mender.ranked(found)[0] == found[first]


def test_a_whole_order_costs_nothing_for_words_that_are_spelt_otherwise() -> None:
    texts = ("カートは中防に向かって", "カートは充電に向かって")
    written: Any = Written(*texts)
    mender = Mender(
        {"ja": written}, (), {"ja": Vocabulary(frozenset(), frozenset(), False)}, lambda *_: Wholeness.WHOLE
    )
    heard = Found((0,), "ja", -2.3, -3.8, 0.8, 1, (-2.3,))
    drawn = Found((1,), "ja", -4.1, -2.6, 1.0, 1, (-4.1,))
    assert mender.ranked([drawn, heard]) == [heard, drawn]


class Characters:
    """A tokenizer whose tokens are characters."""

    def encode(self, text: str) -> list[int]:
        return [ord(char) for char in text]

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


class Weighing:
    """A search in which whatever replaces something has this score, whole or not; ``weighed``: how many each time."""

    def __init__(self, score: float, gains: Sequence[float] = ()) -> None:
        self._score, self._gains = score, gains
        self.weighed: list[int] = []

    def gains(self, _language: str, _text: object, changed: list[tuple[int, ...]]) -> dict[tuple[int, ...], float]:
        return dict(zip(changed, itertools.chain(self._gains, itertools.repeat(-20.0)), strict=False))

    def weigh(self, language: str, texts: list[tuple[int, ...]]) -> list[Found]:
        self.weighed.append(len(texts))
        return [found_in(text, language, self._score) for text in texts]


def found_in(tokens: tuple[int, ...], language: str, score: float) -> Found:
    return Found(tokens, language, score, score, 1.0, 0, (score / len(tokens),) * len(tokens))


def mend(search: Weighing) -> None:
    """Put right what was heard, in a text that is no order whatever is done to it."""
    tokenizer: Any = Characters()
    pieces = [chr(code).encode() for code in range(128)]
    mender = Mender({"en": tokenizer}, pieces, {"en": VOCABULARIES["en"]}, lambda _text, _language: Wholeness.NONE)
    heard = tuple(tokenizer.encode("card 4 to duck two and card 5 to duck too"))
    weighing: Any = search
    mender.mended(weighing, [found_in(heard, "en", -4.0)])


@pytest.mark.parametrize(("score", "rounds"), [(-3.0, 2), (-5.0, 2), (-9.0, 1)])
def test_a_text_is_put_right_in_a_second_place_where_the_first_was_no_bad_guess(score: float, rounds: int) -> None:
    search = Weighing(score, (0.0,))
    mend(search)
    assert len(search.weighed) == rounds


def test_only_changes_that_gain_about_as_much_as_the_best_are_weighed() -> None:
    search = Weighing(-9.0, (1.0, -1.0, -5.0))
    mend(search)
    assert search.weighed == [2]


def test_there_is_nothing_to_repair_without_names() -> None:
    assert SoundAlikes(Vocabulary(frozenset(), frozenset({"go"})), "en").repaired("gow") == ()


Stops = Callable[[str, Hypothesis], bool]
"""Whether a text and another hypothesis stop somebody."""


def test_a_text_is_a_whole_order_or_not(site: Site) -> None:
    understanding = Pipeline(site, None)
    vehicle = next(iter(site.vehicles))
    name = site.label(vehicle, "en")
    assert understanding.wholeness(f"Park {name}.", "en") is Wholeness.WHOLE
    assert understanding.wholeness("Stop!", "en") is Wholeness.STOP
    assert understanding.wholeness(f"Did you see {name} yesterday", "en") is Wholeness.NONE
    assert understanding.wholeness(f"{name}, go to the dock", "en") is Wholeness.NUMBERLESS
    assert understanding.wholeness("Forklift, go to dock two", "en") is Wholeness.NUMBERLESS


@pytest.fixture(scope="module")
def stops() -> Stops:
    understanding = Pipeline(load_site(bundled_site()), None)
    return lambda best, other: understanding.parse(Transcript(best, "en", 0.8, (other,))).commands == (STOP_ALL,)


def test_words_that_were_put_in_take_no_stop_away_and_make_none(stops: Stops) -> None:
    assert stops("Tomash stop", Hypothesis("Do not stop", "en", 0.5, -5.0, repaired=True))
    assert not stops("the ship was late", Hypothesis("the stop was late", "en", 0.5, -5.0, repaired=True))
    assert stops("shop", Hypothesis("stop", "en", 0.5, -5.0, repaired=True))


def test_a_far_fetched_hypothesis_stops_nobody(stops: Stops) -> None:
    assert stops("Nobody loved it", Hypothesis("Tomash stop", "en", 0.5, -2.0))
    assert not stops("Nobody loved it", Hypothesis("Tomash stop", "en", 0.5, -7.0))
    assert stops("Nobody loved it", Hypothesis("Stop!", "en", 0.5, -5.0))
    assert not stops("Nobody loved it", Hypothesis("Stop!", "en", 0.5, -7.0))


def test_the_likeliest_text_is_never_crowded_out() -> None:
    repairs = [Hypothesis(f"dock {number}", "en", 0.5, -4.0, repaired=True) for number in range(8)]
    truth = Hypothesis("Tomash stop", "en", 0.9, 0.0)
    kept = _foremost([*repairs, truth])
    assert truth in kept
    assert kept[0] == repairs[0]
    assert _foremost([truth, *repairs])[0] == truth
