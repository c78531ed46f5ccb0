"""What vehicles mean by the errors that they report."""

from __future__ import annotations

import msgspec
import pytest

from banksman_edge.fleet import Code
from banksman_edge.fleet.orders import new_action
from banksman_edge.fleet.refusals import Refusal, explain, hinders, refused_action, refused_order
from banksman_shared.vda5050 import (
    BatteryState,
    Error,
    ErrorLevel,
    ErrorReference,
    ErrorType,
    EStop,
    Node,
    OperatingMode,
    Order,
    SafetyState,
    State,
    Translation,
    codec_for,
)

PICK = new_action("pick")
ORDER = Order(
    header_id=0,
    timestamp="",
    version="",
    manufacturer="Acme",
    serial_number="A-1",
    order_id="o-1",
    order_update_id=2,
    nodes=(Node(node_id="N1", sequence_id=0, released=True, actions=(PICK,)),),
    edges=(),
)


def error(kind: str, level: ErrorLevel = ErrorLevel.WARNING, text: str | None = None, **references: str) -> Error:
    found = tuple(ErrorReference(reference_key=key, reference_value=value) for key, value in references.items())
    return Error(error_type=kind, error_level=level, error_references=found, error_description=text)


def state(*errors: Error) -> State:
    return State(
        header_id=0,
        timestamp="2026-01-01T00:00:00.000Z",
        version="2.1.0",
        manufacturer="Acme",
        serial_number="A-1",
        order_id="",
        order_update_id=0,
        last_node_id="N1",
        last_node_sequence_id=0,
        driving=False,
        operating_mode=OperatingMode.AUTOMATIC,
        node_states=(),
        edge_states=(),
        action_states=(),
        battery_state=BatteryState(battery_charge=80.0, charging=False),
        errors=errors,
        safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
    )


def refusal(*errors: Error, before: tuple[Error, ...] = ()) -> Refusal | None:
    return refused_order("agv-1", state(*errors), ORDER, before=before)


@pytest.mark.parametrize(
    ("kind", "code", "why"),
    [
        ("validationError", Code.MALFORMED, "it cannot read what was sent"),
        ("orderError", Code.REJECTED, "it does not fit what the vehicle is doing, or asks for more than it can"),
        ("orderUpdateError", Code.REJECTED, "the update does not continue the order that the vehicle has"),
        ("noRouteError", Code.UNREACHABLE, "it finds no way to where it is sent"),
        ("unsupportedParameter", Code.CANNOT, "it does not support something in it"),
        ("insufficientMemory", Code.TOO_LONG, "it is too long for the vehicle's memory"),
        ("otherOrderActive", Code.BUSY, "it still works on another order"),
        ("startNodeOutOfRange", Code.WRONG_START, "it stands too far from where the order begins"),
        ("mobileRobotNotAvailable", Code.MANUAL, "it is not in automatic mode"),
        ("unknownMapId", Code.UNKNOWN_MAP, "it does not have the map"),
        ("orderUpdateFollowingCancel", Code.CANCELLED, "that order has been cancelled there"),
    ],
)
def test_every_rejection_of_the_standard_is_a_sentence(kind: str, code: Code, why: str) -> None:
    found = refusal(error(kind, orderId="o-1", orderUpdateId="2"))
    assert found == Refusal(code, f"agv-1 refused the order: {why}")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("VALIDATION_FAILURE", Code.MALFORMED),
        ("INVALID_ORDER_ACTION", Code.REJECTED),
        ("OUTDATED_ORDER_UPDATE", Code.REJECTED),
        ("NO_ROUTE_TO_TARGET", Code.UNREACHABLE),
        ("START_NODE_OUT_OF_RANGE", Code.WRONG_START),
        ("OTHER_ORDER_ACTIVE", Code.BUSY),
        ("UNKNOWN_MAP_ID", Code.UNKNOWN_MAP),
        ("MOBILE_ROBOT_NOT_AVAILABLE", Code.MANUAL),
        ("INSUFFICIENT_MEMORY", Code.TOO_LONG),
        ("ORDER_UPDATE_FOLLOWING_CANCEL", Code.CANCELLED),
        ("UNSUPPORTED_PARAMETER", Code.CANNOT),
    ],
)
def test_the_names_of_3_0_mean_the_same_once_decoded(spelling: str, code: Code) -> None:
    codec = codec_for("3.0.0")
    document = msgspec.json.decode(codec.encode(state(error("x", orderId="o-1"))))
    document["errors"][0]["errorType"] = spelling
    found = refused_order("agv-1", codec.decode(State, msgspec.json.encode(document)), ORDER)
    assert found is not None
    assert found.code is code


