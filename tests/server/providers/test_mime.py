"""Emails as they travel: whatever is in them, mail programs read what was meant, and nothing is injected."""

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pillarbox.providers.base import EmailMessage
from pillarbox.providers.mime import build, message_id

ID = UUID("0198c0de-0000-7000-8000-000000000001")
BREAKS = ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


def message(**more):
    given = {
        "notification_id": ID,
        "service_id": ID,
        "from_name": "Some Service",
        "from_address": "some.service@notify.example.org",
        "to": "jo@example.com",
        "subject": "News",
        "plain": "Hello\n",
        "html": "<p>Hello</p>\n",
    }
    return EmailMessage(**(given | more))


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def read(**more):
    return parsed(build(message(**more)))


def as_one_line(text):
    """What is left of a text in a header: white space of any kind is as good as a space."""
    return " ".join(text.split())


def sender(**more):
    """Name and address, read by the older of Python's parsers: the newer one puts spaces between encoded words."""
    raw = email.message_from_bytes(build(message(**more)), policy=email.policy.compat32)["From"]
    name, address = parseaddr(raw)
    return as_one_line(str(make_header(decode_header(name)))), address


def body(mail, kind):
    return mail.get_body((kind,)).get_content()


def test_every_header_is_there_once():
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    raw = build(message(reply_to="reply@example.com", headers={"X-One": "1"}), moment)
    mail = parsed(raw)
    assert sorted(mail.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Reply-To", "X-One", "MIME-Version", "Content-Type"]
    )
    assert raw.startswith(b'From: "Some Service" <some.service@notify.example.org>\r\n')
    assert (mail["To"], mail["Reply-To"], mail["Subject"]) == ("jo@example.com", "reply@example.com", "News")
    assert mail["Date"].datetime == moment
    assert mail["Message-ID"] == f"<{ID}@notify.example.org>" == message_id(message())


def test_plain_text_comes_before_html():
    parts = [part.get_content_type() for part in read().iter_parts()]
    assert parts == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "name",
    [
        "Tax, Duty & Co", 'The "Best" Service', "Back\\slash", "a@b.example", "(odd) <names>", "Rhyl; Wrexham:",
        "Gwŷdd", "日本語 サービス", "  ",
    ],
)  # fmt: skip
def test_any_name_is_the_sender_s_name_and_one_address_is_left(name):
    assert sender(from_name=name) == (as_one_line(name), "some.service@notify.example.org")
    assert len(read(from_name=name)["From"].addresses) == 1


@pytest.mark.parametrize("name", ["Long, " * 30, "Gŵyl, " * 30, '"Ŷ", ' * 30, "ŵ" * 200])
def test_long_names_stay_one_address_when_they_are_folded(name):
    assert sender(from_name=name) == (as_one_line(name), "some.service@notify.example.org")
    assert len(read(from_name=name)["From"].addresses) == 1


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("field", ["subject", "from_name"])
def test_no_line_break_in_a_header_starts_another(field, broken):
    mail = read(**{field: f"Hello{broken}Bcc: eve@example.com{broken}{broken}<p>injected"})
    assert mail["Bcc"] is None
    assert "injected" in (mail["Subject"] if field == "subject" else mail["From"].addresses[0].display_name)
    assert lines(body(mail, "plain")) == ["Hello"]


@pytest.mark.parametrize("broken", BREAKS)
def test_no_line_break_in_a_url_starts_another_header(broken):
    mail = read(headers={"List-Unsubscribe": f"<https://example.com/{broken}Bcc: eve@example.com>"})
    assert mail["Bcc"] is None
    assert mail["List-Unsubscribe"].startswith("<https://example.com/")


def test_a_long_url_in_a_header_can_be_read_back():
    url = f"<https://example.com/unsubscribe/{'a1b2' * 100}?token={'x' * 300}>"
    raw = build(
        message(headers={"List-Unsubscribe": url, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    )
    mail = parsed(raw)
    assert "".join(mail["List-Unsubscribe"].split()) == url
    assert b"=?utf-8?" not in raw.split(b"\r\n\r\n")[0], "mail programs do not decode words within URLs"


@pytest.mark.parametrize(
    ("address", "travels"),
    [
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("a+b=c/d?e&f@x.example.com", "a+b=c/d?e&f@x.example.com"),
        ("{odd}|~`^_%$#!*@example.com", "{odd}|~`^_%$#!*@example.com"),
        (".jo.@example.com", ".jo.@example.com"),
        ("jo.@example.com", "jo.@example.com"),
        (f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example.com", f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example.com"),
        (f"{'a.' * 100}b@example.com", f"{'a.' * 100}b@example.com"),
    ],
)
def test_addresses_travel_as_they_are_but_for_letters_of_other_alphabets(address, travels):
    mail = read(to=address, reply_to=address)
    for header in (mail["To"], mail["Reply-To"]):
        text = "".join(str(header).split())
        assert text in {travels, _quoted(travels)}


def _quoted(address):
    local, _, domain = address.rpartition("@")
    return f'"{local}"@{domain}'


def test_a_sender_s_domain_of_another_alphabet_is_in_ascii_everywhere():
    mail = read(from_address="service@bücher.example")
    assert mail["From"].addresses[0].addr_spec == "service@xn--bcher-kva.example"
    assert mail["Message-ID"] == f"<{ID}@xn--bcher-kva.example>"


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)


@settings(max_examples=50)
@given(subject=anything, name=anything, plain=anything, html=anything)
@example(subject="ŵ, " * 60, name='Gŵyl "y", ' * 20, plain=".\n..\nFrom x\n" + "y" * 3000, html="€" * 2000)
@example(subject="=?utf-8?q?tricky?=", name="=?utf-8?b?dHJpY2t5?=", plain="=3D", html="=\n=")
def test_whatever_is_in_an_email_can_be_read_back(subject, name, plain, html):
    raw = build(message(subject=subject, from_name=name, plain=plain, html=html))
    mail = parsed(raw)
    assert sorted(mail.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]
    )
    (address,) = mail["From"].addresses
    assert address.addr_spec == "some.service@notify.example.org"
    assert lines(body(mail, "plain")) == lines(plain)
    assert lines(body(mail, "html")) == lines(html)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


def lines(text):
    """Kinds of line ends do not matter, nor whether the last line has one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")


printable = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn", "Co", "Zl", "Zp"]), min_size=1, max_size=120
)


@settings(max_examples=50)
@given(subject=printable, name=printable)
@example(subject="x" * 120, name="ŵ, " * 40)
@example(subject="=?utf-8?q?tricky?=", name="=?utf-8?b?dHJpY2t5?=")
def test_subjects_and_names_are_read_as_they_were_meant(subject, name):
    assert as_one_line(read(subject=subject)["Subject"]) == as_one_line(subject)
    assert sender(from_name=name)[0] == as_one_line(name)


def test_a_local_part_that_is_not_ascii_cannot_be_written():
    with pytest.raises(UnicodeError):
        build(message(from_address="служба@notify.example.org"))
