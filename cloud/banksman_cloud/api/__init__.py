"""The REST interface of the planner: requests in, plans and problems out; who may ask what, and how often."""

from banksman_cloud.api.app import create_app

__all__ = ["create_app"]
