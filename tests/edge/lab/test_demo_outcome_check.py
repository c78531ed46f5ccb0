"""What the demo's witness holds against vehicles, by their own reports."""

from __future__ import annotations

import json

import pytest
from plant import eventually

from banksman_edge.demo.outcome_check import OutcomeCheck, Wanted
from banksman_shared.broker import RunningBroker
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import VERSION, codec_for

WANTED = Wanted(2, "inbound", ("aisle-2", "aisle-5"), ("aisle-3",))


def drive(link: MqttLink, site: Site, vehicle: str, *ways: tuple[str, bool]) -> None:
    topic = codec_for(VERSION).topics.of(site.vehicles[vehicle].address, "state")
    for place, loaded in ways:
        state = {"lastNodeId": site.places[place].node, "loads": [{}] if loaded else []}
        link.publish_and_wait(topic, json.dumps(state).encode())


@pytest.mark.parametrize(
    ("ways", "faults"),
    [
        ((("inbound", True), ("aisle-2", True), ("aisle-2", False), ("inbound", True), ("aisle-5", False)), []),
        ((("inbound", True), ("aisle-2", False)), ["1 of the loads came from inbound to aisle-2 and aisle-5, not 2"]),
        (
            (("inbound", True), ("aisle-2", False), ("aisle-2", True), ("aisle-3", True), ("aisle-5", False)),
            [
                "1 of the loads came from inbound to aisle-2 and aisle-5, not 2",
                "forklift-1 carried a load from aisle-2 to aisle-5, which nobody asked for",
                "forklift-1 went to aisle-3",
            ],
        ),
    ],
)
def test_what_was_not_asked_for_is_a_fault(
    site: Site, mqtt_broker: RunningBroker, ways: tuple[tuple[str, bool], ...], faults: list[str]
) -> None:
    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        outcome_check = OutcomeCheck(site, link)
        drive(link, site, "forklift-1", ("inbound", True), ("dock-1", False))
        eventually(
            lambda: any("dock-1" in fault for fault in outcome_check.faults(WANTED)), "the first load was heard of"
        )
        outcome_check.forget()
        drive(link, site, "forklift-1", *ways, ("dock-1", False))
        eventually(lambda: list(outcome_check.faults(WANTED)) == faults, f"{list(outcome_check.faults(WANTED))}")
