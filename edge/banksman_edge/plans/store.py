"""Approved plans and requests for plans on the disk, a file each, so that a restart knows what was done of them and
what was not.

A file is replaced as a whole, and is on the disk before a step is given to the fleet: a step that it does not call
given was not given. One that cannot be written is put aside instead, since what it says would be wrong later.
"""

from __future__ import annotations

import hashlib
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from banksman_edge.plans.deviation import DeviationKind
from banksman_edge.plans.execution import Stage
from banksman_edge.quarantine import ASIDE, prune, put_aside
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.plans import Goal, Plan, Step

log = logging.getLogger(__name__)

FOLDER, REQUESTS = "plans", "requests"
ALIVE_S = 5.0
"""How often it is noted that a plan is still being driven."""


HALF = ".new"
"""What a file that is being written is called until it is whole."""

ENDED = b"ended"
"""What a file holds that could not be removed."""

Way = Literal["cloud", "site", ""]
"""Where a plan was made."""


class KeptItem(BaseModel):
    """A step; see :class:`banksman_edge.plans.execution.Item`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Step
    job: str
    stage: Stage
    given_s: float = 0.0
    ended_s: float | None = None
    stranded: bool = False
    unknown: bool = False
    kept: bool = False
    disputed: bool = False


class KeptSpeaker(BaseModel):
    """Who asked, on which device, and how they were known. ``claimed``: who they said they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operator: str | None = None
    proof: Literal["nothing", "device", "pin", "word"] = "nothing"
    claimed: str | None = None
    device: str | None = None


class Kept(BaseModel):
    """What was said, and by whom. ``runs``: how many agents have seen to it before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    site: str
    utterance: str
    text: str
    language: str
    speaker: KeptSpeaker = KeptSpeaker()
    runs: int = 0


class KeptPlan(Kept):
    """All that is needed to go on with a plan. Seconds of ``items`` count from ``began``, which is wall-clock seconds.

    ``plan``: the one that is driven now; ``goals``: those that were approved. ``out``: vehicles that are not counted on
    any more, and why. ``away_since``: since when nobody drives it; 0 if nobody knows, None while it is driven.
    ``mark``: the fleet's memory of jobs that goes with ``items``.
    """

    way: Way = ""
    state: Literal["approving", "driven"] = "approving"
    plan: Plan
    goals: tuple[Goal, ...] = ()
    items: tuple[KeptItem, ...] = ()
    began: float = 0.0
    vehicles: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    out: dict[str, DeviationKind] = {}
    late: tuple[int, ...] = ()
    replans: int = 0
    given_up: bool = False
    away_since: float | None = None
    mark: str = ""

    @model_validator(mode="after")
    def _steps_have_goals(self) -> Self:
        if not all(0 <= item.step.goal < len(self.goals) for item in self.items):
            raise ValueError("a step serves no goal")
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """A file of an earlier run. ``plan`` None: it cannot be read; ``since``: when it was last known to be true,
    wall-clock seconds. ``stale``: not all that became of the plan could be written down."""

    path: Path
    plan: KeptPlan | None
    since: float
    stale: bool = False


class PlanFile:
    """Where one plan is kept."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._stale, self._clock = path, path.with_suffix(".stale"), clock
        self._alive = clock.monotonic()
        self._failing = False
        self.misleads = False
        """The disk holds what is not true any more, and lets nobody change it."""

    def write(self, plan: KeptPlan) -> bool:
        """Keep it as it is now; whether that was possible: vehicles are driven with a full disk as well."""
        try:
            replace(self._path, plan.model_dump_json(by_alias=True).encode())
            self._stale.unlink(missing_ok=True)
        except OSError as error:
            if not self._failing:
                log.warning("how far a plan has come cannot be written down (%s): make room", error.strerror)
            self._failing, self.misleads = True, not self._put_aside()
        else:
            self._failing = self.misleads = False
            self._alive = self._clock.monotonic()
        return not self._failing

    def _put_aside(self) -> bool:
        try:
            self._path.replace(self._stale)
            _settle(self._path.parent)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    def touch(self) -> None:
        """It is still being driven."""
        if self._clock.monotonic() - self._alive >= ALIVE_S:
            self._alive = self._clock.monotonic()
            with suppress(OSError):
                os.utime(self._path)

    def forget(self) -> None:
        """It has ended, and its end was told. What cannot be removed is marked, so that nobody takes it up again."""
        for path in (self._path, self._stale, self._path.with_suffix(HALF)):
            try:
                if path.exists():
                    _remove(path)
            except OSError as error:
                log.warning("a plan has ended, and its file cannot be removed (%s): remove %s", error.strerror, path)
        with suppress(OSError):
            _settle(self._path.parent)


