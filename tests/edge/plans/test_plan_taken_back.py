"""Whoever asked for a plan takes it back while it is being made, at whatever planner, or while it waits for one; a stop
does so as well. It is said once, the planner's work is ended, and nothing is read back.

The planner is the real service over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import PATIENCE_S, FleetDouble
from office_world import ASKED, FREEZER, Office, office
from plant import eventually

from banksman_edge import Verdict
from banksman_edge.fleet import Code, Problem
from banksman_edge.plans import client
from banksman_edge.plans import offline_requests as waiting
from banksman_edge.replies import Phrasebook
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

NOBODY_WORKS = Problem(Code.NOTHING_TO_DO, "there is no vehicle to cancel")
QUEUE = '[escalation]\noffline = "queue"\nqueue_s = 300'
TAKEN_BACK = "All right, this is not planned any more"
STOPPED = "Vehicles were told to stand still, so this is not planned any more"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE_S", 0.01)
    monkeypatch.setattr(waiting, "PROBE_S", 0.05)


def is_being_planned(router: Office, text: str = FREEZER, **more: Any) -> str:
    """A request over which the planner's model thinks until it is let go."""
    router.model.go.clear()
    asked = len(router.model.prompts)
    key = router.say(text, **more)
    eventually(lambda: len(router.model.prompts) > asked, "the model is asked")
    return key


def works_on(fleet: FleetDouble, vehicle: str, job: str) -> None:
    fleet.views[vehicle] = replace(fleet.views[vehicle], job=job)


def ends_without_a_plan(router: Office, key: str, told: str) -> None:
    """One reply, one last event, the turn's end, an end at the planner; and when its model answers, nothing more."""
    router.heard.until_reply(told, key=key)
    assert router.agent.wait(key, PATIENCE_S) is False
    eventually(lambda: any(path.startswith("DELETE") for path, _, _ in router.line.came), "the planner is told")
    router.model.go.set()
    other = router.say("move two pallets from inbound to dock one", device="somebody else's")
    router.heard.until_reply(ASKED, key=other)
    assert [text for text in router.heard.texts(key) if told in text or ASKED in text] == [router.heard.texts(key)[-1]]
    states = [event.plan.state for event in router.heard.of("plan", key)]
    assert (states[-1], states.count(PlanState.CANCELLED)) == (PlanState.CANCELLED, 1)


@pytest.mark.parametrize(
    "words",
    [
        "cancel that",
        "never mind",
        "cancel everything",
        "please forget the plan",
    ],
)
def test_a_plan_is_taken_back_while_it_is_made(site: Site, fleet: FleetDouble, tmp_path: Path, words: str) -> None:
    fleet.problems = [NOBODY_WORKS]
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = is_being_planned(router)
        said = router.say(words)
        ends_without_a_plan(router, key, f"{TAKEN_BACK}: {FREEZER}.")
        assert router.heard.texts(said) == []
        assert router.heard.texts(key)[1:] == [f"{TAKEN_BACK}: {FREEZER}."]
        assert said in router.heard.of("plan", key)[-1].detail
    assert [r["state"] for r in router.records("plan") if r["utterance"] == key][-1] == "cancelled"


INSTEAD = "cancel that and send forklift three to dock one"


@pytest.mark.xfail(reason="the reader takes it for one vehicle that is cancelled and sent")
@pytest.mark.parametrize("planned", [True, False])
def test_what_is_called_off_and_what_is_wanted_instead_are_one_sentence(
    site: Site, fleet: FleetDouble, tmp_path: Path, planned: bool
) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = is_being_planned(router) if planned else ""
        if router.agent.say(INSTEAD).verdict is Verdict.CONFIRM:
            router.agent.say("yes")
        assert [(c.action, c.vehicles) for c in fleet.given()[0]] == [("move", ("forklift-3",))]
        if planned:
            router.heard.until_reply(f"{TAKEN_BACK}: {FREEZER}.", key=key)
        router.model.go.set()


