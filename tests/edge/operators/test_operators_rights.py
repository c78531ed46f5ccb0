"""What a role allows: the table, its sums, and that nothing slips through."""

from __future__ import annotations

import functools

import pytest
from edge_world import FleetDouble
from hypothesis import given
from hypothesis import strategies as st
from operators_world import with_people

from banksman_edge.fleet import Code
from banksman_edge.operators import Rights, Speaker
from banksman_shared.actions import Action
from banksman_shared.commands import STOP_ALL, Command
from banksman_shared.plans import Plan, Step
from banksman_shared.site import Site, bundled_site, load_site

ANNA, BEN, GUEST = Speaker("anna", roles=("driver",)), Speaker("ben", roles=("chief",)), Speaker()


@pytest.fixture
def rights(site: Site, fleet: FleetDouble) -> Rights:
    return Rights(with_people(site), fleet)


def move(*vehicles: str, to: str = "dock-1") -> Command:
    return Command(Action.MOVE, vehicles, destination=to)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (move("forklift-1"), None),
        (move("forklift-1", "forklift-2"), None),
        (move("kind:forklift"), None),
        (move(), None),  # one of those that she may
        (move("tugger-1"), Code.NOT_ALLOWED_VEHICLE),
        (move("forklift-1", "tugger-1"), Code.NOT_ALLOWED_VEHICLE),
        (move("kind:tugger"), Code.NOT_ALLOWED_VEHICLE),
        (move("*"), Code.NOT_ALLOWED_VEHICLE),
        (move("group:night-shift"), Code.NOT_ALLOWED_VEHICLE),
        (move("forklift-1", to="packing"), Code.NOT_ALLOWED_PLACE),
        (move(to="packing"), Code.NOT_ALLOWED_PLACE),
        (Command(Action.TRANSPORT, ("forklift-1",), origin="aisle-1", destination="dock-1"), None),
        (Command(Action.TRANSPORT, ("forklift-1",), origin="packing", destination="dock-1"), Code.NOT_ALLOWED_PLACE),
        (Command(Action.PARK, ("forklift-1",)), None),
        (Command(Action.PARK, ("forklift-2",)), Code.NOT_ALLOWED_VEHICLE),
        (Command(Action.PARK, ()), None),
        (Command(Action.RESUME, ("forklift-1",)), None),
        (Command(Action.RESUME, ()), Code.NOT_ALLOWED_VEHICLE),  # all that were stopped
        (Command(Action.RESUME, ("*",)), Code.NOT_ALLOWED_VEHICLE),
        (Command(Action.CANCEL, ()), None),
        (Command(Action.CANCEL, ("*",)), Code.NOT_ALLOWED_VEHICLE),
        (Command(Action.PLAN, ()), None),
        (STOP_ALL, None),
        (Command(Action.NONE, ()), None),
    ],
    ids=str,
)
def test_the_rights_of_a_driver(rights: Rights, command: Command, code: Code | None) -> None:
    objection = rights.objection(ANNA, [command])
    assert (objection.code if objection else None) is code
    assert rights.objection(BEN, [command]) is None


def test_one_order_of_a_sequence_that_is_not_allowed_refuses_it(rights: Rights) -> None:
    objection = rights.objection(ANNA, [move("forklift-1"), move("forklift-1", to="packing")])
    assert objection is not None
    assert (objection.code, objection.facts) == (Code.NOT_ALLOWED_PLACE, {"place": "packing"})


def test_those_that_are_somewhere_are_looked_for_now(rights: Rights, fleet: FleetDouble, site: Site) -> None:
    home = site.vehicles["tugger-1"].home
    assert rights.objection(ANNA, [move(f"at:{home}")]) is not None
    del fleet.views["tugger-1"]
    assert rights.objection(ANNA, [move(f"at:{home}")]) is None


def test_somebody_unknown_has_the_default_role(rights: Rights) -> None:
    assert rights.objection(GUEST, [Command(Action.STATUS, ("*",))]) is None
    for action in set(Action) - {Action.STOP, Action.NONE, Action.STATUS}:
        objection = rights.objection(GUEST, [Command(action, ("forklift-1",))])
        assert objection is not None, action
        assert objection.code is Code.NOT_ALLOWED


def test_without_roles_everybody_may_everything(site: Site, fleet: FleetDouble) -> None:
    rights = Rights(site, fleet)
    assert rights.objection(GUEST, [move("*", to="packing"), Command(Action.RESUME, ())]) is None
    assert rights.limit(GUEST) is None
    assert rights.drivable(GUEST) == set(site.vehicles)


