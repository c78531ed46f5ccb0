"""``banksman sim``: vehicles on a broker from the command line."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click

from banksman_firmware_sim.dialect import PeerProfile
from banksman_firmware_sim.fleet import SimulatedFleet
from banksman_shared.errors import BrokerError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import bundled_site, load_site
from banksman_shared.vda5050.messages import VERSION

_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def sim() -> None:
    """Simulated vehicles that speak VDA 5050.

    Example: banksman sim run --mqtt mqtt://127.0.0.1:1883
    """


def _only_known(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value != VERSION:
        raise click.BadParameter(f"version {value} is not there; the simulated vehicles speak {VERSION}.")
    return value


@sim.command()
@click.option(
    "--site",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The site's folder; the bundled warehouse if left out.",
)
@click.option("--mqtt", "url", required=True, metavar="URL", help="The broker: mqtt://host:1883 or mqtts://host:8883.")
@click.option("--mqtt-ca", type=_PEM, help="Certificate authority of the broker (PEM).")
@click.option("--mqtt-cert", type=_PEM, help="Our certificate (PEM).")
@click.option("--mqtt-key", type=_PEM, help="The key of our certificate (PEM).")
@click.option("--mqtt-user", help="User; the password comes from BANKSMAN_MQTT_PASSWORD.")
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
def run(  # noqa: PLR0913  one parameter per option
    *,
    folder: Path | None,
    url: str,
    mqtt_ca: Path | None,
    mqtt_cert: Path | None,
    mqtt_key: Path | None,
    mqtt_user: str | None,
    profile: str,
    speed_up: float,
    vehicles: int | None,
) -> None:
    """Put the vehicles of a site on a broker until Ctrl-C.

    Each stands at its home, localised and in automatic mode.

    Example: banksman sim run --site ./harbour-2 --mqtt mqtt://127.0.0.1:1883 --speed-up 4
    """
    settings = MqttSettings(url, mqtt_ca, mqtt_cert, mqtt_key, mqtt_user, os.environ.get("BANKSMAN_MQTT_PASSWORD"))
    try:
        host, port, tls = settings.endpoint()
    except BrokerError as error:
        raise click.BadParameter(f"{error}.", param_hint="--mqtt") from error
    site = load_site(folder or bundled_site())
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    fleet = SimulatedFleet.from_site(site, settings, speed_up=speed_up, vehicles=vehicles, peers=PeerProfile(profile))
    with fleet:
        # Put together anew, since the URL may hold a password.
        click.echo(f"{len(fleet)} vehicles on {'mqtts' if tls else 'mqtt'}://{host}:{port}, Ctrl-C ends")
        ending.wait()
