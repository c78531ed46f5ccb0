"""No name of a site leaves it, and what comes back is what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from escalation_world import Dispatcher, Line, planner, request_of, values_of, with_rules
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from banksman_cloud.api.request_checks import check_site
from banksman_cloud.reading.goals import check_goals
from banksman_edge import PlannerClient
from banksman_edge.errors import PlannerError
from banksman_edge.plans import PseudonymousPlanner
from banksman_edge.plans.privacy.folding import folded, is_secret
from banksman_edge.plans.privacy.request import PseudonymousRequest
from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text.tokens import tokens_of
from banksman_shared.errors import SiteError
from banksman_shared.plans import (
    FleetSnapshot,
    Goals,
    LoadSnapshot,
    NamedThing,
    Plan,
    PlanRequest,
    PlanState,
    TransportGoal,
    VehicleSnapshot,
)
from banksman_shared.site import Router, Site, Vehicle, parse_site
from banksman_shared.text import fold

PRIVATE = """
[[zones]]
id = "mueller"
places = ["aisle-3", "aisle-4"]
names = { en = ["Müller hall"], de = ["Müller-Halle"] }

[[zones]]
id = "hall-2"
places = ["kind:dock"]
names = { en = ["zone two"] }

[[zones]]
id = "union-office"
places = ["aisle-9"]

[[operators]]
id = "annabel"

