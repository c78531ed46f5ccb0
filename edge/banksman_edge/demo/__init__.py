"""The whole system on one machine, driven by recorded speech."""

from banksman_edge.demo.script import run_demo

__all__ = ["run_demo"]
