"""What messages cost, and when that is known (public API contract, section 4, "Cost")."""

import pytest

from pillarbox.messages.costs import EMAIL_COST, Cost, letter_cost, letter_is_free, text_cost

UNKNOWN = Cost(ready=False, pounds=None, details={})


def test_emails_cost_nothing_and_that_is_known_at_once():
    assert (EMAIL_COST.ready, EMAIL_COST.pounds, EMAIL_COST.details) == (True, 0.0, {})


def test_a_text_that_nobody_has_taken_has_no_cost_yet():
    assert text_cost("created", 0, None, 0.0227) == UNKNOWN


@pytest.mark.parametrize(
    ("status", "fragments", "multiplier", "pounds"),
    [
        ("created", 1, None, 0.0227),
        ("sending", 2, 1, 2 * 0.0227),
        ("sent", 3, 4, 3 * 4 * 0.0227),
        ("delivered", 1, 0, 0.0),
        ("technical-failure", 0, None, 0.0),
        ("sending", 0, 2, 0.0),
    ],
)
def test_a_text_costs_fragments_times_multiplier_times_rate(status, fragments, multiplier, pounds):
    cost = text_cost(status, fragments, multiplier, 0.0227)
    assert (cost.ready, cost.pounds) == (True, pounds)
    assert cost.details == {
        "billable_sms_fragments": fragments,
        "international_rate_multiplier": 1 if multiplier is None else multiplier,
        "sms_rate": 0.0227,
    }


@pytest.mark.parametrize(
    ("status", "sheets"), [("created", 0), ("pending-virus-check", 0), ("pending-virus-check", 3)]
)
def test_a_letter_without_counted_sheets_has_no_cost_yet(status, sheets):
    assert letter_cost(status, sheets, "second", 0.82) == UNKNOWN


@pytest.mark.parametrize(
    "status", ["cancelled", "technical-failure", "validation-failed", "virus-scan-failed"]
)
def test_letters_that_never_went_are_free(status):
    assert letter_is_free(status)
    cost = letter_cost(status, 2, "first", 1.5)
    assert (cost.ready, cost.pounds) == (True, 0.0)
    assert cost.details == {"billable_sheets_of_paper": 0, "postage": "first"}


@pytest.mark.parametrize(
    ("status", "sheets", "pounds"),
    [
        ("created", 2, 0.82),
        ("sending", 1, 0.82),
        ("delivered", 5, 0.82),
        ("delivered", 0, 0.0),
        ("returned-letter", 1, 0.82),
    ],
)  # fmt: skip
def test_other_letters_cost_the_rate_of_their_sheets_and_postage(status, sheets, pounds):
    cost = letter_cost(status, sheets, "second", 0.82)
    assert (cost.ready, cost.pounds) == (True, pounds)
    assert cost.details == {"billable_sheets_of_paper": sheets, "postage": "second"}
