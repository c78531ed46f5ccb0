"""VDMA Layout Interchange Format 1.0.0: reading a layout.

Only what driving needs is modelled; other fields of the format and vendors' own pass unread.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from banksman_shared.errors import Fault
from banksman_shared.site.model import Edge, Layout, Node


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", allow_inf_nan=False)


class _Position(_Part):
    x: float
    y: float


class _ActionParameter(_Part):
    key: str
    value: Any = None


class _NodeAction(_Part):
    action_type: str
    action_parameters: list[_ActionParameter] = []


class _NodeProperties(_Part):
    vehicle_type_id: str
    theta: float | None = None
    actions: list[_NodeAction] = []


class _Node(_Part):
    node_id: str = Field(min_length=1)
    map_id: str | None = None
    node_position: _Position
    vehicle_type_node_properties: list[_NodeProperties] = []


class _LoadRestriction(_Part):
    unloaded: bool = True
    loaded: bool = True


class _EdgeProperties(_Part):
    vehicle_type_id: str
    max_speed: float | None = Field(default=None, gt=0)
    load_restriction: _LoadRestriction | None = None

    def open_when(self, *, loaded: bool) -> bool:
        restriction = self.load_restriction
        return restriction is None or (restriction.loaded if loaded else restriction.unloaded)


class _Edge(_Part):
    edge_id: str = Field(min_length=1)
    start_node_id: str
    end_node_id: str
    vehicle_type_edge_properties: list[_EdgeProperties] = []


class _Station(_Part):
    station_id: str
    interaction_node_ids: list[str]
    station_height: float | None = Field(default=None, ge=0)


class _Layout(_Part):
    layout_id: str
    layout_level_id: str | None = None
    nodes: list[_Node] = Field(min_length=1)
    edges: list[_Edge] = []
    stations: list[_Station] = []


class _Lif(_Part):
    layouts: list[_Layout] = Field(min_length=1)


def read_layout(document: Any, name: str) -> tuple[Layout | None, list[Fault]]:
    """Read a parsed LIF document; ``name`` is the file's, for the faults.

    Returns the layout, or None with the faults that prevent one.
    """
    try:
        lif = _Lif.model_validate(document)
    except ValidationError as error:
        return None, [
            Fault(
                f"{name}: {'.'.join(map(str, problem['loc'])) or 'top'}",
                problem["msg"],
                "see VDMA LIF 1.0.0 for this field",
            )
            for problem in error.errors()
        ]
    faults = list(_dangling(lif, name))
    if faults:
        return None, faults
    return _build(lif), []


def _dangling(lif: _Lif, name: str) -> Iterator[Fault]:
    nodes = [node.node_id for layout in lif.layouts for node in layout.nodes]
    edges = [edge.edge_id for layout in lif.layouts for edge in layout.edges]
    stations = [station.station_id for layout in lif.layouts for station in layout.stations]
    for what, ids in (("node", nodes), ("edge", edges), ("station", stations)):
        for twice in sorted(i for i, times in Counter(ids).items() if times > 1):
            yield Fault(f"{name}: {what} {twice}", "stands twice", "give each its own id")
    known = set(nodes)
    for layout in lif.layouts:
        for edge in layout.edges:
            for end in (edge.start_node_id, edge.end_node_id):
                if end not in known:
                    yield Fault(f"{name}: edge {edge.edge_id}", f"node '{end}' is missing", "add it or mend the edge")
        for station in layout.stations:
            if not station.interaction_node_ids:
                yield Fault(f"{name}: station {station.station_id}", "no node to stop at", "list interactionNodeIds")
            for node in station.interaction_node_ids:
                if node not in known:
                    yield Fault(
                        f"{name}: station {station.station_id}",
                        f"node '{node}' is missing",
                        "add it or mend the station",
                    )


def _build(lif: _Lif) -> Layout:
    nodes = {
        node.node_id: Node(
            id=node.node_id,
            x=node.node_position.x,
            y=node.node_position.y,
            map_id=node.map_id or layout.layout_level_id or layout.layout_id,
            theta=next((p.theta for p in node.vehicle_type_node_properties if p.theta is not None), None),
            actions=frozenset(a.action_type for p in node.vehicle_type_node_properties for a in p.actions),
            parameters={
                a.action_type: {p.key: p.value for p in a.action_parameters if p.value is not None}
                for properties in node.vehicle_type_node_properties
                for a in properties.actions
                if a.action_parameters
            },
        )
        for layout in lif.layouts
        for node in layout.nodes
    }
    edges = {
        edge.edge_id: Edge(
            id=edge.edge_id,
            start=edge.start_node_id,
            end=edge.end_node_id,
            length=math.dist(
                (nodes[edge.start_node_id].x, nodes[edge.start_node_id].y),
                (nodes[edge.end_node_id].x, nodes[edge.end_node_id].y),
            ),
            max_speed=min((p.max_speed for p in edge.vehicle_type_edge_properties if p.max_speed), default=None),
            kinds=frozenset(p.vehicle_type_id for p in edge.vehicle_type_edge_properties),
            never_loaded=frozenset(
                p.vehicle_type_id for p in edge.vehicle_type_edge_properties if not p.open_when(loaded=True)
            ),
            never_empty=frozenset(
                p.vehicle_type_id for p in edge.vehicle_type_edge_properties if not p.open_when(loaded=False)
            ),
        )
        for layout in lif.layouts
        for edge in layout.edges
    }
    stations = {
        station.station_id: tuple(station.interaction_node_ids) for layout in lif.layouts for station in layout.stations
    }
    heights = {
        station.station_id: station.station_height
        for layout in lif.layouts
        for station in layout.stations
        if station.station_height is not None
    }
    return Layout(nodes, edges, stations, heights)
