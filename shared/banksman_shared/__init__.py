"""What two or more parts of Banksman must agree on: site, commands, plans, VDA 5050, MQTT, time, errors."""

import os

# Threads of OpenMP that wait for each other by spinning halve the speed of two models on one machine, and gain
# a few per cent alone. It is read when a library loads, so it is set before any does.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from banksman_shared.actions import Action
from banksman_shared.clock import Clock, ManualClock, SystemClock
from banksman_shared.commands import Command, parse_commands, to_document
from banksman_shared.errors import BanksmanError, SiteError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site, bundled_site, load_site

__all__ = [
    "Action",
    "BanksmanError",
    "Clock",
    "Command",
    "ManualClock",
    "MqttLink",
    "MqttSettings",
    "Site",
    "SiteError",
    "SystemClock",
    "bundled_site",
    "load_site",
    "parse_commands",
    "to_document",
]
