"""Lessons for the language model: phrases, invented sites, what is learnt from a sentence, and the network itself."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from banksman_edge.cli.teach_llama import llama
from banksman_edge.errors import TeachingError
from banksman_edge.lab.evaluation import Case
from banksman_edge.lab.teach import corpus
from banksman_edge.lab.teach.llama.compose import SHARES, Composer
from banksman_edge.lab.teach.llama.evaluate import tagged_again
from banksman_edge.lab.teach.llama.examples import (
    Example,
    invented,
    read_examples,
    write_examples,
)
from banksman_edge.lab.teach.llama.invented_sites import make_scene
from banksman_edge.lab.teach.llama.mishear import misheard, misheard_name
from banksman_edge.lab.teach.llama.own_sentences import LeftOut, corrected, with_tests
from banksman_edge.lab.teach.llama.phrases import FORMS, LANGUAGES, agreeing, chosen, in_form, phrases
from banksman_edge.lab.teach.llama.prepare import Wishes, prepare_folder
from banksman_edge.lab.teach.llama.run import run_training
from banksman_edge.lab.teach.llama.schedule import Schedule
from banksman_edge.understanding.reader.lines import END, START, options
from banksman_edge.understanding.reader.reader import TaughtReader
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_edge.understanding.text.tokens import UNSPACED
from banksman_shared.models import ModelStore
from banksman_shared.models.engine import SEPARATOR, Engine
from banksman_shared.models.taught import ADAPTER
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[2] / "data"
HOSPITAL = DATA / "commands" / "hospital"
NOTHING = {"action": "none", "vehicles": []}
MOVE = {"action": "move", "vehicles": ["st-1"]}
ORDERS = ("move", "transport", "pick", "drop", "charge", "park", "stop", "resume", "cancel")


@pytest.fixture(scope="module")
def hospital() -> Site:
    return load_site(HOSPITAL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_phrases_of_every_kind(language: str) -> None:
    said = phrases(language, test=False)
    assert set(said.vp) == set(said.do) == set(ORDERS)
    assert set(said.say) == {*ORDERS, "status", "none", "near", "plan"}
    assert {"told", "asked", "idle", "plan"} == set(said.frames)
    assert set(SHARES) <= {*said.say, *said.frames, "sequence", "pair"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_phrase_has_its_three_forms_and_nothing_unfilled(language: str) -> None:
    for test in (False, True):
        said = phrases(language, test=test)
        for pattern in (one for table in (said.vp, said.do) for some in table.values() for one in some):
            for form in FORMS:
                for whom in range(3):
                    text = agreeing(in_form(chosen(pattern, random.Random(1)), form), whom)
                    assert re.sub(r"\{[a-zA-Z]\}", "", text).strip() or language == "es"
                    assert not set("<>[]()|/") & set(text), pattern


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_as_people_put_them_name_what_their_meaning_needs(language: str) -> None:
    said = phrases(language, test=False).natural
    assert set(said) == {*ORDERS, "status", "none", "plan"}
    for kind, pattern in ((kind, pattern) for kind, some in said.items() for pattern in some):
        slots = set(re.findall(r"\{(\w+)\}", pattern))
        assert slots <= set("vVwpqclbnkK"), pattern
        assert not set(".,;:!?。、！？") & set(pattern), pattern
        if kind == "transport":
            assert "q" in slots, pattern
        elif kind in ORDERS:
            assert not {"p", "c"} <= slots, pattern
            assert not {"q", "n", "w"} & slots, pattern
            assert kind not in ("move", "pick") or {"p", "c"} & slots, pattern


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_tested_with_is_never_trained_on(language: str) -> None:
    trained, tested = phrases(language, test=False), phrases(language, test=True)
    for table in ("vp", "do", "say", "natural", "frames"):
        for key, some in getattr(tested, table).items():
            shared = set(some) & set(getattr(trained, table)[key])
            assert not shared or len(some) < 4, (table, key)
    seen = {example.text for example in invented(language, 40, 0, test=False)}
    assert not seen & {example.text for example in invented(language, 40, 0, test=True)}


def can_be_said(line: str, sentence: Tagged) -> bool:
    """Whether the reader may write a line about a sentence."""
    waiting = [(START, line)]
    while waiting:
        state, rest = waiting.pop()
        if state == END:
            if not rest:
                return True
            continue
        following = options(state, sentence).items()
        waiting += [(then, rest.removeprefix(text)) for text, then in following if rest.startswith(text)]
    return False


@pytest.mark.parametrize("language", corpus.languages())
def test_every_line_of_the_corpus_can_be_said_about_its_sentence(language: str) -> None:
    rows = corpus.rows(language)
    assert len(rows) > 600
    assert [row for row in rows[::7] if not can_be_said(row.line, tagged_again(row.text))] == []
    assert 0.04 < sum(row.split == "test" for row in rows) / len(rows) < 0.13


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_can_be_said_about_its_sentence(language: str) -> None:
    made = list(invented(language, 80, 3, test=False))
    assert len({example.text for example in made}) == 80
    for example in made:
        assert can_be_said(example.line, tagged_again(example.text)), example
    assert len({example.line.split(" ")[0] for example in made}) > 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_are_told_one_thing_each(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in SHARES:
        monkeypatch.setitem(SHARES, kind, int(kind == "pair"))
    for test in (False, True):
        for example in invented(language, 20, 4, test=test):
            first, second = (order.split(" ")[1] for order in example.line.split(" ; "))
            assert first != second, example


def test_over_a_third_of_what_is_said_asks_for_nothing() -> None:
    talk = sum(SHARES[kind] for kind in ("none", "idle", "near")) / sum(SHARES.values())
    assert 0.35 < talk < 0.4
    made = list(invented("en", 300, 6, test=False))
    assert 0.3 < sum(example.line == "none" for example in made) / len(made) < 0.45


def test_lessons_are_the_same_for_the_same_seed() -> None:
    first, again, other = (list(invented("en", 15, seed, test=False)) for seed in (1, 1, 2))
    assert first == again != other


def test_names_nobody_knows_and_names_misheard_are_quoted() -> None:
    lines = Counter('"' in example.line for example in invented("en", 150, 5, test=False))
    assert 0.05 < lines[True] / 150 < 0.4


@pytest.mark.parametrize("language", sorted(UNSPACED & set(LANGUAGES)))
def test_mishearing_without_spaces_makes_no_other_number_and_loses_no_denial(language: str) -> None:
    chance = random.Random(3)
    name, words = {"zh": ("三号叉车", "别把托盘放在"), "ja": ("三号カート", "パレットを置かないで")}[language]
    names = {misheard_name(name, language, chance) for _ in range(40)}
    assert len(names) > 10
    assert not any(set("一二四五六七八九十") & set(one) for one in names), "that would name another"
    assert {one.startswith("三号") for one in names} == {True, False}
    lost = {spoilt for _ in range(200) if len(spoilt := misheard(words, language, chance)) < len(words)}
    assert lost
    assert all("别" in one or "ない" in one for one in lost)


def test_mishearing_changes_something_now_and_then_and_never_crashes() -> None:
    chance = random.Random(4)
    for language in LANGUAGES:
        spoilt = [misheard("bring the pallet to the a", language, chance) for _ in range(40)]
        assert len(set(spoilt)) > 3
    assert {misheard_name(name, "de", chance) for name in ("x", "7", "cold store", "Größe")} - {"x", "7"}


def test_mishearing_loses_no_negation_and_no_word_that_stands_alone() -> None:
    chance = random.Random(5)
    for words, language in (("not to go", "en"), ("لا تروح", "ar"), ("अभी मत जाओ", "hi")):
        negation = {"en": "not", "ar": "لا", "hi": "मत"}[language]
        assert all(negation in misheard(words, language, chance) for _ in range(200))
    assert all(misheard("go", "en", chance) for _ in range(200))


def test_arabic_verbs_agree_with_whom_the_sentence_is_about() -> None:
    said = phrases("ar", test=False)
    scene = make_scene("ar", said, random.Random(2), test=False)
    composer = Composer(scene, said, "ar", random.Random(3))
    counted = Counter[bool]()
    for _ in range(600):
        made = composer.make()
        assert not set("<>[](){}|*^@") & set(made.text), made.text
        if "w" in made.ids and re.search(r"\b(توجه|انتقل|خذ|انقل|اذهب)(ي|وا)?\b", made.text):
            counted[bool(re.search(r"\b(توجهوا|انتقلوا|خذوا|انقلوا|اذهبوا)\b", made.text))] += 1
    assert counted[True] >= counted[False]
    assert agreeing("(روح|روحي|روحوا) (وحط|وحطي|وحطوا)", 1) == "روحي وحطي"


# An operator's own sentences


def test_an_operator_s_sentences_become_lines_in_the_language_they_name(harbour: Site) -> None:
    cases = [
        Case("1", text="stacker one, lend them a hand at gate two", language="en",
             expect={"action": "move", "vehicles": ["st-1"], "to": "gate-2"}),
        Case("2", text="gate two is a mess", language="en", expect={"action": "none", "vehicles": []}),
        Case("3", text="all shuttles away from here", language="en",
             expect={"action": "park", "vehicles": ["kind:shuttle"]}),
        Case("4", text="that thing over there to gate two", language="en",
             expect={"action": "move", "vehicles": ["st-1"], "to": "gate-2"}),
        Case("5", text="what is this", language="en"),
    ]  # fmt: skip
    found = list(corrected(cases, harbour))
    assert [one for one in found if isinstance(one, LeftOut)] == [
        LeftOut("4", "nothing in it is recognised as st-1"),
        LeftOut("5", "it has no 'expect'"),
    ]
    made = [one for one in found if isinstance(one, Example)]
    assert [(one.text, one.line) for one in made] == [
        ("V1, lend them a hand at P1", "move V1 to P1"),
        ("P1 is a mess", "none"),
        ("all K1 away from here", "park all K1"),
    ]
    assert all(one.corrected for one in made)


@pytest.mark.parametrize(
    ("text", "vehicle", "place", "line"),
    [
        ("stacker one see to the wurkchup now", "st-1", "workshop", 'move V1 to "wurkchup"'),
        ("falkun lend a hand at gate two", "st-12", "gate-2", 'move "falkun" to P1'),
    ],
)
def test_a_misheard_name_is_quoted_as_in_invented_sentences(
    harbour: Site, text: str, vehicle: str, place: str, line: str
) -> None:
    meant = {"action": "move", "vehicles": [vehicle], "to": place}
    (made,) = corrected([Case("1", text=text, language="en", expect=meant)], harbour)
    assert isinstance(made, Example), made
    assert made.line == line
    (said,) = re.findall(r'"([^"]*)"', line)
    assert said in tagged_again(made.text).quotes


def test_what_is_said_twice_is_not_both_trained_on_and_tested_with() -> None:
    once = [Example(f"V1 to P1 {number}", "move V1 to P1", "en", corrected=True) for number in range(20)]
    made = list(with_tests([*once, *reversed(once), *once]))
    tested, trained = ({one.text for one in made if one.test is test} for test in (True, False))
    assert (len(made), len(tested), tested & trained) == (60, 2, set())


def test_preparing_says_which_own_sentences_were_kept(tmp_path: Path) -> None:
    lines = [{"id": f"kept-{n}", "text": f"gate two is a mess {'so ' * n}", "expect": NOTHING} for n in range(10)]
    lines.append(lines[9])
    lines += [{"id": f"odd-{n}", "text": "over there", "language": "en", "expect": MOVE} for n in range(23)]
    own, lesson = tmp_path / "own.jsonl", tmp_path / "lesson"
    own.write_text("".join(json.dumps(line) + "\n" for line in lines))
    sizes = ["--languages", "en", "--sentences", "5", "--tests", "2", "--processes", "1"]
    done = CliRunner().invoke(
        llama, ["prepare", str(lesson), "--own", str(own), "--site", str(DATA / "harbour"), *sizes]
    )
    assert done.exit_code == 0, done.output
    assert "11 of 34 own sentences kept" in done.output
    assert "left out: odd-0: nothing in it is recognised as st-1" in done.output
    assert (done.output.count("left out: odd-"), "left out: 3 more" in done.output) == (20, True)
    examples = [one for one in read_examples(lesson) if one.corrected]
    assert [one.test for one in examples] == [False] * 9 + [True, True]


def test_own_sentences_without_their_site_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="--site"):
        prepare_folder(tmp_path, Wishes(own=(tmp_path / "x.jsonl",)), processes=1, progress=lambda *_: None)


def test_a_language_without_phrases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="no sentences in xx"):
        prepare_folder(tmp_path, Wishes(languages=("en", "xx")), processes=1, progress=lambda *_: None)


def test_a_folder_is_prepared_with_tests_apart(tmp_path: Path) -> None:
    wishes = Wishes(sentences=10, tests=4, languages=("de", "fr"))
    made = prepare_folder(tmp_path, wishes, processes=1, progress=lambda *_: None)
    examples = read_examples(tmp_path)
    of_corpus = [row for language in ("de", "fr") for row in corpus.rows(language, "test")]
    assert (made.examples, made.own, made.left_out) == (len(examples), 0, ())
    assert sum(one.test for one in examples) == 8 + len(of_corpus)
    assert {one.text for one in examples if one.test}.isdisjoint(one.text for one in examples if not one.test)


def test_a_folder_that_is_not_prepared_or_is_damaged_says_so(tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="prepare"):
        read_examples(tmp_path)
    (tmp_path / "examples.jsonl").write_text("{]\n")
    with pytest.raises(TeachingError, match="damaged"):
        read_examples(tmp_path)


# The network


@pytest.fixture(scope="module")
def base() -> Path:
    return ModelStore().path("smollm2-135m")


@pytest.mark.models
def test_torch_s_llama_with_factors_is_llama_cpp_s_with_the_adapter(base: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra teach (torch)")
    from banksman_edge.lab.teach.llama.network import TaughtNetwork, read_adapter, write_adapter  # noqa: PLC0415

    torch.manual_seed(3)
    network = TaughtNetwork(base, 4)
    for factor in network.factors.values():
        factor.data = 0.03 * torch.randn_like(factor)
    write_adapter(tmp_path / ADAPTER, network)
    engine = Engine(base, tmp_path / ADAPTER, threads=1)
    tokens = engine.tokens("could you bring V1 over to P1" + SEPARATOR)
    with torch.no_grad():
        ours = network.logits(network(torch.tensor([tokens]))[0, -1]).numpy()
    theirs = np.array(engine.evaluate(tokens))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.995
    assert int(ours.argmax()) == int(theirs.argmax())
    again = TaughtNetwork(base, 4)
    again.start_from(read_adapter(tmp_path / ADAPTER))
    assert all(np.allclose(again.adapter()[name], factor) for name, factor in network.adapter().items())
    for factor in again.factors.values():
        factor.data.add_(1.0)
    again.blend(read_adapter(tmp_path / ADAPTER), 0.25)
    assert all(np.allclose(again.adapter()[name] - 0.25, f, atol=1e-3) for name, f in network.adapter().items())
    with pytest.raises(TeachingError, match="another model or rank"):
        TaughtNetwork(base, 2).start_from(read_adapter(tmp_path / ADAPTER))


@pytest.mark.models
def test_it_learns_what_it_is_taught(base: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs the extra teach (torch)")
    examples = [Example("blue V1 elephants P1", "move V1 to P1", "en"), Example("green P1 whales", "plan", "en")]
    write_examples(tmp_path, examples)
    losses: list[float] = []
    run_training(
        tmp_path, "smollm2-135m", Schedule(steps=14, minutes=9), device="cpu", threads=2,
        progress=lambda _step, _all, loss: losses.append(float(loss.split()[1])),
    )  # fmt: skip
    assert losses[-1] < losses[0] / 2
    (tmp_path / "card.json").write_text(json.dumps({"base": "smollm2-135m", "languages": ["en"]}))
    model = TaughtReader.of(tmp_path, ModelStore().path, threads=2)
    for example in examples:
        assert model.answer(tagged_again(example.text)).line == example.line


def test_training_without_torch_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(TeachingError, match=r"pip install 'banksman\[teach\]'"):
        run_training(
            tmp_path, "smollm2-135m", Schedule(steps=1, minutes=1), device="cpu", threads=1, progress=lambda *_: None
        )
