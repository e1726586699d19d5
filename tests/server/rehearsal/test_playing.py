"""What the sandbox does with messages under its rules."""

import asyncio
from time import monotonic
from uuid import UUID

import pytest

from pillarbox.messages.posts import Incoming, Receipt
from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from pillarbox.providers.file import ProvidersFileError, read_file
from pillarbox.rehearsal.rules import Rule
from tests.server.rehearsal.conftest import ONE, TWO, email, text

BY_RULE = "a rule of the sandbox"


def taken(message, receipt=None, receipt_in=0.0):
    return Accepted(reference=str(message.notification_id), receipt=receipt, receipt_in=receipt_in)


@pytest.mark.parametrize("message", [text(), email()])
@pytest.mark.parametrize(
    ("rule", "receipt"),
    [
        ({"outcome": "delivered"}, ("delivered", 0.0)),
        ({"outcome": "delivered", "after": 2}, ("delivered", 2.0)),
        ({"outcome": "temporary-failure", "after": 1.5}, ("temporary-failure", 1.5)),
        ({"outcome": "permanent-failure"}, ("permanent-failure", 0.0)),
        ({"outcome": "technical-failure"}, ("technical-failure", 0.0)),
        ({"outcome": "no-receipt"}, (None, 0.0)),
    ],
)
async def test_a_message_is_caught_and_reported_as_its_rule_says(stage, message, rule, receipt):
    assert await stage.submit(message, rule) == taken(message, *receipt)
    assert stage.caught == [(message, None)]
    assert await stage.posts() == []


async def test_without_a_rule_that_fits_a_message_is_delivered(stage):
    message = text()
    assert await stage.submit(message, {"to": "*457", "outcome": "rejected"}) == taken(message, "delivered")


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ({"outcome": "busy"}, Busy(BY_RULE, our_fault=True)),
        ({"outcome": "busy", "again_in": 2}, Busy(BY_RULE, again_in=2.0, our_fault=True)),
        ({"outcome": "busy", "provider": "sandbox"}, Busy(BY_RULE, our_fault=False)),
        ({"outcome": "rejected"}, Rejected(BY_RULE)),
    ],
)
async def test_what_is_not_taken_is_shown_as_refused_and_nothing_is_heard_of_it(stage, rule, answer):
    message = text()
    assert await stage.submit(message, rule) == answer
    assert stage.caught == [(message, rule["outcome"])]
    assert await stage.posts() == []


async def test_an_unknown_answer_loses_no_message(stage):
    message = text()
    assert await stage.submit(message, {"outcome": "unknown"}) == Unknown(BY_RULE)
    assert stage.caught == [(message, None)]
    assert await stage.posts() == []


@pytest.mark.parametrize(
    ("rule", "receipt", "posted"),
    [
        ({"outcome": "pending-then-delivered"}, ("delivered", 1.0), [("pending", 0.0)]),
        ({"outcome": "pending-then-delivered", "after": 3}, ("delivered", 3.0), [("pending", 0.0)]),
        ({"receipts": "twice", "after": 2}, ("delivered", 2.0), [("delivered", 3.0)]),
        (
            {"outcome": "permanent-failure", "receipts": "twice"},
            ("permanent-failure", 0.0),
            [("permanent-failure", 1.0)],
        ),
        ({"receipts": "before-the-answer"}, (None, 0.0), [("delivered", 0.0)]),
    ],
)
async def test_some_receipts_are_posted_as_a_provider_would(stage, rule, receipt, posted):
    message = text()
    assert await stage.submit(message, rule) == taken(message, *receipt)
    expected = [
        ([Receipt(str(message.notification_id), status, reason=BY_RULE)], due) for status, due in posted
    ]
    assert await stage.posts() == expected


async def test_the_receipt_of_an_unknown_answer_may_come_later(stage):
    message = text()
    assert await stage.submit(message, {"outcome": "unknown-then-delivered", "after": 4}) == Unknown(BY_RULE)
    assert await stage.posts() == [
        ([Receipt(str(message.notification_id), "delivered", reason=BY_RULE)], 4.0)
    ]


async def test_emails_are_never_pending(stage):
    message = email()
    assert await stage.submit(message, {"outcome": "pending-then-delivered"}) == taken(
        message, "delivered", 1.0
    )
    assert await stage.posts() == []


async def test_a_slow_provider_answers_late(stage):
    begun = monotonic()
    await stage.submit(text(), {"answer_after": 1})
    assert monotonic() - begun >= 1


async def test_a_recipient_writes_back_to_the_services_number(stage):
    message = text()
    await stage.submit(message, {"reply": "STOP", "reply_after": 5})
    [([incoming], due)] = await stage.posts()
    assert due == 5.0
    assert isinstance(incoming, Incoming)
    assert (incoming.sender, incoming.receiver, incoming.content) == ("447700900456", "07700900500", "STOP")
    assert UUID(incoming.reference)


