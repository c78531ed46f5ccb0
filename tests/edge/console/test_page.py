"""The console's page in a real Chromium: what an operator does there, and what the vehicles do then."""

from __future__ import annotations

import math
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from edge_world import FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, planner
from large_site import with_vehicles
from operators_world import PIN, with_people
from plant import eventually, running_plant
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from banksman_edge import Agent, Sound, VehicleView, WhisperRecogniser
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.console import ConsoleServer, ConsoleSettings
from banksman_shared.broker import RunningBroker
from banksman_shared.site import Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
ORDER = "forklift three, go to dock two"
PATIENCE_MS = 60_000
PANES = ("Talk", "Floor", "Plans", "Loads", "Health", "Settings")


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """For this module alone: it runs an event loop on the thread of the tests."""
    with sync_playwright() as running:
        expect.set_options(timeout=PATIENCE_MS)
        yield running


def launched(driver: Playwright, *options: str) -> Browser:
    return driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *options])


@pytest.fixture(scope="module")
def browser(driver: Playwright) -> Iterator[Browser]:
    with launched(driver) as started:
        yield started


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, fleet: FleetDouble, heard: Recorder) -> Iterator[Open]:
    """Opens the page of an agent of a site, and fails where the page does."""
    with ExitStack() as opened:
        failures: list[str] = []

        def opens(site: Site, path: str = "", *, viewport: tuple[int, int] = (1400, 850), **parts: Any) -> Page:
            agent: Agent = opened.enter_context(agent_of(site, parts.pop("fleet", fleet), heard, **parts))
            server = opened.enter_context(ConsoleServer(agent, ConsoleSettings()))
            return shown(browser, server.url + path, opened, failures, viewport)

        yield opens
        assert failures == []


def shown(
    browser: Browser, url: str, opened: ExitStack, failures: list[str], viewport: tuple[int, int] = (1400, 850)
) -> Page:
    context = opened.enter_context(browser.new_context(viewport={"width": viewport[0], "height": viewport[1]}))
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(url)
    return page


def write(page: Page, text: str) -> None:
    expect(page.locator(".speak button[type=submit]")).to_be_enabled()
    box = page.get_by_label("Write an order or a question")
    box.fill(text)
    box.press("Enter")


