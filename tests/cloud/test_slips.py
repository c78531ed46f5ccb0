"""What a small model mixes up is set right where the words leave no doubt."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import avoid, goals_of, send, transport, yard_document

from banksman_cloud.providers.heard import with_percents, with_types
from banksman_cloud.providers.slips import without_slips
from banksman_cloud.reading.figure_finder import figures
from banksman_shared.plans import AvoidGoal, NamedThing, SendGoal, TransportGoal
from banksman_shared.site import parse_site

NEXT = {
    "en": "nobody into the gate for the next ten minutes",
    "de": "die nächsten zehn Minuten niemand durchs Tor",
    "es": "nadie por la puerta en los próximos diez minutos",
    "fr": "personne à la porte pendant les dix prochaines minutes",
    "it": "nessuno al cancello nei prossimi dieci minuti",
    "pt": "ninguém pelo portão nos próximos dez minutos",
    "nl": "laat de poort de komende tien minuten vrij",
    "pl": "przez najbliższe dziesięć minut nikt do bramy",
    "tr": "önümüzdeki on dakika kimse kapıya girmesin",
    "ar": "لا أحد عند البوابة في الدقائق العشر القادمة",
    "hi": "अगले दस मिनट तक कोई गेट पर न जाए",
    "ja": "今後10分間は誰もゲートに入らないで",
    "zh": "接下来十分钟谁都不要进大门",
    "sv": "ingen in i porten de närmaste tio minuterna",
}


def shut(words: str, language: str, **times: float | str) -> AvoidGoal:
    goals = goals_of(avoid("gate", words=words, **times))
    goal = without_slips(parse_site(yard_document()), goals, (), language).goals[0]
    assert isinstance(goal, AvoidGoal)
    return goal


@pytest.mark.parametrize("language", NEXT)
def test_for_the_next_minutes_is_until_then_and_not_from_then_on(language: str) -> None:
    goal = shut(NEXT[language], language, from_s=600)
    assert (goal.from_s, goal.until_s) == (None, 600)


@pytest.mark.parametrize(
    ("words", "language", "times"),
    [
        ("in ten minutes nobody into the gate", "en", {"from_s": 600}),
        ("after ten minutes, for the next five, nobody into the gate", "en", {"from_s": 600, "until_s": 900}),
        ("seuraavat kymmenen minuuttia ei kukaan portille", "fi", {"from_s": 600}),  # nobody knows its words
    ],
)
def test_other_times_stay_as_they_were_written(words: str, language: str, times: dict[str, float]) -> None:
    goal = shut(words, language, **times)
    assert (goal.from_s, goal.until_s) == (times["from_s"], times.get("until_s"))


THEN = {
    "en": "and then one from dock one to the gate",
    "de": "danach eine von Rampe eins zum Tor",
    "es": "y solo entonces uno del muelle uno a la puerta",
    "fr": "puis une du quai un à la porte",
    "it": "poi uno dalla banchina uno al cancello",
    "pt": "e só então um da doca um ao portão",
    "nl": "daarna een van dok een naar de poort",
    "pl": "a potem jedna z rampy jeden do bramy",
    "sv": "och sedan en från kaj ett till porten",
    "tr": "sonra rampa birden kapıya bir tane",
    "ar": "ثم واحدة من الرصيف إلى البوابة",
    "hi": "उसके बाद डॉक एक से गेट एक",
    "ja": "それからドック1からゲートへ1つ",
    "zh": "然后从1号码头到大门一个",
}


@pytest.mark.parametrize("language", THEN)
def test_what_is_said_with_then_comes_after_the_goal_before(language: str) -> None:
    first, second = transport(1, "dock-1", "aisle-1", words="x"), transport(1, "dock-1", "gate", words=THEN[language])
    goals = goals_of(first, avoid("bay-1", words="y"), second)
    made = without_slips(parse_site(yard_document()), goals, (), language).goals
    assert [getattr(goal, "after", ()) for goal in made] == [(), (), (0,)]


@pytest.mark.parametrize("words", ["thence one from dock one to the gate", "one from dock one to the gate, then"])
def test_other_words_put_nothing_in_order(words: str) -> None:
    goals = goals_of(send("move", ["agv-1"], "bay-1"), transport(1, "dock-1", "gate", words=words))
    assert without_slips(parse_site(yard_document()), goals, (), "en").goals == goals.goals


@pytest.mark.parametrize(
    ("language", "words", "written", "meant"),
    [
        ("it", "Il trattore 1 resta fermo sotto carica.", {"action": "park"}, ("charge", "only")),
        ("es", "déjalos enchufados.", {"action": "park"}, ("charge", "only")),
        ("en", "keep two forklifts charging", {"action": "charge"}, ("charge", "only")),
        ("en", "two forklifts charge", {"action": "charge"}, ("charge", "last")),
        ("en", "keep it charging until it has enough", {"action": "charge", "when": "first"}, ("charge", "first")),
        ("pt", "Dois robôs esperam na alfândega.", {"action": "park", "destinations": ["gate"]}, ("move", "last")),
        ("en", "agv 1 goes home", {"action": "park"}, ("park", "last")),
        ("en", "agv 1 parks at the gate", {"action": "park", "destinations": ["gate"]}, ("park", "last")),
        ("fi", "agv 1 latautuu", {"action": "park"}, ("park", "last")),
    ],
)
def test_what_somebody_is_sent_to_do_is_what_the_words_say(
    language: str, words: str, written: dict[str, Any], meant: tuple[str, str]
) -> None:
    goals = goals_of(send("move", ["agv-1"], words=words) | written)
    (goal,) = without_slips(parse_site(yard_document()), goals, (), language).goals
    assert isinstance(goal, SendGoal)
    assert (goal.action, goal.when) == meant


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("charge agv 1 to seventy percent first", 70.0),
        ("charge agv 1 first and keep twenty percent in the others", None),
    ],
)
def test_to_how_much_is_charged_is_read_where_the_charging_says_it(text: str, until: float | None) -> None:
    words = text.partition(" and ")[0]
    read = figures(text, "en", (NamedThing(words="agv 1", ids=("agv-1",)),), ("agv-1",), None)
    assert read is not None
    (goal,) = with_percents(goals_of(send("charge", ["agv-1"], words=words)), read).goals
    assert isinstance(goal, SendGoal)
    assert (goal.until, goal.when) == ((until, "first") if until else (None, "last"))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("two loads of sand from dock one to the gate", "sand"),
        ("two loads from the sand dock to the gate", None),
        ("two loads of sand and coke from dock one to the gate", None),
        ("two sandbags from dock one to the gate", None),
    ],
)
def test_a_load_is_of_the_type_that_its_words_say(words: str, meant: str | None) -> None:
    goals = goals_of(transport(2, "dock-1", "gate", words=words))
    names = (NamedThing(words="sand dock", ids=("dock-1",)), NamedThing(words="dock one", ids=("dock-1",)))
    (goal,) = with_types(goals, ("coke", "sand"), names).goals
    assert isinstance(goal, TransportGoal)
    assert goal.load_type == meant
