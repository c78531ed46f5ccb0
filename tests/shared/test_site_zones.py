"""Zones that have names: checked with their line, known by them, and told to a planner without the people in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_site_faults import SITE, faults_of, write

from banksman_shared.site import Site, load_site, parse_site

ZONES = """
[[zones]]
id = "cold"
places = ["cold-store"]
people = true
names = { en = ["cold zone", "the cold"], es = ["zona fría"] }

[[zones]]
id = "quay"
places = ["kind:dock"]
"""


@pytest.fixture
def zoned(tmp_path: Path) -> Site:
    return load_site(write(tmp_path, SITE + ZONES))


def test_a_zone_is_called_by_its_names_and_one_without_by_its_id(zoned: Site) -> None:
    assert zoned.label("zone:cold", "es") == "zona fría"
    assert zoned.label("zone:cold", "fr") == "zone:cold"
    assert zoned.label("zone:quay", "en") == "zone:quay"
    assert zoned.places_of("zone:quay") == {"dock-1"}
    assert zoned.places_of("dock-1") == {"dock-1"}
    assert zoned.rules.with_people() == {"cold-store"}


def test_a_planner_is_told_of_zones_that_can_be_named_and_nothing_of_the_people_there(zoned: Site) -> None:
    sent = json.loads(json.dumps(zoned.document))
    assert sent["zones"] == [
        {
            "id": "cold",
            "places": ["cold-store"],
            "names": {"en": ["cold zone", "the cold"], "es": ["zona fría"]},
        }
    ]
    there = parse_site(sent)
    assert there.label("zone:cold", "en") == "cold zone"
    assert there.rules.zones.keys() == {"cold"}
    assert there.rules.with_people() == frozenset()


def test_a_site_whose_zones_have_no_names_tells_nothing_of_them(tmp_path: Path) -> None:
    nameless = ZONES.replace('names = { en = ["cold zone", "the cold"], es = ["zona fría"] }\n', "")
    assert "zones" not in load_site(write(tmp_path, SITE + nameless)).document


FAULTS = {
    "the name of a place": (
        '"cold zone"',
        '"cold store"',
        "means both place cold-store and zone cold",
    ),
    "a place's kind and number": ('"the cold"', '"Dock 1"', "'Dock 1' (en) means both place dock-1 and zone cold"),
    "the name of a group": ('"the cold"', '"night shift"', "'night shift' (en) means both group night-shift and zone"),
    "nothing to be said": ('"the cold"', '"…"', "the name '…' has no letters or digits"),
    "a language that nobody speaks": ('es = ["zona', 'fr = ["zona', "names in 'fr', which is not among the site's"),
    "a name that is no list": ('["zona fría"]', '"zona fría"', "'zones.0.names.es'"),
    "a key that there is not": ("people = true", 'colour = "blue"', "key 'zones.0.colour' is not known"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_zone_with_a_wrong_name_is_one_fault_with_its_line(tmp_path: Path, fault: str) -> None:
    old, new, sentence = FAULTS[fault]
    assert old in ZONES
    broken = SITE + ZONES.replace(old, new, 1)
    (found,) = faults_of(write(tmp_path, broken))
    assert sentence in found
    assert f"site.toml:{1 + broken[: broken.rindex(new)].count(chr(10))}:" in found


def test_two_zones_cannot_be_called_the_same(tmp_path: Path) -> None:
    (found,) = faults_of(write(tmp_path, SITE + ZONES + 'names = { en = ["Cold Zone"] }\n'))
    assert "'Cold Zone' (en) means both zone cold and zone quay" in found
