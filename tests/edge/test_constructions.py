"""What the grammar makes of the constructions that dispatchers use, in every language of the folder."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.evaluation import Case, Evaluation, read_manifest
from banksman_edge.policy import Policy
from banksman_shared.commands import to_document
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[1] / "data"
MANIFESTS = sorted((DATA / "constructions").glob("*.jsonl"))
LEAST = 0.93
"""Of the sentences of each language, by which the grammar was extended."""
NONE = {"action": "none", "vehicles": []}


@cache
def site(name: str) -> Site:
    return load_site(DATA / "constructions" / name)


@cache
def understanding(name: str) -> Understanding:
    return Understanding(site(name), None)


def rows_of(manifest: Path) -> list[tuple[str, Case]]:
    """The cases of a manifest with the names of their sites."""
    lines = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    return list(zip([line["site"] for line in lines], read_manifest(manifest), strict=True))


def test_there_are_constructions_in_at_least_eleven_languages() -> None:
    assert {path.stem for path in MANIFESTS} >= {"ar", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "tr", "zh"}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: str(path.stem))
def test_nearly_all_are_read_exactly_and_talk_causes_nothing(manifest: Path) -> None:
    rows = [
        row
        for name, case in rows_of(manifest)
        for row in Evaluation(understanding(name), None, Policy.of(site(name))).run([case], lambda: None)
    ]
    wrong = [row.case.text for row in rows if not row.ok]
    assert 1 - len(wrong) / len(rows) >= LEAST, wrong
    assert not [row.case.text for row in rows if row.case.expect == NONE and not row.ok]


def meant(text: str, language: str, at: str = "home") -> object:
    return to_document(understanding(at).understand(Transcript(text, language, 1.0)).commands)


@pytest.mark.parametrize(
    "text", ["ローダー4号と危険物倉庫へ", "ローダー4号と、危険物倉庫へ行って", "Tug four and the chemical store"]
)
def test_an_and_that_leads_to_no_second_vehicle_has_lost_one(text: str) -> None:
    read = understanding("home").understand(Transcript(text, "", 1.0))
    assert Policy().judge(read, 1.0, None).verdict is not Verdict.ACCEPT


def test_a_load_with_both_ends_is_transported_whatever_its_verb() -> None:
    """ "traporter" is no verb, and only similar to a name; the origin is not dropped."""
    hospital = Understanding(load_site(DATA / "commands" / "hospital"), None)
    read = hospital.understand(Transcript("Il faut traporter les plateaux de la cuisine au service 31", "fr", 1.0))
    assert to_document(read.commands) == {
        "action": "transport",
        "vehicles": [],
        "from": "kitchen",
        "to": "ward-31",
    }


def test_orders_to_several_are_not_laid_together() -> None:
    assert meant("Mira se gare et Faucon va à la pharmacie", "fr") == [
        {"action": "park", "vehicles": ["cart-12"]},
        {"action": "move", "vehicles": ["tug-6"], "to": "pharmacy"},
    ]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("روبوت واحد على غرفة مئتين وعشرة", {"action": "move", "vehicles": ["robot-1"], "to": "room-210"}),
        ("روبوت واحد على غرفة مية وخمسة", {"action": "move", "vehicles": ["robot-1"], "to": "room-105"}),
        (
            "रोबोट एक, पहले दरवाज़ा दो पर जाओ, फिर रसोई में",
            [
                {"action": "move", "vehicles": ["robot-1"], "to": "door-2"},
                {"action": "move", "vehicles": ["robot-1"], "to": "kitchen"},
            ],
        ),
        ("रोबोट एक, पहले दरवाज़े पर जाओ", {"action": "move", "vehicles": ["robot-1"], "to": "door-1"}),
        ("Birinci robot 342'ye gitsin", {"action": "move", "vehicles": ["robot-1"], "to": "room-342"}),
    ],
)
def test_numbers_are_read_as_they_are_said(text: str, document: object) -> None:
    assert meant(text, "", "hotel") == document


@pytest.mark.parametrize(
    "text",
    [
        "Robot iki mutfakta değil, çamaşırhanede",
        "रोबोट दो रसोई में नहीं जाएगा, लॉन्ड्री में है",
        "روبوت اثنين مش في المطبخ، في المغسلة",
        "Birinci robot mutfakta, ikinci robot çamaşırhanede bekliyor",
    ],
)
def test_where_somebody_is_and_is_not_is_no_order(text: str) -> None:
    assert meant(text, "", "hotel") == NONE
