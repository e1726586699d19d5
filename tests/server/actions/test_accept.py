"""Accepting: the first of several things that are wrong is the one that is told (public API contract, section 3)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.actions.accept import (
    Email,
    Letter,
    Text,
    accept_email,
    accept_letter,
    accept_text,
    check_channel,
    check_template,
)
from pillarbox.actions.refusals import Kind, Refused
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.services import ApiKey, EmailReplyTo, Service, SmsSender
from pillarbox.store.templates import Template

NOW = datetime(2026, 5, 17, tzinfo=UTC)
TEAM_ONLY = "Can’t send to this recipient using a team-only API key"
TRIAL = (
    "Can’t send to this recipient when service is in trial mode "
    "– see https://www.notifications.service.gov.uk/trial-mode"
)


def key(kind: str = "normal") -> ApiKey:
    return ApiKey(uuid.uuid4(), kind, b"s" * 36, False)  # type: ignore[arg-type] # from a table


def service(**more: Any) -> Service:
    values: dict[str, Any] = {
        "id": uuid.UUID("6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c11"),
        "name": "Pigeons",
        "email_local_part": "pigeons",
        "restricted": False,
        "active": True,
        "permissions": frozenset({"sms", "email", "letter", "international_sms"}),
        "prefix_sms": True,
        "rate_limit": 3000,
        "daily_limits": {},
        "contact_link": None,
        "guest_list": ("07900900111", "guest@example.com"),
        "team": ("07900900222", "Team.Member@example.com"),
        "sms_senders": (SmsSender(uuid.uuid4(), "07700900500", True),),
        "email_reply_to": (EmailReplyTo(uuid.uuid4(), "reply@example.com", True),),
        "api_keys": (),
    }
    return Service(**(values | more))


def template(channel: str = "sms", content: str = "Hello ((name))", **more: Any) -> Template:
    values: dict[str, Any] = {
        "id": uuid.uuid4(),
        "service_id": uuid.uuid4(),
        "channel": channel,
        "name": "greeting",
        "version": 3,
        "subject": None if channel == "sms" else "News",
        "content": content,
        "archived": False,
        "version_archived": False,
        "hidden": False,
        "has_unsubscribe_link": False,
        "postage": "second" if channel == "letter" else None,
        "contact_block": None,
        "created_at": NOW,
        "updated_at": None,
        "created_by": None,
    }
    return Template(**(values | more))


def text(to: str = "07900900123", values: dict[str, Any] | None = None, **more: Any) -> Text:
    return Text(to, PhoneNumber.parse(to), {"name": "Jo"} if values is None else values, **more)


def email(to: str = "jo@example.com", values: dict[str, Any] | None = None, **more: Any) -> Email:
    return Email(to, {"name": "Jo"} if values is None else values, **more)


def letter(**changes: Any) -> Letter:
    values = {"name": "Jo", "address_line_1": "Jo", "address_line_2": "1 Street", "postcode": "SW1A 1AA"}
    return Letter({name: value for name, value in (values | changes).items() if value is not None})


def refusal(accept: Any, *arguments: Any) -> tuple[str, Kind]:
    with pytest.raises(Refused) as refused:
        accept(*arguments).check_length()
    return refused.value.message, refused.value.kind


UNKNOWN = uuid.UUID(int=5)
TOO_LONG = "x" * 919

# Each row has the fault of its own name and, as far as that can be, those of all rows below it.
TEXTS = [
    (
        "placeholder",
        template(),
        text("02079460000", {"x": {"file": ""}}, sender_id=UNKNOWN),
        "Missing personalisation: name",
    ),
    (
        "empty",
        template(content="((name))"),
        text(values={"name": " "}, sender_id=UNKNOWN),
        "Your message is empty.",
    ),
    (
        "upload",
        template(),
        text(values={"name": TOO_LONG, "x": {"file": ""}}, sender_id=UNKNOWN),
        "Can only send a file by email",
    ),
    (
        "sender",
        template(),
        text("02079460000", {"name": TOO_LONG}, sender_id=UNKNOWN),
        f"sms_sender_id {UNKNOWN} does not exist in database for service id 6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c11",
    ),
    ("recipient", template(), text("02079460000", {"name": TOO_LONG}), TEAM_ONLY),
]


@pytest.mark.parametrize(
    ("template", "text", "message"), [row[1:] for row in TEXTS], ids=[r[0] for r in TEXTS]
)
def test_the_first_fault_of_a_text_is_told(template, text, message) -> None:
    assert refusal(accept_text, service(), key("team"), template, text) == (message, Kind.BAD_REQUEST)


def test_a_landline_is_told_before_the_length_and_the_length_last() -> None:
    long = {"name": TOO_LONG}
    landline = refusal(accept_text, service(), key(), template(), text("02079460000", long))
    assert landline == ("Not a UK mobile number", Kind.INVALID_PHONE)
    message, kind = refusal(accept_text, service(), key(), template(), text(values=long))
    assert message.startswith("Your message is too long. Text messages cannot be longer than 918 characters.")
    assert kind == Kind.BAD_REQUEST


@pytest.mark.parametrize(
    ("kind", "restricted", "to", "message"),
    [
        ("normal", False, "07900900123", None),
        ("normal", True, "07900900123", TRIAL),
        ("normal", True, "+44 7900 900111", None),
        ("normal", True, "07900 900 222", None),
        ("team", False, "07900900123", TEAM_ONLY),
        ("team", True, "07900900123", TEAM_ONLY),
        ("team", False, "447900900222", None),
        ("test", False, "07900900123", None),
        ("test", True, "07900900123", None),
        ("team", False, "07700900111", None),  # simulated recipients always may be sent to
        ("normal", True, "07700900000", None),
    ],
)
def test_who_may_be_sent_a_text(kind, restricted, to, message) -> None:
    asking = (service(restricted=restricted), key(kind), template(), text(to))
    if message is None:
        assert accept_text(*asking).notification.key_type == kind
    else:
        assert refusal(accept_text, *asking) == (message, Kind.BAD_REQUEST)


@pytest.mark.parametrize(
    ("kind", "restricted", "to", "message"),
    [
        ("team", False, "jo@example.com", TEAM_ONLY),
        ("team", False, "TEAM.member@EXAMPLE.com", None),
        ("normal", True, "jo@example.com", TRIAL),
        ("normal", True, "Guest@Example.com", None),
        ("team", True, "Simulate-Delivered@notifications.service.gov.uk", None),
    ],
)
def test_who_may_be_sent_an_email(kind, restricted, to, message) -> None:
    asking = (service(restricted=restricted), key(kind), template("email"), email(to))
    if message is None:
        assert accept_email(*asking).notification.recipient == to
    else:
        assert refusal(accept_email, *asking) == (message, Kind.BAD_REQUEST)


@pytest.mark.parametrize(
    ("permissions", "to", "message", "kind"),
    [
        ({"sms"}, "+1 202 555 0123", "Cannot send to international mobile numbers", Kind.BAD_REQUEST),
        ({"sms"}, "02079460000", "Not a UK mobile number", Kind.INVALID_PHONE),
        ({"sms", "international_sms"}, "02079460000", "Not a UK mobile number", Kind.INVALID_PHONE),
    ],
)
def test_numbers_that_need_a_permission(permissions, to, message, kind) -> None:
    asking = (service(permissions=frozenset(permissions)), key(), template(), text(to))
    assert refusal(accept_text, *asking) == (message, kind)


@pytest.mark.parametrize("to", ["07797 123456", "07839 123456"], ids=["Jersey", "Guernsey"])
def test_crown_dependencies_need_no_permission(to) -> None:
    assert accept_text(service(permissions=frozenset({"sms"})), key(), template(), text(to))


LETTERS = [
    (
        "placeholder",
        "team",
        letter(name=None, postcode=None),
        "Missing personalisation: name",
        Kind.BAD_REQUEST,
    ),
    (
        "upload",
        "team",
        letter(x={"file": ""}, postcode=None),
        "Can only send a file by email",
        Kind.BAD_REQUEST,
    ),
    ("team key", "team", letter(postcode=None), "Cannot send letters with a team api key", Kind.FORBIDDEN),
    (
        "trial",
        "normal",
        letter(postcode=None),
        "Cannot send letters when service is in trial mode",
        Kind.FORBIDDEN,
    ),
    ("address", "test", letter(postcode=None), "Address must be at least 3 lines", Kind.INVALID),
    ("postcode", "test", letter(postcode="nowhere"), "Must be a real UK postcode", Kind.INVALID),
]


@pytest.mark.parametrize(
    ("kind", "given", "message", "sort"), [r[1:] for r in LETTERS], ids=[r[0] for r in LETTERS]
)
def test_the_first_fault_of_a_letter_is_told(kind, given, message, sort) -> None:
    asking = (service(restricted=True), key(kind), template("letter", "Dear ((name))"), given)
    assert refusal(accept_letter, *asking) == (message, sort)


def test_a_qr_code_that_is_too_long_is_told_with_its_size() -> None:
    with pytest.raises(Refused) as refused:
        accept_letter(service(), key(), template("letter", "qr:((name))"), letter(name="x" * 505))
    assert refused.value.message == "Cannot create a usable QR code - the link is too long"
    assert refused.value.details == {"data": "x" * 505, "num_bytes": 505, "max_bytes": 504}


@pytest.mark.parametrize(
    ("found", "channel", "message"),
    [
        (None, "sms", "Template not found"),
        (template(hidden=True), "sms", "Template not found"),
        (
            template("email", archived=True),
            "sms",
            "email template is not suitable for sms notification",
        ),
        (template(archived=True), "sms", "Template has been deleted"),
    ],
)
def test_templates_that_do_not_do(found, channel, message) -> None:
    with pytest.raises(Refused, match=message):
        check_template(found, channel)


@pytest.mark.parametrize(
    ("channel", "plural"), [("sms", "text messages"), ("email", "emails"), ("letter", "letters")]
)
def test_channels_that_the_service_may_not_use(channel, plural) -> None:
    with pytest.raises(Refused, match=f"Service is not allowed to send {plural}"):
        check_channel(service(permissions=frozenset()), channel)


def test_what_is_stored_of_a_text() -> None:
    given = text(" 07900 900 123\u200b ", reference="r")
    accepted = accept_text(service(), key("test"), template(), given)
    row = accepted.notification
    assert (accepted.body, accepted.sender) == ("Hello Jo", "447700900500")
    assert (row.recipient, row.reference, row.personalisation) == ("07900 900 123", "r", '{"name":"Jo"}')
    assert (row.template_version, row.key_type, row.international) == (3, "test", False)
    assert row.created_at.tzinfo is not None


def test_what_is_stored_of_an_email() -> None:
    given = email(
        values={"name": "*Jo*"}, sanitise_content_for=["Name"], one_click_unsubscribe_url="https://x.y"
    )
    accepted = accept_email(service(), key(), template("email"), given)
    assert accepted.sanitised == {"name": {"unsanitised": "*Jo*", "sanitised": r"\*Jo\*"}}
    assert accepted.notification.sender == "reply@example.com"
    assert accepted.notification.personalisation == '{"name":"\\\\*Jo\\\\*"}'
    assert accepted.notification.one_click_unsubscribe_url == "https://x.y"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("accept", "channel", "ask"),
    [
        (accept_text, "sms", lambda values: text(values=values)),
        (accept_email, "email", lambda values: email(values=values)),
        (accept_letter, "letter", lambda values: letter(**values)),
    ],
    ids=["text", "email", "letter"],
)
@given(values=st.dictionaries(st.text(max_size=10) | st.just("name"), VALUES, max_size=4))
def test_whatever_personalisation_holds_it_is_refused_in_words_or_stored_as_json(
    accept, channel, ask, values
) -> None:
    try:
        accepted = accept(service(), key(), template(channel), ask({"name": "Jo"} | values))
    except Refused:
        return
    stored = accepted.notification.personalisation
    assert "\0" not in str(msgspec.json.decode(stored))
    assert "\0" not in accepted.body


@given(st.text(max_size=30))
def test_nul_is_refused_and_what_only_looks_like_it_is_not(name) -> None:
    asking = (service(), key(), template("email"), email(values={"name": name or "x", "other": "\\u0000"}))
    if "\0" in name:
        assert refusal(accept_email, *asking) == ("No result found", Kind.UNSTORABLE)
    else:
        assert accept_email(*asking).notification.personalisation is not None
