"""Errors: the published tree, and what lets a program act on them."""

import pickle
import socket
from email.utils import formatdate
from time import time

import pytest
import requests

from notifications_python_client import NotificationsAPIClient, errors


def envelope(status, *named, **more):
    items = [{"error": name, "message": "m"} for name in named]
    return {"status": status, "json": {"status_code": status, "errors": items}, **more}


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        ("TokenExpiredError", ["TokenError", "Exception"]),
        ("TokenAlgorithmError", ["TokenError", "Exception"]),
        ("TokenDecodeError", ["TokenError", "Exception"]),
        ("TokenIssuerError", ["TokenDecodeError", "TokenError", "Exception"]),
        ("TokenIssuedAtError", ["TokenDecodeError", "TokenError", "Exception"]),
        ("APIError", ["Exception"]),
        ("HTTPError", ["APIError", "Exception"]),
        ("HTTP503Error", ["HTTPError", "APIError", "Exception"]),
        ("InvalidResponse", ["APIError", "Exception"]),
    ],
)
def test_the_published_tree_stands(kind, bases):
    ancestry = [base.__name__ for base in getattr(errors, kind).__mro__[1:]]
    assert ancestry[: len(bases)] == bases


@pytest.mark.parametrize(
    ("answer", "kind", "retryable"),
    [
        (envelope(400, "BadRequestError"), errors.BadRequestError, False),
        (envelope(400, "ValidationError", "ValidationError"), errors.ValidationError, False),
        (envelope(400, "InvalidPhoneError"), errors.ValidationError, False),
        (envelope(400, "PDFNotReadyError"), errors.PDFNotReadyError, True),
        (envelope(401, "AuthError"), errors.AuthError, False),
        (envelope(403, "AuthError"), errors.AuthError, False),
        (envelope(403, "BadRequestError"), errors.ForbiddenError, False),
        (envelope(404, "NoResultFound"), errors.NotFoundError, False),
        ({"status": 405, "json": {"result": "error", "message": "no"}}, errors.HTTPError, False),
        (envelope(409, "ConflictError"), errors.ConflictError, True),
        (envelope(422, "BadRequestError"), errors.IdempotencyError, False),
        (envelope(429, "RateLimitError"), errors.RateLimitError, True),
        (envelope(429, "TooManyRequestsError"), errors.DailyLimitError, False),
        (envelope(500, "Exception"), errors.ServerError, True),
        ({"status": 502, "text": "<html>"}, errors.ServerError, True),
        ({"status": 503, "text": "busy"}, errors.HTTP503Error, True),
    ],
)
def test_the_class_says_what_to_do(stub, client, answer, kind, retryable):
    stub.answers.append(answer)
    with pytest.raises(errors.HTTPError) as raised:
        client.get_template("123")
    assert type(raised.value) is kind
    assert raised.value.is_retryable is retryable
    assert raised.value.status_code == answer["status"]
    assert isinstance(raised.value.__cause__, requests.HTTPError)


@pytest.mark.parametrize(
    ("body", "message", "items"),
    [
        ({"json": {"errors": [{"error": "A", "message": "b"}]}}, [{"error": "A", "message": "b"}],
         [{"error": "A", "message": "b"}]),
        ({"json": {"result": "error", "message": "no"}}, "no", [{"error": "NotFoundError", "message": "no"}]),
        ({"json": {"message": {"link": "bad"}}}, {"link": "bad"},
         [{"error": "NotFoundError", "message": {"link": "bad"}}]),
        ({"json": {"message": ["a", "b"]}}, ["a", "b"],
         [{"error": "NotFoundError", "message": "a"}, {"error": "NotFoundError", "message": "b"}]),
        ({"json": []}, "Request failed", [{"error": "NotFoundError", "message": "Request failed"}]),
        ({"text": "<html>"}, "Request failed", [{"error": "NotFoundError", "message": "Request failed"}]),
    ],
)  # fmt: skip
def test_errors_is_a_list_whatever_the_answer(stub, client, body, message, items):
    stub.answers.append({"status": 404, **body})
    with pytest.raises(errors.NotFoundError) as raised:
        client.get_template("123")
    assert raised.value.message == message
    assert raised.value.errors == items


def test_success_without_json_is_an_invalid_response(stub, client):
    stub.answers.append({"status": 200, "text": "<html>"})
    with pytest.raises(errors.InvalidResponse) as raised:
        client.get_template("123")
    assert str(raised.value) == "200 - No JSON response object could be decoded"
    assert isinstance(raised.value.__cause__, ValueError)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("+100", 100), ("-100", 0), ("soon", None)])
def test_retry_after_is_read_as_seconds_or_date(stub, client, header, seconds):
    if header[0] in "+-":
        header = formatdate(time() + int(header), usegmt=True)
    stub.answers.append(envelope(429, "RateLimitError", headers={"Retry-After": header}))
    with pytest.raises(errors.RateLimitError) as raised:
        client.get_template("123")
    assert raised.value.retry_after == (None if seconds is None else pytest.approx(seconds, abs=3))


def test_the_request_id_is_the_servers(stub, client):
    stub.answers.append(envelope(500, "Exception", headers={"X-B3-TraceId": "abc"}))
    with pytest.raises(errors.ServerError) as raised:
        client.get_template("123")
    assert raised.value.request_id == "abc"
    assert raised.value.retry_after is None


def test_a_refused_connection_is_a_network_error(api_key):
    with pytest.raises(errors.NetworkError) as raised:
        NotificationsAPIClient(api_key, "http://127.0.0.1:1").get_template("1")
    assert (raised.value.status_code, raised.value.message) == (503, "Request failed")
    assert raised.value.request_id is None
    assert isinstance(raised.value.__cause__, requests.ConnectionError)


def test_silence_is_a_timeout(api_key):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        client = NotificationsAPIClient(api_key, url, timeout=0.05)
        with client, pytest.raises(errors.RequestTimeoutError) as raised:
            client.get_template("1")
    assert str(raised.value) == "503 - Request failed"
    assert isinstance(raised.value, errors.HTTP503Error)


def test_errors_survive_a_journey_to_another_process(stub, client):
    stub.answers.append(envelope(400, "ValidationError"))
    with pytest.raises(errors.HTTPError) as raised:
        client.get_template("123")
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (type(copy), str(copy)) == (errors.ValidationError, str(raised.value))


def test_programs_can_make_errors_for_their_own_tests():
    response = requests.Response()
    response.status_code = 404
    assert str(errors.HTTPError(response=response, message="gone")) == "404 - gone"
    assert str(errors.HTTP503Error()) == "503 - Request failed"
