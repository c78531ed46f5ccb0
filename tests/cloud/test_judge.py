"""The judge of the bench finds every way in which a plan is not what was asked for, or cannot be driven."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from request_set import all_requests, one, planned

from banksman_cloud.bench.outcomes import Ending, Verdict, judge
from banksman_shared.plans import AvoidGoal, OneWayGoal, Plan, PlanState, Step

Change = Callable[[Plan], Plan]


def verdict(case_id: str, plan: Plan | None = None) -> Verdict:
    case = one(case_id)
    return judge(case, all_requests().scene(case), plan or planned(case_id))


def steps(change: Callable[[list[Step]], list[Step]]) -> Change:
    return lambda plan: plan.model_copy(update={"steps": tuple(change(list(plan.steps)))})


def each(**changes: object) -> Change:
    return steps(lambda found: [step.model_copy(update=changes) for step in found])


def later(seconds: float, *, only: str = "") -> Change:
    """All steps, or those of a kind, shifted in time."""

    def moved(step: Step) -> Step:
        shifted = {"start_s": step.start_s + seconds, "end_s": step.end_s + seconds}
        return step.model_copy(update=shifted) if only in ("", step.action) else step

    return steps(lambda found: [moved(step) for step in found])


def without_goal(kind: type) -> Change:
    def dropped(plan: Plan) -> Plan:
        return plan.model_copy(update={"goals": tuple(g for g in plan.goals if not isinstance(g, kind))})

    return dropped


def goals(kind: type, change: Callable[[Any], dict[str, object]]) -> Change:
    """The goals of a kind changed, as a model that misread them would write them."""

    def misread(plan: Plan) -> Plan:
        made = (g.model_copy(update=change(g)) if isinstance(g, kind) else g for g in plan.goals)
        return plan.model_copy(update={"goals": tuple(made)})

    return misread


def by_another(vehicle: str, *, action: str = "transport") -> Change:
    """The last step of a kind is done by somebody else, at the end of all, in ample time."""

    def given(found: list[Step]) -> list[Step]:
        step = [s for s in found if s.action == action][-1]
        late = {"vehicle": vehicle, "start_s": 5000.0, "end_s": 6000.0}
        return [*(s for s in found if s is not step), step.model_copy(update=late)]

    return steps(given)


def swapped(found: list[Step]) -> list[Step]:
    """Everything the other way round, one after the other, in ample time."""
    turned = enumerate(reversed(found))
    return [step.model_copy(update={"start_s": 900.0 * i, "end_s": 900.0 * i + 800}) for i, step in turned]


def work_first(found: list[Step]) -> list[Step]:
    """The vehicle that was to charge first carries something before it."""
    charge, load, *others = found if found[0].action == "charge" else sorted(found, key=lambda s: s.action != "charge")
    load = load.model_copy(update={"vehicle": charge.vehicle, "start_s": 0.0, "end_s": 900.0})
    return [load, charge.model_copy(update={"start_s": 900.0, "end_s": 9000.0}), *others]


WRONG: dict[str, tuple[str, Change, str]] = {
    "a load too few": (
        "en-01",
        steps(lambda s: [*s[:-2], s[-1]] if s[-1].action == "park" else s[:-1]),
        "loads go from ramp-1",
    ),
    "nobody parks": ("en-01", steps(lambda s: [x for x in s if x.action != "park"]), "0 vehicles park"),
    "too late": ("en-02", later(2000), "not by 900 s"),
    "by whom it was not": ("en-08", by_another("cart-4"), "is done by cart-4"),
    "by too many": ("de-02", by_another("forklift-4"), "by 3 vehicles, not by 2"),
    "too early": ("it-13", later(-300), "begins before 300 s"),
    "who was to be idle": ("en-02", by_another("forklift-3"), "forklift-3 was to do nothing"),
    "not closed": ("en-01", without_goal(AvoidGoal), "the plan does not close aisle-3"),
    "not closed to one": ("it-17", without_goal(AvoidGoal), "the plan does not close gate to carrier-1"),
    "only later": ("en-07", later(200, only="charge"), "at once and do nothing else"),
    "not first": ("en-03", steps(work_first), "before it was to charge"),
    "not enough charge": (
        "en-03",
        steps(lambda s: [x.model_copy(update={"until": 30} if x.until else {}) for x in s]),
        "charges to 30",
    ),
    "elsewhere": (
        "en-12",
        steps(
            lambda s: [
                x.model_copy(update={"destination": "door-5", "end_s": x.end_s + 500} if x.action == "move" else {})
                for x in s
            ]
        ),
        "goes to door-5",
    ),
    "out of order": ("en-06", steps(swapped), "what was to wait"),
    "not urgent": (
        "fr-16",
        steps(
            lambda s: [
                x.model_copy(update={"vehicle": "carrier-3"}) for x in swapped(sorted(s, key=lambda x: x.origin or ""))
            ]
        ),
        "carries something else before",
    ),
    "not left out": ("fr-18", lambda p: p.model_copy(update={"unsupported": ()}), "is not said to be left out"),
    "one does all": (
        "de-12",
        steps(
            lambda s: [
                x.model_copy(update={"vehicle": "tug-9", "start_s": 500.0 * i, "end_s": 500.0 * i + 400})
                for i, x in enumerate(s)
            ]
        ),
        "the vehicles carry",
    ),
    "what nobody asked for": (
        "it-13",
        steps(
            lambda s: [
                *s,
                Step.model_validate(
                    {"vehicle": "robot-1", "action": "park", "to": "bay-1", "start_s": 3000, "end_s": 3600, "goal": 0}
                ),
            ]
        ),
        "nobody asked for robot-1's park",
    ),
    "against the one way": ("de-17", without_goal(OneWayGoal), "against the one way"),
    "a one way that nobody is kept to": ("en-22", without_goal(OneWayGoal), "lanes open against the one way"),
    "the other one way": (
        "de-24",
        goals(OneWayGoal, lambda g: {"start": g.end, "end": g.start}),
        "lanes open against the one way",
    ),
    "who was left out of a task": ("en-23", by_another("cart-4"), "cart-4, cart-5"),
    "who was not of the kind": ("es-23", by_another("stacker-1"), "cart-5, stacker-1"),
    "who of the kind was left out": ("es-23", by_another("cart-3"), "cart-2, cart-3, cart-4"),
    "of another type": (
        "de-23",
        steps(lambda s: [*s[:-1], s[-1].model_copy(update={"origin": "sand-store", "start_s": 5e3, "end_s": 6e3})]),
        "3 loads go from yard",
    ),
    "all of a mixed place": (
        "fr-23",
        steps(lambda s: [*s, s[0].model_copy(update={"vehicle": "cart-1", "start_s": 9e3, "end_s": 9.9e3})]),
        "4 loads go from dock-1",
    ),
    "a part of a zone": (
        "de-22",
        goals(AvoidGoal, lambda g: {"places": g.places[:2]}),
        "does not close cold-room-3",
    ),
    "a zone that opens too early": ("es-22", goals(AvoidGoal, lambda _: {"until_s": 900}), "does not close furnace-1"),
    "a zone that closes too late": ("pt-22", goals(AvoidGoal, lambda _: {"from_s": 2400}), "does not close winder"),
    "before the time of day": ("it-23", later(-290), "begins before 300 s"),
    "after the time of day": ("it-23", later(1200), "not by 1200 s"),
    "not all of a zone": (
        "es-23",
        steps(lambda s: [x for x in s if x.origin != "cold-room-2"]),
        "0 loads go from cold-room-2",
    ),
    "a low battery": ("it-21", by_another("tugger-1"), "leaves"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_plan_that_is_not_what_was_asked_for_is_found(name: str) -> None:
    case_id, change, sentence = WRONG[name]
    assert verdict(case_id) == Verdict(Ending.RIGHT)
    found = verdict(case_id, change(planned(case_id)))
    assert found.ending is Ending.WRONG_PLAN
    assert sentence in "; ".join(found.faults)


BROKEN: dict[str, tuple[str, Change, str]] = {
    "no time for it": (
        "it-13",
        steps(lambda s: [x.model_copy(update={"end_s": x.start_s + 20}) for x in s]),
        "cannot be",
    ),
    "two things at once": ("it-03", each(start_s=0.0, end_s=900.0), "before what it did was done"),
    "nobody there": ("it-13", each(vehicle="robot-6"), "robot-6 is not to be had"),
    "nothing there": ("pt-03", each(origin="ramp-3", end_s=9000.0), "finds nothing at ramp-3"),
    "one charger for two": (
        "de-02",
        steps(
            lambda s: [
                x.model_copy(update={"destination": "charger-1", "end_s": 900.0} if x.action == "charge" else {})
                for x in s
            ]
        ),
        "at the same time",
    ),
    "no charger": (
        "en-07",
        steps(
            lambda s: [
                x.model_copy(update={"destination": "dock-1", "end_s": 900.0} if x.action == "charge" else {})
                for x in s
            ]
        ),
        "is no charger",
    ),
    "no way": (
        "it-17",
        steps(lambda s: [x.model_copy(update={"vehicle": "loader-1", "end_s": 900.0}) for x in s]),
        "has no way that is open",
    ),
    "an empty battery": (
        "es-06",
        steps(
            lambda s: [
                x.model_copy(update={"vehicle": "cart-2", "end_s": x.end_s + 3000.0})
                for x in s
                if x.action == "transport"
            ][:1]
        ),
        "% of charge",
    ),
    "work after the end": (
        "en-07",
        steps(
            lambda s: [
                *s,
                Step.model_validate(
                    {"vehicle": "cart-3", "action": "move", "to": "dock-1", "start_s": 3000, "end_s": 3600, "goal": 0}
                ),
            ]
        ),
        "comes after its charge",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_plan_that_cannot_be_driven_is_found(name: str) -> None:
    case_id, change, sentence = BROKEN[name]
    found = verdict(case_id, change(planned(case_id)))
    assert found.ending is Ending.BROKEN_PLAN
    assert sentence in "; ".join(found.faults)


def failed(explanation: str) -> Plan:
    return Plan(id="p", state=PlanState.FAILED, request="x", explanation=explanation)


def test_a_refusal_has_to_say_what_conflicts() -> None:
    assert verdict("en-14", failed("No: “door 4”, “aisle 4”.")).ending is Ending.RIGHT
    assert verdict("en-14", failed("No: “door 4”.")).ending is Ending.OTHER_WORDS
    misread = failed("No: “door 4”, “aisle 4”.").model_copy(update={"faults": ("goals: no list",)})
    assert verdict("en-14", misread).ending is Ending.OTHER_WORDS
    assert verdict("en-01", failed("No.")).ending is Ending.NO_PLAN


def test_a_plan_for_what_is_not_to_be_planned_is_false() -> None:
    driven = planned("en-12")
    case = one("en-12").model_copy(update={"expect": "asked", "must": (), "naming": ("which",)})
    assert judge(case, all_requests().scene(case), driven).ending is Ending.FALSE_PLAN
