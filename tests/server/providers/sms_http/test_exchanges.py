"""Every description that comes with Pillarbox, against exchanges written from its gateway's documentation."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import yaml
from msgspec.structs import asdict

from pillarbox.messages.posts import Caller, Incoming, Post, Receipt, UnreadablePostError
from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from pillarbox.providers.sms_http.kind import SMS_HTTP, Gateway
from pillarbox.providers.sms_http.reading import load, shipped
from tests.support.gateway import answer
from tests.support.gateways_of_ours import made, message, opened

FILES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "exchanges").glob("*.yaml"))
}
RECEIPTS = "https://notify.example.org/providers/gateway/receipts"


def each(part):
    return [
        pytest.param(name, one, id=f"{name}: {one['about']}")
        for name, file in FILES.items()
        for one in file[part]
    ]


def options(name, **values):
    return Gateway(description=name, values=FILES[name]["values"] | values)


def test_every_description_has_its_exchanges():
    assert list(FILES) == shipped()


@pytest.mark.parametrize(("name", "exchange"), each("requests"))
async def test_a_request_goes_out_and_its_answer_is_understood(gateway, name, exchange):
    said = exchange["answered"]
    gateway.scripts.append(answer(said["status"], said["body"].encode(), **said.get("headers", {})))
    async with opened(made(options(name, api=gateway.url))) as provider:
        got = await provider.submit(message(**exchange.get("message", {})))
    assert_sent(exchange.get("sent", {}), gateway.asked[0])
    assert_means(exchange["means"], got)


def assert_sent(expected, asked):
    assert expected.get("method", asked.method) == asked.method
    assert expected.get("target", asked.target) == asked.target
    assert expected.get("headers", {}).items() <= asked.headers.items()
    assert {"accept", "accept-encoding"}.isdisjoint(asked.headers)
    if "form" in expected:
        assert asked.form == expected["form"]
    assert expected.get("form_has", {}).items() <= asked.form.items()
    if "json" in expected:
        assert json.loads(asked.body) == expected["json"]
    if "json_has_not" in expected:
        assert expected["json_has_not"] not in json.loads(asked.body)


def assert_means(means, got):
    match got:
        case Accepted(reference=reference):
            assert means == {"accepted": reference}
        case Rejected(reason=reason, code=code):
            assert {"reason": reason, **means} == {"rejected": code, "reason": reason}
        case Busy(code=code, again_in=again_in):
            assert {"again_in": None, **means} == {"busy": code, "again_in": again_in}
        case Unknown(reason=reason):
            assert means == {"unknown": reason}


def read(name, kind, posted):
    post = Post(
        "gateway", kind, posted.get("body", "").encode(), posted.get("type", ""), posted.get("query", "")
    )
    return SMS_HTTP.intake("gateway", options(name)).read(post)


@pytest.mark.parametrize(("name", "posted"), each("receipts"))
def test_a_receipt_is_read(name, posted):
    if "mistakes" in posted:
        with pytest.raises(UnreadablePostError) as raised:
            read(name, "receipt", posted)
        assert raised.value.mistakes == posted["mistakes"]
    else:
        assert read(name, "receipt", posted) == [Receipt(**timed(one)) for one in posted["says"]]


@pytest.mark.parametrize(("name", "posted"), each("received_texts"))
def test_a_received_text_is_read(name, posted):
    assert read(name, "received_text", posted) == [Incoming(**timed(one)) for one in posted["says"]]


def timed(said):
    return {**said, "at": datetime.fromisoformat(said["at"])} if "at" in said else said


@pytest.mark.parametrize("name", FILES)
def test_posts_are_answered_as_the_gateway_wants_it(name):
    intake = SMS_HTTP.intake("gateway", options(name))
    for kind, key in (("receipt", "receipts_reply"), ("received_text", "received_texts_reply")):
        reply = asdict(intake.reply(kind))
        assert FILES[name][key].items() <= reply.items()
    dropped = FILES[name].get("dropped_reply", FILES[name]["received_texts_reply"])
    assert dropped.items() <= asdict(intake.reply("received_text", dropped=True)).items()


def test_a_receipt_that_twilio_has_signed_is_let_through():
    posted = FILES["twilio"]["receipts"][0]
    text = RECEIPTS + "".join(name + value for name, value in sorted(parse_qsl(posted["body"])))
    signature = base64.b64encode(hmac.digest(b"12345", text.encode(), "sha1")).decode()
    post = Post("gateway", "receipt", posted["body"].encode(), posted["type"])
    caller = Caller("192.0.2.1", {"x-twilio-signature": signature}, RECEIPTS)
    SMS_HTTP.intake("gateway", options("twilio")).authenticate(post, caller)


@pytest.mark.parametrize("form", ["json", "form", "query"])
def test_a_receipt_that_vonage_has_signed_is_let_through(form):
    fields = {"status": "delivered", "client-ref": "a=b&c", "err-code": "0", "timestamp": "1461605396"}
    text = "&client-ref=a_b_c&err-code=0&status=delivered&timestamp=1461605396"
    fields["sig"] = hmac.new(b"key", text.encode(), hashlib.sha256).hexdigest().upper()
    written = "&".join(f"{name}={value}" for name, value in fields.items()).replace("a=b&c", "a%3Db%26c")
    post = {
        "json": Post("gateway", "receipt", json.dumps(fields).encode(), "application/json"),
        "form": Post("gateway", "receipt", written.encode()),
        "query": Post("gateway", "receipt", b"", query=written),
    }[form]
    intake = SMS_HTTP.intake("gateway", options("vonage"))
    intake.authenticate(post, Caller("192.0.2.1"))
    assert [one.status for one in intake.read(post)] == ["delivered"]


def test_addresses_for_receipts_hold_the_credentials_if_the_gateway_takes_them_from_there():
    with_password = options("mmg", receipts_username="mmg", receipts_password="p@ss/word")
    sent = made(with_password)._writer.write(message()).body
    assert (
        json.loads(sent)["Delurl"]
        == "https://mmg:p%40ss%2Fword@notify.example.org/providers/gateway/receipts"
    )


@pytest.mark.parametrize("name", FILES)
def test_the_words_of_a_description_say_whose_it_is(name):
    assert load(name).about
