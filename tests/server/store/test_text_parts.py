"""Long texts from people's phones: whoever brings which part, and in what order, the whole is read once."""

import asyncio

import pytest

from pillarbox.messages.posts import Part, Post

WHOLE = "application/x-smpp; joined"


@pytest.fixture
def bring(store):
    async def bring(number, body, group="44 1", of=2, provider="smsc"):
        post = Post(provider, "received_text", body, "application/x-smpp")
        await store.text_parts.add(post, Part(group, number, of))

    return bring


@pytest.fixture
def posted(store):
    async def posted():
        async with store.pool.connection() as connection:
            cursor = await connection.execute(
                "select kind, content_type, body from provider_post order by received_at, id"
            )
            return await cursor.fetchall()

    return posted


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
async def test_parts_become_one_post_in_the_order_of_their_numbers(bring, posted, order):
    for number in order:
        assert await posted() == []
        await bring(number, b"-%d" % number, of=3)
    assert await posted() == [("received_text", WHOLE, b"-1-2-3")]


async def test_two_workers_may_bring_the_last_two_parts_at_the_same_moment(bring, posted):
    for group in range(20):
        await asyncio.gather(bring(1, b"a", f"{group}"), bring(2, b"b", f"{group}"))
    assert await posted() == [("received_text", WHOLE, b"ab")] * 20


async def test_a_part_that_comes_again_makes_no_second_text(bring, store, posted):
    for number, body in [(1, b"a"), (1, b"a"), (2, b"b"), (2, b"b"), (1, b"a")]:
        await bring(number, body)
    assert await store.text_parts.give_up(0) == 0
    assert await posted() == [("received_text", WHOLE, b"ab")]


async def test_another_text_under_the_same_number_is_another_text(bring, posted):
    for number, body in [(1, b"a"), (2, b"b"), (1, b"c"), (2, b"d")]:
        await bring(number, body)
    assert [body for *_, body in await posted()] == [b"ab", b"cd"]


async def test_parts_of_different_texts_and_providers_are_kept_apart(bring, posted):
    await bring(1, b"a")
    await bring(2, b"b", group="44 2")
    await bring(2, b"c", provider="other")
    assert await posted() == []


async def test_what_waits_in_vain_is_shown_as_far_as_it_has_come(bring, store, posted):
    await bring(1, b"a", of=3)
    await bring(3, b"c", of=3)
    assert await store.text_parts.give_up() == 0, "the other part may still come"
    assert await store.text_parts.give_up(0) == 1
    assert await posted() == [("received_text", WHOLE, b"ac")]
    assert await store.text_parts.give_up(0) == 0
