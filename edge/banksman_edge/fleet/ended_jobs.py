"""What a fleet knows of jobs that have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from banksman_edge.fleet.model import JobStatus


class EarlierJobs(Protocol):
    """What is known of jobs beyond the life of one agent."""

    def became_of(self, job: str) -> JobStatus | None:
        """RUNNING while a job has not ended, else how it has; None if nobody knows of it."""
        ...

    def mark(self) -> str:
        """Names the memory of jobs. Under one mark a job that nobody knows of was never taken; empty: that is not sure.

        Another mark comes with another file, after what could not be written, and with a start of the machine, since a
        loss of power may cost the last moments.
        """
        ...


class _NoEarlierJobs:
    def became_of(self, job: str) -> JobStatus | None:  # noqa: ARG002  nobody remembers
        return None

    def mark(self) -> str:
        return ""


NO_PAST: EarlierJobs = _NoEarlierJobs()
"""Jobs are remembered as long as the agent lives."""
