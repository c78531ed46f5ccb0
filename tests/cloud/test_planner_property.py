"""What has to hold of every plan on any site: the verifier takes it, no simple plan is better, no bound is passed."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from random_worlds import World, make_world

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.reading.goals import check_goals
from banksman_cloud.solving.assignment import cost, lines, steps
from banksman_cloud.solving.bounds import bound, measure
from banksman_cloud.solving.greedy import greedy
from banksman_cloud.solving.instance import Instance
from banksman_cloud.solving.solver import Solution, solve
from banksman_cloud.solving.tasks import build_instance
from banksman_shared.clock import SystemClock
from banksman_shared.plans import AvoidGoal, Goals
from banksman_shared.verify import violations

SEEDS = st.integers(0, 10**6)


def solved(seed: int) -> tuple[World, Instance, Solution]:
    """A world that has some plan, if one that breaks a wish, and the best plan found."""
    world = make_world(seed)
    assume(not check_goals(world.site, Goals(goals=world.goals), "x"))
    try:
        instance = build_instance(world.site, world.fleet, world.goals)
        return world, instance, solve(instance, SystemClock(), 0.1)
    except InfeasibleError:
        assume(condition=False)
        raise


@settings(max_examples=60, deadline=None)
@example(1265)  # two vehicles that are not available stand at one place
@example(2699)  # a charger is to be kept free for a time, and who charges there first would be there meanwhile
@given(SEEDS)
def test_the_verifier_takes_every_plan_that_keeps_the_wishes(seed: int) -> None:
    world, instance, solution = solved(seed)
    assume(not solution.cost.broken)
    made = steps(lines(instance, solution.assignment))
    assert violations(world.site, world.fleet, world.goals, made) == []


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_no_plan_is_worse_than_the_greedy_one_or_better_than_its_bound(seed: int) -> None:
    _, instance, solution = solved(seed)
    assert not cost(instance, greedy(instance)) < solution.cost
    assert cost(instance, solution.assignment).order == solution.cost.order
    assert sum(map(len, solution.assignment.values())) == len(instance.loads)
    if not solution.cost.broken:
        assert bound(instance) <= measure(instance, solution.cost)
        assert solution.progress.bound_s <= solution.progress.value_s


# Most worlds have a plan that breaks no wish.
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(SEEDS)
def test_a_plan_that_breaks_a_wish_is_one_that_the_verifier_refuses(seed: int) -> None:
    world, instance, solution = solved(seed)
    assume(solution.cost.broken)
    # The solver drives one way only between two places, and may miss a plan where that closes for good.
    assume(not any(isinstance(goal, AvoidGoal) and goal.from_s and goal.until_s is None for goal in world.goals))
    made = steps(lines(instance, solution.assignment))
    assert violations(world.site, world.fleet, world.goals, made) != []
