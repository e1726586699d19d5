"""What becomes of messages that were sent with a test key (public API contract, section 6)."""

import pytest

from pillarbox.messages.simulation import email_outcome, text_outcome


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ("447700900002", "permanent-failure"),
        ("447700900003", "temporary-failure"),
        ("447700900001", "delivered"),
        ("447700900123", "delivered"),
        ("33612345678", "delivered"),
    ],
)
def test_the_end_of_the_number_decides(to, status):
    assert text_outcome(to) == status


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ("perm-fail@simulator.notify", "permanent-failure"),
        ("Perm-Fail@Simulator.Notify", "permanent-failure"),
        ("temp-fail@simulator.notify", "temporary-failure"),
        ("temp-fail@simulator.notify.uk", "delivered"),
        ("xperm-fail@simulator.notify", "delivered"),
        ("jo@example.com", "delivered"),
    ],
)
def test_two_addresses_fail_in_any_case(to, status):
    assert email_outcome(to) == status
