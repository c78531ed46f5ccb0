"""Fixtures of the planner's tests; what they are made of is in planner_world.py."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from planner_process import Postgres, postgres
from planner_world import ScriptedProvider, Service, goals_of, serving, transport, yard_document

from banksman_shared.site import Site, parse_site


@pytest.fixture
def yard() -> Site:
    return parse_site(json.loads(json.dumps(yard_document())))


@pytest.fixture
def service() -> Iterator[Service]:
    """The service with a model that understands two loads from the dock to aisle 2."""
    with serving(ScriptedProvider(goals_of(transport(2, "dock-1", "aisle-2")))) as running:
        yield running


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    """A real PostgreSQL. It may be stopped, if it is started again."""
    with postgres() as running:
        yield running
