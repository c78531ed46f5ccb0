"""Every kind of fault in a site folder is refused, with what it is and the line it stands in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from banksman_shared.errors import Fault, SiteError
from banksman_shared.site import Site, load_site, parse_site

SITE = """\
[site]
id = "harbour-2"
name = "Harbour 2"
languages = ["en", "es"]
layout = "layout.lif.json"

[vehicle_kinds.forklift]
names = { en = ["forklift", "truck"], es = ["carretilla"] }

[[vehicles]]
id = "agv-1"
kind = "forklift"
number = 1
manufacturer = "Acme"
serial_number = "A-0001"
home = "dock-1"

[[vehicles]]
id = "agv-2"
kind = "forklift"
number = 2
names = { en = ["Falcon"] }
manufacturer = "Acme"
serial_number = "A-0002"
home = "cold-store"

[place_kinds.dock]
names = { en = ["dock"], es = ["muelle"] }

[[places]]
id = "dock-1"
kind = "dock"
number = 1
station = "dock-1"

[[places]]
id = "cold-store"
node = "N2"
names = { en = ["cold store"], es = ["cámara fría"] }

[[groups]]
id = "night-shift"
vehicles = ["agv-1", "agv-2"]
names = { en = ["night shift"] }
"""


def layout_document() -> dict[str, Any]:
    """Two nodes with a road each way, and a station at the first."""

    def node(name: str, x: float) -> dict[str, Any]:
        return {"nodeId": name, "mapId": "m", "nodePosition": {"x": x, "y": 0.0}, "vehicleTypeNodeProperties": []}

    def edge(start: str, end: str) -> dict[str, Any]:
        properties = [{"vehicleTypeId": "forklift", "rotationAllowed": True}]
        return {
            "edgeId": f"{start}-{end}",
            "startNodeId": start,
            "endNodeId": end,
            "vehicleTypeEdgeProperties": properties,
        }

    return {
        "metaInformation": {},
        "layouts": [
            {
                "layoutId": "l",
                "layoutVersion": "1",
                "nodes": [node("N1", 0.0), node("N2", 5.0)],
                "edges": [edge("N1", "N2"), edge("N2", "N1")],
                "stations": [{"stationId": "dock-1", "interactionNodeIds": ["N1"]}],
            }
        ],
    }


def write(folder: Path, text: str = SITE, layout: Any = None) -> Path:
    (folder / "site.toml").write_text(text, encoding="utf-8")
    (folder / "layout.lif.json").write_text(json.dumps(layout or layout_document()), encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(SiteError) as refusal:
        load_site(folder)
    return [str(fault) for fault in refusal.value.faults]


def line_of(text: str, phrase: str, occurrence: int = 1) -> int:
    """The 1-based line of the n-th line that starts with ``phrase``."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(phrase)]
    return lines[occurrence - 1]


def test_the_unbroken_site_loads(tmp_path: Path) -> None:
    site = load_site(write(tmp_path))
    assert isinstance(site, Site)
    assert list(site.vehicles) == ["agv-1", "agv-2"]
    assert site.places["dock-1"].node == "N1"


def test_phrases_of_a_site_are_read(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, SITE + '\n[phrases.en]\ncharge = ["juice up", "fill … up"]\n'))
    assert site.phrases == {"en": {"charge": ("juice up", "fill … up")}}
    assert parse_site(site.document).phrases == site.phrases


