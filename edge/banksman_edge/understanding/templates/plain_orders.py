"""The fast path: plain orders, read in milliseconds without the model. It is there for speed alone.

A plain order is made of names of the site and of the few words of ``[plain]`` in the language's file, every one of
which is accounted for: who, a verb, a load, from where, to where, in whatever order. Whatever has one more word, or
could mean two things, is for the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import WHO, Mention, What
from banksman_edge.understanding.reader.tagged import plain_kinds
from banksman_edge.understanding.templates.phrases import PlainPhrases, phrases_of
from banksman_edge.understanding.text.inflection import THOSE
from banksman_edge.understanding.text.tokens import Words
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, Command
from banksman_shared.site import Place, Site, Vehicle

SIMILAR = 0.9
"""Least likeness of names in a plain order."""
_BARE = frozenset({Action.CHARGE, Action.PARK, Action.RESUME, Action.CANCEL, Action.STATUS, Action.STOP})
_TO_PLACE = frozenset({Action.CHARGE, Action.PARK})
OPEN = "?"
"""Stands for a place of which only the kind is said: "go to the dock"."""
_ENDINGS = {"to": "to", "from": "from", "there": "to"}


@dataclass(slots=True)
class _Clause:
    """What one step of an order says. ``places``: with the role of each, "to", "from" or none."""

    actions: set[Action] = field(default_factory=set)
    verbs: int = 0
    who: list[Mention] = field(default_factory=list)
    everybody: bool = False
    load: bool = False
    places: list[tuple[str, str]] = field(default_factory=list)


class PlainOrders:
    """Reads plain orders of one site in one language."""

    def __init__(self, site: Site, finder: EntityFinder) -> None:
        self._site, self._finder = site, finder
        self._phrases: PlainPhrases = phrases_of(finder.language.code)
        self._kinds = plain_kinds(site)

    def read(
        self, words: Words, mentions: tuple[Mention, ...], *, numberless: bool = False
    ) -> tuple[Command, ...] | None:
        """The commands of a plain order; None where it is none. ``numberless``: a kind stands for one of it."""
        if numberless:
            mentions = tuple(map(self._one_of_kind, mentions))
        if not self._phrases.actions or any(m.score < SIMILAR or len(m.ids) != 1 for m in mentions):
            return None
        if '"' in words.text:
            return None
        clauses = list(self._clauses(words, mentions))
        if not clauses or None in clauses:
            return None
        commands: list[Command] = []
        for clause in clauses:
            command = self._command(clause, commands[-1].vehicles if commands else ()) if clause else None
            if command is None:
                return None
            commands.append(command)
        asks = any(mark in words.text for mark in "?？؟")
        return None if asks and any(one.action is not Action.STATUS for one in commands) else tuple(commands)

    def _one_of_kind(self, mention: Mention) -> Mention:
        things: Iterable[Vehicle | Place] = ()
        if mention.what is What.VEHICLE_KIND:
            things = self._site.vehicles.values()
        elif mention.what is What.PLACE_KIND:
            things = self._site.places.values()
        first = next((one.id for one in things if one.kind == mention.ids[0]), None)
        what = What.VEHICLE if mention.what is What.VEHICLE_KIND else What.PLACE
        return replace(mention, what=what, ids=(first,), role="") if first else mention

    def _clauses(self, words: Words, mentions: tuple[Mention, ...]) -> Iterator[_Clause | None]:
        """The steps of an order, and None where something in it is not accounted for."""
        at, clause, starts = 0, _Clause(), {mention.start: mention for mention in mentions}
        role = ""
        while at < len(words):
            if mention := starts.get(at):
                if not self._take(clause, mention, role):
                    yield None
                    return
                role, at = "", mention.end
                continue
            found = self._phrases.at(words.tokens, at, before=min((s for s in starts if s > at), default=len(words)))
            if found is None:
                yield None
                return
            kind, actions, length = found
            at += length
            if kind == "then":
                yield clause
                clause, role = _Clause(), ""
            elif not self._add(clause, kind, actions):
                yield None
                return
            else:
                role = "" if kind == "load" else kind if kind in ("from", "to") and not self._phrases.postfix else role
        yield clause

    def _add(self, clause: _Clause, kind: str, actions: frozenset[Action]) -> bool:
        """Enter what a phrase does; False where it does not fit what was said before."""
        if kind == "action":
            clause.verbs += 1
            clause.actions = clause.actions & actions if clause.actions else set(actions)
            return bool(clause.actions)
        if kind in ("from", "to") and self._phrases.postfix and clause.places and not clause.places[-1][1]:
            clause.places[-1] = (clause.places[-1][0], kind)
        clause.load |= kind == "load"
        clause.everybody |= kind == "all"
        return True

    def _take(self, clause: _Clause, mention: Mention, role: str) -> bool:
        if mention.what in (What.UNKNOWN, What.ZONE) or mention.role == THOSE or mention.before:
            return False
        if mention.what is What.PLACE_KIND and mention.ids[0] in self._kinds:
            return False
        if mention.what in (What.PLACE, What.PLACE_KIND):
            place = mention.ids[0] if mention.what is What.PLACE else self._only(mention.ids[0])
            clause.places.append((place, _ENDINGS.get(mention.role, role)))
        else:
            clause.who.append(mention)
        return True

    def _command(self, clause: _Clause, before: tuple[str, ...]) -> Command | None:
        who = self._who(clause)
        if who is None or clause.verbs != 1:
            return None
        vehicles = who or before
        origins = [place for place, role in clause.places if role == "from"]
        others = [place for place, role in clause.places if role != "from"]
        if len(origins) > 1 or len(others) > 1:
            return None
        origin, destination = (part[0] if part else None for part in (origins, others))
        action = self._action(clause, origin, destination, named=bool(vehicles))
        if action is None:
            return None
        if action is Action.PICK:
            origin, destination = None, origin or destination
        origin, destination = (None if place == OPEN else place for place in (origin, destination))
        return Command(action, vehicles, origin=origin, destination=destination)

    def _only(self, kind: str) -> str:
        """The only place of a kind; :data:`OPEN` where there are several."""
        of_kind = [place.id for place in self._site.places.values() if place.kind == kind]
        return of_kind[0] if len(of_kind) == 1 else OPEN

    def _action(self, clause: _Clause, origin: str | None, destination: str | None, *, named: bool) -> Action | None:
        """The one action that fits what is said, or None."""
        actions = clause.actions
        if clause.everybody and clause.load:  # "everything" may be what is carried
            return None
        if len(actions) == 1 and (only := next(iter(actions))) in _BARE:
            cancels = only is Action.CANCEL  # whatever its speaker has ordered, or all there is
            fits = not (origin or clause.load) and (only in _TO_PLACE or not destination)
            all_of_them = clause.who or not clause.everybody or only is Action.RESUME
            return only if fits and (cancels or (named and all_of_them)) else None
        if origin and destination:
            return Action.TRANSPORT if Action.TRANSPORT in actions else None
        if destination and (clause.load or named) and actions in ({Action.DROP}, {Action.PICK}):
            return next(iter(actions))
        if clause.load and destination:
            return Action.TRANSPORT if Action.TRANSPORT in actions and Action.DROP not in actions else None
        if clause.load and origin and Action.PICK in actions:
            return Action.PICK
        bare = bool(destination and named and not clause.load)
        moves = Action.MOVE in actions and (clause.who or not clause.everybody)
        return Action.MOVE if bare and moves else None

    def _who(self, clause: _Clause) -> tuple[str, ...] | None:
        kinds = [mention.ids[0] for mention in clause.who if mention.what is What.VEHICLE_KIND]
        if kinds:  # "a forklift" and "the forklifts" are told apart by the reader
            of_kind = sum(vehicle.kind == kinds[0] for vehicle in self._site.vehicles.values())
            return (f"kind:{kinds[0]}",) if clause.everybody and len(clause.who) == 1 < of_kind else None
        if clause.everybody:
            return (EVERYBODY,) if not clause.who else None
        named = [mention for mention in clause.who if mention.what in WHO]
        groups = [mention for mention in named if mention.what is What.GROUP]
        if groups:
            return (f"group:{groups[0].ids[0]}",) if len(named) == 1 else None
        return tuple(dict.fromkeys(mention.ids[0] for mention in named))
