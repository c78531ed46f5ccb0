"""Commands come in on standard input and events go out on standard output, one JSON document a line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any


def tell(event: str, **details: object) -> None:
    """Tell the test what happened."""
    print(json.dumps({"event": event, **details}), flush=True)


async def serve(handlers: Mapping[str, Callable[[dict[str, Any]], Awaitable[None]]]) -> None:
    """Carry out the commands one after the other, each by the handler of its name, until the input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        await handlers[command["do"]](command)
