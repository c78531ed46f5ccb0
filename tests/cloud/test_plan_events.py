"""What is said of a plan while it comes along, as server-sent events."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from planner_world import Service

from banksman_cloud.api import events


def read_events(service: Service, plan_id: str, kind: str = "plan", **headers: str) -> list[tuple[int, dict[str, Any]]]:
    """All events of a kind until the stream ends."""
    events: list[tuple[int, dict[str, Any]]] = []
    number, name = 0, ""
    with service.http.stream("GET", f"/v1/plans/{plan_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("id:"):
                number = int(line[3:])
            if line.startswith("event:"):
                name = line[6:].strip()
            if line.startswith("data:") and name == kind:
                events.append((number, json.loads(line[5:])))
    return events


def test_events_tell_every_state_until_the_plan_has_ended(service: Service) -> None:
    service.provider.go.clear()
    plan_id = service.ask().json()["id"]
    seen: list[tuple[int, dict[str, Any]]] = []
    listener = threading.Thread(target=lambda: seen.extend(read_events(service, plan_id)))
    listener.start()
    service.provider.go.set()
    service.approve(service.reaches(plan_id, "proposed"))
    service.http.delete(f"/v1/plans/{plan_id}")
    listener.join(30)
    states = [plan["state"] for _, plan in seen]
    everything = ["understanding", "solving", "proposed", "approved", "cancelled"]
    assert states == everything[-len(states) :]  # the stream begins with the state at its start
    everything_again = read_events(service, plan_id, **{"Last-Event-ID": "1"})
    assert [plan["state"] for _, plan in everything_again] == everything[1:]
    solving = everything_again[0][0]
    missed = read_events(service, plan_id, **{"Last-Event-ID": str(solving)})
    assert missed == everything_again[1:]
    assert [plan["state"] for _, plan in read_events(service, plan_id)] == ["cancelled"]


def test_progress_tells_how_far_the_work_is(service: Service) -> None:
    plan = service.proposed()
    service.http.delete(f"/v1/plans/{plan['id']}")
    told = [data for _, data in read_events(service, plan["id"], "progress", **{"Last-Event-ID": "1"})]
    stages = list(dict.fromkeys(data["stage"] for data in told))
    assert stages == ["understanding", "solving", "verifying"]
    best = [data for data in told if data["stage"] == "solving"][-1]
    assert best["keeps"]
    assert best["value_s"] == max(step["end_s"] for step in plan["steps"])
    assert 0 <= best["bound_s"] <= best["value_s"]


def test_a_stream_that_goes_on_after_the_end_ends(service: Service) -> None:
    plan = service.proposed()
    service.http.delete(f"/v1/plans/{plan['id']}")
    ((last, ended),) = read_events(service, plan["id"])
    assert ended["state"] == "cancelled"
    assert read_events(service, plan["id"], **{"Last-Event-ID": str(last)}) == []
    assert read_events(service, plan["id"], **{"Last-Event-ID": "900000"}) == [(last, ended)]


def test_a_stream_ends_after_a_while_and_another_goes_on_where_it_was(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = service.proposed()
    monkeypatch.setattr(events, "LONGEST_S", 0.5)
    ((number, waiting),) = read_events(service, plan["id"])
    assert waiting["state"] == "proposed"
    assert read_events(service, plan["id"], **{"Last-Event-ID": str(number)}) == []
