"""Rules and simulated texts of the pytest plugin: what is asked of the server, and what it says no to."""

import pytest

from notifications_python_client.testing.rules import RuleError, SandboxInbox

SERVICE = "d3a00000-0000-4000-8000-000000000001"


@pytest.fixture
def inbox(stub):
    return SandboxInbox(stub.url, "its token", SERVICE)


def added(stub, identifier="1"):
    stub.answers.append({"status": 201, "json": {"id": identifier}})


@pytest.mark.parametrize(
    ("say", "rule"),
    [
        (lambda when: when.delivered(), {"outcome": "delivered", "after": 0}),
        (lambda when: when.delivered(after=2), {"outcome": "delivered", "after": 2}),
        (lambda when: when.temporary_failure(after=1), {"outcome": "temporary-failure", "after": 1}),
        (lambda when: when.permanent_failure(), {"outcome": "permanent-failure", "after": 0}),
        (lambda when: when.technical_failure(), {"outcome": "technical-failure", "after": 0}),
        (lambda when: when.pending_then_delivered(), {"outcome": "pending-then-delivered", "after": 1}),
        (lambda when: when.no_receipt(), {"outcome": "no-receipt"}),
        (lambda when: when.busy(), {"outcome": "busy", "again_in": 1}),
        (lambda when: when.busy(again_in=None), {"outcome": "busy"}),
        (lambda when: when.rejected(answer_after=2), {"outcome": "rejected", "answer_after": 2}),
        (lambda when: when.unknown(), {"outcome": "unknown"}),
        (lambda when: when.reply("STOP"), {"outcome": "delivered", "reply": "STOP", "reply_after": 1}),
        (lambda when: when.becomes(receipts="twice"), {"outcome": "delivered", "receipts": "twice"}),
    ],
)
def test_an_outcome_is_asked_for_as_the_server_knows_it(inbox, stub, say, rule):
    added(stub)
    assert say(inbox.when(to="07700 900456")) == {"id": "1"}
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", "/inbox/rules")
    assert seen.headers["Authorization"] == "Bearer its token"
    assert seen.json == {"to": "07700 900456", "service_id": SERVICE, **rule}


def test_everything_that_a_message_is_known_by_is_passed_on(inbox, stub):
    added(stub)
    inbox.when(
        "*", times=3, contains="Jo", channel="sms", template_id="t", for_each_message=True
    ).no_receipt()
    assert stub.seen[0].json == {
        "to": "*",
        "times": 3,
        "contains": "Jo",
        "channel": "sms",
        "template_id": "t",
        "service_id": SERVICE,
        "for_each_message": True,
        "outcome": "no-receipt",
    }


def test_only_rules_of_ones_own_are_forgotten(inbox, stub):
    added(stub, "mine")
    inbox.when().rejected()
    stub.answers += [
        {"status": 200, "json": {"rules": [{"id": "theirs"}, {"id": "mine"}]}},
        {"status": 204},
    ]
    inbox.forget_rules()
    inbox.forget_rules()
    asked = [(seen.method, seen.path) for seen in stub.seen[1:]]
    assert asked == [("GET", "/inbox/rules"), ("DELETE", "/inbox/rules/mine")]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            {"status": 400, "json": {"error": "again_in is for the outcome busy"}},
            "again_in is for the outcome busy",
        ),
        ({"status": 404, "json": []}, "404 Not Found"),
        ({"status": 500, "text": "oh no"}, "500 Internal Server Error"),
    ],
)
def test_a_refusal_says_why(inbox, stub, answer, reason):
    stub.answers.append(answer)
    with pytest.raises(RuleError) as refused:
        inbox.when().rejected()
    assert str(refused.value) == reason


def texts(*ids):
    shown = [{"id": i, "service_id": SERVICE, "message": "STOP"} for i in ids]
    other = {"id": "x", "service_id": "another", "message": "STOP"}
    return {"status": 200, "json": {"received_texts": [other, *shown]}}


def test_a_simulated_text_is_waited_for(inbox, stub):
    stub.answers += [texts("old"), {"status": 202, "json": {}}, texts("old"), texts("new", "old")]
    assert inbox.receive_text("07700 900456", "STOP")["id"] == "new"
    assert stub.seen[1].json == {"service_id": SERVICE, "from": "07700 900456", "message": "STOP"}


def test_a_text_that_does_not_come_is_an_error(inbox, stub):
    stub.answers += [texts(), {"status": 202, "json": {}}, *[texts()] * 20]
    with pytest.raises(AssertionError, match=r"from 07700 900456 was not received within 0\.2 s"):
        inbox.receive_text("07700 900456", "STOP", within=0.2)
