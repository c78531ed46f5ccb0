"""Sentences with what they mean, in many hands and languages: what the reader is taught, and the words of hearing.

``xx.jsonl`` has a sentence a line: as it was ``said``, its ``reading`` with the ids of the site, its ``text`` with tags
in place of names and the ``line`` that the reader is to answer, which the finder of names makes of these two, the
``family`` of sentences and the ``writer`` that it is of, and its ``split``: a twelfth of them is never taught. A
sentence of a dialogue has what was said and asked ``before`` it, as readings.
``sites/WRITER.toml`` is the site that the writer had in mind, or ``sites/same.toml`` names another writer, who had the
same one. What is misread becomes a row here.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import msgspec

from banksman_edge.errors import TeachingError
from banksman_edge.understanding import HOWS, MOST_BEFORE, REPLIES, Context, How, Question, Reply
from banksman_edge.understanding.entities import EntityFinder, kind_of_place
from banksman_edge.understanding.reader.lines import BROKEN_OFF, LIVE, line_of, meaning_of
from banksman_edge.understanding.reader.tagged import ASKED, NEXT, tagged, tags_of
from banksman_edge.understanding.text import words_of
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, Command
from banksman_shared.site import Group, Kind, Layout, Place, Site, Vehicle
from banksman_shared.vda5050 import VehicleAddress

_OPEN_PLACE = re.compile(r" (?:from|to) \?")
HELD_OUT = 12
"""Of so many sentences one is never taught."""
SAME = "same.toml"
"""Writers who had the site of another one in mind, and of whom."""


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence of the corpus; see the module."""

    said: str
    reading: str
    text: str
    line: str
    family: str
    writer: str
    split: Literal["train", "test"]
    before: str = ""


def languages() -> tuple[str, ...]:
    """The languages that there is a corpus of."""
    return tuple(
        sorted(one.name.removesuffix(".jsonl") for one in files(__name__).iterdir() if one.name.endswith("jsonl"))
    )


def rows(language: str, split: str | None = None) -> list[Row]:
    """The sentences of a language, of one split or of both.

    Raises:
        TeachingError: there is no corpus of it, or a line is damaged.
    """
    source = files(__name__) / f"{language}.jsonl"
    try:
        found = [msgspec.json.decode(line, type=Row) for line in source.read_bytes().split(b"\n") if line.strip()]
    except (OSError, msgspec.DecodeError) as error:
        raise TeachingError(f"the corpus of '{language}' cannot be read: {error}") from error
    return [row for row in found if split in (None, row.split)]


def site_of(writer: str) -> Site:
    """The site that a writer had in mind, without a layout."""
    sites = files(__name__) / "sites"
    of = tomllib.loads((sites / SAME).read_text("utf-8")).get(writer, writer)
    return site_without_layout(tomllib.loads((sites / f"{of}.toml").read_text("utf-8")))


def site_without_layout(document: Mapping[str, Any]) -> Site:
    """What a site file names, for reading sentences alone. Of the kinds of places ``charger = true`` says that vehicles
    charge there, which a layout says elsewhere."""
    head, vehicles, places = document["site"], document["vehicles"], document["places"]
    charging = {key for key, one in document.get("place_kinds", {}).items() if one.get("charger")}
    return Site(
        head["id"],
        head["name"],
        tuple(head["languages"]),
        {key: Kind(key, _names(one)) for key, one in document.get("vehicle_kinds", {}).items()},
        {key: Kind(key, _names(one)) for key, one in document.get("place_kinds", {}).items()},
        {
            one["id"]: Vehicle(
                one["id"],
                one.get("kind", ""),
                one.get("number"),
                _names(one),
                VehicleAddress("corpus", one["id"]),
                one.get("home", ""),
            )
            for one in vehicles
        },
        {
            one["id"]: Place(
                one["id"],
                one.get("kind"),
                one.get("number"),
                _names(one),
                one["id"],
                charger=one.get("kind") in charging,
            )
            for one in places
        },
        {one["id"]: Group(one["id"], tuple(one["vehicles"]), _names(one)) for one in document.get("groups", ())},
        Layout({}, {}, {}),
    )


