"""What goes wrong with the network, the broker and the agent itself while all vehicles work."""

from __future__ import annotations

from busy_plant import Plant
from ledger import PICK
from overheard import Overheard
from striking import DONE, THERE, VICTIMS, await_end, await_late, carries, outcome, strike

from banksman_edge.fleet import Code, JobStatus
from banksman_firmware_sim import Fault, FaultKind


def test_a_vehicle_whose_network_is_away_does_its_job_once_and_is_told_to_be_away(plant: Plant) -> None:
    victims, entries = strike(plant, Fault(FaultKind.NETWORK_AWAY), holds=carries)
    await_late(plant, entries, Code.VANISHED)
    plant.clear(victims, FaultKind.NETWORK_AWAY)
    await_end(plant, entries)
    assert outcome(entries) == {DONE}
    assert all(entry.done.count(PICK) <= 1 for entry in entries)
    plant.await_at_work(victims)


def test_what_happens_to_messages_happens_to_no_job(plant: Plant) -> None:
    disturbances = {
        FaultKind.MESSAGES_LOST: 0.3,
        FaultKind.MESSAGES_DUPLICATED: 0.5,
        FaultKind.MESSAGES_LATE: 0.5,
        FaultKind.MESSAGES_REORDERED: 0.5,
    }
    victims, entries = strike(plant, *(Fault(kind, amount=amount) for kind, amount in disturbances.items()))
    await_end(plant, entries)
    for kind in disturbances:
        plant.clear(victims, kind)
    plant.await_at_work(victims)
    assert outcome(entries) == {DONE}


def test_a_broker_that_restarts_finds_everybody_at_work_again(plant: Plant) -> None:
    plant.await_busy(VICTIMS)
    entries = plant.ledger.open()
    plant.stop_broker()
    plant.wait(lambda: not any(view.connected for view in plant.service.vehicles().values()), "all are out of reach")
    plant.start_broker()
    await_end(plant, entries)
    assert all(entry.end and entry.end.status is JobStatus.DONE for entry in entries)
    plant.await_at_work(plant.vehicles)


def test_an_agent_that_restarts_picks_up_what_runs_and_touches_nothing(plant: Plant) -> None:
    plant.await_busy(VICTIMS)
    plant.pause_work()
    entries = plant.ledger.open()
    plant.stop_agent()
    plant.await_settled()
    states = plant.states()
    running = {name: state.order_id for name, state in states.items() if state.node_states}
    # These wait for more of their way; whoever has it all may be asked to make way once it is there.
    in_pieces = [name for name, state in states.items() if not all(node.released for node in state.node_states)]
    with Overheard(plant) as heard:
        plant.start_agent()
        await_end(plant, entries)
        began = heard.first_orders()
    assert len(running) >= VICTIMS
    assert {name: began[name] for name in in_pieces if name in began and began[name] != running[name]} == {}
    assert heard.commands == []
    assert outcome(entries) - {THERE} == {DONE}
    plant.resume_work()
    plant.await_at_work(plant.vehicles)


def standing(plant: Plant, away: str) -> dict[str, object]:
    """Where all others are, who must not move."""
    return {name: state.agv_position for name, state in plant.states().items() if name != away}


def test_a_stop_under_message_loss_holds_and_names_who_did_not_confirm(plant: Plant) -> None:
    names = list(plant.vehicles)
    plant.strike(names, Fault(FaultKind.MESSAGES_LOST, amount=0.4))
    (away,), _ = strike(plant, Fault(FaultKind.NETWORK_AWAY), count=1)
    plant.service.stop("stop", ["*"])

    def told(vehicle: str) -> set[JobStatus]:
        return {event.status for event in plant.others() if event.job == "stop" and event.vehicle == vehicle}

    plant.wait(lambda: all(JobStatus.DONE in told(name) for name in names if name != away), "all others have stopped")
    plant.wait(lambda: JobStatus.LATE in told(away), f"{away} is named")
    late = next(e for e in plant.others() if e.vehicle == away and e.status is JobStatus.LATE)
    assert (late.code in (Code.UNCONFIRMED, Code.OFFLINE), away in late.detail) == (True, True)
    before = standing(plant, away)
    plant.strike([name for name in names if name != away], Fault(FaultKind.MESSAGES_DUPLICATED, amount=0.4))
    plant.stop_agent()
    plant.start_agent()  # a stop outlives the agent
    counts = {name: state.header_id for name, state in plant.states().items()}
    plant.wait(
        lambda: all(plant.vehicles.state(n).header_id > counts[n] + 2 for n in counts if n != away), "time passes"
    )
    assert standing(plant, away) == before
    assert all(view.stopped for view in plant.service.vehicles().values())
    for kind in (FaultKind.MESSAGES_LOST, FaultKind.MESSAGES_DUPLICATED, FaultKind.NETWORK_AWAY):
        plant.clear(names, kind)
    plant.wait(lambda: plant.vehicles.state(away).paused is True, f"{away} has the stop when it is back")
    plant.service.resume("go", ["*"])
    plant.await_at_work(names)
