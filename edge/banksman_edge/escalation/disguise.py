"""A request as it leaves the site, and what comes back for it as it is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from banksman_edge.errors import PlannerError
from banksman_edge.escalation.hidden_site import hidden_document
from banksman_edge.escalation.hidden_text import HiddenText, put_back
from banksman_edge.escalation.pseudonyms import Ids, Pseudonyms
from banksman_shared.plans import (
    FleetSnapshot,
    Goal,
    LoadSnapshot,
    NamedThing,
    Plan,
    PlanRequest,
    Step,
    VehicleSnapshot,
    plan_hash,
)
from banksman_shared.site import Site

Rewrite = Callable[[str], str]

_VEHICLES = ("vehicles", "without", "among", "only", "never")
_PLACES = ("origins", "destinations", "places")


@dataclass(frozen=True, slots=True)
class Disguise:
    """One request and its stand-ins."""

    request: PlanRequest
    """As it leaves."""
    names: Pseudonyms
    said: PlanRequest
    text: HiddenText

    @classmethod
    def of(cls, site: Site, request: PlanRequest) -> Disguise:
        """Raises:
        PlannerError: something is named in the request that could not be found in its text, and would leave with it.
        """
        names = Pseudonyms(site, request.request, (load.type for load in request.fleet.loads or () if load.type))
        text = names.words(request.request, names.forms(request.request, request.mentions))
        for mention in request.mentions:
            if names.own_name(mention) and not text.hides(mention.words):
                raise PlannerError("a name in the request cannot be hidden, so it stays on the site", code="unhidden")
        sent = PlanRequest(
            request=text.sent,
            language=request.language,
            site=hidden_document(names),
            fleet=hidden_fleet(names, request.fleet),
            mentions=tuple(_mention(names, mention) for mention in request.mentions),
            deadline=request.deadline,
            now=request.now,
            goals=None if request.goals is None else tuple(_hidden_goal(names, goal) for goal in request.goals),
        )
        return cls(sent, names, request, text)

    def plan(self, plan: Plan) -> Plan:
        """The plan as it is meant. Its hash is made anew; that of the planner has to be checked before.

        Raises:
            PlannerError: it names what was not sent.
        """
        given = self.said.goals is not None and plan.goals == self.request.goals
        goals = (self.said.goals if given else None) or tuple(self._goal(goal) for goal in plan.goals)
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
        types = self.names.types.back
        vehicle, place = partial(self._id, self.names.vehicles), partial(self._id, self.names.places)
        return _rewritten(goal, self._words, vehicle, place, lambda each: types.get(each, each))

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
            back = self.names.groups.back if sort == "group" else kinds.back
            return f"{sort}:{back.get(name, name)}"
        if given not in ids.back:
            raise PlannerError(f"the plan names '{given}', which the planner was not told of")
        return ids.back[given]


def _hidden_goal(names: Pseudonyms, goal: Goal) -> Goal:
    vehicle, place = partial(_hidden_id, names, names.vehicles), partial(_hidden_id, names, names.places)
    return _rewritten(goal, lambda words: names.words(words).sent, vehicle, place, partial(names.of, names.types))


def _hidden_id(names: Pseudonyms, ids: Ids, given: str) -> str:
    sort, colon, name = given.partition(":")
    if not colon:
        return ids.known[given]
    kinds = names.vehicle_kinds if ids is names.vehicles else names.place_kinds
    return f"{sort}:{names.of(names.groups if sort == 'group' else kinds, name)}"


def _rewritten(goal: Goal, words: Rewrite, vehicle: Rewrite, place: Rewrite, load_type: Rewrite) -> Goal:
    """The goal with all that it names named otherwise."""
    changes: dict[str, Any] = {"words": words(goal.words)}
    for fields, rewrite in ((_VEHICLES, vehicle), (_PLACES, place)):
        for name in fields:
            if given := getattr(goal, name, ()):
                changes[name] = tuple(map(rewrite, given))
    for name in ("start", "end"):
        if isinstance(given := getattr(goal, name, None), str):
            changes[name] = place(given)
    if (given := getattr(goal, "load_type", None)) is not None:
        changes["load_type"] = load_type(given)
    return goal.model_copy(update=changes)


def hidden_fleet(names: Pseudonyms, fleet: FleetSnapshot) -> FleetSnapshot:
    """The fleet with ids hidden, and without loads that are nobody's business."""
    sensitive = names.site.rules.leaving.sensitive_loads
    loads = None
    if fleet.loads is not None:
        loads = tuple(_load(names, load) for load in fleet.loads if load.type not in sensitive)
    vehicles = (v for v in fleet.vehicles if v.id in names.vehicles.known)
    return FleetSnapshot(vehicles=tuple(_vehicle(names, vehicle) for vehicle in vehicles), loads=loads)


def _vehicle(names: Pseudonyms, vehicle: VehicleSnapshot) -> VehicleSnapshot:
    node = names.nodes.known.get(vehicle.node)
    return vehicle.model_copy(
        update={
            "id": names.vehicles.known[vehicle.id],
            "node": node or "",
            "available": vehicle.available and node is not None,
        }
    )


def _load(names: Pseudonyms, load: LoadSnapshot) -> LoadSnapshot:
    return LoadSnapshot(
        id=names.loads.add(load.id),
        place=names.places.known[load.place],
        type=None if load.type is None else names.of(names.types, load.type),
    )


def _mention(names: Pseudonyms, mention: NamedThing) -> NamedThing:
    known = names.vehicles.known | names.places.known
    words = names.own_name(mention) or names.words(mention.words).sent
    return NamedThing(words=words, ids=tuple(known[each] for each in mention.ids), sure=mention.sure)
