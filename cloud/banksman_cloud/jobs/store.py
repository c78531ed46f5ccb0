"""Plans in the database. What reads and changes one plan is one transaction, whichever process does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from banksman_cloud import database
from banksman_cloud.database import Database
from banksman_cloud.errors import KeyReusedError, NoSuchPlanError, TooManyPlansError, WorldMovedError
from banksman_cloud.jobs.job import WORKING, Job
from banksman_shared.plans import Plan

_PLANS, _EVENTS, _KEYS = database.plans, database.events, database.keys

_CHANGING = ("plan", "state", "approval", "due", "ended_at")

Event = tuple[int, str, str]
"""Number from 1, kind (``plan`` or ``progress``), JSON."""

Decide = Callable[[Job, sa.Connection], Job | None]
"""What becomes of a locked plan; may look at others through the connection."""


class PlanStore:
    """All plans of all replicas."""

    def __init__(self, base: Database) -> None:
        self._base = base

    def add(self, job: Job, limit: int) -> Job:
        """``job``, or the one that its caller made with the same key before.

        Raises:
            KeyReusedError: that one was another request.
            TooManyPlansError: ``limit`` plans of its caller have not ended.
        """
        try:
            with self._base.write() as connection:
                if known := self._known(connection, job):
                    return known
                not_ended = sa.select(sa.func.count()).where(_PLANS.c.ended_at.is_(None), _PLANS.c.caller == job.caller)
                if connection.execute(not_ended).scalar_one() >= limit:
                    raise TooManyPlansError(f"{limit} of your plans have not ended; cancel some or ask again later")
                job = replace(job, world=_world(connection, job.site))
                connection.execute(_PLANS.insert().values(_row(job) | {"events": 0}))
                return _publish(connection, job)
        except IntegrityError:  # the same key at the same moment, on another replica
            with self._base.read() as connection:
                if known := self._known(connection, job):
                    return known
            raise

    def known(self, job: Job) -> Job | None:
        """The plan that the caller of ``job`` made with the same key before.

        Raises:
            KeyReusedError: that was another request.
        """
        with self._base.read() as connection:
            return self._known(connection, job)

    def get(self, plan_id: str) -> Job:
        """Raises:
        NoSuchPlanError: there is none, or not any more.
        """
        with self._base.read() as connection:
            return _find(connection, plan_id)

    def change(self, plan_id: str, decide: Decide) -> Job:
        """Lock a plan and let ``decide`` say what becomes of it: a changed job, or None to leave it.

        Raises:
            NoSuchPlanError: there is none.
            JobError: what ``decide`` raises; nothing is changed then.
        """
        with self._base.write() as connection:
            job = _find(connection, plan_id, lock=True)
            changed = decide(job, connection)
            if changed is None:
                return job
            if changed.plan != job.plan:
                return _publish(connection, changed)
            connection.execute(_PLANS.update().where(_PLANS.c.id == plan_id).values(due=changed.due))
            return changed

    def tell(self, plan_id: str, data: str) -> None:
        """Add a ``progress`` event while the plan is being worked on."""
        with self._base.write() as connection:
            job = _find(connection, plan_id, lock=True)
            if job.plan.state in WORKING:
                _add_event(connection, job, "progress", data)

    def events(self, plan_id: str, after: int) -> list[Event]:
        """What was said about a plan since event ``after``; 0 gives only its present state."""
        columns = sa.select(_EVENTS.c.number, _EVENTS.c.kind, _EVENTS.c.data).where(_EVENTS.c.plan_id == plan_id)
        with self._base.read() as connection:
            _find(connection, plan_id)
            if after <= 0:
                last = columns.where(_EVENTS.c.kind == "plan").order_by(_EVENTS.c.number.desc()).limit(1)
                rows = connection.execute(last)
            else:
                rows = connection.execute(columns.where(_EVENTS.c.number > after).order_by(_EVENTS.c.number))
            return [(number, kind, data) for number, kind, data in rows]

    def working(self) -> list[str]:
        """Plans that somebody has to be working on."""
        states = [str(state) for state in WORKING]
        with self._base.read() as connection:
            return list(connection.execute(sa.select(_PLANS.c.id).where(_PLANS.c.state.in_(states))).scalars())

    def overdue(self, now: float) -> list[str]:
        """Plans whose present state has lasted too long."""
        with self._base.read() as connection:
            return list(connection.execute(sa.select(_PLANS.c.id).where(_PLANS.c.due < now)).scalars())

    def count_open(self) -> int:
        """How many plans have not ended."""
        with self._base.read() as connection:
            return connection.execute(sa.select(sa.func.count()).where(_PLANS.c.ended_at.is_(None))).scalar_one()

    def drop(self, before: float, keep: int) -> list[str]:
        """Forget the plans that ended before ``before``, and of each caller all that ended but the last ``keep``. Of
        those what answers a repeat stays until then: their keys, and how they ended."""
        old = sa.select(_PLANS.c.id).where(_PLANS.c.ended_at < before)
        latest = sa.func.row_number().over(
            partition_by=_PLANS.c.caller, order_by=[_PLANS.c.ended_at.desc(), _PLANS.c.id]
        )
        ended = sa.select(_PLANS.c.id, latest.label("rank")).where(_PLANS.c.ended_at.is_not(None)).subquery()
        surplus = sa.select(ended.c.id).where(ended.c.rank > keep)
        with self._base.read() as connection:
            ids = sorted({*connection.execute(old).scalars(), *connection.execute(surplus).scalars()})
        with self._base.read() as connection:
            aged = connection.execute(
                sa.select(sa.exists(_KEYS.select().where(_KEYS.c.ended_at < before)))
            ).scalar_one()
        if ids or aged:
            with self._base.write() as connection:  # a plan that another replica has in hand is left to it
                mine = sa.select(_PLANS.c.id).where(_PLANS.c.id.in_(ids)).with_for_update(skip_locked=True)
                ids = list(connection.execute(mine).scalars())
                columns = [_PLANS.c[column.name] for column in _KEYS.c]
                left = sa.select(*columns).where(_PLANS.c.id.in_(ids), _PLANS.c.key.is_not(None))
                connection.execute(_KEYS.insert().from_select([column.name for column in _KEYS.c], left))
                connection.execute(_KEYS.delete().where(_KEYS.c.ended_at < before))
                connection.execute(_EVENTS.delete().where(_EVENTS.c.plan_id.in_(ids)))
                connection.execute(_PLANS.delete().where(_PLANS.c.id.in_(ids)))
        return ids

    @staticmethod
    def _known(connection: sa.Connection, job: Job) -> Job | None:
        if job.key is None:
            return None
        for table in (_PLANS, _KEYS):
            same = sa.select(table).where(table.c.caller == job.caller, table.c.key == job.key)
            row = connection.execute(same).mappings().one_or_none()
            if row is not None and row["fingerprint"] != job.fingerprint:
                raise KeyReusedError("this Idempotency-Key was used for another request; make a new one")
            if row is not None:
                ended = replace(job, plan=Plan.model_validate_json(row["plan"]), ended_at=row["ended_at"])
                return _job(row) if table is _PLANS else ended
        return None


def approve(connection: sa.Connection, job: Job) -> Job:
    """``job`` as the next approval of its site.

    Raises:
        WorldMovedError: one that came after ``job`` was asked for drives a vehicle of it, or has driven it.
    """
    if connection.dialect.name == "postgresql":  # two plans of a site may be approved at once, on two replicas
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"banksman {job.site}"))))
    later = sa.select(_PLANS.c.id, _PLANS.c.plan).where(_PLANS.c.site == job.site, _PLANS.c.approval > job.world)
    for plan_id, document in connection.execute(later):
        taken = {step.vehicle for step in Plan.model_validate_json(document).steps}
        for vehicle in job.vehicles():
            if vehicle in taken:
                raise WorldMovedError(f"{vehicle} is driven by plan {plan_id}, approved meanwhile; ask for a new plan")
    return replace(job, approval=_world(connection, job.site) + 1)


def _world(connection: sa.Connection, site: str) -> int:
    """The number of the site's last approval. Plans remember it too, since ended ones are dropped."""
    last = sa.select(sa.func.max(_PLANS.c.approval), sa.func.max(_PLANS.c.world)).where(_PLANS.c.site == site)
    return max(number or 0 for number in connection.execute(last).one())


