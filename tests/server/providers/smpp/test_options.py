"""What an operator may say of an SMSC, and what is refused at the start."""

import msgspec
import pytest

from pillarbox.providers.smpp.options import Smsc
from pillarbox.providers.smpp.pdu import Address


def smsc(**more):
    given = {"host": "smsc.example.com", "system_id": "pillar", "password": "secret"} | more
    return msgspec.convert(given, Smsc)


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("GOVUK", Address(5, 0, "GOVUK")),
        ("Vote 2026", Address(5, 0, "Vote 2026")),
        ("60006", Address(3, 0, "60006")),
        ("447700900999", Address(1, 1, "447700900999")),
        ("+447700900999", Address(1, 1, "447700900999")),
        ("07700900999", Address(2, 1, "07700900999")),
        (None, Address(5, 0, "Default")),
    ],
)
def test_a_sender_has_the_type_of_its_kind(sender, address):
    assert smsc(sender="Default").source(sender) == address


def test_without_a_sender_the_smsc_fills_in_its_own():
    assert smsc().source(None) == Address(0, 0, "")


def test_an_smsc_may_want_other_types():
    types = {"short_code": [6, 8], "alphanumeric": [5, 1]}
    assert smsc(sender_types=types).source("60006") == Address(6, 8, "60006")
    assert smsc(sender_types=types).source("GOVUK") == Address(5, 1, "GOVUK")


@pytest.mark.parametrize(
    ("hours", "period"),
    [(0, ""), (1, "000000010000000R"), (48, "000002000000000R"), (750, "000101060000000R")],
)
def test_an_smsc_tries_for_as_long_as_it_is_told(hours, period):
    assert smsc(validity_hours=hours).validity_period == period


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ({"system_id": "a" * 16}, "system_id must be at most 15"),
        ({"password": "123456789"}, "password must be at most 8"),
        ({"system_type": "a" * 13}, "system_type must be at most 12"),
        ({"address_range": "a" * 41}, "address_range must be at most 40"),
        ({"port": 0}, "port is 0 but must be from 1 to 65535"),
        ({"connections": 0}, "connections is 0"),
        ({"window": 0}, "window is 0"),
        ({"response_timeout": 61}, "response_timeout is 61"),
        ({"validity_hours": -1}, "validity_hours is -1"),
        ({"sender_types": {"short_code": [256, 0]}}, "sender_types holds"),
        ({"answer_ids": "hexadecimal"}, "answer_ids and receipt_ids go together"),
        ({"time_zone": "Mars/Olympus"}, "time_zone 'Mars/Olympus' is not known"),
        ({"time_zone": "../etc/passwd"}, "time_zone '../etc/passwd' is not known"),
        ({"time_zone": ""}, "time_zone '' is not known"),
    ],
)
def test_mistakes_are_named(more, mistake):
    (found,) = smsc(**more).mistakes()
    assert found.startswith(mistake)


def test_what_is_usual_is_no_mistake():
    assert smsc().mistakes() == []
