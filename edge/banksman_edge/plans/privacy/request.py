"""A request as it leaves the site, and what comes back for it as it is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from banksman_edge.errors import PlannerError
from banksman_edge.plans.privacy.pseudonyms import Ids, Pseudonyms
from banksman_edge.plans.privacy.site import hidden_document
from banksman_edge.plans.privacy.text import HiddenText, Piece, put_back
from banksman_shared.plans import (
    MAX_REQUEST,
    FleetSnapshot,
    Goal,
    LoadSnapshot,
    NamedThing,
    Plan,
    PlanRequest,
    Step,
    TransportGoal,
    VehicleSnapshot,
    plan_hash,
)
from banksman_shared.site import Site

_VEHICLES = ("vehicles", "without", "among", "only", "never")
_PLACES = ("origins", "destinations", "places")
Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class PseudonymousRequest:
    """One request and its stand-ins."""

    request: PlanRequest
    """As it leaves."""
    names: Pseudonyms
    said: PlanRequest
    text: HiddenText

    @classmethod
    def of(cls, site: Site, request: PlanRequest) -> PseudonymousRequest:
        """Raises:
        PlannerError: something is named in the request that could not be found in its text, and would leave with it;
            or it is too long with what stands for its names.
        """
        names = Pseudonyms(site, request.request, _types(request))
        mentions = () if request.goals else request.mentions
        text = names.words(request.request, names.forms(request.request, mentions))
        if request.goals:  # nobody reads the request any more
            text = _quotations(names, request.goals)
        for mention in mentions:
            if names.own_name(mention) and not text.hides(mention.words):
                raise PlannerError("a name in the request cannot be hidden, so it stays on the site", code="unhidden")
        if len(text.sent) > MAX_REQUEST:
            raise PlannerError("the request is too long with its names hidden; say it in parts", reason="too-long")
        sent = PlanRequest(
            request=text.sent,
            language=request.language,
            site=hidden_document(names),
            fleet=hidden_fleet(names, request.fleet),
            mentions=tuple(_mention(names, mention) for mention in mentions),
            goals=tuple(_hidden_goal(names, goal) for goal in request.goals) if request.goals else None,
            deadline=request.deadline,
            now=request.now,
            clock_change=request.clock_change,
        )
        return cls(sent, names, request, text)

    def plan(self, plan: Plan) -> Plan:
        """The plan as it is meant. Its hash is made anew; that of the planner has to be checked before.

        Raises:
            PlannerError: it names what was not sent.
        """
        goals = tuple(self._goal(goal) for goal in plan.goals)
        steps = tuple(self._step(step) for step in plan.steps)
        unsupported = tuple(self._words(words) for words in plan.unsupported)
        return plan.model_copy(
            update={
                "request": self.said.request,
                "goals": goals,
                "steps": steps,
                "unsupported": unsupported,
                "hash": plan_hash(goals, steps, unsupported) if plan.hash else "",
                "explanation": self.sentence(plan.explanation, plan),
                "faults": tuple(self.sentence(fault, plan) for fault in plan.faults),
            }
        )

    def sentence(self, text: str, plan: Plan | None = None) -> str:
        """What the planner says, with names put back: in quotations as they were said, else as things are called."""
        quoted = [goal.words for goal in plan.goals] + [*plan.unsupported] if plan else []
        for words in sorted({self.request.request, *quoted}, key=len, reverse=True):
            text = text.replace(words, self._words(words)) if words.strip() else text
        return put_back(text, self.names.meant(self.said.language) | self._declared())

    def _declared(self) -> dict[str, str]:
        """Names of people, firms and goods as they were said here."""
        said = self.text.as_said()
        known = (
            stand_in for ids in (self.names.customers, self.names.goods, self.names.people) for stand_in in ids.back
        )
        return {stand_in: said[stand_in] for stand_in in known if stand_in in said}

    def _words(self, words: str) -> str:
        back = self.text.back(words)
        return put_back(words, self.names.meant(self.said.language) | self.text.as_said()) if back is None else back

    def _goal(self, goal: Goal) -> Goal:
        names = self.names
        return _with_ids(
            goal,
            self._words(goal.words),
            lambda vehicle: self._id(names.vehicles, vehicle),
            lambda place: self._id(names.places, place),
            lambda load_type: names.types.back.get(load_type, load_type),
        )

    def _step(self, step: Step) -> Step:
        places = self.names.places
        return step.model_copy(
            update={
                "vehicle": self._id(self.names.vehicles, step.vehicle),
                "origin": None if step.origin is None else self._id(places, step.origin),
                "destination": self._id(places, step.destination),
            }
        )

    def _id(self, ids: Ids, given: str) -> str:
        sort, colon, name = given.partition(":")
        if colon:
            kinds = self.names.vehicle_kinds if ids is self.names.vehicles else self.names.place_kinds
            others = {"group": self.names.groups.back, "zone": self.names.zones.back}
            return f"{sort}:{others.get(sort, kinds.back).get(name, name)}"
        if given not in ids.back:
            raise PlannerError(f"the plan names '{given}', which the planner was not told of")
        return ids.back[given]


def _hidden_goal(names: Pseudonyms, goal: Goal) -> Goal:
    """A goal that was understood before, with nothing but ids in it: those hidden, and a stand-in for its words."""
    return _with_ids(
        goal,
        names.quotations.add(goal.words),
        lambda vehicle: names.vehicles.known[vehicle],
        lambda place: names.places.known[place],
        lambda load_type: names.of(names.types, load_type),
    )


def _with_ids(goal: Goal, words: str, vehicle: Change, place: Change, load_type: Change) -> Goal:
    """The goal with other words, and every id of a kind changed."""
    changes: dict[str, Any] = {"words": words}
    for fields, change in ((_VEHICLES, vehicle), (_PLACES, place)):
        for name in fields:
            if given := getattr(goal, name, ()):
                changes[name] = tuple(map(change, given))
    for name, change in (("start", place), ("end", place), ("load_type", load_type)):
        if isinstance(given := getattr(goal, name, None), str):
            changes[name] = change(given)
    return goal.model_copy(update=changes)


def _quotations(names: Pseudonyms, goals: Sequence[Goal]) -> HiddenText:
    """A request that consists of nothing but a stand-in for the words of each goal."""
    said = dict.fromkeys(goal.words for goal in goals)
    return HiddenText(tuple(Piece(words, names.quotations.add(words), True, "", " ") for words in said))


def _types(request: PlanRequest) -> Iterator[str]:
    """Types of load in a request, besides those of the layout."""
    yield from (load.type for load in request.fleet.loads or () if load.type)
    yield from (goal.load_type for goal in request.goals or () if isinstance(goal, TransportGoal) and goal.load_type)


def hidden_fleet(names: Pseudonyms, fleet: FleetSnapshot) -> FleetSnapshot:
    """The fleet with ids hidden, and without loads that are nobody's business."""
    sensitive = names.site.rules.leaving.sensitive_loads
    loads = None
    if fleet.loads is not None:
        loads = tuple(_load(names, load) for load in fleet.loads if load.type not in sensitive)
    vehicles = tuple(_vehicle(names, each) for each in fleet.vehicles if each.id in names.vehicles.known)
    uncounted = tuple(names.places.known[place] for place in fleet.uncounted or ())
    blocked = tuple(names.nodes.known[node] for node in fleet.blocked or () if node in names.nodes.known)
    return FleetSnapshot(vehicles=vehicles, loads=loads, uncounted=uncounted or None, blocked=blocked or None)


def _vehicle(names: Pseudonyms, vehicle: VehicleSnapshot) -> VehicleSnapshot:
    node = names.nodes.known.get(vehicle.node)
    return VehicleSnapshot(
        id=names.vehicles.known[vehicle.id],
        node=node or "",
        battery=vehicle.battery,
        loaded=vehicle.loaded,
        available=vehicle.available and node is not None,
        speed=vehicle.speed,
        ready_s=vehicle.ready_s,
    )


def _load(names: Pseudonyms, load: LoadSnapshot) -> LoadSnapshot:
    return LoadSnapshot(
        id=names.loads.add(load.id),
        place=names.places.known[load.place],
        type=None if load.type is None else names.of(names.types, load.type),
    )


def _mention(names: Pseudonyms, mention: NamedThing) -> NamedThing:
    known = names.vehicles.known | names.places.known
    known |= {f"zone:{zone}": f"zone:{stand_in}" for zone, stand_in in names.zones.known.items()}
    words = names.own_name(mention) or names.words(mention.words).sent
    return NamedThing(words=words, ids=tuple(known[each] for each in mention.ids), sure=mention.sure)
