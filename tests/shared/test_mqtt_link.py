"""The MQTT connection on real brokers: it carries, it comes back, and it says why it cannot."""

from __future__ import annotations

import os
import queue
import shutil
import socket
import subprocess
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from banksman_shared.broker import (
    LOOPBACK,
    Flavour,
    RunningBroker,
    available_flavour,
    broker,
    find_mosquitto,
    free_port,
)
from banksman_shared.errors import BrokerError
from banksman_shared.mqtt import LastWill, MqttLink, MqttSettings

PATIENCE_S = 30.0


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that must come true."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def need(flavour: Flavour) -> Flavour:
    if flavour == "mosquitto" and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed on this machine")
    if flavour == "iotcore":
        pytest.importorskip("iotcore", reason="comes with the extra 'broker'")
    return flavour


@pytest.fixture
def topic() -> str:
    return f"test/{uuid.uuid4().hex}"


def test_messages_arrive_in_order(mqtt_broker: RunningBroker, topic: str) -> None:
    heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.subscribe(f"{topic}/+", lambda name, payload: heard.put((name, payload)), qos=1)
        for i in range(100):
            assert link.publish(f"{topic}/a", str(i).encode(), qos=1)
        assert [heard.get(timeout=PATIENCE_S) for _ in range(100)] == [
            (f"{topic}/a", str(i).encode()) for i in range(100)
        ]


def test_a_large_message_passes(mqtt_broker: RunningBroker, topic: str) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    payload = os.urandom(4_000_000)
    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.subscribe(topic, lambda _, data: heard.put(data), qos=1)
        link.publish_and_wait(topic, payload)
        assert heard.get(timeout=PATIENCE_S) == payload


