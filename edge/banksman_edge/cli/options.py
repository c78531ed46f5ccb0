"""Options that several of the edge's subcommands share."""

from __future__ import annotations

from pathlib import Path

import click

whisper_option = click.option(
    "--whisper",
    show_default="whisper-base-taught where it was taught the site's languages, else whisper-base",
    help="A name, a folder, or a hub id of a Whisper model.",
)
stop_head_option = click.option(
    "--stop-head",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    show_default="the one that comes with Banksman",
    help="What hears stop words, a folder that 'banksman teach stop train' wrote.",
)
llama_option = click.option(
    "--llama",
    show_default="qwen2.5-coder-0.5b-taught",
    help="A name, a file, a folder that 'banksman teach llama' wrote, or hub id:file of a GGUF model.",
)
threads_option = click.option("--threads", type=click.IntRange(1, 256), help="CPU threads for each model.")
