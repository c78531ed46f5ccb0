"""Dialogues of tests/dialogues on the real agent, with the reader that comes with the product and a fleet double: they
hold what the agent does with what it has understood. How much it understands is measured by `banksman bench dialogues`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialogue_script import Script, scripts
from dialogue_world import Stage, YardDouble
from edge_world import Recorder, agent_of
from operators_world import with_people

from banksman_shared.clock import ManualClock
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[2] / "data"
ALL = list(scripts("*.txt"))
ABOUT = """
[[zones]]
id = "walkways"
places = ["parking-2", "charger-1", "cold-store"]
people = true
"""


@pytest.mark.parametrize("script", ALL, ids=lambda script: f"{script.file.removesuffix('.txt')}: {script.title}")
def test_a_dialogue_goes_as_written(script: Script, site: Site, heard: Recorder, clock: ManualClock) -> None:
    stage_site = _site(script.heads.get("site", ""), site, script.heads.get("language", ""))
    if lasts := script.heads.get("context_s"):
        table = replace(stage_site.rules.policy, context_s=int(lasts))
        stage_site = replace(stage_site, rules=replace(stage_site.rules, policy=table))
    fleet = YardDouble(stage_site)
    with agent_of(stage_site, fleet, heard, clock=clock) as agent:
        Stage(script, agent, heard, fleet, clock).play()


def _site(name: str, bundled: Site, language: str) -> Site:
    match name:
        case "":
            return bundled
        case "people":
            return with_people(bundled)
        case "people-about":
            return with_people(bundled, ABOUT)
        case "harbour":
            return load_site(DATA / "harbour")
        case "lookalikes":
            return replace(load_site(DATA / "lookalikes"), languages=(language,))
        case "bakery":
            bakery = load_site(DATA / "moods" / "bakery")
            return replace(bakery, languages=(language,) if language else bakery.languages)  # of fourteen
        case _:
            return load_site(DATA / "languages" / name)
