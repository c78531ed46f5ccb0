"""Sentences after others: how what was said before is put before the reader, and what it may say of it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript
from banksman_edge.lab.teach import corpus
from banksman_edge.lab.teach.llama.evaluate import tagged_again
from banksman_edge.understanding import Answer, Context, How, Pipeline, Question, Reply
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.pipeline import READ_BACK
from banksman_edge.understanding.reader.lines import START, meaning_of, options
from banksman_edge.understanding.reader.tagged import Tagged, tagged
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import Site

DATA = Path(__file__).parents[2] / "data" / "understanding"
SCRIPT = """
# correction
say	move f3 to d1	Forklift three to dock one please
say	instead move f3 to d2	sorry, no, dock two
say	none	Jim, have you got the keys?
say	move f1 to d2	and one as well
other	status t4	Where is tugger four?
say	status f3,f1	where are those two now
# completion
say	transport from d1 to ?	Take the pallet from dock one over to, uh
system	where
say	transport from d1 to store	the cold store
system	confirm
say	instead transport from d1 to d4	yes but not the cold store, dock four
say	undo	ah never mind
# choice
say	move to d2	send one of the forklifts to dock two
system	which f1,f2
say	move f2 to d2	two
system	confirm
say	yes	yes do that
say	stop f9	Falcon!
say	then charge f2	and then it should charge
"""
ROWS = [
    ("V1 to P1 please", "move V1 to P1"),
    ("move V1 to P1 | sorry, no, P2", "instead move V1 to P2"),
    ("move V1 to P1 | Jim, have you got the keys?", "none"),
    ("move V1 to P1 | and one as well", 'move "one" to P1'),
    ("Where is V1?", "status V1"),
    ("move V1 to P1 / move V2 to P1 | where are those two now", "status V1,V2"),
    ("Take the pallet from P1 over to, uh", "transport any from P1 to ?"),
    ("transport from P1 ? where | the P2", "transport any from P1 to P2"),
    ("transport from P1 to P2 ? confirm | yes but not the P2, P3", "instead transport any from P1 to P3"),
    ("transport from P1 to P2 | ah never mind", "undo"),
    ("send one of the K1 to P1", "move one K1 to P1"),
    ("move to P1 ? which V1,V2 | two", "move V2 to P1"),
    ("move V1 to P1 ? confirm | yes do that", "yes"),
    "'f9'",  # Falcon is another one: the row is left out, and what follows is read all the same
    ("move V1 to P1 / stop V2 | and then it should charge", "then charge V1"),
]


@cache
def site() -> Site:
    return corpus.site_without_layout(tomllib.loads((DATA / "site.toml").read_text("utf-8")))


def sentence(text: str, context: Context) -> Tagged:
    words = words_of(text)
    return tagged(words, EntityFinder(site(), "en").find(words), context=context)


def test_a_dialogue_becomes_rows_of_the_corpus() -> None:
    rows = list(corpus.read_dialogues(SCRIPT, site(), "en", "en-d"))
    assert len(rows) == len(ROWS)
    for row, expected in zip(rows, ROWS, strict=True):
        if isinstance(row, str):
            assert str(expected) in row
        else:
            assert (row.text, row.line) == expected


def test_a_row_can_be_tagged_anew_from_its_readings() -> None:
    finder = EntityFinder(site(), "en")
    for row in corpus.read_dialogues(SCRIPT, site(), "en", "en-d"):
        if isinstance(row, corpus.Row):
            assert corpus.row_of(row.said, row.reading, finder, site(), row.family, row.writer, row.before) == row


@pytest.mark.parametrize(
    ("before", "also"),
    [
        (Context(), set()),
        (Context(((Command(Action.MOVE, ("f3",)),),)), {"instead", "then", "now", "undo"}),
        (
            Context(((Command(Action.STOP, ("f3",)),),), Question.CONFIRM),
            {"instead", "then", "now", "undo", "yes", "no"},
        ),
        (Context((), Question.WHO), set()),
    ],
)
def test_only_what_was_said_before_can_be_answered(before: Context, also: set[str]) -> None:
    now = sentence("no, dock two", before)
    assert set(options(START, now)) - set(options(START, sentence("no, dock two", Context()))) == also
    again = tagged_again(now.text)
    assert set(again.things) == set(now.things)
    assert set(options(START, again)) == set(options(START, now))


@pytest.mark.parametrize(
    ("line", "how", "reply", "breaks_off", "commands"),
    [
        ("instead move V1 to P2", How.INSTEAD, None, False, (Command(Action.MOVE, ("f3",), destination="d2"),)),
        ("then charge V1", How.THEN, None, False, (Command(Action.CHARGE, ("f3",)),)),
        ("move V1 to ?", None, None, True, (Command(Action.MOVE, ("f3",)),)),
        ("undo", None, Reply.UNDO, False, (Command(Action.NONE, ()),)),
    ],
)
def test_what_a_line_means(
    line: str, how: How | None, reply: Reply | None, breaks_off: bool, commands: tuple[Command, ...]
) -> None:
    said = sentence("no, dock two", Context(((Command(Action.MOVE, ("f3",), destination="d1"),),)))
    meaning = meaning_of(line, said, EntityFinder(site(), "en"), site())
    found = (meaning.how, meaning.reply, meaning.breaks_off, meaning.commands)
    assert found == (how, reply, breaks_off, commands)


AFTER = Context(((Command(Action.MOVE, ("f3",), destination="d1"),),), Question.CONFIRM)


class Script:
    """A reader that answers one line, and keeps what it was asked."""

    languages = frozenset({"en"})

    def __init__(self, line: str) -> None:
        self.line, self.asked = line, ""

    def answer(self, sentence: Tagged) -> Answer:
        self.asked = sentence.text
        return Answer(self.line, 0.95)


@cache
def plain() -> Pipeline:
    return Pipeline(site(), None)


@pytest.mark.parametrize(
    ("text", "line", "asked", "expected"),
    [
        ("no, dock two", "instead move V1 to P2", "move V1 to P1 ? confirm | no, P2", (How.INSTEAD, None, 0.95)),
        ("yes please", "yes", "move V1 to P1 ? confirm | yes please", (None, Reply.YES, 0.95)),
        ("never mind", "undo", "move V1 to P1 ? confirm | never mind", (None, Reply.UNDO, 0.95)),
        ("go to dock two", "move V1 to P2", "move V1 to P1 ? confirm | go to P2", (None, None, 0.95)),
    ],
)
def test_a_sentence_is_read_after_what_was_said(
    text: str, line: str, asked: str, expected: tuple[How | None, Reply | None, float]
) -> None:
    reader = Script(line)
    parse = plain().with_reader(reader).parse(Transcript(text, "en", 1.0), AFTER)
    assert (reader.asked, (parse.how, parse.reply, parse.confidence)) == (asked, expected)


def test_a_stop_asks_nobody() -> None:
    reader = Script("none")
    assert plain().with_reader(reader).parse(Transcript("stop", "en", 1.0), AFTER).commands[0].action is Action.STOP
    assert not reader.asked


def test_what_is_plain_by_itself_may_say_more_after_something_else() -> None:
    reader = Script("now move V1 to P2")
    parse = plain().with_reader(reader).parse(Transcript("forklift three go to dock two right away", "en", 1.0), AFTER)
    assert parse.how is How.NOW


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("yes, forklift two to dock four", "yes"),  # names what was not asked about
        ("no, don't go to dock two", "instead move V1 to P2"),  # denies more than the order before
    ],
)
def test_what_says_more_than_its_line_is_read_back(text: str, line: str) -> None:
    parse = plain().with_reader(Script(line)).parse(Transcript(text, "en", 1.0), AFTER)
    assert parse.confidence == READ_BACK


@pytest.mark.parametrize("text", ["forget it, dock ninety is closed", "never mind, call Dasey"])
def test_what_is_taken_back_may_name_anything(text: str) -> None:
    assert plain().with_reader(Script("undo")).parse(Transcript(text, "en", 1.0), AFTER).reply is Reply.UNDO


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("say\tmove f33 to d1\tForklift thirty-three to dock one", "the site has no f33"),
        ("say\tmove f3 to d1\tForklift three to dock one\nsystem\tconfrim", "asks or does nothing of that name"),
        ("say\tinstead move f3 to d1\tno, forklift three to dock one", "nothing was said before"),
    ],
)
def test_what_a_writer_got_wrong_is_said(script: str, problem: str) -> None:
    found = list(corpus.read_dialogues(f"# correction\n{script}", site(), "en", "en-d"))
    assert problem in str(found[-1])


def test_a_number_alone_is_of_the_kind_of_place_that_is_asked_for() -> None:
    asked = Context(((Command(Action.MOVE, ("f3",)),),), Question.WHERE, kind="dock")
    said = sentence("the two", asked)
    meaning = meaning_of('move V1 to "two"', said, EntityFinder(site(), "en"), site())
    assert meaning.commands == (Command(Action.MOVE, ("f3",), destination="d2"),)
    rows = corpus.read_dialogues(
        "# completion\nsay\tmove f3 to ?\tforklift three to the dock\nsystem\twhere\nsay\tmove f3 to d2\tthe two",
        site(),
        "en",
        "en-d",
    )
    assert [row.before for row in rows if isinstance(row, corpus.Row)] == ["", "move f3 ? where dock"]
