"""What goes around an email."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.providers.base import EmailMessage
from pillarbox.providers.smtp.envelope import Envelope, named_by, verp, xtext

ID = UUID("0198c0de-0000-7000-8000-00000000000a")


def message(to="jo@example.com", sender="some.service@notify.example.org"):
    return EmailMessage(ID, ID, "Some Service", sender, to, "News", "Hello", "<p>Hello</p>")


@pytest.mark.parametrize(
    ("to", "travels"),
    [
        ("jo@example.com", "jo@example.com"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
        ("o'brien@example.com", "o'brien@example.com"),
        (".jo.@example.com", '".jo."@example.com'),
    ],
)
def test_addresses_are_in_ascii(to, travels):
    mail, rcpt = Envelope.of(message(to), None).commands(dsn=False)
    assert mail == b"MAIL FROM:<some.service@notify.example.org>\r\n"
    assert rcpt == f"RCPT TO:<{travels}>\r\n".encode()


@pytest.mark.parametrize(
    "odd", ["jo\r\nRSET@x", "jo @x", "jo>@x", "<jo@x", "jo\x00@x", "jo@x\r\nRSET", "jo\x7f@x"]
)
def test_no_address_ends_a_command(odd):
    for one in (message(to=odd), message(sender=odd)):
        with pytest.raises(ValueError, match="an address holds what would end it"):
            Envelope.of(one, None)


def test_a_local_part_of_another_alphabet_cannot_be_written():
    with pytest.raises(UnicodeError):
        Envelope.of(message(to="служба@example.org"), None)


def test_a_bounce_address_leads_back_to_its_notification():
    address = verp("bounces@notify.example.org", ID)
    assert address == f"bounces+{ID}@notify.example.org"
    assert named_by(address) == named_by(address.upper()) == str(ID)


@pytest.mark.parametrize(
    "address",
    [
        "bounces@example.org",
        f"bounces-{ID}@example.org",
        f"bounces+{ID}",
        f"x@bounces+{ID}@y",
        "",
        "+" * 10_000,
    ],
)
def test_other_addresses_are_nobody_s(address):
    assert named_by(address) is None


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_xtext_can_be_read_back_and_holds_nothing_that_ends_a_parameter(text):
    written = xtext(text)
    assert not set(written) & set(" =\t\r\n\x00\x7f")
    head, *rest = written.split("+")
    assert head + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest) == text
