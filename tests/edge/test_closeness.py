"""Two readings that are close are asked about, with one precise question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from edge_world import FleetDouble

from banksman_edge import Hypothesis, Policy, Transcript, Understanding, Verdict
from banksman_edge.replies import Phrasebook
from banksman_edge.understanding.rivals import rivals
from banksman_shared.commands import Action, Command
from banksman_shared.site import Site, load_site


def heard(best: str, *others: tuple[str, float], language: str = "en") -> Transcript:
    """What was recognised, and what else it may have been, with the nats by which that is less likely."""
    return Transcript(best, language, 0.9, tuple(Hypothesis(text, language, 0.9, -nats) for text, nats in others))


@pytest.mark.parametrize(
    ("transcript", "asked", "verdict"),
    [
        (heard("forklift three go to aisle nine", ("forklift three go to aisle five", 1.0)),
         ("aisle-9", "aisle-5"), Verdict.ASK),
        (heard("forklift one go to dock two", ("forklift four go to dock two", 1.0)),
         ("forklift-1", "forklift-4"), Verdict.ASK),
        (heard("forklift three go to aisle nine", ("forklift three go to aisle five", 9.0)), (), Verdict.ACCEPT),
        (heard("forklift three go to aisle nine"), (), Verdict.ACCEPT),
        (heard("forklift three go to aisle nine", ("Forklift 3, go to aisle 9.", 0.1)), (), Verdict.ACCEPT),
        # The other reading differs in more than a number, or in another kind of thing: it is read back.
        (heard("forklift three go to aisle nine", ("forklift one go to aisle five", 0.1)), (), Verdict.CONFIRM),
        (heard("forklift three go to dock two", ("tugger two go to dock two", 0.1)), (), Verdict.CONFIRM),
        (heard("forklift three go to aisle nine", ("forklift three pick up at aisle five", 0.1)), (), Verdict.CONFIRM),
        (heard("forklift three go to aisle nine", ("forklift three pick up at aisle five", 2.0)), (), Verdict.ACCEPT),
        (heard("carretilla tres ve al muelle dos", ("carretilla uno ve al muelle dos", 0.5), language="es"),
         ("forklift-3", "forklift-1"), Verdict.ASK),
    ],
)  # fmt: skip
def test_what_was_nearly_heard_as_another_number_is_asked_about(
    site: Site, fleet: FleetDouble, transcript: Transcript, asked: tuple[str, ...], verdict: Verdict
) -> None:
    read = Understanding(site, None).understand(transcript)
    assert read.choices == asked
    assert Policy.of(site).judge(read, 0.9, fleet).verdict is verdict


@pytest.mark.parametrize(("numbers", "share", "asked"), [
    ((15, 50), 0.85, True), ((15, 50), 0.75, False), ((6, 7), 0.85, False), ((6, 7), 0.92, True),
])  # fmt: skip
def test_numbers_that_sound_alike_are_closer_than_others(
    site: Site, numbers: tuple[int, int], share: float, asked: bool
) -> None:
    pair = ("forklift-1", "forklift-2")
    vehicles = {i: replace(site.vehicles[i], number=n) for i, n in zip(pair, numbers, strict=True)}
    one, other = ((Command(Action.CHARGE, (vehicle,)),) for vehicle in pair)
    found = rivals(replace(site, vehicles={**site.vehicles, **vehicles}), "en", [(1.0, one), (share, other)])
    assert found == (pair if asked else ())


@pytest.mark.parametrize(
    ("language", "one", "other", "close"),
    [("en", 15, 50, True), ("es", 2, 12, True), ("de", 7, 17, True), ("en", 6, 7, False), ("it", 2, 9, False)],
)
def test_which_numbers_sound_alike(site: Site, language: str, one: int, other: int, close: bool) -> None:
    from banksman_edge.understanding.rivals import _sound_alike  # noqa: PLC0415  what is measured is a detail

    assert _sound_alike(language, one, other) is close


def test_a_stop_is_never_asked_about(site: Site, fleet: FleetDouble) -> None:
    read = Understanding(site, None).understand(heard("stop forklift one", ("stop forklift four", 0.1)))
    assert Policy.of(site).judge(read, 0.9, fleet).verdict is Verdict.ACCEPT


def test_the_question_names_both(site: Site) -> None:
    first, second = (site.label(thing, "en") for thing in ("aisle-9", "aisle-5"))
    assert Phrasebook(site).say("which", "en", a=first, b=second) == "Aisle 9 or aisle 5?"


def test_who_is_named_in_what_was_heard_best_is_kept_beside_clearer_words_that_name_nobody() -> None:
    factory = Understanding(load_site(Path(__file__).parents[1] / "data" / "commands" / "tileworks"), None)
    named, nameless = (f"Du {name}, il faut amener le big bag du silo 35 à la presse 5." for name in ("chasse", "chez"))
    for best, other, whom in ((named, nameless, ("forklift-60",)), (nameless, named, ())):
        order = factory.known(heard(best, (other, 1.7), language="fr"))
        assert order
        assert [command.vehicles for command in order.commands] == [whom]
