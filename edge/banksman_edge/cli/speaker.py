"""Who speaks to a running agent: options of ``say`` and ``talk``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Speaker:
    """``pin`` comes from BANKSMAN_PIN, where it stays out of the shell's history."""

    operator: str | None
    pin: str | None
    device: str | None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Speaker:
        """By the options that were given.

        Raises:
            click.UsageError: there is a PIN, and nobody whose it is.
        """
        pin = os.environ.get("BANKSMAN_PIN") or None
        if pin and not values["operator"]:
            raise click.UsageError("BANKSMAN_PIN is set; say with --operator whose it is")
        return cls(values["operator"], pin, values["device"])

    @property
    def options(self) -> dict[str, str | None]:
        return {"operator": self.operator, "pin": self.pin, "device": self.device}


def speaker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--operator`` and ``--device``."""
    operator = click.option("--operator", help="Who speaks; the PIN that proves it comes from BANKSMAN_PIN.")
    device = click.option("--device", help="On what is spoken: what is said on the same one is one conversation.")
    return operator(device(command))
