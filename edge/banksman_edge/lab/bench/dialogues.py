"""Dialogues that somebody has written, held with a running agent whose simulated vehicles drive.

Their form is that of the corpus::

    # correction
    say	move f3 to dock-1	forklift three to dock one
    say	instead move f3 to dock-2	sorry, no, dock two

What the agent decides is compared with what is meant, and never with what the agent says that it has understood.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from banksman_edge.app import Agent, Conversation, Exchange, Settings, load_understanding
from banksman_edge.dialogue import a_yes
from banksman_edge.lab.simulated_fleet import simulator
from banksman_edge.lab.teach.corpus import Line, WrittenDialogue, dialogues_in, reading_of
from banksman_edge.policy import TOO_UNSURE
from banksman_edge.turns import DecisionEvent, How, Verdict
from banksman_edge.understanding import HOWS, Reply
from banksman_edge.understanding import How as Joined
from banksman_edge.understanding.reader.lines import BROKEN_OFF
from banksman_shared.actions import Action
from banksman_shared.broker import broker
from banksman_shared.commands import DRIVING, NOTHING, Command
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import load_site

UP_S = 30.0
"""Vehicles come up within this time."""


class Turn(msgspec.Struct, frozen=True):
    """What came of a line. ``right``: None where it was not said, since nothing had been asked."""

    dialogue: str
    family: str
    number: int
    words: str
    meant: str
    right: bool | None
    decided: str = ""
    answers: tuple[str, ...] = ()
    why: str = ""
    stale: bool = False
    """Something was done on an answer to nothing that was open."""
    unanswered: bool = False
    """It was said to the fleet, and nothing was said to it."""


def files_in(folder: Path) -> list[Path]:
    """The dialogues of a site's folder, a file for each language.

    Raises:
        BanksmanError: there are none.
    """
    found = sorted((folder / "dialogues").glob("??.tsv"))
    if not found:
        raise BanksmanError(f"{folder} has no dialogues; write them into {folder / 'dialogues'}/en.tsv or the like")
    return found


def read(path: Path) -> list[WrittenDialogue]:
    """The dialogues of a file.

    Raises:
        BanksmanError: it cannot be read, or a line has another form.
    """
    try:
        return dialogues_in(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BanksmanError(f"the dialogues in {path} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class Terms:
    """How dialogues are held: with which model, so much faster than vehicles drive, and so long between turns."""

    llama: str | None = None
    threads: int | None = None
    speed_up: float = 10.0
    pause_s: float = 1.0


def hold_all(
    file: Path, dialogues: Sequence[WrittenDialogue], terms: Terms, advance: Callable[[], None] = lambda: None
) -> list[Turn]:
    """Hold the dialogues of a file on the site of its folder, each with an agent and vehicles that know nothing of the
    others. ``advance``: told of each that is over.

    Raises:
        BanksmanError: a part cannot be had, or the vehicles do not come up.
    """
    folder, language, turns = file.parents[1], file.stem, list[Turn]()
    site = load_site(folder)
    understanding = load_understanding(site, terms.llama, threads=terms.threads)
    for number, dialogue in enumerate(dialogues):
        with broker() as running:
            settings = Settings(MqttSettings(running.url), hearing=False)
            with (
                Agent.build(site, settings, understanding=understanding) as agent,
                simulator(running.url, folder, terms.speed_up),
            ):
                _await_vehicles(agent)
                name, yes = f"{folder.name}/{language}/{number}", a_yes(language)
                turns += _hold(agent, dialogue, name, language, yes=yes, pause_s=terms.pause_s)
        advance()
    return turns


def _await_vehicles(agent: Agent) -> None:
    """Raises:
    BanksmanError: they do not come up.
    """
    ends = time.monotonic() + UP_S
    while not all(view.idle for view in agent.fleet.vehicles().values()):
        if time.monotonic() > ends:
            raise BanksmanError(f"the vehicles did not come up within {UP_S:.0f} s")
        time.sleep(0.05)


@dataclass(slots=True)
class _Speaker:
    conversation: Conversation
    asked: Exchange | None = None
    """What waits for an answer."""
    last: frozenset[str] = frozenset()
    """The vehicles of what was ordered last."""


def _hold(
    agent: Agent, dialogue: WrittenDialogue, number: str, language: str, *, yes: str, pause_s: float
) -> list[Turn]:
    """Hold one dialogue, and say of each turn whether it was right. ``yes``: what is said where the agent reads an
    order back and the writer had not thought of it."""
    with ExitStack() as stack:
        speakers: dict[str, _Speaker] = {}
        turns = []
        for at, line in enumerate(dialogue.lines):
            if line.who == "system":
                continue
            if line.who not in speakers:
                conversation = stack.enter_context(agent.conversation(operator=line.who, language=language))
                speakers[line.who] = _Speaker(conversation)
            speaker = speakers[line.who]
            asks = _asked_next(dialogue.lines[at + 1 :])
            if line.meant in (Reply.YES, Reply.NO) and speaker.asked is None:
                turns.append(Turn(number, dialogue.family, line.number, line.words, line.meant, None))
                continue
            open_before = speaker.asked
            exchange = speaker.conversation.say(line.words)
            right, why = _judged(line.meant, exchange.decision, asks, speaker.last)
            decision = exchange.decision
            answers = exchange.replies
            confirms = decision.follows is not None and decision.follows.how is How.CONFIRMS
            turns.append(
                Turn(
                    number,
                    dialogue.family,
                    line.number,
                    line.words,
                    line.meant,
                    right,
                    shown(decision),
                    answers,
                    why,
                    stale=confirms and (open_before is None or line.meant != Reply.YES),
                    unanswered=line.meant != Action.NONE and not answers and not confirms,
                )
            )
            if any(command.action in DRIVING for command in decision.commands):
                speaker.last = frozenset(v for c in decision.commands if c.action in DRIVING for v in c.vehicles)
            speaker.asked = exchange if decision.verdict in (Verdict.CONFIRM, Verdict.ASK) else None
            if line.meant == Action.NONE or _only_asks(decision):
                speaker.asked = open_before
            if decision.verdict is Verdict.CONFIRM and asks is None:
                speaker.conversation.say(yes)
                speaker.asked = None
            time.sleep(pause_s)
        return turns


def _only_asks(decision: DecisionEvent) -> bool:
    return all(command.action is Action.STATUS for command in decision.commands)


def _asked_next(lines: Sequence[Line]) -> str | None:
    """What the system should ask next, by the writer."""
    return lines[0].meant if lines and lines[0].who == "system" else None


_DONE = (Verdict.ACCEPT, Verdict.CONFIRM)


def _judged(meant: str, decision: DecisionEvent, asks: str | None, last: frozenset[str]) -> tuple[bool, str]:
    """Whether a decision is what was meant, and what is wrong where it is not. ``last``: the vehicles of the newest
    order."""
    commands, verdict = decision.commands, decision.verdict
    follows = decision.follows.how if decision.follows else None
    match meant:
        case Action.NONE:
            return verdict is Verdict.REJECT and commands == (NOTHING,), "it was talk"
        case Reply.YES:
            return follows is How.CONFIRMS, "it was a yes"
        case Reply.NO:
            return follows is How.DECLINES, "it was a no"
        case Reply.UNDO:
            cancels = verdict in _DONE and {command.action for command in commands} == {Action.CANCEL}
            of_the_last = {vehicle for command in commands for vehicle in command.vehicles} == last
            return (cancels and of_the_last) or follows is How.DECLINES, "it takes an order back"
    if BROKEN_OFF in meant.split():
        return verdict is Verdict.ASK, "it broke off"
    first = meant.partition(" ")[0]
    how, wanted = reading_of(meant)
    wanted = tuple(command for command in wanted if command.action is not Action.CANCEL or first == Action.CANCEL)
    refused = verdict is Verdict.REJECT and commands != (NOTHING,)
    if verdict is Verdict.ASK:
        return bool(asks and asks.partition(" ")[0] in ("who", "where", "from", "which")), "it was asked back"
    if verdict is Verdict.REJECT and (not refused or decision.reason == TOO_UNSURE):
        return False, "it was not understood"
    instead = how in (Joined.INSTEAD, Joined.NOW) if first in HOWS else False
    done = tuple(c for c in commands if not (instead and c.action is Action.CANCEL))
    return _alike(done, wanted), "another order was understood"


def _alike(done: Sequence[Command], wanted: Sequence[Command]) -> bool:
    """Whether orders are the same; where nobody was named, the fleet may choose."""
    if len(done) != len(wanted):
        return False
    return all(
        one.action is other.action
        and (one.origin, one.destination) == (other.origin, other.destination)
        and (not other.vehicles or sorted(one.vehicles) == sorted(other.vehicles))
        for one, other in zip(done, wanted, strict=True)
    )


def shown(decision: DecisionEvent) -> str:
    """A decision in a line."""
    parts = []
    for command in decision.commands:
        way = [f"from {command.origin}"] if command.origin else []
        way += [f"to {command.destination}"] if command.destination else []
        parts.append(" ".join(filter(None, (str(command.action), ",".join(command.vehicles), *way))))
    return f"{decision.verdict}: {' ; '.join(parts)}"


def is_faulty(turn: Turn) -> bool:
    """Whether something is wrong with what came of a turn."""
    return turn.right is False or turn.stale or turn.unanswered


def fault(turn: Turn) -> str:
    """What is wrong with a turn, in a line."""
    what = "done on a stale answer" if turn.stale else turn.why if turn.right is False else "without an answer"
    return f"{turn.family}:{turn.number} {turn.words} ({turn.meant}) {turn.decided}: {what}"


def markdown(by_folder: Mapping[str, Sequence[Turn]], command: str) -> str:
    """What came of dialogues, as a page; ``command``: what measured it."""
    everything = [turn for turns in by_folder.values() for turn in turns]
    found = summary(everything)
    lines = [
        "# Dialogues, turn by turn",
        "",
        f"`{command}`",
        "",
        "Written dialogues were held with a live agent, whose simulated vehicles drove. A turn is right if what was",
        "decided is what its writer meant, whatever the agent said about it.",
        "",
        "| set | dialogues | whole | turns | right | on a stale answer | without an answer |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, turns in [*sorted(by_folder.items()), ("all", everything)]:
        one = summary(turns)
        shares = f"{one['dialogues']} | {one['whole']:.0%} | {one['turns']} | {one['right']:.0%}"
        lines.append(f"| {name} | {shares} | {one['stale']} | {one['unanswered']} |")
    lines += ["", "| family | right |", "| --- | --- |"]
    lines += [f"| {name} | {share:.0%} |" for name, share in found["by_family"].items()]
    return "\n".join([*lines, ""])


def summary(turns: Sequence[Turn]) -> dict[str, Any]:
    """Shares of turns and of whole dialogues that were right, and what must not be."""
    said = [turn for turn in turns if turn.right is not None]
    whole: dict[str, bool] = {}
    families: dict[str, list[bool]] = {}
    for turn in said:
        whole[turn.dialogue] = whole.get(turn.dialogue, True) and bool(turn.right)
        families.setdefault(turn.family, []).append(bool(turn.right))
    return {
        "dialogues": len(whole),
        "whole": sum(whole.values()) / max(1, len(whole)),
        "turns": len(said),
        "right": sum(bool(turn.right) for turn in said) / max(1, len(said)),
        "stale": sum(turn.stale for turn in said),
        "unanswered": sum(turn.unanswered for turn in said),
        "by_family": {name: sum(found) / len(found) for name, found in sorted(families.items())},
    }
