"""The planner as an ASGI application."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST

from banksman_cloud import problems
from banksman_cloud.auth import BearerAuth, BodyLimit
from banksman_cloud.jobs import Jobs
from banksman_cloud.metrics import Metrics
from banksman_cloud.planning import Planner
from banksman_cloud.providers import GoalProvider, make_provider
from banksman_cloud.routes import plan_routes
from banksman_cloud.settings import Settings
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.errors import BanksmanError

_LOG = logging.getLogger(__name__)


class _Readiness:
    """Loads the provider in a thread of its own, so that the service answers meanwhile."""

    def __init__(self, provider: GoalProvider) -> None:
        self._provider = provider
        self.problem: str | None = f"{provider.name} is being loaded; ask again in a moment"

    def start(self) -> None:
        threading.Thread(target=self._load, name="planner-load", daemon=True).start()

    def _load(self) -> None:
        try:
            self._provider.load()
        except BanksmanError as error:
            self.problem = str(error)
            _LOG.error("the planner cannot work: %s", error)
        except Exception:  # noqa: BLE001  told by /readyz, whatever it was
            self.problem = f"{self._provider.name} cannot be loaded; see the planner's log"
            _LOG.exception("loading %s failed", self._provider.name)
        else:
            self.problem = None


def create_app(settings: Settings, provider: GoalProvider | None = None, clock: Clock | None = None) -> FastAPI:
    """The service. ``provider`` and ``clock`` are those of the settings and the machine unless given."""
    clock = clock or SystemClock()
    provider = provider or make_provider(settings, clock)
    metrics, readiness = Metrics(clock), _Readiness(provider)
    jobs = Jobs(Planner(provider, clock, settings.solve_s), clock, metrics, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        jobs.start()
        readiness.start()
        yield
        jobs.close()

    app = FastAPI(
        title="Banksman planner", version=version("banksman"), lifespan=lifespan, docs_url=None, redoc_url=None
    )
    problems.install(app)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(BearerAuth, tokens=settings.tokens)
    app.include_router(plan_routes(jobs, clock))

    @app.get("/healthz", tags=["service"])
    def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["service"])
    def readyz() -> dict[str, str]:
        """The language model can be asked."""
        if readiness.problem is not None:
            raise problems.Problem(503, readiness.problem, {"Retry-After": "5"})
        return {"status": "ready", "provider": provider.name}

    @app.get("/metrics", tags=["service"])
    def prometheus() -> Response:
        """Prometheus' text format."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return app
