"""Which planners an agent gets, by its command line and the site's file."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from escalation_world import Dispatcher, planner, request_of, with_rules
from plant import TOKEN

from banksman_edge import Settings
from banksman_edge.app.build import load_planners
from banksman_edge.errors import PlannerError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site

TEXT = "two pallets from the freezer to dock two"
MQTT = MqttSettings("mqtt://127.0.0.1:1883")


@pytest.fixture(autouse=True)
def _no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANKSMAN_PLANNER_TOKEN", raising=False)


def propose(site: Site, settings: Settings) -> str:
    """By which rule it was refused; empty if there is a plan."""
    with ExitStack() as parts:
        desk = load_planners(site, settings, parts)
        try:
            desk.plan(lambda: request_of(site, TEXT), TEXT, None, lambda *_: None)
        except PlannerError as error:
            return error.code
        return ""


def test_a_planner_wants_a_token(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlannerError, match="BANKSMAN_PLANNER_TOKEN"):
        propose(site, Settings(MQTT, planner_url="http://127.0.0.1:9"))
    monkeypatch.setenv("BANKSMAN_PLANNER_TOKEN", "a,b")
    assert propose(site, Settings(MQTT, planner_url="http://127.0.0.1:9")) == "link-lost"


def test_without_an_address_there_is_no_planner(site: Site) -> None:
    assert propose(site, Settings(MQTT)) == "no-cloud"


def test_where_nothing_leaves_the_address_does_not_matter(site: Site) -> None:
    shut = with_rules(site, "[escalation]\ncloud = false")
    assert propose(shut, Settings(MQTT, planner_url="http://127.0.0.1:9")) == "nothing-leaves"


@pytest.mark.parametrize(("table", "said"), [("", "p3"), ("[escalation]\npseudonyms = false", "freezer")])
def test_names_are_hidden_unless_the_site_says_otherwise(site: Site, tmp_path: Path, table: str, said: str) -> None:
    model = Dispatcher()
    with planner(model) as (client, _):
        settings = Settings(MQTT, planner_url=client.url, planner_token=TOKEN, state=tmp_path)
        assert propose(with_rules(site, table), settings) == ""
    assert model.prompts[0].request == f"two pallets from the {said} to dock two"
    assert (tmp_path / "plans-today.json").exists()


def test_a_planner_on_the_site_is_told_everything(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Dispatcher()
    monkeypatch.setenv("BANKSMAN_LOCAL_PLANNER_TOKEN", TOKEN)
    with planner(model) as (client, _):
        here = with_rules(site, f'[escalation]\ncloud = false\nlocal = "{client.url}"')
        assert propose(here, Settings(MQTT)) == ""
    assert model.prompts[0].request == TEXT
