"""Stops that are said as they come: beside warnings, of everybody without a pause, and hardly heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.nlu.exclamations import with_reason_apart
from banksman_shared.commands import Action
from banksman_shared.site import PolicyTable, load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
HEARD = PolicyTable().heard
HARDLY = (HEARD.accept or 0.0) - 0.01
EVERYBODY = ("*",)
THREE = ("lifter-3",)


def stopped(text: str, confidence: float = 1.0, language: str = "") -> tuple[str, ...] | None:
    """Whom it stops; None where it stops nobody."""
    read = UNDERSTANDING.stop(Transcript(text, language, confidence))
    if read is None:
        return None
    assert {command.action for command in read.commands} == {Action.STOP}
    return read.commands[0].vehicles


@pytest.mark.parametrize(
    "text",
    [
        "Careful, forklift three, stop!",
        "Forklift three, danger, stop!",
        "Stapler drei, Vorsicht, halt!",
        "Chariot trois, attention, arrête-toi !",
        "¡Carretilla tres, peligro, para!",
        "Hop hop hop, chariot trois, on s'arrête !",
        "Occhio, muletto tre, fermati!",
        "Muletto tre, pericolo, fermati!",
        "Empilhadeira três, perigo, pare!",
        "फोर्कलिफ्ट तीन, सावधान, रुको!",
        "フォークリフト3、危ない、止まれ",
        "フォークリフト3、危ない止まれ",
        "フォークリフト3危ない止まれ",
        "3号叉车，小心，停下",
        "3号叉车小心停下",
        "Muletto 3, è lì che ti devi fermare, fermati!",
    ],
)
def test_a_warning_leaves_it_at_the_one_who_is_named(text: str) -> None:
    assert stopped(text) == THREE


@pytest.mark.parametrize(
    "text",
    [
        "Everybody stop, there's somebody lying behind the third rack",
        "Alle anhalten, da ist jemand hinter dem Regal gestürzt",
        "¡Paraos todos, que hay una señora en medio!",
        "alto todo el mundo que hay gente cruzando",
        "State tutti fermi, c'è olio per terra!",
        "Fermi tutti che c'è olio per terra",
        "Restez tous où vous êtes !",
        "State tutti fermi c'è olio per terra.",
        "Everybody stop there's somebody lying here",
        "Alle anhalten da liegt jemand",
        "Parem todos tem gente no chão",
        "सभी रुक जाये, आगे आदमी हैं!",
        "Tout le monde s'arrête, il y a un tuyau qui a lâché",
        "全部停车有人摔倒了",
        "全部停下有人受伤了",
        "全車停止人が倒れた",
        "全員止まれ人が倒れてる",
    ],
)
def test_everybody_stops_whatever_is_said_straight_behind(text: str) -> None:
    assert stopped(text) == EVERYBODY


@pytest.mark.parametrize(
    "text", ["Everybody stop, forklift three is running low.", "Stop everything, forklift three is running low."]
)
def test_who_is_only_spoken_of_is_not_the_only_one_who_stops(text: str) -> None:
    assert stopped(text) == EVERYBODY


@pytest.mark.parametrize(
    "text",
    [
        "All stop signs need paint.",
        "Every stop counts for nothing today",
        "मशीन रुक जाये तो मुझे बुलाना",
        "谁也别动我的箱子",
        "todo el mundo para que luego digan",
        "alle halten denn Abstand",
        "Everyone stop worrying there's plenty of time",
        "Para todos los que quieran venir, hay comida.",
        "Quiero que todos paren a comer a las dos.",
        "Everyone stop worrying about the new schedule",
        "Tout le monde s'arrête à midi pour manger.",
        "所有停车位都满了",
        "全部停车场今天关门",
        "大家停车的时候要注意安全",
        "すべてのブレーキを点検してください",
        "全停止ボタンはどこですか",
        "全車停止の訓練は明日やります",
        "フォークリフト3は止まると危険です",
        "フォークリフト3、止まると危ないよ",
    ],
)
def test_what_only_has_the_words_of_a_stop_stops_nobody(text: str) -> None:
    assert stopped(text) is None


@pytest.mark.parametrize(
    ("text", "language", "whom"),
    [
        ("Hold on there please, forklift three.", "en", THREE),
        ("Empilhadeira três, por favor pare agora.", "pt", THREE),
        ("Everybody stop right now please.", "en", EVERYBODY),
        ("全員止まれ、人が倒れてる、早く来て。", "ja", EVERYBODY),
        ("全部停下来，大家都停下来！", "zh", EVERYBODY),
        ("Ferma, ferma, muletto tre ai la sponda aperta.", "it", THREE),
        ("Stop forklift three there is somebody behind you", "en", THREE),
    ],
)
def test_what_is_clearly_a_stop_counts_though_it_was_hardly_heard(
    text: str, language: str, whom: tuple[str, ...]
) -> None:
    assert stopped(text, HARDLY, language) == whom


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("I think they should stop it there now", HARDLY),
        ("He said: everybody stop right now please.", HARDLY),
        ("Halt halt ich meine das ist halt so", HARDLY),
        ("रुको रुको मैं बताता हूँ तुम्हें", HARDLY),
        ("On en est ensemble à arrêter ?", 1.0),
        ("A ça que vous arrêtez, s'il est dans ce temps.", 1.0),
    ],
)
def test_what_is_not_clear_or_not_heard_at_all_stops_nobody(text: str, confidence: float) -> None:
    assert all(stopped(text, confidence, language) is None for language in ("en", "de", "hi", "fr"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Para todos ahora mismo que se ha caído un compañero.", "es"),
        ("Para todos ahora mismo, hay aceite en el suelo", "es"),
        ("Para todo mundo agora, o piso tá cheio de óleo!", "pt"),
        ("Para todo mundo já, tem óleo no chão", "pt"),
        ("Tout le monde s'arrête et un gars par terre", "fr"),
        ("Arrêtez-vous tous et une femme derrière", "fr"),
    ],
)
def test_everybody_is_stopped_at_once_whatever_is_told_or_misheard_then(text: str, language: str) -> None:
    assert stopped(text) == EVERYBODY
    assert stopped(text, HARDLY, language) == EVERYBODY


@pytest.mark.parametrize(
    "text",
    [
        "Para todos ahora es más fácil",
        "El aviso para todos ya, por favor",
        "Para todos que hay pan",
        "Para todo mundo agora é feriado",
        "Isso vale para todo mundo já, pessoal",
        "O café é para todo mundo agora, pessoal",
        "Tout le monde s'arrête et mange à midi",
        "Tout le monde s'arrête et un seul continue, c'est bizarre",
        "Para todos desde ahora mismo, el turno acaba a las seis",
    ],
)
def test_what_is_for_everybody_now_stops_nobody(text: str) -> None:
    assert stopped(text) is None


@pytest.mark.parametrize("text", ["Para todos ya, seguid trabajando", "Para todo mundo agora, podem continuar"])
def test_what_everybody_is_told_to_do_at_once_is_no_stop(text: str) -> None:
    assert stopped(text) is None


@pytest.mark.parametrize(
    "text", ["le vingt et un stop y a quelqu'un derrière", "le vingt et un stop et un gars derrière"]
)
def test_a_number_with_and_in_it_is_no_reason(text: str) -> None:
    assert with_reason_apart(text, "fr").startswith("le vingt et un stop, ")


def test_a_reason_that_begins_like_a_list_is_left_out_of_who_is_stopped() -> None:
    assert stopped("Chariot trois, arrête-toi et un gars derrière toi") == THREE


def test_a_stop_of_everybody_counts_however_badly_it_was_heard() -> None:
    assert stopped("Everybody stop right now please.", 0.01, "en") == EVERYBODY
    assert stopped("Stop forklift three there is somebody behind you", 0.01, "en") is None
