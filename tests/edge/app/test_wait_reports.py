"""Of one vehicle that is in the way of many it is said once."""

from __future__ import annotations

from edge_world import FleetDouble, Recorder, agent_of

from banksman_edge.app.wait_reports import WaitReports
from banksman_edge.fleet import Code, JobStatus, OrderEvent
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import Site


def news(vehicle: str, status: JobStatus = JobStatus.LATE, other: str = "agv-9") -> OrderEvent:
    late = status is JobStatus.LATE
    command = Command(Action.MOVE, (vehicle,), destination="dock-1")
    facts = {"other": other} if late else {}
    return OrderEvent(f"job-{vehicle}", vehicle, command, status, "", Code.WAITING if late else None, facts)


def test_those_who_wait_for_the_same_vehicle_are_told_of_once_on_each_device() -> None:
    reports = WaitReports()
    assert [reports.is_news(news(f"agv-{n}"), "headset-1") for n in (1, 2, 3)] == [True, False, False]
    assert reports.is_news(news("agv-4"), "headset-2")
    assert reports.is_news(news("agv-5", other="agv-8"), "headset-1")


def test_once_nobody_waits_any_more_it_is_news_again() -> None:
    reports = WaitReports()
    assert reports.is_news(news("agv-1"), "headset-1")
    assert not reports.is_news(news("agv-2"), "headset-1")
    assert reports.is_news(news("agv-1", JobStatus.RUNNING), "headset-1")
    assert not reports.is_news(news("agv-3"), "headset-1")
    for vehicle in ("agv-2", "agv-3"):
        reports.is_news(news(vehicle, JobStatus.RUNNING), "headset-1")
    assert reports.is_news(news("agv-1"), "headset-1")


def test_who_speaks_without_a_device_is_told_of_each_utterance(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    """They may be two people at two terminals, each of whom hears of their own."""
    with agent_of(site, fleet, heard) as agent:
        for number, vehicle in enumerate(("one", "three"), 1):
            said = agent.say(f"forklift {vehicle}, go to dock two")
            fleet.given(number)
            fleet.tell("late", code=Code.WAITING, other="forklift-2")
            heard.until_reply("is late", key=said.id)
