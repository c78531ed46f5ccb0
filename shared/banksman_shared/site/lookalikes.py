"""Names and ids that look like others and are not: nobody says them, and no recogniser writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from banksman_shared.site.model import Site

_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"})
"""Whose letters look alike, by the first word of the letters' names in Unicode."""
_JOINERS = "\u200c\u200d"
"""Invisible, and needed in Persian and Hindi."""


def lookalikes(site: Site) -> list[str]:
    """What is odd about the names and ids of a site, with what to do."""
    found: list[str] = []
    for name in dict.fromkeys(_written(site)):
        if any(unicodedata.category(c) in ("Cc", "Cf") and c not in _JOINERS for c in name):
            shown = name.encode("unicode_escape").decode()
            found.append(f"'{shown}' has characters in it that nobody sees; write it anew by hand")
        for word in re.findall(r"\w+", name):
            alphabets = sorted({unicodedata.name(c, "?").split()[0] for c in word} & _ALPHABETS)
            if len(alphabets) > 1:
                mixed = " and ".join(alphabet.capitalize() for alphabet in alphabets)
                found.append(f"'{word}' has letters of {mixed} that look alike; write it in one alphabet")
    return found


def _written(site: Site) -> Iterator[str]:
    things = (site.vehicle_kinds, site.place_kinds, site.vehicles, site.places, site.groups)
    for key, thing in ((key, thing) for table in things for key, thing in table.items()):
        yield key
        yield from (name for names in thing.names.values() for name in names)
