"""A record in one line, for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from banksman_edge.audit.record import Record

Data = Mapping[str, Any]


def sentence(record: Record) -> str:
    """Time, number, who, what; one line, whatever somebody called themselves."""
    data = record.data
    tell = _TELLERS.get(record.kind, _plainly)
    who = data.get("operator") or (f"({data['claimed']}?)" if data.get("claimed") else "-")
    try:
        told = tell(data)
    except (LookupError, TypeError, ValueError, AttributeError):  # of another version, or nobody's
        told = _plainly(data)
    where = f"  [{data['utterance']}]" if data.get("utterance") else ""
    return printable(f"{record.time}  {record.seq:>6}  {who!s:<10}  {record.kind:<10}  {told}{where}")


def printable(text: str) -> str:
    """A text that neither ends the line nor tells a terminal what to do: such characters are written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _plainly(data: Data) -> str:
    return json.dumps(data, ensure_ascii=False)


def _utterance(data: Data) -> str:
    by = data["by"]
    how = f"known by {by['proof']}" if by["operator"] else "unknown"
    what = "in writing" if data["seconds"] is None else f"{data['seconds']:.1f} s of sound"
    return f"{how}, roles {', '.join(by['roles'])}, on {data['device'] or 'no device'}, {what}"


def _transcript(data: Data) -> str:
    repaired = ", words of the site put in" if data.get("repaired") else ""
    return f"{data['text']!r} ({data['language'] or '?'}, {data['confidence']:.2f}{repaired})"


def _decision(data: Data) -> str:
    return f"{data['decision']} {_command(data)} ({data['tier']}, {data['confidence']:.2f}): {data['reason']}"


def _command(data: Data) -> str:
    return json.dumps(data["command"], ensure_ascii=False)


def _order(data: Data) -> str:
    detail = f": {data['detail']}" if data["detail"] else ""
    return f"{data['vehicle'] or 'nobody'} {data['command'].get('action', '')} {data['status']}{detail}"


def _plan(data: Data) -> str:
    plan, way = data["plan"], f" by {data['way']} ({data['rule']})" if data.get("rule") else ""
    steps = f"{len(plan['steps'])} steps {plan['hash'][:12]}"
    return f"plan {plan['id'] or '?'} {data['state']}{way}, {steps} {data['detail']}"


def _sent(data: Data) -> str:
    lost = "" if data["delivered"] else " (no broker took it)"
    order = f" {data['order']} update {data['update']} over {' '.join(data['nodes'])}" if "order" in data else ""
    return f"{data['topic']} to {data['vehicle']}{order} {' '.join(data.get('actions', ()))}{lost}"


def _reply(data: Data) -> str:
    return f"{data['text']!r} ({data['language']})"


def _login(data: Data) -> str:
    return f"on {data['device'] or 'no device'}: {data['outcome']}"


def _left(data: Data) -> str:
    return f"{data['method']} {data['to']} {data['body'] or '(nothing)'}"


def _left_site(data: Data) -> str:
    return f"the site as planners are told of it, {len(data['document'])} characters, sha256 {data['sha256'][:12]}"


def _started(data: Data) -> str:
    return f"version {data['version']} on site {data['site']}"


_TELLERS: Mapping[str, Callable[[Data], str]] = {
    "utterance": _utterance,
    "transcript": _transcript,
    "decision": _decision,
    "order": _order,
    "plan": _plan,
    "sent": _sent,
    "left": _left,
    "left-site": _left_site,
    "reply": _reply,
    "login": _login,
    "started": _started,
}
