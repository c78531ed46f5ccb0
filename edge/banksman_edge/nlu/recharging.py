"""Verbs that load as well as charge, where the battery is spoken of: "Lade Wagen sechs, der Akku ist leer"."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.nlu.frame import vehicles_of
from banksman_edge.nlu.language import BATTERY, LOADS_OR_CHARGES
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.reasons import LOAD_GUESSED
from banksman_shared.commands import Action, Command
from banksman_shared.site import Site


def recharged(whole: Reading, site: Site) -> Reading | None:
    """Whom such a verb, said first, tells to charge; None where it has a load or a place, or no battery is named."""
    clause, found = whole.clause, whole.words.match(whole.tokens, 0)
    said = found is not None and LOADS_OR_CHARGES in found[0].roles
    battery = said and any(BATTERY in whole.words.roles_of((token,)) for token in whole.tokens)
    named = clause.vehicles or clause.groups or clause.kinds
    if not (battery and named) or whole.retold or clause.places or clause.has_load or clause.negated:
        return None
    who = vehicles_of(clause, site, Action.CHARGE, None)
    certainty = clause.certainty * (LOAD_GUESSED if clause.unknown_words else 1.0)
    return replace(whole, commands=(Command(Action.CHARGE, who),), certainty=certainty) if who else None
