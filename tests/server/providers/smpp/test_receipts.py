"""Receipts as different SMSCs write them, and what they mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.posts import Receipt
from pillarbox.providers.smpp.deliveries import read_delivery
from pillarbox.providers.smpp.receipts import canonical, receipt_of, status_of, words_of
from tests.support.linear_time import assert_linear

USUAL = (
    "id:0123456789 sub:001 dlvrd:001 submit date:2602281159 done date:2603011230 stat:DELIVRD err:000 text:Hi"
)
ZONE = ZoneInfo("UTC")


def receipt(text="", *, ids="text", passing=(), zone=ZONE, esm_class=4, data_coding=0, **parameters):
    tags = {"name": 0x1E, "state": 0x427, "network": 0x423, "payload": 0x424}
    tlvs = [smpp34.Tlv(tags[name], value) for name, value in parameters.items()]
    octets = text if isinstance(text, bytes) else text.encode("latin-1")
    raw = smpp34.DeliverSm("1", "2", octets, esm_class=esm_class, data_coding=data_coding, tlvs=tlvs).encode()
    return receipt_of(read_delivery(raw[16:]), ids, passing, zone)


def test_the_usual_receipt_says_all():
    assert receipt(USUAL) == Receipt(
        "0123456789", "delivered", theirs=True, reason="DELIVRD", at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id:a1 stat:DELIVRD", {"id": "a1", "stat": "DELIVRD"}),
        ("ID:a1 Stat:DELIVRD Err:0B1", {"id": "a1", "stat": "DELIVRD", "err": "0B1"}),
        ("id:a1 submit_date:1 done_date:2", {"id": "a1", "submit date": "1", "done date": "2"}),
        ("id: a1  stat: DELIVRD \r\n", {"id": "a1", "stat": "DELIVRD"}),
        ("id:a1 stat: err: text:", {"id": "a1", "stat": "", "err": ""}),
        ("id:a1 stat:DELIVRD text:id:b2 stat:UNDELIV", {"id": "a1", "stat": "DELIVRD"}),
        ("id:a1 id:b2", {"id": "a1"}),
        ("id:a:1 stat:X y", {"id": "a:1", "stat": "X y"}),
        ("grid:a1 restat:x", {}),
        ("", {}),
    ],
)
def test_words_are_found_in_any_order_and_case(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("DELIVRD", "delivered"),
        ("delivrd", "delivered"),
        ("ENROUTE", "pending"),
        ("ACCEPTD", "pending"),
        ("EXPIRED", "temporary-failure"),
        ("DELETED", "temporary-failure"),
        ("UNDELIV", "permanent-failure"),
        ("REJECTD", "permanent-failure"),
        ("UNKNOWN", "technical-failure"),
        ("NONSENSE", "technical-failure"),
        ("", "technical-failure"),
    ],
)
def test_each_state_stands_for_a_status(word, status):
    assert status_of(word) == status
    assert receipt(f"id:a1 stat:{word} err:000").status == status


@pytest.mark.parametrize(
    ("state", "status"),
    [(1, "pending"), (2, "delivered"), (3, "temporary-failure"), (4, "temporary-failure"), (5, "permanent-failure"),
     (6, "pending"), (7, "technical-failure"), (8, "permanent-failure"), (9, "technical-failure")],
)  # fmt: skip
def test_a_receipt_may_be_in_parameters_alone(state, status):
    found = receipt(name=b"a1\0", state=bytes([state]))
    assert (found.reference, found.status) == ("a1", status)


def test_parameters_count_more_than_the_text():
    found = receipt("id:17 stat:UNDELIV", name=b"11\0", state=b"\x02")
    assert (found.reference, found.status, found.reason) == ("11", "delivered", "DELIVRD")


def test_a_state_that_nobody_has_heard_of_leaves_it_to_the_text():
    assert receipt("id:17 stat:DELIVRD", state=b"\x63").status == "delivered"
    assert receipt("id:17 stat:DELIVRD", state=b"").status == "delivered"


@pytest.mark.parametrize(
    ("text", "network", "passing", "status", "code"),
    [
        ("stat:UNDELIV err:029", None, {"029"}, "temporary-failure", "029"),
        ("stat:UNDELIV err:001", None, {"029"}, "permanent-failure", "001"),
        ("stat:REJECTD err:029", None, {"029"}, "temporary-failure", "029"),
        ("stat:DELIVRD err:029", None, {"029"}, "delivered", "029"),
        ("stat:UNDELIV err:0B1", None, (), "permanent-failure", "0B1"),
        ("stat:UNDELIV err:000", b"\x03\x00\x1b", (), "temporary-failure", "27"),
        ("stat:UNDELIV err:000", b"\x03\x00\x01", (), "permanent-failure", "1"),
        ("stat:UNDELIV err:000", b"\x08\x00\x1b", (), "permanent-failure", "27"),
        ("stat:UNDELIV err:000", b"\x03\xff", (), "permanent-failure", None),
        ("stat:UNDELIV", b"\x03\xff\xff", (), "permanent-failure", "65535"),
    ],
)
def test_some_errors_pass(text, network, passing, status, code):
    found = receipt(f"id:a1 {text}", passing=passing, **({"network": network} if network else {}))
    assert (found.status, found.code) == (status, code)


def test_a_notice_of_an_attempt_that_was_not_the_last_decides_nothing():
    assert receipt("id:a1 stat:UNDELIV err:001", esm_class=0x20).status == "pending"


@pytest.mark.parametrize(
    ("date", "zone", "moment"),
    [
        ("2603011230", "UTC", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("260301123059", "UTC", datetime(2026, 3, 1, 12, 30, 59, tzinfo=UTC)),
        ("20260301123059", "UTC", datetime(2026, 3, 1, 12, 30, 59, tzinfo=UTC)),
        ("2607011230", "Europe/London", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("2699011230", "UTC", None),
        ("26030112", "UTC", None),
        ("26030112²0", "UTC", None),
        ("yesterday1", "UTC", None),
        ("0000000000", "UTC", None),
        ("", "UTC", None),
    ],
)
def test_times_are_read_in_the_smsc_s_zone(date, zone, moment):
    assert receipt(f"id:a1 done date:{date} stat:DELIVRD", zone=ZoneInfo(zone)).at == moment


@pytest.mark.parametrize(
    ("answer", "answer_ids", "in_receipt", "receipt_ids"),
    [
        ("a1", "text", "a1", "text"),
        ("2a", "hexadecimal", "42", "decimal"),
        ("0000002A", "hexadecimal", "0000000042", "decimal"),
        ("42", "decimal", "2A", "hexadecimal"),
        ("0x2a", "hexadecimal", "42", "decimal"),
        ("00042", "decimal", "42", "decimal"),
        ("ab-1", "decimal", "ab-1", "decimal"),
        ("not hex", "hexadecimal", "not hex", "decimal"),
    ],
)
def test_ids_match_however_each_side_writes_them(answer, answer_ids, in_receipt, receipt_ids):
    assert receipt(f"id:{in_receipt} stat:DELIVRD", ids=receipt_ids).reference == canonical(
        answer, answer_ids
    )


def test_a_receipt_may_be_written_in_ucs2_or_as_a_payload():
    assert receipt("id:a1 stat:DELIVRD".encode("utf-16-be"), data_coding=8).status == "delivered"
    assert receipt(payload=b"id:a1 stat:DELIVRD").status == "delivered"


def test_ids_are_not_read_in_the_alphabet_that_a_receipt_says_it_has():
    assert receipt("id:a_1@b stat:DELIVRD").reference == "a_1@b"


def test_without_an_id_nobody_knows_what_it_is_about():
    assert receipt("stat:DELIVRD") is None
    assert receipt("") is None


@given(st.binary(max_size=250), st.sampled_from(["text", "decimal", "hexadecimal"]), st.binary(max_size=70))
def test_whatever_is_in_a_receipt_can_be_stored(text, ids, name):
    found = receipt(b"id:" + text, ids=ids, name=name)
    for words in (found.reference, found.code, found.reason) if found else ():
        assert "\0" not in (words or "")


@pytest.mark.parametrize("pattern", ["id:", "id: ", "submit date:", " ", "stat:x ", "9", "f"])
def test_long_receipts_are_read_in_linear_time(pattern):
    assert_linear(lambda text: [canonical(word, "hexadecimal") for word in words_of(text).values()], pattern)
