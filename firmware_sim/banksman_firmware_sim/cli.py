"""``banksman sim``: vehicles on a broker from the command line."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from banksman_firmware_sim.dialect import PeerProfile
from banksman_firmware_sim.fleet import SimulatedFleet
from banksman_shared.mqtt import MqttSettings
from banksman_shared.options import mqtt_options, site_option
from banksman_shared.site import load_site
from banksman_shared.vda5050.messages import VERSION


@click.group()
def sim() -> None:
    """Simulated vehicles that speak VDA 5050.

    \b
    Example:
      banksman sim run --mqtt mqtt://127.0.0.1:1883
    """


def _only_known(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value != VERSION:
        raise click.BadParameter(f"version {value} is not there; the simulated vehicles speak {VERSION}.")
    return value


@sim.command()
@site_option
@mqtt_options()
@click.option("--vda-version", default=VERSION, show_default=True, callback=_only_known, expose_value=False)
@click.option(
    "--profile",
    type=click.Choice([str(profile) for profile in PeerProfile]),
    default=str(PeerProfile.DEFAULT),
    show_default=True,
    help="default understands known quirks of master controls, strict refuses them.",
)
@click.option(
    "--speed-up",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How much faster than life the vehicles move and work.",
)
@click.option(
    "--vehicles", type=click.IntRange(min=1), help="So many, spread over the site, instead of the site's own."
)
def run(site_dir: Path, mqtt: MqttSettings, profile: str, speed_up: float, vehicles: int | None) -> None:
    """Put the vehicles of a site on a broker until Ctrl-C.

    Each stands at its home, localised and in automatic mode.

    \b
    Example:
      banksman sim run --site ./harbour-2 --mqtt mqtt://127.0.0.1:1883 --speed-up 4
    """
    site = load_site(site_dir)
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    with SimulatedFleet.from_site(
        site, mqtt, speed_up=speed_up, vehicles=vehicles, peers=PeerProfile(profile)
    ) as fleet:
        click.echo(f"{len(fleet)} vehicles on {mqtt.shown}, Ctrl-C ends")
        ending.wait()