def _names(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {code: tuple(names) for code, names in table.get("names", {}).items()}


def row_of(
    said: str, reading: str, finder: EntityFinder, site: Site, family: str, writer: str, before: str = ""
) -> Row:
    """A sentence of a site as a row; ``reading``: see :func:`reading_of`; ``before``: see :func:`context_of`.

    Raises:
        LookupError: the sentence names something of the reading in no way that a line can say.
        ValueError: the reading is none.
    """
    words, context = words_of(said), context_of(before, site)
    if not context.orders and (reading in REPLIES or reading.partition(" ")[0] in HOWS):
        raise LookupError(f"nothing was said before that '{reading}' could be about")
    if reading in (Reply.YES, Reply.NO) and context.question is not Question.CONFIRM:
        raise LookupError("nothing was asked that is answered by yes or no")
    sentence = tagged(words, finder.find(words), tags_of(site), context)
    if reading in REPLIES:
        line = reading
    else:
        how, commands = reading_of(reading)
        line = line_of(commands, sentence, finder, site, how)
        meaning = meaning_of(line, sentence, finder, site)
        meant = tuple(_without_open_places(command) for command in commands)
        if meaning.commands != meant or meaning.breaks_off != (meant != tuple(commands)):
            raise LookupError(f"'{line}' does not mean it")
    test = zlib.crc32(f"{writer} {said}".encode()) % HELD_OUT == 0
    return Row(said, reading, sentence.text, line, family, writer, "test" if test else "train", before)


def _without_open_places(command: Command) -> Command:
    origin, destination = (None if place == BROKEN_OFF else place for place in (command.origin, command.destination))
    return msgspec.structs.replace(command, origin=origin, destination=destination)


def read_lines(text: str, site: Site, language: str, writer: str) -> Iterator[Row | str]:
    """The rows of a writer's file, a sentence a line: family, reading and text, with tabs between them; of a line that
    can be no row, why."""
    finder = EntityFinder(site, language)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            family, reading, said = line.split("\t")
            yield row_of(said, reading, finder, site, family, writer)
        except (LookupError, ValueError) as error:
            yield f"{writer}:{number}: {error!r}: {line}"


class Line(NamedTuple):
    """A line of a dialogue. ``who``: say, other or system; ``meant``: the reading, or what the system asked."""

    number: int
    who: str
    meant: str
    words: str = ""


class WrittenDialogue(NamedTuple):
    """``family``: what it shows."""

    family: str
    lines: tuple[Line, ...]


def dialogues_in(text: str) -> list[WrittenDialogue]:
    """The dialogues of a file. One begins with ``# family``; its lines are ``say``, reading and text, or ``other`` for
    another speaker, or ``system`` and what it asked, with tabs between them.

    Raises:
        ValueError: a line has another form.
    """
    found: list[tuple[str, list[Line]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        who, *parts = line.split("\t")
        if line.startswith("#"):
            found.append((line.removeprefix("#").strip(), []))
        elif line.strip() and (not found or len(parts) != (1 if who == "system" else 2)):
            raise ValueError(f"line {number} is not WHO, what is meant and the words, with tabs between: {line}")
        elif line.strip():
            found[-1][1].append(Line(number, who, *parts))
    return [WrittenDialogue(family, tuple(lines)) for family, lines in found if lines]


def read_dialogues(text: str, site: Site, language: str, writer: str) -> Iterator[Row | str]:
    """The rows of a writer's file of :func:`dialogues_in`; of a line that can be no row, why."""
    finder = EntityFinder(site, language)
    for dialogue in dialogues_in(text):
        speakers, last = dict[str, _Said](), _Said()
        for number, who, meant, said in dialogue.lines:
            if who == "system":
                if last.asked(meant, kind_of_place(finder.find(words_of(last.words)))):
                    continue
                yield f"{writer}:{number}: the system asks or does nothing of that name: {meant}"
                break
            last = speakers.setdefault(who, _Said())
            try:
                check_named(meant, site)
                yield row_of(said, meant, finder, site, dialogue.family, writer, last.before)
            except LookupError as error:  # its names are not found, but what is meant is known
                yield f"{writer}:{number}: {error!r}: {said}"
            except ValueError as error:
                yield f"{writer}:{number}: {error!r}: {said}"
                break  # what follows would be read after something else
            last.say(meant, said)


class _Said:
    """What one speaker has said so far, as readings."""

    def __init__(self) -> None:
        self._orders: list[str] = []
        self._question = ""
        self.words = ""
        """What was said last."""

    @property
    def before(self) -> str:
        """The last orders and the open question, as :func:`context_of` reads them."""
        question = f"{ASKED}{self._question}" if self._question else ""
        return " ".join(filter(None, (NEXT.join(self._orders[-MOST_BEFORE:]), question)))

    def asked(self, what: str, kind: str) -> bool:
        """The system asked, or did something that asks nothing; whether there is such a thing. ``kind``: that of place
        that was named."""
        first = what.partition(" ")[0]
        asks = first in frozenset(map(str, Question))
        what = f"{what} {kind}" if kind and what in (Question.WHERE, Question.ORIGIN) else what
        self._question = what if asks else self._question
        return asks or first in ("refused", "done")

    def say(self, reading: str, words: str) -> None:
        """The speaker said what has this reading."""
        self.words = words
        if reading == Action.NONE:
            return  # talk leaves a question open
        first, _, rest = reading.partition(" ")
        order = _OPEN_PLACE.sub("", rest if first in HOWS else reading)
        if self._question and self._orders and reading.startswith(Action.STATUS):
            self._orders.insert(-1, order)  # whoever asks where somebody is may still answer
            return
        asked_for_more = self._question not in ("", str(Question.CONFIRM))
        completes = asked_for_more and self._orders and self._orders[-1].split(" ")[0] == first
        if reading in (Reply.UNDO, Reply.NO) or first == How.INSTEAD or completes:
            del self._orders[-1:]
        if reading not in REPLIES:
            self._orders.append(order)
        self._question = ""


def check_named(reading: str, site: Site) -> None:
    """Raises:
    ValueError: a reading names something that its site lacks.
    """
    known = {EVERYBODY, BROKEN_OFF, *site.vehicles, *site.places}
    known |= {f"group:{one}" for one in site.groups} | {f"kind:{one}" for one in site.vehicle_kinds}
    known |= {f"at:{one}" for one in site.places}
    known |= {f"{how}:{kind}" if kind else how for how in LIVE for kind in ("", *site.vehicle_kinds)}
    commands = () if reading in REPLIES else reading_of(reading)[1]
    named = {one for c in commands for one in (*c.vehicles, c.origin, c.destination) if one}
    if strange := named - known:
        raise ValueError(f"the site has no {', '.join(sorted(strange))}")


def context_of(before: str, site: Site) -> Context:
    """What was said before, from readings: ``move f3 to dock-1 / stop f4 ? which f1,f2``; ``move f3 ? where dock``
    where the kind of place was said."""
    orders, _, question = f" {before}".partition(f" {ASKED}")
    said = tuple(
        tuple(_without_open_places(command) for command in commands_of(order))
        for order in orders.strip().split(NEXT)
        if order
    )
    asked, _, choices = question.partition(" ")
    if asked in (Question.WHERE, Question.ORIGIN):
        return Context(said, Question(asked), kind=choices)
    ids = tuple(choices.split(",")) if choices else ()
    return Context(said, Question(asked) if asked else None, ids, any(one in site.places for one in ids))


def reading_of(reading: str) -> tuple[How | None, tuple[Command, ...]]:
    """How the commands of a reading go with those before them, and the commands: ``instead move f3 to dock-2``."""
    first, _, rest = reading.partition(" ")
    return (How(first), commands_of(rest)) if first in HOWS else (None, commands_of(reading))


def commands_of(reading: str) -> tuple[Command, ...]:
    """The commands of a reading as writers put it: ``transport f3 from aisle-9 to dock-2 ; park f3``.

    Raises:
        ValueError: it is none.
    """
    found = []
    for part in reading.split(" ; "):
        action, *rest = part.split()
        who = tuple(rest[0].split(",")) if rest and rest[0] not in ("from", "to") else ()
        who = (EVERYBODY,) if who == ("all",) else who
        slots = dict(zip(rest[bool(who) :: 2], rest[bool(who) + 1 :: 2], strict=True))
        found.append(Command(Action(action), who, origin=slots.get("from"), destination=slots.get("to")))
    return tuple(found)
