"""The second tier: sentences that are made of nothing but the site's names and known words of orders.

A sentence is understood only if every word of it is accounted for. That keeps it exact: one strange word and
the language model is asked instead.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial

from banksman_edge.nlu.answers import after_exclaimed_no
from banksman_edge.nlu.asked import as_asked
from banksman_edge.nlu.awaited import beside_awaited, without_awaited
from banksman_edge.nlu.bans import bars_for_a_time
from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.clause_reader import read_clause
from banksman_edge.nlu.conditional import asks_when, depends, depends_on_words, hangs_on_another
from banksman_edge.nlu.corrections import (
    TAKEN_BACK,
    all_stops,
    corrected,
    ends_taken_back,
    holds_stop,
    put_right,
    slipped,
    with_number,
)
from banksman_edge.nlu.denied import doubted, what_is_meant, without_denied, without_forgotten
from banksman_edge.nlu.doubts import asks_of_nobody, doubt
from banksman_edge.nlu.dropped import order_instead
from banksman_edge.nlu.exclamations import without_asides
from banksman_edge.nlu.frame import at_chargers, command_of, is_ended, names_a_load, status_of
from banksman_edge.nlu.hesitation import order_behind_hesitation
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import MOST_ITEMS, itemize
from banksman_edge.nlu.joined import carried, is_turned_round, joined
from banksman_edge.nlu.language import AND, BUT, INSTEAD, only_stops
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import SIMILAR, MentionFinder
from banksman_edge.nlu.numbered import with_callings
from banksman_edge.nlu.provisos import denies_only_when, forbids_beside, shuts_a_way, shuts_a_way_first
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.reasons import LOAD_GUESSED, order_beside_told, told_first_why, without_reason
from banksman_edge.nlu.recharging import told_to_charge
from banksman_edge.nlu.rough import ROUGH, ROUGHLY, calls_somebody, may_be_rough, says_number, tells_strangely
from banksman_edge.nlu.sequences import called_at_the_end, called_last, parts_of
from banksman_edge.nlu.slots import inherited, said_once
from banksman_edge.nlu.spared import without_spared
from banksman_edge.nlu.strangers import awaiting
from banksman_edge.nlu.talk import BARE, is_cited, is_markup, is_retold, quotation, talk_of, tells_done
from banksman_edge.nlu.tokens import ASKED, UNSPACED, Tokens, sentences_of
from banksman_edge.nlu.untold import all_told
from banksman_shared.commands import STOP_ALL, Action, Command
from banksman_shared.site import Site

log = logging.getLogger(__name__)


class Grammar:
    """Reads sentences in one language of one site."""

    def __init__(self, site: Site, language: str) -> None:
        self._site, self._dense = site, language in UNSPACED
        self.finder = MentionFinder(site, language)
        self._language, self._talk = self.finder.language, talk_of(language)
        if not self._language.phrases:
            log.warning("no words of orders are known for '%s': only the language model understands it", language)
        self._remembered = lru_cache(maxsize=64)(self._read)
        self._read_tokens = lru_cache(64)(lambda ts, like: self.reading(ts, self.finder.find(ts, similar=like)))
        self._kinds = {p.id: p.kind for p in site.places.values() if p.kind}
        kinds, self._chargers = [*self._kinds.values()], {place.id for place in site.chargers()}
        self._sole_places = {kind: key for key, kind in self._kinds.items() if kinds.count(kind) == 1}

    @property
    def language(self) -> str:
        return self._language.code

    def read(self, text: str, *, similar: float = SIMILAR) -> Reading:
        """Read a sentence; ``similar``: how alike a name must be, 0 to 1. The last readings are remembered."""
        return self._remembered(text, similar)

    def is_strange(self, text: str) -> bool:
        """Whether unknown words keep it from being an order as it stands, which is seen before all of it is read."""
        part = self._read_part(text, SIMILAR)
        return part.clause.unknown_words > 0 and not part.commands

    def _read(self, text: str, similar: float) -> Reading:
        text = without_asides(text, self._language)
        read, of_tokens = partial(self._read_part, similar=similar), partial(self._read_tokens, like=similar)
        whole = read(text)
        if whole.retold or is_markup(text) or tells_done(text, self._language) or self._quotes(text, similar):
            planned = not is_markup(text) and depends_on_words(text, self.language, read)
            return replace(whole, commands=(), retold=not planned, planned=planned)
        found = awaiting(whole, self.finder, text, self.reading) or without_forgotten(whole, self.finder, of_tokens)
        found = found or hangs_on_another(text, whole, read) or told_to_charge(text, whole, self._chargers, read)
        if found:
            return found
        behind = read(rest) if (rest := after_exclaimed_no(text, self.language)) else None
        if behind and [command.action for command in behind.commands] == [Action.CANCEL]:
            return behind  # "no, cancel that"
        whoever = any(mention.called_by_place for mention in whole.clause.vehicles)
        if (behind and behind.clause.negated) or (whoever and ASKED.search(text)):
            # "no, not to dock two": two words for no are not one; "who is at dock two and goes to dock three?"
            return replace(whole, commands=())
        items = partial(self._items, similar=similar)
        if whole.clause.negated and (meant := what_is_meant(text, self.finder, items)):
            return doubted(self._read(meant, similar), text, items)
        if right := self._slip_put_right(text, whole, similar) or without_reason(whole, text, self.reading):
            return right
        instead = order_instead(text, whole, lambda part: self.read(part, similar=similar))
        if not instead and [command.action for command in whole.commands] == [Action.STATUS]:
            found = self._in_sentences(text, whole, similar) or told_first_why(text, whole, read)
            instead = found if found.commands != whole.commands else None  # "cart two, where are you? Go to dock two"
        if instead or whole.commands or whole.taken_back:
            return instead or as_asked(whole, text)
        return self._read_apart(text, whole, similar)

    def _slip_put_right(self, text: str, whole: Reading, similar: float) -> Reading | None:
        """A sentence that takes back some of what it said before; None where it does not."""
        if parts := None if whole.taken_back else corrected(text, self._language):
            before, after = (self._items(part, similar) for part in parts)
            return self._corrected(whole, before, with_number(before, after, self._site))
        slip = slipped(text, self._kinds, self._language, self._site, partial(self._items, similar=similar))
        right = self._corrected(whole, *slip) if slip else None
        return replace(right, certainty=right.certainty * MAY_TELL) if right else None

    def _read_apart(self, text: str, whole: Reading, similar: float) -> Reading:
        """A text that is no order as a whole, by what its parts say."""
        read = partial(self._read_part, similar=similar)
        if asks_when(text, self.language):
            return replace(whole, clause=replace(whole.clause, facts=True))
        if depends(text, self.language, read) or bars_for_a_time(whole, self._items(text, similar)):
            return replace(whole, planned=True)
        if whole.clause.planning and whole.clause.is_talk and denies_only_when(text, read):
            return replace(whole, clause=replace(whole.clause, negated=False, asks=False, tells=False))
        if whole.clause.negated:
            shuts = shuts_a_way_first if self._language.postfix else shuts_a_way
            if shuts(self._items(text, similar), self._sequence) or forbids_beside(text, read):
                return replace(whole, planned=True)
        how = whole.clause.is_whether_free or whole.clause.is_whether_there
        if how and (whole.clause.asks or ASKED.search(text)):
            return replace(whole, commands=(status_of(whole.clause),), certainty=whole.clause.certainty)
        alone = self._in_sentences(text, whole, similar)
        alone = alone or order_behind_hesitation(text, whole, self.finder, partial(self._read_tokens, like=similar))
        return alone or order_beside_told(text, whole, read)

    def _in_sentences(self, text: str, whole: Reading, similar: float) -> Reading | None:
        """The orders of several sentences, each of which must be understood."""
        readings = [self._read_part(sentence, similar) for sentence in sentences_of(text)]
        if len(readings) < 2 or not all(reading.commands for reading in readings):
            return None
        commands = said_once(inherited(command for reading in readings for command in reading.commands))
        choices = next((r.choices for r in readings if r.choices), ())
        return replace(whole, commands=commands, certainty=min(r.certainty for r in readings), choices=choices)

    def roughly(self, text: str, *, similar: float) -> Reading | None:
        """The order in a sentence with a few strange words, as if they were not there: "forklift three, whoosh over to
        dock two". Only where somebody is told, or a load has a way to go; and never surely."""
        reading = self.read(text, similar=similar)
        read = partial(self._read_part, similar=similar)
        if not may_be_rough(reading) or (reading.clause.weak_verbs and not calls_somebody(text, read)):
            return None
        if is_cited(text) or (ASKED.search(text) and not reading.clause.wishes):
            return None
        every = itemize(reading.tokens, self.finder, reading.mentions)
        if says_number(every) or tells_strangely(every, text, self.language):
            return None
        items = [item for item in every if not item.unknown]
        commands, clause = self._sequence(items), reading.clause
        told = all(c.vehicles or (c.origin and c.destination and clause.has_load) for c in commands)
        whole = all(c.action in ROUGHLY and (c.destination or c.action is not Action.MOVE) for c in commands)
        if not commands or not told or not whole:
            return None
        return replace(reading, commands=commands, certainty=clause.certainty * ROUGH, choices=clause.ambiguous)

    def _quotes(self, text: str, similar: float) -> bool:
        """Whether an order stands in quotation marks, and more than names and words of orders beside them."""
        said = [self._read_part(part, similar).clause for part in quotation(text) or ()]
        return bool(said and said[0].verbs) and said[1].unknown_words > 0

    def _corrected(self, whole: Reading, before: list[Item], after: list[Item]) -> Reading:
        """A sentence that takes back what it said before: as if it had been said right at once. What was taken back and
        cannot be put right is no order, and no stop is taken back."""
        said = read_clause(before, self._language, self._sole_places)
        if said.unknown_words or said.is_talk:
            return replace(whole, commands=())
        done = self._sequence(before)
        steps, last = self._last_step(before)
        right = put_right(last, after, self._language, self._kinds)
        anew = self._righted(done, steps, last, after, right)
        if all_stops(done) or any(only_stops(item.phrase) for item in before):
            anew = all_stops(done, anew) if all_stops(done) else ()
        clause = read_clause(right, self._language, self._sole_places)
        certainty = TAKEN_BACK * min(said.certainty, read_clause(after, self._language, self._sole_places).certainty)
        certainty *= LOAD_GUESSED if clause.unknown_words else 1.0
        return replace(whole, commands=anew, certainty=certainty, choices=clause.ambiguous)

    def _righted(
        self, done: Sequence[Command], steps: list[Command], last: Sequence[Item], after: list[Item], right: list[Item]
    ) -> tuple[Command, ...]:
        """The commands of a sentence put right. ``done``: those said first; ``steps``: those but the last of them."""
        if steps:
            alone = self._clauses(right, later=True) if len(right) < len(last) + len(after) else None
            return inherited([*steps, *alone]) if alone else ()
        alone_said = self._sequence(after) if any(item.actions for item in after) else ()
        commands = self._sequence(right)
        if alone_said and (alone_said[0].vehicles or not commands or commands[0].action is not alone_said[0].action):
            commands = inherited([*done[-1:], *alone_said])[-len(alone_said) :]
        return commands

    def _last_step(self, items: Sequence[Item]) -> tuple[list[Command], Sequence[Item]]:
        """The commands of all steps but the last, and the last, which alone a correction is about."""
        *first, last = parts_of(items) or [items]
        steps = [command for part in first for command in self._clauses(part) or ()]
        for at, item in enumerate(last):
            if item.plays(AND) and (left := self._command(last[:at])) and self._command(last[at + 1 :]):
                return [*steps, left], last[at + 1 :]
        return steps, last

    def items(self, text: str) -> list[Item]:
        """The words of a text, with what they name and mean."""
        return self._items(text, SIMILAR)

    def _items(self, text: str, similar: float) -> list[Item]:
        return itemize(tokens := self.finder.tokens(text), self.finder, self.finder.find(tokens, similar=similar))

    def _read_part(self, text: str, similar: float) -> Reading:
        return self._read_tokens(self.finder.tokens(text), similar)

    def reading(self, tokens: Tokens, mentions: tuple[Mention, ...]) -> Reading:
        """Read tokens of which it is known what they name, or refer to."""
        items, clause = self._clause(tokens, mentions)
        if told := without_awaited(tokens, mentions, items, self._language):
            return beside_awaited(self.reading(*told), tokens, mentions)
        talk = self._talk.roles(tokens, mentions)
        reading = Reading(self._language, tokens, mentions, clause, retold=is_retold(talk))
        if reading.retold:
            return reading
        if taken := ends_taken_back(items, tokens, self._language):
            stops = holds_stop(taken, tokens, self._language)
            return replace(reading, taken_back=True, commands=(STOP_ALL,) if stops else (), certainty=1.0)
        commands = self._sequence(items)
        if not commands:
            return reading
        if clause.beside and all_told(mentions, commands):
            clause = replace(clause, beside=False)
        certainty = clause.certainty * (LOAD_GUESSED if clause.unknown_words else 1.0)
        certainty *= doubt(commands, clause, items)
        aimless = asks_of_nobody(commands, clause, bare=BARE in talk)
        found = replace(reading, clause=clause, commands=commands, certainty=certainty)
        return replace(found, choices=clause.ambiguous, aimless=aimless)

    def _clause(self, tokens: Tokens, mentions: tuple[Mention, ...]) -> tuple[list[Item], Clause]:
        """The items, but for what is denied so that something else is said, and what they say. Where a vehicle is, and
        is not, is no order where "not" is the word for both, "mutfakta değil, çamaşırhanede", or no "but" says so."""
        items = with_callings(itemize(tokens, self.finder, mentions), self._site, self._language)
        if others := without_spared(tokens, items, self._language, self._site):
            return others, replace(read_clause(others, self._language, self._sole_places), spares=True)
        meant = without_denied(items)
        clause = read_clause(meant, self._language, self._sole_places)
        said_apart = any(item.plays(BUT) for item in items) and not any(item.plays(INSTEAD) for item in items)
        if len(meant) == len(items) or said_apart or not clause.may_tell:
            return meant, clause
        return items, read_clause(items, self._language, self._sole_places)

    def _sequence(self, items: Sequence[Item]) -> tuple[Command, ...]:
        """The clauses between "then"s, each of which must be understood."""
        commands: list[Command] = []
        parts = parts_of(items)
        called = len(parts) > 1 and called_at_the_end(items)
        for number, part in enumerate(parts):
            read = self._clauses(part, later=number > 0 or called)
            if read is None:
                # "then" is also a filler; so is そして: then it is one clause, where one part alone has a verb.
                steps = sum(any(action.drives for item in other for action in item.actions) for other in parts)
                return () if steps > 1 else tuple(self._clauses(items) or ())
            commands += read
        return said_once(inherited(called_last(commands, items)))

    def _clauses(self, items: Sequence[Item], *, later: bool = False) -> list[Command] | None:
        """One clause, or several joined. ``later``: whether it is a further step of a sequence."""
        if len(items) > MOST_ITEMS:
            return None
        further, postfix = partial(self._command, later=True), self._language.postfix
        if many := joined(items, self._command, further, postfix=postfix, dense=self._dense):
            return many
        if (command := self._command(items, later=later)) and not is_turned_round(command, items):
            return [command]
        for at, item in enumerate(items):
            if item.plays(AND) and 0 < at < len(items) - 1:
                left, right = self._command(items[:at]), self._command(items[at + 1 :])
                if left and right and left.action.drives and right.action.drives:
                    return carried(left, right)
                if left and left.destination and right == STOP_ALL and not any(i.mention for i in items[at + 1 :]):
                    return [left]  # "go to dock two and wait there": whoever arrives stands
        return None

    def _command(self, items: Sequence[Item], *, later: bool = False) -> Command | None:
        clause = read_clause(items, self._language, self._sole_places)
        clause.later = later
        # "Soll sich gemütlich aufladen", "looks a bit flat, stick it on charger one".
        may_name_load = not (clause.actions & {Action.PICK, Action.DROP} and at_chargers(clause, self._site))
        if (
            clause.unknown_words
            and may_name_load
            and names_a_load(clause, items, postfix=self._language.postfix, dense=self._dense)
        ):
            clause.unknown_words, clause.has_load = 0, True
        # "The crates" are one job; "six crates" are a matter for the planner.
        blocked = clause.unknown_words or clause.is_talk or clause.counted_loads or clause.missing or clause.planning
        elsewhere = clause.all_else and clause.actions != {Action.STOP}
        too_much = clause.goal or clause.has_arrived or elsewhere or len(items) > MOST_ITEMS
        command = None if blocked or too_much else command_of(clause, self._site)
        if command and clause.zones and command.action is not Action.STOP:
            return None  # for the planner, too; and 等一下 begins an order as "well" does
        return None if command and command.action.drives and is_ended(clause) and not self._dense else command
