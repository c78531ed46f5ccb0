"""Finding out who speaks: by the device, by a PIN, or by their word where the site trusts that."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum

from banksman_edge.operators.pin import pin_fits
from banksman_edge.operators.speaker import Proof, Speaker
from banksman_edge.utterance import Session, Utterance
from banksman_shared.clock import Clock
from banksman_shared.site import DEFAULT_ROLE, Operator, Rules

SESSION_S = 12 * 3600.0
"""A log-in lasts a long shift."""
MAX_WRONG = 5
LOCKED_S = 300.0
"""So long nobody can log in as an operator for whom MAX_WRONG wrong PINs came in a row."""
MAX_SESSIONS = 1000


class LogIn(StrEnum):
    """What became of an attempt."""

    DONE = "done"
    WRONG = "wrong"
    LOCKED = "locked"


Watch = Callable[[str, str | None, LogIn], None]
"""Told of each attempt: operator, device, outcome. Never of the PIN."""


class Access:
    """Knows who is who. Safe to use from several threads.

    A device counts as what it says it is where the site trusts that, or where the broker vouches for it (by the topic
    of the utterance). A log-in by message holds for the device on which it was made. One on a stream is of that stream
    and of nothing else that has the same name: what was said into it stays whose it was, whoever logs in there next.
    """

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._by_device = {device: o for o in rules.operators.values() for device in o.devices}
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._wrong: dict[str, tuple[int, float]] = {}
        self._fitting: dict[str, bytes] = {}
        self._secret = os.urandom(32)
        self._lock = threading.Lock()
        self._watchers: list[Watch] = []

    def watch(self, watcher: Watch) -> None:
        """Tell ``watcher`` of each attempt to log in."""
        self._watchers.append(watcher)

    def identify(self, utterance: Utterance) -> Speaker:
        """Who it is from. Somebody who says to be another than the device's owner is unknown: they may be right."""
        if utterance.spoken or utterance.session:
            return self.identify_by(utterance, utterance.spoken.session if utterance.spoken else utterance.session)
        with self._lock:
            session = self._sessions.get(utterance.device or "")
        return self.identify_by(utterance, session if self._believes(utterance) else None)

    def identify_by(self, utterance: Utterance, session: Session | None) -> Speaker:
        """Who it is from, where it comes from whoever has this session, if anybody."""
        device, claimed = utterance.device, utterance.operator
        believed = self._believes(utterance)
        operator, proof = None, Proof.NOTHING
        if session and self._clock.monotonic() < session.ends:
            operator, proof = self._rules.operators[session.operator], Proof.PIN
        elif device and believed and (owner := self._by_device.get(device)):
            operator, proof = owner, Proof.DEVICE
        elif claimed and self._rules.trust.operator and (known := self._rules.operators.get(claimed)):
            operator, proof = known, Proof.WORD
        if operator is None or claimed not in (None, operator.id):
            return Speaker(claimed=claimed, device=device)
        return _speaker(operator, proof, claimed, device)

    def identify_by_pin(self, utterance: Utterance, pin: str) -> tuple[LogIn, Speaker]:
        """Who it is from, if the PIN is that of the operator it names.

        The device is theirs from now on, if it is known to be the one that the utterance names.
        """
        outcome, session = self.log_in(utterance.operator or "", pin, utterance.device)
        if session is None:
            return outcome, Speaker(claimed=utterance.operator, device=utterance.device)
        if utterance.device and self._believes(utterance):
            with self._lock:
                self._sessions[utterance.device] = session
                self._sessions.move_to_end(utterance.device)
                if len(self._sessions) > MAX_SESSIONS:
                    self._sessions.popitem(last=False)
        operator = self._rules.operators[session.operator]
        return outcome, _speaker(operator, Proof.PIN, operator.id, utterance.device)

    def log_in(self, operator: str, pin: str, device: str | None) -> tuple[LogIn, Session | None]:
        """Try a PIN, on some device; if it fits, the session that whoever tried it now has."""
        outcome = self._try(operator, pin)
        for watcher in self._watchers:
            watcher(operator, device, outcome)
        fits = outcome is LogIn.DONE
        return outcome, Session(operator, self._clock.monotonic() + SESSION_S) if fits else None

    def log_out(self, utterance: Utterance) -> None:
        """Nobody is logged in on its device any more, if that is known to be the one that it names."""
        if self._believes(utterance):
            with self._lock:
                self._sessions.pop(utterance.device or "", None)

    def _believes(self, utterance: Utterance) -> bool:
        """Whether it comes from the device that it names."""
        return self._rules.trust.device or utterance.vouched

    def _try(self, operator: str, pin: str) -> LogIn:
        known, now = self._rules.operators.get(operator), self._clock.monotonic()
        if known is None or known.pin is None:
            return LogIn.WRONG
        print_ = hmac.digest(self._secret, pin.encode(), hashlib.sha256)
        with self._lock:
            count, since = self._wrong.get(operator, (0, now))
            if count >= MAX_WRONG and now < since + LOCKED_S:
                return LogIn.LOCKED
            fits = hmac.compare_digest(self._fitting.get(operator, b""), print_)
            # Counted before it is tried, so that many at once are not tried all.
            self._wrong[operator] = (1 if count >= MAX_WRONG else count + 1, now)
        # A hash is slow on purpose, and a headset may send its PIN with every utterance.
        if not fits and not pin_fits(pin, known.pin):
            return LogIn.WRONG
        with self._lock:
            self._wrong.pop(operator, None)
            self._fitting[operator] = print_
        return LogIn.DONE


def _speaker(operator: Operator, proof: Proof, claimed: str | None, device: str | None) -> Speaker:
    return Speaker(operator.id, proof, operator.roles or (DEFAULT_ROLE,), claimed, device)
