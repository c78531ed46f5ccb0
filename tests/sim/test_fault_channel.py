"""A bad network, one direction of one vehicle."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksman_firmware_sim.faults.chaos import OVERTAKEN_S, Channel
from banksman_firmware_sim.faults.faults import FaultKind

LOST, TWICE = FaultKind.MESSAGES_LOST, FaultKind.MESSAGES_DUPLICATED
LATE, REORDERED = FaultKind.MESSAGES_LATE, FaultKind.MESSAGES_REORDERED
DISTURBANCES = (LOST, TWICE, LATE, REORDERED)


def through(channel: Channel[int], count: int = 1000) -> list[tuple[float, int]]:
    """Send numbers, one a second, and see when each comes out, looking ten times a second and until all is quiet."""
    seen: list[tuple[float, int]] = []
    for tenth in range(count * 10):
        if tenth % 10 == 0:
            channel.put(tenth // 10, tenth / 10)
        seen += [(tenth / 10, number) for number in channel.take(tenth / 10)]
    return seen + [(math.inf, number) for number in channel.take(math.inf)]


def numbers(seen: list[tuple[float, int]]) -> list[int]:
    return [number for _, number in seen]


def disturbed(kind: FaultKind, degree: float, seed: str = "seed") -> Channel[int]:
    channel: Channel[int] = Channel(seed)
    channel.disturb(kind, degree)
    return channel


def test_without_a_fault_everything_comes_at_once_and_in_order() -> None:
    seen = through(Channel("seed"))
    assert seen == [(float(number), number) for number in range(1000)]


def test_the_share_that_gets_lost_is_as_told() -> None:
    seen = numbers(through(disturbed(LOST, 0.3)))
    assert seen == sorted(set(seen))
    assert 600 < len(seen) < 800
    assert through(disturbed(LOST, 1.0)) == []
    assert len(through(disturbed(LOST, 0.0))) == 1000


def test_doubled_messages_come_twice_in_a_row() -> None:
    seen = numbers(through(disturbed(TWICE, 0.3)))
    assert set(seen) == set(range(1000))
    assert seen == sorted(seen)
    assert 1200 < len(seen) < 1400


def test_late_messages_come_within_the_delay_and_keep_their_order() -> None:
    seen = through(disturbed(LATE, 5.0))
    assert numbers(seen) == list(range(1000))
    delays = [at - number for at, number in seen if at < math.inf]
    assert max(delays) <= 5.1
    assert sum(delay > 2 for delay in delays) > 300


def test_an_overtaken_message_comes_right_after_the_next() -> None:
    channel = disturbed(REORDERED, 1.0)
    for number in range(4):
        channel.put(number, 0.0)
    assert channel.take(0.0) == [1, 0, 3, 2]


def test_a_message_that_nothing_overtakes_comes_all_the_same() -> None:
    channel = disturbed(REORDERED, 1.0)
    channel.put(1, 0.0)
    assert channel.take(OVERTAKEN_S - 0.1) == []
    assert channel.next_at == OVERTAKEN_S
    assert channel.take(OVERTAKEN_S) == [1]
    assert channel.next_at == math.inf


def test_what_is_on_its_way_is_lost_with_the_connection() -> None:
    channel = disturbed(LATE, 5.0)
    channel.disturb(REORDERED, 1.0)
    channel.put(1, 0.0)
    channel.clear()
    assert channel.take(math.inf) == []
    assert channel.next_at == math.inf


@pytest.mark.parametrize("kind", DISTURBANCES)
def test_a_disturbance_ends_when_it_is_settled(kind: FaultKind) -> None:
    channel = disturbed(kind, 1.0)
    channel.put(0, 0.0)
    channel.take(5.0)
    channel.settle(kind)
    channel.put(1, 10.0)
    channel.put(2, 10.0)
    assert channel.take(10.0) == [1, 2]


@pytest.mark.parametrize("kind", DISTURBANCES)
def test_the_seed_decides(kind: FaultKind) -> None:
    assert through(disturbed(kind, 0.5)) == through(disturbed(kind, 0.5))
    assert through(disturbed(kind, 0.5)) != through(disturbed(kind, 0.5, seed="another"))


@given(
    degrees=st.dictionaries(st.sampled_from([TWICE, LATE, REORDERED]), st.floats(0, 1)),
    gaps=st.lists(st.floats(0, 2), max_size=30),
)
def test_without_loss_every_message_comes_whatever_else_happens(
    degrees: dict[FaultKind, float], gaps: list[float]
) -> None:
    channel: Channel[int] = Channel("seed")
    for kind, degree in degrees.items():
        channel.disturb(kind, degree)
    now, seen = 0.0, list[int]()
    for number, gap in enumerate(gaps):
        now += gap
        channel.put(number, now)
        seen += channel.take(now)
    assert set(seen + channel.take(math.inf)) == set(range(len(gaps)))
