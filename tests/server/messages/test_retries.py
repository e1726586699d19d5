"""When a message that nobody took is tried again (public API contract, section 7)."""

from itertools import count

import pytest

from pillarbox.messages.retries import (
    CALLBACK_RETRY_SECONDS,
    MOST_CALLBACK_RETRIES,
    MOST_RETRIES,
    wait_before_retry,
)


@pytest.mark.parametrize(("channel", "first"), [("sms", 0.0), ("email", 300.0)])
def test_48_retries_five_minutes_apart_but_the_first_of_a_text_is_at_once(channel, first):
    waits = []
    for attempts in count(1):
        wait = wait_before_retry(channel, attempts)
        if wait is None:
            break
        waits.append(wait)
    assert waits == [first] + [300.0] * 47


def test_the_contract_s_figures():
    assert (MOST_RETRIES, MOST_CALLBACK_RETRIES, CALLBACK_RETRY_SECONDS) == (48, 5, 300.0)
