"""The numbers of a request, read by code in the languages of the replies."""

from __future__ import annotations

import pytest
from request_set import all_requests

from banksman_cloud.bench.cases import Case
from banksman_cloud.phrases import languages
from banksman_cloud.reading.figure_finder import Figures, figures
from banksman_cloud.reading.numerals import tables
from banksman_shared.plans import NamedThing

NOW = "2026-11-27T13:10:00"
SAID = [
    ("en", "eight boxes", {("count", 8)}),
    ("en", "one hundred and twenty boxes", {("count", 120)}),
    ("en", "a hundred and five boxes", {("count", 105)}),
    ("en", "a dozen boxes within half an hour", {("count", 12), ("seconds", 1800)}),
    ("en", "by a quarter past three, and twenty percent", {("time", "15:15"), ("percent", 20)}),
    ("en", "nobody from half past two until 4 pm", {("time", "14:30"), ("time", "16:00")}),
    ("de", "hundertzwanzig Kisten", {("count", 120)}),
    ("sv", "hundratjugo lådor", {("count", 120)}),
    ("hi", "सौ बक्से", {("count", 100)}),
    ("ar", "مئة وعشرين صندوقا", {("count", 120)}),
    ("ar", "خمسة وعشرين صندوقا", {("count", 25)}),
    ("ar", "خمس وعشرون علبة", {("count", 25)}),
    ("ar", "اثنين وثلاثين صندوقا", {("count", 32)}),
    ("de", "einundzwanzig Kisten in einer Viertelstunde", {("count", 21), ("seconds", 900)}),
    ("de", "bis halb vier, nicht unter 15 %", {("time", "15:30"), ("percent", 15)}),
    ("de", "zwischen fünf vor drei und Viertel nach drei", {("time", "14:55"), ("time", "15:15")}),
    ("es", "ocho cajas en menos de veinte minutos", {("count", 8), ("seconds", 1200)}),
    ("es", "antes de las cinco y media, al quince por ciento", {("time", "17:30"), ("percent", 15)}),
    ("fr", "quatre-vingts colis en un quart d'heure", {("count", 80), ("seconds", 900)}),
    ("fr", "avant trois heures moins le quart, vingt pour cent", {("time", "14:45"), ("percent", 20)}),
    ("it", "otto casse entro mezz'ora", {("count", 8), ("seconds", 1800)}),
    ("it", "entro le tre e un quarto, il dieci per cento", {("time", "15:15"), ("percent", 10)}),
    ("pt", "sete caixas em cinco minutos", {("count", 7), ("seconds", 300)}),
    ("pt", "até às seis e meia, oitenta por cento", {("time", "18:30"), ("percent", 80)}),
    ("nl", "acht dozen binnen een kwartier", {("count", 8), ("seconds", 900)}),
    ("nl", "voor half vier, boven twintig procent", {("time", "15:30"), ("percent", 20)}),
    ("pl", "osiem skrzyń w ciągu pół godziny", {("count", 8), ("seconds", 1800)}),
    ("pl", "do wpół do czwartej, dwadzieścia procent", {("time", "15:30"), ("percent", 20)}),
    ("tr", "sekiz kasa on dakika içinde", {("count", 8), ("seconds", 600)}),
    ("tr", "üç buçuğa kadar yüzde yirmi", {("time", "15:30"), ("percent", 20)}),
    ("sv", "åtta lådor inom en kvart", {("count", 8), ("seconds", 900)}),
    ("sv", "före halv fyra, tjugo procent", {("time", "15:30"), ("percent", 20)}),
    ("ar", "ثمانية صناديق خلال عشر دقائق", {("count", 8), ("seconds", 600)}),
    ("ar", "قبل الساعة الثالثة والنصف", {("time", "15:30")}),
    ("hi", "आठ क्रेट बीस मिनट में", {("count", 8), ("seconds", 1200)}),
    ("hi", "साढ़े तीन बजे तक बीस प्रतिशत", {("time", "15:30"), ("percent", 20)}),
    ("ja", "箱を8つ、20分以内に", {("count", 8), ("seconds", 1200)}),
    ("ja", "三時半までに二十パーセント", {("time", "15:30"), ("percent", 20)}),
    ("zh", "八箱货，二十分钟之内", {("count", 8), ("seconds", 1200)}),
    ("zh", "三点半之前，百分之二十", {("time", "15:30"), ("percent", 20)}),
]


