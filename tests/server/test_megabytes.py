"""What callers may send in megabytes takes time in proportion to its length: 1, 2 and 4 MB of the worst there is."""

import time
from contextlib import suppress

import pytest

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.placeholders import Personalisation, PlaceholderText
from pillarbox.content.sanitising import sanitise_value
from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.email_addresses import InvalidEmailAddress, parse_email_address
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress

MEGABYTE = 1_000_000
VALUES = Personalisation({"a": "yes"})
# Twice and four times as long, and as much again for caches that are too small and neighbours that are busy.
ALLOWED = {2: 4.0, 4: 8.0}
NOISE = 0.02

pytestmark = pytest.mark.slow


def fill(text):
    PlaceholderText.parse(text).fill(VALUES, escape=True)


def text_message(text):
    assert TextTemplate(text).render(VALUES, "Service").fragments >= 0


def email_html(text):
    EmailTemplate("", text).html(VALUES)


def email_plain(text):
    EmailTemplate("", text).plain(VALUES)


def phone_number(text):
    with suppress(InvalidPhoneNumber):
        PhoneNumber.parse(text)


def email_address(text):
    with suppress(InvalidEmailAddress):
        parse_email_address("a@a" + text)


def postal_address(text):
    PostalAddress.parse(text).error(international_letters=True)


@pytest.mark.parametrize(
    ("work", "pattern"),
    [
        (fill, "(("),
        (fill, "((a??b))&lt;"),
        (text_message, "((a)) €"),
        (email_html, "a <b>&\n"),
        (email_html, "["),
        (email_plain, "<'\"&amp;"),
        (email_plain, "`[a](b "),
        (sanitise_value, "a.bc.1."),
        (sanitise_value, "http://[]("),
        (phone_number, "+0 "),
        (phone_number, "7"),
        (email_address, "a.-"),
        (email_address, "。"),
        (postal_address, "BFPO 1\n"),
        (postal_address, " ,"),
    ],
)
def test_four_megabytes_take_no_more_than_their_share(work, pattern):
    spent = {}
    for _ in range(3):
        spent = {size: cpu_seconds(work, pattern, size) for size in (1, 2, 4)}
        if all(spent[size] <= most * max(spent[1], NOISE) for size, most in ALLOWED.items()):
            return
    raise AssertionError(f"seconds by megabytes of {pattern!r}: {spent}")


def cpu_seconds(work, pattern, size):
    text = pattern * (size * MEGABYTE // len(pattern))
    start = time.process_time()
    work(text)
    return time.process_time() - start