[escalation]
known_as = "s-7"
customers = ["Acme", "Müller GmbH", "株式会社丸太"]
goods = ["beer", "Bier", "cerveza"]
"""


@pytest.fixture
def private(site: Site) -> Site:
    return with_rules(replace(site, document={**site.document}), PRIVATE)


SENT = {
    "names, a customer and goods; kinds and numbers stay": (
        "en",
        "bring three pallets of beer for Acme from the cold store to dock two with Hercules, nobody through aisle 3",
        "bring three pallets of k1 for c1 from the p3 to dock two with v4, nobody through aisle 3",
    ),
    "endings and compounds": (
        "de",
        "Herkules bringt Müller-GmbHs drei Acmepaletten vom Kühllager zu Rampe zwei",
        "v4 bringt c2 drei c1 paletten vom p3 zu Rampe zwei",
    ),
    "an accent that was not written": (
        "es",
        "Hercules lleva dos palés de cerveza de la camara fria al muelle dos",
        "v4 lleva dos palés de k3 de la p3 al muelle dos",
    ),
    "traditional characters, and no spaces": (
        "zh",
        "把三個托盤從冷庫運到二號碼頭",
        "把三個托盤從 p3 運到二號碼頭",
    ),
    "a name beside kana": (
        "ja",
        "株式会社丸太のパレットを冷蔵倉庫から2番ドックへ",
        "c3 のパレットを p3 から2番ドックへ",
    ),
    "a colleague": (
        "en",
        "take two pallets from inbound to dock 1, then tell Annabel",
        "take two pallets from p1 to dock 1, then tell o1",
    ),
    "a group": ("en", "night shift: two pallets from inbound to aisle 3", "g1: two pallets from p1 to aisle 3"),
    "a zone": (
        "en",
        "nobody into the Müller hall, and two pallets from inbound to zone two",
        "nobody into the z1, and two pallets from p1 to z2",
    ),
    "an id": ("en", "two pallets from cold-store to dock-2", "two pallets from p3 to dock-2"),
    "what looks like a stand-in": (
        "en",
        "two pallets for order p3 from the cold store to dock two",
        "two pallets for order p3 from the px3 to dock two",
    ),
}


@pytest.mark.parametrize("case", SENT, ids=lambda case: case.replace(" ", "-"))
def test_a_request_leaves_with_its_names_hidden(private: Site, case: str) -> None:
    language, said, sent = SENT[case]
    disguise = PseudonymousRequest.of(private, request_of(private, said, language))
    assert disguise.request.request == sent
    assert disguise.text.said == said
    assert disguise.text.back(sent) == said


def test_what_the_edge_found_named_is_told_under_the_same_stand_ins(private: Site) -> None:
    request = request_of(private, SENT["names, a customer and goods; kinds and numbers stay"][1])
    told = [(m.words, m.ids) for m in PseudonymousRequest.of(private, request).request.mentions]
    assert told == [("p3", ("p3",)), ("dock two", ("p6",)), ("v4", ("v4",)), ("aisle 3", ("p13",))]


def test_a_zone_is_told_with_its_places_under_a_stand_in_and_no_zone_that_nobody_can_name(private: Site) -> None:
    disguise = PseudonymousRequest.of(private, request_of(private, SENT["a zone"][1]))
    sent = disguise.request
    assert [mention.ids for mention in sent.mentions] == [("zone:z1",), ("p1",), ("zone:z2",)]
    check_site(sent)
    there = parse_site(sent.site).rules.zones
    known, site_zones = disguise.names.places.known, private.rules.zones
    assert {zone.id: zone.places for zone in there.values()} == {
        "z1": {known[place] for place in site_zones["mueller"].places},
        "z2": {known[place] for place in site_zones["hall-2"].places},
    }
    assert list(leaks(["mueller", "Müller", "union-office"], values_of(sent.model_dump(mode="json")))) == []
    goal = {"kind": "avoid", "words": "nobody into the z1", "places": ["zone:z1"]}
    goals = Goals.model_validate({"goals": [goal]}).goals
    (back,) = disguise.plan(Plan(id="x", state=PlanState.FAILED, request=sent.request, goals=goals)).goals
    assert (back.words, back.places) == ("nobody into the Müller hall", ("zone:mueller",))  # type: ignore[union-attr]
    assert disguise.sentence("z1 is closed") == "Müller hall is closed"


def test_a_stretch_of_what_was_sent_is_a_stretch_of_what_was_said(private: Site) -> None:
    text = PseudonymousRequest.of(
        private, request_of(private, "two pallets from the cold store to dock two, for Acme")
    ).text
    assert text.back("from the p3 to dock") == "from the cold store to dock"
    assert text.back("for c1") == "for Acme"
    assert text.back("3 to dock") == "cold store to dock"  # half a stand-in means all of it
    assert text.back("to the moon") is None
    assert text.back("") is None


def test_an_answer_speaks_of_things_as_they_are_called_and_quotes_as_was_said(private: Site) -> None:
    said = "two pallets from the freezer to dock two, for Acme, and sing"
    disguise = PseudonymousRequest.of(private, request_of(private, said))
    sent = disguise.request.request
    told = "cold store: 2 from cold store to dock 2, by Hercules, forklift 1."
    assert disguise.sentence("P3: 2 from p3 to dock 2, by v4, v1.") == told
    assert disguise.sentence(f"No plan for “{sent}”.") == f"No plan for “{said}”."
    assert disguise.sentence("c1 waits for p33 and xp3") == "Acme waits for p33 and xp3"


def test_a_name_that_cannot_be_hidden_keeps_the_request_on_the_site(private: Site) -> None:
    request = request_of(private, "two pallets from the cold store to dock two")
    misheard = NamedThing(words="coal stove", ids=("cold-store",))
    with pytest.raises(PlannerError, match="cannot be hidden") as caught:
        PseudonymousRequest.of(private, request.model_copy(update={"mentions": (misheard,)}))
    assert caught.value.code == "unhidden"


def test_a_name_that_is_said_often_is_told_once(private: Site) -> None:
    often = request_of(private, ", then ".join(["two pallets from the cold store to dock two"] * 3))
    assert often.mentions == request_of(private, "two pallets from the cold store to dock two").mentions


def test_a_request_that_is_too_long_with_its_names_hidden_is_refused_in_words(private: Site) -> None:
    site = replace(private, vehicles={**private.vehicles, "forklift-4": _named(private, "Rex")})
    text = "v1 vx1 vxx1 vxxx1 " + "Rex " * 490  # so that what stands for Rex is longer than that
    request = request_of(site, "Rex").model_copy(update={"request": text})
    with pytest.raises(PlannerError) as caught:
        PseudonymousRequest.of(site, request)
    assert caught.value.reason == "too-long"


def test_a_name_is_not_seen_where_other_words_have_its_letters(private: Site) -> None:
    request = request_of(private, "nobody through aisle one, eon brings two pallets from inbound to dock two")
    named = NamedThing(words="eon", ids=("forklift-4",))
    site = replace(private, vehicles={**private.vehicles, "forklift-4": _named(private, "eon")})
    sent = PseudonymousRequest.of(site, request.model_copy(update={"mentions": (named,)})).request
    assert sent.request == "nobody through aisle one, v4 brings two pallets from p1 to dock two"


def _named(site: Site, name: str) -> Vehicle:
    return replace(site.vehicles["forklift-4"], names={"en": (name,)})


def test_a_misheard_name_is_hidden_where_it_was_heard(private: Site) -> None:
    request = request_of(private, "two pallets from the coal stove to dock two")
    misheard = NamedThing(words="coal stove", ids=("cold-store",))
    disguise = PseudonymousRequest.of(private, request.model_copy(update={"mentions": (misheard,)}))
    assert disguise.request.request == "two pallets from the p3 to dock two"
    assert disguise.request.mentions[0].words == "p3"


@pytest.mark.parametrize("sure", [True, False])
def test_words_that_only_resemble_a_name_are_hidden_and_nothing_is_demanded_of_them(private: Site, sure: bool) -> None:
    request = request_of(private, "two pallets from inbound to dock two, mind the cool story")
    like = NamedThing(words="cool story", ids=("cold-store",), sure=sure)
    mentions = (NamedThing(words="inbound", ids=("inbound",)), NamedThing(words="dock two", ids=("dock-2",)), like)
    disguise = PseudonymousRequest.of(private, request.model_copy(update={"mentions": mentions}))
    sent = disguise.request
    assert sent.request == "two pallets from p1 to dock two, mind the p3"
    assert disguise.text.back("mind the p3") == "mind the cool story"
    assert [(m.words, m.ids, m.sure) for m in sent.mentions] == [
        ("p1", ("p1",), True),
        ("dock two", ("p6",), True),
        ("p3", ("p3",), sure),
    ]
    carry = TransportGoal(words="two pallets", count=2, origins=("p1",), destinations=("p6",))
    faults = check_goals(parse_site(sent.site), Goals(goals=(carry,)), sent.request, sent.mentions)
    assert faults == (["the request names p3 (p3), and no goal speaks of it"] if sure else [])


def test_loads_leave_without_ids_and_types_and_sensitive_ones_do_not_leave(site: Site) -> None:
    private = with_rules(site, '[escalation]\nsensitive_loads = ["nitro"]')
    loads = (
        LoadSnapshot(id="SSCC-77", place="inbound", type="Acme-Cola"),
        LoadSnapshot(id="SSCC-78", place="inbound", type="nitro"),
        LoadSnapshot(id="SSCC-79", place="dock-2", type="pallet"),
    )
    request = request_of(private, "two pallets from inbound to dock two", fleet=FleetSnapshot(loads=loads))
    sent = PseudonymousRequest.of(private, request).request
    assert [(load.id, load.place, load.type) for load in sent.fleet.loads or ()] == [
        ("l1", "p1", "t1"),
        ("l2", "p6", "pallet"),
    ]


def test_a_vehicle_off_the_layout_is_not_offered(site: Site) -> None:
    lost = FleetSnapshot(vehicles=(VehicleSnapshot(id="forklift-1", node="nowhere"),))
    sent = PseudonymousRequest.of(site, request_of(site, "two pallets from inbound to dock two", fleet=lost)).request
    assert [(v.id, v.node, v.available) for v in sent.fleet.vehicles] == [("v1", "", False)]


def test_nodes_that_are_barred_leave_under_other_names(site: Site) -> None:
    node = site.places["inbound"].node
    barred = FleetSnapshot(blocked=(node, "nowhere"))
    sent = PseudonymousRequest.of(site, request_of(site, "two pallets from inbound to dock two", fleet=barred)).request
    assert [re.fullmatch(r"n\d+", name) is not None for name in sent.fleet.blocked or ()] == [True]


def test_a_planner_that_names_what_it_was_not_told_of_is_not_believed(private: Site) -> None:
    disguise = PseudonymousRequest.of(private, request_of(private, "two pallets from inbound to dock two"))
    for vehicle, place in (("forklift-1", "p6"), ("v1", "dock-2"), ("p6", "p6"), ("v99", "p6")):
        step = {"vehicle": vehicle, "action": "move", "to": place, "start_s": 0, "end_s": 9, "goal": 0}
        plan = {"id": "x", "state": "proposed", "request": "y", "steps": [step]}
        with pytest.raises(PlannerError, match="was not told of"):
            disguise.plan(Plan.model_validate(plan))


# Goals that were understood before


def test_the_rest_of_a_plan_leaves_without_its_words_and_comes_back_with_them(private: Site) -> None:
    goals = tuple(
        Goals.model_validate(
            {
                "goals": [
                    {
                        "kind": "transport",
                        "words": "three from the freezer, hurry",
                        "count": 3,
                        "load_type": "Acme-Cola",
                    }
                    | {"origins": ["cold-store"], "destinations": ["dock-2"], "vehicles": ["forklift-4"]},
                    {"kind": "avoid", "words": "nobody through aisle 3", "places": ["aisle-3"]},
                    {"kind": "one_way", "words": "three from the freezer, hurry", "start": "inbound", "end": "dock-1"},
                    {"kind": "use", "words": "not Hercules", "never": ["forklift-4"]},
                ]
            }
        ).goals
    )
    request = request_of(private, "three from the freezer, hurry …", mentions=(), goals=goals)
    disguise = PseudonymousRequest.of(private, request)
    sent = disguise.request
    assert (sent.request, [g.words for g in sent.goals or ()]) == ("q1 q2 q3 ", ["q1", "q2", "q1", "q3"])
    assert (
        list(leaks(["freezer", "cold-store", "Acme-Cola", "Hercules"], values_of(sent.model_dump(mode="json")))) == []
    )
    plan = Plan(id="x", state=PlanState.SOLVING, request=sent.request, goals=sent.goals or ())
    assert disguise.plan(plan).goals == goals
    assert disguise.sentence("There is no plan for this: “q1” in 1 min.").startswith(
        "There is no plan for this: “three from the freezer, hurry”"
    )


def test_whoever_adds_something_to_a_request_decides_how_it_is_hidden() -> None:
    known = {"request", "language", "site", "fleet", "mentions", "goals", "deadline", "now", "clock_change"}
    assert set(PlanRequest.model_fields) == known
    assert set(VehicleSnapshot.model_fields) == {"id", "node", "battery", "loaded", "available", "speed", "ready_s"}
    assert set(LoadSnapshot.model_fields) == {"id", "place", "type"}


# The site


def test_the_site_that_leaves_is_the_same_to_drive_on(private: Site) -> None:
    names = PseudonymousRequest.of(private, request_of(private, "two pallets from inbound to dock two")).names
    there = parse_site(
        PseudonymousRequest.of(private, request_of(private, "two pallets from inbound to dock two")).request.site
    )
    assert {names.places.back[p.id]: names.nodes.back[p.node] for p in there.places.values()} == {
        p.id: p.node for p in private.places.values()
    }
    assert [names.places.back[p.id] for p in there.chargers()] == [p.id for p in private.chargers()]
    assert {names.vehicles.back[v.id]: (v.kind, v.number) for v in there.vehicles.values()} == {
        v.id: (v.kind, v.number) for v in private.vehicles.values()
    }
    assert _ways(there, lambda node: names.nodes.back[node]) == _ways(private, lambda node: node)
    assert (there.id, there.vehicle_kinds["forklift"].names) == ("s-7", private.vehicle_kinds["forklift"].names)


def _ways(site: Site, name: Any) -> dict[Any, Any]:
    router = Router(site.layout)
    ends = [place.node for place in site.places.values()]
    found = ((a, b, kind, router.route(a, b, kind)) for a in ends for b in ends for kind in site.vehicle_kinds)
    return {(name(a), name(b), kind): round(way.length, 6) if way else None for a, b, kind, way in found}


# By chance

WORDS = st.sampled_from(
    ["Falcon", "Rote Halle", "冷库", "Süd", "Gant", "Beck & Co", "مخزن", "ठंडा घर", "K 9", "Oslo-Nord"]
)
LETTERS = st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo", "Nd")), min_size=3, max_size=8)
KINDS = frozenset({"lift", "dock", "aisle"})
TELLING = st.one_of(WORDS, LETTERS).filter(
    lambda name: (
        fold(name) not in KINDS
        and tokens_of(name) not in phrases_of("en").actions
        and tokens_of(name) not in phrases_of("en").roles
    )
)
"""What the site's kinds are called stays as it is, and ids that are words of every order ("one") are no secret."""
NAMES = st.lists(TELLING, min_size=8, max_size=8, unique_by=lambda n: fold(n).replace(" ", ""))
FILLING = st.sampled_from(
    ["bring", "two pallets", "from", "to", "and", "nobody through", "dock 2", "aisle one", "p3", "V 1"]
)
SPOKEN = {0: "{}", 1: "", 2: "yard", 3: "{}", 5: "", 7: ""}
"""Which of a world's names people say, and what they name in it; the first is also a vehicle's id."""
SHAPES = st.lists(st.one_of(FILLING, st.sampled_from(sorted(SPOKEN))), min_size=2, max_size=10)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[str], Site, PlanRequest]:
    """Names, a site that has them in all its places for names, and a request that speaks of some of them."""
    names = draw(NAMES)
    site = _possible_site(names)
    shape = draw(SHAPES)
    said = " ".join(names[part] if isinstance(part, int) else part for part in shape)
    vehicle = next(iter(site.vehicles))
    fleet = FleetSnapshot(
        vehicles=(VehicleSnapshot(id=vehicle, node=names[6]),),
        loads=(LoadSnapshot(id=names[7], place="yard", type=names[5]),),
    )
    things = ((fold(names[part]), SPOKEN[part].format(vehicle)) for part in shape if isinstance(part, int))
    mentions = tuple(NamedThing(words=words, ids=(thing,)) for words, thing in things if thing and words)
    return names, site, PlanRequest(request=said, site=dict(site.document), fleet=fleet, mentions=mentions)


