"""Requests with tags, the lines that a taught model may write about them, and the goals that these mean."""

from __future__ import annotations

import re

import pytest

from banksman_cloud.lab import corpus
from banksman_cloud.reading.goals_of_line import goals_of, line_of
from banksman_cloud.reading.line_grammar import END, START, options
from banksman_cloud.reading.tagging import TaggedRequest, tagged
from banksman_shared import bundled_site, load_site
from banksman_shared.plans import AvoidGoal, NamedThing, OneWayGoal, ReserveGoal, SendGoal, TransportGoal, UseGoal
from banksman_shared.site import Site

NAMES = {
    "inbound": "inbound",
    "aisle two": "aisle-2",
    "five": "aisle-5",
    "aisle three": "aisle-3",
    "dock one": "dock-1",
    "forklift two": "forklift-2",
    "forklift one": "forklift-1",
}


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(bundled_site())


def request_of(site: Site, text: str, *names: str, now: str | None = None) -> TaggedRequest:
    mentions = [NamedThing(words=name, ids=(NAMES[name],)) for name in names]
    kinds = {"forklifts": "forklift", "tuggers": "tugger"}
    for word, kind in kinds.items():
        if word in text:
            ids = tuple(vehicle.id for vehicle in site.vehicles.values() if vehicle.kind == kind)
            mentions.append(NamedThing(words=word, ids=ids))
    return tagged(site, text, "en", mentions, now=now)


def test_names_numbers_and_times_become_tags(site: Site) -> None:
    text = "Clear inbound: four pallets to aisle two and five by half past two, none through aisle three for 20 minutes"
    request = request_of(site, text, "inbound", "aisle two", "five", "aisle three", now="2026-12-03T10:00")
    assert request.text == "Clear P1: N1 pallets to P2 and P3 by T1, none through P4 for D1"
    values = {name: sorted(tag.readings) for name, tag in request.tags.items() if tag.readings}
    assert values == {"N1": [("count", 4)], "T1": [("time", "14:30")], "D1": [("seconds", 1200)]}
    assert [text[slice(*request.tags[name].spans[0])] for name in ("P3", "T1")] == ["five", "half past two"]


def test_a_number_in_a_name_is_no_number_of_the_request(site: Site) -> None:
    request = request_of(
        site, "5 from dock one to aisle two, one of them with forklift two", "dock one", "aisle two", "forklift two"
    )
    assert request.text == "N1 from P1 to P2, one of them with V1"


@pytest.mark.parametrize(
    ("text", "names", "reading", "line"),
    [
        (
            "four from inbound to aisle two",
            ("inbound", "aisle two"),
            "carry 4 from inbound to aisle-2",
            "carry N1 from P1 to P2",
        ),
        (
            "two each from inbound to aisle two and five with the forklifts but not forklift two",
            ("inbound", "aisle two", "five", "forklift two"),
            "carry 2 from inbound to each aisle-2,aisle-5 by kind:forklift but forklift-2",
            "carry N1 from P1 to each P2,P3 by K1 but V1",
        ),
        (
            "charge forklift one to 60 percent first, then it goes to dock one",
            ("forklift one", "dock one"),
            "charge forklift-1 until 60% first ; then move forklift-1 to dock-1",
            "charge V1 until Q1 first ; then move V1 to P1",
        ),
        ("aisle three is closed for 20 minutes", ("aisle three",), "close aisle-3 until 20min", "close P1 until D1"),
        ("bring some to aisle two", ("aisle two",), "carry ? from ? to aisle-2", "carry ? from ? to P1"),
    ],
)
def test_a_reading_becomes_a_line_that_can_be_written(
    site: Site, text: str, names: tuple[str, ...], reading: str, line: str
) -> None:
    request = request_of(site, text, *names)
    assert line_of(reading, request, site) == line
    assert corpus.is_line(line, request)
    assert not corpus.is_line(f"{line} ; carry", request)


def test_a_line_cannot_name_what_the_request_does_not(site: Site) -> None:
    request = request_of(site, "four from inbound to aisle two", "inbound", "aisle two")
    for wrong in ("carry N2 from P1 to P2", "carry N1 from P1 to P3", "carry N1 from P1 to P2 by V1", "move V1 to P1"):
        assert not corpus.is_line(wrong, request)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "4 from inbound to aisle two with forklift one and the tuggers by half past two or 20 minutes, 60 percent",
            ("inbound", "aisle two", "forklift one"),
        ),
        ("to inbound with it", ("inbound",)),
        ("forklift one, off you go", ("forklift one",)),
        ("four of them in 20 minutes", ()),
        ("do something", ()),
    ],
)
def test_all_that_lines_lead_to_comes_to_an_end(site: Site, text: str, names: tuple[str, ...]) -> None:
    request = request_of(site, text, *names)
    open_, seen = [START], {START}
    while open_:
        for state in options(open_.pop(), request).values():
            if state not in seen:
                seen.add(state)
                open_.append(state)
    assert END in seen
    assert all(options(state, request) for state in seen - {END})


def test_what_goals_come_of_a_line(site: Site) -> None:
    request = request_of(
        site,
        "Clear inbound, move four pallets to aisle two and five, and nobody goes through aisle three",
        *("inbound", "aisle two", "five", "aisle three"),
    )
    goals = goals_of("carry N1 from P1 to equal P2,P3 ; close P4", request, site)
    carried, closed = goals.goals
    assert isinstance(carried, TransportGoal)
    assert (carried.count, carried.origins, carried.destinations) == (4, ("inbound",), ("aisle-2", "aisle-5"))
    assert (carried.share, carried.words) == ("equal", "inbound, move four pallets to aisle two and five")
    assert isinstance(closed, AvoidGoal)
    assert (closed.places, closed.words) == (("aisle-3",), "aisle three")
    assert (goals.unclear, goals.missing, goals.unsupported) == ((), (), ())