async def test_nobody_writes_back_to_a_service_without_a_number(stage):
    message = text(service=TWO)
    assert await stage.submit(message, {"reply": "STOP"}) == taken(message, "delivered")
    assert await stage.posts() == []


@pytest.mark.parametrize(
    ("rule", "theirs"),
    [
        ({"service_id": ONE.id}, text(service=TWO)),
        ({"template_id": ONE.templates["sms"]}, text(service=TWO)),
        ({"contains": "Jo"}, text(content="Hello Mo")),
        ({"contains": "Jo"}, email(subject="News")),
        ({"channel": "sms"}, email()),
    ],
)
async def test_a_rule_touches_no_other_messages(stage, rule, theirs):
    rule = {name: UUID(value) if name.endswith("_id") else value for name, value in rule.items()}
    assert await stage.submit(text(), {**rule, "outcome": "rejected"}) == Rejected(BY_RULE)
    assert await stage.sandbox().submit(theirs) == taken(theirs, "delivered")


async def test_words_of_an_email_are_looked_for_in_subject_and_text(stage):
    rule = {"contains": "Jo", "outcome": "rejected"}
    assert await stage.submit(email(subject="News for Jo"), rule) == Rejected(BY_RULE)
    assert await stage.sandbox().submit(email(plain="Hello Jo")) == Rejected(BY_RULE)


async def test_two_workers_together_keep_count(stage):
    await stage.play({"times": 7, "outcome": "rejected"}, {"times": 2, "outcome": "busy"})
    sandboxes = [stage.sandbox(worker) for worker in (0, 1)]
    answers = await asyncio.gather(*(sandboxes[n % 2].submit(text()) for n in range(12)))
    kinds = [type(answer) for answer in answers]
    assert [kinds.count(kind) for kind in (Rejected, Busy, Accepted)] == [7, 2, 3]
    assert [rule.used for rule in await stage.rehearsals.rules()] == [7, 2]


async def test_times_may_count_anew_for_each_message(stage):
    await stage.play({"times": 2, "for_each_message": True, "outcome": "busy"})
    first, second = text(), text()
    sandboxes = [stage.sandbox(worker) for worker in (0, 1)]
    for message in (first, second):
        kinds = [type(await sandboxes[n % 2].submit(message)) for n in range(4)]
        assert kinds == [Busy, Busy, Accepted, Accepted]


class TestRulesOfTheProvidersFile:
    async def test_they_apply_to_their_sandbox_after_those_set_at_run_time(self, stage):
        file = options({"to": "*456", "outcome": "rejected"})
        with_rules, other = stage.sandbox(**file), stage.sandbox(name="other")
        assert await with_rules.submit(text()) == Rejected(BY_RULE)
        assert isinstance(await other.submit(text()), Accepted)
        await stage.play({"to": "*456", "outcome": "unknown"})
        assert await with_rules.submit(text()) == Unknown(BY_RULE)

    async def test_workers_keep_count_of_them_together_until_counting_begins_anew(self, stage):
        file = options({"times": 3, "outcome": "busy"})
        sandboxes = [stage.sandbox(worker, **file) for worker in (0, 1)]
        for _ in range(2):
            kinds = [type(await sandboxes[n % 2].submit(text())) for n in range(5)]
            assert kinds == [Busy, Busy, Busy, Accepted, Accepted]
            await stage.play()

    async def test_a_provider_that_is_named_is_the_only_one_that_fails(self, stage):
        await stage.play({"provider": "a", "outcome": "busy"})
        assert isinstance(await stage.sandbox(name="a").submit(text()), Busy)
        assert isinstance(await stage.sandbox(name="b").submit(text()), Accepted)


def options(*rules):
    return {"rules": tuple(Rule(**rule) for rule in rules)}


FILE = """
providers:
  - name: practice
    kind: sandbox
    options:
      rules:
        - to: "07700 900456"
          outcome: busy
          times: 3
          for_each_message: true
          again_in: 2
"""


def test_rules_stand_in_the_providers_file(tmp_path):
    path = tmp_path / "providers.yaml"
    path.write_text(FILE)
    [configured] = read_file(path)
    rule = Rule(to="07700 900456", outcome="busy", times=3, for_each_message=True, again_in=2.0)
    assert configured.options.rules == (rule,)


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        ("outcome: lost", "Invalid enum value 'lost' - at `$.rules[0].outcome`"),
        ("outcome: rejected", "rules: rule 1: again_in is for the outcome busy, not rejected"),
    ],
)
def test_a_wrong_rule_in_the_providers_file_is_named(tmp_path, wrong, mistake):
    path = tmp_path / "providers.yaml"
    path.write_text(FILE.replace("outcome: busy", wrong))
    with pytest.raises(ProvidersFileError) as found:
        read_file(path)
    assert found.value.mistakes == [f"practice: {mistake}"]
