"""``banksman sim``: vehicles on a broker from the command line, and faults for them."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from banksman_firmware_sim.drawing import draw_run
from banksman_firmware_sim.faults import AMOUNTS, Fault, FaultKind, Schedule, load_schedule
from banksman_firmware_sim.motion import STATE_INTERVAL_S
from banksman_firmware_sim.run_record import Recorder
from banksman_firmware_sim.wire import (
    HABITS,
    Dialect,
    FaultRequest,
    PeerProfile,
    RunOptions,
    SimulatedFleet,
    send_request,
)
from banksman_shared.clock import SystemClock
from banksman_shared.ending import told_to_end
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.options import mqtt_options, site_option
from banksman_shared.site import load_site
from banksman_shared.vda5050 import VERSION, VERSIONS

Command = Callable[..., Any]


@click.group()
def sim() -> None:
    """Simulated vehicles that speak VDA 5050.

    \b
    Examples:
      banksman sim run --mqtt mqtt://127.0.0.1:1883
      banksman sim fault forklift-1 obstacle --for 20
    """


def _svg(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() != ".svg":
        raise click.BadParameter(f"pictures are SVG; name the file {value.with_suffix('.svg').name}.")
    return value


_RUN_OPTIONS = (
    click.option(
        "--vda-version",
        type=click.Choice(VERSIONS),
        show_default=f"{VERSION}, or the one that the profile speaks",
        help="With 3.0.0 the topics are uagv/v3/….",
    ),
    click.option(
        "--profile",
        type=click.Choice([str(profile) for profile in PeerProfile]),
        default=str(PeerProfile.DEFAULT),
        show_default=True,
        help="Whose habits the vehicles have: see below.",
    ),
    click.option(
        "--state-interval",
        type=click.FloatRange(min=0.1, max=30),
        default=STATE_INTERVAL_S,
        show_default=True,
        metavar="S",
        help="A state at least every S seconds.",
    ),
    click.option(
        "--faults",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="A schedule of faults (YAML).",
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="Decides all that is random."),
)


def _run_options(function: Command) -> Command:
    """How the vehicles speak and what befalls them; the function gets it as ``options``, a :class:`RunOptions`."""

    @functools.wraps(function)
    def with_options(
        *,
        vda_version: str | None,
        profile: str,
        state_interval: float,
        faults: Path | None,
        seed: int,
        **values: Any,
    ) -> Any:
        chosen = PeerProfile(profile)
        version = vda_version or HABITS[chosen].only_version or VERSION
        try:
            dialect = Dialect(chosen, version)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--vda-version") from error
        schedule = load_schedule(faults) if faults else Schedule()
        return function(options=RunOptions(dialect, state_interval, seed, schedule), **values)

    decorated: Command = with_options
    for option in reversed(_RUN_OPTIONS):
        decorated = option(decorated)
    return decorated


_PROFILES = "".join(f"\n    {profile}: {habits.about}\n" for profile, habits in HABITS.items())


@sim.command(epilog=f"Profiles:\n{_PROFILES}")
@site_option
@mqtt_options()
@_run_options
@click.option(
    "--speed-up",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How much faster than life the vehicles move and work, and faults pass.",
)
@click.option(
    "--vehicles", type=click.IntRange(min=1), help="So many, spread over the site, instead of the site's own."
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_svg,
    metavar="FILE.svg",
    help="Draw tracks, stops, faults and what each vehicle did, at the end.",
)
def run(
    site_dir: Path,
    mqtt: MqttSettings,
    options: RunOptions,
    speed_up: float,
    vehicles: int | None,
    picture: Path | None,
) -> None:
    """Put the vehicles of a site on a broker until Ctrl-C.

    Each stands at its home, localised and in automatic mode.

    \b
    Examples:
      banksman sim run --mqtt mqtt://127.0.0.1:1883
      banksman sim run --site ./harbour-2 --mqtt mqtt://127.0.0.1:1883 --speed-up 4 --vda-version 3.0.0
      banksman sim run --mqtt mqtt://127.0.0.1:1883 --vehicles 1000 --state-interval 1
      banksman sim run --mqtt mqtt://127.0.0.1:1883 --faults bad-day.yaml --seed 7 --picture run.svg
    """
    site = load_site(site_dir)
    recorder = Recorder() if picture else None
    clock = SystemClock()
    chosen = RunOptions(options.dialect, options.state_interval_s, options.seed, options.schedule, recorder)
    with (
        SimulatedFleet.from_site(site, mqtt, speed_up=speed_up, vehicles=vehicles, options=chosen) as fleet,
        told_to_end() as wait,
    ):
        began = clock.monotonic()
        click.echo(f"{len(fleet)} vehicles on {mqtt.shown}, Ctrl-C ends")
        wait()
    if picture and recorder:
        _write(picture, draw_run(site, recorder.stories, clock.monotonic() - began))
        click.echo(picture)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BanksmanError(f"cannot write {file}: {error.strerror}; give another --picture") from error


def _described(kind: FaultKind) -> str:
    amount = AMOUNTS.get(kind)
    return f"  {kind}" + (f"  --amount {amount.meaning} [{amount.unit}; {amount.default:g}]" if amount else "")


_KINDS = "\b\nKinds:\n" + "\n".join(map(_described, FaultKind))


@sim.command(epilog=_KINDS)
@click.argument("vehicle")
@click.argument("kind", metavar="[KIND]", required=False, type=click.Choice([str(kind) for kind in FaultKind]))
@click.option("--for", "seconds", type=float, metavar="SECONDS", help="How long; otherwise until --clear.")
@click.option("--amount", type=float, metavar="X", help="How much of it: see below.")
@click.option("--clear", is_flag=True, help="End this kind of fault, or all of them where none is named.")
@mqtt_options("mqtt://localhost:1883")
def fault(
    vehicle: str, kind: str | None, seconds: float | None, amount: float | None, clear: bool, mqtt: MqttSettings
) -> None:
    """Give a running simulated vehicle a fault, or end one.

    VEHICLE is its id in the site or its serial number. The command says what the vehicle has now, and fails when no
    simulator has such a vehicle or the vehicle cannot have such a fault.

    \b
    Examples:
      banksman sim fault forklift-1 obstacle --for 20
      banksman sim fault sim-0007 messages-lost --amount 0.5 --mqtt mqtt://127.0.0.1:1883
      banksman sim fault forklift-1 --clear
    """
    if kind is None and not clear:
        raise click.UsageError(f"Name a KIND of fault, one of {', '.join(FaultKind)}, or --clear.")
    if clear and (seconds is not None or amount is not None):
        raise click.UsageError("--clear takes neither --for nor --amount.")
    chosen = FaultKind(kind) if kind else None
    try:
        if chosen and not clear:
            Fault(chosen, seconds, amount)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    answer = send_request(mqtt, vehicle, FaultRequest(uuid.uuid4().hex, chosen, seconds, amount, clear))
    if not answer.ok:
        raise BanksmanError(f"{vehicle} did not take it: {answer.error}")
    click.echo(f"{vehicle}: {', '.join(answer.faults) or 'no fault'}")
