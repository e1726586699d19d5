"""The pages of rules and of received texts: forms that do what they say, without JavaScript."""

import html
from urllib.parse import urlencode
from uuid import UUID

import pytest

from pillarbox.actions.receive_text import receive_text
from pillarbox.messages.posts import Post
from pillarbox.rehearsal.posts import SandboxIntake
from pillarbox.rehearsal.rules import Rule


async def fill_in(inbox, path, **fields):
    return await inbox.send("POST", path, urlencode(fields).encode())


async def rules(inbox):
    return [kept.rule for kept in await inbox.store.rehearsals.rules()]


EMPTY = dict.fromkeys(
    ("to", "channel", "outcome", "times", "after", "reply", "contains", "receipts", "again_in"), ""
)


async def test_the_form_is_filled_in_for_a_recipient_who_is_to_fail_once(inbox):
    page = (await inbox.get("/inbox/rehearsal?to=447700900456")).text
    assert 'value="447700900456"' in page
    assert '<option value="temporary-failure" selected>' in page
    assert "There are no rules" in page


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, Rule()),
        (
            {"to": " 07700 900456 ", "outcome": "permanent-failure", "times": "1", "after": "1.5"},
            Rule(to="07700 900456", outcome="permanent-failure", times=1, after=1.5),
        ),
        (
            {"channel": "sms", "outcome": "busy", "times": "3", "again_in": "2", "for_each_message": "true"},
            Rule(channel="sms", outcome="busy", times=3, again_in=2.0, for_each_message=True),
        ),
        (
            {"outcome": "delivered", "reply": "STOP", "receipts": "twice", "contains": "Siân & Jo"},
            Rule(reply="STOP", receipts="twice", contains="Siân & Jo"),
        ),
    ],
)
async def test_the_form_adds_a_rule(inbox, fields, rule):
    answer = await fill_in(inbox, "/inbox/rehearsal", **(EMPTY | fields))
    assert (answer.status, answer.headers["location"]) == (303, "/inbox/rehearsal")
    assert await rules(inbox) == [rule]


async def test_a_new_rule_counts_before_the_others(inbox):
    for outcome in ("busy", "rejected"):
        await fill_in(inbox, "/inbox/rehearsal", outcome=outcome)
    assert [rule.outcome for rule in await rules(inbox)] == ["rejected", "busy"]


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"times": "0"}, "How many times: Expected a whole number >= 1"),
        ({"times": "often"}, "How many times: Expected a whole number"),
        ({"after": "-1"}, "Reported after: Expected a number >= 0.0"),
        ({"after": "nan"}, "Reported after: Expected a number"),
        ({"outcome": "lost"}, "What becomes of it: Invalid enum value 'lost'"),
        ({"outcome": "busy", "reply": "STOP"}, "nobody can reply to a message that is busy"),
        ({"colour": "red"}, "Object contains unknown field `colour`"),
    ],
)
async def test_a_mistake_is_named_and_what_was_filled_in_stays(inbox, fields, mistake):
    answer = await fill_in(inbox, "/inbox/rehearsal", to="<jo@example.com>", **fields)
    assert answer.status == 400
    assert html.escape(mistake) in answer.text
    assert 'value="&lt;jo@example.com&gt;"' in answer.text
    assert await rules(inbox) == []


@pytest.mark.parametrize("body", [b"\xff=%ff", b"a=b&" * 100])
async def test_what_is_no_form_is_refused(inbox, body):
    for path in ("/inbox/rehearsal", "/inbox/texts"):
        assert (await inbox.send("POST", path, body)).status == 400


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(), ["Messages", "Delivered", "Every time"]),
        (
            Rule(to="07700*", channel="sms", outcome="busy", times=3, again_in=2.0),
            ["Texts to 07700*", "The provider is busy, asked again in 2 seconds", "0 of 3 times so far"],
        ),
        (
            Rule(channel="email", contains="<b>", outcome="permanent-failure", after=1.0, times=1),
            ["Emails with “<b>”", "Permanent failure, after 1 second", "Once"],
        ),
        (
            Rule(
                provider="a", times=2, for_each_message=True, receipts="before-the-answer", answer_after=3.0
            ),
            [
                "Messages through a",
                "reported before the answer",
                "takes 3 seconds",
                "2 times for each message",
            ],
        ),
        (
            Rule(service_id=UUID(int=1), template_id=UUID(int=2), reply="STOP"),
            [
                f"of service {UUID(int=1)} from template {UUID(int=2)}",
                "replied to with “STOP” after 1 second",
            ],
        ),
    ],
)
async def test_rules_are_shown_in_words(inbox, rule, words):
    await inbox.store.rehearsals.add(rule)
    page = (await inbox.get("/inbox/rehearsal")).text
    for shown in words:
        assert html.escape(shown) in page


