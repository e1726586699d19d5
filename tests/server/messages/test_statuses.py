"""Statuses as callers see them and as lists understand them (public API contract, sections 4 and 7)."""

import pytest

from pillarbox.messages.statuses import (
    COMPLETED,
    FAILED,
    FILTERS,
    after_handing_over,
    meant_by,
    open_to_receipts,
    shown,
)

LETTERS = [
    ("created", "accepted"),
    ("sending", "accepted"),
    ("delivered", "received"),
    ("returned-letter", "received"),
    ("cancelled", "cancelled"),
    ("pending-virus-check", "pending-virus-check"),
    ("virus-scan-failed", "virus-scan-failed"),
    ("validation-failed", "validation-failed"),
    ("technical-failure", "technical-failure"),
    ("permanent-failure", "permanent-failure"),
]


@pytest.mark.parametrize(("stored", "seen"), LETTERS)
def test_letters_are_accepted_then_received(stored, seen):
    assert shown(stored, "letter") == seen


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("status", FILTERS)
def test_texts_and_emails_are_shown_as_they_are_stored(channel, status):
    assert shown(status, channel) == status


@pytest.mark.parametrize(
    ("filters", "stored"),
    [
        (("delivered",), {"delivered"}),
        (("accepted",), {"created", "sending"}),
        (("received",), {"delivered"}),
        (
            ("failed",),
            {
                "technical-failure", "temporary-failure", "permanent-failure", "validation-failed",
                "virus-scan-failed", "returned-letter",
            },
        ),
        (("sending", "accepted", "sent"), {"sending", "created", "sent"}),
        ((), set()),
    ],
)  # fmt: skip
def test_filters_stand_for_stored_statuses_each_once(filters, stored):
    meant = meant_by(filters)
    assert set(meant) == stored
    assert len(meant) == len(stored)


def test_what_counts_as_completed_is_the_contract_s_list():
    assert {
        "sent", "delivered", "failed", "technical-failure", "temporary-failure", "permanent-failure",
        "returned-letter", "cancelled", "validation-failed",
    } == COMPLETED  # fmt: skip
    assert "virus-scan-failed" in FAILED


@pytest.mark.parametrize(
    ("channel", "statuses"),
    [
        ("sms", {"created", "sending", "pending", "sent"}),
        ("email", {"sending", "pending"}),
        ("letter", {"created", "sending"}),
    ],
)  # fmt: skip
def test_receipts_move_only_from_these(channel, statuses):
    assert set(open_to_receipts(channel)) == statuses


@pytest.mark.parametrize(
    ("channel", "international", "status"),
    [
        ("sms", False, "sending"),
        ("sms", True, "sent"),
        ("email", False, "sending"),
        ("email", True, "sending"),
    ],
)
def test_what_its_provider_took_is_sending_or_sent_abroad(channel, international, status):
    assert after_handing_over(channel, international=international) == status
