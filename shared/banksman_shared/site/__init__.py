"""The site: its words, its machines, its roads."""

from banksman_shared.site.load import bundled_site, load_site, parse_site
from banksman_shared.site.model import EarlyStop, Edge, Group, Kind, Layout, Node, Place, Site, Vehicle
from banksman_shared.site.route import Route, Router

__all__ = [
    "EarlyStop",
    "Edge",
    "Group",
    "Kind",
    "Layout",
    "Node",
    "Place",
    "Route",
    "Router",
    "Site",
    "Vehicle",
    "bundled_site",
    "load_site",
    "parse_site",
]
