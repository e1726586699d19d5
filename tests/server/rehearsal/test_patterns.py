"""Patterns mean the recipients that people think they mean, in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.rehearsal.patterns import Pattern
from tests.support.linear_time import assert_linear


@pytest.mark.parametrize(
    ("pattern", "recipient", "meant"),
    [
        ("07700 900456", "447700900456", True),
        ("+44 7700 900456", "447700900456", True),
        ("0044 (7700) 900-456", "447700900456", True),
        ("447700900456", "447700900456", True),
        ("7700900456", "447700900456", True),
        ("07700900456", "447700900457", False),
        ("07700900*", "447700900456", True),
        ("07700 900 *", "447700900456", True),
        ("+44 7700*", "447700900456", True),
        ("0044*", "447700900456", True),
        ("+33*", "33612345678", True),
        ("+33*", "447700900456", False),
        ("*456", "447700900456", True),
        ("*457", "447700900456", False),
        ("*900*", "447700900456", True),
        ("*", "447700900456", True),
        ("**", "jo@example.com", True),
        ("jo@example.com", "Jo@Example.com", True),
        ("JO@example.com", "jo@example.com", True),
        ("*@example.com", "jo@example.com", True),
        ("*@example.com", "jo@example.com.evil.example", False),
        ("jo*@*.com", "jo.public@example.com", True),
        ("aa*aa", "aaa", False),
        ("aa*aa", "aaaa", True),
        ("a*b*a", "aba", True),
        ("a*b*b*a", "aba", False),
        ("jo.example", "joxexample", False),
        ("[a-z]*", "jo@example.com", False),
        ("", "jo@example.com", False),
    ],
)
def test_a_pattern_means_what_people_think(pattern, recipient, meant):
    assert Pattern.of(pattern).fits(recipient) is meant


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=5), st.lists(st.text("ab", max_size=3)))
def test_whatever_is_put_in_the_place_of_asterisks_fits(parts, fillings):
    between = iter(fillings)
    recipient = parts[0] + "".join(next(between, "") + part for part in parts[1:])
    assert Pattern(tuple(parts)).fits(recipient)


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_what_fits_is_what_the_definition_says(pattern, recipient):
    assert Pattern(tuple(pattern.split("*"))).fits(recipient) is _by_definition(pattern, recipient)


def _by_definition(pattern, text):
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_by_definition(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return text[:1] == pattern[0] and _by_definition(pattern[1:], text[1:])


@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*a*b", "a" * 160 + "*" + "a" * 100 + "*b", "*ab" * 100 + "c"])
@pytest.mark.parametrize("repeated", ["a", "ab"])
def test_hostile_recipients_take_linear_time(pattern, repeated):
    assert_linear(Pattern.of(pattern).fits, repeated)


@pytest.mark.parametrize("repeated", ["*", "*a", "0*", "+", "(", "07700 900456 "])
def test_hostile_patterns_are_read_in_linear_time(repeated):
    assert_linear(Pattern.of, repeated)