async def test_buttons_take_rules_away(inbox):
    kept = [
        await inbox.store.rehearsals.add(Rule(outcome=outcome)) for outcome in ("busy", "rejected", "unknown")
    ]
    for _ in range(2):  # pressed twice
        answer = await inbox.ask("POST", f"/inbox/rehearsal/{kept[0]}/remove")
        assert (answer.status, answer.headers["location"]) == (303, "/inbox/rehearsal")
    assert [rule.outcome for rule in await rules(inbox)] == ["rejected", "unknown"]
    assert (await inbox.ask("POST", "/inbox/rehearsal/clear")).status == 303
    assert await rules(inbox) == []


@pytest.mark.parametrize("path", ["/inbox/rehearsal", "/inbox/rehearsal/clear", "/inbox/texts"])
@pytest.mark.parametrize("how", [{"client": "192.0.2.7"}, {"headers": {"origin": "https://evil.example"}}])
async def test_nobody_else_may_use_the_forms(inbox, path, how):
    await inbox.store.rehearsals.add(Rule(outcome="busy"))
    answer = await inbox.send("POST", path, b"outcome=rejected", **how)
    assert answer.status == 403
    assert await rules(inbox) == [Rule(outcome="busy")]


async def received(inbox):
    """What the worker makes of the posts that are kept."""
    async with inbox.store.pool.connection() as connection:
        cursor = await connection.execute(
            "delete from provider_post returning provider, kind, body, content_type"
        )
        posts = [Post(*row) for row in await cursor.fetchall()]
    for post in posts:
        for incoming in SandboxIntake(post.provider).read(post):
            await receive_text(inbox.store, post, incoming)
    return posts


async def test_a_text_that_is_filled_in_reaches_the_service(inbox, a_service_with_a_number):
    fields = {"service_id": a_service_with_a_number.id, "message": "Can I come\non Tuesday? <b>"}
    answer = await fill_in(inbox, "/inbox/texts", **{"from": "07700 900456"}, **fields)
    assert (answer.status, answer.headers["location"]) == (303, "/inbox/texts")
    assert await received(inbox)
    page = (await inbox.get("/inbox/texts")).text
    for shown in ("<bdi>07700 900456</bdi>", "listener", "07700 900509", "Can I come\non Tuesday? &lt;b&gt;"):
        assert shown in page


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"from": "", "message": "x"}, "Object missing required field `from`"),
        ({"from": "07700900456", "message": "x" * 1601}, "Message: Expected `str` of length <= 1600"),
        (
            {"from": "07700900456", "message": "x", "service_id": ""},
            "give either service_id or notify_number",
        ),
    ],
)
async def test_a_wrong_text_stays_in_the_form(inbox, a_service_with_a_number, fields, mistake):
    answer = await fill_in(inbox, "/inbox/texts", **({"service_id": a_service_with_a_number.id} | fields))
    assert answer.status == 400
    assert html.escape(mistake) in answer.text
    assert fields["message"] in answer.text
    assert await received(inbox) == []


async def test_a_text_can_be_replied_to_if_its_service_has_a_number(inbox, a_service_with_a_number):
    replied = await inbox.catch("A1", service_id=UUID(a_service_with_a_number.id))
    assert "Reply to the service as 07700 900123" in (await inbox.get(f"/inbox/messages/{replied}")).text
    deaf = await inbox.catch("A2")
    refused = await inbox.catch("A3", service_id=UUID(a_service_with_a_number.id), refusal="busy")
    for other in (deaf, refused):
        assert "Reply to the service" not in (await inbox.get(f"/inbox/messages/{other}")).text
