"""Answers to what was asked about an order: "the second", "dock twelve", "the other one"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banksman_edge.dialogue.context import Context, Question
from banksman_edge.dialogue.fragments import Fragment
from banksman_edge.dialogue.references import reference_of
from banksman_edge.dialogue.resolve import Now
from banksman_edge.dialogue.things import GOING, Commands, Things, things_of
from banksman_edge.dialogue.unclear import ask_which
from banksman_edge.dialogue.words import FIRST, LAST, OTHER, SECOND
from banksman_edge.nlu.numbers import SpokenNumber
from banksman_edge.nlu.slots import swapped, told, with_places
from banksman_shared.commands import Action, Command
from banksman_shared.site import Place, Vehicle

_WHERE = ("destination", "origin")


class Answers:
    """Completes the orders of one site that something was asked about."""

    def __init__(self, things: Things) -> None:
        self._things = things

    def answer(self, question: Question, fragment: Fragment, now: Now) -> Commands | None:
        """The commands asked about, completed; None where the fragment is no answer to it.

        Raises:
            Unclear: it may be several things.
        """
        value = self._chosen(question, fragment, now)
        if value is None:
            return None
        is_place = value[0] in self._things.site.places
        if question.slot in _WHERE and not is_place:
            return None
        if question.slot == "vehicles" and is_place:
            return None
        commands = tuple(self._put(command, question, value) for command in question.commands)
        return self._things.resolver.fill(commands, now)[0]

    def _chosen(self, question: Question, fragment: Fragment, now: Now) -> tuple[str, ...] | None:
        """The ids that the fragment names or picks."""
        if place := next(iter((*fragment.origins, *fragment.places)), None):
            if reference_of(place):
                filled, _ = self._things.resolver.fill([Command(Action.MOVE, (), destination=place)], now)
                place = filled[0].destination
            return (place,) if place else None
        picked = self._picked(question.choices, fragment, now.context)
        if picked:
            return (picked,)
        if fragment.vehicles:
            return self._things.who(fragment.vehicles, question.commands, now)
        if fragment.numbers:
            return (self._numbered(question, fragment.numbers[-1]),)
        return None

    def _picked(self, choices: Sequence[str], fragment: Fragment, context: Context | None) -> str | None:
        """Which of the choices "the second", "twelve" or "the other one" is.

        Raises:
            Unclear: it may be either.
        """
        if not choices:
            return None
        if any((r := reference_of(v)) and r.key == OTHER for v in fragment.vehicles):
            spoken_of = context.vehicles if context else ()
            known = [choice for choice in choices if choice in spoken_of]
            others = [choice for choice in choices if choice not in known] if len(known) == 1 else [*choices[1:]]
            return others[0] if len(others) == 1 else None
        ranks = {FIRST: 0, SECOND: 1, LAST: len(choices) - 1}
        by_word = {choices[at] for mark, at in ranks.items() if mark in fragment.marks and at < len(choices)}
        by_number = set()
        for number in fragment.numbers[-1:]:
            by_number = {choice for choice in choices if self._things.number(choice) == number.value}
            if number.ordinal and 0 < number.value <= len(choices):
                by_word.add(choices[number.value - 1])
        picked = by_word | by_number
        if len(picked) > 1:
            raise ask_which(choices, "it may be the place in the list or the number", "choice")
        return next(iter(picked), None)

    def _numbered(self, question: Question, number: SpokenNumber) -> str:
        """The vehicle or place with a number, where the question says which of them it is about."""
        about_places = question.slot in _WHERE or (question.choices and question.choices[0] in self._things.site.places)
        things = self._things.site
        pool: Mapping[str, Vehicle | Place] = things.places if about_places else things.vehicles
        kinds = {pool[choice].kind for choice in question.choices if choice in pool}
        found = [i for i, thing in pool.items() if thing.number == number.value and (not kinds or thing.kind in kinds)]
        if len(found) != 1:
            raise ask_which(found, f"number {number.value} may be any of {', '.join(found) or 'none'}", question.slot)
        return found[0]

    def _put(self, command: Command, question: Question, value: tuple[str, ...]) -> Command:
        """The command with the answer in the slot that was asked about; of a correction, in place of what is there."""
        open_ = question.corrects is not None
        match question.slot:
            case "destination":
                open_ |= command.destination is None or reference_of(command.destination) is not None
                return with_places(command, destination=value[0]) if open_ and command.action in GOING else command
            case "origin":
                return with_places(command, origin=value[0]) if command.action is Action.TRANSPORT else command
            case "vehicles":
                open_ |= not command.vehicles or any(map(reference_of, command.vehicles))
                return told((command,), value)[0] if open_ or set(command.vehicles) & set(question.choices) else command
            case "correction":
                pool = self._things.pool(value[0])
                old = next(t for t in things_of((command,)) if t in pool and pool[t].kind == pool[value[0]].kind)
                return swapped(command, old, value[0])
        return swapped(command, question.choices[0], value[0])