def test_a_handler_that_fails_harms_nobody(
    mqtt_broker: RunningBroker, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: queue.Queue[bytes] = queue.Queue()

    def fragile(_: str, payload: bytes) -> None:
        if payload == b"bad":
            raise RuntimeError("no")
        heard.put(payload)

    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.subscribe(topic, fragile, qos=1)
        link.publish(topic, b"bad", qos=1)
        link.publish(topic, b"good", qos=1)
        assert heard.get(timeout=PATIENCE_S) == b"good"
    assert f"the handler of {topic} failed" in caplog.text


def test_what_a_broker_kept_is_not_handed_to_who_wants_only_news(
    mqtt_broker: RunningBroker, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    everything: queue.Queue[bytes] = queue.Queue()
    news: queue.Queue[bytes] = queue.Queue()
    caplog.set_level("INFO")
    with MqttLink(MqttSettings(mqtt_broker.url)) as speaker:
        speaker.publish_and_wait(topic, b"old", retain=True)
        with MqttLink(MqttSettings(mqtt_broker.url)) as all_ears, MqttLink(MqttSettings(mqtt_broker.url)) as link:
            all_ears.subscribe(topic, lambda _, payload: everything.put(payload), qos=1)
            link.subscribe(topic, lambda _, payload: news.put(payload), qos=1, retained=False)
            assert everything.get(timeout=PATIENCE_S) == b"old"
            until(lambda: f"a retained message on {topic} was ignored" in caplog.text)
            # Retained too, but new: it comes without the flag to whoever listens already.
            speaker.publish_and_wait(topic, b"new", retain=True)
            assert news.get(timeout=PATIENCE_S) == b"new"
        speaker.publish_and_wait(topic, b"", retain=True)


def test_the_last_will_is_sent_when_a_client_vanishes(mqtt_broker: RunningBroker, topic: str) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    with MqttLink(MqttSettings(mqtt_broker.url)) as witness:
        witness.subscribe(topic, lambda _, payload: heard.put(payload), qos=1)
        doomed = MqttLink(MqttSettings(mqtt_broker.url), will=LastWill(topic, b"broken", retain=False)).open()
        # Cut the line without a farewell, as a power failure does.
        doomed._client.loop_stop()
        sock = doomed._client.socket()
        assert sock is not None
        sock.close()
        assert heard.get(timeout=PATIENCE_S + 30) == b"broken"


def test_a_farewell_is_no_last_will(mqtt_broker: RunningBroker, topic: str) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    with MqttLink(MqttSettings(mqtt_broker.url)) as witness:
        witness.subscribe(topic, lambda _, payload: heard.put(payload), qos=1)
        with MqttLink(MqttSettings(mqtt_broker.url), will=LastWill(topic, b"broken", retain=False)):
            pass
        witness.publish(topic, b"after", qos=1)
        assert heard.get(timeout=PATIENCE_S) == b"after"


@pytest.mark.parametrize("flavour", ["mosquitto", "iotcore"])
def test_a_link_comes_back_with_its_subscriptions_after_the_broker(flavour: Flavour, topic: str) -> None:
    port = free_port()
    ups, downs = threading.Semaphore(0), threading.Event()
    heard: queue.Queue[bytes] = queue.Queue()
    with broker(port=port, flavour=need(flavour)) as running:
        link = MqttLink(MqttSettings(running.url), on_up=ups.release, on_down=downs.set).open()
        link.subscribe(topic, lambda _, payload: heard.put(payload), qos=1)
        assert ups.acquire(timeout=PATIENCE_S)
    try:
        assert downs.wait(PATIENCE_S)
        assert not link.up
        assert not link.publish(topic, b"lost"), "QoS 0 with no connection is dropped, and said to be"
        with broker(port=port, flavour=flavour):
            assert ups.acquire(timeout=PATIENCE_S)
            until(lambda: link.up)
            link.publish(topic, b"again", qos=1)
            assert heard.get(timeout=PATIENCE_S) == b"again"
    finally:
        link.close()


def test_nobody_at_the_address_is_one_sentence() -> None:
    port = free_port()
    with pytest.raises(BrokerError, match=f"no MQTT broker answers at 127.0.0.1:{port}") as refusal:
        MqttLink(MqttSettings(f"mqtt://{LOOPBACK}:{port}")).open(2)
    assert refusal.value.retryable


@pytest.mark.parametrize("url", ["localhost:1883", "http://x", "mqtt://", "mqtt://x:port", "mqtt://x:99999", ""])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BrokerError):
        MqttLink(MqttSettings(url))


def test_credentials_come_from_the_fields_or_else_the_url() -> None:
    url = "mqtts://anna:s%40fe@broker.example"
    assert MqttSettings(url).endpoint() == ("broker.example", 8883, True)
    assert MqttSettings(url).credentials() == ("anna", "s@fe")
    assert MqttSettings(url, user="bo", password="other").credentials() == ("bo", "other")
    assert "other" not in repr(MqttSettings("mqtt://x", user="bo", password="other"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mqtts://anna:s%40fe@broker.example:8883", "mqtts://broker.example:8883"),
        ("mqtt://anna:p@ss/w@rd@broker.example", "mqtt://broker.example"),
        ("anna:secret@broker.example", "broker.example"),
        ("mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:1883"),
    ],
)
def test_a_url_is_shown_without_its_credentials(url: str, shown: str) -> None:
    assert MqttSettings(url).shown == shown


@pytest.mark.parametrize(
    "url", ["http://anna:secret@x", "mqtt://anna:secret/1@x", "anna:secret@x", "mqtts://[secret@x"]
)
def test_a_refused_url_does_not_give_its_password_away(url: str) -> None:
    with pytest.raises(BrokerError) as refusal:
        MqttLink(MqttSettings(url))
    assert "secret" not in "".join(traceback.format_exception_only(refusal.value))
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


# The ladder ---------------------------------------------------------------------------------------------------


def test_a_configured_broker_is_taken_as_it_is() -> None:
    with broker("mqtt://broker.example:1") as running:
        assert running == RunningBroker("mqtt://broker.example:1", "configured")


def test_the_first_choice_is_mosquitto_where_it_is_installed() -> None:
    with broker() as running:
        assert running.flavour == available_flavour() == ("mosquitto" if find_mosquitto() else "iotcore")


@pytest.mark.parametrize("flavour", ["mosquitto", "iotcore"])
def test_each_rung_carries_messages_and_stops(flavour: Flavour, topic: str) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    with broker(flavour=need(flavour)) as running:
        assert running.flavour == flavour
        assert running.url.startswith(f"mqtt://{LOOPBACK}:")
        with MqttLink(MqttSettings(running.url)) as link:
            link.subscribe(topic, lambda _, payload: heard.put(payload), qos=1)
            link.publish(topic, b"x" * 1_000_000, qos=1)
            assert len(heard.get(timeout=PATIENCE_S)) == 1_000_000
    with pytest.raises(BrokerError):
        MqttLink(MqttSettings(running.url)).open(2)


def test_a_taken_port_is_said() -> None:
    with broker(flavour=need("mosquitto")) as running:
        port = int(running.url.rpartition(":")[2])
        with (
            pytest.raises(BrokerError, match=f"port {port} on 127.0.0.1 cannot be used"),
            broker(port=port, flavour="mosquitto"),
        ):
            pass


# TLS ----------------------------------------------------------------------------------------------------------


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority, a server's certificate for loopback, and a client's."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed on this machine")
    folder = tmp_path_factory.mktemp("pki")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "2")
    (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    (folder / "client.ext").write_text("extendedKeyUsage=clientAuth\n")
    for name in ("server", "client"):
        _openssl(folder, "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-out", f"{name}.pem", "-days", "2", "-extfile", f"{name}.ext")  # fmt: skip
    return folder


@contextmanager
def secured_mosquitto(folder: Path, *settings: str) -> Iterator[int]:
    """Mosquitto with TLS and passwords, as a site would run it."""
    mosquitto, passwd = find_mosquitto(), shutil.which("mosquitto_passwd")
    if mosquitto is None or passwd is None:
        pytest.skip("mosquitto is not installed on this machine")
    subprocess.run([passwd, "-b", "-c", str(folder / "passwords"), "anna", "s@fe"], check=True, capture_output=True)
    port = free_port()
    lines = [f"listener {port} {LOOPBACK}", "allow_anonymous false", f"password_file {folder}/passwords", "user root",
             f"cafile {folder}/ca.pem", f"certfile {folder}/server.pem",
             f"keyfile {folder}/server.key", *settings]  # fmt: skip
    config = folder / "secured.conf"
    config.write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([mosquitto, "-c", str(config)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        anna = MqttSettings(f"mqtts://{LOOPBACK}:{port}", ca=folder / "ca.pem", user="anna", password="s@fe",
                            certificate=folder / "client.pem", key=folder / "client.key")  # fmt: skip
        until(lambda: process.poll() is not None or (_listens(port) and _answers(anna)))
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _listens(port: int) -> bool:
    """Whether somebody does: a socket may be given this very port, and then connects to itself."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0 and probe.getsockname() != probe.getpeername()


def _answers(settings: MqttSettings) -> bool:
    try:
        with MqttLink(settings):
            return True
    except BrokerError:
        return False


def test_tls_with_user_and_password_carries_messages(pki: Path, topic: str) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    with secured_mosquitto(pki) as port:
        settings = MqttSettings(f"mqtts://anna:s%40fe@{LOOPBACK}:{port}", ca=pki / "ca.pem")
        with MqttLink(settings) as link:
            link.subscribe(topic, lambda _, payload: heard.put(payload), qos=1)
            link.publish_and_wait(topic, b"secret")
            assert heard.get(timeout=PATIENCE_S) == b"secret"


def test_a_wrong_password_and_a_stranger_are_refused(pki: Path) -> None:
    with secured_mosquitto(pki) as port:
        url = f"mqtts://{LOOPBACK}:{port}"
        with pytest.raises(BrokerError, match="did not let us in: Not authorized"):
            MqttLink(MqttSettings(url, ca=pki / "ca.pem", user="anna", password="wrong")).open(5)
        with pytest.raises(BrokerError, match="did not let us in"):
            MqttLink(MqttSettings(url, ca=pki / "ca.pem")).open(5)


# paho-mqtt lets go of the socket of a failed handshake without closing it.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_nobody_vouches_for_is_refused(pki: Path) -> None:
    with secured_mosquitto(pki) as port, pytest.raises(BrokerError, match="certificate verify failed"):
        MqttLink(MqttSettings(f"mqtts://{LOOPBACK}:{port}", user="anna", password="s@fe")).open(5)


def test_a_client_certificate_is_asked_for_and_shown(pki: Path) -> None:
    with secured_mosquitto(pki, "require_certificate true") as port:
        url = f"mqtts://anna:s%40fe@{LOOPBACK}:{port}"
        with MqttLink(
            MqttSettings(url, ca=pki / "ca.pem", certificate=pki / "client.pem", key=pki / "client.key")
        ) as link:
            assert link.up
        with pytest.raises(BrokerError):
            MqttLink(MqttSettings(url, ca=pki / "ca.pem")).open(3)


def test_tls_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="the TLS files for mqtts://x cannot be used"):
        MqttLink(MqttSettings("mqtts://x", ca=tmp_path / "no.pem"))


def test_who_is_connected_misses_nothing_that_is_sent_from_then_on(mqtt_broker: RunningBroker) -> None:
    settings = MqttSettings(mqtt_broker.url)
    with MqttLink(settings) as sender:
        for number in range(20):
            came = threading.Event()
            listener = MqttLink(settings)
            listener.subscribe(f"open/{number}", lambda _topic, _payload, came=came: came.set(), qos=1)  # type: ignore[misc]
            with listener:
                sender.publish_and_wait(f"open/{number}", b"x")
                assert came.wait(30)
