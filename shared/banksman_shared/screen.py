"""Where commands print their tables."""

from __future__ import annotations

import sys

from rich.console import Console

UNSEEN_WIDTH = 240
"""Columns where nobody looks at a screen: a figure that is cut off helps nobody."""


def screen() -> Console:
    """Standard output, as wide as the terminal or, where there is none, as any table needs."""
    return Console() if sys.stdout.isatty() else Console(width=UNSEEN_WIDTH)