def _possible_site(names: list[str]) -> Site:
    try:
        return _site(names)
    except SiteError:
        reject()


def _site(names: list[str]) -> Site:
    ids = [name.replace(" ", "_").replace("&", "u") for name in names]
    vehicle = {"id": ids[0], "kind": "lift", "number": 1, "names": {"en": [names[0]]}, "home": "yard"}
    nodes = [
        {"nodeId": n, "mapId": names[4], "nodePosition": {"x": i, "y": 0.0}} for i, n in enumerate((names[6], "b"))
    ]
    action = {"actionType": "pick", "actionParameters": [{"key": "loadType", "value": names[5]}]}
    nodes[1]["vehicleTypeNodeProperties"] = [{"vehicleTypeId": "lift", "actions": [action]}]
    edges = [
        {"edgeId": f"{names[3]} {a}", "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": []}
        for a, b in ((names[6], "b"), ("b", names[6]))
    ]
    layout = {"layoutId": names[2], "layoutDescription": names[1], "nodes": nodes, "edges": edges}
    layout["stations"] = [{"stationId": names[4], "interactionNodeIds": ["b"], "stationName": names[0]}]
    return parse_site(
        {
            "site": {"id": "inn", "name": names[1], "languages": ["en"]},
            "vehicle_kinds": {"lift": {"names": {"en": ["lift"]}}},
            "vehicles": [vehicle | {"manufacturer": "M", "serial_number": "S"}],
            "place_kinds": {"dock": {"names": {"en": ["dock"]}}, "aisle": {"names": {"en": ["aisle"]}}},
            "places": [
                {"id": "yard", "node": names[6], "names": {"en": [names[2]]}},
                {"id": "dock-2", "kind": "dock", "number": 2, "station": names[4]},
                {"id": "aisle-1", "kind": "aisle", "number": 1, "node": "b"},
            ],
            "groups": [{"id": "all", "vehicles": [ids[0]], "names": {"en": [names[3]]}}],
            "escalation": {"known_as": "s-7", "customers": [names[1]], "goods": [names[7]]},
            "layout_document": {"layouts": [layout]},
        }
    )


