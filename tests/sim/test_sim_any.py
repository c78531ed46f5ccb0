"""Whatever a master control sends, in whatever order: no crash, and never past what was released."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sim_world import PLACES, PROFILE, action, instantly, order, vehicle

from banksman_firmware_sim import VirtualVehicle

KINDS = ["pick", "drop", "startCharging", "fly"]
INSTANT = ["startPause", "stopPause", "cancelOrder", "stateRequest", "startCharging", "stopCharging", "fly"]
_action = st.builds(
    action, st.sampled_from(KINDS), st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["NONE", "SOFT", "HARD"])
)
_order = st.builds(
    order,
    st.sampled_from(["A", "AB", "ABC", "ABCD", "BCD", "CD", "BA", "DCB"]),
    order_id=st.sampled_from(["one", "one", "two"]),
    update_id=st.integers(0, 3),
    base=st.integers(1, 4),
    first=st.sampled_from([0, 0, 2, 4]),
    at=st.dictionaries(st.sampled_from("ABCD"), st.lists(_action, max_size=2), max_size=2),
    along=st.dictionaries(st.sampled_from(["AB", "BC", "CD"]), st.lists(_action, max_size=1), max_size=1),
)
_event = st.one_of(
    st.floats(0.01, 8),
    st.floats(0.01, 8),
    _order,
    st.lists(st.sampled_from(INSTANT), min_size=1, max_size=2),
)


def apply(machine: VirtualVehicle, event: object) -> None:
    if isinstance(event, float):
        machine.step(event)
    elif isinstance(event, list):
        machine.handle_instant_actions(instantly(*event))
    else:
        machine.handle_order(event)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=300)
@given(st.lists(_event, max_size=14))
def test_a_vehicle_survives_any_master_and_stays_within_its_base(events: list[object]) -> None:
    machine = vehicle()
    for event in events:
        before = machine.state()
        apply(machine, event)
        state = machine.state()
        if isinstance(event, float):
            released = {(n.node_id, n.sequence_id) for n in before.node_states if n.released}
            here = (state.last_node_id, state.last_node_sequence_id)
            assert here in released | {(before.last_node_id, before.last_node_sequence_id)}
        assert state.velocity is not None
        assert abs(state.velocity.vx or 0) <= PROFILE.speed + 1e-6
        assert not (state.paused and state.driving)
        assert len(state.node_states) == len(state.edge_states)
        assert len({a.action_id for a in state.action_states}) == len(state.action_states)
        assert len(state.loads or ()) <= 1
    machine.handle_instant_actions(instantly("cancelOrder", "stopPause"))
    machine.step(30)
    end = machine.state()
    assert (end.node_states, end.driving) == ((), False)
    assert all(a.action_status.ended for a in end.action_states)
    assert end.agv_position is not None
    assert min(x for x, _ in PLACES.values()) <= end.agv_position.x <= max(x for x, _ in PLACES.values())
