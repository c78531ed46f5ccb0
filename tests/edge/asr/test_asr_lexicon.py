"""The lexicon: what of a text, token by token, is words and names of the site."""

from __future__ import annotations

import pytest

from banksman_edge.asr.lexicon import Lexicon, Vocabulary
from banksman_edge.understanding.site_vocabulary import site_vocabulary
from banksman_shared.site import Site

BYTES = [bytes([byte]) for byte in range(256)]
ENGLISH = Vocabulary(
    frozenset({"dock 2", "dock 12", "cold store", "Goliath"}), frozenset({"go to", "go", "to", "the", "dock"})
)
CHINESE = Vocabulary(frozenset({"2号码头", "冷库"}), frozenset({"去", "把", "码头"}), spaced=False)


def weighed(vocabulary: Vocabulary, text: str) -> tuple[int, int]:
    """Bytes in unknown words, and names; a token is a byte here."""
    lexicon = Lexicon(vocabulary, BYTES)
    state = unknown = named = 0
    for token in text.encode():
        step = lexicon.follow(state, token)
        state, unknown, named = step.state, unknown + step.unknown, named + step.named
    last = lexicon.end(state)
    return unknown + last.unknown, named + last.named


@pytest.mark.parametrize(
    ("text", "unknown", "named"),
    [
        (" Go to the dock", 0, 0),
        (" go to dock 2.", 0, 1),
        (" go to dock 12", 0, 1),
        (" go to the Cold Store, dock 2!", 0, 2),
        (" go to the cold-store", 0, 1),
        (" Goliath, go to the goliath", 0, 2),
        (" go to dock 21", 1, 0),
        (" go bananas to dock 2", 7, 1),
        (" goto", 2, 0),
        (" do", 2, 0),
        ("", 0, 0),
    ],
)
def test_words_and_names_are_known_and_the_rest_is_counted(text: str, unknown: int, named: int) -> None:
    assert weighed(ENGLISH, text) == (unknown, named)


@pytest.mark.parametrize(
    ("text", "unknown", "named"),
    [("去2号码头", 0, 1), ("去冷库，把", 0, 1), ("去去去", 0, 0), ("去北京", 6, 0), ("去2号", 0, 0)],
)
def test_a_script_without_spaces_is_followed_too(text: str, unknown: int, named: int) -> None:
    if text == "去2号":  # the beginning of a name that never ends
        unknown = len("2号".encode())
    assert weighed(CHINESE, text) == (unknown, named)


def test_a_letter_in_several_tokens_is_no_obstacle() -> None:
    first, second, third = "去".encode()
    lexicon = Lexicon(CHINESE, BYTES)
    inside = lexicon.follow(lexicon.follow(0, first).state, second)
    assert inside.unknown == 0
    assert lexicon.follow(inside.state, third).unknown == 0
    assert lexicon.end(inside.state).unknown > 0


def test_a_site_brings_its_names_numbers_and_the_words_of_orders(site: Site) -> None:
    english, chinese = site_vocabulary(site, "en"), site_vocabulary(site, "zh")
    assert {"forklift 2", "forklift two", "Hercules", "dock 4"} <= english.names
    assert {"take", "pallet", "please", "seventeen", "third"} <= english.words
    assert english.spaced
    assert not chinese.spaced
    assert {"叉车2", "2号叉车", "二号叉车"} <= chinese.names
    assert any("車" in name for name in chinese.names), "recognisers write traditional characters too"


def test_names_of_kinds_may_be_said_in_the_plural(site: Site) -> None:
    vocabulary = site_vocabulary(site, "fr")
    kinds = {name for kind in site.vehicle_kinds.values() for name in kind.names["fr"]}
    assert kinds <= vocabulary.words
    assert {f"{name}s" for name in kinds if " " not in name} <= vocabulary.words
    numbered = next(vehicle for vehicle in site.vehicles.values() if vehicle.number)
    (name, *_) = site.vehicle_kinds[str(numbered.kind)].names["fr"]
    assert {f"{name} {numbered.number}", f"{name}s {numbered.number}"} <= vocabulary.names


def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banksman_edge.asr.lexicon.MOST_REMEMBERED", 5)
    lexicon = Lexicon(ENGLISH, BYTES)

    def steps() -> list[tuple[int, int]]:
        lexicon.begin()
        state, seen = 0, []
        for token in b" go to dock 12":
            step = lexicon.follow(state, token)
            state = step.state
            seen.append((step.unknown, step.named))
        return seen

    first = steps()
    assert steps() == first
    lexicon.begin()
    assert len(lexicon._followed) == 0
