"""Plans on their way: accepted, worked out by a worker, approved, driven or ended; kept over a restart."""

from banksman_cloud.jobs.job import Job, digest
from banksman_cloud.jobs.service import Asking, Jobs
from banksman_cloud.jobs.store import Event

__all__ = ["Asking", "Event", "Job", "Jobs", "digest"]
