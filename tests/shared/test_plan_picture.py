"""The picture of a plan, and the command that draws it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from banksman_cloud.cli import planner
from banksman_shared.plan_picture import draw_plan
from banksman_shared.plans import Plan
from banksman_shared.site import Site, bundled_site, load_site

SVG = "{http://www.w3.org/2000/svg}"
PLAN = Plan.model_validate(
    {
        "id": "p",
        "state": "proposed",
        "request": "x",
        "goals": [
            {
                "kind": "transport",
                "count": 2,
                "origins": ["inbound"],
                "destinations": ["aisle-3"],
                "within_s": 300,
                "words": "two <pallets> & more",
            },
            {"kind": "avoid", "places": ["dock-2"], "from_s": 30, "until_s": 90, "words": "keep dock two free"},
            {"kind": "avoid", "places": ["aisle-5"], "words": "nobody through aisle five"},
        ],
        "steps": [
            {
                "vehicle": v,
                "action": "transport",
                "from": "inbound",
                "to": "aisle-3",
                "start_s": s,
                "end_s": s + 80,
                "goal": 0,
            }
            for v, s in (("forklift-1", 0), ("forklift-1", 80), ("tugger-1", 0))
        ],
    }
)


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(bundled_site())


def drawn(site: Site, starts: Mapping[str, str] | None = None) -> ET.Element:
    return parsed(draw_plan(site, PLAN.goals, PLAN.steps, starts))


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  we have just written it


def group(picture: ET.Element, name: str) -> ET.Element:
    return next(g for g in picture.iter(f"{SVG}g") if g.get("id") == name)


def words(element: ET.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


def test_every_step_is_a_bar_in_the_row_of_its_vehicle_as_long_as_it_lasts(site: Site) -> None:
    bars = [bar for bar in group(drawn(site), "steps") if bar.tag == f"{SVG}rect"]
    rows = {bar.get("y") for bar in bars}
    assert len(rows) == 2
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert max(widths) - min(widths) < 1
    assert words(group(drawn(site), "grid"))[-2:] == ["forklift 1", "tugger 1"]


def test_limits_closed_times_and_words_are_in_it(site: Site) -> None:
    picture = drawn(site)
    assert words(group(picture, "limits")) == ["1 ≤ 5:00"]
    assert words(group(picture, "closed")) == ["2: dock 2 closed"]
    assert len(group(picture, "closed").findall(f"{SVG}rect")) == 2
    assert words(group(picture, "goals"))[0].endswith("“two <pallets> & more”")
    assert len(list(group(picture, "kept-free"))) == 2


def test_the_map_has_a_way_for_each_vehicle_around_what_is_closed(site: Site) -> None:
    ways = list(group(drawn(site), "ways"))
    assert len(ways) == 2
    assert all(len((way.get("points") or "").split()) > 4 for way in ways)
    assert "aisle 5" in words(group(drawn(site), "map"))


def test_a_vehicle_begins_where_it_stands(site: Site) -> None:
    home, there = drawn(site), drawn(site, {"forklift-1": site.places["inbound"].node})
    assert group(home, "ways")[0].get("points") != group(there, "ways")[0].get("points")


@pytest.mark.parametrize("event", [False, True])
def test_the_command_draws_a_plan_or_the_event_of_one(tmp_path: Path, event: bool) -> None:
    document = json.loads(PLAN.model_dump_json(by_alias=True, exclude_none=True))
    file, target = tmp_path / "p.json", tmp_path / "p.svg"
    file.write_text(json.dumps({"plan": document} if event else document))
    done = CliRunner().invoke(planner, ["draw", str(file), "-o", str(target)])
    assert done.exit_code == 0, done.output
    assert parsed(target.read_text()).tag == f"{SVG}svg"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no plan"),
        ("[]", "is no plan"),
        ("{}", "is no plan"),
        (json.dumps({"id": "p", "state": "done", "request": "x"}), "has no steps"),
        (PLAN.model_dump_json(by_alias=True).replace("forklift-1", "crane-1"), "names crane-1"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(text)
    done = CliRunner().invoke(planner, ["draw", str(file), "-o", str(tmp_path / "p.svg")])
    assert done.exit_code == 1
    assert says in done.output
