"""Whether a request may leave the site."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.loads import Load
from banksman_edge.plans.privacy.folding import finder, folded
from banksman_shared.plans import PlanRequest
from banksman_shared.site import Site


def is_sensitive(site: Site, request: PlanRequest, standing: Iterable[Load] = ()) -> bool:
    """Whether it has a word that the site declares sensitive, or is about a load of a type that is: it names the type,
    or a place that handles such loads, or where one stands. ``standing``: loads besides those of the request, which
    it does not count on."""
    rules = site.rules.leaving
    text = folded(request.request).text
    if any(finder(words, begins=True).search(text) for words in (*rules.sensitive, *rules.sensitive_loads)):
        return True
    sensitive = set(rules.sensitive_loads)
    places = {load.place for load in request.fleet.loads or () if load.type in sensitive}
    places |= {load.place for load in standing if load.type in sensitive}
    places |= {place.id for place in site.places.values() if sensitive & site.layout.nodes[place.node].load_types}
    named = {thing for mention in request.mentions for each in mention.ids for thing in site.places_of(each)}
    for goal in request.goals or ():
        named.update(*(getattr(goal, name, ()) for name in ("origins", "destinations", "places")))
        if getattr(goal, "load_type", None) in sensitive:
            return True
    return not places.isdisjoint(named)
