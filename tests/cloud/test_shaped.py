"""A small model's answer takes the shape of what was said: several wishes made of one, one of several, and what it
wrote without a word of the request that speaks for it."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import avoid, goals_of, prefer, reserve, send, transport

from banksman_cloud import GoalPrompt
from banksman_cloud.providers.heard import evident, left_out
from banksman_cloud.reading.cue_words import cues, spoken_fields
from banksman_shared.plans import Goals, NamedThing
from banksman_shared.site import Site

NAMES = (
    NamedThing(words="agv 1", ids=("agv-1",)),
    NamedThing(words="agv 2", ids=("agv-2",)),
    NamedThing(words="dock one", ids=("dock-1",)),
    NamedThing(words="bay 1", ids=("bay-1",)),
    NamedThing(words="bay 2", ids=("bay-2",)),
    NamedThing(words="gate", ids=("gate",)),
    NamedThing(words="forklifts", ids=("agv-1", "agv-2", "agv-3")),
)
QUARTER = {
    "en": "agv 1 takes two from dock one to bay 1, and no battery below 25 %",
    "de": "agv 1 bringt zwei von dock one nach bay 1, und kein Akku unter 25 Prozent",
    "es": "agv 1 lleva dos de dock one a bay 1, sin bajar del 25 por ciento",
    "fr": "agv 1 porte deux de dock one à bay 1, sans descendre sous 25 pour cent",
    "it": "agv 1 porta due da dock one a bay 1, senza scendere sotto il 25 per cento",
    "pt": "agv 1 leva dois de dock one para bay 1, sem descer abaixo de 25 por cento",
    "nl": "agv 1 brengt er twee van dock one naar bay 1, en geen accu onder 25 procent",
    "pl": "agv 1 wiezie dwie z dock one do bay 1, żadna bateria poniżej 25 procent",
    "tr": "agv 1 dock one yerinden bay 1 yerine iki tane götürsün, hiçbir batarya yüzde 25 altına düşmesin",
    "sv": "agv 1 tar två från dock one till bay 1, och inget batteri under 25 procent",
    "ar": "agv 1 ينقل اثنين من dock one إلى bay 1، ولا بطارية تحت 25 بالمئة",
    "hi": "agv 1 dock one से bay 1 तक दो ले जाए, कोई बैटरी 25 प्रतिशत से नीचे न जाए",
    "ja": "agv 1 は dock one から bay 1 へ2つ、バッテリーは25パーセントを下回らないで",
    "zh": "agv 1 从 dock one 送两个到 bay 1，电池不低于百分之25",
}


LATER = {
    "en": "two from dock one to bay 1, not before half past four",
    "de": "zwei von dock one nach bay 1, aber erst ab halb fünf",
    "es": "dos de dock one a bay 1, no antes de las cuatro y media",
    "fr": "deux de dock one à bay 1, pas avant quatre heures et demie",
    "it": "due da dock one a bay 1, non prima delle quattro e mezza",
    "pt": "dois de dock one para bay 1, a começar só às quatro e meia",
    "nl": "twee van dock one naar bay 1, niet voor half vijf",
    "pl": "dwie z dock one do bay 1, nie wcześniej niż o wpół do piątej",
    "tr": "dock one yerinden bay 1 yerine iki tane, en erken dört buçukta",
    "sv": "två från dock one till bay 1, tidigast halv fem",
    "ar": "اثنان من dock one إلى bay 1 ابتداء من الساعة الرابعة والنصف",
    "hi": "dock one से bay 1 तक दो, साढ़े चार बजे के बाद ही",
    "ja": "dock one から bay 1 へ2つ、4時半以降に",
    "zh": "从 dock one 送两个到 bay 1，四点半以后",
}


def heard(site: Site, request: str, *goals: dict[str, Any], language: str = "en") -> tuple[Goals, tuple[str, ...]]:
    asked = GoalPrompt(request, language, site, None, NAMES, (), "2026-11-27T13:10:00")
    kept = evident(asked, goals_of(*goals))
    return kept, left_out(asked, kept)


def plain(goals: Goals) -> list[dict[str, Any]]:
    return [{k: v for k, v in g.model_dump(exclude_defaults=True).items() if k != "words"} for g in goals.goals]


@pytest.mark.parametrize("language", QUARTER)
def test_a_charge_that_batteries_keep_is_a_goal_though_the_model_wrote_none(yard: Site, language: str) -> None:
    goals, lost = heard(
        yard, QUARTER[language], transport(2, "dock-1", "bay-1", words=QUARTER[language]), language=language
    )
    assert [(g.percent, g.vehicles) for g in goals.goals if g.kind == "reserve"] == [(25.0, ())]
    assert lost == ()


def test_a_reserve_that_nobody_said_is_none(yard: Site) -> None:
    goals, _ = heard(yard, "two from dock one to bay 1", transport(2, "dock-1", "bay-1"), reserve(20))
    assert [g.kind for g in goals.goals] == ["transport"]


def test_who_stays_plugged_in_charges_instead_of_keeping_a_reserve(yard: Site) -> None:
    said = "agv 1 stays plugged in"
    goals, _ = heard(yard, said, reserve(1, words=said))
    assert [(g.action, g.vehicles, g.when) for g in goals.goals if g.kind == "send"] == [("charge", ("agv-1",), "only")]


def test_a_per_cent_behind_what_is_charged_is_how_far(yard: Site) -> None:
    request = "charge agv 1 to 80 percent, then go on"
    goals, _ = heard(yard, request, send("charge", ["agv-1"], words="charge agv 1"))
    assert [(g.until, g.when) for g in goals.goals if g.kind == "send"] == [(80.0, "first")]


@pytest.mark.parametrize(("said", "until"), [("agv 1 gets charged to fifty", 50.0), ("charge agv 1 in bay 1", None)])
def test_a_bare_number_of_charging_is_a_per_cent(yard: Site, said: str, until: float | None) -> None:
    goals, _ = heard(yard, said, send("charge", ["agv-1"], words=said))
    assert [g.until for g in goals.goals if g.kind == "send"] == [until]


def test_the_next_minutes_are_a_limit_of_what_is_closed(yard: Site) -> None:
    said = "in the next ten minutes nobody goes through the gate"
    goals, lost = heard(yard, said, avoid("gate", words=said))
    assert plain(goals) == [{"places": ("gate",), "until_s": 600.0}]
    assert lost == ()


@pytest.mark.parametrize("wrong", [{}, {"until_time": "16:15"}, {"from_time": "16:15", "until_time": "16:15"}])
def test_two_times_of_what_is_closed_are_from_when_until_when(yard: Site, wrong: dict[str, str]) -> None:
    said = "the gate is closed from half past three to a quarter past four"
    goals, lost = heard(yard, said, avoid("gate", words=said, **wrong))
    assert plain(goals) == [{"places": ("gate",), "from_time": "15:30", "until_time": "16:15"}]
    assert lost == ()


@pytest.mark.parametrize("language", LATER)
def test_from_when_is_not_by_when(yard: Site, language: str) -> None:
    said = LATER[language]
    goals, lost = heard(yard, said, transport(2, "dock-1", "bay-1", words=said), language=language)
    assert [(g.not_before, g.by) for g in goals.goals if g.kind == "transport"] == [("16:30", None)]
    assert lost == ()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("two from dock one to bay 1 before three", {"by": "15:00"}),
        ("two from dock one to bay 1, not before three", {"not_before": "15:00"}),
    ],
)
def test_one_time_is_not_both_ends(yard: Site, said: str, kept: dict[str, str]) -> None:
    goals, _ = heard(yard, said, transport(2, "dock-1", "bay-1", words=said, by="15:00", not_before="15:00"))
    times = {k: v for k, v in plain(goals)[0].items() if k in ("by", "not_before")}
    assert times == kept


def test_nothing_is_closed_without_a_word_that_closes(yard: Site) -> None:
    said = "two from dock one to bay 1, the gate"
    goals, _ = heard(yard, said, transport(2, "dock-1", "bay-1", words=said), avoid("gate", words="the gate"))
    assert [g.kind for g in goals.goals] == ["transport"]
    assert goals.unsupported == ()  # so that the gate is missed, and asked about
    free, _ = heard(yard, "leave the gate free", avoid("gate", words="leave the gate free"))
    assert [g.kind for g in free.goals] == ["avoid"]


def test_each_of_several_places_gets_so_much(yard: Site) -> None:
    said = "one from dock one to each of bay 1, bay 2"
    one = transport(1, "dock-1", "bay-1", words=said) | {"destinations": ["bay-1", "bay-2"]}
    goals, _ = heard(yard, said, one)
    assert [(g.count, g.destinations) for g in goals.goals if g.kind == "transport"] == [
        (1, ("bay-1",)),
        (1, ("bay-2",)),
    ]
    any_of = said.replace("to each of", "to")
    goals, _ = heard(yard, any_of, one | {"words": any_of})
    assert len(goals.goals) == 1


def test_bringing_what_was_fetched_is_no_drive_of_its_own(yard: Site) -> None:
    first, second = "agv 1 fetches two from dock one", "brings them to bay 1"
    request = f"{first} and {second}, agv 2 drives to the gate"
    goals, _ = heard(
        yard,
        request,
        transport(2, "dock-1", "bay-1", words=first, vehicles=["agv-1"]),
        send("move", ["agv-1"], "bay-1", words=second),
        send("move", ["agv-2"], "gate", words="agv 2 drives to the gate"),
    )
    assert [(g.kind, g.words) for g in goals.goals] == [
        ("transport", f"{first} and {second}"),
        ("send", "agv 2 drives to the gate"),
    ]


def test_who_carries_is_part_of_the_transport(yard: Site) -> None:
    goals, _ = heard(
        yard,
        "two from dock one to bay 1, agv 2 does that",
        transport(2, "dock-1", "bay-1", words="two from dock one to bay 1,"),
        send("move", ["agv-2"], "bay-1", words="agv 2 does that"),
    )
    assert [(g.kind, g.vehicles) for g in goals.goals if g.kind == "transport"] == [("transport", ("agv-2",))]
    assert len(goals.goals) == 1


def test_a_drive_to_where_somebody_brought_something_stays(yard: Site) -> None:
    goals, _ = heard(
        yard,
        "agv 1 takes two from dock one to bay 1 and waits at bay 1",
        transport(2, "dock-1", "bay-1", words="agv 1 takes two from dock one to bay 1", vehicles=["agv-1"]),
        send("move", ["agv-1"], "bay-1", words="waits at bay 1"),
    )
    assert [g.kind for g in goals.goals] == ["transport", "send"]


def test_a_vehicle_and_a_place_without_an_amount_are_a_drive(yard: Site) -> None:
    request = "send agv 1 to bay 1 and agv 2 to dock one"
    goals, _ = heard(
        yard,
        request,
        transport(1, "dock-1", "bay-1", words="send agv 1 to bay 1", vehicles=["agv-1"]),
        transport(1, "dock-1", "dock-1", words="agv 2 to dock one", vehicles=["agv-2"]),
    )
    assert [(g.kind, g.destinations) for g in goals.goals if g.kind == "send"] == [
        ("send", ("bay-1",)),
        ("send", ("dock-1",)),
    ]


def test_what_was_named_before_is_carried(yard: Site) -> None:
    request = "agv 1 loads at dock one, then agv 1 takes them to bay 1"
    goals, _ = heard(
        yard, request, transport(None, "dock-1", "bay-1", words="agv 1 takes them to bay 1", vehicles=["agv-1"])
    )
    assert [g.kind for g in goals.goals] == ["transport"]


def test_vehicles_that_are_put_on_charge_carry_nothing(yard: Site) -> None:
    said = "put two forklifts on charge and leave them there"
    goals, _ = heard(
        yard,
        f"{said}; two from dock one to bay 1",
        transport(2, "dock-1", "dock-1", words=said, vehicles=["kind:forklift"]),
        transport(2, "dock-1", "bay-1", words="two from dock one to bay 1"),
    )
    first = goals.goals[0]
    assert first.kind == "send"
    assert (first.action, first.count, first.among, first.when) == ("charge", 2, ("kind:forklift",), "only")


@pytest.mark.parametrize(
    ("said", "action"), [("agv 1 goes on the charger's plug", "charge"), ("agv 1 goes home", "park")]
)
def test_where_no_place_is_named_somebody_goes_where_the_words_say(yard: Site, said: str, action: str) -> None:
    goals, _ = heard(yard, said, send("move", ["agv-1"], "bay-2", words=said))
    assert [(g.action, g.destinations) for g in goals.goals if g.kind == "send"] == [(action, ())]


def test_who_does_so_too_does_what_was_said_before(yard: Site) -> None:
    charges = send("charge", ["agv-1"], words="agv 1 charges up to 80 percent;", until=80.0)
    for also, action, until in (("agv 2 too", "charge", 80.0), ("agv 2 parks too", "park", None)):
        goals, _ = heard(yard, f"agv 1 charges up to 80 percent; {also}", charges, send("park", ["agv-2"], words=also))
        assert [(g.action, g.until) for g in goals.goals if g.kind == "send"] == [("charge", 80.0), (action, until)]


@pytest.mark.parametrize(
    ("said", "kinds", "by"),
    [
        ("dock one empty by three, two to bay 1", ["transport"], "15:00"),
        ("dock one stays empty until three, two to bay 1", ["avoid", "transport"], None),
        ("nobody in dock one until three, two to bay 1", ["avoid", "transport"], None),
    ],
)
def test_what_is_to_be_empty_by_then_is_not_closed_till_then(
    yard: Site, said: str, kinds: list[str], by: str | None
) -> None:
    place, what = said.split(", ")
    for more in ({"until_time": "15:00"}, {}):
        goals, lost = heard(
            yard, said, avoid("dock-1", words=place, **more), transport(2, "dock-1", "bay-1", words=what)
        )
        assert ([goal.kind for goal in goals.goals], lost) == (kinds, ())
    assert [goal.by for goal in goals.goals if goal.kind == "transport"] == [by]


def test_who_is_to_stay_put_does_nothing(yard: Site) -> None:
    said = "agv 1 stays as it is"
    goals, _ = heard(yard, said, send("park", ["agv-1"], words=said))
    assert [(g.kind, g.never) for g in goals.goals if g.kind == "use"] == [("use", ("agv-1",))]


def test_the_same_words_twice_are_carried_once(yard: Site) -> None:
    said = "two from dock one to bay 1"
    goals, _ = heard(yard, said, *[transport(2, "dock-1", "bay-1", words=said, priority=p) for p in ("normal", "high")])
    assert len(goals.goals) == 1


ONE_WAY = {
    "en": "one way from dock one to bay 1, nobody comes back",
    "de": "Einbahn von dock one nach bay 1, zurück fährt keiner",
    "es": "sentido único de dock one a bay 1, nadie vuelve",
    "fr": "sens unique de dock one vers bay 1, personne ne revient",
    "it": "senso unico da dock one a bay 1, nessuno torna indietro",
    "pt": "sentido único de dock one para bay 1, ninguém volta",
    "nl": "eenrichting van dock one naar bay 1, niemand rijdt terug",
    "pl": "ruch jednokierunkowy z dock one do bay 1, nikt nie wraca",
    "tr": "dock one ile bay 1 arası tek yön, kimse geri dönmesin",
    "sv": "enkelriktat från dock one till bay 1, ingen kör tillbaka",
    "ar": "اتجاه واحد من dock one إلى bay 1، لا أحد يرجع",
    "hi": "dock one से bay 1 एकतरफा, कोई वापस न आए",
    "ja": "dock one から bay 1 は一方通行、誰も戻らないで",
    "zh": "dock one 到 bay 1 单行，谁都不要回来",
}


@pytest.mark.parametrize("language", ONE_WAY)
def test_what_is_one_way_is_not_closed_and_nobody_comes_back(yard: Site, language: str) -> None:
    said = ONE_WAY[language]
    cut = max(said.find(mark) for mark in ",،、，") + 1
    goals, lost = heard(
        yard,
        f"{said}. gate",
        avoid("dock-1", "bay-1", words=said[:cut]),
        avoid("gate", words=said[cut:].strip()),
        language=language,
    )
    assert plain(goals) == [{"start": "dock-1", "end": "bay-1"}]
    assert (goals.goals[0].words, lost) == (said, ())


def test_who_charges_and_stays_there_is_sent_once(yard: Site) -> None:
    first, second = "charge agv 1 and agv 2 now,", "until the end"
    goals, _ = heard(
        yard,
        f"{first} {second}. two from dock one to bay 1 after that",
        send("charge", ["agv-1", "agv-2"], words=first),
        send("park", ["agv-1", "agv-2"], words=second, after=[0]),
        transport(2, "dock-1", "bay-1", words="two from dock one to bay 1 after that", after=[1]),
    )
    assert (goals.goals[0].kind, goals.goals[0].words) == ("send", f"{first} {second}")
    assert [(g.when, g.after) for g in goals.goals if g.kind == "send"] == [("only", ())]
    assert [g.after for g in goals.goals if g.kind == "transport"] == [(0,)]
    parked, _ = heard(
        yard,
        "charge agv 1, then park it",
        send("charge", ["agv-1"], words="charge agv 1"),
        send("park", ["agv-1"], words="then park it"),
    )
    assert [g.action for g in parked.goals if g.kind == "send"] == ["charge", "park"]


def test_a_time_of_what_is_closed_is_none_of_what_is_carried(yard: Site) -> None:
    closed, carried = "nobody at the gate", "two from dock one to bay 1"
    goals, lost = heard(
        yard,
        f"for a quarter of an hour, {closed}; {carried}",
        avoid("gate", words=closed),
        transport(2, "dock-1", "bay-1", words=carried, within_s=900),
    )
    assert plain(goals) == [
        {"places": ("gate",), "until_s": 900.0},
        {"count": 2, "origins": ("dock-1",), "destinations": ("bay-1",)},
    ]
    assert lost == ()


def test_what_is_closed_from_and_until_the_same_time_is_closed_until_then(yard: Site) -> None:
    said = "until a quarter to three nobody into the gate"
    goals, _ = heard(yard, said, avoid("gate", words=said, from_time="14:45", until_time="14:45"))
    assert plain(goals) == [{"places": ("gate",), "until_time": "14:45"}]


def test_a_time_that_is_left_out_of_a_goal_that_quotes_it_is_read(yard: Site) -> None:
    said = "from half past two nobody into the gate"
    asked = goals_of(avoid("gate", words=said)).model_copy(update={"unsupported": ("from half past two",)})
    kept = evident(GoalPrompt(said, "en", yard, None, NAMES, (), "2026-11-27T13:10:00"), asked)
    assert plain(kept) == [{"places": ("gate",), "from_time": "14:30"}]
    assert kept.unsupported == ()


def test_nobody_prefers_what_is_not_said(yard: Site) -> None:
    said = "two from dock one to bay 1 for the whole job"
    goals, _ = heard(yard, said, transport(2, "dock-1", "bay-1", words=said), prefer("even_work") | {"words": "job"})
    assert [g.kind for g in goals.goals] == ["transport"]


@pytest.mark.parametrize(
    ("said", "kind"), [("anybody but agv 1", "use"), ("apart from agv 1", "use"), ("nobody but agv 1", "send")]
)
def test_who_is_left_out_is_sent_nowhere(yard: Site, said: str, kind: str) -> None:
    goals, _ = heard(yard, said, send("move", ["agv-1"], "bay-2", words=said))
    assert [g.kind for g in goals.goals] == [kind]


def test_a_part_that_no_goal_quotes_is_lost(yard: Site) -> None:
    request = "two from dock one to bay 1, agv 2 drives to the gate"
    _, lost = heard(yard, request, transport(2, "dock-1", "bay-1", words="two from dock one to bay 1"))
    assert lost == ("agv 2 drives to the gate",)


@pytest.mark.parametrize("language", cues())
def test_the_words_for_it_are_known_in_every_language(language: str) -> None:
    assert not spoken_fields("", language) & {"each", "free", "below"}
