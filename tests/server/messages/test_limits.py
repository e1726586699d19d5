"""Buckets of requests and what callers are told of them (public API contract, section 5)."""

import pytest

from pillarbox.messages.limits import bucket_size, passing, rate_limit_message, seconds_until_next


@pytest.mark.parametrize(
    ("per_minute", "size"),
    [(0, 1), (1, 2), (3, 2), (4, 3), (10, 5), (2996, 1000), (2997, 1000), (3000, 1000), (10**6, 1000)],
)
def test_a_bucket_holds_a_third_of_a_minute_and_one_and_a_thousand_at_most(per_minute, size):
    assert bucket_size(per_minute) == size


@pytest.mark.parametrize(
    ("tokens", "asked", "passed"),
    [(10, 3, 3), (4, 4, 3), (4, 9, 3), (1, 1, 0), (0, 5, 0), (2, 1, 1), (5, 0, 0)],
)
def test_one_token_always_stays(tokens, asked, passed):
    assert passing(tokens, asked) == passed


@pytest.mark.parametrize(
    ("tokens", "per_minute", "seconds"),
    [(2, 60, 0), (1, 60, 1), (0, 60, 2), (0, 1, 120), (1, 1, 60), (1, 3000, 1), (0, 7, 18), (1, 0, 86400)],
)
def test_a_caller_is_told_when_a_request_would_pass_again(tokens, per_minute, seconds):
    assert seconds_until_next(tokens, per_minute) == seconds


@pytest.mark.parametrize(("key_type", "shown"), [("normal", "LIVE"), ("team", "TEAM"), ("test", "TEST")])
def test_the_refusal_names_the_type_of_key_and_the_limit(key_type, shown):
    assert rate_limit_message(key_type, 3000) == (
        f"Exceeded rate limit for key type {shown} of 3000 requests per 60 seconds"
    )
