"""The fleet on a broker: the master's core behind one lock, fed by MQTT and a ticking thread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from banksman_edge.fleet.master import Master
from banksman_edge.fleet.model import Fleet, Listener, OrderEvent, Problem, VehicleView
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.commands import Action, Command
from banksman_shared.errors import MessageError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import (
    Connection,
    Factsheet,
    InstantActions,
    Order,
    State,
    Topics,
    VehicleAddress,
    decode,
    encode,
)
from banksman_shared.vda5050.messages import Header

log = logging.getLogger(__name__)

TICK_S = 0.2

M = TypeVar("M", bound=Header)


class FleetService(Fleet):
    """The site's vehicles over MQTT. A context manager; safe to call from any thread.

    Listeners are called on the service's own thread, so they may submit, but must not wait for its news.
    """

    def __init__(
        self, site: Site, settings: MqttSettings, *, clock: Clock | None = None, topics: Topics | None = None
    ) -> None:
        self._topics = topics or Topics()
        self._lock = threading.RLock()
        self._master = Master(site, clock or SystemClock(), self._send, self._queue)
        self._events: deque[OrderEvent] = deque()
        self._listeners: list[Listener] = []
        self._wake, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._complained: set[str] = set()
        if settings.client_id:
            settings = replace(settings, client_id=f"{settings.client_id}-fleet")
        self._link = MqttLink(settings, on_up=lambda: self._on_link(True), on_down=lambda: self._on_link(False))
        self._subscribe(site)

    def start(self) -> Self:
        """Connect and begin to listen.

        Raises:
            BrokerError: nobody answers there, or the broker refuses us.
        """
        self._link.open()
        self._on_link(True)  # the connection's thread may be about to say so; nobody should be refused meanwhile
        self._thread.start()
        return self

    def close(self) -> None:
        """Disconnect; vehicles go on with the orders they have. Safe to call twice."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._link.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def vehicles(self) -> Mapping[str, VehicleView]:
        with self._lock:
            return self._master.vehicles()

    def strangers(self) -> tuple[VehicleAddress, ...]:
        with self._lock:
            return self._master.strangers()

    def check(self, commands: Sequence[Command], *, closed: frozenset[str] = frozenset()) -> list[Problem]:
        with self._lock:
            return self._master.check(commands, closed=closed)

    def submit(
        self,
        job: str,
        commands: Sequence[Command],
        *,
        deadline: float | None = None,
        closed: frozenset[str] = frozenset(),
    ) -> None:
        try:
            with self._lock:
                self._master.submit(job, commands, deadline=deadline, closed=closed)
        finally:
            self._wake.set()

    def stop(self, job: str, vehicles: Sequence[str]) -> None:
        self.submit(job, [Command(Action.STOP, tuple(vehicles))])

    def resume(self, job: str, vehicles: Sequence[str]) -> None:
        self.submit(job, [Command(Action.RESUME, tuple(vehicles))])

    def cancel(self, job: str, vehicles: Sequence[str]) -> None:
        self.submit(job, [Command(Action.CANCEL, tuple(vehicles))])

    def listen(self, callback: Listener) -> None:
        self._listeners.append(callback)

    # Out

    def _send(self, address: VehicleAddress, topic: str, message: Order | InstantActions) -> bool:
        return self._link.publish(self._topics.of(address, topic), encode(message))

    def _queue(self, event: OrderEvent) -> None:
        self._events.append(event)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(TICK_S)
            self._wake.clear()
            self._tick()
            self._tell()
        self._tell()

    def _tick(self) -> None:
        try:
            with self._lock:
                self._master.tick()
        except Exception:
            log.exception("the fleet's control failed; it goes on")

    def _tell(self) -> None:
        while self._events:
            event = self._events.popleft()
            for listener in self._listeners:
                try:
                    listener(event)
                except Exception:
                    log.exception("a listener failed on the news of job %s", event.job)

    # In

    def _subscribe(self, site: Site) -> None:
        connection = self._handler(Connection, self._master.on_connection)
        self._link.subscribe(self._topics.every("connection"), connection, qos=1)
        self._link.subscribe(self._topics.every("state"), self._handler(State, self._master.on_state))
        factsheet = self._handler(Factsheet, self._master.on_factsheet)
        self._link.subscribe(self._topics.every("factsheet"), factsheet)
        for vehicle in site.vehicles.values():
            # Some brokers hand out retained messages only for topics without wildcards.
            self._link.subscribe(self._topics.of(vehicle.address, "connection"), connection, qos=1)
            self._link.subscribe(self._topics.of(vehicle.address, "factsheet"), factsheet)

    def _handler(self, kind: type[M], take: Callable[[VehicleAddress, M], None]) -> Callable[[str, bytes], None]:
        def handle(topic: str, payload: bytes) -> None:
            parsed = self._topics.parse(topic)
            if parsed is None:
                return
            with self._lock:
                if not self._master.knows(parsed[0]):
                    return
            try:
                message = decode(kind, payload)
            except MessageError as error:
                self._complain(topic, error)
                return
            with self._lock:
                take(parsed[0], message)
            if self._events:
                self._wake.set()

        return handle

    def _complain(self, topic: str, error: MessageError) -> None:
        # Once per topic: a vehicle that speaks wrongly does so ten times a second.
        level = logging.DEBUG if topic in self._complained else logging.WARNING
        self._complained.add(topic)
        log.log(level, "a message on %s was ignored: %s", topic, error)

    def _on_link(self, up: bool) -> None:
        with self._lock:
            self._master.on_link(up)
        self._wake.set()
