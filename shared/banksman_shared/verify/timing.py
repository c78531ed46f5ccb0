"""What the planner assumes of vehicles beyond what site and fleet tell. Sites differ."""

from __future__ import annotations

PICK_S = 15.0
"""Seconds to take up a load."""

DROP_S = 15.0
"""Seconds to put a load down."""

WORK_DRAIN = 1 / 120
"""Per cent of charge that a second of driving or handling takes: 30 in an hour."""

CHARGING = 1 / 60
"""Per cent of charge that a second at a charger gives: 60 in an hour."""

FLOOR = 5.0
"""Per cent below which no plan empties a battery, even where no reserve is asked for."""

CHARGE_TO = 80.0
"""Per cent to which a vehicle is charged before it works, where nobody said how much."""
