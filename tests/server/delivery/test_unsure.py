"""When nobody knows whether a provider took a message: it is sent again only where that cannot make two of it."""

import pytest

from pillarbox.delivery.routing import Health, Routing, Way
from pillarbox.providers.base import Accepted, Busy, LookUpError, Unknown
from tests.support.delivering import ScriptedProvider


class Recognising(ScriptedProvider):
    """Knows a message that it was handed before."""

    recognises = True


class Asked(ScriptedProvider):
    """Can be asked whether it has a message; `found` are its answers, exceptions among them."""

    can_look_up = True

    def __init__(self, *answers, found=()):
        super().__init__(*answers)
        self.found = list(found)

    async def look_up(self, notification_id):
        answer = self.found.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def lead_to(routes, *providers):
    """Let texts go through these providers only."""
    routing = Routing([Way(provider, health=Health(patience=1000)) for provider in providers])
    object.__setattr__(routes, "sms", routing)


async def again(post, routes):
    await post.make_all_due()
    await post.work(routes)


async def test_a_provider_that_recognises_it_gets_it_again_and_nobody_else_does(post, routes):
    first, other = Recognising(Unknown("lost")), ScriptedProvider()
    first.name, other.name = "first", "other"
    lead_to(routes, first)
    identifier = await post.text()
    await post.work(routes)
    assert await post.status(identifier) == "created"
    (row,) = await post.outbox()
    assert (row["payload"], 13 < row["due_in"] <= 15) == ({"unsure": "first"}, True)
    lead_to(routes, other, first)
    await again(post, routes)
    assert (first.ids, other.ids) == ([identifier, identifier], [])
    assert await post.status(identifier) == "sending"


async def test_one_that_can_be_asked_and_has_it_does_not_get_it_again(post, routes):
    asked = Asked(Unknown("lost"), found=[Accepted(reference="theirs-17")])
    lead_to(routes, asked)
    identifier = await post.text()
    await post.work(routes)
    await again(post, routes)
    row = await post.notification(identifier)
    assert (row["status"], row["provider_reference"]) == ("sending", "theirs-17")
    assert asked.ids == [identifier]


async def test_one_that_can_be_asked_and_has_it_not_gets_it_again(post, routes):
    asked = Asked(Unknown("lost"), found=[None])
    lead_to(routes, asked)
    identifier = await post.text()
    await post.work(routes)
    await again(post, routes)
    assert asked.ids == [identifier, identifier]
    assert await post.status(identifier) == "sending"


async def test_while_it_cannot_be_asked_nothing_is_sent_anywhere(post, routes):
    asked, other = Asked(Unknown("lost"), found=[LookUpError("no answer")] * 2 + [None]), ScriptedProvider()
    asked.name, other.name = "asked", "other"
    lead_to(routes, asked)
    identifier = await post.text()
    await post.work(routes)
    lead_to(routes, asked, other)
    for _ in range(2):
        await again(post, routes)
        assert (asked.ids, other.ids) == ([identifier], [])
    await again(post, routes)
    assert (asked.ids, other.ids) == ([identifier, identifier], [])


async def test_busy_when_it_is_sent_again_keeps_it_with_the_same_provider(post, routes):
    first, other = Recognising(Unknown("lost"), Busy("later")), ScriptedProvider()
    first.name, other.name = "first", "other"
    lead_to(routes, first)
    identifier = await post.text()
    await post.work(routes)
    lead_to(routes, other, first)
    await again(post, routes)
    await again(post, routes)
    assert (first.ids, other.ids) == ([identifier] * 3, [])


async def test_a_provider_that_is_gone_leaves_the_message_waiting_for_a_receipt(post, routes):
    first, other = Recognising(Unknown("lost")), ScriptedProvider()
    first.name, other.name = "first", "other"
    lead_to(routes, first)
    identifier = await post.text()
    await post.work(routes)
    lead_to(routes, other)
    await again(post, routes)
    assert (await post.status(identifier), other.ids) == ("sending", [])


@pytest.mark.parametrize("last", [Unknown("lost"), Busy("later")])
async def test_after_all_retries_what_may_have_gone_out_is_no_failure(post, routes, last):
    first = Recognising(Unknown("lost"), last)
    lead_to(routes, first)
    identifier = await post.text()
    await post.work(routes)
    await post.rows("update outbox set attempts = 48")
    await again(post, routes)
    assert await post.status(identifier) == "sending"
