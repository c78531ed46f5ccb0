"""Where several places are called alike and nothing tells which is meant, it is asked; nobody goes to the first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding, Verdict
from banksman_edge.policy import Policy
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "lookalikes"), None)
LINES = ("line-north", "line-south")


def read(text: str, language: str = "en") -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("shuttle 2, go to the washing line", "en"),
        ("Shuttle 2, fahr zur Waschstraße", "de"),
        ("lanzadera 2, ve a la línea de lavado", "es"),
        ("navette 2, va à la ligne de lavage", "fr"),
        ("navetta 2, vai alla linea di lavaggio", "it"),
        ("rebocador 2, vá para a linha de lavagem", "pt"),
        ("shuttle 2, rij naar de waslijn", "nl"),
        ("skyttel 2, kör till tvättlinjen", "sv"),
        ("skyttel 2, kör till tvättlinje", "sv"),
        ("transporter 2, jedź do myjki", "pl"),
        ("mekik 2, yıkama hattına git", "tr"),
        ("शटल 2, धुलाई लाइन पर जाओ", "hi"),
        ("シャトル2、洗浄ラインへ行って", "ja"),
        ("2号穿梭车去清洗线", "zh"),
        ("المكوك 2، اذهب إلى خط الغسيل", "ar"),
        ("take the crates from gate 1 to the washing line", "en"),
        ("shuttle 2, where are you? Go to the washing line", "en"),
    ],
)
def test_it_is_asked_which_is_meant(text: str, language: str) -> None:
    found = read(text, language)
    assert found.choices == LINES
    judged = Policy().judge(found, 1.0, None)
    assert (judged.verdict, judged.key) == (Verdict.ASK, "which")


def test_what_tells_them_apart_names_one() -> None:
    assert read("shuttle 2, go to the washing line south").commands[0].destination == "line-south"
    assert not read("shuttle 2, go to the washing line south").choices
    assert read("shuttle 2, go to the washing line west").unknown == "washing line west"


def test_who_stops_at_any_of_them_stops() -> None:
    everyone = Command(Action.STOP, tuple(f"at:{line}" for line in LINES))
    assert read("everyone at the washing line, stop").commands == (everyone,)
    assert read("shuttle 2, stop at the washing line").commands == (Command(Action.STOP, ("sh-2",)),)


@pytest.mark.parametrize(
    ("language", "said", "names", "text"),
    [
        ("ar", "خط الغسيل", ('غرفة الطرود", "الطرود', "غرفة التبريد"), "المكوك 2، اذهب إلى غرفة الطرود"),
        ("en", "washing line", ('pallet room", "pallet', "cold room"), "shuttle 2, go to the pallet room"),
    ],
)
def test_what_is_named_whole_is_no_other_that_begins_or_ends_alike(
    language: str, said: str, names: tuple[str, str], text: str, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    shutil.copytree(Path(__file__).parents[1] / "data" / "lookalikes", site)
    written = (site / "site.toml").read_text("utf-8")
    for name in names:
        written = re.sub(rf'"{said} [^"]+"', f'"{name}"', written, count=1)
    (site / "site.toml").write_text(written, "utf-8")
    found = Understanding(load_site(site), None).understand(Transcript(text, language, 1.0))
    assert found.commands == (Command(Action.MOVE, ("sh-2",), destination="line-north"),)
    assert not found.choices
