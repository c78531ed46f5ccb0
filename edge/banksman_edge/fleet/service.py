"""The fleet on a broker: the master's core behind one lock, fed by MQTT and a ticking thread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Self, TypeVar

from banksman_edge.fleet.dialects import Dialects
from banksman_edge.fleet.earlier_jobs import MasterEarlierJobs
from banksman_edge.fleet.enquiries import Enquiries
from banksman_edge.fleet.errors import FleetError
from banksman_edge.fleet.master import Master
from banksman_edge.fleet.model import Fleet, Listener, May, OrderEvent, Problem, Standby, VehicleView
from banksman_edge.fleet.other_commanders import OtherCommanders
from banksman_edge.fleet.stop_latches import StopLatches
from banksman_edge.fleet.store import FleetStore
from banksman_edge.fleet.succession import AgentSuccession
from banksman_edge.fleet.wire import INSTANT_ACTIONS, ORDER, Outgoing
from banksman_shared.actions import Action
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.commands import Command
from banksman_shared.errors import BrokerError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import NOTHING_CLOSED, Closed, Site
from banksman_shared.vda5050 import VERSION, Connection, Factsheet, Header, State, VehicleAddress

log = logging.getLogger(__name__)

TICK_S = 0.2
ROLL_CALL_S = 5.0
"""Seconds that a start waits for the broker to show whether another agent is there."""
MAX_EVENTS = 100_000
"""Events that are kept for a listener to come; more than the largest fleet makes of one command."""

Overhear = Callable[[VehicleAddress, str, Outgoing, bool], None]
M = TypeVar("M", bound=Header)


class FleetService(Fleet):
    """The site's vehicles over MQTT. A context manager; safe to call from any thread.

    Listeners are called on the service's own thread, so they may submit, but must not wait for its news.
    """

    def __init__(
        self,
        site: Site,
        settings: MqttSettings,
        *,
        clock: Clock | None = None,
        version: str = VERSION,
        store: FleetStore | None = None,
        resend_stitch_actions: bool | None = None,
        overhear: Overhear | None = None,
    ) -> None:
        """``version``: the VDA 5050 that is spoken. A vehicle whose messages name another minor version of the same
        interface is sent that one. ``store``: where stops and jobs outlive a restart; None: they do not.
        ``resend_stitch_actions``: whether updates repeat the actions of the node they continue at; None: with 3.0.
        ``overhear``: told of every message that goes to a vehicle, and whether the broker took it; must not wait.

        Raises:
            MessageError: this version is not spoken here.
        """
        clock, self._dialects = clock or SystemClock(), Dialects(version)
        self._topics, self._overhear = self._dialects.topics, overhear
        self._lock, self._other_commanders = threading.RLock(), OtherCommanders(site.id, clock)
        self._events, self._listeners = deque[OrderEvent](maxlen=MAX_EVENTS), list[Listener]()
        news, resend = self._events.append, resend_stitch_actions
        self._master = Master(site, clock, self._send, news, store=store, resend_stitch_actions=resend)
        self._stop_latches, self.earlier_jobs = (
            StopLatches(self._master, store, self._other_commanders),
            MasterEarlierJobs(self._master, self._lock),
        )
        self.succession = self._succession = AgentSuccession(self._other_commanders, self._lock)
        self._enquiries = Enquiries(self._master.wire, clock)
        self._wake, self._closing, self._settled = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        if settings.client_id:
            settings = replace(settings, client_id=f"{settings.client_id}-fleet")
        links = {"on_up": partial(self._on_link, True), "on_down": partial(self._on_link, False)}
        self._link = MqttLink(settings, will=self._other_commanders.will, **links)
        self._subscribe(site)

    def start(self) -> Self:
        """Connect, begin to listen, and look who else commands the site.

        Raises:
            BrokerError: nobody answers there, or the broker refuses us.
        """
        self._link.open()
        self._on_link(True)  # the connection's thread may be about to say so; nobody should be refused meanwhile
        self._thread.start()
        self._settled.wait(ROLL_CALL_S)
        return self

    def close(self) -> None:
        """Disconnect; vehicles go on with the orders they have. Safe to call twice."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            self._other_commanders.leave()
        if self._link.up:
            # Whoever stands by need not wait until it is sure that we are gone.
            with suppress(BrokerError):
                self._link.publish_and_wait(self._other_commanders.topic, b"", retain=True)
        self._link.close()
        self._tell()  # vehicles spoke until now, and no later run tells what became of these jobs

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def vehicles(self) -> Mapping[str, VehicleView]:
        with self._lock:
            return self._master.vehicles()

    def strangers(self) -> tuple[VehicleAddress, ...]:
        with self._lock:
            return self._master.strangers()

    def standby(self) -> Standby | None:
        with self._lock:
            return self._other_commanders.standby()

    def check(
        self,
        commands: Sequence[Command],
        *,
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
    ) -> list[Problem]:
        with self._lock:
            if barred := self._other_commanders.bars(commands):
                return [barred]
            return self._master.check(commands, closed=closed, may=may, queue=queue, gives_up=gives_up)

    def submit(
        self,
        job: str,
        commands: Sequence[Command],
        *,
        deadline: float | None = None,
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
        overtaken: Callable[[], str] | None = None,
    ) -> None:
        try:
            with self._lock:
                barred = self._other_commanders.bars(commands)
                if barred:
                    commands = [command for command in commands if command.action is Action.STOP]
                try:
                    if commands or not barred:
                        self._master.submit(
                            job,
                            commands,
                            deadline=deadline,
                            closed=closed,
                            may=may,
                            queue=queue,
                            gives_up=gives_up,
                            overtaken=overtaken,
                        )
                finally:
                    self._stop_latches.settle()
                if barred:
                    raise FleetError([barred])
        finally:
            self._wake.set()

    def take_back(self, by: str, job: str, vehicle: str) -> bool:
        with self._lock:
            if has := self._master.has(job, vehicle):
                self.submit(by, [Command(Action.CANCEL, (vehicle,))], gives_up=(job,))
            return has

    def release(self, vehicle: str, job: str) -> None:
        with self._lock:
            self._master.release(vehicle, job)

    def listen(self, callback: Listener) -> None:
        self._listeners.append(callback)
        self._wake.set()

    # Out

    def _send(self, address: VehicleAddress, topic: str, message: Outgoing) -> bool:
        if not self._other_commanders.lets_out(message):
            return False
        content = self._dialects.write(address, message)
        taken = self._link.publish(self._topics.of(address, topic), content)
        if self._overhear:
            self._overhear(address, topic, message, taken)
        return taken

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
                self._stop_latches.settle()
                self._meet()
                if self._other_commanders.standby() is None:
                    self._enquiries.tick()
        except Exception:
            log.exception("the fleet's control failed; it goes on")

    def _meet(self) -> None:
        """Publish our document for other agents, if it is due, and see what they leave us."""
        if (presence := self._other_commanders.tick()) is not None:
            self._link.publish(self._other_commanders.topic, presence, qos=1, retain=True)
        if self._other_commanders.settled:
            self._settled.set()
        self._succession.settle()

    def _tell(self) -> None:
        while self._events and self._listeners:  # news of an earlier run comes while models are still being loaded
            event = self._events.popleft()
            for listener in self._listeners:
                try:
                    listener(event)
                except Exception:
                    log.exception("a listener failed on the news of job %s", event.job)

    # In

    def _subscribe(self, site: Site) -> None:
        connection = self._handler(Connection, self._on_connection)
        factsheet = self._handler(Factsheet, self._on_factsheet)
        self._link.subscribe(self._topics.every("connection"), connection, qos=1)
        self._link.subscribe(self._topics.every("state"), self._handler(State, self._on_state))
        self._link.subscribe(self._topics.every("factsheet"), factsheet)
        for vehicle in site.vehicles.values():
            # Some brokers hand out retained messages only for topics without wildcards.
            self._link.subscribe(self._topics.of(vehicle.address, "connection"), connection, qos=1)
            self._link.subscribe(self._topics.of(vehicle.address, "factsheet"), factsheet)
        names = {v.address: v.id for v in site.vehicles.values()}
        for topic, hear in (
            (ORDER, self._other_commanders.hear_order),
            (INSTANT_ACTIONS, self._other_commanders.hear_actions),
        ):
            self._link.subscribe(self._topics.every(topic), self._watcher(names, hear), retained=False)
        self._link.subscribe(self._other_commanders.topics, self._on_agent, qos=1)

    def _handler(self, kind: type[M], take: Callable[[VehicleAddress, M], None]) -> Callable[[str, bytes], None]:
        def handle(topic: str, payload: bytes) -> None:
            parsed = self._topics.parse(topic)
            if parsed is None or not payload:  # an empty one only clears what the broker kept
                return
            address = parsed[0]
            with self._lock:
                if not self._master.knows(address):
                    return
            message = self._dialects.read(address, kind, payload, topic)
            if message is None:
                return
            with self._lock:
                take(address, message)
            if self._events:
                self._wake.set()

        return handle

    def _on_connection(self, address: VehicleAddress, message: Connection) -> None:
        self._enquiries.take_connection(address, message)
        self._master.on_connection(address, message)

    def _on_factsheet(self, address: VehicleAddress, message: Factsheet) -> None:
        self._enquiries.take_factsheet(address)
        self._master.on_factsheet(address, message)

    def _on_state(self, address: VehicleAddress, message: State) -> None:
        self._master.on_state(address, message)
        if self._other_commanders.standby() is None:
            self._enquiries.take_state(address, message)

    def _watcher(
        self, names: Mapping[VehicleAddress, str], hear: Callable[[str, bytes], None]
    ) -> Callable[[str, bytes], None]:
        """For what goes to the vehicles, from whomever it comes."""

        def handle(topic: str, payload: bytes) -> None:
            parsed = self._topics.parse(topic)
            vehicle = names.get(parsed[0]) if parsed else None
            if vehicle:
                with self._lock:
                    hear(vehicle, payload)

        return handle

    def _on_agent(self, topic: str, payload: bytes) -> None:
        with self._lock:
            self._other_commanders.hear_agent(topic, payload)
            self._stop_latches.settle()
            self._meet()
        self._wake.set()

    def _on_link(self, up: bool) -> None:
        with self._lock:
            if up:
                self._other_commanders.join()
            else:
                self._other_commanders.leave()
                self._enquiries.lose_broker()
            self._master.on_link(up)
        self._wake.set()