def test_what_is_written_is_done_and_answered(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    page = open_page(site)
    write(page, ORDER)
    expect(page.get_by_text("Forklift 3: going to dock 2.")).to_be_visible()
    assert fleet.given()[0][0].destination == "dock-2"
    fleet.tell("done")
    expect(page.get_by_text("forklift 3: done", exact=True)).to_be_visible()


def test_a_question_is_answered_by_touch_once(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    page = open_page(site)
    write(page, "all forklifts, go to dock two")
    yes = page.get_by_role("button", name="Yes")
    expect(yes).to_be_visible()
    assert fleet.orders == []
    yes.click()
    assert fleet.given()[0][0].vehicles == ("kind:forklift",)
    expect(yes).to_have_count(0)


def test_a_stop_goes_out_at_once_and_says_who_stands(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    page = open_page(site)
    expect(page.get_by_text("forklift 3").first).to_be_visible()
    page.get_by_role("button", name="Stop all").click()
    assert fleet.given()[0][0].action == "stop"
    expect(page.get_by_text(f"0 of {len(fleet.views)} stand still")).to_be_visible()
    fleet.views = {key: replace(view, stopped=True) for key, view in fleet.views.items()}
    expect(page.get_by_text("{0} of {0} stand still".format(len(fleet.views)))).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    assert len(fleet.orders) == 1
    page.get_by_role("button", name="Yes").click()
    assert fleet.given(2)[1][0].action == "resume"


def test_the_chosen_ones_are_stopped(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    page = open_page(site)
    page.get_by_label("Choose forklift 3").check()
    page.get_by_role("button", name="Stop chosen (1)").click()
    assert fleet.given()[0][0].vehicles == ("forklift-3",)


def test_an_order_is_chosen_from_the_menu_of_a_vehicle(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    page = open_page(site)
    page.locator(".vehicles").get_by_role("button", name="forklift 3").click()
    page.get_by_label("Action", exact=True).select_option("transport")
    page.get_by_label("From", exact=True).select_option("aisle-9")
    page.get_by_label("To", exact=True).select_option("dock-2")
    page.locator(".order").get_by_role("button", name="Send").click()
    given = fleet.given()[0][0]
    assert (given.action, given.vehicles, given.origin, given.destination) == (
        "transport",
        ("forklift-3",),
        "aisle-9",
        "dock-2",
    )


def test_nobody_sees_anything_before_they_sign_in_but_may_stop(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    page = open_page(with_people(site))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("forklift 3")).to_have_count(0)
    page.get_by_role("button", name="Stop all").click()
    assert fleet.given()[0][0].action == "stop"
    page.get_by_label("Operator").fill("anna")
    page.get_by_label("PIN").fill("0000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("this PIN is not the operator's")).to_be_visible()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("forklift 3").first).to_be_visible()
    write(page, "tugger one, go to dock two")
    expect(page.get_by_text("Not done")).to_be_visible()
    write(page, ORDER)
    assert fleet.given(2)[1][0].destination == "dock-2"


def test_a_plan_is_looked_at_and_approved(browser: Browser, site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with (
        ExitStack() as opened,
        planner(Dispatcher(2, not_before_s=3600.0)) as (client, _),
        agent_of(site, fleet, heard, planner=client) as agent,
        ConsoleServer(agent, ConsoleSettings()) as server,
    ):
        page = shown(browser, server.url, opened, [])
        write(page, "move two pallets from inbound to dock two")
        page.get_by_role("button", name="Plans (1)").click()
        expect(page.get_by_role("img", name="Steps")).to_be_visible()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", name="under way")).to_be_visible()


def test_a_lost_connection_is_shown_and_a_stop_says_that_it_did_not_go_out(
    browser: Browser, site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    with ExitStack() as opened, agent_of(site, fleet, heard) as agent:
        port = free_port()
        with ConsoleServer(agent, ConsoleSettings(port=port)) as server:
            page = shown(browser, server.url, opened, [])
            expect(page.get_by_text("forklift 3").first).to_be_visible()
        expect(page.get_by_text("Connection lost")).to_be_visible()
        page.get_by_role("button", name="Stop all").click()
        expect(page.get_by_text("The stop could not be sent")).to_be_visible()
        assert fleet.orders == []
        with ConsoleServer(agent, ConsoleSettings(port=port)):
            expect(page.get_by_text("Connection lost")).to_have_count(0)
            page.get_by_role("button", name="Stop all").click()
            assert fleet.given()[0][0].action == "stop"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_names_and_words_with_markup_are_only_text(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    kinds = {key: replace(kind, names={"en": (evil,)}) for key, kind in site.vehicle_kinds.items()}
    page = open_page(replace(site, name=evil, vehicle_kinds=kinds))
    expect(page.get_by_role("heading", name=evil)).to_be_visible()
    write(page, evil)
    expect(page.get_by_text(evil).nth(1)).to_be_visible()
    assert page.title() == "Banksman"
    assert page.locator("#page img").count() == 0


@pytest.mark.parametrize(
    ("theme", "viewport"), [("light", (1400, 850)), ("dark", (390, 800)), ("contrast", (1400, 850))]
)
def test_axe_finds_nothing(open_page: Open, site: Site, theme: str, viewport: tuple[int, int]) -> None:
    page = open_page(site, viewport=viewport)
    page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
    write(page, "all forklifts, go to dock two")
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    for pane in PANES:
        page.get_by_role("button", name=pane, exact=True).click()
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, f"{pane}: {found.generate_report()}"


def test_a_thousand_vehicles_are_drawn(open_page: Open, site: Site, fleet: FleetDouble) -> None:
    large = with_vehicles(site, 1000)
    fleet.views = {
        key: VehicleView(
            key, "forklift", connected=True, reporting=True, initialised=True, automatic=True, x=n % 40, y=n / 40
        )
        for n, key in enumerate(large.vehicles)
    }
    page = open_page(large)
    expect(page.get_by_role("img", name="Map of the floor with 1000 vehicles")).to_be_visible()
    frames = "banksmanFrameTimes.frames"
    before = page.evaluate(frames)
    eventually(lambda: page.evaluate(frames) > before + 30, "thirty more frames")
    page.get_by_label("Search vehicles").fill("carrier777")
    expect(page.locator(".vehicles li")).to_have_count(1)


def test_a_page_in_arabic_goes_from_right_to_left(open_page: Open, site: Site) -> None:
    page = open_page(site)
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Language").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("button", name="Settings")).to_have_count(0)


@contextmanager
def speaking(driver: Playwright, samples: Any, folder: Path) -> Iterator[Browser]:
    """A Chromium whose microphone hears this again and again."""
    path = folder / "said.wav"
    soundfile.write(path, samples, SAMPLE_RATE)
    fake = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    )
    with launched(driver, *fake) as browser:
        yield browser


def test_an_order_that_is_spoken_drives_a_vehicle(
    driver: Playwright,
    site: Site,
    mqtt_broker: RunningBroker,
    recogniser: WhisperRecogniser,
    speech: dict[str, Sound],
    tmp_path: Path,
) -> None:
    order = speech["en-move"].samples
    silence = np.zeros(SAMPLE_RATE * 4, np.float32)
    seconds = math.ceil(len(order) / SAMPLE_RATE)
    failures: list[str] = []
    with (
        running_plant(site, mqtt_broker.url, recogniser=recogniser) as plant,
        ConsoleServer(plant.agent, ConsoleSettings()) as server,
        speaking(driver, np.concatenate([silence, order, silence]), tmp_path) as browser,
        ExitStack() as opened,
    ):
        page = shown(browser, server.url, opened, failures)
        talk = page.get_by_role("button", name="Hold to talk")
        expect(talk).to_be_enabled()
        talk.hover()
        page.mouse.down()
        expect(page.get_by_role("button", name="Listening")).to_be_visible()
        page.wait_for_timeout((8 + seconds) * 1000)
        page.mouse.up()
        expect(page.locator(".said .verdict")).to_have_text("Accepted")
        eventually(lambda: plant.stands_at("tugger-2", "workshop"), "tugger 2 stands at the workshop")
    assert failures == []
