"""All running work given up at once, in every language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import EVERYBODY, Action, Command
from banksman_shared.site import load_site

SAID = {
    "en": ("Cancel everything.", "Cancel all orders!", "Cancel."),
    "de": ("Alles abbrechen!", "Brich alle Aufträge ab.", "Abbrechen."),
    "es": ("Cancela todo.", "Cancela todas las órdenes.", "Cancela."),
    "fr": ("Annulez tout.", "Annule toutes les missions.", "Annule."),
    "it": ("Annulla tutto.", "Annulla tutti gli ordini.", "Annulla."),
    "pt": ("Cancele tudo.", "Cancela todas as tarefas.", "Cancela."),
    "nl": ("Annuleer alles.", "Alle opdrachten annuleren.", "Annuleer."),
    "pl": ("Anuluj wszystko.", "Anuluj wszystkie zlecenia.", "Anuluj."),
    "tr": ("Her şeyi iptal et.", "Bütün görevleri iptal et.", "İptal et."),
    "sv": ("Avbryt allt.", "Avbryt alla uppdrag.", "Avbryt."),
    "ar": ("ألغِ كل شيء.", "ألغ جميع المهام.", "ألغ."),
    "hi": ("सब कुछ रद्द करो।", "सारे ऑर्डर रद्द करो।", "रद्द करो।"),
    "zh": ("全部取消。", "取消所有任务。", "取消。"),
    "ja": ("全部キャンセル。", "すべての作業をキャンセルして。", "キャンセル。"),
}
BREWERY = load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery")


@pytest.mark.parametrize("language", SAID)
def test_everything_is_cancelled_for_everybody_and_nothing_said_of_whom_for_nobody(language: str) -> None:
    understanding = Understanding(replace(BREWERY, languages=(language,)), None)
    meant = [understanding.understand(Transcript(text, language, 1.0)).commands for text in SAID[language]]
    everybody = (Command(Action.CANCEL, (EVERYBODY,)),)
    assert meant == [everybody, everybody, (Command(Action.CANCEL, ()),)]


@pytest.mark.parametrize("text", ["Los que estén en el muelle uno, parad", "Quien esté en el muelle uno, que pare"])
def test_those_who_are_somewhere_are_stopped_there(text: str) -> None:
    meant = Understanding(replace(BREWERY, languages=("es", "en")), None).understand(Transcript(text, "", 1.0))
    assert meant.commands == (Command(Action.STOP, ("at:dock-1",)),)
