"""What a vehicle means when it reports an error: whether it refuses what it was sent, and why, in words.

Sources: 2.1.0 §6.6.3.2, §6.6.4, §6.10.5; 3.0 §6.6.5. Types are matched whatever their case and hyphens; one that
no version defines is told in the vehicle's own words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from banksman_edge.fleet.model import Code, Facts
from banksman_shared.vda5050 import Action, Error, ErrorLevel, ErrorType, Order, State

MAX_WORDS = 200
"""Characters of a vehicle's own description that an operator is told."""

_MEANINGS: Mapping[ErrorType, tuple[Code, str]] = {
    ErrorType.VALIDATION_ERROR: (Code.MALFORMED, "it cannot read what was sent"),
    ErrorType.ORDER_ERROR: (Code.REJECTED, "it does not fit what the vehicle is doing, or asks for more than it can"),
    ErrorType.ORDER_UPDATE_ERROR: (Code.REJECTED, "the update does not continue the order that the vehicle has"),
    ErrorType.ORDER_UPDATE_FOLLOWING_CANCEL: (Code.CANCELLED, "that order has been cancelled there"),
    ErrorType.NO_ROUTE_ERROR: (Code.UNREACHABLE, "it finds no way to where it is sent"),
    ErrorType.NODE_UNREACHABLE: (Code.BLOCKED, "its way is blocked"),
    ErrorType.START_NODE_OUT_OF_RANGE: (Code.WRONG_START, "it stands too far from where the order begins"),
    ErrorType.OTHER_ORDER_ACTIVE: (Code.BUSY, "it still works on another order"),
    ErrorType.MOBILE_ROBOT_NOT_AVAILABLE: (Code.MANUAL, "it is not in automatic mode"),
    ErrorType.UNKNOWN_MAP_ID: (Code.UNKNOWN_MAP, "it does not have the map"),
    ErrorType.UNSUPPORTED_PARAMETER: (Code.CANNOT, "it does not support something in it"),
    ErrorType.INSUFFICIENT_MEMORY: (Code.TOO_LONG, "it is too long for the vehicle's memory"),
    ErrorType.LOCALIZATION_ERROR: (Code.NOT_LOCALISED, "it does not know where it is"),
    ErrorType.OUTSIDE_OF_CORRIDOR: (Code.OUT_OF_BOUNDS, "it has left its corridor"),
    ErrorType.BLOCKED_ZONE_VIOLATION: (Code.OUT_OF_BOUNDS, "it is in a blocked zone"),
    ErrorType.RELEASE_LOST: (Code.OUT_OF_BOUNDS, "it has lost the release of the zone it is in"),
    ErrorType.ZONE_ACTION_CONFLICT: (Code.OUT_OF_BOUNDS, "the rules of a zone contradict what it has to do there"),
    ErrorType.ACTION_ERROR: (Code.ACTION_FAILED, "an action failed"),
    ErrorType.NO_ORDER_TO_CANCEL: (Code.NOTHING_TO_DO, "it has no order to cancel"),
    ErrorType.INSTANT_ACTION_ERROR: (Code.CANNOT, "it does not know this action or cannot do it now"),
    ErrorType.INSTANT_ACTION_STATES_FULL: (Code.REJECTED, "its list of instant actions is full; clear it there"),
}

