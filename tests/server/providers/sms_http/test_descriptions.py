"""Descriptions are checked when they are read: all mistakes at once, each with its place."""

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.providers.sms_http.kind import Gateway
from pillarbox.providers.sms_http.reading import DescriptionError, load, read, shipped
from pillarbox.providers.sms_http.writing import Writer
from tests.support.gateways_of_ours import message
from tests.support.linear_time import assert_linear

URL = "request: {url: https://a.example}"
RECEIPTS = """
receipts:
  authentication: none
  format: form
  reference: ref
  names: ours
  status: state
  statuses: {"1": delivered}
"""


def mistakes(text):
    with pytest.raises(DescriptionError) as raised:
        read(text)
    return raised.value.mistakes


def test_a_url_is_all_that_a_description_needs():
    description = read("request: {url: https://gateway.example/send}")
    assert description.request.method == "POST"
    assert description.receipts is None


def test_all_mistakes_come_at_once_each_with_its_place():
    text = """
about: 5
request: {url: 7, methods: POST, headers: [a]}
answers:
  accepted: {statuses: [200], where: [{json: id}, {jsn: id}, 4]}
  busy: {codes: [21211]}
values: {api: {defualt: x}}
receipts: {format: xml, authentication: {basic: {username: a}}, statuses: {3: deliverd}}
"""
    assert mistakes(text) == [
        "about: must be a text: put it into quotes",
        "values.api.defualt is not a key here",
        "request.methods is not a key here",
        "request.url: must be a text: put it into quotes",
        "request.headers: Expected a mapping, got `array`",
        "answers.accepted.where[1].jsn is not a key here",
        "answers.accepted.where[2] must be a mapping",
        "answers.busy.codes[0]: must be a text: put it into quotes",
        "receipts.authentication.basic.password is missing",
        "receipts.format: Invalid enum value 'xml'",
        "receipts.statuses.3: Invalid enum value 'deliverd'",
        "receipts.reference is missing",
        "receipts.names is missing",
        "receipts.status is missing",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "the description must be a mapping"),
        ("- a", "the description must be a mapping"),
        ("request: {url: https://a.example, url: b}", "is no YAML: line 1: the key stands twice"),
        ("request: {[a]: b}", "is no YAML: line 1: the key is no text"),
        ("a: &x [1]\nb: *x", "is no YAML: references (*name) are not read"),
        ("request: {url: gateway.example}",
         "request.url must begin with https://, http:// or a value in braces"),
        ("request: {url: 'https://a.example/{'}", "request.url: a { stands alone: write {{ for a brace"),
        ("request: {url: https://a.example, form: {}, json: {}}", "request: form and json exclude each other"),
        ("request: {url: https://a.example, method: GET, form: {}}",
         "request.method: GET carries no form and no json"),
        ("request: {url: https://a.example, json: {a: [{b: '{no}'}]}}",
         ("request.json.a[0].b: {no} may not stand here; "
          "there are alphabet, content, receipts_url, reference, sender, to")),
        ("request: {url: https://a.example, headers: {X: '{content}'}}",
         "request.headers.X: {content} may not stand here; there are receipts_url, reference, to"),
        ("request: {url: https://a.example, headers: {'X Y': a}}",
         "request.headers.X Y is no name of a header"),
        ("request: {url: https://a.example, authentication: {}}",
         "request.authentication must have either basic or bearer"),
        ("request: {url: https://a.example, form: {t: '{alphabet}'}}",
         "alphabet is missing: {alphabet} stands for what it says"),
        ("request: {url: https://a.example, form: {t: '{receipts_url}'}}",
         "receipts is missing: {receipts_url} leads there"),
        ("request: {url: https://a.example}\nvalues: {key: {}}", "values.key is used nowhere"),
        ("request: {url: https://a.example, form: {t: '{to}'}}\nvalues: {to: {}}",
         "values.to: this name is taken"),
        ("request: {url: https://a.example}\nanswers: {accepted: {statuses: [99]}}",
         "answers.accepted.statuses: 99 is no status; write 404, or 4xx for all of them"),
        ("request: {url: https://a.example}\nanswers: {reference: {json: 'a..b'}}",
         "answers.reference.json: 'a..b' is no path: write messages[0].status"),
        ("request: {url: https://a.example}\nanswers: {reference: {json: a, header: b}}",
         "answers.reference must have one of json, header and regex"),
        ("request: {url: https://a.example}\nanswers: {reference: {regex: '('}}",
         "answers.reference.regex: missing ), unterminated subpattern at position 0"),
        ("request: {url: https://a.example}\nanswers: {busy: {codes: ['1']}}",
         "answers.code is missing: it says where the codes stand"),
        (("request: {url: https://a.example}\n"
          "answers: {busy: {statuses: [409]}, rejected: {statuses: [409]}}"),
         "answers.busy: 409 stands in answers.rejected too"),
        (URL + RECEIPTS.replace("names: ours", "names: theirs"),
         "answers.reference is missing: the receipts name the gateway's reference"),
        (URL + RECEIPTS + "  codes: {'1': {'2': pending}}",
         "receipts.code is missing: it says where the codes stand"),
        (URL + RECEIPTS + "  each: items", "receipts.each is for json only"),
        (URL + RECEIPTS + "  route: /v2/notifications",
         "receipts.route must be /notifications/ and more: small letters, digits, hyphens and slashes"),
        (URL + RECEIPTS + "  time: {field: at, zone: Mars}",
         "receipts.time.zone: Mars is no time zone; write Europe/London"),
        (URL + RECEIPTS + "  encodings: {at: url}",
         "receipts.encodings.at is none of the fields here"),
        (URL + RECEIPTS + "  reply: {status: 500}",
         "receipts.reply.status must be from 200 to 299: what was kept is a success"),
        (URL + RECEIPTS.replace(": none", ": {}"),
         "receipts.authentication asks for nothing: write none if everybody may post"),
        (URL + RECEIPTS.replace(": none", ": {addresses: [1.2.3.400]}"),
         "receipts.authentication.addresses: 1.2.3.400 is no network"),
        (URL
         + RECEIPTS.replace(": none", ": {signature: {secret: s, hash: sha1, encoding: hex, of: body, field: f}}"),
         ("receipts.authentication.signature.field goes with `of: fields`: "
          "what is signed cannot hold its own signature")),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(text, mistake):
    assert mistakes(text) == [mistake]