def names_by_chance(chance: Random) -> list[str]:
    """Words that nobody has heard, in several scripts; every fifth has two."""
    scripts = ["bdfgklmnprst", "äéîõüñłş", "бгджзклмн", "αβγδεζηθ", "العربيةمخزن", "कखगघचजटड"]
    scripts += ["库仓货场北南", "倉庫棚場", "マルタカキ"]

    def word() -> str:
        script = chance.choice(scripts)
        return "".join(chance.choices(script, k=chance.randint(4, 8)))

    return [f"{word()} {word()}" if chance.random() < 0.2 else word() for _ in range(8)]


FORM = frozenset({"startCharging", "loadType", "handle1", "normal", "transport", "running", "failed"})
"""Values that a request has whatever the site is called; a name by chance may be one of them."""


def leaks(names: list[str], values: Iterable[str]) -> Iterator[str]:
    """Names that stand in a text as words, however they are written."""
    texts = [folded(value).text for value in values if value not in FORM]
    for name in names:
        finds = re.compile(rf"(?<!\w){re.escape(folded(name).text)}(?!\w)")
        if is_secret(name) and any(map(finds.search, texts)):
            yield name


def test_a_leak_would_be_found() -> None:
    assert list(leaks(["Cold Store"], values_of({"x": [{"y": "to the COLD-store, now"}]}))) == ["Cold Store"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(worlds())
def test_no_name_leaves_and_all_comes_back(world: tuple[list[str], Site, PlanRequest]) -> None:
    names, site, request = world
    disguise = PseudonymousRequest.of(site, request)
    assert list(leaks(names, values_of(disguise.request.model_dump(mode="json")))) == []
    assert disguise.text.said == request.request
    assert disguise.text.back(disguise.text.sent) == request.request
    parse_site(disguise.request.site)


def test_a_character_with_two_code_points_is_one() -> None:
    assert folded("00\uf98b").text == folded("00\u66c6").text == folded(folded("00\uf98b").text).text


@pytest.fixture(scope="module")
def dispatching() -> Iterator[tuple[PlannerClient, Line]]:
    with planner(Dispatcher()) as running:
        yield running


@pytest.mark.parametrize("seed", range(12))
def test_no_name_reaches_the_real_service_and_its_plan_is_about_the_real_things(
    dispatching: tuple[PlannerClient, Line], seed: int
) -> None:
    names = names_by_chance(Random(seed))
    site, (client, line) = _site(names), dispatching
    line.came.clear()
    said = f"two pallets of {names[7]} from {names[2]} to dock 2 for {names[1]} with {names[0]}"
    place = next(iter(site.places.values()))
    vehicle = next(iter(site.vehicles))
    fleet = FleetSnapshot(vehicles=(VehicleSnapshot(id=vehicle, node=names[6], battery=80),))
    mentions = tuple(
        NamedThing(words=words, ids=(thing,))
        for words, thing in ((fold(names[2]), "yard"), ("dock 2", "dock-2"), (fold(names[0]), vehicle))
    )
    request = PlanRequest(request=said, site=dict(site.document), fleet=fleet, mentions=mentions)
    discreet = PseudonymousPlanner(client, site)
    plan = discreet.propose(request, f"{names[0]} {seed}", 60, lambda _: None)
    assert (plan.goals[0].words, plan.request) == (said, said)
    assert {(s.vehicle, s.origin, s.destination) for s in plan.steps} == {(vehicle, place.id, "dock-2")}
    assert names[2] in plan.explanation
    approved = discreet.approve(plan, fleet)
    assert (approved.state, approved.hash) == ("approved", plan.hash)
    discreet.report(plan.id, "running", f"{names[0]} set off")
    discreet.report(plan.id, "failed", f"{names[0]} broke down at {names[2]}")
    assert len(line.came) == 4
    assert list(leaks(names, line.values())) == []
