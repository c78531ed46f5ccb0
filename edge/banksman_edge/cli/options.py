"""Options that several subcommands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import bundled_site

F = TypeVar("F", bound=Callable[..., Any])

site_option = click.option(
    "--site",
    "site_dir",
    type=click.Path(path_type=Path),
    default=bundled_site,
    show_default="the bundled example",
    help="The site's folder.",
)
whisper_option = click.option(
    "--whisper", default="whisper-base", show_default=True, help="A name, a folder, or a hub id of a Whisper model."
)
llama_option = click.option(
    "--llama", default="qwen2.5-coder-1.5b", show_default=True, help="A name, a file, or hub id:file of a GGUF model."
)
threads_option = click.option("--threads", type=click.IntRange(1, 256), help="CPU threads for each model.")


def mqtt_options(*, required: bool) -> Callable[[F], F]:
    """``--mqtt`` and what lets one in there; the function gets them as ``mqtt``, or None."""
    options = [
        click.option(
            "--mqtt", "mqtt_url", required=required, metavar="URL", help="mqtt://host:1883 or mqtts://host:8883"
        ),
        click.option("--mqtt-ca", type=click.Path(path_type=Path), help="CA certificates, PEM."),
        click.option("--mqtt-cert", type=click.Path(path_type=Path), help="Client certificate, PEM."),
        click.option("--mqtt-key", type=click.Path(path_type=Path), help="Its key, PEM."),
        click.option("--mqtt-user", help="User; the password comes from BANKSMAN_MQTT_PASSWORD."),
    ]

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def mqtt_settings(values: dict[str, Any]) -> MqttSettings | None:
    """The settings from the options' values; takes them out of ``values``."""
    url = values.pop("mqtt_url")
    ca, certificate, key = (values.pop(f"mqtt_{name}") for name in ("ca", "cert", "key"))
    user = values.pop("mqtt_user")
    if url is None:
        return None
    password = os.environ.get("BANKSMAN_MQTT_PASSWORD")
    return MqttSettings(url, ca=ca, certificate=certificate, key=key, user=user, password=password)
