"""The planner as an ASGI application."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from banksman_cloud.api import openapi, problems
from banksman_cloud.api.auth import BearerAuth, BodyLimit
from banksman_cloud.api.gate import Gate
from banksman_cloud.api.rate import RateLimit
from banksman_cloud.api.routes import plan_routes
from banksman_cloud.database import Database
from banksman_cloud.jobs import Jobs
from banksman_cloud.metrics import CountRequests, Metrics
from banksman_cloud.planning import Planner
from banksman_cloud.providers import GoalProvider, Guard, Ledger, make_fallback, make_provider
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
    """The service. ``provider`` and ``clock`` are those of the settings and the machine unless given.

    Raises:
        SettingsError: the database cannot be this planner's.
        DatabaseError: the database cannot be reached.
    """
    clock, holding = clock or SystemClock(), ExitStack()
    base = Database(settings.database or f"sqlite:///{_passing_file(holding)}")
    holding.callback(base.close)
    metrics = Metrics(clock)
    provider, fallback = provider or make_provider(settings, clock), make_fallback(settings, clock)
    guard = Guard(provider, fallback, Ledger(base, clock), settings, metrics, clock)
    readiness = _Readiness(guard)
    jobs = Jobs(Planner(guard, clock, settings.solve_s), guard, base, clock, metrics, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with holding:
            await run_sync(jobs.start)
            readiness.start()
            yield
            await run_sync(jobs.close)

    app = FastAPI(
        title="Banksman planner", version=version("banksman"), lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.jobs = jobs
    problems.install(app)
    openapi.describe(app)
    limit = RateLimit(clock, settings.requests_per_minute, settings.requests_per_minute / 4)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(BearerAuth, gate=Gate(settings.tokens, settings.access), asked=limit)
    app.add_middleware(problems.Faults)
    app.add_middleware(CountRequests, metrics=metrics)
    app.include_router(plan_routes(jobs, clock))
    _add_service(app, jobs, readiness, metrics, guard.name)
    return app


def _add_service(app: FastAPI, jobs: Jobs, readiness: _Readiness, metrics: Metrics, provider: str) -> None:
    """What those ask who run the service; nobody needs a token for it."""

    @app.get("/healthz", tags=["service"])
    async def healthz() -> dict[str, str]:
        """The process is alive, also when all its threads are busy."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["service"], responses=openapi.NOT_READY)
    def readyz() -> dict[str, str]:
        """The language model can be asked, and the database too."""
        if readiness.problem is not None:
            raise problems.Problem(503, readiness.problem, {"Retry-After": "5"})
        jobs.count_open()
        return {"status": "ready", "provider": provider}

    @app.get("/metrics", tags=["service"], response_class=PlainTextResponse)
    def prometheus() -> Response:
        """Prometheus' text format."""
        return Response(metrics.text(jobs.count_open), media_type=CONTENT_TYPE_LATEST)


def _passing_file(holding: ExitStack) -> Path:
    """A database file that is removed with the service."""
    return Path(holding.enter_context(tempfile.TemporaryDirectory(prefix="banksman-planner-"))) / "planner.sqlite"
