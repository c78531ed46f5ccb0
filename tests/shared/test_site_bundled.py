"""The example site that comes with Banksman, and the commands that check and draw a site."""

from __future__ import annotations

import copy
import itertools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner

from banksman_shared.errors import SiteError
from banksman_shared.site import Router, Site, bundled_site, load_site, parse_site
from banksman_shared.site.cli import site as site_command
from banksman_shared.site.draw import draw_site

ROOT = Path(__file__).parents[2]
LIF_SCHEMA = ROOT.parent / "shared" / "vda5050" / "lif-1.0.0" / "LIF.schema"
LANGUAGES = ("en", "es", "fr", "it", "pt", "de", "hi", "zh", "ja")


@pytest.fixture(scope="module")
def warehouse() -> Site:
    return load_site(bundled_site())


def test_every_place_is_reachable_from_every_other(warehouse: Site) -> None:
    router = Router(warehouse.layout)
    nodes = {place.node for place in warehouse.places.values()}
    for kind in warehouse.vehicle_kinds:
        for start, end in itertools.permutations(nodes, 2):
            assert router.route(start, end, kind) is not None, f"{kind} from {start} to {end}"


def test_no_place_is_cut_off_when_an_aisle_is_closed(warehouse: Site) -> None:
    closed = warehouse.places["aisle-3"].node
    edges = {i: e for i, e in warehouse.layout.edges.items() if closed not in (e.start, e.end)}
    router = Router(type(warehouse.layout)(warehouse.layout.nodes, edges, warehouse.layout.stations))
    home = warehouse.places["parking-1"].node
    for place in warehouse.places.values():
        if place.node != closed:
            assert router.route(home, place.node, "forklift") is not None, place.id


def test_every_vehicle_has_a_home_of_its_own(warehouse: Site) -> None:
    homes = [vehicle.home for vehicle in warehouse.vehicles.values()]
    assert len(set(homes)) == len(homes)


def test_loads_and_charging_are_where_they_should_be(warehouse: Site) -> None:
    assert [place.id for place in warehouse.chargers()] == ["charger-1", "charger-2"]
    for place in warehouse.places.values():
        handles_loads = {"pick", "drop"} <= warehouse.layout.nodes[place.node].actions
        expected = place.kind in ("dock", "aisle") or place.id in ("inbound", "packing", "cold-store")
        assert handles_loads == expected, place.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_a_name_in_every_language(warehouse: Site, language: str) -> None:
    kinds = {**warehouse.vehicle_kinds, **warehouse.place_kinds}
    for item in (*warehouse.vehicles.values(), *warehouse.places.values()):
        named = item.names if item.kind is None else kinds[item.kind].names
        assert named.get(language), item.id
    assert all(group.names.get(language) for group in warehouse.groups.values())