def test_a_description_that_is_not_there_is_a_mistake(tmp_path):
    with pytest.raises(DescriptionError, match="'twillio' is none of firetext, mmg, twilio, vonage"):
        load("twillio")
    with pytest.raises(DescriptionError, match="cannot be read: "):
        load(str(tmp_path / "none.yaml"))


def test_a_path_leads_to_a_description_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("request: {url: https://gateway.example/send}")
    assert load(str(path)) == read(path.read_text())


def test_options_name_what_is_missing_unknown_or_odd():
    options = Gateway(description="vonage", values={"api_key": "a\nb", "secret": "x"}, connections=0)
    assert list(options.mistakes()) == [
        "connections must be from 1 to 1000",
        "values.api_secret is missing: the API secret of the account",
        "values.signature_secret is missing: the signature secret of the account",
        "values.api_key holds a line break or another control character",
        "values.secret is not asked for by the description",
    ]
    assert next(iter(Gateway(description="no.yaml").mistakes())).startswith("description: cannot be read")


@pytest.mark.parametrize("api", ["gateway.example", "https://", "ftp://a.example", "https://a.example:http"])
def test_an_address_that_is_none_is_a_mistake(api):
    values = {"api_key": "k", "received_password": "p", "api": api}
    assert list(Gateway(description="firetext", values=values).mistakes()) == [
        "values: what request.url begins with is no address; write https://gateway.example"
    ]


def test_a_value_that_is_given_but_empty_is_as_good_as_none():
    values = {"api_key": "", "received_password": "p", "api": ""}
    assert list(Gateway(description="firetext", values=values).mistakes()) == [
        "values.api_key is missing: an API key of the account"
    ]


def test_a_secret_that_everybody_knows_is_a_mistake(tmp_path):
    path = tmp_path / "open.yaml"
    authentication = ": {basic: {username: u, password: '{password}'}}"
    path.write_text(
        "request: {url: https://a.example}\nvalues: {password: {default: ''}}"
        + RECEIPTS.replace(": none", authentication)
    )
    assert list(Gateway(description=str(path)).mistakes()) == [
        "values: the secret that receipts are posted with is empty"
    ]


