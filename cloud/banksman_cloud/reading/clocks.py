"""When the clocks of a site show a time of day, also where they are put forward or back meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_HALF_DAY_S = 12 * 3600.0
_DAYS = range(-2, 3)


@dataclass(frozen=True, slots=True)
class Clocks:
    """``now``: what they show; ``change``: when they are put forward or back, as they show it from then on."""

    now: datetime
    change: datetime | None = None

    @classmethod
    def read(cls, now: str | None, change: str | None) -> Clocks | None:
        """From ISO 8601, or None where ``now`` is no time. A change counts only between times with an offset."""
        try:
            shown = datetime.fromisoformat(now or "")
        except ValueError:
            return None
        if not 1 < shown.year < 9999:  # days before and after it are looked at
            return None
        changed = None if change is None or shown.tzinfo is None else datetime.fromisoformat(change)
        return cls(shown, changed)

    def ahead(self, time: str, *, late: bool) -> float:
        """Seconds until they show ``time`` (HH:MM), which may be past: of yesterday's, today's and tomorrow's the
        nearest, since at ten in the evening two is tonight and at three in the afternoon it is over. ``late``: where
        they show it twice, the second time counts."""
        return self._of(min(self._shown(time), key=abs), time, late=late)

    def ahead_of(self, time: str, begin: float) -> float:
        """Seconds until they first show ``time`` after ``begin`` (seconds from now); where twice, the second time."""
        return self._of(min(seconds for seconds in self._shown(time) if seconds > begin), time, late=True)

    def _of(self, seconds: float, time: str, *, late: bool) -> float:
        twice = (other for other in self._shown(time) if abs(other - seconds) < _HALF_DAY_S)
        return max(twice) if late else min(twice)

    def _shown(self, time: str) -> list[float]:
        return sorted((moment - self.now).total_seconds() for day in _DAYS for moment in self._on(day, time))

    def _on(self, day: int, time: str) -> Iterator[datetime]:
        """The moments at which they show ``time`` on a day: one; two where they are put back over it; and where they
        are put forward over it, the moment at which they are."""
        hour, minute = map(int, time.split(":"))
        moment = (self.now + timedelta(days=day)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        if self.change is None:
            yield moment
            return
        after = moment.replace(tzinfo=self.change.tzinfo)
        if moment < self.change:
            yield moment
        if after >= self.change:
            yield after
        if after < self.change <= moment:
            yield self.change
