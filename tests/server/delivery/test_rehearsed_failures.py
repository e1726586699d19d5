"""What rules of the sandbox do to routing: a provider that fails rests, a recipient that fails harms nobody else."""

from contextlib import asynccontextmanager

from pillarbox.delivery.attempt import Routes
from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.delivery.routing import Routing, Way
from pillarbox.providers.sandbox.provider import SandboxProvider
from pillarbox.rehearsal.rules import Rule
from pillarbox.store.sealing import Seal
from tests.support.api import SECRET_KEY
from tests.support.delivering import DOMAIN


async def keep(_message, /, refusal=None):
    """The inbox is no part of this."""


@asynccontextmanager
async def sandboxes(post, *names):
    """Routes that lead to sandboxes of these names."""
    callbacks = CallbackCaller(Seal(SECRET_KEY), private_addresses=True, plain_http=True)
    routing = Routing([Way(SandboxProvider(keep, name, stage=post.store.rehearsals)) for name in names])
    try:
        yield Routes(routing, routing, callbacks, DOMAIN), {way.provider.name: way for way in routing.ways}
    finally:
        await callbacks.close()


async def test_messages_go_through_the_other_sandbox_while_a_rule_lets_one_fail(post):
    await post.store.rehearsals.replace([Rule(provider="a", outcome="busy")])
    texts = [await post.text() for _ in range(20)]
    async with sandboxes(post, "a", "b") as (routes, ways):
        await post.work(routes, rounds=2)  # a text that was not taken is tried again at once
        assert ways["a"].health.is_open
    rows = [await post.notification(text) for text in texts]
    assert {(row["status"], row["provider"]) for row in rows} == {("delivered", "b")}


async def test_a_rule_about_a_recipient_does_not_keep_other_messages_from_its_sandbox(post):
    await post.store.rehearsals.replace([Rule(to="07700 900456", outcome="busy")])
    busy = [await post.text("07700900456") for _ in range(20)]
    async with sandboxes(post, "a") as (routes, ways):
        await post.work(routes)
        assert not ways["a"].health.is_open
        other = await post.text("07700900457")
        await post.work(routes)
    assert await post.status(other) == "delivered"
    assert {await post.status(text) for text in busy} == {"created"}


async def test_a_busy_rule_has_its_messages_tried_again_when_it_says(post):
    await post.store.rehearsals.replace([Rule(outcome="busy", again_in=30)])
    await post.text()
    async with sandboxes(post, "a") as (routes, _):
        await post.work(routes)
    [row] = await post.outbox("deliver")
    assert 0 < row["due_in"] <= 30


async def test_an_unknown_answer_leaves_a_message_in_sending_once_and_for_all(post):
    await post.store.rehearsals.replace([Rule(outcome="unknown")])
    text = await post.text()
    async with sandboxes(post, "a") as (routes, _):
        await post.work(routes)
    assert await post.status(text) == "sending"
    assert await post.outbox() == []