def test_asked_about_nobody_in_particular_one_hears_of_those_one_may_ask_about(rights: Rights) -> None:
    (asked,) = rights.narrowed(ANNA, [Command(Action.STATUS, ())])
    assert asked.vehicles == ("forklift-1", "forklift-2", "forklift-3", "forklift-4")
    assert rights.narrowed(BEN, [Command(Action.STATUS, ())])[0].vehicles == (
        "forklift-1", "forklift-2", "forklift-3", "forklift-4", "tugger-1", "tugger-2",
    )  # fmt: skip


def test_what_is_put_down_where_it_stands_needs_the_right_to_that_place(rights: Rights) -> None:
    may = rights.limit(ANNA)
    assert may is not None
    here = Command(Action.DROP, ("forklift-1",))
    assert may(here, "forklift-1", ["dock-1"])
    assert not may(here, "forklift-1", ["packing"])
    assert not may(here, "forklift-1", [])  # between all places


def test_a_plans_steps_are_orders_of_whoever_asked_for_it(rights: Rights) -> None:
    def plan(*steps: tuple[str, str]) -> Plan:
        made = [Step.model_validate({"vehicle": v, "action": "move", "to": to, "start_s": 0, "end_s": 1, "goal": 0})
                for v, to in steps]  # fmt: skip
        return Plan(id="p", state="proposed", request="x", steps=tuple(made))  # type: ignore[arg-type]

    assert rights.plan_objection(ANNA, plan(("forklift-1", "dock-1"), ("forklift-2", "aisle-1"))) is None
    assert rights.plan_objection(ANNA, plan(("forklift-1", "dock-1"), ("tugger-1", "dock-1"))) is not None
    assert rights.plan_objection(ANNA, plan(("forklift-1", "packing"))) is not None
    assert rights.drivable(ANNA) == {"forklift-1", "forklift-2", "forklift-3", "forklift-4"}


# Whatever is asked for: what no grant covers is refused, and what one covers alone is not.


@functools.cache
def warehouse() -> tuple[Site, Rights]:
    site = with_people(load_site(bundled_site()))
    return site, Rights(site, FleetDouble(site))


SITE = load_site(bundled_site())
COMMANDS = st.builds(
    Command,
    st.sampled_from(sorted(set(Action) - {Action.NONE})),
    st.lists(
        st.sampled_from([*SITE.vehicles, "*", "kind:forklift", "kind:tugger", "group:night-shift"]), max_size=3
    ).map(tuple),
    origin=st.none() | st.sampled_from(sorted(SITE.places)),
    destination=st.none() | st.sampled_from(sorted(SITE.places)),
)


def members(reference: str) -> set[str]:
    kind, _, name = reference.partition(":")
    every = set(SITE.vehicles)
    return {
        "*": every,
        "kind": {v for v in every if SITE.vehicles[v].kind == name},
        "group": set(SITE.groups[name].vehicles) if kind == "group" else set(),
    }.get(kind, {reference})


@given(st.lists(COMMANDS, min_size=1, max_size=3))
def test_what_is_let_through_touches_nothing_that_is_not_hers(commands: list[Command]) -> None:
    site, rights = warehouse()
    if rights.objection(ANNA, commands) is not None:
        return
    forklifts = {v for v in site.vehicles if v.startswith("forklift")}
    for command in commands:
        if command.action in (Action.STOP, Action.PLAN):
            continue
        meant = set().union(*map(members, command.vehicles))
        assert meant <= ({"forklift-1"} if command.action in (Action.CHARGE, Action.PARK) else forklifts)
        if command.action in (Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT):
            for place in {command.origin, command.destination} - {None}:
                assert site.places[str(place)].kind in ("dock", "aisle")


@given(st.lists(COMMANDS, min_size=1, max_size=3), st.sampled_from([ANNA, BEN, GUEST]))
def test_a_stop_is_never_objected_to_and_a_chief_never_refused(commands: list[Command], speaker: Speaker) -> None:
    _, rights = warehouse()
    assert rights.objection(BEN, commands) is None
    stops = [Command(Action.STOP, command.vehicles) for command in commands]
    assert rights.objection(speaker, stops) is None
    may = rights.limit(speaker)
    assert may is None or all(may(stop, vehicle, []) for stop in stops for vehicle in SITE.vehicles)
