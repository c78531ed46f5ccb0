"""Orders in Dutch, Polish, Turkish and Arabic, on two invented sites whose file has names in their base form only.

The sentences for the depot were written before any grammar; of those for the clinic, ``second`` and ``third`` were read
with it and then used to mend it, and ``heldout`` was written last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.evaluation import Evaluation, Row, read_manifest
from banksman_edge.nlu import Tier
from banksman_edge.nlu.answers import yes_or_no
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.language import language_data
from banksman_edge.policy import Policy
from banksman_shared.commands import NOTHING, STOP_ALL, Action, Command, parse_commands
from banksman_shared.numerals import number_words
from banksman_shared.site import Place, load_site

DATA = Path(__file__).parents[1] / "data" / "languages"
LANGUAGES = ("nl", "pl", "tr", "ar")
LEAST = {"": 0.97, "second": 0.97, "third": 0.97, "heldout": 0.95}
SETS = [(folder, code) for folder in LEAST for code in LANGUAGES]

Read = Callable[[str], tuple[Command, ...]]


@cache
def understanding(folder: str) -> Understanding:
    return Understanding(load_site(DATA / folder), None)


@cache
def rows(folder: str, code: str) -> tuple[Row, ...]:
    """What the grammar makes of a set, with the policy's verdicts, as ``banksman eval`` has them."""
    cases = read_manifest(DATA / folder / f"{code}.jsonl")
    evaluation = Evaluation(understanding("clinic" if folder else "depot"), None, Policy())
    return tuple(evaluation.run(cases, lambda: None))


@pytest.fixture
def read() -> Read:
    """Without a language model, at the depot: lifts 1, 2 and 3 (Falcon), tugs 5 and 6."""
    return lambda text: understanding("depot").understand(Transcript(text, "", 1.0)).commands


def one(action: str, *vehicles: str, **places: str) -> tuple[Command, ...]:
    slots = {"from" if key == "origin" else key: value for key, value in places.items()}
    return parse_commands({"action": action, "vehicles": list(vehicles), **slots})


# Many sentences


@pytest.mark.parametrize(("folder", "code"), SETS)
def test_the_sentences_are_understood_without_any_model(folder: str, code: str) -> None:
    wrong = [row.case.text for row in rows(folder, code) if not row.ok]
    assert 1 - len(wrong) / len(rows(folder, code)) >= LEAST[folder], wrong


@pytest.mark.parametrize(("folder", "code"), SETS)
def test_talk_is_neither_obeyed_nor_asked_about(folder: str, code: str) -> None:
    talk = [row for row in rows(folder, code) if parse_commands(row.case.expect) == (NOTHING,)]
    assert len(talk) >= 10
    assert [row.case.text for row in talk if row.decision is not Verdict.REJECT] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_there_are_enough_of_all_kinds(code: str) -> None:
    actions = [command.action for row in rows("", code) for command in parse_commands(row.case.expect)]
    assert (len(rows("", code)) >= 100, len(set(actions))) == (True, 12)
    assert len(rows("heldout", code)) >= 40


# Stopping and answering


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=f"{code} {text}")
        for code, texts in {
            "nl": ["Stop!", "halt", "Sta stil!", "Blijf staan", "stoppen", "Noodstop!", "Wacht!", "Nee, stop!"],
            "pl": ["Stop!", "Stój!", "Zatrzymaj się", "Stać!", "Hamuj!", "Czekaj", "Nie, stój!", "stoj"],
            "tr": ["Dur!", "Durun!", "DUR", "Hemen dur", "Stop", "Kıpırdama!", "Olduğun yerde kal", "Hayır, dur!"],
            "ar": ["قف!", "توقف", "توقّف!", "توقفوا", "وقف", "ستوب", "انتظر", "قِفْ", "لا تتحرك"],
        }.items()
        for text in texts
    ],
)  # fmt: skip
def test_a_stop_word_alone_stops_everybody(text: str) -> None:
    found = understanding("depot").understand(Transcript(text, "", 1.0))
    assert (found.commands, found.tier) == ((STOP_ALL,), Tier.STOP)


