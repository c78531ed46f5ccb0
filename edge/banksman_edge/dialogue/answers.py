"""Answers to what was asked about an order: "the second", "dock twelve", "the other one"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from banksman_edge.dialogue.context import Context, Question
from banksman_edge.dialogue.fragments import Fragment
from banksman_edge.dialogue.references import reference_of
from banksman_edge.dialogue.resolve import Now
from banksman_edge.dialogue.slots import swapped, told, with_places
from banksman_edge.dialogue.things import GOING, Commands, Things, things_of
from banksman_edge.dialogue.unclear import ask_where, ask_which
from banksman_edge.dialogue.words import FIRST, LAST, OTHER, SECOND, THEM
from banksman_edge.understanding.text.numbers import SpokenNumber
from banksman_shared.commands import Action, Command
from banksman_shared.site import Place, Vehicle

_WHERE = ("destination", "origin")
_BOTH = 2
"""Things that are offered by name."""


class Answers:
    """Completes the orders of one site that something was asked about."""

    def __init__(self, things: Things) -> None:
        self._things = things

    def answer(self, question: Question, fragment: Fragment, now: Now, kinds: Collection[str] = ()) -> Commands | None:
        """The commands asked about, completed; None where the fragment is no answer to it. ``kinds``: those of the
        places that the order spoke of, "the dock".

        Raises:
            Unclear: it may be several things.
        """
        value = self._chosen(question, fragment, now, kinds)
        if value is None:
            return None
        is_place = value[0] in self._things.site.places
        if question.slot in _WHERE and not is_place:
            return None
        if question.slot == "vehicles" and is_place:
            return None
        commands = tuple(self._put(command, question, value) for command in question.commands)
        return self._things.resolver.fill(commands, now)[0]

    def _chosen(
        self, question: Question, fragment: Fragment, now: Now, kinds: Collection[str]
    ) -> tuple[str, ...] | None:
        """The ids that the fragment names or picks.

        Raises:
            Unclear: it may be any of several places.
        """
        if fragment.either and question.slot != "vehicles":
            raise ask_which(question.choices or fragment.either, "it may be any of several places", question.slot)
        if place := next(iter((*fragment.origins, *fragment.places)), None):
            if reference_of(place):
                filled, _ = self._things.resolver.fill([Command(Action.MOVE, (), destination=place)], now)
                place = filled[0].destination
            return (place,) if place else None
        if question.choices and (picked := self._picked(question, fragment, now.context)):
            return picked
        if fragment.vehicles:
            return self._things.who(fragment.vehicles, question.commands, now)
        if fragment.numbers:
            return (self._numbered(question, fragment.numbers[-1], kinds),)
        return self._of_kind(question, fragment.kinds) if fragment.kinds else None

    def _picked(self, question: Question, fragment: Fragment, context: Context | None) -> tuple[str, ...] | None:
        """Which of the choices "the second", "twelve", "the tugger", "both" or "the other one" is.

        Raises:
            Unclear: it may be either.
        """
        choices, said = question.choices, {r.key for v in fragment.vehicles if (r := reference_of(v))}
        if OTHER in said:
            spoken_of = context.vehicles if context else ()
            known = [choice for choice in choices if choice in spoken_of]
            others = [choice for choice in choices if choice not in known] if len(known) == 1 else [*choices[1:]]
            return (others[0],) if len(others) == 1 else None
        if THEM in said and len(choices) == _BOTH:
            if question.slot == "vehicles":
                return choices
            raise ask_which(choices, "only one of them can be meant", question.slot)
        picked = self._ranked(choices, fragment) or (set() if fragment.names else self._alike(choices, fragment.kinds))
        if len(picked) > 1:
            raise ask_which(choices, "it may be the place in the list or the number", question.slot)
        if not picked and fragment.numbers and len(choices) == _BOTH:
            raise ask_which(choices, f"neither of them has the number {fragment.numbers[-1].value}", question.slot)
        return (picked.pop(),) if picked else None

    def _ranked(self, choices: Sequence[str], fragment: Fragment) -> set[str]:
        """The choices that a number means, by their own or by their rank."""
        ranks = {FIRST: 0, SECOND: 1, LAST: len(choices) - 1}
        by_word = {choices[at] for mark, at in ranks.items() if mark in fragment.marks and at < len(choices)}
        by_number = set()
        for number in fragment.numbers[-1:]:
            by_number = {choice for choice in choices if self._things.number(choice) == number.value}
            if number.ordinal and 0 < number.value <= len(choices):
                by_word.add(choices[number.value - 1])
        return by_word | by_number

    def _alike(self, choices: Sequence[str], kinds: Collection[str]) -> set[str]:
        """The only choice of the kinds, if it is the only one."""
        alike = {choice for choice in choices if self._things.pool(choice)[choice].kind in kinds}
        return alike if len(alike) == 1 else set()

    def _numbered(self, question: Question, number: SpokenNumber, kinds: Collection[str]) -> str:
        """The vehicle or place with a number, where the question says which of them it is about."""
        site, choices = self._things.site, question.choices
        about_places = question.slot in _WHERE or (choices and choices[0] in site.places)
        pool: Mapping[str, Vehicle | Place] = site.places if about_places else site.vehicles
        wanted = {pool[choice].kind for choice in choices if choice in pool} or (set(kinds) if about_places else set())
        found = [
            i for i, thing in pool.items() if thing.number == number.value and (not wanted or thing.kind in wanted)
        ]
        if len(found) == 1:
            return found[0]
        reason = f"number {number.value} may be any of {', '.join(found) or 'none'}"
        if about_places and len(found) != _BOTH:
            raise ask_where(reason, origin=question.slot == "origin")
        raise ask_which(found, reason, question.slot)

    def _of_kind(self, question: Question, kinds: Collection[str]) -> tuple[str, ...] | None:
        """The only vehicle of the kinds that were said; None where they say nothing about what was asked.

        Raises:
            Unclear: there are several, or "the dock" is as open as before.
        """
        site, vehicles = self._things.site, question.slot == "vehicles"
        pool: Mapping[str, Vehicle | Place] = site.vehicles if vehicles else site.places
        found = [i for i, thing in pool.items() if thing.kind in kinds]
        if not found or question.slot not in ("vehicles", *_WHERE):
            return None
        if len(found) == 1:
            return (found[0],)
        reason = f"it may be any {' or '.join(kinds)}"
        if vehicles:
            raise ask_which(found, reason)
        raise ask_where(reason, origin=question.slot == "origin")

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
