"""Dialogues as text files (tests/dialogues): what is said, decided and answered, what the fleet does, how time passes.

    == A title
    site: depot                      the site, if not the bundled one; "bakery": of one language; "people": operators,
                                     "people-about": with a zone, too, in which people are about
    context_s: 30                    how long what was said can be referred to, if not the default
    language: de                     of what follows, as if typed; without it, all languages of the site are tried
    anna: Stapler drei, fahr zu …    somebody says something; the name is that of the device
    anna 0.05: Yes.                  the same, with the recogniser's confidence
      accept move forklift-3 > dock-2      the decision: verdict and commands; "a ; b" is a sequence
      says: Wohin?                   a reply to it, to the letter; "says: nothing" for none
      elsewhere: Nothing was done.   a reply to an earlier turn
      because: nearest free of       what the decision's reason contains
    fleet: forklift-3 arrives        see ``fleet_does``
    time: 130                        seconds that pass

What was accepted, and nothing else, must have gone to the fleet: every turn is checked for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from banksman_shared.actions import Action
from banksman_shared.commands import Command

FOLDER = Path(__file__).parents[1] / "dialogues"
_HEADS = ("site", "language", "context_s")
_WAY = re.compile(r"(?:(\S+) )?> (\S+)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a script, with the lines that say what follows from it."""

    number: int
    who: str
    text: str
    follows: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Script:
    title: str
    file: str
    heads: dict[str, str]
    lines: list[Line]


def scripts(pattern: str) -> Iterator[Script]:
    """All dialogues of the files."""
    for path in sorted(FOLDER.glob(pattern)):
        yield from _read(path)


def _read(path: Path) -> Iterator[Script]:
    script: Script | None = None
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.split("#", 1)[0].rstrip() if raw.lstrip().startswith("#") else raw.rstrip()
        if not line:
            continue
        if line.startswith("== "):
            if script:
                yield script
            script = Script(line.removeprefix("== "), path.name, {}, [])
            continue
        assert script is not None, f"{path.name}:{number}: a dialogue begins with '== its title'"
        key, colon, rest = line.strip().partition(":")
        if raw.startswith(" "):
            known = colon and key in ("says", "elsewhere", "because", "reads")
            script.lines[-1].follows.append((key, rest.strip()) if known else ("decision", line.strip()))
        elif key in _HEADS:
            script.heads[key] = rest.strip()
        else:
            script.lines.append(Line(number, key, rest.strip()))
    if script:
        yield script


def commands_in(text: str) -> tuple[Command, ...]:
    """``move forklift-3 > dock-2 ; charge forklift-3``; ``-`` stands for a vehicle that is chosen."""
    return tuple(_command(part.strip()) for part in text.split(" ; "))


def _command(text: str) -> Command:
    action, _, rest = text.partition(" ")
    origin = destination = None
    if way := _WAY.search(rest):
        before, destination = rest[: way.start()].strip(), way[2]
        if Action(action) is Action.TRANSPORT and way[1] and before:
            origin = way[1]
        else:
            before = f"{before} {way[1] or ''}".strip()
        rest = before
    vehicles = tuple(v for v in rest.replace(",", " ").split() if v != "-")
    return Command(Action(action), vehicles, origin=origin, destination=destination)
