"""Where vehicles are sent: each to a place of its own, and to chargers in turn where there are too few of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.solving.handovers import way_out
from banksman_cloud.solving.instance import Carrier, Send
from banksman_cloud.solving.vehicle_choice import Chooser, matched
from banksman_shared.plans import FleetSnapshot, Goal, SendGoal, VehicleSnapshot
from banksman_shared.site import Site
from banksman_shared.verify import CHARGE_TO

Chosen = Mapping[str, Sequence[tuple[int, SendGoal]]]
"""Vehicle → the goals, by index, that send it."""
Sent = tuple[str, int]
"""A vehicle, and the index of a goal that sends it."""
_Seeker = tuple[str, tuple[str, ...]]
"""A vehicle, and the places of which it needs one."""


@dataclass(slots=True)
class Spots:
    """``after``: vehicles that charge where another one has charged before them, in the order of their turns."""

    site: Site
    fleet: FleetSnapshot
    goals: Sequence[Goal]
    usable: Mapping[str, VehicleSnapshot]
    carriers: Mapping[str, Carrier]
    chooser: Chooser
    after: list[str] = field(default_factory=list)

    def ends(self, goal: SendGoal) -> tuple[str, ...]:
        """Where a goal sends vehicles; empty where each has its own home."""
        if goal.action == "park":
            return goal.destinations
        return goal.destinations or tuple(place.id for place in self.site.chargers())

    def own(self, chosen: Chosen) -> dict[Sent, tuple[str, ...]]:
        """Where each vehicle may go for each goal.

        Raises:
            InfeasibleError: there are too few chargers.
        """
        own, left_out = self._own(self._options(chosen, apart=True))
        if left_out:  # who stands at a charger goes aside where others need it
            own, left_out = self._own(self._options(chosen, apart=False))
        return self._in_turn(chosen) if left_out else own

    def _options(self, chosen: Chosen, *, apart: bool) -> dict[Sent, tuple[str, ...]]:
        sent = ((vehicle, index, goal) for vehicle, todo in chosen.items() for index, goal in todo)
        return {(vehicle, index): self._open_to(vehicle, goal, apart=apart) for vehicle, index, goal in sent}

    def _open_to(self, vehicle: str, goal: SendGoal, *, apart: bool) -> tuple[str, ...]:
        """Where the vehicle may go. ``apart``: without places on which another one stands, if any are left then."""
        if goal.action == "park" and not goal.destinations:
            return (self.site.vehicles[vehicle].home,)
        places = self.ends(goal)
        if not places:
            raise InfeasibleError(
                f"'{goal.words}' needs a charger, and the site's layout has none; name a place", "no_charger"
            )
        if goal.action == "charge":
            taken = {v.node for v in self.fleet.vehicles if not v.available}
            places = tuple(place for place in places if self.site.places[place].node not in taken)
            if not places:
                raise InfeasibleError(f"'{goal.words}' needs a charger, and others stand at all of them", "no_charger")
        if not apart and goal.action == "charge":
            return places
        occupied = {v.node for v in self.fleet.vehicles if v.id != vehicle}
        return tuple(p for p in places if self.site.places[p].node not in occupied) or places

    def _own(self, options: Mapping[Sent, tuple[str, ...]]) -> tuple[dict[Sent, tuple[str, ...]], bool]:
        """The same, but that of places which several want each gets one of its own that it can reach, so that the ways
        are short together; any of them where there are too few. And whether too few of them are chargers."""
        wanted = Counter(place for places in options.values() for place in places)
        contested = {(v, places) for (v, _), places in options.items() if any(wanted[place] > 1 for place in places)}
        given = self._given(sorted(contested))
        left_out = any(
            self._goal(index).action == "charge" and (v, places) in contested and (v, places) not in given
            for (v, index), places in options.items()
        )
        own = {seeker: (place,) for seeker, place in given.items()}
        return {(v, index): own.get((v, places), places) for (v, index), places in options.items()}, left_out

    def _given(self, seekers: Iterable[_Seeker], taken: Iterable[str] = ()) -> dict[_Seeker, str]:
        """A place of its own for as many as can have one, none that is ``taken``."""
        gone = frozenset(taken)
        return matched(
            {(v, places): self.ways(self.carriers[v], (p for p in places if p not in gone)) for v, places in seekers}
        )

    def ways(self, carrier: Carrier, places: Iterable[str]) -> dict[str, int]:
        """Ticks to each of ``places`` that it can reach from where it stands."""
        ways = {p: carrier.roads.ticks(carrier.node, self.site.places[p].node, loaded=carrier.loaded) for p in places}
        return {place: way for place, way in ways.items() if way is not None}

    # Turns

    def _in_turn(self, chosen: Chosen) -> dict[Sent, tuple[str, ...]]:
        """The same where there are too few chargers: who charges and stays has one of its own; of those that charge
        first and then go on, some begin, and the others come to the same chargers after them."""
        options = self._options(chosen, apart=False)
        charging = {sent: places for sent, places in options.items() if self._goal(sent[1]).action == "charge"}
        staying = {(v, places) for (v, i), places in charging.items() if self._goal(i).when != "first"}
        passing = sorted({(v, places) for (v, _), places in charging.items()} - staying, key=self._turns(chosen))
        self.chooser.chosen = self.chooser.chosen or bool(passing)
        kept = self._given(sorted(staying))
        begin = self._given(passing, kept.values())
        soonest = self._given(passing[: len(begin)], kept.values())
        begin = soonest if len(soonest) == len(begin) else begin
        own: dict[_Seeker, tuple[str, ...]] = {seeker: (place,) for seeker, place in (kept | begin).items()}
        for v, places in passing:
            own.setdefault((v, places), tuple(self.ways(self.carriers[v], (p for p in begin.values() if p in places))))
        for (v, index), places in charging.items():
            if not own.get((v, places)):
                words = self._goal(index).words
                raise InfeasibleError(
                    f"'{words}' needs a charger for each vehicle, and there are too few of them", "no_charger"
                )
        self.after = [*dict.fromkeys(v for v, places in passing if (v, places) not in begin)]
        others, _ = self._own({sent: places for sent, places in options.items() if sent not in charging})
        return others | {(v, index): own[v, places] for (v, index), places in charging.items()}

    def _turns(self, chosen: Chosen) -> Callable[[_Seeker], tuple[bool, float, float, _Seeker]]:
        """Who stands at a charger charges first, then who is in a hurry, then who has it done soonest; in other ways to
        choose, by chance."""
        nodes = {place.node for place in self.site.chargers()}

        def turn(seeker: _Seeker) -> tuple[bool, float, float, _Seeker]:
            away = self.usable[seeker[0]].node not in nodes
            if self.chooser.way:
                return away, self.chooser.chance.random(), 0.0, seeker
            battery = self.usable[seeker[0]].battery or 0.0
            first = [goal for _, goal in chosen[seeker[0]] if goal.when == "first"]
            due = min((goal.within_s for goal in first if goal.within_s is not None), default=math.inf)
            return away, due, max(((goal.until or CHARGE_TO) - battery for goal in first), default=0.0), seeker

        return turn

    def _goal(self, index: int) -> SendGoal:
        goal = self.goals[index]
        assert isinstance(goal, SendGoal)  # noqa: S101  nothing else sends
        return goal


@dataclass(slots=True)
class Turns:
    """When chargers are free for whoever charges next and then goes on."""

    site: Site
    free: dict[str, int] = field(default_factory=dict)
    """Charger → ticks until another vehicle can be there."""
    last: dict[str, str] = field(default_factory=dict)
    """Charger → the vehicle that charges there so far, if nothing but its loads makes it leave."""

    def busy(self, vehicles: Iterable[Carrier]) -> None:
        """Those that stand at a charger and have something to do there first."""
        places = {place.node: place.id for place in self.site.chargers()}
        for carrier in vehicles:
            if carrier.ready and carrier.node in places:
                self._leaves(carrier, places[carrier.node], carrier.ready)

    def begin(self, carrier: Carrier, send: Send, place: str, way: int) -> int:
        """The earliest tick at which it may set out to ``place``, which is ``way`` ticks away."""
        earliest, node = max(carrier.ready, send.begin), self.site.places[place].node
        free = 0 if send.action != "charge" or node == carrier.node else self.free.get(place, 0)
        return max(earliest, free - way)

    def note(self, carrier: Carrier) -> None:
        """What a carrier begins with is settled."""
        for began, following in zip_longest(carrier.first, carrier.first[1:]):
            if began.send.action == "charge":
                self._leaves(carrier, began.place, began.end if following is None else following.start)
                if following is None:
                    self.last[began.place] = carrier.id
                else:
                    self.last.pop(began.place, None)

    def _leaves(self, carrier: Carrier, place: str, moment: int) -> None:
        self.free[place] = moment + way_out(self.site, self.site.places[place].node, carrier.roads.speed)
