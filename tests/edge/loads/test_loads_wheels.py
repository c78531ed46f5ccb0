"""Loads that a warehouse tells of over MQTT, and "clear the dock" that becomes as many trips as loads stand there."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from edge_world import PATIENCE_S, ScriptedModel
from plan_wheels_world import approve, driving, loads_carried
from plant import Plant, eventually
from wheels_site import hall

from banksman_edge import Verdict
from banksman_edge.loads import loads_topic, refusal_topic
from banksman_shared.broker import RunningBroker
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site

ORDER = "before half past four take all the pallets from dock one to aisle three"
CLEAR = "before half past four clear dock one to aisle three"
"""The grammar knows no such verb; the language model reads it."""
ALL = {
    "kind": "transport",
    "count": None,
    "origins": ["dock-1"],
    "destinations": ["aisle-3"],
    "words": "all the pallets",
}
AT_THE_DOCK = [{"id": f"SSCC-{n}", "place": "dock-1"} for n in range(3)]
ELSEWHERE = [{"id": "SSCC-9", "place": "dock-2", "type": "epal"}]


class Warehouse:
    """What a warehouse's system publishes, and what it is answered."""

    def __init__(self, site: Site, link: MqttLink) -> None:
        self._topic, self._link = loads_topic(site.id), link
        self.refusals: list[str] = []
        link.subscribe(refusal_topic(site.id), lambda _, data: self.refusals.append(json.loads(data)["reason"]), qos=1)

    def tell(self, *loads: dict[str, Any], at: float | None = None, **more: Any) -> None:
        self.publish({"at": time.time() if at is None else at, "loads": loads} | more)

    def publish(self, document: Any) -> None:
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        self._link.publish_and_wait(self._topic, data, retain=True)

    def refusal(self) -> str:
        eventually(lambda: bool(self.refusals), "the list is refused")
        return self.refusals.pop()


@contextmanager
def warehouse(url: str) -> Iterator[tuple[Site, Warehouse]]:
    site = hall(f"-{uuid4().hex[:8]}")  # what is retained is another site's afterwards
    with MqttLink(MqttSettings(url)) as link:
        yield site, Warehouse(site, link)


def counted(plant: Plant) -> Counter[str]:
    stock = plant.agent.loads.now()
    return Counter(load.place for load in stock.loads) if stock else Counter()


def until_counted(plant: Plant, **there: int) -> None:
    wanted = Counter({place.replace("_", "-"): count for place, count in there.items()})
    eventually(lambda: counted(plant) == wanted, f"the loads stand at {wanted}")


def test_a_dock_is_cleared_of_as_many_loads_as_stand_there(mqtt_broker: RunningBroker) -> None:
    with warehouse(mqtt_broker.url) as (site, wms):
        wms.tell(*AT_THE_DOCK, *ELSEWHERE)  # kept by the broker: the agent is not there yet
        model = ScriptedModel("plan")
        with driving(mqtt_broker.url, ALL | {"words": "clear dock one"}, site=site, model=model) as plant:
            until_counted(plant, dock_1=3, dock_2=1)
            key = approve(plant, CLEAR)
            said = plant.heard.until_reply("Shall I start it?", key=key).text
            assert said.startswith("Plan: 3 loads from dock 1 to aisle 3,")
            assert plant.agent.wait(key, PATIENCE_S * 3)
            assert loads_carried(plant, key) == 3
            until_counted(plant, dock_2=1, aisle_3=3)
            again = plant.agent.say(CLEAR)
            plant.heard.until_reply("nothing stands at dock 1", key=again.id)


def test_what_a_plan_is_going_to_fetch_is_nobody_elses(mqtt_broker: RunningBroker) -> None:
    """One vehicle fetches all of them, one after the other."""
    by_one = ALL | {"vehicles": ["forklift-1"]}
    with warehouse(mqtt_broker.url) as (site, wms), driving(mqtt_broker.url, by_one, site=site, speed_up=1) as plant:
        wms.tell(*AT_THE_DOCK)
        until_counted(plant, dock_1=3)
        key = approve(plant, ORDER)
        until_counted(plant)
        assert plant.agent.say("cancel everything").verdict is Verdict.ACCEPT
        assert not plant.agent.wait(key, PATIENCE_S)
        until_counted(plant, dock_1=3)


def test_of_a_list_that_is_too_old_it_is_asked_how_many(mqtt_broker: RunningBroker) -> None:
    with warehouse(mqtt_broker.url) as (site, wms), driving(mqtt_broker.url, ALL, site=site) as plant:
        wms.tell(*AT_THE_DOCK, at=time.time() - site.rules.loads_age_s - 1)
        eventually(lambda: plant.agent.loads.told_at is not None, "the list is there")
        key = plant.agent.say(ORDER).id
        plant.heard.until_reply("nobody keeps count of the loads there; say how many", key=key)
        assert not plant.agent.wait(key, PATIENCE_S)


def test_where_only_some_places_are_counted_the_others_are_asked_about(mqtt_broker: RunningBroker) -> None:
    with warehouse(mqtt_broker.url) as (site, wms), driving(mqtt_broker.url, ALL, site=site) as plant:
        wms.tell(*ELSEWHERE, places=["dock-2", "dock-3"])
        until_counted(plant, dock_2=1)
        key = plant.agent.say(ORDER).id
        plant.heard.until_reply("nobody keeps count of the loads there; say how many", key=key)
        wms.tell(*AT_THE_DOCK, places=["dock-1"])
        until_counted(plant, dock_1=3)
        key = plant.agent.say(ORDER).id
        plant.heard.until_reply("Plan: 3 loads from dock 1 to aisle 3,", key=key)


def test_a_list_that_is_wrong_is_answered_and_changes_nothing(mqtt_broker: RunningBroker) -> None:
    wrong: list[tuple[Any, str]] = [
        (b"{", "not a list of loads"),
        ({"loads": []}, "missing required field `at`"),
        ({"at": "noon", "loads": []}, "no ISO 8601 time"),
        ({"at": time.time() + 3600, "loads": []}, "a time to come"),
        ({"at": time.time(), "loads": [{"id": "1", "place": "dock-99"}]}, "no place 'dock-99'"),
        ({"at": time.time(), "loads": [], "places": ["ramp"]}, "no place 'ramp'"),
        ({"at": time.time(), "loads": [{"id": "1", "place": "dock-1"}] * 2}, "load '1' stands twice"),
        ({"at": time.time(), "loads": [{"id": "", "place": "dock-1"}]}, "1 to 64 characters"),
        ({"at": time.time(), "loads": AT_THE_DOCK, "places": ["dock-2"]}, "not among its 'places'"),
        ({"at": time.time(), "loads": [{"id": str(n), "place": "dock-1"} for n in range(2001)]}, "at most 2000"),
        (b" " * (1024 * 1024 + 1), "at most 1048576 bytes"),
    ]
    with warehouse(mqtt_broker.url) as (site, wms), driving(mqtt_broker.url, ALL, site=site) as plant:
        wms.tell(*AT_THE_DOCK)
        until_counted(plant, dock_1=3)
        for document, reason in wrong:
            wms.publish(document)
            assert reason in wms.refusal()
            assert counted(plant) == {"dock-1": 3}
        wms.publish(b"")
        eventually(lambda: plant.agent.loads.now() is None, "nobody counts any more")
