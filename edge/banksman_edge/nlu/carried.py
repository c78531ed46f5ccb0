"""Loads that are said to go somewhere: "Duchess, these boxes go to rack two" has Duchess bring them there."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.nlu.language import IT, LOAD
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.reasons import MAY_TELL
from banksman_edge.nlu.tokens import UNSPACED
from banksman_shared.commands import Action, Command


def load_that_goes(whole: Reading) -> Reading | None:
    """The transport of a load that is named between a vehicle and a verb of going, where verbs do not come last; never
    surely, since it may tell what goes where anyway. None elsewhere."""
    if len(whole.commands) != 1 or whole.words.postfix or whole.language in UNSPACED or whole.clause.origins:
        return None
    told, named = whole.commands[0], [mention.what for mention in whole.mentions]
    if told.action is not Action.MOVE or told.destination is None or named != [What.VEHICLE, What.PLACE]:
        return None
    vehicle, place = whole.mentions
    at, load = vehicle.end, False
    while at < place.start:
        phrase, length = whole.words.match(whole.tokens, at) or (None, 1)
        if phrase and phrase.actions:
            break
        load |= phrase is not None and LOAD in phrase.roles and IT not in phrase.roles
        at += length
    if not load or at >= place.start:
        return None
    carry = Command(Action.TRANSPORT, told.vehicles, destination=told.destination)
    return replace(whole, commands=(carry,), certainty=whole.certainty * MAY_TELL)
