"""Blacks out what no record of calls needs: secrets, and what leads to a person."""

from __future__ import annotations

import re

_HIDDEN = (
    ("secret", re.compile(r"\b(?:sk|pk|rk|gh[pousr]|xox[abp]|AKIA|AIza)[-_A-Za-z0-9]{12,}")),
    ("secret", re.compile(r"\beyJ[-_A-Za-z0-9]+\.[-_A-Za-z0-9]+\.[-_A-Za-z0-9]*")),
    (
        "secret",
        re.compile(r"(?i)(?<![^\W_])(?:bearer|password|passwort|token|api[ _-]?key)(?:\s*[:=]\s*|\s+)[^\s\"\\]{6,}"),
    ),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("number", re.compile(r"(?<![\w.-])(?:\+|0)\d?(?:[ ()/.-]{0,2}\d){6,}(?!\w)")),  # of a telephone
    ("number", re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?!\w)")),  # of a card or an account
)


def redact(text: str) -> str:
    """``text`` with mail addresses, numbers of telephones and cards, and secrets replaced by their kind. Ids of the
    site stay, or a recording could not be replayed."""
    for kind, pattern in _HIDDEN:
        text = pattern.sub(f"[{kind}]", text)
    return text
