"""Who may do what on a site, how sure the system must be, and how long it remembers.

A site without these tables lets everybody do everything. Stopping needs no right and no certainty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_ROLE = "default"
"""The role of whoever is not known, and of operators to whom no other is given."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Some places of the site. ``people``: there are people about. ``names``: language → what it is called there."""

    id: str
    places: frozenset[str]
    people: bool = False
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """These actions, with these vehicles, at these places; None: all of them. Ids, with all references resolved."""

    actions: frozenset[str] | None = None
    vehicles: frozenset[str] | None = None
    places: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who is known: by the devices that are theirs alone, or by a PIN, kept only as a salted hash."""

    id: str
    roles: tuple[str, ...]
    devices: tuple[str, ...] = ()
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """Which of what an utterance says of itself is believed without a proof."""

    device: bool = True
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which confidence (0 to 1) on something is accepted, confirmed, asked about; below all of them it is refused.

    None: never.
    """

    accept: float | None = None
    confirm: float | None = None
    ask: float | None = None


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """How sure the system must be: a row by who understood, and one for each risk. The most careful one counts."""

    grammar: Thresholds = Thresholds(accept=0.8, confirm=0.6)
    """All words of the sentence are known."""
    model: Thresholds = Thresholds(accept=0.9, confirm=0.5)
    """The language model read it, and a vehicle is named."""
    unaddressed: Thresholds = Thresholds(accept=0.93, confirm=0.6)
    """The language model read it and no vehicle is named: talk about a place is likelier than an order to nobody."""
    complete: Thresholds = Thresholds(confirm=0.3)
    """Read less surely than the three above ask for, if they confirm anything, and all is named: both ends of a
    transport, or a vehicle and a place."""
    heard: Thresholds = Thresholds(accept=0.16, confirm=0.07)
    """By the recogniser's confidence alone: how likely it is that the sound was an order and was heard right."""
    heard_unnamed: Thresholds = Thresholds(accept=0.35, confirm=0.16)
    """The same, where neither a vehicle nor a place is named: "move it", said by people to people."""
    heard_moving: Thresholds = Thresholds(accept=0.3, confirm=0.07)
    """The same, where somebody would set off, or something would be planned."""
    heard_model: Thresholds = Thresholds(accept=0.5, confirm=0.07)
    """The same, where only the language model makes sense of it: what was misheard is what no grammar knows."""
    heard_answer: Thresholds = Thresholds(accept=0.16, confirm=0.0)
    """The same, of a yes to a question: what is not accepted is asked once more. A no counts however it was heard."""
    many: Thresholds = Thresholds(confirm=0.0)
    """``many_from`` vehicles or more set off at once, or a group, a kind or all."""
    loaded: Thresholds = Thresholds(accept=0.0)
    """A vehicle that is sent off carries a load."""
    people: Thresholds = Thresholds(confirm=0.0)
    """A vehicle is sent to a place, or handles a load at one, where people are about."""
    cancel: Thresholds = Thresholds(accept=0.0)
    """Running work is given up."""
    resume: Thresholds = Thresholds(confirm=0.0)
    """"Go on", and nobody says who: it may be meant for one and starts them all."""
    resume_all: Thresholds = Thresholds(accept=0.0)
    """All are to go on; they were stopped in the middle of what they may do."""
    many_from: int = 4
    context_s: int = 120
    """How long what somebody said can be referred to: "it", "again", "no, dock three"."""
    break_s: int = 120
    """After so long a break of the agent people no longer count on vehicles to set off by themselves: it is asked."""
    hindered_s: int = 30
    """A vehicle that stands for so long though it may drive counts as out of order: others are led round it."""


class Offline(StrEnum):
    """What is done with what needs planning while the cloud's planner cannot be asked."""

    REFUSE = "refuse"
    LOCAL = "local"
    """It is planned on the site."""
    QUEUE = "queue"
    """It waits for the planner, until a deadline."""


@dataclass(frozen=True, slots=True)
class LeavingRules:
    """What may leave the site for the cloud's planner, and what happens where it may not or cannot."""

    cloud: bool = True
    """False: nothing leaves."""
    pseudonyms: bool = True
    """Names are replaced before they leave."""
    known_as: str | None = None
    """The site's id at the planner; None: its own."""
    customers: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    """Further names that are replaced: of people and firms, and of what is carried."""
    sensitive: tuple[str, ...] = ()
    """A request with one of these words stays on the site."""
    sensitive_loads: tuple[str, ...] = ()
    """So does one about a load of these types, or about a place where such loads are."""
    offline: Offline = Offline.REFUSE
    queue_s: int = 600
    """How long a request waits for the planner at most."""
    local: str = "off"
    """The planner on the site: ``off``, ``start`` (one of the edge's own, when it is needed), or its URL."""
    plans_per_day: float = math.inf
    simple: int = 0
    """A request that names so many places and vehicles, or fewer, is planned on the site; 0: none is."""
    cloud_s: int = 5
    local_s: int = 30
    """Seconds that the planner needs, there and here; with less left before the deadline it is not asked."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All of it. ``roles`` None: everybody may everything. ``keep_days``: how long the audit log keeps a record.
    ``loads_age_s``: how old what was told of the loads may be to be acted on."""

    zones: Mapping[str, Zone] = field(default_factory=dict)
    roles: Mapping[str, tuple[Grant, ...]] | None = None
    operators: Mapping[str, Operator] = field(default_factory=dict)
    trust: Trust = Trust()
    policy: PolicyTable = PolicyTable()
    keep_days: int = 90
    loads_age_s: int = 600
    leaving: LeavingRules = LeavingRules()

    def with_people(self) -> frozenset[str]:
        """The places of the zones in which people are about."""
        return frozenset(place for zone in self.zones.values() if zone.people for place in zone.places)
