"""What a model understood is checked against the site, and sent back once."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planner_world import ScriptedProvider, avoid, goals_of, in_full, one_way, prefer, reserve, send, transport, use

from banksman_cloud import GoalPrompt, Planner
from banksman_cloud.errors import GoalsError, InfeasibleError, UnclearError
from banksman_cloud.providers.evidence import keep_evident
from banksman_cloud.providers.prompt import describe_site
from banksman_cloud.providers.sayable import Sayable
from banksman_cloud.providers.schema import GOALS, goals_grammar, goals_schema
from banksman_cloud.reading.goals import NO_WORK, check_goals, cite, read_goals, stretch
from banksman_shared.clock import ManualClock
from banksman_shared.plans import Goals, PlanRequest
from banksman_shared.site import Site
from banksman_shared.text import fold

FAULTS: list[tuple[list[dict[str, Any]], str]] = [
    ([transport(1, "moon", "aisle-1")], "the site has no place 'moon'"),
    ([transport(1, "dock-1", "mars")], "the site has no place 'mars'"),
    ([transport(1, "dock-1", "aisle-1", vehicles=["agv-9"])], "the site has no vehicle 'agv-9'"),
    ([transport(1, "dock-1", "dock-1")], "origin and destination are both dock-1"),
    ([send("move", ["agv-1"])], "a move needs a destination"),
    ([send("charge", ["agv-1"], "bay-1")], "bay-1 is no charger"),
    ([send("park", [], count=9)], "the site has only 3 vehicles, not 9"),
    ([send("park", ["agv-1", "agv-1"])], "'agv-1' stands twice"),
    ([send("charge", ["agv-1"]), send("park", ["agv-1"])], "which has no end"),
    ([transport(1, "dock-1", "aisle-1"), avoid("dock-1")], "needs dock-1, which is to be avoided"),
    ([avoid("nowhere"), send("park", ["agv-1"])], "the site has no place 'nowhere'"),
    ([avoid("gate")], "names nothing for a vehicle to do"),
    ([avoid("gate", from_s=60, until_s=60)], "ends before it begins"),
    ([one_way("gate", "gate")], "from gate to itself"),
    ([one_way("gate", "mars")], "the site has no place 'mars'"),
    ([use(never=["agv-9"])], "the site has no vehicle 'agv-9'"),
    ([use(only=["agv-1"], never=["agv-1"])], "leaves no vehicle to use"),
    ([transport(1, "dock-1", "gate", vehicles=["agv-1"], without=["agv-1"])], "leaves no vehicle that may do it"),
    ([transport(1, "dock-1", "gate", vehicles=["agv-1"]), use(never=["agv-1"])], "keeps it out of the plan"),
    ([transport(1, "dock-1", "gate", vehicles=["agv-1"]), send("park", ["agv-1"], when="only")], "all that it does"),
    ([transport(1, "dock-1", "gate", load_type="box")], "nothing here is of the type 'box'"),
    ([transport(1, "dock-1", "gate", after=[0])], "waits for itself"),
    ([transport(1, "dock-1", "gate", after=[1]), send("park", ["agv-1"], after=[0])], "waits for itself"),
    ([transport(1, "dock-1", "gate", after=[7])], "waits for goal 7, which is nothing to be done"),
    ([avoid("gate"), transport(1, "dock-1", "aisle-1", after=[0])], "waits for goal 0, which is nothing to be done"),
    ([send("charge", ["agv-1"], until=80)], "only a vehicle that charges first"),
    ([send("park", ["agv-1"], when="first")], "does nothing after it"),
    ([send("charge", ["agv-1"], when="first", after=[1]), send("park", ["agv-2"])], "cannot wait for something else"),
    ([send("charge", [], among=["agv-1"], count=2)], "only 1 vehicles, not 2"),
    ([prefer("early"), prefer("even_work")], "only one thing can matter most"),
]


@pytest.mark.parametrize(("goals", "fault"), FAULTS)
def test_goals_that_the_site_cannot_mean_are_faulted(yard: Site, goals: list[dict[str, Any]], fault: str) -> None:
    assert any(fault in sentence for sentence in check_goals(yard, goals_of(*goals), "x"))


def test_goals_that_fit_have_no_fault(yard: Site) -> None:
    goals = goals_of(transport(4, "dock-1", "aisle-1"), send("charge", ["agv-1"]), avoid("gate"))
    request = "four from dock one to aisle 1, then to the charger with forklift 1, keep away from the gate"
    assert check_goals(yard, goals, request) == []


def test_a_place_that_is_named_and_in_no_goal_is_a_fault(yard: Site) -> None:
    goals = goals_of(transport(4, "dock-1", "aisle-1"))
    request = "four from dock one to aisle 1, nobody through the gate"
    assert check_goals(yard, goals, request) == ["the request names gate (gate), and no goal speaks of it"]
    left_out = goals.model_copy(update={"unsupported": ("nobody through the gate",)})
    assert check_goals(yard, left_out, request) == []


def test_goals_quote_the_request_exactly() -> None:
    goals, faults = cite(
        goals_of(transport(1, "a", "b", words="CARRY ete it!"), transport(1, "a", "b", words="invented")),
        "Please: carry  Été, it now",
    )
    assert goals.goals[0].words == "carry  Été, it"
    assert faults == ["'invented' does not stand in the request; quote its words as they are"]


@given(st.text(max_size=60), st.data())
def test_every_stretch_of_a_request_is_found_in_it(request_text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(request_text)))
    words = request_text[begin : data.draw(st.integers(begin, len(request_text)))]
    found = stretch(request_text, fold(words))
    assert found is None or (found in request_text and fold(found) == fold(words))
    assert stretch(request_text, words) == (words or None)


def understand(site: Site, provider: ScriptedProvider, request: str = "carry them") -> Goals:
    planner = Planner(provider, ManualClock(), 1.0)
    return planner.understand(PlanRequest(request=request, site={}), site, ManualClock().time() + 60)


def test_a_wrong_answer_is_sent_back_once_with_its_fault(yard: Site) -> None:
    wrong, right = goals_of(transport(1, "moon", "aisle-1")), goals_of(transport(1, "dock-1", "aisle-1"))
    provider = ScriptedProvider(wrong.model_dump_json(), right)
    assert understand(yard, provider) == right
    repair = provider.prompts[1].repair
    assert repair is not None
    assert repair.answer == wrong.model_dump_json()
    assert "the site has no place 'moon'" in repair.text()


@pytest.mark.parametrize("nonsense", ["", "sure!", "[]", '{"goals": [{"kind": "dance"}]}'])
def test_nonsense_twice_is_an_honest_failure(yard: Site, nonsense: str) -> None:
    provider = ScriptedProvider(nonsense)
    with pytest.raises(GoalsError, match="say it in other words"):
        understand(yard, provider)
    assert len(provider.prompts) == 3


def test_an_amount_that_is_written_as_text_is_a_slip_like_any_other() -> None:
    answer = json.dumps({"goals": [transport(1, "a", "b") | {"count": "300.0"}]})
    (fault,) = read_goals(answer)  # type: ignore[misc]
    assert "200" in fault  # type: ignore[operator]


def test_of_many_faults_the_first_are_told(yard: Site) -> None:
    wrong = goals_of(avoid(*(f"moon-{n}" for n in range(1000))))
    provider = ScriptedProvider(wrong)
    with pytest.raises(GoalsError) as failed:
        understand(yard, provider)
    repair = provider.prompts[1].repair
    assert repair is not None
    assert len(failed.value.faults) == len(repair.faults) == 20


def test_nothing_to_do_is_not_asked_again(yard: Site) -> None:
    provider = ScriptedProvider('{"goals": [], "unsupported": ["lunch"]}')
    with pytest.raises(GoalsError, match="say it in other words") as failed:
        understand(yard, provider)
    assert failed.value.faults == (NO_WORK,)
    assert len(provider.prompts) == 1


@pytest.mark.parametrize(("language", "told"), [("en", "nothing for a vehicle to do"), ("pl", "nic do zrobienia")])
def test_what_is_closed_for_nobody_is_said_to_be_no_work(yard: Site, language: str, told: str) -> None:
    request = PlanRequest(request="nobody through the gate", language=language, site={})
    provider = ScriptedProvider(goals_of(avoid("gate") | {"words": "nobody through the gate"}))
    with pytest.raises(UnclearError, match=told):
        Planner(provider, ManualClock(), 1.0).understand(request, yard, ManualClock().time() + 60)


def test_what_a_model_finds_unclear_is_asked_in_the_language_of_the_request(yard: Site) -> None:
    answer = goals_of(transport(2, "dock-1", "gate", words="ein paar Paletten")).model_copy(
        update={"unclear": ("ein paar Paletten", "what nobody said")}
    )
    request = PlanRequest(request="Ein paar Paletten zum Tor", language="de", site={})
    planner = Planner(ScriptedProvider(answer), ManualClock(), 1.0)
    with pytest.raises(UnclearError) as asked:
        planner.understand(request, yard, ManualClock().time() + 60)
    assert str(asked.value) == "Bitte genau sagen, was mit „Ein paar Paletten“ gemeint ist."


@pytest.mark.parametrize(
    "goals",
    [
        (transport(1, "dock-1", "gate", words="to the gate"), avoid("gate", words="not the gate")),
        (transport(1, "dock-1", "gate", words="to the gate", after=[1]),
         transport(1, "dock-1", "bay-1", words="not the gate", after=[0])),
        (transport(1, "dock-1", "gate", words="to the gate", vehicles=["agv-1"]),
         send("charge", ["agv-1"], words="not the gate", when="only")),
    ],
)  # fmt: skip
def test_wishes_that_contradict_each_other_are_told_and_never_dropped(yard: Site, goals: Any) -> None:
    provider = ScriptedProvider(goals_of(*goals), goals_of(goals[0]))
    with pytest.raises(InfeasibleError) as refused:
        understand(yard, provider, "of docks and bays: one to the gate and not the gate")
    assert str(refused.value).startswith("There is no plan for this: “to the gate”, “not the gate”.")
    assert len(provider.prompts) == 1


def test_an_answer_may_be_sent_back_twice(yard: Site) -> None:
    wrong, right = goals_of(transport(1, "moon", "aisle-1")), goals_of(transport(1, "dock-1", "aisle-1"))
    assert understand(yard, ScriptedProvider("no", wrong, right)) == right


def test_the_schema_takes_goals_and_only_ids_of_the_site(yard: Site) -> None:
    schema = goals_schema(yard)
    goals = goals_of(
        transport(1, "dock-1", "aisle-1", vehicles=["agv-1"]),
        send("charge", ["agv-1"], within_s=60),
        avoid("gate"),
        one_way("dock-1", "gate"),
        reserve(20),
        use(never=["agv-2"]),
        prefer("early"),
    )
    good = in_full(goals)
    assert {goal["kind"] for goal in good["goals"]} == {str(kind.model_fields["kind"].default) for kind in GOALS}
    jsonschema.validate(good, schema)
    assert Goals.model_validate(good) == goals
    whole = transport(None, "dock-1", "gate", vehicles=["kind:forklift"])
    jsonschema.validate(in_full(goals_of(whole, avoid("kind:aisle"))), schema)
    for wrong in ("moon", "agv-1"):
        bad = json.loads(json.dumps(good).replace('"gate"', f'"{wrong}"'))
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


@pytest.mark.parametrize(
    "request_text",
    ["move it", 'say "hi" \\ there', "ドック1からパレットを四つ運んで、それから二号車を充電して", "a " * 500, "x\n\ty"],
)
def test_the_grammar_is_one_that_llama_cpp_takes(yard: Site, request_text: str) -> None:
    import llama_cpp  # noqa: PLC0415  seconds to load, and only this test needs it

    for vehicles in ((), ("agv-1",)):
        said = Sayable(vehicles, tuple(yard.places))
        grammar = llama_cpp.LlamaGrammar.from_string(
            goals_grammar(yard, request_text, [(request_text, said)]), verbose=False
        )
        assert "agv-2" not in grammar._grammar or not vehicles


def test_vehicles_nobody_named_are_left_out(yard: Site) -> None:
    request = "two pallets from dock one to aisle 1 and charge forklift 2"
    goals = goals_of(
        transport(2, "dock-1", "aisle-1", vehicles=["agv-1"], words="two pallets from dock one to aisle 1"),
        send("charge", ["agv-2"], "charger", words="charge forklift 2"),
        send("move", [], "dock-1", words="aisle 1 and"),
    )
    kept = keep_evident(yard, request, goals)
    carry, charge = kept.goals
    assert kept.unsupported == ("aisle 1 and",)
    assert carry.vehicles == ()
    assert (charge.vehicles, charge.destinations) == (("agv-2",), ())


def test_a_wish_that_is_left_out_is_told_though_others_quote_its_words(yard: Site) -> None:
    request = "two pallets from dock one to aisle 2 and then charge"
    goals = goals_of(transport(2, "dock-1", "aisle-2", words=request), send("charge", [], words=request))
    kept = keep_evident(yard, request, goals)
    assert [goal.kind for goal in kept.goals] == ["transport"]
    assert kept.unsupported == (request,)


def test_what_a_small_model_repeats_counts_once(yard: Site) -> None:
    goals = goals_of(
        transport(2, "dock-1", "aisle-1", origins=["dock-1", "aisle-1", "dock-1"]),
        transport(2, "dock-1", "gate", destinations=["gate", "dock-1", "gate", "bay-1"]),
        transport(3, "gate", "gate"),
        avoid("bay-2", "bay-2"),
    )
    first, second, third, avoided = keep_evident(yard, "x", goals).goals
    assert (first.origins, first.destinations) == (("dock-1",), ("aisle-1",))  # type: ignore[union-attr]
    assert (second.origins, second.destinations) == (("dock-1",), ("gate", "bay-1"))  # type: ignore[union-attr]
    assert third.origins == ("gate",)  # type: ignore[union-attr]  # nonsense is for check_goals to tell
    assert avoided.places == ("bay-2",)  # type: ignore[union-attr]


def test_what_waits_still_waits_for_the_same_and_never_for_itself_when_goals_are_left_out(yard: Site) -> None:
    goals = goals_of(
        send("move", [], "dock-1", words="invented"),
        transport(1, "dock-1", "aisle-1", words="carry"),
        transport(1, "dock-1", "aisle-1", words="carry"),
        transport(1, "aisle-1", "gate", words="then on", after=[0, 1, 2, 3]),
    )
    first, then = keep_evident(yard, "carry, then on", goals).goals
    assert (first.words, then.after) == ("carry", (0,))  # type: ignore[union-attr]


def test_what_is_all_urgent_is_not_urgent(yard: Site) -> None:
    one, two = (transport(1, "dock-1", "gate", words=word, priority="high") for word in ("one", "two"))
    (alone,) = keep_evident(yard, "one", goals_of(one)).goals
    assert alone.priority == "normal"  # type: ignore[union-attr]
    first, second = keep_evident(yard, "one two", goals_of(one, two | {"priority": "normal"})).goals
    assert (first.priority, second.priority) == ("high", "normal")  # type: ignore[union-attr]


def test_the_site_is_described_in_the_language_of_the_request(yard: Site) -> None:
    text = describe_site(yard, "de")
    assert "dock-1 = Rampe eins, dock one, inbound dock" in text
    assert "agv-3 = Stapler 3, forklift 3" in text
    assert GoalPrompt("x", "de", yard).repair is None
