"""The fleet as it will be when the turn of a step comes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from banksman_edge.fleet.capability import Capability
from banksman_edge.fleet.model import VehicleView
from banksman_edge.fleet.roster import Assignment
from banksman_edge.fleet.routing import Start, Way
from banksman_shared.actions import Action
from banksman_shared.commands import HANDLING


@dataclass(slots=True)
class Forecast:
    """A vehicle as it is now or, later in a sequence, as it will be."""

    view: VehicleView
    start: Start | None
    capability: Capability
    target: str | None = None
    """The node it is on its way to."""
    works: bool = False
    """Something that it has to do could be given up."""

    def carry_out(self, assignment: Assignment) -> None:
        """Make it what it will be when an order has been done."""
        action = assignment.command.action
        view = replace(self.view, charging=action is Action.CHARGE)
        if action in HANDLING:
            view = replace(view, loaded=action is Action.PICK)
            self.capability = self.capability.carrying(None)
        if assignment.destination:
            node = assignment.destination.node
            view = replace(view, node=node)
            self.start, self.target = Start((Way(node),)), node
        self.view = view


class Forecasts(Mapping[str, Forecast]):
    """The forecast of each vehicle, made when it is asked for."""

    def __init__(self, vehicles: Collection[str], make: Callable[[str], Forecast]) -> None:
        self._vehicles, self._make = vehicles, make
        self._made: dict[str, Forecast] = {}

    def __getitem__(self, vehicle: str) -> Forecast:
        if vehicle not in self._made:
            self._made[vehicle] = self._make(vehicle)
        return self._made[vehicle]

    def __iter__(self) -> Iterator[str]:
        return iter(self._vehicles)

    def __len__(self) -> int:
        return len(self._vehicles)
