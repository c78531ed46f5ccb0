"""The site: its words, its machines, its roads."""

from banksman_shared.site.load import bundled_site, load_site, parse_site
from banksman_shared.site.model import EarlyStop, Edge, Group, Kind, Layout, Node, OwnAction, Place, Site, Vehicle
from banksman_shared.site.route import NOTHING_CLOSED, Closed, Route, Router
from banksman_shared.site.rules import (
    DEFAULT_ROLE,
    Grant,
    LeavingRules,
    Offline,
    Operator,
    PolicyTable,
    Rules,
    Thresholds,
    Trust,
    Zone,
)

__all__ = [
    "DEFAULT_ROLE",
    "NOTHING_CLOSED",
    "Closed",
    "EarlyStop",
    "Edge",
    "Grant",
    "Group",
    "Kind",
    "Layout",
    "LeavingRules",
    "Node",
    "Offline",
    "Operator",
    "OwnAction",
    "Place",
    "PolicyTable",
    "Route",
    "Router",
    "Rules",
    "Site",
    "Thresholds",
    "Trust",
    "Vehicle",
    "Zone",
    "bundled_site",
    "load_site",
    "parse_site",
]