class PlanStore:
    """The plans of one site, in the folder ``plans`` of its agent's state. ``state``: that folder's own."""

    def __init__(self, state: Path, clock: Clock | None = None) -> None:
        self.state, self._folder, self._clock = state, state / FOLDER, clock or SystemClock()

    def file(self, utterance_id: str) -> PlanFile:
        return PlanFile(self._folder / f"{stem(utterance_id)}.json", self._clock)

    def found(self) -> list[Found]:
        """What an earlier run has left, oldest first. What cannot be read is moved aside."""
        whole = sorted(self._folder.glob("*.json"))
        stale = [path for path in self._folder.glob("*.stale") if path.with_suffix(".json") not in whole]
        found = []
        for path in [*whole, *stale]:
            with suppress(FileNotFoundError):
                found += self._read(path)
        prune(self._folder, f"*.{ASIDE}-*")
        remove_halves(self._folder)
        return sorted(found, key=lambda each: each.since)

    def _read(self, path: Path) -> list[Found]:
        """Raises:
        FileNotFoundError: it is not there any more.
        """
        since = path.stat().st_mtime
        try:
            content = path.read_bytes()
            if content == ENDED:
                with suppress(OSError):
                    path.unlink()
                return []
            plan = KeptPlan.model_validate_json(content)
            whole = stem(plan.utterance) == path.stem
        except (OSError, ValueError, RecursionError):
            whole = False
        if not whole:
            aside = put_aside(path, self._clock)
            log.error("a plan that was being driven cannot be read; its file is now %s", aside)
            return [Found(aside, None, since)]
        known = plan.away_since if plan.away_since is not None else since
        return [Found(path, plan, known, stale=path.suffix == ".stale")]


class KeptRequest(Kept):
    """All that is needed to ask again. ``deadline``, ``asked``: wall-clock seconds."""

    deadline: float | None = None
    asked: float


class RequestStore:
    """Those of one site, in the folder ``requests`` of its agent's state."""

    def __init__(self, state: Path, clock: Clock | None = None) -> None:
        self._folder, self._clock = state / REQUESTS, clock or SystemClock()

    def keep(self, request: KeptRequest) -> None:
        """On the disk when this returns, if that can be."""
        try:
            replace(self._file(request.utterance), request.model_dump_json().encode())
        except OSError as error:
            log.warning("a request for a plan will not outlive a restart (%s): make room", error.strerror)

    def has(self, utterance_id: str) -> bool:
        """Whether it is on the disk."""
        return self._file(utterance_id).exists()

    def forget(self, utterance_id: str) -> None:
        """It has ended, and its end was told, or its plan is kept by itself."""
        try:
            self._file(utterance_id).unlink(missing_ok=True)
        except OSError as error:
            log.warning("a request for a plan has ended, and its file cannot be removed (%s)", error.strerror)

    def found(self) -> list[KeptRequest]:
        """What an earlier run has left, oldest first. What cannot be read is moved aside."""
        found = []
        for path in self._folder.glob("*.json"):
            try:
                found.append(KeptRequest.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError, RecursionError):
                aside = put_aside(path, self._clock)
                log.error("a request for a plan cannot be read; its file is now %s", aside)  # noqa: TRY400  no words
        prune(self._folder, f"*.{ASIDE}-*")
        remove_halves(self._folder)
        return sorted(found, key=lambda request: request.asked)

    def _file(self, utterance_id: str) -> Path:
        return self._folder / f"{stem(utterance_id)}.json"


def _remove(path: Path) -> None:
    """Raises:
    OSError: it cannot be removed, nor changed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        with path.open("r+b") as file:
            file.write(ENDED)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        log.warning("a plan has ended, and its file cannot be removed (%s); it is marked as ended", error.strerror)


def stem(utterance_id: str) -> str:
    """A name for a plan: ids of utterances may hold anything, and tell something."""
    return hashlib.sha256(utterance_id.encode()).hexdigest()[:32]


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; it is on the disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(HALF)
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
    _settle(path.parent)


def remove_halves(folder: Path) -> None:
    """Remove what a crash has left half written: it holds words."""
    for half in folder.glob(f"*{HALF}"):
        with suppress(OSError):
            half.unlink()


def _settle(folder: Path) -> None:
    """What was renamed in a folder stays so through a loss of power.

    Raises:
        OSError: that cannot be had.
    """
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
