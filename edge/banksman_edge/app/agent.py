"""The edge agent. Read from top to bottom, this is what becomes of an utterance:

sound → transcript → interpretation → decision → orders, plan or question → replies.

Two threads share the work, so that a "stop" never waits for a language model: one listens (recognition takes
a quarter of a second) and carries out stops itself; the other understands and decides about the rest.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from banksman_edge.app.comprehension import chosen
from banksman_edge.app.conversation import Conversation
from banksman_edge.app.decision import Decider
from banksman_edge.app.early_stop import EarlyStops
from banksman_edge.app.executor import Executor
from banksman_edge.app.speaker_identification import receive
from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import Sound, load_sound
from banksman_edge.audit import AuditTrail
from banksman_edge.fleet import Fleet
from banksman_edge.log_redaction import log_failure, told_to_developers
from banksman_edge.operators import Access, Rights
from banksman_edge.plans import Escalation, Planner, PlanRouter, PlanStore
from banksman_edge.policy import Policy
from banksman_edge.streams import Headsets, StopHeard, Wearer, order_judge
from banksman_edge.thread_priority import give_way
from banksman_edge.turns import DecisionEvent, EventBus, EventName, Listener, Turn, TurnBook, Verdict, echo_of
from banksman_edge.understanding import Parse, Tier, Understanding
from banksman_edge.utterance import Utterance, written
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.commands import STOP_ALL, Command
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site

if TYPE_CHECKING:
    from banksman_edge.app.build import Settings

log = logging.getLogger(__name__)

EXPIRY_CHECK_S = 0.5
CLOSING_S = 10.0
"""So long functions of somebody's own that were called are waited for."""
MAX_SPOKEN_S = 60.0
"""Longer sounds are no orders, and would keep a stop behind them waiting."""


