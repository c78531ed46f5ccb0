"""``banksman edge``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from banksman_edge.cli.console import console_options, open_console
from banksman_edge.cli.doors import Doors, door_options, open_doors
from banksman_edge.cli.options import llama_option, stop_head_option, threads_option, whisper_option
from banksman_shared.ending import told_to_end
from banksman_shared.mqtt import MqttSettings
from banksman_shared.options import mqtt_options, site_option
from banksman_shared.site import load_site
from banksman_shared.vda5050 import VERSION, VERSIONS

if TYPE_CHECKING:
    from banksman_edge.console import ConsoleSettings


@click.group()
def edge() -> None:
    """The edge agent: hears orders and directs the vehicles.

    \b
    Example:
      banksman edge run --site my-site --mqtt mqtt://localhost:1883
    """


@edge.command("run")
@site_option
@mqtt_options()
@click.option("--planner", "planner_url", metavar="URL", help="The planner; its token is BANKSMAN_PLANNER_TOKEN.")
@door_options
@console_options
@click.option(
    "--vda-version", type=click.Choice(VERSIONS), default=VERSION, show_default=True, help="What the vehicles speak."
)
@click.option(
    "--resend-stitch-actions/--omit-stitch-actions",
    default=None,
    help="Whether order updates repeat the actions of the node they continue at.  [default: to vehicles of 3.0]",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for stops, jobs and plans that outlive a restart, and for the audit log.  "
    "[default: by site, in the user's state folder]",
)
@click.option(
    "--voice",
    type=click.Choice(["espeak", "kokoro", "off"]),
    show_default="espeak where espeak-ng is installed, on headsets with sound",
    help="Who speaks the replies; kokoro leaves the languages it has no voice for to espeak.",
)
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the sound, the words and every stage of each utterance there, for 'banksman replay'. These are people's "
    "voices: ask them, and delete the folder.",
)
@whisper_option
@stop_head_option
@llama_option
@threads_option
def run(
    site_dir: Path, mqtt: MqttSettings, doors: Doors, console: ConsoleSettings | None, state: Path | None, **values: Any
) -> None:
    """Run the agent of a site until interrupted.

    \b
    Example:
      banksman edge run --site my-site --mqtt mqtts://broker.example:8883 --mqtt-ca ca.pem --mic
    """
    from banksman_edge.app import Agent, Settings  # noqa: PLC0415
    from banksman_edge.fleet import default_state_dir  # noqa: PLC0415

    site = load_site(site_dir)
    settings = Settings(
        mqtt,
        state=state or default_state_dir(site.id),
        report=lambda text: click.echo(f"{text} …", err=True),
        **values,
    )

    def tell(text: str) -> None:
        click.echo(f"banksman: {text}", err=True)

    with (
        told_to_end() as wait,
        Agent.build(site, settings) as agent,
        open_doors(agent, doors, tell=tell),
        open_console(agent, console, tell=tell),
    ):
        if sys.stdout.isatty():  # replies may quote operators, and the output of a service ends up in ordinary logs
            agent.on("reply", lambda reply: click.echo(reply.text))
        click.echo(
            f"Agent of {agent.site.name} on {mqtt.shown}, listening to {len(agent.site.vehicles)} vehicles; Ctrl-C ends"
        )
        wait()
