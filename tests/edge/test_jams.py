"""Of one vehicle that is in the way of many it is said once."""

from __future__ import annotations

from banksman_edge.fleet import Code, JobStatus, OrderEvent
from banksman_edge.jams import Jams
from banksman_shared.commands import Action, Command


def news(vehicle: str, status: JobStatus = JobStatus.LATE, other: str = "agv-9") -> OrderEvent:
    late = status is JobStatus.LATE
    command = Command(Action.MOVE, (vehicle,), destination="dock-1")
    facts = {"other": other} if late else {}
    return OrderEvent(f"job-{vehicle}", vehicle, command, status, "", Code.WAITING if late else None, facts)


def test_those_who_wait_for_the_same_vehicle_are_told_of_once_on_each_device() -> None:
    jams = Jams()
    assert [jams.is_news(news(f"agv-{n}"), "headset-1") for n in (1, 2, 3)] == [True, False, False]
    assert jams.is_news(news("agv-4"), "headset-2")
    assert jams.is_news(news("agv-5", other="agv-8"), "headset-1")


def test_once_nobody_waits_any_more_it_is_news_again() -> None:
    jams = Jams()
    assert jams.is_news(news("agv-1"), None)
    assert not jams.is_news(news("agv-2"), None)
    assert jams.is_news(news("agv-1", JobStatus.RUNNING), None)
    assert not jams.is_news(news("agv-3"), None)
    for vehicle in ("agv-2", "agv-3"):
        jams.is_news(news(vehicle, JobStatus.RUNNING), None)
    assert jams.is_news(news("agv-1"), None)
