"""Errors of the edge.

BanksmanError
├── AudioError        a sound cannot be read, or there is no microphone
├── RecogniserError   speech recognition failed on a readable sound
├── SynthesisError    speech cannot be synthesised
├── TeachingError     a model cannot be taught, or what was taught is not good enough
├── TelemetryError    traces cannot be sent
├── RecordingError    a folder of recorded utterances cannot be read
├── LoadsError        a list of loads cannot be taken
├── ConsoleError      the console cannot listen, or a request to it is refused
└── PlannerError      the planner cannot be reached or refused
    └── RecalledError  the request was taken back before there was a plan
"""

from __future__ import annotations

from banksman_shared.errors import BanksmanError


class AudioError(BanksmanError):
    """A sound cannot be read or recorded."""


class RecogniserError(BanksmanError):
    """Speech recognition failed on a sound that was read."""


class SynthesisError(BanksmanError):
    """Speech cannot be synthesised: something is missing, or there is nothing to say."""


class TeachingError(BanksmanError):
    """A model cannot be taught, or what was taught is not good enough to be used."""


class TelemetryError(BanksmanError):
    """Traces are to be sent, and what sends them is missing."""


class RecordingError(BanksmanError):
    """A folder of recorded utterances cannot be read."""


class LoadsError(BanksmanError):
    """A list of loads is wrong, or does not fit the site; what was known before still counts."""


class ConsoleError(BanksmanError):
    """The console cannot listen, or refuses a request. ``status``: that of HTTP which says so."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class PlannerError(BanksmanError):
    """The planner cannot be reached, refused the request, or its plan did not pass the edge's check.

    ``code``: why it was not asked, or why not in time; see docs/escalation.md. ``reason``: which of our own reasons it
    is, for replies in other languages; empty where it is none, as with what the planner itself has said.
    """

    def __init__(self, message: str, *, retryable: bool = False, code: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.retryable, self.code, self.reason = retryable, code, reason


class RecalledError(PlannerError):
    """The request was taken back while it was being planned."""

    def __init__(self) -> None:
        super().__init__("the request was taken back", reason="recalled")
