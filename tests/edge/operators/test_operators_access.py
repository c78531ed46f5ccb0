"""Who is taken for whom: devices, PINs, words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from operators_world import HASH, PEOPLE, PIN, with_people

from banksman_edge import Transcript, Utterance
from banksman_edge.operators import Access, LogIn, Proof, Speaker
from banksman_edge.operators.access import LOCKED_S, MAX_WRONG, SESSION_S
from banksman_edge.operators.pin import hash_pin, pin_fits
from banksman_edge.utterance import Spoken
from banksman_shared.clock import ManualClock
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site

SPOKEN = Spoken(Transcript("", "en", 1.0), 0.0, 1.0)
TRUSTING = PEOPLE + '\n[access]\ntrust = ["device", "operator"]\n'
DISTRUSTFUL = PEOPLE + "\n[access]\ntrust = []\n"


def access(site: Site, tables: str = PEOPLE, clock: ManualClock | None = None) -> Access:
    return Access(with_people(site, tables).rules, clock or ManualClock())


def logged_in(who: Access, operator: str, device: str) -> None:
    outcome, _ = who.identify_by_pin(Utterance(text="x", operator=operator, device=device), PIN)
    assert outcome is LogIn.DONE


def known(speaker: Speaker) -> tuple[str | None, Proof]:
    return speaker.operator, speaker.proof


def test_a_pin_fits_its_hash_and_no_other() -> None:
    kept = hash_pin("4711")
    assert "4711" not in kept
    assert hash_pin("4711") != kept
    assert [pin_fits(pin, kept) for pin in ("4711", "4712", "", "4711 ", "x" * 10_000)] == [True] + [False] * 4


@pytest.mark.parametrize("pin", ["", "123", "1" * 65])
def test_a_pin_that_is_too_short_or_too_long_gets_no_hash(pin: str) -> None:
    with pytest.raises(BanksmanError, match="4 to 64"):
        hash_pin(pin)


@pytest.mark.parametrize(
    "kept",
    [
        "scrypt$1048576$64$1$AAAA$AAAA",  # 8 GiB
        "scrypt$3$8$1$AAAA$AAAA",
        "scrypt$1024$8$1$A$AAAA",
        "scrypt$99999999999999999999$8$1$AAAA$AAAA",
    ],
)
def test_a_hash_that_cannot_be_tried_fits_nothing(kept: str) -> None:
    assert not pin_fits(PIN, kept)


def test_the_device_tells_who_speaks(site: Site) -> None:
    who = access(site)
    assert known(who.identify(Utterance(text="x", device="headset-7"))) == ("anna", Proof.DEVICE)
    assert who.identify(Utterance(text="x", device="headset-7")).roles == ("driver",)
    assert who.identify(Utterance(text="x", device="headset-1")).roles == ("default",)
    assert known(who.identify(Utterance(text="x"))) == (None, Proof.NOTHING)


def test_whoever_says_to_be_another_than_the_devices_owner_is_unknown(site: Site) -> None:
    for tables in (PEOPLE, TRUSTING):
        who = access(site, tables)
        assert known(who.identify(Utterance(text="x", operator="ben", device="headset-7"))) == (None, Proof.NOTHING)
        assert known(who.identify(Utterance(text="x", operator="anna", device="headset-7"))) == ("anna", Proof.DEVICE)


def test_a_word_counts_only_where_the_site_trusts_it(site: Site) -> None:
    said = Utterance(text="x", operator="ben")
    assert known(access(site).identify(said)) == (None, Proof.NOTHING)
    assert access(site).identify(said).claimed == "ben"
    assert known(access(site, TRUSTING).identify(said)) == ("ben", Proof.WORD)
    assert known(access(site, TRUSTING).identify(Utterance(text="x", operator="zoe"))) == (None, Proof.NOTHING)


def test_without_trust_a_device_counts_only_if_somebody_vouches_for_it(site: Site) -> None:
    who = access(site, DISTRUSTFUL)
    assert known(who.identify(Utterance(text="x", device="headset-9"))) == (None, Proof.NOTHING)
    assert known(who.identify(Utterance(text="x", device="headset-9", vouched=True))) == ("ben", Proof.DEVICE)


def test_a_pin_makes_the_device_the_operators_until_they_log_out(site: Site) -> None:
    who = access(site)
    outcome, speaker = who.identify_by_pin(Utterance(text="x", operator="ben", device="shared"), PIN)
    assert (outcome, known(speaker)) == (LogIn.DONE, ("ben", Proof.PIN))
    assert known(who.identify(Utterance(text="x", device="shared"))) == ("ben", Proof.PIN)
    assert known(who.identify(Utterance(text="x", operator="anna", device="shared"))) == (None, Proof.NOTHING)
    who.log_out(Utterance(device="shared", log_out=True))
    assert known(who.identify(Utterance(text="x", device="shared"))) == (None, Proof.NOTHING)


def test_a_log_in_on_a_headset_its_owner_left_behind_takes_it_over(site: Site) -> None:
    who = access(site)
    logged_in(who, "ben", "headset-7")
    assert known(who.identify(Utterance(text="x", device="headset-7"))) == ("ben", Proof.PIN)


def test_a_log_in_ends_with_the_shift(site: Site, clock: ManualClock) -> None:
    who = access(site, clock=clock)
    logged_in(who, "ben", "shared")
    clock.advance(SESSION_S - 1)
    assert who.identify(Utterance(text="x", device="shared")).operator == "ben"
    clock.advance(1)
    assert who.identify(Utterance(text="x", device="shared")).operator is None


def test_a_log_in_on_a_stream_is_that_streams_own(site: Site, clock: ManualClock) -> None:
    for tables in (PEOPLE, DISTRUSTFUL):
        who = access(site, tables, clock)
        session = who.log_in("ben", PIN, "shared")[1]
        his = Spoken(SPOKEN.transcript, 0.0, 1.0, session)
        assert who.identify(Utterance(device="shared", spoken=his)).operator == "ben"
        assert who.identify(Utterance(text="x", device="shared")).operator is None  # a message
        assert who.identify(Utterance(device="shared", spoken=SPOKEN)).operator is None  # another stream of that name
        clock.advance(SESSION_S)
        assert who.identify(Utterance(device="shared", spoken=his)).operator is None


def test_a_log_in_by_message_is_none_on_a_stream_of_that_name(site: Site) -> None:
    who = access(site)
    logged_in(who, "ben", "shared")
    assert who.identify(Utterance(device="shared", spoken=SPOKEN)).operator is None


def test_without_trust_a_log_in_by_message_holds_for_that_message_alone(site: Site) -> None:
    who = access(site, DISTRUSTFUL)
    assert who.identify_by_pin(Utterance(text="x", operator="ben", device="d"), PIN)[1].operator == "ben"
    assert who.identify(Utterance(text="x", device="d")).operator is None
    assert who.identify(Utterance(text="x", device="d", vouched=True)).operator is None


def test_nobody_else_logs_a_device_in_or_out_for_which_the_broker_vouches(site: Site) -> None:
    who = access(site, DISTRUSTFUL)
    own = Utterance(text="x", device="headset-7", vouched=True)
    logged_in(who, "ben", "headset-7")  # in a message that only says that it is of headset 7
    assert known(who.identify(own)) == ("anna", Proof.DEVICE)
    assert who.identify_by_pin(replace(own, operator="ben"), PIN)[0] is LogIn.DONE
    who.log_out(replace(own, vouched=False))
    assert known(who.identify(own)) == ("ben", Proof.PIN)
    who.log_out(own)
    assert known(who.identify(own)) == ("anna", Proof.DEVICE)


def test_wrong_pins_lock_the_operator_for_a_while(site: Site, clock: ManualClock) -> None:
    who = access(site, clock=clock)
    tried: list[tuple[str, str | None, LogIn]] = []
    who.watch(lambda *attempt: tried.append(attempt))
    outcomes = [who.log_in("anna", f"999{n}", "d")[0] for n in range(MAX_WRONG)]
    assert outcomes == [LogIn.WRONG] * MAX_WRONG
    assert who.log_in("anna", PIN, "d")[0] is LogIn.LOCKED
    assert who.log_in("ben", PIN, "d")[0] is LogIn.DONE  # nobody else
    assert who.identify(Utterance(text="x", device="headset-7")).operator == "anna"  # known by her device all the same
    clock.advance(LOCKED_S)
    assert who.log_in("anna", PIN, "d")[0] is LogIn.DONE
    assert tried[0] == ("anna", "d", LogIn.WRONG)
    assert PIN not in str(tried)


def test_a_right_pin_makes_the_wrong_ones_forgotten(site: Site) -> None:
    who = access(site)
    for _ in range(3):
        assert [who.log_in("anna", "9999", None)[0] for _ in range(MAX_WRONG - 1)] == [LogIn.WRONG] * 4
        assert who.log_in("anna", PIN, None)[0] is LogIn.DONE


@pytest.mark.parametrize("operator", ["zoe", "", "carl"])
def test_nobody_logs_in_as_somebody_without_a_pin(site: Site, operator: str) -> None:
    who = access(site, PEOPLE + '\n[[operators]]\nid = "carl"\n')
    assert who.log_in(operator, PIN, "d")[0] is LogIn.WRONG


def test_neither_pin_nor_hash_is_in_what_may_be_printed(site: Site) -> None:
    assert PIN not in repr(Utterance(text="x", operator="anna", pin=PIN))
    assert HASH not in repr(with_people(site).rules)