def test_a_running_order_is_called_off_before_what_is_wanted_instead(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    with office(site, fleet, tmp_path) as router:
        order = router.agent.say("forklift two, go to dock two")
        fleet.given()
        works_on(fleet, "forklift-2", order.id)
        if router.agent.say(INSTEAD).verdict is Verdict.CONFIRM:
            router.agent.say("yes")
        commands = next(one for one in fleet.orders if len(one) > 1)
        assert [(c.action, c.vehicles) for c in commands] == [("cancel", ("forklift-2",)), ("move", ("forklift-3",))]


SAID = {
    "de": ("bis zwölf uhr müssen fünf paletten vom wareneingang an rampe zwei", "vergiss den Plan"),
    "es": ("lleva cinco palés de la entrada al muelle dos antes de las doce", "olvida el plan"),
    "fr": ("transporte cinq palettes de la réception au quai deux avant midi", "oublie le plan"),
}


@pytest.mark.parametrize("language", SAID)
def test_it_is_said_in_the_language_of_the_order(site: Site, fleet: FleetDouble, tmp_path: Path, language: str) -> None:
    order, words = SAID[language]
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = is_being_planned(router, order, language=language)
        router.say(words, language=language)
        router.heard.until_reply(Phrasebook(site).say("plan_recalled", language, words=order), key=key)


def test_whoever_cancels_without_a_name_takes_back_their_own_only(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    fleet.problems = [NOBODY_WORKS]
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = is_being_planned(router, device="a")
        other = router.say("cancel that", device="b")
        assert router.agent.decision(other, timeout_s=PATIENCE_S).verdict is Verdict.REJECT
        router.heard.until_reply("Not possible", key=other)
        router.model.go.set()
        router.heard.until_reply(ASKED, key=key)


def test_who_cancels_everything_takes_back_what_others_have_asked_for(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    fleet.problems = [NOBODY_WORKS]
    with office(site, fleet, tmp_path) as router, router.cloud():
        proposed = router.say("move two pallets from inbound to dock one", device="c")
        router.heard.until_reply(ASKED, key=proposed)
        key = is_being_planned(router, device="a")
        said = router.say("cancel everything", device="b")
        router.heard.until_reply("Cancelling the order of all vehicles.", key=said)
        router.heard.until_reply(TAKEN_BACK, key=proposed)
        ends_without_a_plan(router, key, TAKEN_BACK)
        assert router.heard.of("plan", proposed)[-1].plan.state is PlanState.CANCELLED


def test_an_order_that_was_given_since_is_what_is_cancelled_first(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = is_being_planned(router)
        order = router.agent.say("forklift three, go to dock one")
        fleet.given()
        works_on(fleet, "forklift-3", order.id)
        said = router.agent.say("cancel that")
        assert [(c.action, c.vehicles) for c in said.commands] == [("cancel", ("forklift-3",))]
        router.model.go.set()
        router.heard.until_reply(ASKED, key=key)


def test_a_stop_drops_what_is_being_planned_and_says_so(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = is_being_planned(router, device="a")
        assert router.agent.say("everybody stop").verdict is Verdict.ACCEPT
        ends_without_a_plan(router, key, f"{STOPPED}: {FREEZER}.")


@pytest.mark.parametrize("words", ["cancel that", "everybody stop"])
def test_what_waits_for_the_planner_is_taken_back(site: Site, fleet: FleetDouble, tmp_path: Path, words: str) -> None:
    fleet.problems = [NOBODY_WORKS]
    with office(site, fleet, tmp_path, QUEUE) as router:
        key = router.say(FREEZER)
        router.heard.until_reply("I keep this until it is back", key=key)
        router.say(words)
        router.heard.until_reply("this is not planned any more", key=key)
        assert router.agent.wait(key, PATIENCE_S) is False
        with router.cloud() as line:
            router.heard.until_reply(ASKED, key=router.say("move two pallets from inbound to dock one"))
            assert len(line.bodies("POST /v1/plans")) == 1
        assert router.heard.of("plan", key)[-1].plan.state is PlanState.CANCELLED
        assert router.heard.texts(key)[-1].endswith(f"not planned any more: {FREEZER}.")


def test_a_plan_that_nobody_agrees_to_ends_as_cancelled_everywhere(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        router.say("no")
        router.heard.until_reply("nothing was done", key=key)
        assert router.agent.wait(key, PATIENCE_S) is False
        assert router.heard.of("plan", key)[-1].plan.state is PlanState.CANCELLED
        eventually(lambda: any(path.startswith("DELETE") for path, _, _ in router.line.came), "the planner is told")


@pytest.mark.parametrize(
    ("asked", "told"),
    [(FREEZER, f"this was not done: {FREEZER}."), ("everybody go to dock one", "this was not done: everybody go")],
)
def test_who_is_asked_hears_that_it_was_a_stop_of_somebody_else_that_dropped_it(
    site: Site, fleet: FleetDouble, tmp_path: Path, asked: str, told: str
) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = router.say(asked, device="a")
        eventually(lambda: router.heard.texts(key)[-1:] and router.heard.texts(key)[-1].endswith("?"), "it is asked")
        assert router.agent.say("everybody stop").verdict is Verdict.ACCEPT
        router.heard.until_reply(told, key=key)
        assert router.agent.wait(key, PATIENCE_S) is False
        own = router.say(asked)
        eventually(lambda: router.heard.texts(own)[-1:] and router.heard.texts(own)[-1].endswith("?"), "it is asked")
        router.say("stop")
        router.heard.until_reply("nothing was done", key=own)


@pytest.mark.xfail(reason="the reader takes it for the last order, which is called off")
def test_nothing_is_called_off_where_there_is_no_plan(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router:
        order = router.agent.say("forklift three, go to dock one")
        fleet.given()
        works_on(fleet, "forklift-3", order.id)
        said = router.agent.say("forget the plan")
        assert said.verdict is Verdict.REJECT
        router.heard.until_reply("I do not know what that refers to.", key=said.id)
    assert len(fleet.orders) == 1
