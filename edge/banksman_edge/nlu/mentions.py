"""Which vehicles and places of the site a sentence names, and where in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from banksman_edge.nlu.cover import best_cover
from banksman_edge.nlu.inflection import PLURAL
from banksman_edge.nlu.known import counts_nothing, is_known_otherwise
from banksman_edge.nlu.lacking import Lacking
from banksman_edge.nlu.language import AND, FIRST, LOAD, LOADS, Language, language_of
from banksman_edge.nlu.lone_numbers import LoneNumbers
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import SAME_SOUND, Name, NameIndex, What, digits_of, names_of, titled_number, with_number
from banksman_edge.nlu.numbers import NumberReader, SpokenNumber
from banksman_edge.nlu.tokens import UNSPACED, Tokens, cuts, each_skip, skip, together
from banksman_edge.nlu.wording import Wording
from banksman_edge.nlu.words_apart import with_words_apart
from banksman_shared.site import Site

_SUPERLATIVE = frozenset("近遠奥前後上下左右手")
"""Characters before which 一番 is "most": 倉庫の一番近く."""
RANK_WORDS = 3
"""Tokens that a rank has at most."""
MISHEARD = 0.8
"""Likeness of a number that was written as another word of its sound; so low that it is confirmed."""
NUMBERED = 0.7
"""Least similarity of a kind behind a number that one vehicle alone has, and it is of that kind, where spelling says
nothing about the sound: 24号运辆车 is the 24号运苗车 and not "24, transport the vehicle"."""
SIMILAR = 0.84
"""Least similarity (0 to 1) of a name heard to a name known. "doc"/"dock" .86, "track"/"truck" .80."""
_KINDS = (What.VEHICLE_KIND, What.PLACE_KIND)


class MentionFinder:
    """Finds mentions in one language of one site."""

    def __init__(self, site: Site, language: str) -> None:
        self._site = site
        self.language: Language = language_of(site, language)
        self._dense = language == "zh"  # a character is a syllable: spelling says nothing about the sound
        self._names = list(names_of(site, self.language.inflection))
        self._numbered: dict[tuple[What, str, int], str] = {}
        for what, items in ((What.VEHICLE_KIND, site.vehicles), (What.PLACE_KIND, site.places)):
            for item in items.values():
                if item.kind and item.number is not None:
                    self._numbered[what, item.kind, item.number] = item.id
        self._numbers = NumberReader(
            self.language.inflection,
            suffixes=self.language.ordinal_suffixes,
            extra=self.language.extra_numbers,
            ordinals=self.language.extra_ordinals,
            joins=self.language.number_joins,
            digit_joins=self.language.digit_joins,
            also={*(number for _, _, number in self._numbered), *digits_of(self._names)},
        )
        self._names = [with_number(name, self._numbers) for name in self._names]
        self._index = NameIndex(self._names, language, dense=self._dense, numbers=self._numbers)
        words = {token for name in self._names for form in name.forms for token in form}
        alone = {phrase[0] for phrase in self.language.phrases if len(phrase) == 1}
        self.language = with_words_apart(self.language, frozenset(words | alone) | self._numbers.words)
        self._lacking = Lacking(self._names, self._numbers, self.language, dense=self._dense)
        words |= {token for phrase in self.language.phrases for token in phrase}
        self.known = frozenset(words) | self._numbers.words
        self.tokens = Wording(self.language, self.known)
        self._alone = LoneNumbers(site, self.language, self._numbers, self._ranks_next, self._counts)

    def find(self, tokens: Tokens, *, similar: float = SIMILAR) -> tuple[Mention, ...]:
        """The set of mentions that covers most, without overlap, in order."""
        candidates = [m for m in self._candidates(tokens, similar) if m.score == 1 or not cuts(tokens, m.start, m.end)]
        return best_cover(candidates, len(tokens))

    def spoken_number(self, tokens: Tokens, start: int) -> SpokenNumber | None:
        """The number said at ``start``, with how many tokens it takes and whether it ranks."""
        return self._numbers.read(tokens, start)

    def _candidates(self, tokens: Tokens, similar: float) -> Iterator[Mention]:
        for start in range(len(tokens)):
            for name, end, score in self._names_at(tokens, start, similar):
                verb = self._is_verb(tokens, start, end, score)
                barely = name.what is What.PLACE_KIND and score < SIMILAR and bool(self._ranks_before(tokens, start))
                if barely or (verb and score < 1):
                    continue  # "charge two" is like "charger two", "segundo corredor" like "segundo carregador"
                if name.what in _KINDS and not self._is_titled(tokens, name, start, end):
                    yield from self._numbered_after(tokens, name, start, end, score)
                if not (verb and name.what is What.PLACE_KIND):  # "porta" is a door, and what one does with a pallet
                    yield self._mention(tokens, name.what, (name.id,), start, end, score, name.role(tokens[:end]))
            for what, ids, end, score, role in self._lacking.at(tokens, start, max(similar, SIMILAR)):
                yield self._mention(tokens, what, ids, start, end, score, role)
            yield from self._numbered_before(tokens, start, similar)
            yield from self._alone.bare_number(tokens, start)
            yield from self._alone.any_vehicle(tokens, start)

    def _is_titled(self, tokens: Tokens, name: Name, start: int, end: int) -> bool:
        """Whether a kind has its number before it, 58番スタッカーさん, and no other has that: レーン2番、牽引車さん."""
        at, number = titled_number(tokens, start, end, self._numbers, self.language) or (0, -1)
        kinds = (other.tokens for other in self._names if other.what in _KINDS)
        return self._exists(name, number) and not any(tokens[at - len(k) : at] == k for k in kinds if len(k) <= at)

    def _is_verb(self, tokens: Tokens, start: int, end: int, score: float) -> bool:
        """Whether the words are a verb; for a name that is only similar, whether they are what else is known."""
        dense = self._dense and score < SAME_SOUND
        if score < 1 and is_known_otherwise(tokens, start, end, self.language, made_of_words=dense):
            return True
        phrase = self.language.phrases.get(tokens[start:end])
        return bool(phrase and (phrase.actions or (score < SAME_SOUND and end - start == 1)))

    def _names_at(self, tokens: Tokens, start: int, similar: float) -> Iterator[tuple[Name, int, float]]:
        """Names that may begin at ``start``, with end and likeness: each once, where it fits best."""
        near = self._index.matches(tokens[start : start + self._index.longest + 1], similar)
        yield from ((name, start + length, score) for name, length, score in near)

    def _numbered_after(self, tokens: Tokens, name: Name, start: int, end: int, score: float) -> Iterator[Mention]:
        """ "forklift number three", and with it "and four"."""
        first = skip(tokens, self._past_link(tokens, name, end), self.language.markers)
        yield from self._misheard_after(tokens, name, start, end, score)
        ends = partial(counts_nothing, language=self.language)
        while number := self._numbers.read_of(tokens, first, partial(self._exists, name), ends):
            after = first + number.length
            vehicle = name.what is What.VEHICLE_KIND
            if vehicle and self._ranks_next(tokens, after) if number.ordinal else self._counts(tokens, after):
                return
            ranked = any(self._exists(name, rank) for rank in self._ranks_before(tokens, start))
            if ranked and not self._exists(name, number.value):
                return  # "second cart number 210": the cart has its number
            end = skip(tokens, after, self.language.counters)
            role = number.role or name.role(tokens[:first])
            following = self._next_in_list(tokens, name, end, plural=role == PLURAL)
            counts = vehicle and role == PLURAL and start < first and following == len(tokens)  # both of them?
            yield self._resolve(tokens, name, number.value, start, end, score * (MISHEARD if counts else 1), role)
            start = first = following

    def _past_link(self, tokens: Tokens, name: Name, end: int) -> int:
        """The end of the の of フォークの3番, which is no フォークの3番ライン, and of ドックの3番に, which is no
        ドックの3番パレット; and of the s of "cart's 5 and 6"."""
        at, place = skip(tokens, end, self.language.links), name.what is What.PLACE_KIND
        may_link = at > end and (not place or self.language.code in UNSPACED)
        number = self._numbers.read(tokens, at) if may_link else None
        after = skip(tokens, at + number.length, self.language.counters) if number else 0
        kinds = _KINDS if place else (What.PLACE_KIND,)
        ranked = any(kind.what in kinds for kind, _, _ in self._names_at(tokens, after, SIMILAR))
        ranked |= place and not self._leaves_number(tokens, after)
        listed = not self._dense and after and self._next_in_list(tokens, name, after) < len(tokens)
        return at if number and (listed or after > at + number.length) and not ranked else end

    def _leaves_number(self, tokens: Tokens, at: int) -> bool:
        """Whether what follows a number leaves it to the place before: neither a load, 3番パレット, nor 一番近く."""
        found = self.language.match(tokens, at)
        if found is None or found[0].roles & {LOAD, LOADS}:
            return at >= len(tokens)
        return bool(found[0].actions) or tokens[at] not in _SUPERLATIVE

    def _ranks_before(self, tokens: Tokens, start: int) -> list[int]:
        """The ranks that end where a kind begins: they say which is meant."""
        before = ((at, self._numbers.read(tokens, at)) for at in range(max(0, start - RANK_WORDS), start))
        return [n.value for at, n in before if n and n.ordinal and at + n.length == start]

    def _ranks_next(self, tokens: Tokens, at: int) -> bool:
        """Whether a rank is of a strange word behind it, "forkliftler ikinci koridora", where verbs come last."""
        if not (self.language.postfix or self.language.code in UNSPACED):
            return False
        known = self.language.match(tokens, at) or self._numbers.read(tokens, at) or at >= len(tokens)
        return not known and not any(self._names_at(tokens, at, SIMILAR))

    def _counts(self, tokens: Tokens, at: int) -> bool:
        """Whether the number before says how many: 2台, not 2号."""
        counter = skip(tokens, at, self.language.rank_counters)
        return counter > max(at, skip(tokens, at, self.language.counters))

    def _next_in_list(self, tokens: Tokens, name: Name, end: int, *, plural: bool = False) -> int:
        """Where the next number of "one, two and three" starts, or of "trolleys one, two"; the end of the tokens if
        there is none."""
        at = end
        while number := self._numbers.read(tokens, at):  # the comma is gone: only an "and" further on makes a list
            if not self._exists(name, number.value):
                return len(tokens)
            at += number.length
        phrase = self.language.match(tokens, at)
        if phrase is None or AND not in phrase[0].roles:
            several = plural and at > end and not (phrase and phrase[0].roles & {LOAD, LOADS})
            return end if several else len(tokens)
        last = self._numbers.read(tokens, at + phrase[1])
        counted = last and not last.ordinal and self.language.match(tokens, at + phrase[1] + last.length)
        if last is None or not self._exists(name, last.value) or (counted and counted[0].roles & {LOAD, LOADS}):
            return len(tokens)  # "slot one, and two boxes" are no two slots
        return end if at > end else at + phrase[1]

    def _misheard_after(self, tokens: Tokens, name: Name, start: int, end: int, score: float) -> Iterator[Mention]:
        """ "shuttle aid" for shuttle eight, where the site has one."""
        for words, value in self.language.heard_as.items():
            after = end + len(words)
            if tokens[end:after] == words and (name.what, name.id, value) in self._numbered:
                yield self._resolve(tokens, name, value, start, after, score * MISHEARD)

    def _numbered_before(self, tokens: Tokens, start: int, similar: float) -> Iterator[Mention]:
        """ "third forklift", "number three forklift", 三号叉车."""
        first = skip(tokens, start, self.language.markers)
        number = self._numbers.read(tokens, first)
        if number is None:
            return
        after = first + number.length
        counters = self.language.counters + (self.language.rank_counters if number.ordinal else ())
        counted = each_skip(tokens, after, counters)
        if self.language.code not in UNSPACED and not counted:
            yield from self._listed_before(tokens, number, start, after, similar)
        if not number.ordinal and not counted and first == start and self.language.code not in UNSPACED:
            return
        if self._begins_sequence(tokens, start, after, similar):
            return
        for kind_at in counted | {after} if self.language.code in UNSPACED else counted or {after}:
            for at in {kind_at, skip(tokens, kind_at, self.language.links)}:
                for name, end, score in self._kinds_numbered(tokens, at, number.value, similar, counted=at > after):
                    # "8点以", eight o'clock, sounds like an eighth 电梯 that is not there.
                    guessed = self._dense and score < SAME_SOUND and not self._exists(name, number.value)
                    guessed |= score < 1 and self._is_verb(tokens, at, end, score)
                    of_vehicle = tokens[after:kind_at] in self.language.vehicle_counters
                    guessed |= of_vehicle and name.what is What.PLACE_KIND  # "1号機、ドック2へ"
                    guessed |= number.ordinal and score < SIMILAR
                    if name.what in _KINDS and not guessed:
                        yield self._resolve(tokens, name, number.value, start, end, score, name.role(tokens[:end]))
            if kind_at > after and self.language.code in UNSPACED:
                for name, score in self._kind_of_list(tokens, kind_at, similar):
                    yield self._resolve(tokens, name, number.value, start, kind_at, score)

    def _kinds_numbered(
        self, tokens: Tokens, at: int, number: int, similar: float, *, counted: bool
    ) -> Iterator[tuple[Name, int, float]]:
        """Names behind a number that is ``counted``, or not; and what is hardly like the kind of the one vehicle that
        has it."""
        ids = [vehicle for vehicle in self._site.vehicles.values() if vehicle.number == number]
        only = ids[0].kind if self._dense and counted and len(ids) == 1 else None
        for name, end, score in self._names_at(tokens, at, min(similar, NUMBERED) if only else similar):
            if score >= similar or (name.what is What.VEHICLE_KIND and name.id == only):
                yield name, end, score

    def _listed_before(
        self, tokens: Tokens, number: SpokenNumber, start: int, after: int, similar: float
    ) -> Iterator[Mention]:
        """The "first" of "the first and the second cart"; "dört" in "dört ve beş numaralı araç"."""
        phrase = self.language.match(tokens, after)
        if phrase is None or AND not in phrase[0].roles:
            return
        other = self._numbers.read(tokens, after + phrase[1])
        if other is None or other.ordinal is not number.ordinal:
            return
        end = after + phrase[1] + other.length
        counted = each_skip(tokens, end, self.language.counters)
        for kind_at in counted or ({end} if other.ordinal else ()):
            for name, _, score in self._names_at(tokens, kind_at, similar):
                if name.what in _KINDS and self._exists(name, other.value):
                    yield self._resolve(tokens, name, number.value, start, after, score)

    def _begins_sequence(self, tokens: Tokens, start: int, after: int, similar: float) -> bool:
        """Whether a rank is the "first" of "first gate two, then …", where the kind behind it has its own number."""
        phrase = self.language.match(tokens, start)
        if phrase is None or FIRST not in phrase[0].roles:
            return False
        numbers = (
            (name, self._numbers.read(tokens, skip(tokens, end, self.language.markers)))
            for name, end, _ in self._names_at(tokens, after, similar)
        )
        return any(number and self._exists(name, number.value) for name, number in numbers)

    def _kind_of_list(self, tokens: Tokens, at: int, similar: float, most: int = 20) -> Iterator[tuple[Name, float]]:
        """The kind that follows further numbers, at ``most`` so many: 三号、四号、五号装载机, 1号と2号のカート."""
        phrase = self.language.match(tokens, at)
        following = at + phrase[1] if phrase and AND in phrase[0].roles else at
        if (number := self._numbers.read(tokens, following)) is None or not most:
            return
        after = following + number.length
        counted = each_skip(tokens, after, self.language.counters) or {after}
        found = [
            (name, score)
            for kind_at in {at for end in counted for at in (end, skip(tokens, end, self.language.links))}
            for name, _, score in self._names_at(tokens, kind_at, similar)
            if name.what in _KINDS
        ]
        yield from found or self._kind_of_list(tokens, min(counted), similar, most - 1)

    def _exists(self, kind: Name, number: int) -> bool:
        return (kind.what, kind.id, number) in self._numbered

    def _resolve(
        self, tokens: Tokens, name: Name, number: int, start: int, end: int, score: float, role: str = ""
    ) -> Mention:
        found = self._numbered.get((name.what, name.id, number))
        if found is None:
            return self._mention(tokens, What.UNKNOWN, (), start, end, score)
        what = What.VEHICLE if name.what is What.VEHICLE_KIND else What.PLACE
        return self._mention(tokens, what, (found,), start, end, score, role)

    @staticmethod
    def _mention(
        tokens: Tokens, what: What, ids: tuple[str, ...], start: int, end: int, score: float, role: str = ""
    ) -> Mention:
        return Mention(what, ids, start, end, score, together(tokens[start:end]), role=role)
