"""The real parts of an agent, put together."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from banksman_edge.app.agent import Agent
from banksman_edge.app.debug_recording import DebugRecorder
from banksman_edge.app.gateway import Gateway
from banksman_edge.app.tracing import traces
from banksman_edge.asr import (
    Recogniser,
    WhisperRecogniser,
    WhisperStopSpotter,
    bundled_head,
    kept_thread_count,
    load_card,
)
from banksman_edge.audit import AuditLog, AuditTrail, about_agent, audit_dir
from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Fleet, FleetService, FleetStore
from banksman_edge.plans import Planner, PlannerClient, PlanRouter, PlanStore, PseudonymousPlanner, SitePlanner
from banksman_edge.policy import Policy
from banksman_edge.thread_priority import giving_way
from banksman_edge.tts import VoiceChoice, load_speaker
from banksman_edge.turns import EVENT_NAMES
from banksman_edge.understanding import Pipeline, Understanding, site_vocabulary
from banksman_edge.understanding.reader.prompted import PromptedReader
from banksman_edge.understanding.reader.reader import Reader, TaughtReader
from banksman_shared.models import TAUGHT_LLAMA, ModelStore, default_whisper
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import EarlyStop, Site, load_site
from banksman_shared.vda5050 import VERSION


@dataclass(frozen=True, slots=True)
class Settings:
    """How an agent is built. Models are names of ``banksman models list``, paths, or hub ids; ``whisper`` None is the
    taught one where it was taught all languages of the site, else the published one; ``llama`` None is the
    one that was taught to read sentences, and any instruct model is told in its prompt. ``stop_head``: see
    :func:`load_stop_spotter`.

    ``threads``: CPU threads for each model; 0 or None: what ``banksman bench threads`` found, else its own choice.
    ``state``: the folder in which stops, jobs and plans outlive a restart and the audit log lies, for one agent alone;
    None: they do not, and there is none.
    ``resend_stitch_actions``: whether order updates repeat the actions of the node at which they continue; None: to
    vehicles of 3.0. ``voice``: who speaks the replies on headsets with sound; None: espeak-ng where it is installed.
    ``record``: a folder for :class:`DebugRecorder`. ``report``: told what is being loaded.
    """

    mqtt: MqttSettings
    whisper: str | None = None
    stop_head: Path | None = None
    llama: str | None = None
    planner_url: str | None = None
    planner_token: str | None = None
    hearing: bool = True
    threads: int | None = None
    vda_version: str = VERSION
    resend_stitch_actions: bool | None = None
    state: Path | None = None
    voice: VoiceChoice | None = None
    record: Path | None = None
    report: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of somebody's own, in place of those that would be built. ``policy`` None: the site's."""

    recogniser: Recogniser | None = None
    understanding: Understanding | None = None
    planner: Planner | None = None
    fleet: Fleet | None = None
    policy: Policy | None = None


def load_understanding(
    site: Site, llama: str | None, *, threads: int | None = None, names: Pipeline | None = None
) -> Pipeline:
    """Understanding with its reader, loaded and warm, so that the first stop is as fast as any. ``names``: the same
    without a reader, if there is one.

    Raises:
        ModelError, LanguageModelError: see :func:`load_reader`.
    """
    understanding = (names or Pipeline(site)).with_reader(load_reader(llama, threads=threads))
    understanding.warm_up()
    return understanding


def load_reader(llama: str | None, *, threads: int | None = None) -> Reader:
    """The language model that reads sentences, loaded and warm: a folder that was taught, or any instruct model.

    Raises:
        ModelError: the model is not here and cannot be fetched.
        LanguageModelError: the file is no model that can be used.
    """
    store = ModelStore()
    path = store.path(llama or TAUGHT_LLAMA)
    if path.is_dir():
        return giving_way(lambda: TaughtReader.of(path, store.path, threads=threads))
    prompted = giving_way(lambda: PromptedReader(path, threads=threads))
    prompted.warm_up()
    return prompted


def load_recogniser(
    site: Site, whisper: str | None, *, threads: int | None = None, names: Pipeline | None = None
) -> WhisperRecogniser:
    """The recogniser for the site's languages, loaded and warm. ``names``: what tells a whole order, if there is one
    yet.

    Raises:
        ModelError: the model is not here and cannot be fetched.
        RecogniserError: the folder is no model that can be used.
    """
    vocabulary = {code: site_vocabulary(site, code) for code in site.languages}
    name = whisper or default_whisper(site.languages)
    path = ModelStore().path(name)
    whole = (names or Pipeline(site)).wholeness
    count = threads or kept_thread_count(name)
    recogniser = giving_way(
        lambda: WhisperRecogniser(path, site.languages, vocabulary=vocabulary, whole=whole, threads=count)
    )
    recogniser.warm_up()
    return recogniser


