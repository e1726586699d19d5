"""What gateways post: every form, hostile ones too, and who is let through."""

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.posts import (
    Caller,
    Incoming,
    Post,
    Receipt,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.providers.sms_http.description import Time
from pillarbox.providers.sms_http.intake import HttpIntake
from pillarbox.providers.sms_http.reading import read
from pillarbox.providers.sms_http.times import reader
from tests.support.linear_time import assert_linear

URL = "https://notify.example.org/providers/gateway/receipts"


def intake(receipts="", texts="", authentication="none", values=None, **more):
    """A gateway that posts like this; more keys go into both kinds of posts."""
    common = "".join(f"  {name}: {value}\n" for name, value in more.items())
    description = (
        "request: {url: https://a.example}\n"
        f"values: {{{', '.join(f'{name}: {{default: none}}' for name in values or {})}}}\n"
        f"receipts:\n  authentication: {authentication}\n  reference: id\n  names: ours\n  status: state\n"
        f"  statuses: {{'1': delivered, '2': nothing}}\n{common}{receipts}\n"
        f"received_texts:\n  authentication: {authentication}\n  sender: from\n  receiver: to\n"
        f"  content: text\n{common}{texts}\n"
    )
    return HttpIntake("gateway", read(description), values or {})


def receipt(body=b"", content_type="", query=""):
    return Post("gateway", "receipt", body, content_type, query)


def text(body=b"", content_type="", query=""):
    return Post("gateway", "received_text", body, content_type, query)


@pytest.mark.parametrize(
    "post",
    [
        receipt(b'{"id": "a", "state": 1}', "application/json; charset=utf-8"),
        receipt(b"id=a&state=1", "application/x-www-form-urlencoded"),
        receipt(b"id=a&state=1"),
        receipt(query="state=1&id=a&more=x"),
    ],
)
def test_a_gateway_may_choose_the_form_of_its_posts(post):
    assert intake(format="any").read(post) == [Receipt("a", "delivered", reason="1")]


def test_several_receipts_may_come_at_once():
    body = b'{"results": [{"id": "a", "state": "1"}, {"id": "b", "state": "2"}, {"id": "c", "state": "x"}]}'
    read_ones = intake("  each: results", format="json").read(receipt(body))
    assert [(one.reference, one.status) for one in read_ones] == [
        ("a", "delivered"),
        ("b", None),
        ("c", "technical-failure"),
    ]


def test_a_path_leads_to_what_is_nested():
    nested = HttpIntake(
        "gateway",
        read(
            "request: {url: https://a.example}\nreceipts: {authentication: none, format: json, names: ours, "
            'reference: "data[0].id", status: "data[0].s.t", statuses: {x: delivered}}'
        ),
        {},
    )
    assert nested.read(receipt(b'{"data": [{"id": 7, "s": {"t": "x"}}]}')) == [
        Receipt("7", "delivered", reason="x")
    ]


@pytest.mark.parametrize(
    ("encoding", "written", "meant"),
    [
        ("url", "a%2Bb+c%F0%9F%91%8D%zz", "a+b c👍%zz"),
        ("base64", base64.b64encode("é👍".encode()).decode(), "é👍"),
        ("utf-16-hex", "00480069D83DDC4D", "Hi👍"),
    ],
)
def test_texts_are_decoded(encoding, written, meant):
    body = json.dumps({"from": "1", "to": "2", "text": written}).encode()
    gateway = HttpIntake(
        "gateway",
        read(
            "request: {url: https://a.example}\nreceived_texts: {authentication: none, format: json, "
            f"sender: from, receiver: to, content: text, encodings: {{text: {encoding}}}}}"
        ),
        {},
    )
    assert gateway.read(text(body)) == [Incoming("1", "2", meant)]
    broken = json.dumps({"from": "1", "to": "2", "text": "xyz"}).encode()
    if encoding != "url":
        with pytest.raises(UnreadablePostError, match=f"text is not encoded as {encoding}"):
            gateway.read(text(broken))


def test_a_text_may_be_empty_but_not_come_from_nobody():
    assert intake(format="form").read(text(b"from=1&to=2&text=")) == [Incoming("1", "2", "")]
    with pytest.raises(UnreadablePostError) as raised:
        intake(format="form").read(text(b"text=Hello&to="))
    assert raised.value.mistakes == ["from is missing", "to is missing"]


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        ("json", b""),
        ("json", b"\xff\xfe"),
        ("json", b"[" * 100_000),
        ("json", b"5"),
        ("json", b"[]"),
        ("json", b'{"id": {}, "state": []}'),
        ("json", b'{"id": null, "state": ""}'),
        ("form", b"&" * 5000),
        ("form", b"a=1&" * 5000),
        ("form", b"\x00\xff=%"),
        ("query", b"id=a&state=1"),
    ],
)
def test_what_is_not_in_the_gateways_form_is_refused(format_, body):
    with pytest.raises(UnreadablePostError) as raised:
        intake(format=format_).read(receipt(body))
    assert raised.value.mistakes


