"""The tables about people: read, resolved, refused with their line, and kept on the site."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_site_faults import SITE, faults_of, line_of, write

from banksman_shared.site import Grant, LeavingRules, Offline, PolicyTable, Rules, Thresholds, load_site, parse_site

HASH = "scrypt$16384$8$1$2keiL880XRIDyf3QZTajQQ==$17vaRGt7GGbxSIPBB+bzxz3VQlDAtUYeG8S5aFP14II="
RULES = f"""\
[[zones]]
id = "quay"
places = ["kind:dock"]
people = true

[roles.default]

[[roles.driver.allow]]
actions = ["move", "status"]
vehicles = ["group:night-shift"]
places = ["zone:quay", "cold-store"]

[[roles.driver.allow]]
actions = ["resume"]
vehicles = ["kind:forklift"]

[[operators]]
id = "anna"
roles = ["driver"]
devices = ["headset-7"]
pin = "{HASH}"

[access]
trust = ["operator"]

[policy]
many_from = 2

[policy.people]
accept = 0.9
confirm = 0.5

[audit]
keep_days = 30

[escalation]
known_as = "s-7"
customers = ["Acme"]
sensitive = ["explosive"]
offline = "local"
plans_per_day = 9

[loads]
age_s = 45
"""


def test_a_site_without_rules_lets_everybody_do_everything(tmp_path: Path) -> None:
    rules = load_site(write(tmp_path)).rules
    assert rules == Rules()
    assert (rules.roles, rules.trust.device, rules.trust.operator) == (None, True, False)


def test_references_are_resolved(tmp_path: Path) -> None:
    rules = load_site(write(tmp_path, SITE + RULES)).rules
    vehicles = frozenset({"agv-1", "agv-2"})
    assert rules.roles == {
        "default": (),
        "driver": (
            Grant(frozenset({"move", "status"}), vehicles, frozenset({"dock-1", "cold-store"})),
            Grant(frozenset({"resume"}), vehicles, None),
        ),
    }
    assert rules.with_people() == {"dock-1"}
    assert rules.operators["anna"].devices == ("headset-7",)
    assert (rules.trust.device, rules.trust.operator, rules.keep_days) == (False, True, 30)
    assert rules.loads_age_s == 45
    assert rules.leaving == LeavingRules(
        known_as="s-7",
        customers=("Acme",),
        sensitive=("explosive",),
        offline=Offline.LOCAL,
        local="start",
        plans_per_day=9,
    )
    assert rules.policy == PolicyTable(people=Thresholds(accept=0.9, confirm=0.5), many_from=2)


BROKEN = {
    "an unknown place in a zone": ('["kind:dock"]', '["kind:ramp"]', "'kind:ramp', which is no place", "places", 1),
    "an unknown vehicle": ("group:night-shift", "group:day", "'group:day', which is no vehicle", "vehicles = [", 2),
    "an unknown zone": ('"zone:quay"', '"zone:key"', "'zone:key', which is no place", 'places = ["zone', 1),
    "a place for a vehicle": (
        '["kind:forklift"]',
        '["cold-store"]',
        "'cold-store', which is no vehicle",
        "vehicles",
        3,
    ),
    "an unknown action": ('["resume"]', '["fly"]', "'roles.driver.allow.1.actions.0'", "actions", 2),
    "a right to stop": ('["resume"]', '["stop"]', "'roles.driver.allow.1.actions.0'", "actions", 2),
    "an empty list": ('["resume"]', "[]", "'roles.driver.allow.1.actions'", "actions", 2),
    "a role that nobody defined": ('["driver"]', '["pilot"]', "role 'pilot', which is not defined", "roles = ", 1),
    "no default role": ("[roles.default]\n", "", "role 'default' is missing", "[[roles.driver.allow]]", 1),
    "a PIN in the clear": (HASH, "1234", "'operators.0.pin'", "pin", 1),
    "trust in something else": ('["operator"]', '["voice"]', "'access.trust.0'", "trust", 1),
    "a threshold above one": ("accept = 0.9", "accept = 1.9", "'policy.people.accept'", "accept", 1),
    "thresholds upside down": ("confirm = 0.5", "confirm = 0.95", "accept must not be below confirm", "[policy.pe", 1),
    "a row that says nothing": ("accept = 0.9\nconfirm = 0.5\n", "", "one of accept, confirm and ask", "[policy.pe", 1),
    "a risk that nobody knows": (
        "[policy.people]",
        "[policy.weather]",
        "'policy.weather' is not known",
        "[policy.w",
        1,
    ),
    "many that are one": ("many_from = 2", "many_from = 1", "'policy.many_from'", "many_from", 1),
    "keeping for no time": ("keep_days = 30", "keep_days = 0", "'audit.keep_days'", "keep_days", 1),
    "an operator twice": (
        "[access]",
        '[[operators]]\nid = "anna"\n\n[access]',
        "operators id 'anna' stands twice",
        'id = "anna"',
        2,
    ),
    "a device of two": (
        "[access]",
        '[[operators]]\nid = "ben"\ndevices = ["headset-7"]\n\n[access]',
        "device 'headset-7' belongs to both 'anna' and 'ben'",
        "devices",
        2,
    ),
    "a way that there is not": ('"local"', '"hope"', "'escalation.offline'", "offline", 1),
    "an empty name": ('["Acme"]', '["…"]', "'…' has no letters or digits", "customers", 1),
    "words that are none": ('["explosive"]', '"explosive"', "'escalation.sensitive'", "sensitive", 1),
    "a key of somebody else's": ("plans_per_day", "plans_an_hour", "'escalation.plans_an_hour' is not", "plans_an", 1),
    "fewer plans than none": ("= 9", "= -1", "'escalation.plans_per_day'", "plans_per_day", 1),
    "an id with a space": ('"s-7"', '"s 7"', "'escalation.known_as'", "known_as", 1),
    "a planner here that is switched off": (
        "plans_per_day = 9",
        'local = "off"',
        "offline is 'local', and local is 'off'",
        "local = ",
        1,
    ),
    "a planner here that is no address": ("plans_per_day = 9", 'local = "here"', "'escalation.local'", "local =", 1),
    "waiting for nobody": (
        'offline = "local"',
        'offline = "queue"\ncloud = false',
        "with cloud = false there is nothing to wait for",
        "offline",
        1,
    ),
    "loads of no age": ("age_s = 45", "age_s = 0", "'loads.age_s'", "age_s", 1),
    "a zone twice": (
        "[roles.default]",
        '[[zones]]\nid = "quay"\nplaces = ["dock-1"]\n\n[roles.default]',
        "zones id 'quay' stands twice",
        'id = "quay"',
        2,
    ),
    "a zone of nothing that can be said": (
        "[roles.default]",
        (
            '[place_kinds.bay]\nnames = { en = ["bay"] }\n\n'
            '[[zones]]\nid = "bay"\nplaces = ["kind:bay"]\nnames = { en = ["bays"] }\n\n[roles.default]'
        ),
        "zone 'bay' can be said and has no place",
        'places = ["kind:bay"]',
        1,
    ),
}


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.replace(" ", "-"))
def test_a_fault_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    old, new, what, starts, occurrence = BROKEN[case]
    text = SITE + RULES.replace(old, new, 1)
    assert text != SITE + RULES

    faults = faults_of(write(tmp_path, text))

    matching = [fault for fault in faults if what in fault]
    assert matching, faults
    assert matching[0].startswith(f"site.toml:{line_of(text, starts, occurrence)}: ")
    assert HASH not in " ".join(faults)


def test_another_process_is_told_nothing_of_the_people(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, SITE + RULES))
    assert set(site.document) == {
        "site", "vehicle_kinds", "vehicles", "place_kinds", "places", "groups", "layout_document",
    }  # fmt: skip
    assert parse_site(site.document).rules == Rules()
    assert "scrypt" not in repr(site)
