"""What a request says and no goal does comes back to the model once, and is then told to be no part of the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from planner_world import ScriptedProvider, avoid, fleet_of, goals_of, send, transport, use, vehicle, yard_document
from request_set import all_requests

from banksman_cloud import Planner
from banksman_cloud.bench.cases import Case
from banksman_cloud.errors import ProviderUnavailableError, UnclearError
from banksman_cloud.phrases import languages
from banksman_cloud.reading.clocks import Clocks
from banksman_cloud.reading.condition_finder import conditions
from banksman_cloud.reading.coverage import unsaid, with_neighbours
from banksman_cloud.reading.goals import check_goals, cite
from banksman_cloud.reading.resolving import settle
from banksman_shared.clock import ManualClock
from banksman_shared.plans import Goals, LoadSnapshot, NamedThing, PlanRequest
from banksman_shared.site import Site, parse_site

NAMES = {"dock-1": "dock one", "bay-1": "bay 1", "bay-2": "bay 2", "gate": "gate", "agv-2": "agv 2", "agv-1": "agv 1"}
SAID: dict[str, tuple[str, str, str, str]] = {
    "en": (
        "two boxes from dock one to bay 1 without agv 2",
        "nobody through the gate",
        "after that one from bay 1 to bay 2",
        "unless the truck is late",
    ),
    "de": (
        "zwei Kisten von dock one nach bay 1 ohne agv 2",
        "durch gate fährt keiner",
        "danach eine von bay 1 nach bay 2",
        "falls der Laster da ist",
    ),
    "es": (
        "dos cajas de dock one a bay 1 sin agv 2",
        "que nadie pase por gate",
        "después una de bay 1 a bay 2",
        "a menos que llueva",
    ),
    "fr": (
        "deux caisses de dock one à bay 1 sans agv 2",
        "personne ne passe par gate",
        "ensuite une de bay 1 à bay 2",
        "sauf si le camion est là",
    ),
    "it": (
        "due casse da dock one a bay 1 senza agv 2",
        "nessuno passa da gate",
        "poi una da bay 1 a bay 2",
        "a meno che piova",
    ),
    "pt": (
        "duas caixas de dock one para bay 1 sem agv 2",
        "ninguém passa por gate",
        "depois uma de bay 1 para bay 2",
        "a menos que chova",
    ),
    "nl": (
        "twee dozen van dock one naar bay 1 zonder agv 2",
        "niemand door gate",
        "daarna een van bay 1 naar bay 2",
        "tenzij het regent",
    ),
    "pl": (
        "dwa kartony z dock one do bay 1 bez agv 2",
        "nikt nie jedzie przez gate",
        "potem jeden z bay 1 do bay 2",
        "chyba że pada",
    ),
    "sv": (
        "två lådor från dock one till bay 1 utan agv 2",
        "ingen kör genom gate",
        "därefter en från bay 1 till bay 2",
        "såvida det inte regnar",
    ),
    "tr": (
        "agv 2 hariç iki kutu dock one yerinden bay 1 yerine gitsin",
        "kimse gate içinden geçmesin",
        "ardından bir kutu bay 1 yerinden bay 2 yerine",
        "eğer kamyon gelirse",
    ),
    "ar": (
        "صندوقين من dock one إلى bay 1 بدون agv 2",
        "ولا أحد يمر عبر gate",
        "وبعد ذلك واحد من bay 1 إلى bay 2",
        "إلا إذا نزل المطر",
    ),
    "hi": (
        "agv 2 को छोड़कर दो बक्से dock one से bay 1 तक",
        "gate से कोई न गुज़रे",
        "उसके बाद एक bay 1 से bay 2 तक",
        "अगर ट्रक आ गया हो",
    ),
    "ja": (
        "agv 2以外でdock oneからbay 1へ箱を二つ",
        "gateは誰も通らないで",
        "その後bay 1からbay 2へ一つ",
        "もしトラックが来ていれば",
    ),
    "zh": (
        "除了agv 2把两箱从dock one运到bay 1",
        "谁都不要走gate",
        "然后从bay 1运一箱到bay 2",
        "如果卡车到了",
    ),
}
"""Who may not, where nobody may, what comes after what, and on what condition."""


@dataclass(frozen=True)
class Spoken:
    """A request in a language, and the goals that say all of it."""

    language: str

    @property
    def parts(self) -> tuple[str, str, str, str]:
        return SAID[self.language]

    def request(self) -> PlanRequest:
        comma = {"ja": "、", "zh": "，", "ar": "، "}.get(self.language, ", ")
        return asked(comma.join(self.parts), self.language)

    def goals(self, **more: Any) -> Goals:
        first, second, third, last = self.parts
        goals = [
            transport(2, "dock-1", "bay-1", words=first, without=more.get("without", ["agv-2"])),
            transport(1, "bay-1", "bay-2", words=third, after=more.get("after", [0])),
            *([avoid("gate", words=second)] if more.get("avoided", True) else []),
        ]
        told = (last,) if more.get("told", True) else ()
        return goals_of(*goals).model_copy(update={"unsupported": told})


def asked(request: str, language: str = "en", names: Sequence[str] = tuple(NAMES)) -> PlanRequest:
    mentions = [NamedThing(words=NAMES[i], ids=(i,)) for i in names if NAMES[i] in request]
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C"))
    return PlanRequest(request=request, language=language, site=yard_document(), fleet=fleet, mentions=tuple(mentions))


def lost(request: PlanRequest, goals: Goals, site: Site | None = None) -> tuple[str, ...]:
    """What is found to be left out, of goals as a model wrote them."""
    known, clocks = site or parse_site(request.site), Clocks.read(request.now, request.clock_change)
    cited, _ = cite(goals, request.request)
    settled, _, _ = settle(known, request.fleet, cited, clocks, request.language)
    return tuple(unsaid(request, known, settled, cited).parts)


def missed(request: PlanRequest, goals: Goals, site: Site) -> bool:
    """Whether anything is found to be left out, also a name, without which there is no plan."""
    named = check_goals(site, goals, request.request, request.mentions)
    return bool(lost(request, goals, site)) or any("no goal speaks of it" in fault for fault in named)


def test_each_language_of_the_replies_is_known() -> None:
    assert languages() == SAID.keys()


@pytest.mark.parametrize("case", all_requests().cases, ids=lambda case: case.id)
def test_of_what_a_perfect_model_says_nothing_is_missed(case: Case) -> None:
    request = PlanRequest.model_validate(all_requests().body(case))
    if not case.goals.unclear:  # else it is asked back anyway
        assert lost(request, case.goals, all_requests().scene(case).site) == ()


def short_by_one(case: Case) -> Iterator[Goals]:
    """The goals of a case, each time without one that only forbids, or without who may not."""
    goals = case.goals.goals
    for index, goal in enumerate(goals):
        before, behind = goals[:index], goals[index + 1 :]
        if goal.kind in ("avoid", "one_way", "reserve", "use") and not any(getattr(g, "after", ()) for g in goals):
            yield case.goals.model_copy(update={"goals": before + behind})
        if getattr(goal, "without", ()):
            among = goal.model_copy(update={"without": (), "vehicles": goal.without})
            for wrong in (goal.model_copy(update={"without": ()}), among):
                yield case.goals.model_copy(update={"goals": (*before, wrong, *behind)})


@pytest.mark.parametrize("case", all_requests().cases, ids=lambda case: case.id)
def test_what_a_request_forbids_is_missed_when_it_is_left_out(case: Case) -> None:
    request, site = PlanRequest.model_validate(all_requests().body(case)), all_requests().scene(case).site
    for short in short_by_one(case):
        assert missed(request, short, site)


@pytest.mark.parametrize("language", SAID)
def test_what_is_said_in_full_is_not_missed(language: str) -> None:
    spoken = Spoken(language)
    assert lost(spoken.request(), spoken.goals()) == ()


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize(
    ("part", "slip"),
    [(0, {"without": []}), (1, {"avoided": False}), (2, {"after": []}), (3, {"told": False})],
    ids=["who may not", "where nobody may", "what comes after", "on what condition"],
)
def test_a_condition_that_no_goal_says_is_missed_in_every_language(
    language: str, part: int, slip: dict[str, Any]
) -> None:
    spoken = Spoken(language)
    (missed,) = lost(spoken.request(), spoken.goals(**slip))
    assert spoken.parts[part] in missed or missed in spoken.parts[part]


CARRY = "two boxes from dock one to bay 1"
OTHER_WAY_ROUND: list[tuple[str, dict[str, Any], bool]] = [
    (f"{CARRY} without agv 2", {"vehicles": ["agv-2"]}, True),
    (f"{CARRY} without agv 2", {"vehicles": ["agv-1"]}, False),
    (f"{CARRY} without agv 2", {"at_most": 1}, True),
    (f"{CARRY} only with agv 2", {"without": ["agv-2"]}, True),
    (f"{CARRY} only with agv 2", {"without": ["agv-1", "agv-3"]}, False),
    (f"{CARRY} only with agv 2", {"vehicles": ["agv-2"]}, False),
    (f"{CARRY} only with agv 2", {}, True),
    (f"{CARRY} and nobody but agv 2 may do it", {"vehicles": ["agv-2"]}, False),
    (f"{CARRY} and nobody but agv 2 may do it", {"without": ["agv-2"]}, True),
    (f"{CARRY} but not before the truck is gone", {}, True),
    (f"first of all {CARRY}", {}, False),
    (f"{CARRY} with as few trips as possible", {}, True),
    (f"{CARRY} as soon as possible, no hurry, if you can", {}, False),
    (f"{CARRY} if it rains", {}, True),
]


@pytest.mark.parametrize(("said", "fields", "missed"), OTHER_WAY_ROUND)
def test_it_has_to_be_the_goal_that_says_it(said: str, fields: dict[str, Any], missed: bool) -> None:
    assert bool(lost(asked(said), goals_of(transport(2, "dock-1", "bay-1", words=said, **fields)))) is missed


def test_a_kind_that_no_goal_speaks_of_is_missed() -> None:
    document = yard_document()
    document["vehicle_kinds"]["tug"] = {"names": {"en": ["tug"]}}
    document["vehicles"][2]["kind"] = "tug"
    site = parse_site(json.loads(json.dumps(document)))
    request = asked(f"the forklifts take {CARRY}").model_copy(update={"site": document})
    forklifts = NamedThing(words="forklifts", ids=("agv-1", "agv-2"))
    request = request.model_copy(update={"mentions": (*request.mentions, forklifts)})
    carry = transport(2, "dock-1", "bay-1", words=request.request)
    assert lost(request, goals_of(carry), site) == ("forklifts",)
    assert lost(request, goals_of(carry | {"vehicles": ["kind:forklift"]}), site) == ()


def test_of_a_long_sentence_only_the_part_is_told() -> None:
    said = "two boxes from dock one to bay 1, and only after that one from bay 1 to bay 2, and agv 2 parks"
    first, then, _ = said.split(", ")
    goals = goals_of(transport(2, "dock-1", "bay-1", words=first), transport(1, "bay-1", "bay-2", words=then))
    assert lost(asked(said), goals) == ("and only after that one from bay 1 to bay 2",)


def test_a_number_that_any_model_misreads_is_missed() -> None:
    request = asked(f"{CARRY} within ten minutes")
    assert lost(request, goals_of(transport(2, "dock-1", "bay-1", words=request.request))) == ("ten minutes",)


def test_a_hyphen_makes_no_condition_of_a_pronoun() -> None:
    site = parse_site(yard_document())
    assert conditions(site, "fecha-se o portão", "pt", ()) == ()
    assert len(conditions(site, "se o portão fechar", "pt", ())) == 1


# What comes of it

SHORT = goals_of(transport(2, "dock-1", "bay-1", words=CARRY))
WHOLE = goals_of(transport(2, "dock-1", "bay-1", words=CARRY), use(never=["agv-2"]) | {"words": "agv 2 does not move"})
REQUEST = asked(f"{CARRY}; agv 2 does not move; agv 1 parks then")
PARKED = send("park", ["agv-1"], words="agv 1 parks then")


def understood(*answers: str | Goals | Exception, request: PlanRequest = REQUEST) -> tuple[Goals, ScriptedProvider]:
    provider, clock = ScriptedProvider(*answers), ManualClock()
    site = parse_site(request.site)
    return Planner(provider, clock, 1.0).understand(request, site, clock.time() + 60), provider


def with_parking(goals: Goals) -> Goals:
    return goals_of(*(goal.model_dump() for goal in goals.goals), PARKED)


LATE = "unless the truck is late"
DOUBTFUL = asked(f"{CARRY}; agv 1 parks then, {LATE}")


def test_a_model_is_shown_what_it_left_out_and_says_it() -> None:
    short, whole = (with_parking(SHORT), with_parking(SHORT))
    whole = whole.model_copy(update={"unsupported": (LATE,)})
    goals, provider = understood(short, whole, request=DOUBTFUL)
    assert goals.unsupported == (LATE,)
    repair = provider.prompts[1].repair
    assert repair is not None
    assert f"no goal says what '{LATE}' says" in repair.text()


def test_what_a_model_leaves_out_twice_is_told_to_be_no_part_of_the_plan() -> None:
    goals, provider = understood(with_parking(SHORT), request=DOUBTFUL)
    assert goals.unsupported == (LATE,)
    assert len(provider.prompts) == 2


CONTRADICTION = goals_of(transport(2, "dock-1", "bay-1", words=CARRY), PARKED, avoid("dock-1", words=LATE))
SECOND = ["nonsense", ProviderUnavailableError("it is away"), goals_of(), CONTRADICTION]


@pytest.mark.parametrize("second", SECOND, ids=["nonsense", "away", "nothing", "contradiction"])
def test_a_model_that_fails_when_it_is_shown_loses_nothing_more(second: str | Goals | Exception) -> None:
    goals, _ = understood(with_parking(SHORT), second, request=DOUBTFUL)
    assert goals.unsupported == (LATE,)
    assert goals.goals == with_parking(SHORT).goals


def test_a_model_that_does_not_know_what_it_means_has_it_asked() -> None:
    unclear = with_parking(SHORT).model_copy(update={"unclear": (LATE,)})
    with pytest.raises(UnclearError, match=LATE):
        understood(with_parking(SHORT), unclear, request=DOUBTFUL)


@pytest.mark.parametrize(
    ("said", "fields"),
    [(f"{CARRY} without agv 2", {"vehicles": ["agv-2"]}), (f"{CARRY} only with agv 2", {"without": ["agv-2"]})],
)
def test_who_may_is_asked_where_a_model_makes_the_opposite_of_it(said: str, fields: dict[str, Any]) -> None:
    with pytest.raises(UnclearError, match="agv 2"):
        understood(goals_of(transport(2, "dock-1", "bay-1", words=said, **fields)), request=asked(said))


def test_a_whole_answer_is_asked_for_once() -> None:
    goals, provider = understood(with_parking(WHOLE))
    assert (goals.unsupported, len(provider.prompts)) == ((), 1)


def test_what_is_no_part_of_the_plan_is_said_with_it() -> None:
    goals, _ = understood(with_parking(SHORT), request=DOUBTFUL)
    clock = ManualClock()
    site = parse_site(DOUBTFUL.site)
    proposal = Planner(ScriptedProvider(goals), clock, 0.2).plan(DOUBTFUL, site, goals, lambda: False)
    assert f"Not part of the plan: “{LATE}”." in proposal.explanation


@pytest.mark.parametrize(
    ("said", "words", "told"),
    [
        ("con due carrelli, entro venti minuti", "due", "con due carrelli"),
        ("con due carrelli, entro venti minuti", "venti minuti", "entro venti minuti"),
        ("two, then park", "two", "two"),
        ("carry it unless the truck is late", "unless the truck is late", "unless the truck is late"),
        ("两个托盘", "两个", "两个"),
        ("carry it", "elsewhere", "elsewhere"),
    ],
)
def test_bare_words_are_told_with_those_beside_them(said: str, words: str, told: str) -> None:
    assert with_neighbours(said, words) == told


LATER = {
    "en": "two from dock one to bay 1 in five minutes and not before",
    "de": "zwei von dock one nach bay 1 in fünf Minuten, nicht früher als das",
    "it": "due da dock one a bay 1 fra cinque minuti e non prima",
    "pl": "dwa z dock one do bay 1 za pięć minut, nie wcześniej",
}


@pytest.mark.parametrize("language", LATER)
def test_a_limit_does_not_say_that_it_is_not_before(language: str) -> None:
    request = asked(LATER[language], language)
    site = parse_site(request.site)
    for field, lost in (("within_s", True), ("not_before_s", False)):
        goals = goals_of(transport(2, "dock-1", "bay-1", words=LATER[language], **{field: 300}))
        assert bool(unsaid(request, site, goals, goals).parts) is lost


def test_who_may_not_is_not_said_by_a_place_that_is_closed() -> None:
    said = "dock one is closed, two from dock one to bay 1 without agv 2"
    request = asked(said)
    closed = avoid("dock-1", words="dock one is closed")
    carried = transport(2, "dock-1", "bay-1", words="two from dock one to bay 1", vehicles=["agv-2"])
    goals = goals_of(closed, carried)
    assert unsaid(request, parse_site(request.site), goals, goals).asked == (
        "two from dock one to bay 1 without agv 2",
    )


@pytest.mark.parametrize(
    ("there", "written", "lost"),
    [(("sand", "coke"), None, ("sand",)), (("sand", "coke"), "sand", ()), (("sand", "sand"), None, ())],
)
def test_a_type_of_load_is_missed_where_others_stand_there(
    there: tuple[str, ...], written: str | None, lost: tuple[str, ...]
) -> None:
    said = "two loads of sand from dock one to bay 1"
    loads = tuple(LoadSnapshot(id=f"l{n}", place="dock-1", type=kind) for n, kind in enumerate(there))
    request = asked(said)
    request = request.model_copy(update={"fleet": request.fleet.model_copy(update={"loads": loads})})
    goals = goals_of(transport(2, "dock-1", "bay-1", words=said, **({"load_type": written} if written else {})))
    assert tuple(unsaid(request, parse_site(request.site), goals, goals).parts) == lost
