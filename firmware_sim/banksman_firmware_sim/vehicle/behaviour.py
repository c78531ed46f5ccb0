"""What a vehicle may do otherwise than the standard says, as vehicles in the field do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Deviations of a peer that lie in what it does rather than in its bytes. None of them by default."""

    appends_stitch_actions: bool = False
    """Takes actions at the stitching node of an update as new ones, and does those that it knows once more."""
    silent_instant_actions: bool = False
    """Carries out instant actions and never reports them."""
    cancels_nothing_as_finished: bool = False
    """Reports a cancelOrder with nothing to cancel as FINISHED, and no noOrderToCancel."""
    silent_refusals: bool = False
    """Reports a refused instant action as an error only, without an action state."""
    obeys_known_ids: bool = False
    """Takes an instant action whose id it knows for a new one where the master must have meant that: vda5050-sdk has
    "pause", "resume" and "cancel-order" for ids. See :mod:`banksman_firmware_sim.vehicle.repeated_actions`."""
