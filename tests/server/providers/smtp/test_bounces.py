"""What comes back of emails, from every kind of mail system, is read as what became of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pillarbox.messages.posts import Caller, Post, Receipt, UnauthorisedPostError, UnreadablePostError
from pillarbox.providers.smtp.bounces.intake import BounceIntake, post_of
from tests.support.linear_time import assert_linear

ID = "0198c0de-0000-7000-8000-00000000000a"
OTHER = "0198c0de-0000-7000-8000-00000000000b"
PLAIN, VERP = "bounces@notify.example.org", f"bounces+{OTHER}@notify.example.org"
SAMPLES = Path(__file__).parent / "samples"
INTAKE = BounceIntake("relay")


def sample(name):
    return (SAMPLES / f"{name}.eml").read_bytes()


def read(raw, to=PLAIN, sender="", intake=INTAKE):
    return list(intake.read(post_of("relay", raw, to, sender)))


BOUNCES = [
    ("postfix-unknown-user", "permanent-failure", "5.1.1"),
    ("postfix-expired", "temporary-failure", "4.4.1"),
    ("postfix-mailbox-full", "temporary-failure", "5.2.2"),
    ("postfix-generic-status", "permanent-failure", "5.1.1"),
    ("postfix-delayed", None, "4.4.1"),
    ("postfix-delivered", "delivered", "2.1.5"),
    ("postfix-relayed", "delivered", "2.0.0"),
    ("postfix-expanded", "delivered", "2.0.0"),
    ("qmail", "permanent-failure", "5.1.1"),
    ("qmail-without-code", "permanent-failure", "550"),
    ("exim", "permanent-failure", "5.1.1"),
    ("exim-timeout", "temporary-failure", None),
    ("exim-unrouteable", "permanent-failure", None),
    ("exim-delayed", None, None),
    ("sendmail", "permanent-failure", "5.1.1"),
    ("sendmail-warning", None, None),
    ("exchange", "permanent-failure", "5.1.10"),
    ("exchange-html", "temporary-failure", "5.2.2"),
    ("gateway", "temporary-failure", None),
    ("nothing-said", "temporary-failure", None),
]


@pytest.mark.parametrize(("name", "status", "code"), BOUNCES)
def test_bounces_of_all_mail_systems_are_read(name, status, code):
    (receipt,) = read(sample(name))
    assert (receipt.reference, receipt.status, receipt.code, receipt.theirs) == (ID, status, code, False)
    assert "jo@example.com" not in (receipt.reason or "")


@pytest.mark.parametrize(("name", "status", "code"), BOUNCES)
def test_the_address_that_it_came_to_says_best_whose_it_is(name, status, code):
    (receipt,) = read(sample(name), to=VERP)
    assert (receipt.reference, receipt.status, receipt.code) == (OTHER, status, code)


ANSWERS = [
    (name, sender)
    for name in ("out-of-office", "vacation", "read-receipt", "complaint")
    for sender in ("", None)
]


@pytest.mark.parametrize(("name", "sender"), [*ANSWERS, ("person", "jo@example.com"), ("person", None)])
@pytest.mark.parametrize("to", [PLAIN, VERP])
def test_what_people_and_their_programs_answer_is_no_bounce(name, to, sender):
    assert read(sample(name), to, sender) == []


@pytest.mark.parametrize("sender", ["", "<>", "MAILER-DAEMON"])
def test_a_bounce_comes_from_nobody_however_that_is_written(sender):
    assert read(sample("nothing-said"), sender=sender) != []
    assert read(sample("nothing-said").replace(b"postmaster", b"info"), sender=sender) != []
    assert read(sample("nothing-said").replace(b"postmaster", b"info"), sender="info@mail.example.com") == []


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_report_gives_the_code_the_words_and_the_time(ends):
    assert read(sample("postfix-unknown-user").replace(b"\n", ends)) == [
        Receipt(
            ID,
            "permanent-failure",
            code="5.1.1",
            reason="550 5.1.1 <…>: Recipient address rejected: User unknown in virtual mailbox table",
            at=datetime(2026, 3, 3, 10, 0, 5, tzinfo=UTC),
        )
    ]


def test_an_operator_may_say_that_relayed_is_not_yet_delivered():
    intake = BounceIntake("relay", relayed_is_delivered=False)
    assert read(sample("postfix-relayed"), intake=intake)[0].status is None
    assert read(sample("postfix-delivered"), intake=intake)[0].status == "delivered"


def report(*groups, envelope_id=ID):
    head = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    return "\n\n".join([f"{head}Original-Envelope-Id: {envelope_id}", *groups, "--b--\n"]).encode()


DELIVERED, DELAYED = "Action: delivered\nStatus: 2.0.0", "Action: delayed\nStatus: 4.4.1"
FULL, UNKNOWN = "Action: failed\nStatus: 4.2.2", "Action: failed\nStatus: 5.1.1"


@pytest.mark.parametrize(
    ("groups", "status"),
    [
        ([UNKNOWN, DELIVERED], "delivered"),
        ([UNKNOWN, DELAYED, FULL], None),
        ([UNKNOWN, FULL], "temporary-failure"),
        ([UNKNOWN, UNKNOWN], "permanent-failure"),
    ],
)
def test_of_an_email_that_went_on_to_several_the_best_news_counts(groups, status):
    assert read(report(*groups))[0].status == status


@pytest.mark.parametrize(
    ("group", "status", "code"),
    [
        ("Action: FAILED (it did)\nStatus: 5.1.1 (unknown)", "permanent-failure", "5.1.1"),
        ("Action: failed\nStatus: 5.4.7", "temporary-failure", "5.4.7"),
        ("Action: failed\nStatus: 5.7.1", "permanent-failure", "5.7.1"),
        ("Action: failed\nDiagnostic-Code: smtp; 550 no such user", "permanent-failure", "550"),
        ("Action: failed\nDiagnostic-Code: 451 later", "temporary-failure", "451"),
        ("Action: failed\nDiagnostic-Code: smtp; 550 mailbox is full", "temporary-failure", "550"),
        ("Action: failed\nDiagnostic-Code: X-Unix; user unknown", "permanent-failure", None),
        ("Action: failed", "temporary-failure", None),
        ("Action: failed\nStatus: 9.9.9", "temporary-failure", None),
    ],
)
def test_a_failure_is_as_permanent_as_its_code_or_its_words_say(group, status, code):
    (receipt,) = read(report(group))
    assert (receipt.status, receipt.code) == (status, code)


@pytest.mark.parametrize("group", ["Action: pondered\nStatus: 5.1.1", "Action:", "Status: 5.1.1", ""])
def test_a_report_that_says_nothing_says_nothing(group):
    assert read(report(group)) == []


def test_a_bounce_of_somebody_else_s_email_is_nobody_s():
    assert read(report(UNKNOWN, envelope_id="QQ314159")) == []
    assert read(sample("qmail").replace(ID.encode(), b"abc")) == []


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        (b"base64", b"QWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQ"),
        (b"Quoted-Printable", b"Action: fail=\ned\nStatus: 5=2E1.1"),
    ],
)
def test_an_encoded_report_is_read(encoding, content):
    raw = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/report;\n boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: %s\n\n%s\n--b--\n--a--\n"
    ) % (encoding, content)
    assert read(raw, to=VERP) == [Receipt(OTHER, "permanent-failure", code="5.1.1")]


def test_a_bounce_with_the_whole_of_a_large_email_is_read():
    raw = sample("postfix-unknown-user").replace(b"Subject: News\n", b"Subject: News\n\n" + b"x" * 2_000_000)
    assert read(raw)[0].status == "permanent-failure"
    assert len(post_of("relay", raw, PLAIN, "").body) == 262_144


def test_nobody_posts_bounces_over_http():
    with pytest.raises(UnauthorisedPostError):
        INTAKE.authenticate(post_of("relay", sample("exim"), PLAIN, ""), Caller("127.0.0.1"))
    assert not INTAKE.takes("receipt")
    assert not INTAKE.takes("received_text")


def test_a_receipt_that_an_answer_gave_at_once_is_read():
    """The outbox writes one for `Accepted.receipt`."""
    body = b'{"reference": "%s", "status": "permanent-failure"}' % ID.encode()
    assert INTAKE.read(Post("relay", "receipt", body)) == [Receipt(ID, "permanent-failure")]


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_neither_is_unreadable(body):
    with pytest.raises(UnreadablePostError):
        INTAKE.read(Post("relay", "receipt", body))


ALL = [sample(name) for name, *_ in BOUNCES]
PIECES = st.sampled_from(
    [*ALL, b"\n\n", b"--b\n", b"\r", b"\x00", b"\xff", b"Action: failed\n", b"boundary=b\n"]
)
mangled = st.one_of(
    st.binary(max_size=500),
    st.lists(st.one_of(PIECES, st.binary(max_size=30)), max_size=6).map(b"".join),
    st.tuples(st.sampled_from(ALL), st.integers(0, 3000), st.binary(max_size=20)).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 5 :]
    ),
)


@settings(max_examples=150)
@given(raw=mangled, to=st.text(max_size=60), sender=st.one_of(st.none(), st.text(max_size=20)))
@example(raw=b"Content-Type: multipart/report; boundary=(((", to=VERP, sender="")
@example(raw=b"Content-Type: multipart/x;boundary=b\n\n--b--", to="\udcff\x00&to=x", sender="")
@example(
    raw=report("Action: failed\nLast-Attempt-Date: Mon, 99 Foo 99999 99:99:99 +9999"), to=VERP, sender=""
)
def test_nothing_that_comes_raises_or_leaves_what_a_database_cannot_hold(raw, to, sender):
    for receipt in read(raw, to, sender):
        assert "\x00" not in f"{receipt.code}{receipt.reason}"
        assert len(receipt.reason or "") <= 300
        receipt.at and receipt.at.astimezone(UTC)


NESTED = "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
PATTERNS = [
    NESTED,
    "--b\n",
    "Content-Type: message/delivery-status\n\n--b\n\n",
    "Message-ID: <",
    "> > > > > >\n",
    "a-b-",
    "\n \n",
    "\n\t",
    "<",
    "-- ----",
    "5.1.1.",
    "550 ",
    "mail delivery failed",
    "delay",
    "=",
    "x: y\n",
    " ; boundary=",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    "head",
    ["", NESTED, "Subject: undeliverable\n\n", "Subject: delivery failed\nContent-Type: text/html\n\n"],
)
def test_a_hostile_message_takes_no_more_time_than_its_length(pattern, head):
    assert_linear(lambda text: read((head + text).encode()), pattern, 60_000)
