"""Jobs in the store: written as they go on, and taken up again after a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from banksman_edge.fleet.assign import Assignment
from banksman_edge.fleet.errand import Errand, InstantErrand, OrderErrand
from banksman_edge.fleet.model import JobStatus
from banksman_edge.fleet.orders import stops_for
from banksman_edge.fleet.store import FleetStore, StoredErrand, StoredJob
from banksman_shared.clock import Clock
from banksman_shared.site import Place, Site

log = logging.getLogger(__name__)

NewErrand = Callable[[str, Assignment, float | None], Errand]
"""Makes the errand for an assignment: job, assignment, deadline."""


class Memory:
    """What a master remembers of its jobs beyond its own life. Without a store it remembers nothing.

    A stop goes out before its job is written down; what happens to it until then is written with it.
    """

    def __init__(self, store: FleetStore | None, site: Site, clock: Clock) -> None:
        self._store, self._site, self._clock = store, site, clock
        self._jobs: set[str] = set()

    def take(self, job: str, errands: Sequence[Errand]) -> None:
        """A job was taken, or more errands of it, as far as they have come by now."""
        if self._store:
            self._jobs.add(job)
            self._store.save_job(job, [self._stored(errand) for errand in errands])

    def note(self, errand: Errand) -> None:
        """An errand has come further."""
        if self._store and errand.job in self._jobs:
            self._store.save_errand(errand.job, self._stored(errand))

    def note_order(self, errand: OrderErrand) -> None:
        """An order, or an update of it, was sent."""
        if self._store and errand.job in self._jobs and errand.order:
            with self._store.together():
                self._store.save_errand(errand.job, self._stored(errand))
                self._store.save_order(errand.job, errand.number, errand.order)

    def forget(self, job: str) -> None:
        """A job has ended."""
        self._jobs.discard(job)
        if self._store:
            self._store.forget_job(job)

    def recall(self, new_errand: NewErrand) -> list[tuple[str, list[Errand]]]:
        """The jobs that had not ended, in the order in which they were taken. Those the site cannot do any more go."""
        recalled = []
        for job in self._store.jobs() if self._store else ():
            if self._knows(job.errands):
                self._jobs.add(job.id)
                recalled.append((job.id, [self._errand(job, stored, new_errand) for stored in job.errands]))
            else:
                log.warning("job %s speaks of vehicles or places that the site no longer has; it is forgotten", job.id)
                self.forget(job.id)
        return recalled

    def _knows(self, errands: Iterable[StoredErrand]) -> bool:
        places = {place for errand in errands for place in (errand.origin, errand.destination) if place}
        return places <= self._site.places.keys() and {e.vehicle for e in errands} <= self._site.vehicles.keys()

    def _stored(self, errand: Errand) -> StoredErrand:
        assignment = errand.assignment
        return StoredErrand(
            number=errand.number,
            step=assignment.step,
            vehicle=errand.vehicle,
            command=assignment.command,
            status=errand.status,
            origin=assignment.origin.id if assignment.origin else None,
            destination=assignment.destination.id if assignment.destination else None,
            closed=assignment.closed,
            begun=errand.begun,
            deadline=errand.deadline,
            stale_at=None if errand.stale_at == float("inf") else errand.stale_at + self._offset,
            late=errand.late,
            cancelling=isinstance(errand, OrderErrand) and errand.cancelling,
        )

    @property
    def _offset(self) -> float:
        """Seconds from the monotonic clock to the wall clock; the former begins anew with each run."""
        return self._clock.time() - self._clock.monotonic()

    def _errand(self, job: StoredJob, stored: StoredErrand, new_errand: NewErrand) -> Errand:
        assignment = Assignment(
            stored.step,
            stored.vehicle,
            stored.command,
            self._place(stored.origin),
            self._place(stored.destination),
            stored.closed,
        )
        errand = new_errand(job.id, assignment, stored.deadline)
        errand.number, errand.status, errand.late = stored.number, stored.status, stored.late
        if stored.stale_at is not None:
            errand.stale_at = stored.stale_at - self._offset
        # What had not been sent begins again; so do stops, resumes and cancels, which can be sent twice.
        order = job.orders.get(stored.number)
        errand.begun = stored.status.ended or (order is not None and stored.status is not JobStatus.QUEUED)
        if isinstance(errand, OrderErrand) and order is not None:
            errand.order = errand.message = order
            errand.stops = stops_for(errand.wish, assignment.origin, assignment.destination)
        if isinstance(errand, InstantErrand) and not stored.status.ended:
            errand.status = JobStatus.QUEUED
        return errand

    def _place(self, place: str | None) -> Place | None:
        return self._site.places[place] if place else None