def test_no_predefined_error_is_without_words() -> None:
    spoken_elsewhere = {
        ErrorType.DUPLICATE_MAP, ErrorType.DUPLICATE_ZONE_SET, ErrorType.SAME_ORDER_UPDATE_ID,
        ErrorType.ZONE_ACTION_STATES_FULL,
    }  # fmt: skip
    for kind in set(ErrorType) - spoken_elsewhere:
        assert "it reports" not in explain("agv-1", error(kind), "the order").sentence, kind


def test_a_duplicate_of_what_was_repeated_is_no_refusal() -> None:
    assert refusal(error("sameOrderUpdateId", orderId="o-1", orderUpdateId="2")) is None


def test_the_refusal_of_another_order_or_an_older_update_is_not_ours() -> None:
    assert refusal(error("orderError", orderId="o-2")) is None
    assert refusal(error("orderUpdateError", orderId="o-1", orderUpdateId="1")) is None
    assert refusal(error("orderUpdateError", orderId="o-1")) is not None


def test_a_refusal_without_a_reference_counts_if_it_is_news() -> None:
    stale = error("validationError", text="line 3")
    assert refusal(stale, before=(stale,)) is None
    found = refusal(stale)
    assert found is not None
    assert found.sentence == "agv-1 refused the order: it cannot read what was sent; it says 'line 3'"


def test_a_fault_on_the_way_is_no_refusal() -> None:
    for kind in ("actionError", "nodeUnreachable", "localizationError", "batteryLow"):
        assert refusal(error(kind, actionId=PICK.action_id)) is None


def test_an_action_that_it_cannot_do_is_named() -> None:
    found = refusal(error("orderError", actionId=PICK.action_id, nodeId="N1", parameter="height"))
    assert found is not None
    assert found.code is Code.CANNOT
    assert found.sentence == "agv-1 refused the order: it cannot do 'pick' (at node N1, parameter height)"
    assert found.facts == {"node": "N1", "action": "pick"}
    assert refusal(error("orderError", actionId="somebody else's")) is None


def test_an_error_that_no_version_knows_is_told_in_its_own_words() -> None:
    found = refusal(error("E-4711", text="  Gabel nicht eingefahren ", orderId="o-1"))
    assert found is not None
    assert found.code is Code.REJECTED
    assert found.sentence == "agv-1 refused the order: it says 'Gabel nicht eingefahren'"
    assert refusal(error("E-4711", orderId="o-1")) == Refusal(
        Code.REJECTED, "agv-1 refused the order: it reports 'E-4711'"
    )


def test_translations_come_along_by_language() -> None:
    words = (
        Translation(translation_key="de_DE", translation_value="Karte fehlt"),
        Translation(translation_key="ES", translation_value="falta el mapa"),
        Translation(translation_key="fr", translation_value=" "),
    )
    found = refusal(msgspec.structs.replace(error("unknownMapId", orderId="o-1"), error_description_translations=words))
    assert found is not None
    assert found.words == {"de": "Karte fehlt", "es": "falta el mapa"}


def test_a_refused_instant_action_is_known_by_its_id() -> None:
    stop = new_action("startPause")
    both = state(error("instantActionError", actionId="other"), error("instantActionError", actionId=stop.action_id))
    found = refused_action("agv-1", both, stop, "stop")
    assert found is not None
    assert found.sentence == "agv-1 refused to stop: it does not know this action or cannot do it now"
    nothing = refused_action("agv-1", state(error("noOrderToCancel", actionId=stop.action_id)), stop, "cancel")
    assert nothing is not None
    assert nothing.code is Code.NOTHING_TO_DO
    assert refused_action("agv-1", state(), stop, "stop") is None


def test_what_keeps_a_vehicle_from_going_on_is_its_worst_error() -> None:
    found = hinders(
        "agv-1",
        state(
            error("batteryLow", ErrorLevel.URGENT),
            error("nodeUnreachable", ErrorLevel.CRITICAL, nodeId="N7"),
            error("localizationError", ErrorLevel.FATAL),
        ),
    )
    assert found is not None
    assert (found.code, found.sentence) == (
        Code.NOT_LOCALISED,
        "agv-1 cannot go on: it does not know where it is",
    )
    blocked = hinders("agv-1", state(error("nodeUnreachable", ErrorLevel.CRITICAL, nodeId="N7")))
    assert blocked is not None
    assert (blocked.code, blocked.sentence) == (
        Code.BLOCKED,
        "agv-1 cannot go on: its way is blocked (at node N7)",
    )
    motor = hinders("agv-1", state(error("motorHot", ErrorLevel.FATAL, "motor 2 is too hot")))
    assert motor == Refusal(Code.VEHICLE_ERROR, "agv-1 cannot go on: it says 'motor 2 is too hot'")
    assert hinders("agv-1", state(error("batteryLow", ErrorLevel.URGENT))) is None


def test_what_a_vehicle_says_at_length_is_cut() -> None:
    found = explain("agv-1", error("x", text="y" * 100_000, nodeId="z" * 100_000), "the order")
    assert len(found.sentence) < 1000