_ORDER_REFUSALS = frozenset(
    {
        ErrorType.VALIDATION_ERROR,
        ErrorType.ORDER_ERROR,
        ErrorType.ORDER_UPDATE_ERROR,
        ErrorType.ORDER_UPDATE_FOLLOWING_CANCEL,
        ErrorType.NO_ROUTE_ERROR,
        ErrorType.START_NODE_OUT_OF_RANGE,
        ErrorType.OTHER_ORDER_ACTIVE,
        ErrorType.MOBILE_ROBOT_NOT_AVAILABLE,
        ErrorType.UNKNOWN_MAP_ID,
        ErrorType.UNSUPPORTED_PARAMETER,
        ErrorType.INSUFFICIENT_MEMORY,
    }
)
_NO_REFUSALS = frozenset(
    {
        # It has the order: it only says that it got it twice (3.0 §6.6.5.4), as it must when we repeat one.
        ErrorType.SAME_ORDER_UPDATE_ID,
        ErrorType.ACTION_ERROR,
        ErrorType.NODE_UNREACHABLE,
        ErrorType.OUTSIDE_OF_CORRIDOR,
        ErrorType.BLOCKED_ZONE_VIOLATION,
        ErrorType.RELEASE_LOST,
        ErrorType.ZONE_ACTION_CONFLICT,
        ErrorType.LOCALIZATION_ERROR,
        ErrorType.NO_ORDER_TO_CANCEL,
        ErrorType.INSTANT_ACTION_ERROR,
    }
)
_BY_NAME = {kind.value.casefold(): kind for kind in ErrorType}
_PLACES = {"nodeId": "at node", "edgeId": "on edge", "zoneId": "zone", "mapId": "map"}
_HIDDEN = frozenset({"orderId", "orderUpdateId", "headerId", "topic", "actionId"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, for machines and in one English sentence; ``words``: the vehicle's own, by language where it has any."""

    code: Code
    sentence: str
    facts: Facts = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def refused_order(vehicle: str, state: State, order: Order, *, before: Collection[Error] = ()) -> Refusal | None:
    """Whether the state says that this order, or this update of it, was refused.

    ``before``: the errors of the state before it was sent. Vehicles may refuse without saying what (2.1.0 §6.6.4.1:
    what could not be read has no id), and then only news can be about this order.
    """
    error = next((e for e in state.errors if _refuses(e, order, fresh=e not in before)), None)
    return explain(vehicle, error, "the order", order) if error else None


def refused_action(vehicle: str, state: State, action: Action, what: str) -> Refusal | None:
    """Whether the state has an error about this instant action; ``what`` names it, as in "refused to stop"."""
    error = next((e for e in state.errors if action.action_id in _values(e, "actionId")), None)
    return explain(vehicle, error, f"to {what}") if error else None


def hinders(vehicle: str, state: State) -> Refusal | None:
    """The worst error that keeps the vehicle from going on with its order: CRITICAL (3.0) or FATAL.

    Only FATAL keeps it from a new order as well (3.0 §6.6.5.1).
    """
    for level in (ErrorLevel.FATAL, ErrorLevel.CRITICAL):
        for error in state.errors:
            if error.error_level is level:
                found = explain(vehicle, error, "")
                code = found.code if _kind(error) in _MEANINGS else Code.VEHICLE_ERROR
                return Refusal(code, found.sentence, found.facts, found.words)
    return None


def explain(vehicle: str, error: Error, what: str, order: Order | None = None) -> Refusal:
    """An error in words. ``what`` was refused: "the order", "to stop"; empty: the vehicle cannot go on."""
    kind = _kind(error)
    code, why = _MEANINGS.get(kind, (Code.REJECTED, "")) if kind else (Code.REJECTED, "")
    actions = _actions(error, order)
    if actions and kind in (ErrorType.ORDER_ERROR, ErrorType.UNSUPPORTED_PARAMETER):
        code, why = Code.CANNOT, f"it cannot do '{actions[0]}'"
    where = ", ".join(_details(error))
    own = (error.error_description or error.error_hint or "").strip()[:MAX_WORDS]
    parts = [f"{why} ({where})" if why and where else why or where, f"it says '{own}'" if own else ""]
    text = "; ".join(part for part in parts if part) or f"it reports '{error.error_type}'"
    doing = f"refused {what}" if what else "cannot go on"
    return Refusal(code, f"{vehicle} {doing}: {text}", _facts(error, actions), _words(error))


def _refuses(error: Error, order: Order, *, fresh: bool) -> bool:
    kind = _kind(error)
    if kind in _NO_REFUSALS:
        return False
    orders, updates = _values(error, "orderId"), _values(error, "orderUpdateId")
    if orders:
        return order.order_id in orders and (not updates or str(order.order_update_id) in updates)
    if kind not in _ORDER_REFUSALS:
        return False
    if actions := _values(error, "actionId"):
        return not actions.isdisjoint(action.action_id for action in _all_actions(order))
    return fresh


def _kind(error: Error) -> ErrorType | None:
    return _BY_NAME.get(error.error_type.replace("_", "").replace("-", "").casefold())


def _values(error: Error, key: str) -> set[str]:
    return {reference.reference_value for reference in error.error_references if reference.reference_key == key}


def _all_actions(order: Order) -> Iterator[Action]:
    for node in order.nodes:
        yield from node.actions
    for edge in order.edges:
        yield from edge.actions


def _actions(error: Error, order: Order | None) -> list[str]:
    """The types of the actions that the error refers to."""
    meant = _values(error, "actionId")
    types = [action.action_type for action in _all_actions(order) if action.action_id in meant] if order else []
    return types or sorted(_values(error, "actionType"))


def _details(error: Error) -> Iterator[str]:
    """What else the error refers to, for people."""
    for reference in error.error_references:
        key, value = reference.reference_key, reference.reference_value[:MAX_WORDS]
        if key in _PLACES:
            yield f"{_PLACES[key]} {value}"
        elif key not in _HIDDEN and key != "actionType":
            yield f"{key} {value}" if value else key


def _facts(error: Error, actions: list[str]) -> Facts:
    named = {"node": "nodeId", "edge": "edgeId", "zone": "zoneId", "map": "mapId"}
    facts = {name: min(values) for name, key in named.items() if (values := _values(error, key))}
    return {**facts, "action": actions[0]} if actions else facts


def _words(error: Error) -> dict[str, str]:
    """By ISO 639-1 code; some makers write the country behind it."""
    return {
        each.translation_key.replace("_", "-").partition("-")[0].casefold(): each.translation_value[:MAX_WORDS]
        for each in error.error_description_translations
        if each.translation_value.strip()
    }
