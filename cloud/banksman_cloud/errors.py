"""Errors of the cloud planner.

BanksmanError
└── PlannerError
    ├── SettingsError    the environment does not make a working service
    ├── ProviderError    the language model gave no usable answer
    │   ├── ProviderUnavailableError   it did not answer, in time or at all (retryable)
    │   ├── BudgetError                asking it would cost more than is allowed
    │   ├── ProviderRefusedError       it declined the request
    │   └── ProviderTruncatedError     its answer broke off
    ├── GoalsError       the answer is no set of goals for this site; carries every fault
    ├── UnclearError     only who asked can say what is meant; asks for it in their language
    ├── InfeasibleError       no plan can meet the goals; says which and by how much
    ├── TooLargeError         site and fleet are more than can be planned with
    ├── PlanRejectedError     the verifier found the solver's plan wrong; carries every violation
    ├── DeadlinePassedError   the answer would come too late
    ├── RecordingError   a file of records is none
    ├── DatabaseError    the database cannot be used now (retryable)
    ├── AccessError      who asks may not
    │   ├── UnknownCallerError    it is not known who asks
    │   ├── ForbiddenError        the caller lacks the right
    │   └── IssuerError           the keys of who issues tokens cannot be had now (retryable)
    └── JobError         what was asked cannot be done with this plan now
        ├── NoSuchPlanError       there is none with this id (any more)
        ├── KeyReusedError        the idempotency key was used for another request
        ├── HashMismatchError     the approval names another plan than the one proposed
        ├── WorldMovedError       plan or fleet are no longer as the approval supposes
        └── TooManyPlansError     the service is full (retryable)
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from banksman_shared.errors import BanksmanError


class PlannerError(BanksmanError):
    """Base of all errors of the cloud planner."""


class SettingsError(PlannerError):
    """The environment does not make a working service."""


class ProviderError(PlannerError):
    """The language model gave no usable answer."""


class ProviderUnavailableError(ProviderError):
    """The language model did not answer, in time or at all.

    ``retry_after_s``: what it said to wait, if it did. ``charged``: whether it may have worked all the same.
    ``its_doing``: whether that says something of the model; it does not where nothing was sent or we hung up soon.
    """

    retryable = True

    def __init__(
        self, sentence: str, retry_after_s: float | None = None, *, charged: bool = True, its_doing: bool = True
    ) -> None:
        self.retry_after_s, self.charged, self.its_doing = retry_after_s, charged, its_doing
        super().__init__(sentence)


class BudgetError(ProviderError):
    """Asking the language model would cost more than the plan or its site may."""


class ProviderRefusedError(ProviderError):
    """The language model declined the request."""


class ProviderTruncatedError(ProviderError):
    """The language model's answer broke off before its end."""


class GoalsError(PlannerError):
    """The model's answer is no set of goals for this site. ``told``: what to say to an operator, in their language."""

    def __init__(self, faults: Sequence[str], told: str = "") -> None:
        self.faults = tuple(faults)
        super().__init__(told or f"the request could not be turned into goals: {'; '.join(faults)}")


class UnclearError(PlannerError):
    """The request may mean several things, and only who asked can say which. The message asks, in their language."""


class InfeasibleError(PlannerError):
    """No plan can meet the goals. ``code``: the key of the planner's phrase that says why, if it is plain.
    ``chosen``: that is so for those that were chosen, and others might do."""

    def __init__(self, message: str, code: str = "") -> None:
        self.code, self.chosen = code, False
        super().__init__(message)


class TooLargeError(PlannerError):
    """Site and fleet are more than can be planned with in the memory and the time that there is."""


class PlanRejectedError(PlannerError):
    """The independent check found the plan wrong, so it is not proposed."""

    def __init__(self, violations: Sequence[str]) -> None:
        self.violations = tuple(violations)
        super().__init__(f"the plan failed its check: {'; '.join(violations)}; report this as a fault of the planner")


class DeadlinePassedError(PlannerError):
    """The answer would come after the request's deadline."""


class RecordingError(PlannerError):
    """A file of records cannot be read, or is none."""


class DatabaseError(PlannerError):
    """The planner's database cannot be used now."""

    retryable = True


class AccessError(PlannerError):
    """Who asks may not."""


class UnknownCallerError(AccessError):
    """No token, or one that is not valid here."""


class ForbiddenError(AccessError):
    """The token is good and lacks the right to this."""


class IssuerError(AccessError):
    """The keys with which tokens are checked cannot be fetched now."""

    retryable = True


class JobError(PlannerError):
    """What was asked cannot be done with this plan now."""


class NoSuchPlanError(JobError):
    """There is no plan with this id, or not any more."""


class KeyReusedError(JobError):
    """The idempotency key came before, with another request."""


class HashMismatchError(JobError):
    """The approval names another plan than the one proposed."""


class WorldMovedError(JobError):
    """The plan's state or the fleet is no longer as the caller supposes."""


class TooManyPlansError(JobError):
    """The service holds as many unfinished plans as it takes."""

    retryable = True


def trail(error: BaseException) -> str:
    """Where an error comes from, for a log, without its text: that may hold what was sent, or a secret."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
