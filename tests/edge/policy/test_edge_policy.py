"""From a reading to a verdict: the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edge_world import FleetDouble

from banksman_edge import Parse, Policy, Tier, Verdict
from banksman_edge.fleet import Code, Problem
from banksman_edge.policy.policy import Terms
from banksman_shared.actions import Action
from banksman_shared.commands import NOTHING, STOP_ALL, Command
from banksman_shared.site import PolicyTable, Rules, Site, Thresholds, Zone

MOVE = Command(Action.MOVE, ("forklift-3",), destination="dock-2")
ANYBODY = Command(Action.TRANSPORT, (), destination="dock-2")
LIMITS = Policy(PolicyTable(model=Thresholds(0.6, 0.2), unaddressed=Thresholds(0.6, 0.3)))
GRAMMAR, LLAMA, STOP = Tier.GRAMMAR, Tier.LLAMA, Tier.STOP
ACCEPT, CONFIRM, ASK, REJECT = Verdict.ACCEPT, Verdict.CONFIRM, Verdict.ASK, Verdict.REJECT


def reading(*commands: Command, confidence: float = 0.97, tier: Tier = GRAMMAR, **more: object) -> Parse:
    return Parse(commands, confidence, tier, "en", "a test", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "heard", "verdict"),
    [
        (reading(MOVE), 1.0, ACCEPT),
        (reading(MOVE), 0.3, ACCEPT),
        (reading(MOVE), 0.2, CONFIRM),  # read well, heard badly, and somebody would set off
        (reading(MOVE), 0.05, REJECT),
        (reading(Command(Action.RESUME, ("forklift-3",))), 0.2, CONFIRM),
        (reading(Command(Action.CANCEL, ("forklift-3",))), 0.2, ACCEPT),
        (reading(Command(Action.CANCEL, ("forklift-3",))), 0.1, CONFIRM),
        (reading(Command(Action.CHARGE, ())), 1.0, ACCEPT),
        (reading(Command(Action.CHARGE, ())), 0.2, CONFIRM),  # nothing is named: likelier talk
        (reading(Command(Action.CHARGE, ())), 0.15, REJECT),
        (reading(Command(Action.PLAN, ())), 0.15, REJECT),
        (reading(Command(Action.PLAN, ()), named=True), 0.3, ACCEPT),
        (reading(Command(Action.PLAN, ()), named=True), 0.29, CONFIRM),  # heard badly, and a planner would be asked
        (reading(Command(Action.STOP, ("*",))), 0.05, ACCEPT),
        (reading(MOVE, confidence=0.8), 1.0, ACCEPT),
        (reading(MOVE, confidence=0.79), 1.0, CONFIRM),
        (reading(MOVE, confidence=0.3), 1.0, CONFIRM),  # all is named: asked back
        (reading(MOVE, confidence=0.29), 1.0, REJECT),
        (reading(Command(Action.CHARGE, ("forklift-3",)), confidence=0.6), 1.0, CONFIRM),
        (reading(Command(Action.CHARGE, ("forklift-3",)), confidence=0.59), 1.0, REJECT),
        (reading(MOVE, tier=LLAMA, confidence=0.6), 1.0, ACCEPT),
        (reading(MOVE, tier=LLAMA, confidence=0.6), 0.5, ACCEPT),
        (reading(MOVE, tier=LLAMA, confidence=0.6), 0.4, CONFIRM),  # what was misheard is left to the model
        (reading(MOVE, tier=LLAMA, confidence=0.6), 0.05, REJECT),
        (reading(MOVE, tier=LLAMA, confidence=0.2), 1.0, CONFIRM),
        (reading(MOVE, tier=LLAMA, confidence=0.19), 1.0, REJECT),
        (reading(Command(Action.PARK, ()), tier=LLAMA), 1.0, CONFIRM),  # "take two of these pills and go home"
        (reading(Command(Action.PARK, (), destination="dock-1"), tier=LLAMA), 1.0, ACCEPT),
        (reading(MOVE, tier=LLAMA, questioned=True), 1.0, CONFIRM),
        (reading(MOVE, tier=LLAMA, questioned=True, confidence=0.19), 1.0, REJECT),
        (reading(Command(Action.STATUS, ("forklift-3",)), tier=LLAMA, questioned=True), 1.0, ACCEPT),
        (reading(Command(Action.TRANSPORT, (), "dock-1", "dock-2"), tier=LLAMA, confidence=0.3), 1.0, CONFIRM),
        (reading(Command(Action.TRANSPORT, (), "dock-1", "dock-2"), tier=LLAMA, confidence=0.29), 1.0, REJECT),
        (reading(ANYBODY, tier=LLAMA, confidence=0.25), 1.0, REJECT),  # nobody is addressed: likelier talk
        (reading(ANYBODY, tier=LLAMA, confidence=0.35), 1.0, CONFIRM),
        (reading(Command(Action.STATUS, ("forklift-3",), None, "dock-1"), tier=LLAMA, confidence=0.19), 1.0, REJECT),
        (reading(Command(Action.PLAN, ()), tier=LLAMA, confidence=0.9), 0.1, REJECT),
        (reading(Command(Action.PLAN, ()), tier=LLAMA, confidence=0.9, named=True), 0.1, CONFIRM),  # it names places
        (reading(NOTHING), 1.0, REJECT),
        (reading(NOTHING, tier=LLAMA), 1.0, REJECT),
    ],
)
def test_confidence_decides(read: Parse, heard: float, verdict: Verdict) -> None:
    assert LIMITS.judge(read, heard, None).verdict is verdict


@pytest.mark.parametrize("confidence", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("tier", [STOP, GRAMMAR])
@pytest.mark.parametrize("vehicles", [("*",), ("forklift-3",), ("kind:forklift",)])
def test_a_stop_is_always_accepted(
    fleet: FleetDouble, confidence: float, tier: Tier, vehicles: tuple[str, ...]
) -> None:
    fleet.check = lambda *_, **__: [Problem(Code.OFFLINE, "nobody is there")]  # type: ignore[method-assign]
    read = reading(Command(Action.STOP, vehicles), confidence=confidence, tier=tier, choices=("a", "b"))
    assert Policy().judge(read, 0.0, fleet).verdict is ACCEPT


@pytest.mark.parametrize("policy", [Policy(), LIMITS, Policy(PolicyTable(unaddressed=Thresholds(0.6, 0.05)))])
@pytest.mark.parametrize("vehicles", [("*",), ("forklift-3",)])
def test_a_stop_that_the_model_suspects_is_done_or_not_but_never_asked_about(
    policy: Policy, vehicles: tuple[str, ...]
) -> None:
    verdicts = [
        policy.judge(reading(Command(Action.STOP, vehicles), confidence=percent / 100, tier=LLAMA), 0.2, None).verdict
        for percent in range(101)
    ]
    assert set(verdicts) == {REJECT, ACCEPT}
    assert verdicts == sorted(verdicts, key=[REJECT, ACCEPT].index)


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        (Command(Action.PARK, ("*",)), CONFIRM),
        (Command(Action.CHARGE, ("kind:forklift",)), CONFIRM),
        (Command(Action.PARK, ("group:night-shift",)), CONFIRM),
        (Command(Action.MOVE, ("a", "b", "c", "d"), destination="dock-2"), CONFIRM),
        (Command(Action.MOVE, ("a", "b", "c"), destination="dock-2"), ACCEPT),
        (Command(Action.RESUME, ("*",)), ACCEPT),  # they were stopped in the middle of what they may do
        (Command(Action.CANCEL, ("*",)), ACCEPT),
        (Command(Action.STATUS, ("*",)), ACCEPT),
        (STOP_ALL, ACCEPT),
    ],
)
def test_many_vehicles_setting_off_are_confirmed(command: Command, verdict: Verdict) -> None:
    assert LIMITS.judge(reading(command), 1.0, None).verdict is verdict


def test_the_thresholds_are_the_site_s_to_set() -> None:
    careful = Policy(PolicyTable(grammar=Thresholds(0.99, 0.9), complete=Thresholds(confirm=0.9)))
    assert careful.judge(reading(MOVE), 1.0, None).verdict is CONFIRM
    assert careful.judge(reading(MOVE, confidence=0.89), 1.0, None).verdict is REJECT


def test_a_move_to_nowhere_asks_where_to() -> None:
    judgement = Policy().judge(reading(Command(Action.MOVE, ("forklift-3",))), 1.0, None)
    assert (judgement.verdict, judgement.key) == (ASK, "where_to")


def test_words_that_fit_two_vehicles_ask_which() -> None:
    judgement = Policy().judge(reading(MOVE, choices=("forklift-3", "tugger-3")), 1.0, None)
    assert (judgement.verdict, judgement.key) == (ASK, "which")


def test_what_the_site_lacks_is_named() -> None:
    judgement = Policy().judge(reading(NOTHING, confidence=1.0, unknown="dock ninety"), 1.0, None)
    assert (judgement.verdict, judgement.key, "dock ninety" in judgement.reason) == (REJECT, "unknown", True)


@pytest.mark.parametrize(("addressed", "key"), [(True, "not_understood"), (False, "")])
@pytest.mark.parametrize("action", [Action.PLAN, Action.CHARGE])
def test_whoever_speaks_to_vehicles_is_answered_also_where_the_order_names_none(
    action: Action, addressed: bool, key: str
) -> None:
    read = reading(Command(action, ()), tier=LLAMA, confidence=0.2, addressed=addressed)
    judgement = LIMITS.judge(read, 1.0, None)
    assert (judgement.verdict, judgement.key) == (REJECT, key)


@pytest.mark.parametrize(
    ("code", "verdict", "key"),
    [
        (Code.WHERE_TO, ASK, "where_to"),
        (Code.WHERE_FROM, ASK, "where_from"),
        (Code.OFFLINE, REJECT, "not_possible"),
        (Code.BUSY, REJECT, "not_possible"),
        (Code.STOPPED, REJECT, "not_possible"),
        (Code.UNREACHABLE, REJECT, "not_possible"),
    ],
)
def test_the_fleet_s_objection_decides(fleet: FleetDouble, code: Code, verdict: Verdict, key: str) -> None:
    fleet.problems = [Problem(code, "the fleet's sentence", "forklift-3")]
    judgement = Policy().judge(reading(MOVE), 1.0, fleet)
    assert (judgement.verdict, judgement.key, judgement.reason) == (verdict, key, "the fleet's sentence")
    assert judgement.problem is fleet.problems[0]


def test_what_is_too_unsure_is_not_even_checked_with_the_fleet(fleet: FleetDouble) -> None:
    fleet.problems = [Problem(Code.BUSY, "busy")]
    judgement = Policy().judge(reading(MOVE, confidence=0.1), 1.0, fleet)
    assert (judgement.verdict, judgement.problem) == (REJECT, None)


def test_questions_and_plans_need_no_vehicle_that_is_free(site: Site, fleet: FleetDouble) -> None:
    fleet.problems = [Problem(Code.BUSY, "busy")]
    for action in (Action.STATUS, Action.PLAN):
        assert Policy().judge(reading(Command(action, ())), 1.0, fleet).verdict is ACCEPT


@pytest.mark.parametrize("vehicles", [("forklift-3",), ("kind:forklift",), ()])
@pytest.mark.parametrize(("tier", "heard"), [(LLAMA, 1.0), (GRAMMAR, 1.0), (GRAMMAR, 0.2), (GRAMMAR, 0.1)])
def test_a_question_is_answered_or_not_understood_but_never_asked_about(
    fleet: FleetDouble, vehicles: tuple[str, ...], tier: Tier, heard: float
) -> None:
    status = Command(Action.STATUS, vehicles)
    for policy in (Policy(), LIMITS, Policy(PolicyTable(model=Thresholds(accept=0.9, confirm=0.6, ask=0.3)))):
        verdicts = [
            policy.judge(reading(status, confidence=percent / 100, tier=tier), heard, fleet).verdict
            for percent in range(101)
        ]
        assert set(verdicts) <= {REJECT, ACCEPT}
        assert verdicts == sorted(verdicts, key=[REJECT, ACCEPT].index)
    assert LIMITS.judge(reading(status, confidence=0.35, tier=LLAMA), 1.0, fleet).verdict is ACCEPT


@pytest.mark.parametrize("vehicles", [("forklift-3",), ("*",)])
def test_a_question_that_was_hardly_heard_is_not_answered(fleet: FleetDouble, vehicles: tuple[str, ...]) -> None:
    """One colleague asked another: "The loader 25 back yet?" So nothing is said, either."""
    status, accept = Command(Action.STATUS, vehicles), PolicyTable().heard.accept or 0.0
    hardly = Policy().judge(reading(status), accept - 0.01, fleet)
    assert (hardly.verdict, hardly.key) == (REJECT, "")
    assert Policy().judge(reading(status), accept, fleet).verdict is ACCEPT
    lenient = Policy(PolicyTable(heard=Thresholds(confirm=0.1)))
    assert lenient.judge(reading(status), 0.2, fleet).verdict is ACCEPT


# The table by risk


def judged(site: Site, fleet: FleetDouble, *commands: Command, confidence: float = 0.97, **rows: Thresholds) -> Verdict:
    policy = Policy(PolicyTable(**rows), site)  # type: ignore[arg-type]
    return policy.judge(reading(*commands, confidence=confidence), 1.0, fleet).verdict


def with_zone(site: Site, *, people: bool) -> Site:
    zones = {"hall": Zone("hall", frozenset({"dock-2"}), people)}
    return replace(site, rules=Rules(zones=zones))


def test_an_order_to_where_people_are_is_confirmed(site: Site, fleet: FleetDouble) -> None:
    assert judged(with_zone(site, people=True), fleet, MOVE) is CONFIRM
    assert judged(with_zone(site, people=False), fleet, MOVE) is ACCEPT
    assert judged(with_zone(site, people=True), fleet, replace_to(MOVE, "dock-3")) is ACCEPT
    away = Command(Action.TRANSPORT, ("forklift-3",), origin="dock-2", destination="dock-3")
    assert judged(with_zone(site, people=True), fleet, away) is CONFIRM


@pytest.mark.parametrize(
    ("command", "people", "verdict"),
    [
        (Command(Action.PARK, ("forklift-2",)), "parking-2", CONFIRM),
        (Command(Action.PARK, ("forklift-1",)), "parking-2", ACCEPT),
        (Command(Action.PARK, ()), "parking-2", CONFIRM),  # it may be anybody
        (Command(Action.CHARGE, ("forklift-1",)), "charger-1", CONFIRM),
        (Command(Action.CHARGE, ("forklift-1",), destination="charger-2"), "charger-1", ACCEPT),
        (Command(Action.DROP, ("forklift-3",)), "dock-2", CONFIRM),
        (Command(Action.PICK, ("forklift-3",)), "dock-2", CONFIRM),
        (Command(Action.PICK, ("forklift-1",)), "dock-2", ACCEPT),
        (Command(Action.DROP, ("forklift-3",), destination="dock-3"), "dock-2", ACCEPT),
    ],
)
def test_people_are_minded_where_no_place_is_named(
    site: Site, fleet: FleetDouble, command: Command, people: str, verdict: Verdict
) -> None:
    site = replace(site, rules=Rules(zones={"hall": Zone("hall", frozenset({people}), people=True)}))
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], node=site.places["dock-2"].node)
    assert judged(site, fleet, command) is verdict


def test_a_load_is_handled_where_the_step_before_has_led(site: Site, fleet: FleetDouble) -> None:
    halls = with_zone(site, people=True)
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], node=site.places["dock-2"].node)
    drop = Command(Action.DROP, ("forklift-3",))
    assert judged(halls, fleet, replace_to(MOVE, "dock-3"), drop) is ACCEPT
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], node=None)
    assert judged(halls, fleet, drop) is ACCEPT  # nobody knows where it stands


def test_a_correction_is_judged_by_what_is_wanted_instead() -> None:
    whole, part = (Command(Action.CANCEL, ("forklift-3",)), MOVE), (Command(Action.CANCEL, ("forklift-3",)),)
    for commands, verdict in ((whole, CONFIRM), (part, REJECT)):
        read = replace(reading(MOVE, confidence=0.4, tier=LLAMA), commands=commands)
        assert Policy().judge(read, 1.0, None).verdict is verdict


def test_many_are_counted_over_the_whole_sentence(site: Site, fleet: FleetDouble) -> None:
    each = [Command(Action.MOVE, (f"forklift-{n}",), destination=f"dock-{n}") for n in (1, 2, 3, 4)]
    assert judged(site, fleet, *each) is CONFIRM
    assert judged(site, fleet, *each[:3]) is ACCEPT
    assert judged(site, fleet, *each[:3], *(replace_to(command, "aisle-1") for command in each[:3])) is ACCEPT


def replace_to(command: Command, place: str) -> Command:
    return Command(command.action, command.vehicles, destination=place)


@pytest.mark.parametrize(
    ("confidence", "verdict"),
    [(0.97, ACCEPT), (0.95, ACCEPT), (0.94, CONFIRM), (0.85, CONFIRM), (0.84, ASK), (0.7, ASK)],
)
def test_a_row_sets_what_each_confidence_is_good_for(
    site: Site, fleet: FleetDouble, confidence: float, verdict: Verdict
) -> None:
    row = Thresholds(accept=0.95, confirm=0.85, ask=0.5)
    assert judged(with_zone(site, people=True), fleet, MOVE, confidence=confidence, people=row) is verdict


def test_the_most_careful_row_counts(site: Site, fleet: FleetDouble) -> None:
    halls = with_zone(site, people=True)
    lax = {"many": Thresholds(accept=0.0), "people": Thresholds(accept=0.0)}
    everybody = Command(Action.MOVE, ("*",), destination="dock-2")
    assert judged(halls, fleet, everybody, **lax) is ACCEPT
    assert judged(halls, fleet, everybody, **{**lax, "many": Thresholds(confirm=0.0)}) is CONFIRM
    assert judged(halls, fleet, everybody, **{**lax, "people": Thresholds(accept=0.99)}) is REJECT
    assert judged(halls, fleet, everybody, confidence=0.7, **lax) is CONFIRM  # the words themselves are not sure
    assert judged(halls, fleet, everybody, grammar=Thresholds(ask=0.5), **lax) is ASK


def test_a_vehicle_that_carries_a_load_may_need_a_confirmation(site: Site, fleet: FleetDouble) -> None:
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], loaded=True)
    careful = {"loaded": Thresholds(confirm=0.0)}
    assert judged(site, fleet, MOVE) is ACCEPT
    assert judged(site, fleet, MOVE, **careful) is CONFIRM
    assert judged(site, fleet, Command(Action.MOVE, ("forklift-1",), destination="dock-2"), **careful) is ACCEPT
    assert judged(site, fleet, Command(Action.STATUS, ("forklift-3",)), **careful) is ACCEPT


def test_giving_up_running_work_may_need_a_confirmation(site: Site, fleet: FleetDouble) -> None:
    careful = {"cancel": Thresholds(confirm=0.0)}
    for cancel in (Command(Action.CANCEL, ("forklift-3",)), Command(Action.CANCEL, ()), Command(Action.CANCEL, ("*",))):
        assert judged(site, fleet, cancel, **careful) is ACCEPT
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], job="work")
    for cancel in (Command(Action.CANCEL, ("forklift-3",)), Command(Action.CANCEL, ()), Command(Action.CANCEL, ("*",))):
        assert judged(site, fleet, cancel) is ACCEPT
        assert judged(site, fleet, cancel, **careful) is CONFIRM
    assert judged(site, fleet, Command(Action.CANCEL, ("forklift-1",)), **careful) is ACCEPT


def test_letting_all_go_on_may_need_a_confirmation(site: Site, fleet: FleetDouble) -> None:
    assert judged(site, fleet, Command(Action.RESUME, ())) is CONFIRM
    assert judged(site, fleet, Command(Action.RESUME, ()), resume=Thresholds(accept=0.0)) is ACCEPT
    everybody = Command(Action.RESUME, ("*",))
    assert judged(site, fleet, everybody, resume_all=Thresholds(confirm=0.0)) is CONFIRM


def test_no_row_keeps_a_stop(site: Site, fleet: FleetDouble) -> None:
    never = Thresholds(accept=1.0)
    rows = dict.fromkeys(("grammar", "model", "many", "loaded", "people"), never)
    assert judged(with_zone(site, people=True), fleet, STOP_ALL, confidence=0.1, **rows) is ACCEPT
    never = Policy(PolicyTable(unaddressed=Thresholds(accept=1.0, confirm=0.95)))
    for confidence, verdict in ((0.4, ACCEPT), (0.39, REJECT)):
        assert never.judge(reading(STOP_ALL, confidence=confidence, tier=LLAMA), 1.0, None).verdict is verdict


def test_a_right_that_is_missing_comes_before_the_fleets_reasons_and_behind_talk(
    site: Site, fleet: FleetDouble
) -> None:
    fleet.problems = [Problem(Code.BUSY, "busy", "forklift-3")]
    objection = Problem(Code.NOT_ALLOWED, "you may not")
    policy = Policy.of(site)
    assert policy.judge(reading(MOVE), 1.0, fleet, terms=Terms(objection)).problem is objection
    assert policy.judge(reading(MOVE, confidence=0.1), 1.0, fleet, terms=Terms(objection)).problem is None
    assert policy.judge(reading(MOVE, choices=("a", "b")), 1.0, fleet, terms=Terms(objection)).forbidden
