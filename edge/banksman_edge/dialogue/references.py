"""References in a sentence: "it", "there", "the nearest free forklift". They take the place of names, so that a
sentence is read as if somebody or somewhere had been named; who and where is found out afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from banksman_edge.dialogue.patterns import FREE, PLACE, WHO, Choice, Pattern
from banksman_edge.dialogue.words import BACK, BESIDE, FROM_THERE, IT, LIVE, OTHER, PLACES, PRONOUNS, THEM, THERE, Words
from banksman_edge.understanding.entities.mention import WHO as NAMES_WHO
from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.text.inflection import OBJECT
from banksman_edge.understanding.text.tokens import Tokens, words_of
from banksman_edge.understanding.text.vocabulary import known_words
from banksman_shared.commands import Command

MARK = "@"
_ROLES = {FROM_THERE: "from", BACK: "to", THERE: "to", IT: OBJECT, THEM: OBJECT}
"""What the ending of a pronoun says, in languages whose endings do the work of prepositions."""
_WAYS = {FROM_THERE: "from", BACK: "to", THERE: "to"}
"""And what the word says in the others, where no preposition stands with it: "there" is to there."""


@dataclass(frozen=True, slots=True)
class Reference:
    """``key``: one of ``words``; ``kind`` of vehicle and ``place``, if they were said; ``free``: nobody who works."""

    key: str
    kind: str = ""
    place: str = ""
    free: bool = False

    @property
    def token(self) -> str:
        """As it stands in a command in place of an id. Ids have no slash."""
        return f"{MARK}{self.key}/{self.kind}/{self.place}/{'free' if self.free else ''}"


def reference_of(token: str) -> Reference | None:
    """What :attr:`Reference.token` was made of; None for an id."""
    if not token.startswith(MARK):
        return None
    key, kind, place, free = token.removeprefix(MARK).split("/")
    return Reference(key, kind, place, bool(free))


def find_references(tokens: Tokens, mentions: Sequence[Mention], words: Words) -> tuple[Mention, ...]:
    """The references of a sentence as mentions, in order, without overlap; the longest that begins somewhere counts.
    Where a name and a pronoun would be made of the same words, it is the name."""
    starts = {mention.start: mention for mention in mentions}
    named = {at for mention in mentions for at in range(mention.start, mention.end)}
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        options = [
            m for m in _at(tokens, at, starts, words) if not _is_bare(m) or _stands_alone(m, tokens, named, words)
        ]
        best = max(options, key=lambda mention: mention.end, default=None)
        if best and any(tokens[at:end] in words.steps for end in range(best.end + 1, len(tokens) + 1)):
            best = None
        if best:
            found.append(best)
        at = best.end if best else at + 1
    return tuple(found)


def kind_asked_for(tokens: Tokens, mentions: Sequence[Mention], words: Words) -> str | None:
    """Of which kind of vehicles a whole sentence asks who is free, "" for any; None where it does not ask that."""
    starts = {mention.start: mention for mention in mentions}
    found = (match for parts in words.who_is_free for match in _match(parts, tokens, 0, starts, words))
    return next((said.get(WHO, "") for end, said in found if end == len(tokens)), None)


def _is_bare(mention: Mention) -> bool:
    """Whether it is a pronoun or the like, with no name in it."""
    reference = reference_of(mention.ids[0])
    return reference is not None and not reference.kind and reference.key in PRONOUNS | PLACES


def _stands_alone(mention: Mention, tokens: Tokens, named: set[int], words: Words) -> bool:
    """Whether what may be a pronoun is one, and neither a name nor said of what follows: "este palé", "el muelle"."""
    in_name = not named.isdisjoint(range(mention.start, mention.end))
    article = mention.end in named and tokens[mention.start : mention.end] in words.articles
    article &= mention.what is What.VEHICLE  # «là», without its accent, is no article before whoever is called
    return not (in_name or article or tokens[mention.end : mention.end + 1] in words.loads)


def _at(tokens: Tokens, start: int, mentions: Mapping[int, Mention], words: Words) -> Iterator[Mention]:
    for key, parts in (*words.refer.get(tokens[start], ()), *words.refer.get("", ())):
        for end, said in _match(parts, tokens, start, mentions, words):
            if key in BESIDE and not _leads_on(tokens, start, end, mentions, words):
                continue
            reference = Reference(BESIDE.get(key, key), said.get(WHO, ""), said.get(PLACE, ""), FREE in said)
            what = What.PLACE if key in PLACES else What.VEHICLE
            text = " ".join(tokens[start:end])
            role, before = (
                ("", words.way_of.get(_WAYS.get(key, ""), "")) if not words.inflects else (_ROLES.get(key, ""), "")
            )
            yield Mention(what, (reference.token,), start, end, 1.0, text, role=role, before=before)


def _leads_on(tokens: Tokens, start: int, end: int, mentions: Mapping[int, Mention], words: Words) -> bool:
    """Whether the way of a vehicle leads on to another place, with nobody else named before and nothing else begun in
    between: "send the cart at the lab to the kitchen", and not "park the cart at the lab and go to the kitchen"."""
    behind = min((at for at in mentions if at >= end), default=None)
    if behind is None or mentions[behind].what is not What.PLACE:
        return False
    others = any(mention.what is What.VEHICLE and at < start for at, mention in mentions.items())
    between = tokens[end:behind]
    spans = (between[at:to] for at in range(len(between)) for to in range(at + 1, len(between) + 1))
    return not others and words.joins.isdisjoint(spans)


def _match(
    parts: Pattern, tokens: Tokens, at: int, mentions: Mapping[int, Mention], words: Words
) -> Iterator[tuple[int, dict[str, str]]]:
    """Where the parts end if they begin at ``at``, and what fills the slots."""
    if not parts:
        yield at, {}
        return
    first, rest = parts[0], parts[1:]
    if isinstance(first, Choice):
        for option in first.options:
            yield from _match((*option, *rest), tokens, at, mentions, words)
        return
    if not isinstance(first, str):
        if tokens[at : at + len(first)] == first:
            yield from _match(rest, tokens, at + len(first), mentions, words)
        return
    for end, filling in _fillings(first, tokens, at, mentions, words):
        for last, said in _match(rest, tokens, end, mentions, words):
            yield last, {**said, first: filling}


def _fillings(
    slot: str, tokens: Tokens, at: int, mentions: Mapping[int, Mention], words: Words
) -> Iterator[tuple[int, str]]:
    mention = mentions.get(at)
    if slot == WHO and mention and mention.what is What.VEHICLE_KIND:
        yield mention.end, mention.ids[0]
    if slot == PLACE and (place := _place_at(tokens, at, mentions, words)):
        yield place.end, place.ids[0]
    for phrase in {WHO: words.one, FREE: words.free}.get(slot, ()):
        if tokens[at : at + len(phrase)] == phrase:
            yield at + len(phrase), ""


def _place_at(tokens: Tokens, at: int, mentions: Mapping[int, Mention], words: Words) -> Mention | None:
    """The place named here, with or without its article."""
    behind = next((at + n for n in (2, 1) if tokens[at : at + n] in words.small), at)
    mention = mentions.get(at) or mentions.get(behind)
    return mention if mention and mention.what is What.PLACE else None


def with_references(mentions: Sequence[Mention], references: Sequence[Mention]) -> tuple[Mention, ...]:
    """The names and references of a sentence, in order; a reference swallows the names that it is made of."""
    taken = {at for reference in references for at in range(reference.start, reference.end)}
    kept = [mention for mention in mentions if taken.isdisjoint(range(mention.start, mention.end))]
    return tuple(sorted([*kept, *references], key=lambda mention: mention.start))


def apart(text: str, words: Words, code: str) -> str:
    """A text with the pronouns that are written onto verbs as words of their own: "llévala" as "lleva lo", since "la"
    alone would be an article."""
    text = words.apart(text)
    found = words_of(text) if words.clitics else None
    for token, (_, end) in reversed(list(zip(found.tokens, found.spans, strict=True))) if found else ():
        if found and found.text[end - 1] == "ة":
            continue  # it ends nouns as the pronoun ends verbs
        if cut := _clitic_of(token, words.clitics, known_words(code)):
            text = f"{found.text[: end - cut]} {words.clitics[0]}{text[end:]}" if found else text
    return text


def _clitic_of(token: str, clitics: Sequence[str], known: Collection[str]) -> int:
    """The length of the pronoun that ends a verb; 0 where none does."""
    if token in known and not any(token.removesuffix(c) in known for c in clitics if len(token) > len(c) + 2):
        return 0
    for clitic in clitics:
        stem = token.removesuffix(clitic)
        if len(stem) > 2 and stem != token and (stem in known or f"{stem}e" in known):  # "portarlo"
            return len(clitic)
    return 0


def is_live(token: str) -> bool:
    reference = reference_of(token)
    return reference is not None and reference.key in LIVE


def key_of(mention: Mention) -> str:
    reference = reference_of(mention.ids[0])
    return reference.key if reference else ""


def meant_here(references: Sequence[Mention], mentions: Sequence[Mention], *, spoken: bool) -> tuple[Mention, ...]:
    """Those that stand for somebody or somewhere: a pronoun beside the name of a vehicle is rather its load, and
    "there" beside a place says nothing. ``spoken``: something was spoken of before."""
    live = tuple(m for m in references if is_live(m.ids[0]))
    named = [m.what for m in mentions if not any(m.start < one.end and one.start < m.end for one in references)]
    who = any(what in NAMES_WHO for what in named) or bool(live)
    where = What.PLACE in named
    chosen = [m for m in references if spoken and key_of(m) in PRONOUNS and (not who or key_of(m) == OTHER)]
    where |= any(key_of(m) == BACK for m in references)  # "back there" is back
    chosen += [m for m in references if spoken and key_of(m) in PLACES and not (where and key_of(m) == THERE)]
    return tuple(sorted((*live, *chosen), key=lambda mention: mention.start))


def without_references(command: Command) -> Command:
    """What a command says by name: nobody in particular, and no place, where something is only referred to."""
    origin, destination = (
        None if place and reference_of(place) else place for place in (command.origin, command.destination)
    )
    vehicles = tuple(v for v in command.vehicles if not reference_of(v))
    return Command(command.action, vehicles, origin=origin, destination=destination)
