"""Why there is no plan, in the operator's language, where the edge itself says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import FleetDouble
from escalation_world import Dispatcher
from office_world import ASKED, FREEZER, office
from reply_languages import EVERY_LANGUAGE

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, Problem
from banksman_edge.plans import OutdatedError, RefusedError
from banksman_edge.plans.readback import SpokenPlanReporter
from banksman_edge.replies import Phrasebook
from banksman_shared.commands import Command
from banksman_shared.plans import Plan, PlanState, TransportGoal
from banksman_shared.site import Site

GERMAN = "vor zwölf Uhr fünf Paletten vom Kühllager zu Tor zwei bringen"
REASONS = ("too-long", "too-many", "unsound", "nobody", "slow", "gone", "declined", "changed")
PLAN = Plan(id="p", state=PlanState.PROPOSED, request="x")
LIMIT_S, WAITED_S = 3000.0, 1.5


def reporter(site: Site, language: str) -> SpokenPlanReporter:
    def unused(*_: Any, **__: Any) -> None:
        raise AssertionError("nobody is told")

    return SpokenPlanReporter(site, Phrasebook(site), language, unused, unused, unused, unused)


@EVERY_LANGUAGE
def test_each_reason_of_the_edge_is_said_in_the_language_of_the_order(site: Site, language: str) -> None:
    said = {reason: reporter(site, language).failure(PlannerError("own words", reason=reason)) for reason in REASONS}
    english = {reason: reporter(site, "en").failure(PlannerError("own words", reason=reason)) for reason in REASONS}
    assert len(set(said.values())) == len(REASONS)
    assert "own words" not in said.values()
    assert language == "en" or not set(said.values()) & set(english.values())


@EVERY_LANGUAGE
def test_a_barred_way_and_a_broken_vehicle_are_said_with_the_wish_and_the_name(site: Site, language: str) -> None:
    lost = Problem(Code.EMERGENCY_STOP, "own words", "forklift-3")
    said = reporter(site, language).failure(OutdatedError("own words", PLAN, [lost], ["WISH"]))
    assert "WISH" in said
    assert site.label("forklift-3", language).casefold() in said.casefold()
    assert "own words" not in said
    if language != "en":
        assert "bars the way" not in said
        busy = Problem(Code.BUSY, "own words", "forklift-3")
        refused = reporter(site, language).failure(RefusedError("own words", busy))
        assert "own words" not in refused


def test_what_the_planner_says_itself_is_told_as_it_is(site: Site) -> None:
    assert reporter(site, "de").failure(PlannerError("Es gibt keinen Plan.")) == "Es gibt keinen Plan."


def test_a_way_that_is_barred_before_the_yes_is_told_in_german(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = router.say(GERMAN, language="de")
        router.heard.until_reply("Soll ich", key=key)
        first = router.heard.of("plan", key)[-1].plan
        other = next(v for v in fleet.views if v not in {step.vehicle for step in first.steps})
        node = site.places["cold-store"].node
        fleet.views[other] = replace(fleet.views[other], node=node, fatal=True, bars=(node,))
        router.say("ja", language="de")
        router.heard.until_reply(f"Ein ausgefallenes Fahrzeug steht im Weg: „{GERMAN}“. Ich plane neu.", key=key)
        router.refused(key, "Der Plan ist gescheitert: ", "Ein ausgefallenes Fahrzeug steht im Weg")
    assert fleet.orders == []


def test_that_nobody_is_connected_any_more_is_told_in_german(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud() as line:
        key = router.say(GERMAN, language="de")
        router.heard.until_reply("Soll ich", key=key)
        fleet.views = {vehicle: replace(view, connected=False) for vehicle, view in fleet.views.items()}
        router.say("ja", language="de")
        router.refused(key, "Der Plan ist gescheitert: kein Fahrzeug ist verbunden.")
        assert len(line.bodies("POST /v1/plans")) == 1  # and nobody is asked to plan without vehicles
    assert fleet.orders == []


def test_that_the_planner_takes_too_long_is_told_in_german(
    site: Site, fleet: FleetDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.plans.router.CLOUD_S", 0.5)
    with office(site, fleet, tmp_path) as router, router.cloud():
        router.model.go.clear()
        router.refused(router.say(GERMAN, language="de"), "Der Plan ist gescheitert: der Planer hat zu lange gebraucht")
        router.model.go.set()


class Breaking(FleetDouble):
    """Its first vehicle that is asked for breaks down in that moment."""

    broken: str | None = None
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def check(self, commands: Sequence[Command], **_options: Any) -> list[Problem]:
        named = {vehicle for command in commands for vehicle in command.vehicles}
        self.broken = self.broken or next(iter(named), None)
        if self.broken in named:
            self.meanwhile()
            self.views[self.broken] = replace(self.views[self.broken], emergency_stop=True)
            return [Problem(Code.EMERGENCY_STOP, "the button is pressed", self.broken)]
        return []


def test_who_breaks_down_at_the_yes_gives_no_wish_more_time(site: Site, tmp_path: Path) -> None:
    fleet = Breaking(site)
    with office(site, fleet, tmp_path) as router:
        router.model = Dispatcher(5, within_s=LIMIT_S)
        with router.cloud():
            key = router.say(FREEZER)
            router.heard.until_reply(ASKED, key=key)
            first = router.heard.of("plan", key)[-1].plan
            time.sleep(WAITED_S)
            router.say("yes")
            again = router.heard.until(lambda e: e.name == "plan" and e.picture and e.plan.id != first.id)
    goal = again.plan.goals[0]
    assert isinstance(goal, TransportGoal)
    assert goal.within_s is not None
    assert goal.within_s <= LIMIT_S - WAITED_S
    assert fleet.orders == []


def test_what_is_called_off_while_its_vehicle_breaks_down_is_not_left_approved(site: Site, tmp_path: Path) -> None:
    fleet = Breaking(site)
    with office(site, fleet, tmp_path) as router, router.cloud() as line:
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        fleet.meanwhile = lambda: router.agent.say("cancel everything")
        router.say("yes")
        router.refused(key, "The plan failed: ")
        assert len([path for path, _, _ in line.came if path.startswith("DELETE ")]) == 1
    assert not router.heard.texts(key)[-1].endswith(ASKED)
