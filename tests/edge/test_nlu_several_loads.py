"""Several loads are a matter for the planner, also without a number, and where nobody knows what they are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

BREWERY = load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery")
SOME = {
    "en": "Take some pallets from dock 1 to dock 2.",
    "de": "Bring ein paar Paletten von Rampe 1 zu Rampe 2.",
    "es": "Lleva unos palés del muelle 1 al muelle 2.",
    "fr": "Apporte des palettes du quai 1 au quai 2.",
    "it": "Porta dei bancali dalla banchina 1 alla banchina 2.",
    "pt": "Leva uns paletes da doca 1 para a doca 2.",
    "nl": "Breng een paar pallets van dok 1 naar dok 2.",
    "pl": "Zawieź kilka palet z rampy 1 na rampę 2.",
    "tr": "Rampa 1'den rampa 2'ye birkaç palet götür.",
    "ar": "انقل عدة منصات من الرصيف 1 إلى الرصيف 2.",
    "hi": "डॉक 1 से डॉक 2 कई पैलेट ले जाओ।",
    "ja": "ドック1からドック2へ数枚のパレットを運んで。",
    "zh": "把一些托盘从1号月台运到2号月台。",
}
SOFAS = {
    "en": "Take four sofas from dock 1 to dock 2.",
    "de": "Bring vier Sofas von Rampe 1 zu Rampe 2.",
    "es": "Lleva cuatro sofás del muelle 1 al muelle 2.",
    "fr": "Apporte quatre canapés du quai 1 au quai 2.",
    "it": "Porta quattro divani dalla banchina 1 alla banchina 2.",
    "pt": "Leva quatro colchões da doca 1 para a doca 2.",
    "nl": "Breng vier banken van dok 1 naar dok 2.",
    "pl": "Zawieź cztery sofy z rampy 1 na rampę 2.",
    "tr": "Rampa 1'den rampa 2'ye dört koltuk götür.",
    "ar": "انقل أربع أرائك من الرصيف 1 إلى الرصيف 2.",
    "hi": "डॉक 1 से डॉक 2 चार सोफे ले जाओ।",
    "ja": "ドック1からドック2へソファを4つ運んで。",
}
ONE = {
    "en": "Take the pallets from dock 1 to dock 2.",
    "it": "Porta i bancali dalla banchina 1 alla banchina 2.",
    "pt": "Leva um colchão da doca 1 para a doca 2.",
    "nl": "Breng een bank van dok 1 naar dok 2.",
}


def meant(text: str, language: str) -> tuple[Command, ...]:
    understanding = Understanding(replace(BREWERY, languages=(language,)), None)
    return understanding.understand(Transcript(text, language, 1.0)).commands


@pytest.mark.parametrize("language", SOME)
def test_some_loads_are_no_single_one(language: str) -> None:
    assert meant(SOME[language], language) == (Command(Action.PLAN, ()),)


@pytest.mark.parametrize("language", SOFAS)
def test_a_number_of_something_that_nobody_knows_is_kept(language: str) -> None:
    assert meant(SOFAS[language], language) == (Command(Action.PLAN, ()),)


@pytest.mark.parametrize("language", ONE)
def test_one_load_and_the_loads_are_one_job(language: str) -> None:
    assert meant(ONE[language], language) == (Command(Action.TRANSPORT, (), "dock-1", "dock-2"),)
