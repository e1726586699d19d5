"""Rules mean the messages that fit all they say, and those that contradict themselves are told so."""

from uuid import UUID

import msgspec
import pytest

from pillarbox.rehearsal.rules import MOST_RULES, Rule, Scene, mistakes_in, mistakes_in_all

ONE, TWO = UUID(int=1), UUID(int=2)
SCENE = Scene(
    notification_id=UUID(int=9),
    provider="sandbox",
    channel="sms",
    recipient="447700900456",
    service_id=ONE,
    template_id=ONE,
    text="Hello Jo",
)


@pytest.mark.parametrize(
    ("rule", "meant"),
    [
        ({}, True),
        ({"to": "07700 900456"}, True),
        ({"to": "07700 900457"}, False),
        ({"channel": "sms"}, True),
        ({"channel": "email"}, False),
        ({"service_id": ONE}, True),
        ({"service_id": TWO}, False),
        ({"template_id": ONE}, True),
        ({"template_id": TWO}, False),
        ({"provider": "sandbox"}, True),
        ({"provider": "another"}, False),
        ({"contains": "lo J"}, True),
        ({"contains": "hello"}, False),
        ({"to": "*456", "channel": "sms", "contains": "Jo", "service_id": ONE}, True),
        ({"to": "*456", "channel": "sms", "contains": "Jo", "service_id": TWO}, False),
    ],
)
def test_a_rule_means_messages_that_fit_all_it_says(rule, meant):
    assert Rule(**rule).fits(SCENE) is meant


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        ({"to": "a\0"}, "there is a character in it that no message has"),
        ({"reply": "a\0"}, "there is a character in it that no message has"),
        ({"after": float("nan")}, "seconds must be a number"),
        ({"for_each_message": True}, "for_each_message says how times are counted, but there are no times"),
        ({"again_in": 1}, "again_in is for the outcome busy, not delivered"),
        ({"outcome": "no-receipt", "receipts": "twice"}, "receipts is twice, but no-receipt has none"),
        (
            {"outcome": "unknown-then-delivered", "receipts": "before-the-answer"},
            "receipts cannot come before an answer that never comes",
        ),
        ({"outcome": "busy", "reply": "STOP"}, "nobody can reply to a message that is busy"),
        ({"channel": "email", "reply": "STOP"}, "replies are texts: channel cannot be email"),
    ],
)
def test_a_rule_that_contradicts_itself_is_told_so(rule, mistake):
    assert list(mistakes_in(Rule(**rule))) == [mistake]
    assert mistakes_in_all([Rule(), Rule(**rule)]) == [f"rule 2: {mistake}"]


@pytest.mark.parametrize(
    "written",
    [
        '{"to": ""}',
        '{"to": 447700900456}',
        '{"outcome": "lost"}',
        '{"times": 0}',
        '{"after": -1}',
        '{"answer_after": 61}',
        '{"channel": "letter"}',
        '{"service_id": "demo"}',
        '{"too": "07700900456"}',
        '{"to": "' + "9" * 321 + '"}',
        '{"reply": ""}',
    ],
)
def test_a_rule_of_another_form_is_none(written):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(written, type=Rule)


def test_a_list_without_end_is_no_list_of_rules():
    assert mistakes_in_all([Rule()] * MOST_RULES) == []
    assert mistakes_in_all([Rule()] * (MOST_RULES + 1)) == [
        f"there are 201 rules, but at most {MOST_RULES} are kept"
    ]
