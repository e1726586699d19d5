"""What a relay's replies mean for an email."""

import pytest

from pillarbox.messages.impersonal import impersonal
from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from pillarbox.providers.smtp.answers import answer
from pillarbox.providers.smtp.conversation import Reply, Said
from tests.support.linear_time import assert_linear

TAKEN = Accepted(reference="<id@example.org>")


def answer_to(stage, reply):
    code, _, text = reply.partition(" ")
    return answer(Said(stage, Reply(int(code), text)), TAKEN)


@pytest.mark.parametrize("reply", ["250 2.0.0 Ok: queued as ABC", "250", "251 will forward"])
def test_an_email_is_taken_once_the_relay_has_all_of_it(reply):
    assert answer_to("CONTENT", reply) is TAKEN


RECIPIENTS = [
    ("RCPT", "550 5.1.1 <jo@example.com>: unknown user", "permanent-failure"),
    ("RCPT", "550 5.1.0 address rejected", "permanent-failure"),
    ("RCPT", "550 5.1.10 no mail is taken by that domain", "permanent-failure"),
    ("RCPT", "501 5.1.3 bad address syntax", "permanent-failure"),
    ("RCPT", "550 5.2.1 mailbox disabled", "permanent-failure"),
    ("RCPT", "550 5.4.4 unrouteable address", "permanent-failure"),
    ("RCPT", "550 no such user here", "permanent-failure"),
    ("RCPT", "551 user not local", "permanent-failure"),
    ("RCPT", "553 mailbox name not allowed", "permanent-failure"),
    ("RCPT", "550 5.0.0 nobody", "permanent-failure"),
    ("CONTENT", "550 5.1.1 nobody here after all", "permanent-failure"),
    ("RCPT", "552 5.2.2 mailbox full", "temporary-failure"),
    ("RCPT", "552 exceeded storage allocation", "temporary-failure"),
    ("RCPT", "550 5.2.3 too large for this mailbox", "temporary-failure"),
    ("CONTENT", "552 5.2.2 over quota", "temporary-failure"),
]


@pytest.mark.parametrize(("stage", "reply", "status"), RECIPIENTS)
def test_what_is_wrong_with_the_recipient_is_a_failure_of_delivery(stage, reply, status):
    found = answer_to(stage, reply)
    assert (type(found), found.receipt, found.reference) == (Accepted, status, None)
    assert found.reason.startswith(reply[:3])
    assert "jo@example.com" not in found.reason


RELAYS = [
    ("MAIL", "550 5.1.8 sender rejected"),
    ("MAIL", "535 5.7.8 bad credentials"),
    ("MAIL", "550 5.1.1 even so"),
    ("RCPT", "554 5.7.1 relay access denied"),
    ("RCPT", "550 relaying denied"),
    ("RCPT", "550 relay not permitted"),
    ("RCPT", "550 5.7.54 unable to relay recipient in non-accepted domain"),
    ("RCPT", "530 5.7.0 authentication required"),
    ("RCPT", "550 5.1.8 sender's domain not found"),
    ("RCPT", "503 5.5.1 bad sequence of commands"),
    ("RCPT", "555 unsupported parameters"),
    ("RCPT", "421 4.7.0 closing"),
    ("MAIL", "421 4.3.2 shutting down"),
    ("MAIL", "451 4.3.0 later"),
    ("RCPT", "451 4.3.0 lookup failure"),
    ("RCPT", "452 4.3.1 disk full"),
    ("DATA", "452 4.3.1 disk full"),
    ("DATA", "250 but 354 was wanted"),
    ("CONTENT", "451 4.7.1 later"),
]


@pytest.mark.parametrize(("stage", "reply"), RELAYS)
def test_what_is_wrong_between_the_relay_and_us_is_tried_again_and_counts(stage, reply):
    found = answer_to(stage, reply)
    assert isinstance(found, Busy)
    assert not found.our_fault


@pytest.mark.parametrize(
    "reply", ["450 4.2.0 greylisted", "450 mailbox busy", "451 4.1.1 try again", "452 4.2.2 full"]
)
def test_a_recipient_who_has_to_wait_says_nothing_about_the_relay(reply):
    found = answer_to("RCPT", reply)
    assert isinstance(found, Busy)
    assert found.our_fault


@pytest.mark.parametrize(
    ("stage", "reply", "code"),
    [
        ("CONTENT", "554 5.7.1 spam", "5.7.1"),
        ("CONTENT", "552 5.3.4 too big", "5.3.4"),
        ("CONTENT", "552 too big", "552"),
        ("CONTENT", "550 looks like spam", "550"),
        ("DATA", "554 5.6.0 never", "5.6.0"),
    ],
)
def test_an_email_that_the_relay_never_takes_is_rejected(stage, reply, code):
    assert answer_to(stage, reply) == Rejected(reply, code)


@pytest.mark.parametrize(
    ("stage", "kind"), [("MAIL", Busy), ("RCPT", Busy), ("DATA", Busy), ("CONTENT", Unknown)]
)
def test_only_once_everything_was_said_does_nobody_know(stage, kind):
    assert answer(Said(stage, None, "the connection was lost"), TAKEN) == kind("the connection was lost")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("550 <jo@example.com>... no", "550 <…>... no"),
        ("to jo@example.com, +447700900123 or 07700900123", "to … … or …"),
        ("two\r\nlines", "two lines"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_words_of_relays_name_nobody(words, left):
    assert impersonal(words) == left


def test_words_without_end_take_no_time():
    assert_linear(impersonal, "a", 100_000)
