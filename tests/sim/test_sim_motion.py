"""Physics: the limits hold at every instant, and the time is that of the trapezoid."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_world import PROFILE, finished, instantly, order, run_until, vehicle

from banksman_firmware_sim.motion.motion import EPSILON, Drive, Stretch, cut, plan
from banksman_firmware_sim.motion.profile import VehicleProfile

CREEP = math.sqrt(2 * PROFILE.deceleration * EPSILON) + 1e-6
"""m/s that may be left where the way counts as done, EPSILON metres before its end."""


def travel(path: list[Stretch], profile: VehicleProfile, dt_s: float) -> list[tuple[float, float, float]]:
    """Drive the whole path; (time, position, speed) every ``dt_s`` seconds and at the end."""
    motion = plan(0.0, path, profile.drive)
    moments = [*(i * dt_s for i in range(int(motion.duration_s / dt_s) + 1)), motion.duration_s]
    return [(moment, *motion.at(moment)) for moment in moments]


def trapezoid(distance: float, profile: VehicleProfile) -> float:
    """Seconds from standstill to standstill over ``distance`` metres."""
    up, down, top = profile.acceleration, profile.deceleration, profile.speed
    ramps = top * top / 2 * (1 / up + 1 / down)
    if distance >= ramps:
        return top / up + top / down + (distance - ramps) / top
    peak = math.sqrt(2 * distance / (1 / up + 1 / down))
    return peak / up + peak / down


def test_a_step_that_ends_with_the_way_leaves_no_creep() -> None:
    assert travel([Stretch(1.09375, 0.1)], PROFILE, 0.01)[-1][2] == 0


@pytest.mark.parametrize("distance", [0.01, 1.0, 3.0, 25.0])
@pytest.mark.parametrize("dt_s", [0.013, 0.05, 2.0])
def test_a_path_takes_the_time_of_the_trapezoid_whatever_the_step(distance: float, dt_s: float) -> None:
    moment, at, speed = travel([Stretch(distance, 99.0)], PROFILE, dt_s)[-1]
    assert moment == pytest.approx(trapezoid(distance, PROFILE), abs=1e-6)
    assert at == pytest.approx(distance, abs=1e-6)
    assert speed == 0


stretches = st.lists(st.builds(Stretch, length=st.floats(0.01, 15), limit=st.floats(0.1, 3)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=200)
@given(path=stretches, dt_s=st.floats(0.01, 0.5))
def test_no_limit_is_ever_exceeded(path: list[Stretch], dt_s: float) -> None:
    trace = travel(path, PROFILE, dt_s)
    ends = [sum(s.length for s in path[: i + 1]) for i in range(len(path))]
    for (t0, _, v0), (t1, at, v1) in itertools.pairwise(trace):
        limit = next((s.limit for s, end in zip(path, ends, strict=True) if at <= end + 1e-6), path[-1].limit)
        assert v1 <= min(limit, PROFILE.speed) + CREEP
        assert v1 - v0 <= PROFILE.acceleration * (t1 - t0) + CREEP
        assert v0 - v1 <= PROFILE.deceleration * (t1 - t0) + CREEP
    assert trace[-1][1] == pytest.approx(ends[-1], abs=1e-6)
    assert trace[-1][2] == 0


@settings(deadline=None, max_examples=200)
@given(path=stretches, share=st.floats(0, 1))
def test_a_distance_is_reached_when_the_plan_says_so(path: list[Stretch], share: float) -> None:
    motion = plan(0.0, path, PROFILE.drive)
    distance = motion.length * share
    assert motion.at(motion.when(distance))[0] == pytest.approx(distance, abs=1e-4)
    assert motion.when(motion.length + 1) == math.inf


@settings(deadline=None, max_examples=200)
@given(path=stretches, share=st.floats(0.01, 0.99))
def test_a_plan_made_anew_on_the_way_is_the_same_plan(path: list[Stretch], share: float) -> None:
    motion = plan(0.0, path, PROFILE.drive)
    moment = motion.duration_s * share
    distance, speed = motion.at(moment)
    driven = len(cut(path, distance))
    ahead = [Stretch(sum(s.length for s in path[:driven]) - distance, path[driven - 1].limit), *path[driven:]]
    assert moment + plan(speed, ahead, PROFILE.drive).duration_s == pytest.approx(motion.duration_s, abs=1e-3)


def test_a_limit_too_near_to_be_met_is_met_as_soon_as_the_brakes_allow() -> None:
    motion = plan(1.5, [Stretch(0.5, 0.5), Stretch(5.0, 0.5)], PROFILE.drive)
    trace = [motion.at(i / 100)[1] for i in range(400)]
    assert trace == sorted(trace, reverse=True)
    assert trace[-1] == pytest.approx(0.5)


@pytest.mark.parametrize("deceleration", [0.8, 2.0])
def test_braking_takes_exactly_the_braking_distance(deceleration: float) -> None:
    drive = Drive(1.5, 0.5, deceleration)
    distance = 1.5**2 / (2 * deceleration)
    motion = plan(1.5, cut([Stretch(0.4, 99.0), Stretch(30.0, 99.0)], distance), drive)
    assert motion.duration_s == pytest.approx(1.5 / deceleration)


def test_a_vehicle_needs_as_long_as_the_trapezoid_over_its_whole_route() -> None:
    machine, dt_s, steps = vehicle(), 0.05, 0
    machine.handle_order(order("ABCD"))
    while not finished(machine.state()):
        machine.step(dt_s)
        steps += 1
    assert steps * dt_s == pytest.approx(trapezoid(25.0, PROFILE), abs=dt_s)


def test_the_length_of_the_steps_changes_nothing() -> None:
    arrivals = []
    for dt_s in (0.01, 7.0):
        machine = vehicle()
        machine.handle_order(order("ABCD"))
        for _ in range(round(14 / dt_s)):
            machine.step(dt_s)
        position = machine.state().agv_position
        assert position is not None
        arrivals.append((position.x, position.y))
    assert arrivals[0] == pytest.approx(arrivals[1], abs=1e-6)


def test_the_speed_limit_of_an_edge_holds() -> None:
    machine, fastest = vehicle(), 0.0
    machine.handle_order(order("AB", max_speed=0.4))
    while not finished(machine.state()):
        machine.step(0.05)
        velocity = machine.state().velocity
        assert velocity is not None
        assert velocity.vx is not None
        fastest = max(fastest, velocity.vx)
    assert fastest == pytest.approx(0.4)


def test_a_pause_brakes_no_harder_than_the_vehicle_can() -> None:
    machine = vehicle()
    machine.handle_order(order("ABCD"))
    moving = run_until(machine, lambda s: s.velocity is not None and (s.velocity.vx or 0) >= PROFILE.speed - 1e-6)
    machine.handle_instant_actions(instantly("startPause"))
    stopped = run_until(machine, lambda s: s.paused is True, dt_s=0.01)
    assert moving.agv_position is not None
    assert stopped.agv_position is not None
    way = stopped.agv_position.x - moving.agv_position.x
    assert way == pytest.approx(PROFILE.speed**2 / (2 * PROFILE.deceleration), abs=1e-6)
