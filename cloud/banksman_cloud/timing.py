"""How long things take that are not driving. Assumptions of the planner; sites differ."""

PICK_S = 15.0
"""Seconds to take up a load."""

DROP_S = 15.0
"""Seconds to put a load down."""