# What is replaced, by what, what the fault says, and the line it names: the n-th that starts with the phrase.
BROKEN = {
    "a key that this version does not know": (
        "number = 1\nmanu",
        'colour = "red"\nnumber = 1\nmanu',
        "key 'vehicles.0.colour' is not known",
        ("colour", 1),
    ),
    "an unknown table": ("[[groups]]", "[[robots]]", "key 'robots' is not known", ("[[robots]]", 1)),
    "phrases in a language that is not spoken": (
        "[[groups]]",
        '[phrases.fr]\ncharge = ["fais le plein"]\n\n[[groups]]',
        "phrases in 'fr', which is not among",
        ("[phrases.fr]", 1),
    ),
    "phrases for an action that has none": (
        "[[groups]]",
        '[phrases.en]\nfly = ["take off"]\n\n[[groups]]',
        "'phrases.en.fly",
        ("fly", 1),
    ),
    "a phrase that nobody can say": (
        "[[groups]]",
        '[phrases.en]\ncharge = ["juice up", "!!"]\n\n[[groups]]',
        "the phrase '!!' has no letters or digits",
        ("charge", 1),
    ),
    "a phrase that is a name": (
        "[[groups]]",
        '[phrases.en]\npark = ["Cold store"]\n\n[[groups]]',
        "'Cold store' (en) means both park and place cold-store",
        ("park", 1),
    ),
    "a missing key": ('home = "dock-1"\n', "", "'vehicles.0.home' is missing", ("[[vehicles]]", 1)),
    "a missing site id": ('id = "harbour-2"\n', "", "'site.id' is missing", ("[site]", 1)),
    "a number in quotes": ("number = 2\nnames", 'number = "2"\nnames', "'vehicles.1.number'", ("number", 2)),
    "a number out of range": ("number = 2\nnames", "number = -2\nnames", "'vehicles.1.number'", ("number", 2)),
    "an id with a space": ('id = "agv-2"', 'id = "agv 2"', "'vehicles.1.id'", ("id", 3)),
    "a serial number that cannot be a topic level": (
        '"A-0002"',
        '"A/2"',
        "'vehicles.1.serial_number'",
        ("serial_number", 2),
    ),
    "no languages": ('languages = ["en", "es"]', "languages = []", "'site.languages'", ("languages", 1)),
    "a language twice": ('["en", "es"]', '["en", "es", "en"]', "language 'en' stands twice", ("languages", 1)),
    "names in a language that is not spoken": ('es = ["muelle"]', 'fr = ["quai"]', "names in 'fr'", ("names", 3)),
    "a vehicle id twice": ('id = "agv-2"', 'id = "agv-1"', "vehicles id 'agv-1' stands twice", ("id", 3)),
    "an identity on the wire twice": ('"A-0002"', '"A-0001"', "'Acme/A-0001' stands twice", ("serial_number", 2)),
    "a place id twice": ('id = "cold-store"', 'id = "dock-1"', "places id 'dock-1' stands twice", ("id", 5)),
    "a vehicle kind that is not defined": (
        'kind = "forklift"\nnumber = 2',
        'kind = "crane"\nnumber = 2',
        "kind 'crane', which is not defined",
        ("kind", 2),
    ),
    "a place kind that is not defined": (
        'kind = "dock"',
        'kind = "gate"',
        "kind 'gate', which is not defined",
        ("kind", 3),
    ),
    "a home that is no place": (
        'home = "cold-store"',
        'home = "park-9"',
        "home 'park-9', which is not a place",
        ("home", 2),
    ),
    "a vehicle that cannot be named": (
        "number = 1\nmanu",
        "manu",
        "vehicle 'agv-1' cannot be named aloud",
        ("[[vehicles]]", 1),
    ),
    "a place that cannot be named": (
        "number = 1\nstation",
        "station",
        "place 'dock-1' cannot be named aloud",
        ("[[places]]", 1),
    ),
    "a station that the layout lacks": (
        'station = "dock-1"',
        'station = "dock-9"',
        "no station 'dock-9'",
        ("station", 1),
    ),
    "a node that the layout lacks": ('node = "N2"', 'node = "N9"', "no node 'N9'", ("node", 1)),
    "a place with station and node": (
        'node = "N2"',
        'node = "N2"\nstation = "dock-1"',
        "either a station or a node",
        ("[[places]]", 2),
    ),
    "a group with a stranger": (
        '["agv-1", "agv-2"]',
        '["agv-1", "agv-7"]',
        "'agv-7', which is no vehicle",
        ("vehicles", 1),
    ),
    "a place named like another": (
        'en = ["cold store"]',
        'en = ["dock 1"]',
        "'dock 1' (en) means both place dock-1 and place cold-store",
        ("names", 4),
    ),
    "a name that is two things but for accents and case": (
        'names = { en = ["night shift"] }',
        'names = { es = ["CAMARA FRIA"] }',
        "means both",
        ("names", 5),
    ),
    "two vehicles of a kind with one number": (
        "number = 2",
        "number = 1",
        "'forklift 1' (en) means both vehicle agv-1 and vehicle agv-2",
        ("number", 2),
    ),
    "a table of names in a language that is not spoken": (
        'home = "dock-1"',
        'home = "dock-1"\n[vehicles.names]\nfr = ["Faucon"]',
        "names in 'fr'",
        ("[vehicles.names]", 1),
    ),
    "a name without a word in it": ('en = ["Falcon"]', 'en = ["!?"]', "no letters or digits", ("names", 2)),
}


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.replace(" ", "-"))
def test_a_fault_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    old, new, what, line = BROKEN[case]
    text = SITE.replace(old, new, 1)
    assert text != SITE

    faults = faults_of(write(tmp_path, text))

    matching = [fault for fault in faults if what in fault]
    assert matching, faults
    assert matching[0].startswith(f"site.toml:{line_of(text, *line)}: ")
    assert "; " in matching[0], "a fault says what to do"


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    text = (
        SITE.replace('home = "dock-1"', 'home = "nowhere"')
        .replace('station = "dock-1"', 'station = "dock-9"')
        .replace('["agv-1", "agv-2"]', '["agv-8"]')
        .replace('id = "night-shift"', 'id = "night-shift"\ncolour = "black"')
    )
    faults = " ".join(faults_of(write(tmp_path, text)))
    for what in ("'nowhere'", "'dock-9'", "'agv-8'", "'groups.0.colour'"):
        assert what in faults


