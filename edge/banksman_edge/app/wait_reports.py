"""Who is in whose way: said once for all who wait for the same vehicle, not for each of them."""

from __future__ import annotations

from banksman_edge.fleet import Code, JobStatus, OrderEvent


class WaitReports:
    """What was said on each device, or without one for each utterance, until nobody waits any more."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], set[tuple[str, str | None]]] = {}
        """By who is told and by the vehicle that is in the way: jobs and vehicles that wait for it."""

    def is_news(self, event: OrderEvent, told: str) -> bool:
        """Take in the fleet's news. False: it says that one more waits for a vehicle of which it was told there.
        ``told``: the device, or the utterance, whose speaker would be told."""
        waits, other = (event.job, event.vehicle), str(event.facts.get("other", ""))
        for key, others in list(self._waiting.items()):
            others.discard(waits)
            if not others:
                del self._waiting[key]
        if event.status is not JobStatus.LATE or event.code is not Code.WAITING or not other:
            return True
        known = self._waiting.setdefault((told, other), set())
        known.add(waits)
        return len(known) == 1
