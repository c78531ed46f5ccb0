"""Anything at all on the wire, and many threads that read it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest
from codec_documents import (
    STATE,
    payload,
)
from codec_messages import EVERY, IDS, Generator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import (
    VERSIONS,
    Header,
    State,
    codec_for,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MANY = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read_or_refuse(version: str, kind: type[Header], data: bytes) -> None:
    for strict in (True, False):
        try:
            message = codec_for(version, strict=strict).decode(kind, data)
        except MessageError:
            continue
        assert isinstance(message, kind)


@MANY
@given(data=st.binary(max_size=60), where=st.sampled_from(EVERY))
def test_random_bytes_are_read_or_refused(data: bytes, where: tuple[str, type[Header]]) -> None:
    read_or_refuse(*where, data)


@pytest.mark.parametrize(("version", "kind"), EVERY, ids=IDS)
@settings(MANY, max_examples=15)
@given(data=st.data())
def test_mutated_messages_are_read_or_refused(version: str, kind: type[Header], data: st.DataObject) -> None:
    document = json.loads(codec_for(version).encode(data.draw(Generator(version, carried=False).message(kind))))
    for _ in range(data.draw(st.integers(1, 3))):
        holder = document
        # Down a random path, and something else at its end.
        while True:
            places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not places:
                break
            place = data.draw(st.sampled_from(places))
            inner = holder[place]
            if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
                holder = inner
                continue
            if data.draw(st.booleans()):
                holder[place] = data.draw(JSON)
            else:
                del holder[place]
            break
    text = json.dumps(document).encode()
    cut = data.draw(st.integers(0, len(text))) if data.draw(st.booleans()) else len(text)
    read_or_refuse(version, kind, text[:cut])


def test_many_threads_read_and_write_at_once() -> None:
    failures: list[Exception] = []
    start = threading.Barrier(8)

    def work() -> None:
        try:
            start.wait()
            for _ in range(200):
                for version in VERSIONS:
                    codec = codec_for(version)
                    message = codec_for("2.1.0").decode(State, payload(STATE))
                    assert codec.decode(State, codec.encode(message)).battery_state == message.battery_state
        except Exception as error:  # noqa: BLE001 - carried to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


FIRST_READINGS = """
import threading
import banksman_shared.vda5050 as v
from banksman_shared.errors import MessageError
kinds = [v.Connection, v.Factsheet, v.InstantActions, v.Order, v.State, v.Visualization]
gate = threading.Barrier(8)
def work():
    gate.wait()
    for version in v.VERSIONS:
        for kind in kinds:
            try:
                v.codec_for(version).decode(kind, b"{}")
            except MessageError:
                pass
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print("done")
"""


def test_threads_may_be_the_first_to_read_each_kind() -> None:
    """msgspec crashes the interpreter when two threads prepare one type at the same moment."""
    for _ in range(3):
        command = [sys.executable, "-c", FIRST_READINGS]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (result.returncode, result.stdout.strip(), result.stderr) == (0, "done", "")
