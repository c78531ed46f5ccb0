"""Stops behind which a recogniser left the commas out, and talk that begins like them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.nlu.interpretation import Tier
from banksman_shared.commands import EVERYBODY, Action
from banksman_shared.site import load_site

ORDERS = Path(__file__).parents[1] / "data" / "orders"
SITES = ("printing", "depot", "catering", "dairy", "furniture", "nursery", "bottling")
MARKS = re.compile(r"[,،、，;:!¡¿…！。.]|\.\.\.")


@cache
def understanding(site: str = "printing") -> Understanding:
    return Understanding(load_site(ORDERS / site), None)


def stopped(text: str, language: str, site: str = "printing") -> tuple[str, ...] | None:
    """Who is stopped; None where nobody is."""
    read = understanding(site).stop(Transcript(text, language, 1.0))
    assert read is None or (read.tier is Tier.STOP and [c.action for c in read.commands] == [Action.STOP])
    return read.commands[0].vehicles if read else None


@pytest.mark.parametrize(
    ("language", "text", "whom"),
    [
        ("en", "clamp truck three stop the rack is coming down", ("clamp-3",)),
        ("en", "hey hey clamp truck three stop you're on my hose", ("clamp-3",)),
        ("en", "stop stop we lost a wheel over here", (EVERYBODY,)),
        ("en", "everybody stop a child ran in", (EVERYBODY,)),
        ("en", "clamp truck three stop racking's coming down", ("clamp-3",)),
        ("en", "clamp truck three stop for God's sake there's a child", ("clamp-3",)),
        ("en", "clamp truck three stop on the floor there's somebody", ("clamp-3",)),
        ("en", "oh god nobody move we lost a hook", (EVERYBODY,)),
        ("fr", "pince deux stop du verre partout", ("clamp-2",)),
        ("zh", "抱夹二号别动工人在下面", ("clamp-2",)),
        ("es", "pinza dos quieta ahí tengo la mano debajo", ("clamp-2",)),
        ("es", "para para se cae la estantería", (EVERYBODY,)),
        ("fr", "pince quatre arrête-toi la porte se ferme", ("clamp-4",)),
        ("fr", "arrêtez tout il y a le feu aux ateliers", (EVERYBODY,)),
        ("it", "pinza uno ferma subito stai perdendo la bobina", ("clamp-1",)),
        ("it", "attenzione pinza uno ferma subito", ("clamp-1",)),
        ("pt", "para tudo para tudo caiu uma pilha", (EVERYBODY,)),
        ("hi", "क्लैंप एक रुक जाओ पहिया निकल रहा है", ("clamp-1",)),
        ("hi", "सब रुक जाओ यहाँ आग लगी है", (EVERYBODY,)),
        ("zh", "抱夹二号停下绳子断了", ("clamp-2",)),
        ("zh", "抱夹二号别动前面有个人", ("clamp-2",)),
        ("ja", "クランプ二号止まれ床が濡れてる", ("clamp-2",)),
        ("ja", "うわっ危ない止めて止めて早く止めて", (EVERYBODY,)),
    ],
)
def test_a_stop_needs_no_comma_behind_it(language: str, text: str, whom: tuple[str, ...]) -> None:
    assert stopped(text, language) == whom


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "everybody stop complaining about the food"),
        ("en", "he shouted stop stop and nobody heard him"),
        ("en", "clamp truck three stopped at press two last night"),
        ("en", "stop it you're making me laugh"),
        ("fr", "ne bouge pas j'arrive tout de suite avec le café"),
        ("zh", "抱夹二号停下得太慢了"),
        ("es", "pinza dos para el turno de noche no tiene batería"),
        ("es", "para todos hay café en la sala"),
        ("es", "la pinza dos se para cada vez que llueve"),
        ("fr", "la pince quatre s'arrête toujours devant la porte"),
        ("it", "la pinza uno si ferma sempre davanti al muro"),
        ("pt", "para todo mundo tem bolo na copa"),
        ("zh", "全部停车位都满了今天"),
        ("zh", "抱夹二号停车之后门打不开"),
        ("ja", "クランプ二号止まれば静かになる"),
    ],
)
def test_talk_that_begins_like_a_stop_stops_nobody(language: str, text: str) -> None:
    assert stopped(text, language) is None


def test_most_stops_of_strangers_are_found_without_their_marks() -> None:
    found = total = 0
    for site in SITES:
        for row in map(json.loads, (ORDERS / site / "orders.jsonl").read_text("utf-8").splitlines()):
            if isinstance(row["expect"], dict) and row["expect"]["action"] == "stop":
                bare = " ".join(MARKS.sub("" if row["language"] in ("zh", "ja") else " ", row["text"]).split())
                total += 1
                found += set(stopped(bare, row["language"], site) or ()) == set(row["expect"]["vehicles"])
    assert found >= 0.9 * total


def test_shouts_of_somebody_who_had_not_seen_the_words_are_found() -> None:
    assert len(found_in("shouts_running_on")) >= 125


def test_talk_that_begins_like_them_mostly_stops_nobody() -> None:
    assert len(found_in("talk_running_on")) <= 7


def found_in(manifest: str) -> list[str]:
    """The ids of the sentences of a manifest in which somebody is stopped."""
    site = Understanding(load_site(ORDERS.parent / "lookalikes"), None)
    rows = map(json.loads, (ORDERS.parent / "stop_words" / f"{manifest}.jsonl").read_text("utf-8").splitlines())
    return [row["id"] for row in rows if site.stop(Transcript(row["text"], row["language"], 1.0))]