def writer(request, values=None):
    description = read(
        yaml.safe_dump({"request": request, "values": {name: {} for name in values or {}}}, sort_keys=False)
    )
    return Writer(description.request, values or {})


def test_nothing_in_a_text_can_leave_the_place_that_it_stands_in():
    hostile = 'a&to=b"}\\{to}{{x}}\r\nX: y%00#?/é'
    form = writer({"url": "https://a.example", "form": {"t": "<{content}>", "n": "{to}"}})
    assert form.write(message(content=hostile)).body == (
        b"t=%3Ca%26to%3Db%22%7D%5C%7Bto%7D%7B%7Bx%7D%7D%0D%0AX%3A+y%2500%23%3F%2F%C3%A9%3E&n=447700900123"
    )
    json = writer({"url": "https://a.example", "json": {"t": "<{content}>", "n": ["{to}", 1, True, None]}})
    body = json.write(message(content=hostile)).body
    assert yaml.safe_load(body) == {"t": f"<{hostile}>", "n": ["447700900123", 1, True, None]}
    url = writer({"url": "https://a.example/{content}", "method": "GET", "query": {"q": "{content}"}})
    assert str(url.write(message(content="../a b?&#é")).url) == (
        "https://a.example/..%2Fa%20b%3F%26%23%C3%A9?q=..%2Fa%20b%3F%26%23%C3%A9"
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_a_form_and_json_carry_every_text(content):
    from json import loads
    from urllib.parse import parse_qsl

    form = writer({"url": "https://a.example", "form": {"t": "x{content}x"}}).write(message(content=content))
    assert parse_qsl(form.body.decode()) == [("t", f"x{content}x")]
    json = writer({"url": "https://a.example", "json": {"t": "x{content}x"}}).write(message(content=content))
    assert loads(json.body) == {"t": f"x{content}x"}


def test_what_has_no_value_is_left_out():
    request = {
        "url": "https://a.example",
        "headers": {"X-Unit": "{unit}", "X-Reference": "{reference}"},
        "form": {"from": "{sender}", "unit": "{unit}", "to": "{to}"},
    }
    sent = writer(request, {"unit": ""}).write(message(sender=None))
    assert sent.body == b"to=447700900123"
    assert set(sent.headers) == {"X-Reference", "User-Agent", "Content-Type"}
    assert writer(request, {"unit": "u 1"}).write(message()).body == b"from=GOVUK&unit=u+1&to=447700900123"


def test_values_of_the_operator_are_encoded_too_but_for_the_beginning_of_a_url():
    request = {"url": "{api}/accounts/{account}", "json": {"key": "{account}"}, "query": {"a": "{account}"}}
    sent = writer(request, {"api": "https://a.example:8080/v1", "account": 'x/"?'}).write(message())
    assert str(sent.url) == "https://a.example:8080/v1/accounts/x%2F%22%3F?a=x%2F%22%3F"
    assert sent.body == b'{"key":"x/\\"?"}'


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(string.printable, max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["request", "url", "receipts", "answers", "where", "codes", "values", "json", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_stands_in_a_file_is_a_description_or_a_list_of_mistakes(data):
    try:
        read(yaml.safe_dump(data))
    except DescriptionError as error:
        found = error.mistakes
        assert found


@given(st.text(max_size=60))
def test_whatever_text_is_a_description_or_a_list_of_mistakes(text):
    try:
        read(text)
    except DescriptionError as error:
        found = error.mistakes
        assert found


def test_texts_are_filled_in_in_linear_time():
    for request in (
        {"url": "https://a.example", "form": {"t": "{content}"}},
        {"url": "https://a.example", "json": {"t": "{content}"}},
    ):
        one = writer(request)
        for pattern in ("a", "{to}", '"\\', "é€"):
            assert_linear(lambda text, one=one: one.write(message(content=text)), pattern, size=200_000)


def test_names_of_descriptions_are_those_of_files_that_come_along():
    assert shipped() == ["firetext", "mmg", "twilio", "vonage"]