@pytest.mark.parametrize(
    ("text", "vehicles"),
    [
        ("Stop heftruck drie", ["lift-3"]),
        ("Valk, blijf staan", ["lift-3"]),
        ("Zatrzymaj ciągnik piąty", ["tug-5"]),
        ("Niech Sokół się zatrzyma", ["lift-3"]),
        ("Forklift ikiyi durdur", ["lift-2"]),
        ("Çekiciler dursun, bütün çekiciler", ["kind:tug"]),
        ("Şahin'i durdurun", ["lift-3"]),
        ("أوقف الرافعة الثانية", ["lift-2"]),
        ("والقاطرة خمسة توقفي", ["tug-5"]),
    ],
)
def test_those_who_are_named_are_stopped(read: Read, text: str, vehicles: list[str]) -> None:
    assert read(text) == one("stop", *vehicles)


@pytest.mark.parametrize("text", ["stop blurg", "blarg dur", "stój fnord", "قف زقزق"])
def test_a_stop_beside_words_not_understood_stops_everybody(read: Read, text: str) -> None:
    assert read(text) == (STOP_ALL,)


@pytest.mark.parametrize(
    "text",
    [
        "niet stoppen",
        "heftruck twee, rij niet naar dok één",
        "nie zatrzymuj się",
        "nie stój",
        "durma",
        "durmayın",
        "forklift iki, rampa bire gitme",
        "forklift iki rampa bire gitmesin",
        "لا تتوقف",
        "لا تقف",
        "لا ترسل الرافعة اثنين إلى الورشة",
        "الرافعة 3 ما تروح للرصيف 2",
        "بلاش الرافعة 3 تروح للرصيف 2",
        "ما تكمل الرافعة 3",
        "ما تنقل البضاعة إلى الرصيف 2",
        "ما تلغي",
        "الرافعة 3 لم تذهب إلى الرصيف 2",
    ],
)
def test_what_is_forbidden_is_not_done(read: Read, text: str) -> None:
    assert read(text) == (NOTHING,)


@pytest.mark.parametrize(
    ("code", "yes", "no"),
    [
        ("nl", ["Ja", "ja graag", "doe maar", "klopt"], ["Nee", "nee, laat maar", "toch niet"]),
        ("pl", ["Tak", "zgadza się", "potwierdzam", "tak, proszę"], ["Nie", "nie trzeba", "jednak nie"]),
        ("tr", ["Evet", "tamam", "onaylıyorum", "EVET"], ["Hayır", "vazgeç", "olmaz", "gerek yok"]),
        ("ar", ["نعم", "صحيح", "أيوه", "موافق"], ["لا", "كلا", "لا شكرا", "غلط"]),
    ],
)
def test_yes_and_no(code: str, yes: list[str], no: list[str]) -> None:
    assert [yes_or_no(text, [code]) for text in yes] == [True] * len(yes)
    assert [yes_or_no(text, [code]) for text in no] == [False] * len(no)


# Names and numbers in their forms


