"""What Kannel asks our API for, whatever SMSC is behind it, and whoever pretends to be it."""

import base64
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote_plus, urlencode

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
from pillarbox.providers.kannel.intake import KannelIntake
from pillarbox.providers.kannel.options import Kannel
from tests.support.linear_time import assert_linear

ID = "0198c0de-0000-7000-8000-000000000001"
TOKEN = "a-token-of-kannels-own"
UNDELIVERED = "id:1 sub:001 dlvrd:000 submit date:2603011230 done date:2603011230 stat:{} err:{} text:Dear Jo"


def intake(**more):
    given = {
        "url": "http://127.0.0.1:13013/cgi-bin/sendsms",
        "username": "u",
        "password": "p",
        "token": TOKEN,
    }
    return KannelIntake("kannel", Kannel(**(given | more)))


def receipt(status, answer="", reference=ID, **more):
    query = urlencode({"reference": reference, "status": status, "answer": answer} | more)
    (found,) = intake(passing_errors=("029",)).read(Post("kannel", "receipt", b"", query=query))
    return found


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (1, UNDELIVERED.format("DELIVRD", "000"), Receipt(ID, "delivered", reason="DELIVRD")),
        (1, "", Receipt(ID, "delivered")),
        (2, "", Receipt(ID, "permanent-failure")),
        (2, UNDELIVERED.format("UNDELIV", "001"), Receipt(ID, "permanent-failure", code="001", reason="UNDELIV")),
        (2, UNDELIVERED.format("UNDELIV", "029"), Receipt(ID, "temporary-failure", code="029", reason="UNDELIV")),
        (2, UNDELIVERED.format("DELETED", "000"), Receipt(ID, "temporary-failure", reason="DELETED")),
        (2, UNDELIVERED.format("UNKNOWN", "000"), Receipt(ID, "permanent-failure", reason="UNKNOWN")),
        (34, UNDELIVERED.format("EXPIRED", "000"), Receipt(ID, "temporary-failure", reason="EXPIRED")),
        (34, "", Receipt(ID, "temporary-failure")),
        (4, "", Receipt(ID, "pending")),
        (8, "ACK/", Receipt(ID, None)),
        (16, "NACK/0x0000000b/Invalid Destination Address",
         Receipt(ID, "permanent-failure", code="0x0000000b", reason="Invalid Destination Address")),
        (16, "NACK/", Receipt(ID, "permanent-failure")),
        (64, "", Receipt(ID, "technical-failure")),
        (0, "", Receipt(ID, "technical-failure")),
    ],
)  # fmt: skip
def test_each_report_stands_for_a_status(status, answer, expected):
    assert receipt(status, answer) == expected


def test_a_report_says_when():
    assert receipt(1, at="1772368200").at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert [receipt(1, at=at).at for at in ("", "soon", "999999999999", "-1")] == [None] * 4


def test_ids_are_compared_however_they_are_written():
    assert receipt(1, reference=ID.upper()).reference == ID


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("", "reference is missing"),
        (f"reference={ID}", "status is missing"),
        (f"reference={ID}&status=%25d", "status is no number"),
        (f"reference={ID}&status=²", "status is no number"),
        (f"reference={ID}&status=" + "1" * 5000, "status is no number"),
        ("reference=me&status=1", "reference is no UUID"),
        ("&".join(["a=1"] * 51), "the query cannot be read: Max number of fields exceeded"),
    ],
)
def test_a_report_that_makes_no_sense_says_why(query, mistake):
    with pytest.raises(UnreadablePostError) as caught:
        intake().read(Post("kannel", "receipt", b"", query=query))
    assert caught.value.mistakes == [mistake]


def text(octets, **more):
    query = urlencode({"from": "447700900123", "to": "447700900999"} | more) + f"&text={quote_plus(octets)}"
    (found,) = intake().read(Post("kannel", "received_text", b"", query=query))
    return found


def test_a_text_says_who_what_and_when():
    found = text("two  spaces, é & €".encode(), coding=0, charset="UTF-8", id="abc", at="1772368200")
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert found == Incoming("447700900123", "447700900999", "two  spaces, é & €", "abc", moment)


