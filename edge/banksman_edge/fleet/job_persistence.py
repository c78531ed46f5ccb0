"""Jobs in the store: written as they go on, and taken up again after a restart."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from banksman_edge.fleet.errand import Errand, InstantErrand, OrderErrand
from banksman_edge.fleet.model import JobStatus
from banksman_edge.fleet.orders import still_to_make, stops_for
from banksman_edge.fleet.roster import Assignment
from banksman_edge.fleet.store import FleetStore, StoredErrand
from banksman_shared.clock import Clock
from banksman_shared.site import Closed, Place, Site
from banksman_shared.vda5050 import Order

log = logging.getLogger(__name__)

NewErrand = Callable[[str, Assignment, float | None], Errand]
"""Makes the errand for an assignment: job, assignment, deadline."""

ALIVE_S = 5.0
"""How often it is noted that the fleet is being commanded."""

_MAKING_WAY = "making-way/"
"""Begins the ids under which is kept what vehicles do on nobody's behalf."""


class JobPersistence:
    """What a master remembers of its jobs beyond its own life. Without a store it remembers nothing.

    A stop goes out before its job is written down; what happens to it until then is written with it.
    """

    def __init__(self, store: FleetStore | None, site: Site, clock: Clock) -> None:
        self._store, self._site, self._clock = store, site, clock
        self._jobs: set[str] = set()
        self._failing, self._alive_at = False, float("-inf")

    def take(self, job: str, errands: Sequence[Errand]) -> None:
        """A job was taken, or more errands of it, as far as they have come by now."""
        self._jobs.add(job)
        with self._writing() as store:
            if store:
                store.save_job(job, [self._stored(errand) for errand in errands])

    def note(self, errand: Errand) -> None:
        """An errand has come further."""
        job = _job_of(errand)
        if job not in self._jobs or not (errand.job or isinstance(errand, OrderErrand)):
            return
        if not errand.job and errand.status.ended:
            self.forget(job)
            return
        with self._writing() as store:
            if store:
                store.save_errand(job, self._stored(errand))

    def note_order(self, errand: OrderErrand) -> None:
        """An order, or an update of it, was sent."""
        job = _job_of(errand)
        if not errand.job and job not in self._jobs:
            self.take(job, [errand])
        with self._writing() as store:
            if store and job in self._jobs and errand.order:
                with store.together():
                    store.save_errand(job, self._stored(errand))
                    store.save_order(job, errand.number, errand.order)

    def forget(self, job: str, status: JobStatus | None = None) -> None:
        """A job has ended; ``status``: how, if anybody may want to know."""
        self._jobs.discard(job)
        with self._writing() as store:
            if store:
                store.forget_job(job, status)

    def earlier_jobs(self, job: str) -> JobStatus | None:
        """How a job has ended, None if that is not known."""
        with suppress(sqlite3.Error, ValueError):
            return self._store.earlier_jobs(job) if self._store else None
        return None

    @property
    def mark(self) -> str:
        """Names this memory, as far as it is whole; empty where it is not."""
        with suppress(sqlite3.Error):
            return str(self._store.mark) if self._store and not self._failing else ""
        return ""

    def alive(self, *, held: bool) -> None:
        """The fleet is being commanded. ``held``: something of an earlier run still waits for a word, so that the next
        one asks as well."""
        now = self._clock.monotonic()
        if self._store and not held and now >= self._alive_at + ALIVE_S:
            self._store.absence.end()
            self._alive_at = now

    def was_long_away(self) -> bool:
        """Whether nobody commanded the fleet for so long that nobody counts on what it had been given."""
        away_s = self._store.absence.seconds() if self._store else 0.0
        return away_s is None or away_s > self._site.rules.policy.break_s

    @contextmanager
    def _writing(self) -> Iterator[FleetStore | None]:
        """A disk that is full or gone keeps no vehicle from being controlled; only a restart will miss what it had."""
        try:
            yield self._store
        except sqlite3.Error as error:
            if not self._failing:
                log.warning("jobs cannot be written down (%s): make room; a restart now would lose them", error)
            self._failing = True
        else:
            if self._failing:
                self._note_gap()

    def _note_gap(self) -> None:
        with suppress(sqlite3.Error):
            if self._store:
                self._store.note_gap()
            self._failing = False

    def recall(self, new_errand: NewErrand) -> list[tuple[str, list[Errand]]]:
        """The jobs that had not ended, in the order in which they were taken. Those the site cannot do any more go."""
        recalled = []
        for job in self._store.jobs() if self._store else ():
            if self._knows(job.errands):
                self._jobs.add(job.id)
                name = "" if job.id.startswith(_MAKING_WAY) else job.id
                recalled.append((name, [self._errand(name, job.orders, each, new_errand) for each in job.errands]))
            else:
                log.warning("job %s speaks of vehicles or places that the site no longer has; it is forgotten", job.id)
                self.forget(job.id)
        return recalled

    def _knows(self, errands: Iterable[StoredErrand]) -> bool:
        places = {place for errand in errands for place in (errand.origin, errand.destination) if place}
        named = {errand.command.name for errand in errands if errand.command.name}
        return (
            named <= self._site.actions.keys()
            and places <= self._site.places.keys()
            and {e.vehicle for e in errands} <= self._site.vehicles.keys()
        )

    def _stored(self, errand: Errand) -> StoredErrand:
        assignment = errand.assignment
        return StoredErrand(
            number=errand.number,
            step=assignment.step,
            vehicle=errand.vehicle,
            command=assignment.command,
            status=_status(errand),
            origin=assignment.origin.id if assignment.origin else None,
            destination=assignment.destination.id if assignment.destination else None,
            closed=assignment.closed.nodes,
            closed_lanes=assignment.closed.lanes,
            closed_spans=assignment.closed.spans,
            begun=errand.begun,
            deadline=errand.deadline,
            stale_at=None if errand.stale_at == float("inf") else errand.stale_at + self._offset,
            late=errand.late,
            cancelling=isinstance(errand, OrderErrand) and errand.cancelling,
            gives_up=assignment.gives_up,
        )

    @property
    def _offset(self) -> float:
        """Seconds from the monotonic clock to the wall clock; the former begins anew with each run."""
        return self._clock.time() - self._clock.monotonic()

    def _errand(self, job: str, orders: Mapping[int, Order], stored: StoredErrand, new_errand: NewErrand) -> Errand:
        assignment = Assignment(
            stored.step,
            stored.vehicle,
            stored.command,
            self._place(stored.origin),
            self._place(stored.destination),
            Closed(stored.closed, stored.closed_lanes, stored.closed_spans),
            stored.gives_up,
        )
        errand = new_errand(job, assignment, stored.deadline)
        errand.number, errand.status, errand.late = stored.number, stored.status, stored.late
        if stored.stale_at is not None:
            errand.stale_at = stored.stale_at - self._offset
        # What had not been sent begins again; so do stops, resumes and cancels, which can be sent twice.
        order = orders.get(stored.number)
        errand.begun = stored.status.ended or order is not None
        if order is not None and stored.status is JobStatus.QUEUED:
            errand.status = JobStatus.SENT  # the end came between the sending and the note of it
        if isinstance(errand, OrderErrand) and order is not None:
            errand.order = errand.message = order
            stops = stops_for(stored.command, assignment.origin, assignment.destination, self._site.actions)
            errand.stops = still_to_make(stops, order)
        if isinstance(errand, InstantErrand) and not stored.status.ended:
            errand.status = JobStatus.QUEUED
        return errand

    def _place(self, place: str | None) -> Place | None:
        return self._site.places[place] if place else None


def _status(errand: Errand) -> JobStatus:
    """How far it has come. What waits for another order after it was turned round was taken, and is not sent again."""
    between = isinstance(errand, OrderErrand) and errand.renewed and errand.order is None
    return JobStatus.RUNNING if between and errand.status is JobStatus.QUEUED else errand.status


def _job_of(errand: Errand) -> str:
    return errand.job or _MAKING_WAY + errand.vehicle
