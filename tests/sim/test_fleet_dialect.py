"""Profiles: by the letter, with tolerance, and as known peers do."""

from __future__ import annotations

import json

import pytest
from sim_world import ADDRESS, instantly, order, vehicle

from banksman_firmware_sim import Dialect, PeerProfile
from banksman_firmware_sim.wire.dialect import HABITS
from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import VERSIONS, Factsheet, InstantActions, Order, VehicleAddress, codec_for

STRICT, DEFAULT = Dialect(PeerProfile.STRICT), Dialect()
CODEC = codec_for("2.1.0")
LIB = Dialect(PeerProfile.VDA_5050_LIB, "2.0.0")


def as_lib_sends_them(version: str = "2.0.0") -> bytes:
    document = json.loads(CODEC.encode(instantly("startPause")))
    document["instantActions"] = document.pop("actions")
    document["version"] = version
    return json.dumps(document).encode()


def test_instant_actions_by_their_old_name_are_understood_or_refused() -> None:
    payload = as_lib_sends_them()
    assert DEFAULT.decode(InstantActions, payload, ADDRESS).actions[0].action_type == "startPause"
    with pytest.raises(MessageError):
        STRICT.decode(InstantActions, payload, ADDRESS)


def test_the_deviation_by_its_old_spelling_is_understood_or_refused() -> None:
    document = json.loads(CODEC.encode(order("AB")))
    document["nodes"][0]["nodePosition"]["allowedDeviationXy"] = 0.7
    payload = json.dumps(document).encode()
    position = DEFAULT.decode(Order, payload, ADDRESS).nodes[0].node_position
    assert position is not None
    assert position.allowed_deviation_xy == 0.7
    with pytest.raises(MessageError, match="not names of VDA 5050"):
        STRICT.decode(Order, payload, ADDRESS)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"version": "1.1.0"}, "version"),
        ({"manufacturer": "Other"}, "names Other/A-0001, not this vehicle"),
        ({"serialNumber": "9"}, "names Acme/9, not this vehicle"),
    ],
)
def test_a_header_that_does_not_fit_is_understood_or_refused(wrong: dict[str, str], reason: str) -> None:
    payload = json.dumps(json.loads(CODEC.encode(order("AB"))) | wrong).encode()
    assert DEFAULT.decode(Order, payload, ADDRESS).order_id == "order"
    with pytest.raises(MessageError, match=reason):
        STRICT.decode(Order, payload, ADDRESS)


@pytest.mark.parametrize("patch", ["2.1.0", "2.1.9"])
def test_a_patch_of_the_version_does_not_matter(patch: str) -> None:
    payload = json.dumps(json.loads(CODEC.encode(order("AB"))) | {"version": patch}).encode()
    assert STRICT.decode(Order, payload, ADDRESS).order_id == "order"


@pytest.mark.parametrize("profile", list(PeerProfile))
@pytest.mark.parametrize("payload", [b"", b"nonsense", b"\xff\xfe", b"{}", b"[]", b"null", b'{"instantActions": 7}'])
def test_a_payload_that_is_no_message_is_refused_with_a_reason(payload: bytes, profile: PeerProfile) -> None:
    dialect = Dialect(profile, HABITS[profile].only_version or "2.1.0")
    for kind in (Order, InstantActions):
        with pytest.raises(MessageError) as caught:
            dialect.decode(kind, payload, ADDRESS)
        assert str(caught.value)


# vda-5050-lib


def test_vda_5050_lib_takes_its_own_version_and_names_only() -> None:
    assert LIB.decode(InstantActions, as_lib_sends_them(), ADDRESS).actions[0].action_type == "startPause"
    for payload in (as_lib_sends_them("2.0"), as_lib_sends_them("2.1.0")):
        with pytest.raises(MessageError, match=r"this vehicle speaks 2\.0\.0"):
            LIB.decode(InstantActions, payload, ADDRESS)
    standard = json.loads(CODEC.encode(instantly("startPause"))) | {"version": "2.0.0"}
    with pytest.raises(MessageError, match="'instantActions' is missing"):
        LIB.decode(InstantActions, json.dumps(standard).encode(), ADDRESS)


def test_vda_5050_lib_publishes_an_empty_factsheet() -> None:
    sheet = vehicle().factsheet()
    assert set(json.loads(LIB.encode(sheet))) == {"headerId", "timestamp", "version", "manufacturer", "serialNumber"}
    assert len(json.loads(DEFAULT.encode(sheet))) > 8
    assert isinstance(DEFAULT.decode(Factsheet, DEFAULT.encode(sheet), ADDRESS), Factsheet)


def test_vda5050_sdk_publishes_no_factsheet() -> None:
    sdk = Dialect(PeerProfile.VDA5050_SDK)
    assert sdk.encode(vehicle().factsheet()) == b""
    assert sdk.encode(vehicle().state())


def test_a_profile_that_speaks_one_version_refuses_the_others() -> None:
    for version in VERSIONS:
        assert Dialect(PeerProfile.DEFAULT, version).version == version
    with pytest.raises(ValueError, match=r"profile vda-5050-lib speaks 2\.0\.0, not 2\.1\.0"):
        Dialect(PeerProfile.VDA_5050_LIB, "2.1.0")


def test_topics_are_those_of_the_version() -> None:
    address = VehicleAddress("Acme", "A-0001")
    assert Dialect().topics.of(address, "order") == "uagv/v2/Acme/A-0001/order"
    assert Dialect(version="3.0.0").topics.of(address, "order") == "uagv/v3/Acme/A-0001/order"


@pytest.mark.parametrize("profile", list(PeerProfile))
def test_every_profile_says_what_it_is(profile: PeerProfile) -> None:
    assert len(HABITS[profile].about) > 20