def load_stop_spotter(site: Site, head: Path | None = None) -> WhisperStopSpotter:
    """What hears the stop words of the site's languages in the sound itself, with a small Whisper of its own.

    ``head``: the folder of one that ``banksman teach stop`` made; None: the one that comes with Banksman.

    Raises:
        ModelError: that Whisper is not here and cannot be fetched.
        RecogniserError: the head's files are damaged, or are none.
    """
    whisper = load_card(head or bundled_head()).whisper
    return WhisperStopSpotter(ModelStore().path(whisper), site.languages, head=head)


def _audit_trail(site: Site, state: Path, parts: ExitStack) -> AuditTrail:
    """The audit log, which is open before everything else and closed behind it.

    Raises:
        AuditError: it cannot be kept there.
    """
    trail = AuditTrail(site, parts.enter_context(AuditLog(audit_dir(state), site.rules.keep_days)))
    trail.note("started", about_agent(site))
    parts.callback(trail.note, "ended", {})
    return trail


def _fleet_service(site: Site, settings: Settings, parts: ExitStack, trail: AuditTrail | None) -> FleetService:
    store = parts.enter_context(FleetStore(settings.state, site.vehicles)) if settings.state else None
    return FleetService(
        site,
        settings.mqtt,
        version=settings.vda_version,
        store=store,
        resend_stitch_actions=settings.resend_stitch_actions,
        overhear=trail.sent if trail else None,
    )


def load_planners(site: Site, settings: Settings, parts: ExitStack, trail: AuditTrail | None = None) -> PlanRouter:
    """The planners that the site lets its agent ask, closed with ``parts``. ``trail``: records what leaves.

    Raises:
        PlannerError: one cannot be asked as it is set.
    """
    leaving = site.rules.leaving
    cloud: Planner | None = None
    here: Planner | None = None
    if settings.planner_url and leaving.cloud:
        token = settings.planner_token or os.environ.get("BANKSMAN_PLANNER_TOKEN", "").partition(",")[0]
        if not token:
            raise PlannerError("the planner wants a token: set BANKSMAN_PLANNER_TOKEN to the one it prints")
        client = PlannerClient(settings.planner_url, token, trail.left if trail else lambda _: None)
        parts.callback(client.close)
        cloud = PseudonymousPlanner(client, site) if leaving.pseudonyms else client
    if leaving.local == "start":
        here = parts.enter_context(closing(SitePlanner()))
    elif leaving.local != "off":
        near = here = PlannerClient(leaving.local, os.environ.get("BANKSMAN_LOCAL_PLANNER_TOKEN", ""))
        parts.callback(near.close)
    router = PlanRouter(site, cloud, here, spent=settings.state / "plans-today.json" if settings.state else None)
    parts.callback(router.close)
    return router


def build_agent(site: Site | Path | str, settings: Settings, own: Parts = Parts()) -> Agent:
    """See :meth:`Agent.build`."""
    site = site if isinstance(site, Site) else load_site(site)
    with ExitStack() as parts:
        settings.report("connecting to the broker")
        trail = _audit_trail(site, settings.state, parts) if settings.state else None
        fleet = own.fleet or parts.enter_context(_fleet_service(site, settings, parts, trail))
        planner = own.planner or load_planners(site, settings, parts, trail)
        recogniser, understanding = own.recogniser, own.understanding
        loads_ears = settings.hearing and recogniser is None
        names = Pipeline(site) if loads_ears or understanding is None else None  # which takes seconds
        if loads_ears:
            settings.report(f"loading {settings.whisper or default_whisper(site.languages)}")
            recogniser = load_recogniser(site, settings.whisper, threads=settings.threads, names=names)
        if understanding is None:
            settings.report(f"loading {settings.llama or TAUGHT_LLAMA}")
            understanding = load_understanding(site, settings.llama, threads=settings.threads, names=names)
        recorder = DebugRecorder(site, settings.record) if settings.record else None
        if recorder:
            recogniser = recorder.hearing(recogniser) if recogniser else None
            understanding = recorder.understanding(understanding)
        agent = Agent(site, fleet, understanding, recogniser=recogniser, planner=planner, policy=own.policy)
        if settings.state:
            agent.remember(PlanStore(settings.state))
            agent.loads.keep(settings.state)
        if trail:
            agent.keep(trail)
        if spans := traces():
            parts.callback(spans.close)
        listeners = [listener.event for listener in (spans, recorder) if listener]
        for name, listener in product(EVENT_NAMES, listeners):
            agent.on(name, listener)
        if settings.hearing and site.early_stop is not EarlyStop.OFF:
            settings.report("loading the stop spotter")
            agent.headsets.spot_stops(load_stop_spotter(site, settings.stop_head))
        if speaker := load_speaker(settings.voice):
            agent.headsets.speak_with(speaker)
        parts.enter_context(Gateway(agent, settings.mqtt))
        agent.owns(parts.pop_all())
    return agent
