"""Errors that more than one part of Banksman raises.

    BanksmanError
    ├── SiteError       a site folder is wrong; carries every fault found
    ├── CommandError    a command document does not fit the contract or the site
    ├── MessageError    a wire message does not fit its standard
    ├── BrokerError     no broker could be reached or started
    ├── ModelError      a model is missing, damaged or unusable
    └── LanguageModelError  a language model failed or answered outside its grammar

``str(error)`` is one sentence that says what is wrong and what to do. ``retryable`` tells whether the
same call can succeed later without anybody changing anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TOLD = 20
"""Faults of a site that are told at once."""


class BanksmanError(Exception):
    """Base of all errors that Banksman raises on purpose."""

    retryable = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a site: where it is, what it is, and what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


class SiteError(BanksmanError):
    """A site folder cannot be used. ``faults`` lists all that is wrong with it."""

    def __init__(self, folder: str, faults: Sequence[Fault]) -> None:
        self.folder = folder
        self.faults = tuple(faults)
        lines = [f"  {fault}" for fault in faults[:TOLD]]
        lines += [f"  … and {len(faults) - TOLD} more"] if len(faults) > TOLD else []
        plural = "fault" if len(faults) == 1 else "faults"
        super().__init__("\n".join((f"site {folder} has {len(faults)} {plural}:", *lines)))


class CommandError(BanksmanError):
    """A command document does not fit the contract or names what the site does not have."""


class MessageError(BanksmanError):
    """A message from outside does not fit its standard and was ignored."""


class BrokerError(BanksmanError):
    """No MQTT broker could be reached or started."""

    retryable = True


class ModelError(BanksmanError):
    """A model is missing, damaged or cannot be loaded."""


class LanguageModelError(BanksmanError):
    """The language model failed, or what it wrote is no reading of the sentence."""