class Agent:
    """Hears, understands and directs the vehicles of one site.

    Every part can be replaced by one of the same protocol; :meth:`build` takes the real ones for those not given.
    A context manager: threads run while it is open. ``headsets`` takes streams of sound, ``loads`` what stands where.
    """

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        understanding: Understanding,
        *,
        recogniser: Recogniser | None = None,
        planner: Planner | PlanRouter | None = None,
        policy: Policy | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.site, self.fleet, self._understanding = site, fleet, understanding
        self._clock = clock or SystemClock()
        self._events = EventBus()
        self._turns = TurnBook(self._clock, self._events.after)
        self.access, rights = Access(site.rules, self._clock), Rights(site, fleet)

        escalation = Escalation(site, fleet, planner, self._clock, self._events.emit, understanding.names_in)
        self._executor = Executor(site, fleet, escalation, rights, self._turns, self._events.emit)
        self.loads = escalation.loads
        self.loads.promised = self._executor.drives.to_fetch
        self._decider = Decider(
            site,
            fleet,
            understanding,
            self._executor,
            policy=policy or Policy.of(site),
            turns=self._turns,
            emit=self._events.emit,
        )
        self._to_hear: queue.Queue[Turn | None] = queue.Queue(maxsize=100)
        self._to_understand: queue.Queue[Turn | None] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._listen, name="listening", daemon=True),
            threading.Thread(target=self._think, name="understanding", daemon=True),
        ]
        self._parts = ExitStack()
        self.headsets = Headsets(recogniser, order_judge(understanding), self._clock, self.submit, self._stop_heard)
        self._early = EarlyStops(site.early_stop, self._clock, self._halt, self.headsets.speaking)
        self._parts.callback(self.headsets.close)
        self._events.on("reply", self.headsets.reply)

    @classmethod
    def build(
        cls,
        site: Site | Path | str,
        settings: Settings | str,
        *,
        recogniser: Recogniser | None = None,
        understanding: Understanding | None = None,
        planner: Planner | None = None,
        fleet: Fleet | None = None,
        policy: Policy | None = None,
    ) -> Agent:
        """An agent on a broker, given by its URL or in settings. A part that is given is used as it is, and is its
        owner's to close; all others are built, and closed with the agent.

        Raises:
            SiteError, ModelError, BrokerError, PlannerError, StoreError, SynthesisError, AuditError, TelemetryError: a
                part cannot be had; nothing is left running.
        """
        from banksman_edge.app.build import Parts, Settings, build_agent  # noqa: PLC0415  it builds this class

        settings = Settings(MqttSettings(settings)) if isinstance(settings, str) else settings
        return build_agent(site, settings, Parts(recogniser, understanding, planner, fleet, policy))

    def owns(self, parts: ExitStack) -> None:
        """Close these parts with the agent."""
        self._parts.push(parts)

    def remember(self, plans: PlanStore) -> None:
        """Let approved plans outlive a restart there. Before :meth:`keep` and :meth:`start`."""
        self._executor.planning.remember(plans)

    def keep(self, trail: AuditTrail) -> None:
        """Record everything that happens from now on. Whoever spoke last, or speaks next, is told when that fails."""
        self._events.tap(trail.event)
        self.access.watch(trail.log_in)
        for utterance_id, speaker in self._executor.planning.speakers():
            trail.recall(utterance_id, speaker)
        trail.on_trouble(lambda: self._executor.replier.warn("no_audit"))

    def on(self, name: EventName, listener: Listener) -> None:
        """Call ``listener`` with every event of that name: utterance, transcript, decision, order, reply, plan.

        Raises:
            ValueError: there is no such event.
        """
        self._events.on(name, listener)

    def perform(self, action: str, function: Callable[[Command], None]) -> None:
        """Call a function for an action that the site declares ([actions] in site.toml), in place of an order to a
        vehicle. It gets the command, on a thread of its own; what it raises is told as a failure.

        Raises:
            KeyError: the site declares no such action.
        """
        self._executor.perform(action, function)

    def off(self, name: EventName, listener: Listener) -> None:
        """Call a listener of that name no more."""
        self._events.off(name, listener)

    def _halt(self, heard: StopHeard, wearer: Wearer) -> str | None:
        """A stop word in the sound itself: everybody stands still at once, whatever else is being said."""
        turn = self._turns.open(Utterance(text="", operator=wearer.operator, device=heard.device))
        if turn is None:
            return None
        language = wearer.language or self.site.languages[0]
        stop = Parse((STOP_ALL,), heard.probability, Tier.STOP, language, "a stop word spotted in the sound")
        turn.speaker = self.access.identify_by(turn.utterance, wearer.session)
        self._events.emit(turn.event())
        self._guarded(lambda turn: self._decider.decide(turn, stop), turn)
        return turn.utterance.id if turn.decision and turn.decision.verdict is Verdict.ACCEPT else None

    def _stop_heard(self, heard: StopHeard, wearer: Wearer) -> None:
        self._early.heard(heard, wearer)

    # Utterances in

    def submit(self, utterance: Utterance) -> str:
        """Take an utterance and return its id at once; what becomes of it comes as events.

        An id that was here before is not carried out again. An overfull agent says so and drops it.
        """
        turn = self._turns.open(utterance)
        if turn is None:
            log.info("utterance %s came twice; the first one counts", utterance.id)
            return utterance.id
        stops = self._stop_in(utterance, written(utterance, self.site.languages)) if utterance.sound is None else None
        if utterance.spoken or stops:
            self._receive(turn, in_haste=True)
            self._guarded(self._hear, turn)  # what has been read or heard need not queue behind what must be heard
            return utterance.id
        try:
            self._to_hear.put_nowait(turn)
        except queue.Full:
            self._receive(turn, in_haste=True)
            self._reject(turn, "the agent has too much to hear; say it again later")
        return utterance.id

    def _receive(self, turn: Turn, *, in_haste: bool) -> None:
        """Find out who it is from. Trying a PIN is slow on purpose, so that is for the thread that listens."""
        receive(self.access, turn, in_haste=in_haste)
        self._events.emit(turn.event())

    def refuse(self, utterance_id: str, reason: str, device: str | None = None) -> None:
        """Answer an utterance that could not even be read, so that nobody waits for it."""
        if turn := self._turns.open(Utterance(text="", id=utterance_id, device=device)):
            self._reject(turn, reason)

    def say(
        self,
        text: str,
        *,
        language: str | None = None,
        operator: str | None = None,
        device: str | None = None,
        timeout_s: float = 60.0,
    ) -> DecisionEvent:
        """Say something in writing and wait for the decision. What the same operator says on the same device is one
        conversation.

        Raises:
            TimeoutError: there was none in time.
        """
        said = Utterance(text=text, language=language, operator=operator, device=device)
        return self.decision(self.submit(said), timeout_s=timeout_s)

    def conversation(
        self, *, operator: str | None = None, pin: str | None = None, language: str | None = None
    ) -> Conversation:
        """A conversation of its own, on a device that nobody else has. ``pin``: with which the operator logs in."""
        return Conversation(self, operator=operator, pin=pin, language=language)

    def hear(self, sound: Sound | Path | str, *, timeout_s: float = 120.0) -> DecisionEvent:
        """Let the agent hear a sound or a sound file and wait for the decision.

        Raises:
            AudioError: the file is no sound.
            TimeoutError: there was no decision in time.
        """
        heard = sound if isinstance(sound, Sound) else load_sound(sound)
        return self.decision(self.submit(Utterance(sound=heard)), timeout_s=timeout_s)

    def decision(self, utterance_id: str, *, timeout_s: float = 60.0) -> DecisionEvent:
        """Wait for the decision about an utterance.

        Raises:
            KeyError: there was no such utterance lately.
            TimeoutError: there was no decision in time.
        """
        return self._turns.known(utterance_id).await_decision(timeout_s)

    def await_answer(self, utterance_id: str, *, timeout_s: float = 60.0) -> DecisionEvent:
        """Wait for the decision about an utterance, and until listeners have had what is answered with it.

        Raises:
            KeyError: there was no such utterance lately.
            TimeoutError: there was no decision in time.
        """
        turn = self._turns.known(utterance_id)
        decision = turn.await_decision(timeout_s)
        turn.answered.wait(timeout_s)
        return decision

    def wait(self, utterance_id: str, timeout_s: float = 600.0) -> bool:
        """Wait until all that an utterance set going has ended; True if all of it was done.

        Raises:
            KeyError: there was no such utterance lately.
            TimeoutError: it has not ended in time.
        """
        return self._turns.known(utterance_id).await_end(timeout_s)

    # Sound to text

    def _listen(self) -> None:
        while (turn := self._to_hear.get()) is not None:
            self._guarded(self._admit, turn)
        self._to_understand.put(None)

    def _guarded(self, work: Callable[[Turn], None], turn: Turn) -> None:
        """Whatever goes wrong with one utterance, the thread goes on, and what was decided stays decided."""
        try:
            work(turn)
        except Exception as error:  # noqa: BLE001  it is logged, but for its words
            known = isinstance(error, BanksmanError)
            log_failure(log, f"utterance {turn.utterance.id} failed", error, logging.INFO if known else logging.ERROR)
            if turn.decision is None:
                reason = str(error) if known else told_to_developers(error)
                self._reject(turn, reason)
            turn.end(succeeded=False)

    def _reject(self, turn: Turn, reason: str) -> None:
        self._decider.reject(turn, reason, "not_understood")
        self._answered(turn)

    def _answered(self, turn: Turn) -> None:
        """All that is said about an utterance at once has been said."""
        self._events.after(turn.answered.set)

    def _admit(self, turn: Turn) -> None:
        self._receive(turn, in_haste=False)
        if turn.utterance.text is None and turn.utterance.sound is None:
            self._decider.greet(turn)
            self._answered(turn)
        else:
            self._hear(turn)

    def _hear(self, turn: Turn) -> None:
        sound = turn.utterance.sound
        transcript = turn.transcript = self._transcribe(turn.utterance)
        if sound:
            turn.asr_ms = (self._clock.monotonic() - turn.started) * 1000
            turn.utterance = replace(turn.utterance, sound=None)  # turns are remembered, sounds are large
        turn.language = transcript.language or self.site.languages[0]
        stop = self._stop_in(turn.utterance, transcript)
        self._events.emit(turn.heard_event())
        if turn.utterance.spoken:
            turn.halted = self._early.said(turn.utterance.device, turn.utterance.spoken, stops=stop is not None)
        if stop:
            self._decider.decide(turn, stop)
            self._answered(turn)
        else:
            turn.echo = echo_of(turn.utterance, sound, turn.started)
            self._to_understand.put(turn)

    def _stop_in(self, utterance: Utterance, transcript: Transcript) -> Parse | None:
        """The stop that was chosen or said, if it is one."""
        if utterance.commands:
            read = chosen(utterance, transcript.language)
            return read if read.tier is Tier.STOP else None
        return self._understanding.stop(transcript) if transcript.text else None

    def _transcribe(self, utterance: Utterance) -> Transcript:
        if utterance.sound is None:
            return written(utterance, self.site.languages)
        if utterance.spoken:
            return utterance.spoken.transcript
        if utterance.sound.seconds > MAX_SPOKEN_S:
            raise BanksmanError(f"an order of more than {MAX_SPOKEN_S:.0f} s is not heard; say it in parts")
        return self.headsets.transcribe(utterance.sound)

    # Text to decision

    def _think(self) -> None:
        give_way()
        while (turn := self._next_to_understand()) is not None:
            self._guarded(self._decider.understand, turn)
            self._answered(turn)

    def _next_to_understand(self) -> Turn | None:
        """Wait for it; meanwhile, questions that nobody answers, or that are none any more, come to their end."""
        while True:
            self._decider.tend_questions()
            try:
                return self._to_understand.get(timeout=EXPIRY_CHECK_S)
            except queue.Empty:
                continue

    def start(self) -> Self:
        """Begin to listen and to think. What the fleet has taken up from an earlier run is told from now on."""
        self._executor.planning.plan_recovery.take_up()
        for follow in (self._executor.on_order, self._decider.on_order, self.loads.follow):
            self.fleet.listen(follow)
        self._executor.planning.go_on()
        for thread in self._threads:
            thread.start()
        return self

    def close(self) -> None:
        """Finish what was heard, then stop. Vehicles go on with the orders they have. Safe to call twice."""
        self._to_hear.put(None)
        for thread in filter(threading.Thread.is_alive, self._threads):
            thread.join(timeout=30)
        self._executor.planning.close()
        self._executor.settle(CLOSING_S)
        self._events.close()
        self._parts.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