def test_the_layout_is_valid_lif() -> None:
    if not LIF_SCHEMA.exists():
        pytest.skip("the official LIF schema lies beside the repository on development machines only")
    layout = json.loads((bundled_site() / "layout.lif.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(json.loads(LIF_SCHEMA.read_text(encoding="utf-8"))).validate(layout)


def test_the_layout_is_what_its_script_makes() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_warehouse.py")], capture_output=True, text=True, check=True
    )
    assert made.stdout == (bundled_site() / "layout.lif.json").read_text(encoding="utf-8")


def test_check_sums_up_a_good_site() -> None:
    done = CliRunner().invoke(site_command, ["check"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "warehouse: good. 6 vehicles, 28 places" in done.stdout
    assert "forklift-1" in done.stdout
    assert "warning" not in done.stderr


def test_check_warns_of_a_place_that_is_a_trap(tmp_path: Path) -> None:
    layout = json.loads((bundled_site() / "layout.lif.json").read_text(encoding="utf-8"))
    edges = layout["layouts"][0]["edges"]
    layout["layouts"][0]["edges"] = [edge for edge in edges if edge["startNodeId"] != "n-dock-3"]
    (tmp_path / "layout.lif.json").write_text(json.dumps(layout), encoding="utf-8")
    (tmp_path / "site.toml").write_bytes((bundled_site() / "site.toml").read_bytes())

    done = CliRunner().invoke(site_command, ["check", str(tmp_path)], catch_exceptions=False)

    assert done.exit_code == 0
    assert "no forklift can get back from dock-3" in done.stderr


def test_check_warns_of_a_language_that_cannot_be_heard(tmp_path: Path) -> None:
    shutil.copytree(bundled_site(), tmp_path, dirs_exist_ok=True)
    written = (tmp_path / "site.toml").read_text(encoding="utf-8")
    spoken = re.sub(r"(?m)^(languages = \[.*)\]", r'\1, "gsw"]', written)
    (tmp_path / "site.toml").write_text(spoken, encoding="utf-8")

    done = CliRunner().invoke(site_command, ["check", str(tmp_path)], catch_exceptions=False)

    assert done.exit_code == 0
    assert "warning: Whisper does not know the language 'gsw'" in done.stderr
    assert done.stderr.count("warning") == 1


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("w\u043erkshop", "has letters of Cyrillic and Latin that look alike"),
        ("work\u200bshop", "has characters in it that nobody sees"),
        ("w\u00f6rkshop", ""),
        ("\u0432\u043e\u0440\u043e\u0442\u0430 dock", ""),
    ],
    ids=["Cyrillic o", "zero width", "umlaut", "two words"],
)
def test_check_warns_of_names_that_only_look_like_words(tmp_path: Path, name: str, warning: str) -> None:
    shutil.copytree(bundled_site(), tmp_path, dirs_exist_ok=True)
    written = (tmp_path / "site.toml").read_text(encoding="utf-8")
    (tmp_path / "site.toml").write_text(written.replace('en = ["workshop"', f'en = ["{name}"'), encoding="utf-8")

    done = CliRunner().invoke(site_command, ["check", str(tmp_path)], catch_exceptions=False)

    assert done.exit_code == 0
    assert warning in done.stderr
    assert done.stderr.count("warning") == bool(warning)


def test_check_refuses_a_broken_site_with_exit_status_1(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[site]\nid = "x"\nnmae = "X"\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from banksman_shared.cli import main; main()", "site", "check", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "site.toml:3: key 'site.nmae' is not known" in done.stderr
    assert "layout.lif.json: no such file" in done.stderr


def test_the_picture_shows_every_place_road_and_home(warehouse: Site) -> None:
    picture = ET.fromstring(draw_site(warehouse))  # noqa: S314  we made it
    svg = "{http://www.w3.org/2000/svg}"
    texts = {element.text for element in picture.iter(f"{svg}text")}
    for thing in (*warehouse.places, *warehouse.vehicles):
        assert warehouse.label(thing, "en") in texts
    roads = {title.text.split(":")[0] for title in picture.iter(f"{svg}title") if title.text and ":" in title.text}
    assert roads == set(warehouse.layout.edges)
    width, height = (float(x) for x in picture.attrib["viewBox"].split()[2:])
    for circle in picture.iter(f"{svg}circle"):
        assert 0 < float(circle.attrib["cx"]) < width
        assert 0 < float(circle.attrib["cy"]) < height


def test_draw_writes_the_file_it_is_told(tmp_path: Path) -> None:
    target = tmp_path / "x.svg"
    done = CliRunner().invoke(site_command, ["draw", "--output", str(target)], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.strip() == str(target)
    assert ET.parse(target).getroot().tag.endswith("svg")  # noqa: S314  we made it


def test_draw_of_a_broken_site_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "x.svg"
    with pytest.raises(SiteError):
        CliRunner().invoke(site_command, ["draw", str(tmp_path), "-o", str(target)], catch_exceptions=False)
    assert not target.exists()


def test_in_a_layout_that_names_no_actions_chargers_are_known_by_their_kind() -> None:
    document = copy.deepcopy(dict(load_site(bundled_site()).document))
    layout: Any = document["layout_document"]
    for node in layout["layouts"][0]["nodes"]:
        for properties in node["vehicleTypeNodeProperties"]:
            properties.pop("actions", None)
    assert [place.id for place in parse_site(document).chargers()] == ["charger-1", "charger-2"]