@pytest.mark.parametrize(
    "text",
    [
        "heftruck drie naar dok twee",
        "de derde heftruck naar het tweede dok",
        "3e heftruck naar dok 2",
        "wózek trzeci na drugą rampę",
        "wyślij trzeci wózek do rampy nr 2",
        "wyślij wózek 3-ci do rampy 2-giej",
        "wózku trzy, jedź na rampę numer dwa",
        "skieruj wózek widłowy trzeci ku rampie drugiej",
        "3. wózek na 2. rampę",
        "wozek trzy, jedz do rampy drugiej",
        "forklift üç rampa ikiye gitsin",
        "3 numaralı forklifti 2 numaralı rampaya gönder",
        "forklift 3'ü rampa 2'ye gönder",
        "forklift 3’ü rampa 2’ye gönder",
        "3. forklift 2. rampaya",
        "üçüncü forklifti ikinci rampaya yollayın",
        "Şahin'i rampa ikiye gönderin",
        "FORKLİFT ÜÇ RAMPA İKİYE GİTSİN",
        "الرافعة ثلاثة إلى الرصيف اثنين",
        "الرافعة ٣ إلى الرصيف ٢",
        "رافعة رقم 3 للرصيف رقم 2",
        "أَرْسِلِ الرّافِعَةَ الثّالِثَةَ إِلَى الرَّصِيفِ الثّانِي",
        "ارسل الرافعه الثالثه الى الرصيف الثاني",
        "وأرسل الرافعة الشوكية ثلاثة للرصيف الثاني",
        "يا رافعة ثلاث روحي عالرصيف اثنين",
    ],
)
def test_names_are_found_in_all_their_forms(read: Read, text: str) -> None:
    assert read(text) == one("move", "lift-3", to="dock-2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("çekici 5, rampa 1'den yükü al, koridor 4'e götür", one("transport", "tug-5", origin="dock-1", to="aisle-4")),
        ("çekici 5 koridor 4'teki paleti rampa 1'e taşısın", one("transport", "tug-5", origin="aisle-4", to="dock-1")),
        ("rampa birden koridor dörde bir palet taşı", one("transport", origin="dock-1", to="aisle-4")),
        ("koridor dörde rampa birden bir palet taşı", one("transport", origin="dock-1", to="aisle-4")),
    ],
)
def test_turkish_endings_say_from_where_and_where_to(read: Read, text: str, expected: tuple[Command, ...]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("laad de pallet bij dok drie af, trekker vijf", one("drop", "tug-5", to="dock-3")),
        ("trekker vijf, laad bij dok drie de pallet op", one("pick", "tug-5", to="dock-3")),
        ("laad trekker vijf even op", one("charge", "tug-5")),
        ("zet de doos op dok drie neer, trekker vijf", one("drop", "tug-5", to="dock-3")),
        ("neem de doos op dok drie mee naar gangpad vier", one("transport", origin="dock-3", to="aisle-4")),
        ("podłącz ciągnik piąty do ładowarki", one("charge", "tug-5")),
        ("chcę, żeby ciągnik piąty jak najszybciej pojechał do warsztatu", one("move", "tug-5", to="workshop")),
    ],
)
def test_verbs_in_two_parts(read: Read, text: str, expected: tuple[Command, ...]) -> None:
    assert read(text) == expected


def test_a_verb_in_two_parts_that_lacks_the_second_is_another(read: Read) -> None:
    assert read("laad de pallet bij dok drie, trekker vijf") == one("pick", "tug-5", to="dock-3")


TO_DOCK = {"nl": "rij naar dok {}", "pl": "jedź do rampy {}", "tr": "rampa {} git", "ar": "اذهب إلى الرصيف {}"}
INFLECTED = {
    "nl": {"naar het vierendertigste dok": 34, "naar dok 34e": 34},
    "pl": {"do rampy dwudziestej pierwszej": 21, "na setną rampę": 100, "ku dziewięćdziesiątej dziewiątej rampie": 99},
    "tr": {"rampa otuz dörde": 34, "otuz dördüncü rampaya": 34, "rampa 100'e": 100, "rampa doksan dokuza": 99},
    "ar": {"إلى الرصيف الحادي والعشرين": 21, "للرصيف أربعة وثلاثين": 34, "إلى الرصيف الثاني عشر": 12},
}


@cache
def many_docks(code: str) -> Grammar:
    """The depot with docks 0 to 100."""
    depot = load_site(DATA / "depot")
    dock = depot.places["dock-1"]
    docks: dict[str, Place] = {f"dock-{n}": replace(dock, id=f"dock-{n}", number=n) for n in range(101)}
    return Grammar(replace(depot, places={**depot.places, **docks}, languages=(code,)), code)


