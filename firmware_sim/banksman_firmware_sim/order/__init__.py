"""The orders and actions of VDA 5050: what they may hold, and what a vehicle holds of them."""

from banksman_firmware_sim.order.abilities import (
    INIT_POSITION,
    INITIALIZE_POSITION,
    Ability,
    Parameter,
    Scope,
    abilities_of,
)
from banksman_firmware_sim.order.actions import KEPT_INSTANT_ACTIONS, KEPT_ZONE_ACTIONS, ActionList, ActionRun
from banksman_firmware_sim.order.checks import (
    LOAD_POSITION,
    MAX_ACTIONS,
    MAX_NODES,
    SLOWEST,
    check_action,
    check_actions,
    check_fields,
    check_form,
    check_room,
    order_actions,
)
from banksman_firmware_sim.order.edition import AUTOMATIC_MODES, Edition, edition_of
from banksman_firmware_sim.order.orders import OrderProgress

__all__ = [
    "AUTOMATIC_MODES",
    "INITIALIZE_POSITION",
    "INIT_POSITION",
    "KEPT_INSTANT_ACTIONS",
    "KEPT_ZONE_ACTIONS",
    "LOAD_POSITION",
    "MAX_ACTIONS",
    "MAX_NODES",
    "SLOWEST",
    "Ability",
    "ActionList",
    "ActionRun",
    "Edition",
    "OrderProgress",
    "Parameter",
    "Scope",
    "abilities_of",
    "check_action",
    "check_actions",
    "check_fields",
    "check_form",
    "check_room",
    "edition_of",
    "order_actions",
]
