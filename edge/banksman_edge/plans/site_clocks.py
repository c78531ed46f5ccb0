"""What the clocks of a site show, and when they are put forward or back, as far as the machine knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_AHEAD = timedelta(days=2)
_STEP = timedelta(hours=1)
_SECOND = timedelta(seconds=1)


def local(moment_s: float) -> datetime:
    """What they show at a time in seconds since the epoch, with their offset then."""
    return _local(datetime.fromtimestamp(moment_s, UTC))


def change_after(moment_s: float) -> datetime | None:
    """When they are put forward or back next, as they show it from then on; None if not within two days."""
    before = datetime.fromtimestamp(moment_s, UTC).replace(microsecond=0)
    end, offset = before + _AHEAD, _local(before).utcoffset()
    while before < end and _local(before + _STEP).utcoffset() == offset:
        before += _STEP
    if before >= end:
        return None
    after = before + _STEP
    while after - before > _SECOND:
        middle = before + _SECOND * ((after - before) // _SECOND // 2)
        if _local(middle).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return _local(after)


def _local(moment: datetime) -> datetime:
    return moment.astimezone()