def test_what_a_line_does_not_use_is_asked_about(site: Site) -> None:
    request = request_of(
        site, "four from inbound to aisle two, and nobody in aisle three", "inbound", "aisle two", "aisle three"
    )
    assert goals_of("carry N1 from P1 to P2", request, site).unclear == ("aisle three",)
    assert goals_of("close P3", request, site).unclear == ("four", "inbound", "aisle two")


def test_a_number_that_is_corrected_is_not_asked_about(site: Site) -> None:
    request = request_of(site, "four, no, six pallets from inbound to aisle two", "inbound", "aisle two")
    assert goals_of("carry N2 from P1 to P2", request, site).unclear == ()
    assert goals_of("carry N1 from P1 to P2", request, site).unclear == ("six",)


def test_a_number_stands_for_a_place_of_the_kind_that_is_named(site: Site) -> None:
    request = request_of(site, "four from inbound to aisle two or three", "inbound", "aisle two")
    (goal,) = goals_of("carry N1 from P1 to P2,N2", request, site).goals
    assert isinstance(goal, TransportGoal)
    assert goal.destinations == ("aisle-2", "aisle-3")


def test_what_is_missing_and_what_no_goal_can_say(site: Site) -> None:
    request = request_of(site, "some pallets to aisle two, and again every hour", "aisle two")
    goals = goals_of("carry ? from ? to P1 ; beyond", request, site)
    assert (goals.goals, goals.missing) == ((), ("amount", "origin"))
    assert goals.unsupported == ("and again every hour",)


def test_who_does_it_and_when(site: Site) -> None:
    request = request_of(
        site,
        "6 from inbound to aisle two with the forklifts, at most two, in 20 minutes. Then forklift one goes home, "
        "the others charge to 60 percent. forklift two never.",
        *("inbound", "aisle two", "forklift one", "forklift two"),
    )
    line = "carry N1 from P1 to P2 by K1 most N2 after D1 ; then park V1 ; charge rest until Q1 ; never V2"
    assert corpus.is_line(line, request)
    carried, parked, charged, never = goals_of(line, request, site).goals
    assert isinstance(carried, TransportGoal)
    assert (carried.vehicles, carried.at_most, carried.not_before_s) == (("kind:forklift",), 2, 1200)
    assert isinstance(parked, SendGoal)
    assert (parked.action, parked.vehicles, parked.after) == ("park", ("forklift-1",), (0,))
    assert isinstance(charged, SendGoal)
    assert (charged.until, charged.when) == (60, "first")
    assert set(charged.vehicles) == {one.id for one in site.vehicles.values() if one.kind != "forklift"}
    assert isinstance(never, UseGoal)
    assert never.never == ("forklift-2",)


def test_ways_and_reserves(site: Site) -> None:
    request = request_of(
        site, "from dock one to aisle two in one direction only, none below 30", "dock one", "aisle two"
    )
    way, reserve = goals_of("oneway P1 to P2 ; reserve N1", request, site).goals
    assert isinstance(way, OneWayGoal)
    assert (way.start, way.end) == ("dock-1", "aisle-2")
    assert isinstance(reserve, ReserveGoal)
    assert reserve.percent == 30


@pytest.mark.parametrize("language", corpus.languages())
def test_the_corpus_says_nothing_that_its_requests_do_not(language: str) -> None:
    rows = corpus.rows(language)
    tag = re.compile(r"\b[PAZVKGLNDTQ]\d+\b")
    assert len(rows) > 100
    assert [row.said for row in rows if not set(tag.findall(row.line)) <= set(tag.findall(row.text))] == []
    tested = {row.text for row in rows if row.split == "test"}
    taught = {example["text"] for example in corpus.examples(language) if not example.get("test")}
    assert not tested & taught


@pytest.mark.parametrize(
    ("text", "names", "line", "missing"),
    [
        ("close it for a while", (), "close ?", ("destination",)),
        ("somebody to inbound please", ("inbound",), "move ? to P1", ("vehicle",)),
        ("all but forklift one and the forklifts and the tuggers go home", ("forklift one",), None, ("vehicle",)),
    ],
)
def test_what_is_open_is_asked_for_and_makes_no_goal(
    site: Site, text: str, names: tuple[str, ...], line: str | None, missing: tuple[str, ...]
) -> None:
    request = request_of(site, text, *names)
    goals = goals_of(line or f"park all but {','.join(request.of('VK'))}", request, site)
    assert (goals.goals, goals.missing) == ((), missing)


def test_a_name_that_may_mean_several_things_is_asked_about(site: Site) -> None:
    several = NamedThing(words="the corner", ids=("aisle-2", "dock-1"))
    mentions = (NamedThing(words="inbound", ids=("inbound",)), several)
    request = tagged(site, "four from inbound to the corner", "en", mentions)
    goals = goals_of("carry N1 from P1 to A1", request, site)
    assert (goals.goals, goals.unclear) == ((), ("the corner",))


def test_a_number_that_is_left_out_for_a_reason_is_told(site: Site) -> None:
    corrected = request_of(site, "four, no, six pallets from inbound to aisle two", "inbound", "aisle two")
    assert goals_of("carry N2 from P1 to P2", corrected, site).unsupported == ("four",)
    counting = request_of(site, "8 from inbound to those 2, aisle two and five", "inbound", "aisle two", "five")
    assert goals_of("carry N1 from P1 to P2,P3", counting, site).unsupported == ("2",)
