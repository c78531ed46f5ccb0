"""What the console's page costs, in the system's Chromium: bytes, drawing at 10, 100 and 1,000 vehicles that move, and
milliseconds from a press of stop in the page to the fleet, beside a stop that a program submits.

    python tests/bench/bench_console.py [--seconds 5] [--stops 20]

Prints one JSON document: bytes of the page as it is sent; for each number of vehicles, frames a second, milliseconds of
drawing a frame, and the page's memory in MiB; and the milliseconds to a stop (p50, p95) of both, with their ratio.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "worlds"))

from edge_world import FleetDouble, Recorder, agent_of
from large_site import with_vehicles

from banksman_edge import Agent, Utterance, VehicleView
from banksman_edge.console import ConsoleServer, ConsoleSettings
from banksman_shared.site import Site, bundled_site, load_site

COUNTS = (10, 100, 1000)
MOVES_S = 0.1


class Moving:
    """Moves all vehicles of a fleet ten times a second."""

    def __init__(self, site: Site, fleet: FleetDouble) -> None:
        self._fleet, self._done = fleet, threading.Event()
        one = VehicleView(
            "", "forklift", connected=True, reporting=True, initialised=True, automatic=True, driving=True
        )
        self._known = [replace(one, id=key) for key in site.vehicles]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(MOVES_S):
            at = time.monotonic()
            self._fleet.views = {
                view.id: replace(view, x=20 + 15 * math.sin(at / 5 + n), y=n % 30 + math.cos(at / 5 + n))
                for n, view in enumerate(self._known)
            }


def drawn(page: Page, seconds: float) -> dict[str, float]:
    """Frames while vehicles move."""
    page.wait_for_timeout(1000)
    before, began = page.evaluate("({...banksmanFrameTimes})"), time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    after, took = page.evaluate("({...banksmanFrameTimes})"), time.monotonic() - began
    frames = after["frames"] - before["frames"]
    return {
        "frames_per_s": round(frames / took, 1),
        "drawing_ms": round((after["drawing_ms"] - before["drawing_ms"]) / max(1, frames), 2),
        "memory_mib": round(page.evaluate("performance.memory.usedJSHeapSize") / 2**20, 1),
    }


def stops(fleet: FleetDouble, press: Callable[[], object], count: int) -> dict[str, float]:
    """Milliseconds until the fleet has each stop."""
    times = []
    for _ in range(count):
        given, began = len(fleet.submissions), time.perf_counter()
        press()
        fleet.given(given + 1)
        times.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": round(float(np.percentile(times, 50)), 1), "p95_ms": round(float(np.percentile(times, 95)), 1)}


def measured(browser: Browser, count: int, seconds: float, stop_count: int) -> dict[str, Any]:
    """One number of vehicles."""
    site = with_vehicles(load_site(bundled_site()), count)
    fleet = FleetDouble(site)
    agent: Agent
    with (
        agent_of(site, fleet, Recorder()) as agent,
        ConsoleServer(agent, ConsoleSettings()) as server,
        Moving(site, fleet),
        browser.new_context(viewport={"width": 1400, "height": 850}) as context,
    ):
        page = context.new_page()
        sent: list[int] = []
        page.on("response", lambda answer: sent.append(int(answer.headers.get("content-length", 0))))
        page.goto(server.url)
        button = page.get_by_role("button", name="Stop all")
        found: dict[str, Any] = {"page_bytes": sum(sent), **drawn(page, seconds)}
        button.evaluate("button => (window.stopAll = button)")
        by_page = stops(fleet, lambda: page.evaluate("stopAll.click()"), stop_count)
        by_program = stops(fleet, lambda: agent.submit(Utterance(text="stop")), stop_count)
        ratio = round(by_page["p50_ms"] / by_program["p50_ms"], 2)
        return found | {"stop_in_page": by_page, "stop_by_program": by_program, "ratio": ratio}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--stops", type=int, default=20)
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: there is no Chromium here")
        return
    with (
        sync_playwright() as driver,
        driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--enable-precise-memory-info"]
        ) as browser,
    ):
        found = {count: measured(browser, count, options.seconds, options.stops) for count in COUNTS}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
