"""The planner on the site, as a process that the agent starts, ends, and takes with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from escalation_world import DISPATCHING, fleet_at_home, request_of
from plant import eventually

from banksman_edge.errors import PlannerError
from banksman_edge.plans import SitePlanner, site_planner
from banksman_shared.plans import Plan, PlanState
from banksman_shared.site import Site

REQUEST = "two pallets from inbound to dock two"


@pytest.fixture
def planner() -> Iterator[SitePlanner]:
    with closing(SitePlanner(program=DISPATCHING)) as made:
        yield made


def ask(planner: SitePlanner, site: Site, key: str) -> Plan:
    return planner.propose(request_of(site, REQUEST), key, 60, lambda _: None)


def children() -> set[int]:
    """Processes that this one has started and that still run."""
    tasks = Path("/proc/self/task").glob("*/children")
    started = {int(pid) for task in tasks for pid in task.read_text().split()}
    return {pid for pid in started if _runs(pid)}


def test_it_starts_when_it_is_needed_and_stays_for_the_next_request(planner: SitePlanner, site: Site) -> None:
    before = children()
    plan = ask(planner, site, "a")
    assert (plan.state, plan.request) == (PlanState.PROPOSED, REQUEST)
    (child,) = children() - before
    assert ask(planner, site, "b").id != plan.id
    assert children() - before == {child}
    assert planner.approve(plan, fleet_at_home(site)).state is PlanState.APPROVED
    planner.report(plan.id, "running")
    planner.report(plan.id, "done")
    planner.cancel(plan.id)
    planner.close()
    planner.close()
    assert children() == before
    with pytest.raises(PlannerError, match="closed"):
        ask(planner, site, "c")


def test_its_token_is_not_on_the_command_line_and_it_can_ask_nobody_else(
    planner: SitePlanner, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hosted")
    monkeypatch.setenv("BANKSMAN_PLANNER_PROVIDER", "openai")
    before = children()
    ask(planner, site, "a")
    (child,) = children() - before
    seen = dict(
        entry.split(b"=", 1) for entry in Path(f"/proc/{child}/environ").read_bytes().split(b"\0") if b"=" in entry
    )
    token = seen[b"BANKSMAN_PLANNER_TOKEN"]
    assert len(token) > 20
    assert token not in Path(f"/proc/{child}/cmdline").read_bytes()
    assert not {b"OPENAI_API_KEY", b"BANKSMAN_PLANNER_PROVIDER"} & set(seen)


def test_one_that_dies_is_started_again(planner: SitePlanner, site: Site) -> None:
    before = children()
    plan = ask(planner, site, "a")
    (child,) = children() - before
    os.kill(child, signal.SIGKILL)
    eventually(lambda: children() == before, "it died")
    with pytest.raises(PlannerError, match=r"has ended|cannot be reached"):
        planner.approve(plan, fleet_at_home(site))
    assert ask(planner, site, "b").state is PlanState.PROPOSED
    assert len(children() - before) == 1


def test_one_that_dies_over_a_request_gets_it_once_more(planner: SitePlanner, site: Site) -> None:
    before, killed = children(), list[int]()

    def kill(_: Plan) -> None:
        if not killed:
            killed.extend(children() - before)
            os.kill(killed[0], signal.SIGKILL)

    assert planner.propose(request_of(site, REQUEST), "a", 60, kill).state is PlanState.PROPOSED
    assert (children() - before).isdisjoint(killed)


def test_one_that_nobody_asks_any_more_ends(site: Site) -> None:
    before = children()
    with closing(SitePlanner(idle_s=0.2, program=DISPATCHING)) as planner:
        ask(planner, site, "a")
        eventually(lambda: children() == before, "it ended")
        assert ask(planner, site, "b").state is PlanState.PROPOSED


def test_one_that_cannot_start_is_said_not_to(site: Site) -> None:
    with closing(SitePlanner(program="raise SystemExit(1)")) as planner:
        with pytest.raises(PlannerError, match="does not start") as caught:
            ask(planner, site, "a")
        assert caught.value.retryable


def test_one_that_ends_before_it_is_ready_is_said_not_to_start(site: Site) -> None:
    program = "print('Planner at http://127.0.0.1:9', flush=True)"
    with closing(SitePlanner(program=program)) as planner, pytest.raises(PlannerError, match="does not start"):
        ask(planner, site, "a")


def test_when_the_agent_is_killed_its_planner_ends(tmp_path: Path) -> None:
    agent = tmp_path / "agent.py"
    agent.write_text(
        "import sys, time\n"
        "from banksman_edge.plans import SitePlanner\n"
        "planner = SitePlanner(program=sys.argv[1])\n"
        "client = planner._running(time.monotonic() + 60)\n"
        "print(planner._process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, str(agent), DISPATCHING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        process.kill()
        process.wait(30)
        eventually(lambda: not _runs(child), "the planner ended")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_real_command_is_what_is_started(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for its model, which is not to be had in an empty cache."""
    monkeypatch.setenv("BANKSMAN_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(site_planner, "_POLL_S", 0.05)
    before = children()
    with closing(SitePlanner()) as planner:
        with pytest.raises(PlannerError, match="not ready in time") as caught:
            planner.propose(request_of(site, REQUEST), "a", 0.0, lambda _: None)
        assert caught.value.code == "slow"
        (child,) = children() - before
        command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        assert command[3:-1] == [
            b"planner",
            b"serve",
            b"--provider",
            b"local",
            b"--host",
            b"127.0.0.1",
            b"--port",
            b"0",
        ]
        assert os.getpriority(os.PRIO_PROCESS, child) == 10
    assert children() == before
