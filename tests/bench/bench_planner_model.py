"""How well, and how fast, the local model turns requests into goals, with and without the names that the edge found.

Run: python tests/bench/bench_planner_model.py [tuning|held-out]   (needs the default language model; minutes)

A goal counts as right if kind, count, places, vehicles, action and time limit are; a request, if all its goals are
right and there is no other. Seconds of work are those of all cores together, which other processes do not change.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from banksman_cloud import Planner, Settings, make_provider
from banksman_cloud.errors import PlannerError
from banksman_edge.asr import Transcript
from banksman_edge.escalation import named_things
from banksman_edge.nlu import Understanding
from banksman_shared.clock import SystemClock
from banksman_shared.plans import PlanRequest
from banksman_shared.site import Site, bundled_site, load_site

REQUESTS = Path(__file__).parents[1] / "data" / "requests.jsonl"
PATIENCE_S = 600.0

Facts = frozenset[tuple[object, ...]]


def facts(goals: Iterable[Mapping[str, Any]]) -> Facts:
    """What goals say, whatever their order and however vehicles and avoided places are spread over them."""
    found: set[tuple[object, ...]] = set()
    for goal in goals:
        within, destinations = goal.get("within_s"), frozenset(goal.get("destinations", ()))
        vehicles = goal.get("vehicles", ())
        if goal["kind"] == "avoid":
            found |= {("avoid", place) for place in goal["places"]}
        elif goal["kind"] == "send":
            who = vehicles or (goal["count"],)
            found |= {("send", goal["action"], one, destinations, within) for one in who}
        else:
            origins = frozenset(goal["origins"])
            found.add(("transport", goal["count"], origins, destinations, frozenset(vehicles), within))
    return frozenset(found)


def understand(planner: Planner, site: Site, request: PlanRequest) -> tuple[Facts, str]:
    """The facts of the goals, and how they read; no facts where the planner gave up."""
    try:
        goals = planner.understand(request, site, time.time() + PATIENCE_S)
    except PlannerError as error:
        return frozenset(), str(error)
    return facts(goal.model_dump() for goal in goals.goals), goals.model_dump_json(exclude_defaults=True)


def measure(planner: Planner, site: Site, requests: list[tuple[PlanRequest, Facts]]) -> str:
    """Ask everything once; wrong answers are printed."""
    right, wall, work = 0, time.perf_counter(), time.process_time()
    for request, expected in requests:
        got, text = understand(planner, site, request)
        right += got == expected
        if got != expected:
            print(f"  wrong: {request.request}\n         {text}", flush=True)
    n = len(requests)
    wall, work = (time.perf_counter() - wall) / n, (time.process_time() - work) / n
    return f"{right} of {n} right, {wall:.1f} s per request ({work:.1f} s of work)"


def main(only: str | None) -> None:
    site, clock = load_site(bundled_site()), SystemClock()
    understanding = Understanding(site, None)
    provider = make_provider(Settings(tokens=("bench",), provider="local"), clock)
    provider.load()
    planner = Planner(provider, clock, solve_s=1.0)
    cases = [json.loads(line) for line in REQUESTS.read_text("utf-8").splitlines()]
    for part in ("tuning", "held-out"):
        for named in (False, True):
            if only not in (None, part):
                continue
            requests: list[tuple[PlanRequest, Facts]] = []
            for case in (case for case in cases if case["set"] == part):
                heard = Transcript(case["text"], case["language"], 1.0)
                mentions = named_things(site, understanding.names_in(heard)) if named else ()
                request = PlanRequest(request=heard.text, language=heard.language, site={}, mentions=mentions)
                requests.append((request, facts(case["goals"])))
            print(f"{part}, {'with' if named else 'without'} names", flush=True)
            print(f"  {measure(planner, site, requests)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
