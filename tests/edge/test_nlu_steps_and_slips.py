"""What a sentence takes back, says last, counts, or leaves to the kind, read as people mean it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.nlu.language import table_of
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

SETS = Path(__file__).parents[1] / "data" / "eval"
NONE = {"action": "none", "vehicles": []}
PLAN = {"action": "plan", "vehicles": []}


@cache
def understanding(site: str) -> Understanding:
    return Understanding(load_site(SETS / site), None)


def heard(text: str, site: str = "brewery") -> Any:
    return to_document(understanding(site).understand(Transcript(text, "", 1.0)).commands)


def order(action: str, *vehicles: str, **places: str) -> dict[str, Any]:
    return {"action": action, "vehicles": list(vehicles)} | {key.strip("_"): place for key, place in places.items()}


def move(vehicle: str, to: str) -> dict[str, Any]:
    return order("move", vehicle, to=to)


@pytest.mark.parametrize(
    "text",
    [
        "Forklift two, go to dock one, no, dock three",
        "forklift two go to dock one sorry dock three",
        "Forklift two, go to dock one, I mean, go to dock three",
        "Forklift one, sorry, forklift two, go to dock three",
        "Send forklift one, sorry, send forklift two to dock three",
        "Stapler zwei zu Rampe eins, nein, zu Rampe drei",
        "Carretilla dos, ve al muelle uno, perdón, al muelle tres",
        "Chariot deux, va au quai un, non pardon, au quai trois",
        "Muletto due, vai alla banchina uno, anzi no, alla banchina tre",
        "Empilhadeira dois, vá para a doca um, quer dizer, para a doca três",
        "Heftruck twee, rij naar dok één, nee wacht, naar dok drie",
        "Wózek dwa, jedź do rampy pierwszej, przepraszam, do rampy trzeciej",
        "Forklift iki birinci rampaya, pardon, üçüncü rampaya git",
        "الرافعة 2، اذهب إلى الرصيف 1، لا عفوا، الرصيف 3",
        "फोर्कलिफ्ट दो डॉक एक पर, नहीं नहीं, डॉक तीन पर जाओ",
        "二号叉车去一号装卸口，不对，去三号装卸口",
        "2号フォークリフト、1番ドック、いや、3番ドックに行って",
    ],
)
def test_what_is_taken_back_is_not_done(text: str) -> None:
    assert heard(text) == move("forklift-2", "dock-3")


@pytest.mark.parametrize(
    "text",
    [
        "Mule two to greenhouse sixty-three, no, wait, to twenty-seven.",
        "Que la mula dos vaya al invernadero sesenta y tres, no, perdona, al veintisiete.",
        "La mule deux à la serre soixante-trois, non pardon, à la vingt-sept.",
        "Il trattorino due alla serra sessantatré, no, anzi, alla ventisette.",
        "A mula dois pra estufa sessenta e três, não, peraí, na vinte e sete.",
        "运苗车二号去六十三号温室，不对，二十七号。",
        "運搬車2は温室63へ、いや違う、27へ行って。",
    ],
)
def test_a_number_of_several_words_puts_right_another(text: str) -> None:
    nursery = Understanding(load_site(SETS.parent / "orders" / "nursery"), None)
    assert to_document(nursery.understand(Transcript(text, "", 1.0)).commands) == move("mule-2", "greenhouse-27")


def test_only_the_end_that_is_said_anew_is_replaced() -> None:
    wanted = order("transport", "tugger-5", from_="line-1", to="dock-3")
    assert heard("Tugger five, take the pallet from line one to dock one, no, to dock three") == wanted
    assert heard("Tugger five, take the pallet from line two to dock three, sorry, from line one") == wanted


def test_who_is_called_another_name_after_all_is_not_sent() -> None:
    assert heard("Forklift one, go to dock two, no, stop") == order("stop", "*")


@pytest.mark.parametrize(
    "text",
    [
        "Forklift two go to dock one not dock three",
        "Don't send forklift two to dock one, sorry, dock three",
        "I told Pete forklift two, no, forklift three was at dock one",
        "堆高机二是不是去三号装卸口？",
    ],
)
def test_a_negation_or_a_tale_takes_nothing_back(text: str) -> None:
    assert heard(text) == NONE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The forklifts should go and charge", order("charge", "kind:forklift")),
        ("I muletti devono ricaricarsi", order("charge", "kind:forklift")),
        ("De heftrucks moeten opladen", order("charge", "kind:forklift")),
        ("Both tuggers to dock two", order("move", "kind:tugger", to="dock-2")),
        ("Where are the tuggers?", order("status", "kind:tugger")),
        ("Who is at dock two?", order("status", "at:dock-2")),
        ("Send two forklifts to dock two", PLAN),
        ("Take all the kegs from line one to dock two", PLAN),
        ("Take six kegs from line one to dock two", PLAN),
        ("Take the kegs from line one to dock two", order("transport", from_="line-1", to="dock-2")),
        ("As soon as the lorry is here take everything from line one to dock two", PLAN),
        ("Forklift two to the charger", order("charge", "forklift-2")),
        ("Luna back to your bay", order("park", "tugger-6")),
        ("This keg from line one has to go to dock two", order("transport", from_="line-1", to="dock-2")),
        (
            "Luna, collect the kegs at line one and bring them to dock two",
            order("transport", "tugger-6", from_="line-1", to="dock-2"),
        ),
    ],
)
def test_kinds_and_loads_are_counted_only_where_they_are(text: str, wanted: dict[str, Any]) -> None:
    assert heard(text) == wanted


@pytest.mark.parametrize(
    ("text", "site", "first", "then"),
    [
        ("Robot two, first to the kitchen, then to the lab", "hospital", "kitchen", "lab"),
        ("Roboter zwei, zuerst in die Küche und dann ins Labor", "hospital", "kitchen", "lab"),
        ("Robot dwa, najpierw do kuchni, a potem do laboratorium", "hospital", "kitchen", "lab"),
        ("Robot twee, eerst naar de keuken en daarna naar het lab", "hospital", "kitchen", "lab"),
        ("二号机器人，先去厨房，然后去化验室", "hospital", "kitchen", "lab"),
    ],
)
def test_steps_need_their_verb_only_once(text: str, site: str, first: str, then: str) -> None:
    assert heard(text, site) == [move("robot-2", first), move("robot-2", then)]


def test_whoever_is_called_last_does_all_steps() -> None:
    park = order("park", "forklift-3")
    assert heard("Go to dock two and then park, forklift three") == [move("forklift-3", "dock-2"), park]


def test_to_stop_the_car_at_the_end_of_a_trip_is_to_park() -> None:
    park = order("park", "forklift-3")
    assert heard("三号叉车先到二号装卸口去，然后停车") == [move("forklift-3", "dock-2"), park]
    assert heard("三号叉车停车") == order("stop", "forklift-3")


@pytest.mark.parametrize(
    "text",
    [
        "Robot two, go to room two hundred and ten",
        "Robot two, go to room two hundred ten",
        "Roboter zwei, fahr zu Zimmer zweihundertzehn",
        "Robot due, vai alla stanza duecentodieci",
        "Robot twee, rij naar kamer tweehonderdtien",
        "Robô dois, vá para o quarto duzentos e dez",
    ],
)
def test_a_sites_own_large_numbers_are_read_in_words(text: str) -> None:
    assert heard(text, "hospital") == move("robot-2", "room-210")


def test_three_numbers_may_share_a_kind() -> None:
    wanted = order("resume", "robot-1", "robot-2", "robot-3")
    assert heard("一号、二号、三号机器人继续", "hospital") == wanted


LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "tr", "hi", "zh", "ja", "ar")
ORDERS = {
    "en": "Forklift two, go to dock one",
    "de": "Stapler zwei, fahr zu Rampe eins",
    "es": "Carretilla dos, ve al muelle uno",
    "fr": "Chariot deux, va au quai un",
    "it": "Muletto due, vai alla banchina uno",
    "pt": "Empilhadeira dois, vá para a doca um",
    "nl": "Heftruck twee, rij naar dok één",
    "pl": "Wózek dwa, jedź do rampy pierwszej",
    "tr": "Forklift iki birinci rampaya git",
    "hi": "फोर्कलिफ्ट दो डॉक एक पर जाओ",
    "zh": "二号叉车去一号装卸口",
    "ja": "2号フォークリフト、1番ドックに行って",
    "ar": "الرافعة 2، اذهب إلى الرصيف 1",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mark", [", ", ". "])
def test_an_order_that_is_taken_back_at_its_end_is_not_carried_out(language: str, mark: str) -> None:
    assert heard(ORDERS[language]) == move("forklift-2", "dock-1")
    for phrase in table_of(language)["words"]["corrects"]:
        text = f"{ORDERS[language]}{mark}{phrase}!"
        assert heard(text) in (NONE, order("stop", "*")), text


@pytest.mark.parametrize(
    "text",
    [
        "Forklift two, go to dock one, no wait",
        "Stapler zwei, fahr zu Rampe eins, nein halt!",
        "Carretilla dos, ve al muelle uno, no espera",
        "Chariot deux, va au quai un, non attends",
        "Muletto due, vai alla banchina uno, no aspetta",
        "Empilhadeira dois, vá para a doca um, não espera",
        "Heftruck twee, rij naar dok één, nee wacht",
        "Wózek dwa, jedź do rampy pierwszej, nie czekaj",
        "Forklift iki birinci rampaya git, yok dur",
        "फोर्कलिफ्ट दो डॉक एक पर जाओ, नहीं रुको",
        "二号叉车去一号装卸口，等等不对",
        "الرافعة 2، اذهب إلى الرصيف 1، لا انتظر",
    ],
)
def test_a_stop_word_that_takes_an_order_back_stops(text: str) -> None:
    assert heard(text) == order("stop", "*")


@pytest.mark.parametrize("end", ["oops", "wrong", "no not there", "hang on no", "no sorry, thanks"])
def test_nothing_is_done_where_nothing_is_said_instead(end: str) -> None:
    assert heard(f"Forklift two, go to dock one, {end}") == NONE
    assert heard(f"Resume all. {end}.") == NONE


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Stop! Sorry, forklift three go to dock two", ["*"]),
        ("Stop, no, go on", ["*"]),
        ("Stop. No. Go on.", ["*"]),
        ("Halt! Nein, Stapler drei, fahr zu Rampe zwei", ["*"]),
        ("Stop everyone, no, forklift three", ["*"]),
        ("Stop forklift three, no, forklift two", ["forklift-3", "forklift-2"]),
        ("Stop forklift three, sorry, resume forklift two", ["forklift-3"]),
    ],
)
def test_no_stop_is_taken_back(text: str, who: list[str]) -> None:
    assert heard(text) == order("stop", *who)


def test_only_the_last_of_several_orders_is_put_right() -> None:
    both = "Forklift three go to dock two and forklift two to dock three"
    assert heard(f"{both}, no, forklift one") == [move("forklift-3", "dock-2"), move("forklift-1", "dock-3")]
    steps = "Forklift three go to dock two, then to dock three"
    assert heard(f"{steps}, no, dock one") == [move("forklift-3", "dock-2"), move("forklift-3", "dock-1")]
    assert heard("Forklift three go to dock two, then park, no, dock one") == NONE


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tugger five, take the pallet from line two to dock three, no, line one", "line-1"),
        ("Schlepper fünf, bring die Palette von Linie zwei zu Rampe drei, nein, Linie eins", "line-1"),
    ],
)
def test_a_bare_place_stands_for_the_end_of_its_kind(text: str, kind: str) -> None:
    assert heard(text) == order("transport", "tugger-5", from_=kind, to="dock-3")


def test_a_correction_is_no_surer_than_what_was_heard() -> None:
    sure = understanding("brewery").understand(Transcript("Forklift two, go to dock one, no, dock three", "", 1.0))
    tree = understanding("brewery").understand(Transcript("Forklift tree, go to dock one, no, dock two", "", 1.0))
    assert to_document(tree.commands) == move("forklift-3", "dock-2")
    assert tree.confidence < 0.85 * sure.confidence


@pytest.mark.parametrize(
    "text",
    [
        "第二台叉车去三号装卸口",
        "第2台叉车去第三个装卸口",
        "第二叉车去3号装卸口",
        "第2フォークリフト、3番ドックに行って",
        "2台目のフォークリフト、3番ドックに行って",
    ],
)
def test_a_rank_names_one_whatever_counts_it(text: str) -> None:
    assert heard(text) == move("forklift-2", "dock-3")


@pytest.mark.parametrize(
    "text",
    ["两台叉车去三号装卸口", "2个叉车去三号装卸口", "叉车两台去三号装卸口", "フォークリフト2台、3番ドックに行って"],
)
def test_how_many_is_not_which(text: str) -> None:
    assert heard(text) == NONE


def test_the_time_is_no_place_that_is_missing() -> None:
    for text in ("八点以前各病区的早饭都要送到", "8点以前都要送到"):
        assert not understanding("hospital").understand(Transcript(text, "zh", 1.0)).unknown


def test_an_and_that_joins_nothing_was_misheard() -> None:
    assert heard("2号フォークリフト、1番ドックへ行って") == move("forklift-2", "dock-1")
    assert heard("2号フォークリフト、1号とへ行って") == NONE
