"""Words that stop, where they clearly mean something else, stop nobody; where they may not, they stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import STOP_ALL, Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


def read(text: str, language: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hold the door open", "en"),
        ("hold the door please", "en"),
        ("can you hold the door for me", "en"),
        ("keep holding the door", "en"),
        ("hold my coffee", "en"),
        ("hold the ladder", "en"),
        ("stop talking", "en"),
        ("stop laughing", "en"),
        ("stop by later", "en"),
        ("halt mal kurz die Tür auf", "de"),
        ("halte die Tür auf", "de"),
        ("halt die Leiter fest", "de"),
        ("halt die Klappe", "de"),
        ("hör auf zu reden", "de"),
        ("hör auf zu lachen", "de"),
        ("arrête de parler", "fr"),
        ("tiens la porte", "fr"),
        ("arrête de rire", "fr"),
        ("para de hablar", "es"),
        ("aguanta la puerta", "es"),
        ("sujeta la puerta", "es"),
        ("deja de hablar", "es"),
        ("smetti di parlare", "it"),
        ("tieni la porta", "it"),
        ("basta parlare", "it"),
        ("para de falar", "pt"),
        ("o robô dois foi parado", "pt"),
        ("o robô dois ficou parado ali", "pt"),
        ("el robot dos se quedó parado", "es"),
        ("el robot dos estaba parado", "es"),
        ("il robot due è rimasto fermo", "it"),
        ("le robot deux était arrêté", "fr"),
        ("segura a porta", "pt"),
        ("hou de deur open", "nl"),
        ("hou even de deur vast", "nl"),
        ("stop met praten", "nl"),
        ("hou je mond", "nl"),
        ("houd op met lachen", "nl"),
        ("håll dörren öppen", "sv"),
        ("håll upp dörren", "sv"),
        ("håll käften", "sv"),
        ("sluta prata", "sv"),
        ("I have to stop. I'll stop.", "en"),
        ("I'll stop, I'll stop!", "en"),
        ("hold the door, hold the ladder", "en"),
        ("ich muss anhalten", "de"),
        ("我停一下", "zh"),
        ("przytrzymaj drzwi", "pl"),
        ("przestań gadać", "pl"),
        ("zatrzymaj drzwi", "pl"),
        ("kapıyı tut", "tr"),
        ("konuşmayı kes", "tr"),
        ("gülmeyi kes", "tr"),
        ("امسك الباب", "ar"),
        ("توقف عن الكلام", "ar"),
        ("بس كلام", "ar"),
        ("दरवाज़ा पकड़ो", "hi"),
        ("बातें बंद करो", "hi"),
        ("बात करना बंद करो", "hi"),
        ("हँसना बंद करो", "hi"),
        ("ドアを押さえて", "ja"),
        ("ドアを止めて", "ja"),
        ("話すのをやめて", "ja"),
        ("笑うのをやめて", "ja"),
        ("扶住门", "zh"),
        ("别说了", "zh"),
        ("停止说话", "zh"),
    ],
)
def test_what_means_something_else_stops_nobody(text: str, language: str) -> None:
    assert read(text, language).is_nothing


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("stop charging", "en"),
        ("hör auf zu laden", "de"),
        ("arrête de charger", "fr"),
        ("deja de cargar", "es"),
        ("para de cargar", "es"),
        ("smetti di caricare", "it"),
        ("para de carregar", "pt"),
        ("pare de carregar", "pt"),
        ("stop met laden", "nl"),
        ("sluta ladda", "sv"),
        ("przestań ładować", "pl"),
        ("şarjı durdur", "tr"),
        ("توقف عن الشحن", "ar"),
        ("चार्ज करना बंद करो", "hi"),
        ("充電を止めて", "ja"),
        ("充電をやめて", "ja"),
        ("停止充电", "zh"),
        ("别充电了", "zh"),
    ],
)
def test_to_stop_charging_is_to_call_it_off(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.CANCEL, ()),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("robot two stop charging", "en"),
        ("Roboter zwei, hör auf zu laden", "de"),
        ("robot deux, arrête de charger", "fr"),
        ("robot dos, deja de cargar", "es"),
        ("robot due, smetti di ricaricarti", "it"),
        ("robô dois, para de carregar", "pt"),
        ("robot twee, stop met opladen", "nl"),
        ("robot två, sluta ladda", "sv"),
        ("robot dwa, przestań się ładować", "pl"),
        ("robot iki, şarj olmayı bırak", "tr"),
        ("روبوت اثنين، توقف عن الشحن", "ar"),
        ("रोबोट दो, चार्ज करना बंद करो", "hi"),
        ("ロボット2、充電を止めて", "ja"),
        ("2号机器人停止充电", "zh"),
    ],
)
def test_who_stops_charging_is_named(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.CANCEL, ("robot-2",)),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("stop the door is open", "en"),
        ("stop! the door!", "en"),
        ("hold the door and stop", "en"),
        ("hold it", "en"),
        ("hold", "en"),
        ("stop talking robots are coming", "en"),
        ("halt die Tür geht auf", "de"),
        ("halt die Tür", "de"),
        ("halt, die Tür!", "de"),
        ("halt mal", "de"),
        ("halt mal kurz", "de"),
        ("halt mal kurz die Tür auf, stopp!", "de"),
        ("håll", "sv"),
        ("mi senti? fermo!", "it"),
        ("ik zeg stop", "nl"),
        ("I have to, stop stop stop", "en"),
        ("ich will alle anhalten", "de"),
        ("alle will ich anhalten", "de"),
        ("er muss anhalten!", "de"),
        ("ich will stopp", "de"),
        ("Zaraz się zatrzymać!", "pl"),
        ("Vai parar!", "pt"),
        ("¡Vamos a parar!", "es"),
        ("I want to stop it now please", "en"),
        ("hier ben ik stop", "nl"),
        ("उसे रुकना चाहिए", "hi"),
        ("给我停一下！", "zh"),
        ("都给我停一停", "zh"),
        ("håll stopp", "sv"),
        ("dur", "tr"),
        ("kapıda dur", "tr"),
        ("रोको", "hi"),
        ("ドア、止めて", "ja"),
        ("止めて", "ja"),
        ("停", "zh"),
        ("停下", "zh"),
        ("basta", "it"),
        ("para", "es"),
        ("para", "pt"),
    ],
)
def test_what_may_be_a_stop_stops(text: str, language: str) -> None:
    assert read(text, language).commands == (STOP_ALL,)


@pytest.mark.parametrize(
    ("text", "language"), [("robot two, hold", "en"), ("halt Roboter zwei", "de"), ("ロボット2を止めて", "ja")]
)
def test_who_is_named_stops(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.STOP, ("robot-2",)),)
