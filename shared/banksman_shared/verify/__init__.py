"""The proof of a plan: replayed in time against site, fleet and goals. The planner and the edge both run it.

It shares no code with the solver but what both assume of vehicles (:mod:`.timing`).
"""

from banksman_shared.verify.replay import Replay, World
from banksman_shared.verify.timing import CHARGE_TO, CHARGING, DROP_S, FLOOR, PICK_S, WORK_DRAIN
from banksman_shared.verify.verifier import violations

__all__ = ["CHARGE_TO", "CHARGING", "DROP_S", "FLOOR", "PICK_S", "WORK_DRAIN", "Replay", "World", "violations"]
