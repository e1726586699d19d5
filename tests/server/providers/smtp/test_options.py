"""What an operator writes about a relay, and what is wrong with it."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pillarbox.providers.smtp.options import Relay, place

KEY = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
DKIM = {"domain": "notify.example.org", "selector": "pillarbox", "private_key": KEY}
ALL = {
    "host": "smtp.example.org",
    "port": 587,
    "tls": "starttls",
    "username": "pillarbox",
    "password": "secret",
    "connections": 20,
    "bounce_address": "bounces@notify.example.org",
    "bounces": "127.0.0.1:2525",
    "relayed_is_delivered": False,
    "delivered_after_hours": 24,
    "dkim": DKIM,
}


def mistakes(**options):
    return list(msgspec.convert({"host": "smtp.example.org"} | options, Relay).mistakes())


def test_everything_an_operator_may_write():
    assert mistakes(**ALL) == mistakes() == []


@pytest.mark.parametrize(
    ("options", "mistake"),
    [
        ({"username": "pillarbox"}, "username and password go together: one is missing"),
        ({"connections": 0}, "connections is 0 but must be from 1 to 100"),
        ({"bounce_address": "bounces"}, "bounce_address must be like bounces@notify.example.org"),
        ({"bounce_address": f"{'b' * 28}@example.org"}, "at most 27 characters before the @"),
        ({"bounce_address": "b+c@example.org"}, "bounce_address must be like"),
        ({"bounces": "2525"}, "bounces is wrong: '2525' is not a host and a port"),
        ({"delivered_after_hours": 72}, "delivered_after_hours must be more than 0 and less than 72"),
        ({"delivered_after_hours": 0}, "delivered_after_hours must be more than 0"),
        ({"dkim": DKIM | {"domain": "a b"}}, "dkim.domain must be a name as the DNS has them"),
        ({"dkim": DKIM | {"selector": ""}}, "dkim.selector must be a name"),
        ({"dkim": DKIM | {"private_key": "x"}}, "dkim.private_key is of no use: it is no private key in PEM"),
    ],
)
def test_what_cannot_be_is_said(options, mistake):
    (found,) = mistakes(**options)
    assert mistake in found


@pytest.mark.parametrize(
    "options", [{"dkim": {"domain": "x.example"}}, {"dkim": DKIM | {"x": 1}}, {"tls": "yes"}]
)
def test_what_is_missing_or_unknown_is_refused(options):
    with pytest.raises(msgspec.ValidationError):
        mistakes(**options)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("127.0.0.1:2525", ("127.0.0.1", 2525)),
        ("[::1]:25", ("::1", 25)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_a_place_to_listen_at(written, found):
    assert place(written) == found


@pytest.mark.parametrize(
    "written", ["", "2525", ":2525", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "x:70000", "x:-1", "x:٣"]
)
def test_what_is_no_place(written):
    with pytest.raises(ValueError, match="is not a host and a port"):
        place(written)