def destination(code: str, text: str) -> str | None:
    return next((command.destination for command in many_docks(code).read(text).commands), None)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_number_to_a_hundred_is_read_in_digits_words_and_rank(code: str) -> None:
    ordinals = language_data(code).extra_ordinals
    for value in range(101):
        ranked = [*number_words(code, value, ordinal=True), *(w for w, rank in ordinals.items() if rank == value)]
        assert ranked or value == 0
        for spoken in (str(value), *number_words(code, value), *ranked):
            assert destination(code, TO_DOCK[code].format(spoken)) == f"dock-{value}", spoken


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_are_read_with_their_endings(code: str) -> None:
    verb = {"nl": "rij", "pl": "jedź", "tr": "git", "ar": "اذهب"}[code]
    found = {text: destination(code, f"{verb} {text}") for text in INFLECTED[code]}
    assert found == {text: f"dock-{number}" for text, number in INFLECTED[code].items()}


def test_arabic_digits_are_digits() -> None:
    assert destination("ar", TO_DOCK["ar"].format("٣٤")) == "dock-34"


# A site's own phrases


def with_phrases(code: str, **phrases: tuple[str, ...]) -> Understanding:
    depot = load_site(DATA / "depot")
    return Understanding(replace(depot, languages=(code,), phrases={code: phrases}), None)


@pytest.mark.parametrize(
    ("code", "phrase", "text"),
    [
        ("nl", "ga bunkeren", "Heftruck twee, ga bunkeren"),
        ("nl", "gooi … vol", "Gooi heftruck twee even vol"),
        ("pl", "idź na prądowanie", "Wózek dwa, idź na prądowanie"),
        ("tr", "depoyu fulle", "Forklift iki depoyu fullesin"),
        ("ar", "عبّي", "الرافعة اثنين، عبّي"),
    ],
)
def test_a_site_may_have_phrases_of_its_own(code: str, phrase: str, text: str) -> None:
    assert with_phrases(code).understand(Transcript(text, "", 1.0)).commands == (NOTHING,)
    found = with_phrases(code, charge=(phrase,)).understand(Transcript(text, "", 1.0))
    assert found.commands == one("charge", "lift-2")


def test_a_stop_word_of_the_site_stops_beside_strange_words() -> None:
    strange = Transcript("bevroren blurg", "", 1.0)
    assert with_phrases("nl").understand(strange).commands == (NOTHING,)
    assert with_phrases("nl", stop=("bevroren",)).understand(strange).commands == (STOP_ALL,)


# Nothing crashes


WORDS = sorted({word for code in LANGUAGES for phrase in language_data(code).phrases for word in phrase})
NAMES = [
    "heftruck",
    "wózku",
    "forkliftten",
    "الرافعات",
    "rampa",
    "2'ye",
    "9.",
    "٣",
    "dok",
    "للرصيف",
    "وال",
    "ال",
    "'",
    "…",
]


@pytest.mark.parametrize(
    ("text", "charger"), [("الرافعة 2 اشحن بالشاحن 2", "charger-2"), ("وصل الرافعة اثنين بالشاحن", None)]
)
def test_a_name_written_together_with_the_word_before_it_is_found_in_a_phrase_too(
    text: str, charger: str | None
) -> None:
    brewery = Understanding(load_site(DATA.parent / "eval" / "brewery"), None)
    (command,) = brewery.understand(Transcript(text, "ar", 1.0)).commands
    assert command == Command(Action.CHARGE, ("forklift-2",), destination=charger)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(NAMES), st.text(max_size=6)), max_size=12))
def test_whatever_is_said_gives_an_interpretation(words: list[str]) -> None:
    found = understanding("depot").understand(Transcript(" ".join(words), "", 1.0))
    assert found.commands
    places = {place for command in found.commands for place in (command.origin, command.destination) if place}
    assert places <= set(load_site(DATA / "depot").places)
