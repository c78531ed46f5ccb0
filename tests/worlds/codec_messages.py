"""Generated messages of VDA 5050, and what each version is able to carry of them."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from banksman_shared.vda5050 import (
    Action,
    ActionStatus,
    AgvPosition,
    BatteryState,
    BlockingType,
    Connection,
    ConnectionState,
    ControlPoint,
    Corridor,
    DirectionLimit,
    Edge,
    EdgeRequest,
    Ellipse,
    Error,
    ErrorLevel,
    EStop,
    Factsheet,
    Header,
    InstantActions,
    Node,
    NodePosition,
    NodeState,
    OperatingMode,
    Order,
    RequestType,
    Responses,
    State,
    Trajectory,
    Vertex,
    Visualization,
    Zone,
    ZoneRequest,
    ZoneSet,
    ZoneType,
)

KINDS_2: tuple[type[Header], ...] = (Connection, Factsheet, InstantActions, Order, State, Visualization)
KINDS: dict[str, tuple[type[Header], ...]] = {
    "2.0.0": KINDS_2,
    "2.1.0": KINDS_2,
    "3.0.0": (*KINDS_2, Responses, ZoneSet),
}
EVERY = [(version, kind) for version, kinds in KINDS.items() for kind in kinds]
IDS = [f"{version}-{kind.__name__}" for version, kind in EVERY]

# What a version has no field for, from the texts.
_NEW_WITH_3: dict[Any, set[str]] = {
    Action: {"retriable"},
    BatteryState: {"battery_current"},
    Corridor: {"release_required", "release_loss_behavior"},
    Error: {"error_description_translations", "error_hint_translations"},
    Order: {"order_description"},
    State: {
        "instant_action_states",
        "zone_action_states",
        "zone_sets",
        "zone_requests",
        "edge_requests",
        "planned_path",
        "intermediate_path",
    },
    Visualization: {"reference_state_header_id", "planned_path", "intermediate_path"},
}
LACKS: dict[str, dict[Any, set[str]]] = {
    "2.1.0": _NEW_WITH_3,
    "2.0.0": {
        **_NEW_WITH_3,
        Edge: {"corridor"},
        Error: _NEW_WITH_3[Error] | {"error_hint"},
        State: _NEW_WITH_3[State] | {"maps"},
    },
    "3.0.0": {
        AgvPosition: {"map_description"},
        NodePosition: {"map_description"},
        Order: {"zone_set_id"},
        State: {"zone_set_id"},
    },
}
_NEW_WORDS: set[StrEnum] = {
    BlockingType.SINGLE,
    ActionStatus.RETRIABLE,
    ConnectionState.HIBERNATING,
    OperatingMode.STARTUP,
    OperatingMode.INTERVENED,
    ErrorLevel.URGENT,
    ErrorLevel.CRITICAL,
}
LACKS_WORDS: dict[str, set[StrEnum]] = {"2.0.0": _NEW_WORDS, "2.1.0": _NEW_WORDS, "3.0.0": {EStop.AUTOACK}}

_TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)
_UINT32 = st.integers(0, 2**32 - 1)
_ANY_NUMBER = st.floats(-1e6, 1e6)
_AMOUNT = st.floats(0.0, 1e4)
_SHARE = st.floats(0.0, 1.0)
_NUMBERS: dict[str, st.SearchStrategy[float]] = {
    "theta": st.floats(-math.pi / 2, 1.5707),
    "orientation": st.floats(-3.14, 3.14),
    "allowed_deviation_theta": st.floats(0.0, 3.14),
    "battery_charge": st.floats(0.0, 100.0),
    "battery_health": st.integers(0, 100).map(float),
    "reach": st.integers(0, 10_000).map(float),
    "localization_score": _SHARE,
    "priority_factor": _SHARE,
    "penalty_factor": _SHARE,
    **dict.fromkeys(("allowed_deviation_xy", "deviation_range", "weight", "left_width", "right_width"), _AMOUNT),
}


_ZONES: dict[ZoneType, tuple[str, ...]] = {
    **dict.fromkeys(ZoneType, ()),
    ZoneType.RELEASE: ("release_loss_behavior",),
    ZoneType.SPEED_LIMIT: ("maximum_speed",),
    ZoneType.ACTION: ("entry_actions", "during_actions", "exit_actions"),
    ZoneType.PRIORITY: ("priority_factor",),
    ZoneType.PENALTY: ("penalty_factor",),
    ZoneType.DIRECTED: ("direction", "directed_limitation"),
    ZoneType.BIDIRECTED: ("direction", "bidirected_limitation"),
}

# Every field of 2.1.0 that 3.0 calls otherwise, and some that it does not.
FACTSHEET: dict[str, dict[str, Any]] = {
    "type_specification": {
        "seriesName": "Lift",
        "agvKinematic": "THREEWHEEL",
        "agvClass": "FORKLIFT",
        "maxLoadMass": 1200.0,
        "localizationTypes": ["NATURAL"],
        "navigationTypes": ["AUTONOMOUS", "VIRTUAL_LINE_GUIDED"],
    },
    "physical_parameters": {
        "speedMin": 0.1,
        "speedMax": 2.0,
        "accelerationMax": 0.5,
        "decelerationMax": 1.0,
        "heightMin": 1.9,
        "heightMax": 3.5,
        "width": 1.1,
        "length": 2.3,
    },
    "protocol_limits": {
        "maxStringLens": {
            "msgLen": 100_000,
            "topicSerialLen": 40,
            "topicElemLen": 40,
            "idLen": 60,
            "idNumericalOnly": False,
            "loadIdLen": 30,
        },
        "maxArrayLens": {"order.nodes": 200, "state.loads": 1},
        "timing": {"minOrderInterval": 0.5, "minStateInterval": 0.2, "defaultStateInterval": 30.0},
    },
    "protocol_features": {
        "optionalParameters": [
            {"parameter": "order.edges.maxSpeed", "support": "SUPPORTED"},
            {"parameter": "order.nodes.nodePosition.theta", "support": "REQUIRED"},
        ],
        "agvActions": [
            {
                "actionType": "pick",
                "actionScopes": ["NODE"],
                "actionParameters": [{"key": "height", "valueDataType": "NUMBER", "isOptional": True}],
                "resultDescription": "the load",
                "blockingTypes": ["SOFT", "HARD"],
                "pauseAllowed": True,
                "cancelAllowed": False,
            }
        ],
    },
    "agv_geometry": {
        "wheelDefinitions": [
            {
                "type": "DRIVE",
                "isActiveDriven": True,
                "isActiveSteered": False,
                "position": {"x": 0.1, "y": 0.2},
                "diameter": 0.2,
                "width": 0.1,
            }
        ],
        "envelopes2d": [{"set": "outline", "polygonPoints": [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 0.0}]}],
        "envelopes3d": [{"set": "body", "format": "DXF", "url": "https://example.org/body.dxf"}],
    },
    "load_specification": {
        "loadPositions": ["fork"],
        "loadSets": [
            {
                "setName": "DEFAULT",
                "loadType": "EPAL",
                "boundingBoxReference": {"x": 0.0, "y": 0.0, "z": 0.0},
                "loadDimensions": {"length": 1.2, "width": 0.8},
                "maxWeight": 1200.0,
                "minLoadhandlingHeight": 0.0,
                "maxLoadhandlingHeight": 3.5,
                "minLoadhandlingDepth": 0.1,
                "maxLoadhandlingDepth": 1.2,
                "minLoadhandlingTilt": -0.1,
                "maxLoadhandlingTilt": 0.1,
                "agvSpeedLimit": 1.0,
                "agvAccelerationLimit": 0.4,
                "agvDecelerationLimit": 0.6,
                "pickTime": 20.0,
                "dropTime": 10.0,
            }
        ],
    },
    "vehicle_config": {"versions": [{"key": "software", "value": "1.2"}], "network": {"netmask": "255.255.255.0"}},
}


class Generator:
    """Makes messages of one version. ``carried`` limits them to what that version carries whole."""

    def __init__(self, version: str, *, carried: bool) -> None:
        self._version = version
        self._carried = carried
        self._lacks = LACKS[version] if carried else {}
        self._values = st.one_of(_TEXT, st.booleans(), _UINT32, _ANY_NUMBER, st.lists(_UINT32, max_size=2))
        if version != "2.0.0":
            self._values |= st.dictionaries(_TEXT, _UINT32, max_size=2)
        self._special: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
            Ellipse: self._ellipse,
            Factsheet: self._factsheet,
            InstantActions: self._instant_actions,
            NodeState: self._node_state,
            Order: self._order,
            Trajectory: self._trajectory,
            Visualization: self._visualization,
            Zone: self._zone,
            ZoneRequest: lambda: self._plain(
                ZoneRequest, request_type=st.sampled_from(["ACCESS", "REPLANNING"]).map(RequestType)
            ),
            EdgeRequest: lambda: self._plain(EdgeRequest, request_type=st.just(RequestType.CORRIDOR)),
        }

    def message(self, kind: type[Header]) -> st.SearchStrategy[Header]:
        return self._record(kind)

    def _record(self, kind: Any) -> st.SearchStrategy[Any]:
        return self._special.get(kind, lambda: self._plain(kind))()

    def _plain(self, kind: Any, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lacks = self._lacks.get(kind, set())
        choices = {name: self._value(name, hint) for name, hint in get_type_hints(kind).items() if name not in lacks}
        if issubclass(kind, Header):
            choices["version"] = st.just(self._version)
        return st.builds(kind, **{**choices, **given})

    def _value(self, name: str, kind: Any) -> st.SearchStrategy[Any]:
        if get_origin(kind) is tuple:
            return st.lists(self._value(name, get_args(kind)[0]), max_size=2).map(tuple)
        if get_origin(kind) in (Union, types.UnionType):
            return st.one_of(*(self._value(name, part) for part in get_args(kind)))
        if get_origin(kind) is dict:
            return st.fixed_dictionaries(dict.fromkeys(("length", "width", "height"), _AMOUNT))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return st.deferred(lambda: self._record(kind))
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            lacks = {member for member in LACKS_WORDS[self._version] if isinstance(member, kind) and self._carried}
            return st.sampled_from([member for member in kind if member not in lacks])
        if name == "orientation_type":
            return st.sampled_from(["GLOBAL", "TANGENTIAL"])
        plain = {
            str: _TEXT,
            bool: st.booleans(),
            int: _UINT32,
            float: _NUMBERS.get(name, _ANY_NUMBER),
            Any: self._values,
        }
        return st.none() if kind is type(None) else plain[kind]

    def _ellipse(self) -> st.SearchStrategy[Any]:
        if self._carried and self._version != "3.0.0":
            return _AMOUNT
        longer = st.builds(lambda b, more: (b + more, b), _AMOUNT, st.floats(0.1, 1.0))
        return st.builds(lambda ab, theta: Ellipse(a=ab[0], b=ab[1], theta=theta), longer, _NUMBERS["theta"])

    def _trajectory(self) -> st.SearchStrategy[Trajectory]:
        points = st.lists(self._plain(ControlPoint, weight=st.none() | _SHARE), min_size=2, max_size=4).map(tuple)
        bare = st.builds(Trajectory, control_points=points)
        whole = bare.map(Trajectory.whole)
        return whole if self._carried and self._version != "3.0.0" else bare | whole

    def _node_state(self) -> st.SearchStrategy[NodeState]:
        position = self._record(NodePosition)
        if self._carried and self._version == "3.0.0":
            position = self._plain(NodePosition, allowed_deviation_xy=st.none(), allowed_deviation_theta=st.none())
        if self._carried and self._version == "2.0.0":
            position = self._plain(NodePosition, theta=_NUMBERS["theta"])
        return self._plain(NodeState, node_position=st.none() | position)

    def _instant_actions(self) -> st.SearchStrategy[InstantActions]:
        only = st.just(BlockingType.NONE) if self._carried and self._version == "3.0.0" else None
        action = self._plain(Action) if only is None else self._plain(Action, blocking_type=only)
        return self._plain(InstantActions, actions=st.lists(action, max_size=2).map(tuple))

    def _visualization(self) -> st.SearchStrategy[Visualization]:
        if self._carried and self._version == "3.0.0":
            return self._plain(Visualization, reference_state_header_id=_UINT32)
        return self._plain(Visualization)

    @st.composite
    @staticmethod
    def _path(draw: st.DrawFn, self: Generator) -> Order:
        count, first = draw(st.integers(1, 3)), draw(st.integers(0, 20)) * 2
        nodes = tuple(draw(self._plain(Node, sequence_id=st.just(first + 2 * i))) for i in range(count))
        edges = tuple(
            draw(
                self._plain(
                    Edge,
                    sequence_id=st.just(first + 2 * i + 1),
                    start_node_id=st.just(nodes[i].node_id),
                    end_node_id=st.just(nodes[i + 1].node_id),
                )
            )
            for i in range(count - 1)
        )
        order: Order = draw(self._plain(Order, nodes=st.just(nodes), edges=st.just(edges)))
        return order

    def _order(self) -> st.SearchStrategy[Order]:
        return self._path(self)

    def _zone(self) -> st.SearchStrategy[Zone]:
        hints = get_type_hints(Zone)
        corner = st.builds(Vertex, x=_ANY_NUMBER, y=_ANY_NUMBER)
        optional = [name for name in hints if name not in ("zone_id", "zone_type", "vertices", "zone_description")]
        given: dict[str, st.SearchStrategy[Any]] = {
            name: self._value(name, get_args(hints[name])[0]) for name in optional
        }
        given["bidirected_limitation"] = st.sampled_from([DirectionLimit.SOFT, DirectionLimit.RESTRICTED])
        kinds = [
            self._plain(
                Zone,
                zone_type=st.just(kind),
                vertices=st.lists(corner, min_size=3, max_size=4).map(tuple),
                **{name: given[name] if name in needed else st.none() for name in optional},
            )
            for kind, needed in _ZONES.items()
        ]
        return st.one_of(*kinds)

    def _factsheet(self) -> st.SearchStrategy[Factsheet]:
        header = {name: self._value(name, hint) for name, hint in get_type_hints(Header).items()}
        parts = {name: st.just(part) for name, part in FACTSHEET.items()}
        return st.builds(Factsheet, **{**header, "version": st.just(self._version)}, **parts)
