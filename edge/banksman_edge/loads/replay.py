"""What stands where now: a list that was told, and what was carried since, one thing after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from banksman_edge.loads.model import Load, Move, Stock, Told


@dataclass(slots=True)
class Yard:
    """``uncounted``: where it is not known (any more) how many stand there."""

    loads: list[Load]
    sensitive: frozenset[str]
    uncounted: set[str] = field(default_factory=set)
    _aboard: dict[str, Load] = field(default_factory=dict)
    _unnamed: int = 0

    def stock(self, told: Told, site: Iterable[str]) -> Stock:
        """What of it counts; ``site``: all its places."""
        never = frozenset() if told.places is None else frozenset(site) - told.places
        uncounted = never | self.uncounted
        return Stock(tuple(load for load in self.loads if load.place not in uncounted), uncounted)

    def take(self, move: Move) -> None:
        self._aboard.pop(move.vehicle, None)
        origin = move.origin
        if origin is None:
            return
        found = self._pick(origin, move.id, move.type)
        if found is None:
            self.uncounted.add(origin)  # fetched from where nothing stood: the list was wrong about it
        else:
            self._aboard[move.vehicle] = found

    def put(self, move: Move) -> None:
        load = self._aboard.pop(move.vehicle, None)
        if move.destination is None:
            return
        kind = move.type or (load.type if load else None)
        if (name := move.id or (load.id if load else None)) is None:
            self._bring(move.destination, kind)
        elif not any(other.id == name and other.place == move.destination for other in self.loads):
            self.loads.append(Load(name, move.destination, kind))

    def doubt(self, move: Move) -> None:
        """Nobody knows whether it was fetched, or where it is."""
        load = self._aboard.pop(move.vehicle, None)
        kinds = {load.type} if load else {each.type for each in self.loads if each.place == move.origin}
        lost = (move.origin, move.destination) if move.taken is None else (move.destination,)
        self.uncounted.update(place for place in lost if place)
        if move.destination is not None:
            for kind in sorted(str(kind) for kind in kinds & self.sensitive):
                self._bring(move.destination, kind)

    def _bring(self, place: str, kind: str | None) -> None:
        """A load that nobody has named stands there."""
        self._unnamed += 1
        self.loads.append(Load(f"unnamed {self._unnamed}", place, kind))

    def speak_for(self, place: str, kind: str | None = None) -> None:
        """One load there is somebody's already."""
        self._pick(place, None, kind)

    def _pick(self, place: str, name: str | None, kind: str | None) -> Load | None:
        """Remove a load from a place, and what is known of it then."""
        there = [load for load in self.loads if load.place == place]
        if not there:
            return None
        exact = [load for load in there if load.id == name]
        alike = exact or [load for load in there if load.type == kind and kind is not None] or there
        often = Counter(load.type for load in alike)
        gone = min(alike, key=lambda load: (load.type in self.sensitive, -often[load.type]))
        self.loads.remove(gone)
        return replace(gone, type=self._type(alike))

    def _type(self, alike: Sequence[Load]) -> str | None:
        """The type of one of these, where that is known; what may be sensitive counts as such."""
        kinds = {load.type for load in alike}
        careful = sorted(str(kind) for kind in kinds & self.sensitive)
        return next(iter(kinds)) if len(kinds) == 1 else careful[0] if careful else None


def replay(told: Told, moves: Iterable[Move], sensitive: Collection[str] = ()) -> Yard:
    """The yard after all that happened since the list. Of a load that may be of a ``sensitive`` type that is assumed,
    where it was and where it is brought."""
    yard = Yard(list(told.loads), frozenset(sensitive))
    happened: list[tuple[float, int, Move]] = []
    for move in moves:
        for order, moment in enumerate((move.taken, move.put, move.doubtful)):
            if moment is not None and moment > told.at:
                happened.append((moment, order, move))
    for _, order, move in sorted(happened, key=lambda entry: entry[:2]):
        (yard.take, yard.put, yard.doubt)[order](move)
    return yard
