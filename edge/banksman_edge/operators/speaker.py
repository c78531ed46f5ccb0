"""Who an utterance is from, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from banksman_shared.site import DEFAULT_ROLE


class Proof(StrEnum):
    """By what an operator is known."""

    NOTHING = "nothing"
    DEVICE = "device"
    PIN = "pin"
    WORD = "word"
    """The utterance says so, and the site trusts that."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """``operator``: one of the site's, or None for somebody unknown, who has the default role.

    ``claimed``: who the utterance says it is from. ``device``: where it comes from.
    """

    operator: str | None = None
    proof: Proof = Proof.NOTHING
    roles: tuple[str, ...] = (DEFAULT_ROLE,)
    claimed: str | None = None
    device: str | None = None

    def document(self) -> dict[str, Any]:
        """For events and the audit log."""
        return {"operator": self.operator, "proof": str(self.proof), "roles": list(self.roles)}


NOBODY = Speaker()