@given(st.binary(max_size=200), st.sampled_from(["json", "form", "any"]), st.text(max_size=20))
def test_whatever_comes_is_read_or_refused(body, format_, content_type):
    for post in (receipt(body, content_type), text(body, content_type)):
        try:
            intake(format=format_).read(post)
        except UnreadablePostError as error:
            found = error.mistakes
            assert found


@pytest.mark.parametrize(
    ("format_", "pattern"),
    [
        ("json", '{"a":'), ("json", "["), ("json", '"\\u0000'), ("json", '{"id":1,"state":1},'),
        ("form", "a=1&"), ("form", "%25"), ("form", "&"), ("form", "id=a&state=1&"),
    ],
)  # fmt: skip
def test_posts_are_read_in_linear_time(format_, pattern):
    gateway = intake(format=format_)

    def work(written):
        with contextlib.suppress(UnreadablePostError):
            gateway.read(receipt(written.encode()))

    assert_linear(work, pattern, size=250_000)


@pytest.mark.parametrize(
    ("form", "zone", "written", "meant"),
    [
        ("iso", "Europe/London", "2026-07-01 12:00:00", datetime(2026, 7, 1, 11, tzinfo=UTC)),
        ("iso", "UTC", "2026-07-01T12:00:00+02:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("iso", "UTC", "2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("%d.%m.%Y %H:%M", "Europe/Berlin", "01.01.2026 12:30", datetime(2026, 1, 1, 11, 30, tzinfo=UTC)),
        ("unix", "UTC", "1461605396", datetime(2016, 4, 25, 17, 29, 56, tzinfo=UTC)),
        ("unix-ms", "UTC", "1461605396500", datetime(2016, 4, 25, 17, 29, 56, 500_000, tzinfo=UTC)),
        ("iso", "UTC", "yesterday", None),
        ("iso", "Europe/London", "0001-01-01 00:00:00", datetime(1, 1, 1, 0, 1, 15, tzinfo=UTC)),
        ("iso", "Asia/Tokyo", "0001-01-01 00:00:00", None),
        ("unix", "UTC", "9999999999999999", None),
        ("unix", "UTC", "-1", None),
        ("unix", "UTC", "nan", None),
        ("unix", "UTC", "9" * 100_000, None),
    ],
)
def test_times_are_read_if_they_can_be(form, zone, written, meant):
    assert reader(Time(field="at", format=form, zone=zone))(written) == meant


def let_through(gateway, post=None, **headers):
    """Whether a post gets in: None, or whether its credentials were missing."""
    caller = Caller("192.0.2.7", {name.replace("_", "-"): value for name, value in headers.items()}, URL)
    try:
        gateway.authenticate(post or receipt(b"id=a&state=1"), caller)
    except UnauthorisedPostError as error:
        return "missing" if error.missing else "wrong"
    return "in"


def basic(credentials):
    return "Basic " + base64.b64encode(credentials.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (basic("notify:t€st:key"), "in"),
        (basic("notify:t€st:key").replace("Basic", "basic"), "in"),
        (basic("notify:wrong"), "wrong"),
        (basic("other:t€st:key"), "wrong"),
        ("Basic !!!", "wrong"),
        ("Basic é", "wrong"),
        ("Basic", "missing"),
        ("Bearer x", "missing"),
        ("", "missing"),
    ],
)
def test_a_name_and_a_password_are_asked_for(authorization, expected):
    gateway = intake(
        format="form",
        authentication="{basic: {username: notify, password: '{secret}'}}",
        values={"secret": "t€st:key"},
    )
    assert let_through(gateway, authorization=authorization) == expected


def test_tokens_are_asked_for_in_the_header_that_they_belong_to():
    bearer = intake(format="form", authentication="{bearer: '{secret}'}", values={"secret": "s3cret"})
    assert let_through(bearer, authorization="Bearer s3cret") == "in"
    assert let_through(bearer, authorization="Bearer s3cre") == "wrong"
    assert let_through(bearer) == "missing"
    own = intake(
        format="form",
        authentication="{header: {name: X-Key, value: '{secret}'}}",
        values={"secret": "s3cret"},
    )
    assert let_through(own, x_key="s3cret") == "in"
    assert let_through(own, x_key="S3cret") == "wrong"
    assert let_through(own, authorization="s3cret") == "missing"


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ("[192.0.2.0/29]", "in"),
        ("[198.51.100.1, 192.0.2.7]", "in"),
        ("[192.0.2.8/29, 2001:db8::/32]", "wrong"),
    ],
)
def test_only_certain_addresses_may_post(networks, expected):
    assert let_through(intake(format="form", authentication=f"{{addresses: {networks}}}")) == expected


