"""An order that traffic has cut short: all that was sent is done, and the job is not."""

from __future__ import annotations

import msgspec
from yard import Yard, orders_to

from banksman_edge.fleet import JobStatus
from banksman_edge.fleet.errand import OrderErrand
from banksman_edge.fleet.roster import Assignment
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.vda5050 import ActionState, ActionStatus, Order, State

TRANSPORT = {"action": "transport", "vehicles": ["agv-1"], "from": "aisle-9", "to": "dock-1"}


def errand_of(sent: Order, whole: Order) -> OrderErrand:
    """One that is to do all that ``whole`` holds, and has sent ``sent``."""
    errand = OrderErrand("job", Assignment(0, "agv-1", Command(Action.TRANSPORT, ("agv-1",))))
    errand.status, errand.order, errand.message = JobStatus.RUNNING, sent, sent
    errand.actions = [node.actions for node in whole.nodes]
    return errand


def at_the_end_of(order: Order, state: State) -> State:
    """The vehicle has driven all of an order and finished its actions."""
    actions = [action for node in order.nodes for action in node.actions]
    return msgspec.structs.replace(
        state,
        order_id=order.order_id,
        order_update_id=order.order_update_id,
        last_node_id=order.nodes[-1].node_id,
        last_node_sequence_id=order.nodes[-1].sequence_id,
        node_states=(),
        edge_states=(),
        action_states=tuple(ActionState(action_id=a.action_id, action_status=ActionStatus.FINISHED) for a in actions),
    )


def test_a_vehicle_at_the_end_of_a_cut_order_is_not_done_without_its_load(yard: Yard) -> None:
    yard.submit("j", TRANSPORT)
    yard.until(lambda: bool(orders_to(yard, "agv-1")))
    order = orders_to(yard, "agv-1")[0]
    nodes = tuple(msgspec.structs.replace(node, released=True) for node in order.nodes)
    whole = msgspec.structs.replace(order, nodes=nodes)
    cut = msgspec.structs.replace(whole, nodes=nodes[:2], edges=whole.edges[:1])
    assert any(node.actions for node in nodes[2:])
    state = yard.cars["agv-1"].state()

    def read(sent: Order) -> JobStatus:
        verdict = errand_of(sent, whole).read(at_the_end_of(sent, state))
        assert verdict is not None
        return verdict.status

    assert read(cut) is JobStatus.RUNNING
    assert read(whole) is JobStatus.DONE
