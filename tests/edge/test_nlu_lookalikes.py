"""Names that share words: what tells them apart has to fit by itself, and a number in a name is a number."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.site import load_site

SITE = load_site(Path(__file__).parents[1] / "data" / "lookalikes")
UNDERSTANDING = Understanding(SITE, None)


def read(text: str, language: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


def goes_to(found: Interpretation) -> list[tuple[tuple[str, ...], str | None]]:
    return [(command.vehicles, command.destination) for command in found.commands]


@pytest.mark.parametrize(
    ("text", "language", "lacking"),
    [
        ("مكوك 2 اذهب إلى خط الغسيل الغربي", "ar", "خط الغسيل الغربي"),
        ("Shuttle 2, fahr zur Waschstraße West", "de", "Waschstraße West"),
        ("shuttle 2, go to washing line west", "en", "washing line west"),
        ("lanzadera 2, ve a la línea de lavado oeste", "es", "línea de lavado oeste"),
        ("navette 2, va à la ligne de lavage ouest", "fr", "ligne de lavage ouest"),
        ("navette 2, va à la borne nord", "fr", "borne nord"),
        ("शटल 2, पश्चिम धुलाई लाइन पर जाओ", "hi", "पश्चिम धुलाई लाइन"),
        ("navetta 2, vai alla linea di lavaggio ovest", "it", "linea di lavaggio ovest"),
        ("シャトル2、西洗浄ラインに行って", "ja", "西洗浄ライン"),
        ("shuttle 2, ga naar waslijn west", "nl", "waslijn west"),
        ("transporter 2, jedź do myjki zachodniej", "pl", "myjki zachodniej"),
        ("rebocador 2, vai para a linha de lavagem oeste", "pt", "linha de lavagem oeste"),
        ("skyttel 2, kör till tvättlinje väster", "sv", "tvättlinje väster"),
        ("mekik 2, batı yıkama hattına git", "tr", "batı yıkama hattına"),
        ("穿梭车2号去西清洗线", "zh", "西清洗线"),
        ("مكوك 2 اذهب إلى رصيف التحميل خمسين", "ar", "رصيف التحميل خمسين"),
        ("Shuttle 2, fahr zur Laderampe fünfzig", "de", "Laderampe fünfzig"),
        ("shuttle 2, go to loading ramp fifty", "en", "loading ramp fifty"),
        ("shuttle 2, go to loading ramp 50", "en", "loading ramp 50"),
        ("lanzadera 2, ve a la rampa de carga cincuenta", "es", "rampa de carga cincuenta"),
        ("navette 2, va à la rampe de chargement cinquante", "fr", "rampe de chargement cinquante"),
        ("शटल 2, लोडिंग रैंप पचास पर जाओ", "hi", "लोडिंग रैंप पचास"),
        ("navetta 2, vai alla rampa di carico cinquanta", "it", "rampa di carico cinquanta"),
        ("シャトル2、積み込みランプ50に行って", "ja", "積み込みランプ50"),
        ("shuttle 2, ga naar laadperron vijftig", "nl", "laadperron vijftig"),
        ("transporter 2, jedź do linii sortowniczej pięćdziesiąt", "pl", "linii sortowniczej pięćdziesiąt"),
        ("rebocador 2, vai para a rampa de carga cinquenta", "pt", "rampa de carga cinquenta"),
        ("skyttel 2, kör till lastramp femtio", "sv", "lastramp femtio"),
        ("mekik 2, yükleme rampası 50'ye git", "tr", "yükleme rampası 50'ye"),
        ("穿梭车2号去装货坡道50", "zh", "装货坡道50"),
    ],
)
def test_a_name_with_another_word_or_number_is_lacking(text: str, language: str, lacking: str) -> None:
    found = read(text, language)
    assert found.is_nothing
    assert found.unknown == lacking


@pytest.mark.parametrize(
    ("text", "language", "place"),
    [
        ("مكوك 2 اذهب إلى خط الغسيل الشمالي", "ar", "line-north"),
        ("Shuttle 2, fahr zur Waschstraße Nord", "de", "line-north"),
        ("shuttle 2, go to washing line north", "en", "line-north"),
        ("lanzadera 2, ve a la línea de lavado norte", "es", "line-north"),
        ("navette 2, va à la ligne de lavage nord", "fr", "line-north"),
        ("शटल 2, उत्तर धुलाई लाइन पर जाओ", "hi", "line-north"),
        ("navetta 2, vai alla linea di lavaggio nord", "it", "line-north"),
        ("シャトル2、北洗浄ラインに行って", "ja", "line-north"),
        ("shuttle 2, ga naar waslijn noord", "nl", "line-north"),
        ("transporter 2, jedź do myjki północnej", "pl", "line-north"),
        ("rebocador 2, vai para a linha de lavagem norte", "pt", "line-north"),
        ("skyttel 2, kör till tvättlinje norr", "sv", "line-north"),
        ("mekik 2, kuzey yıkama hattına git", "tr", "line-north"),
        ("穿梭车2号去北清洗线", "zh", "line-north"),
        ("مكوك 2 اذهب إلى رصيف التحميل أربعين", "ar", "ramp-40"),
        ("Shuttle 2, fahr zur Laderampe 40", "de", "ramp-40"),
        ("shuttle 2, go to loading ramp 40", "en", "ramp-40"),
        ("lanzadera 2, ve a la rampa de carga 40", "es", "ramp-40"),
        ("navette 2, va à la rampe de chargement quarante", "fr", "ramp-40"),
        ("शटल 2, लोडिंग रैंप 40 पर जाओ", "hi", "ramp-40"),
        ("navetta 2, vai alla rampa di carico 40", "it", "ramp-40"),
        ("シャトル2、積み込みランプ40に行って", "ja", "ramp-40"),
        ("shuttle 2, ga naar laadperron 40", "nl", "ramp-40"),
        ("transporter 2, jedź do linii sortowniczej 40", "pl", "ramp-40"),
        ("rebocador 2, vai para a rampa de carga 40", "pt", "ramp-40"),
        ("skyttel 2, kör till lastramp 40", "sv", "ramp-40"),
        ("mekik 2, yükleme rampası 40'a git", "tr", "ramp-40"),
        ("穿梭车2号去装货坡道40", "zh", "ramp-40"),
    ],
)
def test_the_right_one_is_meant(text: str, language: str, place: str) -> None:
    assert goes_to(read(text, language)) == [(("sh-2",), place)]


def test_of_what_tells_names_apart_a_word_may_be_misspelt() -> None:
    assert goes_to(read("shuttle 2, go to washing line sowth", "en")) == [(("sh-2",), "line-south")]


@pytest.mark.parametrize("text", ["shuttle 2, take the pallet to the washing line", "stop", "shuttle 2, stop"])
def test_words_that_names_share_say_no_more_than_before(text: str) -> None:
    assert not read(text, "en").unknown.startswith("washing line ")


@pytest.mark.parametrize(
    "text", ["transporter 2, jedź do linii sortowniczej 40", "transporter 2, jedź do myjki północnej"]
)
def test_polish_adjectives_of_names_have_endings(text: str) -> None:
    assert read(text, "pl").confidence > 0.95


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("مكوك مائتان اذهب إلى بوابة 1", "ar"),
        ("مكوك ثلاثة آلاف اذهب إلى بوابة 1", "ar"),
        ("Shuttle zwei hundert, fahr zu Tor eins", "de"),
        ("Shuttle zweihundert, fahr zu Tor eins", "de"),
        ("Shuttle zweihundertfünf, fahr zu Tor eins", "de"),
        ("Shuttle zwei tausend, fahr zu Tor eins", "de"),
        ("shuttle two hundred, go to gate one", "en"),
        ("shuttle two hundred and five, go to gate one", "en"),
        ("shuttle two thousand, go to gate one", "en"),
        ("shuttle 2 hundred, go to gate one", "en"),
        ("shuttle 2, go to gate eleven hundred", "en"),
        ("lanzadera dos mil, ve a la puerta uno", "es"),
        ("lanzadera doscientos, ve a la puerta uno", "es"),
        ("lanzadera dos cientos, ve a la puerta uno", "es"),
        ("navette deux cents, va à la porte un", "fr"),
        ("navette deux cent cinq, va à la porte un", "fr"),
        ("navette deux mille, va à la porte un", "fr"),
        ("शटल दो सौ, गेट एक पर जाओ", "hi"),
        ("शटल दो हज़ार, गेट एक पर जाओ", "hi"),
        ("navetta due cento, vai alla porta uno", "it"),
        ("navetta due mila, vai alla porta uno", "it"),
        ("シャトル二百号、ゲート1に行って", "ja"),
        ("シャトル2千、ゲート1に行って", "ja"),
        ("shuttle twee honderd, ga naar poort een", "nl"),
        ("shuttle tweehonderd, ga naar poort een", "nl"),
        ("transporter dwieście, jedź do bramy pierwszej", "pl"),
        ("transporter dwa tysiące, jedź do bramy pierwszej", "pl"),
        ("rebocador dois mil, vai para o portão um", "pt"),
        ("rebocador duzentos, vai para o portão um", "pt"),
        ("skyttel två hundra, kör till port ett", "sv"),
        ("skyttel tvåhundra, kör till port ett", "sv"),
        ("mekik iki yüz, kapı bire git", "tr"),
        ("mekik iki bin, kapı bire git", "tr"),
        ("二百号穿梭车去1号大门", "zh"),
        ("两千号穿梭车去1号大门", "zh"),
        ("穿梭车二百二十号去1号大门", "zh"),
        ("二百二十号穿梭车去1号大门", "zh"),
    ],
)
def test_words_that_continue_a_number_are_part_of_it(text: str, language: str) -> None:
    found = read(text, language)
    assert found.is_nothing
    assert found.unknown


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("shuttle two, go to gate one", "en"),
        ("mekik iki, kapı bire git", "tr"),
        ("2号穿梭车去1号大门", "zh"),
        ("शटल दो, गेट एक पर जाओ", "hi"),
    ],
)
def test_a_number_without_them_is_itself(text: str, language: str) -> None:
    assert goes_to(read(text, language)) == [(("sh-2",), "gate-1")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("shuttle 2 usually goes to gate 1 every day", "en"),
        ("Shuttle 2 fährt normalerweise jeden Tag zu Tor 1", "de"),
        ("la lanzadera 2 normalmente va a la puerta 1 todos los días", "es"),
        ("d'habitude la navette 2 va à la porte 1 tous les jours", "fr"),
        ("di solito la navetta 2 va alla porta 1 ogni giorno", "it"),
        ("normalmente o rebocador 2 vai para o portão 1 todos os dias", "pt"),
        ("shuttle 2 rijdt meestal elke dag naar poort 1", "nl"),
        ("transporter 2 zwykle jedzie do bramy 1 codziennie", "pl"),
        ("シャトル2は普段毎日ゲート1へ行く", "ja"),
        ("المكوك 2 عادة يذهب إلى البوابة 1 كل يوم", "ar"),
        ("was meinst du, schicken wir Shuttle 2 zu Tor 1", "de"),
        ("wat denk je, sturen we shuttle 2 naar poort 1", "nl"),
        ("你觉得呢，派2号穿梭车去1号门", "zh"),
        ("ما رأيك نرسل المكوك 2 إلى البوابة 1", "ar"),
    ],
)
def test_what_is_usually_so_or_asked_for_an_opinion_is_no_order_and_no_plan(text: str, language: str) -> None:
    assert read(text, language).is_nothing


@pytest.mark.parametrize(
    "text", ["Everybody left, even the head nurse from ward 3.", "All left, even the head from ward 3"]
)
def test_a_word_that_is_hardly_like_a_name_makes_no_plan_of_a_sentence(text: str) -> None:
    """ "Left" is a little like "lift", of which the hospital has several."""
    hospital = Understanding(load_site(Path(__file__).parents[1] / "data" / "commands" / "hospital"), None)
    assert hospital.understand(Transcript(text, "en", 1.0)).is_nothing