def test_addresses_of_ipv4_within_ipv6_count_as_such():
    gateway = intake(format="form", authentication="{addresses: [192.0.2.0/24]}")
    gateway.authenticate(receipt(), Caller("::ffff:192.0.2.7"))
    for address in ("2001:db8::1", "", "unknown"):
        with pytest.raises(UnauthorisedPostError):
            gateway.authenticate(receipt(), Caller(address))


def test_all_that_is_asked_for_must_hold():
    gateway = intake(
        format="form",
        authentication="{addresses: [192.0.2.0/24], bearer: '{a}', header: {name: X-Key, value: '{b}'}}",
        values={"a": "token", "b": "key"},
    )
    assert let_through(gateway, authorization="Bearer token", x_key="key") == "in"
    assert let_through(gateway, authorization="Bearer token") == "missing"
    assert let_through(gateway, x_key="key") == "missing"


def test_what_is_optional_is_asked_for_once_its_secret_is_given():
    authentication = "{basic: {username: u, password: '{secret}'}, optional: true}"
    assert let_through(intake(format="form", authentication=authentication, values={"secret": ""})) == "in"
    given_one = intake(format="form", authentication=authentication, values={"secret": "x"})
    assert let_through(given_one) == "missing"
    assert let_through(given_one, authorization=basic("u:x")) == "in"


def signed(**more):
    keys = {"secret": "'{key}'", "hash": "sha256", "encoding": "hex", "of": "body", "header": "X-Signature"}
    written = ", ".join(f"{name}: {value}" for name, value in (keys | more).items() if value)
    return f"{{signature: {{{written}}}}}"


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("prefix", ["", "sha256="])
def test_a_body_may_be_signed(name, prefix):
    body = b"id=a&state=1"
    digest = hmac.new(b"k", body, name)
    for encoding, written in (
        ("hex", digest.hexdigest()),
        ("base64", base64.b64encode(digest.digest()).decode()),
    ):
        gateway = intake(
            format="form",
            authentication=signed(hash=name, encoding=encoding, prefix=f"'{prefix}'"),
            values={"key": "k"},
        )
        assert let_through(gateway, receipt(body), x_signature=prefix + written) == "in"
        assert let_through(gateway, receipt(body + b" "), x_signature=prefix + written) == "wrong"
        assert let_through(gateway, receipt(body), x_signature="é") == "wrong"
        assert let_through(gateway, receipt(body)) == "missing"


def test_the_url_and_the_sorted_fields_may_be_signed_as_twilio_does_it():
    """The example is the one of Twilio's documentation."""
    gateway = intake(
        format="form",
        authentication=signed(
            hash="sha1", encoding="base64", of="url-and-fields", header="X-Twilio-Signature"
        ),
        values={"key": "12345"},
    )
    body = (
        b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212"
    )
    caller = Caller(
        "192.0.2.7",
        {"x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="},
        "https://mycompany.com/myapp.php?foo=1&bar=2",
    )
    gateway.authenticate(receipt(body), caller)
    for post, url in ((receipt(body + b"&more=1"), caller.url), (receipt(body), "https://example.com/")):
        with pytest.raises(UnauthorisedPostError):
            gateway.authenticate(post, Caller("192.0.2.7", caller.headers, url))


def test_the_sorted_fields_may_be_signed_as_vonage_does_it():
    gateway = intake(
        format="any", authentication=signed(of="fields", header="", field="sig"), values={"key": "k"}
    )
    signature = hmac.new(b"k", b"&a=1&b=x_y_z&n=", hashlib.sha256).hexdigest()
    fields = {"b": "x&y=z", "a": 1, "n": None, "sig": signature}
    assert let_through(gateway, receipt(json.dumps(fields).encode(), "application/json")) == "in"
    assert (
        let_through(gateway, receipt(json.dumps(fields | {"a": 2}).encode(), "application/json")) == "wrong"
    )
    assert let_through(gateway, receipt(b"{}", "application/json")) == "missing"
    assert let_through(gateway, receipt(b"{", "application/json")) == "wrong"
    assert let_through(gateway, receipt(b"[]", "application/json")) == "missing"
    assert let_through(gateway, receipt(query="n=&a=1&b=x%26y%3Dz&sig=" + signature.upper())) == "in"


def test_a_kind_of_post_that_is_not_described_is_not_taken():
    gateway = HttpIntake("gateway", read("request: {url: https://a.example}"), {})
    assert not gateway.takes("receipt")
    assert not gateway.takes("received_text")
    with pytest.raises(UnreadablePostError):
        gateway.read(receipt(b""))
