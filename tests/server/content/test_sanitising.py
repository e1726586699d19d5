import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.sanitising import NotTextError, sanitise_personalisation, sanitise_value
from tests.support.linear_time import assert_linear

ANY_TEXT = st.text(st.characters())
PIECES = [*'ab.@/:?#-_ \n<>"é1', "http://", "HTTPS://", "evil", ".com", ".co.uk"]
LINK_LIKE_TEXT = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)
# What mail programs make links of; addresses of people are left out.
WEB_ADDRESS = re.compile(r"(?<![\w@.-])(?![\w.-]*@)[\w-]+(?:\.[\w-]+)*\.(?:com|uk)(?![\w@])")


@pytest.mark.parametrize(
    ("text", "sanitised"),
    [
        ("Amala [evil](https://evil.link)", r"Amala \[evil\]\(\)"),
        ("Marie.Curie-Sklodowska is rad", r"Marie\. Curie\-Sklodowska is rad"),
        ("https://evil.link and www.evil.link?arg=nam", " and "),
        ("HTTPS://EVIL.LINK/Path x", " x"),
        ("first.last@example.gov.uk", r"first\.last@example\.gov\.uk"),
        ("a.middle.last@example.com", r"a\.middle\.last@example\.com"),
        ("@evil.com", r"@evil\.com"),
        ("1.2.x", r"1\.2\.x"),
        ("under_score.com", ""),
        ("José.Maria", r"José\. Maria"),
        ("a.com.x1", r"a\. com\.x1"),
        ("1.2.x/evil.com", r"1\.2\.x/evil\. com"),
        ("`*_(){}[]<>#+-.!|\\", r"\`\*\_\(\)\{\}\[\]\<\>\#\+\-\.\!\|" + r"\\"),
        ("~^=&\"'$%/:;,?@é", "~^=&\"'$%/:;,?@é"),
    ],
)
def test_links_lose_their_force_and_markdown_its_meaning(text, sanitised):
    assert sanitise_value(text) == sanitised


@pytest.mark.parametrize("value", [None, 5, True, ["a.com"], {"a": "b"}])
def test_only_text_can_be_sanitised(value):
    with pytest.raises(NotTextError, match="Only text can be sanitised"):
        sanitise_value(value)
    with pytest.raises(NotTextError, match="First name is not text") as refused:
        sanitise_personalisation({"First name": value}, ["first_name"])
    assert (refused.value.name, refused.value.value) == ("First name", value)


def test_values_that_are_not_named_are_left_alone():
    given_values = {"First_Name": "a.bc", "other": "a.bc", "list": ["a.bc"], "plain": "Jo"}
    sanitised = sanitise_personalisation(given_values, ["first name", "PLAIN", "absent", 5, None])
    assert sanitised.personalisation == given_values | {"First_Name": r"a\. bc"}
    assert sanitised.changes == {"First_Name": {"unsanitised": "a.bc", "sanitised": r"a\. bc"}}
    assert given_values["First_Name"] == "a.bc"


@pytest.mark.parametrize("names", [None, []])
def test_without_names_nothing_changes(names):
    sanitised = sanitise_personalisation({"a": "evil.com", "b": 5}, names)
    assert (sanitised.personalisation, sanitised.changes) == ({"a": "evil.com", "b": 5}, {})


@given(LINK_LIKE_TEXT)
def test_no_web_address_survives(text):
    shown = sanitise_value(text).replace("\\", "")
    assert not WEB_ADDRESS.search(shown)


@given(ANY_TEXT)
def test_every_special_character_is_escaped_once(text):
    plain = text.replace(".", "")
    assert sanitise_value(plain) == re.sub(r"([`*_(){}\[\]<>#+\-!|\\])", r"\\\1", plain)


@given(st.dictionaries(ANY_TEXT, ANY_TEXT), st.lists(ANY_TEXT | st.integers() | st.none()))
def test_any_request_can_be_sanitised(personalisation, names):
    sanitised = sanitise_personalisation(personalisation, names)
    assert sanitised.personalisation.keys() == personalisation.keys()
    for name, value in personalisation.items():
        changed = sanitised.changes.get(name, {"unsanitised": value, "sanitised": value})
        assert changed == {"unsanitised": value, "sanitised": sanitised.personalisation[name]}


@pytest.mark.parametrize(
    "pattern",
    ["a.", "a", ".", "a-", "http://", "a.com ", "a.com/", "a.b@", "a.bc.1.", "@", "[](", "e\u0301", "/?#"],
)
def test_names_with_dots_without_end_take_linear_time(pattern):
    assert_linear(sanitise_value, pattern, 100_000)