def read(text: str, language: str, *names: str, now: str | None = NOW) -> Figures:
    mentions = tuple(NamedThing(words=name, ids=("x",)) for name in names)
    found = figures(text, language, mentions, (), now)
    assert found is not None
    return found


def readings(found: Figures) -> set[tuple[str, int | str]]:
    return {reading for figure in found.found for reading in figure.readings}


def test_a_name_within_another_leaves_no_number_of_it() -> None:
    found = read("four from hall 10 6 to hall 1 0", "en", "hall 1 0", "hall 10 6")
    assert readings(found) == {("count", 4)}


@pytest.mark.parametrize(("language", "text", "said"), SAID)
def test_numbers_spans_times_and_per_cents_are_read(language: str, text: str, said: set[tuple[str, int | str]]) -> None:
    found = readings(read(text, language))
    assert said <= found
    assert {reading for reading in found - said if reading[0] != "count" and reading[0] != "time"} == set()


def test_all_languages_of_the_replies_are_known_and_no_other() -> None:
    assert tables().keys() == languages() == {language for language, _, _ in SAID}
    assert figures("x", "xx") is None


VAGUE = [
    ("en", "a few pallets"), ("de", "ein paar Paletten"), ("es", "algunos palés"), ("fr", "quelques palettes"),
    ("it", "qualche pallet"), ("pt", "umas caixas"), ("nl", "enkele dozen"), ("pl", "kilka skrzyń"),
    ("tr", "birkaç kasa"), ("sv", "några lådor"), ("ar", "بعض الصناديق"), ("hi", "कुछ क्रेट"), ("ja", "いくつか箱"),
    ("zh", "几托货"), ("nl", "wat dozen"), ("ja", "数枚のパレット"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), VAGUE)
def test_an_amount_that_nobody_could_know_is_told_apart(language: str, text: str) -> None:
    (figure,) = read(text, language).found
    assert figure.readings == frozenset()


def test_a_word_for_some_that_asks_for_all_of_what_is_there_is_none() -> None:
    assert not read("breng wat er op dok 1 staat weg", "nl", "dok 1").found


def test_of_names_no_number_is_read_but_the_same_number_elsewhere_is() -> None:
    found = read(
        "with carts one and four, four boxes from dock 2 to dock 3", "en", "carts one", "four", "dock 2", "dock 3"
    )
    assert readings(found) == {("count", 4)}


def test_a_time_of_day_is_the_next_one_and_either_where_nobody_tells_what_time_it_is() -> None:
    assert readings(read("by three", "en", now="2026-11-27T13:10:00")) >= {("time", "15:00")}
    assert readings(read("by three", "en", now="2026-11-27T22:10:00")) >= {("time", "03:00")}
    assert readings(read("by three", "en", now=None)) >= {("time", "03:00"), ("time", "15:00")}


@pytest.mark.parametrize(
    ("language", "limit", "none"),
    [
        ("en", "before the ten past nine truck", "not before ten past nine"),
        ("de", "bis spätestens um drei Uhr", "nicht vor drei Uhr"),
        ("es", "antes de las cinco", "no antes de las cinco"),
        ("fr", "avant trois heures", "pas avant trois heures"),
        ("it", "entro le nove", "non prima delle nove"),
        ("hi", "बीस मिनट के अंदर", "बीस मिनट बाद"),
        ("zh", "二十分钟之内", "二十分钟后"),
    ],
)
def test_what_makes_a_limit_of_a_time_is_seen(language: str, limit: str, none: str) -> None:
    assert [figure.limit for figure in read(limit, language).found] == [True]
    assert not any(figure.limit for figure in read(none, language).found)


@pytest.mark.parametrize("case", all_requests().cases, ids=lambda case: case.id)
def test_what_a_perfect_model_says_of_a_request_stands_in_it(case: Case) -> None:
    """But for "charged to fifty", and "until a quarter to", of which hour nobody could read."""
    scene = all_requests().scene(case)
    found = figures(case.request, case.language, all_requests().names[case.id], scene.site.vehicles, scene.now)
    assert found is not None
    for goal in case.goals.goals:
        for name, kind in (("count", "count"), ("within_s", "seconds"), ("until_s", "seconds"), ("by", "time")):
            value = getattr(goal, name, None)
            said = value in (None, 1) or (kind, value) in readings(found)
            assert said, f"{name} = {value} is not in {case.request}"
