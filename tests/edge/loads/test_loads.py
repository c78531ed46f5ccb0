"""What stands where: a list that was told, and what vehicles have fetched and brought since."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import FleetDouble
from escalation_world import with_rules

from banksman_edge.errors import LoadsError
from banksman_edge.fleet import JobStatus, OrderEvent, Picked, Problem, Standby
from banksman_edge.fleet.model import Code
from banksman_edge.loads import Load, LoadRegister
from banksman_edge.loads.model import MAX_LOADS
from banksman_edge.loads.moves import MAX_MOVES
from banksman_edge.plans.fleet_snapshot import fleet_now
from banksman_shared.actions import Action
from banksman_shared.clock import ManualClock
from banksman_shared.commands import Command
from banksman_shared.site import Site

LIFT = "forklift-1"
FROM, TO = "inbound", "dock-2"
CARRY = Command(Action.TRANSPORT, (LIFT,), FROM, TO)


class Floor:
    """A register, and a vehicle that says what it carries."""

    def __init__(self, site: Site, clock: ManualClock) -> None:
        self.clock, self.fleet = clock, FleetDouble(site)
        self.register = LoadRegister(site, self.fleet, clock)

    def tell(self, *loads: Load, **more: Any) -> None:
        self.register.tell(loads, **more)

    def news(self, status: str, command: Command = CARRY, job: str = "j") -> None:
        self.clock.advance(1)
        self.register.follow(OrderEvent(job, command.vehicles[0], command, JobStatus(status)))

    def picks(self, name: str | None = None, kind: str | None = None) -> None:
        self.clock.advance(1)
        view = self.fleet.views[LIFT]
        self.fleet.views[LIFT] = replace(view, loaded=True, picked=Picked(self.clock.time(), name, kind))

    def is_empty(self) -> None:
        self.fleet.views[LIFT] = replace(self.fleet.views[LIFT], loaded=False)

    def carries(self, name: str | None = None, kind: str | None = None, job: str = "j") -> None:
        self.news("queued", job=job)
        self.picks(name, kind)
        self.is_empty()
        self.news("done", job=job)

    @property
    def there(self) -> dict[str, int]:
        stock = self.register.now()
        assert stock is not None, "nobody keeps count"
        return Counter(load.place for load in stock.loads)

    @property
    def uncounted(self) -> set[str]:
        stock = self.register.now()
        assert stock is not None, "nobody keeps count"
        return set(stock.uncounted)


@pytest.fixture
def floor(site: Site, clock: ManualClock) -> Floor:
    return Floor(site, clock)


def some(count: int, place: str = FROM, kind: str | None = None) -> list[Load]:
    return [Load(f"{place}-{kind}-{n}", place, kind) for n in range(count)]


def test_nobody_counts_before_a_list_is_told_nor_when_it_is_too_old(floor: Floor, site: Site) -> None:
    assert floor.register.now() is None
    floor.tell(*some(2))
    assert floor.there == {FROM: 2}
    floor.clock.advance(site.rules.loads_age_s)
    assert floor.there == {FROM: 2}
    floor.clock.advance(1)
    assert floor.register.now() is None
    assert len(floor.register.every()) == 2


def test_how_old_a_list_may_be_is_the_sites_to_say(site: Site, clock: ManualClock) -> None:
    floor = Floor(with_rules(site, "[loads]\nage_s = 30"), clock)
    floor.tell(*some(2), at=clock.time() - 31)
    assert floor.register.now() is None
    floor.tell(*some(2), at=clock.time() - 30)
    assert floor.there == {FROM: 2}


def test_a_list_that_is_no_newer_does_not_count(floor: Floor) -> None:
    at = floor.clock.time()
    assert floor.register.tell(some(3), at=at)
    floor.carries()
    assert not floor.register.tell(some(3), at=at)  # a broker hands it out again when the connection is back
    assert not floor.register.tell(some(3), at=at - 60)
    assert floor.there == {FROM: 2, TO: 1}


def test_a_list_that_does_not_fit_the_site_changes_nothing(floor: Floor) -> None:
    floor.tell(*some(1))
    with pytest.raises(LoadsError, match="no place 'a', 'b', 'c', 'd', 'e' and 2 more"):
        floor.tell(*(Load(place, place) for place in "abcdefg"))
    with pytest.raises(LoadsError, match="a time to come"):
        floor.tell(at=float("nan"))
    assert floor.there == {FROM: 1}


def test_a_load_that_is_to_be_fetched_is_nobody_elses(floor: Floor) -> None:
    floor.tell(*some(3))
    floor.news("queued")
    assert floor.there == {FROM: 2}
    floor.picks()
    assert floor.there == {FROM: 2}
    floor.is_empty()
    floor.news("done")
    assert floor.there == {FROM: 2, TO: 1}


def test_what_plans_are_going_to_fetch_is_nobody_elses(floor: Floor) -> None:
    floor.tell(*some(3), *some(1, FROM, "epal"))
    floor.register.promised = lambda: [(FROM, "epal"), (FROM, None), ("dock-1", None)]
    stock = floor.register.now()
    assert stock is not None
    assert [load.type for load in stock.loads] == [None, None]
    assert not stock.uncounted


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_was_not_fetched_is_still_there(floor: Floor, status: str) -> None:
    floor.tell(*some(3))
    floor.news("queued")
    floor.news(status)
    assert (floor.there, floor.uncounted) == ({FROM: 3}, set())


def test_what_was_fetched_and_not_brought_is_on_its_vehicle(floor: Floor) -> None:
    floor.tell(*some(3))
    floor.news("queued")
    floor.picks("inbound-None-2", "epal")
    floor.news("cancelled")
    assert (floor.there, floor.uncounted) == ({FROM: 2}, set())
    drop = Command(Action.DROP, (LIFT,), None, "dock-1")
    floor.news("queued", drop, "k")
    floor.is_empty()
    floor.news("done", drop, "k")
    stock = floor.register.now()
    assert stock is not None
    assert stock.loads[-1] == Load("inbound-None-2", "dock-1", "epal")
    assert Counter(load.place for load in stock.loads) == {FROM: 2, "dock-1": 1}


def test_where_nobody_knows_what_became_of_a_load_places_are_uncounted_until_the_next_list(floor: Floor) -> None:
    floor.fleet.views[LIFT] = replace(floor.fleet.views[LIFT], loaded=None)  # it does not report loads
    floor.tell(*some(3))
    floor.news("queued")
    floor.news("failed")
    assert floor.uncounted == {FROM, TO}
    floor.clock.advance(1)
    floor.tell(*some(2))
    assert (floor.there, floor.uncounted) == ({FROM: 2}, set())


def test_a_load_that_was_put_down_on_the_way_may_be_at_its_destination(floor: Floor) -> None:
    floor.tell(*some(3), *some(1, TO))
    floor.news("queued")
    floor.picks()
    floor.is_empty()
    floor.news("failed")
    assert (floor.there, floor.uncounted) == ({FROM: 2}, {TO})


def test_a_load_from_where_none_stood_shows_that_the_list_was_wrong(floor: Floor) -> None:
    floor.tell(*some(1, "dock-1"))
    floor.carries()
    assert (floor.there, floor.uncounted) == ({"dock-1": 1, TO: 1}, {FROM})


def test_a_later_step_of_a_job_is_not_taken_for_begun(floor: Floor) -> None:
    second = Command(Action.TRANSPORT, (LIFT,), "dock-1", TO)
    floor.tell(*some(2), *some(2, "dock-1"))
    floor.news("queued")
    floor.news("queued", second)
    floor.picks()
    assert floor.there == {FROM: 1, "dock-1": 1}
    floor.is_empty()
    floor.news("done")
    assert floor.there == {FROM: 1, "dock-1": 1, TO: 1}
    floor.news("cancelled", second)
    assert (floor.there, floor.uncounted) == ({FROM: 1, "dock-1": 2, TO: 1}, set())


def test_picking_up_where_the_vehicle_stands(floor: Floor, site: Site) -> None:
    floor.fleet.views[LIFT] = replace(floor.fleet.views[LIFT], node=site.places[FROM].node)
    floor.tell(*some(2))
    here = Command(Action.PICK, (LIFT,))
    floor.news("queued", here)
    floor.picks()
    floor.news("done", here)
    assert floor.there == {FROM: 1}


def test_a_list_that_comes_late_has_what_was_done_before_and_not_what_was_done_since(floor: Floor) -> None:
    """Three loads stood there; one is fetched before they are counted, one after, and then the list arrives."""
    floor.carries(job="a")
    floor.clock.advance(1)
    at = floor.clock.time()
    floor.carries(job="b")
    floor.tell(*some(2), *some(1, TO), at=at)
    assert floor.there == {FROM: 1, TO: 2}


def test_a_load_on_board_when_a_list_is_made_is_not_fetched_again(floor: Floor) -> None:
    floor.news("queued")
    floor.picks()
    floor.clock.advance(1)
    floor.tell(*some(2))  # without the one that is on its way
    assert floor.there == {FROM: 2}
    floor.is_empty()
    floor.news("done")
    assert floor.there == {FROM: 2, TO: 1}


def test_what_a_vehicle_says_of_its_load_tells_which_one_it_was(floor: Floor) -> None:
    floor.tell(*some(1, FROM, "epal"), *some(1, FROM, "box"))
    floor.carries("inbound-box-0", "box")
    stock = floor.register.now()
    assert stock is not None
    assert [(load.place, load.type) for load in stock.loads] == [(FROM, "epal"), (TO, "box")]


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_what_a_vehicle_says_may_be_no_id(floor: Floor, name: str) -> None:
    floor.carries(name, name)
    at = floor.clock.time() - 4
    floor.tell(at=at)
    stock = floor.register.now()
    assert stock is not None
    assert [load.place for load in fleet_now({}, None, stock).loads or ()] == [TO]


def test_more_than_a_planner_can_be_told_of_is_not_counted(floor: Floor) -> None:
    floor.tell(*some(MAX_LOADS))
    drop = Command(Action.DROP, (LIFT,), None, TO)
    assert floor.register.now() is not None
    floor.news("queued", drop)
    floor.news("done", drop)
    assert floor.register.now() is None


def test_what_may_be_a_sensitive_load_counts_as_one(site: Site, clock: ManualClock) -> None:
    floor = Floor(with_rules(site, '[escalation]\nsensitive_loads = ["nitro"]'), clock)
    floor.tell(*some(1, FROM, "nitro"), *some(2, FROM, "epal"))
    floor.carries()
    assert sorted((load.place, load.type) for load in floor.register.every()) == [
        (TO, "nitro"),
        (FROM, "epal"),
        (FROM, "nitro"),
    ]
    floor.fleet.views[LIFT] = replace(floor.fleet.views[LIFT], loaded=None, picked=None)
    move = Command(Action.TRANSPORT, (LIFT,), FROM, "dock-1")
    floor.news("queued", move, "k")
    floor.news("failed", move, "k")
    assert ("dock-1", "nitro") in {(load.place, load.type) for load in floor.register.every()}


def test_a_list_from_a_time_when_another_agent_commanded_does_not_count(floor: Floor) -> None:
    other = Standby(Problem(Code.STANDBY, "another agent commands"), another_agent=True)
    floor.fleet.standby = lambda: other  # type: ignore[method-assign]  it stands by for a while
    floor.tell(*some(2))
    floor.fleet.standby = lambda: None  # type: ignore[method-assign]
    assert floor.register.now() is None
    floor.tell(*some(2))
    assert floor.there == {FROM: 2}


class Remembering(FleetDouble):
    """A fleet that knows what became of jobs of an earlier run."""

    def __init__(self, site: Site, **jobs: str) -> None:
        super().__init__(site)
        self._jobs = jobs
        self.earlier_jobs = self

    def became_of(self, job: str) -> JobStatus | None:
        return JobStatus(self._jobs[job]) if job in self._jobs else None

    def mark(self) -> str:
        return "m"


def test_what_was_carried_is_not_forgotten_by_a_restart(site: Site, clock: ManualClock, tmp_path: Path) -> None:
    floor, at = Floor(site, clock), clock.time()
    floor.register.keep(tmp_path)
    floor.tell(*some(5), at=at)
    floor.carries(job="a")
    for job in ("runs", "done", "lost"):
        floor.news("queued", order_of(job), job)
    later = LoadRegister(site, Remembering(site, runs="running", done="done"), clock)
    later.keep(tmp_path)
    assert not later.tell(some(5), at=at)
    stock = later.now()
    assert stock is not None
    assert Counter(load.place for load in stock.loads) == {FROM: 2, TO: 1, "dock-1": 1}
    assert stock.uncounted == {"aisle-1", "dock-4"}  # nobody knows whether the lost one was fetched
    later.tell(some(5), at=clock.time() + 1)
    later.follow(OrderEvent("runs", LIFT, order_of("runs"), JobStatus.DONE))
    clock.advance(2)
    stock = later.now()
    assert stock is not None
    assert stock.uncounted == set()


def order_of(job: str) -> Command:
    origin, destination = {"runs": (FROM, "dock-3"), "done": (FROM, "dock-1"), "lost": ("aisle-1", "dock-4")}[job]
    return Command(Action.TRANSPORT, (LIFT,), origin, destination)


def test_a_restart_with_a_place_less_takes_up_neither_the_list_nor_what_was_brought_there(
    site: Site, clock: ManualClock, tmp_path: Path
) -> None:
    floor = Floor(site, clock)
    floor.register.keep(tmp_path)
    floor.tell(*some(5))
    floor.carries()
    rest = replace(site, places={place: it for place, it in site.places.items() if place != TO})
    again = Floor(rest, clock)
    again.register.keep(tmp_path)
    assert again.register.now() is None
    again.tell(*some(5), at=floor.clock.time() - 1.5)
    assert TO not in again.there.keys() | again.uncounted


@pytest.mark.parametrize("content", [b"{", b'{"told": 7, "moves": []}', b"\xff"])
def test_a_file_that_cannot_be_read_is_no_list(
    site: Site, clock: ManualClock, tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "loads.json").write_bytes(content)
    floor = Floor(site, clock)
    floor.register.keep(tmp_path)
    assert floor.register.now() is None
    assert "publish the list anew" in caplog.text
    floor.tell(*some(1))
    again = Floor(site, clock)
    again.register.keep(tmp_path)
    assert again.there == {FROM: 1}


def test_much_that_is_carried_without_a_new_list_does_not_pile_up(site: Site, clock: ManualClock) -> None:
    floor = Floor(with_rules(site, "[loads]\nage_s = 86400"), clock)
    floor.tell(*some(1), *some(1, "dock-1"))
    back = Command(Action.TRANSPORT, (LIFT,), TO, FROM)
    for n in range(MAX_MOVES // 2 + 2):
        floor.carries(job=f"to-{n}")
        floor.news("queued", back, f"back-{n}")
        floor.news("done", back, f"back-{n}")
    assert (floor.there, floor.uncounted) == ({FROM: 1, "dock-1": 1}, set())
    assert len(list(floor.register._moves)) < MAX_MOVES
