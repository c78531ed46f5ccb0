"""Who is free: those of the kind that is asked for, and of them only the free ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from edge_world import FleetDouble, Recorder, agent_of

from banksman_shared.actions import Action
from banksman_shared.site import Site


def answered(site: Site, heard: Recorder, text: str, language: str | None, free: set[str]) -> tuple[str, ...]:
    fleet = FleetDouble(site)
    fleet.views |= {key: replace(view, job="j") for key, view in fleet.views.items() if key not in free}
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say(text, language=language)
        heard.until_reply("", key=decision.id)
    assert fleet.orders == []
    return decision.commands[0].vehicles if decision.commands[0].action is Action.STATUS else ()


@pytest.mark.parametrize(
    "text",
    [
        "Which forklift is free?",
        "Welcher Stapler ist frei?",
        "Quel chariot est libre ?",
        "¿Qué carretilla está libre?",
        "Quale carrello è libero?",
        "Qual empilhadeira está livre?",
    ],
)
def test_of_a_kind_the_free_ones_are_told(site: Site, heard: Recorder, text: str) -> None:
    assert answered(site, heard, text, None, {"forklift-2", "tugger-1"}) == ("forklift-2",)


def test_where_none_is_free_it_is_said(site: Site, heard: Recorder) -> None:
    assert answered(site, heard, "Which forklift is free?", None, {"tugger-1"}) == ()
    assert heard.texts() == ["Not possible: no vehicle is free for this."]


def test_of_any_kind_all_free_ones_are_told(site: Site, heard: Recorder) -> None:
    assert answered(site, heard, "Who is free?", None, {"forklift-2", "tugger-1"}) == ("forklift-2", "tugger-1")
