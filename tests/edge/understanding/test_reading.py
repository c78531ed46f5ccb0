"""What lines mean, what the proof finds to be left over, and how the stages of understanding follow each other."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from banksman_edge import LanguageModelError, Transcript
from banksman_edge.lab.teach.corpus import site_without_layout
from banksman_edge.understanding import Answer, Parse, Pipeline, Tier
from banksman_edge.understanding.entities import EntityFinder
from banksman_edge.understanding.optional_parts import Part
from banksman_edge.understanding.proof import left_over
from banksman_edge.understanding.reader.lines import line_of, meaning_of
from banksman_edge.understanding.reader.tagged import Tagged, tagged, tags_of
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.actions import Action
from banksman_shared.commands import Command, to_document
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[2] / "data" / "understanding"


@cache
def site() -> Site:
    return site_without_layout(tomllib.loads((DATA / "site.toml").read_text("utf-8")))


@cache
def plain() -> Pipeline:
    return Pipeline(site(), None)


class Script:
    """A reader that answers one line, whatever it is asked; an error is raised."""

    languages = frozenset({"en"})

    def __init__(self, line: str | Exception, probability: float = 0.95) -> None:
        self.line, self.probability = line, probability
        self.asked: list[str] = []

    def answer(self, sentence: Tagged) -> Answer:
        self.asked.append(sentence.text)
        if isinstance(self.line, Exception):
            raise self.line
        return Answer(self.line, self.probability)


def sentence(text: str, language: str = "en") -> Tagged:
    words = words_of(text)
    return tagged(words, plain().finders[language].find(words))


def parse(text: str, line: str | Exception, probability: float = 0.95, language: str = "en") -> Parse:
    return plain().with_reader(Script(line, probability)).parse(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", "Could you get forklift two over to the Cold Store?", "Could you get V1 over to the P1?"),
        ("en", "forklift 1 and forklift 2, forklift 1 first", "V1 and V2, V1 first"),
        ("en", "all forklifts to the dock", "all K1 to the dock"),
        ("tr", "forklift ikiyi dock 1'den dock ikiye", "V1'i P1'den P2'ye"),
        ("ar", "روح للدوك أربعة", "روح لل P1"),
        ("ja", "フォークリフト2号をドック4へ", "V1 を P1 へ"),
    ],
)
def test_names_become_tags_and_the_rest_stays_as_it_was_said(language: str, text: str, shown: str) -> None:
    assert sentence(text, language).text == shown


@pytest.mark.parametrize(
    ("text", "line", "document"),
    [
        ("forklift two to dock one", "move V1 to P1", {"action": "move", "vehicles": ["f2"], "to": "d1"}),
        (
            "take it from dock one to dock two",
            "transport any from P1 to P2",
            {"action": "transport", "vehicles": [], "from": "d1", "to": "d2"},
        ),
        (
            "forklift two, no, three to dock one",
            'move "three" to P1',
            {"action": "move", "vehicles": ["f3"], "to": "d1"},
        ),
        ("forklift two to dock one, no, four", 'move V1 to "four"', {"action": "move", "vehicles": ["f2"], "to": "d4"}),
        ("feelcon to dock one", 'move "feelcon" to P1', {"action": "move", "vehicles": ["f3"], "to": "d1"}),
        ("all forklifts park", "park all K1", {"action": "park", "vehicles": ["kind:forklift"]}),
        ("a forklift to dock one", "move one K1 to P1", {"action": "move", "vehicles": [], "to": "d1"}),
        ("the tugger to dock one", "move one K1 to P1", {"action": "move", "vehicles": ["t4"], "to": "d1"}),
        (
            "all forklifts but forklift two park",
            "park all K1 but V1",
            {"action": "park", "vehicles": ["f1", "f3", "f4", "f9"]},
        ),
        (
            "everybody but the night shift stop",
            "stop all but G1",
            {"action": "stop", "vehicles": ["f2", "f3", "f4", "f9"]},
        ),
        ("those at dock one stop", "stop those at P1", {"action": "stop", "vehicles": ["at:d1"]}),
        ("stop", "stop any", {"action": "stop", "vehicles": ["*"]}),
        ("night shift charge", "charge G1", {"action": "charge", "vehicles": ["group:night"]}),
        ("forklift one and forklift two park", "park V1,V2", {"action": "park", "vehicles": ["f1", "f2"]}),
    ],
)
def test_what_a_line_means_and_how_it_is_written(text: str, line: str, document: object) -> None:
    shown, finder = sentence(text), plain().finders["en"]
    commands = meaning_of(line, shown, finder, site()).commands
    assert to_document(commands) == document
    again = line_of(commands, shown, finder, site())
    assert meaning_of(again, shown, finder, site()).commands == commands


@pytest.mark.parametrize("line", ["move V9 to P1", "move V1 to P9", "fly V1", 'move "nobody" to P1', "move"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  each says something else
        meaning_of(line, sentence("forklift two to dock one"), plain().finders["en"], site())


def test_a_quotation_that_names_nothing_is_told() -> None:
    parsed = parse("forklift two to the glass shed", 'move V1 to "glass shed"')
    assert (parsed.is_nothing, parsed.unknown) == (True, "glass shed")


@pytest.mark.parametrize(
    ("text", "line", "left"),
    [
        ("forklift two to dock one please", "move V1 to P1", ()),
        ("forklift two and forklift three to dock one", "move V1 to P1", ("'forklift three'",)),
        ("forklift two to dock one via dock two", "move V1 to P1", ("'dock two'",)),
        ("forklift two takes three pallets to dock one", "transport V1 to P1", ("'three'",)),
        ("forklift two takes the pallet to dock one", "transport V1 to P1", ()),
        ("forklift two should not go to dock one", "move V1 to P1", ("'not'",)),
        ("forklift two to dock one or dock two", "move V1 to P1", ("'dock two'", "'or'")),
        ("all forklifts except forklift two park", "park all K1 but V1", ()),
        ("all forklifts except forklift two park", "park all K1", ("'forklift two'", "'except'")),
        ("where is forklift two", "status V1", ()),
        ("don't move forklift two", "stop V1", ()),
        ("three pallets to dock one", "plan", ()),
        ("forklift two is at dock one", "none", ()),
    ],
)
def test_what_is_left_over(text: str, line: str, left: tuple[str, ...]) -> None:
    shown, finder = sentence(text), plain().finders["en"]
    assert left_over(meaning_of(line, shown, finder, site()), shown, finder, line) == left


def test_what_leaves_something_over_is_read_back_and_says_what() -> None:
    parsed = parse("well forklift two and forklift three off to dock one", "move V1 to P1", 0.99)
    assert parsed.commands == (Command(Action.MOVE, ("f2",), destination="d1"),)
    assert parsed.confidence < 0.8
    assert "forklift three" in parsed.reason
    assert parsed.trace is not None
    assert parsed.trace.left_over == ("'forklift three'",)


def test_a_certain_stop_and_a_plain_order_ask_no_reader() -> None:
    reader = Script("none")
    understands = plain().with_reader(reader)
    stop = understands.parse(Transcript("forklift two stop", "en", 1.0))
    order = understands.parse(Transcript("Forklift two, go to dock one", "en", 1.0))
    assert (stop.tier, order.tier, reader.asked) == (Tier.STOP, Tier.GRAMMAR, [])
    assert order.commands == (Command(Action.MOVE, ("f2",), destination="d1"),)


@pytest.mark.parametrize(
    ("line", "probability", "stopped"),
    [("none", 0.95, False), ("none", 0.4, True), ("stop V1", 0.9, True), (LanguageModelError("it is gone"), 1.0, True)],
)
def test_a_doubtful_stop_stops_unless_the_reader_is_sure_that_it_is_none(
    line: str | Exception, probability: float, *, stopped: bool
) -> None:
    parsed = parse("would you ever stop forklift two", line, probability)
    assert ({command.action for command in parsed.commands} == {Action.STOP}) is stopped


def test_a_stop_that_is_called_out_behind_an_order_holds() -> None:
    parsed = parse("forklift two, off you go to dock one, stop!", "move V1 to P1")
    assert parsed.commands == (Command(Action.STOP, ("f2",)),)


def test_without_a_reader_what_is_not_plain_is_nothing_and_says_why() -> None:
    parsed = plain().parse(Transcript("forklift two might like to see dock one", "en", 1.0))
    assert parsed.is_nothing
    assert "no language model" in parsed.reason


def test_a_place_that_the_site_lacks_is_told() -> None:
    parsed = parse("could forklift two go over to dock ninety", "move V1")
    assert (parsed.is_nothing, parsed.unknown) == (True, "dock ninety")


def test_another_hypothesis_is_read_where_the_best_is_no_order() -> None:
    from banksman_edge import Hypothesis  # noqa: PLC0415  only here

    class Hears(Script):
        def answer(self, sentence: Tagged) -> Answer:
            self.asked.append(sentence.text)
            return Answer("move V1 to P1" if "V1" in sentence.text else "none", 0.95)

    reader = Hears("")
    other = Hypothesis("forklift two kindly over to dock one", "en", 0.9, score=-1.0)
    heard = Transcript("fork lefty too kindly over to dock one", "en", 0.9, (other,))
    parsed = plain().with_reader(reader).parse(heard)
    assert parsed.commands == (Command(Action.MOVE, ("f2",), destination="d1"),)
    assert len(reader.asked) == 2


def test_a_part_can_be_left_out() -> None:
    reader = Script("move V1 to P1")
    Pipeline(site(), reader, without=frozenset({Part.PLAIN})).parse(
        Transcript("forklift two, go to dock one", "en", 1.0)
    )
    assert reader.asked == ["V1, go to P1"]


def test_the_trace_is_json_and_says_what_every_stage_said() -> None:
    parsed = parse("could forklift two pop over to dock one", "move V1 to P1")
    assert parsed.trace is not None
    document = json.loads(json.dumps(parsed.trace.document()))
    assert [one["ids"] for one in document["names"]] == [["f2"], ["d1"]]
    assert document["reader"][0]["asked"] == "could V1 pop over to P1"
    assert document["reader"][0]["line"] == "move V1 to P1"
    assert document["left_over"] == []


ONES = ("stacker-1", "sideloader-1", "tug-1")


@pytest.mark.parametrize(
    ("line", "stops"),
    [("stop V1", lambda vehicle: vehicle in ONES), ("stop all but V1", lambda _: True)],
)
def test_whoever_may_be_meant_by_a_stop_stops_and_is_not_spared(line: str, stops: Callable[[str], bool]) -> None:
    timber = load_site(DATA.parent / "fresh" / "timber")
    words = words_of("侧叉一号先停下别动后面有卡车在倒车")
    finder = Pipeline(timber).finders["zh"]
    (command,) = meaning_of(line, tagged(words, finder.find(words)), finder, timber).commands
    assert set(command.vehicles) == set(filter(stops, timber.vehicles))


@pytest.mark.parametrize(
    ("site", "text", "shown"),
    [
        ("laundry", "shuttle one to slot two", "V1 to H1"),
        ("clinic", "bed mover one to theatre, kitchen two", "V1 to P1, P2"),
    ],
)
def test_a_home_is_told_from_other_places_only_where_homes_are_of_one_kind(site: str, text: str, shown: str) -> None:
    known = load_site(DATA.parent / "fresh" / site)
    words = words_of(text)
    assert tagged(words, EntityFinder(known, "en").find(words), tags_of(known)).text == shown


def test_who_is_put_at_a_charger_charges_there() -> None:
    timber = load_site(DATA.parent / "fresh" / "timber")
    parsed = (
        Pipeline(timber)
        .with_reader(Script("park V1 to C1"))
        .parse(Transcript("put stacker 2 at charger 2 for the night", "en", 1.0))
    )
    assert [(command.action, command.destination) for command in parsed.commands] == [(Action.CHARGE, "charger-2")]


def test_where_all_places_can_charge_nobody_is_sent_to_charge_by_that() -> None:
    timber = load_site(DATA.parent / "fresh" / "timber")
    places = {name: dataclasses.replace(place, charger=True) for name, place in timber.places.items()}
    everywhere = dataclasses.replace(timber, places=places)
    parsed = (
        Pipeline(everywhere)
        .with_reader(Script("park V1 to P1"))
        .parse(Transcript("leave stacker 2 at kiln 3 for the night", "en", 1.0))
    )
    assert [(command.action, command.destination) for command in parsed.commands] == [(Action.PARK, "kiln-3")]


def test_other_work_is_nothing_where_the_site_has_no_such_action() -> None:
    timber = load_site(DATA.parent / "fresh" / "timber")
    parsed = Pipeline(timber).with_reader(Script("own V1 to P1")).parse(Transcript("stacker 2, mop kiln 3", "en", 1.0))
    assert (parsed.is_nothing, parsed.addressed) == (True, True)