@pytest.mark.parametrize(
    ("octets", "more", "content"),
    [
        ("ŵ".encode(), {}, "ŵ"),
        ("ŵ".encode(), {"coding": 2, "charset": "UTF-8"}, "ŵ"),
        (b"\x01\x75\x00a", {"coding": 2}, "ŵa"),
        (b"\x01\x75\x00a", {"coding": 2, "charset": "UTF-16BE"}, "ŵa"),
        (b"\x01\x75\x00", {"coding": 2, "charset": "utf-16be"}, "ŵ�"),
        (b"caf\xe9", {"coding": 0, "charset": "ISO-8859-1"}, "café"),
        (b"a\0b", {}, "ab"),
        (b"", {}, ""),
    ],
)
def test_a_text_is_read_in_the_charset_that_kannel_names(octets, more, content):
    assert text(octets, **more).content == content


def test_without_a_sender_there_is_no_text():
    with pytest.raises(UnreadablePostError):
        text(b"Hello", **{"from": ""})


@given(st.text(), st.sampled_from(["receipt", "received_text"]), st.binary(max_size=100))
def test_whatever_is_in_a_query_is_read_or_found_unreadable(query, kind, octets):
    for one in (
        query,
        f"reference={ID}&status=16&from=1&to=2&text={quote_plus(octets)}&answer={quote_plus(octets)}",
    ):
        with suppress(UnreadablePostError):
            assert "\0" not in repr(intake().read(Post("kannel", kind, b"", query=one)))


def basic(user, password):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def admitted(caller, **more):
    try:
        intake(**more).authenticate(Post("kannel", "receipt", b""), caller)
    except UnauthorisedPostError as error:
        return "who are you?" if error.missing else "no"
    return "yes"


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        (basic("kannel", TOKEN), "yes"),
        (basic("kannel", TOKEN + "x"), "no"),
        (basic("other", TOKEN), "no"),
        ({"authorization": f"Bearer {TOKEN}"}, "no"),
        ({"authorization": "é"}, "no"),
        ({"authorization": ""}, "who are you?"),
        ({}, "who are you?"),
    ],
)
def test_only_who_knows_the_token_is_let_in(headers, answer):
    assert admitted(Caller("127.0.0.1", headers)) == answer


@pytest.mark.parametrize(
    ("address", "answer"),
    [("10.1.2.3", "yes"), ("192.0.2.7", "yes"), ("192.0.2.8", "no"), ("2001:db8::1", "yes"), ("::1", "no"), ("", "no"),
     ("10.1.2.3.4", "no")],
)  # fmt: skip
def test_only_who_comes_from_the_right_place_is_let_in(address, answer):
    places = ("10.0.0.0/8", "192.0.2.7", "2001:db8::/32")
    assert admitted(Caller(address), token=None, addresses=places) == answer
    assert admitted(Caller(address, basic("kannel", "wrong")), addresses=places) == "no"


def test_nothing_is_said_that_kannel_would_send_to_a_phone():
    texts = [intake().reply("received_text"), intake().reply("received_text", dropped=True)]
    assert {reply.body for reply in [intake().reply("receipt"), *texts]} == {""}


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ({"url": "ftp://kannel"}, "url must be"),
        ({"url": "http://[::1"}, "url must be"),
        ({"url": "http://"}, "url must be"),
        ({"url": "http://kannel:99999/"}, "url must be"),
        ({"status_url": "kannel/status"}, "status_url must be"),
        ({"api_url": "10.1.2.3:6011"}, "api_url must be"),
        ({"password": "hush\r\nX-Kannel-To: 1"}, "password must be"),
        ({"sender": "Ŵyl"}, "sender must be"),
        ({"token": None}, "token or addresses must be given"),
        ({"token": "short"}, "token must be 16 to 200"),
        ({"token": "with@signs/that-split-urls"}, "token must be 16 to 200"),
        ({"addresses": ("10.0.0.0/40",)}, "addresses: '10.0.0.0/40' is no network"),
        ({"timeout": 0}, "timeout is 0"),
        ({"validity_minutes": -1}, "validity_minutes is -1"),
    ],
)
def test_mistakes_are_named(more, mistake):
    given = {"url": "http://kannel/cgi-bin/sendsms", "username": "u", "password": "p", "token": TOKEN}
    assert list(Kannel(**given).mistakes()) == []
    (found,) = Kannel(**(given | more)).mistakes()
    assert found.startswith(mistake)


@pytest.mark.parametrize("pattern", ["%", "&", "=", "a=1&", "text=%41", "+", "answer=id:+stat:+"])
def test_long_queries_are_read_in_linear_time(pattern):
    def work(query):
        with suppress(UnreadablePostError):
            return intake().read(
                Post("kannel", "receipt", b"", query=f"reference={ID}&status=2&answer={query}")
            )

    assert_linear(work, pattern)