def test_of_many_faults_the_first_are_told() -> None:
    faults = [Fault(f"line {at}", "a fault", "mend it") for at in range(21)]
    told = str(SiteError("site", faults)).split("\n")
    assert len(told) == 22
    assert (told[0], told[-1]) == ("site site has 21 faults:", "  … and 1 more")
    assert len(SiteError("site", faults).faults) == 21


def test_faults_of_layout_and_site_are_reported_together(tmp_path: Path) -> None:
    layout = layout_document()
    layout["layouts"][0]["edges"][0]["endNodeId"] = "N9"
    faults = faults_of(write(tmp_path, SITE.replace('home = "dock-1"', 'home = "nowhere"'), layout))
    assert any("edge N1-N2" in fault and "'N9' is missing" in fault for fault in faults)
    assert any("'nowhere'" in fault for fault in faults)


def _twice(layout: Any) -> None:
    layout["nodes"].append(layout["nodes"][0])


def _lost_station(layout: Any) -> None:
    layout["stations"][0]["interactionNodeIds"] = ["N9"]


def _empty_station(layout: Any) -> None:
    layout["stations"][0]["interactionNodeIds"] = []


def _no_position(layout: Any) -> None:
    del layout["nodes"][1]["nodePosition"]


def _standstill(layout: Any) -> None:
    layout["edges"][0]["vehicleTypeEdgeProperties"][0]["maxSpeed"] = 0


def _island(layout: Any) -> None:
    layout["edges"] = []


@pytest.mark.parametrize(
    ("breaks", "what"),
    [
        (_twice, "node N1: stands twice"),
        (_lost_station, "station dock-1: node 'N9' is missing"),
        (_empty_station, "station dock-1: no node to stop at"),
        (_no_position, "layouts.0.nodes.1.nodePosition"),
        (_standstill, "maxSpeed"),
        (_island, "no edge of the layout leads to place 'cold-store'"),
    ],
)
def test_a_broken_layout_is_refused(tmp_path: Path, breaks: Callable[[Any], None], what: str) -> None:
    layout = layout_document()
    breaks(layout["layouts"][0])
    assert any(what in fault for fault in faults_of(write(tmp_path, layout=layout)))


@pytest.mark.parametrize(
    ("site_toml", "layout", "what"),
    [
        (None, "{}", "no such file; a site is a folder with site.toml in it"),
        ("[site\n", "{}", "line 1"),
        (SITE, None, "put the layout there or mend 'layout'"),
        (SITE, "{", "not readable as JSON"),
        (SITE, "[]", "see VDMA LIF 1.0.0"),
    ],
    ids=["no-site-file", "no-toml", "no-layout", "no-json", "no-lif"],
)
def test_an_unreadable_folder_is_refused(tmp_path: Path, site_toml: str | None, layout: str | None, what: str) -> None:
    if site_toml is not None:
        (tmp_path / "site.toml").write_text(site_toml, encoding="utf-8")
    if layout is not None:
        (tmp_path / "layout.lif.json").write_text(layout, encoding="utf-8")
    assert any(what in fault for fault in faults_of(tmp_path))


def test_files_as_windows_writes_them_are_read(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("site.toml", "layout.lif.json"):
        file = tmp_path / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert list(load_site(tmp_path).vehicles) == ["agv-1", "agv-2"]


def test_a_file_instead_of_its_folder_is_refused(tmp_path: Path) -> None:
    assert faults_of(write(tmp_path) / "site.toml") == [
        f"{tmp_path / 'site.toml'}: this is a file; give the folder that site.toml is in"
    ]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(b'[site]\nid = "\xff"\n')
    assert any("UTF-8" in fault for fault in faults_of(tmp_path))


def test_a_site_survives_the_way_to_another_process(tmp_path: Path) -> None:
    site = load_site(write(tmp_path))
    assert parse_site(json.loads(json.dumps(site.document))) == site


@pytest.mark.parametrize("document", [None, [], {}, {"layout_document": 1}, {"layout_document": {}}])
def test_a_document_that_is_no_site_is_refused(document: object) -> None:
    with pytest.raises(SiteError):
        parse_site(document)
