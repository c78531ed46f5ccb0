"""A site with people of different rights, for the tests of operators."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from banksman_shared.site import Site, parse_site

PIN = "1234"
HASH = "scrypt$1024$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$qJqAyKaGFmaB7op8/cbZyUa6sWNcVN0Mvs9VMBzRlBg="
"""Of 1234, cheap to try."""

PEOPLE = f"""
[[zones]]
id = "halls"
places = ["packing", "cold-store"]

[roles.default]
[[roles.default.allow]]
actions = ["status"]

[roles.driver]
[[roles.driver.allow]]
actions = ["move", "pick", "drop", "transport", "cancel", "resume", "plan"]
vehicles = ["kind:forklift"]
places = ["kind:dock", "kind:aisle"]
[[roles.driver.allow]]
actions = ["status"]
vehicles = ["kind:forklift"]
[[roles.driver.allow]]
actions = ["charge", "park"]
vehicles = ["forklift-1"]

[roles.chief]
[[roles.chief.allow]]

[[operators]]
id = "anna"
roles = ["driver"]
devices = ["headset-7"]
pin = "{HASH}"

[[operators]]
id = "ben"
roles = ["chief"]
devices = ["headset-9"]
pin = "{HASH}"
"""


def with_people(site: Site, tables: str = PEOPLE) -> Site:
    """The site with these tables of ``site.toml`` in addition."""
    return replace(site, rules=parse_site({**site.document, **tomllib.loads(tables)}).rules)
