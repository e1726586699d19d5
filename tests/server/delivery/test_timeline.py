"""Every message remembers what happened to it: each attempt with its provider's answer, each receipt."""

from datetime import datetime

import pytest

from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown


async def timeline(post, identifier):
    return (await post.notification(identifier))["timeline"]


def without_times(lines):
    return [{name: value for name, value in line.items() if name != "at"} for line in lines]


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (Accepted(reference="x-1"), {"answer": "accepted", "reference": "x-1"}),
        (Rejected("no such sender", "17"), {"answer": "rejected", "reason": "no such sender", "code": "17"}),
        (Busy("later", "429"), {"answer": "busy", "reason": "later", "code": "429"}),
        (Unknown("lost"), {"answer": "unknown", "reason": "lost"}),
    ],
)
async def test_an_attempt_is_a_line_with_the_provider_s_answer(post, routes, provider, answer, line):
    provider.answers = [answer]
    identifier = await post.text()
    await post.work(routes)
    (first,) = await timeline(post, identifier)
    assert without_times([first]) == [{"what": "attempt", "provider": "scripted"} | line]
    assert datetime.fromisoformat(first["at"]).tzinfo is not None


async def test_lines_stand_in_the_order_in_which_things_happened(post, routes, provider):
    provider.answers = [Busy("later"), Accepted()]
    identifier = await post.text()
    await post.work(routes, rounds=2)
    for status in ("pending", "delivered", "temporary-failure"):
        await post.receipt(identifier, status)
        await post.work(routes)
    lines = await timeline(post, identifier)
    assert [line.get("answer") or line["status"] for line in lines] == [
        "busy",
        "accepted",
        "pending",
        "delivered",
        "temporary-failure",
    ]
    assert await post.status(identifier) == "delivered"
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


@pytest.mark.parametrize(
    ("channel", "answer", "status"),
    [
        ("sms", Accepted(receipt="delivered"), "delivered"),
        ("email", Accepted(receipt="permanent-failure"), "permanent-failure"),
        ("sms", Accepted(receipt="pending"), "pending"),
        ("email", Accepted(), "sending"),
        ("sms", Accepted(receipt="delivered", receipt_in=60), "sending"),
    ],
)
async def test_a_receipt_that_comes_with_the_answer_is_recorded_with_it(
    post, routes, channel, answer, status
):
    routes.of(channel).ways[0].provider.answers = [answer]
    identifier = await (post.text() if channel == "sms" else post.email())
    await post.work(routes)
    row = await post.notification(identifier)
    assert (row["status"], row["sent_at"]) == (status, row["updated_at"])
    reported = ["accepted"] if status == "sending" else ["accepted", status]
    assert [line.get("answer") or line["status"] for line in row["timeline"]] == reported
    assert len(await post.receipts()) == bool(answer.receipt_in)


async def test_a_network_that_reports_no_delivery_is_not_believed_with_its_answer_either(
    post, routes, provider
):
    provider.answers = [Accepted(receipt="delivered")]
    identifier = await post.text("+1 202 555 0123")
    await post.work(routes)
    assert await post.status(identifier) == "sent"
    assert [line["what"] for line in await timeline(post, identifier)] == ["attempt", "receipt"]


async def test_a_provider_that_repeats_itself_does_not_fill_the_table(post, routes):
    identifier = await post.text()
    await post.work(routes)
    await post.rows(
        "update notification set timeline ="
        " (select jsonb_agg(jsonb_build_object('at', n)) from generate_series(1, 200) n)"
    )
    await post.receipt(identifier, "delivered")
    await post.work(routes)
    assert len(await timeline(post, identifier)) == 200
    assert await post.status(identifier) == "delivered"
