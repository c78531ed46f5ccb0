"""The edge's subcommands of ``banksman``."""
