"""What vehicles of the site carry: by the fleet's news of orders, and by what the vehicles say of their loads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from banksman_edge.fleet import EarlierJobs, JobStatus, OrderEvent, VehicleView
from banksman_edge.loads.model import LONGEST, Move
from banksman_shared.actions import Action
from banksman_shared.clock import Clock
from banksman_shared.commands import HANDLING
from banksman_shared.site import Site

MAX_MOVES = 4000


class Moves:
    """Those that are under way, and those that have ended since the last list. Not thread-safe."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site, self._clock = site, clock
        self._moves: list[Move] = []

    def __iter__(self) -> Iterator[Move]:
        return iter(self._moves)

    @staticmethod
    def concerns(event: OrderEvent) -> bool:
        """Whether this is news of a load."""
        tells = event.status is JobStatus.QUEUED or event.status.ended
        return tells and event.vehicle is not None and event.command.action in HANDLING

    def follow(self, event: OrderEvent, views: Mapping[str, VehicleView]) -> bool:
        """Take in news; whether that changes anything."""
        vehicle = event.vehicle or ""
        if event.status is JobStatus.QUEUED:
            self._moves.append(self._made(event, views))
            return True
        said = event.job, _wish(event)
        own = next((move for move in self._under_way(vehicle) if (move.job, move.wish) == said), None)
        if own is None:
            if event.status is not JobStatus.DONE:
                return False
            own = self._made(event, views)
            self._moves.append(own)
        self.look(views)
        view, begun = views.get(vehicle), own is next(self._under_way(vehicle))
        picked = view.picked if view else None
        if own.origin is None and picked:
            own.id, own.type = _fit(picked.id), _fit(picked.type)
        self._end(own, event.status, loaded=view.loaded if view else None, begun=begun)
        if begun:
            for later in self._under_way(vehicle):
                later.before = picked.at if picked else None
        return True

    def look(self, views: Mapping[str, VehicleView]) -> None:
        """See which loads have been taken up by now."""
        for vehicle in dict.fromkeys(move.vehicle for move in self._moves if move.ended is None):
            move = next(self._under_way(vehicle))
            picked = views[vehicle].picked if vehicle in views else None
            if move.origin is not None and move.taken is None and picked and picked.at != move.before:
                move.taken, move.id, move.type = picked.at, _fit(picked.id), _fit(picked.type)

    def to_fetch(self) -> list[tuple[str, str | None]]:
        """Where loads stand that orders under way are going to take."""
        return [(m.origin, None) for m in self._moves if m.ended is None and m.taken is None and m.origin is not None]

    def forget_before(self, at: float) -> None:
        """A list tells what has come of all that had ended by then."""
        self._moves = [move for move in self._moves if move.ended is None or move.ended > at]

    def overflow(self) -> list[Move]:
        """Those that have ended, taken out, if there are too many."""
        if len(self._moves) <= MAX_MOVES:
            return []
        ended = [move for move in self._moves if move.ended is not None]
        self._moves = [move for move in self._moves if move.ended is None]
        return ended

    def recall(self, moves: Iterable[Move], earlier_jobs: EarlierJobs) -> None:
        """Take up those of an earlier run; what became of some is known only now."""
        for move in moves:
            if move.ended is None:
                move.recalled = True
                status = earlier_jobs.became_of(move.job)
                if status is None or status.ended:
                    self._end(move, status or JobStatus.FAILED, loaded=None)
            self._moves.append(move)

    def _made(self, event: OrderEvent, views: Mapping[str, VehicleView]) -> Move:
        vehicle = event.vehicle or ""
        origin, destination = _places(event)
        view = views.get(vehicle)
        if origin is None and destination is None:
            here = view.node if view else None
            place = next((place.id for place in self._site.places.values() if place.node == here), None)
            origin, destination = (place, None) if event.command.action is Action.PICK else (None, place)
        before = view.picked.at if view and view.picked else None
        return Move(event.job, vehicle, _wish(event), origin, destination, before)

    def _end(self, move: Move, status: JobStatus, *, loaded: bool | None, begun: bool = True) -> None:
        """An order is over: what became of its load. ``loaded``: what its vehicle says; ``begun``: it was its turn."""
        move.ended = now = self._clock.time()
        if status is JobStatus.DONE:
            if move.origin is not None and move.taken is None:
                move.taken = now
            if move.destination is not None:
                move.put = now
        elif move.origin is not None and move.taken is None:
            if begun and (loaded is None or move.recalled):
                move.doubtful = now
        elif begun and not loaded:  # it had one on board, and may have put it down
            move.doubtful = now

    def _under_way(self, vehicle: str) -> Iterator[Move]:
        return (move for move in self._moves if move.vehicle == vehicle and move.ended is None)


def _places(event: OrderEvent) -> tuple[str | None, str | None]:
    """Where a load is taken from, and where it is brought."""
    command = event.command
    if command.action is Action.PICK:
        return command.destination, None
    return command.origin, command.destination


def _fit(word: str | None) -> str | None:
    """What a vehicle says, if it can be an id or a type."""
    return word if word and len(word) <= LONGEST else None


def _wish(event: OrderEvent) -> str:
    """Tells the commands of a job apart."""
    command = event.command
    return " ".join((command.action, command.origin or "-", command.destination or "-"))
