"""Programs, and tests of programs, written for the published client keep working."""

import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest import mock
from uuid import UUID

import pytest
import requests

import notifications_python_client
from notifications_python_client import NotificationsAPIClient, prepare_upload
from notifications_python_client.base import BaseAPIClient
from tests.client.stub_server import StubServer

OK = {"status": 200, "json": {"ok": True}}


def test_the_package_exports_what_it_promises():
    assert notifications_python_client.REQUEST_ERROR_STATUS_CODE == 503
    assert notifications_python_client.REQUEST_ERROR_MESSAGE == "Request failed"
    assert notifications_python_client.errors.HTTPError.__name__ == "HTTPError"
    assert isinstance(notifications_python_client.__version__, str)
    with pytest.raises(AttributeError):
        print(notifications_python_client.nonsense)


def test_requests_carry_the_published_headers(stub, client):
    stub.answers.append(OK)
    client.get_template("1")
    headers = stub.seen[0].headers
    assert headers["Content-type"] == "application/json"
    assert headers["User-agent"] == f"NOTIFY-API-PYTHON-CLIENT/{notifications_python_client.__version__}"
    assert "Idempotency-Key" not in headers


def test_a_session_can_be_mocked(api_key):
    with mock.patch("requests.Session") as session:
        request = session.return_value.request
        request.return_value.json.return_value = {"id": "1"}
        client = NotificationsAPIClient(api_key, "http://test", timeout=9)
        assert client.send_sms_notification("07900900123", "t") == {"id": "1"}
    request.assert_called_once_with(
        "POST",
        "http://test/v2/notifications/sms",
        headers=mock.ANY,
        data='{"phone_number": "07900900123", "template_id": "t"}',
        params=None,
        timeout=9,
    )


def test_the_sessions_request_can_be_mocked(api_key):
    answer = mock.Mock(status_code=200, json=lambda: {"id": "2"})
    with mock.patch.object(requests.Session, "request", return_value=answer):
        assert NotificationsAPIClient(api_key).get_template("2") == {"id": "2"}


def test_requests_mock_still_works(api_key):
    requests_mock = pytest.importorskip("requests_mock")
    with requests_mock.Mocker() as mocker:
        mocker.get("http://test/v2/template/1", json={"id": "1"})
        assert NotificationsAPIClient(api_key, "http://test").get_template("1") == {"id": "1"}
        assert mocker.last_request.body is None


def test_responses_still_works(api_key):
    responses = pytest.importorskip("responses")
    with responses.RequestsMock() as mocker:
        mocker.get("http://test/v2/template/1", json={"id": "1"})
        assert NotificationsAPIClient(api_key, "http://test").get_template("1") == {"id": "1"}


def test_the_verbs_can_be_replaced(api_key):
    with mock.patch.object(BaseAPIClient, "post", return_value={"id": "1"}) as post:
        assert NotificationsAPIClient(api_key).send_letter_notification("t", {"a": "b"}) == {"id": "1"}
    post.assert_called_once_with(
        "/v2/notifications/letter", data={"template_id": "t", "personalisation": {"a": "b"}}
    )


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_the_verbs_are_for_everyone(stub, client, verb):
    stub.answers.append(OK)
    arguments = {} if verb == "get" else {"data": {"a": 1}}
    assert getattr(client, verb)("/path", **arguments) == {"ok": True}
    assert (stub.seen[0].method, stub.seen[0].path) == (verb.upper(), "/path")


def test_sets_become_lists_and_ids_text(stub, client):
    stub.answers.append(OK)
    template = UUID("740e5834-3a29-46b4-9a6f-16142fde533a")
    client.send_sms_notification("07900900123", template, {"items": {"c", "a", "b"}})
    assert stub.seen[0].json["personalisation"] == {"items": ["a", "b", "c"]}
    assert stub.seen[0].json["template_id"] == str(template)


def test_template_versions_keep_the_path_of_the_base_url(stub, api_key):
    stub.answers.append(OK)
    with NotificationsAPIClient(api_key, stub.url + "/some/path") as client:
        client.get_all_template_versions("1")
    assert stub.seen[0].path == "/some/service/fce57985-d0af-4a5b-a70d-fce91c892c49/template/1/versions"


@pytest.mark.parametrize("hostile", ["../received-text-messages", "1?status=sent", "a/b"])
def test_an_id_leads_to_no_other_route(stub, client, hostile):
    stub.answers.append(OK)
    client.get_notification_by_id(hostile)
    assert stub.seen[0].path.startswith("/v2/notifications/")
    assert "/" not in stub.seen[0].path[len("/v2/notifications/") :]
    assert stub.seen[0].query == []


def test_a_pdf_comes_as_a_file(stub, client):
    stub.answers.append({"status": 200, "body_base64": "JVBERg==", "content_type": "application/pdf"})
    pdf = client.get_pdf_for_letter("1")
    assert isinstance(pdf, io.BytesIO)
    assert pdf.read() == b"%PDF"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("", ""), "Missing base url"),
        ((None,), "Missing service ID"),
        (("4bfa8c16-306e-4fb6-8e1b-d224acaa158b",), "Missing service ID"),
    ],
)
def test_an_empty_part_is_refused(args, message):
    with pytest.raises(AssertionError) as raised:
        NotificationsAPIClient(*args)
    assert str(raised.value) == message


def test_a_failure_leaves_one_warning_without_secrets(stub, client, api_key, caplog):
    stub.answers.append({"status": 400, "json": {"message": "bad 07900900123"}})
    caplog.set_level(logging.DEBUG, "notifications_python_client")
    with pytest.raises(notifications_python_client.errors.HTTPError):
        client.get_all_notifications(reference="07900900123")
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert [r.name for r in warnings] == ["notifications_python_client.base"]
    assert warnings[0].getMessage() == "GET /v2/notifications failed: 400 BadRequestError (try 1)"
    assert "07900900123" not in caplog.text
    assert "Bearer" not in caplog.text


def test_a_connection_is_used_again(stub, client):
    stub.answers += [OK] * 5
    for _ in range(5):
        client.get_template("1")
    assert stub.connections == 1


def test_a_client_may_be_shared_by_threads(api_key):
    class Echo(StubServer):
        def next_answer(self, seen):
            return {"status": 200, "json": {"id": seen.path.rsplit("/", 1)[1]}}

    barrier = threading.Barrier(8)
    with Echo() as stub, NotificationsAPIClient(api_key, stub.url) as client:

        def ask(thread):
            barrier.wait()
            return [client.get_template(f"{thread}-{n}")["id"] == f"{thread}-{n}" for n in range(25)]

        with ThreadPoolExecutor(8) as pool:
            assert all(all(answers) for answers in pool.map(ask, range(8)))


def test_many_threads_keep_their_connections(api_key):
    class Slow(StubServer):
        def next_answer(self, seen):
            return {"status": 200, "json": {}, "delay_seconds": 0.02}

    with Slow() as stub, NotificationsAPIClient(api_key, stub.url) as client, ThreadPoolExecutor(20) as pool:
        list(pool.map(client.get_template, map(str, range(200))))
        assert 10 < stub.connections <= 20


def test_proxies_and_certificates_come_from_the_environment(api_key, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "inside.test")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/certificates.pem")
    outside = NotificationsAPIClient(api_key, "https://outside.test").request_session
    inside = NotificationsAPIClient(api_key, "https://inside.test").request_session
    assert outside.proxies["https"] == "http://proxy.test:3128"
    assert "https" not in inside.proxies
    assert outside.verify == "/certificates.pem"


def test_two_megabytes_are_not_too_large():
    upload = prepare_upload(io.BytesIO(b"x" * 2097152), "x.txt")
    assert upload["filename"] == "x.txt"
    assert len(upload["file"]) == 2796204


class InsertingServer(StubServer):
    """A list of ten messages, two a page, that two more arrive in before each answer."""

    def __enter__(self):
        self.ids = [UUID(int=n) for n in range(10, 0, -1)]
        return super().__enter__()

    def next_answer(self, seen):
        newest = self.ids[0].int
        self.ids[:0] = [UUID(int=newest + 2), UUID(int=newest + 1)]
        older = dict(seen.query).get("older_than")
        start = 2 if older is None else self.ids.index(UUID(older)) + 1
        page = [{"id": str(i)} for i in self.ids[start : start + 2]]
        links = {"current": "x"}
        if page:
            other = "00000000-0000-0000-0000-999999999999"
            links["next"] = f"http://x/{other}?reference={other}&older_than={page[-1]['id']}"
        return {
            "status": 200,
            "json": {"notifications": page, "received_text_messages": page, "links": links},
        }


@pytest.mark.parametrize("method", ["get_all_notifications_iterator", "get_received_texts_iterator"])
def test_iterators_meet_each_message_once_while_new_ones_arrive(api_key, method):
    with InsertingServer() as stub, NotificationsAPIClient(api_key, stub.url) as client:
        met = [UUID(item["id"]).int for item in getattr(client, method)()]
    assert met == list(range(10, 0, -1))
