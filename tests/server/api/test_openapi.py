"""The API describes itself: every route, every answer it really gives, and a page that people can read."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import jsonschema_rs
import pytest

from pillarbox.api.app import ROUTES
from pillarbox.api.errors import _REFUSALS
from pillarbox.api.openapi import document
from pillarbox.api.samples import sample
from tests.server.api.fuzzing import fuzz

# Routes that are no part of what callers are promised.
_NOT_DESCRIBED = {
    ("POST", "/v2/notifications/{channel}"),  # an unknown route in another guise
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/style.css"),
}
OPERATIONS = {
    (verb.upper(), path): operation
    for path, item in document()["paths"].items()
    for verb, operation in item.items()
    if verb in ("get", "post")
}


def test_every_route_is_described() -> None:
    routes = {
        (method, re.sub(r":\w+}", "}", route.path))
        for route in ROUTES
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert OPERATIONS.keys() == routes - _NOT_DESCRIBED


def test_the_document_is_openapi(two) -> None:
    answer = two.api.ask(None, "GET", "/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    shown = answer.json()
    assert shown["openapi"] == "3.1.0"
    assert shown["servers"] == [{"url": two.api.base}]
    assert json.loads(json.dumps(document())) == {k: v for k, v in shown.items() if k != "servers"}


@pytest.mark.parametrize(("key", "operation"), OPERATIONS.items(), ids=[" ".join(key) for key in OPERATIONS])
def test_every_answer_is_described(key, operation) -> None:
    for status, answer in operation["responses"].items():
        assert answer["description"], status
        assert "request-id" in answer["headers"]
        for content in answer["content"].values():
            jsonschema_rs.validator_for(content["schema"] | {"components": document()["components"]})


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(document())
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', text):
        assert name in document()["components"][kind]


def test_every_class_of_error_that_an_action_can_give_is_described() -> None:
    text = json.dumps(document())
    for _, name in _REFUSALS.values():
        assert f'"{name}"' in text


def validator(path: str, verb: str, status: str):
    schema = document()["paths"][path][verb]["responses"][status]["content"]["application/json"]["schema"]
    return jsonschema_rs.validator_for(schema | {"components": document()["components"]})


TEXT = {"phone_number": "07900900123", "personalisation": {"name": "Jo"}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, "400"),
        (TEXT | {"template_id": "x"}, "400"),
        (TEXT | {"template_id": "740e5834-3a29-46b4-9a6f-16142fde533a"}, "400"),
        (TEXT | {"reference": "\0"}, "404"),
        (TEXT, "201"),
    ],
)
def test_real_answers_fit_what_is_described(two, body, status) -> None:
    if status != "400":
        body = body | {"template_id": two.ours.templates["sms"]}
    answer = two.api.ask(two.ours, "POST", "/v2/notifications/sms", body)
    assert str(answer.status_code) == status
    validator("/v2/notifications/sms", "post", status).validate(answer.json())


def test_samples_fit_their_schemas() -> None:
    components = document()["components"]
    for name, schema in components["schemas"].items():
        shown = json.loads(json.dumps(sample(schema)))
        if name not in ("Notification", "NotificationPage", "SentEmail"):  # their URLs are only hinted at
            jsonschema_rs.validator_for(schema | {"components": components}).validate(shown)


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")


@pytest.fixture(scope="module")
def page(two):
    answer = two.api.ask(None, "GET", "/docs")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.text


def test_the_page_needs_no_scripts_and_no_other_host(page) -> None:
    parsed = Page()
    parsed.feed(page)
    assert "script" not in parsed.tags
    assert {link for link in parsed.links if not link.startswith("#")} == {
        "/docs/style.css",
        "/docs",
        "/openapi.json",
    }


def test_every_link_within_the_page_leads_somewhere(page) -> None:
    parsed = Page()
    parsed.feed(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)


def test_the_page_tells_of_every_route_and_class_of_error(page) -> None:
    for (verb, path), operation in OPERATIONS.items():
        assert f"{verb}</span> <code>{path}</code>" in page
        for answer in operation["responses"].values():
            for name in re.findall(r"^- `(\w+)`", answer["description"], re.MULTILINE):
                assert name in page


def test_the_style_sheet_names_no_other_host(two) -> None:
    answer = two.api.ask(None, "GET", "/docs/style.css")
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "http" not in answer.text
    assert "@import" not in answer.text


def test_a_host_that_somebody_made_up_cannot_write_into_the_page(two) -> None:
    answer = two.api.ask(None, "GET", "/docs", headers={"Host": "<script>x"})
    assert "<script>" not in answer.text


def test_schemathesis_finds_nothing_in_forty_seconds(databases) -> None:
    """`make schemathesis` does the same for ten minutes."""
    findings = fuzz(databases, 40)
    assert findings.code == 0, findings.report
    assert "request failed" not in findings.report
    assert set(findings.accepted) == {"sms", "email", "letter"}


def test_the_reference_names_every_class_of_error_and_header() -> None:
    reference = (Path(__file__).parents[3] / "docs/reference/api.md").read_text(encoding="utf-8")
    answers = [answer for operation in OPERATIONS.values() for answer in operation["responses"].values()]
    for answer in answers:
        for name in (*re.findall(r"^- `(\w+)`", answer["description"], re.MULTILINE), *answer["headers"]):
            assert f"`{name}`" in reference, name
