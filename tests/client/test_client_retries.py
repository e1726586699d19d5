"""Retries: what is tried again, when, and under which key."""

import time

import pytest

from notifications_python_client import NotificationsAPIClient, Retries, errors

BUSY = {"status": 503, "json": {"message": "busy"}}
SENT = {"status": 201, "json": {"id": "1"}}
QUICK = Retries(attempts=3, first_wait=0.01)


def limited(name="RateLimitError", **headers):
    return {"status": 429, "json": {"errors": [{"error": name, "message": "m"}]}, "headers": headers}


@pytest.fixture
def patient(stub, api_key):
    with NotificationsAPIClient(api_key, stub.url, retries=QUICK) as client:
        yield client


def send(client, **options):
    return client.send_sms_notification("07900900123", "t", **options)


def keys(stub):
    return [seen.headers.get("Idempotency-Key") for seen in stub.seen]


@pytest.mark.parametrize(
    ("given", "attempts"),
    [(None, None), (False, None), (0, None), (True, 4), (7, 7), (Retries(attempts=2), 2)],
)
def test_retries_are_off_unless_asked_for(api_key, given, attempts):
    policy = NotificationsAPIClient(api_key, retries=given).retries
    assert (policy.attempts if policy else None) == attempts


def test_without_retries_a_failure_is_one_request_without_a_key(stub, client):
    stub.answers.append(BUSY)
    with pytest.raises(errors.HTTP503Error):
        send(client)
    assert keys(stub) == [None]


@pytest.mark.parametrize("failure", [BUSY, limited(), {"status": 500}, {"status": 409, "json": {}}, None])
def test_a_send_is_tried_again_under_its_key(stub, patient, failure):
    stub.answers += [failure, failure, SENT]
    assert send(patient) == {"id": "1"}
    assert len(stub.seen) == 3
    assert len(set(keys(stub))) == 1
    assert keys(stub)[0]


def test_each_send_has_a_key_of_its_own(stub, patient):
    stub.answers += [SENT, SENT]
    send(patient)
    send(patient)
    assert len(set(keys(stub))) == 2


def test_a_key_may_be_given(stub, client):
    stub.answers.append(SENT)
    send(client, idempotency_key="mine")
    assert keys(stub) == ["mine"]


def test_each_try_has_a_fresh_token(stub, patient, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10 * len(stub.seen))
    stub.answers += [BUSY, SENT]
    send(patient)
    assert len({seen.headers["Authorization"] for seen in stub.seen}) == 2


@pytest.mark.parametrize("failure", [{"status": 400, "json": {}}, limited("TooManyRequestsError")])
def test_what_cannot_succeed_is_not_tried_again(stub, patient, failure):
    stub.answers.append(failure)
    with pytest.raises(errors.HTTPError):
        send(patient)
    assert len(stub.seen) == 1


def test_the_last_failure_is_raised(stub, patient):
    stub.answers += [limited(), limited(), BUSY]
    with pytest.raises(errors.HTTP503Error):
        send(patient)


def test_gets_and_previews_need_no_key(stub, patient):
    stub.answers += [BUSY, {"status": 200, "json": {"id": "1"}}] * 2
    assert patient.get_template("1") == {"id": "1"}
    assert patient.post_template_preview("1", {}) == {"id": "1"}
    assert keys(stub) == [None] * 4


def test_retry_after_is_kept_to(stub, patient):
    stub.answers += [limited(**{"Retry-After": "1"}), SENT]
    started = time.monotonic()
    send(patient)
    assert time.monotonic() - started >= 1


def test_a_server_that_asks_for_too_long_a_wait_is_given_up():
    error = errors.RateLimitError(FakeResponse(429, {"Retry-After": "61"}))
    assert Retries().wait_after(error, 1) is None


def test_waits_grow_and_are_bounded():
    error = errors.HTTP503Error()
    policy = Retries(attempts=100, first_wait=1, longest_wait=8)
    for tries, most in [(1, 1), (2, 2), (3, 4), (4, 8), (9, 8), (99, 8)]:
        waits = [policy.wait_after(error, tries) for _ in range(50)]
        assert all(most / 2 <= wait <= most for wait in waits)
        assert len(set(waits)) > 1
    assert policy.wait_after(error, 100) is None


@pytest.mark.parametrize(
    ("error", "is_send", "again"),
    [
        (errors.NetworkError(), True, False),
        (errors.RequestTimeoutError(), True, False),
        (errors.NetworkError(), False, True),
        (errors.InvalidResponse(), False, True),
    ],
)
def test_a_server_without_keys_can_be_spared_repetitions(error, is_send, again):
    policy = Retries(resend_unanswered=False)
    assert (policy.wait_after(error, 1, is_send=is_send) is not None) is again


class FakeResponse:
    def __init__(self, status, headers):
        self.status_code, self.headers = status, headers

    def json(self):
        return {}
