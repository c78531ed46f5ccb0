"""Options that several subcommands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from banksman_shared.errors import BrokerError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import bundled_site

Command = Callable[..., Any]

_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)

site_option = click.option(
    "--site",
    "site_dir",
    type=click.Path(path_type=Path),
    default=bundled_site,
    show_default="the bundled example",
    help="The site's folder.",
)


def mqtt_options(default: str | None = None) -> Callable[[Command], Command]:
    """``--mqtt`` and what lets one in there; the function gets them as ``mqtt``, an :class:`MqttSettings`.

    Without a ``default`` URL the option is required.
    """
    options = [
        click.option(
            "--mqtt",
            "url",
            metavar="URL",
            # An explicit default, even None, would make the option count as given.
            **({"required": True} if default is None else {"default": default, "show_default": True}),
            help="The broker: mqtt://host:1883 or mqtts://host:8883.",
        ),
        click.option("--mqtt-ca", "ca", type=_PEM, help="Certificate authority of the broker (PEM)."),
        click.option("--mqtt-cert", "certificate", type=_PEM, help="Our certificate (PEM)."),
        click.option("--mqtt-key", "key", type=_PEM, help="The key of our certificate (PEM)."),
        click.option("--mqtt-user", "user", help="User; the password comes from BANKSMAN_MQTT_PASSWORD."),
    ]

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def with_settings(*, url: str, ca: Path, certificate: Path, key: Path, user: str, **values: Any) -> Any:
            password = os.environ.get("BANKSMAN_MQTT_PASSWORD")
            settings = MqttSettings(url, ca, certificate, key, user, password)
            try:
                settings.endpoint()
            except BrokerError as error:
                raise click.BadParameter(f"{error}.", param_hint="--mqtt") from error
            return function(mqtt=settings, **values)

        decorated: Command = with_settings
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate
