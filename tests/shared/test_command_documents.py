"""Commands as the contract writes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksman_shared.actions import Action
from banksman_shared.commands import Command, check_against, parse_commands, to_document
from banksman_shared.errors import CommandError
from banksman_shared.site import Site

ids = st.from_regex(r"[a-z]{1,8}-[0-9]{1,2}", fullmatch=True)
commands = st.builds(
    Command,
    action=st.sampled_from(Action),
    vehicles=st.lists(ids, max_size=3).map(tuple),
    origin=st.none() | ids,
    destination=st.none() | ids,
)


@given(st.lists(commands, min_size=1, max_size=4))
def test_commands_survive_json(sequence: list[Command]) -> None:
    document = json.loads(json.dumps(to_document(sequence)))
    assert parse_commands(document) == tuple(sequence)


@pytest.mark.parametrize(
    "document",
    [
        {"action": "transport", "vehicles": ["agv-3"], "from": "aisle-9", "to": "dock-2"},
        {"action": "stop", "vehicles": ["*"]},
        {"action": "none", "vehicles": []},
        [{"action": "pick", "vehicles": ["agv-1"], "to": "dock-4"}, {"action": "drop", "vehicles": ["agv-1"]}],
    ],
)
def test_the_contracts_form_is_read_and_written_unchanged(document: object) -> None:
    assert to_document(parse_commands(document)) == document


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "stop",
        {},
        {"action": "stop"},
        {"vehicles": ["*"]},
        {"action": "fly", "vehicles": []},
        {"action": "move", "vehicles": "agv-1"},
        {"action": "move", "vehicles": [], "destination": "dock-1"},
        {"action": "move", "vehicles": [], "to": 3},
        [{"action": "stop", "vehicles": ["*"]}, None],
    ],
)
def test_what_is_no_command_is_refused(document: object) -> None:
    with pytest.raises(CommandError):
        parse_commands(document)


@pytest.mark.parametrize("reference", ["forklift-1", "*", "group:night-shift", "kind:tugger", "at:aisle-4"])
def test_what_the_site_has_is_accepted(site: Site, reference: str) -> None:
    check_against(site, (Command(Action.MOVE, (reference,), destination="dock-1", origin="aisle-1"),))


@pytest.mark.parametrize(
    "command",
    [
        Command(Action.STOP, ("forklift-9",)),
        Command(Action.STOP, ("group:forklift-1",)),
        Command(Action.STOP, ("kind:crane",)),
        Command(Action.STOP, ("at:moon",)),
        Command(Action.STOP, ("group:",)),
        Command(Action.MOVE, (), destination="dock-99"),
        Command(Action.TRANSPORT, (), origin="moon", destination="dock-1"),
    ],
)
def test_what_the_site_lacks_is_refused(site: Site, command: Command) -> None:
    with pytest.raises(CommandError, match=f"site {site.id} has no"):
        check_against(site, (command,))
