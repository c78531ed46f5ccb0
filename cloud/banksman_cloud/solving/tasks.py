"""From checked goals, site and fleet to the problem for the solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from banksman_cloud.errors import InfeasibleError, TooLargeError
from banksman_cloud.solving.carriers import budget_of, carriers, usable
from banksman_cloud.solving.instance import Began, Carrier, Instance, Load, Preference, Send, Trip
from banksman_cloud.solving.parking import Spots, Turns
from banksman_cloud.solving.travel_times import TICKS_PER_S, ticks
from banksman_cloud.solving.vehicle_choice import WAYS, Chooser
from banksman_shared.plans import (
    FleetSnapshot,
    Goal,
    PreferGoal,
    SendGoal,
    TransportGoal,
    VehicleSnapshot,
)
from banksman_shared.site import Site
from banksman_shared.verify import CHARGE_TO, CHARGING, WORK_DRAIN

RANKS = {"high": 0, "normal": 1, "low": 2}
MOST_TRIPS = 10_000
"""Ways to carry one load that are looked at."""


def build_instance(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal], way: int = 0) -> Instance:
    """Turn checked goals into a problem. ``way``: which way to choose who is sent, where that is left open.

    Raises:
        InfeasibleError: a goal needs a vehicle, a way or a charger that is not there.
        TooLargeError: site and fleet are more than can be planned with.
    """
    builder = _Builder(site, fleet, goals, way)
    try:
        return builder.build()
    except InfeasibleError as error:
        error.chosen = builder.chooser.chosen
        raise


def ways_to_choose(site: Site, fleet: FleetSnapshot, goals: Sequence[Goal]) -> Iterator[Instance | InfeasibleError]:
    """The problem, or why there is none, for each way to choose who is sent; once where nobody has a choice."""
    for way in range(WAYS):
        try:
            made: Instance | InfeasibleError = build_instance(site, fleet, goals, way)
        except InfeasibleError as error:
            made = error
        yield made
        if not made.chosen:
            return


def allowed(goal: TransportGoal | SendGoal, vehicle: str) -> bool:
    """Whether a goal may be given to a vehicle."""
    named = goal.vehicles or (goal.among if isinstance(goal, SendGoal) else ())
    return (not named or vehicle in named) and vehicle not in goal.without


def _in_ticks(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * TICKS_PER_S)


@dataclass(slots=True)
class _Builder:
    site: Site
    fleet: FleetSnapshot
    goals: Sequence[Goal]
    way: int
    usable: dict[str, VehicleSnapshot] = field(init=False)
    carriers: dict[str, Carrier] = field(init=False)
    chooser: Chooser = field(init=False)
    spots: Spots = field(init=False)
    turns: Turns = field(init=False)
    kept: set[str] = field(default_factory=set)
    """Vehicles that go somewhere at once and stay."""

    def __post_init__(self) -> None:
        self.usable = usable(self.site, self.fleet, self.goals)
        self.carriers = carriers(self.site, self.goals, self.usable, self.fleet.blocked or ())
        self.chooser = Chooser(self.site, self.usable, self.carriers, self.way)
        self.spots = Spots(self.site, self.fleet, self.goals, self.usable, self.carriers, self.chooser)
        self.turns = Turns(self.site)
        self.turns.busy(self.carriers.values())

    def build(self) -> Instance:
        chosen = self._choose()
        sends = self._places(chosen)
        for vehicle in [v for v in sends if v not in self.spots.after] + self.spots.after:
            self._give(vehicle, sends[vehicle])
        loads = tuple(self._loads())
        tasks = ((i, goal) for i, goal in enumerate(self.goals) if isinstance(goal, TransportGoal | SendGoal))
        after = {i: frozenset(task.after) for i, task in tasks if task.after}
        preferred: list[Preference] = [goal.what for goal in self.goals if isinstance(goal, PreferGoal)]
        prefer = preferred[0] if preferred else "early"
        instance = Instance(self.site, tuple(self.carriers.values()), loads, after, prefer, self.chooser.chosen)
        self._check_ways(instance)
        return instance

    # Sends

    def _choose(self) -> dict[str, list[tuple[int, SendGoal]]]:
        """Which vehicle is sent by which goals: those named, then volunteers."""
        wishes = [(index, goal) for index, goal in enumerate(self.goals) if isinstance(goal, SendGoal)]
        chosen: dict[str, list[tuple[int, SendGoal]]] = {}
        for index, goal in wishes:
            for vehicle in goal.vehicles:
                if vehicle not in self.usable:
                    raise InfeasibleError(f"'{goal.words}' needs {vehicle}, which is not available now", "no_vehicle")
                chosen.setdefault(vehicle, []).append((index, goal))
        open_to = {index: [v for v in self.usable if allowed(goal, v)] for index, goal in wishes if not goal.vehicles}
        for index in sorted(open_to, key=lambda i: len(open_to[i])):  # who has the least to choose from chooses first
            goal = dict(wishes)[index]
            for vehicle in self.chooser.volunteers(goal, open_to[index], chosen, self.spots.ends(goal)):
                chosen.setdefault(vehicle, []).append((index, goal))
        self.kept = {vehicle for vehicle, todo in chosen.items() if any(goal.when == "only" for _, goal in todo)}
        return chosen

    def _places(self, chosen: Mapping[str, list[tuple[int, SendGoal]]]) -> dict[str, list[tuple[str, Send]]]:
        """Vehicle → when it does it, and the send."""
        own = self.spots.own(chosen)
        sends: dict[str, list[tuple[str, Send]]] = {}
        for vehicle, todo in chosen.items():
            for index, goal in sorted(todo, key=lambda pair: pair[0]):
                until = (goal.until or CHARGE_TO) if goal.action == "charge" and goal.when == "first" else None
                begin = ticks(goal.not_before_s or 0.0)
                send = Send(index, goal.action, own[vehicle, index], _in_ticks(goal.within_s), begin, until)
                sends.setdefault(vehicle, []).append((goal.when, send))
        return sends

    def _give(self, vehicle: str, todo: Sequence[tuple[str, Send]]) -> None:
        carrier = self.carriers[vehicle]
        for send in (send for when, send in todo if when == "first"):
            carrier = self._begin(carrier, send)
        self.carriers[vehicle] = replace(carrier, sends=tuple(send for when, send in todo if when != "first"))
        self.turns.note(carrier)

    def _begin(self, carrier: Carrier, send: Send) -> Carrier:
        """The carrier after a send that it begins with."""
        words = self.goals[send.goal].words
        instance = Instance(self.site, (), ())
        place, earliest = self._reached(carrier, send)
        node = self.site.places[place].node
        battery = self.usable[carrier.id].battery
        charge = 0 if send.until is None else ticks(max(0.0, send.until - (battery or 0.0)) / CHARGING)
        start, end = self._timed(instance, carrier, node, earliest, charge)
        stays = instance.stay(carrier, carrier.node, carrier.ready, start) is not None
        if stays if carrier.first else instance.caught(carrier, start):
            raise InfeasibleError(f"until '{words}' begins, {carrier.id} would stand where it may not", "no_way")
        before = self.turns.last.get(place, carrier.id) if send.action == "charge" else carrier.id
        if before != carrier.id:
            self.carriers[before] = replace(self.carriers[before], leaves=end)
        work = end - start
        if send.action != "charge" and carrier.budget is not None and work > carrier.budget:
            raise InfeasibleError(f"'{words}' takes more than the battery of {carrier.id} allows", "battery")
        budget = None if carrier.budget is None else max(0, carrier.budget - work)
        if send.until is not None:
            left = 0.0 if battery is None else battery - work / TICKS_PER_S * WORK_DRAIN
            end += charge
            budget = budget_of(self.goals, carrier.id, max(send.until, left))
        began = (*carrier.first, Began(send, place, start, end))
        return replace(carrier, node=node, ready=end, budget=budget, first=began)

    @staticmethod
    def _timed(instance: Instance, carrier: Carrier, node: str, earliest: int, stays: int) -> tuple[int, int]:
        """When it sets out for ``node`` and arrives, so that it may stay there for so many ticks."""
        way = instance.drive(carrier, carrier.node, node)
        while timed := instance.start(carrier, way, earliest):
            start, end = timed
            open_from = instance.stay(carrier, node, end, end + stays) if stays else None
            if open_from is None:
                return start, end
            earliest = max(earliest + 1, open_from - (end - start))
        raise AssertionError("no way, where one was found")

    def _reached(self, carrier: Carrier, send: Send) -> tuple[str, int]:
        """Where a send that a carrier begins with takes it, and when it may set out for there: the nearest place, and
        of chargers where others charge before it the one that is free first."""
        open_to = self.spots.ways(carrier, send.destinations)
        if not open_to:
            raise _no_way(carrier, f"'{self.goals[send.goal].words}'")
        begin = {place: self.turns.begin(carrier, send, place, way) for place, way in open_to.items()}
        place = min(open_to, key=lambda p: (begin[p] + open_to[p], p))
        return place, begin[place]

    # Loads

    def _loads(self) -> Iterable[Load]:
        for index, goal in enumerate(self.goals):
            if isinstance(goal, TransportGoal):
                able = self._able(goal)
                if len(goal.origins) * len(goal.destinations) > MOST_TRIPS:
                    raise TooLargeError(
                        f"'{goal.words}' leaves open {len(goal.origins)} origins and {len(goal.destinations)} "
                        "destinations, which is more than can be planned with; name fewer places"
                    )
                trips = tuple(Trip(o, d) for o in goal.origins for d in goal.destinations if o != d)
                due, begin = _in_ticks(goal.within_s), ticks(goal.not_before_s or 0.0)
                yield from [Load(index, trips, able, due, begin, self._rank(index))] * (goal.count or 0)

    def _rank(self, index: int) -> int:
        """The goal's own, or that of the most urgent goal that waits for it."""
        goal = self.goals[index]
        own = RANKS[goal.priority] if isinstance(goal, TransportGoal) else RANKS["low"]
        waiting = (i for i, other in enumerate(self.goals) if index in getattr(other, "after", ()))
        return min([own, *(self._rank(i) for i in waiting)])

    def _able(self, goal: TransportGoal) -> frozenset[str]:
        """Who may carry; where only so many may share in it, those that are chosen."""
        able = [v for v in self.usable if allowed(goal, v) and v not in self.kept and not self.usable[v].loaded]
        if not able:
            who = " or ".join(v for v in goal.vehicles if v not in goal.without) or "any vehicle"
            raise InfeasibleError(
                f"'{goal.words}' needs {who}, available and without a load; there is none now", "no_vehicle"
            )
        return frozenset(self.chooser.sharing(goal, able))

    def _check_ways(self, instance: Instance) -> None:
        """Every load needs a carrier that can reach it, every send a way from where the carrier stands."""
        for load in dict.fromkeys(instance.loads):
            ways = (instance.serve(c, c.node, t) for c in instance.carriers for t in instance.trips(c, load))
            if all(way is None for way in ways):
                words = self.goals[load.goal].words
                raise InfeasibleError(
                    f"no way leads any usable vehicle through '{words}'; open a way or avoid less",
                    "no_way",
                )
        for carrier in instance.carriers:
            if instance.tail(carrier, carrier.node) is None:
                words = " and ".join(f"'{self.goals[send.goal].words}'" for send in carrier.sends)
                raise _no_way(carrier, words)


def _no_way(carrier: Carrier, words: str) -> InfeasibleError:
    return InfeasibleError(
        f"no way leads {carrier.id} to where {words} would send it; open a way or avoid less", "no_way"
    )