def _find(connection: sa.Connection, plan_id: str, *, lock: bool = False) -> Job:
    query = sa.select(_PLANS).where(_PLANS.c.id == plan_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise NoSuchPlanError(f"there is no plan '{plan_id[:64]}'; it may have been dropped after it ended")
    return _job(row)


def _publish(connection: sa.Connection, job: Job) -> Job:
    """Write ``job`` and tell of it."""
    changed = {name: value for name, value in _row(job).items() if name in _CHANGING}
    connection.execute(_PLANS.update().where(_PLANS.c.id == job.plan.id).values(changed))
    return _add_event(connection, job, "plan", job.plan.model_dump_json(by_alias=True, exclude_none=True))


def _add_event(connection: sa.Connection, job: Job, kind: str, data: str) -> Job:
    number = job.events + 1
    connection.execute(_EVENTS.insert().values(plan_id=job.plan.id, number=number, kind=kind, data=data))
    connection.execute(_PLANS.update().where(_PLANS.c.id == job.plan.id).values(events=number))
    return replace(job, events=number)


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.plan.id,
        "site": job.site,
        "language": job.language,
        "caller": job.caller,
        "key": job.key,
        "fingerprint": job.fingerprint,
        "traceparent": job.traceparent,
        "request": job.body,
        "plan": job.plan.model_dump_json(by_alias=True),
        "state": str(job.plan.state),
        "world": job.world,
        "approval": job.approval,
        "approve_by": job.approve_by,
        "asked_at": job.asked_at,
        "due": job.due,
        "ended_at": job.ended_at,
    }


def _job(row: sa.RowMapping) -> Job:
    return Job(
        plan=Plan.model_validate_json(row["plan"]),
        body=row["request"],
        site=row["site"],
        language=row["language"],
        caller=row["caller"],
        key=row["key"],
        fingerprint=row["fingerprint"],
        traceparent=row["traceparent"],
        due=row["due"],
        approve_by=row["approve_by"],
        asked_at=row["asked_at"],
        world=row["world"],
        approval=row["approval"],
        ended_at=row["ended_at"],
        events=row["events"],
    )
