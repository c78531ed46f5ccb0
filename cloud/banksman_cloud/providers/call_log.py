"""Every call of a language model: what was asked and answered, and what it cost, if somebody charges for it.

A call is entered with the most that it can cost before it is made, and settled afterwards. One that was cut off by a
crash stays at its most: nobody knows what was charged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from banksman_cloud import database
from banksman_cloud.database import Database
from banksman_cloud.errors import BudgetError
from banksman_cloud.settings import Budget
from banksman_shared.clock import Clock

_CALLS = database.calls
_FREE = "free"
"""Instead of prices: nobody charges for the call, so it is in no budget and in no sum."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call. ``usd`` is by list price, 0 where there is none."""

    input_tokens: int
    output_tokens: int
    usd: float

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks what. ``digest`` is of the prompt as sent; ``prompt`` is what may be kept of it; ``prices`` says by
    which prices it is counted."""

    plan_id: str
    site: str
    model: str
    digest: str
    prompt: str
    prices: str = ""


class Ledger:
    """The calls of all replicas."""

    def __init__(self, base: Database, clock: Clock) -> None:
        self._base, self._clock = base, clock

    def enter(self, call: Call, most: Cost, budget: Budget) -> str:
        """Enter a call that is about to be made, and give its id.

        Raises:
            BudgetError: it could cost more than its plan or its site may.
        """
        now, call_id = self._clock.time(), uuid4().hex
        day = _day(now)
        with self._base.write() as connection:
            if self._base.shared:  # two plans of a site may ask at once, on two replicas
                lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"banksman calls {call.site}"))
                connection.execute(sa.select(lock))
            spent = _spent(connection, _CALLS.c.plan_id == call.plan_id)
            _check("this plan", spent, most, budget.plan_tokens, budget.plan_usd)
            spent = _spent(connection, sa.and_(_CALLS.c.site == call.site, _CALLS.c.day == day))
            _check("this site today", spent, most, budget.site_tokens_per_day, budget.site_usd_per_day)
            row = _row(call, call_id, now) | {"settled": False}
            connection.execute(_CALLS.insert().values(row | _figures(most)))
        return call_id

    def note(self, call: Call, at: float, answer: str | None, error: str | None) -> None:
        """Note a call that was made ``at`` this clock time, and that nobody charges for.

        Raises:
            DatabaseError: the database is away.
        """
        row = _row(call, uuid4().hex, at) | {"prices": _FREE, "answer": answer, "error": error, "settled": True}
        with self._base.write() as connection:
            connection.execute(_CALLS.insert().values(row | _figures(Cost(0, 0, 0.0))))

    def settle(self, call_id: str, cost: Cost | None, answer: str | None, error: str | None) -> None:
        """Note how a call ended. ``cost`` None: nobody knows, so it stays at its most.

        Raises:
            DatabaseError: the database is away.
        """
        values: dict[str, object] = {"answer": answer, "error": error}
        if cost is not None:
            values |= _figures(cost) | {"settled": True}
        with self._base.write() as connection:
            connection.execute(_CALLS.update().where(_CALLS.c.id == call_id).values(values))

    def drop(self, days: int) -> None:
        """Forget the calls of more than ``days`` days ago: they hold words.

        Raises:
            DatabaseError: the database is away.
        """
        first = _day(self._clock.time() - days * 86400.0)
        with self._base.write() as connection:
            connection.execute(_CALLS.delete().where(_CALLS.c.day < first))


def entries(base: Database, site: str | None, day: str | None) -> list[dict[str, object]]:
    """All calls, or those for a site or of a day, in the order they were made."""
    query = sa.select(_CALLS).where(*_chosen(site, day)).order_by(_CALLS.c.at, _CALLS.c.id)
    with base.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def planned(base: Database) -> dict[tuple[str, str], int]:
    """Site and day → for how many plans there were calls that are charged for."""
    by = (_CALLS.c.site, _CALLS.c.day)
    query = sa.select(*by, sa.func.count(_CALLS.c.plan_id.distinct())).where(_CALLS.c.prices != _FREE).group_by(*by)
    with base.read() as connection:
        return {(str(site), str(day)): int(count) for site, day, count in connection.execute(query)}


def totals(base: Database, site: str | None, day: str | None) -> list[dict[str, object]]:
    """What those that are charged for cost in all, for each site, day, model and set of prices, and for how many
    ``plans``; one that two models were asked for is in the rows of both. ``unsettled``: how many count at their most.
    """
    by = (_CALLS.c.site, _CALLS.c.day, _CALLS.c.model, _CALLS.c.prices)
    sums = [sa.func.sum(column).label(column.name) for column in (_CALLS.c.input_tokens, _CALLS.c.output_tokens)]
    sums += [sa.func.sum(_CALLS.c.usd).label("usd"), sa.func.count().label("calls")]
    sums.append(sa.func.count(_CALLS.c.plan_id.distinct()).label("plans"))
    sums += [sa.func.sum(sa.case((_CALLS.c.settled, 0), else_=1)).label("unsettled")]
    query = sa.select(*by, *sums).where(_CALLS.c.prices != _FREE, *_chosen(site, day)).group_by(*by).order_by(*by)
    with base.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _row(call: Call, call_id: str, at: float) -> dict[str, object]:
    row = {"id": call_id, "plan_id": call.plan_id, "site": call.site, "day": _day(at), "at": at, "model": call.model}
    return row | {"digest": call.digest, "prompt": call.prompt, "prices": call.prices}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _chosen(site: str | None, day: str | None) -> list[sa.ColumnElement[bool]]:
    given = ((_CALLS.c.site, site), (_CALLS.c.day, day))
    return [column == value for column, value in given if value is not None]


def _figures(cost: Cost) -> dict[str, object]:
    return {"input_tokens": cost.input_tokens, "output_tokens": cost.output_tokens, "usd": cost.usd}


def _spent(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[int, float]:
    tokens = sa.func.coalesce(sa.func.sum(_CALLS.c.input_tokens + _CALLS.c.output_tokens), 0)
    dollars = sa.func.coalesce(sa.func.sum(_CALLS.c.usd), 0.0)
    row = connection.execute(sa.select(tokens, dollars).where(which)).one()
    return int(row[0]), float(row[1])


def _check(whose: str, spent: tuple[int, float], most: Cost, tokens: int, usd: float) -> None:
    if spent[0] + most.tokens > tokens:
        raise BudgetError(
            f"the language model is not asked: {spent[0]} tokens are spent and up to {most.tokens} would follow, "
            f"of {tokens} for {whose}; ask for less, or raise the budget"
        )
    if spent[1] + most.usd > usd:
        raise BudgetError(
            f"the language model is not asked: {spent[1]:.3f} USD are spent and up to {most.usd:.3f} would follow, "
            f"of {usd:.2f} for {whose}; ask for less, or raise the budget"
        )
