"""Jobs that are going on: their errands, whose turn it is, and which vehicles are kept for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence

from banksman_edge.fleet.errand import Errand, OrderErrand
from banksman_edge.fleet.model import JobStatus
from banksman_shared.actions import Action
from banksman_shared.commands import DRIVING

REMEMBERED_JOBS = 1000


class Job:
    """A sequence taken in one go. Asked for every vehicle and every event, so it does not look through all of it."""

    def __init__(self, job: str) -> None:
        self.id = job
        self.errands: list[Errand] = []
        self._of: dict[str, list[Errand]] = {}
        self._stops: deque[Errand] = deque()
        """Stops that may not have begun."""
        self._steps: list[Errand] = []
        """Everything else that may not have ended."""
        self._open: deque[Errand] = deque()
        """All that may not have ended."""

    def add(self, errands: Sequence[Errand]) -> None:
        """More errands, numbered on."""
        for number, errand in enumerate(errands, len(self.errands)):
            errand.number = number
            self._of.setdefault(errand.vehicle, []).append(errand)
            (self._stops if errand.wish is Action.STOP else self._steps).append(errand)
        self.errands += errands
        self._open += errands

    def holds(self, vehicle: str) -> bool:
        """Whether the vehicle is kept for this job."""
        return any(e.wish in DRIVING and not e.status.ended for e in self._of.get(vehicle, ()))

    def orders(self, vehicle: str) -> Iterator[OrderErrand]:
        """What a vehicle has, or had, to drive for this job."""
        return (errand for errand in self._of.get(vehicle, ()) if isinstance(errand, OrderErrand))

    def next_errands(self) -> list[Errand]:
        """Those whose turn has come. That of a stop is at once, and nobody waits for its confirmation."""
        stops = [errand for errand in self._stops if not errand.begun and not errand.status.ended]
        self._stops.clear()
        self._steps = [errand for errand in self._steps if not errand.status.ended]
        step = min((errand.assignment.step for errand in self._steps), default=None)
        return [*stops, *(e for e in self._steps if e.assignment.step == step and not e.begun)]

    def hopeless(self, errand: Errand) -> bool:
        """Whether an earlier step failed for its vehicle, or for everybody."""
        earlier: dict[int, list[Errand]] = {}
        for e in self.errands:
            if e.assignment.step < errand.assignment.step and e.wish is not Action.STOP:
                earlier.setdefault(e.assignment.step, []).append(e)
        own = any(
            e.vehicle == errand.vehicle and e.status is not JobStatus.DONE for step in earlier.values() for e in step
        )
        return own or any(all(e.status is not JobStatus.DONE for e in step) for step in earlier.values())

    @property
    def ended(self) -> bool:
        while self._open and self._open[0].status.ended:
            self._open.popleft()
        return not self._open

    @property
    def status(self) -> JobStatus:
        """Running, or how it has ended: done if all of it was."""
        if not self.ended:
            return JobStatus.RUNNING
        states = {errand.status for errand in self.errands}
        return next((status for status in (JobStatus.FAILED, JobStatus.CANCELLED) if status in states), JobStatus.DONE)


class Jobs:
    """All jobs that have not ended, by id and by vehicle."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._of: dict[str, dict[str, None]] = {}
        self._earlier_jobs: deque[str] = deque(maxlen=REMEMBERED_JOBS)
        self._changed: dict[str, None] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    def add(self, job: str, errands: list[Errand]) -> Job:
        """Take errands into a job, which is new or known; they are numbered on."""
        known = self._jobs.setdefault(job, Job(job))
        known.add(errands)
        for errand in errands:
            self._of.setdefault(errand.vehicle, {})[job] = None
        self.touch(job)
        return known

    def remember(self, job: str) -> None:
        """This id is used up."""
        self._earlier_jobs.append(job)

    def taken(self, job: str) -> bool:
        """Whether a job of this id was taken before."""
        return job in self._earlier_jobs

    def status(self, job: str) -> JobStatus | None:
        """Where a job stands that has not been forgotten."""
        return self._jobs[job].status if job in self._jobs else None

    def of(self, vehicle: str) -> str | None:
        """The job that a vehicle works on or is kept for."""
        return next(self._holding(vehicle), None)

    def holding(self, vehicle: str) -> list[str]:
        """All jobs that a vehicle works on or is kept for."""
        return list(self._holding(vehicle))

    def _holding(self, vehicle: str) -> Iterator[str]:
        return (job for job in self._of.get(vehicle, ()) if self._jobs[job].holds(vehicle))

    def waiting(self, vehicle: str) -> list[OrderErrand]:
        """What a vehicle is to do that has not begun, in order; of the job that it works on, too."""
        orders = self.orders(vehicle, self._holding(vehicle))
        return [order for order in orders if not order.begun and not order.status.ended]

    def ahead(self, vehicle: str, without: Collection[str]) -> list[OrderErrand]:
        """All that a vehicle has to do, in order, but what belongs to some jobs."""
        orders = self.orders(vehicle, [job for job in self._holding(vehicle) if job not in without])
        return [order for order in orders if not order.status.ended]

    def orders(self, vehicle: str, jobs: Iterable[str]) -> Iterator[OrderErrand]:
        """What a vehicle has, or had, to drive for those of these jobs that have not ended."""
        return (order for job in jobs if job in self._jobs for order in self._jobs[job].orders(vehicle))

    def touch(self, job: str) -> None:
        """Something has changed in a job."""
        self._changed[job] = None

    def changed(self) -> Iterator[Job]:
        """The jobs in which something has changed since they were looked at, until there is none."""
        while self._changed:
            job = next(iter(self._changed))
            del self._changed[job]
            if job in self._jobs:
                yield self._jobs[job]

    def forget(self, job: Job) -> None:
        """It has ended."""
        del self._jobs[job.id]
        for errand in job.errands:
            self._of[errand.vehicle].pop(job.id, None)
